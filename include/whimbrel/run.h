/* SPDX-License-Identifier: Apache-2.0
 *
 * Running plans. Each call plans, takes the lock when there is anything to do,
 * runs, journals, releases. Killed at any instruction, the next call goes on
 * where it stopped or says exactly what has to be decided.
 */
#ifndef WHIMBREL_RUN_H
#define WHIMBREL_RUN_H

#include "check.h"
#include "plan.h"
#include "schema.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* RESTORE takes a backup first, and goes back to it when the run fails after something was applied. */
enum wb_on_failure { WB_ON_FAILURE_STOP, WB_ON_FAILURE_ROLLBACK, WB_ON_FAILURE_RESTORE };
enum wb_dry_run { WB_DRY_RUN_NO, WB_DRY_RUN_SQL, WB_DRY_RUN_ROLLBACK };

struct wb_run_options {
	size_t size;
	struct wb_plan_options plan;
	enum wb_dry_run dry_run; /* ROLLBACK: run in one transaction, then roll back; SQL is answered by wb_plan() */
	enum wb_on_failure on_failure;
	int64_t lock_wait_ms; /* for another run to end; 0 = 60 000, negative = do not wait */
	int64_t wait_ms; /* for the database to accept connections; 0 = do not wait */
	int64_t timeout_ms; /* a migration that runs longer is cancelled; 0 = none */
	int64_t pause_ms; /* between migrations */
	bool retry_unknown; /* resume --retry: run a step again whose outcome cannot be known */
	bool skip_unknown; /* resume --skip: take it as done */
	bool backup; /* take a backup first; nothing runs without it */
	/* wb_up: what counts as drift. WB_EREFUSED when there is something to do, and the schema is not the snapshot
	 * that was kept of the newest applied version. Where none was kept, or a migration has failed half way, the run
	 * goes on. NULL: not looked at. */
	const struct wb_schema_options *drift_gate;
	/* wb_up: suites of checks (check.h) that have to pass before anything runs, else WB_EREFUSED, and after
	 * everything has, else WB_EFAILED, and on_failure decides. Only where there is something to do; those after
	 * it not with dry_run. */
	const struct wb_check_suite *const *check_before, *const *check_after;
	size_t n_check_before, n_check_after;
};

struct wb_run_migration {
	const char *version, *description, *file;
	int64_t statements, execution_ms, rows_affected;
	bool rolled_back; /* reverted again by on_failure rollback */
};
struct wb_run_result {
	const char *direction;
	const struct wb_run_migration *applied;
	size_t n_applied;
	bool has_failed;
	struct wb_error failed; /* the migration that failed, with place */
	const char *const *not_rehearsed; /* dry_run ROLLBACK: steps that cannot run in a transaction */
	size_t n_not_rehearsed;
	int64_t duration_ms, lock_wait_ms, blocked_ms;
	int64_t retries;
	const char *backup; /* path of the backup taken first; NULL */
	bool restored; /* the database was put back to it */
	const char *kept; /* after that: the database that had failed, under its new name; NULL */
};
/* Applies what is pending; reverts the newest. options may be NULL. *ret_result is written also when the call fails
 * after it began to run (so that what was applied can be shown); it is NULL when nothing ran. ret_result may be NULL.
 */
int wb_up(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
	  struct wb_error *err);
int wb_down(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
	    struct wb_error *err);
/* Down, then up, of the newest; direction "redo", applied lists it once. */
int wb_redo(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
	    struct wb_error *err);
/* Goes on with the stored plan of a run that failed or was killed; 0 with nothing applied when there is none. */
int wb_resume(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
	      struct wb_error *err);
void wb_run_result_free(struct wb_run_result *result);

/* Records a file that was written from what the database has (wb_new()) as applied there, without running it.
 * WB_EREFUSED when another file is still to be applied. */
int wb_declare_applied(struct wb_context *context, const char *file, const char *reason, struct wb_error *err);
/* Declares that the database stands at version, without running anything: files up to it get state "baseline".
 * WB_EREFUSED when migrations are already recorded. */
int wb_baseline(struct wb_context *context, const char *version, const char *reason, size_t *ret_recorded,
		struct wb_error *err);

struct wb_repair_item {
	const char *version, *action; /* "checksum", "clear_failed", "mark_missing", "remove_steps" */
	const char *reason;
};
struct wb_repair {
	const struct wb_repair_item *items;
	size_t n_items;
	bool dry_run;
};
/* Accepts changed checksums, clears failed entries, marks missing files; each is recorded with the reason. */
int wb_repair(struct wb_context *context, bool dry_run, const char *reason, struct wb_repair **ret_repair,
	      struct wb_error *err);
void wb_repair_free(struct wb_repair *repair);

#ifdef __cplusplus
}
#endif
#endif
