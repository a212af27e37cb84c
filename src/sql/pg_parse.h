/* SPDX-License-Identifier: Apache-2.0
 *
 * What PostgreSQL's own parser (libpg_query, the grammar of PostgreSQL 15) says
 * of one statement. Guarded: libpg_query takes about 50 bytes of memory per byte
 * of input and overflows the stack on deep expressions, so payloads (INSERT,
 * COPY, and whatever exceeds the caps in bytes, terms or depth) never reach it and
 * are classified by the lexer alone. A statement that the grammar does not know
 * is what its first words say, else `unknown`, never an error: a newer server may
 * know it.
 * Linked only into the PostgreSQL driver.
 */
#ifndef WB_SQL_PG_PARSE_H
#define WB_SQL_PG_PARSE_H

#include "sql.h"

enum wb_pg_kind {
	WB_PG_PLAIN, /* may run in a transaction, nothing special */
	WB_PG_UNKNOWN, /* too big for the parser, or unknown to its grammar */
	WB_PG_COPY_IN, /* COPY … FROM STDIN */
	WB_PG_BEGIN, /* BEGIN, START TRANSACTION */
	WB_PG_COMMIT, /* COMMIT, END, ROLLBACK, PREPARE TRANSACTION (inside a file: transaction control) */
	WB_PG_SAVEPOINT, /* SAVEPOINT, RELEASE, ROLLBACK TO: allowed */
	WB_PG_FORBIDDEN, /* SET SESSION AUTHORIZATION, SET TRANSACTION READ ONLY (and SESSION CHARACTERISTICS
			    of it), DISCARD ALL: would break the runner; `reason` says why */
	WB_PG_INDEX_CREATE, /* CREATE INDEX CONCURRENTLY */
	WB_PG_INDEX_DROP, /* DROP INDEX CONCURRENTLY */
	WB_PG_REINDEX, /* REINDEX … CONCURRENTLY, REINDEX DATABASE, SYSTEM or SCHEMA; of a partitioned object it
			  also refuses a transaction, which only the server sees */
	WB_PG_DETACH, /* ALTER TABLE … DETACH PARTITION … CONCURRENTLY (FINALIZE is plain) */
	WB_PG_VACUUM, /* VACUUM (ANALYZE alone is plain) */
	WB_PG_CLUSTER_ALL, /* CLUSTER without a table */
	WB_PG_DATABASE, /* CREATE/DROP DATABASE, ALTER DATABASE … SET TABLESPACE */
	WB_PG_TABLESPACE, /* CREATE/DROP TABLESPACE */
	WB_PG_SYSTEM, /* ALTER SYSTEM */
	WB_PG_SUBSCRIPTION, /* CREATE SUBSCRIPTION (create_slot not false), DROP SUBSCRIPTION,
			       ALTER SUBSCRIPTION … REFRESH / SET PUBLICATION WITH refresh */
	WB_PG_PREPARED, /* COMMIT PREPARED, ROLLBACK PREPARED */
	WB_PG_CALL, /* CALL, DO: may commit inside, only the server knows */
	WB_PG_SET /* SET, RESET, set_config: changes the session */
};

struct wb_pg_info {
	enum wb_pg_kind kind;
	bool refuses_transaction; /* PostgreSQL runs it only outside a transaction block */
	bool if_exists; /* IF EXISTS or IF NOT EXISTS was given */
	bool unique; /* CREATE UNIQUE INDEX */
	bool create; /* creates rather than drops or alters */
	/* Names as PostgreSQL would fold and store them; "" when absent. Cut at 63 bytes like the server does. */
	char schema[64], name[64]; /* of the object: index, database, … */
	char rel_schema[64], rel_name[64]; /* the table an index or partition belongs to */
	char object_type[24]; /* "index", "table", "view", "type", "function", …; "" when unknown */
	char command[48]; /* "CREATE TABLE", "ALTER TABLE", …: for people; "" when unknown */
	const char *reason; /* static text: why FORBIDDEN, why UNKNOWN, or why only the first words told; else NULL */
};

/* Classifies one statement (no trailing ';'). Never fails; without memory the first words tell. Reentrant. */
void wb_pg_classify(struct wb_sv statement, struct wb_pg_info *ret_info);
/* The same from its first words alone. */
void wb_pg_classify_words(struct wb_sv statement, struct wb_pg_info *ret_info);
/* Copies a name of at most 63 bytes, cut between characters. */
void wb_pg_name(char out[64], const char *name, size_t n);
/* Syntax check with the PostgreSQL 15 grammar: 0, or WB_EINPUT with message and *ret_offset (bytes into the
 * statement). WB_OK also when the guards kept it from the parser (*ret_checked false). */
int wb_pg_syntax(struct wb_sv statement, bool *ret_checked, size_t *ret_offset, struct wb_error *err) WB_MUST_USE;

#endif
