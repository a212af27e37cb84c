/* SPDX-License-Identifier: Apache-2.0
 *
 * Before a run: which statements go through a large table. After it: how long
 * those took. A database without large tables, which every new one is, is asked
 * one question and no more.
 */
#include "learn.h"

#include "state/state.h"

#define STATEMENTS_MAX 5000 /* of a run; what comes after teaches nothing */
#define TEXT_MAX (64u << 10)

struct statement {
	const struct wb_work_item *item;
	int64_t ordinal;
};

struct reading {
	struct wb_learning *l;
	WB_VEC(struct wb_operations) operations;
	WB_VEC(struct statement) statements;
	struct wb_error *err;
};

static int add_statement(struct reading *r, const struct wb_work_item *item, int64_t ordinal, struct wb_sv text)
{
	struct wb_operations ops = { 0 };
	struct statement s = { item, ordinal };
	int rc = text.n <= TEXT_MAX ? r->l->c->driver->operations(text, &r->l->arena, &ops, r->err) : 0;
	if (rc < 0)
		return rc;
	return wb_vec_push(&r->operations, ops) && wb_vec_push(&r->statements, s) ? 0 : wb_err_nomem(r->err);
}

static int read_item(struct reading *r, const struct wb_work_item *item)
{
	struct wb_script_reader *reader = NULL;
	int rc = wb_script_open(&r->l->c->target, item->script, &reader, r->err);
	for (int64_t ordinal = 0; rc == 0 && ordinal < item->script->n && r->statements.n < STATEMENTS_MAX;) {
		struct wb_item text;
		rc = wb_script_next(reader, &text, r->err);
		if (rc == 0 && text.kind == WB_ITEM_STATEMENT)
			rc = add_statement(r, item, ++ordinal, text.text);
	}
	wb_script_close(reader);
	return rc;
}

/* Only work on one table, whose size is known, says how fast such work is. */
static int expect(struct reading *r, size_t i, const struct wb_effect *e)
{
	const struct wb_touch *only = NULL;
	for (size_t k = 0; k < e->touches.n; k++) {
		const struct wb_touch *t = &e->touches.v[k];
		if (!t->work_max)
			continue;
		if (only || t->work != t->work_max)
			return 0;
		only = t;
	}
	unsigned work = only ? wb_work_of(only->work) : 0;
	int64_t bytes = work ? wb_work_bytes(only) : 0;
	if (bytes < WB_TIMING_MIN_BYTES)
		return 0;
	enum wb_op op = r->operations.v[i].v[0].code;
	struct wb_expected x = { .version = wb_arena_str(&r->l->arena, r->statements.v[i].item->version),
				 .statement = r->statements.v[i].ordinal,
				 .op = op,
				 .work = work,
				 .bytes = bytes,
				 .estimate_ms = wb_estimate_ms(e, op, &r->l->known.timings) };
	return x.version && wb_vec_push(&r->l->expected, x) ? 0 : wb_err_nomem(r->err);
}

static int judge(struct reading *r, struct wb_world *world)
{
	world->dialect = r->l->c->driver->dialect;
	int rc = wb_conn_survey(r->l->c->conn, r->operations.v, r->operations.n, world, r->err);
	for (size_t i = 0; rc == 0 && i < r->operations.n; i++) {
		struct wb_effect e = { 0 };
		rc = wb_judge_all(world, &r->operations.v[i], &e, r->err);
		if (rc == 0 && r->operations.v[i].n)
			rc = expect(r, i, &e);
		wb_effect_done(&e);
	}
	return rc;
}

static int expect_all(struct reading *r, const struct wb_work *work)
{
	struct wb_world *world = wb_world_new();
	int rc = world ? wb_known_load(r->l->c, &r->l->known, r->err) : wb_err_nomem(r->err);
	for (size_t i = 0; rc == 0 && i < work->items.n; i++)
		rc = read_item(r, &work->items.v[i]);
	if (rc == 0)
		rc = judge(r, world);
	wb_world_free(world);
	return rc;
}

static void tell(const struct wb_learning *l, const struct wb_error *why)
{
	wb_log(&l->c->sink, WB_LOG_DEBUG, "how long statements take is not learnt: %s", why->message);
}

void wb_learn_before(struct wb_learning *l, const struct wb_work *work)
{
	struct wb_error why = { 0 };
	struct reading r = { .l = l, .err = &why };
	bool matters = false;
	if (!l->c->driver->operations)
		return;
	int rc = wb_timings_matter(&l->c->target, &matters, &why);
	if (rc == 0 && matters)
		rc = expect_all(&r, work);
	if (rc < 0) {
		tell(l, &why);
		l->expected.n = 0;
	}
	wb_vec_done(&r.operations);
	wb_vec_done(&r.statements);
}

bool wb_learn_expects(void *user, const struct wb_work_item *item, int64_t ordinal)
{
	const struct wb_learning *l = user;
	for (size_t i = 0; i < l->expected.n; i++) {
		if (l->expected.v[i].statement == ordinal && !strcmp(l->expected.v[i].version, item->version))
			return true;
	}
	return false;
}

void wb_learn_took(void *user, const struct wb_work_item *item, int64_t ordinal, int64_t ms)
{
	struct wb_learning *l = user;
	struct wb_took t = { .version = wb_arena_str(&l->arena, item->version), .statement = ordinal, .ms = ms };
	if (!l->expected.n || (item->action == WB_REVERT || item->action == WB_RESUME_DOWN))
		return;
	if (t.version)
		(void)wb_vec_push(&l->took, t); /* without memory it is not learnt */
}

/* The last try is the one that counts. */
static const struct wb_took *took(const struct wb_learning *l, const struct wb_expected *x)
{
	for (size_t i = l->took.n; i-- > 0;) {
		if (l->took.v[i].statement == x->statement && !strcmp(l->took.v[i].version, x->version))
			return &l->took.v[i];
	}
	return NULL;
}

void wb_learn_keep(struct wb_learning *l)
{
	WB_VEC(struct wb_kept_timing) v = { 0 };
	struct wb_error why = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < l->expected.n; i++) {
		const struct wb_expected *x = &l->expected.v[i];
		const struct wb_took *t = took(l, x);
		struct wb_kept_timing k = { .version = x->version,
					    .statement = x->statement,
					    .operation = wb_op_name(x->op),
					    .work = wb_work_name(x->work),
					    .bytes = x->bytes,
					    .estimate_ms = x->estimate_ms,
					    .actual_ms = t ? t->ms : 0 };
		if (t && !wb_vec_push(&v, k))
			rc = wb_err_nomem(&why);
	}
	if (rc == 0 && v.n)
		rc = wb_timings_keep(&l->c->target, v.v, v.n, &why);
	if (rc < 0)
		tell(l, &why);
	wb_vec_done(&v);
}

void wb_learn_done(struct wb_learning *l)
{
	wb_known_done(&l->known);
	wb_vec_done(&l->expected);
	wb_vec_done(&l->took);
	wb_arena_done(&l->arena);
}
