/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice: indexes that make the queries of a suite faster, each proven before it
 * is told; indexes that nobody needs; statistics that are stale or missing. And
 * carrying it out.
 */
#ifndef WHIMBREL_ADVISE_H
#define WHIMBREL_ADVISE_H

#include "bench.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb_advise_proof {
	WB_PROOF_AUTO, /* by the planner where it can be shown an index that is not there (HypoPG), else on a copy */
	WB_PROOF_COPY, /* built on a copy of the database, and measured */
	WB_PROOF_PLANNER /* by what the planner expects; WB_EUNSUPPORTED where that cannot be asked */
};
/* Something is done: a phase ("copy", "measure", …), and how much of it. */
typedef void (*wb_advise_progress_fn)(void *user, const char *phase, size_t done, size_t total);

struct wb_advise_options {
	size_t size;
	enum wb_advise_proof proof;
	int64_t statements; /* the most expensive ones that the server has counted count, too; 0: none */
	int64_t timeout_ms; /* of one run of a query; 0: what the suite says */
	int64_t seed; /* of the order in which is measured; 0: 1 */
	wb_advise_progress_fn progress;
	void *progress_user;
};

/* Numbers are -1 where they are not known; texts NULL. */
struct wb_advice_query {
	const char *name;
	const char *sql;
	double weight;
	double before_ms, after_ms; /* medians; after: with all recommended indexes */
	double target_ms;
	int64_t rows;
	struct wb_texts indexes, indexes_after; /* that it uses */
	bool counted; /* of the server's statistics: never measured here */
	int64_t calls; /* of these */
	const char *error; /* why it was left out */
};
struct wb_advice_index { /* that there is now */
	const char *table, *name, *definition;
	int64_t bytes, scans;
};
/* "index": make one; "drop_index"; "rebuild_index"; "foreign_key": an index for one; "analyze"; "statistics" */
struct wb_recommendation {
	const char *kind;
	const char *table, *name; /* of the index; "app.orders" */
	struct wb_texts queries; /* names of those that gain */
	const char *query_pattern; /* the same in one text; what it is about where there are none */
	double before_ms, after_ms; /* of the query that gains most, as it stood when this was added */
	double gain_ms; /* weighted, of all */
	double share; /* of the time of the whole suite, 0 to 1 */
	int64_t bytes, build_ms;
	double write_us; /* what a row costs more to insert */
	const char *recommendation; /* in words */
	const char *estimated_improvement; /* "96 % (12.1 ms to 0.4 ms)" */
	const char *priority; /* "high", "medium", "low" */
	const char *sql, *undo_sql;
	const char *proof; /* "measured on a copy", "expected by the planner", "counted by the server" */
};
struct wb_advice {
	size_t size;
	const struct wb_bench_suite *suite;
	const char *server, *generated; /* RFC 3339 */
	const char *since; /* when the server began to count; NULL: unknown */
	const struct wb_advice_query *queries; /* slowest first */
	size_t n_queries;
	const struct wb_advice_index *indexes; /* by table */
	size_t n_indexes;
	const struct wb_recommendation *recommendations; /* most worthwhile first */
	size_t n_recommendations;
	size_t candidates, built, measured, rejected; /* indexes thought of, tried, and found not to gain */
	const char *proof;
	const char *const *notes;
	size_t n_notes;
	int64_t duration_ms, copy_ms;
};
/* Looks, and changes nothing but copies of its own. WB_EINPUT with the place for a suite that makes no sense. options
 * may be NULL. The suite must outlive the advice. */
int wb_advise(struct wb_context *context, const struct wb_bench_suite *suite, const struct wb_advise_options *options,
	      struct wb_advice **ret_advice, struct wb_error *err);
void wb_advice_free(struct wb_advice *advice); /* accepts NULL */

/* ---- carrying it out --------------------------------------------------------------------------------- */

struct wb_optimize_options {
	size_t size;
	struct wb_advise_options advise;
	bool dry_run; /* nothing is changed: steps are what would be done */
	bool drops; /* indexes that nobody needs are dropped, too */
	bool allow_protected; /* somebody has said so */
	int64_t lock_wait_ms; /* as in wb_run_options */
};
struct wb_optimize_step {
	const char *name; /* of the index; of the table */
	const char *sql, *undo_sql;
	const char *state; /* "planned", "done", "was_done", "failed", "skipped" */
	const char *message; /* why it failed; NULL */
	int64_t duration_ms;
	bool judged; /* it was measured again */
	bool gained;
	double before_ms, after_ms; /* of the queries that it is for, weighted, on the database itself */
};
struct wb_optimization {
	size_t size;
	bool dry_run, resumed; /* resumed: a run before this one had begun it */
	const struct wb_advice *advice; /* NULL where an earlier run's plan was gone on with */
	const struct wb_optimize_step *steps;
	size_t n_steps;
	const struct wb_advice_query *queries; /* before and after, on the database itself */
	size_t n_queries;
	int64_t duration_ms;
};
/* Takes advice and does it, step by step, journaled: a run that is killed goes on when called again, with the plan that
 * it had. Then measures again. WB_EREFUSED where the environment is protected. *ret_result is written also when a step
 * has failed. */
int wb_optimize(struct wb_context *context, const struct wb_bench_suite *suite,
		const struct wb_optimize_options *options, struct wb_optimization **ret_result, struct wb_error *err);
void wb_optimization_free(struct wb_optimization *result); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
