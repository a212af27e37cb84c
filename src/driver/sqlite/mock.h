/* SPDX-License-Identifier: Apache-2.0
 *
 * The mock of a database: a schema without rows, in memory, on which sqlite3
 * itself says what statements do and which it refuses. Made of the schema, and of
 * the statements before, is only what a statement names: sqlite3 goes through all
 * of a schema whenever it is changed. Nothing but changes of the schema is run,
 * and never ATTACH, PRAGMA, VACUUM, or a function that reaches outside.
 */
#ifndef WB_DRIVER_SQLITE_MOCK_H
#define WB_DRIVER_SQLITE_MOCK_H

#include "driver/sqlite/internal.h"

enum wb_sqlite_act {
	WB_ACT_CREATE,
	WB_ACT_DROP,
	WB_ACT_ALTER,
	WB_ACT_INSERT,
	WB_ACT_UPDATE,
	WB_ACT_DELETE,
	WB_ACT_READ,
	WB_ACT_PRAGMA,
	WB_ACT_ATTACH,
	WB_ACT_DETACH,
	WB_ACT_ANALYZE,
	WB_ACT_REINDEX,
	WB_ACT_TRANSACTION,
	WB_ACT_SELECT,
	WB_ACT_OTHER
};

/* What sqlite3 asked leave for: each once. */
struct wb_sqlite_acted {
	enum wb_sqlite_act act;
	enum wb_kind kind; /* what is created or dropped, else WB_KIND_COUNT */
	struct wb_name name; /* schema NULL: main */
	const char *on; /* table of an index or trigger, module of a virtual table, value of a PRAGMA; NULL */
	const char *through; /* the trigger or view that does it; NULL: the statement itself */
};

/* A statement that makes a part of the schema, and has not been run yet. */
struct wb_sqlite_known {
	const char *sql, *name, *on; /* on: table of an index, a trigger, an ALTER TABLE; else NULL */
	bool reads; /* a view or a trigger: all that it names has to be there */
	bool done; /* run, or of no use any more */
};

struct wb_sqlite_link {
	struct wb_sqlite_known *known;
	struct wb_sqlite_link *next;
};
struct wb_sqlite_word {
	struct wb_sqlite_link *first, *last;
	bool unsure; /* what it names may be another than it is here */
};

struct wb_sqlite_mock {
	struct wb_mock base;
	sqlite3 *db;
	struct wb_arena arena;
	struct wb_map words; /* in lower case -> struct wb_sqlite_word */
	struct wb_map forms; /* of statements that were tried; keys in the arena */
	WB_VEC(struct wb_sqlite_known *) since_mark;
	WB_VEC(const char *) functions;
	WB_VEC(const char *) collations; /* that stand in for the application's */
	size_t made; /* objects that are there */
	size_t tried; /* statements */
	bool loose; /* since the mark something was taken for dropped without being so */
	bool marked, begun; /* begun: a transaction was, that will be rolled back */
	bool temporary; /* what is in no schema that could be read again is there */
	bool lent; /* an application's connection: it may know tables that no schema has */
	bool blind; /* another database was attached, or the schema written by hand: anything may be there */
	int ticks;
	/* while a statement is looked at */
	bool watching, failed;
	struct wb_arena *texts;
	WB_VEC(struct wb_sqlite_acted) acts;
};

/* ---- mock_schema.c ---- */

int wb_sqlite_mock_begin(struct wb_sqlite_mock *m, struct wb_error *err) WB_MUST_USE;
int wb_sqlite_mock_learn(struct wb_sqlite_mock *m, struct wb_sqlite *c, struct wb_error *err) WB_MUST_USE;
void wb_sqlite_mock_done(struct wb_sqlite_mock *m);
/* Forgets objects that are there when they have become many; they are made again when they are named. */
int wb_sqlite_mock_thin(struct wb_sqlite_mock *m, struct wb_error *err) WB_MUST_USE;
struct wb_sqlite_word *wb_sqlite_mock_word(const struct wb_sqlite_mock *m, struct wb_sv name); /* NULL */
/* Makes all that the statement names. *ret_unsure: something of it may be another than it is here. */
int wb_sqlite_mock_need(struct wb_sqlite_mock *m, struct wb_sv sql, bool *ret_unsure, struct wb_error *err) WB_MUST_USE;
int wb_sqlite_mock_know(struct wb_sqlite_mock *m, struct wb_sv sql, const char *name, const char *on, bool reads,
			struct wb_error *err) WB_MUST_USE;
