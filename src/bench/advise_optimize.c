/* SPDX-License-Identifier: Apache-2.0
 *
 * Carrying advice out: a program of steps like any other, journaled. What a step
 * has to know when it is met again half done is its cursor; what the whole run
 * was to do is the plan that the journal keeps, as lines of texts: S name, SQL,
 * undo, its queries; Q query, time before, statements that the run was about.
 */
#include "bench/advise.h"

#include "migrate/program.h"

#include <stdlib.h>

#include "base/banned.h"

#define GAINED 0.9
#define PREFIX "optimize:"

struct item {
	struct wb_optimize_step view;
	const char *queries; /* joined by line feeds */
	bool outside; /* refuses transactions */
};
struct optimizing {
	struct wb_optimize_box *box;
	struct wb_arena *a;
	struct wb_target *t;
	struct item *items;
	struct wb_step *steps;
	size_t n;
};

/* ---- the plan as a text ---------------------------------------------------------------------- */

static void add_field(struct wb_str *s, const char *text)
{
	wb_str_addc(s, '\t');
	for (const char *p = text ? text : ""; *p; p++) {
		if (*p == '\n')
			wb_str_add(s, "\\n");
		else if (*p == '\t')
			wb_str_add(s, "\\t");
		else if (*p == '\\')
			wb_str_add(s, "\\\\");
		else
			wb_str_addc(s, *p);
	}
}

static const char *take_field(struct wb_arena *a, struct wb_sv *rest)
{
	struct wb_sv field;
	if (!wb_sv_cut(rest, '\t', &field))
		return NULL;
	char *out = wb_arena_alloc(a, field.n + 1);
	size_t n = 0;
	for (size_t i = 0; out && i < field.n; i++) {
		char c = field.p[i];
		if (c == '\\' && i + 1 < field.n)
			c = field.p[++i] == 'n' ? '\n' : field.p[i] == 't' ? '\t' : field.p[i];
		out[n++] = c;
	}
	return out;
}

static const char *write_plan(struct optimizing *o)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = 0; i < o->n; i++) {
		const struct item *x = &o->items[i];
		wb_str_addc(&s, 'S');
		add_field(&s, x->view.name);
		add_field(&s, x->view.sql);
		add_field(&s, x->view.undo_sql);
		add_field(&s, x->queries);
		wb_str_addc(&s, '\n');
	}
	for (size_t i = 0; i < o->box->view.n_queries; i++) {
		const struct wb_advice_query *q = &o->box->queries[i];
		char ms[32];
		snprintf(ms, sizeof(ms), "%.4f", q->before_ms);
		wb_str_addc(&s, 'Q');
		add_field(&s, q->name);
		add_field(&s, ms);
		wb_str_addc(&s, '\n');
	}
	return s.failed ? NULL : wb_arena_sv(o->a, wb_str_sv(&s));
}

static int read_step(struct optimizing *o, struct wb_sv *line, struct wb_error *err)
{
	struct item x = { .view = { .state = "planned" } };
	x.view.name = take_field(o->a, line);
	x.view.sql = take_field(o->a, line);
	x.view.undo_sql = take_field(o->a, line);
	x.queries = take_field(o->a, line);
	if (!x.view.name || !x.view.sql)
		return wb_err_set(err, WB_ENEWER, "the journal's plan of the run that was cut short cannot be read");
	if (x.view.undo_sql && !*x.view.undo_sql)
		x.view.undo_sql = NULL;
	o->items[o->n++] = x;
	return 0;
}

static void read_time(struct optimizing *o, struct wb_sv *line)
{
	const char *name = take_field(o->a, line), *ms = take_field(o->a, line);
	for (size_t i = 0; name && ms && i < o->box->view.n_queries; i++) {
		if (!strcmp(o->box->queries[i].name, name))
			o->box->queries[i].before_ms = strtod(ms, NULL);
	}
}

static int read_plan(struct optimizing *o, const char *plan, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(plan), line, kind;
	size_t lines = 1;
	int rc = 0;
	for (const char *p = plan; *p; p++)
		lines += *p == '\n';
	o->items = wb_arena_array(o->a, lines, sizeof(*o->items));
	if (!o->items)
		return wb_err_nomem(err);
	while (rc == 0 && wb_sv_cut(&rest, '\n', &line)) {
		if (!wb_sv_cut(&line, '\t', &kind))
			continue;
		if (wb_sv_eq(kind, WB_SV("S")))
			rc = read_step(o, &line, err);
		else if (wb_sv_eq(kind, WB_SV("Q")))
			read_time(o, &line);
	}
	return rc;
}

