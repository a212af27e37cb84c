/* SPDX-License-Identifier: Apache-2.0
 *
 * Inspection of a schema so large that a second connection helps: it sees the
 * same, nothing needs it, nothing of it is left; and inspection beside sessions
 * that create and drop. Which way it went is told in the log.
 */
#include "tests/unit/driver_pg/tests.h"

#include "schema/schema.h"
#include "tests/unit/oom.h"

#define TWO "the schema is read over two connections"
#define NO_SECOND "no second connection"
#define AGAIN "the schema is read again"

/* Everything that is said, since several things are of interest. */
struct heard {
	int two, no_second, again;
};

static void hear(void *user, enum wb_log_level level, const char *message)
{
	struct heard *h = user;
	(void)level;
	h->two += strncmp(message, TWO, strlen(TWO)) == 0;
	h->no_second += strncmp(message, NO_SECOND, strlen(NO_SECOND)) == 0;
	h->again += strncmp(message, AGAIN, strlen(AGAIN)) == 0;
}

static void listen_to(struct db *db, struct heard *h)
{
	*h = (struct heard){ 0 };
	db->sink.log = hear;
	db->sink.log_user = h;
}

static void make_large(struct db *db)
{
	sql_ok(db->c, "CREATE SCHEMA large");
	sql_ok(db->c, "DO $$ BEGIN FOR i IN 1..300 LOOP\n"
		      "EXECUTE format('CREATE TABLE large.t%s (id bigint PRIMARY KEY, %s, CHECK (c1 <> c2))', i,\n"
		      "(SELECT string_agg(format('c%s integer DEFAULT %s NOT NULL', n, n), ', ') FROM "
		      "generate_series(1, 25) n));\n"
		      "EXECUTE format('CREATE INDEX ON large.t%s (c1, c2 DESC)', i);\n"
		      "EXECUTE format('CREATE INDEX ON large.t%s ((c1 + c2)) WHERE c3 > 0', i);\n"
		      "EXECUTE format('CREATE VIEW large.v%s AS SELECT id, c1 FROM large.t%s', i, i);\n"
		      "EXECUTE format('COMMENT ON VIEW large.v%s IS %L', i, 'of ' || i);\n"
		      "END LOOP; END $$");
}

static struct wb_model *inspect(struct wb_conn *c)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_inspect(c, NULL, &m, &err), &err);
	return m;
}

static void assert_same_schema(struct wb_conn *one, struct wb_conn *other)
{
	struct wb_model *a = inspect(one), *b = inspect(other);
	char x[65], y[65];
	struct wb_error err = { 0 };
	assert_ok(wb_snapshot_hash(a, x, &err), &err);
	assert_ok(wb_snapshot_hash(b, y, &err), &err);
	assert_string_equal(x, y);
	assert_true(a->n > 300 * 20);
	wb_model_free(a);
	wb_model_free(b);
}

