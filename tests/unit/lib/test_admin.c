/* SPDX-License-Identifier: Apache-2.0
 *
 * Around running: the database itself, new files, the journal's DDL, read-only
 * queries, locks, health.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* ---- create, drop, reset ------------------------------------------------------------------ */

static void test_create_and_drop(void **state)
{
	struct place *p = *state;
	bool done = false;
	ok(p, wb_create_database(context(p), &done, &p->err));
	assert_true(done);
	assert_true(wb_fs_exists(p->db));
	ok(p, wb_create_database(context(p), &done, &p->err));
	assert_false(done);
	assert_code(p, wb_drop_database(context(p), &done, &p->err), WB_EPROTECTED);
	assert_has(p->err.hint, "allow_reset");
	assert_code(p, wb_reset_database(context(p), &p->err), WB_EPROTECTED);
	assert_true(wb_fs_exists(p->db));
	p->o.allow_reset = true;
	p->o.protected_environment = true;
	context_again(p);
	assert_code(p, wb_drop_database(context(p), &done, &p->err), WB_EPROTECTED);
	assert_has(p->err.message, "protected");
	p->o.protected_environment = false;
	context_again(p);
	ok(p, wb_drop_database(context(p), &done, &p->err));
	assert_true(done);
	assert_false(wb_fs_exists(p->db));
	ok(p, wb_drop_database(context(p), &done, &p->err));
	assert_false(done);
	ok(p, wb_drop_database(context(p), NULL, &p->err));
}

static void test_reset(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	p->o.allow_reset = true;
	ok(p, UP(p));
	ok(p, wb_reset_database(context(p), &p->err));
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "1");
	ok(p, UP(p));
	assert_string_equal(applied(p), "1");
}

/* ---- new files -------------------------------------------------------------------------------- */

static char *made(struct place *p, struct wb_new_file f)
{
	char *path = NULL, *down = NULL;
	f.size = sizeof(f);
	ok(p, wb_new(context(p), &f, &path, &down, &p->err));
	assert_true(wb_fs_exists(path));
	free(down);
	return path;
}

static void test_new(void **state)
{
	struct place *p = *state;
	char *path = made(p, (struct wb_new_file){ .description = "Add users table", .template_name = "table" });
	assert_has(path, "V001__add_users_table.sql");
	free(path);
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "001");
	const char *const depends[] = { "001" };
	path = made(p, (struct wb_new_file){ .description = "more",
					     .author = "gertrude",
					     .depends = depends,
					     .n_depends = 1,
					     .breaking = true });
	assert_has(path, "V002__more.sql");
	free(path);
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "001 002");
	/* Without anybody asking for the path of a down file. */
	struct wb_new_file f = { .size = sizeof(f), .description = "third" };
	ok(p, wb_new(context(p), &f, &path, NULL, &p->err));
	free(path);
}

/* SQL of the caller's; a caller built before there was such a thing gets the template. */
static void test_new_with_sql(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	char *path = made(p, (struct wb_new_file){ .description = "mine",
						   .up = "CREATE TABLE mine (i INTEGER);\n",
						   .down = "DROP TABLE mine;\n" });
	free(path);
	ok(p, UP(p));
	assert_string_equal(applied(p), "001");
	struct wb_new_file f = { .size = offsetof(struct wb_new_file, up), .description = "old", .up = "NONSENSE" };
	ok(p, wb_new(context(p), &f, &path, NULL, &p->err));
	ok(p, wb_fs_read(path, 10000, &text, &p->err));
	assert_null(strstr(text.p, "NONSENSE"));
	free(path);
}

static void test_new_styles(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *style, *part;
	} cases[] = { { "versioned", "V001__x.sql" },
		      { "timestamped", "_schema_x.sql" },
		      { "numbered", "_x.sql" },
		      { "paired", "_x.up.sql" } };
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_new_file f = { .size = sizeof(f), .description = "x", .style = cases[i].style };
		char *path = NULL, *down = NULL;
		ok(p, wb_new(context(p), &f, &path, &down, &p->err));
		assert_has(path, cases[i].part);
		assert_int_equal(down != NULL, i == 3);
		assert_int_equal(unlink(path), 0);
		if (down)
			assert_int_equal(unlink(down), 0);
		free(path);
		free(down);
	}
}

