/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules: the keys that they have, and what becomes of them.
 */
#include "cli/rules.h"

#include "cli/cli.h"

#include "base/banned.h"

struct check {
	int which;
	const char *original, *transformed, *message;
};
struct rule {
	const char *id, *description, *source, *query, *target, *filter, *max_errors, *rejects;
	struct wb_texts key, columns_as_they_are, conflict_key, depends, command, fields, set_new;
	struct wb_named_values columns, set;
	struct cli_items checks;
	int on_conflict, on_error;
	int64_t batch_size, priority, pause;
	struct cli_mark at;
};
struct file {
	const char *description;
	int64_t batch_size, pause;
	int continue_on_error, validate_each;
	struct cli_items rules;
};

static const struct cli_field check_fields[] = {
	{ "original", CLI_FIELD_TEXT, offsetof(struct check, original), .one_of = 1,
	  .doc = "SQL condition on the row of the source." },
	{ "transformed", CLI_FIELD_TEXT, offsetof(struct check, transformed), .one_of = 2,
	  .doc = "SQL condition on the new values (`transformed.name`) and the row they come from (`original.name`)." },
	{ "message", CLI_FIELD_TEXT, offsetof(struct check, message),
	  .doc = "The reason that a rejected row gets; without it the condition." },
	{ .name = NULL },
};
static const struct cli_shape check_shape = { .what = "a check",
					      .fields = check_fields,
					      .size = sizeof(struct check),
					      .has_one_of = true,
					      .one_of = offsetof(struct check, which) };

static const struct cli_field rule_fields[] = {
	{ "id", CLI_FIELD_TEXT, offsetof(struct rule, id), .required = true,
	  .doc = "Name of the rule, in the journal too." },
	{ "description", CLI_FIELD_TEXT, offsetof(struct rule, description), .doc = "For people." },
	{ "source", CLI_FIELD_TEXT, offsetof(struct rule, source), .doc = "Table that is read." },
	{ "query", CLI_FIELD_TEXT, offsetof(struct rule, query), .doc = "A SELECT in place of a table." },
	{ "key", CLI_FIELD_TEXTS, offsetof(struct rule, key), .required = true,
	  .doc = "Columns that tell the rows of the source apart; it is walked in their order." },
	{ "target", CLI_FIELD_TEXT, offsetof(struct rule, target),
	  .doc = "Table that is written; without it the source is changed in place." },
	{ "columns", CLI_FIELD_VALUES, offsetof(struct rule, columns),
	  .doc = "Column of the target, and the SQL expression that gives its value. The source's row is called "
		 "`original`." },
	{ "same_columns", CLI_FIELD_TEXTS, offsetof(struct rule, columns_as_they_are),
	  .doc = "Columns that are taken over under the same name." },
	{ "filter", CLI_FIELD_TEXT, offsetof(struct rule, filter), .doc = "SQL condition: which rows." },
	{ "checks", CLI_FIELD_ITEMS, offsetof(struct rule, checks), &check_shape,
	  .doc = "What has to be true of a row; one for which it is not is rejected." },
	{ "on_conflict", CLI_FIELD_CHOICE, offsetof(struct rule, on_conflict), .choices = "fail|ignore|update",
	  .doc = "When the target has such a row: `fail` (default; the row is rejected), `ignore` or `update`." },
	{ "conflict_key", CLI_FIELD_TEXTS, offsetof(struct rule, conflict_key),
	  .doc = "Columns of the target that are unique." },
	{ "set", CLI_FIELD_VALUES, offsetof(struct rule, set),
	  .doc = "What an update sets: column and SQL; the new row is called `excluded`. Without `set` and `set_new` "
		 "every column but the key." },
	{ "set_new", CLI_FIELD_TEXTS, offsetof(struct rule, set_new),
	  .doc = "Columns that an update sets to their new values." },
	{ "batch_size", CLI_FIELD_NUMBER, offsetof(struct rule, batch_size),
	  .doc = "Rows of a transaction. Without it: what the database does in about a quarter of a second." },
	{ "pause", CLI_FIELD_DURATION, offsetof(struct rule, pause), .doc = "Rest between two batches." },
	{ "priority", CLI_FIELD_NUMBER, offsetof(struct rule, priority), .doc = "Lower ones first; 100." },
	{ "depends", CLI_FIELD_TEXTS, offsetof(struct rule, depends), .doc = "Rules that have to be done before." },
	{ "on_error", CLI_FIELD_CHOICE, offsetof(struct rule, on_error), .choices = "stop|collect|continue",
	  .doc = "When a row is rejected: `stop` (default), `collect` it in a table with the reason, or `continue` and "
		 "only count." },
	{ "max_errors", CLI_FIELD_TEXT, offsetof(struct rule, max_errors),
	  .doc = "More rejected rows stop the rule: a number, or a share of the rows so far (`1%`)." },
	{ "rejects", CLI_FIELD_TEXT, offsetof(struct rule, rejects),
	  .doc = "Table of rejected rows, made when it is not there; without it the journal's `transform_rejects`." },
	{ "command", CLI_FIELD_TEXTS, offsetof(struct rule, command),
	  .doc = "Program and arguments that rows go through as JSON lines." },
	{ "fields", CLI_FIELD_TEXTS, offsetof(struct rule, fields),
	  .doc = "Columns of the target that the program's objects have." },
	{ .name = NULL },
};
static const struct cli_shape rule_shape = { .what = "a rule",
					     .fields = rule_fields,
					     .size = sizeof(struct rule),
					     .has_mark = true,
					     .mark = offsetof(struct rule, at) };

