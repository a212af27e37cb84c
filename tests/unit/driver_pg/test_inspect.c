/* SPDX-License-Identifier: Apache-2.0
 *
 * Inspection against a real server: all_kinds.sql holds every kind of object
 * and attribute, and what is found there is made again in an empty database.
 */
#include "tests/unit/driver_pg/tests.h"

#include <stdlib.h>

#include "schema/schema.h"
#include "tests/unit/driver_pg/server.h"

static char *fixture(void)
{
	struct wb_str text = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(wb_fs_read(TESTS_FOLDER "/unit/driver_pg/all_kinds.sql", 1 << 20, &text, &err), &err);
	return wb_str_take(&text);
}

/* A script of many statements, in one transaction. */
static void run_script(const struct db *db, const char *sql)
{
	char url[256];
	snprintf(url, sizeof(url), "host=%s port=5432 user=postgres dbname=%s", server_socket(), db->name);
	PGconn *pg = PQconnectdb(url);
	PGresult *res = PQexec(pg, "SET client_min_messages = warning");
	PQclear(res);
	res = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(res);
	const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	int64_t n = 1;
	if (at && wb_sv_i64(wb_sv_str(at), &n))
		print_error("at: %.300s\n", sql + n - 1);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		print_error("%s\n", PQerrorMessage(pg));
	PQclear(res);
	PQfinish(pg);
	assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
}

static struct wb_model *inspect(struct wb_conn *c)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };

	assert_ok(wb_conn_inspect(c, NULL, &m, &err), &err);
	return m;
}

static char *snapshot(const struct wb_model *m)
{
	struct wb_str text = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(wb_snapshot_write(m, &text, &err), &err);
	return wb_str_take(&text);
}

static int take_text(void *user, const char *p, size_t n, struct wb_error *err)
{
	wb_str_addn(user, p, n);
	return ((struct wb_str *)user)->failed ? wb_err_nomem(err) : 0;
}

/* What pg_dump makes of it. */
static char *dumped(struct wb_conn *c)
{
	struct wb_str text = WB_STR_INIT;
	struct wb_error err = { 0 };
	const struct wb_scripting s = { .out = take_text, .user = &text };

	assert_ok(wb_conn_script(c, &s, &err), &err);
	return wb_str_take(&text);
}

static void assert_no_difference(const struct wb_model *a, const struct wb_model *b)
{
	struct wb_diff diff;
	struct wb_error err = { 0 };

	assert_ok(wb_schema_diff(a, b, &diff, &err), &err);
	for (size_t i = 0; i < diff.n; i++) {
		const struct wb_difference *d = &diff.v[i];
		const struct wb_object *o = d->expected ? d->expected : d->actual;
		print_error("%s %s.%s %s: %s | %s\n", wb_kind_name(o->kind), o->parent ? o->parent : "", o->name,
			    d->attribute ? d->attribute : "", d->expected_value ? d->expected_value : "",
			    d->actual_value ? d->actual_value : "");
	}
	assert_int_equal(diff.n, 0);
	wb_diff_done(&diff);
}

/* The first line that differs, with what stands around it: whole dumps are too long to be shown. */
static void assert_same_text(const char *a, const char *b)
{
	size_t i = 0, line = 0;

	while (a[i] && a[i] == b[i]) {
		i++;
		if (a[i - 1] == '\n')
			line = i;
	}
	if (a[i] != b[i])
		print_error("- %.400s\n+ %.400s\n", a + line, b + line);
	assert_int_equal(a[i], b[i]);
}

static void same_again(char *a, char *b)
{
	assert_same_text(a, b);
	free(a);
	free(b);
}

/* What the snapshot's own SQL makes in an empty database is the same again: for us, and for pg_dump. */
static void comes_back(void **state)
{
	struct db *db = *state, *other = NULL;
	char *sql = fixture();
	run_script(db, sql);
	free(sql);
	struct wb_model *a = inspect(db->c);
	sql = snapshot(a);
	assert_int_equal(db_open((void **)&other), 0);
	run_script(other, sql);
	struct wb_model *b = inspect(other->c);
	assert_no_difference(a, b);
	same_again(sql, snapshot(b));
	same_again(dumped(db->c), dumped(other->c));
	wb_model_free(a);
	wb_model_free(b);
	db_close((void **)&other);
}

int test_inspect(void)
{
	const struct CMUnitTest tests[] = {
		T(comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
