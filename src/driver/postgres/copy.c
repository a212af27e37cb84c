/* SPDX-License-Identifier: Apache-2.0
 *
 * COPY outside the pipeline: data of COPY … FROM STDIN come from the query's
 * callback in pieces; a failing callback, a cancellation, or the absence of a
 * callback end the copy with an error on the server's side, so that no half of
 * the data stays. What COPY … TO STDOUT sends is thrown away.
 */
#include "driver/postgres/pg.h"

#define CHUNK ((size_t)64 << 10)

/* Until libpq has a result; NULL in *ret_res when there are no more. */
static int next_result(struct wb_pg *c, PGresult **ret_res, struct wb_error *err)
{
	while (PQisBusy(c->pg)) {
		int held = PQflush(c->pg), rc = held < 0 ? wb_pg_broken(c, err) : wb_pg_wait(c, held, err);
		if (rc < 0)
			return rc;
	}
	*ret_res = PQgetResult(c->pg);
	return 0;
}

/* 1: taken or given; 0: would block; -1: the connection failed. */
static int finish(struct wb_pg *c, const char *why, struct wb_error *err)
{
	int n;
	while ((n = PQputCopyEnd(c->pg, why)) == 0) {
		int rc = wb_pg_wait(c, true, err);
		if (rc < 0)
			return rc;
	}
	return n < 0 ? wb_pg_broken(c, err) : wb_pg_flush(c, err);
}

static int put(struct wb_pg *c, const char *buf, size_t n, struct wb_error *err)
{
	int put;
	while ((put = PQputCopyData(c->pg, buf, (int)n)) == 0) {
		int rc = wb_pg_wait(c, true, err);
		if (rc < 0)
			return rc;
	}
	/* Written before the next piece is read: memory stays at one piece. */
	return put < 0 ? wb_pg_broken(c, err) : wb_pg_flush(c, err);
}

/* Sends the data; *ret_rc is what the callback failed with. */
static int feed(struct wb_pg *c, const struct wb_query *q, int *ret_rc, struct wb_error *err)
{
	wb_autofree char *buf = q->copy ? malloc(CHUNK) : NULL;
	size_t n = 0;
	if (!q->copy)
		*ret_rc = wb_err_set(err, WB_EINPUT, "COPY … FROM STDIN has no data");
	else if (!buf)
		*ret_rc = wb_err_nomem(err);
	while (*ret_rc == 0 && !c->stop) {
		*ret_rc = q->copy(q->copy_user, buf, CHUNK, &n, err);
		if (*ret_rc || !n)
			break;
		int rc = put(c, buf, n, err);
		if (rc < 0)
			return rc;
		wb_pg_tick(c); /* a fast server lets us never wait */
	}
	return finish(c, *ret_rc || c->stop ? "the data were not complete" : NULL, err);
}

static int discard(struct wb_pg *c, struct wb_error *err)
{
	char *row = NULL;
	int n;
	while ((n = PQgetCopyData(c->pg, &row, 1)) >= 0) {
		PQfreemem(row);
		int rc = n ? 0 : wb_pg_wait(c, false, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int take(struct wb_pg *c, struct wb_query *q, PGresult *res, int *ret_rc, size_t *ret_offset,
		struct wb_error *err)
{
	switch (PQresultStatus(res)) {
	case PGRES_COPY_IN:
		return feed(c, q, ret_rc, err);
	case PGRES_COPY_OUT:
		return discard(c, err);
	case PGRES_COMMAND_OK:
		q->affected = wb_pg_affected(res);
		return 0;
	case PGRES_TUPLES_OK:
		if (q->row && *ret_rc == 0)
			*ret_rc = wb_pg_rows(c, res, q, err);
		return 0;
	default:
		if (*ret_rc == 0)
			*ret_rc = wb_pg_fail(c, res, q->sql, ret_offset, err);
		return c->base.lost ? *ret_rc : 0;
	}
}

int wb_pg_copy(struct wb_pg *c, struct wb_query *q, size_t *ret_offset, struct wb_error *err)
{
	int64_t start = wb_now_us();
	int rc = wb_pg_statement(c, q->sql, err), failed;
	if (rc < 0)
		return rc;
	if (!PQsendQueryParams(c->pg, c->text.p, 0, NULL, NULL, NULL, NULL, 0))
		return wb_pg_broken(c, err);
	rc = wb_pg_flush(c, err);
	if (rc == 0)
		rc = wb_conn_sent(&c->base, err);
	if (c->base.lost)
		return rc;
	failed = rc;
	for (rc = 0; rc == 0;) {
		PGresult *res = NULL;
		rc = next_result(c, &res, err);
		if (rc < 0 || !res)
			break;
		rc = take(c, q, res, &failed, ret_offset, err);
		PQclear(res);
	}
	q->elapsed_us = wb_now_us() - start;
	return rc < 0 ? rc : failed;
}
