/* SPDX-License-Identifier: Apache-2.0
 *
 * The undo as the way from the schema after a migration to the schema before
 * it. Every difference has to be one that the statements explain; what would
 * not come back with it (rows, values, positions) is a reason why there is none.
 */
#include "safety/undo_names.h"

#include <strings.h>

#include "base/banned.h"

struct scripting {
	struct wb_undo *u;
	const struct wb_undo_facts *f;
	struct wb_map related; /* &object in its model -> it */
	struct wb_diff diff;
	struct wb_ddl_script script;
	struct wb_error *err;
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- what the statements speak of -------------------------------------------------------- */

/* A model calls a routine "f(integer)", an operator family "f (hash)". */
static bool is_called(const struct wb_undo *u, const char *schema, const char *name, struct wb_name n)
{
	size_t routine = strcspn(name, "(");
	bool sqlite = u->dialect == WB_DIALECT_SQLITE;

	if (name[routine] && routine && name[routine - 1] == ' ')
		routine--;
	if (n.schema && schema && strcmp(n.schema, schema) != 0)
		return false;
	if (sqlite ? strcasecmp(name, n.name) == 0 : strcmp(name, n.name) == 0)
		return true;
	return name[routine] && strlen(n.name) == routine && strncmp(name, n.name, routine) == 0;
}

static bool is_named(const struct wb_undo *u, const struct wb_undo_ask *t, const struct wb_object *o)
{
	struct wb_name whole = t->table.name ? t->table : t->object;

	if (t->kind == WB_KIND_CAST) /* its name is two types, written as the statement likes */
		return o->kind == WB_KIND_CAST;
	if (!whole.name || is_called(u, o->schema, o->name, whole))
		return true;
	if (o->parent && is_called(u, o->schema, o->parent, whole))
		return true;
	if (t->table.name && t->object.name && is_called(u, o->schema, o->name, t->object))
		return true;
	return t->kind == WB_KIND_SCHEMA && same_text(o->schema, whole.name);
}

static bool is_related(struct scripting *g, const struct wb_model *m, const struct wb_object *o)
{
	size_t i = wb_model_index(m, o);

	return i < m->n && wb_map_get(&g->related, wb_sv((const char *)&m->v[i], sizeof(m->v[i])));
}

static bool relate(struct scripting *g, const struct wb_model *m, size_t i)
{
	return wb_map_put(&g->related, wb_sv((const char *)&m->v[i], sizeof(m->v[i])), m->v[i]);
}

static bool follows(struct scripting *g, const struct wb_model *m, const struct wb_object *o)
{
	if (o->owner && is_related(g, m, o->owner))
		return true;
	for (size_t i = 0; i < o->n_needs; i++)
		if (is_related(g, m, o->needs[i]))
			return true;
	return false;
}

/* A sequence comes with what counts by it. */
static bool relate_sequences(struct scripting *g, const struct wb_model *m, const struct wb_object *o)
{
	for (size_t i = 0; i < o->n_needs; i++)
		if (o->needs[i]->kind == WB_KIND_SEQUENCE && !relate(g, m, wb_model_index(m, o->needs[i])))
			return false;
	return true;
}

static int find_related(struct scripting *g, const struct wb_model *m)
{
	bool again = true, ok = true;

	for (size_t i = 0; i < m->n && ok; i++)
		for (size_t k = 0; k < g->u->touched.n; k++)
			if (is_named(g->u, &g->u->touched.v[k], m->v[i])) {
				ok = relate(g, m, i);
				break;
			}
	while (again && ok) {
		again = false;
		for (size_t i = 0; i < m->n && ok; i++) {
			if (is_related(g, m, m->v[i]) || !follows(g, m, m->v[i]))
				continue;
			ok = relate(g, m, i);
			again = true;
		}
	}
	for (size_t i = 0; i < m->n && ok; i++)
		if (is_related(g, m, m->v[i]))
			ok = relate_sequences(g, m, m->v[i]);
	return ok ? 0 : wb_err_nomem(g->err);
}

/* ---- rows ------------------------------------------------------------------------------------- */

static bool is_known(const struct scripting *g, const struct wb_object *table, bool sequence)
{
	const struct wb_undo *u = g->u;

	for (size_t i = 0; i < u->conditions.n; i++)
		if (g->f->holds[i] && u->conditions.v[i].sequence == sequence &&
		    is_called(u, table->schema, table->name, u->conditions.v[i].table))
			return true;
	return false;
}

/* Itself, or the table that it is a part of. */
static bool is_empty(const struct scripting *g, const struct wb_object *table)
{
	if (is_known(g, table, false))
		return true;
	for (size_t i = 0; i < table->n_needs; i++)
		if (table->needs[i]->kind == WB_KIND_TABLE && wb_object_get(table, "partition_of") &&
		    is_empty(g, table->needs[i]))
			return true;
	return false;
}

static int refuse(struct scripting *g, const char *what, const struct wb_object *o)
{
	wb_autostr path = WB_STR_INIT;

	if (!wb_object_path(o, &path))
		return wb_err_nomem(g->err);
	return wb_undo_refuse(g->u, "%s %s %s", what, wb_kind_name(o->kind), path.p);
}

/* The column with which it goes is of a table without rows. */
static bool goes_with_empty(const struct scripting *g, const struct wb_object *sequence)
{
	const struct wb_model *m = g->f->before;

	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < m->v[i]->n_needs; k++)
			if (m->v[i]->needs[k] == sequence && m->v[i]->owner && is_empty(g, m->v[i]->owner))
				return true;
	return false;
}

