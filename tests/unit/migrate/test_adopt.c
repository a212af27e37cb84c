/* SPDX-License-Identifier: Apache-2.0
 *
 * Histories of other tools as nobody should have left them: rows without
 * values, marks of what failed or was undone, files that are not there. Whole
 * histories, as the tools themselves wrote them, are in tests/adopt.
 */
#include "tests.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "migrate/adopt.h"

static struct wb_adoption *adoption; /* of the last ADOPT */

static int adopt_it(struct place *p, struct wb_adopt_options o)
{
	o.size = sizeof(o);
	wb_adoption_free(adoption);
	adoption = NULL;
	side_close(p);
	p->err = (struct wb_error){ 0 };
	return wb_adopt(context_again(p), &o, &adoption, &p->err);
}
#define ADOPT(p, ...) adopt_it((p), (struct wb_adopt_options){ __VA_ARGS__ })

static int done(void **state)
{
	wb_adoption_free(adoption);
	adoption = NULL;
	return place_done(state);
}

/* ---- values that are not there ---------------------------------------------------- */

/* A table of the tool's shape with one row, in which column `none` (or every one: -1) is NULL. */
static void make_table(struct place *p, const struct wb_old_tool *tool, int none)
{
	wb_autostr text = WB_STR_INIT;
	wb_str_addf(&text, "CREATE TABLE %s (", tool->table);
	for (int k = 0; tool->columns[k].name; k++)
		wb_str_addf(&text, "%s\"%s\" %s", k ? ", " : "", tool->columns[k].name,
			    tool->integer_version && k == 0 ? "integer" : "text");
	wb_str_addf(&text, "); INSERT INTO %s VALUES (", tool->table);
	for (int k = 0; tool->columns[k].name; k++)
		wb_str_addf(&text, "%s%s", k ? ", " : "", none < 0 || none == k ? "NULL" : "1");
	wb_str_add(&text, ")");
	sql(p, text.p);
}

#define BESIDE \
	"CREATE TABLE databasechangeloglock (locked text, lockedby text); INSERT INTO databasechangeloglock VALUES " \
	"(NULL, NULL);" \
	"CREATE TABLE events (event text, change text, project text, committed_at text, committer_name text, note " \
	"text);" \
	"CREATE TABLE projects (project text, uri text); CREATE TABLE dependencies (change_id text, type text, " \
	"dependency text);" \
	"INSERT INTO events VALUES (NULL, NULL, NULL, NULL, NULL, NULL); INSERT INTO projects VALUES (NULL, NULL);" \
	"INSERT INTO dependencies VALUES (NULL, NULL, NULL)"

static void without_values(struct place *p, bool schemas)
{
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	sql(p, BESIDE);
	for (size_t i = 0; i < wb_old_tools_n; i++) {
		const struct wb_old_tool *tool = &wb_old_tools[i];
		int columns = 0;
		while (tool->columns[columns].name)
			columns++;
		for (int none = -1; tool->needs_schemas == schemas && none <= columns; none++) {
			char drop[64];
			make_table(p, tool, none);
			int rc = ADOPT(p, .from = tool->name, .dry_run = true, .accept_changed = true);
			snprintf(drop, sizeof(drop), "DROP TABLE %s", tool->table);
			sql(p, drop);
			if (rc == WB_ENOMEM || rc == WB_EBUG || rc == WB_ENOTFOUND)
				fail_msg("%s without %s: %s: %s", tool->name,
					 none < 0 ? "all" : tool->columns[none].name, wb_code_name(rc), p->err.message);
			if (none < 0 && rc != WB_EINPUT)
				fail_msg("%s: a row of nothing gives %s", tool->name, wb_code_name(rc));
		}
	}
}

static void test_without_values(void **state)
{
	without_values(*state, false);
}

static void test_without_values_on_a_server(void **state)
{
	without_values(*state, true);
}

/* ---- what the rows say ---------------------------------------------------------------- */

/* "1:applied 2:failed" of the last adoption, "=1" for those that are not of the journal. */
static const char *adopted(struct place *p)
{
	wb_str_clear(&p->text);
	for (size_t i = 0; adoption && i < adoption->n_items; i++)
		wb_str_addf(&p->text, "%s%s:%s", i ? " " : "", adoption->items[i].version, adoption->items[i].state);
	return p->text.p ? p->text.p : "";
}

