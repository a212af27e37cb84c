/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a history: by the columns of its table, since three tools share a
 * table's name and every tool lets its users choose another. Where the shape
 * could be anybody's, the usual name must be there, too, unless the user has
 * named the tool.
 */
#include "adopt.h"

/* A table of the database while it is looked at. */
struct seen {
	const char *schema, *name; /* schema "" where there are none */
	WB_VEC(const char *) columns;
	const char *first_type;
};

struct scan {
	struct wb_adopt *a;
	WB_VEC(struct seen) tables;
};

static void scan_done(struct scan *s)
{
	for (size_t i = 0; i < s->tables.n; i++)
		wb_vec_done(&s->tables.v[i].columns);
	wb_vec_done(&s->tables);
}

static int take_column(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { SCHEMA, TABLE, COLUMN, TYPE, COUNT };
	struct scan *s = user;
	struct wb_arena *arena = &s->a->arena;
	if (row->n < COUNT)
		return wb_err_set(err, WB_EBUG, "table_columns gives %d columns", row->n);
	struct seen *last = s->tables.n ? &s->tables.v[s->tables.n - 1] : NULL;
	struct wb_sv schema = row->v[SCHEMA].p ? row->v[SCHEMA] : WB_SV("");
	if (!last || !wb_sv_eq(schema, wb_sv_str(last->schema)) || !wb_sv_eq(row->v[TABLE], wb_sv_str(last->name))) {
		struct seen fresh = { .schema = wb_arena_sv(arena, schema),
				      .name = wb_arena_sv(arena, row->v[TABLE]),
				      .first_type = wb_arena_sv(arena, row->v[TYPE]) };
		if (!fresh.schema || !fresh.name || !fresh.first_type || !wb_vec_push(&s->tables, fresh))
			return wb_err_nomem(err);
		last = &s->tables.v[s->tables.n - 1];
	}
	char *column = wb_arena_sv(arena, row->v[COLUMN]);
	return column && wb_vec_push(&last->columns, column) ? 0 : wb_err_nomem(err);
}

/* ---- the shape ---------------------------------------------------------------- */

/* Which of the tool's columns the table has; 0 when one is missing, or one is there that the tool does not make. */
static unsigned shape(const struct seen *t, const struct wb_old_tool *tool)
{
	unsigned has = 0;
	for (size_t i = 0; i < t->columns.n; i++) {
		size_t k = 0;
		while (tool->columns[k].name && !wb_sv_ieq(wb_sv_str(t->columns.v[i]), tool->columns[k].name))
			k++;
		if (!tool->columns[k].name)
			return 0;
		has |= 1u << k;
	}
	for (size_t k = 0; tool->columns[k].name; k++) {
		if (!tool->columns[k].optional && !(has & 1u << k))
			return 0;
	}
	return has;
}

static bool has_table(const struct scan *s, const char *schema, const char *name)
{
	for (size_t i = 0; i < s->tables.n; i++) {
		if (!strcmp(s->tables.v[i].schema, schema) && wb_sv_ieq(wb_sv_str(s->tables.v[i].name), name))
			return true;
	}
	return false;
}

static bool fits(const struct scan *s, const struct seen *t, const struct wb_old_tool *tool)
{
	bool named = s->a->o->from && !strcmp(s->a->o->from, tool->name);
	bool integer = strstr(t->first_type, "int") != NULL;
	if (s->a->o->from && !named)
		return false;
	if (tool->vague && !named && !wb_sv_ieq(wb_sv_str(t->name), tool->table))
		return false;
	if (tool->vague && integer != tool->integer_version)
		return false;
	if (tool->needs_schemas && !(s->a->conn->driver->caps & WB_CAP_SCHEMAS))
		return false;
	return (named || !tool->with || has_table(s, t->schema, tool->with)) &&
	       (named || !tool->without || !has_table(s, t->schema, tool->without));
}

/* "[schema.]table", as the user wrote it. */
static bool is_wanted(const struct wb_adopt *a, const struct seen *t)
{
	struct wb_sv want = wb_sv_str(a->o->table);
	size_t schema = strlen(t->schema);
	if (!a->o->table || wb_sv_eq(want, wb_sv_str(t->name)))
		return true;
	return schema && want.n > schema && !memcmp(want.p, t->schema, schema) && want.p[schema] == '.' &&
	       wb_sv_eq(wb_sv(want.p + schema + 1, want.n - schema - 1), wb_sv_str(t->name));
}

