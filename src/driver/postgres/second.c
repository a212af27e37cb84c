/* SPDX-License-Identifier: Apache-2.0
 *
 * A second connection that sees what the first one sees, so that another
 * process of the server shares the work of a large inspection. It is a help,
 * never a need: where something stands in its way the first connection does
 * all by itself. It is closed before the inspection returns.
 */
#include "driver/postgres/pg.h"

#define CONNECT_MS 2000

/* With several hosts the same URL may lead elsewhere. */
static bool same_server(const struct wb_pg *a, const struct wb_pg *b)
{
	return strcmp(PQhost(a->pg), PQhost(b->pg)) == 0 && strcmp(PQport(a->pg), PQport(b->pg)) == 0 &&
	       PQserverVersion(a->pg) == PQserverVersion(b->pg);
}

static int take_snapshot(struct wb_pg *second, const char *snapshot, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	size_t done, offset;

	wb_str_add(&sql, "SET TRANSACTION SNAPSHOT ");
	wb_quote_literal(&sql, WB_DIALECT_POSTGRES, wb_sv_str(snapshot));
	if (sql.failed)
		return wb_err_nomem(err);
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") },
		{ .sql = wb_str_sv(&sql) },
		{ .sql = wb_sv_str(wb_pg_text(second, WB_PG_SQL_INSPECT_SETTINGS)) },
	};
	return wb_pg_run(&second->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
}

static int begin(struct wb_pg *second, const struct wb_pg *c, const char *snapshot, struct wb_error *err)
{
	int rc = wb_pg_connect(second, NULL, err);

	if (rc < 0)
		return rc;
	if (!same_server(c, second))
		return wb_err_set(err, WB_ECONN, "it leads to another server");
	return take_snapshot(second, snapshot, err);
}

struct wb_pg *wb_pg_second_open(struct wb_pg *c, const char *snapshot)
{
	struct wb_pg *second = c->base.pooled ? NULL : calloc(1, sizeof(*second));
	struct wb_error why = { 0 };

	if (!second)
		return NULL;
	second->base.options = c->base.options;
	second->base.options.monitor = true;
	second->base.options.connect_timeout_ms = CONNECT_MS;
	second->base.tick = c->base.tick;
	second->base.tick_user = c->base.tick_user;
	second->text = (struct wb_str)WB_STR_INIT;
	second->tx_lock_timeout_ms = -1;
	second->quiet = true;
	if (begin(second, c, snapshot, &why) == 0)
		return second;
	wb_log(c->base.options.sink, WB_LOG_DEBUG, "no second connection for the inspection: %s", why.message);
	wb_pg_second_close(second);
	return NULL;
}

void wb_pg_second_close(struct wb_pg *second)
{
	if (!second)
		return;
	if (second->pg && PQtransactionStatus(second->pg) == PQTRANS_ACTIVE)
		wb_pg_cancel(second);
	wb_pg_close(&second->base);
	free(second);
}
