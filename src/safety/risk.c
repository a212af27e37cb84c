/* SPDX-License-Identifier: Apache-2.0
 *
 * How risky a statement is: how long others wait, whether rows are lost, whether
 * running applications break. The worst of them is the risk; each says why.
 */
#include "safety/risk.h"

#include <stdio.h>

static const char *const names[] = {
	[WB_RISK_LOW] = "low",
	[WB_RISK_MEDIUM] = "medium",
	[WB_RISK_HIGH] = "high",
	[WB_RISK_CRITICAL] = "critical",
};

const char *wb_risk_name(enum wb_risk risk)
{
	return (unsigned)risk < WB_ARRAY_LEN(names) ? names[risk] : "unknown";
}

/* While others wait so long, in milliseconds, the risk is at least this. The first row that holds counts. */
static const struct {
	bool reads; /* not even readers go on */
	int64_t ms;
	enum wb_risk risk;
} waits[] = {
	{ true, 10000, WB_RISK_CRITICAL },  { true, 1000, WB_RISK_HIGH },   { true, 200, WB_RISK_MEDIUM },
	{ false, 60000, WB_RISK_CRITICAL }, { false, 10000, WB_RISK_HIGH }, { false, 1000, WB_RISK_MEDIUM },
};
/* An application whose statements fail or hang for longer than this has stopped. */
#define DOWNTIME_MS 10000

struct assessing {
	const struct wb_effect *e;
	struct wb_arena *a;
	struct wb_assessment *out;
	bool failed;
};

static void raise_to(struct assessing *x, enum wb_risk risk)
{
	if (risk > x->out->risk)
		x->out->risk = risk;
}

static void note(struct assessing *x, const char *text)
{
	struct wb_assessment *o = x->out;
	for (size_t i = 0; i < o->n_notes; i++) {
		if (text && !strcmp(o->notes[i], text))
			return;
	}
	x->failed |= !text;
	if (text && o->n_notes < WB_NOTES_MAX)
		o->notes[o->n_notes++] = text;
}

/* ---- others wait -------------------------------------------------------------------- */

static void wait_known(struct assessing *x, bool reads)
{
	int64_t ms = x->out->estimate_ms;
	char took[40];
	for (size_t i = 0; i < WB_ARRAY_LEN(waits); i++) {
		if (waits[i].reads == reads && ms >= waits[i].ms) {
			raise_to(x, waits[i].risk);
			note(x, wb_arena_printf(x->a, "%s wait for about %s", reads ? "readers and writers" : "writers",
						wb_duration_text(ms, took, sizeof(took))));
			break;
		}
	}
	if (ms >= DOWNTIME_MS)
		x->out->downtime = WB_YES;
}

static void wait_unknown(struct assessing *x, bool reads)
{
	raise_to(x, reads ? WB_RISK_HIGH : WB_RISK_MEDIUM);
	note(x, reads ? "readers and writers wait while it goes through the whole table, whose size is not known"
		      : "writers wait while it goes through the whole table, whose size is not known");
	if (x->out->downtime != WB_YES)
		x->out->downtime = WB_UNKNOWN;
}

/* Why it is not known is told by another note. */
static void may_wait(struct assessing *x)
{
	raise_to(x, WB_RISK_MEDIUM);
	if (x->out->downtime != WB_YES)
		x->out->downtime = WB_UNKNOWN;
}

/* A lock that is held for a moment is taken under lock_timeout and tried again: nobody waits for long. */
static void others_wait(struct assessing *x)
{
	const struct wb_effect *e = x->e;
	bool reads = e->blocks_reads != WB_NO, writes = e->blocks_writes != WB_NO;
	bool works = e->rewrites != WB_NO || e->scans != WB_NO || e->indexes != WB_NO;
	bool certain = e->rewrites == WB_YES || e->scans == WB_YES || e->indexes == WB_YES;
	if (!(reads || writes) || !works)
		return;
	if (x->out->estimate_ms >= 0)
		wait_known(x, reads);
	else if (certain && e->blocks_writes == WB_YES)
		wait_unknown(x, reads);
	else
		may_wait(x);
}

/* ---- rows are lost, clients break ------------------------------------------------------ */

enum loss { LOSS_NEVER, LOSS_ALWAYS, LOSS_WITHOUT_WHERE };

