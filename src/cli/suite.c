/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of checks as YAML: the tables of their keys, and how the structs that
 * these fill become the library's.
 */
#include "cli/suite.h"

#include "base/banned.h"

#define SEVERITIES "info|warning|error|critical"

/* ---- the kinds ---------------------------------------------------------------------------------- */

#define ASKS(field) offsetof(struct wb_check_asks, field)
#define TABLE \
	{ \
		"table", CLI_FIELD_TEXT, ASKS(table), .doc = "The table, `name` or `schema.name`." \
	}
#define WHERE \
	{ \
		"where", CLI_FIELD_TEXT, ASKS(where), .doc = "Only rows for which this SQL condition holds." \
	}
#define COLUMNS \
	{ "column", CLI_FIELD_TEXTS, ASKS(columns), .doc = "The column." }, \
	{ \
		"columns", CLI_FIELD_TEXTS, ASKS(columns), .doc = "The columns, where there are several." \
	}
#define ID \
	{ \
		"id", CLI_FIELD_TEXTS, ASKS(id), .doc = "Columns that tell a row to people; else the primary key." \
	}
#define QUERY \
	{ \
		"query", CLI_FIELD_TEXT, ASKS(query), .doc = "One statement that only reads." \
	}
#define LIMITS \
	{ "at_least", CLI_FIELD_TEXT, ASKS(at_least), .doc = "The lowest that is right." }, \
	{ \
		"at_most", CLI_FIELD_TEXT, ASKS(at_most), .doc = "The highest that is right." \
	}
#define NULLS(what) \
	{ \
		"nulls", CLI_FIELD_BOOL, ASKS(nulls), .doc = what \
	}
#define END \
	{ \
		.name = NULL \
	}
#define SHAPE(id, of) \
	static const struct cli_shape id##_shape = { .what = of, \
						     .fields = id##_fields, \
						     .size = sizeof(struct wb_check_asks) }
#define SHAPE_OR(id, of, field) \
	static const struct cli_shape id##_shape = { \
		.what = of, .fields = id##_fields, .size = sizeof(struct wb_check_asks), .or_field = (field) \
	}

/* In place of a map: `foreign_keys: all`. Yes is the second choice. */
static const struct cli_field all_field = { "all", CLI_FIELD_CHOICE, ASKS(all), .choices = "some|all" };

static const struct cli_field exists_fields[] = {
	{ "tables", CLI_FIELD_TEXTS, ASKS(tables), .doc = "Tables." },
	{ "columns", CLI_FIELD_LISTS, ASKS(columns_of), .doc = "Columns by table: `resources: [id, name]`." },
	{ "indexes", CLI_FIELD_LISTS, ASKS(indexes), .doc = "Indexes by table." },
	{ "constraints", CLI_FIELD_LISTS, ASKS(constraints), .doc = "Constraints by table." },
	{ "triggers", CLI_FIELD_LISTS, ASKS(triggers), .doc = "Triggers by table." },
	{ "views", CLI_FIELD_TEXTS, ASKS(views), .doc = "Views, also materialized ones." },
	{ "functions", CLI_FIELD_TEXTS, ASKS(functions), .doc = "Functions and procedures, `name` or `name(types)`." },
	{ "sequences", CLI_FIELD_TEXTS, ASKS(sequences), .doc = "Sequences." },
	{ "types", CLI_FIELD_TEXTS, ASKS(types), .doc = "Enums, domains, composite and range types." },
	END,
};
SHAPE(exists, "exists");
static const struct cli_shape absent_shape = { .what = "absent",
					       .fields = exists_fields,
					       .size = sizeof(struct wb_check_asks) };
