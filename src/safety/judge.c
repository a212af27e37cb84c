/* SPDX-License-Identifier: Apache-2.0
 *
 * Picks the facts that hold for an operation and lays them on the relations of
 * the world. A fact that may or may not hold is no answer: what it and the ones
 * after it have in common is certain, the rest is possible.
 */
#include "safety/facts.h"

#include <stdlib.h>

#include "base/banned.h"

static const char *const lock_names[] = {
	"",      "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
	"SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"
};
_Static_assert(WB_ARRAY_LEN(lock_names) == WB_LOCK_COUNT, "a name for each lock");

const char *wb_lock_name(enum wb_lock lock)
{
	return lock_names[lock];
}

const char *wb_lock_text(enum wb_dialect dialect, enum wb_lock lock)
{
	if (dialect == WB_DIALECT_SQLITE)
		return lock >= WB_LOCK_SHARE ? "WRITE" : "";
	return wb_lock_name(lock);
}

enum wb_blocks wb_lock_blocks(enum wb_lock lock)
{
	return lock == WB_LOCK_ACCESS_EXCLUSIVE ? WB_BLOCKS_READS
	       : lock >= WB_LOCK_SHARE          ? WB_BLOCKS_WRITES
						: WB_BLOCKS_NONE;
}

const char *wb_blocks_name(enum wb_blocks blocks)
{
	static const char *const names[] = { "none", "writes", "reads" };

	return names[blocks];
}

void wb_effect_done(struct wb_effect *e)
{
	wb_vec_done(&e->touches);
}

/* ---- which rows hold ------------------------------------------------------------------ */

static const char *conditions[] = {
#define X(id, text) text,
	WB_COND_MAP(X)
#undef X
};

const char *wb_cond_text(enum wb_cond cond)
{
	return conditions[cond];
}

/* What one part of the facts says, and what all parts say together. */
struct laying {
	struct wb_judging judging;
	struct wb_effect *effect; /* of the operation */
	struct wb_touches row, part; /* of one fact, of those of one part so far */
	unsigned rows; /* of the part that may hold */
	enum wb_lock open_lock; /* the strongest on relations that the world does not know */
	unsigned open_work;
	uint32_t asked; /* conditions that are open */
	bool ties; /* relations are missing */
	bool nomem;
};

static enum wb_tri and (enum wb_tri a, enum wb_tri b) {
	return a == WB_NO || b == WB_NO     ? WB_NO
	       : a == WB_YES && b == WB_YES ? WB_YES
					    : WB_UNKNOWN;
}

static enum wb_tri words_hold(const struct wb_fact *f, const struct wb_operation *op)
{
	if ((op->flags & f->with) != f->with || op->flags & f->without)
		return WB_NO;
	if (f->kinds && (op->kind == WB_KIND_COUNT || !(f->kinds & UINT64_C(1) << op->kind)))
		return WB_NO;
	return wb_tri(!f->expr || (op->expr && wb_sv_ieq(wb_sv_str(op->expr), f->expr)));
}

/* What is said of an old version may not hold; what a newer one brought is there, or the statement could not be. */
static enum wb_tri version_holds(const struct wb_fact *f, int version)
{
	if (!version)
		return f->until ? WB_UNKNOWN : WB_YES;
	return wb_tri((!f->since || version / 10000 >= f->since) && (!f->until || version / 10000 <= f->until));
}

static enum wb_tri holds(struct laying *l, const struct wb_fact *f)
{
	enum wb_tri all = and(words_hold(f, l->judging.op), version_holds(f, l->judging.world->server_version));
	uint32_t open = 0;

	for (unsigned i = 0; all != WB_NO && i < WB_COND_COUNT; i++) {
		if (!((f->when | f->unless) & 1u << i))
			continue;
		enum wb_tri is = wb_cond_holds(&l->judging, (enum wb_cond)i);
		if (is == WB_UNKNOWN)
			open |= 1u << i;
		else if (f->unless & 1u << i)
			is = is == WB_YES ? WB_NO : WB_YES;
		all = and(all, is);
	}
	if (all == WB_UNKNOWN)
		l->asked |= open;
	return all;
}

