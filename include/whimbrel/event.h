/* SPDX-License-Identifier: Apache-2.0
 *
 * Events: what the executor tells while it works. Progress bars, logs, JSON
 * lines and metrics are listeners; none of them is known to the executor.
 */
#ifndef WHIMBREL_EVENT_H
#define WHIMBREL_EVENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WB_EVENT_MAP(X) \
	X(RUN_STARTED, "run_started") \
	X(RUN_COMPLETED, "run_completed") \
	X(RUN_FAILED, "run_failed") \
	X(MIGRATION_STARTED, "migration_started") \
	X(MIGRATION_COMPLETED, "migration_completed") \
	X(MIGRATION_FAILED, "migration_failed") \
	X(MIGRATION_SKIPPED, "migration_skipped") \
	X(STEP_STARTED, "step_started") \
	X(STEP_PROGRESS, "step_progress") \
	X(STEP_COMPLETED, "step_completed") \
	X(STEP_PROBED, "step_probed") \
	X(ROLLBACK_STARTED, "rollback_started") \
	X(ROLLBACK_STEP, "rollback_step") \
	X(ROLLBACK_COMPLETED, "rollback_completed") \
	X(LOCK_WAITING, "lock_waiting") \
	X(LOCK_ACQUIRED, "lock_acquired") \
	X(LOCK_RELEASED, "lock_released") \
	X(BLOCKED, "blocked") \
	X(RETRY, "retry") \
	X(NOTICE, "notice") \
	X(WARNING, "warning") \
	X(BACKUP_STARTED, "backup_started") \
	X(BACKUP_PROGRESS, "backup_progress") \
	X(BACKUP_CREATED, "backup_created") \
	X(BACKUP_FAILED, "backup_failed") \
	X(RESTORE_STARTED, "restore_started") \
	X(RESTORE_PROGRESS, "restore_progress") \
	X(RESTORE_COMPLETED, "restore_completed") \
	X(RESTORE_FAILED, "restore_failed") \
	X(TRANSFORMATION_STARTED, "transformation_started") \
	X(RULE_STARTED, "rule_started") \
	X(BATCH_STARTED, "batch_started") \
	X(BATCH_COMPLETED, "batch_completed") \
	X(RULE_COMPLETED, "rule_completed") \
	X(RULE_ERROR, "rule_error") \
	X(TRANSFORMATION_COMPLETED, "transformation_completed") \
	X(TRANSFORMATION_CANCELLED, "transformation_cancelled")

enum wb_event_type {
#define X(name, text) WB_EVENT_##name,
	WB_EVENT_MAP(X)
#undef X
		WB_EVENT_COUNT
};

/* Every pointer lives until the listener returns. Absent text is NULL, absent
 * numbers are -1. */
struct wb_event {
	enum wb_event_type type;
	const char *name; /* snake_case name of the type */
	int64_t at_us; /* wall clock, microseconds since 1970, UTC */
	const char *run; /* uuid of the run */
	const char *direction; /* "up" or "down" */
	const char *version;
	const char *description;
	const char *file;
	int migration, migrations; /* number of this one, from 1; of how many */
	int64_t step, steps; /* statement of the migration, from 1 */
	const char *kind; /* of a step */
	const char *sql; /* start of the statement, at most 200 bytes */
	int64_t done, total; /* progress of the step in unit */
	const char *unit; /* "bytes", "rows", "blocks", "statements" */
	int64_t elapsed_ms, eta_ms, rows;
	int64_t rss_kb, cpu_ms, lock_wait_ms; /* samples of a step */
	int attempt;
	const char *message; /* for people */
	const char *error; /* WB_E… name when something failed */
	const char *sqlstate;
	/* of transformations */
	const char *rule; /* its id */
	int64_t rules; /* how many there are */
	int64_t batch, batches; /* number of this one, from 1; of about how many */
	int64_t offset, batch_size; /* rows before it; in it */
	int64_t successful, failed; /* rows */
	int64_t rows_per_s;
	int dry_run; /* 0 or 1 */
};

typedef void (*wb_event_fn)(void *user, const struct wb_event *event);

/* Name of an event type, "unknown" for a number out of range. */
const char *wb_event_name(enum wb_event_type type);

enum wb_log_level { WB_LOG_ERROR, WB_LOG_WARN, WB_LOG_INFO, WB_LOG_DEBUG, WB_LOG_TRACE };

/* Receives one message without a newline. */
typedef void (*wb_log_fn)(void *user, enum wb_log_level level, const char *message);

#ifdef __cplusplus
}
#endif
#endif