static const struct {
	enum wb_op op;
	enum wb_kind kind; /* WB_KIND_COUNT: any */
	enum loss loss;
	bool breaks;
	const char *note;
} dangers[] = {
	{ WB_OP_DROP, WB_KIND_TABLE, LOSS_ALWAYS, true, "the table's rows are lost, and whoever still uses it fails" },
	{ WB_OP_DROP, WB_KIND_SCHEMA, LOSS_ALWAYS, true, "all that the schema holds is lost" },
	{ WB_OP_DROP, WB_KIND_VIEW, LOSS_NEVER, true, "whoever still uses it fails" },
	{ WB_OP_DROP, WB_KIND_MATERIALIZED_VIEW, LOSS_NEVER, true, "whoever still uses it fails" },
	{ WB_OP_DROP, WB_KIND_FUNCTION, LOSS_NEVER, true, "whoever still uses it fails" },
	{ WB_OP_DROP, WB_KIND_PROCEDURE, LOSS_NEVER, true, "whoever still uses it fails" },
	{ WB_OP_COLUMN_DROP, WB_KIND_COUNT, LOSS_ALWAYS, true,
	  "the column's values are lost, and whoever still uses it fails" },
	{ WB_OP_TABLE_TRUNCATE, WB_KIND_COUNT, LOSS_ALWAYS, false, "all rows are lost" },
	{ WB_OP_DELETE, WB_KIND_COUNT, LOSS_WITHOUT_WHERE, false, "all rows are lost" },
	{ WB_OP_RENAME, WB_KIND_TABLE, LOSS_NEVER, true, "whoever still uses the old name fails" },
	{ WB_OP_RENAME, WB_KIND_VIEW, LOSS_NEVER, true, "whoever still uses the old name fails" },
	{ WB_OP_RENAME, WB_KIND_COLUMN, LOSS_NEVER, true, "whoever still uses the old name fails" },
	{ WB_OP_RENAME, WB_KIND_SCHEMA, LOSS_NEVER, true, "whoever still uses the old name fails" },
	{ WB_OP_SET_SCHEMA, WB_KIND_TABLE, LOSS_NEVER, true, "whoever still looks for it in the old schema fails" },
};

/* Only what was there before the plan can be missed; `touches` tell, where there are any. */
static bool is_new(const struct wb_effect *e, const struct wb_operation *op)
{
	const struct wb_name *name = op->table.name ? &op->table : &op->object;
	bool found = false;
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		if (!name->name || !t->name.name || strcmp(t->name.name, name->name) != 0)
			continue;
		if (!t->made)
			return false;
		found = true;
	}
	return found;
}

static bool is_empty(const struct wb_effect *e, const struct wb_operation *op)
{
	const struct wb_name *name = op->table.name ? &op->table : &op->object;
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		if (name->name && t->name.name && !strcmp(t->name.name, name->name) && t->relation)
			return t->relation->rows == 0 && t->relation->bytes == 0;
	}
	return false;
}

static void danger_of(struct assessing *x, const struct wb_operation *op)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(dangers); i++) {
		if (x->e->flags & WB_EFFECT_BACK && (op->code == WB_OP_DROP || op->code == WB_OP_COLUMN_DROP))
			return;
		if (dangers[i].op != op->code || (dangers[i].kind != WB_KIND_COUNT && dangers[i].kind != op->kind))
			continue;
		bool loses = dangers[i].loss == LOSS_ALWAYS ||
			     (dangers[i].loss == LOSS_WITHOUT_WHERE && !(op->flags & WB_WITH_WHERE));
		if (is_new(x->e, op) || !(loses || dangers[i].breaks))
			return;
		bool kept = loses && x->e->flags & WB_EFFECT_KEPT;
		loses = loses && !kept && !is_empty(x->e, op);
		x->out->destroys |= loses;
		raise_to(x, loses ? WB_RISK_HIGH : WB_RISK_MEDIUM);
		note(x, !kept               ? dangers[i].note
			: dangers[i].breaks ? "whoever still uses it fails"
					    : "all rows are taken");
		return;
	}
}

/* ---- all of it -------------------------------------------------------------------------- */

int wb_assess(const struct wb_effect *e, const struct wb_operations *ops, const struct wb_timings *known,
	      struct wb_arena *a, struct wb_assessment *ret, struct wb_error *err)
{
	struct wb_assessment out = { .downtime = WB_NO };
	struct assessing x = { .e = e, .a = a, .out = &out };
	out.estimate_ms = wb_estimate_ms(e, ops->n ? ops->v[0].code : WB_OP_UNKNOWN, known);
	others_wait(&x);
	for (size_t i = 0; i < ops->n; i++)
		danger_of(&x, &ops->v[i]);
	if (e->flags & WB_EFFECT_WAITS)
		note(&x, "it waits for every transaction that is older than itself");
	if (e->unknown && e->unknown != ops->unknown)
		note(&x, wb_arena_printf(a, "not known: %s", e->unknown));
	if (ops->unknown)
		note(&x, wb_arena_printf(a, "what it does is not known: %s", ops->unknown));
	if (x.failed)
		return wb_err_nomem(err);
	*ret = out;
	return 0;
}
