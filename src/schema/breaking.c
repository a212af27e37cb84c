/* SPDX-License-Identifier: Apache-2.0
 *
 * What a difference means to those who use the schema: whether programs that
 * worked before may fail (major), have more to use (minor), or need not notice
 * (patch). One table of rules; the first that fits decides. In a difference,
 * `expected` is the schema afterwards, `actual` the one before.
 */
#include "schema/breaking.h"

#include "base/banned.h"

#define ANY WB_KIND_COUNT
#define PATCH WB_IMPACT_PATCH
#define MINOR WB_IMPACT_MINOR
#define MAJOR WB_IMPACT_MAJOR

/* SET: an attribute that had no value; UNSET: that has none any more. Both are CHANGED as well. */
enum event { ADDED = 1, REMOVED = 2, CHANGED = 4, SET = 8, UNSET = 16 };

struct question {
	const struct wb_model *before;
	const struct wb_difference *d;
	const struct wb_object *old, *new;
	const char *old_value, *new_value;
};

struct rule {
	enum wb_kind kind;
	unsigned event;
	const char *attribute; /* NULL: whichever */
	bool (*when)(const struct question *q); /* NULL: always */
	enum wb_impact impact;
	const char *why;
};

/* ---- what rules ask ------------------------------------------------------------------- */

static bool has(const struct wb_object *o, const char *key)
{
	return wb_object_get(o, key);
}

/* Rows that say nothing about this column are refused. */
static bool must_be_given(const struct question *q)
{
	return has(q->new, "not_null") && !has(q->new, "default") && !has(q->new, "generated") &&
	       !has(q->new, "identity");
}

static bool is_of_composite(const struct question *q)
{
	return has(q->new ? q->new : q->old, "of_composite");
}

static bool is_partition(const struct question *q)
{
	return has(q->old, "partition_of");
}

static bool is_wider(const struct question *q)
{
	return wb_type_is_wider(q->old_value, q->new_value);
}

static bool is_always(const struct question *q)
{
	return q->new_value && strcmp(q->new_value, "ALWAYS") == 0;
}

static bool keeps_grants(const struct question *q)
{
	return wb_grants_keep(q->old_value, q->new_value);
}

/* What is revoked is told as lines, too: fewer of them are more rights. */
static bool revokes_no_more(const struct question *q)
{
	return wb_grants_keep(q->new_value, q->old_value);
}

static bool keeps_columns(const struct question *q)
{
	return wb_query_keeps_columns(q->old_value, q->new_value);
}

static bool keeps_arguments(const struct question *q)
{
	return wb_arguments_keep(q->old_value, q->new_value);
}

static bool lists_more(const struct question *q)
{
	return q->old_value && q->new_value && wb_text_lists_more(q->old_value, q->new_value);
}

static bool has_type(const struct wb_object *o, const char *type)
{
	const char *text = wb_object_get(o, "type");

	return text && wb_sv_ieq(wb_sv_str(text), type);
}

static bool is_key(const struct question *q)
{
	const struct wb_object *o = q->old ? q->old : q->new;

	return has_type(o, "primary key") || has_type(o, "unique");
}

static const char *text_of(const struct wb_object *o)
{
	static const char *const keys[] = { "definition", "expression", "columns" };
	const char *text = NULL;

	for (size_t i = 0; !text && i < WB_ARRAY_LEN(keys); i++)
		text = wb_object_get(o, keys[i]);
	return text ? text : "";
}

static bool is_unique(const struct wb_object *o)
{
	return o && (has(o, "unique") || wb_sv_istarts(wb_sv_str(text_of(o)), "CREATE UNIQUE"));
}

static bool one_is_unique(const struct question *q)
{
	return is_unique(q->old) || is_unique(q->new);
}

/* ON DELETE CASCADE and the like reach other rows. */
static bool acts(const struct question *q)
{
	const char *text = text_of(q->old);

	return has(q->old, "on_delete") || has(q->old, "on_update") || strstr(text, " ON DELETE ") ||
	       strstr(text, " ON UPDATE ");
}

/* What came together with the columns that it is about refuses nothing that was accepted. */
static bool is_of_new_columns(const struct question *q)
{
	return q->new->owner && !has(q->new, "of_domain") &&
	       !wb_text_names_column(text_of(q->new), q->before, q->new->owner);
}

static bool is_of_new_columns_only(const struct question *q)
{
	return !is_unique(q->new) || is_of_new_columns(q);
}

static bool is_restrictive(const struct question *q)
{
	return has(q->new ? q->new : q->old, "restrictive");
}

