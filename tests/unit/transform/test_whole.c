/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole transformations of a database in memory, through the public library,
 * with every allocation failing in turn.
 */
#include "tests.h"

#include <sqlite3.h>
#include <whimbrel/whimbrel.h>

static const char schema[] = "CREATE TABLE s (id INTEGER PRIMARY KEY, name TEXT);"
			     "INSERT INTO s VALUES (1, 'one'), (2, NULL), (3, 'bad'), (4, 'four'), (5, 'five');"
			     "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> 'FIVE'));";

static const char *const id_key[] = { "id" }, *const fields[] = { "id", "name" };
static const char *const program[] = { "sed", "-u", "s/.*four.*/{\"error\": \"no\"}/" };
static const struct wb_named_value columns[] = { { "id", NULL }, { "name", "upper(name)" } };
static const struct wb_rule_check checks[] = { { "original.name IS NOT 'bad'", "it is bad", false },
					       { "transformed.id = original.id", NULL, true } };

static struct wb_transform_rule copying(void)
{
	return (struct wb_transform_rule){ .id = "copy",
					   .source = "s",
					   .key = { id_key, 1 },
					   .target = "t",
					   .columns = { columns, 2 },
					   .checks = checks,
					   .n_checks = 2,
					   .on_conflict = WB_CONFLICT_UPDATE,
					   .conflict_key = { id_key, 1 },
					   .on_error = WB_ON_ERROR_COLLECT,
					   .max_errors = -1,
					   .batch_size = 4 };
}

/* Through a program that gives back what it gets. */
static struct wb_transform_rule passing(void)
{
	struct wb_transform_rule r = copying();

	r.id = "pass";
	r.columns.n = r.n_checks = 0;
	r.command = (struct wb_texts){ program, WB_ARRAY_LEN(program) };
	r.fields = (struct wb_texts){ fields, 2 };
	return r;
}

struct place {
	sqlite3 *db;
	struct wb_context *context;
	const struct wb_transform_rule *rules;
	size_t n;
	struct wb_transform_options o;
};

static int open_place(struct place *p, struct wb_error *err)
{
	struct wb_options o = { .size = sizeof(o) };

	assert_int_equal(sqlite3_open(":memory:", &p->db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(p->db, schema, NULL, NULL, NULL), SQLITE_OK);
	o.sqlite_handle = p->db;
	p->context = NULL;
	return wb_open(&o, &p->context, err);
}

static void close_place(struct place *p)
{
	wb_close(p->context);
	(void)sqlite3_close(p->db);
}

static int64_t number(struct place *p, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(p->db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

static void rejects_are_exact(void **state)
{
	struct wb_transform_rule rule = copying();
	struct place p = { .rules = &rule, .n = 1 };
	struct wb_transform_result *r = NULL;
	struct wb_error err;

	(void)state;
	assert_int_equal(open_place(&p, &err), 0);
	assert_int_equal(wb_transform(p.context, &rule, 1, NULL, &r, &err), WB_ENO);
	assert_int_equal(r->n_rules, 1);
	assert_int_equal(r->processed, 5);
	assert_int_equal(r->successful, 2);
	assert_int_equal(r->failed, 3);
	assert_int_equal(r->ignored, 0);
	assert_int_equal(r->rules[0].n_errors, 3);
	assert_string_equal(r->rules[0].state, "done");
	wb_transform_result_free(r);
	assert_int_equal(number(&p, "SELECT count(*) FROM t WHERE id IN (1, 4)"), 2);
	assert_int_equal(number(&p, "SELECT sum(row_key) FROM whimbrel_transform_rejects"), 2 + 3 + 5);
	assert_int_equal(number(&p, "SELECT row_key FROM whimbrel_transform_rejects WHERE reason = 'it is bad'"), 3);
	close_place(&p);
}

static void stop_names_the_row(void **state)
{
	struct wb_transform_rule rule = copying();
	struct place p = { .rules = &rule, .n = 1 };
	struct wb_transform_result *r = NULL;
	struct wb_error err;

	(void)state;
	rule.on_error = WB_ON_ERROR_STOP;
	rule.n_checks = 0;
	assert_int_equal(open_place(&p, &err), 0);
	assert_int_equal(wb_transform(p.context, &rule, 1, NULL, &r, &err), WB_EFAILED);
	assert_string_equal(err.message, "rule copy stopped at the row with id 2: NOT NULL constraint failed: t.name");
	assert_string_equal(r->rules[0].state, "failed");
	assert_int_equal(r->successful, 1);
	wb_transform_result_free(r);
	/* Mended, it goes on behind the first row, which somebody has changed since. */
	assert_int_equal(sqlite3_exec(p.db, "UPDATE s SET name = 'x' WHERE id IN (2, 5); UPDATE t SET name = 'kept'",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(wb_transform(p.context, &rule, 1, NULL, &r, &err), 0);
	assert_true(r->rules[0].resumed);
	assert_int_equal(r->processed, 5);
	wb_transform_result_free(r);
	assert_int_equal(number(&p, "SELECT count(*) FROM t WHERE name = 'kept'"), 1);
	assert_int_equal(number(&p, "SELECT count(*) FROM t"), 5);
	close_place(&p);
}

static void programs_are_heard(void **state)
{
	struct wb_transform_rule rule = passing();
	struct place p = { .rules = &rule, .n = 1 };
	struct wb_transform_result *r = NULL;
	struct wb_error err;

	(void)state;
	assert_int_equal(open_place(&p, &err), 0);
	assert_int_equal(wb_transform(p.context, &rule, 1, NULL, &r, &err), WB_ENO);
	assert_int_equal(r->failed, 2);
	assert_int_equal(r->successful, 3);
	wb_transform_result_free(r);
	assert_int_equal(number(&p, "SELECT row_key FROM whimbrel_transform_rejects WHERE reason = 'no'"), 4);
	rule.command = (struct wb_texts)TEXTS("sh", "-c", "read line; echo broken >&2; exit 7");
	p.o = (struct wb_transform_options){ .size = sizeof(p.o), .restart = true };
	assert_int_equal(wb_transform(p.context, &rule, 1, &p.o, &r, &err), WB_EFAILED);
	assert_string_equal(err.message, "sh ended with status 7 before it had answered every row");
	assert_string_equal(err.detail, "broken");
	wb_transform_result_free(r);
	close_place(&p);
}

static int whole_run(void *user)
{
	struct place *p = user;
	struct wb_transform_result *r = NULL;
	struct wb_error err;
	int rc = open_place(p, &err);

	if (rc == 0)
		rc = wb_transform(p->context, p->rules, p->n, &p->o, &r, &err);
	wb_transform_result_free(r);
	close_place(p);
	return rc == WB_ENO ? 0 : rc;
}

static void memory_may_run_out(void **state)
{
	struct wb_transform_rule rules[] = { copying(), passing() };
	struct place p = { .rules = rules, .n = 1, .o = { .size = sizeof(p.o) } };

	(void)state;
	assert_true(wb_oom_run(whole_run, &p) > 50);
	p.o.dry_run = true;
	assert_true(wb_oom_run(whole_run, &p) > 20);
	p.o.dry_run = false;
	p.rules = &rules[1];
	assert_true(wb_oom_run_every(5, whole_run, &p) > 10);
}

int test_whole(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rejects_are_exact),
		cmocka_unit_test(stop_names_the_row),
		cmocka_unit_test(programs_are_heard),
		cmocka_unit_test(memory_may_run_out),
	};

	return RUN_GROUP("whole");
}
