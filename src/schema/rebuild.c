/* SPDX-License-Identifier: Apache-2.0
 *
 * A table built anew, for an engine whose ALTER TABLE can do little (SQLite):
 * made under another name, filled, put in the place of the old one. The old one
 * is never renamed: that would turn foreign keys of other tables to its new
 * name. Row numbers and the counter of AUTOINCREMENT go along. Foreign keys must
 * not act meanwhile, which the runner sees to.
 */
#include "schema/schema.h"

#include "base/banned.h"

#define SUFFIX "__rebuilt"

struct rebuild {
	const struct wb_ddl *d;
	const struct wb_model *from, *to;
	const struct wb_object *old, *new;
	struct wb_str *out;
	struct wb_str *columns; /* that both have and that can be written */
	struct wb_str *alias;
	struct wb_error *err;
};

/* SQLite's names are the same in upper and lower case: a column that is written otherwise keeps its values. */
static bool has(const struct wb_model *m, const struct wb_object *table, const char *column)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(m, table, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < n; i++)
		if (wb_sv_ieq(wb_sv_str(v[i]->name), column))
			return true;
	return false;
}

/* ---- what needs no rebuild ------------------------------------------------------------ */

static long position(const struct wb_object *column)
{
	const char *text = wb_object_get(column, "position");
	int64_t n = 0;

	return text && wb_sv_i64(wb_sv_str(text), &n) ? (long)n : 0;
}

static bool is_last(const struct wb_model *from, const struct wb_object *table, const struct wb_object *column)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(from, table, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < n; i++)
		if (position(v[i]) >= position(column))
			return false;
	return true;
}

/* One that every row can be given without looking at it. */
static bool is_constant(const char *value)
{
	return value[0] != '(' && !wb_sv_istarts(wb_sv_str(value), "CURRENT_");
}

bool wb_rebuild_not_needed(const struct wb_model *from, const struct wb_object *part)
{
	const struct wb_object *table = wb_model_find(from, WB_KIND_TABLE, part->schema, NULL, part->parent);
	const char *value = wb_object_get(part, "default");

	if (part->kind != WB_KIND_COLUMN || !table || !is_last(from, table, part))
		return false;
	if (wb_object_get(part, "stored") || wb_object_get(part, "primary_key"))
		return false;
	if (value && !is_constant(value))
		return false;
	return !wb_object_get(part, "not_null") || (value && !wb_sv_ieq(wb_sv_str(value), "NULL"));
}

/* ---- the statements -------------------------------------------------------------------- */

static void collect_columns(struct rebuild *r)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(r->to, r->new, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < n; i++) {
		if (!has(r->from, r->old, v[i]->name) || wb_object_get(v[i], "generated"))
			continue;
		if (r->columns->n)
			wb_str_add(r->columns, ", ");
		wb_quote_ident(r->columns, wb_sv_str(v[i]->name));
	}
}

/* The primary key's constraint; NULL when there is none. */
static const struct wb_object *key_of(const struct wb_model *m, const struct wb_object *table)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(m, table, WB_KIND_CONSTRAINT, &n);

	for (size_t i = 0; i < n; i++) {
		const char *type = wb_object_get(v[i], "type");
		if (type && strcmp(type, "PRIMARY KEY") == 0)
			return v[i];
	}
	return NULL;
}

/* Does the list name this one column, in quotes or not, in whatever order? */
static bool is_all_of(const char *columns, const char *name)
{
	wb_autostr quoted = WB_STR_INIT;

	wb_quote_ident(&quoted, wb_sv_str(name));
	for (int i = 0; i < 2 && !quoted.failed; i++) {
		const char *form = i ? quoted.p : name;
		size_t n = strlen(form);
		if (wb_sv_istarts(wb_sv_str(columns), form) && !columns[n + strcspn(columns + n, ",")] &&
		    (!columns[n] || columns[n] == ' '))
			return true;
	}
	return false;
}

/* Is the key a column that is the row's number, and copied as such? */
static bool number_is_copied(const struct rebuild *r)
{
	const struct wb_object *key = key_of(r->to, r->new);
	const char *columns = key ? wb_object_get(key, "columns") : NULL;
	size_t n;
	struct wb_object *const *v = wb_model_children(r->to, r->new, WB_KIND_COLUMN, &n);

	for (size_t i = 0; columns && i < n; i++)
		if (is_all_of(columns, v[i]->name))
			return wb_object_get(r->new, "rowid_alias") && has(r->from, r->old, v[i]->name);
	return false;
}

/* The name under which row numbers can be had; NULL when the table has none, or they are a column's values already. */
static const char *row_number(const struct rebuild *r)
{
	static const char *const names[] = { "rowid", "_rowid_", "oid" };

	if (wb_object_get(r->old, "without_rowid") || wb_object_get(r->new, "without_rowid") || number_is_copied(r))
		return NULL;
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++)
		if (!has(r->from, r->old, names[i]) && !has(r->to, r->new, names[i]))
			return names[i];
	return NULL;
}

/* The same columns in the same order, none of them generated. */
static bool all_alike(const struct rebuild *r)
{
	size_t n, m;
	struct wb_object *const *old = wb_model_children(r->from, r->old, WB_KIND_COLUMN, &n);
	struct wb_object *const *new = wb_model_children(r->to, r->new, WB_KIND_COLUMN, &m);

	for (size_t i = 0; i < n && i < m; i++)
		if (strcmp(old[i]->name, new[i]->name) != 0 || position(old[i]) != position(new[i]) ||
		    wb_object_get(old[i], "generated") || wb_object_get(new[i], "generated"))
			return false;
	return n == m;
}