/* ---- a run that was cut short ------------------------------------------------------------------- */

struct open_run {
	struct wb_arena *a;
	const char *plan;
};

static int take_run(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { PLAN = 3, RESULT = 9 };
	struct open_run *r = user;
	if (row->n <= RESULT)
		return wb_err_set(err, WB_EBUG, "run_open gives %d columns", row->n);
	if (wb_sv_eq(row->v[RESULT], WB_SV("ok")) || !row->v[PLAN].p)
		return 0;
	r->plan = wb_arena_sv(r->a, row->v[PLAN]);
	return r->plan ? 0 : wb_err_nomem(err);
}

int wb_optimize_open(struct wb_target *t, struct wb_arena *a, const char **ret_plan, struct wb_error *err)
{
	struct wb_value p[] = { wb_v_text(t->project), wb_v_text("optimize") };
	struct open_run r = { .a = a };
	struct wb_journal j = { 0 };
	int rc = wb_journal_load(t, true, &j, err);
	if (rc < 0)
		return rc;
	bool exists = j.exists;
	wb_journal_done(&j);
	if (exists)
		rc = wb_query_named(t->conn, WB_SQL_RUN_OPEN, p, 2, take_run, &r, NULL, err);
	*ret_plan = r.plan;
	return rc;
}

/* ---- one step -------------------------------------------------------------------------------------- */

static const char *say(void *user)
{
	return user;
}

/* What is to be asked when this is met half done is in the journal before it begins. */
static int note(struct wb_step_run *r, const char *memo, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch none = { .arena = WB_ARENA_INIT };
	char *text = wb_arena_printf(&none.arena, "M%s", memo ? memo : "");
	struct wb_step_work work = { .queries = &none, .cursor = say, .user = text };
	return text ? wb_step_commit(r, &work, err) : wb_err_nomem(err);
}

static int recover(struct wb_step_run *r, struct wb_arena *a, const char *sql, bool *ret_done, struct wb_error *err)
{
	const char *memo = r->cursor[0] == 'M' && r->cursor[1] ? r->cursor + 1 : NULL, *why = NULL;
	enum wb_probe probe = WB_PROBE_UNKNOWN;
	int rc = wb_conn_probe(r->t->conn, a, wb_sv_str(sql), memo, &probe, &why, err);
	if (rc < 0)
		return rc;
	wb_log(&r->t->sink, WB_LOG_INFO, "%s: %s", r->step->id, why ? why : "met half done");
	if (probe == WB_PROBE_HALF) {
		rc = wb_conn_undo_half(r->t->conn, wb_sv_str(sql), memo, err);
		if (rc == 0)
			rc = wb_conn_probe(r->t->conn, a, wb_sv_str(sql), memo, &probe, &why, err);
	}
	*ret_done = probe == WB_PROBE_DONE;
	return rc;
}

static int run_outside(struct wb_step_run *r, const char *sql, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *memo = NULL;
	struct wb_error ignored;
	bool done = false;
	int rc = r->cursor ? recover(r, &a, sql, &done, err) : 0;
	if (rc < 0 || done)
		return rc;
	rc = wb_conn_probe_prepare(r->t->conn, &a, wb_sv_str(sql), &memo, err);
	if (rc == 0)
		rc = note(r, memo, err);
	if (rc == 0) {
		rc = wb_step_outside(r, wb_sv_str(sql), err);
		if (rc < 0 && !r->t->conn->lost && wb_conn_undo_half(r->t->conn, wb_sv_str(sql), memo, &ignored) < 0)
			wb_log(&r->t->sink, WB_LOG_WARN, "what the failed step left could not be removed: %s",
			       ignored.message);
	}
	return rc;
}

