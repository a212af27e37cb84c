/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a source inside the server. A piece of keys is found by one query,
 * which goes out behind the transaction of the piece before it, so that each
 * piece costs one round trip. A piece that fails because of a row is tried at
 * half its size, down to that row alone, which is rejected. Every one of them
 * commits by itself with the cursor.
 */
#include "walk.h"

/* ---- the next piece ----------------------------------------------------------------- */

/* Its number of rows, and its last key as literals. */
static int take_bound(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct walk *w = user;
	if (row->n != (int)w->rule->key.n + 1 || !wb_sv_i64(row->v[0], &w->n))
		return wb_err_set(err, WB_EBUG, "a bound has %d columns", row->n);
	wb_str_clear(&w->to);
	for (int i = 1; i < row->n; i++) {
		wb_str_add(&w->to, i > 1 ? ", " : "");
		wb_str_addsv(&w->to, row->v[i]);
	}
	return w->to.failed ? wb_err_nomem(err) : 0;
}

static void ask_bound(struct walk *w, struct wb_batch *b, const char *from)
{
	wb_autostr s = WB_STR_INIT;
	text_bound(&w->t, from, w->size, &s);
	struct wb_query *q = walk_query(b, &s);
	q->row = take_bound;
	q->row_user = w;
}

static int find_bound(struct walk *w, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	ask_bound(w, &b, w->started ? w->from.p : NULL);
	w->n = 0;
	return wb_step_read(w->r, &b, err);
}

/* ---- checks --------------------------------------------------------------------------- */

/* What one transaction does to a piece. */
struct piece {
	struct walk *w;
	const struct range *r;
	int64_t rows; /* in it */
	struct wb_batch *b;
	size_t write, n_write; /* the queries that do the work */
	int64_t found; /* rows that failed a check */
	size_t errors; /* of the job, before it */
	bool all_fail;
	struct wb_batch_counts counts;
};

static int take_failing(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct piece *p = user;
	if (row->n < 2 || !row->v[0].p || !row->v[1].p)
		return wb_err_set(err, WB_EBUG, "a rejected row without key or reason");
	p->found++;
	return walk_remember(p->w, row->v[0].p, row->v[1].p, err);
}

static void ask_failing(struct piece *p, struct wb_batch *b, struct wb_str *text)
{
	struct wb_query *q = walk_query(b, text);
	q->row = take_failing;
	q->row_user = p;
}

/* With `stop` nothing of a piece may be done when one of its rows fails. */
static int check_first(struct walk *w, const struct range *r, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	wb_autostr s = WB_STR_INIT;
	struct piece p = { .w = w };
	struct wb_error why = { 0 };
	text_failing(&w->t, r, "k, reason", &s);
	wb_str_add(&s, " LIMIT 1");
	ask_failing(&p, &b, &s);
	int rc = wb_step_read(w->r, &b, err);
	if (rc < 0 || !p.found)
		return rc;
	const struct wb_rule_error *e = &w->job->errors.v[--w->job->errors.n];
	wb_err_set(&why, WB_EFAILED, "%s", e->error);
	return walk_stop(w, e->row, &why, err);
}

/* Those that fail, on their way into the rejects, or only told. */
static void add_failing(struct piece *p)
{
	struct walk *w = p->w;
	wb_autostr rows = WB_STR_INIT, s = WB_STR_INIT;
	bool collect = w->rule->on_error == WB_ON_ERROR_COLLECT;
	text_failing(&w->t, p->r, collect ? "k, reason, j" : "k, reason", &rows);
	p->b->failed |= rows.failed;
	if (!collect) {
		ask_failing(p, p->b, &rows);
		return;
	}
	text_reject(&w->t, rows.p, &s);
	wb_str_add(&s, " RETURNING row_key, reason");
	ask_failing(p, p->b, &s);
	if (!p->b->failed)
		walk_reject_params(w, p->b, &p->b->q.v[p->b->q.n - 1], NULL);
}

/* ---- one piece -------------------------------------------------------------------------- */

static void again(void *user)
{
	struct piece *p = user;
	p->found = 0;
	p->w->n = 0;
	p->w->job->errors.n = p->errors;
}

