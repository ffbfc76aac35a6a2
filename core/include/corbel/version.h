// SPDX-License-Identifier: BSD-2-Clause
/*
 * The version of this build, as the banner and `host info` show it.
 */
#ifndef CORBEL_VERSION_H
#define CORBEL_VERSION_H

/* What `git describe` said when this was built, or "unknown" outside a git checkout. */
extern const char corbel_version[];

#endif
