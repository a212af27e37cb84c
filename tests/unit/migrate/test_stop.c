/* SPDX-License-Identifier: Apache-2.0
 *
 * Stopping: cancelled by whoever listens, by a time limit, or kept out by the
 * lock of another process.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs for minutes unless it is stopped. */
#define FOREVER "INSERT INTO a WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

static struct place *place_at_alarm;

static const char *tables(struct place *p)
{
	return ask(p,
		   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'whimbrel%' ORDER BY name");
}

static void test_cancelled_in_a_statement(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n" FOREVER ";\n");
	ok(p, UP(p, .plan.to = "1"));
	p->cancel_at = "migration_started";
	assert_code(p, UP(p), WB_ECANCELLED);
	assert_string_equal(p->err.version, "2");
	assert_place(p, "V2__b.sql:2:1");
	assert_string_equal(tables(p), "a");
	assert_string_equal(states(p), "1:applied 2:failed");
	assert_string_equal(history(p), "up:1:ok up:2:cancelled");
	assert_string_equal(ask(p, "SELECT result FROM @migration_runs ORDER BY seq"), "ok cancelled");
	assert_has(p->events.p, "lock_released");
	/* What was asked to stop has stopped: the context can be used again. */
	p->cancel_at = NULL;
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	ok(p, UP(p));
	assert_string_equal(applied(p), "2");
}

static void test_cancelled_between_migrations(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	p->cancel_at = "migration_completed";
	assert_code(p, UP(p), WB_ECANCELLED);
	assert_string_equal(applied(p), "1");
	assert_string_equal(p->err.version, "");
	assert_null(strstr(p->events.p, "migration_failed"));
	assert_has(p->events.p, "run_failed");
	assert_string_equal(states(p), "1:applied");
	p->cancel_at = NULL;
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2");
}

static void test_pause(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	int64_t start = wb_now_ms();
	ok(p, UP(p, .pause_ms = 150));
	assert_true(wb_now_ms() - start >= 150);
	assert_string_equal(applied(p), "1 2");
}

static void alarm_rings(int sig)
{
	(void)sig;
	wb_cancel(place_at_alarm->ctx);
}

/* As the command line does it: from a signal handler. */
static void test_cancelled_in_a_pause(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	place_at_alarm = p;
	context(p);
	assert_true(signal(SIGALRM, alarm_rings) != SIG_ERR);
	ualarm(300000, 0);
	assert_code(p, UP(p, .pause_ms = 60000), WB_ECANCELLED);
	assert_string_equal(applied(p), "1");
	assert_string_equal(states(p), "1:applied");
}

static void test_cancelled_in_steps(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\n" FOREVER ";\n");
	p->cancel_at = "step_completed";
	assert_code(p, UP(p), WB_ECANCELLED);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:pending");
	p->cancel_at = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\nINSERT INTO a VALUES (1);\n");
	ok(p, UP(p));
}

/* While it rolls back nothing is heard: half a rollback would be worse than none. */
static void test_cancelled_and_rolled_back(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n" FOREVER ";\n");
	p->on_event = NULL;
	p->cancel_at = "migration_completed";
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ECANCELLED);
	assert_string_equal(applied(p), "1!");
	assert_string_equal(tables(p), "");
	assert_string_equal(states(p), "1:reverted");
}

static void test_time_limit(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n" FOREVER ";\n");
	int64_t start = wb_now_ms();
	assert_code(p, UP(p, .timeout_ms = 200), WB_ETIMEOUT);
	assert_in_range(wb_now_ms() - start, 150, 10000);
	assert_string_equal(tables(p), "");
	assert_string_equal(states(p), "1:failed");
	assert_string_equal(history(p), "up:1:failed");
	assert_place(p, "V1__a.sql:2:1");
}

static void test_time_limit_of_the_section(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "-- migrate:up timeout:200ms transaction:false\nCREATE TABLE b (x int);\n" FOREVER ";\n");
	assert_code(p, UP(p, .timeout_ms = 600000), WB_ETIMEOUT);
	assert_string_equal(tables(p), "a b");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations ORDER BY rank"),
			    "applied:1 failed:1");
}

/* ---- the lock ------------------------------------------------------------------------------ */

struct child {
	pid_t pid;
	int to, from;
};

