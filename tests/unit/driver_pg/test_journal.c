/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <malloc.h>

/* The rows of a named query: columns with '|', rows with a line end. */
struct table {
	char text[8192];
	size_t n;
};

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct table *t = user;
	(void)err;
	for (int i = 0; i < row->n; i++)
		t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "%s%s", i ? "|" : "",
					 row->v[i].p ? row->v[i].p : "~");
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "\n");
	return 0;
}

static const char *ask(struct wb_conn *c, enum wb_sql_id id, const struct wb_value *p, int n)
{
	static struct table t;
	struct wb_error err = { 0 };
	t = (struct table){ 0 };
	assert_ok(wb_query_named(c, id, p, n, take, &t, NULL, &err), &err);
	return t.text;
}

static int64_t change(struct wb_conn *c, enum wb_sql_id id, const struct wb_value *p, int n)
{
	struct wb_error err = { 0 };
	int64_t affected = -2;
	assert_ok(wb_query_named(c, id, p, n, NULL, NULL, &affected, &err), &err);
	return affected;
}
#define V(...) (const struct wb_value[]){ __VA_ARGS__ }, (int)WB_ARRAY_LEN(((const struct wb_value[]){ __VA_ARGS__ }))
#define S wb_v_text
#define I wb_v_int

/* The creation script, statement by statement in one transaction, as the executor runs it. */
static int create(struct wb_conn *c, const char *script, struct wb_error *err)
{
	struct wb_mem_reader reader = { wb_sv_str(script) };
	struct wb_split_options o = { .dialect = WB_DIALECT_POSTGRES, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s = NULL;
	int rc = wb_split_new(&o, &s, err);
	sql_ok(c, "BEGIN");
	while (rc == 0) {
		struct wb_item item;
		rc = wb_split_next(s, &item, err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		struct wb_query q = { .sql = item.text };
		size_t done, offset;
		rc = wb_run(c, &q, 1, &done, &offset, err);
	}
	wb_split_free(s);
	sql_ok(c, rc < 0 ? "ROLLBACK" : "COMMIT");
	return rc;
}

static void create_ok(struct wb_conn *c)
{
	struct wb_error err = { 0 };
	assert_ok(create(c, wb_conn_sql(c, WB_SQL_JOURNAL_CREATE), &err), &err);
}

static void put(struct wb_conn *c, const char *version, int64_t rank, const char *state)
{
	assert_int_equal(change(c, WB_SQL_MIGRATION_PUT,
				V(S("main"), S(version), S("versioned"), I(rank), S("descr"), S("numbered"),
				  S("schema"), S("f.sql"), S("sha256:x"), WB_V_NULL, S(state), S("up"), I(3), I(2),
				  I(1500), I(7), S("me"), S("here"), S("0.1"), WB_V_NULL, S("DROP TABLE t"), WB_V_NULL,
				  WB_V_NULL, WB_V_NULL, S("run-1"))),
			 1);
}

static bool is_time(const char *s)
{
	return strlen(s) >= 27 && s[4] == '-' && s[10] == 'T' && s[19] == '.' && s[26] == 'Z';
}

static void test_migrations(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	assert_string_equal(ask(c, WB_SQL_JOURNAL_EXISTS, NULL, 0), "");
	create_ok(c);
	create_ok(c); /* changes nothing */
	assert_string_equal(ask(c, WB_SQL_JOURNAL_EXISTS, NULL, 0), "1\n");
	assert_string_equal(ask(c, WB_SQL_JOURNAL_FORMAT, NULL, 0), "1\n");
	put(c, "2", 2, "applied");
	put(c, "1", 1, "running");
	char time[40];
	snprintf(time, sizeof(time), "%s",
		 sql_text(c, "SELECT to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM "
			     "whimbrel.schema_migrations WHERE version = '2'"));
	assert_true(is_time(time));
	char expected[512];
	snprintf(expected, sizeof(expected),
		 "1|versioned|sha256:x|~|running|1|1|up|3|2|descr|numbered|schema|f.sql|~|1500|~|~|~\n"
		 "2|versioned|sha256:x|~|applied|2|1|up|3|2|descr|numbered|schema|f.sql|%s|1500|~|~|~\n",
		 time);
	assert_string_equal(ask(c, WB_SQL_MIGRATION_LIST, V(S("main"))), expected);
	assert_string_equal(ask(c, WB_SQL_MIGRATION_LIST, V(S("other"))), "");
	const char *lean = ask(c, WB_SQL_MIGRATION_LIST_LEAN, V(S("main"))); /* in any order */
	assert_non_null(strstr(lean, "2|versioned|sha256:x|~|applied|2|1\n"));
	assert_non_null(strstr(lean, "1|versioned|sha256:x|~|running|1|1\n"));
	assert_sql(c,
		   "SELECT extract(epoch FROM finished_at - started_at)::numeric(9,1) FROM whimbrel.schema_migrations "
		   "WHERE version = '2'",
		   "1.5");
	put(c, "1", 1, "applied"); /* an upsert */
	assert_int_equal(change(c, WB_SQL_MIGRATION_STATE,
				V(S("main"), S("1"), S("failed"), WB_V_NULL, S("why"), S("boom"), WB_V_NULL)),
			 1);
	assert_sql(c,
		   "SELECT state || statements_done || reason || error || run FROM whimbrel.schema_migrations WHERE "
		   "version = '1'",
		   "failed2whyboomrun-1");
	assert_int_equal(change(c, WB_SQL_MIGRATION_DOWN, V(S("main"), S("1"), I(9))), 1);
	assert_sql(c,
		   "SELECT concat(state, phase, statements_total, statements_done, error) FROM "
		   "whimbrel.schema_migrations WHERE version = '1'",
		   "runningdown90");
	assert_int_equal(change(c, WB_SQL_MIGRATION_REPAIR,
				V(S("main"), S("1"), S("sha256:y"), S("sha256:z"), S("g.sql"), S("new"), S("ok"))),
			 1);
	assert_sql(c,
		   "SELECT concat(checksum, down_checksum, file, description, reason) FROM whimbrel.schema_migrations "
		   "WHERE version = '1'",
		   "sha256:ysha256:zg.sqlnewok");
	assert_string_equal(ask(c, WB_SQL_MIGRATION_TEXT, V(S("main"), S("2"))),
			    "DROP TABLE t|~|f.sql|sha256:x|numbered\n");
	assert_int_equal(change(c, WB_SQL_MIGRATION_DELETE, V(S("main"), S("2"))), 1);
	assert_int_equal(change(c, WB_SQL_MIGRATION_DELETE, V(S("main"), S("2"))), 0);
	assert_string_equal(ask(c, WB_SQL_MIGRATION_TEXT, V(S("main"), S("2"))), "");
	struct wb_error err = { 0 };
	struct wb_value bad[] = { S("main"), S("1"), S("nonsense"), WB_V_NULL, WB_V_NULL, WB_V_NULL, WB_V_NULL };
	assert_int_equal(wb_query_named(c, WB_SQL_MIGRATION_STATE, bad, 7, NULL, NULL, NULL, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "23514");
	assert_true(is_time(ask(c, WB_SQL_SERVER_TIME, NULL, 0)));
}

static void test_history(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	create_ok(c);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			change(c, WB_SQL_HISTORY_ADD,
			       V(S("main"), S("run"), S(i == 2 ? "9" : "1"), S("d"), S("up"), S("ok"), I(i), I(2), I(3),
				 I(0), I(100), I(5), WB_V_NULL, S("me"), S("here"), S("0.1"), WB_V_NULL, S("err"))),
			1);
	const char *text = ask(c, WB_SQL_HISTORY_LIST, V(S("main"), WB_V_NULL, I(2)));
	assert_true(strncmp(text, "3|", 2) == 0 && is_time(text + 2));
	assert_non_null(strstr(text, "|9|d|up|ok|2|2|3|0|100|5|~|me|here|0.1|~|err|run\n2|"));
	assert_null(strstr(text, "\n1|"));
	assert_non_null(strstr(ask(c, WB_SQL_HISTORY_LIST, V(S("main"), S("1"), I(-1))), "\n1|"));
	assert_string_equal(ask(c, WB_SQL_HISTORY_LIST, V(S("main"), S("1"), I(0))), "");
}

static void test_steps(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	create_ok(c);
	for (int i = 1; i <= 2; i++)
		assert_int_equal(change(c, WB_SQL_STEP_PUT,
					V(S("main"), S("1"), S("up"), I(i), S("index_create"), I(0), S("h"),
					  S("CREATE …"), I(4), I(2), S("pending"), S("run"))),
				 1);
	assert_string_equal(ask(c, WB_SQL_STEP_LIST, V(S("main"), S("1"))),
			    "1|up|1|index_create|0|h|CREATE …|4|2|pending|~|~|~|~|run\n1|up|2|index_create|0|h|CREATE "
			    "…|4|2|pending|~|~|~|~|run\n");
	assert_int_equal(change(c, WB_SQL_STEP_STATE,
				V(S("main"), S("1"), S("up"), I(1), S("running"), S("memo"), WB_V_NULL, WB_V_NULL,
				  S("old"), WB_V_NULL, WB_V_NULL, WB_V_NULL, WB_V_NULL, WB_V_NULL)),
			 1);
	assert_sql(
		c,
		"SELECT started_at IS NOT NULL AND finished_at IS NULL FROM whimbrel.migration_steps WHERE ordinal = 1",
		"t");
	assert_int_equal(change(c, WB_SQL_STEP_STATE,
				V(S("main"), S("1"), S("up"), I(1), S("done"), WB_V_NULL, S("done"), S("cur"),
				  WB_V_NULL, I(5), I(6), I(7), I(8), S("run2"))),
			 1);
	assert_sql(c,
		   "SELECT concat_ws(',', state, memo, probe, cursor, error, execution_ms, rss_kb, cpu_ms, "
		   "lock_wait_ms, run, finished_at > started_at) "
		   "FROM whimbrel.migration_steps WHERE ordinal = 1",
		   "done,memo,done,cur,5,6,7,8,run2,t");
	change(c, WB_SQL_STEP_PUT,
	       V(S("main"), S("1"), S("up"), I(1), S("sql"), I(1), S("h"), S("x"), I(4), I(2), S("pending"), S("run")));
	assert_sql(c,
		   "SELECT concat(memo, probe, cursor, error, started_at, finished_at, execution_ms) FROM "
		   "whimbrel.migration_steps WHERE ordinal = 1",
		   "");
	assert_string_equal(ask(c, WB_SQL_STEP_LIST, V(S("main"), S("2"))), "");
	assert_non_null(strstr(ask(c, WB_SQL_STEP_LIST, V(S("main"), WB_V_NULL)), "1|up|2"));
	assert_int_equal(change(c, WB_SQL_STEP_CLEAR, V(S("main"), S("1"), S("up"))), 2);
}

static void test_runs(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	create_ok(c);
	assert_string_equal(ask(c, WB_SQL_RUN_OPEN, V(S("main"), WB_V_NULL)), "");
	for (int i = 0; i < 2; i++)
		change(c, WB_SQL_RUN_ADD,
		       V(S(i ? "b" : "a"), S("main"), S("up"), S("digest"), S("plan"), S("0.1"), S("me"), S("here"),
			 I(42)));
	const char *text = ask(c, WB_SQL_RUN_OPEN, V(S("main"), WB_V_NULL));
	assert_true(strncmp(text, "b|up|digest|plan|0.1|me|here|42|2", 33) == 0);
	assert_non_null(strstr(text, "Z|~\n"));
	assert_int_equal(change(c, WB_SQL_RUN_END, V(S("b"), S("ok"), WB_V_NULL)), 1);
	assert_non_null(strstr(ask(c, WB_SQL_RUN_OPEN, V(S("main"), WB_V_NULL)), "Z|ok\n"));
	assert_int_equal(change(c, WB_SQL_RUN_SUPERSEDE, V(S("main"))), 1);
	assert_sql(c, "SELECT result FROM whimbrel.migration_runs WHERE id = 'a' AND finished_at IS NOT NULL",
		   "interrupted");
	change(c, WB_SQL_DEPENDENCY_ADD, V(S("main"), S("2"), S("1")));
	assert_int_equal(change(c, WB_SQL_DEPENDENCY_ADD, V(S("main"), S("2"), S("1"))), 0);
	assert_string_equal(ask(c, WB_SQL_DEPENDENCY_LIST, V(S("main"))), "2|1\n");
	assert_int_equal(change(c, WB_SQL_DEPENDENCY_CLEAR, V(S("main"), S("2"))), 1);
}

/* An operator and functions that would lie, earlier in the path than pg_catalog's. */
static void test_hostile_path(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	create_ok(c);
	put(c, "1", 1, "applied");
	static const char *const traps[] = {
		"CREATE SCHEMA evil",
		"CREATE FUNCTION evil.no(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
		"CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.no)",
		"CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
		"CREATE FUNCTION evil.to_char(timestamp, text) RETURNS text LANGUAGE sql AS $$SELECT 'evil'$$",
		"CREATE DOMAIN evil.text AS varchar(1)",
		"CREATE TEMP TABLE schema_migrations (a int)",
		"SET search_path = evil, pg_catalog, public",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(traps); i++)
		sql_ok(c, traps[i]);
	assert_sql(c, "SELECT 'a'::pg_catalog.text = 'a'::pg_catalog.text", "f"); /* the trap works */
	put(c, "2", 2, "applied");
	assert_int_equal(change(c, WB_SQL_MIGRATION_STATE,
				V(S("main"), S("1"), S("failed"), WB_V_NULL, WB_V_NULL, S("long error"), WB_V_NULL)),
			 1);
	const char *text = ask(c, WB_SQL_MIGRATION_LIST, V(S("main")));
	assert_true(strncmp(text, "1|", 2) == 0);
	assert_non_null(strstr(text, "\n2|"));
	assert_non_null(strstr(text, "long error"));
	assert_null(strstr(text, "evil"));
	change(c, WB_SQL_RUN_ADD,
	       V(S("run-x"), S("main"), S("up"), S("d"), S("p"), S("0.1"), S("me"), S("here"), I(42)));
	assert_int_equal(change(c, WB_SQL_RUN_END, V(S("run-x"), S("ok"), WB_V_NULL)), 1);
	change(c, WB_SQL_STEP_PUT,
	       V(S("main"), S("1"), S("up"), I(1), S("sql"), I(1), S("h"), S("x"), I(4), I(2), S("pending"), S("run")));
	assert_int_equal(change(c, WB_SQL_STEP_STATE,
				V(S("main"), S("1"), S("up"), I(1), S("done"), WB_V_NULL, WB_V_NULL, WB_V_NULL,
				  WB_V_NULL, I(5), I(6), I(7), I(8), WB_V_NULL)),
			 1);
	assert_sql(c, "SELECT finished_at IS NOT NULL FROM whimbrel.migration_steps", "t");
	struct wb_lock_holder h;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_lock_try(c, "main", 1000, &h, &err), &err);
	assert_ok(wb_conn_lock_release(c, &err), &err);
}

static void test_names(void **state)
{
	struct db *db = *state;
	static const char *const schemas[] = { "public", "a \"quoted\" 'name' \\ with @journal@", "Journal" };
	for (size_t i = 0; i < WB_ARRAY_LEN(schemas); i++) {
		struct wb_open_options o = db_options(db, db_url(db, NULL, DIRECT));
		struct wb_conn *c = NULL;
		struct wb_error err = { 0 };
		o.journal_schema = schemas[i];
		assert_ok(wb_conn_open(wb_postgres_driver(), &o, &c, &err), &err);
		assert_string_equal(ask(c, WB_SQL_JOURNAL_EXISTS, NULL, 0), "");
		create_ok(c);
		assert_string_equal(ask(c, WB_SQL_JOURNAL_EXISTS, NULL, 0), "1\n");
		put(c, "1", 1, "applied");
		struct wb_lock_holder *v;
		size_t n;
		assert_ok(wb_conn_lock_list(c, "main", &db->arena, &v, &n, &err), &err);
		assert_string_equal(ask(c, WB_SQL_USER_OBJECTS, NULL, 0),
				    i == 0 ? "" : ask(c, WB_SQL_USER_OBJECTS, NULL, 0));
		wb_conn_close(c);
	}
}

static void test_script_for_people(void **state)
{
	struct db *db = *state;
	wb_autostr text = WB_STR_INIT;
	struct wb_error err = { 0 };
	assert_ok(wb_driver_journal_sql(wb_postgres_driver(), "by_hand", &text, &err), &err);
	assert_non_null(strstr(text.p, "CREATE SCHEMA \"by_hand\";"));
	assert_string_equal(text.p + text.n - 2, ";\n");
	assert_null(strchr(text.p, '@'));
	assert_ok(create(db->c, text.p, &err), &err);
	assert_sql(db->c, "SELECT count(*) FROM pg_tables WHERE schemaname = 'by_hand'", "13");
	assert_sql(db->c,
		   "SELECT count(*) FROM pg_class c WHERE relnamespace = 'by_hand'::regnamespace AND relkind = 'r' AND "
		   "obj_description(oid) IS NULL",
		   "0");
	wb_str_clear(&text);
	assert_ok(wb_driver_journal_sql(wb_postgres_driver(), NULL, &text, &err), &err);
	assert_non_null(strstr(text.p, "\"whimbrel\".schema_migrations"));
}

/* A role that owns an existing schema needs no more; one without any right is told so. */
static void test_privileges(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	sql_ok(db->c, "CREATE ROLE small LOGIN");
	sql_ok(db->c, "CREATE ROLE nothing LOGIN");
	struct wb_conn *c = db_connect(db, "small", DIRECT);
	assert_int_equal(create(c, wb_conn_sql(c, WB_SQL_JOURNAL_CREATE), &err), WB_EPRIVILEGE);
	assert_string_equal(err.sqlstate, "42501");
	sql_ok(db->c, "CREATE SCHEMA whimbrel AUTHORIZATION small");
	create_ok(c);
	put(c, "1", 1, "applied");
	wb_conn_close(c);
	c = db_connect(db, "nothing", DIRECT);
	assert_string_equal(ask(c, WB_SQL_JOURNAL_EXISTS, NULL, 0), "1\n");
	assert_int_equal(wb_query_named(c, WB_SQL_JOURNAL_FORMAT, NULL, 0, NULL, NULL, NULL, &err), WB_EPRIVILEGE);
	wb_conn_close(c);
	sql_ok(db->c, "DROP OWNED BY small");
	sql_ok(db->c, "DROP ROLE small");
	sql_ok(db->c, "DROP ROLE nothing");
}

static void test_user_objects(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	create_ok(c);
	assert_string_equal(ask(c, WB_SQL_USER_OBJECTS, NULL, 0), "");
	static const char *const sql[] = {
		"CREATE SCHEMA app",
		"CREATE TABLE app.t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \"Order\" text)",
		"ALTER TABLE app.t ADD CONSTRAINT \"t_Order_check\" CHECK (\"Order\" <> '')",
		"CREATE VIEW v AS SELECT * FROM app.t",
		"CREATE MATERIALIZED VIEW m AS SELECT 1 AS a",
		"CREATE INDEX i ON m (a)",
		"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
		"CREATE TRIGGER tr BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION f()",
		"CREATE TYPE e AS ENUM ('a')",
		"CREATE DOMAIN d AS int",
		"CREATE POLICY p ON app.t USING (true)",
		"CREATE EXTENSION citext SCHEMA public",
		"CREATE TEMP TABLE not_listed (a int)",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(sql); i++)
		sql_ok(c, sql[i]);
	assert_string_equal(ask(c, WB_SQL_USER_OBJECTS, NULL, 0),
			    "constraint|app.t.\"t_Order_check\"\nconstraint|app.t.t_pkey\ndomain|public.d\nextension|"
			    "citext\nfunction|public.f()\n"
			    "index|app.t_pkey\nindex|public.i\nmaterialized "
			    "view|public.m\npolicy|app.t.p\nschema|app\nsequence|app.t_id_seq\n"
			    "table|app.t\ntrigger|app.t.tr\ntype|public.e\nview|public.v\n");
}

struct many {
	int rows;
	size_t peak;
};

static int count(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct many *m = user;
	(void)row, (void)err;
	size_t used = mallinfo2().uordblks;
	if (m->rows++ % 1000 == 0 && used > m->peak)
		m->peak = used;
	return 0;
}

static void test_many(void **state)
{
	struct db *db = *state;
	struct wb_value project = wb_v_text("main");
	struct wb_error err = { 0 };
	struct many m = { 0 };
	create_ok(db->c);
	sql_ok(db->c,
	       "INSERT INTO whimbrel.schema_migrations (project, version, kind, rank, state, description, down_sql) "
	       "SELECT 'main', i::text, "
	       "'versioned', i, 'applied', repeat('d', 40), repeat('x', 100) FROM generate_series(1, 100000) i");
	size_t before = mallinfo2().uordblks;
	assert_ok(wb_query_named(db->c, WB_SQL_MIGRATION_LIST, &project, 1, count, &m, NULL, &err), &err);
	assert_int_equal(m.rows, 100000);
	assert_true(m.peak < before + (1 << 20)); /* rows come one by one */
}

int test_journal(void)
{
	const struct CMUnitTest tests[] = {
		T(test_migrations),
		T(test_history),
		T(test_steps),
		T(test_runs),
		T(test_hostile_path),
		T(test_names),
		T(test_script_for_people),
		T(test_privileges),
		T(test_user_objects),
		T(test_many),
	};
	return cmocka_run_group_tests_name("driver_pg journal", tests, NULL, NULL);
}
