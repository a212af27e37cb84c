/* SPDX-License-Identifier: Apache-2.0
 *
 * Inspection against a real server: all_kinds.sql holds every kind of object
 * and attribute, and what is found there is made again in an empty database.
 */
#include "tests/unit/driver_pg/tests.h"

#include <stdlib.h>

#include "schema/schema.h"
#include "tests/unit/driver_pg/server.h"
#include "tests/unit/oom.h"

static char *fixture(const char *name)
{
	char path[256];
	struct wb_str text = WB_STR_INIT;
	struct wb_error err = { 0 };

	snprintf(path, sizeof(path), "%s/unit/driver_pg/%s", TESTS_FOLDER, name);
	assert_ok(wb_fs_read(path, 1 << 20, &text, &err), &err);
	return wb_str_take(&text);
}

/* A script of many statements, in one transaction. */
static void run_script(const struct db *db, const char *sql)
{
	char url[256];
	snprintf(url, sizeof(url), "host=%s port=5432 user=postgres dbname=%s", server_socket(), db->name);
	PGconn *pg = PQconnectdb(url);
	PGresult *res = PQexec(pg, "SET client_min_messages = error");
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

static void run_fixture(const struct db *db, const char *before, const char *name)
{
	struct wb_str all = WB_STR_INIT;
	char *sql = fixture(name);

	wb_str_add(&all, before);
	wb_str_add(&all, sql);
	run_script(db, all.p);
	wb_str_done(&all);
	free(sql);
}

/* Roles belong to the server, which all tests share. */
static void make_all_kinds_as(struct db *db, const char *before)
{
	static const char *const roles[] = { "guest LOGIN", "boss SUPERUSER", "\"Odd TO \"\" Role\"" };
	char sql[200];

	for (size_t i = 0; i < WB_ARRAY_LEN(roles); i++) {
		snprintf(sql, sizeof(sql), "DO 'BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN END'",
			 roles[i]);
		sql_ok(db->c, sql);
	}
	run_fixture(db, before, "all_kinds.sql");
}

static void make_all_kinds(struct db *db)
{
	make_all_kinds_as(db, "");
}

static struct wb_model *inspect_with(struct wb_conn *c, const struct wb_inspect_options *o)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };

	assert_ok(wb_conn_inspect(c, o, &m, &err), &err);
	return m;
}

static struct wb_model *inspect(struct wb_conn *c)
{
	return inspect_with(c, NULL);
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

static void reads_back(const struct wb_model *m, const char *text)
{
	struct wb_model *read = NULL;
	struct wb_error err = { 0 };

	assert_ok(wb_snapshot_read(wb_sv_str(text), "all_kinds.sql", &read, &err), &err);
	assert_no_difference(m, read);
	same_again(snapshot(m), snapshot(read));
	wb_model_free(read);
}

/* What the snapshot's own SQL makes in an empty database is the same again: for us, and for pg_dump. */
static void assert_comes_back(struct db *db)
{
	struct db *other = NULL;
	struct wb_model *a = inspect(db->c);
	char *sql = snapshot(a);
	assert_int_equal(db_open((void **)&other), 0);
	run_script(other, sql);
	struct wb_model *b = inspect(other->c);
	assert_no_difference(a, b);
	reads_back(a, sql);
	same_again(sql, snapshot(b));
	same_again(dumped(db->c), dumped(other->c));
	wb_model_free(a);
	wb_model_free(b);
	db_close((void **)&other);
}

static void comes_back(void **state)
{
	make_all_kinds(*state);
	assert_comes_back(*state);
}

static void odd_things_come_back(void **state)
{
	run_fixture(*state, "", "odd_kinds.sql");
	assert_comes_back(*state);
}

static void owners_come_back(void **state)
{
	const struct wb_inspect_options o = { .owners = true };
	struct db *db = *state, *other = NULL;
	make_all_kinds_as(db, "SET SESSION AUTHORIZATION boss;\n");
	struct wb_model *a = inspect_with(db->c, &o);
	char *sql = snapshot(a);
	assert_non_null(strstr(sql, "OWNER TO boss"));
	assert_int_equal(db_open((void **)&other), 0);
	run_script(other, sql);
	struct wb_model *b = inspect_with(other->c, &o);
	assert_no_difference(a, b);
	same_again(sql, snapshot(b));
	wb_model_free(a);
	wb_model_free(b);
	db_close((void **)&other);
}

/* ---- changes in place ------------------------------------------------------------------- */

static void add_change(const struct wb_model *m, const struct wb_model *wanted, const struct wb_difference *d,
		       struct wb_str *out)
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	struct wb_error err = { 0 };

