/* SPDX-License-Identifier: Apache-2.0
 *
 * Dump, scratch database and swap where something fails: programs that say
 * what they should not, roles that may not, memory that runs out at every
 * allocation, and libpq at every call. Programs of our own stand for pg_dump
 * and pg_restore; what those really do is in tests/backup.
 */
#include "tests/unit/driver_pg/tests.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/postgres/dump.h"
#include "tests/unit/driver_pg/server.h"
#include "tests/unit/oom.h"

/* ---- programs --------------------------------------------------------------------- */

struct kit {
	struct db *db;
	char tools[48], file[64]; /* the folder of the programs; what a dump is written to */
	struct wb_copying copying;
	struct wb_open_options real;
	struct wb_scratch_options scratch;
	int tables, attempts;
	char id[32];
};

static void put(const struct kit *k, const char *name, const char *text)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/%s", k->tools, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f) | chmod(path, 0700), 0);
}

#define DUMP_HEAD "#!/bin/sh\ncase \"$*\" in *--version*) echo 'pg_dump (PostgreSQL) 99.1'; exit;; esac\n"
#define DUMP DUMP_HEAD "echo 'pg_dump: dumping contents of table \"public.t\"' >&2; echo contents\n"
#define RESTORE_HEAD \
	"#!/bin/sh\ncase \"$*\" in *--version*) echo 'pg_restore (PostgreSQL) 99.1'; exit;;\n" \
	"*--use-list*) cat \"${0%/*}/database.sql\"; exit;;\n" \
	"*--list*) echo '; a comment'; echo '1; 2 3 DATABASE - app owner'; exit;; esac\n"
#define RESTORE RESTORE_HEAD "echo 'pg_restore: connecting to database' >&2; exec cat >/dev/null\n"
#define DATABASE \
	"\\connect x\nSET a = b;\nCREATE DATABASE app WITH TEMPLATE = template0;\n" \
	"COMMENT ON DATABASE app IS 'restored';\n"

static void set_up(struct kit *k, struct db *db)
{
	*k = (struct kit){ .db = db, .tools = "/tmp/whimbrel-tools-XXXXXX" };
	assert_non_null(mkdtemp(k->tools));
	snprintf(k->file, sizeof(k->file), "%s/file", k->tools);
	put(k, "file", "contents\n");
	put(k, "pg_dump", DUMP);
	put(k, "pg_restore", RESTORE);
	put(k, "database.sql", DATABASE);
	k->copying = (struct wb_copying){ .tools = k->tools };
	k->real = db_options(db, db_url(db, NULL, DIRECT));
	k->scratch = (struct wb_scratch_options){
		.real = &k->real, .path = k->file, .id = "11111111-2222", .copying = &k->copying
	};
	sql_ok(db->c, "CREATE TABLE t (a int)");
	sql_ok(db->c, "INSERT INTO t VALUES (1), (2)");
}

static void tear_down(struct kit *k)
{
	static const char *const names[] = { "pg_dump", "pg_restore", "database.sql", "file" };
	char path[96];
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", k->tools, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(k->tools);
}

#define SCRATCH_COUNT "SELECT count(*) FROM pg_database WHERE datname LIKE 'whimbrel_restore_%'"

static int open_scratch(struct kit *k, struct wb_scratch **ret_scratch, struct wb_error *err)
{
	*ret_scratch = NULL;
	*err = (struct wb_error){ 0 };
	return wb_scratch_open(wb_postgres_driver(), &k->scratch, ret_scratch, err);
}

static void assert_no_scratch(struct kit *k, int code, const char *part)
{
	struct wb_scratch *s;
	struct wb_error err;
	int rc = open_scratch(k, &s, &err);
	if (rc != code || !strstr(err.message, part))
		fail_msg("%s: %s (%s) instead of %s: %s", wb_code_name(rc), err.message, err.detail, wb_code_name(code),
			 part);
	assert_null(s);
	assert_sql(k->db->c, SCRATCH_COUNT, "0");
}

/* ---- the programs themselves --------------------------------------------------------- */

