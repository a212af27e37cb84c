/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows through a program: each as a line of JSON on its standard input, and for
 * each it prints one line: an object (or an array of them) with the fields to
 * be written, null for a row to be left out, or {"error": "…"} for one to be
 * rejected. The server makes the JSON and reads it; here lines only pass. What
 * the program gave is kept until it is written, so that a batch which fails
 * because of a row is cut in halves without asking the program again.
 */
#include "walk.h"

#include "base/duplex.h"
#include "json.h"

#define ROWS_GOAL ((size_t)2 << 20) /* rows that are larger go in smaller batches */
#define ANSWER_MAX ((size_t)64 << 20) /* of a batch */

enum answer { ANSWER_ROWS, ANSWER_NOTHING, ANSWER_ERROR };
struct line {
	size_t key, key_n; /* in keys */
	size_t in, in_n; /* in rows: what the program got */
	size_t out, out_n; /* in answers */
	enum answer answer;
};
struct pump {
	struct walk *w;
	struct wb_duplex program;
	struct wb_str keys, rows, answers;
	WB_VEC(struct line) lines;
	const char *write; /* the statement */
};

/* ---- reading and asking -------------------------------------------------------------- */

static int take_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct pump *p = user;
	if (row->n != 2 || !row->v[0].p || !row->v[1].p)
		return wb_err_set(err, WB_EBUG, "a row without a key or content");
	struct line l = { .key = p->keys.n, .key_n = row->v[0].n, .in = p->rows.n, .in_n = row->v[1].n };
	wb_str_addsv(&p->keys, row->v[0]);
	wb_str_addc(&p->keys, '\0');
	wb_str_addsv(&p->rows, row->v[1]);
	if (p->rows.failed || p->keys.failed || !wb_vec_push(&p->lines, l))
		return wb_err_nomem(err);
	/* Between JSON's values a line end is a blank, and within them there is none. */
	for (char *c = p->rows.p + l.in; (c = memchr(c, '\n', l.in_n - (size_t)(c - p->rows.p - l.in))) != NULL;)
		*c = ' ';
	wb_str_addc(&p->rows, '\n');
	return p->rows.failed ? wb_err_nomem(err) : 0;
}

static int read_rows(struct pump *p, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct walk *w = p->w;
	struct range r = { w->started ? w->from.p : NULL, NULL };
	wb_autostr s = WB_STR_INIT;
	wb_str_clear(&p->keys);
	wb_str_clear(&p->rows);
	p->lines.n = 0;
	wb_str_addf(&s, "SELECT %s, %s FROM %s WHERE ", w->t.key_text, w->t.row_json, w->t.source);
	text_where(&w->t, &r, &s);
	wb_str_addf(&s, " ORDER BY %s LIMIT %lld", w->t.keys, (long long)w->size);
	struct wb_query *q = walk_query(&b, &s);
	q->row = take_row;
	q->row_user = p;
	return wb_step_read(w->r, &b, err);
}

static enum answer answer_of(struct wb_sv text)
{
	text = wb_sv_trim(text);
	if (!text.n || wb_sv_eq(text, WB_SV("null")))
		return ANSWER_NOTHING;
	return json_member(text, "error", NULL) ? ANSWER_ERROR : ANSWER_ROWS;
}

static int ask(struct pump *p, struct wb_error *err)
{
	int rc = wb_duplex_exchange(&p->program, wb_str_sv(&p->rows), p->lines.n, &p->answers, err);
	struct wb_sv rest = wb_str_sv(&p->answers), text;
	for (size_t i = 0; rc == 0 && i < p->lines.n; i++) {
		struct line *l = &p->lines.v[i];
		if (!wb_sv_cut(&rest, '\n', &text))
			return wb_err_set(err, WB_EBUG, "an answer is missing");
		l->out = (size_t)(text.p - p->answers.p);
		l->out_n = text.n;
		l->answer = answer_of(text);
	}
	return rc;
}

/* ---- writing --------------------------------------------------------------------------- */

/* The lines first to last - 1, as one transaction. */
struct part {
	struct pump *p;
	size_t first, last;
	struct wb_batch *b;
	int64_t written, rejected, left_out; /* lines */
	const char *cause, *sqlstate; /* all are rejected because of it; NULL */
	size_t write; /* the query; SIZE_MAX: none */
	struct wb_batch_counts counts;
};

static const char *key_of(const struct pump *p, size_t i)
{
	return p->keys.p + p->lines.v[i].key;
}

static const char *cursor_of(void *user)
{
	struct part *t = user;
	int64_t done = t->write < t->b->q.n ? t->b->q.v[t->write].affected : 0;
	int64_t lines = (int64_t)(t->last - t->first);
	struct wb_batch_counts *c = &t->counts;
	c->successful = done > 0 ? done : 0;
	c->failed = t->rejected;
	c->processed = lines;
	/* An answer of several rows counts them all as successful. */
	c->ignored = t->left_out + (c->successful < t->written ? t->written - c->successful : 0);
	c->batches = 1;
	return walk_cursor(t->p->w, c, key_of(t->p, t->last - 1));
}