/* Its count comes back, or the table with all that is in it. */
static bool is_kept(const struct scripting *g, const struct wb_object *o)
{
	for (size_t i = 0; i < g->u->kept.n; i++)
		if (g->u->kept.v[i].kind == o->kind && is_called(g->u, o->schema, o->name, g->u->kept.v[i].object))
			return true;
	return false;
}

/* What was set aside has its values as text where their type could go meanwhile: those are of the type by themselves.
 */
static bool comes_from_text(const struct scripting *g, const struct wb_object *column)
{
	const struct wb_object *now;

	if (column->kind != WB_KIND_COLUMN || !column->owner || !is_kept(g, column->owner))
		return false;
	now = wb_model_find(g->f->after, WB_KIND_COLUMN, column->schema, column->parent, column->name);
	return now && same_text(wb_object_get(now, "type"), "text");
}

static int check_missing(struct scripting *g, const struct wb_object *o)
{
	bool table = o->kind == WB_KIND_TABLE || o->kind == WB_KIND_VIRTUAL_TABLE;
	bool column = o->kind == WB_KIND_COLUMN && o->owner && o->owner->kind == WB_KIND_TABLE;

	if (table && !is_empty(g, o))
		return refuse(g, "drops with its rows the", o);
	/* One that is computed has no values of its own. */
	if (column && !wb_object_get(o, "generated") && !is_empty(g, o->owner))
		return refuse(g, "drops with its values the", o);
	if (o->kind == WB_KIND_SEQUENCE && !is_known(g, o, true) && !is_kept(g, o) && !goes_with_empty(g, o))
		return refuse(g, "forgets how far it has counted: the", o);
	return 0;
}

static int check_changed(struct scripting *g, const struct wb_difference *d)
{
	const struct wb_object *o = d->expected;
	bool column = o->kind == WB_KIND_COLUMN && o->owner && o->owner->kind == WB_KIND_TABLE;

	if (!column || is_empty(g, o->owner) || (strcmp(d->attribute, "type") == 0 && comes_from_text(g, o)))
		return 0;
	if (strcmp(d->attribute, "generated") == 0 && !d->expected_value)
		return refuse(g, "computes what were values of the", o);
	/* What a partition has from its parent has no type of its own. */
	if (g->u->dialect == WB_DIALECT_POSTGRES && (!d->expected_value || !d->actual_value))
		return 0;
	if (strcmp(d->attribute, "type") != 0 || wb_object_get(o, "generated") ||
	    wb_undo_type_keeps(g->u->dialect, d->expected_value, d->actual_value))
		return 0;
	(void)refuse(g, "not every value survives it:", o);
	return 0;
}

static int check_difference(struct scripting *g, const struct wb_difference *d)
{
	bool explained = (d->expected && is_related(g, g->f->before, d->expected)) ||
			 (d->actual && is_related(g, g->f->after, d->actual));

	if (!explained)
		return refuse(g, "something else has changed meanwhile: the", d->expected ? d->expected : d->actual);
	if (d->type == WB_DIFF_MISSING)
		return check_missing(g, d->expected);
	return d->type == WB_DIFF_CHANGED ? check_changed(g, d) : 0;
}

/* ---- the statements -------------------------------------------------------------------------------- */

static const struct wb_object *table_of(const struct wb_object *o)
{
	return o->owner ? o->owner : o;
}