#define FLYWAY \
	"CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, description TEXT, type TEXT, script " \
	"TEXT, checksum INT, installed_by TEXT, installed_on TEXT, execution_time INT, success BOOLEAN);" \
	"INSERT INTO flyway_schema_history VALUES "

static void test_flyway_rows(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	put(p, "B2__all.sql", "CREATE TABLE a (x int); CREATE TABLE b (x int);\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	sql(p, FLYWAY "(0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"x\"', NULL, 'me', NULL, 0, 1),"
		      "(1, '2', 'all', 'SQL_BASELINE', 'B2__all.sql', NULL, 'me', 'no date', 0, 1),"
		      "(2, '3', 'c', 'SQL', 'V3__c.sql', NULL, 'me', '1704164645000', 0, 1),"
		      "(3, '3', 'c', 'UNDO_SQL', 'U3__c.sql', NULL, 'me', '1704164646', 0, 1)");
	ok(p, ADOPT(p, 0));
	assert_string_equal(adopted(p), "2:applied");
	assert_string_equal(adoption->items[0].file, "B2__all.sql");
	assert_null(adoption->items[0].applied_at);
	assert_string_equal(ask(p, "SELECT action, version, count(*) FROM @migration_history WHERE version = '3' GROUP "
				   "BY 1, 2 ORDER BY 1"),
			    "down:3:1 up:3:1");
}

static void test_flyway_baseline(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	sql(p,
	    FLYWAY "(1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< >>', NULL, 'me', '2024-01-02 03:04:05', 0, 1)");
	ok(p, ADOPT(p, 0));
	assert_string_equal(adopted(p), "1:baseline");
	assert_string_equal(adoption->items[0].note, "a baseline of the tool's own");
	assert_int_equal(adoption->pending, 1);
	context_again(p);
	ok(p, UP(p));
	assert_string_equal(applied(p), "2");
}

static void test_goose_undone(void **state)
{
	struct place *p = *state;
	put(p, "00001_a.sql", "-- +goose Up\nCREATE TABLE a (x int);\n");
	put(p, "00002_b.sql", "-- +goose Up\nCREATE TABLE b (x int);\n");
	sql(p, "CREATE TABLE goose_db_version (id INTEGER, version_id INTEGER, is_applied INTEGER, tstamp TEXT);"
	       "INSERT INTO goose_db_version VALUES (1, 0, 1, '2024-01-01 00:00:00'), (2, 1, 1, '2024-01-01 00:00:01'),"
	       "(3, 2, 1, '2024-01-01 00:00:02'), (4, 2, 0, '2024-01-01 00:00:03')");
	ok(p, ADOPT(p, 0));
	assert_string_equal(adopted(p), "00001:applied");
	assert_int_equal(adoption->pending, 1);
}

#define ATLAS \
	"CREATE TABLE atlas_schema_revisions (version text, description text, type integer, applied integer, total " \
	"integer, executed_at text, execution_time integer, error text, error_stmt text, hash text, partial_hashes " \
	"text, operator_version text); INSERT INTO atlas_schema_revisions VALUES "
#define ATLAS_ROW(version, type, done, total) \
	"('" version "', 'd', " type ", " done ", " total ", '2024-01-01 00:00:00', 1, 'broken', '', '', '', '')"

static void test_atlas_rows(void **state)
{
	struct place *p = *state;
	put(p, "20240101000001_a.sql", "CREATE TABLE a (x int);\n");
	put(p, "20240101000002_b.sql", "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n");
	sql(p,
	    ATLAS ATLAS_ROW(".atlas_cloud_identifier", "2", "0", "0") "," ATLAS_ROW("20240101000001", "1", "0", "0"));
	ok(p, ADOPT(p, .dry_run = true));
	assert_string_equal(adopted(p), "20240101000001:baseline");
	sql(p, "INSERT INTO atlas_schema_revisions VALUES " ATLAS_ROW("20240101000002", "2", "0", "2"));
	ok(p, ADOPT(p, .dry_run = true));
	assert_string_equal(adopted(p), "20240101000001:baseline 20240101000002:failed");
	/* The file has another number of statements than Atlas saw in it. */
	sql(p, "UPDATE atlas_schema_revisions SET applied = 1, total = 3 WHERE version LIKE '%2'");
	assert_code(p, ADOPT(p, 0), WB_ESTATE);
	assert_has(p->err.message, "after 1 of 3 statements, but the file has 2");
	take_away(p, "20240101000002_b.sql");
	assert_code(p, ADOPT(p, 0), WB_ESTATE);
	assert_has(p->err.message, "its file is not here");
	assert_has(ask(p, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'whimbrel%'"), "0");
	put(p, "20240101000002_b.sql", "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n");
	sql(p, "UPDATE atlas_schema_revisions SET applied = 0, total = 2 WHERE version LIKE '%2'");
	ok(p, ADOPT(p, 0));
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations WHERE version LIKE '%2'"),
			    "failed:0");
	context_again(p);
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name IN ('b', 'c')"), "2");
}

static void test_single_rows(void **state)
{
	struct place *p = *state;
	put(p, "0001_a.up.sql", "CREATE TABLE a (x int);\n");
	sql(p, "CREATE TABLE schema_migrations (version integer, dirty boolean);"
	       "INSERT INTO schema_migrations VALUES (-1, 0)");
	ok(p, ADOPT(p, 0));
	assert_int_equal(adoption->n_items, 0);
	assert_int_equal(adoption->pending, 1);
	sql(p, "UPDATE schema_migrations SET version = 1, dirty = 1");
	assert_code(p, ADOPT(p, 0), WB_ESTATE);
	assert_has(p->err.hint, "migrate force");
}

static void test_liquibase_rows(void **state)
{
	struct place *p = *state;
	sql(p, "CREATE TABLE databasechangelog (id text, author text, filename text, dateexecuted text, orderexecuted "
	       "integer, exectype text, md5sum text, description text, comments text, tag text, liquibase text)");
	sql(p,
	    "INSERT INTO databasechangelog VALUES ('1', 'ada', 'f', '2024-01-01T00:00:00', 1, 'EXECUTED', NULL, 'd', "
	    "NULL, NULL, '4'), ('2', 'ada', 'f', NULL, 2, 'FAILED', NULL, 'd', NULL, NULL, '4'),"
	    "('3', 'ada', 'f', NULL, 3, 'SKIPPED', NULL, 'd', NULL, NULL, '4')");
	/* Its changelog was run as SQL from elsewhere: there is no table of locks. */
	ok(p, ADOPT(p, .dry_run = true));
	assert_string_equal(adopted(p), "1::ada:history liquibase-1::ada:baseline");
	sql(p, "CREATE TABLE databasechangeloglock (locked integer, lockedby text);"
	       "INSERT INTO databasechangeloglock VALUES (1, NULL)");
	assert_code(p, ADOPT(p, 0), WB_EBUSY);
	assert_string_equal(p->err.detail, "somebody holds it");
	sql(p, "UPDATE databasechangeloglock SET locked = 0");
	ok(p, ADOPT(p, 0));
	assert_int_equal(adoption->recorded, 1);
}

/* ---- files of its own ----------------------------------------------------------------------- */

static void put_at(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
	if (!text)
		return;
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f) | chmod(path, mode), 0);
}

