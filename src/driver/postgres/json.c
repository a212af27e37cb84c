/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as JSON and back, all of it in the server.
 */
#include "driver/postgres/pg.h"

int wb_pg_row_json(struct wb_conn *conn, const char *relation, const char *alias, struct wb_str *out,
		   struct wb_error *err)
{
	(void)conn, (void)relation;
	wb_str_addf(out, "CAST(pg_catalog.row_to_json(%s.*) AS pg_catalog.text)", alias);
	return out->failed ? wb_err_nomem(err) : 0;
}

/* The table's own row type gives every value its type. */
int wb_pg_from_json(struct wb_conn *conn, const char *table, const char *const *columns, size_t n, struct wb_str *out,
		    struct wb_error *err)
{
	(void)conn, (void)columns, (void)n;
	wb_str_addf(out, "pg_catalog.json_populate_recordset(CAST(NULL AS %s), CAST($1 AS pg_catalog.json))", table);
	return out->failed ? wb_err_nomem(err) : 0;
}
