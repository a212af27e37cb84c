/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step outside transactions, or a rehearsal, asks of the session.
 */
#include "driver/postgres/outside.h"

int wb_pg_set_lock_timeout(struct wb_conn *c, struct wb_arena *a, int64_t ms, struct wb_query *q, int max)
{
	char *sql = wb_arena_printf(a, "SET lock_timeout = %lld", (long long)ms);
	(void)c;
	if (!sql || max < 1)
		return -1;
	q[0] = (struct wb_query){ .sql = wb_sv_str(sql) };
	return 1;
}

int wb_pg_constraints_now(struct wb_conn *c, struct wb_query *q, int max)
{
	(void)c;
	if (max < 1)
		return -1;
	q[0] = (struct wb_query){ .sql = WB_SV("SET CONSTRAINTS ALL IMMEDIATE") };
	return 1;
}
