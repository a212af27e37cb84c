/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows joined to files. A version with a file becomes a migration of the
 * journal. Versions without one are told apart: those before every file, and
 * those of tools whose files are no SQL, become one baseline and lines of the
 * history; a gap between files is recorded as missing.
 */
#include "adopt.h"

static int add(struct wb_adopt *a, struct wb_adopt_item item, struct wb_error *err)
{
	char *key = item.version ? wb_version_key(&a->arena, item.version) : NULL;
	if (!key)
		return wb_err_nomem(err);
	item.known = a->journal.exists && wb_journal_find(&a->journal, key) != NULL;
	if (!wb_vec_push(&a->items, item))
		return wb_err_nomem(err);
	if (item.old && !item.old->item)
		item.old->item = a->items.n;
	return 0;
}

struct wb_adopt_item *wb_adopt_item_of(const struct wb_adopt *a, const struct wb_old *old)
{
	return old->item ? &a->items.v[old->item - 1] : NULL;
}

static bool stands(const struct wb_old *old)
{
	return old->settled && old->state != WB_OLD_NOTHING && old->state != WB_OLD_UNDONE;
}

static enum wb_state state_of(const struct wb_old *old)
{
	return old->state == WB_OLD_BASELINE ? WB_STATE_BASELINE
	       : old->state == WB_OLD_FAILED ? WB_STATE_FAILED
					     : WB_STATE_APPLIED;
}

/* ---- the file of a row ------------------------------------------------------------- */

static const struct wb_migration *by_name(const struct wb_adopt *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const struct wb_migration *m = wb_source_find(a->t->source, name);
	return m && !strcmp(m->name, name) ? m : NULL;
}

/* By version; a baseline file and a migration may share one. */
static const struct wb_migration *by_version(const struct wb_adopt *a, const char *version, enum wb_mig_kind kind)
{
	const struct wb_migration *m = wb_source_find(a->t->source, version);
	if (!m || wb_version_cmp(m->sort_key, version) != 0) /* an id, or a file's name */
		return NULL;
	for (size_t i = 0; m->kind != kind && i < a->t->source->n; i++) {
		const struct wb_migration *other = a->t->source->v[i];
		if (other->kind == kind && !strcmp(other->sort_key, m->sort_key))
			return other;
	}
	return m->kind == kind ? m : NULL;
}

static enum wb_mig_kind kind_of(const struct wb_old *old)
{
	bool base = old->cell[WB_OLD_TYPE] && !strcmp(old->cell[WB_OLD_TYPE], "SQL_BASELINE");
	return old->repeatable ? WB_MIG_REPEATABLE : base ? WB_MIG_BASELINE : WB_MIG_VERSIONED;
}

static const struct wb_migration *file_of(struct wb_adopt *a, const struct wb_old *old)
{
	if (!a->t->source || old->no_file)
		return NULL;
	if (old->repeatable)
		return by_name(a, old->cell[WB_OLD_FILE]);
	if (a->table.tool->has_sql_files)
		return by_version(a, old->cell[WB_OLD_VERSION], kind_of(old));
	/* Files that --write-sql made carry what the tool calls them as their ID. */
	const char *label = wb_old_label(a, old);
	const struct wb_migration *m = wb_source_find(a->t->source, label);
	return m && m->header.id && !strcmp(m->header.id, label) ? m : NULL;
}

/* ---- rows ------------------------------------------------------------------------------ */

static int add_row(struct wb_adopt *a, struct wb_old *old, struct wb_error *err)
{
	const struct wb_migration *m = file_of(a, old);
	struct wb_adopt_item item = { .old = old, .m = m, .kind = kind_of(old), .state = state_of(old) };
	if (old->repeatable && !m)
		item.history_only = true;
	item.version = m ? m->version : old->repeatable ? old->cell[WB_OLD_FILE] : wb_old_label(a, old);
	item.description = m ? m->description : old->cell[WB_OLD_DESCRIPTION];
	if (item.state == WB_STATE_BASELINE)
		item.note = "a baseline of the tool's own";
	return add(a, item, err);
}

/* One row says how far: the files up to it were applied, when is not known. */
static int add_up_to(struct wb_adopt *a, struct wb_old *old, struct wb_error *err)
{
	const struct wb_migration *last = file_of(a, old);
	bool numbered = a->table.tool->has_sql_files;
	const char *version = last ? last->version : numbered ? old->cell[WB_OLD_VERSION] : NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && version && a->t->source && i < a->t->source->n; i++) {
		const struct wb_migration *m = a->t->source->v[i];
		if (m == last || m->kind != WB_MIG_VERSIONED || wb_version_cmp(m->version, version) >= 0)
			continue;
		if (!numbered && !m->header.id)
			continue;
		struct wb_adopt_item item = { .m = m,
					      .version = m->version,
					      .description = m->description,
					      .kind = WB_MIG_VERSIONED,
					      .state = WB_STATE_APPLIED,
					      .note = "went before the version that is recorded" };
		rc = add(a, item, err);
	}
	return rc < 0 ? rc : add_row(a, old, err);
}

/* ---- versions without a file ------------------------------------------------------------------ */

static bool is_fileless(const struct wb_adopt_item *item)
{
	return !item->m && !item->history_only && item->state == WB_STATE_APPLIED;
}

/* That of the lowest version; NULL without files. */
static const struct wb_migration *lowest_file(const struct wb_adopt *a)
{
	const struct wb_migration *lowest = NULL;
	for (size_t i = 0; a->t->source && i < a->t->source->n; i++) {
		const struct wb_migration *m = a->t->source->v[i];
		if (m->kind != WB_MIG_REPEATABLE && (!lowest || wb_version_cmp(m->version, lowest->version) < 0))
			lowest = m;
	}
	return lowest;
}

