/* SPDX-License-Identifier: Apache-2.0
 *
 * Methods of outside.c; private to the PostgreSQL driver.
 */
#ifndef WB_POSTGRES_OUTSIDE_H
#define WB_POSTGRES_OUTSIDE_H

#include "driver/driver.h"

int wb_pg_set_lock_timeout(struct wb_conn *c, struct wb_arena *a, int64_t ms, struct wb_query *q, int max);
int wb_pg_constraints_now(struct wb_conn *c, struct wb_query *q, int max);

#endif
