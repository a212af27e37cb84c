/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of new files. Each one is run on its engine as it is, up and down, and
 * so is what its comments give as examples. PostgreSQL is the server whose
 * folder WHIMBREL_TEST_PG names.
 */
#include "wb_build.h"

/* Before the house's headers: it uses what base/banned.h poisons. */
#ifdef WB_POSTGRES
#include <libpq-fe.h>
#endif

#include "tests.h"

#include <sqlite3.h>
#include <unistd.h>

#define NOW INT64_C(1795246320000000)

static const char *const templates[] = { "basic", "table", "alter", "data", "phases" };

/* ---- engines -------------------------------------------------------------------- */

struct engine {
	sqlite3 *sqlite;
#ifdef WB_POSTGRES
	PGconn *pg;
#endif
};

static void run(struct engine *e, const char *sql)
{
	char *message = NULL;

	if (e->sqlite && sqlite3_exec(e->sqlite, sql, NULL, NULL, &message) != SQLITE_OK) {
		print_error("%s\n%s\n", message, sql);
		sqlite3_free(message);
		fail();
	}
#ifdef WB_POSTGRES
	if (e->pg) {
		PGresult *r = PQexec(e->pg, sql);
		ExecStatusType status = PQresultStatus(r);
		PQclear(r);
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
			print_error("%s\n%s\n", PQerrorMessage(e->pg), sql);
			fail();
		}
	}
#endif
}

/* Runs sections of m as the executor would: statement by statement. */
static size_t run_sections(struct engine *e, const struct wb_migration *m, unsigned kinds, enum wb_dialect dialect)
{
	struct wb_stmt_options o = { .dialect = dialect };
	struct wb_error err = { 0 };
	struct wb_statements *s;
	struct wb_item item;
	size_t n = 0;

	assert_int_equal(wb_statements_open(m, kinds, &o, &s, &err), 0);
	for (;;) {
		char *sql;
		assert_int_equal(wb_statements_next(s, &item, NULL, &err), 0);
		if (item.kind == WB_ITEM_END)
			break;
		sql = strndup(item.text.p, item.text.n);
		assert_non_null(sql);
		run(e, sql);
		free(sql);
		n++;
	}
	wb_statements_close(s);
	return n;
}

/* Takes the comment signs off the examples, "--   text". */
static void uncomment(struct place *p, const char *name)
{
	wb_autostr text = WB_STR_INIT, out = WB_STR_INIT;
	struct wb_sv rest, line;

	assert_int_equal(wb_fs_read(path_of(p, name), 65536, &text, &p->err), 0);
	rest = wb_str_sv(&text);
	while (wb_sv_cut(&rest, '\n', &line)) {
		wb_str_addsv(&out, wb_sv_starts(line, "--   ") ? wb_sv(line.p + 5, line.n - 5) : line);
		wb_str_addc(&out, '\n');
	}
	assert_false(out.failed);
	put(p, name, out.p);
}

static char *make(struct place *p, const struct wb_new_options *base, const char *template_name,
		  const char *description, enum wb_dialect dialect)
{
	static char name[256];
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_new_options o = *base;
	const char *path, *down;
	int rc;

	o.dir = p->dir;
	o.dialect = dialect;
	o.template_name = template_name;
	o.description = description;
	o.now_us = NOW;
	rc = wb_source_new(&o, &a, &path, &down, &p->err);
	if (rc)
		print_error("%s\n", p->err.message);
	assert_int_equal(rc, 0);
	assert_true(wb_sv_copy(wb_sv_str(strrchr(path, '/') + 1), name, sizeof(name)));
	return name;
}

#define UPS (1u << WB_SEC_UP | 1u << WB_SEC_EXPAND | 1u << WB_SEC_BACKFILL | 1u << WB_SEC_CONTRACT)

