/* SPDX-License-Identifier: Apache-2.0
 *
 * One merge walk over two sorted models, the same for all kinds: what stands in
 * one only is missing or unexpected, what stands in both is compared attribute
 * by attribute.
 */
#include "schema/schema.h"

#include "base/banned.h"

struct walk {
	const struct wb_model *expected, *actual;
	const struct wb_ddl *ddl; /* NULL: of an engine without */
	struct wb_diff *diff;
	struct wb_error *err;
};

static int tell(struct walk *w, struct wb_difference d)
{
	return wb_vec_push(w->diff, d) ? 0 : wb_err_nomem(w->err);
}

/* A table's own constraint that it inherits as well: only DROP on the parent tells it from one that it inherits. */
static bool is_doubled(const struct wb_object *o)
{
	return wb_object_get(o, "also_inherited");
}

/* Of a table that is missing every column is, too. */
static bool goes_with_owner(const struct wb_object *o, const struct wb_model *other)
{
	const struct wb_object *w = o->owner;

	return w && (wb_kind_flags(o->kind) & WB_KIND_PART) && !wb_model_find(other, w->kind, w->schema, NULL, w->name);
}

static int only_expected(struct walk *w, const struct wb_object *o)
{
	struct wb_difference d = { .type = WB_DIFF_MISSING, .expected = o };

	return goes_with_owner(o, w->actual) || is_doubled(o) ? 0 : tell(w, d);
}

static int only_actual(struct walk *w, const struct wb_object *o)
{
	struct wb_difference d = { .type = WB_DIFF_UNEXPECTED, .actual = o };

	return goes_with_owner(o, w->expected) || is_doubled(o) ? 0 : tell(w, d);
}

/* Where a column stands no statement should depend on, and most engines cannot change; nor can they whether a column
 * that is inherited was declared as well. */
static bool counts(const char *key)
{
	return strcmp(key, "position") != 0 && strcmp(key, "local") != 0 && strcmp(key, "also_inherited") != 0;
}

static bool is_equal(struct wb_sv a, struct wb_sv b, bool any_case)
{
	size_t i = 0;

	if (!any_case || a.n != b.n)
		return wb_sv_eq(a, b);
	while (i < a.n && wb_sv_ieq(wb_sv(a.p + i, 1), (const char[]){ b.p[i], '\0' }))
		i++;
	return i == a.n;
}

/* What stands in quotes in an expression may be a text: SQLite takes a name that it does not know for one. */
static bool is_name(struct wb_token t, bool expression)
{
	return t.kind == WB_TOK_WORD || (t.kind == WB_TOK_IDENT && !expression);
}

/* But for quotes, and for upper and lower case where that makes no other name. */
static bool same_tokens(const struct wb_ddl *d, bool expression, const char *a, const char *b)
{
	struct wb_lexer x, y;
	struct wb_token s, t;
	bool same;

	wb_lex_init(&x, d->dialect, wb_sv_str(a));
	wb_lex_init(&y, d->dialect, wb_sv_str(b));
	do {
		s = wb_lex_next(&x);
		t = wb_lex_next(&y);
		same = is_equal(wb_token_bare(s), wb_token_bare(t),
				d->any_case && is_name(s, expression) && is_name(t, expression));
	} while (s.kind != WB_TOK_END && t.kind != WB_TOK_END && same);
	return s.kind == WB_TOK_END && t.kind == WB_TOK_END;
}

static bool is_same(const struct walk *w, const char *key, const char *a, const char *b)
{
	bool names = strcmp(key, "columns") == 0 || strcmp(key, "references") == 0;

	return a && b && (strcmp(a, b) == 0 || (w->ddl && w->ddl->requotes && same_tokens(w->ddl, !names, a, b)));
}

