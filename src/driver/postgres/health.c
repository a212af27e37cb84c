/* SPDX-License-Identifier: Apache-2.0
 *
 * What doctor wants to know. The server answers most of it in one query
 * (sql/health.sql); the way to the server is judged here.
 */
#include "driver/postgres/pg.h"

#include <stdio.h>

#include "base/banned.h"

#define SLOW_US 100000

typedef void (*finding_fn)(void *user, const char *check, const char *level, const char *message);

struct listener {
	finding_fn finding;
	void *user;
};

static int tell(void *user, const struct wb_row *row, struct wb_error *err)
{
	const struct listener *l = user;
	(void)err;
	if (row->n >= 3 && row->v[0].p && row->v[1].p && row->v[2].p)
		l->finding(l->user, row->v[0].p, row->v[1].p, row->v[2].p);
	return 0;
}

static int round_trip(struct wb_pg *c, const struct listener *l, struct wb_error *err)
{
	char text[128];
	int64_t best = INT64_MAX;
	for (int i = 0; i < 3; i++) {
		int64_t start = wb_now_us();
		int rc = wb_pg_do(c, "SELECT 1", err);
		int64_t us = wb_now_us() - start;
		if (rc < 0)
			return rc;
		best = us < best ? us : best;
	}
	snprintf(text, sizeof(text), "a round trip takes %.1f ms", (double)best / 1000);
	l->finding(l->user, "round_trip", best > SLOW_US ? "degraded" : "ok", text);
	return 0;
}

static void pooler(const struct wb_pg *c, const struct listener *l)
{
	l->finding(l->user, "pooler", c->base.pooled ? "degraded" : "ok",
		   c->base.pooled ? "behind a transaction pooler: locks are leases, and steps outside transactions "
				    "need direct_url"
				  : "a direct connection");
}

int wb_pg_health(struct wb_conn *conn, finding_fn finding, void *user, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct listener l = { finding, user };
	int rc = round_trip(c, &l, err);
	if (rc < 0)
		return rc;
	pooler(c, &l);
	return wb_pg_ask(c, WB_PG_SQL_HEALTH, NULL, 0, tell, &l, err);
}