/* ---- laying them on relations ----------------------------------------------------------- */

static bool same_name(struct wb_name a, struct wb_name b)
{
	return !strcmp(a.name, b.name) &&
	       (a.schema == b.schema || (a.schema && b.schema && !strcmp(a.schema, b.schema)));
}

/* The same relation among those of v, or n. */
static size_t place_of(const struct wb_touch *v, size_t n, const struct wb_touch *t)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (t->relation ? v[i].relation == t->relation : !v[i].relation && same_name(v[i].name, t->name))
			break;
	return i;
}

/* Within one row, and within the whole: both hold. */
static void strengthen(struct laying *l, struct wb_touches *v, struct wb_touch t)
{
	size_t i = place_of(v->v, v->n, &t);

	if (i == v->n) {
		l->nomem |= !wb_vec_push(v, t);
		return;
	}
	struct wb_touch *u = &v->v[i];
	u->lock = t.lock > u->lock ? t.lock : u->lock;
	u->lock_max = t.lock_max > u->lock_max ? t.lock_max : u->lock_max;
	u->work |= t.work;
	u->work_max |= t.work_max;
}

/* Of two rows either holds: certain is what both say, of a touch that only one knows nothing. */
static void weaken(struct wb_touch *u, const struct wb_touch *t)
{
	u->lock = t ? (t->lock < u->lock ? t->lock : u->lock) : WB_LOCK_NONE;
	u->work &= t ? t->work : 0;
	if (!t)
		return;
	u->lock_max = t->lock_max > u->lock_max ? t->lock_max : u->lock_max;
	u->work_max |= t->work_max;
}

static void end_row(struct laying *l)
{
	for (size_t i = 0; i < l->part.n; i++) {
		size_t k = place_of(l->row.v, l->row.n, &l->part.v[i]);

		weaken(&l->part.v[i], k < l->row.n ? &l->row.v[k] : NULL);
	}
	for (size_t i = 0; i < l->row.n; i++) {
		if (place_of(l->part.v, l->part.n, &l->row.v[i]) < l->part.n)
			continue;
		if (l->rows > 1)
			weaken(&l->row.v[i], NULL);
		l->nomem |= !wb_vec_push(&l->part, l->row.v[i]);
	}
	l->row.n = 0;
}

static void touch(struct laying *l, struct wb_touch t)
{
	if (t.relation && t.relation->flags & WB_REL_PARTITIONED)
		t.work = t.work_max = 0; /* has no storage */
	strengthen(l, &l->row, t);
}

static void lay(struct laying *l, enum wb_role role, enum wb_lock lock, unsigned work)
{
	struct wb_relations players = { 0 };
	struct wb_name name = { 0 };
	bool complete = true;
	struct wb_touch t = {
		.role = wb_role_name(role), .lock = lock, .lock_max = lock, .work = work, .work_max = work
	};

	l->nomem |= !wb_role_players(&l->judging, role, &players, &name, &complete);
	for (size_t i = 0; i < players.n; i++) {
		t.relation = players.v[i];
		t.name = players.v[i]->name;
		t.made = players.v[i]->flags & (WB_REL_MADE | WB_REL_TEMPORARY);
		touch(l, t);
	}
	if (name.name) {
		t.relation = NULL;
		t.name = name;
		t.made = false;
		touch(l, t);
	}
	if (!complete) {
		l->ties = true;
		l->effect->flags |= WB_EFFECT_MORE;
		l->open_lock = lock > l->open_lock ? lock : l->open_lock;
		l->open_work |= work;
	}
	wb_vec_done(&players);
}

static enum wb_tri partitioned(const struct laying *l)
{
	return wb_cond_holds(&l->judging, WB_COND_PARTITIONED);
}

