/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_validate: files alone, against the journal, against a git revision, and up
 * and down again on a scratch database.
 */
#include "tests.h"

#include <dirent.h>
#include <sys/stat.h>

static struct wb_validation *last;

static int validate(struct place *p, struct wb_validate_options o)
{
	o.size = sizeof(o);
	wb_validation_free(last);
	last = NULL;
	p->err = (struct wb_error){ 0 };
	return wb_validate(context(p), &o, &last, &p->err);
}
#define VALIDATE(p, ...) validate((p), (struct wb_validate_options){ __VA_ARGS__ })

/* "kind:version" of each problem, a warning with "?". */
static const char *found(struct place *p)
{
	wb_str_clear(&p->text);
	for (size_t i = 0; i < last->n_problems; i++)
		wb_str_addf(&p->text, "%s%s:%s%s", i ? " " : "", last->problems[i].kind,
			    last->problems[i].version ? last->problems[i].version : "-",
			    last->problems[i].warning ? "?" : "");
	assert_int_equal(last->valid,
			 last->n_problems == 0 || !strchr(p->text.p, ':') || strchr(p->text.p, '?') != NULL);
	return p->text.p;
}

static int forget(void **state)
{
	wb_validation_free(last);
	last = NULL;
	return place_done(state);
}
#define VTEST(name) cmocka_unit_test_setup_teardown(name, place_sqlite, forget)

static void test_good_files(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql",
	    "-- migrate:require\nSELECT 1;\n-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:verify\nSELECT 1;\n");
	ok(p, wb_validate(context(p), NULL, &last, &p->err));
	assert_string_equal(found(p), "");
	assert_true(last->valid);
	assert_int_equal(last->files, 2);
	assert_int_equal(last->statements, 6);
	assert_false(wb_fs_exists(p->db));
	wb_validation_free(NULL);
}

static void test_without_a_url(void **state)
{
	struct place *p = *state;
	p->o.url = NULL;
	p->o.engine = "sqlite";
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, VALIDATE(p));
	assert_string_equal(found(p), "");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n  CREATE TABLES c (x int);\n");
	ok(p, VALIDATE(p));
	assert_string_equal(found(p), "syntax:2");
	assert_false(last->valid);
	assert_code(p, VALIDATE(p, .round_trip = true), WB_EUSAGE);
}

static void test_syntax(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\n\n  INSERT INTTO a VALUES (1);\n-- migrate:down\nDROP TABEL a;\n");
	put(p, "V2__b.sql", "ALTER TABLE a ADD y int;\n-- migrate:verify\nSELEC 1;\n");
	ok(p, VALIDATE(p));
	assert_string_equal(found(p), "syntax:1 syntax:1 syntax:2");
	assert_int_equal(last->problems[0].line, 3);
	assert_int_equal(last->problems[0].column, 10);
	assert_has(last->problems[0].message, "syntax");
	assert_has(last->problems[0].file, "V1__a.sql");
	assert_int_equal(last->problems[1].line, 5);
	assert_int_equal(last->problems[2].line, 3);
	assert_int_equal(last->problems[0].code, WB_EINPUT);
}

static void test_what_up_would_refuse(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;\n");
	put(p, "V2__b.sql", "DROP TABLE whimbrel_meta;\n");
	put(p, "V3__c.sql", "SELECT 'never ends\n");
	ok(p, VALIDATE(p));
	assert_false(last->valid);
	assert_int_equal(last->n_problems, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(last->problems[i].code, WB_EINPUT);
		assert_int_equal(last->problems[i].line, 1);
	}
}

static void test_files_and_journal(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	ok(p, UP(p));
	put(p, "V1__a.sql", "CREATE TABLE a (x integer);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE IF EXISTS b;\n");
	ok(p, VALIDATE(p));
	assert_int_equal(last->n_problems, 2);
	assert_string_equal(last->problems[0].kind, "modified");
	assert_false(last->problems[0].warning);
	assert_true(last->problems[1].warning);
	assert_false(last->valid);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, VALIDATE(p));
	assert_true(last->valid); /* a warning stops nothing */
	assert_int_equal(last->n_problems, 1);
	put(p, "V2.0__twice.sql", "SELECT 1;\n");
	ok(p, VALIDATE(p));
	assert_false(last->valid);
}

