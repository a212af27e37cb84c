/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign keys around rebuilds of tables: no row is lost, no new orphan is
 * committed, old ones do not stand in the way, and the setting always comes back.
 */
#include "tests.h"

static const struct wb_tx_options off = { .foreign_keys_off = true };

static const char family[] =
	"CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id REFERENCES parent (id) ON DELETE CASCADE);"
	"INSERT INTO parent VALUES (1, 'a'), (2, 'b');"
	"INSERT INTO child VALUES (10, 1), (11, 2)";

static const char rebuild[] = "BEGIN IMMEDIATE;CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
			      "INSERT INTO parent_new SELECT * FROM parent;DROP TABLE parent;"
			      "ALTER TABLE parent_new RENAME TO parent";

static void before(struct place *p)
{
	assert_ok(wb_conn_before_migration(p->c, &off, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "0");
}

static void after(struct place *p)
{
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "1");
}

static int set_up_family(void **state)
{
	struct place *p;

	if (set_up_conn(state))
		return -1;
	p = *state;
	/* As a setting of the session, not of a migration. */
	wb_conn_close(p->c);
	sqlite3_open(p->path, (sqlite3 **)&p->o.handle);
	sqlite3_exec(p->o.handle, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	p->c = open_again(p, NULL);
	exec(p->c, family);
	return 0;
}

static int tear_down_family(void **state)
{
	struct place *p = *state;

	wb_conn_close(wb_steal(&p->c));
	(void)sqlite3_close(p->o.handle);
	return tear_down(state);
}

/* What happens without the protocol: the children are gone. */
static void test_trap(void **state)
{
	struct place *p = *state;

	exec(p->c, rebuild);
	exec(p->c, "COMMIT");
	assert_value(p->c, "SELECT count(*) FROM child", "0");
}

static void test_rebuild(void **state)
{
	struct place *p = *state;

	before(p);
	exec(p->c, rebuild);
	assert_ok(wb_conn_check(p->c, &p->err), &p->err);
	exec(p->c, "COMMIT");
	after(p);
	assert_value(p->c, "SELECT count(*) FROM child", "2");
	assert_value(p->c, "SELECT count(*) FROM pragma_foreign_key_check", "0");
}

static void test_orphans(void **state)
{
	struct place *p = *state;

	before(p);
	exec(p->c, rebuild);
	exec(p->c, "DELETE FROM parent WHERE id = 2");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_string_equal(p->err.message,
			    "the migration breaks a foreign key: 1 row of child has no parent in parent");
	assert_string_equal(p->err.detail, "child (parent_id) = 2");
	assert_true(p->err.hint[0]);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	after(p);
	assert_value(p->c, "SELECT count(*) FROM parent", "2");
}

static void break_before(struct place *p, const char *sql)
{
	exec(p->c, "PRAGMA foreign_keys = OFF");
	exec(p->c, sql);
	exec(p->c, "PRAGMA foreign_keys = ON");
}

/* Rows that were broken before do not count, even when the rebuild gives them new numbers. */
static void test_old_breaches(void **state)
{
	struct place *p = *state;

	break_before(
		p,
		"CREATE TABLE old (a, parent_id REFERENCES parent (id));"
		"INSERT INTO old VALUES ('gone', 1), ('x', 77), ('y', 77), ('z', 78);DELETE FROM old WHERE a = 'gone'");
	before(p);
	exec(p->c,
	     "BEGIN IMMEDIATE;CREATE TABLE old_new (b, a, parent_id REFERENCES parent (id), z REFERENCES parent (id));"
	     "INSERT INTO old_new (a, parent_id) SELECT a, parent_id FROM old ORDER BY a DESC;DROP TABLE old;"
	     "ALTER TABLE old_new RENAME TO old");
	assert_ok(wb_conn_check(p->c, &p->err), &p->err);
	/* One more of the same kind is new. */
	exec(p->c, "INSERT INTO old (parent_id) VALUES (77), (77)");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_non_null(strstr(p->err.message, "2 rows of old have no parent"));
	assert_non_null(strstr(p->err.detail, "77"));
	exec(p->c, "DELETE FROM old WHERE a IS NULL;DELETE FROM old WHERE a = 'z'");
	assert_ok(wb_conn_check(p->c, &p->err), &p->err); /* fewer is fine */
	exec(p->c, "COMMIT");
	after(p);
}

static void test_without_rowid(void **state)
{
	struct place *p = *state;

	break_before(p, "CREATE TABLE w (k TEXT PRIMARY KEY, p REFERENCES parent (id)) WITHOUT ROWID;"
			"INSERT INTO w VALUES ('a', 50), ('b', 51)");
	before(p);
	exec(p->c, "BEGIN IMMEDIATE;UPDATE w SET k = k || k");
	assert_ok(wb_conn_check(p->c, &p->err), &p->err);
	exec(p->c, "INSERT INTO w VALUES ('c', 52)");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_string_equal(p->err.detail, "w (p)");
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	after(p);
}

static void test_several_columns(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TABLE two (a, b, PRIMARY KEY (a, b));CREATE TABLE \"odd \"\"name\" (x, \"y z\", p "
		   "REFERENCES parent (id), "
		   "FOREIGN KEY (x, \"y z\") REFERENCES two (a, b))");
	before(p);
	exec(p->c, "BEGIN IMMEDIATE;INSERT INTO \"odd \"\"name\" VALUES (1, 'q', 99)");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	exec(p->c, "UPDATE \"odd \"\"name\" SET p = NULL");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_string_equal(p->err.detail, "odd \"name (x, y z) = 1, 'q'");
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	after(p);
}

