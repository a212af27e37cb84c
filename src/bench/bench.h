/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench room: queries timed and compared. The first part is for other
 * rooms, too: one query timed on one connection (wb_bench_time), and what the
 * database does for it (wb_conn_explain of the driver); everything below it is
 * for this room and for lib.
 */
#ifndef WB_BENCH_BENCH_H
#define WB_BENCH_BENCH_H

#include <signal.h>

#include <whimbrel/bench.h>

#include "base/base.h"
#include "driver/driver.h"

/* ---- one query on one connection ------------------------------------------------------------------ */

/* A query ready to be run, with the values of one parameter set. */
struct wb_bench_call {
	struct wb_sv sql; /* $1 … */
	const struct wb_value *values;
	int n_values;
	bool writes, prepared;
	int64_t timeout_ms; /* 0: none */
	volatile sig_atomic_t *stop; /* NULL: never */
	double limit_ms; /* of all runs of wb_bench_time() together; 0: none */
};
/* Texts in the arena; set NULL: no parameters. WB_EINPUT for what is no single statement, or may not be measured (a
 * query that is not said to write has to be one that reads). */
int wb_bench_call(struct wb_arena *a, const struct wb_driver *d, const struct wb_bench_query *q,
		  const struct wb_named_values *set, struct wb_bench_call *ret, struct wb_error *err) WB_MUST_USE;
/* Runs it once: one that writes within a transaction that is rolled back, or within a savepoint of the one that is
 * open; any other where nothing can be written, on whatever connection. rows: -1 unless they were counted, which takes
 * time of its own. WB_ETIMEOUT, WB_ESQL … after which the connection can go on. */
int wb_bench_once(struct wb_conn *c, const struct wb_bench_call *call, double *ret_ms, int64_t *ret_rows,
		  struct wb_error *err) WB_MUST_USE;
/* Runs it warmup times and then runs times; ret_ms has room for all of these. *ret_n is less than runs where limit_ms
 * was spent (never less than 1). */
int wb_bench_time(struct wb_conn *c, const struct wb_bench_call *call, size_t warmup, size_t runs, double *ret_ms,
		  size_t *ret_n, struct wb_error *err) WB_MUST_USE;
/* The parameter sets of a query, those of its sets_query read from the database; in the arena. */
int wb_bench_sets(struct wb_conn *c, struct wb_arena *a, const struct wb_bench_query *q,
		  const struct wb_named_values **ret_v, size_t *ret_n, struct wb_error *err) WB_MUST_USE;
/* What the database does for it; in the arena. analyze: it is run (one that writes, as above). */
int wb_bench_explain(struct wb_conn *c, const struct wb_bench_call *call, bool analyze, struct wb_arena *a,
		     struct wb_query_plan **ret_plan, struct wb_error *err) WB_MUST_USE;
/* The same without what is told of the whole; time.c: it needs the transaction and the patience of a run. */
int wb_bench_ask_plan(struct wb_conn *c, const struct wb_bench_call *call, bool analyze, struct wb_arena *a,
		      struct wb_query_plan *ret_plan, struct wb_error *err) WB_MUST_USE;
/* How `is` differs from `was`, in words of a few classes ("seq_scan", "new_sort"); either may be NULL. */
int wb_bench_plan_change(const struct wb_query_plan *was, const struct wb_query_plan *is, struct wb_arena *a,
			 struct wb_texts *ret, struct wb_error *err) WB_MUST_USE;
/* Makes sense for itself? WB_EINPUT with the place. */
int wb_bench_suite_valid(const struct wb_bench_suite *s, const struct wb_driver *d, struct wb_error *err) WB_MUST_USE;

/* ---- for lib: a whole suite --------------------------------------------------------------------------- */

enum wb_bench_side { WB_BENCH_NOW, WB_BENCH_BEFORE, WB_BENCH_SIDES };
struct wb_bench_place {
	const struct wb_driver *driver;
	/* One more connection, to the database or to the one it is compared with; write: not a read-only one. */
	int (*connect)(void *user, enum wb_bench_side side, bool write, struct wb_conn **ret_conn,
		       struct wb_error *err);
	void (*close)(void *user, struct wb_conn *conn);
	void *user;
	bool alone; /* there can be but one connection at a time: an application's own */
	volatile sig_atomic_t *stop;
};
int wb_bench_at(const struct wb_bench_place *place, const struct wb_bench_suite *suite,
		const struct wb_bench_options *options, struct wb_bench_report **ret_report,
		struct wb_error *err) WB_MUST_USE;
void wb_bench_report_done(struct wb_bench_report *report);

#endif
