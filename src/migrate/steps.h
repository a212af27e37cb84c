/* SPDX-License-Identifier: Apache-2.0
 *
 * A migration in several steps under way: shared by steps.c (running) and
 * recover.c (what an earlier run left); private to the migrate room.
 */
#ifndef WB_MIGRATE_STEPS_H
#define WB_MIGRATE_STEPS_H

#include "run.h"

struct left_step { /* a step row of an earlier run */
	int64_t ordinal;
	const char *hash, *state, *memo, *kind, *sql;
};

struct steps {
	struct wb_run *run;
	struct wb_work_item *item;
	struct wb_tally *tally;
	const char *direction;
	bool stored; /* every step has its row from the start */
	int64_t done; /* statements that are done */
	int64_t done_at_start;
	int64_t step_ms; /* start of the running one */
	struct wb_sender sender;
	struct wb_conn *outside; /* for steps that refuse a transaction */
	char hash[65];
	struct wb_arena arena;
	struct left_step *left;
	size_t n_left;
};

/* What an earlier run left of this item: done, and the rows of its steps; refuses when a done statement was edited. */
int steps_load(struct steps *st, struct wb_error *err) WB_MUST_USE;
/* Asks the catalog about a step found running or failed: *ret_happened, or it may now run. */
int steps_recover(struct steps *st, const struct wb_chunk *c, struct wb_arena *a, struct wb_sv text, bool *ret_happened,
		  struct wb_error *err) WB_MUST_USE;
/* Sets st->outside: the connection itself, or behind a pooler one past it, which also holds the lock. */
int steps_outside_conn(struct steps *st, const struct wb_chunk *c, struct wb_error *err) WB_MUST_USE;
/* Verifies, and records success, when there is nothing left to run. */
int steps_finish_only(struct steps *st, struct wb_error *err) WB_MUST_USE;

/* The row of a step that commits by itself says `running` and its event is told; `failed`; `done`, which may be the
 * last word of the migration. */
int steps_begin(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const char *memo,
		struct wb_error *err) WB_MUST_USE;
void steps_failed(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const char *memo,
		  const struct wb_error *cause);
int steps_end(struct steps *st, const struct wb_chunk *c, struct wb_sv text, struct wb_error *err) WB_MUST_USE;

/* Makes again what the statements before this one changed in the session: those that work only outside transactions
 * (or all), and those that a transaction begins with. */
int steps_session_before(struct steps *st, struct wb_conn *c, int64_t ordinal, bool all,
			 struct wb_error *err) WB_MUST_USE;
void steps_session_in(const struct steps *st, struct wb_batch *b, int64_t ordinal);

#endif
