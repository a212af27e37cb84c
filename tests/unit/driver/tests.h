/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures. Tests
 * use real SQLite files, each in a folder of its own that is removed afterwards.
 */
#ifndef WB_TESTS_UNIT_DRIVER_TESTS_H
#define WB_TESTS_UNIT_DRIVER_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "driver/driver.h"
#include "driver/sqlite/sqlite.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(admin) \
	X(alter) \
	X(classify) \
	X(decorate) \
	X(foreign) \
	X(gather) \
	X(health) \
	X(inspect) \
	X(inspect_round) \
	X(journal) \
	X(lock) \
	X(mock) \
	X(oom) \
	X(open) \
	X(operations) \
	X(probe) \
	X(registry) \
	X(rollback_journal) \
	X(run) \
	X(scripting) \
	X(session) \
	X(url) \
	X(wait)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

/* A folder and in it the path of a database that does not exist yet. */
struct place {
	char dir[64], path[128], other[128];
	struct wb_url url;
	struct wb_open_options o; /* of that path, with create */
	struct wb_conn *c; /* closed by tear_down */
	struct wb_error err;
};
int set_up(void **state); /* the folder alone */
int set_up_conn(void **state); /* and a connection to a new database */
int tear_down(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_CONN(name) cmocka_unit_test_setup_teardown(name, set_up_conn, tear_down)
/* Body of an entry; expects `static const struct CMUnitTest tests[]` to be in scope. */
#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Fails the test with the error's text when rc is not 0. */
#define assert_ok(rc, err) check_ok((rc), (err), __FILE__, __LINE__)
void check_ok(int rc, const struct wb_error *err, const char *file, int line);

/* Opens p->path once more, with other options when o is given. */
struct wb_conn *open_again(struct place *p, const struct wb_open_options *o);
/* Runs statements separated by ';' (none inside them) and expects success. */
void exec(struct wb_conn *c, const char *sql);
/* One statement; its code. */
int try_exec(struct wb_conn *c, const char *sql, struct wb_error *err);
/* First value of the first row in a static buffer; "" without rows, "NULL" for NULL. */
const char *value(struct wb_conn *c, const char *sql);
#define assert_value(c, sql, expected) assert_string_equal(value((c), (sql)), (expected))
/* Writes a file. */
void put_file(const char *path, const char *text, size_t n);
bool file_exists(const char *path);

#endif