	if (d->type != WB_DIFF_CHANGED)
		fail_msg("%s %s is in one only", wb_kind_name(o->kind), o->name);
	if (wb_ddl_can_alter(&wb_ddl_postgres, m, wanted, d)) {
		const struct wb_ddl_attr *const tables[] = { wb_ddl_postgres.early, wb_ddl_postgres.attrs,
							     wb_ddl_postgres.late };
		for (size_t i = 0; i < WB_ARRAY_LEN(tables); i++)
			assert_ok(wb_ddl_alter(&wb_ddl_postgres, tables[i], NULL, wanted, d, 1, out, &err), &err);
		return;
	}
	if (o->kind != WB_KIND_CONSTRAINT) /* a valid one is not made invalid */
		fail_msg("%s of %s %s is not changed in place", d->attribute, wb_kind_name(o->kind), o->name);
	assert_ok(wb_ddl_drop(&wb_ddl_postgres, wanted, d->actual, out, &err), &err);
	assert_ok(wb_ddl_add(&wb_ddl_postgres, wanted, o, out, &err), &err);
}

/* Makes a database like the model, attribute by attribute; how many had to be changed. */
static size_t change_to(const struct wb_model *wanted, const struct db *db)
{
	struct wb_model *m = inspect(db->c);
	struct wb_str sql = WB_STR_INIT;
	struct wb_diff diff;
	struct wb_error err = { 0 };

	assert_ok(wb_schema_diff(wanted, m, &diff, &err), &err);
	size_t n = diff.n;
	for (size_t i = 0; i < n; i++)
		add_change(m, wanted, &diff.v[i], &sql);
	run_script(db, sql.p);
	wb_diff_done(&diff);
	wb_str_done(&sql);
	wb_model_free(m);
	m = inspect(db->c);
	assert_no_difference(wanted, m);
	wb_model_free(m);
	return n;
}

/* There and back, so that each attribute is given, changed and taken away. */
static void changes_in_place(void **state)
{
	struct db *db = *state, *other = NULL;
	make_all_kinds(db);
	assert_int_equal(db_open((void **)&other), 0);
	make_all_kinds(other);
	struct wb_model *before = inspect(db->c);
	run_fixture(db, "", "all_changes.sql");
	struct wb_model *after = inspect(db->c);
	assert_true(change_to(after, other) > 90);
	assert_true(change_to(before, db) > 90);
	wb_model_free(before);
	wb_model_free(after);
	db_close((void **)&other);
}

/* ---- what is seen ------------------------------------------------------------------------ */

static size_t count_kind(const struct wb_model *m, enum wb_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->v[i]->kind == kind;
	return n;
}

/* The fixture has something of every kind that PostgreSQL has without extensions. */
static void every_kind_is_found(void **state)
{
	static const enum wb_kind others[] = { WB_KIND_VIRTUAL_TABLE, WB_KIND_HYPERTABLE,
					       WB_KIND_CONTINUOUS_AGGREGATE };
	struct db *db = *state;
	make_all_kinds(db);
	struct wb_model *m = inspect(db->c);
	for (int kind = 0; kind < WB_KIND_COUNT; kind++) {
		bool other = false;
		for (size_t i = 0; i < WB_ARRAY_LEN(others); i++)
			other |= others[i] == (enum wb_kind)kind;
		if (!other && count_kind(m, (enum wb_kind)kind) == 0)
			fail_msg("no %s was found", wb_kind_name((enum wb_kind)kind));
	}
	wb_model_free(m);
}

static void assert_attribute(const struct wb_model *m, enum wb_kind kind, const char *parent, const char *name,
			     const char *key, const char *value)
{
	const struct wb_object *o = wb_model_find(m, kind, kind == WB_KIND_SCHEMA ? NULL : "s", parent, name);
	const char *found = o ? wb_object_get(o, key) : NULL;

	if (!o)
		fail_msg("%s %s was not found", wb_kind_name(kind), name);
	if (found != value && (!found || !value || strcmp(found, value) != 0))
		fail_msg("%s of %s %s is %s, not %s", key, wb_kind_name(kind), name, found ? found : "absent",
			 value ? value : "absent");
}

