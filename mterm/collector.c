// SPDX-License-Identifier: BSD-2-Clause
/*
 * Keeps text in a chain of chunks. Not a table: that is table.c.
 */
#include <string.h>

#include <corbel/object.h>
#include <mterm/collector.h>

#define CHUNK_SIZE ((size_t)4000)

struct collector_chunk {
	struct collector_chunk *next;
	size_t used;
	char text[CHUNK_SIZE - 2 * sizeof(size_t)];
};

/* The chunk that has room, perhaps a new one. NULL: the collector is full. */
static struct collector_chunk *chunk_get(struct collector *collector)
{
	struct collector_chunk *chunk = collector->last;

	if (chunk != NULL && chunk->used < sizeof(chunk->text))
		return chunk;
	chunk = NULL;
	if (!collector->cut && collector->size + sizeof(*chunk) <= COLLECTOR_SIZE_MAX)
		chunk = object_alloc(sizeof(*chunk));
	if (chunk == NULL) {
		collector->cut = true;
		return NULL;
	}
	collector->size += sizeof(*chunk);
	if (collector->last == NULL)
		collector->first = chunk;
	else
		collector->last->next = chunk;
	collector->last = chunk;
	return chunk;
}

static void collector_write(struct printer *printer, const char *text, size_t length)
{
	struct collector *collector = container_of(printer, struct collector, printer);
	struct collector_chunk *chunk;
	size_t part;

	while (length > 0 && (chunk = chunk_get(collector)) != NULL) {
		part = MIN(length, sizeof(chunk->text) - chunk->used);
		memcpy(chunk->text + chunk->used, text, part);
		chunk->used += part;
		text += part;
		length -= part;
	}
}

void collector_init(struct collector *collector)
{
	*collector = (struct collector){ .printer = { .write = collector_write } };
}

void collector_print(const struct collector *collector, struct printer *out)
{
	for (const struct collector_chunk *chunk = collector->first; chunk != NULL;
	     chunk = chunk->next)
		out->write(out, chunk->text, chunk->used);
	if (collector->cut)
		print(out, "\n... cut: there is more than fits\n");
}

void collector_clear(struct collector *collector)
{
	struct collector_chunk *chunk;

	while ((chunk = collector->first) != NULL) {
		collector->first = chunk->next;
		object_free(chunk);
	}
	collector_init(collector);
}
