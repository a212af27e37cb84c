/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios as YAML: the keys that they have, and what becomes of them.
 */
#include "cli/scenario.h"

#include "base/banned.h"

struct objects {
	struct wb_texts tables, columns, indexes, constraints, views, materialized_views, triggers, functions,
		sequences, enums;
};
struct failure {
	const char *code, *message;
};
struct step {
	int act;
	const char *text, *equals; /* text: of any act that has one */
	int flag; /* redo, resume */
	struct wb_texts rows;
	struct objects objects;
	int64_t number, kill_at, fail_at, within, rows_per_second, memory_mb, growth_mb;
	struct failure error;
	struct cli_mark at;
};
struct scenario {
	const char *name, *description, *skip;
	struct wb_texts tags;
	int64_t timeout;
	int expect;
	struct cli_items setup, steps, assertions, cleanup;
	struct cli_mark at;
};
struct file {
	const char *suite, *description;
	struct wb_texts tags;
	int64_t timeout;
	struct cli_items scenarios;
};

#define END \
	{ \
		.name = NULL \
	}
#define OBJECTS(field) offsetof(struct objects, field)
static const struct cli_field object_fields[] = {
	{ "tables", CLI_FIELD_TEXTS, OBJECTS(tables), .doc = "Tables, `name` or `schema.name`." },
	{ "columns", CLI_FIELD_TEXTS, OBJECTS(columns), .doc = "Columns, `table.name`." },
	{ "indexes", CLI_FIELD_TEXTS, OBJECTS(indexes), .doc = "Indexes." },
	{ "constraints", CLI_FIELD_TEXTS, OBJECTS(constraints), .doc = "Constraints, also `table.name`." },
	{ "views", CLI_FIELD_TEXTS, OBJECTS(views), .doc = "Views." },
	{ "materialized_views", CLI_FIELD_TEXTS, OBJECTS(materialized_views), .doc = "Materialized views." },
	{ "triggers", CLI_FIELD_TEXTS, OBJECTS(triggers), .doc = "Triggers, also `table.name`." },
	{ "functions", CLI_FIELD_TEXTS, OBJECTS(functions), .doc = "Functions, `name` or `name(types)`." },
	{ "sequences", CLI_FIELD_TEXTS, OBJECTS(sequences), .doc = "Sequences." },
	{ "enums", CLI_FIELD_TEXTS, OBJECTS(enums), .doc = "Enums." },
	END,
};
static const struct {
	const char *kind;
	size_t offset;
} object_kinds[] = {
	{ "table", OBJECTS(tables) },       { "column", OBJECTS(columns) },
	{ "index", OBJECTS(indexes) },      { "constraint", OBJECTS(constraints) },
	{ "view", OBJECTS(views) },         { "materialized view", OBJECTS(materialized_views) },
	{ "trigger", OBJECTS(triggers) },   { "function", OBJECTS(functions) },
	{ "sequence", OBJECTS(sequences) }, { "enum", OBJECTS(enums) },
};
static const struct cli_shape objects_shape = { .what = "a list of objects",
						.fields = object_fields,
						.size = sizeof(struct objects),
						.or_field = &object_fields[0] };

static const struct cli_field failure_fields[] = {
	{ "message", CLI_FIELD_TEXT, offsetof(struct failure, message), .doc = "Is in what is said of it." },
	{ "code", CLI_FIELD_TEXT, offsetof(struct failure, code), .doc = "`WB_ESQL`, or the server's: `\"23505\"`." },
	END,
};
static const struct cli_shape failure_shape = {
	.what = "an error", .fields = failure_fields, .size = sizeof(struct failure), .or_field = &failure_fields[0]
};

