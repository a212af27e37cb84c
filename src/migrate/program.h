/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans that are no files: a list of steps, each of a kind that another room
 * has made known. The executor takes the lock, journals run, steps and history,
 * and gives a kind the only way to change the target: a transaction that also
 * writes the step's cursor. What a kind has not committed did not happen.
 */
#ifndef WB_MIGRATE_PROGRAM_H
#define WB_MIGRATE_PROGRAM_H

#include "migrate.h"

struct wb_step_run;

struct wb_step_kind {
	const char *name; /* as the journal has it */
	/* Optional: queries of the transaction in which the step begins from its start. */
	int (*begin)(struct wb_step_run *r, struct wb_batch *b, struct wb_error *err);
	/* Optional: of a step that an earlier run has done, what r->cursor tells. */
	int (*recall)(struct wb_step_run *r, struct wb_error *err);
	/* From r->cursor (NULL: the start) to the end. */
	int (*run)(struct wb_step_run *r, struct wb_error *err);
};

struct wb_step {
	const char *id; /* the journal's version: "transform:servers" */
	const char *description;
	const char *text; /* all that it does: a step goes on only as the one that was begun */
	const struct wb_step_kind *kind;
	void *spec; /* what the kind understands */
	bool repeatable; /* beginning anew is harmless: a changed one does, where others refuse */
	const size_t *needs; /* earlier steps that must have been done */
	size_t n_needs;
	/* filled by wb_program_run() */
	int rc;
	struct wb_error err;
	bool ran, resumed, skipped;
	bool was_done; /* by the run that this one goes on with */
	int64_t rows, elapsed_ms;
};

struct wb_program {
	const char *command; /* of the run, and the action in the history: "transform" */
	struct wb_step *steps;
	size_t n;
	const char *plan; /* what the journal keeps of the plan, for whoever goes on with it; NULL: the steps' ids */
	bool restart; /* neither the run before this one nor its half done steps are gone on with */
	bool keep_going; /* past a step that failed, with those that do not need it */
	int64_t lock_wait_ms; /* 0: 60 000 */
	/* NULL, or told once a step has ended (also when it was skipped). */
	void (*ended)(void *user, const struct wb_step *step);
	void *user;
};
/* WB_EFAILED when a step failed, WB_ECANCELLED; errors of its own before any step has run. */
int wb_program_run(struct wb_target *t, struct wb_program *p, struct wb_error *err) WB_MUST_USE;

/* Where a step is run: within a program, or a migration. */
struct wb_run;
struct wb_tally;
struct wb_program_place {
	struct wb_run *run;
	const char *action; /* in the history */
	/* Of a run that went on with one that was cut short or failed, and so on: the first one. Its steps have this
	 * id in the journal, and so tell which of them need not be done again. */
	const char *first;
	struct wb_arena *arena;
	bool restart; /* what earlier runs left is not looked at */
	bool anew; /* a half done step that was changed since begins anew, whatever that means */
	const struct wb_work_item *item; /* the migration; NULL */
};
/* Runs one; its error is in the step. */
int wb_program_step(struct wb_program_place *p, struct wb_step *s) WB_MUST_USE;

/* A step under way. */
struct wb_step_run {
	struct wb_target *t;
	struct wb_step *step;
	const char *cursor; /* where an earlier run stopped; NULL: from the start */
	bool row_to_blame; /* of the commit that failed last: others may do without that row */
	const char *first; /* what the journal says of it */
	size_t failed; /* the query of the commit that failed last; SIZE_MAX: none of its own */
	const struct wb_work_item *item; /* the migration that it is part of; NULL */
	int64_t renew_ms; /* when a lease is to be renewed */
	struct wb_run *run;
	struct wb_tally *tally;
};
/* One transaction: queries, then the cursor, which may tell of their results. It is tried again as a whole where the
 * database asks for it. */
struct wb_step_work {
	struct wb_batch *queries; /* results are written there */
	void (*again)(void *user); /* NULL, or called before each try: what an earlier one has told is void */
	const char *(*cursor)(void *user); /* once the queries have run; NULL: no memory */
	struct wb_batch *after; /* NULL, or queries that only read, sent behind COMMIT */
	void *user;
	bool one_snapshot;
};
int wb_step_commit(struct wb_step_run *r, const struct wb_step_work *work, struct wb_error *err) WB_MUST_USE;
/* Queries that only read. */
int wb_step_read(struct wb_step_run *r, struct wb_batch *b, struct wb_error *err) WB_MUST_USE;
/* One statement that refuses transactions; it waits for the locks of others for as long as they hold them. */
int wb_step_outside(struct wb_step_run *r, struct wb_sv sql, struct wb_error *err) WB_MUST_USE;
/* While something else than the database is at work: hears cancellation, renews a lease. */
int wb_step_keep(struct wb_step_run *r, struct wb_error *err) WB_MUST_USE;
/* Waits, doing so. */
int wb_step_pause(struct wb_step_run *r, int64_t ms, struct wb_error *err) WB_MUST_USE;
/* uuid of the run */
const char *wb_step_run_id(const struct wb_step_run *r);
void wb_step_event(struct wb_step_run *r, struct wb_event e);

#endif
