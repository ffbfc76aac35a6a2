// SPDX-License-Identifier: BSD-2-Clause
/*
 * What starts by itself once threads run: consoles, the management terminal.
 * It is how folders above core get going without core naming them.
 */
#ifndef CORBEL_SERVICE_H
#define CORBEL_SERVICE_H

#include <corbel/types.h>

/* Started in this order. */
enum service_stage {
	SERVICE_CONSOLE,
	SERVICE_TERMINAL,
	SERVICE_STAGE_COUNT,
};

struct service {
	const char *name;
	enum service_stage stage;
	int (*start)(void); /* Context: thread, all CPUs up. An error is logged, boot goes on. */
};

#define SERVICE_REGISTER(name) REGISTER_IN(corbel_services, struct service, name)
DECLARE_REGISTRY(corbel_services, struct service);

#endif
