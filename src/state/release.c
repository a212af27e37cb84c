/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases of the schema, as rows of schema_versions.
 */
#include "state/store.h"

#include "base/banned.h"

struct loading {
	struct wb_arena *arena;
	struct wb_kept_releases *out;
};

/* Columns of release_list, see driver/queries.h. */
static int take_release(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct loading *l = user;
	struct wb_kept_release r = { 0 }, *place;
	const struct {
		const char **field;
		int column;
	} texts[] = { { &r.version, 0 },        { &r.impact, 1 },      { &r.first_migration, 2 },
		      { &r.last_migration, 3 }, { &r.hash, 6 },        { &r.breaking, 7 },
		      { &r.notes, 8 },          { &r.released_at, 9 }, { &r.released_by, 10 } };

	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		struct wb_sv v = row->v[texts[i].column];
		if (v.p && !(*texts[i].field = wb_arena_sv(l->arena, v)))
			return wb_err_nomem(err);
	}
	if (!wb_sv_i64(row->v[4], &r.migrations) || !wb_sv_i64(row->v[5], &r.last_rank))
		return wb_err_set(err, WB_EBUG, "release_list gives no number");
	if (l->out->n == l->out->cap) {
		size_t cap = l->out->cap ? 2 * l->out->cap : 8;
		place = wb_arena_array(l->arena, cap, sizeof(*place));
		if (!place)
			return wb_err_nomem(err);
		if (l->out->n)
			memcpy(place, l->out->v, l->out->n * sizeof(*place));
		l->out->v = place;
		l->out->cap = cap;
	}
	l->out->v[l->out->n++] = r;
	return 0;
}

int wb_releases_load(const struct wb_target *t, struct wb_arena *a, struct wb_kept_releases *ret_releases,
		     struct wb_error *err)
{
	const struct wb_value project = wb_v_text(t->project);
	struct wb_kept_releases all = { 0 };
	struct loading l = { a, &all };
	bool there;
	int rc = wb_state_exists(t, &there, err);

	if (rc == 0 && there)
		rc = wb_query_named(t->conn, WB_SQL_RELEASE_LIST, &project, 1, take_release, &l, NULL, err);
	if (rc == 0)
		*ret_releases = all;
	return rc;
}
