/* SPDX-License-Identifier: Apache-2.0
 *
 * What a statement is, in the terms that all engines share.
 */
#include "driver/postgres/pg.h"

static const struct {
	const char *step_kind;
	bool control, session;
} kinds[] = {
	[WB_PG_PLAIN] = { .step_kind = "sql" },
	[WB_PG_UNKNOWN] = { .step_kind = "sql" },
	[WB_PG_COPY_IN] = { .step_kind = "copy" },
	[WB_PG_BEGIN] = { .step_kind = "sql", .control = true },
	[WB_PG_COMMIT] = { .step_kind = "sql", .control = true },
	[WB_PG_SAVEPOINT] = { .step_kind = "sql" },
	[WB_PG_FORBIDDEN] = { .step_kind = "sql" },
	[WB_PG_INDEX_CREATE] = { .step_kind = "index_create" },
	[WB_PG_INDEX_DROP] = { .step_kind = "index_drop" },
	[WB_PG_REINDEX] = { .step_kind = "reindex" },
	[WB_PG_DETACH] = { .step_kind = "detach" },
	[WB_PG_VACUUM] = { .step_kind = "vacuum" },
	[WB_PG_CLUSTER_ALL] = { .step_kind = "cluster" },
	[WB_PG_DATABASE] = { .step_kind = "database" },
	[WB_PG_TABLESPACE] = { .step_kind = "tablespace" },
	[WB_PG_SYSTEM] = { .step_kind = "system" },
	[WB_PG_SUBSCRIPTION] = { .step_kind = "subscription" },
	[WB_PG_PREPARED] = { .step_kind = "prepared" },
	[WB_PG_CALL] = { .step_kind = "call" },
	[WB_PG_SET] = { .step_kind = "sql", .session = true },
};

static enum wb_tx_mode tx_mode(const struct wb_pg_info *info)
{
	if (info->refuses_transaction)
		return WB_TX_NEVER;
	return info->kind == WB_PG_CALL ? WB_TX_MAYBE : WB_TX_ANY;
}

void wb_pg_classify_statement(struct wb_sv statement, struct wb_stmt_info *ret_info)
{
	struct wb_pg_info info;
	wb_pg_classify(statement, &info);
	*ret_info = (struct wb_stmt_info){
		.tx = tx_mode(&info),
		.step_kind = kinds[info.kind].step_kind,
		.forbidden = info.kind == WB_PG_FORBIDDEN ? info.reason : NULL,
		.transaction_control = kinds[info.kind].control,
		.copy_in = info.kind == WB_PG_COPY_IN,
		.changes_session = kinds[info.kind].session,
	};
	(void)wb_sv_copy(wb_sv_str(info.command), ret_info->command, sizeof(ret_info->command));
	if (*info.name)
		wb_pg_name_text(info.schema, info.name, ret_info->object, sizeof(ret_info->object));
	else if (*info.rel_name)
		wb_pg_name_text(info.rel_schema, info.rel_name, ret_info->object, sizeof(ret_info->object));
}
