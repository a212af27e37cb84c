/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan is data: the steps that a run would take, in order. Making one never
 * changes the database.
 */
#ifndef WHIMBREL_PLAN_H
#define WHIMBREL_PLAN_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb_transaction_mode { WB_TRANSACTION_FILE, WB_TRANSACTION_ALL, WB_TRANSACTION_NONE };

/* What is to be done. NULL pointers and zeros are the defaults. */
struct wb_plan_options {
	size_t size;
	bool down;
	const char *to; /* up: apply up to this one; down: keep this one ("0" keeps none) */
	int64_t steps; /* 0 = all for up, one for down */
	enum wb_transaction_mode transaction;
	bool out_of_order; /* apply files older than the newest applied one */
};

/* One relation that a statement locks. */
struct wb_plan_lock {
	const char *relation; /* "app.orders" */
	const char *role; /* "table", "referenced table", "parent", … */
	const char *lock; /* "ACCESS EXCLUSIVE" */
	bool certain; /* else it depends on something that is not known */
};

/* One statement as it would run, and what it does to others meanwhile. NULL and -1 stand for what is not known. */
struct wb_plan_step {
	const char *id; /* "V001.3": stable within a plan */
	const char *version, *phase, *kind, *command, *object;
	const char *sql; /* whole statement; cut at 64 KiB with sql_cut set */
	bool sql_cut;
	const char *file;
	unsigned line, column;
	bool transactional;
	int64_t transaction; /* number of the transaction it commits with, from 1; 0 = outside any */
	int64_t repeats; /* this entry stands for so many statements (long files are cut), else 1 */
	bool reversible; /* of the migration: it has a way back */
	const char *lock; /* the strongest on anything that others use; "" when it locks nothing of theirs */
	const char *blocks; /* "none", "writes", "reads" (and writes), "unknown" */
	int rewrites, scans; /* 1: whole tables; 0; -1 */
	int64_t rows, bytes; /* that it goes through, about */
	int64_t estimate_ms;
	const char *risk; /* "low", "medium", "high", "critical" */
	const struct wb_plan_lock *locks;
	size_t n_locks;
	const char *const *notes; /* for people */
	size_t n_notes;
};
struct wb_plan_migration {
	const char *version, *description, *file, *type, *kind;
	const char *checksum;
	bool reversible;
	/* "file", "stored" when it was applied, "inferred" from what it does, "none" */
	const char *down_source;
	const char *down_sql; /* NULL when none is known yet; cut at 64 KiB */
	const char *transaction; /* "one", "several", "none" */
	const char *action; /* "apply", "reapply", "resume", "revert" */
	int64_t statements;
	int64_t bytes;
	const char *down_note; /* why there is none, or when it will be known; NULL */
};
struct wb_plan {
	const char *direction, *current, *target;
	const char *digest; /* "sha256:…" over everything that would run */
	const struct wb_plan_migration *migrations;
	size_t n_migrations;
	const struct wb_plan_step *steps;
	size_t n_steps;
	int64_t statements; /* in all, also where entries of steps were cut */
	const char *const *notes;
	size_t n_notes;
	int64_t estimate_ms; /* of all that takes time; -1: the size of something is not known */
	const char *risk; /* the highest of its steps; NULL: nothing to do, or not known */
	int requires_downtime; /* 1: an application could not go on meanwhile; 0; -1: not known */
	bool refused; /* wb_up() would refuse it, or a statement of it fail: the notes tell why */
};
/* What wb_up() or wb_down() would do. options may be NULL. */
int wb_plan(struct wb_context *context, const struct wb_plan_options *options, struct wb_plan **ret_plan,
	    struct wb_error *err);
void wb_plan_free(struct wb_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
