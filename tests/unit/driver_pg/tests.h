/* SPDX-License-Identifier: Apache-2.0
 *
 * What the test files of the PostgreSQL driver share: a database of its own
 * for each test, connections to it, and statements that must succeed or fail.
 */
#ifndef WB_TESTS_DRIVER_PG_TESTS_H
#define WB_TESTS_DRIVER_PG_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "driver/postgres/pg.h"

int test_connect(void);
int test_run(void);
int test_copy(void);
int test_session(void);
int test_journal(void);
int test_lock(void);
int test_probe(void);
int test_monitor(void);
int test_database(void);
int test_shape(void);
int test_statement(void);
int test_operations(void);
int test_broken(void);
int test_dump(void);
int test_inspect(void);
int test_inspect_large(void);

struct told {
	int logs, events;
	char log[512], event[512];
};

struct db {
	struct wb_arena arena;
	char name[32];
	struct wb_conn *c;
	struct told told;
	struct wb_sink sink;
};

/* A new empty database and a connection; of it. cmocka set-up and tear-down. */
int db_open(void **state);
int db_close(void **state);

#define T(fn) cmocka_unit_test_setup_teardown(fn, db_open, db_close)

#define DIRECT 5432
#define POOLED 6432
/* A further connection to the test's database; user NULL = postgres. */
struct wb_conn *db_connect(struct db *db, const char *user, int port);
/* The same with an error instead of a failed test. */
int db_try_connect(struct db *db, const char *text, struct wb_conn **ret_conn, struct wb_error *err);
const char *db_url(struct db *db, const char *user, int port);
struct wb_open_options db_options(struct db *db, const char *url);

void sql_ok(struct wb_conn *c, const char *sql);
/* Runs; must fail with this code, and SQLSTATE unless NULL. */
void sql_fails(struct wb_conn *c, const char *sql, int code, const char *sqlstate);
/* First column of the first row as text, "NULL" for NULL, "" without a row; lives until the next call. */
const char *sql_text(struct wb_conn *c, const char *sql);
int64_t sql_number(struct wb_conn *c, const char *sql);
#define assert_sql(c, sql, expected) assert_string_equal(sql_text((c), (sql)), (expected))
#define assert_ok(rc, err) assert_ok_at((rc), (err), __FILE__, __LINE__)
void assert_ok_at(int rc, const struct wb_error *err, const char *file, int line);

/* Reads the schema and forgets it; for tests of failures. */
int inspect_and_free(void *conn);

/* Runs n queries given as text. */
int run_texts(struct wb_conn *c, const char *const *sql, size_t n, size_t *ret_done, size_t *ret_offset,
	      struct wb_error *err);

/* A child process that runs SQL statements one after another on a connection of its own; a query that sleeps keeps it
 * there. end_child kills it. */
pid_t start_child(struct db *db, const char *const *sql, size_t n);
void end_child(pid_t pid);
/* Until the query gives this text; fails the test after ten seconds. */
void wait_sql(struct wb_conn *c, const char *sql, const char *expected);

/* From now on the n-th call of this function of libpq fails; end tells whether it came to that. Which functions can:
 * test_broken.c. */
void strike_begin(const char *name, int at);
bool strike_end(void);

/* A tick that gives `code` from the n-th call on. */
struct ticker {
	int calls, from, code;
};
int tick_counting(void *ticker);

#endif
