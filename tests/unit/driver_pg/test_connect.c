/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/driver_pg/server.h"

int __real_PQserverVersion(const PGconn *pg);
int __wrap_PQserverVersion(const PGconn *pg);
static int pretended_version;
int __wrap_PQserverVersion(const PGconn *pg)
{
	return pretended_version ? pretended_version : __real_PQserverVersion(pg);
}

/* Must fail with this code; what is told is left in *err, and never holds the password. */
static void fails(struct db *db, const char *text, int code, struct wb_error *err)
{
	struct wb_conn *c = NULL;
	*err = (struct wb_error){ 0 };
	int rc = db_try_connect(db, text, &c, err);
	if (rc != code)
		fail_msg("%s gives %s %s | %s", text, wb_code_name(rc), err->message, err->detail);
	assert_null(c);
	assert_null(strstr(err->message, "hunter2"));
	assert_null(strstr(err->detail, "hunter2"));
	assert_null(strstr(err->hint, "hunter2"));
}

static void test_fresh(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	char expected[64];
	assert_true(strncmp(c->server, "PostgreSQL ", 11) == 0);
	assert_null(strchr(c->server + 11, ' '));
	assert_true(c->server_version >= 120000);
	assert_false(c->pooled || c->lost || c->in_transaction);
	assert_int_equal(wb_conn_backend_pid(c), sql_number(c, "SELECT pg_backend_pid()"));
	assert_sql(c, "SHOW client_encoding", "UTF8");
	assert_sql(c, "SHOW standard_conforming_strings", "on");
	assert_sql(c, "SHOW idle_in_transaction_session_timeout", "10min");
	assert_sql(c, "SHOW default_transaction_read_only", "off");
	if (c->server_version >= 140000) {
		assert_sql(c, "SHOW client_connection_check_interval", "2s");
		assert_sql(c, "SHOW idle_session_timeout", "0");
	}
	snprintf(expected, sizeof(expected), " %d@", (int)getpid());
	const char *name = sql_text(c, "SHOW application_name");
	assert_true(strncmp(name, "whimbrel/", 9) == 0);
	assert_non_null(strstr(name, expected));
	assert_true(strlen(name) < 64);
}

static void test_options(void **state)
{
	struct db *db = *state;
	struct wb_open_options o = db_options(db, db_url(db, NULL, DIRECT));
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	o.read_only = true;
	o.application_name = "a rather long name of an application that embeds the library";
	assert_ok(wb_conn_open(wb_postgres_driver(), &o, &c, &err), &err);
	sql_fails(c, "CREATE TABLE t (a int)", WB_EPRIVILEGE, "25006");
	assert_sql(c,
		   "SELECT length(current_setting('application_name')) <= 63 AND current_setting('application_name') ~ "
		   "'^a rather long.* [0-9]+@[^ ]+$'",
		   "t");
	assert_ok(wb_conn_read_only(c, false, &err), &err);
	sql_fails(c, "CREATE TABLE t (a int)", WB_EPRIVILEGE, "25006");
	wb_conn_close(c);
}

static void test_read_only_switch(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_read_only(db->c, true, &err), &err);
	sql_fails(db->c, "CREATE TABLE t (a int)", WB_EPRIVILEGE, "25006");
	assert_ok(wb_conn_read_only(db->c, false, &err), &err);
	sql_ok(db->c, "CREATE TABLE t (a int)");
	sql_ok(db->c, "BEGIN");
	assert_int_equal(wb_conn_read_only(db->c, true, &err), WB_EBUG);
}

static void test_refusals(void **state)
{
	struct db *db = *state;
	struct wb_error err;
	const char *dir = server_socket();
	sql_ok(db->c,
	       "DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD 'secret'; EXCEPTION WHEN duplicate_object THEN END $$");
	sql_ok(db->c, "DO $$ BEGIN CREATE ROLE nobody_enters LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
	char *text = wb_arena_printf(&db->arena, "host=%s user=locked password=hunter2 dbname=%s", dir, db->name);
	fails(db, text, WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "password is wrong"));
	assert_non_null(strstr(err.message, "***"));
	text = wb_arena_printf(&db->arena, "host=%s user=locked dbname=%s passfile=/nowhere", dir, db->name);
	fails(db, text, WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "PGPASSWORD"));
	fails(db, wb_arena_printf(&db->arena, "host=%s user=postgres dbname=absent", dir), WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "whimbrel create"));
	fails(db, wb_arena_printf(&db->arena, "host=%s user=unknown dbname=%s", dir, db->name), WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "does not know this user"));
	fails(db, wb_arena_printf(&db->arena, "host=%s user=nobody_enters dbname=%s", dir, db->name), WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "pg_hba.conf"));
	fails(db, "postgres://u:hunter2@127.0.0.1:1/x", WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "whimbrel wait"));
	fails(db, "host=/nowhere/at/all dbname=x", WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "whimbrel wait"));
	fails(db, "host=host.invalid dbname=x", WB_ECONN, &err);
	assert_non_null(strstr(err.hint, "unknown here"));
	fails(db,
	      wb_arena_printf(&db->arena, "host=%s dbname=%s sslmode=require user=postgres", "127.0.0.1 port=1",
			      db->name),
	      WB_ECONN, &err);
}