static const struct cli_field file_fields[] = {
	{ "description", CLI_FIELD_TEXT, offsetof(struct file, description), .doc = "For people." },
	{ "batch_size", CLI_FIELD_NUMBER, offsetof(struct file, batch_size), .doc = "Of rules that do not say it." },
	{ "pause", CLI_FIELD_DURATION, offsetof(struct file, pause), .doc = "Of rules that do not say it." },
	{ "continue_on_error", CLI_FIELD_BOOL, offsetof(struct file, continue_on_error),
	  .doc = "As `--continue-on-error`." },
	{ "validate_each", CLI_FIELD_BOOL, offsetof(struct file, validate_each), .doc = "`false`: as `--no-checks`." },
	{ "rules", CLI_FIELD_ITEMS, offsetof(struct file, rules), &rule_shape, .required = true, .doc = "The rules." },
	{ .name = NULL },
};
static const struct cli_shape file_shape = { .what = "a file of rules",
					     .fields = file_fields,
					     .size = sizeof(struct file) };

/* ---- into the library's structs ---- */

struct reading {
	struct wb_arena *a;
	const struct cli_shaped *file;
	const struct file *of;
	struct wb_error *err;
};

static int wrong_errors(struct reading *r, const struct rule *from)
{
	wb_err_set(r->err, WB_EINPUT, "max_errors cannot be \"%s\"", from->max_errors);
	wb_err_hint(r->err, "it is a number of rows, or a share of them: 100, 1%%");
	cli_shape_place(r->file, &from->at, r->err);
	return WB_EINPUT;
}

static int take_errors(struct reading *r, const struct rule *from, struct wb_transform_rule *to)
{
	struct wb_sv text = wb_sv_str(from->max_errors);
	bool share = wb_sv_ends(text, "%");
	int64_t n;

	to->max_errors = -1;
	if (!text.p)
		return 0;
	text.n -= share;
	if (!wb_sv_i64(text, &n) || n < 0 || (share && (n < 1 || n > 100)))
		return wrong_errors(r, from);
	if (share)
		to->max_error_percent = n;
	else
		to->max_errors = n;
	return 0;
}

/* Columns with an expression, then those that keep name and value. */
static int join(struct reading *r, const struct wb_named_values *values, const struct wb_texts *same,
		struct wb_named_values *ret)
{
	struct wb_named_value *v = wb_arena_array(r->a, values->n + same->n + 1, sizeof(*v));
	size_t i;

	if (!v)
		return wb_err_nomem(r->err);
	for (i = 0; i < values->n; i++)
		v[i] = values->v[i];
	for (i = 0; i < same->n; i++)
		v[values->n + i].name = same->v[i];
	ret->v = v;
	ret->n = values->n + same->n;
	return 0;
}

