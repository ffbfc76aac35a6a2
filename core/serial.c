// SPDX-License-Identifier: BSD-2-Clause
/*
 * Connects guests' serial lines with the back ends that have registered.
 */
#include <corbel/guest.h>
#include <corbel/panic.h>
#include <corbel/serial.h>

#include <errno.h>
#include <string.h>

#define DEFAULT_BACKEND "console"

static const struct serial_backend *backend_find(const char *name)
{
	for_each_registered(entry, corbel_serial_backends, struct serial_backend) {
		if (strcmp((*entry)->name, name) == 0)
			return *entry;
	}
	return NULL;
}

int serial_line_attach(struct serial_line *line, const char *backend, struct error *error)
{
	const struct serial_backend *found =
		backend_find(backend == NULL ? DEFAULT_BACKEND : backend);
	int code;

	ASSERT(line->backend == NULL);
	if (found == NULL)
		return error_set(error, -ENOENT,
				 "%s: node %s: corbel,backend names \"%.48s\", and there is no "
				 "such back end of serial lines",
				 line->guest->tree_file, line->name,
				 backend == NULL ? DEFAULT_BACKEND : backend);
	code = found->attach(line, error);
	if (code != 0)
		return code;
	line->backend = found;
	if (line->guest->debug_line == NULL)
		line->guest->debug_line = line;
	return 0;
}

void serial_line_detach(struct serial_line *line)
{
	if (line->backend == NULL)
		return;
	if (line->guest->debug_line == line)
		line->guest->debug_line = NULL;
	line->backend->detach(line);
	line->backend = NULL;
	line->peer = NULL;
}

size_t serial_debug_write(struct guest *guest, const uint8_t *bytes, size_t count)
{
	struct serial_line *line = guest->debug_line;

	/* Without a line it goes nowhere, as on a board whose connector is open. */
	return line == NULL ? count : line->peer->output(line, bytes, count);
}