static void test_new_refused(void **state)
{
	struct place *p = *state;
	char *path = NULL;
	struct wb_new_file f = { .size = sizeof(f), .description = "x", .style = "baroque" };
	assert_code(p, wb_new(context(p), &f, &path, NULL, &p->err), WB_EUSAGE);
	assert_has(p->err.hint, "timestamped");
	f.style = NULL;
	f.template_name = "nonsense";
	assert_true(wb_new(context(p), &f, &path, NULL, &p->err) < 0);
	f.template_name = NULL;
	f.description = NULL;
	assert_code(p, wb_new(context(p), &f, &path, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_new(context(p), NULL, &path, NULL, &p->err), WB_EUSAGE);
	p->o.dir = NULL;
	context_again(p);
	f.description = "x";
	assert_code(p, wb_new(context(p), &f, &path, NULL, &p->err), WB_EUSAGE);
	assert_null(path);
}

/* ---- the journal's DDL, queries ----------------------------------------------------------------- */

static void test_journal_sql(void **state)
{
	struct place *p = *state;
	char *text = NULL;
	p->o.journal_schema = "our";
	ok(p, wb_journal_sql(context(p), &text, &p->err));
	assert_has(text, "our_schema_migrations");
	assert_false(wb_fs_exists(p->db));
	sql(p, text);
	free(text);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT version FROM our_schema_migrations"), "1");
	p->o.journal_schema = "not a name";
	context_again(p);
	assert_code(p, wb_journal_sql(context(p), &text, &p->err), WB_EUSAGE);
}

struct rows {
	struct wb_str text;
	int calls, stop_after;
};

static int see(void *user, size_t n, const char *const *names, const char *const *values)
{
	struct rows *r = user;
	r->calls++;
	for (size_t i = 0; i < n; i++)
		wb_str_addf(&r->text, "%s=%s ", names[i], values ? values[i] ? values[i] : "NULL" : "?");
	return r->stop_after && r->calls >= r->stop_after ? WB_ENO : 0;
}

static void test_read_query(void **state)
{
	struct place *p = *state;
	struct rows r = { .text = WB_STR_INIT };
	put(p, "V1__a.sql", "CREATE TABLE a (x int, y text);\nINSERT INTO a VALUES (1, 'one'), (2, NULL);\n");
	ok(p, UP(p));
	ok(p, wb_read_query(context(p), "SELECT x, y FROM a ORDER BY x ; ", see, &r, &p->err));
	assert_string_equal(r.text.p, "x=1 y=one x=2 y=NULL ");
	wb_str_clear(&r.text);
	ok(p, wb_read_query(context(p), "SELECT x, y FROM a WHERE x > 7", see, &r, &p->err));
	wb_str_clear(&r.text);
	r.calls = 0;
	r.stop_after = 1;
	assert_code(p, wb_read_query(context(p), "SELECT x FROM a", see, &r, &p->err), WB_ENO);
	assert_string_equal(r.text.p, "x=1 ");
	r.stop_after = 0;
	static const char *const writes[] = { "DELETE FROM a", "CREATE TABLE b (x int)",
					      "INSERT INTO a VALUES (3, '') RETURNING x", "DROP TABLE a" };
	for (size_t i = 0; i < WB_ARRAY_LEN(writes); i++)
		assert_true(wb_read_query(context(p), writes[i], see, &r, &p->err) < 0);
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "2");
	assert_code(p, wb_read_query(context(p), "SELECT nothing FROM nowhere", see, &r, &p->err), WB_ESQL);
	assert_true(wb_read_query(context(p), "", see, &r, &p->err) < 0);
	assert_true(wb_read_query(context(p), "SELECT 1; SELECT 2", see, &r, &p->err) < 0);
	assert_code(p, wb_read_query(context(p), NULL, see, &r, &p->err), WB_EUSAGE);
	wb_str_done(&r.text);
}

static void test_read_query_makes_no_file(void **state)
{
	struct place *p = *state;
	struct rows r = { .text = WB_STR_INIT };
	assert_code(p, wb_read_query(context(p), "SELECT 1", see, &r, &p->err), WB_ECONN);
	assert_false(wb_fs_exists(p->db));
	wb_str_done(&r.text);
}

/* ---- waiting ---------------------------------------------------------------------------------------- */

static struct place *place_at_alarm;

static void create_it(int sig)
{
	(void)sig;
	int fd = open(place_at_alarm->db, O_CREAT | O_WRONLY, 0600);
	if (fd >= 0)
		close(fd);
}