static int64_t rows_written(const struct piece *p)
{
	int64_t n = 0;
	for (size_t i = p->write; i < p->write + p->n_write && i < p->b->q.n; i++)
		n += p->b->q.v[i].affected > 0 ? p->b->q.v[i].affected : 0;
	return n;
}

/* Rows may have come between asking for the piece and writing it. */
static const char *cursor_of(void *user)
{
	struct piece *p = user;
	struct wb_batch_counts *c = &p->counts;
	c->successful = rows_written(p);
	c->failed = p->all_fail ? p->rows : p->found;
	c->processed = p->rows > c->successful + c->failed ? p->rows : c->successful + c->failed;
	if (p->w->job->n_statements) /* several may have changed a row, or none */
		c->processed = p->rows;
	else
		c->ignored = c->processed - c->successful - c->failed;
	c->batches = 1;
	return walk_cursor(p->w, c, p->r ? p->r->to : NULL);
}

static int commit(struct piece *p, struct wb_batch *after, struct wb_error *err)
{
	struct wb_step_work work = { .queries = p->b,
				     .again = again,
				     .cursor = cursor_of,
				     .after = after,
				     .user = p,
				     .one_snapshot = p->w->t.reason != NULL };
	p->errors = p->w->job->errors.n;
	int64_t start = wb_now_ms();
	int rc = wb_step_commit(p->w->r, &work, err);
	if (rc < 0) {
		p->w->job->errors.n = p->errors;
		return rc;
	}
	return walk_done(p->w, &p->counts, p->r ? p->r->to : NULL, wb_now_ms() - start, err);
}

/* r NULL: rows without a key. */
static void add_work(struct piece *p)
{
	const struct walk *w = p->w;
	const struct wb_batch_job *job = w->job;
	wb_autostr s = WB_STR_INIT;
	p->write = p->b->q.n;
	p->n_write = job->n_statements ? job->n_statements : 1;
	if (!job->n_statements) {
		text_write(&w->t, p->r, &s);
		(void)walk_query(p->b, &s);
	}
	for (size_t i = 0; i < job->n_statements; i++) {
		wb_sql_piece(w->r->t->driver->dialect, job->statements[i].text, p->r ? p->r->from : NULL,
			     p->r ? p->r->to : NULL, &s);
		(void)walk_query(p->b, &s);
	}
}

static int write_piece(struct walk *w, const struct range *r, int64_t n, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	WB_CLEANUP(wb_batch_done) struct wb_batch after = { .arena = WB_ARENA_INIT };
	struct piece p = { .w = w, .r = r, .rows = n, .b = &b };
	if (w->t.reason && w->rule->on_error == WB_ON_ERROR_STOP) {
		int rc = check_first(w, r, err);
		if (rc < 0)
			return rc;
	} else if (w->t.reason) {
		add_failing(&p);
	}
	add_work(&p);
	walk_next_size(w, n);
	ask_bound(w, &after, r->to);
	return commit(&p, &after, err);
}

/* ---- rejects ------------------------------------------------------------------------------ */

/* The rows of a range, with a reason for all of them. */
static void add_rejects(struct piece *p, const char *reason, const char *sqlstate, bool numbered)
{
	struct walk *w = p->w;
	wb_autostr rows = WB_STR_INIT, s = WB_STR_INIT;
	if (w->rule->on_error != WB_ON_ERROR_COLLECT)
		return;
	wb_str_addf(&rows, "SELECT %s", w->t.key_text);
	if (numbered)
		wb_str_add(&rows, " || ' #' || row_number() OVER ()");
	wb_str_add(&rows, " AS k, ");
	wb_quote_literal(&rows, w->r->t->driver->dialect, wb_sv_str(reason));
	wb_str_addf(&rows, " AS reason, %s AS j FROM %s WHERE ", w->t.row_json, w->t.source);
	if (p->r)
		text_where(&w->t, p->r, &rows);
	else
		wb_str_addf(&rows, "%s%s", w->t.no_key, w->t.filter);
	p->b->failed |= rows.failed;
	text_reject(&w->t, rows.p, &s);
	walk_reject_params(w, p->b, walk_query(p->b, &s), sqlstate);
}