/* Several statements, each ended by ';': one transaction with the cursor. */
static int run_inside(struct wb_step_run *r, const char *sql, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	char end[] = "E";
	struct wb_step_work work = { .queries = &b, .cursor = say, .user = end };
	struct wb_mem_reader reader = { wb_sv_str(sql) };
	struct wb_split_options so = { .dialect = r->t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { 0 };
	if (r->cursor && r->cursor[0] == 'E')
		return 0;
	int rc = wb_split_new(&so, &splitter, err);
	while (rc == 0 && (rc = wb_split_next(splitter, &item, err)) == 0 && item.kind != WB_ITEM_END) {
		char *one = wb_arena_sv(&b.arena, item.text);
		if (one)
			wb_batch_sql(&b, wb_sv(one, item.text.n));
		else
			rc = wb_err_nomem(err);
	}
	wb_split_free(splitter);
	r->step->rows = -1;
	return rc < 0 ? rc : wb_step_commit(r, &work, err);
}

static int run_step(struct wb_step_run *r, struct wb_error *err)
{
	const struct item *x = r->step->spec;
	struct wb_event e = wb_event_make(WB_EVENT_STEP_STARTED);
	e.version = r->step->id;
	e.sql = x->view.sql;
	wb_step_event(r, e);
	r->step->rows = -1;
	return x->outside ? run_outside(r, x->view.sql, err) : run_inside(r, x->view.sql, err);
}

static const struct wb_step_kind kind = { .name = "optimize", .run = run_step };

static void ended(void *user, const struct wb_step *s)
{
	(void)user;
	struct item *x = s->spec;
	x->view.state = s->skipped ? "skipped" : s->rc < 0 ? "failed" : s->was_done ? "was_done" : "done";
	x->view.duration_ms = s->elapsed_ms;
	x->view.message = s->rc < 0 || s->skipped ? s->err.message : NULL;
}

/* ---- from advice to steps ------------------------------------------------------------------------------ */

static bool is_wanted(const struct wb_recommendation *r, const struct wb_optimize_options *o)
{
	if (!r->sql)
		return false;
	if (!strcmp(r->kind, "drop_index"))
		return o->drops;
	return !strcmp(r->kind, "index") || !strcmp(r->kind, "statistics") || !strcmp(r->kind, "analyze");
}

static const char *join_lines(struct wb_arena *a, const struct wb_texts *t)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = 0; i < t->n; i++)
		wb_str_addf(&s, "%s%s", i ? "\n" : "", t->v[i]);
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

static int take_advice(struct optimizing *o, const struct wb_advice *advice, const struct wb_optimize_options *opt,
		       struct wb_error *err)
{
	o->items = wb_arena_array(o->a, advice->n_recommendations + 1, sizeof(*o->items));
	if (!o->items)
		return wb_err_nomem(err);
	for (size_t i = 0; i < advice->n_recommendations; i++) {
		const struct wb_recommendation *r = &advice->recommendations[i];
		struct item x = { .view = { .state = "planned", .before_ms = -1, .after_ms = -1, .duration_ms = -1 } };
		struct wb_sv sql = wb_sv_trim(wb_sv_str(r->sql));
		if (!is_wanted(r, opt))
			continue;
		if (sql.n && sql.p[sql.n - 1] == ';')
			sql.n--;
		x.view.name = r->name ? r->name : r->table ? r->table : "all tables";
		x.view.sql = wb_arena_sv(o->a, sql);
		x.view.undo_sql = r->undo_sql;
		x.queries = join_lines(o->a, &r->queries);
		if (!x.view.sql || !x.queries)
			return wb_err_nomem(err);
		o->items[o->n++] = x;
	}
	return 0;
}

static int make_steps(struct optimizing *o, struct wb_error *err)
{
	o->steps = wb_arena_array(o->a, o->n + 1, sizeof(*o->steps));
	if (!o->steps)
		return wb_err_nomem(err);
	for (size_t i = 0; i < o->n; i++) {
		struct item *x = &o->items[i];
		struct wb_stmt_info info = { 0 };
		o->t->driver->classify(wb_sv_str(x->view.sql), &info);
		x->outside = info.tx == WB_TX_NEVER;
		x->view.before_ms = x->view.after_ms = x->view.duration_ms = -1;
		o->steps[i] = (struct wb_step){ .id = wb_arena_printf(o->a, PREFIX "%s %s", info.command, x->view.name),
						.description = x->view.sql,
						.text = x->view.sql,
						.kind = &kind,
						.spec = x };
		if (!o->steps[i].id)
			return wb_err_nomem(err);
	}
	return 0;
}

/* ---- did it help? -------------------------------------------------------------------------------------------- */