static void cancel_it(int sig)
{
	(void)sig;
	wb_cancel(place_at_alarm->ctx);
}

static void test_wait(void **state)
{
	struct place *p = *state;
	place_at_alarm = p;
	context(p);
	assert_true(signal(SIGALRM, cancel_it) != SIG_ERR);
	ualarm(250000, 0);
	assert_code(p, wb_wait(p->ctx, 20000, &p->err), WB_ECANCELLED);
	assert_true(signal(SIGALRM, create_it) != SIG_ERR);
	ualarm(250000, 0);
	ok(p, wb_wait(p->ctx, 20000, &p->err));
}

/* ---- locks and health -------------------------------------------------------------------------------- */

static void test_locks(void **state)
{
	struct place *p = *state;
	struct wb_locks *l = NULL;
	char name[160];
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	ok(p, wb_locks(context(p), &l, &p->err));
	assert_int_equal(l->n_locks, 0);
	assert_int_equal(l->n_blockers, 0);
	wb_locks_free(l);
	snprintf(name, sizeof(name), "%s.whimbrel-lock", p->db);
	int fd = open(name, O_RDWR | O_CREAT, 0600);
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	assert_true(fd >= 0 && fcntl(fd, F_OFD_SETLK, &fl) == 0 && ftruncate(fd, 0) == 0);
	assert_int_equal(write(fd, "pid 77\nhost elsewhere\nuser gertrude\n", 36), 36);
	ok(p, wb_locks(context(p), &l, &p->err));
	assert_int_equal(l->n_locks, 1);
	assert_string_equal(l->locks[0].kind, "file");
	assert_string_equal(l->locks[0].owner, "gertrude");
	assert_string_equal(l->locks[0].host, "elsewhere");
	assert_int_equal(l->locks[0].pid, 77);
	assert_code(p, wb_lock_break(context(p), l->locks[0].id, &p->err), WB_EREFUSED);
	assert_code(p, wb_lock_break(context(p), "nonsense", &p->err), WB_ENOTFOUND);
	assert_code(p, wb_lock_break(context(p), NULL, &p->err), WB_EUSAGE);
	wb_locks_free(l);
	close(fd);
	assert_code(p, wb_terminate(context(p), 77, &p->err), WB_EUNSUPPORTED);
	wb_locks_free(NULL);
}

static const char *doctor(struct place *p)
{
	struct wb_doctor *d = NULL;
	ok(p, wb_doctor(context(p), &d, &p->err));
	wb_str_clear(&p->text);
	wb_str_addf(&p->text, "%s", d->verdict);
	for (size_t i = 0; i < d->n_findings; i++)
		wb_str_addf(&p->text, "\n%s %s: %s", d->findings[i].check, d->findings[i].level,
			    d->findings[i].message);
	wb_doctor_free(d);
	return p->text.p;
}

static void test_doctor(void **state)
{
	struct place *p = *state;
	assert_has(doctor(p), "FAILED\nconnectivity failed");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, UP(p));
	assert_true(!strncmp(doctor(p), "OK\n", 3) || !strncmp(p->text.p, "DEGRADED\n", 9));
	assert_has(p->text.p, "versions ok: 1 applied, 0 pending, at 1");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE IF EXISTS a;\n");
	assert_true(!strncmp(doctor(p), "DEGRADED", 8));
	put(p, "V1__a.sql", "CREATE TABLE a (x integer);\n");
	assert_true(!strncmp(doctor(p), "FAILED", 6));
	assert_has(p->text.p, "versions failed: migration 1 was changed");
	p->o.dir = NULL;
	context_again(p);
	assert_null(strstr(doctor(p), "versions"));
	wb_doctor_free(NULL);
}

static void test_doctor_of_a_broken_folder(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	p->o.dir = "/nonexistent/migrations";
	context_again(p);
	assert_has(doctor(p), "versions failed: there is no folder");
	assert_true(!strncmp(p->text.p, "FAILED", 6));
}

int test_admin(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_create_and_drop),
		TEST(test_reset),
		TEST(test_new),
		TEST(test_new_with_sql),
		TEST(test_new_styles),
		TEST(test_new_refused),
		TEST(test_journal_sql),
		TEST(test_read_query),
		TEST(test_read_query_makes_no_file),
		TEST(test_wait),
		TEST(test_locks),
		TEST(test_doctor),
		TEST(test_doctor_of_a_broken_folder),
	};
	return RUN_GROUP("admin");
}