static int reject_row(struct walk *w, const struct range *r, int64_t n, const struct wb_error *why,
		      struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	WB_CLEANUP(wb_batch_done) struct wb_batch after = { .arena = WB_ARENA_INIT };
	struct wb_error cause = *why;
	struct piece p = { .w = w, .r = r, .rows = n, .b = &b, .all_fail = true };
	if (w->rule->on_error == WB_ON_ERROR_STOP)
		return walk_stop(w, r->to, &cause, err);
	const char *reason = walk_reason(&b.arena, &cause);
	int rc = reason ? walk_remember(w, r->to, reason, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	add_rejects(&p, reason, cause.sqlstate, false);
	w->suspect = 0;
	w->size = w->ceiling;
	ask_bound(w, &after, r->to);
	return commit(&p, &after, err);
}

/* ---- rows without a key --------------------------------------------------------------------- */

static int take_lonely(void *user, const struct wb_row *row, struct wb_error *err)
{
	if (row->n < 1 || !wb_sv_i64(row->v[0], user))
		return wb_err_set(err, WB_EBUG, "a count is no number");
	return 0;
}

/* Statements of their own say themselves what they do to a row, so all of these are one piece. */
static int end_statements(struct piece *p, struct wb_error *err)
{
	p->all_fail = false;
	add_work(p);
	return commit(p, NULL, err);
}

/* They cannot be told apart, so that nothing could be said of them exactly once. */
int walk_end(struct walk *w, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT }, ask = { .arena = WB_ARENA_INIT };
	static const char reason[] = "its key is NULL";
	struct piece p = { .w = w, .b = &b, .all_fail = true };
	struct wb_error why = { 0 };
	wb_autostr s = WB_STR_INIT;
	wb_str_addf(&s, "SELECT count(*) FROM %s WHERE %s%s", w->t.source, w->t.no_key, w->t.filter);
	struct wb_query *q = walk_query(&ask, &s);
	q->row = take_lonely;
	q->row_user = &p.rows;
	int rc = wb_step_read(w->r, &ask, err);
	if (rc == 0 && p.rows && w->job->n_statements)
		return end_statements(&p, err);
	wb_err_set(&why, WB_EFAILED, "%s", reason);
	if (rc == 0 && p.rows && w->rule->on_error == WB_ON_ERROR_STOP)
		return walk_stop(w, "NULL", &why, err);
	if (rc == 0 && p.rows)
		rc = walk_remember(w, "NULL", reason, err);
	if (rc < 0 || !p.rows)
		return rc;
	add_rejects(&p, reason, NULL, true);
	return commit(&p, NULL, err);
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* Where the statement that failed stands. */
static int blame_statement(const struct walk *w, int rc, struct wb_error *err)
{
	const struct wb_batch_job *job = w->job;
	if (w->r->failed < job->n_statements) {
		const struct wb_stmt *st = &job->statements[w->r->failed];
		wb_sql_error_place(err, w->rule->file, st->pos, st->text, 0);
	}
	return rc;
}

/* Its half is tried next; a row alone is rejected. */
static int after_failure(struct walk *w, const struct range *r, int64_t n, int rc, struct wb_error *err)
{
	if (w->job->n_statements)
		return blame_statement(w, rc, err);
	if (!w->r->row_to_blame)
		return rc;
	if (n <= 1)
		return reject_row(w, r, n, err, err);
	w->suspect = n;
	w->size = n / 2;
	return find_bound(w, err);
}

static int walk_piece(struct walk *w, struct wb_error *err)
{
	wb_autofree char *from = w->started ? strdup(w->from.p) : NULL, *to = strdup(w->to.p);
	struct range r = { from, to };
	if (!to || (w->started && !from))
		return wb_err_nomem(err);
	int64_t n = w->n;
	walk_event(w, WB_EVENT_BATCH_STARTED, n);
	w->r->row_to_blame = false;
	int rc = write_piece(w, &r, n, err);
	return rc < 0 ? after_failure(w, &r, n, rc, err) : 0;
}

int walk_source(struct walk *w, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	int rc = 0;
	err = err ? err : &scratch;
	if (w->ended)
		return 0;
	rc = find_bound(w, err);
	while (rc == 0 && w->n > 0)
		rc = walk_piece(w, err);
	return rc < 0 ? rc : walk_end(w, err);
}
