/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a statement's syntax right? Our parser knows the grammar of PostgreSQL
 * 15; a server of that version needs no question. Other servers are asked what
 * they think, without running anything: a DO block that returns before it
 * reaches the statement is parsed as a whole. Statements that mean something else
 * to PL/pgSQL cannot be asked that way.
 */
#include "driver/postgres/pg.h"

#include <stdio.h>

#include "base/banned.h"

#define OUR_GRAMMAR 15
#define ASK_BYTES ((size_t)1 << 20) /* a server parses more than that only to run it */

/* First words that PL/pgSQL hands to the SQL parser as they are. */
static const char *const askable[] = {
	"ALTER",   "ANALYZE", "ANALYSE",  "CHECKPOINT", "CLUSTER", "COMMENT", "COPY",   "CREATE",   "DELETE",
	"DISCARD", "DROP",    "EXPLAIN",  "GRANT",      "IMPORT",  "INSERT",  "LISTEN", "LOAD",     "LOCK",
	"MERGE",   "NOTIFY",  "REASSIGN", "REFRESH",    "REINDEX", "RESET",   "REVOKE", "SECURITY", "SELECT",
	"SET",     "SHOW",    "TRUNCATE", "UNLISTEN",   "UPDATE",  "VACUUM",  "VALUES", "WITH",
};

static bool begins_askable(struct wb_sv statement)
{
	struct wb_head head;
	wb_sql_head(WB_DIALECT_POSTGRES, statement, &head);
	for (size_t i = 0; i < WB_ARRAY_LEN(askable); i++) {
		if (!strcmp(head.words[0], askable[i]))
			return true;
	}
	return false;
}

/* SELECT … INTO fills a variable there; semicolons inside end the statement there. */
static bool means_something_else(struct wb_sv statement)
{
	struct wb_head head;
	wb_sql_head(WB_DIALECT_POSTGRES, statement, &head);
	bool query = !strcmp(head.words[0], "SELECT") || !strcmp(head.words[0], "WITH");
	if (query)
		return wb_sql_has_word(WB_DIALECT_POSTGRES, statement, "INTO");
	return wb_sql_has_word(WB_DIALECT_POSTGRES, statement, "ATOMIC") ||
	       wb_sql_has_word(WB_DIALECT_POSTGRES, statement, "RULE");
}

/* A dollar quote that the statement does not contain. */
static void choose_tag(struct wb_sv statement, char *tag, size_t size)
{
	unsigned i = 0;
	do
		snprintf(tag, size, "$whimbrel%u$", i++);
	while (statement.n && memmem(statement.p, statement.n, tag, strlen(tag)));
}

/* The server's verdict; 0 also when it cannot tell, for instance without PL/pgSQL. */
static int ask_server(struct wb_pg *c, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	char tag[32];
	wb_autostr text = WB_STR_INIT;
	struct wb_error theirs = { 0 };
	choose_tag(statement, tag, sizeof(tag));
	wb_str_addf(&text, "DO %sBEGIN RETURN;\n", tag);
	size_t before = text.n, done, offset;
	wb_str_addsv(&text, statement);
	wb_str_addf(&text, "\n;END%s", tag);
	if (text.failed)
		return wb_err_nomem(err);
	/* The session may have switched off the very check that is wanted. */
	struct wb_query q[] = { { .sql = WB_SV("SELECT pg_catalog.set_config('check_function_bodies', 'on', true)") },
				{ .sql = wb_str_sv(&text) } };
	int rc = wb_pg_run(&c->base, q, 2, &done, &offset, &theirs);
	if (rc == 0 || (rc == WB_ESQL && strcmp(theirs.sqlstate, "42601") != 0))
		return 0;
	*theirs.detail = 0; /* tells of the DO block */
	*ret_offset = offset >= before && offset - before <= statement.n ? offset - before : SIZE_MAX;
	theirs.code = rc == WB_ESQL ? WB_EINPUT : rc;
	if (err)
		*err = theirs;
	return theirs.code;
}

/* Ours is final without a server, with one of our grammar, and for what no server is asked. */
static bool is_final(const struct wb_conn *conn, struct wb_sv statement, bool checked, int rc)
{
	return !conn || (checked && conn->server_version / 10000 == OUR_GRAMMAR) || (rc < 0 && rc != WB_EINPUT) ||
	       !begins_askable(statement) || statement.n > ASK_BYTES;
}

int wb_pg_check_syntax(struct wb_conn *conn, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	struct wb_error ours = { 0 };
	bool checked = false;
	size_t offset = SIZE_MAX;
	int rc = wb_pg_syntax(statement, &checked, &offset, &ours);
	bool final = is_final(conn, statement, checked, rc);
	*ret_offset = SIZE_MAX;
	if (!final && !means_something_else(statement))
		return ask_server(wb_pg(conn), statement, ret_offset, err);
	/* Nobody can be asked, and a newer grammar may take what ours refuses. */
	if (rc == 0 || (!final && conn->server_version / 10000 > OUR_GRAMMAR))
		return 0;
	*ret_offset = offset;
	if (err)
		*err = ours;
	return rc;
}
