/* SPDX-License-Identifier: Apache-2.0
 *
 * What rules ask of a live database, answered by the conditions that facts about
 * locks depend on.
 */
#include "safety/lint.h"

#include "safety/facts.h"

static enum wb_tri no(enum wb_tri t)
{
	return t == WB_UNKNOWN ? t : t == WB_YES ? WB_NO : WB_YES;
}

static enum wb_tri unique_index(const struct wb_relation *r)
{
	if (!wb_relation_known(r))
		return WB_UNKNOWN;
	for (size_t i = 0; i < r->indexes.n; i++) {
		const struct wb_relation *ix = r->indexes.v[i];
		const char *text = ix->text;
		if (!(ix->flags & WB_REL_PARTIAL) && (!text || strstr(text, "UNIQUE")))
			return text ? WB_YES : WB_UNKNOWN;
	}
	return WB_NO;
}

static enum wb_tri used(const struct wb_world *w, struct wb_name type)
{
	const struct wb_world_type *t = wb_world_type(w, type);
	return t ? wb_tri(t->users.n) : WB_UNKNOWN;
}

static enum wb_tri idle(const struct wb_judging *j)
{
	bool adds = j->op->code == WB_OP_COLUMN_ADD || j->op->code == WB_OP_INDEX_CREATE;
	return wb_tri(wb_is_idle(j) ||
		      (adds && j->op->flags & WB_WITH_IF_EXISTS && wb_cond_holds(j, WB_COND_THERE) == WB_YES));
}

enum wb_tri wb_world_ask(struct wb_world *w, enum wb_question q, const struct wb_operation *op)
{
	struct wb_judging j;
	enum wb_tri t;
	wb_judging_begin(&j, w, op);
	switch (q) {
	case WB_ASK_VOLATILE:
		return wb_cond_holds(&j, WB_COND_VOLATILE);
	case WB_ASK_REWRITES:
		return no(wb_cond_holds(&j, WB_COND_RELABEL));
	case WB_ASK_NOT_NULL:
		t = wb_cond_holds(&j, WB_COND_NOT_NULL);
		return t == WB_YES ? t : wb_cond_holds(&j, WB_COND_IMPLIED);
	case WB_ASK_KEY_NOT_NULL:
		return wb_cond_holds(&j, WB_COND_KEY_NOT_NULL);
	case WB_ASK_UNIQUE_INDEX:
		return unique_index(wb_world_find(w, op->object));
	case WB_ASK_PARTITIONED:
		return wb_cond_holds(&j, WB_COND_PARTITIONED);
	case WB_ASK_PARTITION:
		return wb_cond_holds(&j, WB_COND_PARTITION);
	case WB_ASK_BOUND_IMPLIED:
		return wb_cond_holds(&j, WB_COND_BOUND_IMPLIED);
	case WB_ASK_CHECKED:
		return wb_cond_holds(&j, WB_COND_CHECKED);
	case WB_ASK_SAME:
		return wb_cond_holds(&j, WB_COND_SAME);
	case WB_ASK_USED:
		return used(w, op->object);
	case WB_ASK_IDLE:
		return idle(&j);
	default:
		return WB_UNKNOWN;
	}
}

int64_t wb_world_rows(const struct wb_world *w, const struct wb_name *table)
{
	const struct wb_relation *r = wb_world_find(w, *table);
	return r ? r->rows : -1;
}

/* Judged in a world that knows nothing: what is certain there is certain anywhere. */
static int judge_text(struct wb_look *l, const struct wb_lint_stmt *st, struct wb_lint_lock *ret, struct wb_error *err)
{
	struct wb_world *w = wb_world_new();
	struct wb_effect e = { 0 };
	int rc = w ? 0 : wb_err_nomem(err);
	if (rc == 0) {
		w->dialect = l->run->driver->dialect;
		rc = wb_judge_all(w, &st->ops, &e, err);
	}
	for (size_t i = 0; rc == 0 && i < e.touches.n; i++) {
		const struct wb_touch *t = &e.touches.v[i];
		enum wb_blocks blocks = wb_lock_blocks(t->lock_max);
		if (!t->made && blocks > ret->blocks && t->name.name && !wb_is_new(l, &t->name))
			*ret = (struct wb_lint_lock){ blocks, wb_lock_name(t->lock_max), wb_shown(l, &t->name) };
	}
	wb_effect_done(&e);
	wb_world_free(w);
	return rc;
}

struct wb_lint_lock wb_lint_locks(struct wb_look *l, const struct wb_lint_stmt *st)
{
	struct wb_lint_lock lock = { .blocks = WB_BLOCKS_NONE };
	struct wb_error err;
	l->run->failed |= judge_text(l, st, &lock, &err) < 0;
	return lock;
}

static void tell_locked(struct wb_look *l, const struct wb_touch *t, const char *what)
{
	bool reads = wb_lock_blocks(t->lock) == WB_BLOCKS_READS;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &t->name, WB_LINT_ERROR), "%s to %s%s wait while it is %s",
			   reads ? "reads and writes" : "writes", wb_shown(l, &t->name), wb_size(l, &t->name), what);
	wb_hint(l, f, "the lock is %s; `whimbrel plan` tells for how long", wb_lock_name(t->lock));
}

static void tell_lite(struct wb_look *l, const struct wb_name *table, const char *what)
{
	struct wb_lint_finding *f = wb_find_at(l, wb_by_size(l, table, WB_LINT_WARNING),
					       "nobody else writes to the database while %s%s is %s",
					       wb_shown(l, table), wb_size(l, table), what);
	wb_hint(l, f, "SQLite has one writer; readers go on in WAL mode; `whimbrel plan` tells for how long");
}

void wb_lint_blocking(struct wb_look *l, const struct wb_effect *e)
{
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		unsigned work = t->work & (WB_WORK_SCAN | WB_WORK_REWRITE | WB_WORK_INDEX);
		enum wb_blocks blocks = wb_lock_blocks(t->lock);
		if (t->made || !work || blocks == WB_BLOCKS_NONE || !t->name.name)
			continue;
		const char *what = work & WB_WORK_REWRITE ? "written anew"
				   : work & WB_WORK_INDEX ? "indexed"
							  : "read from end to end";
		if (wb_is_lite(l))
			tell_lite(l, &t->name, what);
		else
			tell_locked(l, t, what);
		return;
	}
}