static bool check_lists_more(const struct question *q)
{
	return has_type(q->new, "check") && q->old_value && q->new_value &&
	       wb_check_lists_more(q->old_value, q->new_value);
}

/* A check without a name of its own is another one when its text is another. */
static bool widens_old_check(const struct question *q)
{
	const struct wb_object *table = q->new->owner, *was;
	struct wb_object *const *v;
	size_t n = 0;

	was = table && has_type(q->new, "check")
		      ? wb_model_find(q->before, table->kind, table->schema, NULL, table->name)
		      : NULL;
	v = was ? wb_model_children(q->before, was, WB_KIND_CONSTRAINT, &n) : NULL;
	for (size_t i = 0; i < n; i++)
		if (has_type(v[i], "check") && wb_check_lists_more(text_of(v[i]), text_of(q->new)))
			return true;
	return false;
}

/* ---- the rules -------------------------------------------------------------------------- */

/* clang-format off */
static const struct rule rules[] = {
	/* remarks, and how it is stored */
	{ ANY, CHANGED, "comment", NULL, PATCH, "a remark" },
	{ ANY, CHANGED, "owner", NULL, PATCH, "belongs to somebody else" },
	{ ANY, CHANGED, "statistics", NULL, PATCH, "for the planner" },
	{ ANY, CHANGED, "tablespace", NULL, PATCH, "is stored elsewhere" },
	{ ANY, CHANGED, "access_method", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "storage", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "compression", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "clustered", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "unlogged", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "attached_to", NULL, PATCH, "is stored otherwise" },
	{ ANY, CHANGED, "replica_identity", NULL, PATCH, "what replication sends of old rows" },
	{ ANY, CHANGED, "sql_name", NULL, PATCH, "a name for people" },
	{ WB_KIND_TABLE, CHANGED, "options", NULL, PATCH, "is stored otherwise" },
	{ WB_KIND_COLUMN, CHANGED, "options", NULL, PATCH, "for the planner" },
	{ WB_KIND_COLUMN, CHANGED, "identity_options", NULL, PATCH, "other numbers" },
	{ WB_KIND_CONSTRAINT, CHANGED, "options", NULL, PATCH, "is stored otherwise" },
	{ WB_KIND_STATISTICS, ADDED | REMOVED | CHANGED, NULL, NULL, PATCH, "for the planner" },

	/* who may do what */
	{ WB_KIND_DEFAULT_PRIVILEGES, ADDED | REMOVED | CHANGED, NULL, NULL, MINOR, "rights on what is yet to be made" },
	{ ANY, CHANGED, "privileges", keeps_grants, MINOR, "more rights" },
	{ ANY, CHANGED, "privileges", NULL, MAJOR, "a right is taken away" },
	{ ANY, CHANGED, "revoked", revokes_no_more, MINOR, "more rights" },
	{ ANY, CHANGED, "revoked", NULL, MAJOR, "a right is taken away" },
	{ WB_KIND_POLICY, ADDED, NULL, is_restrictive, MAJOR, "hides rows" },
	{ WB_KIND_POLICY, ADDED, NULL, NULL, MINOR, "shows more rows" },
	{ WB_KIND_POLICY, REMOVED, NULL, is_restrictive, MINOR, "shows more rows" },
	{ WB_KIND_POLICY, REMOVED, NULL, NULL, MAJOR, "hides rows" },
	{ WB_KIND_POLICY, CHANGED, NULL, NULL, MAJOR, "may hide rows" },
	{ WB_KIND_TABLE, SET, "row_security", NULL, MAJOR, "hides rows" },
	{ WB_KIND_TABLE, UNSET, "row_security", NULL, MINOR, "shows more rows" },
	{ WB_KIND_TABLE, SET, "force_row_security", NULL, MAJOR, "hides rows from its owner" },
	{ WB_KIND_TABLE, UNSET, "force_row_security", NULL, MINOR, "shows its owner more rows" },

	/* columns */
	{ WB_KIND_COLUMN, ADDED, NULL, is_of_composite, MAJOR, "values of the type have one part more" },
	{ WB_KIND_COLUMN, ADDED, NULL, must_be_given, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, UNSET, "default", must_be_given, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, CHANGED, "default", NULL, MINOR, "rows that do not give it hold something else" },
	{ WB_KIND_COLUMN, SET, "no_default", must_be_given, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, UNSET, "identity", must_be_given, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, UNSET, "generated", must_be_given, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, UNSET, "generated", NULL, MINOR, "can be written" },
	{ WB_KIND_COLUMN, SET, "generated", NULL, MAJOR, "cannot be written any more" },
	{ WB_KIND_COLUMN, CHANGED, "generated", NULL, MAJOR, "holds something else" },
	{ WB_KIND_COLUMN, CHANGED, "identity", is_always, MAJOR, "rows that give it are refused" },
	{ WB_KIND_COLUMN, CHANGED, "type", is_wider, MINOR, "holds more than before" },
	{ WB_KIND_COLUMN, CHANGED, "type", NULL, MAJOR, "another type: what is written or read may not fit" },
	{ WB_KIND_COLUMN, SET, "not_null", NULL, MAJOR, "NULL is refused" },
	{ WB_KIND_COLUMN, UNSET, "not_null", NULL, MINOR, "may be NULL" },
	{ WB_KIND_COLUMN, CHANGED, "collation", NULL, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_COLUMN, CHANGED, "collate", NULL, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_COLUMN, CHANGED, "primary_key", NULL, MAJOR, "another key" },

	/* tables */
	{ WB_KIND_TABLE, REMOVED, NULL, is_partition, MINOR, "a partition: its rows are not there any more" },
	{ WB_KIND_TABLE, SET, "strict", NULL, MAJOR, "values of other types are refused" },
	{ WB_KIND_TABLE, SET, "without_rowid", NULL, MAJOR, "its rows have no rowid any more" },
	{ WB_KIND_TABLE, CHANGED, "rowid_alias", NULL, MAJOR, "another rowid" },
	{ WB_KIND_TABLE, CHANGED, "of_type", NULL, MAJOR, "another type of rows" },
	{ WB_KIND_TABLE, CHANGED, "bound", NULL, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_TABLE, CHANGED, "definition", NULL, MAJOR, "what has changed in it cannot be told" },
	{ WB_KIND_VIRTUAL_TABLE, CHANGED, NULL, NULL, MAJOR, "other columns, or searched otherwise" },

	/* constraints and indexes: of a new table they are not told */
	{ WB_KIND_CONSTRAINT, ADDED, NULL, is_of_new_columns, MINOR, "is about new columns" },
	{ WB_KIND_CONSTRAINT, ADDED, NULL, widens_old_check, MINOR, "accepts more values" },
	{ WB_KIND_CONSTRAINT, ADDED, NULL, NULL, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_CONSTRAINT, REMOVED, NULL, is_key, MAJOR, "ON CONFLICT and foreign keys rely on it" },
	{ WB_KIND_CONSTRAINT, REMOVED, NULL, acts, MAJOR, "deleting and updating does not reach other rows any more" },
	{ WB_KIND_CONSTRAINT, REMOVED, NULL, NULL, MINOR, "accepts more rows" },
	{ WB_KIND_CONSTRAINT, UNSET, "not_valid", NULL, PATCH, "old rows are checked, too" },
	{ WB_KIND_CONSTRAINT, SET, "not_valid", NULL, MINOR, "old rows are not checked" },
	{ WB_KIND_CONSTRAINT, UNSET, "deferrable", NULL, MAJOR, "is checked at once" },
	{ WB_KIND_CONSTRAINT, CHANGED, "deferrable", NULL, MINOR, "is checked at another time" },
	{ WB_KIND_CONSTRAINT, UNSET, "initially_deferred", NULL, MAJOR, "is checked at once" },
	{ WB_KIND_CONSTRAINT, CHANGED, "initially_deferred", NULL, MINOR, "is checked at another time" },
	{ WB_KIND_CONSTRAINT, CHANGED, "autoincrement", NULL, MINOR, "numbers are given otherwise" },
	{ WB_KIND_CONSTRAINT, CHANGED, NULL, check_lists_more, MINOR, "accepts more values" },
	{ WB_KIND_CONSTRAINT, CHANGED, NULL, NULL, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, ADDED, NULL, is_of_new_columns_only, PATCH, "what it finds is found faster" },
	{ WB_KIND_INDEX, ADDED, NULL, NULL, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, REMOVED, NULL, one_is_unique, MAJOR, "ON CONFLICT and foreign keys rely on it" },
	{ WB_KIND_INDEX, REMOVED, NULL, NULL, PATCH, "what it found is found more slowly" },
	{ WB_KIND_INDEX, CHANGED, "invalid", NULL, PATCH, "whether it is used" },
	{ WB_KIND_INDEX, CHANGED, NULL, one_is_unique, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, CHANGED, NULL, NULL, PATCH, "what it finds is found otherwise" },

	/* types */
	{ WB_KIND_ENUM, CHANGED, "values", lists_more, MINOR, "more values" },
	{ WB_KIND_ENUM, CHANGED, "values", NULL, MAJOR, "a value is gone, or sorts elsewhere" },
	{ WB_KIND_DOMAIN, CHANGED, "type", is_wider, MINOR, "holds more than before" },
	{ WB_KIND_DOMAIN, CHANGED, "type", NULL, MAJOR, "another type: what is written or read may not fit" },
	{ WB_KIND_DOMAIN, SET, "not_null", NULL, MAJOR, "NULL is refused" },
	{ WB_KIND_DOMAIN, CHANGED, "collation", NULL, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_RANGE, CHANGED, NULL, NULL, MAJOR, "another type" },
	{ WB_KIND_COLLATION, CHANGED, NULL, NULL, MAJOR, "sorts and compares otherwise" },

	/* queries and code */
	{ WB_KIND_VIEW, CHANGED, "definition", keeps_columns, MINOR, "the same columns, found otherwise" },
	{ WB_KIND_VIEW, CHANGED, "definition", NULL, MAJOR, "a column may be gone, or have another name" },
	{ WB_KIND_MATERIALIZED_VIEW, CHANGED, "definition", keeps_columns, MINOR, "the same columns, found otherwise" },
	{ WB_KIND_MATERIALIZED_VIEW, CHANGED, "definition", NULL, MAJOR, "a column may be gone, or have another name" },
	{ ANY, CHANGED, "arguments", keeps_arguments, MINOR, "an argument may be left out" },
	{ ANY, CHANGED, "arguments", NULL, MAJOR, "calls that name an argument, or leave it out, may fail" },
	{ ANY, CHANGED, "result", NULL, MAJOR, "gives something else" },
	{ WB_KIND_FUNCTION, CHANGED, "definition", NULL, PATCH, "does it otherwise" },
	{ WB_KIND_PROCEDURE, CHANGED, "definition", NULL, PATCH, "does it otherwise" },
	{ WB_KIND_TRIGGER, CHANGED, "definition", NULL, PATCH, "does it otherwise" },
	{ WB_KIND_RULE, CHANGED, "definition", NULL, PATCH, "does it otherwise" },
	{ WB_KIND_TRIGGER, REMOVED, NULL, NULL, MAJOR, "what it did is not done any more" },
	{ WB_KIND_RULE, REMOVED, NULL, NULL, MAJOR, "what it did is not done any more" },
	{ WB_KIND_EVENT_TRIGGER, REMOVED, NULL, NULL, MINOR, "what it did is not done any more" },

	{ WB_KIND_EXTENSION, CHANGED, "installed_in", NULL, MAJOR, "its objects have other names" },
	{ WB_KIND_PUBLICATION, CHANGED, NULL, NULL, MAJOR, "subscribers get something else" },

	{ ANY, ADDED, NULL, NULL, MINOR, "is new" },
	{ ANY, REMOVED, NULL, NULL, MAJOR, "what uses it fails" },
	{ ANY, CHANGED, NULL, NULL, MINOR, "is another one than before" },
};
/* clang-format on */