static void test_reversible(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	put(p, "R__v.sql", "SELECT 1;\n");
	ok(p, VALIDATE(p, .reversible = true));
	assert_string_equal(found(p), "");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nUPDATE a SET x = 1;\n");
	ok(p, VALIDATE(p, .reversible = true));
	assert_string_equal(found(p), "irreversible:2");
	assert_has(last->problems[0].message, "changes rows of a");
	assert_int_equal(last->problems[0].line, 2);
	assert_int_equal(last->problems[0].code, WB_EIRREVERSIBLE);
	ok(p, VALIDATE(p));
	assert_string_equal(found(p), "");
}

static void test_sum(void **state)
{
	struct place *p = *state;
	p->o.url = NULL;
	p->o.engine = "sqlite";
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, VALIDATE(p));
	assert_false(wb_fs_exists(path_of(p, "migrations.sum")));
	ok(p, VALIDATE(p, .write_sum = true));
	assert_string_equal(found(p), "");
	assert_true(wb_fs_exists(path_of(p, "migrations.sum")));
	put(p, "V1__a.sql", "CREATE TABLE a (x bigint);\n");
	ok(p, VALIDATE(p));
	assert_false(last->valid);
	ok(p, VALIDATE(p, .write_sum = true));
	assert_string_equal(found(p), "");
}

/* ---- against a revision ------------------------------------------------------------------- */

#define GIT(p, ...) git((p), (const char *const[]){ __VA_ARGS__, NULL })
static void git(struct place *p, const char *const *words)
{
	const char *argv[24] = {
		"git", "-C", p->dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"
	};
	size_t n = 9;
	wb_autostr out = WB_STR_INIT;
	while (*words)
		argv[n++] = *words++;
	ok(p, wb_proc_output(argv, 1 << 20, &out, &p->err));
}

static void repository(struct place *p)
{
	GIT(p, "init", "-q", "-b", "main");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	put(p, "V3__c d.sql", "CREATE TABLE c (x int);\n");
	put(p, "README.md", "words\n");
	GIT(p, "add", "-A");
	GIT(p, "commit", "-q", "-m", "one");
	GIT(p, "tag", "v1");
}

static void test_against(void **state)
{
	struct place *p = *state;
	repository(p);
	p->o.url = NULL;
	p->o.engine = "sqlite";
	ok(p, VALIDATE(p, .against = "v1"));
	assert_string_equal(found(p), "");
	put(p, "V4__new.sql", "CREATE TABLE n (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x bigint);\n");
	put(p, "README.md", "other words\n");
	/* Only the part that databases have run counts. */
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\r\n-- migrate:down\nDROP TABLE IF EXISTS a;\n");
	ok(p, VALIDATE(p, .against = "v1"));
	assert_string_equal(found(p), "modified:2");
	assert_has(last->problems[0].message, "V2__b.sql is in v1");
	assert_int_equal(last->problems[0].code, WB_ECHECKSUM);
	GIT(p, "add", "-A");
	GIT(p, "commit", "-q", "-m", "two");
	ok(p, VALIDATE(p, .against = "HEAD"));
	assert_string_equal(found(p), "");
	take_away(p, "V3__c d.sql");
	ok(p, VALIDATE(p, .against = "HEAD"));
	assert_string_equal(found(p), "missing:-");
	assert_has(last->problems[0].message, "V3__c d.sql");
	assert_has(last->problems[0].message, "removed");
	ok(p, VALIDATE(p, .against = "v1"));
	assert_int_equal(last->n_problems, 2);
}