int wb_sqlite_mock_doubt(struct wb_sqlite_mock *m, struct wb_sv name, struct wb_error *err) WB_MUST_USE;
void wb_sqlite_mock_trust(struct wb_sqlite_mock *m, struct wb_sv name); /* all is known of it from now on */
bool wb_sqlite_mock_doubted(const struct wb_sqlite_mock *m, struct wb_sv name);
/* After a refusal: puts something in place of a function, a collation or a table (where tables may be unknown) that
 * sqlite3 misses. False: there is nothing to be done. */
bool wb_sqlite_mock_stand_in(struct wb_sqlite_mock *m, const char *message, bool tables);
/* Runs a statement of ours, or one that was looked at. A result of sqlite3's. */
int wb_sqlite_mock_run(struct wb_sqlite_mock *m, struct wb_sv sql);
/* The text that the table has now, in the arena; NULL: there is none. */
const char *wb_sqlite_mock_text(struct wb_sqlite_mock *m, const char *table);

/* ---- mock_alter.c ---- */

/* An ALTER TABLE in a form that sqlite3 lacks. WB_EINPUT, WB_ESQL (both with *ret_offset): it cannot be; WB_ENOTFOUND:
 * the table is not there; WB_EUNSUPPORTED: it is none. */
int wb_sqlite_mock_alter(struct wb_sqlite_mock *m, struct wb_sv sql, size_t *ret_offset,
			 struct wb_error *err) WB_MUST_USE;

/* ---- mock_acts.c ---- */

int wb_sqlite_mock_watch(void *mock, int action, const char *a, const char *b, const char *schema, const char *through);
/* Operations as the tokens tell are made what sqlite3 has seen. */
int wb_sqlite_mock_confirm(struct wb_sqlite_mock *m, struct wb_operations *ops, struct wb_tried *t,
			   struct wb_error *err) WB_MUST_USE;
/* What a plan says of it: triggers fired, a table emptied at once. */
int wb_sqlite_mock_notes(struct wb_sqlite_mock *m, struct wb_sv sql, const struct wb_operations *ops,
			 struct wb_tried *t, struct wb_error *err) WB_MUST_USE;

static inline bool wb_sqlite_mock_internal(const char *name)
{
	return wb_sv_istarts(wb_sv_str(name), "sqlite_");
}

/* ---- mock_form.c ---- */

#define WB_SQLITE_MOCK_ALL \
	200 /* so many statements on the schema of a database are each tried, whatever their form \
	     */
static inline bool wb_sqlite_mock_hurries(const struct wb_sqlite_mock *m)
{
	return !m->base.exact || m->tried >= WB_SQLITE_MOCK_ALL;
}
/* A statement of a form that sqlite3 has taken before, about tables whose text is known, need not be tried again. True:
 * it is dealt with, or memory has run out (m->failed). */
bool wb_sqlite_mock_again(struct wb_sqlite_mock *m, struct wb_sv sql, const struct wb_operations *ops,
			  struct wb_tried *ret_tried);
void wb_sqlite_mock_remember(struct wb_sqlite_mock *m, const struct wb_operations *ops, const struct wb_tried *t);

/* ---- mock.c ---- */

int wb_sqlite_mock_open(struct wb_conn *conn, struct wb_mock **ret_mock, struct wb_error *err);
int wb_sqlite_mock_try(struct wb_mock *mock, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops,
		       struct wb_tried *ret_tried, struct wb_error *err);
int wb_sqlite_mock_mark(struct wb_mock *mock, bool back, struct wb_error *err);
void wb_sqlite_mock_close(struct wb_mock *mock);

#endif
