/* SPDX-License-Identifier: Apache-2.0
 *
 * What rules ask about the place of an operation: what came before it, who uses
 * its table, what the live database says.
 */
#include "safety/lint.h"

#include "safety/undo.h"

#include <stdio.h>

bool wb_goes_down(const struct wb_look *l)
{
	return wb_in_section(l, WB_SEC_DOWN);
}

bool wb_in_section(const struct wb_look *l, enum wb_section_kind kind)
{
	return l->stmt && l->stmt->section && l->stmt->section->kind == kind;
}

bool wb_is_kept(const struct wb_look *l)
{
	const struct wb_lint_run *run = l->run;
	return run->trash && wb_undo_sets_aside(run->driver->dialect, l->stmt->text, l->op);
}

bool wb_is_lite(const struct wb_look *l)
{
	return l->run->driver->dialect == WB_DIALECT_SQLITE;
}

int wb_server(const struct wb_look *l)
{
	return l->run->world ? l->run->world->server_version : 0;
}

bool wb_since(const struct wb_look *l, int version)
{
	return !wb_server(l) || wb_server(l) >= version;
}

bool wb_same_name(const struct wb_look *l, const struct wb_name *a, const struct wb_name *b)
{
	const char *usual = l->run->seen.usual;
	if (!a->name || !b->name || strcmp(a->name, b->name) != 0)
		return false;
	return !strcmp(a->schema ? a->schema : usual, b->schema ? b->schema : usual);
}

/* CREATE TABLE IF NOT EXISTS, and the database has it. */
static bool is_old(const struct wb_look *l, const struct wb_name *table)
{
	const struct wb_relation *r = l->run->world ? wb_world_find(l->run->world, *table) : NULL;
	return r && (r->flags & (WB_REL_SEEN | WB_REL_MADE | WB_REL_GONE)) == WB_REL_SEEN;
}

/* What is made on the way up is not new on the way back. */
bool wb_is_new(const struct wb_look *l, const struct wb_name *table)
{
	const struct wb_seen_table *t = table->name ? wb_seen_find(&l->run->seen, table) : NULL;
	if (!t || t->dropped || wb_goes_down(l) || is_old(l, table))
		return false;
	return t->temporary || t->file == l->file->number ||
	       (t->file && l->run->all_new && l->run->paths.v[t->file - 1]);
}

enum wb_tri wb_ask(struct wb_look *l, enum wb_question q)
{
	return l->run->world ? wb_world_ask(l->run->world, q, l->op) : WB_UNKNOWN;
}

void wb_unknown(struct wb_look *l, const char *what)
{
	struct wb_lint_run *run = l->run;
	struct wb_lint_unknown u = { what, 1 };
	if ((run->levels[l->rule] & 3) == WB_LINT_OFF)
		return;
	for (size_t i = 0; i < run->unknown.n; i++) {
		if (!strcmp(run->unknown.v[i].what, what)) {
			run->unknown.v[i].n++;
			return;
		}
	}
	run->failed |= !wb_vec_push(&run->unknown, u);
}

const struct wb_operation *wb_earlier(const struct wb_look *l, enum wb_op code, const struct wb_name *table,
				      const struct wb_lint_stmt **ret_stmt)
{
	for (const struct wb_lint_stmt *st = l->stmt; st-- > l->file->v;) {
		if (st->section != l->stmt->section || !st->transaction || st->transaction != l->stmt->transaction)
			continue;
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *op = &st->ops.v[i];
			if (op->code != code || (table && !wb_same_name(l, &op->table, table)))
				continue;
			if (ret_stmt)
				*ret_stmt = st;
			return op;
		}
	}
	return NULL;
}

/* Of PostgreSQL's ALTER TABLE these take less; so does everything else but what is named here. */
bool wb_is_exclusive(const struct wb_operation *op)
{
	static const enum wb_op weak[] = {
		WB_OP_CONSTRAINT_VALIDATE,   WB_OP_FOREIGN_KEY_ADD,   WB_OP_COLUMN_SET_STATISTICS,
		WB_OP_COLUMN_SET_OPTIONS,    WB_OP_TABLE_SET_OPTIONS, WB_OP_TABLE_CLUSTER_ON,
		WB_OP_TABLE_DETACH_FINALIZE, WB_OP_TABLE_ATTACH,      WB_OP_TABLE_LOCK,
		WB_OP_TABLE_VACUUM,          WB_OP_TABLE_ANALYZE
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(weak); i++) {
		if (op->code == weak[i])
			return false;
	}
	if (op->code == WB_OP_INDEX_DROP)
		return !(op->flags & WB_WITH_CONCURRENTLY);
	if (op->flags & (WB_WITH_INLINE | WB_WITH_CONCURRENTLY) || !op->table.name)
		return op->code == WB_OP_DROP && op->kind == WB_KIND_TABLE;
	return (op->code >= WB_OP_TABLE_ATTACH && op->code <= WB_OP_CONSTRAINT_DROP) ||
	       (op->code == WB_OP_DROP && op->kind == WB_KIND_TABLE) ||
	       (op->code == WB_OP_RENAME && (op->kind == WB_KIND_TABLE || op->kind == WB_KIND_COLUMN)) ||
	       op->code == WB_OP_POLICY_CREATE || op->code == WB_OP_POLICY_ALTER || op->code == WB_OP_RULE_CREATE;
}

static void add_thousands(struct wb_str *out, int64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%lld", (long long)n);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			wb_str_addc(out, ',');
		wb_str_addc(out, digits[i]);
	}
}

const char *wb_size(struct wb_look *l, const struct wb_name *table)
{
	int64_t rows = l->run->world && table->name ? wb_world_rows(l->run->world, table) : -1;
	wb_autostr out = WB_STR_INIT;
	if (rows < 0)
		return "";
	wb_str_add(&out, " (");
	add_thousands(&out, rows);
	wb_str_add(&out, rows == 1 ? " row)" : " rows)");
	return wb_texts(l, "%s", out.p);
}

#define SMALL_ROWS 1000

enum wb_lint_level wb_by_size(struct wb_look *l, const struct wb_name *table, enum wb_lint_level level)
{
	int64_t rows = l->run->world && table->name ? wb_world_rows(l->run->world, table) : -1;
	if (rows < 0)
		wb_unknown(l, "how large a table is");
	return rows >= 0 && rows < SMALL_ROWS ? WB_LINT_INFO : level;
}

const struct wb_seen_table *wb_made(const struct wb_look *l, const struct wb_name *table)
{
	const struct wb_seen_table *t = table->name ? wb_seen_find(&l->run->seen, table) : NULL;
	return t && t->file && !t->dropped ? t : NULL;
}
