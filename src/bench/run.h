/* SPDX-License-Identifier: Apache-2.0
 *
 * A suite at work; private to the bench room.
 */
#ifndef WB_BENCH_RUN_H
#define WB_BENCH_RUN_H

#include "bench/bench.h"
#include "bench/stats.h"

/* One run. */
struct sample {
	double ms, speed_ms;
	unsigned series;
	bool quiet; /* nothing else kept the machine busy; judged afterwards */
};
struct samples {
	struct sample *v;
	size_t n, cap;
};

/* A query with one of its parameter sets. */
struct cell {
	struct query *query;
	const struct wb_named_values *params;
	struct wb_bench_call call;
	struct samples samples[WB_BENCH_SIDES];
	const struct wb_bench_set *saved; /* what it is compared with, from a file; NULL */
	bool done; /* enough undisturbed runs in this series */
	size_t repeats; /* of the calibration before and after each run: together about as long as the run */
	double floor_ms[WB_BENCH_SIDES]; /* of the calibration on an undisturbed machine */
};
struct query {
	const struct wb_bench_query *q;
	struct cell *cells;
	size_t n_cells;
	int64_t rows;
	struct wb_query_plan *plan, *plan_before;
	const struct wb_bench_result *saved; /* NULL */
	struct wb_error error; /* code 0: none */
	bool settled;
	unsigned votes[WB_BENCH_INCONCLUSIVE + 1]; /* of series */
	unsigned series;
	struct wb_bench_change change;
};

struct side {
	struct wb_conn *reader, *writer; /* writer NULL: nothing writes */
};

struct bench {
	const struct wb_bench_place *place;
	const struct wb_bench_suite *suite;
	const struct wb_bench_options *o;
	struct wb_arena *arena; /* of the report */
	struct side sides[WB_BENCH_SIDES];
	size_t n_sides;
	struct query *queries;
	struct cell **cells; /* all of them */
	size_t n_cells;
	uint64_t chance;
	unsigned series;
	size_t runs, warmup, done, total;
};

struct box {
	struct wb_bench_report view; /* first */
	struct wb_arena arena;
};

/* run.c */
struct wb_conn *bench_conn(const struct bench *b, const struct cell *c, enum wb_bench_side side);
bool bench_is_fatal(int rc);
/* rounds.c: measures all cells whose query is neither settled nor wrong. */
int bench_series(struct bench *b, struct wb_error *err) WB_MUST_USE;
/* compare.c: now against before, in logarithms. series 0: all. */
struct comparison {
	bool known; /* there is something to compare with */
	struct wb_stats_shift shift;
	double fast; /* how far the lower quartile has moved */
	double drift; /* the same of the machine's speed */
	double wavering; /* how far that was from an undisturbed machine's */
	double p_holm, before_ms, least_ms;
};
int bench_compare(const struct bench *b, const struct query *q, unsigned series, struct comparison *ret,
		  struct wb_error *err) WB_MUST_USE;
int bench_correct(struct comparison *v, size_t n, struct wb_error *err) WB_MUST_USE;
double bench_least(const struct bench *b); /* logarithm of the smallest change that matters */
/* After each series; true when another one could tell more. */
int bench_vote(struct bench *b, bool *ret_more, struct wb_error *err) WB_MUST_USE;
/* judge.c: the report. */
int bench_judge(struct bench *b, struct box *box, struct wb_error *err) WB_MUST_USE;
/* One result; c NULL: compared with nothing. */
int bench_result(const struct bench *b, struct query *q, const struct comparison *c, struct wb_bench_result *r,
		 struct wb_error *err) WB_MUST_USE;
/* Of one result, from the times of its runs, in order: targets and the verdict, too. */
void bench_summary(struct wb_bench_result *r, const double *sorted, size_t n);
void bench_count(struct wb_bench_report *r);
/* load.c */
int bench_load(struct bench *b, struct box *box, struct wb_error *err) WB_MUST_USE;

#endif
