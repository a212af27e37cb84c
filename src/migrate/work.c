/* SPDX-License-Identifier: Apache-2.0
 *
 * Planning: which migrations a run would take, in which order and direction.
 * Pure over files and journal, except that reverting asks the journal who
 * depends on whom.
 */
#include "undo.h"

static const char *const action_names[] = { [WB_APPLY] = "apply",
					    [WB_REAPPLY] = "reapply",
					    [WB_RESUME_UP] = "resume",
					    [WB_RESUME_DOWN] = "resume_revert",
					    [WB_REVERT] = "revert" };

const char *wb_action_name(enum wb_action a)
{
	return action_names[a];
}

struct planner {
	const struct wb_target *t;
	const struct wb_journal *j;
	const struct wb_plan_options *o;
	struct wb_work *w;
	const char *to; /* the version that o->to means */
	const char *baseline; /* versions up to this one are not pending */
	struct wb_error *err;
};

static int add_item(struct planner *p, struct wb_work_item item)
{
	return wb_vec_push(&p->w->items, item) ? 0 : wb_err_nomem(p->err);
}

static struct wb_work_item item_of_file(enum wb_action action, const struct wb_migration *m, const struct wb_record *r)
{
	return (struct wb_work_item){ .action = action,
				      .migration = m,
				      .record = r,
				      .version = m->version,
				      .description = m->description,
				      .file = m->file };
}

static struct wb_work_item item_of_record(enum wb_action action, const struct wb_record *r,
					  const struct wb_migration *m)
{
	struct wb_work_item item = { .action = action,
				     .migration = m,
				     .record = r,
				     .version = r->version,
				     .description = m ? m->description : r->description,
				     .file = m ? m->file : r->file };
	return item;
}

static bool is_versioned_done(const struct wb_record *r)
{
	return r->kind != WB_MIG_REPEATABLE && wb_record_is_done(r);
}

/* Records come in the order of application, which alone places versions that are no numbers. */
static void find_current(struct planner *p)
{
	for (size_t i = 0; i < p->j->n; i++) {
		const struct wb_record *r = &p->j->v[i];
		if (!is_versioned_done(r))
			continue;
		bool orders = wb_version_orders(r->version);
		if (!p->w->current || !orders || !wb_version_orders(p->w->current) ||
		    wb_version_cmp(r->version, p->w->current) > 0)
			p->w->current = r->version;
		if (orders && (r->state == WB_STATE_BASELINE || r->kind == WB_MIG_BASELINE) &&
		    (!p->baseline || wb_version_cmp(r->version, p->baseline) > 0))
			p->baseline = r->version;
	}
}

