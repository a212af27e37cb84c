/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas over time, in the journal of the database: snapshots, alerts about
 * drift, and releases. The tables are created when something is first to be kept.
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
/* That of a release, the same way. */
int wb_snapshot_of_release(const struct wb_target *t, const char *release, struct wb_arena *a,
			   struct wb_kept_snapshot *ret_snapshot, bool *ret_found, struct wb_error *err) WB_MUST_USE;

/* "missing_table", "unexpected_index", "type_mismatch", "nullable_mismatch", "index_mismatch": what the alert is
 * called. */
#define WB_DRIFT_TYPE_MAX 64
void wb_drift_type(const struct wb_difference *d, char out[WB_DRIFT_TYPE_MAX]);
/* Opens an alert for each difference that has none, resolves those whose difference is gone; what was not looked at,
 * since the filter hides it, stays as it is. */
int wb_alerts_update(const struct wb_target *t, const struct wb_diff *d, const struct wb_filter *f, size_t *ret_opened,
		     size_t *ret_resolved, struct wb_error *err) WB_MUST_USE;

/* ---- releases (release.c, release_keep.c) -------------------------------------------------------------------- */

/* MAJOR.MINOR.PATCH, nothing before or after; each part below a billion. */
struct wb_semver {
	int64_t part[3];
};
#define WB_SEMVER_MAX 36
bool wb_semver_parse(const char *text, struct wb_semver *ret_v);
int wb_semver_cmp(const struct wb_semver *a, const struct wb_semver *b);
void wb_semver_bump(struct wb_semver *v, enum wb_impact impact);
void wb_semver_text(const struct wb_semver *v, char out[WB_SEMVER_MAX]);

struct wb_kept_release {
	const char *version, *impact; /* "none" of the first */
	const char *first_migration, *last_migration; /* applied since the release before; NULL: none */
	int64_t migrations, last_rank;
	const char *hash;
	const char *breaking; /* a line for each change that breaks; NULL: none */
	const char *notes, *released_at, *released_by;
};
struct wb_kept_releases {
	struct wb_kept_release *v; /* newest first; in the arena */
	size_t n, cap;
};
/* Texts live in the arena. */
int wb_releases_load(const struct wb_target *t, struct wb_arena *a, struct wb_kept_releases *ret_releases,
		     struct wb_error *err) WB_MUST_USE;
/* The release, its snapshot and a line of the history, in one transaction. released_at and released_by are not looked
 * at; version is one that wb_semver_parse() knows. */
int wb_release_keep(const struct wb_target *t, const struct wb_model *m, const struct wb_kept_release *r,
		    struct wb_error *err) WB_MUST_USE;

#endif
