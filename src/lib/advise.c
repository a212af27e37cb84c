/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_advise and wb_optimize: the context's database as the place, and what is
 * known of its indexes beside the queries of the suite.
 */
#include "schema.h"

#include "bench/advise.h"

struct advised {
	struct wb_context *c;
	struct wb_open_options real;
	struct wb_conn *direct; /* past a pooler; NULL */
	struct wb_advise_place place;
};

/* ---- where ------------------------------------------------------------------------------- */

static int check_pooler(struct advised *a, struct wb_error *err)
{
	struct wb_context *c = a->c;
	if (!c->conn->pooled)
		return 0;
	if (c->has_direct)
		return c->target.connect(c->target.connect_user, true, &a->direct, err);
	wb_err_set(err, WB_EUNSUPPORTED, "indexes cannot be tried through a transaction pooler");
	wb_err_hint(err, "give direct_url, an address past the pooler");
	return WB_EUNSUPPORTED;
}

static int open_place(struct wb_context *c, struct advised *a, struct wb_error *err)
{
	*a = (struct advised){ .c = c };
	int rc = wb_prepare(c, WB_NEED_CONN, err);
	if (rc == 0)
		rc = check_pooler(a, err);
	if (rc < 0)
		return rc;
	a->real = wb_context_open_options(c);
	if (c->has_direct)
		a->real.url = &c->direct;
	a->place = (struct wb_advise_place){ .driver = c->driver,
					     .conn = a->direct ? a->direct : c->conn,
					     .real = &a->real,
					     .tools_dir = c->o.tools_dir,
					     .sink = &c->sink,
					     .stop = c->stop };
	return 0;
}

static void close_place(struct advised *a, int rc)
{
	wb_conn_close(a->direct);
	if (rc == WB_ECANCELLED)
		*a->c->stop = 0; /* what was asked to stop has stopped */
}

/* ---- indexes as they are --------------------------------------------------------------------- */

static const struct {
	const char *type, *kind, *gain;
} told[] = {
	{ "duplicate_index", "drop_index", "writes cost less, and the room is free" },
	{ "unused_index", "drop_index", "writes cost less, and the room is free" },
	{ "invalid_index", "rebuild_index", "it is kept up to date for nothing, until it is built anew" },
	{ "foreign_key_without_index", "foreign_key", "deleting the rows that are referred to reads no whole table" },
};

static int add_note(struct wb_advice_box *b, const struct wb_index_note *n, struct wb_error *err)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(told); i++) {
		if (strcmp(n->type, told[i].type) != 0)
			continue;
		struct wb_sv sql = wb_sv_trim(wb_sv_str(n->sql));
		while (sql.n && sql.p[sql.n - 1] == ';')
			sql.n--;
		struct wb_recommendation r = {
			.kind = told[i].kind,
			.name = wb_arena_str(&b->arena, n->object),
			.query_pattern = wb_arena_str(&b->arena, n->object),
			.before_ms = -1,
			.after_ms = -1,
			.bytes = -1,
			.build_ms = -1,
			.write_us = -1,
			.recommendation = wb_arena_printf(&b->arena, "%s: %s", n->object, n->message),
			.estimated_improvement = told[i].gain,
			.priority = wb_arena_str(&b->arena, n->severity),
			.sql = wb_arena_sv(&b->arena, sql),
			.proof = strcmp(n->type, "unused_index") != 0 ? "by the schema" : "counted by the server",
		};
		if (!r.name || !r.query_pattern || !r.recommendation || !r.priority || !r.sql ||
		    !wb_vec_push(&b->recommendations, r))
			return wb_err_nomem(err);
	}
	return 0;
}

static int add_inventory(struct wb_context *c, struct wb_schema *schema, struct wb_advice_box *b, struct wb_error *err)
{
	const struct wb_model *m = ((const struct schema_box *)schema)->model;
	struct wb_index_uses uses = { 0 };
	struct wb_advice_index *v = wb_arena_array(&b->arena, m->n + 1, sizeof(*v));
	size_t n = 0;
	int rc = v ? wb_conn_index_use(c->conn, &b->arena, &uses, err) : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		const struct wb_object *o = m->v[i];
		const char *text = wb_object_get(o, "definition");
		if (o->kind != WB_KIND_INDEX || !o->parent)
			continue;
		text = text ? text : wb_object_get(o, "columns");
		v[n] = (struct wb_advice_index){ .table = wb_arena_str(&b->arena, o->parent),
						 .name = wb_arena_str(&b->arena, o->name),
						 .definition = wb_arena_str(&b->arena, text),
						 .bytes = -1,
						 .scans = -1 };
		for (size_t k = 0; k < uses.n; k++) {
			const struct wb_index_use *u = &uses.v[k];
			if (!u->index || strcmp(u->index, o->name) != 0 || strcmp(u->table, o->parent) != 0)
				continue;
			v[n].bytes = u->bytes;
			v[n].scans = u->scans;
		}
		n++;
	}
	b->view.since = uses.since;
	b->view.indexes = v;
	b->view.n_indexes = n;
	wb_vec_done(&uses);
	return rc;
}