static char tools[96]; /* folder of the program that stands for Alembic, and of what it prints */

static void say(const char *command, const char *text)
{
	put_at(tools, command, text, 0600);
}

static void set_up_alembic(struct place *p)
{
	char path[128];
	snprintf(tools, sizeof(tools), "%s/bin", p->dir);
	assert_int_equal(mkdir(tools, 0700), 0);
	put_at(tools, "alembic", "#!/bin/sh\nexec cat \"${0%/*}/$3\"\n", 0700);
	put_at(tools, "alembic.ini", "[alembic]\n", 0600);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", tools);
	assert_int_equal(setenv("PATH", path, 1), 0);
	say("history", "ae1 -> be2 (head), Add\ttowns!\n\n<base> -> ae1, ...\n");
	say("upgrade", "BEGIN;\nCREATE TABLE t (x int);\nUPDATE alembic_version SET version_num = 'be2';\nCOMMIT;\n");
	say("downgrade", "DROP TABLE t;\n");
	sql(p, "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('be2')");
}

static const char *text_of(struct place *p, const char *name)
{
	wb_str_clear(&p->text);
	ok(p, wb_fs_read(path_of(p, name), 1 << 16, &p->text, &p->err));
	return p->text.p;
}

static int write_sql(struct place *p)
{
	return ADOPT(p, .files = tools, .write_sql = true);
}