/* Every template in a family: unedited, then with its examples. */
static void try_all(struct place *p, struct engine *e, enum wb_dialect dialect, enum wb_family family)
{
	struct wb_new_options o = { .family = family, .author = "me" };

	p->o.dialect = dialect;
	p->o.engine = dialect == WB_DIALECT_SQLITE ? "sqlite" : "postgresql";
	for (size_t i = 0; i < WB_ARRAY_LEN(templates); i++) {
		bool table = strcmp(templates[i], "table") == 0, phases = strcmp(templates[i], "phases") == 0;
		bool examples = false;
		char *name = make(p, &o, templates[i], "create users table", dialect);
		run(e, "CREATE TABLE IF NOT EXISTS people (id integer PRIMARY KEY)");
		do {
			const struct wb_migration *m = load(p)->v[p->s->n - 1];
			size_t n;
			for (size_t k = 0; k < p->s->n_problems; k++)
				assert_string_equal(p->s->problems[k].kind, "empty");
			assert_string_equal(m->name, name);
			assert_int_equal(m->has_phases, phases);
			if (!table && strcmp(templates[i], "basic") != 0)
				run(e, "CREATE TABLE users (id integer PRIMARY KEY, status text, email_confirmed_at "
				       "text)");
			n = run_sections(e, m, UPS, dialect);
			assert_int_equal(n > 0, table || examples);
			(void)run_sections(e, m, 1u << WB_SEC_VERIFY, dialect);
			n = run_sections(e, m, 1u << WB_SEC_DOWN, dialect);
			assert_int_equal(n > 0, table || examples);
			run(e, "DROP TABLE IF EXISTS users");
			examples = !examples;
			uncomment(p, name);
			if (family == WB_FAMILY_PAIRED) {
				char down[256];
				(void)snprintf(down, sizeof(down), "%.*s.down.sql", (int)wb_name_stem(name).n, name);
				uncomment(p, down);
			}
		} while (examples && !table);
	}
}

static void on_sqlite(void **state)
{
	struct place *p = *state;
	struct engine e = { 0 };

	assert_int_equal(sqlite3_open(":memory:", &e.sqlite), SQLITE_OK);
	try_all(p, &e, WB_DIALECT_SQLITE, WB_FAMILY_VERSIONED);
	assert_int_equal(sqlite3_close(e.sqlite), SQLITE_OK);
}

static void pairs_on_sqlite(void **state)
{
	struct place *p = *state;
	struct engine e = { 0 };

	assert_int_equal(sqlite3_open(":memory:", &e.sqlite), SQLITE_OK);
	try_all(p, &e, WB_DIALECT_SQLITE, WB_FAMILY_PAIRED);
	assert_int_equal(sqlite3_close(e.sqlite), SQLITE_OK);
}

/* updated_at moves on, and the trigger ends even where triggers fire triggers. */
static void sqlite_table_keeps_its_time(void **state)
{
	struct place *p = *state;
	struct engine e = { 0 };
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open(":memory:", &e.sqlite), SQLITE_OK);
	p->o.dialect = WB_DIALECT_SQLITE;
	p->o.engine = "sqlite";
	(void)make(p, &(struct wb_new_options){ 0 }, "table", "add order table", WB_DIALECT_SQLITE);
	(void)run_sections(&e, load(p)->v[0], UPS, WB_DIALECT_SQLITE);
	run(&e, "PRAGMA recursive_triggers = on");
	run(&e, "INSERT INTO \"order\" (created_at, updated_at) VALUES ('2000-01-01', '2000-01-01')");
	run(&e, "UPDATE \"order\" SET created_at = '2001-01-01'");
	assert_int_equal(
		sqlite3_prepare_v2(e.sqlite, "SELECT length(id), updated_at > '2020' FROM \"order\"", -1, &s, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 32);
	assert_int_equal(sqlite3_column_int(s, 1), 1);
	(void)sqlite3_finalize(s);
	assert_int_equal(sqlite3_close(e.sqlite), SQLITE_OK);
}