/* What does not hold is absent; what does is written as the server writes it, whatever the session prefers. */
static void attributes_are_canonical(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE SCHEMA s");
	sql_ok(db->c,
	       "CREATE TABLE s.t (a integer PRIMARY KEY, b timestamptz DEFAULT '2020-01-01 00:00:00+00', c text)");
	sql_ok(db->c, "SET timezone = 'Asia/Tokyo'");
	sql_ok(db->c, "SET datestyle = 'German'");
	sql_ok(db->c, "SET search_path = s");
	sql_ok(db->c, "SET quote_all_identifiers = on");
	struct wb_model *m = inspect(db->c);
	assert_attribute(m, WB_KIND_COLUMN, "t", "a", "type", "integer");
	assert_attribute(m, WB_KIND_COLUMN, "t", "a", "not_null", "true");
	assert_attribute(m, WB_KIND_COLUMN, "t", "a", "position", "1");
	assert_attribute(m, WB_KIND_COLUMN, "t", "b", "not_null", NULL);
	assert_attribute(m, WB_KIND_COLUMN, "t", "b", "default", "'2020-01-01 00:00:00+00'::timestamp with time zone");
	assert_attribute(m, WB_KIND_CONSTRAINT, "t", "t_pkey", "definition", "PRIMARY KEY (a)");
	assert_attribute(m, WB_KIND_CONSTRAINT, "t", "t_pkey", "type", "primary key");
	assert_attribute(m, WB_KIND_TABLE, NULL, "t", "unlogged", NULL);
	assert_attribute(m, WB_KIND_TABLE, NULL, "t", "owner", NULL);
	assert_int_equal(count_kind(m, WB_KIND_INDEX), 0);
	wb_model_free(m);
	assert_sql(db->c, "SHOW search_path", "s");
	assert_false(db->c->in_transaction);
}

static void owners_and_schemas_by_option(void **state)
{
	static const char *const schemas[] = { "s", "a \"b\\,{}" };
	struct db *db = *state;
	struct wb_inspect_options o = { .schemas = schemas, .n_schemas = 2, .owners = true };
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };
	sql_ok(db->c, "CREATE SCHEMA s");
	sql_ok(db->c, "CREATE SCHEMA \"a \"\"b\\,{}\"");
	sql_ok(db->c, "CREATE TABLE s.t (a integer)");
	sql_ok(db->c, "CREATE TABLE public.other (a integer)");
	sql_ok(db->c, "CREATE EXTENSION hstore");
	assert_ok(wb_conn_inspect(db->c, &o, &m, &err), &err);
	assert_attribute(m, WB_KIND_TABLE, NULL, "t", "owner", "postgres");
	assert_attribute(m, WB_KIND_SCHEMA, NULL, "s", "owner", "postgres");
	assert_int_equal(count_kind(m, WB_KIND_SCHEMA), 2);
	assert_int_equal(count_kind(m, WB_KIND_TABLE), 1);
	assert_int_equal(count_kind(m, WB_KIND_EXTENSION), 0);
	wb_model_free(m);
}

/* ---- what is not seen ----------------------------------------------------------------------- */

static void make_journal(struct db *db, const char *schema)
{
	struct wb_str text = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(wb_postgres_driver()->journal_sql(schema, &text, &err), &err);
	run_script(db, text.p);
	wb_str_done(&text);
}

static void extensions_and_journal_are_not_seen(void **state)
{
	struct db *db = *state;
	make_journal(db, NULL);
	sql_ok(db->c, "CREATE EXTENSION hstore");
	sql_ok(db->c, "CREATE EXTENSION postgres_fdw");
	sql_ok(db->c, "CREATE EXTENSION pg_stat_statements");
	sql_ok(db->c, "CREATE TEMP TABLE passing (a serial PRIMARY KEY)");
	struct wb_model *m = inspect(db->c);
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i]->kind != WB_KIND_SCHEMA && m->v[i]->kind != WB_KIND_EXTENSION)
			fail_msg("%s %s was seen", wb_kind_name(m->v[i]->kind), m->v[i]->name);
	assert_int_equal(count_kind(m, WB_KIND_SCHEMA), 1);
	assert_int_equal(count_kind(m, WB_KIND_EXTENSION), 3);
	wb_model_free(m);
}

