/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory running out: at each of our own allocations, and at each of sqlite3's,
 * whose allocator is replaced for the time.
 */
#include "tests.h"

#include <unistd.h>

static int see(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	*(int *)user += row->n;
	return 0;
}

/* A whole life of a connection, every room of it. */
static int live(void *user)
{
	struct place *p = user;
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr script = WB_STR_INIT;
	struct wb_tx_options off = { .foreign_keys_off = true };
	struct wb_query rows = { .sql = WB_SV("SELECT 1, 'text', NULL, 2.5 UNION ALL SELECT a, '', 1, 1 FROM t"),
				 .row = see };
	struct wb_lock_holder h, *v;
	struct wb_conn *c = NULL;
	int rc, columns = 0;
	size_t n;

	rows.row_user = &columns;
	rc = wb_conn_open(wb_sqlite_driver(), &p->o, &c, NULL);
	if (!rc)
		rc = wb_conn_lock_try(c, "main", 0, &h, NULL);
	if (!rc)
		rc = wb_conn_lock_list(c, "main", &a, &v, &n, NULL);
	if (!rc)
		rc = wb_conn_before_migration(c, &off, NULL);
	if (!rc)
		rc = wb_run(c, &rows, 1, NULL, NULL, NULL);
	if (!rc)
		rc = wb_exec(c, "ATTACH ':memory:' AS more", NULL);
	if (!rc)
		rc = wb_conn_syntax(c->driver, c, WB_SV("CREATE TABLE x (a)"), &n, NULL);
	if (!rc)
		rc = wb_exec(c, "BEGIN IMMEDIATE", NULL);
	if (!rc)
		rc = wb_query_named(c, WB_SQL_SERVER_TIME, NULL, 0, NULL, NULL, NULL, NULL);
	if (!rc)
		rc = wb_conn_check(c, NULL);
	if (c && !c->lost) {
		int after = wb_conn_rollback(c, NULL);

		rc = rc ? rc : after;
		after = wb_conn_after_migration(c, NULL);
		rc = rc ? rc : after;
	}
	if (!rc)
		rc = wb_driver_journal_sql(c->driver, NULL, &script, NULL);
	wb_conn_close(c);
	return rc;
}

/* Old breaches with and without rowid, so that the comparison has work. */
static void prepare_file(struct place *p)
{
	struct wb_conn *c = open_again(p, NULL);

	exec(c, "CREATE TABLE p (id INTEGER PRIMARY KEY);CREATE TABLE t (a REFERENCES p (id));INSERT INTO t VALUES "
		"(1), (2);"
		"CREATE TABLE w (k PRIMARY KEY, a REFERENCES p (id)) WITHOUT ROWID;INSERT INTO w VALUES (1, 1);"
		"CREATE TABLE loose (x);CREATE TABLE bad (a REFERENCES loose (x))");
	wb_conn_close(c);
}

static void test_ours(void **state)
{
	struct place *p = *state;

	prepare_file(p);
	assert_true(wb_oom_run(live, p) > 10);
}

static int create_and_drop(void *user)
{
	struct place *p = user;
	bool did;
	int rc = wb_sqlite_driver()->create_db(&p->o, &did, NULL);

	if (!rc)
		rc = wb_sqlite_driver()->drop_db(&p->o, &did, NULL);
	return rc;
}

static void test_admin_ours(void **state)
{
	assert_true(wb_oom_run(create_and_drop, *state) > 5);
}

/* ---- sqlite3's allocator ----------------------------------------------------- */

static sqlite3_mem_methods real;
static long countdown; /* 0: never fails */

static bool fails(void)
{
	return countdown > 0 && --countdown == 0;
}

static void *failing_malloc(int n)
{
	return fails() ? NULL : real.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
	return fails() ? NULL : real.xRealloc(p, n);
}

static void replace_allocator(bool replace)
{
	sqlite3_mem_methods m;

	assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
	if (replace) {
		assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
		m = real;
		m.xMalloc = failing_malloc;
		m.xRealloc = failing_realloc;
	}
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, replace ? &m : &real), SQLITE_OK);
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, replace ? 0 : 1200, replace ? 0 : 40), SQLITE_OK);
	assert_int_equal(sqlite3_initialize(), SQLITE_OK);
}

/* Each allocation of a life fails once; often sqlite3 gets by without it. */
static void test_theirs(void **state)
{
	struct place *p = *state;
	long n, failures = 0;
	int rc;

	prepare_file(p);
	replace_allocator(true);
	for (n = 1;; n++) {
		countdown = n;
		rc = live(p);
		if (countdown > 0)
			break; /* it never came to the n-th */
		failures += rc != 0;
		if (rc && rc != WB_ENOMEM)
			print_error("allocation %ld: %s\n", n, wb_code_name(rc));
		assert_true(rc == 0 || rc == WB_ENOMEM);
	}
	countdown = 0;
	assert_int_equal(rc, 0);
	assert_true(failures > 100);
	assert_ok(live(p), &p->err);
	replace_allocator(false);
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_ours),
		TEST(test_admin_ours),
		TEST(test_theirs),
	};

	return RUN_GROUP("memory");
}