static unsigned event_of(const struct wb_difference *d)
{
	if (d->type == WB_DIFF_MISSING)
		return ADDED;
	if (d->type == WB_DIFF_UNEXPECTED)
		return REMOVED;
	return CHANGED | (!d->actual_value ? SET : 0u) | (!d->expected_value ? UNSET : 0u);
}

static bool fits(const struct rule *r, const struct question *q, unsigned event, enum wb_kind kind)
{
	if (!(r->event & event) || (r->kind != ANY && r->kind != kind))
		return false;
	if (r->attribute && (!q->d->attribute || strcmp(r->attribute, q->d->attribute) != 0))
		return false;
	return !r->when || r->when(q);
}

enum wb_impact wb_difference_impact(const struct wb_model *before, const struct wb_difference *d, const char **ret_why)
{
	const struct question q = { before, d, d->actual, d->expected, d->actual_value, d->expected_value };
	enum wb_kind kind = (d->expected ? d->expected : d->actual)->kind;
	unsigned event = event_of(d);
	size_t i = 0;

	while (!fits(&rules[i], &q, event, kind)) /* the last ones fit everything */
		i++;
	*ret_why = rules[i].why;
	return rules[i].impact;
}

const char *wb_impact_name(enum wb_impact impact)
{
	static const char *const names[] = { "none", "patch", "minor", "major" };

	return names[impact];
}
