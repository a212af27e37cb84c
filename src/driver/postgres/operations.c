/* SPDX-License-Identifier: Apache-2.0
 *
 * What a statement does. The tree tells; a statement that the parser may not
 * see, or does not know, is as much as its first words say.
 */
#include "driver/postgres/pg.h"
#include "driver/postgres/reading.h"

#include "base/banned.h"

#define PARSED ((size_t)1 << 20) /* the guards let through no more */
#define PAYLOAD ((size_t)4096) /* INSERT beyond that is not worth a tree: its values change nothing */

static void say_unknown(struct wb_reading *r, const char *why)
{
	(void)wb_read_add(r, WB_OP_UNKNOWN, WB_KIND_COUNT);
	r->unknown = why;
}

void wb_read_statement(struct wb_reading *r, const PgQuery__Node *node)
{
	static wb_reader_fn *(*const files[])(unsigned) = { wb_read_of_table, wb_read_of_object, wb_read_of_rows };
	wb_reader_fn *read = NULL;
	for (size_t i = 0; !read && i < WB_ARRAY_LEN(files); i++)
		read = files[i]((unsigned)node->node_case);
	if (read)
		read(r, node);
	else
		say_unknown(r, "a kind of statement that is not known");
}

/* ---- first words ------------------------------------------------------------------- */

static const struct {
	const char *command;
	enum wb_op code;
} told[] = {
	{ "INSERT", WB_OP_INSERT },
	{ "UPDATE", WB_OP_UPDATE },
	{ "DELETE", WB_OP_DELETE },
	{ "MERGE", WB_OP_MERGE },
	{ "SELECT", WB_OP_SELECT },
	{ "VALUES", WB_OP_SELECT },
	{ "DO", WB_OP_CALL },
	{ "CALL", WB_OP_CALL },
	{ "COMMENT", WB_OP_COMMENT },
	{ "COPY", WB_OP_COPY_OUT },
	{ "REINDEX", WB_OP_INDEX_REINDEX },
	{ "TRUNCATE", WB_OP_TABLE_TRUNCATE },
};

static struct wb_name given(struct wb_reading *r, const char *schema, const char *name)
{
	return (struct wb_name){ wb_read_text(r, schema), wb_read_text(r, name) };
}

static enum wb_op code_of(const struct wb_pg_info *info)
{
	if (info->kind == WB_PG_COPY_IN)
		return WB_OP_COPY_IN;
	for (size_t i = 0; i < WB_ARRAY_LEN(told); i++) {
		if (!strcmp(info->command, told[i].command))
			return told[i].code;
	}
	return WB_OP_UNKNOWN;
}

static void read_words(struct wb_reading *r, const char *why)
{
	struct wb_pg_info info;
	wb_pg_classify_words(r->text, &info);
	enum wb_op code = code_of(&info);
	struct wb_operation *op = wb_read_add(r, code, WB_KIND_COUNT);
	bool table = !strcmp(info.object_type, "table");
	if (!wb_kind_find(info.object_type, &op->kind))
		op->kind = WB_KIND_COUNT;
	if (table)
		op->table = given(r, info.schema, info.name);
	else
		op->object = given(r, info.schema, info.name);
	if (*info.rel_name)
		op->table = given(r, info.rel_schema, info.rel_name);
	if (code == WB_OP_UPDATE || code == WB_OP_DELETE)
		op->flags = wb_sql_has_word(WB_DIALECT_POSTGRES, r->text, "where") ? WB_WITH_WHERE : 0;
	if (code == WB_OP_UNKNOWN)
		r->unknown = why ? why : "what it does cannot be told from its first words";
}

/* INSERT … VALUES, and more than anybody writes by hand. */
static bool is_payload(struct wb_sv statement)
{
	struct wb_head head;
	if (statement.n <= PAYLOAD || statement.n > PARSED)
		return false;
	wb_sql_head(WB_DIALECT_POSTGRES, statement, &head);
	return !strcmp(head.words[0], "INSERT") && !wb_sql_has_word(WB_DIALECT_POSTGRES, statement, "select");
}

/* ---- the method -------------------------------------------------------------------------- */

/* Once more, with the forms that the grammar does not know written as older ones. */
static int read_newer(struct wb_reading *r, struct wb_error *err)
{
	wb_autoarena scratch = WB_ARENA_INIT;
	struct wb_pg_tree tree = { 0 };
	struct wb_newer *newer = NULL;
	struct wb_sv text = r->text;
	int rc = wb_newer_rewrite(r, &newer) ? wb_pg_tree_read(&scratch, r->text, &tree, err) : 0;
	if (tree.stmt) {
		wb_read_statement(r, tree.stmt);
		wb_newer_apply(r, newer);
	} else if (rc == 0) {
		r->text = text;
		read_words(r, "the grammar of PostgreSQL 15 does not know the statement");
	}
	wb_newer_done(newer);
	return rc;
}

static int read_all(struct wb_reading *r, struct wb_error *err)
{
	wb_autoarena scratch = WB_ARENA_INIT;
	struct wb_pg_tree tree = { 0 };
	int rc = is_payload(r->text) ? 0 : wb_pg_tree_read(&scratch, r->text, &tree, err);
	if (rc == 0 && tree.stmt)
		wb_read_statement(r, tree.stmt);
	else if (rc == 0 && tree.lack == WB_PG_NOT_KNOWN)
		rc = read_newer(r, err);
	else if (rc == 0)
		read_words(r, tree.reason);
	if (rc == 0 && !r->ops.n && !r->failed)
		say_unknown(r, "nothing in it is known");
	return rc == 0 && r->failed ? wb_err_nomem(err) : rc;
}

static int give(struct wb_reading *r, struct wb_operations *ret_ops, struct wb_error *err)
{
	struct wb_operation *v = r->ops.n ? wb_arena_array(r->a, r->ops.n, sizeof(*v)) : NULL;
	if (r->ops.n && !v)
		return wb_err_nomem(err);
	if (v)
		memcpy(v, r->ops.v, r->ops.n * sizeof(*v));
	*ret_ops = (struct wb_operations){ v, r->ops.n, r->unknown, 0 };
	return 0;
}

int wb_pg_operations(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops, struct wb_error *err)
{
	struct wb_reading r = { .text = statement, .a = a };
	int rc = read_all(&r, err);
	if (rc == 0)
		rc = give(&r, ret_ops, err);
	wb_vec_done(&r.ops);
	wb_vec_done(&r.pieces);
	return rc;
}
