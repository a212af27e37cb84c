/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks of queries: how long they take, whether that meets their targets,
 * whether it is another time than before, and what the database does for it.
 * Nothing is ever changed: queries run on connections that can only read, and
 * those that write in transactions that are rolled back.
 */
#ifndef WHIMBREL_BENCH_H
#define WHIMBREL_BENCH_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is measured ----------------------------------------------------------------------------- */

struct wb_bench_query {
	const char *name, *description; /* description may be NULL */
	const char *sql; /* one statement; :name stands for a parameter */
	const struct wb_named_values *sets; /* values of the parameters; each set is measured */
	size_t n_sets; /* 0: no parameters, or sets_query */
	const char *sets_query; /* a query each of whose rows is a set, with the names of its columns; NULL */
	int64_t weight; /* share of a load, and of what advice is worth; 0: 1 */
	int64_t target_p50_us, target_p95_us; /* 0: none */
	bool writes; /* runs in a transaction that is rolled back */
	bool prepared; /* is prepared once, not each time (plans may then be generic ones) */
	int64_t timeout_ms; /* of one run; 0: what the suite says */
	unsigned line, column; /* in the suite's file; 0: unknown */
};
struct wb_bench_suite {
	size_t size;
	const char *name, *description, *file;
	const struct wb_bench_query *queries;
	size_t n_queries;
	int64_t runs, warmup; /* rounds; 0: WB_BENCH_RUNS, WB_BENCH_WARMUP */
	int64_t timeout_ms; /* of one run; 0: WB_BENCH_TIMEOUT_MS */
};
#define WB_BENCH_RUNS 30
#define WB_BENCH_RUNS_MIN 10
#define WB_BENCH_WARMUP 3
#define WB_BENCH_TIMEOUT_MS 30000
#define WB_BENCH_SETS_MAX 50 /* of one query */

/* ---- what the database does for a query ------------------------------------------------------------ */

/* Numbers are -1 where they are not known; texts NULL. */
struct wb_query_node {
	int depth;
	const char *type; /* "Index Scan", "Hash Join"; SQLite: "SEARCH", "SCAN", "TEMP B-TREE" */
	const char *relation, *alias, *index;
	const char *join; /* "Left" */
	const char *keys; /* of a sort or group */
	const char *condition; /* of the index or join, else the filter */
	double cost, rows_estimated, rows; /* rows: as they were, in all of its loops */
	double loops, ms; /* ms: with the nodes below, in all of its loops */
	int64_t blocks_hit, blocks_read, temp_read, temp_written; /* with the nodes below */
	int64_t spilled_kb; /* to disk; 0: it fitted into memory */
};
struct wb_query_plan {
	double cost, planning_ms, execution_ms;
	const struct wb_query_node *nodes; /* a node before those below it */
	size_t n_nodes;
	struct wb_texts indexes; /* every one that is used, once */
	int64_t blocks_hit, blocks_read, temp_read, temp_written;
	bool analyzed; /* it was run: rows and times are known */
	bool spilled;
	const char *fingerprint; /* "sha256:…" of all but costs, rows and times */
	double worst_estimate; /* the largest factor between rows estimated and real; 0: not known */
};

/* ---- what was found -------------------------------------------------------------------------------- */

enum wb_bench_verdict {
	WB_BENCH_PASS, /* targets are met, or there are none */
	WB_BENCH_FAIL, /* a target is missed, or the query cannot be run */
	WB_BENCH_IMPROVED,
	WB_BENCH_REGRESSED,
	WB_BENCH_UNCHANGED,
	WB_BENCH_INCONCLUSIVE /* what was measured does not tell */
};
/* "pass", "fail", … */
const char *wb_bench_verdict_name(enum wb_bench_verdict verdict);