/* Taking away what the migration has made is what an undo is for; what was there before may not suffer. A table that is
 * built anew only loses columns that are not wanted any more. */
static int check_change(struct scripting *g, const struct wb_change *c)
{
	const struct wb_object *o = c->object;
	const struct wb_ddl *d = wb_ddl_find(g->f->before->engine);
	const struct wb_object *was = wb_model_find(g->f->before, o->kind, o->schema, o->parent, o->name);

	bool rebuilt = d && d->rebuilds && o->kind == WB_KIND_TABLE;

	/* Values of a type are those of columns, which are told by themselves. */
	if (!c->destroys || !was || rebuilt || !wb_schema_holds_data(o) || is_empty(g, table_of(was)) ||
	    comes_from_text(g, was))
		return 0;
	return refuse(g, "undoing it would lose values of the", o);
}

static void add_change(struct scripting *g, const struct wb_change *c, struct wb_str *out)
{
	static const char *const heads[] = { "CREATE INDEX ", "CREATE UNIQUE INDEX " };
	const char *sql = c->sql;

	for (size_t i = 0; g->u->concurrently && c->object->kind == WB_KIND_INDEX && i < WB_ARRAY_LEN(heads); i++) {
		if (strncmp(sql, heads[i], strlen(heads[i])) != 0)
			continue;
		wb_str_add(out, heads[i]);
		wb_str_add(out, "CONCURRENTLY ");
		sql += strlen(heads[i]);
	}
	wb_str_add(out, sql);
}

static int add_moves(struct scripting *g, struct wb_str *out)
{
	const struct wb_undo *u = g->u;
	const char **v;
	size_t n;

	if (wb_undo_moves(g->u, g->f->all, true, &v, &n, g->err) < 0)
		return WB_ENOMEM;
	for (size_t i = 0; i < u->session.n && n; i++)
		wb_str_addf(out, "%s;\n", u->session.v[i]);
	for (size_t i = 0; i < n; i++)
		wb_str_addf(out, "%s;\n", v[i]);
	return 0;
}

static int write(struct scripting *g, struct wb_str *out)
{
	struct wb_error why = { 0 };
	int rc = wb_schema_script(g->f->after, g->f->before, &g->diff, &g->script, &why);

	if (rc == WB_ENOMEM)
		return wb_err_nomem(g->err);
	if (rc)
		return wb_undo_refuse(g->u, "its undo cannot be written: %s", why.message);
	for (size_t i = 0; rc == 0 && !g->u->why && i < g->script.n; i++)
		rc = check_change(g, &g->script.v[i]);
	if (rc || g->u->why)
		return rc;
	rc = add_moves(g, out);
	if (g->script.begin)
		wb_str_add(out, g->script.begin);
	for (size_t i = 0; i < g->script.n; i++)
		add_change(g, &g->script.v[i], out);
	for (size_t i = 0; i < g->u->backs.n; i++)
		if (g->u->backs.v[i].part == WB_UNDO_BACK_LATE)
			wb_str_addf(out, "%s;\n", g->u->backs.v[i].sql);
	return out->failed ? wb_err_nomem(g->err) : rc;
}

static int check_conditions(struct scripting *g)
{
	const struct wb_undo *u = g->u;

	for (size_t i = 0; i < u->conditions.n; i++)
		if (u->conditions.v[i].why && !g->f->holds[i])
			return wb_undo_refuse(g->u, "%s", u->conditions.v[i].why);
	return 0;
}

static int make(struct scripting *g, struct wb_str *out)
{
	int rc = check_conditions(g);

	if (rc == 0 && !g->u->why)
		rc = find_related(g, g->f->before);
	if (rc == 0 && !g->u->why)
		rc = find_related(g, g->f->after);
	if (rc == 0 && !g->u->why)
		rc = wb_schema_diff(g->f->before, g->f->after, &g->diff, g->err);
	for (size_t i = 0; rc == 0 && !g->u->why && i < g->diff.n; i++)
		rc = check_difference(g, &g->diff.v[i]);
	return rc || g->u->why ? rc : write(g, out);
}

int wb_undo_script(struct wb_undo *u, const struct wb_undo_facts *f, struct wb_str *out, struct wb_error *err)
{
	struct scripting g = { .u = u, .f = f, .script = { .arena = WB_ARENA_INIT }, .err = err };
	int rc = u->why ? 0 : make(&g, out);

	wb_ddl_script_done(&g.script);
	wb_diff_done(&g.diff);
	wb_map_done(&g.related);
	return rc;
}