static void test_alembic_written(void **state)
{
	struct place *p = *state;
	set_up_alembic(p);
	put(p, "0007_own.sql", "CREATE TABLE own (x int);\n");
	ok(p, write_sql(p));
	assert_int_equal(adoption->n_written, 2);
	assert_int_equal(adoption->recorded, 2);
	assert_string_equal(text_of(p, "0008_migration.sql"), "-- Migration: ...\n-- ID: ae1\n\n-- migrate:up\n"
							      "CREATE TABLE t (x int);\n\n-- migrate:down\n"
							      "DROP TABLE t;\n");
	assert_has(text_of(p, "0009_add_towns.sql"), "-- ID: be2\n");
	ok(p, write_sql(p));
	assert_int_equal(adoption->n_written, 0);
	assert_int_equal(adoption->recorded, 0);
	assert_int_equal(adoption->pending, 1);
}

static void test_alembic_one_way(void **state)
{
	struct place *p = *state;
	set_up_alembic(p);
	say("downgrade", NULL);
	ok(p, write_sql(p));
	assert_null(strstr(text_of(p, "0001_migration.sql"), "migrate:down"));
}

static void assert_none_written(struct place *p, int code, const char *message)
{
	assert_code(p, write_sql(p), code);
	assert_has(p->err.message, message);
	assert_int_not_equal(access(path_of(p, "0001_migration.sql"), F_OK), 0);
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'whimbrel%'"), "0");
}

static void test_alembic_refused(void **state)
{
	struct place *p = *state;
	static const char *const branches[] = {
		"ae1, ae2 -> be2 (head) (mergepoint), Merge\n",
		"no arrow\n",
		"ae1 -> be2\n",
		"ae1 -> be2 (head), Add towns\n<base> -> other, Create\n",
	};
	set_up_alembic(p);
	for (size_t i = 0; i < WB_ARRAY_LEN(branches); i++) {
		say("history", branches[i]);
		assert_none_written(p, WB_EUNSUPPORTED, "branches");
	}
	say("history", "<base> -> be2 (head), ...\n");
	say("upgrade", NULL);
	assert_none_written(p, WB_EIO, "alembic");
	assert_has(p->err.hint, "offline mode");
	say("alembic.ini", NULL);
	assert_none_written(p, WB_ENOTFOUND, "no alembic.ini here");
	sql(p, "INSERT INTO alembic_version VALUES ('other')");
	assert_none_written(p, WB_EUNSUPPORTED, "branches");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	assert_none_written(p, WB_EREFUSED, "is numbered");
}

/* ---- histories that the tools wrote, and memory that runs out ----------------------------------- */