#define STEP(field) offsetof(struct step, field)
#define ACT(id) .one_of = WB_TEST_##id
static const struct cli_field step_fields[] = {
	{ "up", CLI_FIELD_TEXT, STEP(text), ACT(UP),
	  .doc = "Applies what is pending up to this version; `latest`: all." },
	{ "down", CLI_FIELD_TEXT, STEP(text), ACT(DOWN),
	  .doc = "Reverts to this version, which stays; `\"0\"`: everything; `last`: the newest one." },
	{ "redo", CLI_FIELD_BOOL, STEP(flag), ACT(REDO), .doc = "`true`: the newest one, down and up." },
	{ "resume", CLI_FIELD_BOOL, STEP(flag), ACT(RESUME), .doc = "`true`: goes on with what was interrupted." },
	{ "sql", CLI_FIELD_TEXT, STEP(text), ACT(SQL), .doc = "Statements." },
	{ "fill", CLI_FIELD_NUMBER, STEP(number), ACT(FILL),
	  .doc = "So many made-up rows for every table that has none." },
	{ "transform", CLI_FIELD_TEXT, STEP(text), ACT(TRANSFORM), .doc = "A file of rules (docs/transform.md)." },
	{ "check", CLI_FIELD_TEXT, STEP(text), ACT(CHECK),
	  .doc = "A suite of checks, which has to pass (docs/checks.md)." },
	{ "holds", CLI_FIELD_TEXT, STEP(text), ACT(TRUE), .doc = "A query whose first value has to be true." },
	{ "query", CLI_FIELD_TEXT, STEP(text), ACT(EQUALS), .doc = "A query; with `equals` or `rows`." },
	{ "exists", CLI_FIELD_MAP, STEP(objects), .shape = &objects_shape, ACT(EXISTS),
	  .doc = "What there has to be." },
	{ "missing", CLI_FIELD_MAP, STEP(objects), .shape = &objects_shape, ACT(MISSING),
	  .doc = "What there may not be." },
	{ "version", CLI_FIELD_TEXT, STEP(text), ACT(VERSION), .doc = "The newest version applied; `\"0\"`: none is." },
	{ "schema", CLI_FIELD_TEXT, STEP(text), ACT(SCHEMA),
	  .doc = "`setup`: the schema is what it was after the setup; else that of a snapshot or folder." },
	{ "equals", CLI_FIELD_TEXT, STEP(equals), .doc = "What the query's first value has to be; `null` for NULL." },
	{ "rows", CLI_FIELD_TEXTS, STEP(rows),
	  .doc = "What the query's rows have to be, each a text: its values with a blank, a bar and a blank between "
		 "them." },
	{ "kill_at", CLI_FIELD_NUMBER, STEP(kill_at),
	  .doc = "The process is killed before this statement (of `transform`: this batch); that is what the step is "
		 "for." },
	{ "fail_at", CLI_FIELD_NUMBER, STEP(fail_at), .doc = "The call of the database fails there." },
	{ "error", CLI_FIELD_MAP, STEP(error), .shape = &failure_shape,
	  .doc = "The step has to fail, with this in its message; `any`: however." },
	{ "within", CLI_FIELD_DURATION, STEP(within), .doc = "How long it may take." },
	{ "rows_per_second", CLI_FIELD_NUMBER, STEP(rows_per_second),
	  .doc = "How many at least: the rows of all tables before it, by its time." },
	{ "memory_mb", CLI_FIELD_NUMBER, STEP(memory_mb), .doc = "Memory that the process may have." },
	{ "growth_mb", CLI_FIELD_NUMBER, STEP(growth_mb), .doc = "By how much the database may grow." },
	END,
};
static const struct cli_shape step_shape = { .what = "a step",
					     .fields = step_fields,
					     .size = sizeof(struct step),
					     .has_mark = true,
					     .mark = STEP(at),
					     .has_one_of = true,
					     .one_of = STEP(act) };

#define SCENARIO(field) offsetof(struct scenario, field)
static const struct cli_field scenario_fields[] = {
	{ "name", CLI_FIELD_TEXT, SCENARIO(name), .required = true, .doc = "What it is called." },
	{ "description", CLI_FIELD_TEXT, SCENARIO(description), .doc = "For people." },
	{ "tags", CLI_FIELD_TEXTS, SCENARIO(tags), .doc = "In place of those of the file; `--tags` chooses by them." },
	{ "timeout", CLI_FIELD_DURATION, SCENARIO(timeout), .doc = "It is ended after so long; 30s." },
	{ "skip", CLI_FIELD_TEXT, SCENARIO(skip), .doc = "It is not run, and this is why." },
	{ "expect", CLI_FIELD_CHOICE, SCENARIO(expect), .choices = "success|failure",
	  .doc = "`failure`: one of its steps has to fail; what stands under `assert` is looked at all the same." },
	{ "setup", CLI_FIELD_ITEMS, SCENARIO(setup), .shape = &step_shape, .doc = "Steps before what is tested." },
	{ "steps", CLI_FIELD_ITEMS, SCENARIO(steps), .shape = &step_shape, .doc = "What is tested." },
	{ "assert", CLI_FIELD_ITEMS, SCENARIO(assertions), .shape = &step_shape, .doc = "What has to hold then." },
	{ "cleanup", CLI_FIELD_ITEMS, SCENARIO(cleanup), .shape = &step_shape,
	  .doc = "Steps that are run in any case. The scratch database goes by itself." },
	END,
};
static const struct cli_shape scenario_shape = { .what = "a scenario",
						 .fields = scenario_fields,
						 .size = sizeof(struct scenario),
						 .has_mark = true,
						 .mark = SCENARIO(at) };

