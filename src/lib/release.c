/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_release: what has changed since the last release decides how big the next
 * one has to be. It is found out and recorded under the lock of runs: what is
 * released is what migrations have left, and of two that release at once the
 * second finds nothing changed.
 */
#include "schema.h"
#include "state/state.h"

#include <whimbrel/release.h>

struct release_box {
	struct wb_release pub; /* first */
	struct wb_arena arena;
	struct wb_model *before, *after;
	struct wb_diff diff;
};

struct releasing {
	struct wb_context *c;
	const struct wb_release_options *o;
	struct release_box *b;
	struct wb_journal journal;
	struct wb_kept_releases past;
	const struct wb_kept_release *last; /* NULL: this is the first */
	enum wb_impact impact, needed;
	bool unknown; /* the schema of the last release was not kept */
	int64_t last_rank;
	struct wb_error *err;
};

WB_API void wb_release_free(struct wb_release *release)
{
	struct release_box *b = (struct release_box *)release;
	if (!b)
		return;
	wb_diff_done(&b->diff);
	wb_model_free(b->after);
	wb_model_free(b->before);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- what was applied ------------------------------------------------------------------- */

static int refuse_half(struct releasing *r, const char *version)
{
	wb_err_set(r->err, WB_EREFUSED, "migration %s stopped half way: the schema is none that was meant", version);
	wb_err_hint(r->err, "finish it with `whimbrel up` or `whimbrel resume`, then release");
	return WB_EREFUSED;
}

static bool is_newer(const char *version, const char *than)
{
	return !than || wb_version_cmp(version, than) > 0;
}

/* The migrations since the last release, by the order in which they were applied. */
static int find_range(struct releasing *r)
{
	struct wb_release *p = &r->b->pub;
	const char *newest = NULL;
	int64_t since = r->last ? r->last->last_rank : 0;
	for (size_t i = 0; i < r->journal.n; i++) {
		const struct wb_record *m = &r->journal.v[i];
		if (wb_record_is_half(m))
			return refuse_half(r, m->version);
		if (!wb_record_is_done(m))
			continue;
		r->last_rank = m->rank > r->last_rank ? m->rank : r->last_rank;
		p->migrations += m->rank > since;
		if (m->kind == WB_MIG_REPEATABLE)
			continue;
		newest = is_newer(m->version, newest) ? m->version : newest;
		if (m->rank > since && (!p->first_migration || is_newer(p->first_migration, m->version)))
			p->first_migration = m->version;
	}
	if (r->last_rank == 0) {
		wb_err_set(r->err, WB_EREFUSED, "nothing has been applied here, so there is nothing to release");
		wb_err_hint(r->err,
			    "apply migrations with `whimbrel up`, or declare what is there: `whimbrel baseline`");
		return WB_EREFUSED;
	}
	p->last_migration = newest ? wb_arena_str(&r->b->arena, newest) : NULL;
	p->first_migration = p->first_migration ? wb_arena_str(&r->b->arena, p->first_migration) : NULL;
	return (newest && !p->last_migration) ? wb_err_nomem(r->err) : 0;
}

/* ---- what has changed --------------------------------------------------------------------- */

static int read_before(struct releasing *r)
{
	struct wb_kept_snapshot kept = { 0 };
	bool found = false;
	int rc = r->last ? wb_snapshot_of_release(&r->c->target, r->last->version, &r->b->arena, &kept, &found, r->err)
			 : 0;
	r->unknown = r->last && !found;
	if (rc < 0 || !found)
		return rc;
	rc = wb_snapshot_read(wb_sv_str(kept.text), "schema_snapshots", &r->b->before, r->err);
	return rc < 0 ? rc : wb_schema_drop_ignored(r->b->before, &r->o->schema, r->err);
}

static bool show_change(struct release_box *b, const struct wb_difference *d, struct wb_release_change *out,
			enum wb_impact *ret_impact)
{
	static const char *const types[] = {
		[WB_DIFF_MISSING] = "added", [WB_DIFF_UNEXPECTED] = "removed", [WB_DIFF_CHANGED] = "changed"
	};
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	wb_autostr path = WB_STR_INIT;
	*out = (struct wb_release_change){ .type = types[d->type],
					   .kind = wb_kind_name(o->kind),
					   .attribute = d->attribute,
					   .before = d->actual_value,
					   .after = d->expected_value };
	*ret_impact = wb_difference_impact(b->before, d, &out->why);
	out->impact = wb_impact_name(*ret_impact);
	out->object = wb_object_path(o, &path) ? wb_arena_sv(&b->arena, wb_str_sv(&path)) : NULL;
	return out->object;
}

/* "column app.users.email removed: what uses it fails" */
static void add_line(struct wb_str *lines, const struct wb_release_change *c)
{
	wb_str_addf(lines, "%s%s %s ", lines->n ? "\n" : "", c->kind, c->object);
	wb_str_addf(lines, "%s: %s", c->attribute ? c->attribute : c->type, c->why);
}

static int show_changes(struct releasing *r)
{
	struct release_box *b = r->b;
	struct wb_release_change *v = wb_arena_array(&b->arena, b->diff.n, sizeof(*v));
	wb_autostr lines = WB_STR_INIT;
	bool ok = v;
	for (size_t i = 0; ok && i < b->diff.n; i++) {
		enum wb_impact impact;
		ok = show_change(b, &b->diff.v[i], &v[i], &impact);
		r->impact = ok && impact > r->impact ? impact : r->impact;
		if (ok && impact == WB_IMPACT_MAJOR) {
			add_line(&lines, &v[i]);
			b->pub.n_breaking++;
		}
	}
	b->pub.breaking = lines.n && !lines.failed ? wb_arena_sv(&b->arena, wb_str_sv(&lines)) : NULL;
	b->pub.changes = v;
	b->pub.n_changes = b->diff.n;
	return ok && !lines.failed && (b->pub.breaking || !lines.n) ? 0 : wb_err_nomem(r->err);
}

static int compare(struct releasing *r)
{
	char *hash = wb_arena_alloc(&r->b->arena, 65);
	int rc = hash ? read_before(r) : wb_err_nomem(r->err);
	if (rc == 0)
		rc = wb_schema_model(r->c, &r->o->schema, &r->b->after, r->err);
	if (rc == 0)
		rc = wb_snapshot_hash(r->b->after, hash, r->err);
	if (rc < 0)
		return rc;
	r->b->pub.hash = hash;
	if (!r->b->before)
		return 0;
	rc = wb_schema_diff(r->b->after, r->b->before, &r->b->diff, r->err);
	return rc < 0 ? rc : show_changes(r);
}

/* ---- the version ----------------------------------------------------------------------------- */

/* Before 1.0.0 everything may change: the number below is bumped. */
static enum wb_impact least(enum wb_impact impact, const struct wb_semver *was)
{
	if (impact <= WB_IMPACT_PATCH)
		return WB_IMPACT_PATCH;
	return was->part[0] ? impact : impact - 1;
}

static enum wb_impact step_between(const struct wb_semver *was, const struct wb_semver *next)
{
	size_t i = 0;
	while (i < 2 && was->part[i] == next->part[i])
		i++;
	return (enum wb_impact)(WB_IMPACT_MAJOR - i);
}

static int find_bump(struct releasing *r, enum wb_impact *ret_impact)
{
	for (enum wb_impact i = WB_IMPACT_PATCH; i <= WB_IMPACT_MAJOR; i++) {
		if (strcmp(r->o->bump, wb_impact_name(i)) == 0) {
			*ret_impact = i;
			return 0;
		}
	}
	return wb_err_set(r->err, WB_EUSAGE, "a release is major, minor or patch, not %s", r->o->bump);
}

static int refuse_size(struct releasing *r, const struct wb_semver *was, const char *version)
{
	char next[WB_SEMVER_MAX];
	struct wb_semver v = *was;
	wb_semver_bump(&v, r->needed);
	wb_semver_text(&v, next);
	if (r->b->pub.n_breaking)
		wb_err_set(r->err, WB_EREFUSED, "%s is too small: programs that use %s may fail", version,
			   r->last->version);
	else
		wb_err_set(r->err, WB_EREFUSED, "%s is too small for what has changed since %s", version,
			   r->last->version);
	if (r->b->pub.breaking)
		wb_err_detail(r->err, "%s", r->b->pub.breaking);
	wb_err_hint(r->err, "release it as %s (--%s)", next, wb_impact_name(r->needed));
	return WB_EREFUSED;
}

static int given_version(struct releasing *r, const struct wb_semver *was, struct wb_semver *ret_next)
{
	if (!wb_semver_parse(r->o->version, ret_next)) {
		wb_err_set(r->err, WB_EUSAGE, "%s is no version of a schema", r->o->version);
		wb_err_hint(r->err, "three numbers: 2.3.0");
		return WB_EUSAGE;
	}
	if (!r->last || wb_semver_cmp(ret_next, was) > 0)
		return 0;
	return wb_err_set(r->err, WB_EREFUSED, "%s is not above %s, the last release", r->o->version, r->last->version);
}

static int choose_version(struct releasing *r)
{
	struct wb_semver was = { { 0 } }, next;
	enum wb_impact bump = r->last ? r->needed : WB_IMPACT_MAJOR;
	char text[WB_SEMVER_MAX];
	int rc = 0;
	if (r->last && !wb_semver_parse(r->last->version, &was))
		return wb_err_set(r->err, WB_EREFUSED, "the last release, %s, is no version of three numbers",
				  r->last->version);
	if (r->last && !r->unknown)
		r->needed = least(r->impact, &was);
	bump = r->last ? r->needed : WB_IMPACT_MAJOR;
	next = was;
	if (r->o->version)
		rc = given_version(r, &was, &next);
	else if (r->o->bump)
		rc = find_bump(r, &bump);
	if (rc == 0 && !r->o->version)
		wb_semver_bump(&next, bump);
	if (rc < 0)
		return rc;
	wb_semver_text(&next, text);
	r->b->pub.version = wb_arena_str(&r->b->arena, text);
	if (!r->b->pub.version)
		return wb_err_nomem(r->err);
	return r->last && step_between(&was, &next) < r->needed ? refuse_size(r, &was, text) : 0;
}

static int check_known(struct releasing *r)
{
	if (!r->unknown || r->o->bump || r->o->version)
		return 0;
	wb_err_set(r->err, WB_EREFUSED, "the schema of %s was not kept, so nothing tells what has changed since",
		   r->last->version);
	wb_err_hint(r->err, "say what it is: --major, --minor, --patch, or a version");
	return WB_EREFUSED;
}

static int check_changed(struct releasing *r)
{
	if (r->last && !r->unknown && r->impact == WB_IMPACT_NONE)
		r->impact = WB_IMPACT_PATCH; /* migrations that left the schema as it is */
	if (!r->last || r->unknown || r->b->diff.n || r->b->pub.migrations)
		return 0;
	wb_err_set(r->err, WB_EREFUSED, "nothing has changed since %s", r->last->version);
	wb_err_detail(r->err, "the schema is the same, and no migration was applied");
	wb_err_hint(r->err, "`whimbrel status` shows what is pending");
	return WB_EREFUSED;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int look(struct releasing *r)
{
	int rc = wb_journal_load(&r->c->target, true, &r->journal, r->err);
	if (rc == 0)
		rc = wb_releases_load(&r->c->target, &r->b->arena, &r->past, r->err);
	r->last = r->past.n ? &r->past.v[0] : NULL;
	r->b->pub.previous = r->last ? r->last->version : NULL;
	if (rc == 0)
		rc = find_range(r);
	if (rc == 0)
		rc = compare(r);
	if (rc == 0)
		rc = check_changed(r);
	if (rc == 0)
		rc = check_known(r);
	if (rc == 0)
		rc = choose_version(r);
	r->b->pub.impact = wb_impact_name(r->impact);
	r->b->pub.needed = wb_impact_name(r->needed);
	return rc;
}

static int record(struct releasing *r)
{
	struct wb_release *p = &r->b->pub;
	const struct wb_kept_release kept = { .version = p->version,
					      .impact = p->impact,
					      .first_migration = p->first_migration,
					      .last_migration = p->last_migration,
					      .migrations = p->migrations,
					      .last_rank = r->last_rank,
					      .hash = p->hash,
					      .breaking = p->breaking,
					      .notes = p->notes };
	int rc = wb_release_keep(&r->c->target, r->b->after, &kept, r->err);
	p->recorded = rc == 0;
	return rc;
}

static int release_locked(struct releasing *r)
{
	struct wb_lock_result waited;
	int rc = wb_lock_acquire(&r->c->target, r->o->wait_ms ? r->o->wait_ms : 60000, &waited, r->err);
	if (rc < 0)
		return rc;
	rc = look(r);
	if (rc == 0)
		rc = record(r);
	wb_lock_release(&r->c->target);
	return rc;
}

WB_API int wb_release(struct wb_context *context, const struct wb_release_options *options,
		      struct wb_release **ret_release, struct wb_error *err)
{
	struct wb_release_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_release_options", err);
	if (rc == 0 && o.bump && o.version)
		rc = wb_err_set(err, WB_EUSAGE, "a release has a version or a bump, not both");
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_CONN, err);
	if (rc < 0)
		return rc;
	struct release_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	struct releasing r = { .c = context, .o = &o, .b = b, .err = err };
	o.schema.size = sizeof(o.schema);
	b->pub.notes = o.notes ? wb_arena_str(&b->arena, o.notes) : NULL;
	rc = o.notes && !b->pub.notes ? wb_err_nomem(err) : o.propose ? look(&r) : release_locked(&r);
	wb_journal_done(&r.journal);
	if (rc < 0) {
		wb_release_free(&b->pub);
		return rc;
	}
	*ret_release = &b->pub;
	return 0;
}

/* ---- those of the past -------------------------------------------------------------------------- */

struct releases_box {
	struct wb_releases pub; /* first */
	struct wb_arena arena;
};

WB_API void wb_releases_free(struct wb_releases *releases)
{
	struct releases_box *b = (struct releases_box *)releases;
	if (!b)
		return;
	wb_arena_done(&b->arena);
	free(b);
}

static size_t lines_of(const char *text)
{
	size_t n = text && *text;
	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

static int show_releases(struct wb_context *c, struct releases_box *b, struct wb_error *err)
{
	struct wb_kept_releases past = { 0 };
	int rc = wb_releases_load(&c->target, &b->arena, &past, err);
	struct wb_release *v = wb_arena_array(&b->arena, past.n, sizeof(*v));
	if (rc == 0 && !v)
		rc = wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < past.n; i++) {
		const struct wb_kept_release *r = &past.v[i];
		v[i] = (struct wb_release){ .version = r->version,
					    .previous = i + 1 < past.n ? past.v[i + 1].version : NULL,
					    .impact = r->impact,
					    .first_migration = r->first_migration,
					    .last_migration = r->last_migration,
					    .migrations = r->migrations,
					    .hash = r->hash,
					    .notes = r->notes,
					    .released_at = r->released_at,
					    .released_by = r->released_by,
					    .n_breaking = lines_of(r->breaking),
					    .breaking = r->breaking,
					    .recorded = true };
	}
	b->pub = (struct wb_releases){ v, past.n };
	return rc;
}

WB_API int wb_releases(struct wb_context *context, struct wb_releases **ret_releases, struct wb_error *err)
{
	int rc = wb_prepare(context, WB_NEED_READ, err);
	if (rc < 0)
		return rc;
	struct releases_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	rc = show_releases(context, b, err);
	if (rc < 0)
		wb_releases_free(&b->pub);
	else
		*ret_releases = &b->pub;
	return rc;
}
