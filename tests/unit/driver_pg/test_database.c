/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include "tests/unit/driver_pg/server.h"

static int create(struct db *db, const char *url, bool *ret_created, struct wb_error *err)
{
	struct wb_open_options o = db_options(db, url);
	return wb_postgres_driver()->create_db(&o, ret_created, err);
}

static int drop(struct db *db, const char *url, bool *ret_dropped, struct wb_error *err)
{
	struct wb_open_options o = db_options(db, url);
	return wb_postgres_driver()->drop_db(&o, ret_dropped, err);
}

static void test_both(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	bool yes = false;
	char *url = wb_arena_printf(&db->arena, "postgres://postgres@/odd%%20%%22name%%22?host=%s", server_socket());
	assert_ok(create(db, url, &yes, &err), &err);
	assert_true(yes);
	assert_sql(db->c, "SELECT count(*) FROM pg_database WHERE datname = 'odd \"name\"'", "1");
	assert_ok(create(db, url, &yes, &err), &err);
	assert_false(yes);
	struct wb_conn *c = NULL;
	assert_ok(db_try_connect(db, url, &c, &err), &err);
	assert_int_equal(drop(db, url, &yes, &err), WB_EBUSY);
	assert_non_null(strstr(err.detail, "postgres, whimbrel/"));
	assert_non_null(strstr(err.message, "was not dropped"));
	wb_conn_close(c);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'odd%'", "0");
	assert_ok(drop(db, url, &yes, &err), &err);
	assert_true(yes);
	assert_ok(drop(db, url, &yes, &err), &err);
	assert_false(yes);
	assert_sql(db->c, "SELECT count(*) FROM pg_database WHERE datname LIKE 'odd%'", "0");
}

static void test_refused(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	bool yes = false;
	const char *dir = server_socket();
	assert_int_equal(
		drop(db, wb_arena_printf(&db->arena, "host=%s user=postgres dbname=template1", dir), &yes, &err),
		WB_EREFUSED);
	/* Without a name it is the user's. */
	assert_int_equal(drop(db, wb_arena_printf(&db->arena, "host=%s user=postgres", dir), &yes, &err), WB_EREFUSED);
	sql_ok(db->c, "CREATE ROLE plain LOGIN");
	const char *plain = wb_arena_printf(&db->arena, "host=%s user=plain dbname=theirs", dir);
	assert_int_equal(create(db, plain, &yes, &err), WB_EPRIVILEGE);
	assert_non_null(strstr(err.hint, "CREATEDB"));
	assert_int_equal(
		drop(db, wb_arena_printf(&db->arena, "host=%s user=plain dbname=%s", dir, db->name), &yes, &err),
		WB_EPRIVILEGE);
	sql_ok(db->c, "DROP ROLE plain");
	assert_int_equal(create(db, "host=/nowhere dbname=x user=x", &yes, &err), WB_ECONN);
	struct wb_url url = { .text = "postgres://h/x?nonsense=1", .safe = "postgres://h/x", .scheme = "postgres" };
	struct wb_open_options o = { .url = &url };
	assert_int_equal(wb_postgres_driver()->create_db(&o, &yes, &err), WB_EUSAGE);
}

/* template1 is copied, and nobody may be in it: tried again for a while. */
static void test_template_in_use(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	bool yes = false;
	const char *url = wb_arena_printf(&db->arena, "host=%s user=postgres dbname=copied", server_socket());
	struct wb_conn *c = NULL;
	assert_ok(db_try_connect(db,
				 wb_arena_printf(&db->arena, "host=%s user=postgres dbname=template1", server_socket()),
				 &c, &err),
		  &err);
	pid_t child = start_child(
		db,
		(const char *[]){
			"SELECT pg_sleep(0.5)",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'template1'" },
		2);
	assert_ok(create(db, url, &yes, &err), &err);
	assert_true(yes);
	wb_conn_close(c);
	end_child(child);
	assert_ok(drop(db, url, &yes, &err), &err);
	/* No maintenance database postgres: template1 serves. */
	wait_sql(db->c,
		 "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres' AND backend_type = 'client backend'",
		 "0");
	sql_ok(db->c, "ALTER DATABASE postgres RENAME TO elsewhere");
	int rc = drop(db, url, &yes, &err);
	sql_ok(db->c, "ALTER DATABASE elsewhere RENAME TO postgres");
	assert_ok(rc, &err);
	assert_false(yes);
}

int test_database(void)
{
	const struct CMUnitTest tests[] = { T(test_both), T(test_refused), T(test_template_in_use) };
	return cmocka_run_group_tests_name("driver_pg database", tests, NULL, NULL);
}
