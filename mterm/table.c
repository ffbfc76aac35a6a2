// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tables of text with aligned columns. The cells lie one behind the other, terminated, in a chain
 * of chunks; a cell lies in one chunk wholly. Widths are kept while cells come in.
 */
#include <string.h>

#include <corbel/object.h>
#include <corbel/panic.h>
#include <mterm/table.h>
#include <mterm/text.h>

#define CHUNK_SIZE ((size_t)2000)

struct table_chunk {
	struct table_chunk *next;
	size_t used;
	char text[CHUNK_SIZE];
};

/* Walks the cells of a table in the order in which they came. */
struct table_cursor {
	const struct table_chunk *chunk;
	size_t offset;
};

void table_init(struct table *table, const struct table_column *columns, unsigned int column_count)
{
	ASSERT(column_count > 0 && column_count <= TABLE_COLUMN_MAX);
	*table = (struct table){ .columns = columns, .column_count = column_count };
	for (unsigned int column = 0; column < column_count; column++)
		table->widths[column] = strlen(columns[column].title);
}

/* Room for a cell in the last chunk, or in a new one. NULL: the table is full. */
static char *cell_reserve(struct table *table, size_t size)
{
	struct table_chunk *chunk = table->last;

	if (table->cut)
		return NULL;
	if (chunk == NULL || CHUNK_SIZE - chunk->used < size) {
		chunk = NULL;
		if (table->size + sizeof(*chunk) <= TABLE_SIZE_MAX)
			chunk = object_alloc(sizeof(*chunk));
		if (chunk == NULL) {
			table->cut = true;
			return NULL;
		}
		table->size += sizeof(*chunk);
		if (table->last == NULL)
			table->first = chunk;
		else
			table->last->next = chunk;
		table->last = chunk;
	}
	chunk->used += size;
	return &chunk->text[chunk->used - size];
}

void table_cell(struct table *table, const char *format, ...)
{
	char text[TABLE_CELL_SIZE];
	va_list arguments;
	unsigned int column = table->next_column;
	size_t length;
	char *cell;

	va_start(arguments, format);
	length = text_format_list(text, sizeof(text), format, arguments);
	va_end(arguments);
	table->next_column = (column + 1) % table->column_count;
	cell = cell_reserve(table, length + 1);
	if (cell == NULL)
		return;
	memcpy(cell, text, length + 1);
	table->widths[column] = MAX(table->widths[column], length);
}

/* The next cell, or NULL behind the last. */
static const char *cursor_next(struct table_cursor *cursor)
{
	const char *cell;

	while (cursor->chunk != NULL && cursor->offset == cursor->chunk->used) {
		cursor->chunk = cursor->chunk->next;
		cursor->offset = 0;
	}
	if (cursor->chunk == NULL)
		return NULL;
	cell = &cursor->chunk->text[cursor->offset];
	cursor->offset += strlen(cell) + 1;
	return cell;
}

/* One cell. Blanks wait in `*blanks` until more text comes, so that no line ends in them. */
static void cell_print(const struct table *table, struct printer *out, unsigned int column,
		       const char *cell, size_t *blanks)
{
	size_t length = strlen(cell), padding = table->widths[column] - length;

	if (column > 0)
		*blanks += 2;
	if (table->columns[column].right)
		*blanks += padding;
	if (length > 0) {
		text_blanks_print(out, *blanks);
		*blanks = 0;
		out->write(out, cell, length);
	}
	if (!table->columns[column].right)
		*blanks += padding;
	if (column == table->column_count - 1) {
		out->write(out, "\n", 1);
		*blanks = 0;
	}
}

void table_print(const struct table *table, struct printer *out)
{
	struct table_cursor cursor = { .chunk = table->first };
	unsigned int column;
	size_t blanks = 0;
	const char *cell;

	for (column = 0; column < table->column_count; column++)
		cell_print(table, out, column, table->columns[column].title, &blanks);
	column = 0;
	while ((cell = cursor_next(&cursor)) != NULL) {
		cell_print(table, out, column, cell, &blanks);
		column = (column + 1) % table->column_count;
	}
	if (column != 0)
		out->write(out, "\n", 1);
	if (table->cut)
		print(out, "(more rows than fit)\n");
}

void table_clear(struct table *table)
{
	struct table_chunk *chunk = table->first;

	while (chunk != NULL) {
		struct table_chunk *next = chunk->next;

		object_free(chunk);
		chunk = next;
	}
	table_init(table, table->columns, table->column_count);
}
