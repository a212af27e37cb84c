/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/driver_pg/server.h"

static int serial;

static void hear_log(void *user, enum wb_log_level level, const char *message)
{
	struct told *t = user;
	if (level == WB_LOG_INFO)
		t->logs++;
	snprintf(t->log, sizeof(t->log), "%s", message);
}

static void hear_event(void *user, const struct wb_event *event)
{
	struct told *t = user;
	t->events++;
	snprintf(t->event, sizeof(t->event), "%s %s", event->name, event->message ? event->message : "");
}

const char *db_url(struct db *db, const char *user, int port)
{
	char *text = wb_arena_printf(&db->arena, "host=%s port=%d user=%s dbname=%s",
				     port == POOLED ? pooler_socket() : server_socket(), port, user ? user : "postgres",
				     db->name);
	assert_non_null(text);
	return text;
}

struct wb_open_options db_options(struct db *db, const char *text)
{
	struct wb_url *url = wb_arena_alloc(&db->arena, sizeof(*url));
	struct wb_error err = { 0 };
	assert_non_null(url);
	assert_ok(wb_url_parse(&db->arena, text, url, &err), &err);
	return (struct wb_open_options){ .url = url, .sink = &db->sink };
}

int db_try_connect(struct db *db, const char *text, struct wb_conn **ret_conn, struct wb_error *err)
{
	struct wb_open_options o = db_options(db, text);
	return wb_conn_open(wb_postgres_driver(), &o, ret_conn, err);
}

struct wb_conn *db_connect(struct db *db, const char *user, int port)
{
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	assert_ok(db_try_connect(db, db_url(db, user, port), &c, &err), &err);
	return c;
}

int db_open(void **state)
{
	struct db *db = calloc(1, sizeof(*db)), admin = { .name = "postgres" };
	char sql[64];
	if (!db)
		return -1;
	snprintf(db->name, sizeof(db->name), "t%d", ++serial);
	struct wb_conn *c = db_connect(&admin, NULL, DIRECT);
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", db->name);
	sql_ok(c, sql);
	wb_conn_close(c);
	wb_arena_done(&admin.arena);
	db->sink = (struct wb_sink){ hear_log, &db->told, WB_LOG_DEBUG, hear_event, &db->told };
	db->c = db_connect(db, NULL, DIRECT);
	*state = db;
	return 0;
}

int db_close(void **state)
{
	struct db *db = *state;
	wb_conn_close(db->c);
	wb_arena_done(&db->arena);
	free(db);
	return 0;
}

void assert_ok_at(int rc, const struct wb_error *err, const char *file, int line)
{
	if (rc < 0) {
		print_error("%s:%d: %s: %s | %s | %s\n", file, line, wb_code_name(rc), err->message, err->detail,
			    err->hint);
		_fail(file, line);
	}
}

void sql_ok(struct wb_conn *c, const char *sql)
{
	struct wb_error err = { 0 };
	int rc = wb_exec(c, sql, &err);
	if (rc < 0)
		fail_msg("%s: %s (%s) in: %s", wb_code_name(rc), err.message, err.detail, sql);
}

void sql_fails(struct wb_conn *c, const char *sql, int code, const char *sqlstate)
{
	struct wb_error err = { 0 };
	int rc = wb_exec(c, sql, &err);
	if (rc != code || (sqlstate && strcmp(sqlstate, err.sqlstate) != 0))
		fail_msg("%s %s (%s) instead of %s %s in: %s", wb_code_name(rc), err.sqlstate, err.message,
			 wb_code_name(code), sqlstate ? sqlstate : "", sql);
}

static char text_buf[4096];

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	bool *found = user;
	(void)err;
	if (!*found)
		snprintf(text_buf, sizeof(text_buf), "%s", row->v[0].p ? row->v[0].p : "NULL");
	*found = true;
	return 0;
}

const char *sql_text(struct wb_conn *c, const char *sql)
{
	bool found = false;
	struct wb_query q = { .sql = wb_sv_str(sql), .row = take_text, .row_user = &found };
	struct wb_error err = { 0 };
	size_t done, offset;
	*text_buf = 0;
	if (wb_run(c, &q, 1, &done, &offset, &err) < 0)
		fail_msg("%s (%s) in: %s", err.message, err.detail, sql);
	return text_buf;
}

int64_t sql_number(struct wb_conn *c, const char *sql)
{
	int64_t n;
	assert_true(wb_sv_i64(wb_sv_str(sql_text(c, sql)), &n));
	return n;
}

int inspect_and_free(void *conn)
{
	struct wb_model *m;
	struct wb_error err = { 0 };
	int rc = wb_conn_inspect(conn, NULL, &m, &err);

	if (rc == 0)
		wb_model_free(m);
	return rc;
}

int run_texts(struct wb_conn *c, const char *const *sql, size_t n, size_t *ret_done, size_t *ret_offset,
	      struct wb_error *err)
{
	struct wb_query *q = calloc(n, sizeof(*q));
	assert_non_null(q);
	for (size_t i = 0; i < n; i++)
		q[i].sql = wb_sv_str(sql[i]);
	int rc = wb_run(c, q, n, ret_done, ret_offset, err);
	free(q);
	return rc;
}

pid_t start_child(struct db *db, const char *const *sql, size_t n)
{
	const char *url = db_url(db, NULL, DIRECT);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	PGconn *pg = PQconnectdb(url);
	for (size_t i = 0; i < n; i++)
		PQclear(PQexec(pg, sql[i]));
	pause();
	_exit(0);
}

void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void wait_sql(struct wb_conn *c, const char *sql, const char *expected)
{
	for (int i = 0; i < 500; i++) {
		if (!strcmp(sql_text(c, sql), expected))
			return;
		wb_sleep_ms(20);
	}
	fail_msg("%s stayed %s, not %s", sql, text_buf, expected);
}

int tick_counting(void *ticker)
{
	struct ticker *t = ticker;
	return ++t->calls >= t->from ? t->code : 0;
}
