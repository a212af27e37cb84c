/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases of the schema: a semantic version each, told from what has changed
 * since the one before, with the schema as it was kept under its name.
 */
#ifndef WHIMBREL_RELEASE_H
#define WHIMBREL_RELEASE_H

#include "schema.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_release_options {
	size_t size;
	struct wb_schema_options schema; /* what counts; `to` is not looked at */
	const char *bump; /* "major", "minor", "patch"; NULL: the least that the changes ask for */
	const char *version; /* in place of bump: "2.3.0" */
	const char *notes; /* kept with it; NULL: none */
	bool propose; /* only say what it would be */
	int64_t wait_ms; /* for a run that is under way; 0 = a minute */
};

/* A change, and what it means to programs that use the schema. */
struct wb_release_change {
	const char *type; /* "added", "removed", "changed" */
	const char *kind, *object; /* as in struct wb_schema_object */
	const char *attribute, *before, *after; /* of a changed one; a value may be NULL: it has none */
	const char *impact; /* "major": they may fail; "minor": they have more to use; "patch": they need not notice */
	const char *why;
};
struct wb_release {
	const char *version; /* "1.3.0" */
	const char *previous; /* NULL: there was none */
	const char *impact; /* of all changes together, before 1.0.0 more than is needed; "none" of the first release */
	const char *needed; /* the least bump: "major", "minor", "patch"; "none" for the first release */
	const char *first_migration, *last_migration; /* applied since the release before; NULL: none */
	int64_t migrations; /* as many; -1 unknown */
	const char *hash; /* of the schema */
	const char *notes, *released_at, *released_by; /* the latter two of recorded ones */
	const struct wb_release_change *changes; /* since the release before; none for the first */
	size_t n_changes, n_breaking;
	const char *breaking; /* a line for each change that breaks; NULL: none */
	bool recorded;
};

/* Compares the context's database with its schema at the last release, and records the next one in the journal's
 * schema_versions, the schema itself in schema_snapshots: wb_schema_read() reads it as "release:1.3.0". A change that
 * programs may fail of asks for a major version, one that gives them more for a minor one, everything else, and
 * migrations that left the schema as it is, for a patch; before 1.0.0 a minor and a patch version do. The first release
 * is 1.0.0 unless bump or version say otherwise. WB_EREFUSED when nothing has changed, when what is asked for is too
 * small, when nothing is applied or a migration stopped half way; WB_EBUSY while migrations run. The result is released
 * with wb_release_free. */
int wb_release(struct wb_context *context, const struct wb_release_options *options, struct wb_release **ret_release,
	       struct wb_error *err);
void wb_release_free(struct wb_release *release); /* accepts NULL */

/* All that are recorded, newest first; without their changes. */
struct wb_releases {
	const struct wb_release *v;
	size_t n;
};
int wb_releases(struct wb_context *context, struct wb_releases **ret_releases, struct wb_error *err);
void wb_releases_free(struct wb_releases *releases); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
