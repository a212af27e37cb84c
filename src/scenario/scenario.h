/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios, for this room alone. The call of wb_test_run() makes jobs out of
 * scenarios and built-in suites; each runs in a process of its own, on a
 * database of its own (a bed), and what comes of it goes back through a pipe.
 */
#ifndef WB_SCENARIO_SCENARIO_H
#define WB_SCENARIO_SCENARIO_H

#include <sys/types.h>

#include "lib/context.h"
#include "lib/roundtrip.h"
#include "lib/schema.h"

#include <whimbrel/test.h>

#define FAILURE_TIMEOUT_MS 120000

/* What a process tells of its job; as it is, through the pipe. */
struct verdict {
	enum wb_test_outcome outcome;
	int code;
	char message[2048], hint[512], file[512];
	unsigned line;
	int64_t rows, migration_ms, rows_per_s, peak_rss_kb, growth_kb;
};

/* ---- beds (bed.c): one scratch database at a time ---- */

struct bed {
	struct wb_context *owner; /* says how to open others */
	const struct wb_nest_options *how;
	const struct wb_test_options *o;
	struct wb_nest *nest; /* opened when it is first needed, as a guest */
	struct wb_context *c; /* opened when it is first needed */
	char name[16], made[16]; /* of the database; of one made beside it; "": none */
	struct wb_model *start; /* the schema when the setup was done; NULL */
	struct wb_arena arena;
};
int bed_context(struct bed *b, struct wb_error *err) WB_MUST_USE; /* there is b->c */
int bed_ready(struct bed *b, struct wb_error *err) WB_MUST_USE; /* there is b->c, connected */
void bed_leave(struct bed *b); /* nobody is in the database any more */
void bed_done(struct bed *b);
/* In a process just forked: it does not outlive the one that has forked it. */
void live_with(pid_t parent);
/* The job's database, copied for later; then as often as wanted another in its place. */
int bed_keep(struct bed *b, struct wb_error *err) WB_MUST_USE;
int bed_renew(struct bed *b, struct wb_error *err) WB_MUST_USE;
int bed_up(struct bed *b, const char *to, struct wb_run_result **ret_result, struct wb_error *err) WB_MUST_USE;
int bed_model(struct bed *b, struct wb_model **ret_model, struct wb_error *err) WB_MUST_USE;
int bed_size(struct bed *b, int64_t *ret_bytes, struct wb_error *err) WB_MUST_USE;
/* Rows as texts with " | " between their values. */
struct answer {
	struct wb_arena *a;
	WB_VEC(const char *) lines;
	const char *first; /* value of the first row; NULL: SQL's, or no row */
};
int bed_ask(struct bed *b, const char *sql, struct answer *answer, struct wb_error *err) WB_MUST_USE;
/* Runs act() in a process of its own, which is to be killed; *ret_killed tells whether it was. What it failed with else
 * is the error. */
typedef int (*bed_act_fn)(struct bed *b, void *user, struct wb_error *err);
int bed_beside(struct bed *b, bed_act_fn act, void *user, bool *ret_killed, struct wb_error *err) WB_MUST_USE;

/* ---- counts (counts.c): rows, and values of columns, of every table ---- */

struct count {
	const char *table, *column; /* column NULL: the table's rows */
	int64_t n;
};
struct counts {
	struct wb_arena arena;
	WB_VEC(struct count) v;
	int64_t rows; /* of all tables */
};
int counts_take(struct bed *b, const struct wb_model *m, bool columns, struct counts *ret,
		struct wb_error *err) WB_MUST_USE;
/* What has become less (exact: another number), in words; of tables and columns that both have. */
void counts_compare(const struct counts *was, const struct counts *is, bool exact, struct wb_str *out);
void counts_done(struct counts *c);

/* ---- jobs ---- */

struct job;
/* 0, the verdict written; or an error, which is a failure unless nothing could be looked at. */
typedef int (*job_fn)(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);

/* A place where the template can stand. */
struct point {
	const char *to; /* applied up to here; NULL: everything */
	const struct wb_migration *m; /* the one that is applied last; NULL */
};
struct job {
	const struct wb_test_scenario *scenario; /* NULL: a built-in one */
	job_fn run;
	const struct wb_migration *m; /* what it is about; NULL */
	const char *before; /* the version before it */
	int64_t size; /* of the benchmark */
	const struct point *points; /* of the benchmark: its way */
	size_t n_points;
	size_t base; /* of the points: what its database has when it begins */
	const char *name, *suite;
	int64_t timeout_ms;
	struct wb_test_result *result;
};
struct jobs {
	struct wb_arena arena;
	struct wb_context *owner;
	const struct wb_test_options *o;
	WB_VEC(struct point) points; /* the first: nothing is applied; the last: everything */
	WB_VEC(struct job) v;
};
/* jobs.c: all that the options ask for. */
int jobs_make(struct jobs *k, struct wb_error *err) WB_MUST_USE;
void jobs_done(struct jobs *k);

/* work.c: runs them, each in its process; results are written. */
int jobs_run(struct jobs *k, struct wb_test_report *report, struct wb_error *err) WB_MUST_USE;

/* steps.c: a scenario that somebody wrote. */
int scenario_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
/* builtin.c, failure.c, benchmark.c */
int roundtrip_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int roundtrip_all_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int again_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int repeatable_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int data_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int failure_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);
int benchmark_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err);

/* ---- verdicts (bed.c) ---- */
int verdict_say(struct verdict *v, enum wb_test_outcome outcome, const char *fmt, ...) WB_PRINTF(3, 4); /* 0 */
void verdict_of_error(struct verdict *v, const struct wb_error *e);
/* These say nothing about migrations. */
bool could_not_look(int code);
/* The differences, as an error; 0 where there are none. */
int same_schema(const struct wb_model *was, const struct wb_model *is, const char *what, struct wb_error *err);
/* Measured against the limits: WB_ENO with what went too far. */
int within(const struct wb_test_limits *l, const struct verdict *v, struct wb_error *err);

#endif