static void test_find(void **state)
{
	struct kit k;
	struct wb_pg_tool tool;
	struct wb_error err = { 0 };
	struct wb_arena *a;
	set_up(&k, *state);
	a = &k.db->arena;
	assert_ok(wb_pg_tool_find(k.tools, "pg_dump", 15, a, &tool, &err), &err);
	assert_string_equal(tool.version, "99.1");
	assert_int_equal(tool.major, 99);
	put(&k, "pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n");
	assert_int_equal(wb_pg_tool_find(k.tools, "pg_dump", 15, a, &tool, &err), WB_EUNSUPPORTED);
	assert_non_null(strstr(err.message, "pg_dump 9.6.24 is too old for a server of version 15"));
	/* What says nothing of the kind is no such program. */
	static const char *const strangers[] = { "echo nothing", "echo 'pg_dump (PostgreSQL) devel'", "exit 1" };
	for (size_t i = 0; i < WB_ARRAY_LEN(strangers); i++) {
		char text[96];
		snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", strangers[i]);
		put(&k, "pg_dump", text);
		assert_int_equal(wb_pg_tool_find(k.tools, "pg_dump", 0, a, &tool, &err), WB_EUNSUPPORTED);
		assert_non_null(strstr(err.message, "is not there"));
		assert_non_null(strstr(err.detail, k.tools));
	}
	/* In the usual places: the newest for a list, a newer one for a server whose own is not there. */
	assert_ok(wb_pg_tool_find(NULL, "pg_restore", 0, a, &tool, &err), &err);
	int newest = tool.major;
	assert_ok(wb_pg_tool_find(NULL, "pg_restore", newest - 1, a, &tool, &err), &err);
	assert_true(tool.major >= newest - 1);
	assert_int_equal(wb_pg_tool_find(NULL, "pg_restore", 90, a, &tool, &err), WB_EUNSUPPORTED);
	assert_int_equal(wb_pg_tool_find(NULL, "pg_nothing", 0, a, &tool, &err), WB_EUNSUPPORTED);
	tear_down(&k);
}

static void test_connect_tool(void **state)
{
	struct db *db = *state;
	struct wb_pg_tool tool = { .name = "pg_dump" };
	struct wb_error err = { 0 };
	struct wb_open_options o = db_options(
		db, "postgres://ada:se%27same@host:5/app?application_name=x&client_encoding=latin1&sslkey=it%27s");
	o.connect_timeout_ms = 3000;
	assert_ok(wb_pg_tool_connect(&tool, &o, NULL, "whimbrel backup", &db->arena, &err), &err);
	assert_non_null(strstr(tool.connection, "user='ada'"));
	assert_non_null(strstr(tool.connection, "dbname='app'"));
	assert_non_null(strstr(tool.connection, "sslkey='it\\'s'"));
	assert_null(strstr(tool.connection, "same"));
	assert_null(strstr(tool.connection, "application_name"));
	assert_null(strstr(tool.connection, "latin1"));
	assert_string_equal(tool.env[0], "PGPASSWORD=se'same");
	assert_string_equal(tool.env[1], "PGAPPNAME=whimbrel backup");
	assert_string_equal(tool.env[2], "PGCONNECT_TIMEOUT=3");
	assert_ok(wb_pg_tool_connect(&tool, &o, "other", "x", &db->arena, &err), &err);
	assert_non_null(strstr(tool.connection, "dbname='other'"));
	assert_null(strstr(tool.connection, "dbname='app'"));
	o = db_options(db, "postgres://host/app?sslpassword=sesame");
	assert_int_equal(wb_pg_tool_connect(&tool, &o, NULL, "x", &db->arena, &err), WB_EUNSUPPORTED);
	assert_non_null(strstr(err.message, "sslpassword"));
	assert_null(strstr(err.message, "=sesame"));
	struct wb_url broken = { .text = "postgres://h/x?nonsense=1", .safe = "safe", .scheme = "postgres" };
	o = (struct wb_open_options){ .url = &broken };
	assert_int_equal(wb_pg_tool_connect(&tool, &o, NULL, "x", &db->arena, &err), WB_EUSAGE);
}