/* Whatever a constraint says of conflicts: no row may be left out or replaced. */
#define INSERT "INSERT OR ABORT INTO "

/* In its shortest form SQLite can copy whole records, where nothing that is stored differs. */
static void add_short_copy(struct rebuild *r)
{
	wb_str_add(r->out, INSERT);
	wb_quote_ident(r->out, wb_str_sv(r->alias));
	wb_str_add(r->out, "\n\tSELECT * FROM ");
	wb_quote_ident(r->out, wb_sv_str(r->old->name));
	wb_str_add(r->out, ";\n");
}

static void add_copy(struct rebuild *r)
{
	const char *number = row_number(r), *comma = number && r->columns->n ? ", " : "";

	if (r->columns->n == 0)
		return;
	if (!number && (number_is_copied(r) || wb_object_get(r->new, "without_rowid")) && all_alike(r)) {
		add_short_copy(r);
		return;
	}
	number = number ? number : "";
	wb_str_add(r->out, INSERT);
	wb_quote_ident(r->out, wb_str_sv(r->alias));
	wb_str_addf(r->out, " (%s%s%s)\n\tSELECT %s%s%s FROM ", number, comma, r->columns->p, number, comma,
		    r->columns->p);
	wb_quote_ident(r->out, wb_sv_str(r->old->name));
	wb_str_add(r->out, ";\n");
}

static bool counts_up(const struct wb_model *m, const struct wb_object *table)
{
	const struct wb_object *key = key_of(m, table);

	return key && wb_object_get(key, "autoincrement");
}

/* The copy has counted already, but only as far as the rows that are still there. */
static void add_counter(struct rebuild *r)
{
	if (!counts_up(r->from, r->old) || !counts_up(r->to, r->new))
		return;
	wb_str_add(r->out, "DELETE FROM sqlite_sequence WHERE name = ");
	wb_quote_literal(r->out, r->d->dialect, wb_str_sv(r->alias));
	wb_str_add(r->out, ";\nINSERT INTO sqlite_sequence (name, seq) SELECT ");
	wb_quote_literal(r->out, r->d->dialect, wb_str_sv(r->alias));
	wb_str_add(r->out, ", seq FROM sqlite_sequence WHERE name = ");
	wb_quote_literal(r->out, r->d->dialect, wb_sv_str(r->old->name));
	wb_str_add(r->out, ";\n");
}

static void add_swap(struct rebuild *r)
{
	wb_str_add(r->out, "DROP TABLE ");
	wb_quote_ident(r->out, wb_sv_str(r->old->name));
	wb_str_add(r->out, ";\nALTER TABLE ");
	wb_quote_ident(r->out, wb_str_sv(r->alias));
	wb_str_add(r->out, " RENAME TO ");
	wb_quote_ident(r->out, wb_sv_str(r->new->name));
	wb_str_add(r->out, ";\n");
}

bool wb_rebuild_taken(const struct wb_model *m, struct wb_object_list *names)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i]->parent && strcasestr(m->v[i]->name, SUFFIX) && !wb_vec_push(names, m->v[i]))
			return false;
	return true;
}

static bool is_taken(const struct wb_object_list *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (wb_sv_ieq(wb_sv_str(names->v[i]->name), name))
			return true;
	return false;
}

int wb_rebuild(const struct wb_ddl *d, const struct wb_model *from, const struct wb_object *old,
	       const struct wb_model *to, const struct wb_object *new, const struct wb_object_list *taken,
	       struct wb_str *out, struct wb_error *err)
{
	wb_autostr columns = WB_STR_INIT, alias = WB_STR_INIT;
	struct rebuild r = { d, from, to, old, new, out, &columns, &alias, err };
	int rc;

	if (wb_object_get(old, "definition") || wb_object_get(new, "definition"))
		return wb_err_set(err, WB_EUNSUPPORTED,
				  "the table %s cannot be built anew: its definition has words that are not SQLite's",
				  old->name);
	wb_str_addf(&alias, "%s" SUFFIX, new->name);
	while (!alias.failed && is_taken(taken, alias.p))
		wb_str_addc(&alias, '_');
	collect_columns(&r);
	rc = alias.failed || columns.failed ? wb_err_nomem(err) : wb_ddl_create_as(d, to, new, alias.p, out, err);
	if (rc == 0) {
		add_copy(&r);
		add_counter(&r);
		add_swap(&r);
		rc = out->failed ? wb_err_nomem(err) : 0;
	}
	return rc;
}

/* Its statistics went with the old table. */
void wb_rebuild_after(const struct wb_object *old, const struct wb_object *new, struct wb_str *out)
{
	if (!old->analyzed)
		return;
	wb_str_add(out, "ANALYZE ");
	wb_quote_ident(out, wb_sv_str(new->name));
	wb_str_add(out, ";\n");
}

void wb_rebuild_hide(struct wb_error *err)
{
	char *at = err->message;

	while ((at = strstr(at, SUFFIX))) {
		size_t n = strlen(SUFFIX);
		n += strspn(at + n, "_");
		memmove(at, at + n, strlen(at + n) + 1);
	}
}
