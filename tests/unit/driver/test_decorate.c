/* SPDX-License-Identifier: Apache-2.0
 *
 * The decorators: what trace tells and keeps to itself, and what fault points do
 * to each call.
 */
#include "tests.h"

#include <sys/wait.h>
#include <unistd.h>

#include "wb_build.h"

struct log {
	char text[8192];
};

static void add_line(void *user, enum wb_log_level level, const char *message)
{
	struct log *l = user;
	size_t n = strlen(l->text);

	assert_int_equal(level, WB_LOG_TRACE);
	assert_null(strchr(message, '\n'));
	(void)snprintf(l->text + n, sizeof(l->text) - n, "%s\n", message);
}

static void test_trace(void **state)
{
	struct place *p = *state;
	struct log l = { "" };
	struct wb_sink sink = { .log = add_line, .log_user = &l, .level = WB_LOG_TRACE };
	const struct wb_value v[] = { wb_v_text("hunter2") };
	struct wb_query q[] = { { .sql = WB_SV("SELECT\n\t $1"), .params = v, .n_params = 1 },
				{ .sql = WB_SV("SELECT nosuch") } };
	struct wb_lock_holder h;
	char sql[600];

	p->o.sink = &sink;
	p->c = open_again(p, NULL);
	assert_int_equal(wb_run(p->c, q, 2, NULL, NULL, &p->err), WB_ESQL);
	assert_non_null(strstr(l.text, "sqlite: call 1 open: WB_OK, "));
	assert_non_null(strstr(l.text, "sqlite: call 2 run 1/2: SELECT $1\n"));
	assert_non_null(strstr(l.text, "sqlite: call 2 run 2/2: SELECT nosuch\n"));
	assert_non_null(strstr(l.text, "sqlite: call 2 run: WB_ESQL, "));
	assert_null(strstr(l.text, "hunter2"));
	(void)snprintf(sql, sizeof(sql), "SELECT '%0191dé%0300d'", 1, 2); /* byte 200 falls into the é */
	l.text[0] = '\0';
	assert_ok(try_exec(p->c, sql, &p->err), &p->err);
	assert_non_null(strstr(l.text, "1/1: SELECT '0"));
	assert_non_null(strstr(l.text, "1…\n")); /* cut before the é */
	assert_null(strstr(l.text, "é"));
	assert_ok(wb_conn_lock_try(p->c, "main", 0, &h, &p->err), &p->err);
	assert_non_null(strstr(l.text, "lock_try: WB_OK"));
	wb_conn_close(wb_steal(&p->c));
	assert_non_null(strstr(l.text, "close: WB_OK"));
}

static void test_silent(void **state)
{
	struct place *p = *state;
	struct log l = { "" };
	struct wb_sink sink = { .log = add_line, .log_user = &l, .level = WB_LOG_DEBUG };

	p->o.sink = &sink;
	p->c = open_again(p, NULL);
	exec(p->c, "SELECT 1");
	wb_conn_close(wb_steal(&p->c));
	assert_string_equal(l.text, "");
}

/* Methods that a driver may lack. */
static void test_lacking(void **state)
{
	struct place *p = *state;
	struct wb_driver d = *wb_sqlite_driver();
	wb_autostr s = WB_STR_INIT;
	struct wb_tx_options off = { .foreign_keys_off = true };
	int64_t done, total;
	const char *unit;

	d.before_migration = NULL;
	d.check = NULL;
	d.after_migration = NULL;
	d.health = NULL;
	d.journal_sql = NULL;
	d.read_only = NULL;
	p->c->driver = &d;
	assert_ok(wb_conn_before_migration(p->c, &off, &p->err), &p->err);
	assert_ok(wb_conn_check(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	assert_int_equal(wb_conn_health(p->c, NULL, NULL, &p->err), WB_EUNSUPPORTED);
	assert_int_equal(wb_conn_read_only(p->c, true, &p->err), WB_EUNSUPPORTED);
	assert_int_equal(wb_driver_journal_sql(&d, NULL, &s, &p->err), WB_EUNSUPPORTED);
	assert_false(wb_conn_progress(p->c, 1, &done, &total, &unit));
	p->c->driver = wb_sqlite_driver();
}

#ifdef WB_FAULTS

static struct wb_conn *open_with(struct place *p, const char *fault)
{
	struct wb_conn *c = NULL;

	assert_int_equal(setenv("WHIMBREL_FAULT", fault, 1), 0);
	assert_ok(wb_conn_open(wb_sqlite_driver(), &p->o, &c, &p->err), &p->err);
	assert_int_equal(unsetenv("WHIMBREL_FAULT"), 0);
	return c;
}

/* Call 1 opens, call 2 makes the table, call 3 is the one that is struck. */
static struct wb_conn *strike_third(struct place *p, const char *fault, int expected)
{
	struct wb_conn *c = open_with(p, fault);

	exec(c, "CREATE TABLE IF NOT EXISTS t (a)");
	assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &p->err), expected);
	return c;
}

