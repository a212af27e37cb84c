/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry refuses drivers that would fail later, and names what they lack.
 */
#include "tests.h"

static struct wb_driver whole(void)
{
	return *wb_sqlite_driver();
}

static void refuse(const struct wb_driver *d, const char *word)
{
	struct wb_registry r = { 0 };
	struct wb_error err = { 0 };

	assert_int_equal(wb_driver_register(&r, d, &err), WB_EBUG);
	if (!strstr(err.message, word))
		print_error("\"%s\" does not name %s\n", err.message, word);
	assert_non_null(strstr(err.message, word));
	assert_int_equal(r.n, 0);
}

static void test_find(void **state)
{
	struct wb_registry r = { 0 };
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(wb_driver_register(&r, wb_sqlite_driver(), &err), &err);
	assert_ptr_equal(wb_driver_find(&r, "sqlite"), wb_sqlite_driver());
	assert_ptr_equal(wb_driver_find(&r, "SQLite3"), wb_sqlite_driver());
	assert_null(wb_driver_find(&r, "postgres"));
	assert_int_equal(wb_driver_register(&r, wb_sqlite_driver(), &err), WB_EBUG);
	assert_int_equal(r.n, 1);
}

static void test_methods(void **state)
{
	struct wb_driver d;

	(void)state;
#define X(method) \
	d = whole(); \
	d.method = NULL; \
	refuse(&d, #method);
	X(open)
	X(close)
	X(run)
	X(tx_begin)
	X(restore)
	X(tx_commit)
	X(rollback)
	X(classify)
	X(syntax)
	X(sql)
	X(probe)
	X(lock_try)
	X(lock_release)
	X(lock_list)
	X(lock_break)
	X(after_migration)
	X(before_migration)
	X(rebuild_begin)
	X(rebuild_end)
	X(drop_db)
#undef X
}

static void test_rules(void **state)
{
	static const char *const no_schemes[] = { NULL };
	struct wb_driver d;

	(void)state;
#define X(field, wrong, word) \
	d = whole(); \
	d.field = wrong; \
	refuse(&d, word);
	X(version, WB_DRIVER_VERSION + 1, "version")
	X(name, NULL, "name")
	X(schemes, NULL, "schemes")
	X(schemes, no_schemes, "schemes")
	X(conn_size, 1, "conn_size")
	X(caps, WB_CAP_TX_DDL, "lock")
	X(caps, WB_CAP_LEASE, "lock_fence")
	X(caps, WB_CAP_FILE_LOCK | WB_CAP_MONITOR, "blockers")
	X(caps, WB_CAP_FILE_LOCK | WB_CAP_TERMINATE, "terminate")
#undef X
	d = whole();
	d.create_db = NULL;
	d.drop_db = NULL;
	d.caps |= WB_CAP_CREATE_DB;
	refuse(&d, "create_db");
	d = whole();
	d.before_migration = NULL;
	d.after_migration = NULL;
	refuse(&d, "check");
}

static void test_full(void **state)
{
	static const char *const schemes[9][2] = { { "a" }, { "b" }, { "c" }, { "d" }, { "e" },
						   { "f" }, { "g" }, { "h" }, { "i" } };
	struct wb_registry r = { 0 };
	struct wb_driver d[9];
	struct wb_error err = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		d[i] = whole();
		d[i].schemes = schemes[i];
		assert_ok(wb_driver_register(&r, &d[i], &err), &err);
	}
	d[8] = whole();
	d[8].schemes = schemes[8];
	assert_int_equal(wb_driver_register(&r, &d[8], &err), WB_EBUG);
	assert_non_null(strstr(err.message, "full"));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(wb_sql_name(WB_SQL_JOURNAL_EXISTS), "journal_exists");
	assert_string_equal(wb_sql_name(WB_SQL_SERVER_TIME), "server_time");
	assert_string_equal(wb_sql_name(WB_SQL_COUNT), "");
}

int test_registry(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find), cmocka_unit_test(test_methods), cmocka_unit_test(test_rules),
		cmocka_unit_test(test_full), cmocka_unit_test(test_names),
	};

	return RUN_GROUP("registry");
}