/* A key that names no unique columns makes foreign_key_check itself fail. */
static void test_broken_key(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TABLE loose (a);CREATE TABLE bad (b REFERENCES loose (a))");
	before(p);
	exec(p->c, "BEGIN IMMEDIATE;CREATE TABLE x (y)");
	assert_ok(wb_conn_check(p->c, &p->err), &p->err); /* it was so before */
	exec(p->c, "CREATE TABLE bad2 (b REFERENCES loose (a))");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_non_null(strstr(p->err.message, "bad2"));
	assert_non_null(strstr(p->err.detail, "mismatch"));
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	after(p);
}

static void test_parent_dropped(void **state)
{
	struct place *p = *state;

	before(p);
	exec(p->c, "BEGIN IMMEDIATE;DROP TABLE parent");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	after(p);
}

static void test_not_asked(void **state)
{
	struct place *p = *state;

	assert_ok(wb_conn_before_migration(p->c, NULL, &p->err), &p->err);
	assert_ok(wb_conn_before_migration(p->c, &(struct wb_tx_options){ 0 }, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "1");
	assert_ok(wb_conn_check(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	exec(p->c, "BEGIN");
	assert_int_equal(wb_conn_before_migration(p->c, &off, &p->err), WB_EBUG);
	exec(p->c, "COMMIT");
}

/* The migration's own switching does not get in the way. */
static void test_own_pragmas(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q;

	before(p);
	exec(p->c, "PRAGMA foreign_keys = OFF;PRAGMA legacy_alter_table = ON");
	exec(p->c, rebuild);
	assert_int_equal(wb_conn_restore(p->c, &a, &q, 1), 1);
	assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "0"); /* not before its time */
	assert_value(p->c, "PRAGMA legacy_alter_table", "0");
	exec(p->c, "COMMIT");
	assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "0");
	after(p);
	assert_value(p->c, "SELECT count(*) FROM child", "2");
}

/* Enforcement that was off stays off, and the check is made all the same. */
static void test_off_before(void **state)
{
	struct place *p = *state;

	exec(p->c, family);
	before(p);
	exec(p->c, "BEGIN IMMEDIATE;DELETE FROM parent WHERE id = 1");
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ESQL);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_value(p->c, "PRAGMA foreign_keys", "0");
}

static int stop(void *user)
{
	(void)user;
	return WB_ECANCELLED;
}

/* The check reads all rows, and can be stopped; the setting comes back even while everything is to stop. */
static void test_stopped(void **state)
{
	struct place *p = *state;

	exec(p->c, "INSERT INTO child SELECT NULL, 1 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		   "FROM n LIMIT 50000)"
		   " SELECT i FROM n)");
	before(p);
	exec(p->c, "BEGIN IMMEDIATE;CREATE TABLE x (y)");
	p->c->tick = stop;
	assert_int_equal(wb_conn_check(p->c, &p->err), WB_ECANCELLED);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_int_equal(wb_conn_before_migration(p->c, &off, &p->err), WB_ECANCELLED);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	p->c->tick = NULL;
	assert_value(p->c, "PRAGMA foreign_keys", "1");
}

#define TEST_FAMILY(name) cmocka_unit_test_setup_teardown(name, set_up_family, tear_down_family)

int test_foreign(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_FAMILY(test_trap),         TEST_FAMILY(test_rebuild),        TEST_FAMILY(test_orphans),
		TEST_FAMILY(test_old_breaches), TEST_FAMILY(test_without_rowid),  TEST_FAMILY(test_several_columns),
		TEST_FAMILY(test_broken_key),   TEST_FAMILY(test_parent_dropped), TEST_FAMILY(test_not_asked),
		TEST_FAMILY(test_own_pragmas),  TEST_CONN(test_off_before),       TEST_FAMILY(test_stopped),
	};

	return RUN_GROUP("foreign keys");
}
