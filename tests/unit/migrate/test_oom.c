/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory runs out at every single allocation: nothing leaks, nothing is half
 * done, and the answer is "out of memory" or right.
 */
#include "tests.h"

#include <unistd.h>

struct work {
	struct place *p;
	run_fn *fn;
	struct wb_run_options o;
};

static void files(struct place *p)
{
	put(p, "V1__a.sql",
	    "-- migrate:require\nSELECT 1;\n-- migrate:up\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"
	    "-- migrate:verify\nSELECT 1;\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql",
	    "-- Dependencies: 1\n-- migrate:up transaction:false variables:on\nCREATE TABLE ${b} (x int);\n"
	    "INSERT INTO b VALUES (1);\nVACUUM;\n-- migrate:down variables:on transaction:false\nDELETE FROM ${b};\n"
	    "DROP TABLE b;\n");
	put(p, "R__v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1 AS one;\n");
	static const struct wb_named_value v[] = { { "b", "b" } };
	p->o.variables = v;
	p->o.n_variables = 1;
	p->o.event = NULL; /* the listener allocates, too */
	p->o.log = NULL;
}

static int whole_run(void *user)
{
	struct work *w = user;
	struct wb_context *c = NULL;
	struct wb_run_result *r = NULL;
	struct wb_error err = { 0 };
	int rc = wb_open(&w->p->o, &c, &err);
	if (rc == 0)
		rc = w->fn(c, &w->o, &r, &err);
	wb_run_result_free(r);
	wb_close(c);
	return rc;
}

static char saved[128];

static int fresh_run(void *user)
{
	struct work *w = user;
	copy_file(saved, w->p->db);
	return whole_run(user);
}

static long run_out(struct place *p, run_fn *fn, struct wb_run_options o)
{
	struct work w = { .p = p, .fn = fn, .o = o };
	w.o.size = sizeof(w.o);
	wb_close(p->ctx);
	p->ctx = NULL;
	side_close(p);
	snprintf(saved, sizeof(saved), "%s/saved.db", p->dir);
	copy_file(p->db, saved);
	return wb_oom_run(fresh_run, &w);
}

static void memory_of_up(void **state)
{
	struct place *p = *state;
	files(p);
	assert_true(run_out(p, wb_up, (struct wb_run_options){ 0 }) > 30);
	assert_string_equal(states(p), "1:applied 2:applied R__v:applied");
}

static void memory_of_up_in_one(void **state)
{
	struct place *p = *state;
	files(p);
	take_away(p, "V2__b.sql");
	assert_true(run_out(p, wb_up, (struct wb_run_options){ .plan.transaction = WB_TRANSACTION_ALL }) > 30);
	assert_string_equal(states(p), "1:applied R__v:applied");
}

static void memory_of_rehearsal(void **state)
{
	struct place *p = *state;
	files(p);
	assert_true(run_out(p, wb_up, (struct wb_run_options){ .dry_run = WB_DRY_RUN_ROLLBACK }) > 30);
}

static void memory_of_down(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	assert_true(run_out(p, wb_down, (struct wb_run_options){ .plan.to = "0" }) > 30);
	assert_string_equal(states(p), "1:reverted 2:reverted R__v:applied");
}

static void memory_of_down_from_the_journal(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	take_away(p, "V2__b.sql");
	assert_true(run_out(p, wb_down, (struct wb_run_options){ .plan.steps = 2 }) > 30);
	assert_string_equal(states(p), "1:reverted 2:reverted R__v:applied");
}

static void memory_of_redo(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	assert_true(run_out(p, wb_redo, (struct wb_run_options){ 0 }) > 30);
	assert_string_equal(ask(p, "SELECT version, state FROM @schema_migrations ORDER BY version"),
			    "1:applied 2:applied R__v:applied");
}

static void memory_of_resume(void **state)
{
	struct place *p = *state;
	files(p);
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	sql(p, "UPDATE @schema_migrations SET state = 'running', statements_done = 1 WHERE version = '3';"
	       "UPDATE @migration_steps SET state = 'running' WHERE version = '3' AND ordinal = 2");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\nVACUUM;\n");
	assert_true(run_out(p, wb_resume, (struct wb_run_options){ 0 }) > 30);
	assert_has(states(p), "3:applied");
}

