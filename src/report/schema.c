/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas and what differs between them: as a list with SQL behind it, as JSON,
 * as Markdown for a pull request. Statements that destroy data are comments
 * unless they are asked for: pasting a difference loses nothing.
 */
#include "report/schema.h"

#include "report/markdown.h"
#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

#define VALUE_COLUMNS 60u /* of a value in a list: a view's text is long; JSON has it whole */
#define SHARED_SHOWN 15u /* bytes before the place where long values differ */

/* ---- a schema ---- */

static json_t *attributes_value(struct wb_json *j, const struct wb_schema_object *o)
{
	json_t *all = wb_json_object(j);
	size_t i;

	for (i = 0; i < o->n_attributes; i++)
		wb_json_set_text(j, all, o->attributes[i].key, o->attributes[i].value);
	return all;
}

static json_t *object_value(struct wb_json *j, const struct wb_schema_object *o)
{
	json_t *value = wb_json_object(j);

	wb_json_set_text(j, value, "kind", o->kind);
	wb_json_set_text(j, value, "path", o->path);
	wb_json_set_text(j, value, "schema", o->schema);
	wb_json_set_text(j, value, "parent", o->parent);
	wb_json_set_text(j, value, "name", o->name);
	wb_json_set(j, value, "attributes", attributes_value(j, o));
	return value;
}

static int schema_json(struct wb_out *out, const struct wb_schema *s, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *counts = wb_json_object(&j), *objects = wb_json_array(&j);
	size_t i;

	for (i = 0; i < s->n_counts; i++)
		wb_json_set_number(&j, counts, s->counts[i].kind, (int64_t)s->counts[i].n);
	for (i = 0; i < s->n_objects; i++)
		wb_json_append(&j, objects, object_value(&j, &s->objects[i]));
	wb_json_set_text(&j, o, "engine", s->engine);
	wb_json_set_text(&j, o, "origin", s->origin);
	wb_json_set_text(&j, o, "hash", s->hash);
	wb_json_set(&j, o, "counts", counts);
	wb_json_set(&j, o, "objects", objects);
	return wb_json_print(&j, out, o, err);
}

int wb_report_schema(struct wb_out *out, enum wb_format format, const struct wb_schema *schema, const char *text,
		     size_t size, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return schema_json(out, schema, err);
	wb_out_addn(out, text, size);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- the SQL of a difference ---- */

/* To PostgreSQL a carriage return ends a comment as well. */
void wb_sql_comment(struct wb_str *out, const char *sql)
{
	bool start = true;

	for (; *sql; sql++) {
		if (start)
			wb_str_add(out, *sql == '\n' ? "--" : "-- ");
		wb_str_addc(out, *sql);
		start = *sql == '\n' || (*sql == '\r' && sql[1] != '\n');
	}
}

/* Statements begin at the start of a line; comments about them stand above it. */
static void add_change(struct wb_str *out, const struct wb_schema_comparison *c, size_t i, bool allow,
		       const struct wb_plan *effects, size_t *step)
{
	const struct wb_schema_change *change = &c->changes[i];
	bool comment = change->destroys && !allow;
	struct wb_sv rest = wb_sv_str(change->sql);
	unsigned number = 0;

	wb_str_add(out, change->destroys ? "-- destroys data\n" : "");
	while (effects && rest.n) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) + 1 : rest.n;
		wb_autostr line = WB_STR_INIT;

		wb_effect_comments(out, effects, step, i + 1, ++number);
		wb_str_addn(&line, rest.p, n);
		out->failed |= line.failed;
		if (comment && line.p)
			wb_sql_comment(out, line.p);
		else
			wb_str_addn(out, rest.p, n);
		rest = wb_sv(rest.p + n, rest.n - n);
	}
	if (!effects && comment)
		wb_sql_comment(out, change->sql);
	else if (!effects)
		wb_str_add(out, change->sql);
}

static int diff_sql(const struct wb_schema_comparison *c, bool allow, const struct wb_plan *effects,
		    struct wb_str *ret_sql, struct wb_error *err)
{
	size_t i, step = 0;

	wb_str_add(ret_sql, c->begin ? c->begin : "");
	for (i = 0; i < c->n_changes; i++)
		add_change(ret_sql, c, i, allow, effects, &step);
	return ret_sql->failed ? wb_err_nomem(err) : 0;
}

int wb_diff_sql(const struct wb_schema_comparison *c, bool allow, struct wb_str *ret_sql, struct wb_error *err)
{
	return diff_sql(c, allow, NULL, ret_sql, err);
}

