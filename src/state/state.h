/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas over time, in the journal of the database: snapshots, and alerts about
 * drift. The tables are created when something is first to be kept.
 */
#ifndef WB_STATE_STATE_H
#define WB_STATE_STATE_H

#include "migrate/migrate.h"
#include "schema/schema.h"

struct wb_kept_snapshot {
	const char *version, *taken_at, *hash, *text; /* version: NULL when nothing was applied */
};
/* Keeps the model as a snapshot of this version, unless the newest one is the same. */
int wb_snapshot_keep(const struct wb_target *t, const struct wb_model *m, const char *version,
		     struct wb_error *err) WB_MUST_USE;
/* The newest one; *ret_found is false when there is none. Texts live in the arena. */
int wb_snapshot_newest(const struct wb_target *t, struct wb_arena *a, struct wb_kept_snapshot *ret_snapshot,
		       bool *ret_found, struct wb_error *err) WB_MUST_USE;

/* "missing_table", "unexpected_index", "type_mismatch", "nullable_mismatch", "index_mismatch": what the alert is
 * called. */
#define WB_DRIFT_TYPE_MAX 64
void wb_drift_type(const struct wb_difference *d, char out[WB_DRIFT_TYPE_MAX]);
/* Opens an alert for each difference that has none, resolves those whose difference is gone. */
int wb_alerts_update(const struct wb_target *t, const struct wb_diff *d, size_t *ret_opened, size_t *ret_resolved,
		     struct wb_error *err) WB_MUST_USE;

#endif