static void lay_fact(struct laying *l, const struct wb_fact *f)
{
	l->rows++;
	if (!l->effect->fact)
		l->effect->fact = f;
	for (size_t i = 0; i < WB_ARRAY_LEN(f->on) && f->on[i].role; i++) {
		const struct wb_on *on = &f->on[i];

		lay(l, on->role, on->lock, on->work);
		if (on->role == WB_ROLE_TABLE &&
		    (f->flags & WB_FACT_DEEP || (f->flags & WB_FACT_PARTS && partitioned(l) != WB_NO)))
			lay(l, WB_ROLE_CHILDREN, on->lock, on->work);
	}
	end_row(l);
	l->effect->flags |= f->flags & (WB_FACT_WAITS | WB_FACT_PHASES | WB_FACT_MORE);
	if (f->flags & WB_FACT_UNKNOWN) {
		l->effect->flags |= WB_EFFECT_MORE;
		l->open_lock = WB_LOCK_ACCESS_EXCLUSIVE;
		l->open_work = WB_WORK_SCAN | WB_WORK_REWRITE | WB_WORK_INDEX | WB_WORK_EMPTY;
		l->effect->unknown = f->unproved;
	}
}

/* certain: one of the rows that were laid does hold. */
static void end_part(struct laying *l, bool certain)
{
	for (size_t i = 0; i < l->part.n; i++) {
		struct wb_touch *t = &l->part.v[i];

		if (!certain)
			weaken(t, NULL);
		strengthen(l, &l->effect->touches, *t);
	}
	l->part.n = 0;
	l->rows = 0;
}

/* ---- the sum ------------------------------------------------------------------------------ */

static enum wb_tri done(unsigned certain, unsigned possible, unsigned bits)
{
	return certain & bits ? WB_YES : possible & bits ? WB_UNKNOWN : WB_NO;
}

static void add_size(int64_t *sum, int64_t n)
{
	*sum = *sum < 0 || n < 0 ? -1 : *sum + n;
}

static void add_sizes(struct wb_effect *e, const struct wb_touch *t)
{
	const struct wb_relation *r = t->relation;
	bool known = r && !(r->flags & WB_REL_FILLED);
	int64_t bytes = known ? r->bytes : -1, index_bytes = known ? r->index_bytes : -1, rows = known ? r->rows : -1;

	if (!(t->work_max & (WB_WORK_SCAN | WB_WORK_REWRITE | WB_WORK_INDEX | WB_WORK_COPY)))
		return;
	add_size(&e->rows, rows);
	add_size(&e->bytes_read, bytes);
	if (t->work_max & WB_WORK_REWRITE) {
		add_size(&e->bytes_written, bytes);
		add_size(&e->bytes_written, index_bytes);
	} else if (t->work_max & WB_WORK_COPY) {
		add_size(&e->bytes_written, bytes);
	} else if (t->work_max & WB_WORK_INDEX) {
		add_size(&e->bytes_written, rows < 0 ? -1 : rows * 24); /* a pointer, a header and a small key */
	}
}

/* To copy an index is to build it: no table is read or written. */
static unsigned of_table(const struct wb_touch *t, unsigned work)
{
	return t->relation && t->relation->kind == WB_KIND_INDEX ? 0 : work;
}

static void sum_up(struct wb_effect *e, enum wb_lock open_lock, unsigned open_work)
{
	const unsigned reads = WB_WORK_SCAN | WB_WORK_REWRITE | WB_WORK_INDEX | WB_WORK_COPY;
	unsigned work = 0, work_max = open_work;

	e->lock = e->lock_max = WB_LOCK_NONE;
	e->rows = e->bytes_read = e->bytes_written = open_work ? -1 : 0;
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];

		add_sizes(e, t);
		if (t->made)
			continue;
		e->lock = t->lock > e->lock ? t->lock : e->lock;
		e->lock_max = t->lock_max > e->lock_max ? t->lock_max : e->lock_max;
		work |= of_table(t, t->work);
		work_max |= of_table(t, t->work_max);
	}
	e->lock_max = open_lock > e->lock_max ? open_lock : e->lock_max;
	e->blocks_writes = e->lock >= WB_LOCK_SHARE ? WB_YES : e->lock_max >= WB_LOCK_SHARE ? WB_UNKNOWN : WB_NO;
	e->blocks_reads = e->lock == WB_LOCK_ACCESS_EXCLUSIVE       ? WB_YES
			  : e->lock_max == WB_LOCK_ACCESS_EXCLUSIVE ? WB_UNKNOWN
								    : WB_NO;
	e->rewrites = done(work, work_max, WB_WORK_REWRITE | WB_WORK_COPY);
	e->scans = done(work, work_max, reads);
	e->indexes = done(work, work_max, WB_WORK_INDEX | WB_WORK_REWRITE);
}

