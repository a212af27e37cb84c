/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema of a database file as objects. sqlite3 keeps it as the texts of
 * CREATE statements: one query reads them all, the rest is taken from the texts.
 * Only which tables belong to a virtual one cannot be told from them.
 */
#include "driver/sqlite/internal.h"
#include "driver/sqlite/parse.h"

#include <strings.h>

/* A row of sqlite_schema, and what became of it. */
struct row {
	const char *type, *name, *parent, *sql;
	int64_t made;
	bool shadow, analyzed;
	struct wb_object *o;
	struct wb_sqlite_table table; /* of a table that was understood */
};

struct inspection {
	struct wb_sqlite *c;
	struct wb_model *m;
	struct wb_arena arena; /* until the end of the inspection */
	WB_VEC(struct row) rows;
	struct wb_map relations; /* name in lower case -> row: tables, virtual tables, views */
	struct wb_sqlite_tokens tokens; /* of the row at hand */
	struct wb_alters *asked; /* NULL: none */
	struct wb_sqlite_alter *alters; /* as many */
	int failed; /* why one of them cannot be */
	struct wb_error *err;
};

static char *lower(struct inspection *in, const char *name)
{
	char *copy = name ? wb_arena_str(&in->arena, name) : NULL;

	for (char *p = copy; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return copy;
}

/* By any case; NULL also when memory has run out, *ret_ok says which. */
static struct row *find_relation(struct inspection *in, const char *name, bool *ret_ok)
{
	char *key = lower(in, name);

	*ret_ok = key;
	return key ? wb_map_get(&in->relations, wb_sv_str(key)) : NULL;
}

/* ---- reading ----------------------------------------------------------------------- */

static const char schema_sql[] =
	"SELECT type, name, tbl_name, sql, rowid FROM main.sqlite_schema "
	"WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_' AND tbl_name NOT IN (" WB_SQLITE_JOURNAL_TABLES ") "
	"AND tbl_name NOT GLOB " WB_SQLITE_TRASH;
static const char shadow_sql[] = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";

static const char *text(struct inspection *in, sqlite3_stmt *stmt, int i)
{
	const char *p = (const char *)sqlite3_column_text(stmt, i);

	return p ? wb_arena_str(&in->arena, p) : NULL;
}

static bool take_row(struct inspection *in, sqlite3_stmt *stmt)
{
	struct row r = { .type = text(in, stmt, 0),
			 .name = text(in, stmt, 1),
			 .parent = text(in, stmt, 2),
			 .sql = text(in, stmt, 3),
			 .made = sqlite3_column_int64(stmt, 4) };

	if (!r.type || !r.name || !r.parent || !r.sql)
		return false;
	return wb_vec_push(&in->rows, r);
}

static bool take_shadow(struct inspection *in, sqlite3_stmt *stmt)
{
	bool ok;
	struct row *r = find_relation(in, text(in, stmt, 0), &ok);

	if (r)
		r->shadow = true;
	return ok;
}

static int query(struct inspection *in, const char *sql, bool (*take)(struct inspection *in, sqlite3_stmt *stmt))
{
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(in->c, wb_sql_expand(&in->arena, sql, in->c->journal), &stmt, in->err);
	int step = SQLITE_DONE;

	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = take(in, stmt) ? 0 : wb_err_nomem(in->err);
	return rc == 0 && step != SQLITE_DONE ? wb_sqlite_error(in->c, step, in->err) : rc;
}

static bool is_type(const struct row *r, const char *type)
{
	return strcmp(r->type, type) == 0;
}

static int find_relations(struct inspection *in)
{
	for (size_t i = 0; i < in->rows.n; i++) {
		struct row *r = &in->rows.v[i];
		char *key;

		if (!is_type(r, "table") && !is_type(r, "view"))
			continue;
		key = lower(in, r->name);
		if (!key || !wb_map_put(&in->relations, wb_sv_str(key), r))
			return wb_err_nomem(in->err);
	}
	return 0;
}

static const char analyzed_sql[] = "SELECT DISTINCT tbl FROM main.sqlite_stat1";

static bool take_analyzed(struct inspection *in, sqlite3_stmt *stmt)
{
	bool ok;
	struct row *r = find_relation(in, text(in, stmt, 0), &ok);

	if (r)
		r->analyzed = true;
	return ok;
}

static int find_analyzed(struct inspection *in)
{
	if (sqlite3_table_column_metadata(in->c->db, "main", "sqlite_stat1", NULL, NULL, NULL, NULL, NULL, NULL))
		return 0;
	return query(in, analyzed_sql, take_analyzed);
}

/* ---- tables that belong to a virtual one ---------------------------------------------------- */

/* The tables that a module keeps, by what follows the virtual table's name; NULL: not known. To ask sqlite3 costs more
 * than all the rest, since it looks into every view first, and it does not know of modules that are not loaded. */
static const char *const *shadows_of(const char *module)
{
	static const char *const fts[] = { "content", "docsize", "segdir", "segments", "stat", NULL };
	static const char *const fts5[] = { "config", "content", "data", "docsize", "idx", NULL };
	static const char *const rtree[] = { "node", "parent", "rowid", NULL };
	static const struct {
		const char *module;
		const char *const *shadows;
	} known[] = {
		{ "fts3", fts },    { "fts4", fts },        { "fts5", fts5 },
		{ "rtree", rtree }, { "rtree_i32", rtree }, { "geopoly", rtree },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(known); i++)
		if (strcasecmp(known[i].module, module) == 0)
			return known[i].shadows;
	return NULL;
}

static bool mark_shadows(struct inspection *in, const struct row *r, const char *const *shadows)
{
	bool ok = true;

	for (; *shadows && ok; shadows++) {
		struct row *other = find_relation(in, wb_arena_printf(&in->arena, "%s_%s", r->name, *shadows), &ok);
		if (other && is_type(other, "table"))
			other->shadow = true;
	}
	return ok;
}

/* Is there a table that may be an unknown module's? */
static bool may_have_shadows(const struct inspection *in, const struct row *r)
{
	size_t n = strlen(r->name);

	for (size_t i = 0; i < in->rows.n; i++)
		if (is_type(&in->rows.v[i], "table") && strncasecmp(in->rows.v[i].name, r->name, n) == 0 &&
		    in->rows.v[i].name[n] == '_')
			return true;
	return false;
}

static bool is_virtual(const struct row *r)
{
	return is_type(r, "table") && wb_sv_istarts(wb_sv_str(r->sql), "CREATE VIRTUAL");
}

static int find_shadows(struct inspection *in)
{
	bool ask = false;

	for (size_t i = 0; i < in->rows.n; i++) {
		const struct row *r = &in->rows.v[i];
		const char *module = "", *arguments;
		const char *const *shadows;

		if (!is_virtual(r))
			continue;
		if (!wb_sqlite_tokens_read(&in->tokens, wb_sv_str(r->sql)) ||
		    wb_sqlite_parse_virtual(&in->arena, &in->tokens, &module, &arguments) < 0)
			return wb_err_nomem(in->err);
		shadows = shadows_of(module);
		if (shadows && !mark_shadows(in, r, shadows))
			return wb_err_nomem(in->err);
		ask |= !shadows && may_have_shadows(in, r);
	}
	return ask ? query(in, shadow_sql, take_shadow) : 0;
}

/* All as of one moment. */
static int read_all(struct inspection *in)
{
	struct wb_error ignored;
	bool inside = !sqlite3_get_autocommit(in->c->db);
	int rc = inside ? 0 : wb_sqlite_exec(in->c, "BEGIN", in->err);

	if (rc)
		return rc;
	rc = query(in, schema_sql, take_row);
	if (rc == 0)
		rc = find_relations(in);
	if (rc == 0)
		rc = find_shadows(in);
	if (rc == 0)
		rc = find_analyzed(in);
	if (!inside)
		(void)wb_sqlite_rollback(&in->c->base, &ignored);
	return rc;
}

/* ---- attributes ---------------------------------------------------------------------- */

static const char *when(bool holds)
{
	return holds ? "true" : NULL;
}

static bool set(struct inspection *in, struct wb_object *o, const char *key, const char *value)
{
	return wb_object_set(in->m, o, key, value);
}

/* The whole statement: of code, and of what is not understood. */
static bool set_definition(struct inspection *in, struct row *r, const char *kind)
{
	const struct wb_sqlite_tokens *t = &in->tokens;
	size_t head = wb_sqlite_parse_head(t, kind, NULL, NULL);
	wb_autostr all = WB_STR_INIT, rest = WB_STR_INIT;

	if (!head) {
		if (t->flawed)
			wb_str_addsv(&all, wb_sv_trim(wb_sv_str(r->sql)));
		else
			wb_sqlite_canonical(&all, t->v, t->n, false);
		return !all.failed && set(in, r->o, "definition", all.p);
	}
	wb_str_addf(&all, "CREATE %s ", kind);
	wb_sqlite_add_name(&all, r->name);
	wb_sqlite_canonical(&rest, t->v + head, t->n - head, false);
	wb_str_addf(&all, "%s%s", head < t->n && t->v[head].kind == WB_TOK_OPEN ? "" : " ", rest.p);
	return !all.failed && !rest.failed && set(in, r->o, "definition", all.p);
}

static bool add_column(struct inspection *in, const struct row *r, const struct wb_sqlite_column *c, size_t position)
{
	struct wb_object *o = wb_model_add(in->m, WB_KIND_COLUMN, NULL, r->name, c->name);
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", position);
	return o && set(in, o, "position", number) && set(in, o, "type", c->type) &&
	       set(in, o, "not_null", when(c->not_null)) && set(in, o, "not_null_conflict", c->not_null_conflict) &&
	       set(in, o, "primary_key", c->key) && set(in, o, "default", c->value) &&
	       set(in, o, "collate", c->collate) && set(in, o, "generated", c->generated) &&
	       set(in, o, "stored", when(c->stored));
}

/* ---- what is taken for done ------------------------------------------------------------------ */

static bool is_about(const struct wb_sqlite_alter *alter, const struct row *r)
{
	return alter->table && strcasecmp(alter->table, r->name) == 0;
}

/* False also when one of them cannot be, with the error set. */
static bool alter_table(struct inspection *in, struct row *r, int understood)
{
	for (size_t i = 0; in->asked && i < in->asked->n; i++) {
		struct wb_sqlite_alter *alter = &in->alters[i];
		if (!is_about(alter, r))
			continue;
		alter->found = true;
		in->asked->at = i;
		if (!understood)
			in->failed =
				wb_err_set(in->err, WB_ESQL,
					   "the table %s cannot be altered so: its definition has words that are not "
					   "SQLite's",
					   r->name);
		else
			in->failed = wb_sqlite_alter_apply(&in->arena, alter, r->name, &r->table, in->err);
		in->asked->offset = alter->offset;
		if (in->failed)
			return false;
	}
	return true;
}

static bool cannot_drop(struct inspection *in, size_t alter, const struct row *r, const char *column)
{
	in->asked->at = alter;
	in->asked->offset = 0;
	in->failed =
		wb_err_set(in->err, WB_ESQL, "the column %s of %s cannot be dropped: a foreign key of %s points at it",
			   column, in->alters[alter].table, r->name);
	wb_err_hint(in->err, "drop the foreign key before");
	return false;
}

/* A foreign key of another table that points at a column which is gone. */
static bool check_key(struct inspection *in, const struct row *r, const struct wb_sqlite_constraint *k)
{
	for (size_t i = 0; k->parent && in->asked && i < in->asked->n; i++) {
		const struct wb_sqlite_alter *alter = &in->alters[i];
		if (!alter->table || strcasecmp(alter->table, k->parent) != 0)
			continue;
		for (size_t j = 0; j < alter->n_dropped; j++)
			if (wb_sqlite_names(&in->arena, k->references, alter->dropped[j]))
				return cannot_drop(in, i, r, alter->dropped[j]);
	}
	return true;
}

/* An index on a column that is gone goes with it. */
static bool goes_with_column(struct inspection *in, const struct wb_sqlite_index *index, const struct row *owner)
{
	for (size_t i = 0; owner && in->asked && i < in->asked->n; i++)
		for (size_t k = 0; is_about(&in->alters[i], owner) && k < in->alters[i].n_dropped; k++)
			if (wb_sqlite_names(&in->arena, index->columns, in->alters[i].dropped[k]) ||
			    wb_sqlite_names(&in->arena, index->where, in->alters[i].dropped[k]))
				return true;
	return false;
}

static int read_alters(struct inspection *in)
{
	size_t n = in->asked ? in->asked->n : 0;
	int rc = 0;

	in->alters = wb_arena_array(&in->arena, n + 1, sizeof(*in->alters));
	if (!in->alters)
		return wb_err_nomem(in->err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		in->asked->at = i;
		in->asked->offset = 0;
		rc = wb_sqlite_alter_read(&in->arena, in->asked->v[i], &in->alters[i], in->err);
	}
	return rc;
}

static int no_table(struct inspection *in, const struct wb_sqlite_alter *alter)
{
	bool ok;
	const struct row *r = alter->table ? find_relation(in, alter->table, &ok) : NULL;

	if (!alter->table)
		return wb_err_set(in->err, WB_ESQL, "only tables of the database itself can be altered so");
	if (!r)
		return wb_err_set(in->err, WB_ESQL, "no such table: %s", alter->table);
	return wb_err_set(in->err, WB_ESQL, "%s is %s, which cannot be altered so", r->name,
			  r->shadow            ? "a virtual table's own"
			  : is_type(r, "view") ? "a view"
					       : "a virtual table");
}

static int check_alters(struct inspection *in)
{
	for (size_t i = 0; in->asked && i < in->asked->n; i++) {
		const struct wb_sqlite_alter *alter = &in->alters[i];
		if (alter->found || (alter->if_exists && alter->table))
			continue;
		in->asked->at = i;
		in->asked->offset = 0;
		return no_table(in, alter);
	}
	return 0;
}

/* ---- constraints ----------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool says_the_same(const struct wb_sqlite_constraint *a, const struct wb_sqlite_constraint *b)
{
	return strcmp(a->type, b->type) == 0 && same(a->name, b->name) && same(a->columns, b->columns) &&
	       same(a->expression, b->expression) && same(a->references, b->references) &&
	       same(a->on_delete, b->on_delete) && same(a->on_update, b->on_update) && same(a->match, b->match) &&
	       same(a->on_conflict, b->on_conflict) && a->deferrable == b->deferrable && a->deferred == b->deferred;
}

/* sqlite3 lets two constraints have one name, and the same one be there twice. names: of those before the i-th.
 * *ret_name NULL: it is there already. */
static bool unique_name(struct inspection *in, const struct wb_sqlite_table *t, size_t i, const char **names,
			const char **ret_name)
{
	const struct wb_sqlite_constraint *k = &t->constraints[i];
	const char *plain = wb_sqlite_constraint_name(&in->arena, k), *name = plain;
	int number = 1;

	for (size_t j = 0; name && j < i; j++) {
		if (!names[j] || strcmp(names[j], name) != 0)
			continue;
		if (says_the_same(&t->constraints[j], k)) {
			*ret_name = NULL;
			return true;
		}
		name = wb_arena_printf(&in->arena, "%s #%d", plain, ++number);
		j = (size_t)-1;
	}
	*ret_name = name;
	return name;
}

static bool set_constraint(struct inspection *in, struct wb_object *o, const struct wb_sqlite_constraint *k)
{
	wb_autostr quoted = WB_STR_INIT;

	if (k->name)
		wb_quote_ident(&quoted, wb_sv_str(k->name));
	return !quoted.failed && set(in, o, "sql_name", k->name ? quoted.p : NULL) && set(in, o, "type", k->type) &&
	       set(in, o, "columns", k->columns) && set(in, o, "autoincrement", when(k->autoincrement)) &&
	       set(in, o, "expression", k->expression) && set(in, o, "references", k->references) &&
	       set(in, o, "match", k->match) && set(in, o, "on_delete", k->on_delete) &&
	       set(in, o, "on_update", k->on_update) && set(in, o, "deferrable", when(k->deferrable)) &&
	       set(in, o, "initially_deferred", when(k->deferred)) && set(in, o, "on_conflict", k->on_conflict);
}

/* The referenced table may be missing; one that refers to itself needs nobody. */
static bool need_parent(struct inspection *in, const struct row *r, struct wb_object *o, const char *parent)
{
	bool ok;
	struct row *other = parent ? find_relation(in, parent, &ok) : NULL;

	if (!parent)
		return true;
	return ok && (!other || other == r || !other->o || wb_object_need(in->m, o, other->o));
}

static bool add_constraints(struct inspection *in, const struct row *r)
{
	const struct wb_sqlite_table *t = &r->table;
	const char **names = wb_arena_array(&in->arena, t->n_constraints + 1, sizeof(*names));
	bool ok = names;

	for (size_t i = 0; i < t->n_constraints && ok; i++) {
		struct wb_object *o;

		ok = unique_name(in, t, i, names, &names[i]);
		if (!ok || !names[i])
			continue;
		o = check_key(in, r, &t->constraints[i])
			    ? wb_model_add(in->m, WB_KIND_CONSTRAINT, NULL, r->name, names[i])
			    : NULL;
		ok = o && set_constraint(in, o, &t->constraints[i]) && need_parent(in, r, o, t->constraints[i].parent);
	}
	return ok;
}

/* ---- objects ------------------------------------------------------------------------------ */

static bool keep_text(struct inspection *in, struct row *r)
{
	r->o->sql = wb_arena_str(&in->m->arena, r->sql);
	r->o->made = r->made;
	return r->o->sql;
}

static bool add_table(struct inspection *in, struct row *r)
{
	int understood = wb_sqlite_parse_table(&in->arena, &in->tokens, &r->table);

	r->o = understood < 0 ? NULL : wb_model_add(in->m, WB_KIND_TABLE, NULL, NULL, r->name);
	if (!r->o || !alter_table(in, r, understood))
		return false;
	r->o->analyzed = r->analyzed;
	if (!understood) {
		wb_sqlite_table_done(&r->table);
		return set_definition(in, r, "TABLE");
	}
	for (size_t i = 0; i < r->table.n_columns; i++)
		if (!add_column(in, r, &r->table.columns[i], i + 1))
			return false;
	return set(in, r->o, "strict", when(r->table.strict)) &&
	       set(in, r->o, "rowid_alias", when(r->table.rowid_alias)) &&
	       set(in, r->o, "without_rowid", when(r->table.without_rowid));
}

static bool add_virtual(struct inspection *in, struct row *r)
{
	const char *module, *arguments;
	int understood = wb_sqlite_parse_virtual(&in->arena, &in->tokens, &module, &arguments);

	r->o = understood < 0 ? NULL : wb_model_add(in->m, WB_KIND_VIRTUAL_TABLE, NULL, NULL, r->name);
	if (!r->o)
		return false;
	if (!understood)
		return set_definition(in, r, "VIRTUAL TABLE");
	return set(in, r->o, "module", module) && set(in, r->o, "arguments", arguments);
}

static bool add_view(struct inspection *in, struct row *r)
{
	r->o = wb_model_add(in->m, WB_KIND_VIEW, NULL, NULL, r->name);
	return r->o && keep_text(in, r) && set_definition(in, r, "VIEW");
}

/* What others refer to. */
static bool add_relation(struct inspection *in, struct row *r)
{
	if (r->shadow || (!is_type(r, "table") && !is_type(r, "view")))
		return true;
	if (!wb_sqlite_tokens_read(&in->tokens, wb_sv_str(r->sql)))
		return false;
	if (is_type(r, "view"))
		return add_view(in, r);
	return is_virtual(r) ? add_virtual(in, r) : add_table(in, r);
}

static bool has_need(const struct wb_object *o, const struct wb_object *needed)
{
	for (size_t i = 0; i < o->n_needs; i++)
		if (o->needs[i] == needed)
			return true;
	return false;
}

/* Every relation that the text names, or seems to: a column of the same name does no harm. */
static bool need_what_is_named(struct inspection *in, struct row *r, const struct row *owner)
{
	bool ok = true;

	for (size_t i = 0; i < in->tokens.n && ok; i++) {
		const struct wb_token *t = &in->tokens.v[i];
		struct row *other;

		if (t->kind != WB_TOK_WORD && t->kind != WB_TOK_IDENT)
			continue;
		other = find_relation(in, wb_sqlite_name(&in->arena, t), &ok);
		if (other && other->o && other != r && other != owner && !has_need(r->o, other->o))
			ok = wb_object_need(in->m, r->o, other->o);
	}
	return ok;
}

static bool add_index(struct inspection *in, struct row *r, const struct row *owner)
{
	struct wb_sqlite_index index;
	int understood = wb_sqlite_parse_index(&in->arena, &in->tokens, owner ? &owner->table : NULL, &index);

	if (understood > 0 && goes_with_column(in, &index, owner))
		return true;
	r->o = understood < 0 ? NULL : wb_model_add(in->m, WB_KIND_INDEX, NULL, r->parent, r->name);
	if (!r->o || !keep_text(in, r))
		return false;
	if (!understood)
		return set_definition(in, r, "INDEX");
	return set(in, r->o, "unique", when(index.unique)) && set(in, r->o, "columns", index.columns) &&
	       set(in, r->o, "where", index.where);
}

static bool add_trigger(struct inspection *in, struct row *r, const struct row *owner)
{
	r->o = wb_model_add(in->m, WB_KIND_TRIGGER, NULL, owner ? owner->name : r->parent, r->name);
	return r->o && keep_text(in, r) && set_definition(in, r, "TRIGGER") && need_what_is_named(in, r, owner);
}

/* What refers to tables and views. */
static bool add_rest(struct inspection *in, struct row *r)
{
	bool ok = true;
	const struct row *owner;

	if (r->table.n_columns)
		return add_constraints(in, r);
	if (is_type(r, "table"))
		return true;
	owner = find_relation(in, r->parent, &ok);
	if (owner && owner->shadow)
		return true;
	if (!ok || !wb_sqlite_tokens_read(&in->tokens, wb_sv_str(r->sql)))
		return false;
	if (is_type(r, "view"))
		return need_what_is_named(in, r, NULL);
	return is_type(r, "index") ? add_index(in, r, owner) : add_trigger(in, r, owner);
}

static int build(struct inspection *in)
{
	bool ok = true;

	for (size_t i = 0; i < in->rows.n && ok; i++)
		ok = add_relation(in, &in->rows.v[i]);
	for (size_t i = 0; i < in->rows.n && ok; i++)
		ok = add_rest(in, &in->rows.v[i]);
	if (!ok)
		return in->failed ? in->failed : wb_err_nomem(in->err);
	return check_alters(in);
}

int wb_sqlite_inspect(struct wb_conn *conn, const struct wb_inspect_options *o, struct wb_model *m,
		      struct wb_error *err)
{
	struct inspection in = {
		.c = wb_sqlite_of(conn), .m = m, .arena = WB_ARENA_INIT, .asked = o->alters, .err = err
	};
	int rc = read_alters(&in);

	wb_sqlite_begin(in.c);
	if (rc == 0)
		rc = read_all(&in);
	if (rc == 0)
		rc = build(&in);
	for (size_t i = 0; i < in.rows.n; i++)
		wb_sqlite_table_done(&in.rows.v[i].table);
	wb_vec_done(&in.rows);
	for (size_t i = 0; in.alters && in.asked && i < in.asked->n; i++)
		wb_sqlite_alter_done(&in.alters[i]);
	wb_vec_done(&in.tokens);
	wb_map_done(&in.relations);
	wb_arena_done(&in.arena);
	return rc;
}
