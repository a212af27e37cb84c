/* SPDX-License-Identifier: Apache-2.0
 *
 * Text tables. Columns are as wide as their widest cell; when the terminal is
 * narrower, the flexible columns give way, never the others.
 */
#ifndef WB_REPORT_TABLE_H
#define WB_REPORT_TABLE_H

#include "report/out.h"

#define WB_TABLE_COLUMNS 64

struct wb_column {
	const char *title;
	bool right; /* numbers */
	bool flexible; /* may be cut */
};

struct wb_cell {
	const char *text;
	enum wb_style style;
};

struct wb_table {
	const struct wb_column *columns;
	size_t n_columns;
	struct wb_arena arena;
	WB_VEC(struct wb_cell) cells;
	bool failed;
};

/* At most WB_TABLE_COLUMNS columns. */
void wb_table_init(struct wb_table *t, const struct wb_column *columns, size_t n_columns);
/* Next cell, row by row. Foreign text is made harmless; NULL is an empty cell. */
void wb_table_add(struct wb_table *t, enum wb_style style, const char *text);
void wb_table_addf(struct wb_table *t, enum wb_style style, const char *fmt, ...) WB_PRINTF(3, 4);
/* Duration of a step; nothing for a negative number. */
void wb_table_add_ms(struct wb_table *t, int64_t ms);
size_t wb_table_rows(const struct wb_table *t);
/* Prints `indent` blanks before each line. Titles are left out when every title is NULL. */
void wb_table_print(struct wb_table *t, struct wb_out *out, unsigned indent);
void wb_table_done(struct wb_table *t);

#endif
