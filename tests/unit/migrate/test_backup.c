/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups and restores that fail at every allocation, at every call of the
 * connection and between the steps that are none: a backup is there as a whole
 * or not at all, the database is the old one or the restored one, and nothing
 * is left beside them.
 */
#include "tests.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "migrate/backup.h"
#include "wb_build.h"

struct scene {
	struct place *p;
	char backups[96], saved[96]; /* the folder; the database as each attempt finds it */
	struct wb_restore_options restore;
	struct wb_error err;
	bool replaced; /* content of the database after the attempt */
};

static const char *in_folder(struct scene *s, const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *out = path[next++ % 4];
	snprintf(out, sizeof(path[0]), "%s/%s", s->backups, name);
	return out;
}

/* ---- what stands afterwards ------------------------------------------------------------ */

static int64_t lite_number(const char *path, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int64_t n = -1;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), 0);
	if (sqlite3_prepare_v2(db, text, -1, &st, NULL) == 0 && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static size_t count_files(const char *dir, const char *pattern)
{
	char path[256];
	glob_t found;
	size_t n = 0;
	snprintf(path, sizeof(path), "%s/%s", dir, pattern);
	if (glob(path, 0, NULL, &found) == 0)
		n = found.gl_pathc;
	globfree(&found);
	return n;
}

static void assert_nothing_left(struct scene *s)
{
	assert_int_equal(count_files(s->p->dir, ".whimbrel-*"), 0);
	assert_int_equal(count_files(s->backups, ".whimbrel-*"), 0);
}

/* The backup knows table a alone, the database has b, too; both have all rows of a. */
static void look_at_content(struct scene *s)
{
	assert_int_equal(lite_number(s->p->db, "SELECT count(*) FROM pragma_integrity_check WHERE "
					       "integrity_check <> 'ok'"),
			 0);
	assert_int_equal(lite_number(s->p->db, "SELECT count(*) FROM a"), 3);
	s->replaced = lite_number(s->p->db, "SELECT count(*) FROM b") < 0;
}

/* ---- attempts ------------------------------------------------------------------------------ */

static int back_up(void *user)
{
	struct scene *s = user;
	const struct wb_backup_options o = { .size = sizeof(o), .name = "again", .verify = WB_BACKUP_VERIFY_RESTORE };
	struct wb_context *c = NULL;
	struct wb_backup *b = NULL;
	const char *file = in_folder(s, "again.db"), *manifest = in_folder(s, "again.db.json");
	(void)unlink(file);
	(void)unlink(manifest);
	int rc = wb_open(&s->p->o, &c, &s->err);
	if (rc == 0)
		rc = wb_backup(c, &o, &b, &s->err);
	assert_int_equal(wb_fs_exists(file), wb_fs_exists(manifest));
	assert_true(wb_fs_exists(file) || rc != 0);
	if (rc == 0) {
		assert_string_equal(b->info.schema_version, "2");
		assert_true(b->info.server_version && b->info.database && b->info.project && b->info.tool_version &&
			    b->info.created_at && b->info.sha256 && b->info.dump_tool && b->info.dump_format);
		assert_true(b->tables > 2 && b->rows > 3);
		assert_int_equal(lite_number(file, "SELECT count(*) FROM b"), 0);
	}
	wb_backup_free(b);
	wb_close(c);
	assert_nothing_left(s);
	return rc;
}

static int restore_it(struct scene *s)
{
	bool there = wb_fs_exists(s->p->db);
	struct wb_context *c = NULL;
	struct wb_restore *r = NULL;
	int rc = wb_open(&s->p->o, &c, &s->err);
	if (rc == 0)
		rc = wb_restore(c, &s->restore, &r, &s->err);
	if (rc == 0)
		assert_true(r->from.name && r->from.file && !r->kept == (s->restore.drop_old || !there));
	if (rc == 0 && r->kept)
		assert_int_equal(lite_number(r->kept, "SELECT count(*) FROM b"), 0);
	wb_restore_free(r);
	wb_close(c);
	assert_nothing_left(s);
	return rc;
}

static void remove_kept(struct scene *s)
{
	char path[256];
	glob_t found;
	snprintf(path, sizeof(path), "%s/app_before_restore_*", s->p->dir);
	if (glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)unlink(found.gl_pathv[i]);
	globfree(&found);
}

static int restore(void *user)
{
	struct scene *s = user;
	remove_kept(s);
	copy_file(s->saved, s->p->db);
	int rc = restore_it(s);
	look_at_content(s);
	assert_true(s->replaced || rc != 0);
	return rc;
}

/* A run that fails after it has applied something, and goes back. */
static int go_back(void *user)
{
	struct scene *s = user;
	const struct wb_run_options o = { .size = sizeof(o), .on_failure = WB_ON_FAILURE_RESTORE };
	struct wb_context *c = NULL;
	struct wb_run_result *r = NULL;
	remove_kept(s);
	copy_file(s->saved, s->p->db);
	int rc = wb_open(&s->p->o, &c, &s->err);
	if (rc == 0)
		rc = wb_up(c, &o, &r, &s->err);
	bool restored = r && r->restored;
	assert_true(rc != 0);
	if (restored) {
		assert_true(r->backup && r->kept && r->applied[0].rolled_back);
		assert_non_null(strstr(s->err.hint, "as it was in the backup"));
		assert_int_equal(lite_number(s->p->db, "SELECT count(*) FROM d"), -1);
	}
	wb_run_result_free(r);
	wb_close(c);
	look_at_content(s);
	assert_false(s->replaced);
	assert_nothing_left(s);
	return rc == WB_ESQL ? 0 : rc;
}

/* ---- the scene --------------------------------------------------------------------------------- */

static void forget_context(struct place *p)
{
	wb_close(p->ctx);
	p->ctx = NULL;
	side_close(p);
}

static void back_up_as(struct scene *s, const char *name)
{
	const struct wb_backup_options o = { .size = sizeof(o), .name = name };
	ok(s->p, wb_backup(context(s->p), &o, NULL, &s->p->err));
}

/* Version 2 of the database stands, and a backup of version 1. */
static void set_scene(struct scene *s, struct place *p)
{
	*s = (struct scene){ .p = p, .restore = { .size = sizeof(s->restore), .file = "first", .confirmed = true } };
	snprintf(s->backups, sizeof(s->backups), "%s/backups", p->dir);
	snprintf(s->saved, sizeof(s->saved), "%s/saved", p->dir);
	p->o.backup_dir = s->backups;
	p->o.event = NULL; /* the listeners allocate, too */
	p->o.log = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (2), (3);\n");
	ok(p, UP(p));
	back_up_as(s, "first");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	context_again(p);
	ok(p, UP(p));
	forget_context(p);
	copy_file(p->db, s->saved);
}

static void put_failing(struct place *p)
{
	put(p, "V3__d.sql", "CREATE TABLE d (x int);\n");
	put(p, "V4__e.sql", "INSERT INTO nowhere VALUES (1);\n");
}

/* ---- memory ---------------------------------------------------------------------------------------- */

static void memory_of_backup(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	assert_true(wb_oom_run(back_up, &s) > 50);
}

static void memory_of_restore(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	assert_true(wb_oom_run(restore, &s) > 50);
	s.restore.drop_old = true;
	s.restore.file = in_folder(&s, "first.db.json");
	assert_true(wb_oom_run(restore, &s) > 50);
}

static int restore_missing(void *user)
{
	struct scene *s = user;
	(void)unlink(s->p->db);
	int rc = restore_it(s);
	bool there = wb_fs_exists(s->p->db);
	assert_true(there || rc != 0);
	if (there)
		look_at_content(s);
	return rc;
}

/* In the place of a file that is no database there is the restored one, or still that file. */
static int restore_damaged(void *user)
{
	struct scene *s = user;
	struct stat st = { 0 };
	copy_file(in_folder(s, "first.db.json"), s->p->db);
	int rc = restore_it(s);
	assert_int_equal(stat(s->p->db, &st), 0);
	assert_true(rc != 0 || st.st_size > 4096);
	if (st.st_size > 4096)
		look_at_content(s);
	return rc;
}

static void memory_of_restore_of_what_is_gone(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	s.restore.drop_old = true;
	assert_true(wb_oom_run(restore_missing, &s) > 20);
	assert_true(wb_oom_run(restore_damaged, &s) > 20);
}

static void memory_of_going_back(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	put_failing(s.p);
	assert_true(wb_oom_run(go_back, &s) > 50);
}

/* ---- the folder ---------------------------------------------------------------------------------------- */

/* Puts text behind a mark of a manifest, in the place of n characters. */
static void rewrite(struct scene *s, const char *name, const char *mark, size_t n, const char *text)
{
	wb_autostr all = WB_STR_INIT;
	const char *path = in_folder(s, name);
	ok(s->p, wb_fs_read(path, 1 << 16, &all, &s->p->err));
	const char *at = strstr(all.p, mark);
	FILE *f = fopen(path, "w");
	assert_true(at && f);
	at += strlen(mark);
	fprintf(f, "%.*s%s%s", (int)(at - all.p), all.p, text, at + n);
	assert_int_equal(fclose(f), 0);
}

static void age(struct scene *s, const char *manifest, const char *year)
{
	rewrite(s, manifest, "\"created_at\": \"", 4, year);
}

static int prune(void *user)
{
	struct scene *s = user;
	const struct wb_backups_options o = { .size = sizeof(o), .prune = true, .older_than_ms = 86400000 };
	struct wb_context *c = NULL;
	struct wb_backups *b = NULL;
	copy_file(in_folder(s, "first.db"), in_folder(s, "older.db"));
	copy_file(in_folder(s, "older.kept"), in_folder(s, "older.db.json"));
	copy_file(in_folder(s, "lost.kept"), in_folder(s, "lost.db.json"));
	int rc = wb_open(&s->p->o, &c, &s->err);
	if (rc == 0)
		rc = wb_backups(c, &o, &b, &s->err);
	if (rc == 0) {
		assert_int_equal(b->n_removed, 2);
		assert_string_equal(b->removed[0].problem, "its file is missing");
		assert_null(b->removed[1].problem);
		assert_int_equal(b->n_backups, 2);
		assert_string_equal(b->backups[0].name, "young");
		assert_has(b->backups[1].created_at, "2018");
		assert_false(wb_fs_exists(in_folder(s, "older.db")));
		assert_false(wb_fs_exists(in_folder(s, "older.db.json")));
	}
	assert_true(wb_fs_exists(in_folder(s, "first.db"))); /* the last good one of its database */
	assert_true(wb_fs_exists(in_folder(s, "young.db")));
	wb_backups_free(b);
	wb_close(c);
	return rc;
}

static void memory_of_pruning(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	back_up_as(&s, "young");
	forget_context(s.p);
	rewrite(&s, "young.db.json", "\"database\": \"", 0, "another ");
	age(&s, "young.db.json", "2019");
	copy_file(in_folder(&s, "first.db.json"), in_folder(&s, "older.kept"));
	age(&s, "older.kept", "2017");
	age(&s, "first.db.json", "2018");
	copy_file(in_folder(&s, "first.db.json"), in_folder(&s, "lost.kept"));
	age(&s, "lost.kept", "2016");
	FILE *f = fopen(in_folder(&s, "stranger.json"), "w");
	assert_non_null(f);
	fputs("{\"tool\": \"another\"}", f);
	assert_int_equal(fclose(f), 0);
	assert_true(wb_oom_run(prune, &s) > 20);
}

/* ---- manifests ------------------------------------------------------------------------------------------- */

#define NAMED "\"name\": \"n\", \"engine\": \"sqlite\", \"sha256\": \"s\", "

static void test_manifests(void **state)
{
	struct scene s = { .p = *state };
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_backup_info info = { .name = "a \"quoted\" \\ name\n",
				       .file = "plain",
				       .engine = "sqlite",
				       .sha256 = "sum",
				       .created_at = "now",
				       .bytes = 7 };
	struct wb_backup_info read = { 0 };
	static const struct {
		const char *text, *detail;
		int code;
	} cases[] = {
		{ "no JSON", "JSON", WB_EINPUT },
		{ "{}", "not \"whimbrel\"", WB_EINPUT },
		{ "{\"tool\": \"whimbrel\", \"format\": 2}", "", WB_ENEWER },
		{ "{\"tool\": \"whimbrel\", \"format\": 1, " NAMED "\"bytes\": 1}", "created_at", WB_EINPUT },
		{ "{\"tool\": \"whimbrel\", \"format\": 1, " NAMED "\"created_at\": \"x\"}", "bytes", WB_EINPUT },
		{ "{\"tool\": \"whimbrel\", \"format\": 1, " NAMED "\"created_at\": null, \"bytes\": 1}", "created_at",
		  WB_EINPUT },
	};
	snprintf(s.backups, sizeof(s.backups), "%s", s.p->dir);
	const char *path = in_folder(&s, "m.json");
	ok(s.p, wb_manifest_write(path, &info, &s.p->err));
	ok(s.p, wb_manifest_read(path, &a, &read, &s.p->err));
	assert_string_equal(read.name, info.name);
	assert_int_equal(read.bytes, 7);
	assert_null(read.schema_version);
	assert_code(s.p, wb_manifest_write(path, &info, &s.p->err), WB_EREFUSED); /* never over another */
	assert_code(s.p, wb_manifest_write("/nowhere/m.json", &info, &s.p->err), WB_EIO);
	assert_code(s.p, wb_manifest_read("/nowhere/m.json", &a, &read, &s.p->err), WB_EIO);
	assert_nothing_left(&s);
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fputs(cases[i].text, f);
		assert_int_equal(fclose(f), 0);
		assert_code(s.p, wb_manifest_read(path, &a, &read, &s.p->err), cases[i].code);
		assert_has(s.p->err.detail, cases[i].detail);
	}
}

