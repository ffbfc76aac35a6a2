// SPDX-License-Identifier: BSD-2-Clause
/*
 * Looks for words among the host's boot arguments. What they mean is their readers' affair.
 */
#include <string.h>

#include <libfdt.h>

#include <corbel/bootargs.h>
#include <corbel/tree.h>

bool bootargs_has(const char *word)
{
	int chosen = fdt_path_offset(host_tree(), "/chosen");
	const char *arguments =
		chosen < 0 ? NULL : tree_string_get(host_tree(), chosen, "bootargs");
	size_t length = strlen(word);

	if (arguments == NULL)
		return false;
	for (const char *at = arguments; (at = strstr(at, word)) != NULL; at += length) {
		bool begins = at == arguments || at[-1] == ' ';
		bool ends = at[length] == ' ' || at[length] == '\0';

		if (begins && ends)
			return true;
	}
	return false;
}