static void assert_alone_here(struct wb_conn *c)
{
	wait_sql(c, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", "1");
	assert_false(c->in_transaction);
}

/* Behind a pooler there is but one. */
static void two_connections_see_what_one_sees(void **state)
{
	struct db *db = *state;
	struct heard h;
	make_large(db);
	listen_to(db, &h);
	struct wb_conn *pooled = db_connect(db, NULL, POOLED);
	assert_same_schema(db->c, pooled);
	assert_int_equal(h.two, 1);
	assert_int_equal(h.no_second, 0);
	wb_conn_close(pooled);
}

/* What is put together here is what the server itself would write. */
static void indexes_are_as_the_server_writes_them(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE SCHEMA \"odd \"\" one\"");
	sql_ok(db->c, "CREATE DOMAIN positive AS integer");
	sql_ok(db->c, "CREATE TYPE mood AS ENUM ('a', 'b')");
	sql_ok(db->c,
	       "CREATE TABLE \"odd \"\" one\".\"T\" (i integer, b bigint, v varchar(9), t text, c char(3), n numeric, "
	       "\"Odd \"\" c\" text COLLATE \"C\", p positive, m mood, a text[], r int4range, u uuid, j jsonb, "
	       "d date, z timestamptz, o oid, k name, x bytea, y boolean)");
	static const char *const forms[] = {
		"(i)",
		"(i DESC)",
		"(i DESC NULLS LAST)",
		"(i NULLS FIRST)",
		"(i, b DESC, v)",
		"(i, b, t, n)",
		"(v)",
		"(v varchar_ops)",
		"(v text_pattern_ops)",
		"(v varchar_pattern_ops)",
		"(t COLLATE \"C\")",
		"(\"Odd \"\" c\")",
		"(\"Odd \"\" c\" COLLATE \"default\")",
		"(c)",
		"(c bpchar_pattern_ops)",
		"(p)",
		"(m)",
		"(a)",
		"(r)",
		"(u, x)",
		"(d, z)",
		"(o, k)",
		"(y)",
		"(j)",
		"(n) INCLUDE (i)",
		"(i) WITH (fillfactor = 70)",
		"(i) WHERE b > 0",
		"((i + 1))",
		"(i, (i + 1))",
		"USING hash (i)",
		"USING gin (j jsonb_path_ops)",
		"USING gin (a)",
		"USING brin (i)",
		"USING gist (r)",
		"(i, v COLLATE \"C\" DESC, b)",
		"(b NULLS FIRST, i, n DESC NULLS LAST)",
	};
	char sql[300];
	for (size_t i = 0; i < WB_ARRAY_LEN(forms); i++) {
		for (int unique = 0; unique < (strncmp(forms[i], "USING", 5) == 0 ? 1 : 2); unique++) {
			snprintf(sql, sizeof(sql), "CREATE %sINDEX \"I %zu %d\" ON \"odd \"\" one\".\"T\" %s",
				 unique ? "UNIQUE " : "", i, unique, forms[i]);
			sql_ok(db->c, sql);
		}
	}
	sql_ok(db->c, "SET search_path = pg_catalog");
	struct wb_model *m = inspect(db->c);
	size_t seen = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i]->kind != WB_KIND_INDEX)
			continue;
		snprintf(sql, sizeof(sql), "SELECT pg_get_indexdef('\"odd \"\" one\".\"%s\"'::regclass)",
			 m->v[i]->name);
		assert_sql(db->c, sql, wb_object_get(m->v[i], "definition"));
		seen++;
	}
	assert_int_equal(seen, 2 * WB_ARRAY_LEN(forms) - 5);
	wb_model_free(m);
}

/* What the server says of it ends with what is an attribute of its own. */
static void assert_constraint(struct db *db, const struct wb_object *o)
{
	const char *deferrable = wb_object_get(o, "deferrable");
	char sql[300], wanted[300];

	snprintf(sql, sizeof(sql), "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '%s'", o->name);
	snprintf(wanted, sizeof(wanted), "%s%s%s%s", wb_object_get(o, "definition"), deferrable ? " " : "",
		 deferrable ? deferrable : "", wb_object_get(o, "not_valid") ? " NOT VALID" : "");
	assert_sql(db->c, sql, wanted);
}

