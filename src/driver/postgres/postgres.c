/* SPDX-License-Identifier: Apache-2.0
 *
 * The vtable.
 */
#include "driver/postgres/pg.h"

#include "driver/postgres/dump.h"
#include "driver/postgres/outside.h"

static const char *const schemes[] = { "postgres", "postgresql", NULL };

static const struct wb_driver driver = {
	.version = WB_DRIVER_VERSION,
	.name = "postgresql",
	.schemes = schemes,
	.dialect = WB_DIALECT_POSTGRES,
	.caps = WB_CAP_TX_DDL | WB_CAP_SESSION_LOCK | WB_CAP_LEASE | WB_CAP_COPY | WB_CAP_PIPELINE |
		WB_CAP_LOCK_TIMEOUT | WB_CAP_CREATE_DB | WB_CAP_SCHEMAS | WB_CAP_MONITOR | WB_CAP_TERMINATE,
	.conn_size = sizeof(struct wb_pg),
	.index_ways = WB_INDEX_INCLUDE | WB_INDEX_GIN | WB_INDEX_BRIN | WB_INDEX_PATTERN | WB_INDEX_CONCURRENTLY,
	.open = wb_pg_open,
	.close = wb_pg_close,
	.drop_link = wb_pg_drop_link,
	.run = wb_pg_run,
	.tx_begin = wb_pg_tx_begin,
	.restore = wb_pg_restore,
	.tx_commit = wb_pg_tx_commit,
	.rollback = wb_pg_rollback,
	.set_lock_timeout = wb_pg_set_lock_timeout,
	.constraints_now = wb_pg_constraints_now,
	.classify = wb_pg_classify_statement,
	.syntax = wb_pg_check_syntax,
	.sql = wb_pg_sql,
	.journal_sql = wb_pg_journal_sql,
	.read_only = wb_pg_read_only,
	.look = wb_pg_look,
	.share = wb_pg_share,
	.probe_prepare = wb_pg_probe_prepare,
	.probe = wb_pg_probe,
	.undo_half = wb_pg_undo_half,
	.lock_try = wb_pg_lock_try,
	.lock_fence = wb_pg_lock_fence,
	.lock_release = wb_pg_lock_release,
	.lock_list = wb_pg_lock_list,
	.lock_break = wb_pg_lock_break,
	.peer_try = wb_pg_peer_try,
	.peer_release = wb_pg_peer_release,
	.blockers = wb_pg_blockers,
	.terminate = wb_pg_terminate,
	.backend_pid = wb_pg_backend_pid,
	.progress = wb_pg_progress,
	.create_db = wb_pg_create_db,
	.drop_db = wb_pg_drop_db,
	.exists_db = wb_pg_exists_db,
	.dump = wb_pg_dump,
	.dump_check = wb_pg_dump_check,
	.dump_suffix = ".dump",
	.fingerprint = wb_pg_fingerprint,
	.scratch_open = wb_pg_scratch_open,
	.scratch_swap = wb_pg_scratch_swap,
	.scratch_close = wb_pg_scratch_close,
	.nest_open = wb_pg_nest_open,
	.nest_make = wb_pg_nest_make,
	.nest_remove = wb_pg_nest_remove,
	.nest_url = wb_pg_nest_url,
	.nest_close = wb_pg_nest_close,
	.script = wb_pg_script,
	.inspect = wb_pg_inspect,
	.operations = wb_pg_operations,
	.query_shape = wb_pg_query_shape,
	.index_use = wb_pg_index_use,
	.survey = wb_pg_survey,
	.literal = "pg_catalog.quote_nullable",
	.row_json = wb_pg_row_json,
	.from_json = wb_pg_from_json,
	.try_alter = wb_pg_try,
	.explain = wb_pg_explain,
	.health = wb_pg_health,
};

const struct wb_driver *wb_postgres_driver(void)
{
	return &driver;
}
