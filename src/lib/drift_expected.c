/* SPDX-License-Identifier: Apache-2.0
 *
 * What a database should look like, given what its journal says is applied: the
 * snapshot that was kept after the last run, when it is of the newest applied
 * version; else the applied files, run again on a scratch database. Only those:
 * a folder of links to them stands in for the whole one, so that neither later
 * files nor ones that were left out count.
 */
#include "schema.h"
#include "state/state.h"

struct finding {
	struct wb_context *c;
	const struct wb_drift_options *o;
	struct wb_arena *arena;
	struct wb_journal journal;
	struct drift_expected *out;
	char folder[WB_LINKS_MAX]; /* "" until it is made */
	struct wb_error *err;
};

static const char *newest(const struct wb_journal *j)
{
	const char *version = NULL;
	for (size_t i = 0; i < j->n; i++) {
		const struct wb_record *r = &j->v[i];
		if (r->kind != WB_MIG_REPEATABLE && wb_record_is_done(r) &&
		    (!version || wb_version_cmp(r->version, version) > 0))
			version = r->version;
	}
	return version;
}

int wb_newest_applied(struct wb_context *c, struct wb_arena *a, const char **ret_version, struct wb_error *err)
{
	struct wb_journal j;
	int rc = wb_journal_load(&c->target, true, &j, err);
	if (rc < 0)
		return rc;
	const char *version = newest(&j);
	*ret_version = version ? wb_arena_str(a, version) : NULL;
	rc = version && !*ret_version ? wb_err_nomem(err) : 0;
	wb_journal_done(&j);
	return rc;
}

/* ---- the kept snapshot ------------------------------------------------------------------ */

static int from_snapshot(struct finding *f, bool *ret_found)
{
	struct wb_kept_snapshot kept;
	struct wb_model *m = NULL;
	const char *version = f->out->version;
	int rc = wb_snapshot_newest(&f->c->target, f->arena, &kept, ret_found, f->err);
	if (rc < 0 || !*ret_found)
		return rc;
	*ret_found = kept.version && version && !strcmp(kept.version, version);
	if (!*ret_found)
		return 0;
	f->out->origin = wb_arena_printf(f->arena, "the snapshot of version %s, taken %s", version, kept.taken_at);
	if (!f->out->origin)
		return wb_err_nomem(f->err);
	rc = wb_snapshot_read(wb_sv_str(kept.text), "schema_snapshots", &m, f->err);
	if (rc == 0)
		rc = wb_schema_drop_ignored(m, &f->o->schema, f->err);
	if (rc < 0) {
		wb_model_free(m);
		return rc;
	}
	return wb_schema_show(m, f->out->origin, &f->out->schema, f->err);
}

/* ---- the applied files -------------------------------------------------------------------- */

static bool is_applied(const struct finding *f, const struct wb_migration *m)
{
	const struct wb_record *r = wb_journal_find(&f->journal, m->sort_key);
	return r && r->kind == m->kind && wb_record_is_done(r) && r->state != WB_STATE_SKIPPED;
}

static int show_applied(struct finding *f)
{
	const struct wb_source *s = f->c->source;
	int rc = wb_links_make(f->folder, "drift", f->err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		if (!is_applied(f, s->v[i]))
			continue;
		rc = wb_links_add(f->folder, s->v[i]->file, NULL, f->err);
		if (rc == 0 && s->v[i]->down_file)
			rc = wb_links_add(f->folder, s->v[i]->down_file, NULL, f->err);
	}
	return rc;
}

/* A version whose file is gone cannot be run again. */
static int check_files(struct finding *f)
{
	for (size_t i = 0; i < f->journal.n; i++) {
		const struct wb_record *r = &f->journal.v[i];
		const struct wb_migration *m = wb_source_find(f->c->source, r->version);
		if (m || r->kind == WB_MIG_REPEATABLE || r->state != WB_STATE_APPLIED)
			continue;
		wb_err_set(f->err, WB_EREFUSED, "version %s is applied, but %s has no file of it", r->version,
			   f->c->source->dir ? f->c->source->dir : "the program");
		wb_err_hint(f->err, "put the file back, or say what to expect: --expected SNAPSHOT");
		return WB_EREFUSED;
	}
	return 0;
}

static int replay(struct finding *f)
{
	struct wb_schema_options so = f->o->schema;
	so.size = sizeof(so);
	so.to = NULL;
	if (!f->c->source->dir) {
		wb_err_set(f->err, WB_EREFUSED, "no snapshot was kept of what the applied migrations made");
		wb_err_hint(f->err, "keep them: wb_options.keep_snapshots, or wb_snapshot_store()");
		return WB_EREFUSED;
	}
	int rc = wb_source_check(f->c->source, f->err);
	if (rc == 0)
		rc = check_files(f);
	if (rc == 0)
		rc = show_applied(f);
	if (rc == 0)
		rc = wb_schema_read(f->c, f->folder, &so, &f->out->schema, f->err);
	wb_links_remove(f->folder, &f->c->sink);
	if (rc < 0)
		return rc;
	f->out->origin = wb_arena_printf(f->arena, "%s, up to %s", f->c->o.dir, f->out->version);
	return f->out->origin ? 0 : wb_err_nomem(f->err);
}

static int nothing_applied(struct finding *f)
{
	wb_err_set(f->err, WB_EREFUSED, "nothing has been applied here, so nothing tells what to expect");
	wb_err_hint(f->err, "name it: --expected SNAPSHOT, FOLDER or URL");
	return WB_EREFUSED;
}

static int find(struct finding *f)
{
	bool found = false;
	const char *version = newest(&f->journal);
	f->out->version = version ? wb_arena_str(f->arena, version) : NULL;
	if (!version)
		return nothing_applied(f);
	int rc = f->out->version ? 0 : wb_err_nomem(f->err);
	if (rc == 0 && !f->o->replay)
		rc = from_snapshot(f, &found);
	if (rc == 0 && !found)
		rc = wb_prepare(f->c, WB_NEED_SOURCE | WB_NEED_CONN, f->err);
	return rc < 0 || found ? rc : replay(f);
}

int wb_drift_expected(struct wb_context *c, const struct wb_drift_options *o, struct wb_arena *a,
		      struct drift_expected *ret, struct wb_error *err)
{
	struct finding f = { .c = c, .o = o, .arena = a, .out = ret, .err = err };
	int rc = wb_journal_load(&c->target, false, &f.journal, err);
	if (rc < 0)
		return rc;
	rc = find(&f);
	wb_journal_done(&f.journal);
	return rc;
}