/* "[row,row,…]": an answer that is itself an array is a list within it. */
static void add_rows(struct part *t, struct wb_str *json)
{
	for (size_t i = t->first; i < t->last; i++) {
		const struct line *l = &t->p->lines.v[i];
		struct wb_sv text = wb_sv_trim(wb_sv(t->p->answers.p + l->out, l->out_n));
		if (l->answer != ANSWER_ROWS)
			continue;
		if (*text.p == '[' && text.n > 1 && text.p[text.n - 1] == ']')
			text = wb_sv_trim(wb_sv(text.p + 1, text.n - 2));
		if (text.n)
			wb_str_addf(json, "%s", json->n > 1 ? "," : "");
		wb_str_addsv(json, text);
		t->written++;
	}
}

static int add_write(struct part *t, struct wb_error *err)
{
	wb_autostr json = WB_STR_INIT;
	wb_str_addc(&json, '[');
	if (!t->cause)
		add_rows(t, &json);
	wb_str_addc(&json, ']');
	t->write = SIZE_MAX;
	if (!t->written)
		return json.failed ? wb_err_nomem(err) : 0;
	struct wb_query *q = wb_batch_add(t->b);
	struct wb_value *v = wb_arena_alloc(&t->b->arena, sizeof(*v));
	char *text = json.failed ? NULL : wb_arena_sv(&t->b->arena, wb_str_sv(&json));
	if (!v || !text || t->b->failed)
		return wb_err_nomem(err);
	*v = wb_v_sv(wb_sv(text, json.n));
	q->sql = wb_sv_str(t->p->write);
	q->params = v;
	q->n_params = 1;
	t->write = t->b->q.n - 1;
	return 0;
}

/* What the program says, or why the server refused the row. */
static const char *reason_of(struct part *t, const struct line *l)
{
	wb_autostr text = WB_STR_INIT;
	if (t->cause)
		return t->cause;
	struct wb_sv answer = wb_sv_trim(wb_sv(t->p->answers.p + l->out, l->out_n));
	(void)json_member(answer, "error", &text);
	return text.failed ? NULL : wb_arena_sv(&t->b->arena, wb_str_sv(&text));
}

static int add_reject(struct part *t, size_t i, struct wb_error *err)
{
	struct walk *w = t->p->w;
	const struct line *l = &t->p->lines.v[i];
	const char *reason = reason_of(t, l);
	wb_autostr s = WB_STR_INIT;
	if (!reason)
		return wb_err_nomem(err);
	t->rejected++;
	int rc = walk_remember(w, key_of(t->p, i), reason, err);
	if (rc < 0 || w->rule->on_error != WB_ON_ERROR_COLLECT)
		return rc;
	wb_str_addf(&s,
		    "INSERT INTO %s (project, rule, row_key, reason, sqlstate, run, row_data) VALUES ($1, $2, $5, $6, "
		    "$3, $4, $7) ON CONFLICT (project, rule, row_key) DO NOTHING",
		    w->t.rejects);
	struct wb_query *q = walk_query(t->b, &s);
	struct wb_value *v = wb_arena_array(&t->b->arena, 7, sizeof(*v));
	if (!v || t->b->failed)
		return wb_err_nomem(err);
	v[0] = wb_v_text(w->r->t->project);
	v[1] = wb_v_text(w->rule->id);
	v[2] = t->sqlstate && *t->sqlstate ? wb_v_text(t->sqlstate) : WB_V_NULL;
	v[3] = wb_v_text(wb_step_run_id(w->r));
	v[4] = wb_v_text(key_of(t->p, i));
	v[5] = wb_v_text(reason);
	v[6] = wb_v_sv(wb_sv(t->p->rows.p + l->in, l->in_n));
	q->params = v;
	q->n_params = 7;
	return 0;
}

static int fill(struct part *t, struct wb_error *err)
{
	int rc = add_write(t, err);
	for (size_t i = t->first; rc == 0 && i < t->last; i++) {
		enum answer a = t->p->lines.v[i].answer;
		t->left_out += a == ANSWER_NOTHING && !t->cause;
		if (t->cause || a == ANSWER_ERROR)
			rc = add_reject(t, i, err);
	}
	return rc;
}

static int commit(struct part *t, struct wb_error *err)
{
	struct walk *w = t->p->w;
	size_t errors = w->job->errors.n;
	int64_t start = wb_now_ms();
	struct wb_step_work work = { .queries = t->b, .cursor = cursor_of, .user = t };
	int rc = fill(t, err);
	w->r->row_to_blame = false;
	if (rc == 0)
		rc = wb_step_commit(w->r, &work, err);
	if (rc == 0)
		return walk_done(w, &t->counts, key_of(t->p, t->last - 1), wb_now_ms() - start, err);
	w->job->errors.n = errors;
	return rc;
}

