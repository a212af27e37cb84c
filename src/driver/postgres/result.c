/* SPDX-License-Identifier: Apache-2.0
 *
 * What a result holds: rows for the callback, the count of rows changed, and
 * the truth about a COMMIT.
 */
#include "driver/postgres/pg.h"

/* Room for one row of n columns, and their names. */
static int describe(struct wb_pg *c, const PGresult *res, int n, struct wb_error *err)
{
	c->cells.n = 0;
	c->names.n = 0;
	for (int i = 0; i < n; i++) {
		if (!wb_vec_push(&c->cells, wb_sv(NULL, 0)) || !wb_vec_push(&c->names, PQfname(res, i)))
			return wb_err_nomem(err);
	}
	return 0;
}

int wb_pg_rows(struct wb_pg *c, const PGresult *res, const struct wb_query *q, struct wb_error *err)
{
	int n = PQnfields(res), rc = describe(c, res, n, err);
	for (int r = 0; rc == 0 && r < PQntuples(res); r++) {
		for (int i = 0; i < n; i++)
			c->cells.v[i] = PQgetisnull(res, r, i)
						? wb_sv(NULL, 0)
						: wb_sv(PQgetvalue(res, r, i), (size_t)PQgetlength(res, r, i));
		struct wb_row row = { n, c->cells.v, c->names.v };
		rc = q->row(q->row_user, &row, err);
	}
	return rc;
}

int64_t wb_pg_affected(PGresult *res)
{
	static const char *const counted[] = { "INSERT", "UPDATE", "DELETE", "MERGE", "COPY" };
	/* CREATE TABLE AS answers SELECT 5, like a query, but gives no rows. */
	bool fills = PQresultStatus(res) == PGRES_COMMAND_OK && wb_sv_starts(wb_sv_str(PQcmdStatus(res)), "SELECT");
	int64_t n = -1;
	for (size_t i = 0; i < WB_ARRAY_LEN(counted); i++)
		fills |= wb_sv_starts(wb_sv_str(PQcmdStatus(res)), counted[i]);
	return fills && wb_sv_i64(wb_sv_str(PQcmdTuples(res)), &n) ? n : -1;
}

/* PostgreSQL answers COMMIT of a failed transaction with success and the tag ROLLBACK. */
static bool silently_rolled_back(PGresult *res, struct wb_sv sql)
{
	struct wb_sv word = wb_sv_trim(sql);
	return !strcmp(PQcmdStatus(res), "ROLLBACK") && (wb_sv_istarts(word, "COMMIT") || wb_sv_istarts(word, "END"));
}

int wb_pg_check_commit(PGresult *res, struct wb_sv sql, struct wb_error *err)
{
	if (!silently_rolled_back(res, sql))
		return 0;
	wb_err_set(err, WB_ESQL, "the transaction had failed before: COMMIT rolled it back");
	if (err)
		(void)wb_sv_copy(WB_SV("25P02"), err->sqlstate, sizeof(err->sqlstate));
	return WB_ESQL;
}
