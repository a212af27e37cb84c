/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory runs out at every single allocation of the calls that change something,
 * and of those that ask a server: the answer is "out of memory" or whole, and
 * nothing leaks.
 */
#include "tests.h"

#include <unistd.h>

static void quiet(struct place *p)
{
	p->o.event = NULL; /* the listeners allocate, too */
	p->o.log = NULL;
}

static void forget_context(struct place *p)
{
	wb_close(p->ctx);
	p->ctx = NULL;
}

/* ---- the database and a run (each kind of run: tests/unit/migrate/test_oom.c) ----------------- */

static int life(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	bool created = false, dropped = false;
	(void)unlink(p->db); /* of a call that failed in between */
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_create_database(c, &created, &p->err);
	if (rc == 0)
		rc = wb_wait(c, 0, &p->err);
	if (rc == 0)
		rc = wb_reset_database(c, &p->err);
	if (rc == 0)
		rc = wb_drop_database(c, &dropped, &p->err);
	assert_int_equal(rc == 0, created && dropped && !wb_fs_exists(p->db));
	wb_close(c);
	return rc;
}

static int up(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_run_result *r = NULL;
	(void)unlink(p->db);
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_up(c, NULL, &r, &p->err);
	if (rc == 0)
		assert_int_equal(r->n_applied, 1);
	wb_run_result_free(r);
	wb_close(c);
	return rc;
}

static void test_life(void **state)
{
	struct place *p = *state;
	static const struct wb_named_value v[] = { { "t", "a" } };
	quiet(p);
	p->o.allow_reset = true;
	p->o.variables = v;
	p->o.n_variables = 1;
	put(p, "V1__a.sql", "-- migrate:up variables:on\nCREATE TABLE ${t} (x int);\n-- migrate:down\nDROP TABLE a;\n");
	assert_true(wb_oom_run(life, p) > 3);
	assert_true(wb_oom_run(up, p) > 30);
	assert_string_equal(states(p), "1:applied");
}

/* ---- baseline and repair --------------------------------------------------------------------- */

static int adopt(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_repair *r = NULL;
	size_t n = 0;
	(void)unlink(p->db);
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_baseline(c, "1", "because", &n, &p->err);
	if (rc == 0)
		assert_int_equal(n, 1);
	if (rc == 0)
		rc = wb_repair(c, false, NULL, &r, &p->err);
	if (rc == 0)
		assert_int_equal(r->n_items, 0);
	wb_repair_free(r);
	wb_close(c);
	return rc;
}

static void test_adopt(void **state)
{
	struct place *p = *state;
	quiet(p);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	assert_true(wb_oom_run(adopt, p) > 30);
	assert_string_equal(states(p), "1:baseline");
}

/* ---- a program with its own files ------------------------------------------------------------- */

static int embedded(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_status *s = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_status(c, &s, &p->err);
	if (rc == 0)
		assert_int_equal(s->n_pending, 1);
	wb_status_free(s);
	wb_close(c);
	return rc;
}

static void test_embedded_files(void **state)
{
	struct place *p = *state;
	enum { MANY = 9000 }; /* more than what an arena has left */
	struct wb_embedded_migration one = { "V1__a.sql", "CREATE TABLE a (x int);" };
	struct wb_str long_name = WB_STR_INIT;
	for (int i = 0; i < MANY; i++)
		wb_str_addc(&long_name, 'x');
	const struct wb_named_value v[] = { { "a", long_name.p }, { long_name.p, "b" } };
	quiet(p);
	p->o.dir = NULL;
	p->o.embedded = &one;
	p->o.n_embedded = 1;
	p->o.variables = v;
	p->o.n_variables = 2;
	p->o.applied_by = long_name.p;
	assert_true(wb_oom_run(embedded, p) > 10);
	wb_str_done(&long_name);
}

/* ---- git ---------------------------------------------------------------------------------------- */

static int against(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_validation *v = NULL;
	struct wb_validate_options o = { .size = sizeof(o), .against = "HEAD" };
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_validate(c, &o, &v, &p->err);
	if (rc == 0)
		assert_int_equal(v->n_problems, 2);
	wb_validation_free(v);
	wb_close(c);
	return rc;
}

static void test_against(void **state)
{
	struct place *p = *state;
	char script[512];
	wb_autostr out = WB_STR_INIT;
	quiet(p);
	p->o.url = NULL;
	p->o.engine = "sqlite";
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	snprintf(script, sizeof(script),
		 "cd %s && git init -q && git add -A && git -c user.name=t -c user.email=t@t -c commit.gpgsign=false "
		 "commit -q -m one",
		 p->migrations);
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	ok(p, wb_proc_output(argv, 1 << 20, &out, &p->err));
	put(p, "V1__a.sql", "CREATE TABLE a (x bigint);\n");
	take_away(p, "V2__b.sql");
	assert_true(wb_oom_run(against, p) > 10);
}

/* ---- a server ------------------------------------------------------------------------------------- */

static int look(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_locks *l = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_locks(c, &l, &p->err);
	if (rc == 0)
		assert_int_equal(l->n_locks, 1);
	wb_locks_free(l);
	wb_close(c);
	return rc;
}

/* See test_sessions.c. */
#define TAKE_LOCK \
	"SELECT pg_advisory_lock(('x' || encode(substr(sha256('whimbrel:whimbrel:main'), 1, 8), " \
	"'hex'))::bit(64)::bigint)"

static void files_of_server(struct place *p)
{
	quiet(p);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	forget_context(p);
}

static void test_look_at_a_server(void **state)
{
	struct place *p = *state;
	files_of_server(p);
	sql(p, TAKE_LOCK);
	assert_true(wb_oom_run(look, p) > 5);
	assert_true(wb_oom_run(oom_doctor, p) > 20);
}

/* The side's session is ended, and that stands in the history unless there was no memory for it. */
static int end_side(struct place *p, bool by_lock)
{
	struct wb_context *c;
	char id[64];
	int64_t pid = 0;
	sql(p, TAKE_LOCK);
	snprintf(id, sizeof(id), "session:%s", ask(p, "SELECT pg_backend_pid()"));
	assert_true(wb_sv_i64(wb_sv_str(id + 8), &pid));
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = by_lock ? wb_lock_break(c, id, &p->err) : wb_terminate(c, pid, &p->err);
	wb_close(c);
	side_close(p);
	return rc;
}

static int break_lock(void *user)
{
	return end_side(user, true);
}

static int terminate(void *user)
{
	return end_side(user, false);
}

static void test_end_sessions(void **state)
{
	struct place *p = *state;
	files_of_server(p);
	sql(p, TAKE_LOCK " -- so that the texts of the place itself need no more room");
	side_close(p);
	assert_true(wb_oom_run(break_lock, p) > 10);
	assert_true(wb_oom_run(terminate, p) > 10);
	assert_has(ask(p, "SELECT DISTINCT action FROM @migration_history ORDER BY 1"), "lock_break terminate");
}

int test_memory_run(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_life),
		TEST(test_adopt),
		TEST(test_embedded_files),
		TEST(test_against),
		TEST_PG(test_look_at_a_server),
		TEST_PG(test_end_sessions),
	};
	return RUN_GROUP("memory_run");
}
