/* SPDX-License-Identifier: Apache-2.0
 *
 * Snapshots and alerts as rows. Each call is one transaction.
 */
#include "state/store.h"

#include "base/banned.h"

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

int wb_state_exists(const struct wb_target *t, bool *ret_exists, struct wb_error *err)
{
	*ret_exists = false;
	return wb_query_named(t->conn, WB_SQL_STATE_EXISTS, NULL, 0, note_row, ret_exists, NULL, err);
}

int wb_state_ensure(const struct wb_target *t, struct wb_error *err)
{
	bool there;
	int rc = wb_state_exists(t, &there, err);

	if (rc || there)
		return rc;
	rc = wb_journal_script(t, WB_SQL_STATE_CREATE, err);
	if (rc == WB_EPRIVILEGE)
		wb_err_prefix(err, "cannot create the tables of snapshots, alerts and releases");
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(err, "let a role that may create run the output of `whimbrel init --journal-sql`");
	return rc;
}

/* ---- snapshots ---------------------------------------------------------------------- */

struct newest {
	struct wb_arena *arena;
	struct wb_kept_snapshot *snapshot;
	bool found;
};

static int take_snapshot(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct newest *n = user;
	const char **fields[] = { &n->snapshot->version, &n->snapshot->taken_at, &n->snapshot->hash,
				  &n->snapshot->text };

	for (size_t i = 0; i < WB_ARRAY_LEN(fields); i++) {
		*fields[i] = row->v[i].p ? wb_arena_sv(n->arena, row->v[i]) : NULL;
		if (row->v[i].p && !*fields[i])
			return wb_err_nomem(err);
	}
	n->found = true;
	return 0;
}

/* release NULL: the newest that is of none. */
static int find_snapshot(const struct wb_target *t, const char *release, struct wb_arena *a,
			 struct wb_kept_snapshot *ret_snapshot, bool *ret_found, struct wb_error *err)
{
	const struct wb_value p[] = { wb_v_text(t->project), wb_v_text(release) };
	struct wb_kept_snapshot kept = { 0 };
	struct newest n = { a, &kept, false };
	bool there;
	int rc = wb_state_exists(t, &there, err);

	if (rc == 0 && there)
		rc = wb_query_named(t->conn, WB_SQL_SNAPSHOT_LAST, p, WB_ARRAY_LEN(p), take_snapshot, &n, NULL, err);
	if (rc)
		return rc;
	*ret_snapshot = kept;
	*ret_found = n.found;
	return 0;
}

int wb_snapshot_newest(const struct wb_target *t, struct wb_arena *a, struct wb_kept_snapshot *ret_snapshot,
		       bool *ret_found, struct wb_error *err)
{
	return find_snapshot(t, NULL, a, ret_snapshot, ret_found, err);
}

int wb_snapshot_of_release(const struct wb_target *t, const char *release, struct wb_arena *a,
			   struct wb_kept_snapshot *ret_snapshot, bool *ret_found, struct wb_error *err)
{
	return find_snapshot(t, release, a, ret_snapshot, ret_found, err);
}

static int64_t count(const struct wb_model *m, enum wb_kind kind)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->v[i]->kind == kind;
	return n;
}

bool wb_snapshot_add(const struct wb_target *t, const struct wb_model *m, const struct wb_kept_snapshot *s,
		     const char *release, struct wb_batch *batch)
{
	const struct wb_value p[] = { wb_v_text(t->project),
				      wb_v_text(s->version),
				      wb_v_text(s->hash),
				      wb_v_text(s->text),
				      wb_v_int(count(m, WB_KIND_TABLE)),
				      wb_v_int(count(m, WB_KIND_INDEX)),
				      wb_v_int(count(m, WB_KIND_CONSTRAINT)),
				      wb_v_text(release) };

	return wb_journal_named(t, &batch->arena, WB_SQL_SNAPSHOT_ADD, p, WB_ARRAY_LEN(p), wb_batch_add(batch));
}

static int keep(const struct wb_target *t, const struct wb_model *m, const char *version, const char *hash,
		struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch batch = { .arena = WB_ARENA_INIT };
	wb_autostr text = WB_STR_INIT;
	int rc = wb_snapshot_write(m, &text, err);
	const struct wb_kept_snapshot s = { .version = version, .hash = hash, .text = text.p };

	if (rc)
		return rc;
	if (!wb_snapshot_add(t, m, &s, NULL, &batch))
		return wb_err_nomem(err);
	return wb_batch_run_alone(&batch, t->conn, err);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

int wb_snapshot_keep(const struct wb_target *t, const struct wb_model *m, const char *version, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_kept_snapshot last;
	bool found = false;
	char hash[65];
	int rc = wb_snapshot_hash(m, hash, err);

	if (rc == 0)
		rc = wb_state_ensure(t, err);
	if (rc == 0)
		rc = wb_snapshot_newest(t, &a, &last, &found, err);
	if (rc || (found && is_same(last.hash, hash) && is_same(last.version, version)))
		return rc;
	return keep(t, m, version, hash, err);
}

/* ---- alerts ----------------------------------------------------------------------------- */

void wb_drift_type(const struct wb_difference *d, char out[WB_DRIFT_TYPE_MAX])
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	const char *kind = wb_kind_name(o->kind);

	if (d->type == WB_DIFF_CHANGED && o->kind == WB_KIND_COLUMN && strcmp(d->attribute, "type") == 0)
		snprintf(out, WB_DRIFT_TYPE_MAX, "type_mismatch");
	else if (d->type == WB_DIFF_CHANGED && o->kind == WB_KIND_COLUMN && strcmp(d->attribute, "not_null") == 0)
		snprintf(out, WB_DRIFT_TYPE_MAX, "nullable_mismatch");
	else if (d->type == WB_DIFF_CHANGED)
		snprintf(out, WB_DRIFT_TYPE_MAX, "%s_mismatch", kind);
	else
		snprintf(out, WB_DRIFT_TYPE_MAX, "%s_%s", d->type == WB_DIFF_MISSING ? "missing" : "unexpected", kind);
	for (char *p = out; *p; p++)
		*p = *p == ' ' ? '_' : *p;
}