int wb_diff_script(const struct wb_schema_comparison *c, bool allow, const struct wb_plan *effects,
		   struct wb_str *ret_sql, struct wb_error *err)
{
	if (c->n_changes == 0)
		return 0;
	wb_str_add(ret_sql, c->open ? c->open : "");
	wb_effect_summary(ret_sql, effects);
	int rc = diff_sql(c, allow, effects, ret_sql, err);
	wb_str_add(ret_sql, c->close ? c->close : "");
	return rc == 0 && ret_sql->failed ? wb_err_nomem(err) : rc;
}

/* ---- a difference as JSON ---- */

static json_t *difference_value(struct wb_json *j, const struct wb_schema_difference *d)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "type", d->type);
	wb_json_set_text(j, o, "kind", d->kind);
	wb_json_set_text(j, o, "object", d->object);
	wb_json_set_text(j, o, "attribute", d->attribute);
	wb_json_set_text(j, o, "expected", d->expected);
	wb_json_set_text(j, o, "actual", d->actual);
	wb_json_set_text(j, o, "severity", d->severity);
	wb_json_set_text(j, o, "sql", d->sql);
	return o;
}

static json_t *change_value(struct wb_json *j, const struct wb_schema_change *c)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "kind", c->kind);
	wb_json_set_text(j, o, "object", c->object);
	wb_json_set_text(j, o, "sql", c->sql);
	wb_json_set(j, o, "destroys", wb_json_bool(c->destroys));
	wb_json_set(j, o, "recreates", wb_json_bool(c->recreates));
	return o;
}

void wb_comparison_json(struct wb_json *j, json_t *o, const struct wb_schema_comparison *c)
{
	json_t *differences = wb_json_array(j), *changes = wb_json_array(j);
	size_t i;

	for (i = 0; i < c->n_differences; i++)
		wb_json_append(j, differences, difference_value(j, &c->differences[i]));
	for (i = 0; i < c->n_changes; i++)
		wb_json_append(j, changes, change_value(j, &c->changes[i]));
	wb_json_set(j, o, "different", wb_json_bool(c->n_differences > 0));
	wb_json_set(j, o, "critical", wb_json_bool(c->critical));
	wb_json_set(j, o, "destroys", wb_json_bool(c->destroys));
	wb_json_set(j, o, "differences", differences);
	wb_json_set_text(j, o, "begin", c->begin);
	wb_json_set(j, o, "changes", changes);
}

static int diff_json(struct wb_out *out, const struct wb_diff_report *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set_text(&j, o, "from", r->from->origin);
	wb_json_set_text(&j, o, "to", r->to->origin);
	wb_comparison_json(&j, o, r->comparison);
	if (r->effects)
		wb_plan_effects_json(&j, o, r->effects);
	if (r->write) {
		wb_json_set_text(&j, o, "path", r->path);
		wb_json_set_text(&j, o, "down_path", r->down_path);
	}
	return wb_json_print(&j, out, o, err);
}

/* ---- as a list ---- */