static void tell_unknown(struct laying *l)
{
	wb_autostr why = WB_STR_INIT;

	for (unsigned i = 0; i < WB_COND_COUNT; i++)
		if (l->asked & 1u << i)
			wb_str_addf(&why, "%swhether %s", why.n ? ", " : "", conditions[i]);
	if (l->ties)
		wb_str_addf(&why, "%swhich partitions, children, indexes and foreign keys there are",
			    why.n ? ", " : "");
	if (!why.n || l->effect->unknown)
		return;
	l->effect->unknown = why.failed ? NULL : wb_arena_str(&l->judging.world->arena, why.p);
	l->nomem |= !l->effect->unknown;
}

/* The rows of one operation stand together. */
static const struct wb_fact *rows_of(const struct laying *l, size_t *ret_n)
{
	static const struct {
		const struct wb_fact *v;
		const size_t *n;
	} tables[] = {
		[WB_DIALECT_POSTGRES] = { wb_facts_postgres, &wb_facts_postgres_n },
		[WB_DIALECT_SQLITE] = { wb_facts_sqlite, &wb_facts_sqlite_n },
	};
	const struct wb_fact *v = tables[l->judging.world->dialect].v;
	size_t n = *tables[l->judging.world->dialect].n, from = 0, to;

	while (from < n && v[from].op != l->judging.op->code)
		from++;
	for (to = from; to < n && v[to].op == l->judging.op->code;)
		to++;
	*ret_n = to - from;
	return v + from;
}

static void lay_part(struct laying *l, int part, const struct wb_fact *v, size_t n)
{
	bool certain = false;

	for (size_t i = 0; !certain && i < n; i++) {
		const struct wb_fact *f = &v[i];
		enum wb_tri is = f->part == part ? holds(l, f) : WB_NO;

		if (is != WB_NO)
			lay_fact(l, f);
		certain = is == WB_YES;
	}
	if (part == 0 && !l->rows && !l->effect->unknown)
		l->effect->unknown = l->judging.world->dialect == WB_DIALECT_SQLITE
					     ? "what this does to others"
					     : "what this does on this version of the server";
	end_part(l, certain);
}

/* A query of several tables, or one that the text does not tell about. */
static bool reads_unnamed(const struct wb_judging *j)
{
	const struct wb_operation *op = j->op;
	if (op->code == WB_OP_MATVIEW_REFRESH)
		return j->object && j->object->flags & WB_REL_MADE && !j->object->table;
	bool query = op->code == WB_OP_SELECT || op->code == WB_OP_INSERT || op->code == WB_OP_TABLE_CREATE_AS;
	return query && op->reach != WB_REACH_NONE && !wb_read_by(op).name && !(op->flags & WB_WITH_NO_DATA);
}

/* Of a column that is there already, nothing. */
static bool nothing_added(const struct wb_judging *j)
{
	return j->op->code == WB_OP_COLUMN_ADD && j->op->flags & WB_WITH_IF_EXISTS &&
	       wb_cond_holds(j, WB_COND_THERE) == WB_YES;
}

static void judge(struct laying *l)
{
	size_t n;
	const struct wb_fact *v = rows_of(l, &n);

	for (int part = 0; part <= (nothing_added(&l->judging) ? 0 : 3); part++)
		lay_part(l, part, v, n);
	if (l->judging.table && l->judging.table->flags & WB_REL_HYPERTABLE) {
		l->effect->flags |= WB_EFFECT_MORE;
		l->effect->unknown = "what TimescaleDB does to the chunks of the hypertable";
	}
	if (reads_unnamed(&l->judging)) {
		l->open_work |= WB_WORK_SCAN;
		l->effect->flags |= WB_EFFECT_MORE;
		l->effect->unknown = "what its query reads";
	}
	tell_unknown(l);
	sum_up(l->effect, l->open_lock, l->open_work);
}