static const struct cli_field index_fields[] = {
	{ "name", CLI_FIELD_TEXT, ASKS(name), .required = true, .doc = "The index." },
	{ "table", CLI_FIELD_TEXT, ASKS(table), .doc = "Its table." },
	{ "method", CLI_FIELD_TEXT, ASKS(method), .doc = "`btree`, `gin`, `brin`, ..." },
	{ "columns", CLI_FIELD_TEXTS, ASKS(columns),
	  .doc = "Its columns and expressions, as the database writes them." },
	{ "unique", CLI_FIELD_BOOL, ASKS(unique), .doc = "Whether it is unique." },
	{ "partial", CLI_FIELD_BOOL, ASKS(partial), .doc = "Whether it has a WHERE." },
	END,
};
SHAPE(index, "index");
static const struct cli_field counts_fields[] = {
	{ "of", CLI_FIELD_VALUES, ASKS(of), .required = true,
	  .doc = "What is counted: a name, and a table or a query of one number." },
	{ "within", CLI_FIELD_TEXT, ASKS(within), .doc = "How far apart they may be: `10`, or `0.5%` of the highest." },
	END,
};
SHAPE(counts, "counts");
static const struct cli_field no_rows_fields[] = { QUERY, END };
SHAPE_OR(no_rows, "no_rows", &no_rows_fields[0]);
static const struct cli_field all_rows_fields[] = {
	TABLE,
	{ "satisfy", CLI_FIELD_TEXT, ASKS(satisfy), .doc = "The SQL condition; a row for which it is NULL fails." },
	WHERE,
	ID,
	END,
};
SHAPE(all_rows, "all_rows");
static const struct cli_field foreign_keys_fields[] = {
	TABLE,
	COLUMNS,
	{ "references", CLI_FIELD_TEXT, ASKS(references), .doc = "The other table." },
	{ "key", CLI_FIELD_TEXTS, ASKS(key), .doc = "Its columns; else its primary key." },
	ID,
	END,
};
SHAPE_OR(foreign_keys, "foreign_keys", &all_field);
static const struct cli_field cascade_fields[] = {
	TABLE,
	COLUMNS,
	{ "references", CLI_FIELD_TEXT, ASKS(references), .doc = "The other table." },
	{ "on_delete", CLI_FIELD_TEXT, ASKS(on_delete),
	  .doc = "`CASCADE` (unless it is said), `SET NULL`, `SET DEFAULT`, `RESTRICT`, `NO ACTION`." },
	END,
};
SHAPE(cascade, "cascade");
static const struct cli_field ratio_fields[] = {
	TABLE,
	{ "satisfy", CLI_FIELD_TEXT, ASKS(satisfy), .doc = "The condition of the rows that match." },
	WHERE,
	{ "query", CLI_FIELD_TEXT, ASKS(query),
	  .doc = "In place of these: a query of two numbers, those that match and all." },
	{ "at_least", CLI_FIELD_TEXT, ASKS(at_least), .doc = "The lowest share that is right: `50%`." },
	{ "at_most", CLI_FIELD_TEXT, ASKS(at_most), .doc = "The highest." },
	END,
};
SHAPE(ratio, "ratio");
static const struct cli_field allowed_fields[] = {
	TABLE,
	{ "column", CLI_FIELD_TEXTS, ASKS(columns), .doc = "The column." },
	{ "values", CLI_FIELD_TEXTS, ASKS(values), .doc = "The values it may have." },
	WHERE,
	NULLS("`false`: NULL is not allowed either."),
	END,
};
SHAPE(allowed, "allowed");
static const struct cli_field unique_fields[] = {
	TABLE, COLUMNS, WHERE, NULLS("`true`: two NULLs are alike, too."), END,
};
SHAPE(unique, "unique");
static const struct cli_field sequence_fields[] = { TABLE, COLUMNS, END };
SHAPE_OR(sequence, "sequence", &all_field);
static const struct cli_field checksum_fields[] = { QUERY, END };
SHAPE_OR(checksum, "checksum", &checksum_fields[0]);
static const struct cli_field sql_fields[] = {
	QUERY,
	{ "equals", CLI_FIELD_TEXT, ASKS(equals), .doc = "What its first value has to be; `null` for NULL." },
	LIMITS,
	END,
};
SHAPE_OR(sql, "sql", &sql_fields[0]);
static const struct cli_field command_fields[] = {
	{ "run", CLI_FIELD_TEXTS, ASKS(run), .doc = "Program and arguments, without a shell, in the suite's folder." },
	END,
};
SHAPE_OR(command, "command", &command_fields[0]);

/* ---- checks, groups, suites ---------------------------------------------------------------------- */

struct raw_check {
	struct wb_check c;
	int kind, severity, quick;
	struct cli_mark at;
};
struct raw_group {
	const char *name;
	int severity, quick;
	struct cli_items checks;
};
struct raw_suite {
	const char *name, *description;
	int severity;
	int64_t timeout_ms;
	struct cli_items groups;
};

#define CHECK(field) offsetof(struct raw_check, field)
#define KIND(id, ENUM, text) \
	{ \
#id, CLI_FIELD_MAP, CHECK(c.asks), .shape = &id##_shape, .one_of = WB_CHECK_KIND_##ENUM, .doc = text \
	}

