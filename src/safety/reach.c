/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a statement about rows go through a whole table? Certain is that it does
 * where no index begins with a column that it asks for, and that it does not
 * where it asks for one key; what lies between the server's planner decides.
 */
#include "safety/facts.h"

#include "base/banned.h"

static bool reads_other(enum wb_op code)
{
	return code == WB_OP_INSERT || code == WB_OP_TABLE_CREATE_AS;
}

struct wb_name wb_read_by(const struct wb_operation *op)
{
	return reads_other(op->code) ? op->other : op->table;
}

static bool has(const char *const *v, size_t n, struct wb_sv name)
{
	for (size_t i = 0; i < n; i++)
		if (wb_sv_eq(name, wb_sv_str(v[i])))
			return true;
	return false;
}

static bool asks_for(const struct wb_relation *index, const struct wb_operation *op)
{
	for (size_t i = 0; i < index->columns.n; i++)
		if (has(op->keys, op->n_keys, wb_sv_str(index->columns.v[i].name)))
			return true;
	return false;
}

/* "a DESC" or "\"A b\" text_ops" */
static struct wb_sv column_of(struct wb_sv v)
{
	const char *end;

	v = wb_sv_trim(v);
	if (v.n && v.p[0] == '"') {
		end = memchr(v.p + 1, '"', v.n - 1);
		return wb_sv(v.p + 1, end ? (size_t)(end - v.p - 1) : 0);
	}
	end = v.n ? memchr(v.p, ' ', v.n) : NULL;
	return end ? wb_sv(v.p, (size_t)(end - v.p)) : v;
}

/* What an index can do for the conditions: WB_YES: it finds at most one row for each; WB_NO: nothing. */
static enum wb_tri serves(const struct wb_relation *index, const struct wb_operation *op)
{
	static const char method[] = " USING btree (";
	const char *at = index->text ? strstr(index->text, method) : NULL, *end = at ? strchr(at, ')') : NULL;
	struct wb_sv list, one;
	bool first = true, all = true;

	if (index->flags & WB_REL_GONE || !asks_for(index, op))
		return WB_NO;
	if (!at || !end || index->flags & WB_REL_PARTIAL)
		return WB_UNKNOWN;
	list = wb_sv(at + sizeof(method) - 1, (size_t)(end - at) - (sizeof(method) - 1));
	while (wb_sv_cut(&list, ',', &one)) {
		one = column_of(one);
		if (first && !has(op->keys, op->n_keys, one))
			return WB_NO;
		all = all && has(op->keys, op->n_equal, one);
		first = false;
	}
	return all && strstr(index->text, " UNIQUE ") ? WB_YES : WB_UNKNOWN;
}

static enum wb_tri without_index(const struct wb_relation *r, const struct wb_operation *op)
{
	enum wb_tri all = WB_YES;

	if (!wb_relation_known(r) || r->flags & WB_REL_PARTITIONED || r->children.n)
		return WB_UNKNOWN;
	for (size_t i = 0; i < r->indexes.n; i++) {
		enum wb_tri is = serves(r->indexes.v[i], op);

		if (is == WB_YES)
			return WB_NO;
		all = is == WB_UNKNOWN ? WB_UNKNOWN : all;
	}
	return all;
}

enum wb_tri wb_reads_all(const struct wb_judging *j)
{
	const struct wb_relation *r = reads_other(j->op->code) ? j->other : j->table;

	if (j->op->reach == WB_REACH_NONE)
		return WB_NO;
	if (j->op->reach == WB_REACH_SOME || (r && r->kind == WB_KIND_VIEW))
		return WB_UNKNOWN;
	return j->op->reach == WB_REACH_ALL ? WB_YES : without_index(r, j->op);
}
