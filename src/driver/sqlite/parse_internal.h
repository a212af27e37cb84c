/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parsers of CREATE statements share: a walk over tokens. A function
 * that takes something off says whether it was there; `failed` is about memory
 * alone, and makes the rest not worth having.
 */
#ifndef WB_DRIVER_SQLITE_PARSE_INTERNAL_H
#define WB_DRIVER_SQLITE_PARSE_INTERNAL_H

#include "driver/sqlite/parse.h"

struct wb_sqlite_parser {
	struct wb_arena *a;
	const struct wb_token *v;
	size_t n, i;
	const char *self; /* the table that is read; NULL: none */
	bool failed;
};

/* ---- looking (parse.c) --------------------------------------------------------------- */

bool wb_sqlite_is_word(const struct wb_sqlite_parser *p, size_t ahead, const char *word);
bool wb_sqlite_at_name(const struct wb_sqlite_parser *p);
bool wb_sqlite_at_open(const struct wb_sqlite_parser *p);
bool wb_sqlite_at_close(const struct wb_sqlite_parser *p);

/* ---- taking: false, and nothing is taken, when it is not there ---------------------------- */

bool wb_sqlite_char(struct wb_sqlite_parser *p, const char *text);
bool wb_sqlite_word(struct wb_sqlite_parser *p, const char *word);
bool wb_sqlite_words(struct wb_sqlite_parser *p, const char *first, const char *second); /* second may be NULL */
bool wb_sqlite_skip_parens(struct wb_sqlite_parser *p);
/* ( expression ), without the parentheses. */
bool wb_sqlite_take_parens(struct wb_sqlite_parser *p, const char **ret_expression);
bool wb_sqlite_take_name(struct wb_sqlite_parser *p, const char **ret_name);
/* NULL for BINARY, where nothing else would be meant. */
bool wb_sqlite_collation(struct wb_sqlite_parser *p, const char **ret_collation);
/* What follows DEFAULT. */
bool wb_sqlite_default(struct wb_sqlite_parser *p, const char **ret_value);
/* (a, b COLLATE c DESC, expression …), without the parentheses. Names of columns as the table (may be NULL) writes
 * them. ret_autoincrement: may be NULL where the word cannot stand. */
bool wb_sqlite_key_list(struct wb_sqlite_parser *p, const struct wb_sqlite_table *table, const char **ret_columns,
			bool *ret_autoincrement);

/* ---- pieces of CREATE TABLE (parse_table.c) ---------------------------------------------- */

/* One more column, one more constraint of a table; they end at a comma or with the tokens. */
bool wb_sqlite_take_column(struct wb_sqlite_parser *p, struct wb_sqlite_table *t);
bool wb_sqlite_at_constraint(const struct wb_sqlite_parser *p);
bool wb_sqlite_take_constraint(struct wb_sqlite_parser *p, struct wb_sqlite_table *t);
bool wb_sqlite_take_type(struct wb_sqlite_parser *p, const char **ret_type);
/* What the key says about row numbers; anew after a change. */
void wb_sqlite_settle_key(struct wb_sqlite_parser *p, struct wb_sqlite_table *t);

/* Into the arena; what was cut short by lack of memory is "". */
const char *wb_sqlite_keep(struct wb_sqlite_parser *p, struct wb_str *text);

#endif