/* Another process with the lock of the database, until it is told to end. */
static void hold_lock(struct place *p, struct child *c)
{
	int there[2], back[2];
	char byte = 0;
	assert_int_equal(pipe(there) | pipe(back), 0);
	c->pid = fork();
	if (c->pid == 0) {
		char name[160];
		snprintf(name, sizeof(name), "%s.whimbrel-lock", p->db);
		int fd = open(name, O_RDWR | O_CREAT, 0600);
		struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		char text[160];
		int n = snprintf(text, sizeof(text),
				 "pid %d\nhost elsewhere\nuser gertrude\nsince 2020-02-02T02:02:02Z\n", getpid());
		close(there[1]);
		if (fd < 0 || fcntl(fd, F_OFD_SETLK, &fl) || ftruncate(fd, 0) || write(fd, text, (size_t)n) != n ||
		    write(back[1], "x", 1) != 1)
			_exit(1);
		(void)!read(there[0], &byte, 1);
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	c->to = there[1];
	c->from = back[0];
	assert_int_equal(read(c->from, &byte, 1), 1);
}

static void end(struct child *c)
{
	int status = 1;
	close(c->to);
	close(c->from);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_int_equal(status, 0);
}

static void test_locked_by_another(void **state)
{
	struct place *p = *state;
	struct child c;
	char pid[32];
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	hold_lock(p, &c);
	int64_t start = wb_now_ms();
	assert_code(p, UP(p, .lock_wait_ms = -1), WB_EBUSY);
	assert_true(wb_now_ms() - start < 2000);
	assert_null(p->result);
	assert_has(p->err.detail, "gertrude");
	assert_has(p->err.detail, "elsewhere");
	assert_has(p->err.detail, "2020-02-02");
	snprintf(pid, sizeof(pid), "process %d", (int)c.pid);
	assert_has(p->err.detail, pid);
	start = wb_now_ms();
	assert_code(p, UP(p, .lock_wait_ms = 300), WB_EBUSY);
	assert_in_range(wb_now_ms() - start, 300, 3000);
	assert_has(p->events.p, "lock_waiting");
	end(&c);
	ok(p, UP(p));
}

static void stop_waiting(struct place *p, const struct wb_event *e)
{
	(void)p;
	if (!strcmp(e->name, "lock_waiting"))
		assert_has(e->message, "gertrude on elsewhere");
}

static void test_cancelled_while_waiting(void **state)
{
	struct place *p = *state;
	struct child c;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	hold_lock(p, &c);
	p->cancel_at = "lock_waiting";
	p->on_event = stop_waiting;
	assert_code(p, UP(p), WB_ECANCELLED);
	assert_null(p->result);
	p->cancel_at = NULL;
	end(&c);
	ok(p, UP(p));
}

static struct child *ends_at_event;

static void release(struct place *p, const struct wb_event *e)
{
	(void)p;
	if (!strcmp(e->name, "lock_waiting"))
		close(ends_at_event->to);
}

static void test_waits_for_the_lock(void **state)
{
	struct place *p = *state;
	struct child c;
	int status = 1;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	hold_lock(p, &c);
	ends_at_event = &c;
	p->on_event = release;
	ok(p, UP(p));
	assert_true(p->result->lock_wait_ms > 0);
	assert_string_equal(applied(p), "1");
	close(c.from);
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
}

/* Planning before the lock saw work; under the lock there is none left. */
static void other_run(struct place *p, const struct wb_event *e)
{
	if (strcmp(e->name, "lock_acquired"))
		return;
	sql(p, "CREATE TABLE a (x int);"
	       "UPDATE whimbrel_schema_migrations SET state = 'applied'");
}

static void test_another_run_was_faster(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, UP(p));
	ok(p, DOWN(p));
	p->on_event = other_run;
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	assert_string_equal(history(p), "up:1:ok down:1:ok");
	assert_has(p->events.p, "lock_released");
}

/* Another program writes, without our lock: tried again until the budget is spent. */
static void test_busy_database(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	p->o.blocking_budget_ms = 500;
	context_again(p);
	sql(p, "BEGIN IMMEDIATE");
	assert_true(UP(p) < 0);
	assert_int_equal(p->err.code, WB_EBUSY);
	sql(p, "ROLLBACK");
	assert_string_equal(states(p), "1:applied");
	ok(p, UP(p));
}

int test_stop(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_cancelled_in_a_statement),
		TEST(test_cancelled_between_migrations),
		TEST(test_pause),
		TEST(test_cancelled_in_a_pause),
		TEST(test_cancelled_in_steps),
		TEST(test_cancelled_and_rolled_back),
		TEST(test_time_limit),
		TEST(test_time_limit_of_the_section),
		TEST(test_locked_by_another),
		TEST(test_cancelled_while_waiting),
		TEST(test_waits_for_the_lock),
		TEST(test_another_run_was_faster),
		TEST(test_busy_database),
	};
	return RUN_GROUP("stop");
}
