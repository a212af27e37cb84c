/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads that fail, are interrupted, or see a file that changes: at every one of
 * the calls that a load or a run makes.
 */
#include "tests.h"

#include <unistd.h>

/* Three windows of a stream. */
static void put_large(struct place *p, const char *name, const char *text)
{
	size_t n = ((size_t)5 << 19) + 1;
	char *all = malloc(n);

	assert_non_null(all);
	memset(all, '\n', n);
	memcpy(all, text, strlen(text));
	put_bytes(p, name, all, n);
	free(all);
}

/* Loads with a failure at each read in turn; each is told as a problem of the file. */
static void fail_each(struct place *p, const char *name)
{
	int calls;

	memset(&reads, 0, sizeof(reads));
	load(p);
	assert_no_problem(p);
	calls = reads.calls;
	assert_true(calls > 0);
	for (int i = 1; i <= calls; i++) {
		reads = (struct reads){ .fail_at = i };
		load(p);
		assert_has(only_problem(p, "unreadable")->message, "the file cannot be read: Input/output error");
		assert_string_equal(only_problem(p, "unreadable")->file, path_of(p, name));
		reads = (struct reads){ .interrupt_at = i };
		load(p);
		assert_no_problem(p);
	}
	memset(&reads, 0, sizeof(reads));
}

static void every_read_of_a_load_may_fail(void **state)
{
	static const char name[] = "V1__x.sql";
	struct place *p = *state;

	put(p, name, "SELECT 1;");
	fail_each(p, name);
	put_large(p, name, "SELECT 1;");
	fail_each(p, name);
	put_large(p, name, "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n");
	fail_each(p, name);
}

static void a_file_that_changes_while_it_is_read(void **state)
{
	struct place *p = *state;
	char path[512];
	int calls;

	put_large(p, "V1__x.sql", "-- UP\nSELECT 1;\n");
	(void)snprintf(path, sizeof(path), "%s", path_of(p, "V1__x.sql"));
	load(p);
	calls = reads.calls;
	reads = (struct reads){ .touch_at = calls, .touch_path = path };
	load(p);
	assert_has(only_problem(p, "unreadable")->message, "changed meanwhile");
}

static int run(struct place *p, unsigned kinds)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct wb_statements *s = NULL;
	struct wb_item item = { .kind = WB_ITEM_STATEMENT };
	int rc = wb_statements_open(p->s->v[0], kinds, &o, &s, &p->err);

	while (rc == 0 && item.kind != WB_ITEM_END)
		rc = wb_statements_next(s, &item, NULL, &p->err);
	wb_statements_close(s);
	return rc;
}

static void fail_each_of_a_run(struct place *p, unsigned kinds)
{
	int calls;

	memset(&reads, 0, sizeof(reads));
	assert_int_equal(run(p, kinds), 0);
	calls = reads.calls;
	assert_true(calls > 0);
	for (int i = 1; i <= calls; i++) {
		reads = (struct reads){ .fail_at = i };
		memset(&p->err, 0, sizeof(p->err));
		assert_int_equal(run(p, kinds), WB_EIO);
		assert_has(p->err.message, "cannot read");
		assert_has(p->err.detail, "Input/output error");
		assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
		reads = (struct reads){ .interrupt_at = i };
		assert_int_equal(run(p, kinds), 0);
	}
	memset(&reads, 0, sizeof(reads));
}

static void every_read_of_a_run_may_fail(void **state)
{
	struct place *p = *state;

	put(p, "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;\n");
	load(p);
	p->s->v[0]->memory = NULL; /* as when there was no room left to hold it */
	fail_each_of_a_run(p, 1u << WB_SEC_UP);
	put_large(p, "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;\n");
	load(p);
	fail_each_of_a_run(p, 1u << WB_SEC_UP);
	fail_each_of_a_run(p, 1u << WB_SEC_DOWN);
}

int test_reads(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_read_of_a_load_may_fail),
		TEST(a_file_that_changes_while_it_is_read),
		TEST(every_read_of_a_run_may_fail),
	};
	return RUN_GROUP("reads");
}