static int take_checks(struct reading *r, const struct rule *from, struct wb_transform_rule *to)
{
	const struct check *checks = from->checks.v;
	struct wb_rule_check *v = wb_arena_array(r->a, from->checks.n + 1, sizeof(*v));
	size_t i;

	if (!v)
		return wb_err_nomem(r->err);
	for (i = 0; i < from->checks.n; i++) {
		v[i].transformed = checks[i].transformed != NULL;
		v[i].condition = v[i].transformed ? checks[i].transformed : checks[i].original;
		v[i].message = checks[i].message;
	}
	to->checks = v;
	to->n_checks = from->checks.n;
	return 0;
}

static int take_rule(struct reading *r, const struct rule *from, struct wb_transform_rule *to)
{
	int rc;

	*to = (struct wb_transform_rule){
		.id = from->id,
		.description = from->description,
		.file = r->file->file,
		.line = from->at.line,
		.source = from->source,
		.query = from->query,
		.key = from->key,
		.target = from->target,
		.filter = from->filter,
		.on_conflict = (enum wb_on_conflict)(from->on_conflict ? from->on_conflict - 1 : 0),
		.conflict_key = from->conflict_key,
		.batch_size = from->batch_size ? from->batch_size : r->of->batch_size,
		.pause_ms = from->pause ? from->pause : r->of->pause,
		.priority = from->priority ? from->priority : 100,
		.depends = from->depends,
		.on_error = (enum wb_on_error)(from->on_error ? from->on_error - 1 : 0),
		.rejects = from->rejects,
		.command = from->command,
		.fields = from->fields,
	};
	rc = take_errors(r, from, to);
	if (rc == 0)
		rc = join(r, &from->columns, &from->columns_as_they_are, &to->columns);
	if (rc == 0)
		rc = join(r, &from->set, &from->set_new, &to->set);
	return rc < 0 ? rc : take_checks(r, from, to);
}

/* text NULL: what the file holds. */
static int read_rules(struct wb_arena *a, const struct wb_sv *text, const char *path, struct cli_rules *rules,
		      struct wb_error *err)
{
	struct cli_shaped shaped;
	struct file *file = wb_arena_alloc(a, sizeof(*file));
	struct reading r = { a, &shaped, file, err };
	size_t i;
	int rc;

	if (!file)
		return wb_err_nomem(err);
	if (text)
		rc = cli_shape_parse(a, *text, path, &file_shape, "rules", &shaped, file, err);
	else
		rc = cli_shape_read(a, path, &file_shape, "rules", &shaped, file, err);
	for (i = 0; rc == 0 && i < file->rules.n; i++) {
		struct wb_transform_rule rule;

		rc = take_rule(&r, (const struct rule *)file->rules.v + i, &rule);
		if (rc == 0 && !wb_vec_push(rules, rule))
			rc = wb_err_nomem(err);
	}
	if (rc < 0)
		return rc;
	rules->continue_on_error |= file->continue_on_error == CLI_FIELD_YES;
	rules->no_checks |= file->validate_each == CLI_FIELD_NO;
	return 0;
}

int cli_rules_read(struct wb_arena *a, const char *path, struct cli_rules *rules, struct wb_error *err)
{
	return read_rules(a, NULL, path, rules, err);
}

int cli_rules_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_rules *rules,
		    struct wb_error *err)
{
	return read_rules(a, &text, path, rules, err);
}

int cli_rules_load(void *user, const char *path, struct wb_transform_rules *ret_rules, struct wb_error *err)
{
	struct cli *cli = user;
	struct cli_rules rules = { 0 };
	int rc = cli_rules_read(&cli->arena, path, &rules, err);
	struct wb_transform_rule *v = wb_arena_array(&cli->arena, rules.n + 1, sizeof(*v));

	if (rc == 0 && !v)
		rc = wb_err_nomem(err);
	if (rc == 0 && rules.n)
		memcpy(v, rules.v, rules.n * sizeof(*v));
	if (rc == 0)
		*ret_rules = (struct wb_transform_rules){ v, rules.n, rules.no_checks };
	free(rules.v);
	return rc;
}

void cli_rules_docs(struct wb_out *out)
{
	cli_shape_docs(out, &file_shape, "");
	cli_shape_docs(out, &rule_shape, "rules[].");
	cli_shape_docs(out, &check_shape, "rules[].checks[].");
}
