/* SPDX-License-Identifier: Apache-2.0
 *
 * What a migration sets for its session is put back; what it sets in the file
 * stays.
 */
#include "tests.h"

/* Setting, value to set, where: in or out of a transaction. */
static const struct {
	const char *name, *set;
	bool outside;
} settings[] = {
	{ "foreign_keys", "ON", true },
	{ "synchronous", "OFF", true },
	{ "temp_store", "MEMORY", true },
	{ "legacy_alter_table", "ON", false },
	{ "recursive_triggers", "ON", false },
	{ "ignore_check_constraints", "ON", false },
	{ "writable_schema", "ON", false },
	{ "trusted_schema", "OFF", false },
	{ "reverse_unordered_selects", "ON", false },
	{ "read_uncommitted", "ON", false },
	{ "cache_size", "77", false },
	{ "cell_size_check", "ON", false },
	{ "journal_size_limit", "12345", false },
	{ "wal_autocheckpoint", "7", false },
	{ "analysis_limit", "99", false },
	{ "locking_mode", "EXCLUSIVE", true },
	{ "query_only", "ON", false },
};

static void ask(struct wb_conn *c, size_t i, char *buf, size_t size)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s", settings[i].name);
	(void)snprintf(buf, size, "%s", value(c, sql));
}

static void set(struct wb_conn *c, size_t i)
{
	char sql[96];
	struct wb_error err = { 0 };

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s = %s", settings[i].name, settings[i].set);
	assert_ok(try_exec(c, sql, &err), &err);
}

static void restore(struct place *p)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[4];
	int n = wb_conn_restore(p->c, &a, q, 4);

	assert_true(n >= 0);
	assert_ok(wb_run(p->c, q, (size_t)n, NULL, NULL, &p->err), &p->err);
}

static void test_outside(void **state)
{
	struct place *p = *state;
	char before[32], during[32], after[32];
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(settings); i++) {
		ask(p->c, i, before, sizeof(before));
		set(p->c, i);
		ask(p->c, i, during, sizeof(during));
		assert_string_not_equal(before, during);
		restore(p);
		ask(p->c, i, after, sizeof(after));
		assert_string_equal(before, after);
	}
}

/* Inside a transaction what can be put back is, before the journal is written; the rest follows. */
static void test_inside(void **state)
{
	struct place *p = *state;
	char before[WB_ARRAY_LEN(settings)][32], after[32];
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(settings); i++)
		ask(p->c, i, before[i], sizeof(before[i]));
	for (i = 0; i < WB_ARRAY_LEN(settings); i++)
		if (settings[i].outside)
			set(p->c, i);
	exec(p->c, "BEGIN IMMEDIATE;CREATE TABLE t (a)");
	for (i = 0; i < WB_ARRAY_LEN(settings); i++)
		if (!settings[i].outside)
			set(p->c, i);
	restore(p);
	for (i = 0; i < WB_ARRAY_LEN(settings); i++) {
		ask(p->c, i, after, sizeof(after));
		if (settings[i].outside)
			assert_string_not_equal(before[i], after);
		else
			assert_string_equal(before[i], after);
	}
	exec(p->c, "INSERT INTO t VALUES (1);COMMIT");
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	for (i = 0; i < WB_ARRAY_LEN(settings); i++) {
		ask(p->c, i, after, sizeof(after));
		assert_string_equal(before[i], after);
	}
}

/* One round trip: the statements are known before they run, and so are not what they change. */
static void test_pipelined(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[8];
	int n = wb_conn_tx_begin(p->c, &a, NULL, q, 8);

	q[n++] = (struct wb_query){ .sql = WB_SV("CREATE TABLE t (a)") };
	q[n++] = (struct wb_query){ .sql = WB_SV("PRAGMA query_only = ON") };
	n += wb_conn_restore(p->c, &a, q + n, 8 - n);
	q[n++] = (struct wb_query){ .sql = WB_SV("INSERT INTO t VALUES (1)") };
	n += wb_conn_tx_commit(p->c, q + n, 8 - n);
	assert_ok(wb_run(p->c, q, (size_t)n, NULL, NULL, &p->err), &p->err);
	assert_value(p->c, "SELECT count(*) FROM t", "1");
}

