/* SPDX-License-Identifier: Apache-2.0
 *
 * The step kind: begin, run, and what both ways of walking share. The cursor in
 * the journal reads "processed successful failed ignored batches|place", where
 * place is S (start), A and the last key done, or E (only rows without a key
 * are left).
 */
#include "batch.h"

#include "walk.h"

#define SIZE_FIRST 2000 /* where time decides */
#define SIZE_MAX_AUTO 50000
#define SIZE_PROGRAM 5000 /* rows that are held in memory */
#define PERCENT_FROM 100

void wb_batch_job_done(struct wb_batch_job *job)
{
	wb_vec_done(&job->errors);
	wb_arena_done(&job->arena);
}

/* ---- the cursor --------------------------------------------------------------------- */

const char *walk_cursor(struct walk *w, const struct wb_batch_counts *c, const char *to)
{
	const struct wb_batch_counts *was = &w->job->counts;
	wb_str_clear(&w->cursor);
	wb_str_addf(&w->cursor, "%lld %lld %lld %lld %lld|", (long long)(was->processed + c->processed),
		    (long long)(was->successful + c->successful), (long long)(was->failed + c->failed),
		    (long long)(was->ignored + c->ignored), (long long)(was->batches + c->batches));
	wb_str_addf(&w->cursor, to ? "A%s" : "E", to);
	return w->cursor.failed ? NULL : w->cursor.p;
}

static int read_cursor(struct walk *w, const char *text, struct wb_error *err)
{
	struct wb_batch_counts *c = &w->job->counts;
	int64_t *const numbers[] = { &c->processed, &c->successful, &c->failed, &c->ignored, &c->batches };
	struct wb_sv rest = wb_sv_str(text), head, number;
	bool ok = wb_sv_cut(&rest, '|', &head);
	for (size_t i = 0; ok && i < WB_ARRAY_LEN(numbers); i++)
		ok = wb_sv_cut(&head, ' ', &number) && wb_sv_i64(number, numbers[i]);
	ok = ok && rest.n && (*rest.p == 'A' || *rest.p == 'E');
	if (!ok) {
		wb_err_set(err, WB_ENEWER, "the journal's cursor of %s cannot be read", w->r->step->id);
		wb_err_detail(err, "%s", text);
		wb_err_hint(err, "a newer Whimbrel has written it; go on with that, or begin anew with --restart");
		return WB_ENEWER;
	}
	w->started = true;
	w->ended = *rest.p == 'E';
	wb_str_addn(&w->from, rest.p + 1, rest.n - 1);
	w->job->processed_before = c->processed;
	return w->from.failed ? wb_err_nomem(err) : 0;
}

/* ---- rejected rows -------------------------------------------------------------------- */

struct wb_query *walk_query(struct wb_batch *b, struct wb_str *s)
{
	struct wb_query *q = wb_batch_add(b);
	char *text = s->failed ? NULL : wb_arena_sv(&b->arena, wb_str_sv(s));
	b->failed |= !text;
	q->sql = wb_sv(text, text ? s->n : 0);
	wb_str_clear(s);
	return q;
}

void walk_reject_params(struct walk *w, struct wb_batch *b, struct wb_query *q, const char *sqlstate)
{
	struct wb_value *p = wb_arena_array(&b->arena, 4, sizeof(*p));
	b->failed |= !p;
	if (!p)
		return;
	p[0] = wb_v_text(w->r->t->project);
	p[1] = wb_v_text(w->rule->id);
	p[2] = sqlstate && *sqlstate ? wb_v_text(wb_arena_str(&b->arena, sqlstate)) : WB_V_NULL;
	p[3] = wb_v_text(wb_step_run_id(w->r));
	q->params = p;
	q->n_params = 4;
}

const char *walk_reason(struct wb_arena *a, const struct wb_error *why)
{
	return *why->detail ? wb_arena_printf(a, "%s; %s", why->message, why->detail) : wb_arena_str(a, why->message);
}