static int add_indexes(struct wb_context *c, struct wb_advice_box *b, struct wb_error *err)
{
	struct wb_schema *schema = NULL;
	struct wb_index_report *report = NULL;
	int rc = wb_schema_read(c, NULL, NULL, &schema, err);
	if (rc == 0)
		rc = wb_index_report(c, schema, &report, err);
	for (size_t i = 0; rc == 0 && i < report->n_notes; i++)
		rc = add_note(b, &report->notes[i], err);
	if (rc == 0)
		rc = add_inventory(c, schema, b, err);
	wb_index_report_free(report);
	wb_schema_free(schema);
	return rc;
}

/* ---- the calls ----------------------------------------------------------------------------------- */

static int advise(struct advised *a, const struct wb_bench_suite *suite, const struct wb_advise_options *o,
		  struct wb_advice **ret_advice, struct wb_error *err)
{
	struct wb_advice_box *b = NULL;
	int rc = wb_advise_at(&a->place, suite, o, &b, err);
	if (rc == 0)
		rc = add_indexes(a->c, b, err);
	if (rc < 0) {
		wb_advise_done(b);
		return rc;
	}
	wb_advise_finish(b);
	*ret_advice = &b->view;
	return 0;
}

WB_API int wb_advise(struct wb_context *context, const struct wb_bench_suite *suite,
		     const struct wb_advise_options *options, struct wb_advice **ret_advice, struct wb_error *err)
{
	struct wb_advise_options o = { .size = sizeof(o) };
	struct wb_error scratch = { 0 };
	struct advised a;
	err = err ? err : &scratch;
	int rc = options ? wb_take_options(&o, sizeof(o), options, "wb_advise_options", err) : 0;
	if (rc == 0)
		rc = open_place(context, &a, err);
	if (rc < 0)
		return rc;
	rc = advise(&a, suite, &o, ret_advice, err);
	close_place(&a, rc);
	return rc;
}

WB_API void wb_advice_free(struct wb_advice *advice)
{
	wb_advise_done((struct wb_advice_box *)advice);
}

static int refuse_protected(const struct wb_context *c, const struct wb_optimize_options *o, struct wb_error *err)
{
	if (!c->o.protected_environment || o->dry_run || o->allow_protected)
		return 0;
	wb_err_set(err, WB_EPROTECTED, "this environment is protected: no index is made in it unasked");
	wb_err_hint(err, "look with --dry-run; confirm it, or give --yes");
	return WB_EPROTECTED;
}

static int optimize(struct advised *a, const struct wb_bench_suite *suite, const struct wb_optimize_options *o,
		    struct wb_optimize_box *box, struct wb_error *err)
{
	struct wb_target t = a->c->target;
	struct wb_advice *advice = NULL;
	const char *plan = NULL;
	t.conn = a->place.conn;
	int rc = wb_optimize_open(&t, &box->arena, &plan, err);
	if (rc == 0 && !plan)
		rc = advise(a, suite, &o->advise, &advice, err);
	box->view.advice = advice;
	return rc < 0 ? rc : wb_optimize_at(&t, &a->place, suite, o, plan, box, err);
}

WB_API int wb_optimize(struct wb_context *context, const struct wb_bench_suite *suite,
		       const struct wb_optimize_options *options, struct wb_optimization **ret_result,
		       struct wb_error *err)
{
	struct wb_optimize_options o = { .size = sizeof(o) };
	struct wb_error scratch = { 0 };
	struct advised a;
	int64_t start = wb_now_ms();
	err = err ? err : &scratch;
	int rc = options ? wb_take_options(&o, sizeof(o), options, "wb_optimize_options", err) : 0;
	o.advise.size = sizeof(o.advise);
	if (rc == 0)
		rc = refuse_protected(context, &o, err);
	if (rc == 0)
		rc = open_place(context, &a, err);
	if (rc < 0)
		return rc;
	struct wb_optimize_box *box = calloc(1, sizeof(*box));
	rc = box ? optimize(&a, suite, &o, box, err) : wb_err_nomem(err);
	close_place(&a, rc);
	if (box) {
		box->view.size = sizeof(box->view);
		box->view.duration_ms = wb_now_ms() - start;
	}
	if (box && ret_result && (rc == 0 || box->view.n_steps))
		*ret_result = &box->view;
	else if (box)
		wb_optimization_free(&box->view);
	return rc;
}

WB_API void wb_optimization_free(struct wb_optimization *result)
{
	struct wb_optimize_box *b = (struct wb_optimize_box *)result;
	union {
		const struct wb_advice *in;
		struct wb_advice *out;
	} advice;
	if (!b)
		return;
	advice.in = b->view.advice;
	wb_advice_free(advice.out);
	wb_arena_done(&b->arena);
	free(b);
}