static bool is_among(const char *lines, const char *name)
{
	struct wb_sv rest = wb_sv_str(lines), one;
	while (wb_sv_cut(&rest, '\n', &one)) {
		if (wb_sv_eq(one, wb_sv_str(name)))
			return true;
	}
	return false;
}

static bool uses(const struct wb_advice_query *q, const char *index)
{
	const char *dot = strrchr(index, '.'), *bare = dot ? dot + 1 : index;
	for (size_t i = 0; i < q->indexes_after.n; i++) {
		struct wb_sv v = wb_sv_str(q->indexes_after.v[i]), b = wb_sv_str(bare);
		if (b.n > 1 && b.p[0] == '"')
			b = wb_sv(b.p + 1, b.n - 2);
		if (wb_sv_eq(v, b))
			return true;
	}
	return false;
}

static void judge(struct wb_optimize_box *box, struct item *x)
{
	double before = 0, after = 0;
	bool used = false, faster = false;
	if (!x->queries || !*x->queries || (strcmp(x->view.state, "done") && strcmp(x->view.state, "was_done")))
		return;
	for (size_t i = 0; i < box->view.n_queries; i++) {
		const struct wb_advice_query *q = &box->queries[i];
		if (!is_among(x->queries, q->name) || q->before_ms < 0 || q->after_ms < 0)
			continue;
		before += q->weight * q->before_ms;
		after += q->weight * q->after_ms;
		bool is_used = uses(q, x->view.name);
		used |= is_used;
		faster |= is_used && q->after_ms < q->before_ms * GAINED;
	}
	x->view.judged = before > 0;
	x->view.gained = used && faster;
	x->view.before_ms = before;
	x->view.after_ms = after;
}

static int measure_after(const struct wb_advise_place *place, const struct wb_bench_suite *suite,
			 const struct wb_optimize_options *o, struct wb_optimize_box *box, struct wb_error *err)
{
	struct wb_advice_query *v;
	size_t n;
	int rc = wb_advise_look(place, suite, &o->advise, &box->arena, &v, &n, err);
	for (size_t i = 0; rc == 0 && i < n && i < box->view.n_queries; i++) {
		box->queries[i].after_ms = v[i].before_ms;
		box->queries[i].indexes_after = v[i].indexes;
	}
	return rc;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------
 */

static int fill(struct optimizing *o, struct wb_error *err)
{
	struct wb_optimize_step *v = wb_arena_array(o->a, o->n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < o->n; i++) {
		v[i] = o->items[i].view;
		v[i].message = wb_arena_str(o->a, v[i].message);
	}
	o->box->view.steps = v;
	o->box->view.n_steps = o->n;
	o->box->view.queries = o->box->queries;
	return 0;
}

static int carry_out(struct optimizing *o, const struct wb_optimize_options *opt, struct wb_error *err)
{
	struct wb_program program = { .command = "optimize",
				      .steps = o->steps,
				      .n = o->n,
				      .keep_going = true,
				      .lock_wait_ms = opt->lock_wait_ms,
				      .ended = ended };
	program.plan = write_plan(o);
	return program.plan ? wb_program_run(o->t, &program, err) : wb_err_nomem(err);
}

int wb_optimize_at(struct wb_target *t, const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		   const struct wb_optimize_options *opt, const char *plan, struct wb_optimize_box *box,
		   struct wb_error *err)
{
	struct optimizing o = { .box = box, .a = &box->arena, .t = t };
	struct wb_error ignored;
	int rc = opt->dry_run ? 0
			      : wb_advise_look(place, suite, &opt->advise, &box->arena, &box->queries,
					       &box->view.n_queries, err);
	if (rc == 0)
		rc = plan ? read_plan(&o, plan, err) : take_advice(&o, box->view.advice, opt, err);
	if (rc == 0)
		rc = make_steps(&o, err);
	box->view.resumed = plan != NULL;
	box->view.dry_run = opt->dry_run;
	if (rc == 0 && o.n && !opt->dry_run)
		rc = carry_out(&o, opt, err);
	bool looked = rc == 0 && o.n && !opt->dry_run;
	if (looked)
		rc = measure_after(place, suite, opt, box, err);
	for (size_t i = 0; looked && rc == 0 && i < o.n; i++)
		judge(box, &o.items[i]);
	int filled = fill(&o, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : filled;
}
