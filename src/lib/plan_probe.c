/* SPDX-License-Identifier: Apache-2.0
 *
 * Probing: where neither the facts nor the catalog decide what an ALTER TABLE
 * goes through, an empty copy of its table tells, after all that the plan will
 * have done to the table by then. Only for who asks for it (wb_plan_options.probe).
 */
#include "plan.h"

static bool is_open(const struct wb_effect *e)
{
	return e->rewrites == WB_UNKNOWN || e->scans == WB_UNKNOWN || e->indexes == WB_UNKNOWN;
}

static bool same(const struct wb_relation *r, const struct wb_name *n)
{
	return n->name && !strcmp(n->name, r->name.name) &&
	       (!n->schema || !r->name.schema || !strcmp(n->schema, r->name.schema));
}

static bool is_alter(const struct planning *p, size_t step)
{
	const struct wb_plan_step *s = &p->b->steps.v[step];
	return s->command && !strcmp(s->command, "ALTER TABLE") && !s->sql_cut && p->b->operations.v[step].n;
}

/* Nothing but the one table: what it refers to would be locked, and is no copy. */
static bool is_alone(const struct wb_operations *ops, const struct wb_relation *r)
{
	for (size_t i = 0; i < ops->n; i++) {
		if (ops->v[i].other.name || !same(r, &ops->v[i].table))
			return false;
	}
	return true;
}

/* A table as it stands in the database, whose copy is like it. */
static const struct wb_relation *table_of(const struct planning *p, const struct wb_world *world, size_t step)
{
	const struct wb_operations *ops = &p->b->operations.v[step];
	const struct wb_relation *r = is_alter(p, step) ? wb_world_find(world, ops->v[0].table) : NULL;
	unsigned other = WB_REL_MADE | WB_REL_GONE | WB_REL_PARTITIONED | WB_REL_HYPERTABLE | WB_REL_TEMPORARY;
	bool plain = r && r->kind == WB_KIND_TABLE && r->flags & WB_REL_SEEN && !(r->flags & other) && r->name.schema;
	return plain && !r->children.n && is_alone(ops, r) ? r : NULL;
}

static struct wb_sv actions(const struct planning *p, size_t step)
{
	struct wb_lint_run run = { .driver = p->driver };
	struct wb_look look = { .run = &run };
	struct wb_lint_stmt st = { .text = wb_sv_str(p->b->steps.v[step].sql) };
	return wb_actions(&look, &st);
}

/* Of the statements before; false: one of them cannot be done to a copy. */
static bool collect(const struct planning *p, const struct wb_relation *r, size_t step, struct wb_sv *v, size_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; i < step; i++) {
		const struct wb_operations *ops = &p->b->operations.v[i];
		bool about = false;
		for (size_t k = 0; k < ops->n; k++) {
			const struct wb_operation *op = &ops->v[k];
			about |= same(r, &op->table) && op->code >= WB_OP_TABLE_ATTACH &&
				 op->code <= WB_OP_CONSTRAINT_DROP;
			if (op->code == WB_OP_RENAME && (same(r, &op->table) || same(r, &op->object)))
				return false;
		}
		if (about && (!is_alter(p, i) || !is_alone(ops, r)))
			return false;
		if (about)
			v[(*ret_n)++] = actions(p, i);
	}
	return true;
}

static const char *seen(const struct wb_alter_tried *t)
{
	return t->rewrites  ? "probed on an empty copy: it writes the whole table anew"
	       : t->indexes ? "probed on an empty copy: it builds an index anew"
	       : t->scans   ? "probed on an empty copy: it reads the whole table"
			    : "probed on an empty copy: it goes through no rows";
}

static unsigned work_of(const struct wb_alter_tried *t)
{
	return (t->rewrites ? WB_WORK_REWRITE : 0u) | (t->scans ? WB_WORK_SCAN : 0u) |
	       (t->indexes ? WB_WORK_INDEX : 0u);
}

int wb_plan_probe(struct planning *p, const struct wb_world *world, size_t step, struct wb_effect *e,
		  const char **ret_note)
{
	struct wb_alter_tried tried = { 0 };
	struct wb_error why = { 0 };
	const struct wb_relation *r = is_open(e) && p->conn ? table_of(p, world, step) : NULL;
	if (!r)
		return 0;
	struct wb_sv *before = wb_arena_array(&p->b->arena, step + 1, sizeof(*before));
	struct wb_alter_try t = { .table = r->name, .before = before, .actions = actions(p, step) };
	if (!before)
		return wb_err_nomem(p->err);
	if (!collect(p, r, step, before, &t.n_before)) {
		*ret_note = "not probed: what comes before it cannot be done to a copy";
		return 0;
	}
	int rc = wb_conn_try_alter(p->conn, &t, &tried, &why);
	if (rc == 0) {
		wb_effect_settle(e, r, work_of(&tried));
		p->b->steps.v[step].probed = true;
		*ret_note = seen(&tried);
		return 0;
	}
	if (p->conn->lost || rc == WB_ENOMEM || rc == WB_ECANCELLED) {
		*p->err = why;
		return rc;
	}
	*ret_note = wb_arena_printf(&p->b->arena, "could not be probed: %s", why.message);
	return *ret_note ? 0 : wb_err_nomem(p->err);
}