struct updating {
	const struct wb_target *t;
	struct wb_arena arena;
	const struct wb_filter *filter;
	struct wb_map open; /* "type\nkind\nobject\nattribute" -> its id, as text; NULL once it was seen again */
	struct wb_batch batch;
	size_t opened, resolved;
	struct wb_error *err;
};

static int take_alert(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct updating *u = user;
	bool hidden = false;
	int rc = wb_filter_hides(u->filter, row->v[2].p, row->v[3].p, row->v[4].p, &hidden, err);

	if (rc || hidden)
		return rc;
	char *id = wb_arena_sv(&u->arena, row->v[0]);
	char *key = wb_arena_printf(&u->arena, "%s\n%s\n%s\n%s", row->v[1].p, row->v[2].p, row->v[3].p, row->v[4].p);

	return id && key && wb_map_put(&u->open, wb_sv_str(key), id) ? 0 : wb_err_nomem(err);
}

static bool add_query(struct updating *u, enum wb_sql_id id, const struct wb_value *p, int n)
{
	return wb_journal_named(u->t, &u->batch.arena, id, p, n, wb_batch_add(&u->batch));
}

/* One that is known stays open, one that is not is opened. */
static int see(struct updating *u, const struct wb_difference *d)
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	const char *attribute = d->attribute ? d->attribute : "";
	wb_autostr path = WB_STR_INIT;
	char type[WB_DRIFT_TYPE_MAX], *key;

	wb_drift_type(d, type);
	if (!wb_object_path(o, &path))
		return wb_err_nomem(u->err);
	key = wb_arena_printf(&u->arena, "%s\n%s\n%s\n%s", type, wb_kind_name(o->kind), path.p, attribute);
	if (!key)
		return wb_err_nomem(u->err);
	if (wb_map_get(&u->open, wb_sv_str(key)))
		return wb_map_put(&u->open, wb_sv_str(key), NULL) ? 0 : wb_err_nomem(u->err);
	const struct wb_value p[] = { wb_v_text(u->t->project),
				      wb_v_text(wb_arena_str(&u->batch.arena, type)),
				      wb_v_text(wb_kind_name(o->kind)),
				      wb_v_text(wb_arena_sv(&u->batch.arena, wb_str_sv(&path))),
				      wb_v_text(attribute),
				      wb_v_text(d->expected_value),
				      wb_v_text(d->actual_value),
				      wb_v_text(wb_severity_name(wb_difference_severity(d))) };
	u->opened++;
	return add_query(u, WB_SQL_ALERT_OPEN, p, WB_ARRAY_LEN(p)) ? 0 : wb_err_nomem(u->err);
}

static int resolve_rest(struct updating *u)
{
	for (size_t i = 0; i < u->open.n; i++) {
		const char *id = u->open.entries[i].value;
		int64_t number = 0;
		if (!id || !wb_sv_i64(wb_sv_str(id), &number))
			continue;
		const struct wb_value p[] = { wb_v_int(number), wb_v_text("not found any more") };
		if (!add_query(u, WB_SQL_ALERT_RESOLVE, p, WB_ARRAY_LEN(p)))
			return wb_err_nomem(u->err);
		u->resolved++;
	}
	return 0;
}

static int update(struct updating *u, const struct wb_diff *d)
{
	const struct wb_value project = wb_v_text(u->t->project);
	bool there;
	int rc = wb_state_exists(u->t, &there, u->err);

	if (rc == 0 && !there && d->n == 0)
		return 0;
	if (rc == 0)
		rc = wb_state_ensure(u->t, u->err);
	if (rc == 0)
		rc = wb_query_named(u->t->conn, WB_SQL_ALERT_LIST, &project, 1, take_alert, u, NULL, u->err);
	for (size_t i = 0; rc == 0 && i < d->n; i++)
		rc = see(u, &d->v[i]);
	if (rc == 0)
		rc = resolve_rest(u);
	if (rc == 0 && u->opened + u->resolved)
		rc = wb_batch_run_alone(&u->batch, u->t->conn, u->err);
	return rc;
}

int wb_alerts_update(const struct wb_target *t, const struct wb_diff *d, const struct wb_filter *f, size_t *ret_opened,
		     size_t *ret_resolved, struct wb_error *err)
{
	struct updating u = {
		.t = t, .arena = WB_ARENA_INIT, .filter = f, .batch = { .arena = WB_ARENA_INIT }, .err = err
	};
	int rc = update(&u, d);

	wb_batch_done(&u.batch);
	wb_map_done(&u.open);
	wb_arena_done(&u.arena);
	if (rc)
		return rc;
	*ret_opened = u.opened;
	*ret_resolved = u.resolved;
	return 0;
}
