// SPDX-License-Identifier: BSD-2-Clause
/*
 * Other names for the C library functions that lib/ implements. Included before all else when lib/
 * is compiled for unit tests, and by those tests of lib/ that are about these functions; elsewhere
 * in tests, the C library's are meant.
 */
#ifndef LIBC_RENAME_H
#define LIBC_RENAME_H

#define memcpy	corbel_memcpy
#define memmove corbel_memmove
#define memset	corbel_memset
#define memcmp	corbel_memcmp
#define memchr	corbel_memchr
#define strlen	corbel_strlen
#define strnlen corbel_strnlen
#define strcmp	corbel_strcmp
#define strncmp corbel_strncmp
#define strchr	corbel_strchr
#define strrchr corbel_strrchr
#define strstr	corbel_strstr
#define strtoul corbel_strtoul

#define snprintf  corbel_snprintf
#define vsnprintf corbel_vsnprintf

#endif