static void test_against_nothing(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	assert_int_equal(setenv("GIT_CEILING_DIRECTORIES", "/tmp", 1), 0);
	assert_code(p, VALIDATE(p, .against = "v1"), WB_EIO);
	assert_has(p->err.message, "git cannot show v1");
	assert_has(p->err.hint, "git work tree");
	repository(p);
	assert_code(p, VALIDATE(p, .against = "nonsense"), WB_EIO);
	assert_code(p, VALIDATE(p, .against = "--output=/tmp/x"), WB_EUSAGE);
	assert_code(p, VALIDATE(p, .against = ""), WB_EUSAGE);
}

/* ---- round trip ------------------------------------------------------------------------------ */

/* A place for scratch databases that nobody else uses. */
static void own_tmp(struct place *p)
{
	char tmp[sizeof(p->dir) + 8];
	snprintf(tmp, sizeof(tmp), "%s/tmp", p->dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(setenv("TMPDIR", tmp, 1), 0);
}

static void assert_no_scratch(void)
{
	size_t n = 0;
	DIR *d = opendir(getenv("TMPDIR"));
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	assert_int_equal(n, 0);
	assert_int_equal(setenv("TMPDIR", "/tmp", 1), 0);
}

static void test_round_trip(void **state)
{
	struct place *p = *state;
	own_tmp(p);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nCREATE INDEX a_x ON a (x);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "R__v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1 AS x;\n");
	p->o.protected_environment = true; /* the scratch database is none */
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(found(p), "");
	assert_false(wb_fs_exists(p->db));
	assert_no_scratch();
}

static void test_round_trip_leaves_something(void **state)
{
	struct place *p = *state;
	own_tmp(p);
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE TABLE left_over (x int);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(last->problems[0].kind, "round_trip");
	assert_has(last->problems[0].message, "left_over");
	assert_false(last->valid);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(found(p), "");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nPRAGMA user_version = 1;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_has(last->problems[0].message, "it cannot be reverted");
	assert_has(last->problems[0].message, "sets user_version");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO nowhere VALUES (1);\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(last->problems[0].kind, "refused");
	assert_int_equal(last->problems[0].line, 2);
	assert_int_equal(last->n_problems, 1); /* that it fails there, too, needs no second telling */
	assert_no_scratch();
}

static void test_round_trip_differs(void **state)
{
	struct place *p = *state;
	/* The first time it makes one table, afterwards another. */
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "PRAGMA user_version = 7;\nCREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "V3__c.sql",
	    "-- migrate:require\nSELECT user_version = 7 FROM pragma_user_version;\n-- migrate:up\nPRAGMA user_version "
	    "= 8;\n"
	    "CREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE c;\nPRAGMA user_version = 7;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(found(p), "");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\nPRAGMA user_version = 9;\n");
	put(p, "V3__c.sql",
	    "-- migrate:require\nSELECT user_version = 0 FROM pragma_user_version;\n-- migrate:up\nCREATE TABLE c (x "
	    "int);\n"
	    "-- migrate:down\nDROP TABLE c;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_has(last->problems[0].message, "up on an empty scratch database failed");
}

/* What a baseline made is no business of the files after it. */
static void test_round_trip_with_a_baseline(void **state)
{
	struct place *p = *state;
	put(p, "B1__base.sql", "CREATE TABLE base (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_string_equal(found(p), "");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nSELECT 1;\n");
	ok(p, VALIDATE(p, .round_trip = true));
	assert_has(last->problems[0].message, "objects are left");
}

int test_validate(void)
{
	static const struct CMUnitTest tests[] = {
		VTEST(test_good_files),
		VTEST(test_without_a_url),
		VTEST(test_syntax),
		VTEST(test_what_up_would_refuse),
		VTEST(test_files_and_journal),
		VTEST(test_reversible),
		VTEST(test_sum),
		VTEST(test_against),
		VTEST(test_against_nothing),
		VTEST(test_round_trip),
		VTEST(test_round_trip_leaves_something),
		VTEST(test_round_trip_differs),
		VTEST(test_round_trip_with_a_baseline),
	};
	return RUN_GROUP("validate");
}