/* A reply that is an error stays that error, and what follows is struck all the same. */
static void test_after_error(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_with(p, "drop@after:2");

	assert_int_equal(try_exec(c, "SELECT nosuch", &p->err), WB_ESQL);
	assert_string_equal(p->err.message, "no such column: nosuch");
	assert_int_equal(wb_conn_rollback(c, &p->err), WB_ECONN);
	wb_conn_close(c);
	c = open_with(p, "fail@after:2");
	assert_int_equal(try_exec(c, "SELECT nosuch", &p->err), WB_ESQL);
	assert_string_equal(p->err.message, "no such column: nosuch");
	wb_conn_close(c);
}

static void test_fail_and_drop(void **state)
{
	static const struct {
		const char *fault;
		int code, next;
		const char *rows;
	} cases[] = {
		{ "fail@before:3", WB_ESQL, 0, "0" },       { "fail@sent:3", WB_ESQL, 0, "1" },
		{ "fail@after:3", WB_ESQL, 0, "1" },        { "drop@before:3", WB_ECONN, WB_ECONN, "0" },
		{ "drop@sent:3", WB_ECONN, WB_ECONN, "1" }, { "drop@after:3", 0, WB_ECONN, "1" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_conn *c = strike_third(p, cases[i].fault, cases[i].code);

		assert_int_equal(try_exec(c, "SELECT 1", &p->err), cases[i].next);
		assert_int_equal(c->lost, cases[i].next == WB_ECONN);
		wb_conn_close(c);
		c = open_again(p, NULL);
		assert_value(c, "SELECT count(*) FROM t", cases[i].rows);
		exec(c, "DELETE FROM t");
		wb_conn_close(c);
	}
}

/* A dropped link takes its transaction with it, also on a lent handle. */
static void test_drop_in_transaction(void **state)
{
	struct place *p = *state;
	struct wb_conn *c;
	sqlite3 *db;
	int lent;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	for (lent = 0; lent < 2; lent++) {
		p->o.handle = lent ? db : NULL;
		c = open_with(p, "drop@sent:5");
		exec(c, "CREATE TABLE IF NOT EXISTS t (a);BEGIN IMMEDIATE;INSERT INTO t VALUES (1)");
		assert_true(c->in_transaction);
		assert_int_equal(try_exec(c, "INSERT INTO t VALUES (2)", &p->err), WB_ECONN);
		assert_false(c->in_transaction);
		assert_int_equal(wb_conn_rollback(c, &p->err), WB_ECONN);
		assert_int_equal(wb_conn_backend_pid(c), -1);
		wb_conn_close(c);
		p->o.handle = NULL;
		c = open_again(p, NULL);
		assert_value(c, "SELECT count(*) FROM t", "0");
		wb_conn_close(c);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int die_at(struct place *p, const char *fault)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)strike_third(p, fault, 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void test_kill(void **state)
{
	static const char *const cases[][2] = {
		{ "kill@before:3", "0" },
		{ "kill@sent:3", "1" },
		{ "kill@after:3", "1" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_conn *c;

		assert_int_equal(die_at(p, cases[i][0]), SIGKILL);
		c = open_again(p, NULL);
		assert_value(c, "SELECT count(*) FROM t", cases[i][1]);
		exec(c, "DELETE FROM t");
		wb_conn_close(c);
	}
}

/* Every method that touches the database is a call. */
static void test_count(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_tx_options off = { .foreign_keys_off = true };
	struct wb_lock_holder h, *v;
	enum wb_probe probe;
	const char *text;
	struct wb_conn *c;
	char count[16] = "";
	size_t n;
	FILE *f;

	assert_int_equal(setenv("WHIMBREL_FAULT_COUNT", p->other, 1), 0);
	c = open_with(p, "count@any:0"); /* 1 */
	exec(c, "SELECT 1"); /* 2 */
	assert_ok(wb_conn_lock_try(c, "main", 0, &h, &p->err), &p->err); /* 3 */
	assert_ok(wb_conn_lock_list(c, "main", &a, &v, &n, &p->err), &p->err); /* 4 */
	assert_int_equal(wb_conn_lock_break(c, "main", "x", &p->err), WB_ENOTFOUND); /* 5 */
	assert_ok(wb_conn_before_migration(c, &off, &p->err), &p->err); /* 6 */
	assert_ok(wb_conn_check(c, &p->err), &p->err); /* 7 */
	assert_ok(wb_conn_rollback(c, &p->err), &p->err); /* 8 */
	assert_ok(wb_conn_after_migration(c, &p->err), &p->err); /* 9 */
	assert_ok(wb_conn_probe(c, &a, WB_SV("VACUUM"), NULL, &probe, &text, &p->err), &p->err); /* 10 */
	assert_ok(wb_conn_syntax(c->driver, c, WB_SV("SELECT 1"), &n, &p->err), &p->err); /* 11 */
	assert_ok(wb_conn_lock_release(c, &p->err), &p->err); /* 12 */
	wb_conn_close(c);
	f = fopen(p->other, "r");
	assert_non_null(f);
	assert_non_null(fgets(count, sizeof(count), f));
	(void)fclose(f);
	assert_string_equal(count, "12\n");
	assert_int_equal(remove(p->other), 0);
	p->o.monitor = true;
	wb_conn_close(open_with(p, "count@any:0"));
	assert_false(file_exists(p->other)); /* monitors do not count */
	p->o.monitor = false;
	assert_int_equal(setenv("WHIMBREL_FAULT_COUNT", "/nowhere/x", 1), 0);
	wb_conn_close(open_with(p, "count@any:0"));
	assert_int_equal(unsetenv("WHIMBREL_FAULT_COUNT"), 0);
	wb_conn_close(open_with(p, "count@any:0"));
}

static void test_faulty_open(void **state)
{
	static const struct {
		const char *fault;
		int code;
	} cases[] = { { "fail@before:1", WB_ESQL }, { "drop@before:1", WB_ECONN }, { "fail@after:1", WB_ESQL } };
	struct place *p = *state;
	struct wb_conn *c = NULL;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		assert_int_equal(setenv("WHIMBREL_FAULT", cases[i].fault, 1), 0);
		assert_int_equal(wb_conn_open(wb_sqlite_driver(), &p->o, &c, NULL), cases[i].code);
		assert_null(c);
	}
	assert_int_equal(unsetenv("WHIMBREL_FAULT"), 0);
}

#else

static void test_not_compiled_in(void **state)
{
	struct place *p = *state;

	assert_int_equal(setenv("WHIMBREL_FAULT", "fail@before:1", 1), 0);
	p->c = open_again(p, NULL);
	assert_int_equal(unsetenv("WHIMBREL_FAULT"), 0);
}

#endif

int test_decorate(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_trace),         TEST(test_silent),
		TEST_CONN(test_lacking),
#ifdef WB_FAULTS
		TEST(test_fail_and_drop), TEST(test_drop_in_transaction),
		TEST(test_kill),          TEST(test_count),
		TEST(test_faulty_open),   TEST(test_after_error),
#else
		TEST(test_not_compiled_in),
#endif
	};

	return RUN_GROUP("decorate");
}
