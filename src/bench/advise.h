/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice: which indexes would help the queries of a suite. Candidates come from
 * what the queries ask (model/shape.h), as a pure function; each is then built on
 * a copy of the data, or shown to the planner, and kept only when it gains.
 */
#ifndef WB_BENCH_ADVISE_H
#define WB_BENCH_ADVISE_H

#include <whimbrel/advise.h>

#include "base/base.h"
#include "bench/bench.h"
#include "driver/driver.h"
#include "model/model.h"
#include "model/shape.h"

/* ---- candidates (advise_candidates.c) ------------------------------------------------------ */

#define WB_CANDIDATE_KEYS 3
#define WB_CANDIDATES_MAX 400 /* of a suite */

/* What is known of a column; zeros where nothing is. */
struct wb_advise_column {
	const char *name, *type; /* as the engine writes it */
	const char *sql; /* the name for statements */
	int64_t distinct; /* values, about; 0 unknown */
	int64_t correlation; /* of values and places, in thousandths */
	int64_t width; /* bytes, on average */
};
struct wb_advise_table {
	const struct wb_object *object; /* of the model */
	const char *sql; /* its name for statements */
	int64_t rows, bytes; /* -1 unknown */
	struct wb_advise_column *columns;
	size_t n_columns;
};
struct wb_advise_tables {
	struct wb_advise_table *v;
	size_t n, cap;
};

struct wb_candidate {
	const struct wb_advise_table *table;
	const char *method; /* "btree", "gin", "brin" */
	const char *keys[WB_CANDIDATE_KEYS + 4]; /* with operator class and direction */
	size_t n_keys;
	const char *include; /* columns; NULL */
	const char *where; /* NULL: of all rows */
	const char *text; /* what stands behind the table's name: tells candidates apart */
	size_t group; /* of those that help only together; 0: alone */
	bool covering; /* all that a query wants is in it */
	bool expression;
	bool *queries; /* of the suite, that it was made for */
	/* filled while it is proven */
	size_t number;
	const char *name; /* while it is tried */
	const char *planned; /* as the planner calls it; NULL: the same */
	bool built, chosen, rejected;
	int64_t bytes, build_ms;
	double expected_ms; /* weighted gain, as far as the planner knows; -1: to be asked again */
	double gain_ms, write_us; /* measured */
	double best_before_ms, best_after_ms;
	bool *gains; /* queries that it makes faster */
};
struct wb_candidates {
	struct wb_candidate *v;
	size_t n, cap;
	size_t groups;
	bool cut; /* there would have been more */
};
struct wb_candidate_making {
	struct wb_arena *a;
	const struct wb_advise_tables *tables;
	unsigned ways; /* enum wb_index_way, of the engine */
	bool trigrams; /* their operator class can be used */
	size_t n_queries;
};
/* Adds those of one query, each once. */
int wb_candidates_add(const struct wb_candidate_making *m, const struct wb_shapes *shapes, size_t query,
		      struct wb_candidates *out, struct wb_error *err) WB_MUST_USE;
/* A name for an index of this text, of at most 63 bytes; taken: says whether there is one. */
const char *wb_candidate_name(struct wb_arena *a, const struct wb_candidate *c, const struct wb_model *taken);
const struct wb_advise_column *wb_advise_column(const struct wb_advise_table *t, const char *name);

/* ---- proving (advise_prove.c, advise_measure.c) ------------------------------------------------ */

struct wb_advise_query {
	const struct wb_bench_query *q; /* NULL: counted by the server */
	const char *name, *text; /* text: of one that was counted */
	struct wb_bench_call *calls; /* one for each parameter set that is looked at */
	size_t n_calls;
	double weight;
	bool *tables; /* that it reads */
	const char *error;
	bool prepared; /* on p->conn: whimbrel_advice_N */
	struct wb_shapes shapes;
	int64_t times; /* that the server has counted */
	double cost; /* as things stand; -1 */
	double first_ms, now_ms, after_ms;
	double left; /* of its time at first, with what was chosen: how fast the machine is at a time is no part of it
		      */
	int64_t rows;
	struct wb_texts indexes, indexes_after;
};
/* All that advice is made of. */
struct wb_advising {
	struct wb_arena *a;
	const struct wb_driver *driver;
	struct wb_conn *conn; /* of the copy; the database itself where the planner is asked alone */
	bool hypothetical;
	const struct wb_sink *sink;
	const struct wb_advise_options *o;
	volatile sig_atomic_t *stop;
	struct wb_model *model;
	struct wb_advise_tables tables;
	struct wb_candidates candidates;
	struct wb_advise_query *queries;
	size_t n_queries, n_suite; /* the suite's come first */
	bool trigrams, statements;
	size_t measured;
	uint64_t random;
};
/* Candidates become chosen or rejected; queries get their times. */
int wb_advise_prove(struct wb_advising *p, struct wb_error *err) WB_MUST_USE;

