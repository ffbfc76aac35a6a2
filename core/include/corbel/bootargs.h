// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the boot loader was told to tell Corbel: `bootargs` in /chosen of the host's tree.
 */
#ifndef CORBEL_BOOTARGS_H
#define CORBEL_BOOTARGS_H

#include <corbel/types.h>

/*
 * Whether the word ("corbel.paging=sv48") stands among the boot arguments, between blanks. Any
 * context once host_tree() is there.
 */
bool bootargs_has(const char *word);

#endif
