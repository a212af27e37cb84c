/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's queries: each is run on a real file, and what it writes is read
 * back by another.
 */
#include "tests.h"

struct table {
	char rows[8][2048];
	char names[1024];
	int n, columns;
};

static int see(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct table *t = user;
	size_t n = 0;
	int i;

	(void)err;
	assert_true(t->n < 8);
	for (i = 0; i < row->n; i++)
		n += (size_t)snprintf(t->rows[t->n] + n, sizeof(t->rows[0]) - n, "%s|",
				      row->v[i].p ? row->v[i].p : "-");
	t->columns = row->n;
	t->n++;
	return 0;
}

static const struct table *query(struct place *p, enum wb_sql_id id, const struct wb_value *v, int n)
{
	static struct table t;

	memset(&t, 0, sizeof(t));
	assert_ok(wb_query_named(p->c, id, v, n, see, &t, NULL, &p->err), &p->err);
	return &t;
}

static int64_t change(struct place *p, enum wb_sql_id id, const struct wb_value *v, int n)
{
	int64_t affected = -2;

	assert_ok(wb_query_named(p->c, id, v, n, NULL, NULL, &affected, &p->err), &p->err);
	return affected;
}

#define T(x) wb_v_text(x)
#define I(x) wb_v_int(x)
#define Q(id, ...) \
	query(p, WB_SQL_##id, (const struct wb_value[]){ __VA_ARGS__ }, \
	      (int)WB_ARRAY_LEN(((const struct wb_value[]){ __VA_ARGS__ })))
#define C(id, ...) \
	change(p, WB_SQL_##id, (const struct wb_value[]){ __VA_ARGS__ }, \
	       (int)WB_ARRAY_LEN(((const struct wb_value[]){ __VA_ARGS__ })))

#define assert_starts(s, prefix) assert_true(wb_sv_starts(wb_sv_str(s), (prefix)))

static bool is_time(const char *s)
{
	return strlen(s) == 27 && s[4] == '-' && s[10] == 'T' && s[19] == '.' && s[26] == 'Z';
}

static int set_up_journal(void **state)
{
	struct place *p;

	if (set_up_conn(state))
		return -1;
	p = *state;
	exec(p->c, wb_conn_sql(p->c, WB_SQL_JOURNAL_CREATE));
	return 0;
}

static void test_all_there(void **state)
{
	struct place *p = *state;
	int id;

	for (id = 0; id < WB_SQL_COUNT; id++) {
		const char *sql = wb_conn_sql(p->c, (enum wb_sql_id)id);

		if (!sql || !sql[0])
			print_error("no SQL for %s\n", wb_sql_name((enum wb_sql_id)id));
		assert_true(sql && sql[0]);
		assert_null(strstr(sql, "@journal@"));
		assert_ptr_equal(sql, wb_conn_sql(p->c, (enum wb_sql_id)id));
	}
}

static void test_exists(void **state)
{
	struct place *p = *state;

	assert_int_equal(query(p, WB_SQL_JOURNAL_EXISTS, NULL, 0)->n, 0);
	exec(p->c, wb_conn_sql(p->c, WB_SQL_JOURNAL_CREATE));
	exec(p->c, wb_conn_sql(p->c, WB_SQL_JOURNAL_CREATE)); /* again does no harm */
	assert_string_equal(query(p, WB_SQL_JOURNAL_EXISTS, NULL, 0)->rows[0], "1|");
	assert_string_equal(query(p, WB_SQL_JOURNAL_FORMAT, NULL, 0)->rows[0], "1|");
	assert_int_equal(query(p, WB_SQL_JOURNAL_FORMAT, NULL, 0)->n, 1);
}