static const struct cli_field file_fields[] = {
	{ "suite", CLI_FIELD_TEXT, offsetof(struct file, suite), .required = true,
	  .doc = "What they are called together; `--suites` chooses by it." },
	{ "description", CLI_FIELD_TEXT, offsetof(struct file, description), .doc = "For people." },
	{ "tags", CLI_FIELD_TEXTS, offsetof(struct file, tags), .doc = "Of scenarios that say none." },
	{ "timeout", CLI_FIELD_DURATION, offsetof(struct file, timeout), .doc = "Of scenarios that say none." },
	{ "scenarios", CLI_FIELD_ITEMS, offsetof(struct file, scenarios), .shape = &scenario_shape, .required = true,
	  .doc = "The scenarios." },
	END,
};
static const struct cli_shape file_shape = { .what = "a file of scenarios",
					     .fields = file_fields,
					     .size = sizeof(struct file) };

/* ---- into the library's structs ---- */

struct reading {
	struct wb_arena *a;
	const struct cli_shaped *file;
	struct wb_error *err;
};

static int wrong(struct reading *r, const struct cli_mark *at, const char *what)
{
	wb_err_set(r->err, WB_EINPUT, "%s", what);
	cli_shape_place(r->file, at, r->err);
	return WB_EINPUT;
}

static int check_step(struct reading *r, const struct step *s)
{
	bool query = s->act == WB_TEST_EQUALS;
	const struct {
		bool is_wrong;
		const char *what;
	} rules[] = {
		{ query && !s->equals == !s->rows.n, "a query needs either `equals` or `rows`" },
		{ !query && (s->equals || s->rows.n), "`equals` and `rows` are for a query" },
		{ s->kill_at && s->fail_at, "`kill_at` and `fail_at` exclude each other" },
		{ (s->kill_at || s->fail_at) && s->act > WB_TEST_RESUME && s->act != WB_TEST_TRANSFORM,
		  "only migrations and transformations can be struck" },
		{ (s->act == WB_TEST_REDO || s->act == WB_TEST_RESUME) && s->flag != CLI_FIELD_YES,
		  "`redo` and `resume` are `true`, or not there" },
		{ s->act == WB_TEST_FILL && !s->number, "`fill` needs at least one row" },
	};
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(rules); i++)
		if (rules[i].is_wrong)
			return wrong(r, &s->at, rules[i].what);
	return 0;
}

