/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements of a script on their way to the database: gathered up to a size
 * and sent in one round trip, so that a file of a million small INSERTs costs
 * thousands of round trips, not a million; COPY data go straight through. An
 * error is given the place in the file of the statement that caused it.
 */
#include "run.h"

#include "script.h"
#include "trash.h"

#define SEND_BYTES (256u << 10)
#define SEND_STATEMENTS 512

void wb_sender_init(struct wb_sender *s, struct wb_run *run, struct wb_conn *conn, const struct wb_work_item *item,
		    struct wb_tally *tally)
{
	*s = (struct wb_sender){ .run = run, .conn = conn, .item = item, .tally = tally };
}

void wb_sender_done(struct wb_sender *s)
{
	wb_script_close(s->reader);
	s->reader = NULL;
	wb_batch_done(&s->batch);
	wb_vec_done(&s->sent);
}

void wb_sender_place(const struct wb_sender *s, struct wb_pos pos, int64_t ordinal, struct wb_sv text, size_t offset,
		     struct wb_error *err)
{
	wb_script_place(s->item->script, pos, text, offset, err);
	if (err) {
		err->statement = (unsigned)ordinal;
		(void)wb_sv_copy(wb_sv_str(s->item->version), err->version, sizeof(err->version));
	}
}

/* The statement among those sent that is query number i; NULL for the driver's and the journal's own. */
static const struct wb_sent *statement_at(const struct wb_sender *s, size_t i)
{
	for (size_t k = 0; k < s->sent.n; k++) {
		if (s->sent.v[k].query == i)
			return &s->sent.v[k];
	}
	return NULL;
}

void wb_sender_took(const struct wb_sender *s, int64_t ordinal, int64_t ms)
{
	const struct wb_target *t = s->run->t;
	if (t->took && ms >= WB_TOOK_LONG_MS)
		t->took(t->took_user, s->item, ordinal, ms);
}

static void count(struct wb_sender *s, size_t done)
{
	for (size_t k = 0; k < s->sent.n && s->sent.v[k].query < done; k++) {
		const struct wb_query *q = &s->batch.q.v[s->sent.v[k].query];
		int64_t rows = q->affected;
		wb_sender_took(s, s->sent.v[k].ordinal, q->elapsed_us / 1000);
		s->tally->statements++;
		s->tally->rows += rows > 0 ? rows : 0;
	}
}

static void progress(struct wb_sender *s)
{
	struct wb_watch *w = &s->run->watch;
	int64_t now = wb_now_ms();
	if (now < w->next_progress_ms || s->item->script->n < SEND_STATEMENTS)
		return;
	w->next_progress_ms = now + 200;
	struct wb_event e = wb_event_make(WB_EVENT_STEP_PROGRESS);
	e.done = s->at;
	e.total = s->item->script->n;
	e.unit = "statements";
	e.elapsed_ms = now - s->tally->started_ms;
	e.eta_ms = e.done ? e.elapsed_ms * (e.total - e.done) / e.done : -1;
	wb_run_event(s->run, s->item, e);
}

static void clear(struct wb_sender *s)
{
	wb_batch_done(&s->batch);
	s->sent.n = 0;
	s->bytes = 0;
}

int wb_sender_flush(struct wb_sender *s, struct wb_error *err)
{
	size_t done = 0, offset = SIZE_MAX;
	if (!s->batch.q.n && !s->batch.failed)
		return 0;
	wb_watch_call(&s->run->watch);
	int rc = wb_batch_run(&s->batch, s->conn, &done, &offset, err);
	count(s, rc < 0 ? done : s->batch.q.n);
	const struct wb_sent *sent = rc < 0 && !s->batch.failed ? statement_at(s, done) : NULL;
	if (sent)
		wb_sender_place(s, sent->pos, sent->ordinal, s->batch.q.v[sent->query].sql, offset, err);
	clear(s);
	progress(s);
	return rc;
}

/* Moves the reader so that the statement after `ordinal - 1` is next. */
static int seek(struct wb_sender *s, int64_t ordinal, struct wb_error *err)
{
	if (s->reader && s->at < ordinal)
		return 0;
	wb_script_close(s->reader);
	s->reader = NULL;
	s->at = 0;
	return wb_script_open(s->run->t, s->item->script, &s->reader, err);
}

static int next_statement(struct wb_sender *s, struct wb_item *ret_item, struct wb_error *err)
{
	int rc;
	do {
		rc = wb_script_next(s->reader, ret_item, err);
	} while (rc == 0 && (ret_item->kind == WB_ITEM_COPY_DATA || ret_item->kind == WB_ITEM_COPY_END));
	if (rc == 0 && ret_item->kind == WB_ITEM_STATEMENT)
		s->at++;
	return rc;
}

static int read_to(struct wb_sender *s, int64_t ordinal, struct wb_item *ret_item, struct wb_error *err)
{
	int rc = seek(s, ordinal, err);
	while (rc == 0 && s->at < ordinal) {
		rc = next_statement(s, ret_item, err);
		if (rc == 0 && ret_item->kind == WB_ITEM_END)
			return wb_err_set(err, WB_ECHECKSUM, "migration %s changed while it ran", s->item->version);
	}
	return rc;
}

int wb_sender_read(struct wb_sender *s, int64_t ordinal, struct wb_sv *ret_text, struct wb_pos *ret_pos,
		   struct wb_error *err)
{
	struct wb_item item = { 0 };
	int rc = read_to(s, ordinal, &item, err);
	if (rc == 0) {
		*ret_text = item.text;
		*ret_pos = item.pos;
	}
	return rc;
}

/* Feeds COPY data from the file; one chunk may be larger than what the driver asks for. */
struct copy_feed {
	struct wb_sender *s;
	struct wb_sv rest;
	bool ended;
};