/* Runs of one parameter set. */
struct wb_bench_set {
	struct wb_named_values params;
	const double *ms; /* one for each run */
	const double *speed_ms; /* what the calibration took around it: how fast the machine was then; NULL */
	const bool *counts; /* nothing else kept the machine busy; NULL: all do */
	size_t n;
};
struct wb_bench_change {
	bool known; /* there is something to compare with */
	enum wb_bench_verdict verdict; /* IMPROVED, REGRESSED, UNCHANGED, INCONCLUSIVE */
	double before_ms; /* median then */
	double ratio, lo, hi; /* now to then, with its confidence interval of 95 % */
	double machine; /* the same of the calibrations beside these runs */
	double p, p_holm; /* Mann-Whitney; corrected for the number of queries */
	double delta; /* Cliff's: -1 all faster, 1 all slower */
	unsigned series; /* how often it was measured anew to be sure */
	const char *why; /* of what is inconclusive; NULL */
	struct wb_texts plan; /* how the plan has changed: "seq_scan", "lost_index_only", …; none: it has not */
};
struct wb_bench_result {
	const struct wb_bench_query *query;
	const struct wb_bench_set *sets, *before; /* before: of the other database, beside these; NULL */
	size_t n_sets;
	size_t runs; /* that count */
	size_t disturbed; /* runs besides these while something else kept the machine busy */
	double median_ms, p95_ms, p99_ms, ci_lo_ms, ci_hi_ms; /* confidence interval of the median, 95 % */
	double min_ms, max_ms;
	int64_t rows; /* of one run; -1: not known */
	enum wb_bench_verdict target; /* PASS, FAIL, INCONCLUSIVE */
	struct wb_bench_change change;
	enum wb_bench_verdict verdict; /* of all of this */
	const struct wb_query_plan *plan; /* NULL: none */
	const char *error, *error_hint; /* why it could not be run; NULL */
	int error_code;
};
struct wb_bench_setting {
	const char *name, *value;
};
struct wb_bench_load { /* of a run at a rate */
	double rate, achieved; /* per second */
	int64_t duration_ms;
	size_t sent, late; /* late: begun more than 1 ms after it was due */
	double worst_late_ms;
	int64_t connections;
};
struct wb_bench_report {
	size_t size;
	const struct wb_bench_suite *suite; /* of a saved one: its name alone */
	const char *server, *start_time, *end_time; /* RFC 3339 */
	const char *compared_with; /* file or database (without password); NULL */
	int64_t duration_ms;
	double speed_ms; /* median of the calibration */
	double speed_ratio; /* now to then; 0: not compared */
	bool noisy; /* the machine was hardly ever undisturbed */
	const struct wb_bench_setting *settings; /* of the server, that plans depend on */
	size_t n_settings;
	const struct wb_bench_result *results;
	size_t n_results;
	size_t count[WB_BENCH_INCONCLUSIVE + 1]; /* by verdict */
	size_t not_run;
	double geomean; /* of all ratios; 0: none */
	bool is_load;
	struct wb_bench_load load;
};

/* Something is done: `done` of about `total` runs. */
typedef void (*wb_bench_progress_fn)(void *user, size_t done, size_t total);

struct wb_bench_options {
	size_t size;
	int64_t runs, warmup; /* rounds; 0: what the suite says */
	int64_t timeout_ms;
	int64_t seed; /* of the order; 0: 1 */
	double min_change; /* the smallest change that matters, 0.1 is 10 %; 0: WB_BENCH_MIN_CHANGE */
	const struct wb_bench_report *against; /* saved; NULL */
	const char *against_url; /* a database measured in turn with this one; NULL */
	const char *against_name; /* of what is compared with, for people; NULL */
	double rate; /* queries a second at their scheduled times, whether those before are done or not; 0: rounds */
	int64_t duration_ms, connections; /* of that: 10 s, 4 */
	int64_t patience_ms; /* how long to go on for runs beside which the machine is undisturbed, in each series; 0:
				as long as twice the rounds took, and 15 s at least where there is a comparison */
	bool no_plans;
	wb_bench_progress_fn progress;
	void *progress_user;
};
#define WB_BENCH_MIN_CHANGE 0.1

/* Runs the suite. WB_EINPUT with the place for a suite that makes no sense. A query that cannot be run is told in its
 * result; the others are run. */
int wb_bench_run(struct wb_context *context, const struct wb_bench_suite *suite, const struct wb_bench_options *options,
		 struct wb_bench_report **ret_report, struct wb_error *err);
void wb_bench_report_free(struct wb_bench_report *report); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