static void test_like(void **state)
{
	struct place *p = *state;

	exec(p->c, "PRAGMA case_sensitive_like = ON");
	assert_value(p->c, "SELECT 'a' LIKE 'A'", "0");
	restore(p);
	assert_value(p->c, "SELECT 'a' LIKE 'A'", "1");
}

static void test_busy_timeout(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_conn *c = open_again(p, NULL);
	struct wb_tx_options o = { .lock_timeout_ms = 100 };
	struct wb_query q;
	int64_t start;

	exec(p->c, "PRAGMA busy_timeout = 0");
	restore(p);
	exec(c, "BEGIN IMMEDIATE");
	assert_int_equal(wb_conn_tx_begin(p->c, &a, &o, &q, 1), 1);
	start = wb_now_ms();
	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_EBUSY);
	assert_in_range(wb_now_ms() - start, 90, 2000); /* our handler waits again */
	wb_conn_close(c);
}

static void test_attached(void **state)
{
	struct place *p = *state;
	char sql[256];

	(void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS \"an \"\"other\"", p->other);
	assert_ok(try_exec(p->c, sql, &p->err), &p->err);
	exec(p->c, "ATTACH ':memory:' AS two;CREATE TABLE two.t (a);BEGIN");
	restore(p); /* too early */
	assert_value(p->c, "SELECT count(*) FROM pragma_database_list", "3");
	exec(p->c, "COMMIT");
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "SELECT group_concat(name) FROM pragma_database_list", "main");
}

/* Those that an embedding application attached stay. */
static void test_attached_before(void **state)
{
	struct place *p = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ATTACH ':memory:' AS mine", NULL, NULL, NULL), SQLITE_OK);
	p->o.handle = db;
	p->c = open_again(p, NULL);
	exec(p->c, "CREATE TEMP TABLE x (a);ATTACH ':memory:' AS theirs");
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "SELECT group_concat(name) FROM pragma_database_list", "main,temp,mine");
	wb_conn_close(wb_steal(&p->c));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_stays(void **state)
{
	struct place *p = *state;

	exec(p->c,
	     "PRAGMA user_version = 7;PRAGMA application_id = 9;PRAGMA journal_mode = wal;PRAGMA foreign_keys = ON");
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "PRAGMA user_version", "7");
	assert_value(p->c, "PRAGMA application_id", "9");
	assert_value(p->c, "PRAGMA journal_mode", "wal");
	assert_value(p->c, "PRAGMA foreign_keys", "0");
}

static void test_explained(void **state)
{
	struct place *p = *state;

	exec(p->c, "EXPLAIN PRAGMA foreign_keys = ON"); /* sqlite3 sets it all the same */
	assert_value(p->c, "PRAGMA foreign_keys", "1");
	restore(p);
	assert_value(p->c, "PRAGMA foreign_keys", "0");
}

static void test_after_in_transaction(void **state)
{
	struct place *p = *state;

	exec(p->c, "PRAGMA foreign_keys = ON;BEGIN");
	assert_int_equal(wb_conn_after_migration(p->c, &p->err), WB_EBUG);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "0");
}

/* sqlite3 takes 512 for off as well: its last eight bits are none. */
static void test_spill(void **state)
{
	struct place *p = *state;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA default_cache_size = 512; CREATE TABLE t (a)", NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	p->c = open_again(p, NULL);
	assert_value(p->c, "PRAGMA cache_spill", "512");
	exec(p->c, "PRAGMA cache_spill = 700");
	restore(p);
	assert_value(p->c, "PRAGMA cache_spill", "512");
	exec(p->c, "PRAGMA cache_spill = OFF");
	restore(p);
	assert_value(p->c, "PRAGMA cache_spill", "512");
}

int test_session(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_outside),
		TEST_CONN(test_inside),
		TEST_CONN(test_pipelined),
		TEST_CONN(test_like),
		TEST_CONN(test_busy_timeout),
		TEST_CONN(test_attached),
		TEST(test_attached_before),
		TEST_CONN(test_stays),
		TEST_CONN(test_explained),
		TEST_CONN(test_after_in_transaction),
		TEST(test_spill),
	};

	return RUN_GROUP("session");
}