static int feed(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	struct copy_feed *f = user;
	while (!f->rest.n && !f->ended) {
		struct wb_item item;
		int rc = wb_script_next(f->s->reader, &item, err);
		if (rc < 0)
			return rc;
		f->ended = item.kind != WB_ITEM_COPY_DATA;
		f->rest = f->ended ? wb_sv(NULL, 0) : item.text;
	}
	size_t n = f->rest.n < cap ? f->rest.n : cap;
	if (n)
		memcpy(buf, f->rest.p, n);
	f->rest.p += n;
	f->rest.n -= n;
	*ret_n = n;
	return 0;
}

static int send_copy(struct wb_sender *s, const struct wb_item *item, struct wb_error *err)
{
	char *text = malloc(item->text.n + 1);
	if (!text)
		return wb_err_nomem(err);
	memcpy(text, item->text.p, item->text.n);
	text[item->text.n] = 0;
	struct wb_pos pos = item->pos;
	struct copy_feed f = { .s = s };
	struct wb_query q = { .sql = wb_sv(text, item->text.n), .copy = feed, .copy_user = &f };
	int rc = wb_sender_flush(s, err);
	if (rc == 0) {
		size_t done, offset = SIZE_MAX;
		wb_watch_call(&s->run->watch);
		rc = wb_run(s->conn, &q, 1, &done, &offset, err);
		s->tally->statements += rc == 0;
		s->tally->rows += q.affected > 0 ? q.affected : 0;
		if (rc < 0 && err && !err->line)
			wb_sender_place(s, pos, s->at, q.sql, offset, err);
	}
	free(text);
	return rc;
}

static int add_to_batch(struct wb_sender *s, const struct wb_item *item, struct wb_error *err)
{
	bool kept = s->item->script->kept;
	char *copy = kept ? NULL : wb_arena_sv(&s->batch.arena, item->text);
	struct wb_sent sent = { .query = s->batch.q.n, .pos = item->pos, .ordinal = s->at };
	if ((!kept && !copy) || !wb_vec_push(&s->sent, sent))
		return wb_err_nomem(err);
	wb_batch_sql(&s->batch, kept ? item->text : wb_sv(copy, item->text.n));
	s->bytes += item->text.n;
	return 0;
}

/* In a round trip with others a statement's own time cannot be told. */
static int add(struct wb_sender *s, const struct wb_item *item, bool alone, struct wb_error *err)
{
	int rc = alone ? wb_sender_flush(s, err) : 0;
	if (rc == 0)
		rc = add_to_batch(s, item, err);
	return rc == 0 && alone ? wb_sender_flush(s, err) : rc;
}

/* Reads past the last statement: only there does the reader see that the file is still the one that was planned. */
static int read_end(struct wb_sender *s, struct wb_error *err)
{
	struct wb_item item;
	if (!s->reader)
		return 0;
	int rc = next_statement(s, &item, err);
	if (rc == 0 && item.kind != WB_ITEM_END)
		return wb_err_set(err, WB_ECHECKSUM, "migration %s changed while it ran", s->item->version);
	return rc;
}

static bool alters(const struct wb_sender *s, struct wb_sv statement)
{
	struct wb_stmt_info info = { 0 };
	if (s->item->script->alters)
		s->run->t->driver->classify(statement, &info);
	return info.alters;
}

static int alter(struct wb_sender *s, const struct wb_item *item, int64_t last, int64_t *ret_last, struct wb_error *err)
{
	struct wb_item ignored;
	int64_t first = s->at;
	int rc = wb_sender_flush(s, err);
	int64_t began_ms = wb_now_ms();
	if (rc == 0)
		rc = wb_alter_run(s, item, last, ret_last, err);
	if (rc == 0 && *ret_last == first)
		wb_sender_took(s, first, wb_now_ms() - began_ms);
	return rc < 0 ? rc : read_to(s, *ret_last, &ignored, err);
}

static int send_one(struct wb_sender *s, const struct wb_item *item, int64_t last, int64_t *i, struct wb_error *err)
{
	const struct wb_script *script = s->item->script;
	const struct wb_target *t = s->run->t;
	bool alone = t->expects && t->expects(t->took_user, s->item, s->at);
	if (script->has_copy && t->driver->caps & WB_CAP_COPY && wb_sql_is_copy_from_stdin(item->text))
		return send_copy(s, item, err);
	return alters(s, item->text) ? alter(s, item, last, i, err) : add(s, item, alone, err);
}

/* A rehearsal is rolled back with all that it takes. */
static int set_aside(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err)
{
	*ret_replaced = false;
	if (!s->item->script->n_trash || s->run->o->dry_run == WB_DRY_RUN_ROLLBACK ||
	    !wb_trash_marks(s->item->script, s->at))
		return 0;
	return s->run->t->trash ? wb_trash_run(s, item, ret_replaced, err) : wb_trash_tell(s, item, err);
}

int wb_sender_statements(struct wb_sender *s, int64_t first, int64_t last, struct wb_error *err)
{
	int rc = 0;
	for (int64_t i = first; rc == 0 && i <= last; i++) {
		struct wb_item item = { 0 };
		rc = read_to(s, i, &item, err);
		bool replaced = false;
		if (rc == 0)
			rc = set_aside(s, &item, &replaced, err);
		if (rc == 0 && !replaced)
			rc = send_one(s, &item, last, &i, err);
		if (rc == 0 && (s->bytes >= SEND_BYTES || s->sent.n >= SEND_STATEMENTS))
			rc = wb_sender_flush(s, err);
	}
	return rc == 0 && last == s->item->script->n ? read_end(s, err) : rc;
}