/* As with indexes: most keys are put together here. */
static void keys_are_as_the_server_writes_them(void **state)
{
	struct db *db = *state;
	static const char *const forms[] = {
		"PRIMARY KEY (i)",
		"UNIQUE (\"Odd \"\" c\")",
		"UNIQUE (b) DEFERRABLE",
		"UNIQUE (b) INCLUDE (i)",
		"UNIQUE (v) DEFERRABLE INITIALLY DEFERRED",
		"UNIQUE (i, b)",
		"UNIQUE (b) WITH (fillfactor = 70)",
		"EXCLUDE USING btree (i WITH =)",
		"CHECK (i > 0)",
		"CHECK (i > b) NOT VALID",
		"CHECK (v <> ' NOT VALID')",
		"FOREIGN KEY (i) REFERENCES \"odd \"\" one\".\"T\"",
		"FOREIGN KEY (i) REFERENCES \"odd \"\" one\".\"T\" (b) MATCH FULL ON DELETE CASCADE ON UPDATE RESTRICT",
		"FOREIGN KEY (b) REFERENCES \"odd \"\" one\".\"T\" ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE",
		"FOREIGN KEY (b) REFERENCES \"odd \"\" one\".\"T\" ON UPDATE SET NULL INITIALLY DEFERRED",
		"FOREIGN KEY (b) REFERENCES \"odd \"\" one\".\"T\" ON UPDATE SET DEFAULT NOT VALID",
		"FOREIGN KEY (b) REFERENCES \"odd \"\" one\".\"T\" ON DELETE SET NULL",
		"FOREIGN KEY (b) REFERENCES \"odd \"\" one\".\"T\" ON DELETE SET DEFAULT DEFERRABLE NOT VALID",
		"FOREIGN KEY (\"Odd \"\" c\") REFERENCES \"odd \"\" one\".\"T\" (\"Odd \"\" c\")",
		"FOREIGN KEY (i, b) REFERENCES \"odd \"\" one\".\"T\" (i, b)",
	};
	char sql[300];
	size_t seen = 0;

	sql_ok(db->c, "CREATE SCHEMA \"odd \"\" one\"");
	sql_ok(db->c, "CREATE TABLE \"odd \"\" one\".\"T\" (i integer, b bigint, v text, \"Odd \"\" c\" text)");
	for (size_t i = 0; i < WB_ARRAY_LEN(forms); i++) {
		snprintf(sql, sizeof(sql), "ALTER TABLE \"odd \"\" one\".\"T\" ADD CONSTRAINT k%zu %s", i, forms[i]);
		sql_ok(db->c, sql);
	}
	sql_ok(db->c, "SET search_path = pg_catalog");
	struct wb_model *m = inspect(db->c);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i]->kind != WB_KIND_CONSTRAINT)
			continue;
		assert_constraint(db, m->v[i]);
		seen++;
	}
	assert_int_equal(seen, WB_ARRAY_LEN(forms));
	wb_model_free(m);
}

static void nothing_is_left_behind(void **state)
{
	struct db *db = *state;
	struct heard h;
	make_large(db);
	listen_to(db, &h);
	wb_model_free(inspect(db->c));
	assert_int_equal(h.two, 1);
	assert_alone_here(db->c);
	struct ticker t = { .from = 3, .code = WB_ECANCELLED };
	struct wb_model *m;
	struct wb_error err = { 0 };
	/* Something to wait for: the second connection hangs at this table, and only the tick ends it. */
	static const char *const hold[] = { "BEGIN", "LOCK TABLE large.t7" };
	pid_t child = start_child(db, hold, 2);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE relation = 'large.t7'::regclass", "1");
	db->c->tick = tick_counting;
	db->c->tick_user = &t;
	assert_int_equal(wb_conn_inspect(db->c, NULL, &m, &err), WB_ECANCELLED);
	db->c->tick = NULL;
	end_child(child);
	assert_int_equal(h.two, 2);
	assert_alone_here(db->c);
	sql_ok(db->c, "SET statement_timeout = 1");
	assert_int_equal(wb_conn_inspect(db->c, NULL, &m, &err), WB_ESQL);
	sql_ok(db->c, "SET statement_timeout = 0");
	assert_alone_here(db->c);
}

/* A server that has no room for a second one. */
static void one_connection_is_enough(void **state)
{
	struct db *db = *state;
	struct heard h;
	char sql[100], role[48];
	make_large(db);
	snprintf(role, sizeof(role), "only_%s", db->name);
	snprintf(sql, sizeof(sql), "CREATE ROLE %s LOGIN CONNECTION LIMIT 1", role);
	sql_ok(db->c, sql);
	struct wb_conn *single = db_connect(db, role, DIRECT);
	listen_to(db, &h);
	assert_same_schema(single, db->c);
	assert_int_equal(h.no_second, 1);
	assert_int_equal(h.two, 1);
	wb_conn_close(single);
	snprintf(sql, sizeof(sql), "DROP ROLE %s", role);
	sql_ok(db->c, sql);
}

/* Whoever ends the second connection ends a help, not the inspection. */
static void a_lost_second_is_no_failure(void **state)
{
	struct db *db = *state;
	struct heard h;
	make_large(db);
	char sql[400];
	snprintf(sql, sizeof(sql),
		 "DO $$ BEGIN FOR i IN 1..100000 LOOP PERFORM pg_stat_clear_snapshot(); "
		 "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
		 "AND pid NOT IN (pg_backend_pid(), %lld) AND query LIKE 'WITH journal%%'; PERFORM pg_sleep(0.001); "
		 "END LOOP; END $$",
		 (long long)sql_number(db->c, "SELECT pg_backend_pid()"));
	const char *const killing[] = { sql };
	pid_t child = start_child(db, killing, 1);
	wait_sql(db->c,
		 "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %' AND datname = current_database()", "1");
	listen_to(db, &h);
	for (int i = 0; i < 20 && !h.again; i++)
		wb_model_free(inspect(db->c));
	assert_true(h.two > 0);
	assert_true(h.again > 0);
	end_child(child);
}