/* What a dump's failure means is read from what pg_dump says. */
static void test_complaints(void **state)
{
	struct kit k;
	static const struct {
		const char *line;
		int code;
	} cases[] = {
		{ "pg_dump: error: could not write: No space left on device", WB_EDISKFULL },
		{ "pg_dump: error: canceling statement due to lock timeout", WB_EBUSY },
		{ "pg_dump: error: server closed the connection unexpectedly", WB_ECONN },
		{ "pg_dump: error: aborting because of server version mismatch", WB_EUNSUPPORTED },
		{ "pg_dump: error: permission denied for table t", WB_EPRIVILEGE },
		{ "pg_dump: error: something else", WB_ESQL },
	};
	set_up(&k, *state);
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		char text[400];
		struct wb_dump d = { .path = k.file, .copying = &k.copying };
		struct wb_error err = { 0 };
		snprintf(text, sizeof(text), DUMP_HEAD "echo 'pg_dump: reading schemas' >&2\necho '%s' >&2\nexit 1\n",
			 cases[i].line);
		put(&k, "pg_dump", text);
		d.fd = open(k.file, O_WRONLY | O_TRUNC);
		assert_true(d.fd >= 0);
		assert_int_equal(wb_conn_dump(k.db->c, &d, &err), cases[i].code);
		assert_int_equal(close(d.fd), 0);
		assert_non_null(strstr(err.detail, cases[i].line + strlen("pg_dump: error: ")));
		assert_null(strstr(err.detail, "reading schemas"));
		assert_int_equal(!*err.hint, cases[i].code == WB_ESQL);
	}
	tear_down(&k);
}

static void test_check(void **state)
{
	struct kit k;
	struct wb_error err = { 0 };
	set_up(&k, *state);
	struct wb_dump d = { .path = k.file, .copying = &k.copying };
	assert_ok(wb_postgres_driver()->dump_check(&d, &err), &err);
	put(&k, "pg_restore", RESTORE_HEAD);
	d.path = "/nowhere/file";
	assert_int_equal(wb_postgres_driver()->dump_check(&d, &err), WB_EIO);
	d.path = k.file;
	d.copying = NULL; /* the real one, which does not take this file for a dump */
	assert_int_equal(wb_postgres_driver()->dump_check(&d, &err), WB_EINPUT);
	assert_non_null(strstr(err.message, "is no whole dump"));
	tear_down(&k);
}

/* ---- the scratch database ---------------------------------------------------------------- */

static void test_scratch(void **state)
{
	struct kit k;
	struct wb_scratch *s, *other;
	struct wb_error err = { 0 };
	set_up(&k, *state);
	sql_ok(k.db->c, "CREATE DATABASE whimbrel_restore_of_a_killed_run");
	assert_ok(open_scratch(&k, &s, &err), &err);
	assert_sql(k.db->c, SCRATCH_COUNT, "1");
	assert_sql(k.db->c,
		   "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
		   "'whimbrel_restore_11111111_2222'",
		   "restored");
	assert_string_equal(s->url.database, "whimbrel_restore_11111111_2222");
	/* Of the same name there is one that lives. */
	assert_int_equal(open_scratch(&k, &other, &err), WB_EBUSY);
	wb_postgres_driver()->scratch_close(s);
	assert_sql(k.db->c, SCRATCH_COUNT, "0");
	tear_down(&k);
}

static void test_scratch_refused(void **state)
{
	struct kit k;
	set_up(&k, *state);
	put(&k, "database.sql", "SET a = b;\nSELECT 1;\nCREATE TABLE no (x int);\n");
	assert_no_scratch(&k, WB_EINPUT, "does not say what database it is of");
	put(&k, "database.sql", "CREATE DATABASE app WITH ENCODING = 'none of these';\n");
	assert_no_scratch(&k, WB_ESQL, "none of these");
	put(&k, "database.sql", DATABASE "COMMENT ON DATABASE app IS;\n");
	assert_no_scratch(&k, WB_ESQL, "syntax");
	put(&k, "database.sql", DATABASE);
	put(&k, "pg_restore",
	    RESTORE_HEAD "cat >/dev/null; echo 'pg_restore: error: role \"ada\" does not exist' >&2; exit 1\n");
	assert_no_scratch(&k, WB_EPRIVILEGE, "pg_restore");
	put(&k, "pg_restore",
	    "#!/bin/sh\ncase \"$*\" in *--version*) echo 'pg_restore (PostgreSQL) 99.1'; exit;; esac\n"
	    "echo 'pg_restore: error: unsupported version (1.99) in file header' >&2; exit 1\n");
	assert_no_scratch(&k, WB_EUNSUPPORTED, "pg_restore");
	k.copying.tools = "/nowhere";
	assert_no_scratch(&k, WB_EUNSUPPORTED, "is not there");
	k.copying.tools = k.tools;
	k.scratch.path = "/nowhere/file";
	assert_no_scratch(&k, WB_EIO, "/nowhere/file");
	k.scratch.path = k.file;
	put(&k, "pg_restore", RESTORE);
	sql_ok(k.db->c, "CREATE ROLE plain LOGIN");
	k.real = db_options(k.db, db_url(k.db, "plain", DIRECT));
	assert_no_scratch(&k, WB_EPRIVILEGE, "permission");
	sql_ok(k.db->c, "DROP ROLE plain");
	tear_down(&k);
}

