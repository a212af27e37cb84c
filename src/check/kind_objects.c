/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of what exists, by the model of the schema: objects by name, and one
 * index as it is.
 */
#include "check/check.h"

#include "base/banned.h"

/* ---- finding objects ---------------------------------------------------------------------------- */

#define KIND(name) (UINT64_C(1) << WB_KIND_##name)

/* "name", or "schema.name" as one word. */
static bool is_called(const struct wb_object *o, const char *schema, const char *name, const char *wanted)
{
	size_t n = schema ? strlen(schema) : 0;
	if (!strcmp(name, wanted))
		return true;
	if (n && !strncmp(wanted, schema, n) && wanted[n] == '.' && !strcmp(wanted + n + 1, name))
		return true;
	/* A routine may be named without its arguments. */
	n = strcspn(name, "(");
	return (wb_kind_flags(o->kind) & WB_KIND_CODE) && strlen(wanted) == n && !strncmp(name, wanted, n);
}

static const struct wb_object *find(const struct wb_model *m, uint64_t kinds, const char *table, const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct wb_object *o = m->v[i];
		if (!(kinds >> o->kind & 1))
			continue;
		if (table && !(o->parent && is_called(o, o->schema, o->parent, table)))
			continue;
		if (is_called(o, o->schema, o->name, name))
			return o;
	}
	return NULL;
}

/* ---- exists, absent --------------------------------------------------------------------------------- */

/* What a finding is about: what is missing, or what is present. */
struct looking {
	struct wb_checking *k;
	bool wanted;
	const char *word;
};

static bool is_right(const struct looking *l, uint64_t kinds, const char *table, const char *name)
{
	return (find(l->k->run->model, kinds, table, name) != NULL) == l->wanted;
}

/* One finding for each that is not as it should be. */
static void whole(struct looking *l, const struct wb_texts *names, uint64_t kinds, const char *kind)
{
	struct wb_checking *k = l->k;
	for (size_t i = 0; i < names->n; i++) {
		if (is_right(l, kinds, NULL, names->v[i]))
			continue;
		wb_check_text(k, "kind", kind);
		wb_check_quiet(k);
		wb_check_text(k, l->word, names->v[i]);
		wb_check_quiet(k);
		wb_check_text(k, kinds & KIND(TABLE) ? "table" : "name", names->v[i]);
		wb_check_fail(k);
	}
}

static void parts_of(struct looking *l, const struct wb_named_texts *of, uint64_t kinds, const char *kind)
{
	struct wb_checking *k = l->k;
	const char **wrong = wb_arena_array(&k->arena, of->texts.n + 1, sizeof(*wrong));
	const char *list = wb_arena_printf(&k->arena, "%s_%s", l->word, kind);
	size_t n = 0;
	k->nomem |= !wrong || !list;
	for (size_t i = 0; !k->nomem && i < of->texts.n; i++) {
		if (!is_right(l, kinds, of->name, of->texts.v[i]))
			wrong[n++] = of->texts.v[i];
	}
	if (n == 0)
		return;
	wb_check_text(k, "kind", kind);
	wb_check_quiet(k);
	wb_check_list(k, l->word, wrong, n);
	wb_check_quiet(k);
	wb_check_text(k, "table", of->name);
	wb_check_list(k, list, wrong, n);
	wb_check_fail(k);
}

static void parts(struct looking *l, const struct wb_named_lists *lists, uint64_t kinds, const char *kind)
{
	for (size_t i = 0; i < lists->n; i++)
		parts_of(l, &lists->v[i], kinds, kind);
}

static int look_at_all(struct looking *l, struct wb_error *err)
{
	const struct wb_check_asks *a = &l->k->check->asks;
	whole(l, &a->tables, KIND(TABLE) | KIND(FOREIGN_TABLE) | KIND(VIRTUAL_TABLE), "table");
	whole(l, &a->views, KIND(VIEW) | KIND(MATERIALIZED_VIEW), "view");
	whole(l, &a->functions, KIND(FUNCTION) | KIND(PROCEDURE) | KIND(AGGREGATE), "function");
	whole(l, &a->sequences, KIND(SEQUENCE), "sequence");
	whole(l, &a->types, KIND(ENUM) | KIND(COMPOSITE) | KIND(RANGE) | KIND(DOMAIN), "type");
	parts(l, &a->columns_of, KIND(COLUMN), "columns");
	parts(l, &a->indexes, KIND(INDEX), "indexes");
	parts(l, &a->constraints, KIND(CONSTRAINT), "constraints");
	parts(l, &a->triggers, KIND(TRIGGER), "triggers");
	return l->k->nomem ? wb_err_nomem(err) : 0;
}

