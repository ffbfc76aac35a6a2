// SPDX-License-Identifier: BSD-2-Clause
/*
 * Words among the host's boot arguments: whole ones only, and trees without any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/bootargs.h>
#include <corbel/tree.h>

static uint64_t tree[64];

/* A host whose /chosen has these arguments; NULL: none. */
static void host_with(const char *arguments)
{
	assert_int_equal(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	if (arguments != NULL) {
		int chosen = fdt_add_subnode(tree, 0, "chosen");

		assert_true(chosen > 0);
		assert_int_equal(fdt_setprop_string(tree, chosen, "bootargs", arguments), 0);
	}
	host_tree_set(tree);
}

static void test_whole_words(void **state)
{
	(void)state;
	host_with("a.b=cd corbel.x=1 last");
	assert_true(bootargs_has("a.b=cd"));
	assert_true(bootargs_has("corbel.x=1"));
	assert_true(bootargs_has("last"));
	assert_false(bootargs_has("a.b=c"));
	assert_false(bootargs_has(".b=cd"));
	assert_false(bootargs_has("corbel.x=12"));
	assert_false(bootargs_has("absent"));
	host_with("ab abab ab=1 aba");
	assert_false(bootargs_has("b"));
	assert_true(bootargs_has("aba"));
}

static void test_none(void **state)
{
	(void)state;
	host_with(NULL);
	assert_false(bootargs_has("a"));
	host_with("");
	assert_false(bootargs_has("a"));
}

/* Not terminated inside the property: no string, so no words. */
static void test_malformed(void **state)
{
	(void)state;
	host_with("");
	assert_int_equal(fdt_setprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", "ab", 2),
			 0);
	assert_false(bootargs_has("ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_words),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests_name("bootargs", tests, NULL, NULL);
}
