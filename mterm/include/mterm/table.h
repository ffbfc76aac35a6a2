// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tables: cells are collected row by row, then printed with their columns aligned. Collecting may
 * go on under a lock; printing comes after.
 */
#ifndef MTERM_TABLE_H
#define MTERM_TABLE_H

#include <corbel/printer.h>
#include <corbel/types.h>

#define TABLE_COLUMN_MAX 12u
/* A cell's text is cut to this many characters less one. */
#define TABLE_CELL_SIZE	 128u
/* Cells beyond these many bytes are dropped, which the printed table says. */
#define TABLE_SIZE_MAX	 ((size_t)65536)

struct table_column {
	const char *title;
	bool right; /* numbers: aligned at the right */
};

struct table_chunk;

/* Owned by its user, made by table_init(). Its fields are the table's own. */
struct table {
	const struct table_column *columns;
	unsigned int column_count;
	unsigned int next_column; /* which the next cell falls into */
	size_t widths[TABLE_COLUMN_MAX];
	struct table_chunk *first, *last;
	size_t size; /* of all chunks, bytes */
	bool cut;    /* a cell did not fit or there was no memory: nothing more is taken */
};

/* `columns` must outlive the table; 1 to TABLE_COLUMN_MAX of them. Any context. */
void table_init(struct table *table, const struct table_column *columns, unsigned int column_count);

/* The next cell of the row, or the first of a new one behind the last column. Any context. */
void table_cell(struct table *table, const char *format, ...) PRINTF_LIKE(2, 3);

/* Titles and rows, two blanks between columns, none at the ends of lines. Context: the printer's.
 */
void table_print(const struct table *table, struct printer *out);

/* Frees what it holds; it is empty then and can be filled again. Any context. */
void table_clear(struct table *table);

#endif
