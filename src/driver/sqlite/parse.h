/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of sqlite_schema taken apart: tokens, canonical texts, CREATE TABLE.
 * sqlite3 keeps what was typed, edited by ALTER TABLE; what the model gets must
 * not depend on how it was typed. Nothing here needs a database.
 */
#ifndef WB_DRIVER_SQLITE_PARSE_H
#define WB_DRIVER_SQLITE_PARSE_H

#include "base/base.h"
#include "sql/sql.h"

/* ---- tokens and canonical texts (canon.c) ------------------------------------------- */

/* Without blanks and comments; an operator of several characters is one token. */
struct wb_sqlite_tokens {
	struct wb_token *v;
	size_t n, cap;
	bool flawed; /* something is not closed */
};
/* What they held is gone. False when memory has run out. */
bool wb_sqlite_tokens_read(struct wb_sqlite_tokens *t, struct wb_sv sql) WB_MUST_USE;

/* Joined by single blanks, none where no formatter would set one. As written, or, of expressions, with their keywords
 * in upper case. */
void wb_sqlite_canonical(struct wb_str *out, const struct wb_token *v, size_t n, bool upper);
/* A hash of what is said, but for names and values, of which it tells only which are the same; 0: it is too long, or
 * more than names and values may count (mock_form.c). */
uint64_t wb_sqlite_form(const struct wb_token *v, size_t n);
/* Does it name something: a word, or quoted in any of the four ways? */
bool wb_sqlite_is_name(const struct wb_token *t);
/* The name itself, quotes taken off. NULL when memory has run out. */
char *wb_sqlite_name(struct wb_arena *a, const struct wb_token *t) WB_MUST_USE;
/* Quoted where it must be. */
void wb_sqlite_add_name(struct wb_str *out, const char *name);
/* NULL, TRUE, CURRENT_TIMESTAMP and the like: words that are values and no names. */
bool wb_sqlite_is_value(struct wb_sv word);

/* ---- what is created (parse_table.c, parse.c) -------------------------------------- */

/* NULL and false: it has none. All texts lie in the arena. */
struct wb_sqlite_column {
	const char *name, *type, *value, *collate, *generated; /* value: its default */
	bool not_null, stored;
	const char *not_null_conflict;
	const char *key; /* "PRIMARY KEY DESC": of INTEGER, it makes no alias of the rowid only where it stands here */
};
struct wb_sqlite_constraint {
	const char *type; /* PRIMARY KEY, UNIQUE, CHECK, FOREIGN KEY */
	const char *name; /* NULL: it has none */
	const char *columns; /* with COLLATE and DESC */
	const char *expression;
	const char *parent, *references; /* the table alone; with its columns */
	const char *on_delete, *on_update, *match, *on_conflict;
	bool autoincrement, deferrable, deferred;
	bool descending; /* PRIMARY KEY DESC beside a column */
};
struct wb_sqlite_table {
	struct wb_sqlite_column *columns;
	size_t n_columns, cap_columns;
	struct wb_sqlite_constraint *constraints;
	size_t n_constraints, cap_constraints;
	bool strict, without_rowid, rowid_alias;
};
struct wb_sqlite_index {
	const char *columns, *where;
	bool unique;
};

/* 1: understood; 0: not ours, as it is; WB_ENOMEM. Columns and constraints are to be released by
 * wb_sqlite_table_done() whatever it says. */
int wb_sqlite_parse_table(struct wb_arena *a, const struct wb_sqlite_tokens *t,
			  struct wb_sqlite_table *ret_table) WB_MUST_USE;
void wb_sqlite_table_done(struct wb_sqlite_table *table);
/* The names of columns are written as the table writes them. */
int wb_sqlite_parse_index(struct wb_arena *a, const struct wb_sqlite_tokens *t, const struct wb_sqlite_table *table,
			  struct wb_sqlite_index *ret_index) WB_MUST_USE;
/* CREATE VIRTUAL TABLE: the arguments are the module's, nothing but blanks around commas is changed; NULL: none. */
int wb_sqlite_parse_virtual(struct wb_arena *a, const struct wb_sqlite_tokens *t, const char **ret_module,
			    const char **ret_arguments) WB_MUST_USE;
/* The number of tokens up to and with the name in CREATE [before] kind name; 0: it does not begin so. before may be
 * NULL.
 */
size_t wb_sqlite_parse_head(const struct wb_sqlite_tokens *t, const char *kind, const char *before, bool *ret_before);

/* ---- ALTER TABLE (alter.c) ----------------------------------------------------------- */

/* One statement, also in the standard's forms that sqlite3 lacks. */
struct wb_sqlite_alter {
	struct wb_sv sql;
	struct wb_sqlite_tokens tokens;
	size_t first; /* token of the first action */
	const char *table; /* NULL: it is in another database */
	bool if_exists, found; /* found: the table is there */
	const char **dropped; /* columns that are gone */
	size_t n_dropped, cap_dropped;
	size_t offset; /* of what is wrong, after an error */
};
/* WB_EUNSUPPORTED when it is no ALTER TABLE that adds, changes or drops a part of a table; WB_EINPUT. To be released by
 * wb_sqlite_alter_done() whatever it says. */
int wb_sqlite_alter_read(struct wb_arena *a, struct wb_sv sql, struct wb_sqlite_alter *ret_alter,
			 struct wb_error *err) WB_MUST_USE;
void wb_sqlite_alter_done(struct wb_sqlite_alter *alter);
/* Makes the table what it asks for: WB_EINPUT for what is not understood, WB_ESQL for what cannot be, both with its
 * offset. name: the table's, for messages; NULL: there is none, and only the form counts. */
int wb_sqlite_alter_apply(struct wb_arena *a, struct wb_sqlite_alter *alter, const char *name,
			  struct wb_sqlite_table *table, struct wb_error *err) WB_MUST_USE;
/* The name that the model gives a constraint. NULL when memory has run out. */
const char *wb_sqlite_constraint_name(struct wb_arena *a, const struct wb_sqlite_constraint *k);
/* Does the text name this column, other than in a string? */
bool wb_sqlite_names(struct wb_arena *a, const char *sql, const char *column);

#endif