/* ---- in its place --------------------------------------------------------------------------- */

#define KEPT_COUNT "SELECT count(*) FROM pg_database WHERE datname LIKE '%_before_restore_%'"

/* A connection that does not end with the database. */
static struct wb_conn *beside(struct kit *k)
{
	const char *text = wb_arena_printf(&k->db->arena, "host=%s user=postgres dbname=postgres", server_socket());
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	assert_ok(db_try_connect(k->db, text, &c, &err), &err);
	return c;
}

static void test_swap(void **state)
{
	struct kit k;
	struct wb_scratch *s;
	struct wb_error err = { 0 };
	const char *kept = NULL;
	set_up(&k, *state);
	const struct wb_driver *d = wb_postgres_driver();
	struct wb_conn *c = beside(&k);
	assert_ok(open_scratch(&k, &s, &err), &err);
	assert_ok(d->scratch_swap(s, k.db->c, &k.db->arena, &kept, &err), &err);
	d->scratch_close(s);
	assert_true(k.db->c->lost);
	char sql[200];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_database WHERE datname IN ('%s', '%s')", k.db->name, kept);
	assert_sql(c, sql, "2");
	/* The second is not kept; what cannot be dropped after it is told. */
	assert_ok(open_scratch(&k, &s, &err), &err);
	assert_ok(d->scratch_swap(s, NULL, &k.db->arena, NULL, &err), &err);
	d->scratch_close(s);
	assert_sql(c, KEPT_COUNT, "1");
	/* Where there is none, it is the first of its name. */
	snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", k.db->name);
	sql_ok(c, sql);
	assert_ok(open_scratch(&k, &s, &err), &err);
	kept = NULL;
	assert_ok(d->scratch_swap(s, NULL, &k.db->arena, &kept, &err), &err);
	d->scratch_close(s);
	assert_null(kept);
	assert_sql(c, SCRATCH_COUNT, "0");
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_database WHERE datname = '%s'", k.db->name);
	assert_sql(c, sql, "1");
	wb_conn_close(c);
	tear_down(&k);
}

/* A role that may create databases, of which the old one is not. */
static void test_swap_refused(void **state)
{
	struct kit k;
	struct wb_scratch *s;
	struct wb_error err = { 0 };
	const char *kept = NULL;
	set_up(&k, *state);
	const struct wb_driver *d = wb_postgres_driver();
	sql_ok(k.db->c, "CREATE ROLE maker LOGIN CREATEDB");
	k.real = db_options(k.db, db_url(k.db, "maker", DIRECT));
	assert_ok(open_scratch(&k, &s, &err), &err);
	assert_int_equal(d->scratch_swap(s, NULL, &k.db->arena, &kept, &err), WB_EPRIVILEGE);
	assert_non_null(strstr(err.hint, "must own the database"));
	assert_null(kept);
	d->scratch_close(s);
	assert_sql(k.db->c, SCRATCH_COUNT, "0");
	assert_sql(k.db->c, "SELECT count(*) FROM t", "2");
	sql_ok(k.db->c, "DROP ROLE maker");
	tear_down(&k);
}

/* ---- everything fails once ------------------------------------------------------------------- */

static int take_table(void *user, const char *table, int64_t rows, const char *checksum, struct wb_error *err)
{
	struct kit *k = user;
	(void)err;
	assert_true(table && checksum);
	k->tables += rows == 2;
	return 0;
}