static void test_prefix(void **state)
{
	struct place *p = *state;

	p->o.journal_schema = "other";
	p->c = open_again(p, NULL);
	exec(p->c, wb_conn_sql(p->c, WB_SQL_JOURNAL_CREATE));
	assert_value(p->c, "SELECT format FROM other_meta", "1");
	assert_value(p->c, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'whimbrel%'", "0");
}

/* A migration's temporary table of the same name is not the journal. */
static void test_shadowed(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TEMP TABLE whimbrel_meta (format)");
	assert_string_equal(query(p, WB_SQL_JOURNAL_FORMAT, NULL, 0)->rows[0], "1|");
}

static int64_t put(struct place *p, const char *version, int64_t rank, const char *state, const char *down)
{
	return C(MIGRATION_PUT, T("main"), T(version), T("versioned"), I(rank), T("desc"), T("numbered"), T("schema"),
		 T("f.sql"), T("sha256:1"), T("sha256:2"), T(state), T(NULL), I(3), I(2), I(1500), I(7), T("me"),
		 T("box"), T("0.1.0"), T("file"), T(down), T("CREATE …"), T(NULL), T(NULL), T("run-1"));
}

static void test_migrations(void **state)
{
	struct place *p = *state;
	const struct table *t;

	assert_int_equal(put(p, "2", 1, "applied", "DROP"), 1);
	assert_int_equal(put(p, "10", 2, "running", NULL), 1);
	assert_int_equal(put(p, "1", 3, "applied", ""), 1);
	t = Q(MIGRATION_LIST, T("main"));
	assert_int_equal(t->n, 3);
	assert_int_equal(t->columns, 19);
	assert_starts(t->rows[0], "2|versioned|sha256:1|sha256:2|applied|1|1|-|3|2|desc|numbered|schema|f.sql|2");
	assert_non_null(strstr(t->rows[0], "|1500|file|-|-|"));
	assert_starts(t->rows[1], "10|versioned|sha256:1|sha256:2|running|2|0|"); /* no way back */
	assert_non_null(strstr(t->rows[1], "|f.sql|-|1500|file|-|-|")); /* still running: no end */
	assert_starts(t->rows[2], "1|versioned|sha256:1|sha256:2|applied|3|1|");
	t = Q(MIGRATION_LIST_LEAN, T("main"));
	assert_int_equal(t->n, 3);
	assert_string_equal(t->rows[0], "1|versioned|sha256:1|sha256:2|applied|3|1|");
	assert_string_equal(t->rows[1], "10|versioned|sha256:1|sha256:2|running|2|0|");
	assert_int_equal(Q(MIGRATION_LIST, T("another"))->n, 0);
	/* An interval of 1.5 s lies between its times. */
	assert_value(p->c,
		     "SELECT round((julianday(finished_at) - julianday(started_at)) * 86400, 1) FROM "
		     "whimbrel_schema_migrations "
		     "WHERE version = '2'",
		     "1.5");
	assert_int_equal(put(p, "10", 9, "applied", "X"), 1); /* the whole row anew */
	t = Q(MIGRATION_LIST, T("main"));
	assert_int_equal(t->n, 3);
	assert_starts(t->rows[2], "10|");
	assert_string_equal(Q(MIGRATION_TEXT, T("main"), T("10"))->rows[0], "X|CREATE …|f.sql|sha256:1|numbered|");
}

static void test_states(void **state)
{
	struct place *p = *state;
	static const char columns[] =
		"SELECT state || ' ' || ifnull(phase, '-') || ' ' || statements_total || '/' || statements_done || ' ' "
		"|| "
		"ifnull(reason, '-') || ' ' || ifnull(error, '-') || ' ' || run || ' ' || checksum || ' ' || file FROM "
		"whimbrel_schema_migrations";

	(void)put(p, "1", 1, "running", NULL);
	assert_int_equal(C(MIGRATION_STATE, T("main"), T("1"), T("failed"), I(1), T("why"), T("oops"), T("run-2")), 1);
	assert_value(p->c, columns, "failed - 3/1 why oops run-2 sha256:1 f.sql");
	assert_true(is_time(value(p->c, "SELECT finished_at FROM whimbrel_schema_migrations")));
	assert_int_equal(C(MIGRATION_STATE, T("main"), T("1"), T("applied"), T(NULL), T(NULL), T(NULL), T(NULL)), 1);
	assert_value(p->c, columns, "applied - 3/1 - - run-2 sha256:1 f.sql");
	assert_int_equal(C(MIGRATION_DOWN, T("main"), T("1"), I(5)), 1);
	assert_value(p->c, columns, "running down 5/0 - - run-2 sha256:1 f.sql");
	assert_int_equal(
		C(MIGRATION_REPAIR, T("main"), T("1"), T("sha256:9"), T("sha256:8"), T("g.sql"), T("d"), T("said so")),
		1);
	assert_value(p->c, columns, "running down 5/0 said so - run-2 sha256:9 g.sql");
	assert_int_equal(C(MIGRATION_STATE, T("other"), T("1"), T("failed"), I(1), T(NULL), T(NULL), T(NULL)), 0);
	assert_int_equal(C(MIGRATION_DELETE, T("other"), T("1")), 0);
	assert_int_equal(C(MIGRATION_DELETE, T("main"), T("1")), 1);
	assert_int_equal(Q(MIGRATION_LIST, T("main"))->n, 0);
}

static void test_history(void **state)
{
	struct place *p = *state;
	const struct table *t;
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(C(HISTORY_ADD, T("main"), T("run-1"), T(i == 1 ? "2" : "1"), T("d"), T("up"),
				   T("done"), I(i), I(2), I(3), I(4), I(5), I(6), I(7), T("me"), T("box"), T("0.1.0"),
				   T(NULL), T("e")),
				 1);
	t = Q(HISTORY_LIST, T("main"), T(NULL), I(2));
	assert_int_equal(t->n, 2);
	assert_starts(t->rows[0], "3|20");
	assert_non_null(strstr(t->rows[0], "|1|d|up|done|2|2|3|4|5|6|7|me|box|0.1.0|-|e|run-1|"));
	assert_starts(t->rows[1], "2|20");
	t = Q(HISTORY_LIST, T("main"), T("1"), I(100));
	assert_int_equal(t->n, 2);
	assert_starts(t->rows[1], "1|20");
	assert_int_equal(Q(HISTORY_LIST, T("x"), T(NULL), I(9))->n, 0);
}

static void test_steps(void **state)
{
	struct place *p = *state;
	const struct table *t;
	int i;

	for (i = 2; i > 0; i--)
		assert_int_equal(C(STEP_PUT, T("main"), T("1"), T("up"), I(i), T("vacuum"), I(0), T("h"), T("VACUUM"),
				   I(3), I(1), T("pending"), T("run-1")),
				 1);
	assert_int_equal(C(STEP_STATE, T("main"), T("1"), T("up"), I(1), T("running"), T("memo"), T(NULL), T(NULL),
			   T(NULL), T(NULL), T(NULL), T(NULL), T(NULL), T(NULL)),
			 1);
	assert_true(is_time(value(p->c, "SELECT started_at FROM whimbrel_migration_steps WHERE ordinal = 1")));
	assert_value(p->c, "SELECT finished_at FROM whimbrel_migration_steps WHERE ordinal = 1", "NULL");
	assert_int_equal(C(STEP_STATE, T("main"), T("1"), T("up"), I(1), T("done"), T(NULL), T("p"), T("c"), T("e"),
			   I(1), I(2), I(3), I(4), T("run-2")),
			 1);
	assert_true(is_time(value(p->c, "SELECT finished_at FROM whimbrel_migration_steps WHERE ordinal = 1")));
	t = Q(STEP_LIST, T("main"), T(NULL));
	assert_int_equal(t->n, 2);
	assert_string_equal(t->rows[0], "1|up|1|vacuum|0|h|VACUUM|3|1|done|memo|p|c|e|run-2|");
	assert_string_equal(t->rows[1], "1|up|2|vacuum|0|h|VACUUM|3|1|pending|-|-|-|-|run-1|");
	(void)C(STEP_PUT, T("main"), T("1"), T("up"), I(1), T("vacuum"), I(0), T("h"), T("VACUUM"), I(3), I(1),
		T("pending"), T("r"));
	t = Q(STEP_LIST, T("main"), T("1"));
	assert_string_equal(t->rows[0], "1|up|1|vacuum|0|h|VACUUM|3|1|pending|-|-|-|-|r|");
	assert_int_equal(Q(STEP_LIST, T("main"), T("2"))->n, 0);
	assert_int_equal(C(STEP_CLEAR, T("main"), T("1"), T("down")), 0);
	assert_int_equal(C(STEP_CLEAR, T("main"), T("1"), T("up")), 2);
}

static void test_runs(void **state)
{
	struct place *p = *state;

	assert_int_equal(Q(RUN_OPEN, T("main"), WB_V_NULL)->n, 0);
	assert_int_equal(
		C(RUN_ADD, T("a"), T("main"), T("up"), T("digest"), T("plan"), T("0.1.0"), T("me"), T("box"), I(42)),
		1);
	assert_starts(Q(RUN_OPEN, T("main"), WB_V_NULL)->rows[0], "a|up|digest|plan|0.1.0|me|box|42|20");
	assert_int_equal(
		C(RUN_ADD, T("b"), T("main"), T("down"), T("d2"), T("p2"), T("0.1.0"), T("me"), T("box"), I(43)), 1);
	assert_starts(Q(RUN_OPEN, T("main"), WB_V_NULL)->rows[0], "b|down|");
	assert_int_equal(C(RUN_END, T("b"), T("done"), T(NULL)), 1);
	assert_non_null(strstr(Q(RUN_OPEN, T("main"), WB_V_NULL)->rows[0], "|done|"));
	assert_int_equal(C(RUN_SUPERSEDE, T("main")), 1);
	assert_value(p->c,
		     "SELECT group_concat(id || result) FROM (SELECT * FROM whimbrel_migration_runs ORDER BY seq)",
		     "ainterrupted,bdone");
	assert_value(p->c, "SELECT count(finished_at) FROM whimbrel_migration_runs", "2");
}

static void test_dependencies(void **state)
{
	struct place *p = *state;

	assert_int_equal(C(DEPENDENCY_ADD, T("main"), T("2"), T("1")), 1);
	assert_int_equal(C(DEPENDENCY_ADD, T("main"), T("2"), T("0")), 1);
	assert_int_equal(C(DEPENDENCY_ADD, T("main"), T("2"), T("0")), 0);
	assert_string_equal(Q(DEPENDENCY_LIST, T("main"))->rows[0], "2|0|");
	assert_int_equal(C(DEPENDENCY_CLEAR, T("main"), T("2")), 2);
	assert_int_equal(Q(DEPENDENCY_LIST, T("main"))->n, 0);
}

static void test_objects_and_time(void **state)
{
	struct place *p = *state;
	const struct table *t;

	exec(p->c, "CREATE TABLE whimbrel_mine (id INTEGER PRIMARY KEY AUTOINCREMENT, u UNIQUE);CREATE INDEX i ON "
		   "whimbrel_mine (u);"
		   "CREATE VIEW v AS SELECT 1;ANALYZE");
	t = query(p, WB_SQL_USER_OBJECTS, NULL, 0);
	assert_int_equal(t->n, 3);
	assert_string_equal(t->rows[0], "index|i|");
	assert_string_equal(t->rows[1], "table|whimbrel_mine|");
	assert_string_equal(t->rows[2], "view|v|");
	assert_true(is_time(value(p->c, wb_conn_sql(p->c, WB_SQL_SERVER_TIME))));
}

static void test_script(void **state)
{
	wb_autostr s = WB_STR_INIT;
	struct place *p = *state;

	assert_ok(wb_driver_journal_sql(wb_sqlite_driver(), "acme", &s, &p->err), &p->err);
	assert_non_null(strstr(s.p, "CREATE TABLE IF NOT EXISTS main.acme_meta"));
	assert_true(wb_sv_ends(wb_str_sv(&s), ";\n"));
	exec(p->c, s.p);
	assert_value(p->c, "SELECT format FROM acme_meta", "1");
	assert_int_equal(wb_driver_journal_sql(wb_sqlite_driver(), "not good", &s, &p->err), WB_EUSAGE);
}

/* An INSERT of the journal stays prepared while migrations change the schema beside it. */
static void test_across_changes(void **state)
{
	struct place *p = *state;
	char sql[64], version[16];
	int i;

	for (i = 0; i < 100; i++) {
		(void)snprintf(sql, sizeof(sql), "CREATE TABLE t%d (a)", i);
		(void)snprintf(version, sizeof(version), "%d", i);
		exec(p->c, "BEGIN IMMEDIATE");
		exec(p->c, sql);
		(void)put(p, version, i, "applied", NULL);
		exec(p->c, "COMMIT");
	}
	assert_value(p->c, "SELECT count(*) FROM whimbrel_schema_migrations", "100");
}

#define TEST_JOURNAL(name) cmocka_unit_test_setup_teardown(name, set_up_journal, tear_down)

int test_journal(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_all_there),
		TEST_CONN(test_exists),
		TEST(test_prefix),
		TEST_JOURNAL(test_shadowed),
		TEST_JOURNAL(test_migrations),
		TEST_JOURNAL(test_states),
		TEST_JOURNAL(test_history),
		TEST_JOURNAL(test_steps),
		TEST_JOURNAL(test_runs),
		TEST_JOURNAL(test_dependencies),
		TEST_JOURNAL(test_objects_and_time),
		TEST_CONN(test_script),
		TEST_JOURNAL(test_across_changes),
	};

	return RUN_GROUP("journal");
}
