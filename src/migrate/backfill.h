/* SPDX-License-Identifier: Apache-2.0
 *
 * Backfill sections that run in batches: as part of a migration, and yet each
 * batch a transaction with its cursor in the journal.
 */
#ifndef WB_MIGRATE_BACKFILL_H
#define WB_MIGRATE_BACKFILL_H

#include "program.h"
#include "steps.h"

/* What a section asks for. All of it outlives the steps. */
struct wb_backfill_ask {
	const struct wb_backfill *section;
	const char *id; /* what its steps are called begins with this: "004:2" */
	const char *file; /* of the migration */
	unsigned line;
	const struct wb_stmt *statements; /* of a section with statements of its own */
	size_t n_statements;
};
struct wb_backfill_steps {
	struct wb_arena arena;
	struct wb_step *v; /* in order; each may need those before it */
	size_t n;
	void (*ended)(struct wb_backfill_steps *s, const struct wb_step *step); /* NULL, or told */
	void (*done)(struct wb_backfill_steps *s); /* lets go what the steps refer to */
	void *held;
};
void wb_backfill_steps_done(struct wb_backfill_steps *s);

/* Runs a chunk of this kind, from where it stopped. */
int wb_backfill_run(struct steps *st, const struct wb_chunk *c, struct wb_error *err) WB_MUST_USE;

#endif