static const struct cli_field check_fields[] = {
	{ "name", CLI_FIELD_TEXT, CHECK(c.name), .required = true,
	  .doc = "What it is called; no other of the suite is called that." },
	{ "passed", CLI_FIELD_TEXT, CHECK(c.passed), .doc = "What it is called when it has passed." },
	{ "severity", CLI_FIELD_CHOICE, CHECK(severity), .choices = SEVERITIES,
	  .doc = "How bad it is when it fails; else what the group or the suite says, else `error`." },
	{ "message", CLI_FIELD_TEXT, CHECK(c.message),
	  .doc = "What is said when it fails; `{value}` stands for a value of its kind." },
	{ "details", CLI_FIELD_VALUES, CHECK(c.details),
	  .doc = "In place of all values of the kind: names of your own, with texts like that of `message`." },
	{ "needs", CLI_FIELD_TEXTS, CHECK(c.needs), .doc = "Checks before it; it is skipped unless all have passed." },
	{ "quick", CLI_FIELD_BOOL, CHECK(quick), .doc = "Whether `--quick` runs it; else what the group says." },
	{ "timeout", CLI_FIELD_DURATION, CHECK(c.timeout_ms),
	  .doc = "How long it may take; else what the suite says." },
	KIND(exists, EXISTS, "Objects are there."),
	KIND(absent, ABSENT, "Objects are not there (any more)."),
	KIND(index, INDEX, "An index is as it should be."),
	KIND(counts, COUNTS, "Numbers agree."),
	KIND(no_rows, NO_ROWS, "A query gives no rows."),
	KIND(all_rows, ALL_ROWS, "All rows of a table satisfy a condition."),
	KIND(foreign_keys, FOREIGN_KEYS, "References hold."),
	KIND(cascade, CASCADE, "A foreign key does what it should when its row is deleted."),
	KIND(ratio, RATIO, "The share of rows that match."),
	KIND(allowed, ALLOWED, "A column has only some values."),
	KIND(unique, UNIQUE, "No value is there twice."),
	KIND(sequence, SEQUENCE, "Sequences are ahead of what is there."),
	KIND(checksum, CHECKSUM, "The rows of a query are what they were."),
	KIND(sql, SQL, "The answer of a query."),
	KIND(command, COMMAND, "A program finds nothing."),
	END,
};
static const struct cli_shape check_shape = {
	.what = "a check",
	.fields = check_fields,
	.size = sizeof(struct raw_check),
	.has_mark = true,
	.mark = CHECK(at),
	.has_one_of = true,
	.one_of = CHECK(kind),
};
static const struct cli_field group_fields[] = {
	{ "checks", CLI_FIELD_ITEMS, offsetof(struct raw_group, checks), .shape = &check_shape, .required = true,
	  .doc = "Its checks, in order." },
	{ "severity", CLI_FIELD_CHOICE, offsetof(struct raw_group, severity), .choices = SEVERITIES,
	  .doc = "Of checks that say none." },
	{ "quick", CLI_FIELD_BOOL, offsetof(struct raw_group, quick),
	  .doc = "Whether `--quick` runs it; yes, but for the group `data`." },
	END,
};
static const struct cli_shape group_shape = {
	.what = "a group",
	.fields = group_fields,
	.size = sizeof(struct raw_group),
	.has_title = true,
	.title = offsetof(struct raw_group, name),
};
static const struct cli_field suite_fields[] = {
	{ "suite", CLI_FIELD_TEXT, offsetof(struct raw_suite, name), .required = true, .doc = "Its name." },
	{ "description", CLI_FIELD_TEXT, offsetof(struct raw_suite, description), .doc = "What it is for." },
	{ "severity", CLI_FIELD_CHOICE, offsetof(struct raw_suite, severity), .choices = SEVERITIES,
	  .doc = "Of checks that say none, nor does their group." },
	{ "timeout", CLI_FIELD_DURATION, offsetof(struct raw_suite, timeout_ms),
	  .doc = "How long each check may take." },
	{ "groups", CLI_FIELD_NAMED, offsetof(struct raw_suite, groups), .shape = &group_shape, .required = true,
	  .doc = "Groups by name. `--schema`, `--data` and `--relationships` run the groups of these names." },
	END,
};
static const struct cli_shape suite_shape = {
	.what = "a suite",
	.fields = suite_fields,
	.size = sizeof(struct raw_suite),
};

/* ---- into the library's structs --------------------------------------------------------------------- */

static enum wb_check_severity severity_of(const struct raw_suite *s, const struct raw_group *g,
					  const struct raw_check *c)
{
	int said = c->severity ? c->severity : g->severity ? g->severity : s->severity;

	return said ? (enum wb_check_severity)(said - 1) : WB_CHECK_ERROR;
}