/* A journal that lives among other tables is known by the names of its own. */
static void journal_in_a_shared_schema(void **state)
{
	struct db *db = *state;
	make_journal(db, "shared");
	sql_ok(db->c, "CREATE TABLE shared.ours (a integer PRIMARY KEY)");
	struct wb_open_options o = db_options(db, db_url(db, NULL, DIRECT));
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	o.journal_schema = "shared";
	assert_ok(wb_conn_open(wb_postgres_driver(), &o, &c, &err), &err);
	struct wb_model *m = inspect(c);
	assert_int_equal(count_kind(m, WB_KIND_SCHEMA), 2);
	assert_int_equal(count_kind(m, WB_KIND_TABLE), 1);
	assert_int_equal(count_kind(m, WB_KIND_COLUMN), 1);
	assert_int_equal(count_kind(m, WB_KIND_CONSTRAINT), 1);
	assert_int_equal(count_kind(m, WB_KIND_SEQUENCE), 0);
	wb_model_free(m);
	wb_conn_close(c);
}

static void passwords_are_not_told(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE EXTENSION postgres_fdw");
	sql_ok(db->c, "CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', passfile 'sesame')");
	sql_ok(db->c, "CREATE USER MAPPING FOR PUBLIC SERVER there OPTIONS (user 'u', password 'sesame')");
	sql_ok(db->c, "CREATE SUBSCRIPTION gone CONNECTION 'host=nowhere password=sesame' PUBLICATION p "
		      "WITH (connect = false, slot_name = NONE)");
	struct wb_model *m = inspect(db->c);
	char *text = snapshot(m);
	assert_null(strstr(text, "sesame"));
	assert_non_null(strstr(text, "CREATE USER MAPPING FOR PUBLIC SERVER \"there\" OPTIONS (\"user\" 'u')"));
	free(text);
	wb_model_free(m);
	sql_ok(db->c, "DROP SUBSCRIPTION gone");
}

/* Who may nothing sees the same, but for options of user mappings. */
static void no_rights_are_needed(void **state)
{
	struct db *db = *state;
	make_all_kinds(db);
	sql_ok(db->c, "ALTER USER MAPPING FOR PUBLIC SERVER \"far away\" OPTIONS (DROP \"user\")");
	struct wb_conn *c = db_connect(db, "guest", DIRECT);
	struct wb_model *mine = inspect(db->c), *theirs = inspect(c);
	assert_no_difference(mine, theirs);
	wb_model_free(mine);
	wb_model_free(theirs);
	wb_conn_close(c);
}

/* ---- failures ---------------------------------------------------------------------------------- */

static void memory_runs_out(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE TABLE t (id serial PRIMARY KEY, b text DEFAULT 'x')");
	sql_ok(db->c, "CREATE VIEW v AS SELECT id FROM t");
	assert_int_equal(inspect_and_free(db->c), 0); /* texts of queries are made once */
	assert_true(wb_oom_run_every(7, inspect_and_free, db->c) > 0);
	assert_false(db->c->in_transaction);
}

static void failure_ends_the_transaction(void **state)
{
	struct db *db = *state;
	struct wb_model *m;
	struct wb_error err = { 0 };
	sql_ok(db->c, "SET statement_timeout = 1");
	int rc = wb_conn_inspect(db->c, NULL, &m, &err);
	assert_int_equal(rc, WB_ESQL);
	assert_string_equal(err.sqlstate, "57014");
	assert_false(db->c->in_transaction);
	sql_ok(db->c, "SET statement_timeout = 0");
	assert_int_equal(inspect_and_free(db->c), 0);
}

int test_inspect(void)
{
	const struct CMUnitTest tests[] = {
		T(comes_back),
		T(odd_things_come_back),
		T(owners_come_back),
		T(changes_in_place),
		T(every_kind_is_found),
		T(attributes_are_canonical),
		T(owners_and_schemas_by_option),
		T(extensions_and_journal_are_not_seen),
		T(journal_in_a_shared_schema),
		T(passwords_are_not_told),
		T(no_rights_are_needed),
		T(memory_runs_out),
		T(failure_ends_the_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