/* Attributes are few: each of one side is looked up on the other. */
static int changed(struct walk *w, const struct wb_object *e, const struct wb_object *a, const char *key)
{
	struct wb_difference d = { .type = WB_DIFF_CHANGED,
				   .expected = e,
				   .actual = a,
				   .attribute = key,
				   .expected_value = wb_object_get(e, key),
				   .actual_value = wb_object_get(a, key) };

	return is_same(w, key, d.expected_value, d.actual_value) ? 0 : tell(w, d);
}

static int both(struct walk *w, const struct wb_object *e, const struct wb_object *a)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < e->n_attrs; i++)
		if (counts(e->attrs[i].key))
			rc = changed(w, e, a, e->attrs[i].key);
	for (size_t i = 0; rc == 0 && i < a->n_attrs; i++)
		if (counts(a->attrs[i].key) && !wb_object_get(e, a->attrs[i].key))
			rc = changed(w, e, a, a->attrs[i].key);
	return rc;
}

static int walk(struct walk *w)
{
	const struct wb_model *e = w->expected, *a = w->actual;
	size_t i = 0, k = 0;
	int rc = 0;

	while (rc == 0 && (i < e->n || k < a->n)) {
		int c = i == e->n ? 1 : k == a->n ? -1 : wb_object_cmp(e->v[i], a->v[k]);
		if (c < 0)
			rc = only_expected(w, e->v[i]);
		else if (c > 0)
			rc = only_actual(w, a->v[k]);
		else
			rc = both(w, e->v[i], a->v[k]);
		i += c <= 0;
		k += c >= 0;
	}
	return rc;
}

int wb_schema_diff(const struct wb_model *expected, const struct wb_model *actual, struct wb_diff *ret_diff,
		   struct wb_error *err)
{
	struct wb_diff diff = { 0 };
	struct walk w = { expected, actual, wb_ddl_find(expected->engine), &diff, err };
	int rc = walk(&w);

	if (rc < 0) {
		wb_diff_done(&diff);
		return rc;
	}
	*ret_diff = diff;
	return 0;
}

/* Attributes that say nothing about what the schema does. */
static bool is_remark(const char *attribute)
{
	static const char *const remarks[] = { "comment", "owner", "statistics" };

	for (size_t i = 0; i < WB_ARRAY_LEN(remarks); i++)
		if (strcmp(remarks[i], attribute) == 0)
			return true;
	return false;
}

/* A generated column is computed again; rows of a partitioned table are in its partitions; a view has none. */
bool wb_schema_holds_data(const struct wb_object *o)
{
	static const enum wb_kind without[] = { WB_KIND_VIEW, WB_KIND_MATERIALIZED_VIEW, WB_KIND_FOREIGN_TABLE };

	for (size_t i = 0; i < WB_ARRAY_LEN(without) && o->owner; i++)
		if (o->owner->kind == without[i])
			return false;
	return (wb_kind_flags(o->kind) & WB_KIND_DATA) && !wb_object_get(o, "generated") &&
	       !wb_object_get(o, "partition_by");
}

enum wb_severity wb_difference_severity(const struct wb_difference *d)
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	bool data = wb_kind_flags(o->kind) & WB_KIND_DATA;

	if (d->type == WB_DIFF_CHANGED)
		return is_remark(d->attribute) ? WB_SEVERITY_LOW : data ? WB_SEVERITY_HIGH : WB_SEVERITY_MEDIUM;
	data = data && (!o->owner || wb_schema_holds_data(o) || wb_object_get(o, "generated"));
	/* What is missing has lost its rows; what is too much would lose them. */
	if (data)
		return WB_SEVERITY_CRITICAL;
	return d->type == WB_DIFF_MISSING ? WB_SEVERITY_HIGH : WB_SEVERITY_MEDIUM;
}

const char *wb_severity_name(enum wb_severity s)
{
	static const char *const names[] = { "low", "medium", "high", "critical" };

	return names[s];
}

void wb_diff_done(struct wb_diff *d)
{
	wb_vec_done(d);
}
