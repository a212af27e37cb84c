/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that read operations out of a statement's tokens share. As the
 * parsers do, they check memory once, at the end: the parser is `failed` when it
 * has run out.
 */
#ifndef WB_DRIVER_SQLITE_READING_H
#define WB_DRIVER_SQLITE_READING_H

#include "driver/sqlite/parse_internal.h"
#include "model/operation.h"

#define WB_SQLITE_NOT_UNDERSTOOD "a part of it is not understood"

struct wb_sqlite_reading {
	struct wb_sqlite_parser p;
	struct wb_sv text;
	WB_VEC(struct wb_operation) ops;
	struct wb_operation spare; /* filled in place of one that there was no memory for */
	const char *unknown;
};

/* A new one, the last, which begins at the token that comes next; it stands where it is until another is added. */
struct wb_operation *wb_sqlite_op(struct wb_sqlite_reading *r, enum wb_op code, enum wb_kind kind);
/* [schema.]name, none of which may be there. */
struct wb_name wb_sqlite_op_name(struct wb_sqlite_reading *r);
/* The text of the tokens from i and before end; NULL where there are none. */
const char *wb_sqlite_op_text(struct wb_sqlite_reading *r, size_t i, size_t end);
/* Behind what stands in the parentheses that open at i; i + 1 where none do. */
size_t wb_sqlite_op_behind(const struct wb_sqlite_reading *r, size_t i);
/* The comma or the closing parenthesis that ends the element at i, or the end of the statement. */
size_t wb_sqlite_op_end(const struct wb_sqlite_reading *r, size_t i);
/* The first of this word from i on, outside of parentheses; r->p.n: none. */
size_t wb_sqlite_op_find(const struct wb_sqlite_reading *r, size_t i, const char *word);
bool wb_sqlite_op_is(const struct wb_sqlite_reading *r, size_t i, const char *word);
/* Adds the functions that are called between them. */
void wb_sqlite_op_calls(struct wb_sqlite_reading *r, struct wb_operation *op, size_t i, size_t end);
/* Columns named in the parentheses that open at i. */
void wb_sqlite_op_columns(struct wb_sqlite_reading *r, struct wb_operation *op, size_t i);

/* op_table.c: what stands in CREATE TABLE and ALTER TABLE; the parser is behind the table's name. */
void wb_sqlite_op_elements(struct wb_sqlite_reading *r, struct wb_name table);
void wb_sqlite_op_alter(struct wb_sqlite_reading *r, struct wb_name table);

#endif