static void memory_of_resume_from_the_journal(void **state)
{
	struct place *p = *state;
	files(p);
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	take_away(p, "V3__c.sql");
	sql(p, "CREATE TABLE nowhere (x int)");
	assert_true(run_out(p, wb_resume, (struct wb_run_options){ 0 }) > 30);
	assert_has(states(p), "3:applied");
}

static void memory_of_large_file(void **state)
{
	struct place *p = *state;
	p->o.event = NULL;
	p->o.log = NULL;
	FILE *f = fopen(path_of(p, "V1__big.sql"), "w");
	assert_non_null(f);
	fputs("CREATE TABLE big (x text);\n", f);
	for (int i = 0; i < 40; i++)
		fprintf(f, "INSERT INTO big VALUES ('%010000d');\n", i);
	assert_int_equal(fclose(f), 0);
	assert_true(run_out(p, wb_up, (struct wb_run_options){ 0 }) > 30);
	assert_string_equal(states(p), "1:applied");
}

static int baseline(void *user)
{
	struct place *p = user;
	struct wb_context *c = NULL;
	size_t n;
	int rc;
	(void)unlink(p->db);
	rc = wb_open(&p->o, &c, NULL);
	if (rc == 0)
		rc = wb_baseline(c, "V1", "because", &n, NULL);
	wb_close(c);
	return rc;
}

static void memory_of_baseline(void **state)
{
	struct place *p = *state;
	files(p);
	assert_true(wb_oom_run(baseline, p) > 30);
	assert_string_equal(states(p), "1:baseline");
}

static int repair(void *user)
{
	struct place *p = user;
	struct wb_context *c = NULL;
	struct wb_repair *r = NULL;
	int rc = wb_open(&p->o, &c, NULL);
	if (rc == 0)
		rc = wb_repair(c, true, NULL, &r, NULL);
	if (rc == 0)
		assert_int_equal(r->n_items, 3);
	wb_repair_free(r);
	wb_close(c);
	return rc;
}

static void memory_of_repair(void **state)
{
	struct place *p = *state;
	files(p);
	put(p, "V3__c.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "V2__b.sql", "SELECT 2;");
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run(repair, p) > 30);
}

static int adopt(void *user)
{
	struct place *p = user;
	struct wb_context *c = NULL;
	struct wb_adoption *a = NULL;
	copy_file(saved, p->db);
	int rc = wb_open(&p->o, &c, NULL);
	if (rc == 0)
		rc = wb_adopt(c, NULL, &a, NULL);
	if (rc == 0)
		assert_int_equal(a->recorded, a->n_items > 2 ? 1 : 2);
	wb_adoption_free(a);
	wb_close(c);
	return rc;
}

static void adopt_all(struct place *p)
{
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	side_close(p);
	snprintf(saved, sizeof(saved), "%s/saved.db", p->dir);
	copy_file(p->db, saved);
	assert_true(wb_oom_run(adopt, p) > 50);
}

static void memory_of_adopt(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	put(p, "V2__b.sql", "-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	sql(p, "CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, description TEXT, type TEXT, "
	       "script TEXT, checksum INT, installed_by TEXT, installed_on TEXT, execution_time INT, success BOOLEAN)");
	sql(p,
	    "INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', NULL, 'me', "
	    "'2024-01-02 03:04:05', 1, 1), (2, '2', 'b', 'SQL', 'V2__b.sql', NULL, 'me', '2024-01-02 03:04:05', 1, 1)");
	adopt_all(p);
	assert_string_equal(states(p), "1:applied 2:applied");
}

static void memory_of_adopting_names(void **state)
{
	struct place *p = *state;
	put(p, "V1__later.sql", "CREATE TABLE later (x int);");
	sql(p, "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)");
	sql(p, "CREATE TABLE ar_internal_metadata (key varchar, value varchar)");
	sql(p, "INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240101000002')");
	adopt_all(p);
	assert_string_equal(states(p), "rails-20240101000002:baseline");
	context_again(p);
	ok(p, UP(p));
	assert_string_equal(applied(p), "1");
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory_of_up),
		TEST(memory_of_up_in_one),
		TEST(memory_of_rehearsal),
		TEST(memory_of_down),
		TEST(memory_of_down_from_the_journal),
		TEST(memory_of_redo),
		TEST(memory_of_resume),
		TEST(memory_of_resume_from_the_journal),
		TEST(memory_of_large_file),
		TEST(memory_of_baseline),
		TEST(memory_of_repair),
		TEST(memory_of_adopt),
		TEST(memory_of_adopting_names),
	};
	return RUN_GROUP("oom");
}