int wb_judge(struct wb_world *w, const struct wb_operation *op, struct wb_effect *ret_effect, struct wb_error *err)
{
	struct wb_effect e = { 0 };
	struct laying l = { .effect = &e };

	wb_judging_begin(&l.judging, w, op);
	bool idle = wb_is_idle(&l.judging);
	if (idle)
		sum_up(&e, WB_LOCK_NONE, 0);
	else
		judge(&l);
	wb_vec_done(&l.part);
	wb_vec_done(&l.row);
	if (l.nomem || (!idle && !wb_evolve(&l.judging))) {
		wb_effect_done(&e);
		return wb_err_nomem(err);
	}
	*ret_effect = e;
	return 0;
}

/* ---- whole statements ----------------------------------------------------------------------- */

static bool join(struct wb_effect *all, const struct wb_effect *e, enum wb_lock *open_lock, unsigned *open_work)
{
	struct laying l = { 0 };
	enum wb_lock seen = WB_LOCK_NONE;

	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];

		strengthen(&l, &all->touches, *t);
		seen = t->lock_max > seen && !t->made ? t->lock_max : seen;
	}
	if (e->lock_max > seen && e->lock_max > *open_lock)
		*open_lock = e->lock_max;
	if (e->flags & WB_EFFECT_MORE)
		*open_work |= (e->rewrites == WB_UNKNOWN ? WB_WORK_REWRITE : 0u) |
			      (e->scans == WB_UNKNOWN ? WB_WORK_SCAN : 0u) |
			      (e->indexes == WB_UNKNOWN ? WB_WORK_INDEX : 0u);
	all->flags |= e->flags;
	all->fact = all->fact ? all->fact : e->fact;
	all->unknown = all->unknown ? all->unknown : e->unknown;
	return !l.nomem;
}

int wb_judge_all(struct wb_world *w, const struct wb_operations *ops, struct wb_effect *ret_effect,
		 struct wb_error *err)
{
	return wb_judge_watched(w, ops, NULL, ret_effect, err);
}

int wb_judge_watched(struct wb_world *w, const struct wb_operations *ops, const struct wb_judge_watch *watch,
		     struct wb_effect *ret_effect, struct wb_error *err)
{
	struct wb_effect all = { .unknown = ops->unknown };
	enum wb_lock open_lock = ops->unknown ? WB_LOCK_ACCESS_EXCLUSIVE : WB_LOCK_NONE;
	unsigned open_work = ops->unknown ? WB_WORK_SCAN | WB_WORK_REWRITE | WB_WORK_INDEX : 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ops->n; i++) {
		struct wb_effect e;

		if (watch)
			watch->before(watch->user, &ops->v[i]);
		rc = wb_judge(w, &ops->v[i], &e, err);
		if (rc < 0)
			break;
		if (watch)
			watch->after(watch->user, &ops->v[i]);
		if (!join(&all, &e, &open_lock, &open_work))
			rc = wb_err_nomem(err);
		wb_effect_done(&e);
	}
	if (rc < 0) {
		wb_effect_done(&all);
		return rc;
	}
	sum_up(&all, open_lock, open_work);
	*ret_effect = all;
	return 0;
}

void wb_effect_settle(struct wb_effect *e, const struct wb_relation *r, unsigned work)
{
	for (size_t i = 0; i < e->touches.n; i++) {
		struct wb_touch *t = &e->touches.v[i];

		if (t->relation == r)
			t->work = t->work_max = work;
		else if (t->relation && t->relation->table == r)
			t->work = t->work_max = work & (WB_WORK_INDEX | WB_WORK_REWRITE) ? t->work_max : 0;
	}
	e->unknown = NULL;
	sum_up(e, WB_LOCK_NONE, 0);
}