/* Where two values begin to differ, a little before; 0 when they are short. */
static size_t skip_shared(const char *a, const char *b)
{
	size_t n = 0;

	if (!a || !b || (strlen(a) <= VALUE_COLUMNS && strlen(b) <= VALUE_COLUMNS))
		return 0;
	while (a[n] && a[n] == b[n])
		n++;
	n = n > SHARED_SHOWN ? n - SHARED_SHOWN : 0;
	while (n > 0 && ((unsigned char)a[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static void add_value(struct wb_str *out, const char *value, size_t skip)
{
	wb_str_add(out, skip ? "..." : "");
	wb_text_clean(out, wb_sv_str(value ? value + skip : "(none)"), VALUE_COLUMNS);
}

void wb_difference_words(const struct wb_schema_difference *d, struct wb_str *out)
{
	size_t skip = skip_shared(d->actual, d->expected);

	if (!d->attribute) {
		wb_str_add(out, d->type);
		return;
	}
	wb_str_addf(out, "%s: ", d->attribute);
	add_value(out, d->actual, skip);
	wb_str_add(out, " -> ");
	add_value(out, d->expected, skip);
}

static enum wb_style style_of(const char *word)
{
	static const struct {
		const char *word;
		enum wb_style style;
	} styles[] = {
		{ "missing", WB_GREEN }, { "unexpected", WB_RED }, { "changed", WB_YELLOW },
		{ "critical", WB_RED },  { "high", WB_YELLOW },    { "low", WB_DIM },
	};
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(styles); i++)
		if (strcmp(styles[i].word, word) == 0)
			return styles[i].style;
	return WB_PLAIN;
}

static const struct wb_column columns[] = {
	{ "Kind", false, false },
	{ "Object", false, false },
	{ "Difference", false, true },
	{ "Severity", false, false },
};

void wb_difference_table(struct wb_out *out, const struct wb_schema_comparison *c)
{
	struct wb_table t;
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < c->n_differences; i++) {
		const struct wb_schema_difference *d = &c->differences[i];
		wb_autostr what = WB_STR_INIT;

		wb_difference_words(d, &what);
		t.failed |= what.failed;
		wb_table_add(&t, WB_PLAIN, d->kind);
		wb_table_add(&t, WB_BOLD, d->object);
		wb_table_add(&t, style_of(d->type), what.p);
		wb_table_add(&t, style_of(d->severity), d->severity);
	}
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
}

static void print_same(struct wb_out *out, const struct wb_diff_report *r, void (*name)(struct wb_out *, const char *))
{
	wb_out_add(out, "No differences: ");
	name(out, r->from->origin);
	wb_out_add(out, " and ");
	name(out, r->to->origin);
	wb_out_addf(out, " have the same schema%s.\n", r->write ? "; nothing was written" : "");
}

static void print_sql(struct wb_out *out, const struct wb_str *sql)
{
	wb_out_addn(out, sql->p, sql->n);
}

static void diff_text(struct wb_out *out, const struct wb_diff_report *r, const struct wb_str *sql)
{
	if (r->path) {
		wb_out_addf(out, "%s\n", r->path);
		if (r->down_path)
			wb_out_addf(out, "%s\n", r->down_path);
	} else if (r->sql_only) {
		print_sql(out, sql);
	} else if (r->comparison->n_differences == 0) {
		print_same(out, r, wb_out_clean);
	} else {
		wb_difference_table(out, r->comparison);
		wb_out_add(out, sql->n ? "\n" : "");
		print_sql(out, sql);
	}
}

/* ---- as Markdown ---- */

static void markdown_row(struct wb_out *out, const struct wb_schema_difference *d)
{
	wb_autostr what = WB_STR_INIT;

	wb_difference_words(d, &what);
	out->buf.failed |= what.failed;
	wb_out_addf(out, "| %s | ", d->kind);
	wb_markdown_cell(out, d->object);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, what.p);
	wb_out_addf(out, " | %s |\n", d->severity);
}

void wb_difference_markdown(struct wb_out *out, const struct wb_schema_comparison *c)
{
	size_t i;
	char buf[40];

	wb_out_add(out, "| Kind | Object | Difference | Severity |\n|---|---|---|---|\n");
	for (i = 0; i < c->n_differences; i++)
		markdown_row(out, &c->differences[i]);
	wb_out_addf(out, "\n%s%s.\n", wb_text_count((int64_t)c->n_differences, "difference", buf, sizeof(buf)),
		    c->destroys ? "; **data would be destroyed**" : "");
}

void wb_sql_markdown(struct wb_out *out, const struct wb_str *sql)
{
	size_t n = wb_markdown_fence_for(sql->p, 0);

	if (sql->n == 0)
		return;
	wb_out_add(out, "\n");
	wb_markdown_fence(out, n, "sql");
	print_sql(out, sql);
	wb_markdown_fence(out, n, "");
}

static void diff_markdown(struct wb_out *out, const struct wb_diff_report *r, const struct wb_str *sql)
{
	wb_out_add(out, "### Schema: from ");
	wb_markdown_cell(out, r->from->origin);
	wb_out_add(out, " to ");
	wb_markdown_cell(out, r->to->origin);
	wb_out_add(out, "\n\n");
	if (r->comparison->n_differences == 0) {
		print_same(out, r, wb_markdown_cell);
		return;
	}
	wb_difference_markdown(out, r->comparison);
	wb_effects_markdown(out, r->effects);
	wb_sql_markdown(out, sql);
	if (r->path) {
		wb_out_add(out, "\nWritten as ");
		wb_markdown_cell(out, r->path);
		wb_out_add(out, ".\n");
	}
}

int wb_report_diff(struct wb_out *out, enum wb_format format, const struct wb_diff_report *r, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	int rc;

	if (format == WB_FORMAT_JSON)
		return diff_json(out, r, err);
	rc = wb_diff_script(r->comparison, r->allow_destructive,
			    format == WB_FORMAT_TEXT && !r->sql_only ? r->effects : NULL, &sql, err);
	if (rc < 0)
		return rc;
	if (format == WB_FORMAT_MARKDOWN)
		diff_markdown(out, r, &sql);
	else
		diff_text(out, r, &sql);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
