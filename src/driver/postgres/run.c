/* SPDX-License-Identifier: Apache-2.0
 *
 * Running queries. All queries of a call go out in one pipeline with one Sync
 * at its end: one round trip, and whatever is not inside BEGIN … COMMIT forms one
 * implicit transaction. Sending and reading alternate, so that neither side
 * waits for the other with full buffers; results are read as they come, rows
 * one by one where a callback wants them. After the first failure nothing more
 * is sent, and the server skips to the Sync. COPY cannot be part of a pipeline
 * and travels between two of them.
 */
#include "driver/postgres/pg.h"

#include <stdio.h>

#include "base/banned.h"

#define SEND_BYTES ((size_t)64 << 10) /* handed to libpq before it must write */
#define KEEP_BYTES ((size_t)1 << 20) /* a larger statement buffer is not kept */
#define PREPARED_MAX 256

struct flight {
	struct wb_pg *c;
	struct wb_query *q;
	size_t n;
	size_t sent, got; /* queries sent, and answered completely */
	size_t failed; /* the first that failed */
	bool preparing; /* the answer to a Prepare comes before that of query `got` */
	bool synced, told, over;
	int rc;
	size_t *ret_offset;
	struct wb_error *err;
	struct wb_arena arena;
	struct wb_pg_prepared **prepares; /* per query: what it prepares, or NULL */
	int64_t mark_us;
};

/* ---- results --------------------------------------------------------------- */

/* Query number i failed (rc < 0); what is told is the failure that was noticed first. */
static void fail(struct flight *f, size_t i, int rc)
{
	if (rc && i < f->failed)
		f->failed = i;
	if (!f->rc)
		f->rc = rc;
}

/* A migration that removes prepared statements may remove ours: they get new names. */
static void forget_prepared(struct wb_pg *c)
{
	for (size_t i = 0; i < c->prepared.n; i++) {
		struct wb_pg_prepared *p = c->prepared.entries[i].value;
		p->ready = p->sent = false;
	}
}

/* An answer without a query of its own is that of the Sync: an implicit transaction failed to commit. */
static size_t current(const struct flight *f)
{
	return f->got < f->n ? f->got : f->n - 1;
}

static void take_error(struct flight *f, const PGresult *res)
{
	size_t i = current(f);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (state && !strcmp(state, "26000"))
		forget_prepared(f->c); /* a procedure removed what we had prepared; the next try will do */
	if (f->rc)
		fail(f, i, f->rc);
	else
		fail(f, i, wb_pg_fail(f->c, res, f->q[i].sql, f->ret_offset, f->err));
}

static void take_command(struct flight *f, PGresult *res)
{
	struct wb_query *q = &f->q[f->got];
	if (f->preparing) {
		f->prepares[f->got]->ready = true;
		return;
	}
	q->affected = wb_pg_affected(res);
	fail(f, f->got, wb_pg_check_commit(res, q->sql, f->err));
}

static void take_rows(struct flight *f, PGresult *res, bool more)
{
	struct wb_query *q = &f->q[f->got];
	if (!more)
		q->affected = wb_pg_affected(res);
	if (!q->row || f->rc)
		return;
	fail(f, f->got, wb_pg_rows(f->c, res, q, f->err));
	if (f->rc && more)
		wb_pg_cancel(f->c); /* nobody wants the rest */
}

static void take_result(struct flight *f, PGresult *res)
{
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		take_command(f, res);
		break;
	case PGRES_SINGLE_TUPLE:
		take_rows(f, res, true);
		break;
	case PGRES_TUPLES_OK:
		take_rows(f, res, false);
		break;
	case PGRES_PIPELINE_SYNC:
		f->over = true;
		break;
	case PGRES_PIPELINE_ABORTED:
		break;
	default:
		take_error(f, res);
	}
}

/* The next answer that libpq will build is that of query `got`: its rows one by one, if anybody wants them. */
static void expect_rows(struct flight *f)
{
	if (f->q[f->got].row && !f->q[f->got].whole)
		(void)PQsetSingleRowMode(f->c->pg);
}

static void expect(struct flight *f)
{
	if (f->got >= f->sent)
		return;
	f->preparing = f->prepares[f->got] != NULL;
	if (!f->preparing)
		expect_rows(f);
}