/* What a killed or failed run left: first of all, in the order in which it was begun. */
static int add_unfinished(struct planner *p)
{
	for (size_t i = 0; i < p->j->n; i++) {
		const struct wb_record *r = &p->j->v[i];
		if (!wb_record_is_half(r) || (p->o->down && !r->down))
			continue;
		enum wb_action action = r->down ? WB_RESUME_DOWN : WB_RESUME_UP;
		int rc = add_item(p, item_of_record(action, r, wb_target_file(p->t, r)));
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ---- up -------------------------------------------------------------------------- */

/* With an empty journal the newest baseline file stands for all that went before it. */
static const struct wb_migration *baseline_file(const struct planner *p)
{
	const struct wb_migration *best = NULL;
	if (p->w->current)
		return NULL;
	for (size_t i = 0; i < p->t->source->n; i++) {
		const struct wb_migration *m = p->t->source->v[i];
		if (m->kind == WB_MIG_BASELINE && (!p->to || wb_version_cmp(m->version, p->to) <= 0) &&
		    (!best || wb_version_cmp(m->version, best->version) > 0))
			best = m;
	}
	return best;
}

static bool pending(const struct planner *p, const struct wb_migration *m, const struct wb_record *r)
{
	if (m->kind != WB_MIG_VERSIONED || (p->baseline && wb_version_cmp(m->version, p->baseline) <= 0))
		return false;
	if (!r)
		return true;
	return !wb_record_is_done(r) && r->state != WB_STATE_RUNNING && !wb_record_is_half(r);
}

static int check_target(struct planner *p)
{
	p->to = p->o->to;
	if (!p->to || !strcmp(p->to, "0"))
		return 0;
	return wb_target_version(p->t, p->j, &p->w->arena, p->o->to, &p->to, p->err);
}

static int add_versioned(struct planner *p)
{
	int64_t taken = p->w->items.n && p->w->items.v[p->w->items.n - 1].action == WB_APPLY; /* it counts, too */
	for (size_t i = 0; i < p->t->source->n; i++) {
		const struct wb_migration *m = p->t->source->v[i];
		const struct wb_record *r = wb_journal_find(p->j, m->sort_key);
		if (!pending(p, m, r))
			continue;
		if (p->to && wb_version_cmp(m->version, p->to) > 0)
			break;
		if (p->o->steps && taken >= p->o->steps)
			return 1;
		int rc = add_item(p, item_of_file(WB_APPLY, m, r));
		if (rc < 0)
			return rc;
		p->w->target = m->version;
		taken++;
	}
	return 0;
}

static int add_repeatables(struct planner *p)
{
	for (size_t i = 0; i < p->t->source->n; i++) {
		const struct wb_migration *m = p->t->source->v[i];
		if (m->kind != WB_MIG_REPEATABLE)
			continue;
		const struct wb_record *r = wb_journal_find(p->j, m->sort_key);
		bool same =
			r && r->state == WB_STATE_APPLIED && r->has_checksum && !memcmp(r->checksum, m->checksum, 32);
		if (same || (r && wb_record_is_half(r)))
			continue;
		int rc = add_item(p, item_of_file(r ? WB_REAPPLY : WB_APPLY, m, r));
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A revert that stopped half way is finished first; its migration is then pending again. */
static int add_reverted_again(struct planner *p)
{
	size_t n = p->w->items.n;
	for (size_t i = 0; i < n; i++) {
		struct wb_work_item item = p->w->items.v[i];
		if (item.action != WB_RESUME_DOWN || !item.migration)
			continue;
		if (p->to && wb_version_cmp(item.version, p->to) > 0)
			continue;
		int rc = add_item(p, item_of_file(WB_APPLY, item.migration, NULL));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int plan_up(struct planner *p)
{
	const struct wb_migration *base = baseline_file(p);
	int rc = add_unfinished(p);
	if (rc == 0)
		rc = add_reverted_again(p);
	if (rc == 0 && base) {
		p->baseline = p->w->target = base->version;
		rc = add_item(p, item_of_file(WB_APPLY, base, wb_journal_find(p->j, base->sort_key)));
	}
	bool stopped = false;
	if (rc == 0) {
		rc = add_versioned(p);
		stopped = rc > 0;
	}
	if (rc >= 0 && !stopped && !p->o->to)
		rc = add_repeatables(p);
	return rc < 0 ? rc : 0;
}

/* ---- down ------------------------------------------------------------------------- */

/* Of one without a down part: why its undo could not be found. */
static int irreversible(struct planner *p, const struct wb_record *r, const struct wb_migration *m, const char *why)
{
	bool base = r->state == WB_STATE_BASELINE || r->kind == WB_MIG_BASELINE;
	wb_err_set(p->err, WB_EIRREVERSIBLE,
		   base  ? "%s is a baseline: there is nothing to revert"
		   : why ? "migration %s has no down part, and cannot be undone without one"
			 : "migration %s has no down part and none is stored",
		   r->version);
	if (why && !base)
		wb_err_detail(p->err, "%s", why);
	wb_err_hint(p->err,
		    base ? "stop before it with --to %s"
			 : "write a `-- migrate:down` section (or a .down.sql / U file) for %s, "
			   "or go back with a backup",
		    r->version);
	if (m)
		wb_err_place(p->err, m->file, 0, 0);
	return WB_EIRREVERSIBLE;
}

/* Its file went into a baseline: once reverted, nothing here could apply it again. */
static int squashed(struct planner *p, const struct wb_record *r)
{
	const struct wb_migration *base = NULL;
	size_t n = p->t->source && wb_version_orders(r->version) ? p->t->source->n : 0;
	for (size_t i = 0; i < n && !base; i++) {
		const struct wb_migration *m = p->t->source->v[i];
		if (m->kind == WB_MIG_BASELINE && wb_version_cmp(r->version, m->version) <= 0)
			base = m;
	}
	if (!base)
		return 0;
	wb_err_set(p->err, WB_EIRREVERSIBLE, "migration %s is part of baseline %s: nothing here could apply it again",
		   r->version, base->version);
	wb_err_hint(p->err,
		    "stop at %s with --to; or check out the commit before the files were squashed, and go down "
		    "there",
		    base->version);
	wb_err_place(p->err, base->file, 0, 0);
	return WB_EIRREVERSIBLE;
}

static const char reason_mark[] = "no undo: ";

/* Nothing is stored, as of one that was applied by an earlier release: a text that only makes and renames tells its
 * undo by itself. *ret_script stays NULL where it does not. */
static int infer(struct planner *p, const struct wb_record *r, const struct wb_migration *m,
		 struct wb_script **ret_script, const char **ret_why)
{
	struct wb_script_options o = { .mode = WB_TRANSACTION_FILE, .undo = true };
	struct wb_script *up = NULL;
	char name[192];
	if (!r->has_checksum || memcmp(r->checksum, m->checksum, 32))
		return 0;
	int rc = wb_script_of_migration(p->t, m, WB_UP_SECTIONS, &o, &up, p->err);
	if (rc < 0 || !up->undo) {
		wb_script_free(up);
		return rc;
	}
	const struct wb_undo *u = &up->undo->draft;
	o.undo = false;
	o.inferred = true;
	snprintf(name, sizeof(name), "<inferred undo of %s>", r->version);
	if (u->way == WB_UNDO_TEXT)
		rc = wb_script_of_text(p->t, name, wb_str_sv(&up->undo->text), &o, ret_script, p->err);
	else if (rc == 0)
		*ret_why = u->why ? wb_undo_reason(u, &p->w->arena)
				  : "it was applied when nobody looked at the schema before it";
	bool lost = rc == 0 && u->why && !*ret_why;
	wb_script_free(up);
	return lost ? wb_err_nomem(p->err) : rc;
}

static int add_inferred(struct planner *p, const struct wb_record *r, const struct wb_migration *m,
			struct wb_work_item item)
{
	const char *why = NULL;
	int rc = 0;
	if (r->reason && wb_sv_starts(wb_sv_str(r->reason), reason_mark))
		why = r->reason + strlen(reason_mark);
	else if (m && r->kind == WB_MIG_VERSIONED)
		rc = infer(p, r, m, &item.script, &why);
	if (rc < 0)
		return rc;
	if (!item.script)
		return irreversible(p, r, m, why);
	item.down_source = "inferred";
	rc = add_item(p, item);
	if (rc < 0)
		wb_script_free(item.script);
	return rc;
}

static int add_revert(struct planner *p, const struct wb_record *r)
{
	const struct wb_migration *m = wb_target_file(p->t, r);
	struct wb_work_item item = item_of_record(WB_REVERT, r, m);
	if (r->state == WB_STATE_BASELINE || r->kind == WB_MIG_BASELINE)
		return irreversible(p, r, m, NULL);
	if (!(m && m->has_down) && !r->has_down)
		return add_inferred(p, r, m, item);
	int rc = m ? 0 : squashed(p, r);
	if (rc < 0)
		return rc;
	item.down_source = m && m->has_down ? "file" : "stored";
	return add_item(p, item);
}

static bool reverts(const struct wb_work *w, const char *key, struct wb_arena *a)
{
	for (size_t i = 0; i < w->items.n; i++) {
		const char *k =
			w->items.v[i].record ? w->items.v[i].record->key : wb_version_key(a, w->items.v[i].version);
		if (k && !strcmp(k, key))
			return true;
	}
	return false;
}

static int check_dependant(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct planner *p = user;
	char *child = wb_arena_sv(&p->w->arena, row->v[0]), *parent = wb_arena_sv(&p->w->arena, row->v[1]);
	char *child_key = child ? wb_version_key(&p->w->arena, child) : NULL;
	char *parent_key = parent ? wb_version_key(&p->w->arena, parent) : NULL;
	if (!child_key || !parent_key)
		return wb_err_nomem(err);
	const struct wb_record *r = wb_journal_find(p->j, child_key);
	if (!r || !wb_record_is_done(r) || !reverts(p->w, parent_key, &p->w->arena) ||
	    reverts(p->w, child_key, &p->w->arena))
		return 0;
	wb_err_set(err, WB_EREFUSED, "migration %s depends on %s, which would be reverted under it", child, parent);
	wb_err_hint(err, "revert %s first", child);
	return WB_EREFUSED;
}

static int check_dependants(struct planner *p)
{
	struct wb_value project = wb_v_text(p->t->project);
	if (!p->w->items.n)
		return 0;
	return wb_query_named(p->t->conn, WB_SQL_DEPENDENCY_LIST, &project, 1, check_dependant, p, NULL, p->err);
}

static int64_t rank_to_keep(struct planner *p, int *ret_rc)
{
	*ret_rc = 0;
	if (!p->to || !strcmp(p->to, "0"))
		return 0;
	char *key = wb_version_key(&p->w->arena, p->to);
	const struct wb_record *r = key ? wb_journal_find(p->j, key) : NULL;
	if (r && is_versioned_done(r))
		return r->rank;
	*ret_rc = key ? wb_err_set(p->err, WB_ENOTFOUND,
				   "migration %s is not applied, so nothing can be reverted down to it", p->to)
		      : wb_err_nomem(p->err);
	wb_err_hint(p->err, "`whimbrel status` lists what is applied; --to 0 reverts everything");
	return 0;
}

/* What it did so far is unknown to its down part, and the ones before it may not go from under it. */
static int check_halves(struct planner *p)
{
	for (size_t i = 0; i < p->j->n; i++) {
		const struct wb_record *r = &p->j->v[i];
		if (!wb_record_is_half(r) || r->down || r->kind == WB_MIG_REPEATABLE)
			continue;
		wb_err_set(p->err, WB_EREFUSED,
			   "migration %s is applied half way, %lld of %lld statements: nothing can be reverted now",
			   r->version, (long long)r->statements_done, (long long)r->statements_total);
		wb_err_detail(p->err, "%s", r->error ? r->error : "");
		wb_err_hint(p->err, "mend its file and run `whimbrel up`, which goes on where it stopped; then revert");
		if (p->err)
			(void)wb_sv_copy(wb_sv_str(r->version), p->err->version, sizeof(p->err->version));
		return WB_EREFUSED;
	}
	return 0;
}

static int plan_down(struct planner *p)
{
	int rc = check_halves(p);
	if (rc == 0)
		rc = add_unfinished(p);
	int64_t limit = p->o->steps ? p->o->steps : p->o->to ? INT64_MAX : 1;
	int64_t keep = 0;
	if (rc == 0)
		keep = rank_to_keep(p, &rc);
	limit -= (int64_t)p->w->items.n; /* finishing a revert counts as one */
	for (size_t i = p->j->n; rc == 0 && i-- > 0 && limit > 0;) {
		const struct wb_record *r = &p->j->v[i];
		if (!is_versioned_done(r) || wb_record_is_half(r) || r->rank <= keep)
			continue;
		rc = add_revert(p, r);
		limit--;
	}
	return rc < 0 ? rc : check_dependants(p);
}

/* ---- both ---------------------------------------------------------------------------- */

void wb_work_digest(struct wb_work *w)
{
	struct wb_sha256 h;
	unsigned char sum[32];
	wb_sha256_init(&h);
	for (size_t i = 0; i < w->items.n; i++) {
		const struct wb_work_item *item = &w->items.v[i];
		const char *action = wb_action_name(item->action);
		wb_sha256_add(&h, action, strlen(action) + 1);
		wb_sha256_add(&h, item->version, strlen(item->version) + 1);
		bool down = item->action == WB_REVERT || item->action == WB_RESUME_DOWN;
		if (item->migration)
			wb_sha256_add(&h, down ? item->migration->down_checksum : item->migration->checksum, 32);
	}
	wb_sha256_final(&h, sum);
	wb_checksum_text(sum, w->digest);
}

static const char *newest_but(const struct wb_journal *j, const struct wb_map *reverted)
{
	const char *version = NULL;
	for (size_t i = 0; i < j->n; i++) {
		const struct wb_record *r = &j->v[i];
		if (r->kind == WB_MIG_REPEATABLE || !wb_record_is_done(r) ||
		    wb_map_get(reverted, wb_sv_str(r->version)))
			continue;
		if (!version || wb_version_cmp(r->version, version) > 0)
			version = r->version;
	}
	return version;
}

/* The newest version that stays applied; NULL: none does. */
static int find_what_stays(struct planner *p)
{
	struct wb_map reverted = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < p->w->items.n; i++) {
		struct wb_work_item *item = &p->w->items.v[i];
		rc = wb_map_put(&reverted, wb_sv_str(item->version), item) ? 0 : wb_err_nomem(p->err);
	}
	if (rc == 0)
		p->w->target = newest_but(p->j, &reverted);
	wb_map_done(&reverted);
	return rc;
}

int wb_work_make(const struct wb_target *t, const struct wb_journal *j, const struct wb_plan_options *o,
		 struct wb_work *ret_work, struct wb_error *err)
{
	struct wb_work w = { .arena = WB_ARENA_INIT, .down = o->down };
	struct planner p = { .t = t, .j = j, .o = o, .w = &w, .err = err };
	find_current(&p);
	int rc = check_target(&p);
	if (rc == 0)
		rc = o->down ? plan_down(&p) : plan_up(&p);
	if (rc == 0 && !w.target)
		w.target = o->down ? p.to : w.current;
	if (rc == 0 && !w.target && o->down)
		rc = find_what_stays(&p);
	if (rc < 0) {
		wb_work_done(&w);
		return rc;
	}
	wb_work_digest(&w);
	*ret_work = w;
	return 0;
}

void wb_work_done(struct wb_work *w)
{
	for (size_t i = 0; i < w->items.n; i++)
		wb_script_free(w->items.v[i].script);
	wb_vec_done(&w->items);
	wb_arena_done(&w->arena);
}

/* ---- their statements ---------------------------------------------------------------- */

#define KEEP_TOTAL (24u << 20)

struct stored {
	struct wb_str text;
	bool found;
	const char *direction; /* of the steps that are meant */
};

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct stored *s = user;
	s->found = row->v[0].p != NULL;
	wb_str_addsv(&s->text, row->v[0]);
	return s->text.failed ? wb_err_nomem(err) : 0;
}

/* Texts of steps, joined again: splitting them gives the same statements. */
static int take_step(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct stored *s = user;
	enum { STEP_DIRECTION = 1, STEP_SQL = 6 };
	if (row->n <= STEP_SQL)
		return wb_err_set(err, WB_EBUG, "step_list gives %d columns", row->n);
	if (!wb_sv_eq(row->v[STEP_DIRECTION], wb_sv_str(s->direction)))
		return 0;
	s->found = true;
	wb_str_addsv(&s->text, row->v[STEP_SQL]);
	wb_str_add(&s->text, ";\n");
	return s->text.failed ? wb_err_nomem(err) : 0;
}

static int stored_script(const struct wb_target *t, struct wb_work_item *item, struct wb_script_options *o,
			 struct wb_error *err)
{
	struct stored s = { .text = WB_STR_INIT, .direction = item->action == WB_RESUME_DOWN ? "down" : "up" };
	bool steps = item->action == WB_RESUME_UP || item->action == WB_RESUME_DOWN;
	struct wb_value p[] = { wb_v_text(t->project), wb_v_text(item->version) };
	int rc = wb_query_named(t->conn, steps ? WB_SQL_STEP_LIST : WB_SQL_MIGRATION_TEXT, p, 2,
				steps ? take_step : take_text, &s, NULL, err);
	if (rc == 0 && !s.found) {
		rc = wb_err_set(err, WB_ESTATE, "neither file nor journal has the statements of migration %s",
				item->version);
		wb_err_hint(err, "bring its file back");
	}
	char name[192];
	snprintf(name, sizeof(name), "<stored text of %s>", item->version);
	o->each = wb_sv_starts(wb_str_sv(&s.text), WB_STORED_EACH);
	if (wb_sv_starts(wb_str_sv(&s.text), WB_STORED_INFERRED))
		item->down_source = "inferred";
	o->inferred = item->action == WB_RESUME_DOWN || (item->down_source && !strcmp(item->down_source, "inferred"));
	if (rc == 0)
		rc = wb_script_of_text(t, name, wb_str_sv(&s.text), o, &item->script, err);
	o->each = false;
	o->inferred = false;
	wb_str_done(&s.text);
	/* Of a long migration only some statements have a row. */
	if (rc == 0 && steps && item->script->n != item->record->statements_total) {
		rc = wb_err_set(err, WB_ESTATE,
				"the journal does not hold every statement of migration %s, and its file is gone",
				item->version);
		wb_err_hint(err, "bring its file back");
	}
	return rc;
}

int wb_work_script(const struct wb_target *t, struct wb_work_item *item, struct wb_script_options *o,
		   struct wb_error *err)
{
	bool down = item->action == WB_REVERT || item->action == WB_RESUME_DOWN;
	const struct wb_migration *m = item->migration;
	if (!m || (down && !m->has_down))
		return stored_script(t, item, o, err);
	return wb_script_of_migration(t, m, down ? 1u << WB_SEC_DOWN : WB_UP_SECTIONS, o, &item->script, err);
}

int wb_work_scripts(const struct wb_target *t, struct wb_work *w, const struct wb_plan_options *o, struct wb_error *err)
{
	size_t budget = KEEP_TOTAL;
	struct wb_script_options so = { .keep_budget = &budget };
	for (size_t i = 0; i < w->items.n; i++) {
		/* What was begun in steps is finished in steps. */
		bool begun = w->items.v[i].action == WB_RESUME_UP || w->items.v[i].action == WB_RESUME_DOWN;
		so.mode = begun ? WB_TRANSACTION_FILE : o->transaction;
		so.undo = true;
		int rc = w->items.v[i].script ? 0 : wb_work_script(t, &w->items.v[i], &so, err);
		if (rc < 0) {
			if (err && !*err->version)
				(void)wb_sv_copy(wb_sv_str(w->items.v[i].version), err->version, sizeof(err->version));
			return rc;
		}
	}
	return 0;
}