static int dump(void *user)
{
	struct kit *k = user;
	struct wb_dump d = { .path = k->file, .copying = &k->copying, .keep_snapshot = true };
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 }, ignored;
	d.fd = open(k->file, O_WRONLY | O_TRUNC);
	assert_true(d.fd >= 0);
	k->tables = 0;
	int rc = wb_conn_open(wb_postgres_driver(), &k->real, &c, &err);
	if (rc == 0)
		rc = wb_conn_dump(c, &d, &err);
	if (rc == 0)
		rc = wb_conn_fingerprint(c, take_table, k, &err);
	if (rc == 0)
		rc = wb_conn_rollback(c, &err);
	if (rc == 0)
		rc = wb_conn_fingerprint(c, take_table, k, &err); /* with a transaction of its own */
	if (rc == 0)
		rc = wb_postgres_driver()->dump_check(&d, &err);
	if (rc == 0) {
		assert_int_equal(d.size, strlen("contents\n"));
		assert_int_equal(k->tables, 2);
	} else if (c && !c->lost) {
		(void)!wb_conn_rollback(c, &ignored);
	}
	wb_conn_close(c);
	assert_int_equal(close(d.fd), 0);
	return rc;
}

/* Each attempt with a name of its own: the session of one that failed may not have ended yet. */
static void next_attempt(struct kit *k)
{
	(void)snprintf(k->id, sizeof(k->id), "11111111-%d", ++k->attempts);
	k->scratch.id = k->id;
}

static int build(void *user)
{
	struct kit *k = user;
	next_attempt(k);
	struct wb_scratch *s = NULL;
	struct wb_error err = { 0 };
	int rc = open_scratch(k, &s, &err);
	if (rc == 0)
		wb_postgres_driver()->scratch_close(s);
	return rc;
}

/* As far as one can get without a database being made, which takes long. */
static int build_nothing(void *user)
{
	int rc = build(user);
	return rc == WB_EINPUT ? 0 : rc;
}

/* The old database is there, or the new one, under its name. */
static int swap(void *user)
{
	struct kit *k = user;
	struct wb_scratch *s = NULL;
	struct wb_error err = { 0 };
	wb_autoarena a = WB_ARENA_INIT;
	bool there = false;
	next_attempt(k);
	int rc = open_scratch(k, &s, &err);
	if (rc == 0)
		rc = wb_postgres_driver()->scratch_swap(s, NULL, &a, NULL, &err);
	if (s)
		wb_postgres_driver()->scratch_close(s);
	if (rc == 0) {
		rc = wb_pg_exists_db(&k->real, &there, &err);
		assert_int_equal(rc == 0, there);
	}
	return rc;
}

/* Whatever was left is removed by the next one. */
static void assert_swept(struct kit *k)
{
	struct wb_conn *c = beside(k);
	wait_sql(c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0");
	assert_int_equal(build(k), 0);
	assert_sql(c, SCRATCH_COUNT, "0");
	wb_conn_close(c);
}

static void test_memory(void **state)
{
	struct kit k;
	set_up(&k, *state);
	assert_true(wb_oom_run_every(2, dump, &k) > 20);
	put(&k, "database.sql", "SET a = b;\n");
	assert_true(wb_oom_run(build_nothing, &k) > 20);
	put(&k, "database.sql", DATABASE);
	assert_true(wb_oom_run_every(5, swap, &k) > 10);
	assert_swept(&k);
	tear_down(&k);
}

static void fail_in_turn(struct kit *k, int (*act)(void *))
{
	for (int at = 1;; at++) {
		strike_begin("PQsendQueryParams", at);
		int rc = act(k);
		bool struck = strike_end();
		if (rc != 0 && rc != WB_ECONN)
			fail_msg("call %d gives %s", at, wb_code_name(rc));
		if (struck)
			continue;
		assert_int_equal(rc, 0);
		assert_true(at > 5);
		return;
	}
}

static void test_libpq(void **state)
{
	struct kit k;
	set_up(&k, *state);
	fail_in_turn(&k, dump);
	fail_in_turn(&k, build);
	fail_in_turn(&k, swap);
	assert_swept(&k);
	tear_down(&k);
}

int test_dump(void)
{
	const struct CMUnitTest tests[] = {
		T(test_find),    T(test_connect_tool),    T(test_complaints), T(test_check),
		T(test_scratch), T(test_scratch_refused), T(test_swap),       T(test_swap_refused),
		T(test_memory),  T(test_libpq),
	};
	return cmocka_run_group_tests_name("driver_pg dump", tests, NULL, NULL);
}