/* The folder begins with a baseline that stands for more than was applied: what is between has no file. */
static int fail_before(const struct wb_adopt *a, const struct wb_migration *base, const char *at, struct wb_error *err)
{
	wb_err_set(err, WB_EORDER,
		   "%s stands at %s, and the files from there to %s are gone: baseline %s is for empty databases",
		   a->table.tool->title, at, base->version, base->version);
	wb_err_hint(err,
		    "adopt with the files from before they went into the baseline, run `whimbrel up` there, come back");
	wb_err_place(err, base->file, 0, 0);
	return WB_EORDER;
}

static const char *newest(const struct wb_adopt *a)
{
	const char *at = NULL;
	for (size_t i = 0; i < a->items.n; i++) {
		const struct wb_adopt_item *item = &a->items.v[i];
		if (item->kind != WB_MIG_REPEATABLE && (!at || wb_version_cmp(item->version, at) > 0))
			at = item->version;
	}
	return at;
}

/* Before the first file they are one baseline, which covers no file; later ones are gaps. */
static int settle_numbered(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_migration *lowest = lowest_file(a);
	struct wb_adopt_item *base = NULL;
	for (size_t i = 0; i < a->items.n; i++) {
		struct wb_adopt_item *item = &a->items.v[i];
		if (!is_fileless(item))
			continue;
		if (lowest && wb_version_cmp(item->version, lowest->version) > 0) {
			item->state = WB_STATE_MISSING;
			item->note =
				item->old->no_file ? "no SQL file: the tool ran it as code" : "its file is not here";
			continue;
		}
		item->history_only = true;
		item->note = "its file is not here; the baseline stands for it";
		if (!base || wb_version_cmp(item->version, base->version) > 0)
			base = item;
	}
	if (!base)
		return 0;
	if (lowest && lowest->kind == WB_MIG_BASELINE && wb_version_cmp(newest(a), lowest->version) < 0)
		return fail_before(a, lowest, base->version, err);
	base->history_only = false;
	base->state = WB_STATE_BASELINE;
	base->note = lowest ? "stands for all before the first file" : "stands for all that was applied";
	return 0;
}

/* Its version cannot be compared with those of files: it stands where it is in the order of application. */
static int add_named_baseline(struct wb_adopt *a, struct wb_old *last, const char *names, struct wb_error *err)
{
	const struct wb_old_tool *tool = a->table.tool;
	struct wb_adopt_item item = { .old = last,
				      .version = wb_arena_printf(&a->arena, "%s-%s", tool->name, names),
				      .description = wb_arena_printf(&a->arena, "adopted from %s", tool->title),
				      .kind = WB_MIG_VERSIONED,
				      .state = WB_STATE_BASELINE,
				      .note = "stands for all that was applied" };
	return item.description ? add(a, item, err) : wb_err_nomem(err);
}

/* Files of other kinds than SQL: one baseline for all rows, named after the last one, or after every head. */
static int settle_named(struct wb_adopt *a, struct wb_error *err)
{
	wb_autostr names = WB_STR_INIT;
	struct wb_old *last = NULL;
	size_t from = 0;
	for (size_t i = 0; i < a->items.n; i++) {
		struct wb_adopt_item *item = &a->items.v[i];
		if (!is_fileless(item))
			continue;
		char *base = wb_arena_printf(&a->arena, "%s-%s", a->table.tool->name, item->version);
		if (!base)
			return wb_err_nomem(err);
		if (a->journal.exists && wb_journal_find(&a->journal, base))
			from = i + 1; /* an earlier adoption came this far */
		item->history_only = true;
		item->note = "the baseline stands for it";
		if (!a->table.tool->up_to)
			wb_str_clear(&names);
		wb_str_addf(&names, "%s%s", names.n ? "+" : "", item->version);
		last = item->old;
	}
	for (size_t i = 0; i < from; i++)
		a->items.v[i].known = true;
	if (names.failed)
		return wb_err_nomem(err);
	return last ? add_named_baseline(a, last, names.p, err) : 0;
}

static void note_strangers(struct wb_adopt *a)
{
	size_t with = 0, without = 0;
	for (size_t i = 0; i < a->items.n; i++) {
		with += a->items.v[i].m != NULL;
		without += !a->items.v[i].m && a->items.v[i].state != WB_STATE_BASELINE;
	}
	const struct wb_migration *lowest = lowest_file(a);
	bool covered = lowest && lowest->kind == WB_MIG_BASELINE;
	bool none = a->items.n && !with && !covered && a->table.tool->has_sql_files;
	if (none)
		wb_adopt_note(a, "None of the versions has a file in %s: is it the folder of %s's migrations?",
			      a->t->source && a->t->source->dir ? a->t->source->dir : "the folder",
			      a->table.tool->title);
	else if (without && !covered && a->table.tool->has_sql_files)
		wb_adopt_note(a, "%zu of the versions have no file here.", without);
}

int wb_adopt_match(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_old_tool *tool = a->table.tool;
	int rc = 0;
	if (tool->has_sql_files && !a->t->source) {
		wb_err_set(err, WB_EUSAGE, "the folder of %s's migrations is needed", tool->title);
		wb_err_hint(err, "name it with --dir DIR");
		return WB_EUSAGE;
	}
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++) {
		struct wb_old *old = &a->rows.v[i];
		if (stands(old))
			rc = tool->up_to ? add_up_to(a, old, err) : add_row(a, old, err);
	}
	if (rc == 0 && tool->has_sql_files)
		rc = settle_numbered(a, err);
	else if (rc == 0)
		rc = settle_named(a, err);
	if (rc == 0)
		note_strangers(a);
	return rc;
}