/* libpq's NULL: the answer to one command is complete. */
static void take_end(struct flight *f)
{
	if (f->preparing) {
		f->preparing = false;
		expect_rows(f);
		return;
	}
	int64_t now = wb_now_us();
	f->q[f->got].elapsed_us = now - f->mark_us;
	f->mark_us = now;
	f->got++;
	expect(f);
}

static bool expecting(const struct flight *f)
{
	return !f->over && (f->got < f->sent || f->synced);
}

static int drain(struct flight *f)
{
	while (expecting(f) && !PQisBusy(f->c->pg)) {
		PGresult *res = PQgetResult(f->c->pg);
		if (res)
			take_result(f, res);
		else if (f->got < f->sent)
			take_end(f);
		PQclear(res);
		if (f->c->base.lost || PQstatus(f->c->pg) != CONNECTION_OK) {
			return f->rc ? f->rc : wb_pg_broken(f->c, f->err);
		}
	}
	return 0;
}

/* ---- sending ------------------------------------------------------------------ */

int wb_pg_statement(struct wb_pg *c, struct wb_sv sql, struct wb_error *err)
{
	if (!sql.p)
		return wb_err_nomem(err); /* of a text that could not be made */
	if (memchr(sql.p, 0, sql.n))
		return wb_err_set(err, WB_EINPUT, "the statement contains a NUL byte");
	wb_str_clear(&c->text);
	wb_str_addsv(&c->text, sql);
	return c->text.failed ? wb_err_nomem(err) : 0;
}

static struct wb_sv first_word(struct wb_sv sql)
{
	struct wb_lexer lx;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, sql);
	return wb_lex_next_solid(&lx).text;
}

/* NULL with *ret_none: run it unprepared. NULL without: no memory. */
static struct wb_pg_prepared *prepared(struct wb_pg *c, const struct wb_query *q, bool *ret_none)
{
	*ret_none = !q->cached || c->base.pooled;
	if (*ret_none)
		return NULL;
	struct wb_pg_prepared *p = wb_map_get(&c->prepared, q->sql);
	*ret_none = !p && c->prepared.n >= PREPARED_MAX;
	if (p || *ret_none)
		return p;
	char *text = wb_arena_sv(&c->arena, q->sql);
	p = wb_arena_alloc(&c->arena, sizeof(*p));
	return text && p && wb_map_put(&c->prepared, wb_sv(text, q->sql.n), p) ? p : NULL;
}

static const char *const *values_of(struct flight *f, const struct wb_query *q)
{
	const char **v = wb_arena_array(&f->arena, (size_t)q->n_params + 1, sizeof(*v));
	for (int i = 0; v && i < q->n_params; i++) {
		const struct wb_value *p = &q->params[i];
		if (p->kind == WB_VALUE_NULL)
			continue;
		v[i] = p->kind == WB_VALUE_INT ? wb_arena_printf(&f->arena, "%lld", (long long)p->i)
					       : wb_arena_sv(&f->arena, p->text);
		if (!v[i])
			return NULL;
	}
	return v;
}

static int send_prepared(struct flight *f, struct wb_pg_prepared *p, const char *text, const char *const *values)
{
	PGconn *pg = f->c->pg;
	const struct wb_query *q = &f->q[f->sent];
	if (!p->ready && !p->sent) {
		snprintf(p->name, sizeof(p->name), "whimbrel_%u", ++f->c->prepared_serial);
		if (!PQsendPrepare(pg, p->name, text, 0, NULL))
			return 0;
		f->prepares[f->sent] = p;
		p->sent = true;
	}
	return PQsendQueryPrepared(pg, p->name, q->n_params, values, NULL, NULL, 0);
}

static int send_one(struct flight *f)
{
	struct wb_pg *c = f->c;
	const struct wb_query *q = &f->q[f->sent];
	int rc = wb_pg_statement(c, q->sql, f->err);
	if (rc < 0)
		return rc;
	bool none = true;
	struct wb_pg_prepared *p = prepared(c, q, &none);
	const char *const *values = values_of(f, q);
	if (!values || (!p && !none))
		return wb_err_nomem(f->err);
	int ok = p ? send_prepared(f, p, c->text.p, values)
		   : PQsendQueryParams(c->pg, c->text.p, q->n_params, NULL, values, NULL, NULL, 0);
	if (!ok)
		return wb_pg_broken(c, f->err);
	struct wb_sv word = q->params ? wb_sv(NULL, 0) : first_word(q->sql);
	if (wb_sv_ieq(word, "DEALLOCATE") || wb_sv_ieq(word, "DISCARD"))
		forget_prepared(c);
	/* Lets the answers to a migration's statements come at once, so that their times can be told apart. */
	if (!q->params && !q->cached && f->sent + 1 < f->n && !PQsendFlushRequest(c->pg))
		return wb_pg_broken(c, f->err);
	f->sent++;
	if (f->got + 1 == f->sent)
		expect(f);
	return 0;
}