/* With only these candidates in place (an array of p->candidates.n), as far as the tables of these queries go. */
int wb_advise_enter(struct wb_advising *p, const bool *present, const bool *queries, struct wb_error *err) WB_MUST_USE;
int wb_advise_leave(struct wb_advising *p, struct wb_error *err) WB_MUST_USE;
/* One more to the planner; WB_ESQL … for what it cannot be shown. */
int wb_advise_show(struct wb_advising *p, struct wb_candidate *c, struct wb_error *err) WB_MUST_USE;
/* Cost and indexes of a query as things stand. */
int wb_advise_cost(struct wb_advising *p, const struct wb_advise_query *q, double *ret_cost,
		   struct wb_texts *ret_indexes, struct wb_error *err) WB_MUST_USE;
/* Times of some queries, with one set of candidates after the other, in turns. */
struct wb_advise_times {
	double median_ms;
	bool faster, slower; /* than in the first variant, clearly */
};
int wb_advise_measure(struct wb_advising *p, const bool *const *variants, size_t n, const bool *queries,
		      struct wb_advise_times **ret_times,
		      struct wb_error *err) WB_MUST_USE; /* [variant * n_queries + q] */
void wb_advise_tell(const struct wb_advising *p, const char *phase, size_t done, size_t total);

/* ---- a copy of the database (advise_copy.c) --------------------------------------------------- */

/* Where it is, and how it is reached; filled by lib. */
struct wb_advise_place {
	const struct wb_driver *driver;
	struct wb_conn *conn; /* past a pooler, where there is one */
	const struct wb_open_options *real; /* the same way */
	const char *tools_dir;
	const struct wb_sink *sink;
	volatile sig_atomic_t *stop;
};
struct wb_advise_copy {
	struct wb_scratch *scratch;
	struct wb_conn *conn;
	int64_t ms;
};
int wb_advise_copy_open(const struct wb_advise_place *p, const struct wb_advise_options *o,
			struct wb_advise_copy *ret_copy, struct wb_error *err) WB_MUST_USE;
void wb_advise_copy_close(const struct wb_advise_place *p, struct wb_advise_copy *c); /* also of zeros */

/* ---- the whole (advise_run.c, advise_tell.c, advise_statistics.c) ------------------------------- */

struct wb_advice_box {
	struct wb_advice view; /* first: wb_advice_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_recommendation) recommendations;
	WB_VEC(const char *) notes;
};
int wb_advise_at(const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		 const struct wb_advise_options *o, struct wb_advice_box **ret_box, struct wb_error *err) WB_MUST_USE;
/* Puts them in order; after whoever had something to add. */
void wb_advise_finish(struct wb_advice_box *b);
void wb_advise_done(struct wb_advice_box *b);

int wb_advise_tell_indexes(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err) WB_MUST_USE;
/* Its gain, against what it takes. */
double wb_advise_worth(const struct wb_recommendation *r);
int wb_advise_tell_queries(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err) WB_MUST_USE;
/* Stale statistics of the database itself; such as would help the planner, tried on the copy. */
int wb_advise_stale(const struct wb_advise_place *place, struct wb_advice_box *b, struct wb_error *err) WB_MUST_USE;
int wb_advise_statistics(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err) WB_MUST_USE;
/* Of a query that the server has counted: how it is run with a plan for any value. */
int wb_advise_counted(struct wb_advising *p, const struct wb_advise_place *place, int64_t limit,
		      struct wb_error *err) WB_MUST_USE;
/* They are prepared no more. */
int wb_advise_counted_done(struct wb_advising *p, struct wb_error *err) WB_MUST_USE;

/* ---- carrying it out (advise_optimize.c) --------------------------------------------------------- */

struct wb_optimize_box {
	struct wb_optimization view; /* first: wb_optimization_free gets its address */
	struct wb_arena arena;
	struct wb_advice_query *queries;
};
struct wb_target;
/* The plan of a run that was cut short or failed; NULL: there is none. */
int wb_optimize_open(struct wb_target *t, struct wb_arena *a, const char **ret_plan, struct wb_error *err) WB_MUST_USE;
/* plan: of such a run; NULL: what box->view.advice says. */
int wb_optimize_at(struct wb_target *t, const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		   const struct wb_optimize_options *o, const char *plan, struct wb_optimize_box *box,
		   struct wb_error *err) WB_MUST_USE;
/* The suite's queries as the database itself runs them now: before_ms, indexes. In the order of the suite. */
int wb_advise_look(const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		   const struct wb_advise_options *o, struct wb_arena *a, struct wb_advice_query **ret_v, size_t *ret_n,
		   struct wb_error *err) WB_MUST_USE;

/* ---- queries as tokens (advise_tokens.c) ---------------------------------------------------- */

/* For engines whose driver has no parse tree: what the words and brackets of a query tell. */
int wb_query_tokens(enum wb_dialect dialect, struct wb_sv statement, struct wb_arena *a, struct wb_shapes *ret_shapes,
		    struct wb_error *err) WB_MUST_USE;

#endif