#ifdef WB_POSTGRES
static void ignore_notice(void *user, const PGresult *r)
{
	(void)user, (void)r;
}

static void on_postgres(void **state)
{
	const char *folder = getenv("WHIMBREL_TEST_PG");
	struct place *p = *state;
	struct engine e = { 0 };
	char text[512];

	if (!folder)
		skip();
	(void)snprintf(text, sizeof(text), "host=%s user=postgres dbname=postgres", folder);
	e.pg = PQconnectdb(text);
	if (PQstatus(e.pg) != CONNECTION_OK)
		print_error("%s", PQerrorMessage(e.pg));
	assert_int_equal(PQstatus(e.pg), CONNECTION_OK);
	(void)PQsetNoticeReceiver(e.pg, ignore_notice, NULL);
	(void)snprintf(text, sizeof(text), "CREATE SCHEMA wb_source_%d; SET search_path = wb_source_%d", (int)getpid(),
		       (int)getpid());
	run(&e, text);
	try_all(p, &e, WB_DIALECT_POSTGRES, WB_FAMILY_VERSIONED);
	(void)snprintf(text, sizeof(text), "DROP SCHEMA wb_source_%d CASCADE", (int)getpid());
	run(&e, text);
	PQfinish(e.pg);
}
#endif

/* ---- texts -------------------------------------------------------------------------- */

static char *text_of(struct place *p, const char *name)
{
	static char text[8192];
	wb_autostr all = WB_STR_INIT;

	assert_int_equal(wb_fs_read(path_of(p, name), sizeof(text) - 1, &all, &p->err), 0);
	assert_true(wb_sv_copy(wb_str_sv(&all), text, sizeof(text)));
	assert_null(strstr(text, "{{"));
	assert_null(strstr(text, "BEGIN;"));
	return text;
}

static void plain_header(void **state)
{
	struct place *p = *state;
	const char *name =
		make(p, &(struct wb_new_options){ .author = "Ada" }, "basic", "Add users", WB_DIALECT_POSTGRES);

	assert_true(wb_sv_starts(wb_sv_str(text_of(p, name)),
				 "-- Migration V001\n-- Description: Add users\n-- Author: Ada\n-- Date: 2026-11-21\n\n"
				 "-- migrate:up\n"));
	assert_has(text_of(p, name), "\n-- migrate:down\n");
}

static void author_has_a_default(void **state)
{
	struct place *p = *state;
	const char *name = make(p, &(struct wb_new_options){ 0 }, "basic", "x", WB_DIALECT_POSTGRES);
	char user[64], line[96];

	(void)snprintf(line, sizeof(line), "-- Author: %s\n", wb_proc_user(user, sizeof(user)));
	assert_has(text_of(p, name), line);
}

static void summit_header_of_phases(void **state)
{
	struct place *p = *state;
	const char *const depends[] = { "20260101_000000_schema_a" };
	const struct wb_new_options o = {
		.author = "Ada", .type = "data", .depends = depends, .n_depends = 1, .breaking = true
	};
	const struct wb_migration *m;

	put(p, "20260101_000000_schema_a.sql", "SELECT 1;");
	(void)make(p, &o, "phases", "Verify e-mail", WB_DIALECT_POSTGRES);
	m = load(p)->v[1];
	assert_string_equal(m->name, "20261121_073200_data_verify_e_mail.sql");
	assert_string_equal(m->header.title, "Verify e-mail");
	assert_string_equal(m->header.id, "20261121_073200_data_verify_e_mail");
	assert_string_equal(m->header.database, "postgresql");
	assert_string_equal(m->header.author, "Ada");
	assert_string_equal(m->header.created, "2026-11-21T07:32:00Z");
	assert_int_equal(m->header.breaking, WB_YES);
	assert_int_equal(m->n_parents, 1);
	assert_int_equal(m->n_sections, 5);
	assert_has(text_of(p, m->name), "\n-- PHASE 2: MIGRATE\n");
	assert_has(text_of(p, m->name), "\n-- ROLLBACK\n");
	assert_has(text_of(p, m->name), "\n-- VALIDATION\n");
	for (size_t i = 0; i < p->s->n_problems; i++)
		assert_string_equal(p->s->problems[i].kind, "empty");
}