static int judge(struct scan *s, bool beside, struct wb_error *err)
{
	for (size_t i = 0; i < s->tables.n; i++) {
		const struct seen *t = &s->tables.v[i];
		for (size_t k = 0; k < wb_old_tools_n && is_wanted(s->a, t); k++) {
			const struct wb_old_tool *tool = &wb_old_tools[k];
			struct wb_old_table found = { .tool = tool,
						      .schema = *t->schema ? t->schema : NULL,
						      .name = t->name,
						      .columns = shape(t, tool),
						      .beside = beside };
			if (!found.columns || (beside && !tool->beside) || !fits(s, t, tool))
				continue;
			if (!wb_vec_push(&s->a->tables, found))
				return wb_err_nomem(err);
		}
	}
	return 0;
}

static int look(struct wb_adopt *a, struct wb_conn *conn, bool beside, struct wb_error *err)
{
	WB_CLEANUP(scan_done) struct scan s = { .a = a };
	int rc = wb_query_named(conn, WB_SQL_TABLE_COLUMNS, NULL, 0, take_column, &s, NULL, err);
	return rc < 0 ? rc : judge(&s, beside, err);
}

/* Without schemas a tool's registry may be a file of its own beside the database. */
static int look_beside(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_error ignored;
	if ((a->t->driver->caps & WB_CAP_SCHEMAS) || !a->t->connect_file)
		return 0;
	for (size_t i = 0; i < wb_old_tools_n; i++) {
		const struct wb_old_tool *tool = &wb_old_tools[i];
		struct wb_conn *conn = NULL;
		if (!tool->beside || (a->o->from && strcmp(a->o->from, tool->name) != 0))
			continue;
		int rc = a->t->connect_file(a->t->connect_user, tool->beside, &conn, &ignored);
		if (rc == WB_ENOTFOUND)
			continue;
		if (rc < 0) {
			if (err)
				*err = ignored;
			return rc;
		}
		size_t before = a->tables.n;
		rc = look(a, conn, true, err);
		if (rc == 0 && a->tables.n > before && !a->beside)
			a->beside = conn;
		else
			wb_conn_close(conn);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ---- one of them -------------------------------------------------------------------- */

static int none(const struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_old_tool *tool = a->o->from ? wb_old_tool_find(a->o->from) : NULL;
	wb_err_set(err, WB_ENOTFOUND, "this database holds no history of %s%s%s", tool ? tool->title : "a known tool",
		   a->o->table ? " in a table " : "", a->o->table ? a->o->table : "");
	if (tool)
		wb_err_detail(err, "no table has the columns of its %s", tool->table);
	wb_err_hint(err, tool ? "is this the right database? Without --from every tool's table is looked for"
			      : "is this the right database? For one that no tool has migrated: `whimbrel baseline "
				"VERSION`, or plain `whimbrel up`");
	return WB_ENOTFOUND;
}

static int several(const struct wb_adopt *a, struct wb_error *err)
{
	wb_autostr list = WB_STR_INIT;
	bool same = true;
	for (size_t i = 0; i < a->tables.n; i++) {
		const struct wb_old_table *t = &a->tables.v[i];
		wb_str_addf(&list, "%s%s in %s%s%s", i ? ", " : "", t->tool->name, t->schema ? t->schema : "",
			    t->schema ? "." : "", t->name);
		same &= t->tool == a->tables.v[0].tool;
	}
	wb_err_set(err, WB_EUSAGE, "this database holds %zu histories", a->tables.n);
	wb_err_detail(err, "%s", list.p);
	wb_err_hint(err, same ? "name the table with --table [SCHEMA.]TABLE" : "name the tool with --from TOOL");
	return WB_EUSAGE;
}

int wb_adopt_find(struct wb_adopt *a, struct wb_error *err)
{
	if (a->o->from && !wb_old_tool_find(a->o->from)) {
		wb_err_set(err, WB_EUSAGE, "there is no tool \"%s\" whose history can be taken over", a->o->from);
		wb_err_hint(err, "flyway, golang-migrate, dbmate, rails, goose, alembic, sqlx, atlas, sqitch, "
				 "liquibase, refinery, tern or graphile-migrate");
		return WB_EUSAGE;
	}
	int rc = look(a, a->t->conn, false, err);
	if (rc == 0)
		rc = look_beside(a, err);
	if (rc < 0)
		return rc;
	if (a->tables.n != 1)
		return a->tables.n ? several(a, err) : none(a, err);
	a->table = a->tables.v[0];
	a->conn = a->table.beside ? a->beside : a->t->conn;
	return 0;
}
