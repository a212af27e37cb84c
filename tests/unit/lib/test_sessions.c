/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions of a PostgreSQL server: who holds the lock, who blocks whom, and how
 * one is ended.
 */
#include "tests.h"

#include <signal.h>
#include <unistd.h>

static struct wb_context *another(struct place *p)
{
	struct wb_context *c = NULL;
	struct wb_options o = p->o;
	o.event = NULL;
	o.log = NULL;
	ok(p, wb_open(&o, &c, &p->err));
	return c;
}

static struct wb_context *watcher;
static bool saw_blocker;

static void look(struct place *p, const struct wb_event *e)
{
	struct wb_locks *l = NULL;
	struct wb_error err = { 0 };
	if (strcmp(e->name, "blocked") || saw_blocker)
		return;
	assert_int_equal(wb_locks(watcher, &l, &err), 0);
	assert_int_equal(l->n_locks, 1);
	assert_true(l->locks[0].backend > 0);
	for (size_t i = 0; i < l->n_blockers; i++)
		saw_blocker |= !strcmp(l->blockers[i].application, "side") &&
			       strstr(l->blockers[i].query, "LOCK TABLE a") != NULL;
	int64_t pid = l->n_blockers ? l->blockers[0].blocking_pid : 0;
	wb_locks_free(l);
	/* The run may just have given way and not come back; then it is seen next time. */
	if (!pid)
		return;
	assert_true(saw_blocker);
	/* The other way out: end it. */
	assert_int_equal(wb_terminate(watcher, pid, &err), 0);
	(void)p;
}

static void test_blocker_is_seen_and_ended(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "ALTER TABLE a ADD y int;\n");
	watcher = another(p);
	saw_blocker = false;
	sql(p, "BEGIN");
	sql(p, "LOCK TABLE a IN ACCESS SHARE MODE");
	p->on_event = look;
	ok(p, UP(p));
	assert_true(saw_blocker);
	side_close(p); /* it was ended */
	assert_string_equal(ask(p, "SELECT action, result FROM @migration_history WHERE action = 'terminate'"),
			    "terminate:ok");
	assert_code(p, wb_terminate(watcher, 999999, &p->err), WB_ENOTFOUND);
	wb_close(watcher);
}

/* The key of schema "whimbrel" and project "main", as any session can take it. */
#define TAKE_LOCK \
	"SELECT pg_advisory_lock(('x' || encode(substr(sha256('whimbrel:whimbrel:main'), 1, 8), " \
	"'hex'))::bit(64)::bigint)"

static pid_t halted;

static void let_it_go_on(int sig)
{
	(void)sig;
	(void)kill(halted, SIGCONT);
}

/* The holder takes a moment to end, since it is halted: the call may not return before it has. */
static void test_lock_is_broken(void **state)
{
	struct place *p = *state;
	struct wb_locks *l = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	sql(p, TAKE_LOCK);
	assert_code(p, UP(p, .lock_wait_ms = 200), WB_EBUSY);
	assert_has(p->err.detail, "postgres");
	assert_null(p->result);
	ok(p, wb_locks(context(p), &l, &p->err));
	assert_int_equal(l->n_locks, 1);
	assert_string_equal(l->locks[0].kind, "session");
	halted = (pid_t)l->locks[0].backend;
	assert_true(halted > 0 && signal(SIGALRM, let_it_go_on) != SIG_ERR && kill(halted, SIGSTOP) == 0);
	ualarm(300000, 0);
	int first = wb_lock_break(context(p), l->locks[0].id, &p->err);
	int second = wb_lock_break(context(p), l->locks[0].id, &p->err);
	wb_locks_free(l);
	assert_int_equal(first, 0);
	assert_int_equal(second, WB_ENOTFOUND); /* the holder has ended, not only been told to */
	assert_code(p, wb_lock_break(context(p), "nonsense", &p->err), WB_ENOTFOUND);
	side_close(p); /* its session was ended with its lock: it can commit nothing more */
	assert_has(ask(p, "SELECT reason FROM @migration_history WHERE action = 'lock_break'"), "was broken");
	ok(p, UP(p));
	assert_string_equal(applied(p), "2");
}

/* Where nothing was ever migrated there is no history to note it in, and none is made for it. */
static void test_lock_is_broken_without_a_journal(void **state)
{
	struct place *p = *state;
	struct wb_locks *l = NULL;
	sql(p, TAKE_LOCK);
	ok(p, wb_locks(context(p), &l, &p->err));
	assert_int_equal(l->n_locks, 1);
	int rc = wb_lock_break(context(p), l->locks[0].id, &p->err);
	wb_locks_free(l);
	ok(p, rc);
	side_close(p);
	assert_string_equal(ask(p, "SELECT to_regnamespace('whimbrel') IS NULL"), "t");
}

/* The session of a run is ended from elsewhere: nothing of its transaction stays. */
static void shoot(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "step_progress"))
		sql(p, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid "
		       "<> pg_backend_pid()");
}

static void test_run_loses_its_lock(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nSELECT pg_sleep(60);\n");
	p->on_event = shoot;
	assert_code(p, UP(p), WB_ECONN);
	p->on_event = NULL;
	assert_string_equal(ask(p, "SELECT to_regclass('a') IS NULL"), "t");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
}

int test_sessions(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_PG(test_blocker_is_seen_and_ended),
		TEST_PG(test_lock_is_broken),
		TEST_PG(test_lock_is_broken_without_a_journal),
		TEST_PG(test_run_loses_its_lock),
	};
	return RUN_GROUP("sessions");
}