static void table_is_guessed(void **state)
{
	static const char *const v[][2] = {
		{ "add users table", "EXISTS users (" },
		{ "Create table run results", "EXISTS run (" },
		{ "Create the user_roles table", "EXISTS user_roles (" },
		{ "alter order table", "EXISTS \"order\" (" },
		{ "Add e-mail to customers", "EXISTS customers (" },
		{ "add email to the customers", "EXISTS customers (" },
		{ "something else", "EXISTS new_table (" },
		{ "add x", "EXISTS new_table (" },
		{ "create table", "EXISTS new_table (" },
		{ "create 2fa table", "EXISTS t_2fa (" },
		{ "create a_name_that_is_much_longer_than_any_table_should_ever_be table", "EXISTS new_table (" },
		{ "create table user-roles", "EXISTS user_roles (" },
		{ " \n add ! Invoices! table", "EXISTS invoices (" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		const char *name = make(p, &(struct wb_new_options){ 0 }, "table", v[i][0], WB_DIALECT_POSTGRES);
		assert_has(text_of(p, name), v[i][1]);
	}
}

/* SQL of the caller's stands in the file as it is: no template, no variable. */
static void callers_sql(void **state)
{
	static const char up[] = "CREATE TABLE a (b DEFAULT '${x}');\n", down[] = "DROP TABLE a;\n";
	struct wb_new_options o = { .up = up, .down = down };
	struct place *p = *state;
	const char *name = make(p, &o, NULL, "add a", WB_DIALECT_SQLITE);

	assert_has(text_of(p, name), "\n-- migrate:up variables:off\nCREATE TABLE a (b DEFAULT '${x}');\n\n"
				     "-- migrate:down\nDROP TABLE a;\n");
	assert_true(load(p)->v[0]->has_up && p->s->v[0]->has_down);
	assert_int_equal(p->s->n_problems, 0);
	o.down = NULL;
	name = make(p, &o, NULL, "add b", WB_DIALECT_SQLITE);
	assert_null(strstr(text_of(p, name), "down"));
	assert_true(load(p)->v[1]->has_up && !p->s->v[1]->has_down);
}

static void callers_sql_in_pairs(void **state)
{
	struct wb_new_options o = { .up = "CREATE TABLE a (b);\n", .down = "SELECT '${x}';\n" };
	struct place *p = *state;

	o.family = WB_FAMILY_PAIRED;
	(void)make(p, &o, NULL, "add a", WB_DIALECT_SQLITE);
	assert_has(text_of(p, "0001_add_a.up.sql"), "\n\nCREATE TABLE a (b);\n");
	assert_has(text_of(p, "0001_add_a.down.sql"), "-- migrate:down variables:off\nSELECT '${x}';\n");
	o.down = NULL;
	(void)make(p, &o, NULL, "add b", WB_DIALECT_SQLITE);
	assert_int_equal(load(p)->n, 2);
	assert_true(p->s->v[0]->has_down && !p->s->v[1]->down_file);
	assert_int_equal(p->s->n_problems, 0);
}

int test_templates(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(on_sqlite),        TEST(pairs_on_sqlite),      TEST(sqlite_table_keeps_its_time),
#ifdef WB_POSTGRES
		TEST(on_postgres),
#endif
		TEST(plain_header),     TEST(author_has_a_default), TEST(summit_header_of_phases),
		TEST(table_is_guessed), TEST(callers_sql),          TEST(callers_sql_in_pairs),
	};
	return RUN_GROUP("templates");
}
