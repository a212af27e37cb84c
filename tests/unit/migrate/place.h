/* SPDX-License-Identifier: Apache-2.0
 *
 * A place for one test: a folder of migrations, a database of its own (a file,
 * or one of the test server), a context, and what it told. Shared by the tests
 * of the migrate and lib rooms.
 */
#ifndef WB_TESTS_UNIT_MIGRATE_PLACE_H
#define WB_TESTS_UNIT_MIGRATE_PLACE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <whimbrel/whimbrel.h>

#include "base/base.h"
#include "tests/unit/oom.h"

struct place {
	char dir[64]; /* all of this test's files */
	char migrations[80], db[96];
	char url[256];
	bool pg;
	char database[32]; /* on the test server */
	struct wb_options o; /* for the next context_again() */
	struct wb_context *ctx;
	struct wb_error err;
	struct wb_run_result *result; /* of the last RUN */
	struct wb_plan *plan; /* of the last PLAN */
	void *side; /* another connection to the same database: sqlite3 *, PGconn * */
	struct wb_str text; /* answer of ask() */
	struct wb_str expanded; /* SQL with @names replaced */
	struct wb_str events; /* "name:version " of each event since the last RUN */
	struct wb_str log; /* lines */
	const char *cancel_at; /* name of the event at which the listener cancels */
	void (*on_event)(struct place *p, const struct wb_event *e);
	char path[512];
};

int place_sqlite(void **state);
int place_pg(void **state);
int place_done(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_sqlite, place_done)
#define TEST_PG(name) cmocka_unit_test_setup_teardown(name, place_pg, place_done)
/* Body of a group; expects `static const struct CMUnitTest tests[]` in scope. */
#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Files of the migrations folder. */
const char *path_of(struct place *p, const char *name);
void put(struct place *p, const char *name, const char *text);
void take_away(struct place *p, const char *name);
/* Replaces `to`; allocates nothing, for functions of wb_oom_run. */
void copy_file(const char *from, const char *to);

/* The context, opened with p->o on first use; _again closes it first. */
struct wb_context *context(struct place *p);
struct wb_context *context_again(struct place *p);

typedef int run_fn(struct wb_context *, const struct wb_run_options *, struct wb_run_result **, struct wb_error *);
/* Runs with a fresh result, event list and error; gives the code. */
int run_it(struct place *p, run_fn *fn, const struct wb_run_options *o);
#define RUN(p, fn, ...) \
	run_it((p), (fn), &(struct wb_run_options){ .size = sizeof(struct wb_run_options), __VA_ARGS__ })
#define UP(p, ...) RUN(p, wb_up, __VA_ARGS__)
#define DOWN(p, ...) RUN(p, wb_down, __VA_ARGS__)
#define REDO(p, ...) RUN(p, wb_redo, __VA_ARGS__)
#define RESUME(p, ...) RUN(p, wb_resume, __VA_ARGS__)
int plan_it(struct place *p, const struct wb_plan_options *o);
#define PLAN(p, ...) plan_it((p), &(struct wb_plan_options){ .size = sizeof(struct wb_plan_options), __VA_ARGS__ })
/* "001 002" of what the last plan holds, with the action where it is not "apply": "002=revert". */
const char *planned(struct place *p);
/* "001 002" of what the last run applied; "002!" was rolled back again. */
const char *applied(struct place *p);

/* SQL on the other connection; @name stands for a table of the journal. Fails the test on an error. */
void sql_at(struct place *p, const char *sql, const char *file, int line);
#define sql(p, text) sql_at((p), (text), __FILE__, __LINE__)
/* Rows joined by blanks, columns by ":", NULL as "-". */
const char *ask_at(struct place *p, const char *sql, const char *file, int line);
#define ask(p, text) ask_at((p), (text), __FILE__, __LINE__)
void side_close(struct place *p);
bool side_is_open(const struct place *p);
/* The journal in a line each: "001:applied 002:failed", "up:001:ok", "1:done 2:failed" of a version. */
const char *states(struct place *p);
const char *history(struct place *p);
const char *steps(struct place *p, const char *version);

/* Fails with the error's text unless code is what was expected. */
void assert_code_at(struct place *p, int rc, int want, const char *file, int line);
#define assert_code(p, rc, want) assert_code_at((p), (rc), (want), __FILE__, __LINE__)
#define ok(p, rc) assert_code_at((p), (rc), 0, __FILE__, __LINE__)
void assert_has_at(const char *text, const char *part, const char *file, int line);
#define assert_has(text, part) assert_has_at((text), (part), __FILE__, __LINE__)
/* The error's place, as "V001__a.sql:3:1". */
void assert_place_at(struct place *p, const char *place, const char *file, int line);
#define assert_place(p, place) assert_place_at((p), (place), __FILE__, __LINE__)

#endif