int walk_remember(struct walk *w, const char *key, const char *why, struct wb_error *err)
{
	struct wb_arena *a = &w->job->arena;
	if (w->job->errors.n >= WB_BATCH_ERRORS_MAX)
		return 0;
	struct wb_rule_error e = { wb_arena_str(a, key), wb_arena_str(a, why) };
	return e.row && e.error && wb_vec_push(&w->job->errors, e) ? 0 : wb_err_nomem(err);
}

int walk_stop(struct walk *w, const char *key, const struct wb_error *why, struct wb_error *err)
{
	struct wb_error e = *why;
	wb_autoarena a = WB_ARENA_INIT;
	const char *reason = walk_reason(&a, why);
	int rc = reason ? walk_remember(w, key, reason, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	wb_err_set(err, WB_EFAILED, "rule %s stopped at the row with %s %s: %s", w->rule->id, w->rule->key.v[0], key,
		   e.message);
	wb_err_detail(err, "%s", e.detail);
	wb_err_hint(err, "everything before that row is done; mend it, or the rule, and run again, or let the rule go "
			 "past such rows with `on_error: collect`");
	if (err)
		(void)wb_sv_copy(wb_sv_str(e.sqlstate), err->sqlstate, sizeof(err->sqlstate));
	return WB_EFAILED;
}

static int too_many(const struct walk *w, struct wb_error *err)
{
	const struct wb_batch_counts *c = &w->job->counts;
	const struct wb_transform_rule *rule = w->rule;
	bool by_count = rule->max_errors >= 0 && c->failed > rule->max_errors;
	bool by_share = rule->max_error_percent > 0 && c->processed >= PERCENT_FROM &&
			c->failed * 100 > c->processed * rule->max_error_percent;
	if (rule->on_error == WB_ON_ERROR_STOP || (!by_count && !by_share))
		return 0;
	wb_err_set(err, WB_EFAILED, "rule %s stopped: %lld of %lld rows were rejected, more than max_errors allows",
		   rule->id, (long long)c->failed, (long long)c->processed);
	if (w->job->errors.n)
		wb_err_detail(err, "the first: %s: %s", w->job->errors.v[0].row, w->job->errors.v[0].error);
	wb_err_hint(err, "what was done stays done; raise max_errors to go on, or mend the rule and begin it anew");
	return WB_EFAILED;
}

/* ---- batches ---------------------------------------------------------------------------- */

void walk_event(struct walk *w, enum wb_event_type type, int64_t n)
{
	const struct wb_batch_job *job = w->job;
	struct wb_event e = wb_event_make(type);
	int64_t now = wb_now_ms(), here = job->counts.processed - job->processed_before;
	e.rule = w->rule->id;
	e.description = w->rule->description;
	e.batch = job->counts.batches + (type == WB_EVENT_BATCH_STARTED);
	e.batch_size = n;
	e.offset = job->counts.processed;
	e.done = job->counts.processed;
	e.total = job->total;
	e.unit = "rows";
	e.elapsed_ms = now - w->started_ms;
	if (job->total >= 0 && w->size)
		e.batches = e.batch + (job->total > e.offset
					       ? (job->total - e.offset - (type == WB_EVENT_BATCH_STARTED)) / w->size
					       : 0);
	if (here > 0 && e.elapsed_ms > 0)
		e.rows_per_s = here * 1000 / e.elapsed_ms;
	if (e.rows_per_s > 0 && job->total >= e.done)
		e.eta_ms = (job->total - e.done) * 1000 / e.rows_per_s;
	if (type == WB_EVENT_BATCH_COMPLETED) {
		e.rows = n;
		e.rss_kb = wb_proc_rss_kb();
	}
	wb_step_event(w->r, e);
}

void walk_next_size(struct walk *w, int64_t n)
{
	w->size = w->suspect > n + 1 ? (w->suspect - n) / 2 : w->suspect > n ? 1 : w->ceiling;
}

/* Where time decides, by how long a whole piece took. */
static void adapt(struct walk *w, int64_t n, int64_t ms)
{
	bool fixed = w->job->batch_size || w->rule->batch_size || w->rule->command.n;
	w->suspect = w->suspect > n ? w->suspect - n : 0;
	if (fixed)
		return;
	if (n >= w->ceiling && ms * 2 < WB_BATCH_GOAL_MS)
		w->ceiling = w->ceiling * 2 < SIZE_MAX_AUTO ? w->ceiling * 2 : SIZE_MAX_AUTO;
	else if (ms > WB_BATCH_GOAL_MS * 2 && w->ceiling > 100)
		w->ceiling /= 2;
}

int walk_done(struct walk *w, const struct wb_batch_counts *c, const char *to, int64_t ms, struct wb_error *err)
{
	struct wb_batch_counts *all = &w->job->counts;
	all->processed += c->processed;
	all->successful += c->successful;
	all->failed += c->failed;
	all->ignored += c->ignored;
	all->batches += c->batches;
	w->job->size = c->processed;
	w->r->step->rows += c->successful;
	w->started = true;
	wb_str_clear(&w->from);
	wb_str_add(&w->from, to ? to : "");
	if (w->from.failed)
		return wb_err_nomem(err);
	adapt(w, c->processed, ms);
	walk_event(w, WB_EVENT_BATCH_COMPLETED, c->processed);
	int rc = too_many(w, err);
	return rc < 0 ? rc : wb_step_pause(w->r, w->rule->pause_ms, err);
}

/* ---- the kind --------------------------------------------------------------------------- */

/* A role that may not create tables can use one that was made for it. */
static int is_there(struct wb_step_run *r, const char *table, bool *ret_there, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	wb_autostr s = WB_STR_INIT;
	struct wb_error why = { 0 };
	wb_str_addf(&s, "SELECT row_key FROM %s WHERE 1 = 0", table);
	(void)walk_query(&b, &s);
	int rc = wb_step_read(r, &b, &why);
	*ret_there = rc == 0;
	if (rc == 0 || rc == WB_ESQL || rc == WB_EPRIVILEGE)
		return 0;
	if (err)
		*err = why;
	return rc;
}

static int begin(struct wb_step_run *r, struct wb_batch *b, struct wb_error *err)
{
	const struct wb_batch_job *job = r->step->spec;
	wb_autostr name = WB_STR_INIT, s = WB_STR_INIT;
	const char *create = wb_conn_sql(r->t->conn, WB_SQL_REJECTS_CREATE),
		   *ours = wb_conn_sql(r->t->conn, WB_SQL_REJECTS_TABLE);
	bool there = false;
	if (job->rule->on_error != WB_ON_ERROR_COLLECT)
		return 0;
	const char *hole = create ? strstr(create, "@table@") : NULL;
	if (!hole || !ours)
		return wb_err_nomem(err);
	if (job->rule->rejects)
		text_ident(job->rule->rejects, &name);
	else
		wb_str_addsv(&name, wb_sv_trim(wb_sv_str(ours)));
	int rc = is_there(r, name.p, &there, err);
	if (rc < 0)
		return rc;
	wb_str_addf(&s, "%.*s%s%s", (int)(hole - create), create, name.p, hole + strlen("@table@"));
	if (!there)
		(void)walk_query(b, &s);
	wb_str_clear(&s);
	wb_str_addf(&s, "DELETE FROM %s WHERE project = $1 AND rule = $2", name.p);
	struct wb_query *q = walk_query(b, &s);
	struct wb_value *p = wb_arena_array(&b->arena, 2, sizeof(*p));
	b->failed |= !p || name.failed;
	if (p) {
		p[0] = wb_v_text(r->t->project);
		p[1] = wb_v_text(job->rule->id);
		q->params = p;
		q->n_params = 2;
	}
	return b->failed ? wb_err_nomem(err) : 0;
}

/* ---- counting ---------------------------------------------------------------------------- */

static int take_number(void *user, const struct wb_row *row, struct wb_error *err)
{
	int64_t n = 0;
	if (row->n < 1 || !wb_sv_i64(row->v[0], &n))
		return wb_err_set(err, WB_EBUG, "a count is no number");
	*(int64_t *)user += n;
	return 0;
}

static void add_count(struct wb_batch *b, struct wb_str *s, int64_t *ret)
{
	struct wb_query *q = walk_query(b, s);
	q->row = take_number;
	q->row_user = ret;
	*ret = 0;
}

/* Rows from `from` on, and all without a key. */
static void count_rows(const struct texts *t, const char *from, struct wb_batch *b, int64_t *ret)
{
	wb_autostr s = WB_STR_INIT;
	struct range r = { from, NULL };
	wb_str_addf(&s, "SELECT count(*) FROM %s WHERE ", t->source);
	if (from)
		text_where(t, &r, &s);
	else
		wb_str_addf(&s, "1 = 1%s", t->filter);
	add_count(b, &s, ret);
}

/* The work, compiled and not done: what is wrong with a column or an expression shows. A role that may only read
 * counts, too. */
static int explain(const struct texts *t, struct wb_conn *c, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	wb_autostr s = WB_STR_INIT;
	struct range all = { NULL, NULL };
	size_t done, offset;
	if (t->rule->command.n)
		return 0;
	wb_str_add(&s, "EXPLAIN ");
	text_write(t, &all, &s);
	(void)walk_query(&b, &s);
	int rc = wb_batch_run(&b, c, &done, &offset, err);
	return rc == WB_EPRIVILEGE ? 0 : rc;
}

int wb_batch_count(struct wb_conn *c, struct wb_batch_job *job, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	wb_autostr s = WB_STR_INIT;
	struct range all = { NULL, NULL };
	struct texts t;
	size_t done, offset;
	int rc = texts_make(&t, &b.arena, c, job->rule, job->no_checks, err);
	if (rc < 0)
		return rc;
	count_rows(&t, NULL, &b, &job->total);
	if (t.reason) {
		wb_str_clear(&s);
		text_failing(&t, &all, "count(*)", &s);
		add_count(&b, &s, &job->counts.failed);
	}
	rc = wb_batch_run(&b, c, &done, &offset, err);
	return rc < 0 ? rc : explain(&t, c, err);
}

static int prepare(struct walk *w, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_batch_job *job = w->job;
	int rc = texts_make(&w->t, &job->arena, w->r->t->conn, w->rule, job->no_checks, err);
	if (rc == 0 && w->r->cursor)
		rc = read_cursor(w, w->r->cursor, err);
	if (rc < 0)
		return rc;
	int64_t fixed = job->batch_size ? job->batch_size : w->rule->batch_size;
	w->size = w->ceiling = fixed ? fixed : w->rule->command.n ? SIZE_PROGRAM : SIZE_FIRST;
	if (w->ended)
		return 0;
	count_rows(&w->t, w->started ? w->from.p : NULL, &b, &job->total);
	rc = wb_step_read(w->r, &b, err);
	job->total += job->counts.processed;
	return rc;
}

static int run(struct wb_step_run *r, struct wb_error *err)
{
	struct wb_batch_job *job = r->step->spec;
	struct walk w = { .r = r,
			  .job = job,
			  .rule = job->rule,
			  .cursor = WB_STR_INIT,
			  .from = WB_STR_INIT,
			  .to = WB_STR_INIT,
			  .started_ms = wb_now_ms() };
	int rc = prepare(&w, err);
	if (rc == 0) {
		walk_event(&w, WB_EVENT_RULE_STARTED, w.size);
		rc = w.rule->command.n ? walk_program(&w, err) : walk_source(&w, err);
	}
	wb_str_done(&w.cursor);
	wb_str_done(&w.from);
	wb_str_done(&w.to);
	if (rc == WB_ESQL && job->n_statements)
		wb_err_prefix(err, "a batch of the backfill failed");
	else if (rc == WB_ESQL)
		wb_err_prefix(err, "rule %s", w.rule->id);
	if (rc < 0 && rc != WB_ECONN && rc != WB_ECANCELLED && w.rule->file && err && !*err->file)
		wb_err_place(err, w.rule->file, w.rule->line, 0);
	return rc;
}

static int recall(struct wb_step_run *r, struct wb_error *err)
{
	struct wb_batch_job *job = r->step->spec;
	struct walk w = { .r = r, .job = job, .rule = job->rule, .from = WB_STR_INIT };
	int rc = r->cursor ? read_cursor(&w, r->cursor, err) : 0; /* of a source without rows there is none */
	job->total = job->counts.processed;
	wb_str_done(&w.from);
	return rc;
}

const struct wb_step_kind wb_batch_kind = { .name = "batch", .begin = begin, .recall = recall, .run = run };