/* ---- calls and steps that fail --------------------------------------------------------------------------- */

#ifdef WB_FAULTS

static int64_t count_calls(struct scene *s, int (*attempt)(void *), const char *variable)
{
	wb_autostr text = WB_STR_INIT;
	char path[96];
	int64_t n = 0;
	snprintf(path, sizeof(path), "%s/count", s->p->dir);
	assert_int_equal(setenv("WHIMBREL_FAULT_COUNT", path, 1) | setenv(variable, "count@any:0", 1), 0);
	int rc = attempt(s);
	assert_int_equal(unsetenv(variable) | unsetenv("WHIMBREL_FAULT_COUNT"), 0);
	assert_code(s->p, rc, 0);
	ok(s->p, wb_fs_read(path, 64, &text, &s->p->err));
	assert_true(wb_sv_i64(wb_sv_trim(wb_str_sv(&text)), &n));
	return n;
}

/* Each call fails once; what must hold whatever happens is looked at by the attempt itself. */
static void fail_each(struct scene *s, int (*attempt)(void *), int64_t least)
{
	static const struct {
		const char *variable, *how;
		int code;
	} ways[] = {
		{ "WHIMBREL_FAULT_STEP", "fail@before", WB_EIO },
		{ "WHIMBREL_FAULT", "fail@before", WB_ESQL },
		{ "WHIMBREL_FAULT", "fail@after", WB_ESQL },
		{ "WHIMBREL_FAULT", "drop@before", WB_ECONN },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(ways); i++) {
		int64_t calls = count_calls(s, attempt, ways[i].variable), failed = 0;
		for (int64_t n = 1; n <= calls; n++) {
			char fault[64];
			snprintf(fault, sizeof(fault), "%s:%d", ways[i].how, (int)n);
			s->err = (struct wb_error){ 0 };
			assert_int_equal(setenv(ways[i].variable, fault, 1), 0);
			int rc = attempt(s);
			assert_int_equal(unsetenv(ways[i].variable), 0);
			if (rc != 0 && rc != ways[i].code)
				fail_msg("%s gives %s: %s", fault, wb_code_name(rc), s->err.message);
			failed += rc != 0;
		}
		assert_true(failed >= least);
	}
}

static void faults_of_backup(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	fail_each(&s, back_up, 5);
}

static void faults_of_restore(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	fail_each(&s, restore, 3);
	fail_each(&s, restore_missing, 0);
}

static void faults_of_going_back(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	put_failing(s.p);
	fail_each(&s, go_back, 0);
}

#endif

int test_backup(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory_of_backup),     TEST(memory_of_restore), TEST(memory_of_restore_of_what_is_gone),
		TEST(memory_of_going_back), TEST(memory_of_pruning), TEST(test_manifests),
#ifdef WB_FAULTS
		TEST(faults_of_backup),     TEST(faults_of_restore), TEST(faults_of_going_back),
#endif
	};
	return RUN_GROUP("backup");
}
