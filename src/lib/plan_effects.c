/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of a plan do to others while they run: the database is asked
 * once for all that they speak of, then each is judged against what the ones
 * before it will have left.
 */
#include "plan.h"

#include "learn.h"

int wb_plan_read(struct planning *p, struct wb_sv statement, struct wb_operations *ret_ops)
{
	if (!p->driver->operations)
		return 0;
	return p->driver->operations(statement, &p->b->arena, ret_ops, p->err);
}

static int tri(enum wb_tri t)
{
	return t == WB_UNKNOWN ? -1 : t == WB_YES;
}

static const char *blocks_of(const struct wb_effect *e)
{
	if (e->blocks_reads == WB_YES)
		return wb_blocks_name(WB_BLOCKS_READS);
	if (e->blocks_reads == WB_UNKNOWN || e->blocks_writes == WB_UNKNOWN)
		return "unknown";
	return wb_blocks_name(e->blocks_writes == WB_YES ? WB_BLOCKS_WRITES : WB_BLOCKS_NONE);
}

static const char *path_of(struct planning *p, const struct wb_touch *t)
{
	const struct wb_name *n = t->relation ? &t->relation->name : &t->name;
	const char *text = n->schema ? wb_arena_printf(&p->b->arena, "%s.%s", n->schema, n->name)
				     : wb_arena_str(&p->b->arena, n->name);
	p->failed |= !text;
	return text;
}

static int add_locks(struct planning *p, struct wb_plan_step *s, const struct wb_effect *e)
{
	struct wb_plan_lock *v = wb_arena_alloc(&p->b->arena, sizeof(*v) * (e->touches.n ? e->touches.n : 1));
	size_t n = 0;
	if (!v)
		return wb_err_nomem(p->err);
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		enum wb_lock lock = t->lock > t->lock_max ? t->lock : t->lock_max;
		if (!t->made && lock != WB_LOCK_NONE)
			v[n++] = (struct wb_plan_lock){ .relation = path_of(p, t),
							.role = t->role,
							.lock = wb_lock_text(p->driver->dialect, lock),
							.certain = t->lock == lock };
	}
	s->locks = v;
	s->n_locks = n;
	return 0;
}

static int add_notes(struct planning *p, struct wb_plan_step *s, const struct wb_assessment *a)
{
	if (!a->n_notes)
		return 0;
	const char **v = wb_arena_alloc(&p->b->arena, sizeof(*v) * (s->n_notes + a->n_notes));
	if (!v)
		return wb_err_nomem(p->err);
	if (s->n_notes)
		memcpy(v, s->notes, sizeof(*v) * s->n_notes);
	memcpy(v + s->n_notes, a->notes, sizeof(*v) * a->n_notes);
	s->notes = v;
	s->n_notes += a->n_notes;
	return 0;
}

static int64_t work_bytes(const struct wb_effect *e)
{
	int64_t all = 0;
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		int64_t bytes = wb_work_of(t->work_max) ? wb_work_bytes(t) : 0;
		if (bytes < 0)
			return -1;
		all += bytes;
	}
	return all;
}

static int fill_step(struct planning *p, struct wb_plan_step *s, const struct wb_effect *e,
		     const struct wb_assessment *a)
{
	s->lock = wb_lock_text(p->driver->dialect, e->lock_max > e->lock ? e->lock_max : e->lock);
	s->blocks = blocks_of(e);
	s->rewrites = tri(e->rewrites);
	s->scans = tri(e->scans);
	s->rows = e->rows;
	s->bytes = work_bytes(e);
	s->estimate_ms = a->estimate_ms;
	s->risk = wb_risk_name(a->risk);
	int rc = add_locks(p, s, e);
	return rc == 0 ? add_notes(p, s, a) : rc;
}

/* The worst of a plan is the plan's. */
struct worst {
	enum wb_risk risk;
	enum wb_tri downtime;
	int64_t estimate_ms;
};

