/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of migrations: scenarios, each on a scratch database of its own, which
 * is made beside the context's and removed. The context's database is never
 * touched. Suites that need no scenario to be written: round trip, idempotence,
 * data, failure, benchmark.
 */
#ifndef WHIMBREL_TEST_H
#define WHIMBREL_TEST_H

#include "schema.h"
#include "transform.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a step does or asserts. X(ENUM, name) */
#define WB_TEST_ACT_MAP(X) \
	X(UP, "up") \
	X(DOWN, "down") \
	X(REDO, "redo") \
	X(RESUME, "resume") \
	X(SQL, "sql") \
	X(FILL, "fill") \
	X(TRANSFORM, "transform") \
	X(CHECK, "check") \
	X(TRUE, "holds") \
	X(EQUALS, "query") \
	X(ROWS, "rows") \
	X(EXISTS, "exists") \
	X(MISSING, "missing") \
	X(VERSION, "version") \
	X(SCHEMA, "schema")

enum wb_test_act {
	WB_TEST_NONE,
#define X(name, text) WB_TEST_##name,
	WB_TEST_ACT_MAP(X)
#undef X
		WB_TEST_ACT_COUNT
};
/* "up"; "" for a number out of range. */
const char *wb_test_act_name(enum wb_test_act act);

/* How far a step may go; 0: as far as it likes. */
struct wb_test_limits {
	int64_t time_ms;
	int64_t rows_per_s; /* at least: rows of all tables before it, by the time it takes */
	int64_t memory_kb; /* most that the process ever had */
	int64_t growth_kb; /* of the database */
};

struct wb_test_step {
	enum wb_test_act act;
	/* UP, DOWN: the version to go to ("", "latest", "last": all, one). SQL: statements. TRANSFORM, CHECK: the file.
	 * TRUE, EQUALS, ROWS: the query. VERSION: "0" for none. SCHEMA: "setup", as it was when the setup was done; or
	 * what wb_schema_read() reads. */
	const char *text;
	const char *value; /* EQUALS: the first value of the answer; "null" */
	struct wb_texts rows; /* ROWS: each with " | " between its values */
	struct wb_named_values
		objects; /* EXISTS, MISSING: a kind ("table", "column", "index") and "[schema.][table.]name"
			  */
	int64_t number; /* FILL: made-up rows in every table */
	/* Before this statement (of a transformation: this batch) the process is killed, or the call fails. 0: it is
	 * left alone. */
	int64_t kill_at, fail_at;
	bool fails; /* it has to fail */
	const char *error_code; /* with this: "WB_ESQL", or what the server calls it, "23505"; NULL: any */
	const char *error_message; /* with this in message, detail or hint, in any case; NULL: any */
	struct wb_test_limits limits;
	unsigned line, column; /* in the scenario's file */
};
struct wb_test_steps {
	const struct wb_test_step *v;
	size_t n;
};
struct wb_test_scenario {
	const char *name, *suite, *description;
	const char *file; /* where it was read; NULL */
	unsigned line;
	struct wb_texts tags;
	int64_t timeout_ms; /* 0: that of the options */
	const char *skip; /* it is not run, and this is why; NULL */
	bool fails; /* one of its steps has to fail; assertions are looked at all the same */
	struct wb_test_steps setup, steps, assertions, cleanup; /* cleanup is run in any case */
};

enum wb_test_outcome { WB_TEST_PASSED, WB_TEST_FAILED, WB_TEST_SKIPPED, WB_TEST_NOT_RUN };
/* "passed", "failed", "skipped", "could_not_run" */
const char *wb_test_outcome_name(enum wb_test_outcome outcome);

struct wb_test_result {
	const char *scenario, *suite;
	enum wb_test_outcome outcome;
	const char *message; /* why it failed, was skipped or could not be run; a remark; NULL */
	const char *hint; /* NULL */
	const char *file; /* and where; NULL, 0 */
	unsigned line;
	int64_t duration_ms;
	/* Of a benchmark; -1: none. Rows that all tables had. */
	int64_t rows, migration_ms, rows_per_s, peak_rss_kb, growth_kb;
};
struct wb_test_report {
	const struct wb_test_result *results; /* suites in their order, scenarios in theirs */
	size_t n_results;
	size_t passed, failed, skipped, not_run; /* not_run are counted among failed, too */
	int code; /* of the first that could not be run: WB_E…; 0 */
	bool stopped; /* by fail_fast: what had not begun was skipped */
	int64_t jobs, duration_ms;
};

/* A scenario is done. */
typedef void (*wb_test_progress_fn)(void *user, const struct wb_test_result *result, size_t done, size_t total);

struct wb_test_options {
	size_t size;
	const struct wb_test_scenario *scenarios; /* must outlive the report */
	size_t n_scenarios;
	bool no_builtin; /* scenarios only, unless `suites` names a built-in one */
	struct wb_texts suites; /* only these; none: all. WB_ENOTFOUND where there is none of that name */
	struct wb_texts names; /* only scenarios of these names; '*' stands for any text. WB_ENOTFOUND as well */
	struct wb_texts tags; /* only those that have one of them */
	bool fail_fast; /* after the first failure nothing more begins */
	int64_t jobs; /* processes at work at once; 0 = as many as the machine has processors */
	int64_t timeout_ms; /* of a scenario that says none; 0 = 30 000, of benchmarks 120 000 */
	const char *scratch_url; /* a server on which databases may be made; NULL: the context's */
	const struct wb_schema_options *schema; /* what of a schema counts; NULL: all */
	const int64_t *sizes; /* of the benchmark: rows in each table; none: 1000 and 10 000 */
	size_t n_sizes;
	struct wb_test_limits limits; /* of the benchmark */
	wb_test_progress_fn progress; /* may be NULL */
	void *progress_user;
};
/* Runs them. Failures are in the report; an error is what keeps all of them from being run: the folder makes no sense,
 * no database can be made. Scenarios run in processes of their own (fork), ended for sure when their time is over.
 * options may be NULL. Files that steps name are loaded as wb_check_loader() and
 * wb_transform_loader() say. The report is released with wb_test_report_free. */
int wb_test_run(struct wb_context *context, const struct wb_test_options *options, struct wb_test_report **ret_report,
		struct wb_error *err);
void wb_test_report_free(struct wb_test_report *report); /* accepts NULL */

/* Scenarios written as SQL (docs/scenarios.md), read as the context's engine would. WB_EINPUT with the place. */
struct wb_test_file {
	const struct wb_test_scenario *scenarios;
	size_t n_scenarios;
};
int wb_test_parse_sql(struct wb_context *context, const char *path, const char *text, size_t size,
		      struct wb_test_file **ret_file, struct wb_error *err);
void wb_test_file_free(struct wb_test_file *file); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