static int take_objects(struct reading *r, const struct step *s, struct wb_named_values *ret)
{
	struct wb_named_value *v;
	size_t n = 0, i, k;

	for (i = 0; i < WB_ARRAY_LEN(object_kinds); i++)
		n += ((const struct wb_texts *)(const void *)((const char *)&s->objects + object_kinds[i].offset))->n;
	v = wb_arena_array(r->a, n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(r->err);
	for (n = 0, i = 0; i < WB_ARRAY_LEN(object_kinds); i++) {
		const struct wb_texts *list = (const void *)((const char *)&s->objects + object_kinds[i].offset);

		for (k = 0; k < list->n; k++)
			v[n++] = (struct wb_named_value){ object_kinds[i].kind, list->v[k] };
	}
	*ret = (struct wb_named_values){ v, n };
	return n ? 0 : wrong(r, &s->at, "no object is named");
}

/* Beside the file of scenarios. */
static int take_path(struct reading *r, const char **text)
{
	const char *slash = strrchr(r->file->file, '/'), *dir;

	if (!slash)
		return 0;
	dir = wb_arena_sv(r->a, wb_sv(r->file->file, slash == r->file->file ? 1 : (size_t)(slash - r->file->file)));
	*text = dir ? wb_fs_join(r->a, dir, *text) : NULL;
	return *text ? 0 : wb_err_nomem(r->err);
}

static bool names_a_file(const struct wb_test_step *s)
{
	if (s->act == WB_TEST_TRANSFORM || s->act == WB_TEST_CHECK)
		return true;
	return s->act == WB_TEST_SCHEMA && strcmp(s->text, "setup") != 0 && !strchr(s->text, ':');
}

static int take_step(struct reading *r, const struct step *s, struct wb_test_step *to)
{
	bool any = s->error.message && strcmp(s->error.message, "any") == 0;
	int rc = check_step(r, s);

	*to = (struct wb_test_step){
		.act = s->rows.n ? WB_TEST_ROWS : (enum wb_test_act)s->act,
		.text = s->text,
		.value = s->equals,
		.rows = s->rows,
		.number = s->number,
		.kill_at = s->kill_at,
		.fail_at = s->fail_at,
		.fails = s->error.code || s->error.message,
		.error_code = s->error.code,
		.error_message = any ? NULL : s->error.message,
		.limits = { s->within, s->rows_per_second, s->memory_mb * 1024, s->growth_mb * 1024 },
		.line = s->at.line,
		.column = s->at.column,
	};
	if (rc == 0 && (s->act == WB_TEST_EXISTS || s->act == WB_TEST_MISSING))
		rc = take_objects(r, s, &to->objects);
	return rc == 0 && names_a_file(to) ? take_path(r, &to->text) : rc;
}

static int take_steps(struct reading *r, const struct cli_items *items, struct wb_test_steps *to)
{
	struct wb_test_step *v = wb_arena_array(r->a, items->n + 1, sizeof(*v));
	int rc = v ? 0 : wb_err_nomem(r->err);
	size_t i;

	for (i = 0; rc == 0 && i < items->n; i++)
		rc = take_step(r, (const struct step *)items->v + i, &v[i]);
	*to = (struct wb_test_steps){ v, items->n };
	return rc;
}

static int take_scenario(struct reading *r, const struct file *file, const struct scenario *s,
			 struct wb_test_scenario *to)
{
	int rc;

	*to = (struct wb_test_scenario){
		.name = s->name,
		.suite = file->suite,
		.description = s->description,
		.file = r->file->file,
		.line = s->at.line,
		.tags = s->tags.n ? s->tags : file->tags,
		.timeout_ms = s->timeout ? s->timeout : file->timeout,
		.skip = s->skip,
		.fails = s->expect == 2,
	};
	if (!s->steps.n && !s->assertions.n && !s->skip)
		return wrong(r, &s->at, "a scenario needs `steps` or `assert`");
	rc = take_steps(r, &s->setup, &to->setup);
	if (rc == 0)
		rc = take_steps(r, &s->steps, &to->steps);
	if (rc == 0)
		rc = take_steps(r, &s->assertions, &to->assertions);
	return rc < 0 ? rc : take_steps(r, &s->cleanup, &to->cleanup);
}

int cli_scenarios_read(struct wb_arena *a, const char *path, struct cli_scenarios *list, struct wb_error *err)
{
	struct cli_shaped shaped;
	struct file *file = wb_arena_alloc(a, sizeof(*file));
	struct reading r = { a, &shaped, err };
	int rc = file ? cli_shape_read(a, path, &file_shape, "scenarios", &shaped, file, err) : wb_err_nomem(err);
	size_t i;

	for (i = 0; rc == 0 && i < file->scenarios.n; i++) {
		struct wb_test_scenario one;

		rc = take_scenario(&r, file, (const struct scenario *)file->scenarios.v + i, &one);
		if (rc == 0 && !wb_vec_push(list, one))
			rc = wb_err_nomem(err);
	}
	return rc;
}

/* ---- documentation ---- */

static void table(struct wb_out *out, const char *title, const struct cli_shape *shape)
{
	wb_out_addf(out, "\n### %s\n\n| key | value | meaning |\n|---|---|---|\n", title);
	cli_shape_docs(out, shape, "");
}

void cli_scenarios_docs(struct wb_out *out)
{
	table(out, "The file", &file_shape);
	table(out, "A scenario: an item of `scenarios`", &scenario_shape);
	table(out, "A step: an item of `setup`, `steps`, `assert`, `cleanup`", &step_shape);
	table(out, "Objects: `exists` and `missing`", &objects_shape);
	table(out, "An error: `error`", &failure_shape);
}