static void worsen(struct worst *w, const struct wb_assessment *a)
{
	if (a->risk > w->risk)
		w->risk = a->risk;
	if (a->downtime == WB_YES || (a->downtime == WB_UNKNOWN && w->downtime == WB_NO))
		w->downtime = a->downtime;
	w->estimate_ms = a->estimate_ms < 0 || w->estimate_ms < 0 ? -1 : w->estimate_ms + a->estimate_ms;
}

/* What the transaction of the last step has locked, the strongest first seen. */
struct held {
	int64_t transaction;
	enum wb_blocks blocks;
	const char *relation, *step;
};

struct judging {
	struct held held;
	struct planning *p;
	struct wb_world *world;
	const struct wb_timings *known;
	struct plan_safer safer;
	struct worst worst;
};

/* ---- what goes and comes back ---------------------------------------------------------------- */

static bool same(struct wb_name a, struct wb_name b)
{
	return a.name && b.name && !strcmp(a.name, b.name) && (!a.schema || !b.schema || !strcmp(a.schema, b.schema));
}

/* Of the statements around the i-th, in its part: the first operation of this code and, where it is given, of this
 * table, that speaks of the name as `other` or as what a table is to be called. */
static const struct wb_operation *find(const struct planning *p, size_t from, size_t to, enum wb_op code,
				       const struct wb_name *table, struct wb_name name)
{
	for (size_t i = from; i < to; i++) {
		const struct wb_operations *ops = &p->b->operations.v[i];
		for (size_t k = 0; k < ops->n; k++) {
			const struct wb_operation *op = &ops->v[k];
			const struct wb_name to_be = { NULL, op->expr };
			if (op->code == code && (!table || same(op->table, *table)) &&
			    (same(op->other, name) || (code == WB_OP_RENAME && same(to_be, name))) &&
			    !strcasestr(p->b->steps.v[i].sql, "where"))
				return op;
		}
	}
	return NULL;
}

/* A table that is built anew: all its rows were copied into one that is then called like it. */
static bool comes_back(const struct planning *p, size_t i)
{
	const struct wb_operations *ops = &p->b->operations.v[i];
	size_t part = 0, from, to;
	if (p->returns && p->returns[i])
		return true;
	if (ops->n != 1 || ops->v->code != WB_OP_DROP || ops->v->kind != WB_KIND_TABLE)
		return false;
	while (part + 1 < p->b->parts.n && p->b->parts.v[part + 1].first <= i)
		part++;
	from = p->b->parts.v[part].first;
	to = part + 1 < p->b->parts.n ? p->b->parts.v[part + 1].first : p->b->operations.n;
	const struct wb_operation *copy = find(p, from, i, WB_OP_INSERT, NULL, ops->v->object);
	return copy && find(p, i + 1, to, WB_OP_RENAME, &copy->table, ops->v->object);
}

/* ---- locks that earlier statements of the transaction keep ------------------------------------- */

/* A statement that takes long makes all wait whom its transaction has locked out by then. */
static bool wait_longer(struct judging *j, const struct wb_plan_step *s, struct wb_effect *e, const char **ret_note)
{
	bool works = e->rewrites != WB_NO || e->scans != WB_NO || e->indexes != WB_NO;
	enum wb_blocks own = e->blocks_reads != WB_NO    ? WB_BLOCKS_READS
			     : e->blocks_writes != WB_NO ? WB_BLOCKS_WRITES
							 : WB_BLOCKS_NONE;
	if (!s->transaction || s->transaction != j->held.transaction || !works || j->held.blocks <= own)
		return true;
	e->blocks_writes = WB_YES;
	if (j->held.blocks == WB_BLOCKS_READS)
		e->blocks_reads = WB_YES;
	*ret_note =
		wb_arena_printf(&j->p->b->arena, "meanwhile %s stays locked against %s, since %s", j->held.relation,
				j->held.blocks == WB_BLOCKS_READS ? "readers and writers" : "writers", j->held.step);
	return *ret_note;
}

