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

/* One statement as it would run. */
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
	const char *note; /* for people; may be NULL */
};
struct wb_plan_migration {
	const char *version, *description, *file, *type, *kind;
	const char *checksum;
	bool reversible;
	const char *down_source; /* "file", "stored", "none" */
	const char *down_sql; /* NULL when none; cut at 64 KiB */
	const char *transaction; /* "one", "several", "none" */
	const char *action; /* "apply", "reapply", "resume", "revert" */
	int64_t statements;
	int64_t bytes;
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
	bool refused; /* wb_up() would refuse it: the notes tell why */
};
/* What wb_up() or wb_down() would do. options may be NULL. */
int wb_plan(struct wb_context *context, const struct wb_plan_options *options, struct wb_plan **ret_plan,
	    struct wb_error *err);
void wb_plan_free(struct wb_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