static void memory_runs_out_on_two(void **state)
{
	struct db *db = *state;
	struct heard h;
	make_large(db);
	assert_int_equal(inspect_and_free(db->c), 0);
	listen_to(db, &h);
	assert_true(wb_oom_run_every(1499, inspect_and_free, db->c) > 0);
	assert_true(h.two > 0);
	assert_alone_here(db->c);
}

/* ---- beside sessions that create and drop -------------------------------------------------------- */

static size_t count_churned(const struct wb_model *m, enum wb_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i]->kind != kind || !m->v[i]->schema || strcmp(m->v[i]->schema, "churn") != 0)
			continue;
		n++;
		if (kind != WB_KIND_TABLE)
			assert_non_null(wb_object_get(m->v[i], "definition"));
	}
	return n;
}

/* All of it is made in one transaction and dropped in one: a model has all, or nothing. */
static bool inspect_churn(struct db *db)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };
	int rc = wb_conn_inspect(db->c, NULL, &m, &err);
	assert_false(db->c->in_transaction);
	if (rc < 0) {
		assert_string_equal(err.message, "the schema cannot be read: it changes all the time");
		assert_non_null(strstr(err.detail, "5 times"));
		assert_non_null(strstr(err.hint, "run again"));
		return false;
	}
	size_t n = count_churned(m, WB_KIND_TABLE);
	assert_true(n == 0 || n == 3);
	assert_int_equal(count_churned(m, WB_KIND_VIEW), n);
	assert_int_equal(count_churned(m, WB_KIND_INDEX), n);
	assert_int_equal(count_churned(m, WB_KIND_FUNCTION), n);
	wb_model_free(m);
	return true;
}

static void a_changing_schema_is_read_again(void **state)
{
	static const char *const churning[] = {
		"CREATE SCHEMA churn",
		"CREATE PROCEDURE public.churn() LANGUAGE plpgsql AS $$ BEGIN LOOP "
		"FOR i IN 1..3 LOOP "
		"EXECUTE format('CREATE TABLE churn.t%s (a integer CHECK (a > 0), b text)', i); "
		"EXECUTE format('CREATE INDEX ON churn.t%s ((a + 1))', i); "
		"EXECUTE format('CREATE VIEW churn.v%s AS SELECT a FROM churn.t%s WHERE a > 1', i, i); "
		"EXECUTE format('CREATE FUNCTION churn.f%s() RETURNS integer LANGUAGE sql AS %L', i, 'SELECT 1'); "
		"END LOOP; COMMIT; PERFORM pg_sleep(0.005); "
		"DROP VIEW churn.v1, churn.v2, churn.v3; DROP TABLE churn.t1, churn.t2, churn.t3; "
		"DROP FUNCTION churn.f1(), churn.f2(), churn.f3(); COMMIT; PERFORM pg_sleep(0.005); "
		"END LOOP; END $$",
		"CALL public.churn()",
	};
	struct db *db = *state;
	struct heard h;
	int read = 0;
	make_large(db);
	pid_t child = start_child(db, churning, WB_ARRAY_LEN(churning));
	wait_sql(db->c,
		 "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL %' AND datname = current_database()",
		 "1");
	listen_to(db, &h);
	for (int i = 0; i < 200 && (read < 5 || h.again < 3); i++)
		read += inspect_churn(db);
	end_child(child);
	assert_true(read >= 5);
	assert_true(h.again >= 3);
}

int test_inspect_large(void)
{
	const struct CMUnitTest tests[] = {
		T(two_connections_see_what_one_sees),
		T(indexes_are_as_the_server_writes_them),
		T(keys_are_as_the_server_writes_them),
		T(nothing_is_left_behind),
		T(one_connection_is_enough),
		T(a_lost_second_is_no_failure),
		T(memory_runs_out_on_two),
		T(a_changing_schema_is_read_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
