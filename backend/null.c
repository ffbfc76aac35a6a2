// SPDX-License-Identifier: BSD-2-Clause
/*
 * Serial lines that lead nowhere: what a guest sends is gone, and nothing ever comes. For the lines
 * of a board that are there because a real one has them.
 */
#include <corbel/serial.h>

static size_t null_output(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	(void)line;
	(void)bytes;
	return count;
}

static void null_room(struct serial_line *line)
{
	(void)line;
}

static const struct serial_peer_ops null_peer_ops = {
	.output = null_output,
	.room = null_room,
};

static int null_attach(struct serial_line *line, struct error *error)
{
	(void)error;
	line->peer = &null_peer_ops;
	return 0;
}

static void null_detach(struct serial_line *line)
{
	(void)line;
}

static const struct serial_backend null_backend = {
	.name = "null",
	.attach = null_attach,
	.detach = null_detach,
};
SERIAL_BACKEND_REGISTER(null_backend);