/* A piece of what is to be sent; after the last, or after a failure, the Sync. */
static int send_some(struct flight *f)
{
	size_t bytes = 0;
	while (f->sent < f->n && bytes < SEND_BYTES && !f->rc && !f->c->stop) {
		bytes += f->q[f->sent].sql.n + 64;
		int rc = send_one(f);
		fail(f, f->sent, rc);
		if (f->c->base.lost)
			return rc;
	}
	if (f->sent < f->n && !f->rc && !f->c->stop)
		return 0;
	f->synced = true;
	return PQpipelineSync(f->c->pg) ? 0 : wb_pg_broken(f->c, f->err);
}

static int after_sync(struct flight *f)
{
	f->told = true;
	int rc = wb_conn_sent(&f->c->base, f->err);
	fail(f, f->got, rc);
	return f->c->base.lost ? rc : 0;
}

/* What can be done without waiting. *ret_wait: nothing more can; *ret_write: libpq has something to send. A negative
 * value means that the connection cannot go on. */
static int turn(struct flight *f, bool *ret_wait, bool *ret_write)
{
	int held = PQflush(f->c->pg), rc;
	*ret_wait = false;
	*ret_write = held > 0;
	if (held < 0)
		return wb_pg_broken(f->c, f->err);
	if (!held && !f->synced)
		return send_some(f);
	if (!held && !f->told)
		return after_sync(f);
	rc = drain(f);
	*ret_wait = !f->over;
	return rc;
}

/* To the end of the pipeline. */
static int fly(struct flight *f)
{
	bool wait, write;
	int rc = 0;
	while (rc == 0 && !f->over) {
		rc = turn(f, &wait, &write);
		if (rc == 0 && wait)
			rc = wb_pg_wait(f->c, write, f->err);
	}
	return rc;
}

static void settle_prepared(struct flight *f)
{
	for (size_t i = 0; i < f->sent; i++) {
		if (f->prepares[i])
			f->prepares[i]->sent = false;
	}
}

static int take_off(struct flight *f, struct wb_pg *c, struct wb_query *q, size_t n, size_t *ret_offset,
		    struct wb_error *err)
{
	*f = (struct flight){
		.c = c, .q = q, .n = n, .failed = SIZE_MAX, .ret_offset = ret_offset, .err = err, .arena = WB_ARENA_INIT
	};
	f->prepares = wb_arena_array(&f->arena, n, sizeof(*f->prepares));
	if (!f->prepares)
		return wb_err_nomem(err);
	f->mark_us = wb_now_us();
	return PQenterPipelineMode(c->pg) ? 0 : wb_pg_broken(c, err);
}

/* rc: how it went. */
static int land(struct flight *f, int rc)
{
	if (f->prepares)
		settle_prepared(f);
	if (rc == 0 && !PQexitPipelineMode(f->c->pg))
		rc = wb_pg_broken(f->c, f->err);
	wb_arena_done(&f->arena);
	return rc < 0 ? rc : f->rc;
}

static int pipeline(struct wb_pg *c, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
		    struct wb_error *err)
{
	struct flight f;
	int rc = take_off(&f, c, q, n, ret_offset, err);
	rc = land(&f, rc < 0 ? rc : fly(&f));
	*ret_done = f.failed < f.got ? f.failed : f.got;
	return rc;
}

/* ---- a whole call -------------------------------------------------------------- */

static bool is_copy(const struct wb_query *q)
{
	return q->copy || (!q->params && wb_sv_ieq(first_word(q->sql), "COPY"));
}

static size_t until_copy(const struct wb_query *q, size_t n)
{
	size_t i = 0;
	while (i < n && !is_copy(&q[i]))
		i++;
	return i;
}