int wb_check_exists(struct wb_checking *k, struct wb_error *err)
{
	struct looking l = { k, true, "missing" };
	return look_at_all(&l, err);
}

int wb_check_absent(struct wb_checking *k, struct wb_error *err)
{
	struct looking l = { k, false, "present" };
	return look_at_all(&l, err);
}

/* ---- index ---------------------------------------------------------------------------------------------- */

/* Engines tell of an index by attributes, or by the statement that makes it. */
struct seen {
	struct wb_sv method, columns;
	bool unique, partial, invalid;
};

/* From the bracket at p to its end: what is in it, and *rest what follows. */
static struct wb_sv in_brackets(struct wb_sv s, struct wb_sv *rest)
{
	int depth = 0;
	char quote = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			*rest = wb_sv(s.p + i + 1, s.n - i - 1);
			return wb_sv(s.p + 1, i - 1);
		}
	}
	*rest = wb_sv(s.p + s.n, 0);
	return s;
}

static void see_definition(const char *definition, struct seen *s)
{
	const char *using = strstr(definition, " USING "), *open = using ? strchr(using, '(') : NULL;
	struct wb_sv rest;
	s->unique = !strncmp(definition, "CREATE UNIQUE", 13);
	if (!open)
		return;
	s->method = wb_sv_trim(wb_sv(using + 7, (size_t)(open - using) - 7));
	s->columns = in_brackets(wb_sv_str(open), &rest);
	s->partial = memmem(rest.p, rest.n, " WHERE ", 7) != NULL;
}

static void see(const struct wb_object *o, struct seen *s)
{
	const char *definition = wb_object_get(o, "definition");
	*s = (struct seen){ .method = WB_SV("btree") };
	if (definition) {
		see_definition(definition, s);
	} else {
		s->columns = wb_sv_str(wb_object_get(o, "columns"));
		s->unique = wb_object_get(o, "unique") != NULL;
		s->partial = wb_object_get(o, "where") != NULL;
	}
	s->invalid = wb_object_get(o, "invalid") != NULL;
}

#define DIFFERENCES_MAX 8
struct differences {
	struct wb_checking *k;
	const char *v[DIFFERENCES_MAX];
	size_t n;
};

static void differ(struct differences *d, const char *what)
{
	d->v[d->n++] = what;
	d->k->nomem |= !what;
}

static void differ_said(struct differences *d, int said, bool is, const char *word)
{
	if (said != WB_CHECK_UNSAID && (said == WB_CHECK_YES) != is)
		differ(d, wb_arena_printf(&d->k->arena, "it is %s%s", is ? "" : "not ", word));
}

static void compare(struct differences *d, const struct wb_check_asks *a, const struct seen *s)
{
	const char *columns = a->columns.n ? wb_check_join(d->k, &a->columns) : NULL;
	if (a->method && !wb_sv_ieq(s->method, a->method))
		differ(d, wb_arena_printf(&d->k->arena, "its method is %.*s, not %s", WB_SV_ARG(s->method), a->method));
	if (columns && !wb_sv_ieq(s->columns, columns))
		differ(d, wb_arena_printf(&d->k->arena, "it is on (%.*s), not (%s)", WB_SV_ARG(s->columns), columns));
	differ_said(d, a->unique, s->unique, "unique");
	differ_said(d, a->partial, s->partial, "partial");
	if (s->invalid)
		differ(d, "it is invalid: built half way");
}

int wb_check_index(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	const struct wb_object *o = find(k->run->model, KIND(INDEX), a->table, a->name);
	struct differences d = { .k = k };
	struct seen s;
	if (o) {
		see(o, &s);
		compare(&d, a, &s);
	} else {
		differ(&d, "it is not there");
	}
	if (d.n && !k->nomem) {
		wb_check_text(k, "index", a->name);
		wb_check_text(k, "table", o ? o->parent : a->table);
		wb_check_text(k, "definition", o ? wb_object_get(o, "definition") : NULL);
		wb_check_list(k, "differences", d.v, d.n);
		wb_check_fail(k);
	}
	return k->nomem ? wb_err_nomem(err) : 0;
}
