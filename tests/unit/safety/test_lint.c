/* SPDX-License-Identifier: Apache-2.0
 *
 * Lint where only a live server could tell, and without memory. The rules themselves: tests/lint.
 */
#include "tests.h"

#include "safety/lint.h"

static void classify(struct wb_sv statement, struct wb_stmt_info *ret_info)
{
	(void)statement;
	*ret_info = (struct wb_stmt_info){ .tx = WB_TX_NEVER };
}

/* Whatever is written is a concurrent build. */
static int operations(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops, struct wb_error *err)
{
	static const struct wb_operation op = { .code = WB_OP_INDEX_CREATE,
						.kind = WB_KIND_INDEX,
						.flags = WB_WITH_CONCURRENTLY,
						.table = { NULL, "t" },
						.object = { NULL, "i" } };

	(void)statement, (void)a, (void)err;
	*ret_ops = (struct wb_operations){ .v = &op, .n = 1 };
	return 0;
}

static int look(struct wb_lint_run *run, int server)
{
	static const struct wb_driver driver = { .dialect = WB_DIALECT_POSTGRES,
						 .classify = classify,
						 .operations = operations };
	const struct wb_embedded file = { "V1__a.sql",
					  "-- whimbrel:ignore missing-down it only adds\n\nCREATE INDEX;" };
	const struct wb_source_options so = { .embedded = &file, .n_embedded = 1, .dialect = WB_DIALECT_POSTGRES };
	struct wb_source *s = NULL;
	struct wb_lint_input in = { .path = "V1__a.sql", .judged = true };
	int rc;

	*run = (struct wb_lint_run){ .driver = &driver, .world = wb_world_new() };
	rc = run->world ? wb_source_open(&so, &s, NULL) : WB_ENOMEM;
	if (rc == 0) {
		run->world->server_version = server;
		in.m = s->v[0];
		rc = wb_lint_begin(run, NULL);
	}
	if (rc == 0)
		rc = wb_lint_migrations(run, &in, 1, NULL);
	if (rc == 0)
		rc = wb_lint_end(run, NULL);
	wb_source_free(s);
	wb_world_free(run->world);
	return rc;
}

static bool fires(int server)
{
	struct wb_lint_run run;
	bool found = false;

	assert_int_equal(look(&run, server), 0);
	for (size_t i = 0; i < run.findings.n; i++)
		found |= strcmp(run.findings.v[i]->f.rule, "concurrently-14-bug") == 0;
	assert_int_equal(run.ignored, 1);
	wb_lint_done(&run);
	return found;
}

static void test_version(void **state)
{
	(void)state;
	assert_true(fires(140000));
	assert_true(fires(140003));
	assert_false(fires(140004));
	assert_false(fires(150004));
	assert_false(fires(0));
}

static int without_memory(void *user)
{
	struct wb_lint_run run;
	int rc = look(&run, 140001);

	(void)user;
	wb_lint_done(&run);
	return rc;
}

static void test_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(without_memory, NULL) > 0);
}

int test_lint(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_version), cmocka_unit_test(test_memory) };

	return RUN_GROUP("lint");
}