static int run_parts(struct wb_pg *c, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
		     struct wb_error *err)
{
	size_t done = 0;
	int rc = 0;
	while (rc == 0 && done < n) {
		size_t part = until_copy(q + done, n - done), part_done = 0;
		if (part) {
			rc = pipeline(c, q + done, part, &part_done, ret_offset, err);
		} else {
			rc = wb_pg_copy(c, q + done, ret_offset, err);
			part_done = rc == 0;
		}
		done += part_done;
		if (c->stop)
			break;
	}
	*ret_done = done;
	return rc;
}

/* The tick wanted the call to end: that is what it ends with, whatever the server made of it. */
static int stopped(struct wb_pg *c, struct wb_error *err)
{
	wb_err_set(err, c->stop, "%s", c->stop == WB_ECANCELLED ? "cancelled" : wb_code_text(c->stop));
	wb_err_detail(err, "%s", c->base.lost ? "the server has not confirmed it" : "the server has confirmed it");
	return c->stop;
}

/* What a call leaves behind. */
static void settle(struct wb_pg *c)
{
	PGTransactionStatusType tx = PQtransactionStatus(c->pg);
	c->base.in_transaction = !c->base.lost && (tx == PQTRANS_INTRANS || tx == PQTRANS_INERROR);
	if (c->text.cap > KEEP_BYTES) {
		wb_str_done(&c->text);
		c->text = (struct wb_str)WB_STR_INIT;
	}
}

/* Data exceptions, integrity, checks of views, what triggers raise, and two rows for one place of an upsert. */
static bool blames_row(const char *sqlstate)
{
	static const char *const states[] = { "22", "23", "44", "27", "09", "P0001", "21000" };
	for (size_t i = 0; i < WB_ARRAY_LEN(states); i++) {
		if (wb_sv_starts(wb_sv_str(sqlstate), states[i]))
			return true;
	}
	return false;
}

int wb_pg_run(struct wb_conn *conn, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
	      struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	*ret_done = 0;
	*ret_offset = SIZE_MAX;
	if (conn->lost)
		return wb_err_set(err, WB_ECONN, "the connection to the database is lost");
	for (size_t i = 0; i < n; i++)
		q[i].affected = -1;
	wb_pg_wait_start(c);
	int rc = run_parts(c, q, n, ret_done, ret_offset, err);
	settle(c);
	conn->row_to_blame = rc == WB_ESQL && err && blames_row(err->sqlstate);
	return c->stop ? stopped(c, err) : rc;
}

/* ---- two at the same time ------------------------------------------------------------- */

/* Once b has failed nobody wants what a would bring, and a is cancelled: it has to come to its end, which b need not.
 * A negative value means that a cannot go on. */
static int fly_both(struct flight *a, struct flight *b, bool *ret_cancelled)
{
	while (!a->over || (!b->over && !a->rc && !a->c->stop)) {
		bool wait_a = true, wait_b = true, write_a = false, write_b = false;
		int rc = a->over ? 0 : turn(a, &wait_a, &write_a), rc_b;
		if (rc < 0)
			return rc;
		rc_b = b->over ? 0 : turn(b, &wait_b, &write_b);
		fail(b, b->got, rc_b);
		b->over |= rc_b < 0;
		if (b->rc && !a->over && !*ret_cancelled) {
			*ret_cancelled = true;
			wb_pg_cancel(a->c);
		}
		if (!wait_a || !wait_b || (a->over && b->over))
			continue;
		rc = wb_pg_wait_both(a->c, write_a, b->over ? NULL : b->c, write_b, a->err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int wb_pg_run_both(struct wb_pg *a, struct wb_query *qa, size_t na, struct wb_pg *b, struct wb_query *qb, size_t nb,
		   struct wb_error *err)
{
	struct flight fa, fb;
	struct wb_error why = { 0 };
	size_t offset;
	bool cancelled = false;
	wb_pg_wait_start(a);
	int rc = take_off(&fa, a, qa, na, &offset, err), rc_b = take_off(&fb, b, qb, nb, &offset, &why);
	fail(&fb, 0, rc_b);
	fb.over = rc_b < 0;
	rc = land(&fa, rc < 0 ? rc : fly_both(&fa, &fb, &cancelled));
	wb_arena_done(&fb.arena); /* it is not landed: whoever opened it closes it */
	settle(a);
	if (a->stop)
		return stopped(a, err);
	if (!fb.rc || (rc < 0 && !cancelled))
		return rc;
	if (err)
		*err = why;
	return fb.rc;
}
