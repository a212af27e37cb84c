/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor's findings, on sound files and on damaged ones.
 */
#include "tests.h"

struct findings {
	char text[4096];
};

static void add(void *user, const char *check, const char *level, const char *message)
{
	struct findings *f = user;
	size_t n = strlen(f->text);

	(void)snprintf(f->text + n, sizeof(f->text) - n, "[%s %s] %s\n", check, level, message);
}

static void examine(struct place *p, struct findings *f)
{
	f->text[0] = '\0';
	assert_ok(wb_conn_health(p->c, add, f, &p->err), &p->err);
}

static void expect(const struct findings *f, const char *part)
{
	if (!strstr(f->text, part))
		print_error("no \"%s\" in:\n%s", part, f->text);
	assert_non_null(strstr(f->text, part));
}

static void test_sound(void **state)
{
	struct place *p = *state;
	struct findings f;

	exec(p->c, "PRAGMA journal_mode = wal;CREATE TABLE t (a)");
	examine(p, &f);
	expect(&f, "[version ok] SQLite 3.");
	expect(&f, "[integrity ok] ok");
	expect(&f, "[foreign_keys ok] 0 rows");
	expect(&f, "[journal_mode ok] wal");
	expect(&f, "[pages ok] 2 pages of 4096 bytes, 0 unused");
	expect(&f, "[disk ");
}

static void test_flaws(void **state)
{
	struct place *p = *state;
	struct findings f;

	exec(p->c, "CREATE TABLE p (id INTEGER PRIMARY KEY);CREATE TABLE c (p REFERENCES p (id));INSERT INTO c VALUES "
		   "(1), (1), (2);"
		   "CREATE TABLE big (a);INSERT INTO big VALUES (zeroblob(8000000));DROP TABLE big;PRAGMA journal_mode "
		   "= off");
	examine(p, &f);
	expect(&f, "[foreign_keys degraded] 3 rows");
	expect(&f, "[journal_mode degraded] off");
	expect(&f, "[pages degraded]");
	expect(&f, "VACUUM");
}

static void test_memory(void **state)
{
	struct place *p = *state;
	struct findings f;

	p->url.database = ":memory:";
	p->c = open_again(p, NULL);
	examine(p, &f);
	assert_null(strstr(f.text, "[disk"));
}

/* Overwrites a page in the middle of the file. */
static void damage(const char *path, long offset)
{
	char junk[4096];
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	memset(junk, 0x5a, sizeof(junk));
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(junk, 1, sizeof(junk), file), sizeof(junk));
	assert_int_equal(fclose(file), 0);
}

static void test_damaged(void **state)
{
	struct place *p = *state;
	struct findings f;

	exec(p->c, "CREATE TABLE t (a);INSERT INTO t VALUES (hex(randomblob(1000))), (hex(randomblob(9000)))");
	wb_conn_close(wb_steal(&p->c));
	damage(p->path, 4096);
	p->c = open_again(p, NULL);
	examine(p, &f);
	expect(&f, "[integrity failed]");
	assert_int_equal(try_exec(p->c, "SELECT sum(length(a)) FROM t", &p->err), WB_EIO);
	assert_non_null(strstr(p->err.message, "damaged"));
}

static void test_damaged_schema(void **state)
{
	struct place *p = *state;
	struct findings f = { "" };

	exec(p->c, "CREATE TABLE t (a)");
	wb_conn_close(wb_steal(&p->c));
	damage(p->path, 100);
	p->c = open_again(p, NULL);
	assert_true(wb_conn_health(p->c, add, &f, &p->err) <= 0);
	expect(&f, "[integrity failed]");
}

static int stop(void *user)
{
	(void)user;
	return WB_ECANCELLED;
}

static void test_stopped(void **state)
{
	struct place *p = *state;
	struct findings f = { "" };

	exec(p->c, "CREATE TABLE p (id INTEGER PRIMARY KEY);CREATE TABLE c (p REFERENCES p (id));"
		   "INSERT INTO c SELECT value FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 "
		   "FROM n LIMIT 50000)"
		   " SELECT value FROM n)");
	p->c->tick = stop;
	assert_int_equal(wb_conn_health(p->c, add, &f, &p->err), WB_ECANCELLED);
}

int test_health(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_sound),   TEST_CONN(test_flaws),          TEST(test_memory),
		TEST_CONN(test_damaged), TEST_CONN(test_damaged_schema), TEST_CONN(test_stopped),
	};

	return RUN_GROUP("health");
}