static void test_unreadable(void **state)
{
	struct db *db = *state;
	struct wb_url url = { .text = "postgres://u:hunter2@h/x?nonsense=hunter2",
			      .safe = "postgres://u:***@h/x",
			      .scheme = "postgres",
			      .has_password = true };
	struct wb_open_options o = { .url = &url, .sink = &db->sink };
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_open(wb_postgres_driver(), &o, &c, &err), WB_EUSAGE);
	assert_null(strstr(err.detail, "hunter2"));
	url.text = "postgres://h/x?nonsense=1";
	url.has_password = false;
	assert_int_equal(wb_conn_open(wb_postgres_driver(), &o, &c, &err), WB_EUSAGE);
	assert_non_null(strstr(err.detail, "nonsense"));
	/* libpq finds this one only when it connects. */
	fails(db, "host=localhost dbname=x sslmode=strange", WB_ECONN, &err);
	assert_non_null(strstr(err.detail, "strange"));
}

/* A port that accepts and then says nothing. */
static int silent_port(int *ret_fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(a);
	*ret_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(*ret_fd >= 0);
	assert_int_equal(bind(*ret_fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(*ret_fd, 5), 0);
	assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&a, &n), 0);
	return ntohs(a.sin_port);
}

static void test_silence(void **state)
{
	struct db *db = *state;
	int fd, port = silent_port(&fd);
	struct wb_error err;
	int64_t start = wb_now_ms();
	fails(db, wb_arena_printf(&db->arena, "host=127.0.0.1 port=%d dbname=x connect_timeout=1", port), WB_ECONN,
	      &err);
	assert_in_range(wb_now_ms() - start, 900, 4000);
	assert_non_null(strstr(err.message, "does not answer"));
	struct wb_open_options o = db_options(db, wb_arena_printf(&db->arena, "host=127.0.0.1 port=%d dbname=x", port));
	struct wb_conn *c = NULL;
	o.connect_timeout_ms = 300;
	start = wb_now_ms();
	assert_int_equal(wb_conn_open(wb_postgres_driver(), &o, &c, &err), WB_ECONN);
	assert_in_range(wb_now_ms() - start, 250, 2000);
	close(fd);
}

static void test_tick_while_connecting(void **state)
{
	struct db *db = *state;
	int fd, port = silent_port(&fd);
	struct ticker t = { .from = 3, .code = WB_ECANCELLED };
	struct wb_url url;
	struct wb_error err = { 0 };
	char *text = wb_arena_printf(&db->arena, "host=127.0.0.1 port=%d dbname=x", port);
	assert_ok(wb_url_parse(&db->arena, text, &url, &err), &err);
	struct wb_pg c = { .base = { .driver = wb_postgres_driver(),
				     .options = { .url = &url, .sink = &db->sink },
				     .tick = tick_counting,
				     .tick_user = &t } };
	assert_int_equal(wb_pg_open(&c.base, &err), WB_ECANCELLED);
	assert_int_equal(t.calls, 3);
	wb_pg_close(&c.base);
	close(fd);
}

static void test_old_server(void **state)
{
	struct db *db = *state;
	struct wb_error err;
	pretended_version = 110022;
	fails(db, db_url(db, NULL, DIRECT), WB_EUNSUPPORTED, &err);
	pretended_version = 0;
	assert_non_null(strstr(err.message, "too old"));
}

static void test_notices(void **state)
{
	struct db *db = *state;
	db->told = (struct told){ 0 };
	sql_ok(db->c, "DO $$ BEGIN RAISE NOTICE 'hello %', 7; END $$");
	assert_int_equal(db->told.logs, 1);
	assert_int_equal(db->told.events, 1);
	assert_string_equal(db->told.log, "NOTICE: hello 7");
	assert_string_equal(db->told.event, "notice hello 7");
}

static void test_lost(void **state)
{
	struct db *db = *state;
	struct wb_conn *other = db_connect(db, NULL, DIRECT);
	char sql[96];
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld)", (long long)wb_conn_backend_pid(other));
	sql_ok(db->c, sql);
	sql_fails(other, "SELECT 1", WB_ECONN, NULL);
	assert_true(other->lost);
	sql_fails(other, "SELECT 1", WB_ECONN, NULL);
	struct wb_error err = { 0 };
	assert_int_equal(wb_pg_rollback(other, &err), 0);
	size_t done, offset;
	struct wb_query q = { .sql = WB_SV("SELECT 1") };
	assert_int_equal(wb_pg_run(other, &q, 1, &done, &offset, &err), WB_ECONN);
	wb_conn_close(other);
	other = db_connect(db, NULL, DIRECT);
	sql_ok(other, "BEGIN");
	wb_pg_drop_link(other);
	sql_fails(other, "SELECT 1", WB_ECONN, NULL);
	assert_true(other->lost);
	assert_false(other->in_transaction);
	wb_conn_close(other);
	other = db_connect(db, NULL, DIRECT);
	sql_fails(other, "SELECT pg_terminate_backend(pg_backend_pid())", WB_ECONN, "57P01");
	assert_true(other->lost);
	wb_conn_close(other);
}

int test_connect(void)
{

	const struct CMUnitTest tests[] = {
		T(test_fresh),      T(test_options), T(test_read_only_switch),      T(test_refusals),
		T(test_unreadable), T(test_silence), T(test_tick_while_connecting), T(test_old_server),
		T(test_notices),    T(test_lost),
	};
	return cmocka_run_group_tests_name("driver_pg connect", tests, NULL, NULL);
}