static bool is_quick(const struct raw_group *g, const struct raw_check *c)
{
	int said = c->quick ? c->quick : g->quick;

	return said ? said == CLI_FIELD_YES : strcmp(g->name, "data") != 0;
}

static struct wb_check check_of(const struct raw_suite *s, const struct raw_group *g, const struct raw_check *raw)
{
	struct wb_check c = raw->c;

	c.kind = (enum wb_check_kind)raw->kind;
	c.group = g->name;
	c.severity = severity_of(s, g, raw);
	c.quick = is_quick(g, raw);
	c.timeout_ms = c.timeout_ms ? c.timeout_ms : s->timeout_ms;
	c.line = raw->at.line;
	c.column = raw->at.column;
	return c;
}

static int convert(struct wb_arena *a, const struct raw_suite *raw, struct cli_suite *ret, struct wb_error *err)
{
	const struct raw_group *groups = raw->groups.v;
	const char *slash = strrchr(ret->file.file, '/');
	struct wb_check *checks;
	size_t i, k, n = 0;

	for (i = 0; i < raw->groups.n; i++)
		n += groups[i].checks.n;
	checks = wb_arena_array(a, n + 1, sizeof(*checks));
	if (!checks)
		return wb_err_nomem(err);
	for (n = 0, i = 0; i < raw->groups.n; i++)
		for (k = 0; k < groups[i].checks.n; k++)
			checks[n++] = check_of(raw, &groups[i], (const struct raw_check *)groups[i].checks.v + k);
	ret->suite = (struct wb_check_suite){
		.size = sizeof(ret->suite),
		.name = raw->name,
		.file = ret->file.file,
		.checks = checks,
		.n_checks = n,
		.line = cli_suite_line,
		.line_user = a,
	};
	if (!slash)
		return 0;
	ret->suite.folder =
		wb_arena_sv(a, wb_sv(ret->file.file, slash == ret->file.file ? 1 : (size_t)(slash - ret->file.file)));
	return ret->suite.folder ? 0 : wb_err_nomem(err);
}

int cli_suite_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_suite *ret,
		    struct wb_error *err)
{
	struct raw_suite raw;
	int rc = cli_shape_parse(a, text, path, &suite_shape, "the suite", &ret->file, &raw, err);

	return rc < 0 ? rc : convert(a, &raw, ret, err);
}

int cli_suite_read(struct wb_arena *a, const char *path, struct cli_suite *ret, struct wb_error *err)
{
	struct raw_suite raw;
	int rc = cli_shape_read(a, path, &suite_shape, "the suite", &ret->file, &raw, err);

	return rc < 0 ? rc : convert(a, &raw, ret, err);
}

void cli_suite_excerpt(const struct cli_suite *suite, struct wb_error *err)
{
	cli_shape_excerpt(&suite->file, err);
}

/* ---- documentation ------------------------------------------------------------------------------------ */

static void table(struct wb_out *out, const char *title, const struct cli_shape *shape)
{
	wb_out_addf(out, "\n### %s\n\n| key | value | meaning |\n|---|---|---|\n", title);
	cli_shape_docs(out, shape, "");
}

/* The words of a list, as code. */
static void words(struct wb_out *out, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), word;
	bool first = true;

	for (; wb_sv_cut(&rest, ' ', &word); first = false)
		wb_out_addf(out, "%s`{%.*s}`", first ? "" : ", ", WB_SV_ARG(word));
}

void cli_suite_docs(struct wb_out *out)
{
	const struct cli_field *f;

	table(out, "A suite", &suite_shape);
	table(out, "A group: `groups.NAME`", &group_shape);
	table(out, "A check: an item of `checks`", &check_shape);
	wb_out_add(out, "\n## Kinds of checks\n");
	for (f = check_fields; f->name; f++) {
		const char *values = wb_check_kind_values((enum wb_check_kind)f->one_of);

		if (!f->one_of)
			continue;
		wb_out_addf(out, "\n### `%s`\n\n%s", f->name, f->doc);
		if (f->shape->or_field)
			wb_out_addf(out, " `%s: %s` is short for a map.", f->name,
				    f->shape->or_field == &all_field ? "all" : f->shape->or_field->name);
		wb_out_add(out, "\n\n| key | value | meaning |\n|---|---|---|\n");
		cli_shape_docs(out, f->shape, "");
		if (!values)
			continue;
		wb_out_add(out, "\nValues: ");
		words(out, values);
		wb_out_add(out, ".\n");
	}
}
