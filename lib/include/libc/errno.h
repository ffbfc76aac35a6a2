// SPDX-License-Identifier: BSD-2-Clause
/*
 * The errno values that Corbel uses, with the numbers that Linux gives them. There is no `errno`.
 */
#ifndef LIBC_ERRNO_H
#define LIBC_ERRNO_H

#define EPERM	  1
#define ENOENT	  2
#define EIO	  5
#define ENXIO	  6
#define E2BIG	  7
#define ENOEXEC	  8
#define EAGAIN	  11
#define ENOMEM	  12
#define EFAULT	  14
#define EBUSY	  16
#define EEXIST	  17
#define ENODEV	  19
#define EINVAL	  22
#define ENOSPC	  28
#define ERANGE	  34
#define ENOTSUP	  95
#define ETIMEDOUT 110
#define EALREADY  114

#endif