static void hold(struct judging *j, const struct wb_plan_step *s, const struct wb_effect *e)
{
	if (j->held.transaction != s->transaction)
		j->held = (struct held){ .transaction = s->transaction };
	for (size_t i = 0; s->transaction && i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		enum wb_blocks blocks = t->made ? WB_BLOCKS_NONE : wb_lock_blocks(t->lock);
		if (blocks > j->held.blocks)
			j->held = (struct held){ s->transaction, blocks, path_of(j->p, t), s->id };
	}
}

static int assess(struct judging *j, size_t i, struct wb_effect *e, const char *probed)
{
	struct planning *p = j->p;
	struct wb_plan_step *s = &p->b->steps.v[i];
	const char *note = NULL;
	struct wb_assessment a;
	struct wb_effect longer = *e;
	if (comes_back(p, i))
		longer.flags |= WB_EFFECT_BACK;
	if (!wait_longer(j, s, &longer, &note))
		return wb_err_nomem(p->err);
	int rc = wb_assess(&longer, &p->b->operations.v[i], j->known, &p->b->arena, &a, p->err);
	if (rc == 0)
		rc = wb_activity(j->world, e, &p->b->operations.v[i], &p->b->arena, &a, p->err);
	if (rc < 0)
		return rc;
	if (note && a.n_notes < WB_NOTES_MAX)
		a.notes[a.n_notes++] = note;
	if (probed && a.n_notes < WB_NOTES_MAX)
		a.notes[a.n_notes++] = probed;
	if (!p->skips || !p->skips[i])
		worsen(&j->worst, &a);
	hold(j, s, e);
	return fill_step(p, s, e, &a);
}

static int judge_step(struct judging *j, size_t i)
{
	struct wb_effect e = { 0 };
	const char *probed = NULL;
	const struct wb_judge_watch watch = wb_plan_safer_watch(&j->safer, i);
	int rc = wb_judge_watched(j->world, &j->p->b->operations.v[i], &watch, &e, j->p->err);
	if (rc == 0 && j->p->probe)
		rc = wb_plan_probe(j->p, j->world, i, &e, &probed);
	if (rc == 0)
		rc = wb_plan_trash(j->p, i, &e);
	if (rc == 0)
		rc = assess(j, i, &e, probed);
	wb_effect_done(&e);
	return rc;
}

static int judge_steps(struct judging *j)
{
	struct planning *p = j->p;
	int rc = wb_plan_safer_begin(p, &j->safer, j->world);
	for (size_t i = 0; rc == 0 && i < p->b->operations.n; i++)
		rc = judge_step(j, i);
	if (rc == 0)
		rc = wb_plan_safer_end(&j->safer);
	wb_plan_safer_done(&j->safer);
	return rc;
}

static int judge(struct planning *p, struct wb_world *world, const struct wb_timings *known)
{
	struct wb_plan *v = &p->b->view;
	struct judging j = { .p = p, .world = world, .known = known, .worst = { WB_RISK_LOW, WB_NO, 0 } };
	int rc = 0;
	if (p->conn)
		rc = wb_conn_survey(p->conn, p->b->operations.v, p->b->operations.n, world, p->err);
	if (rc == 0)
		rc = judge_steps(&j);
	if (rc < 0)
		return rc;
	v->risk = p->b->operations.n ? wb_risk_name(j.worst.risk) : NULL;
	v->requires_downtime = tri(j.worst.downtime);
	v->estimate_ms = j.worst.estimate_ms;
	return p->failed ? wb_err_nomem(p->err) : 0;
}

int wb_plan_effects(struct planning *p, struct wb_world *world)
{
	struct wb_plan *v = &p->b->view;
	v->requires_downtime = -1;
	v->estimate_ms = -1;
	if (!p->driver->operations)
		return 0;
	struct wb_known known = { 0 };
	int rc = p->conn ? wb_known_load(p->c, &known, p->err) : 0;
	if (rc == 0)
		rc = judge(p, world, &known.timings);
	wb_known_done(&known);
	return rc;
}

int wb_plan_judge(struct planning *p)
{
	struct wb_world *world = wb_world_new();
	if (!world)
		return wb_err_nomem(p->err);
	world->dialect = p->driver->dialect;
	int rc = wb_plan_effects(p, world);
	wb_world_free(world);
	return rc;
}
