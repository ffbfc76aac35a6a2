// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel images that say themselves where they go: none yet on this port.
 */
#include <errno.h>

#include <corbel/arch.h>

int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error)
{
	(void)image;
	(void)size;
	(void)out;
	(void)error;
	return -ENOEXEC;
}
