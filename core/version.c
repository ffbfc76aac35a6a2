// SPDX-License-Identifier: BSD-2-Clause
/*
 * The version string. It stands alone in this file, so that a new commit recompiles this file only.
 */
#include <corbel/version.h>

const char corbel_version[] = CORBEL_VERSION;
