/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place that calls the parser. libpg_query keeps its memory per thread
 * and frees it when the thread ends; pg_query_exit() is not called, since it
 * frees that memory a second time (15-4.0.0). The tree comes packed, and is
 * unpacked into an arena: it has very many small pieces, which die together.
 */
#include "sql/pg_tree.h"

#include <pg_query.h>

#include "sql/pg_internal.h"

/* libpg_query counts characters from 1. */
static size_t offset_of(struct wb_sv statement, int cursorpos)
{
	size_t at = 0;
	for (int i = 1; i < cursorpos && at < statement.n; i++) {
		for (at++; at < statement.n && ((unsigned char)statement.p[at] & 0xc0) == 0x80;)
			at++;
	}
	return at;
}

/* The packed tree, or WB_EINPUT with message and offset, or WB_ENOMEM. */
static int parse(struct wb_sv statement, PgQueryProtobufParseResult *ret_result, size_t *ret_offset,
		 struct wb_error *err)
{
	wb_autofree char *text = malloc(statement.n + 1);
	if (!text)
		return wb_err_nomem(err);
	if (statement.n > 0)
		memcpy(text, statement.p, statement.n);
	text[statement.n] = '\0';
	PgQueryProtobufParseResult result = pg_query_parse_protobuf(text);
	if (!result.error) {
		*ret_result = result;
		return WB_OK;
	}
	*ret_offset = offset_of(statement, result.error->cursorpos);
	wb_err_set(err, WB_EINPUT, "%s", result.error->message);
	pg_query_free_protobuf_parse_result(result);
	return WB_EINPUT;
}

static void *from_arena(void *arena, size_t size)
{
	return wb_arena_alloc(arena, size);
}

static void keep(void *arena WB_UNUSED, void *piece WB_UNUSED)
{
}

static struct wb_pg_tree lacking(enum wb_pg_lack lack, const char *reason)
{
	return (struct wb_pg_tree){ .lack = lack, .reason = reason };
}

int wb_pg_tree_read(struct wb_arena *a, struct wb_sv statement, struct wb_pg_tree *ret_tree, struct wb_error *err)
{
	PgQueryProtobufParseResult result;
	ProtobufCAllocator allocator = { .alloc = from_arena, .free = keep, .allocator_data = a };
	size_t offset;
	const char *reason = wb_pg_guard(statement);
	*ret_tree = lacking(WB_PG_GUARDED, reason);
	if (reason)
		return 0;
	int rc = parse(statement, &result, &offset, NULL);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(err);
	*ret_tree = lacking(WB_PG_NOT_KNOWN, "the grammar of PostgreSQL 15 does not know the statement");
	if (rc < 0)
		return 0;
	PgQuery__ParseResult *root = pg_query__parse_result__unpack(&allocator, result.parse_tree.len,
								    (const uint8_t *)result.parse_tree.data);
	pg_query_free_protobuf_parse_result(result);
	if (!root)
		return wb_err_nomem(err);
	*ret_tree = lacking(WB_PG_NOT_ONE, "it is not one statement");
	if (root->n_stmts == 1 && root->stmts[0]->stmt)
		*ret_tree = (struct wb_pg_tree){ .stmt = root->stmts[0]->stmt };
	return 0;
}

int wb_pg_syntax(struct wb_sv statement, bool *ret_checked, size_t *ret_offset, struct wb_error *err)
{
	PgQueryProtobufParseResult result;
	*ret_checked = false;
	if (wb_pg_guard(statement))
		return WB_OK;
	int rc = parse(statement, &result, ret_offset, err);
	*ret_checked = rc != WB_ENOMEM;
	if (rc == WB_OK)
		pg_query_free_protobuf_parse_result(result);
	return rc;
}

/* A query that selects nothing else. */
static size_t pack(const PgQuery__Node *expr, uint8_t *out)
{
	PgQuery__ResTarget target;
	PgQuery__Node item, query, *items = &item;
	PgQuery__SelectStmt select;
	PgQuery__RawStmt raw, *raws = &raw;
	PgQuery__ParseResult root;
	union {
		const PgQuery__Node *in;
		PgQuery__Node *out;
	} value = { expr };
	pg_query__res_target__init(&target);
	pg_query__node__init(&item);
	pg_query__node__init(&query);
	pg_query__select_stmt__init(&select);
	pg_query__raw_stmt__init(&raw);
	pg_query__parse_result__init(&root);
	target.val = value.out;
	item.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
	item.res_target = &target;
	select.n_target_list = 1;
	select.target_list = &items;
	select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
	select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
	query.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	query.select_stmt = &select;
	raw.stmt = &query;
	root.n_stmts = 1;
	root.stmts = &raws;
	return out ? pg_query__parse_result__pack(&root, out) : pg_query__parse_result__get_packed_size(&root);
}

const char *wb_pg_tree_write(struct wb_arena *a, const PgQuery__Node *expr)
{
	size_t n = pack(expr, NULL);
	char *bytes = wb_arena_alloc(a, n + 1);
	const char *text = NULL;
	if (!bytes)
		return NULL;
	(void)pack(expr, (uint8_t *)bytes);
	PgQueryDeparseResult result = pg_query_deparse_protobuf((PgQueryProtobuf){ n, bytes });
	if (!result.error && wb_sv_starts(wb_sv_str(result.query), "SELECT "))
		text = wb_arena_str(a, result.query + strlen("SELECT "));
	pg_query_free_deparse_result(result);
	return text;
}