static void lite_script(const char *db, const char *path)
{
	wb_autostr text = WB_STR_INIT;
	sqlite3 *lite = NULL;
	assert_int_equal(wb_fs_read(path, 1 << 20, &text, NULL), 0);
	assert_int_equal(sqlite3_open(db, &lite), 0);
	assert_int_equal(sqlite3_exec(lite, text.p, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_close(lite), 0);
}

struct history {
	struct place *p;
	char folder[160], migrations[192], saved[96];
	struct wb_adopt_options o;
	size_t items, recorded, written; /* with memory enough */
	char checks[256];
};

static void empty_folder(const char *dir)
{
	char pattern[128];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/0*.sql", dir);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)unlink(found.gl_pathv[i]);
	globfree(&found);
}

static int adopt_history(void *user)
{
	struct history *h = user;
	struct wb_context *c = NULL;
	struct wb_adoption *a = NULL;
	char checks[256] = "";
	size_t n = 0;
	copy_file(h->saved, h->p->db);
	if (h->o.write_sql)
		empty_folder(h->p->migrations);
	int rc = wb_open(&h->p->o, &c, &h->p->err);
	if (rc == 0)
		rc = wb_adopt(c, &h->o, &a, &h->p->err);
	for (size_t i = 0; rc == 0 && i < a->n_items; i++)
		n += (size_t)snprintf(checks + n, sizeof(checks) - n, "%s:%s:%s:%s ", a->items[i].version,
				      a->items[i].state, a->items[i].checksum, a->items[i].file ? "file" : "-");
	if (rc == 0 && !h->items) { /* the first, with all memory */
		h->items = a->n_items;
		h->recorded = a->recorded;
		h->written = a->n_written;
		memcpy(h->checks, checks, sizeof(checks));
	} else if (rc == 0) {
		assert_string_equal(checks, h->checks);
		assert_int_equal(a->recorded, h->recorded);
		assert_int_equal(a->n_written, h->written);
		for (size_t i = 0; i < a->n_written; i++) {
			char text[4096] = "";
			FILE *f = fopen(a->written[i], "r");
			assert_non_null(f);
			assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
			assert_int_equal(fclose(f), 0);
			assert_non_null(strstr(text, "-- migrate:down"));
		}
	}
	wb_adoption_free(a);
	wb_close(c);
	return rc;
}

static void starve(struct history *h)
{
	struct place *p = h->p;
	p->o.event = NULL; /* the listeners allocate, too */
	p->o.log = NULL;
	h->o.size = sizeof(h->o);
	wb_close(p->ctx);
	p->ctx = NULL;
	side_close(p);
	snprintf(h->saved, sizeof(h->saved), "%s/saved.db", p->dir);
	copy_file(p->db, h->saved);
	assert_code(p, adopt_history(h), 0);
	assert_true(h->items > 0);
	assert_true(wb_oom_run(adopt_history, h) > 50);
}

/* One of tests/adopt/fixtures. */
static void starve_fixture(struct place *p, const char *tool, const char *expected)
{
	struct history h = { .p = p, .o = { .from = tool } };
	char path[256];
	snprintf(h.folder, sizeof(h.folder), TESTS_FOLDER "/adopt/fixtures/%s", tool);
	snprintf(h.migrations, sizeof(h.migrations), "%s/files/migrations", h.folder);
	snprintf(path, sizeof(path), "%s/sqlite.sql", h.folder);
	lite_script(p->db, path);
	p->o.dir = h.migrations;
	starve(&h);
	assert_string_equal(h.checks, expected);
}

#define MEMORY(name, tool, expected) \
	static void name(void **state) \
	{ \
		starve_fixture(*state, tool, expected); \
	}

MEMORY(memory_of_atlas, "atlas", "20240101000001:applied:verified:file 20240101000002:applied:verified:file ")
MEMORY(memory_of_sqlx, "sqlx", "20240101000001:applied:verified:file 20240101000002:applied:verified:file ")
MEMORY(memory_of_refinery, "refinery", "1:applied:verified:file 2:applied:verified:file ")
MEMORY(memory_of_goose, "goose", "00001:applied:none:file 00002:applied:none:file ")
MEMORY(memory_of_golang_migrate, "golang-migrate", "0001:applied:none:file 0002:applied:none:file ")

/* Sqitch's registry stands in a file of its own. */
static void memory_of_sqitch(void **state)
{
	struct place *p = *state;
	struct history h = { .p = p, .o = { .write_sql = true, .files = TESTS_FOLDER "/adopt/fixtures/sqitch/files" } };
	char registry[128];
	lite_script(p->db, TESTS_FOLDER "/adopt/fixtures/sqitch/sqlite.sql");
	snprintf(registry, sizeof(registry), "%s/sqitch.db", p->dir);
	lite_script(registry, TESTS_FOLDER "/adopt/fixtures/sqitch/sqlite.beside.sql");
	starve(&h);
	assert_int_equal(h.written, 2);
	assert_string_equal(h.checks, "0001:applied:verified:file 0002:applied:verified:file ");
}

static void memory_of_alembic(void **state)
{
	struct place *p = *state;
	set_up_alembic(p);
	struct history h = { .p = p, .o = { .write_sql = true, .files = tools } };
	starve(&h);
	assert_int_equal(h.written, 2);
	assert_string_equal(h.checks, "0001:applied:none:file 0002:applied:none:file ");
}

#undef TEST
#undef TEST_PG
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_sqlite, done)
#define TEST_PG(name) cmocka_unit_test_setup_teardown(name, place_pg, done)

int test_adopt(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_without_values),  TEST_PG(test_without_values_on_a_server),
		TEST(test_flyway_rows),     TEST(test_flyway_baseline),
		TEST(test_goose_undone),    TEST(test_atlas_rows),
		TEST(test_single_rows),     TEST(test_liquibase_rows),
		TEST(test_alembic_written), TEST(test_alembic_one_way),
		TEST(test_alembic_refused), TEST(memory_of_atlas),
		TEST(memory_of_sqlx),       TEST(memory_of_refinery),
		TEST(memory_of_goose),      TEST(memory_of_golang_migrate),
		TEST(memory_of_sqitch),     TEST(memory_of_alembic),
	};
	return RUN_GROUP("adopt");
}
