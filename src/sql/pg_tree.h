/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree that PostgreSQL's own parser makes of a statement, behind the guards
 * of pg_parse.h. For whoever reads trees: the struct of every node is declared in
 * <pg_query/pg_query.pb-c.h>, offsets in them count bytes of the statement.
 */
#ifndef WB_SQL_PG_TREE_H
#define WB_SQL_PG_TREE_H

#include <pg_query/pg_query.pb-c.h>

#include "sql/pg_parse.h"

enum wb_pg_lack {
	WB_PG_WHOLE, /* there is a tree */
	WB_PG_GUARDED, /* too much for the parser */
	WB_PG_NOT_KNOWN, /* the grammar of PostgreSQL 15 does not know it */
	WB_PG_NOT_ONE /* no statement, or several */
};

struct wb_pg_tree {
	const PgQuery__Node *stmt; /* NULL: there is none */
	enum wb_pg_lack lack;
	const char *reason; /* static: why there is none; else NULL */
};

/* The tree lives in the arena. No tree is no error: 0, or WB_ENOMEM. */
int wb_pg_tree_read(struct wb_arena *a, struct wb_sv statement, struct wb_pg_tree *ret_tree,
		    struct wb_error *err) WB_MUST_USE;
/* The text of an expression, as PostgreSQL would write it (arena); NULL where it cannot be written, or memory has run
 * out. */
const char *wb_pg_tree_write(struct wb_arena *a, const PgQuery__Node *expr) WB_MUST_USE;
/* The value of an option: what PostgreSQL takes for false is false; NULL, and what it would refuse, is true. */
bool wb_pg_is_true(const PgQuery__Node *value);

#endif