/* *ret_done: lines that are. A row alone that fails is rejected. */
static int write_part(struct pump *p, size_t first, size_t *last, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT }, alone = { .arena = WB_ARENA_INIT };
	struct part t = { .p = p, .first = first, .last = *last, .b = &b };
	struct walk *w = p->w;
	int rc = commit(&t, err);
	if (rc == 0 || !w->r->row_to_blame)
		return rc;
	if (*last - first > 1) {
		*last = first + (*last - first) / 2;
		return write_part(p, first, last, err);
	}
	if (w->rule->on_error == WB_ON_ERROR_STOP)
		return walk_stop(w, key_of(p, first), err, err);
	struct part rejected = { .p = p, .first = first, .last = *last, .b = &alone, .sqlstate = "" };
	rejected.cause = walk_reason(&alone.arena, err);
	rejected.sqlstate = wb_arena_str(&alone.arena, err->sqlstate);
	return rejected.cause && rejected.sqlstate ? commit(&rejected, err) : wb_err_nomem(err);
}

/* With `stop`, up to the first row that the program rejects; returns its number, or how many there are. */
static size_t until_error(const struct pump *p, size_t first)
{
	size_t i = first;
	while (i < p->lines.n && (p->w->rule->on_error != WB_ON_ERROR_STOP || p->lines.v[i].answer != ANSWER_ERROR))
		i++;
	return i;
}

static int stop_at(struct pump *p, size_t i, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error why = { 0 };
	const struct line *l = &p->lines.v[i];
	(void)json_member(wb_sv_trim(wb_sv(p->answers.p + l->out, l->out_n)), "error", &text);
	wb_err_set(&why, WB_EFAILED, "%s", text.p);
	return walk_stop(p->w, key_of(p, i), &why, err);
}

static int write_batch(struct pump *p, struct wb_error *err)
{
	size_t end = until_error(p, 0), first = 0, suspect = 0;
	int rc = 0;
	while (rc == 0 && first < end) {
		/* Halves around the row that failed, as wide as it is not known where it is. */
		size_t last = suspect > first + 1 ? first + (suspect - first) / 2 : suspect > first ? suspect : end;
		size_t asked = last;
		rc = write_part(p, first, &last, err);
		if (last < asked)
			suspect = asked;
		first = last;
	}
	return rc == 0 && end < p->lines.n ? stop_at(p, end, err) : rc;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int tick(void *user, struct wb_error *err)
{
	struct walk *w = user;
	return wb_step_keep(w->r, err);
}

static int pump_rows(struct pump *p, struct wb_error *err)
{
	int rc = read_rows(p, err);
	while (rc == 0 && p->lines.n) {
		walk_event(p->w, WB_EVENT_BATCH_STARTED, (int64_t)p->lines.n);
		rc = ask(p, err);
		if (rc == 0)
			rc = write_batch(p, err);
		if (p->rows.n > ROWS_GOAL && p->w->size > 1)
			p->w->size /= 2;
		if (rc == 0)
			rc = read_rows(p, err);
	}
	return rc;
}

static int start(struct pump *p, struct wb_error *err)
{
	struct walk *w = p->w;
	const struct wb_texts *command = &w->rule->command;
	wb_autostr s = WB_STR_INIT;
	const char **argv = wb_arena_array(&w->job->arena, command->n + 1, sizeof(*argv));
	int rc = text_write_json(&w->t, w->r->t->conn, &s, err);
	if (rc < 0)
		return rc;
	p->write = wb_arena_sv(&w->job->arena, wb_str_sv(&s));
	if (!argv || !p->write)
		return wb_err_nomem(err);
	for (size_t i = 0; i < command->n; i++)
		argv[i] = command->v[i];
	return wb_duplex_start(&p->program, argv, err);
}

int walk_program(struct walk *w, struct wb_error *err)
{
	struct pump p = { .w = w,
			  .program = { .pid = -1,
				       .in = -1,
				       .out = -1,
				       .err = -1,
				       .max = ANSWER_MAX,
				       .tick = tick,
				       .user = w,
				       .rest = WB_STR_INIT,
				       .complaint = WB_STR_INIT },
			  .keys = WB_STR_INIT,
			  .rows = WB_STR_INIT,
			  .answers = WB_STR_INIT };
	struct wb_error scratch = { 0 };
	err = err ? err : &scratch;
	int rc = w->ended ? 0 : start(&p, err);
	if (rc == 0 && !w->ended)
		rc = pump_rows(&p, err);
	if (rc == 0 && !w->ended)
		rc = wb_duplex_end(&p.program, err);
	wb_duplex_done(&p.program);
	wb_str_done(&p.keys);
	wb_str_done(&p.rows);
	wb_str_done(&p.answers);
	wb_vec_done(&p.lines);
	return rc < 0 || w->ended ? rc : walk_end(w, err);
}
