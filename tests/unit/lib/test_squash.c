/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_squash: what it answers, what it refuses, and memory that runs out
 * anywhere in it. What it does to folders and databases is in tests/cli.
 */
#include "tests.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static void files(struct place *p)
{
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
}

static bool there(struct place *p, const char *name)
{
	return wb_fs_exists(path_of(p, name));
}

/* A place for temporary folders that nobody else uses. */
static void own_tmp(struct place *p)
{
	char tmp[sizeof(p->dir) + 8];
	snprintf(tmp, sizeof(tmp), "%s/tmp", p->dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(setenv("TMPDIR", tmp, 1), 0);
}

static size_t leftovers(void)
{
	size_t n = 0;
	DIR *d = opendir(getenv("TMPDIR"));
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void test_result(void **state)
{
	struct place *p = *state;
	struct wb_squash_options o = { .size = sizeof(o), .to = "V2" };
	struct wb_squashed *s = NULL;
	struct stat v, b;
	own_tmp(p);
	files(p);
	assert_int_equal(chmod(path_of(p, "V2__b.sql"), 0640), 0);
	assert_int_equal(stat(path_of(p, "V2__b.sql"), &v), 0);
	p->o.protected_environment = true; /* the scratch databases are none */
	ok(p, wb_squash(context(p), &o, &s, &p->err));
	assert_has(s->file, "B2__squashed.sql");
	assert_int_equal(s->n_replaced, 2);
	assert_has(s->replaced[0], "V1__a.sql");
	assert_has(s->replaced[1], "V2__b.sql");
	assert_false(s->kept || s->finished);
	assert_int_equal(stat(s->file, &b), 0);
	assert_int_equal(b.st_size, s->bytes);
	assert_int_equal(b.st_mode, v.st_mode);
	wb_squashed_free(s);
	assert_false(there(p, "V1__a.sql") || there(p, "V2__b.sql"));
	assert_false(wb_fs_exists(p->db));
	ok(p, UP(p));
	assert_string_equal(applied(p), "2 3");
	/* Once more has nothing left to do, and needs no place for its answer. */
	ok(p, wb_squash(context(p), &o, NULL, &p->err));
	wb_squashed_free(NULL);
	assert_int_equal(leftovers(), 0);
	assert_int_equal(setenv("TMPDIR", "/tmp", 1), 0);
}

/* Where temporary folders cannot be made, it is said which and who decides. */
static void test_nowhere(void **state)
{
	struct place *p = *state;
	struct wb_squash_options o = { .size = sizeof(o), .to = "V2" };
	files(p);
	assert_int_equal(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_EIO);
	assert_int_equal(setenv("TMPDIR", "/tmp", 1), 0);
	assert_has(p->err.message, "/nowhere/at/all");
	assert_has(p->err.hint, "TMPDIR");
	assert_true(there(p, "V1__a.sql"));
}

static void test_refused(void **state)
{
	struct place *p = *state;
	struct wb_squash_options o = { .size = sizeof(o) };
	static const struct wb_embedded_migration embedded[] = { { "V1__a.sql", "SELECT 1;" },
								 { "V2__b.sql", "SELECT 2;" } };
	files(p);
	put(p, "R__r.sql", "SELECT 1;");
	assert_code(p, wb_squash(context(p), NULL, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_EUSAGE);
	o.to = "4";
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_ENOTFOUND);
	o.to = "R__r";
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_ENOTFOUND);
	o.to = "1";
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_EREFUSED);
	o.to = "2";
	put(p, "V2__b.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, wb_squash(context(p), &o, NULL, &p->err), WB_ESQL);
	assert_has(p->err.message, "on an empty scratch database");
	assert_has(p->err.file, "V2__b.sql");
	p->o.embedded = embedded;
	p->o.n_embedded = 2;
	assert_code(p, wb_squash(context_again(p), &o, NULL, &p->err), WB_EUSAGE);
	p->o.n_embedded = 0;
	p->o.url = NULL;
	assert_code(p, wb_squash(context_again(p), &o, NULL, &p->err), WB_EUSAGE);
	assert_true(there(p, "V1__a.sql") && there(p, "V2__b.sql"));
	assert_false(there(p, "B2__squashed.sql"));
}

/* ---- memory ----------------------------------------------------------------------------- */

static int squash_kept(struct place *p, const char *to)
{
	struct wb_squash_options o = { .size = sizeof(o), .to = to, .keep = true };
	struct wb_squashed *s = NULL;
	struct wb_context *c;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_squash(c, &o, &s, &p->err);
	if (rc == 0)
		assert_true(s->file && s->n_replaced == 2 && s->replaced[1]);
	wb_squashed_free(s);
	wb_close(c);
	return rc;
}

static int anew(void *user)
{
	struct place *p = user;
	(void)unlink(path_of(p, "B2__squashed.sql"));
	return squash_kept(p, "2");
}

static int finish(void *user)
{
	return squash_kept(user, "2");
}

static int fails_soon(void *user)
{
	int rc = squash_kept(user, "2");
	return rc == WB_ESQL ? 0 : rc == 0 ? WB_EBUG : rc;
}

static void quiet(struct place *p)
{
	p->o.event = NULL;
	p->o.log = remove_scratch;
	p->o.log_level = WB_LOG_WARN;
}

static void test_memory_of_finishing(void **state)
{
	struct place *p = *state;
	files(p);
	quiet(p);
	ok(p, anew(p));
	assert_true(wb_oom_run(finish, p) > 30);
	assert_true(there(p, "V1__a.sql"));
}

static void test_memory_of_trying(void **state)
{
	struct place *p = *state;
	files(p);
	put(p, "V1__a.sql", "INSERT INTO nowhere VALUES (1);\n");
	quiet(p);
	assert_true(wb_oom_run(fails_soon, p) > 30);
}

static void test_memory_of_all(void **state)
{
	struct place *p = *state;
	files(p);
	quiet(p);
	assert_true(wb_oom_run(anew, p) > 100);
	assert_true(there(p, "V1__a.sql"));
}

int test_squash(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_result),           TEST(test_nowhere),
		TEST(test_refused),          TEST(test_memory_of_finishing),
		TEST(test_memory_of_trying), TEST(test_memory_of_all),
	};
	return RUN_GROUP("squash");
}
