/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel lint: what is unsafe in migrations, and the safe form.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

enum { FAIL_ERROR, FAIL_WARNING, FAIL_NEVER };

struct options {
	const char *changed_since;
	bool staged, text_only, applied;
	int fail_on;
};

struct one {
	struct wb_lint *lint;
	struct wb_error error;
};

/* ---- what the configuration says of rules ---- */

struct settings {
	struct cli *cli;
	const char *files; /* patterns joined by commas; NULL: everywhere */
	WB_VEC(struct wb_lint_setting) all;
	struct wb_error *err;
};

static int unknown_rule(struct settings *s, struct wb_sv name, const struct cli_entry *entry)
{
	struct cli_guess guess;
	struct wb_lint_rule rule;
	size_t i;

	wb_err_set(s->err, WB_ECONFIG, "there is no rule \"%.*s\"", WB_SV_ARG(name));
	cli_guess_init(&guess, name);
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &rule);
		cli_guess_try(&guess, wb_sv_str(rule.id));
	}
	if (!cli_guess_hint(&guess, "", s->err))
		wb_err_hint(s->err, "`whimbrel explain` lists them");
	cli_config_place(s->cli->config, entry, s->err);
	return WB_ECONFIG;
}

static int add_rule(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct settings *s = user;
	struct wb_sv rest = wb_sv_str(s->files), pattern;
	const char *copy = wb_arena_sv(&s->cli->arena, name);
	struct wb_lint_rule rule;
	struct wb_lint_setting setting;
	bool ok = copy != NULL;

	if (!ok)
		return wb_err_nomem(s->err);
	if (!wb_lint_rule_find(copy, &rule))
		return unknown_rule(s, name, entry);
	setting = (struct wb_lint_setting){
		.rule = copy, .level = (enum wb_lint_level)cli_choice_index(entry->key->choices, wb_sv_str(entry->text))
	};
	if (!s->files)
		ok = wb_vec_push(&s->all, setting);
	while (ok && s->files && wb_sv_cut(&rest, ',', &pattern)) {
		setting.files = wb_arena_sv(&s->cli->arena, pattern);
		ok = setting.files && wb_vec_push(&s->all, setting);
	}
	return ok ? 0 : wb_err_nomem(s->err);
}

static int add_override(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct settings *s = user;
	const struct cli_entry *files = cli_config_get(s->cli->config, "lint.overrides.%.*s.files", WB_SV_ARG(name));
	const struct cli_entry *reason = cli_config_get(s->cli->config, "lint.overrides.%.*s.reason", WB_SV_ARG(name));
	const char *prefix = wb_arena_printf(&s->cli->arena, "lint.overrides.%.*s.rules.", WB_SV_ARG(name));

	if (!prefix)
		return wb_err_nomem(s->err);
	if (!files || !files->text[0] || !reason || !reason->text[0]) {
		wb_err_set(s->err, WB_ECONFIG, "lint.overrides.%.*s does not say %s", WB_SV_ARG(name),
			   files && files->text[0] ? "why" : "which files it is for");
		wb_err_hint(
			s->err,
			"it needs files: \"V00*\" and a reason: of one sentence; what holds everywhere stands under "
			"lint.rules");
		cli_config_place(s->cli->config, entry, s->err);
		return WB_ECONFIG;
	}
	s->files = files->text;
	return cli_config_children(s->cli->config, prefix, add_rule, s);
}

static int read_settings(struct settings *s)
{
	int rc = cli_config_children(s->cli->config, "lint.rules.", add_rule, s);

	return rc < 0 ? rc : cli_config_children(s->cli->config, "lint.overrides.", add_override, s);
}

static int fail_on(const struct cli *cli)
{
	const struct options *o = cli->options;
	const struct cli_entry *entry = cli_config_get(cli->config, "lint.fail_on");
	bool said = false;
	size_t i;

	for (i = 0; cli->command->options[i].name; i++)
		said |= cli->seen_command[i] && strcmp(cli->command->options[i].name, "fail-on") == 0;
	if (said || !entry)
		return o->fail_on;
	return cli_choice_index(entry->key->choices, wb_sv_str(entry->text));
}

/* ---- looking ---- */

static int look(struct cli *cli, const struct cli_target *target, const struct settings *s, struct one *one)
{
	const struct options *o = cli->options;
	const struct wb_lint_options how = {
		.size = sizeof(how),
		.files = cli->args,
		.n_files = cli->n_args,
		.changed_since = o->changed_since,
		.staged = o->staged,
		.offline = o->text_only,
		.applied = o->applied,
		.settings = s->all.v,
		.n_settings = s->all.n,
	};
	cli_autoclose *context = NULL;
	int rc = cli_open(cli, target, &context, &one->error);

	return rc < 0 ? rc : wb_lint(context, &how, &one->lint, &one->error);
}

static int answer(const struct wb_lint *lint, int fail)
{
	if (fail == FAIL_NEVER)
		return 0;
	if (lint->critical)
		return 2;
	return lint->count[WB_LINT_ERROR] || (fail == FAIL_WARNING && lint->count[WB_LINT_WARNING]);
}

static int look_at_all(struct cli *cli, const struct settings *s, struct one *all, struct wb_lint_of *of,
		       struct wb_error *err)
{
	int status = 0, code, fail = fail_on(cli);
	size_t i;

	for (i = 0; i < cli->n_targets; i++) {
		int rc = look(cli, &cli->targets[i], s, &all[i]);

		if (rc < 0 && (cli->n_targets == 1 || rc == WB_ENOMEM || rc == WB_ECANCELLED)) {
			*err = all[i].error;
			return rc;
		}
		code = rc < 0 ? wb_code_exit_status(rc) : answer(all[i].lint, fail);
		status = code > status ? code : status;
		of[i] = (struct wb_lint_of){ cli->targets[i].name, all[i].lint, &all[i].error };
	}
	return status;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct settings s = { .cli = cli, .err = err };
	struct one *all = calloc(cli->n_targets, sizeof(*all));
	struct wb_lint_of *of = calloc(cli->n_targets, sizeof(*of));
	int status = all && of ? read_settings(&s) : wb_err_nomem(err), rc = 0;
	size_t i;

	if (status == 0)
		status = look_at_all(cli, &s, all, of, err);
	if (status >= 0)
		rc = wb_report_lint(&cli->out, (enum wb_format)cli->g.output, of, cli->n_targets, cli->n_targets > 1,
				    err);
	for (i = 0; all && i < cli->n_targets; i++)
		wb_lint_free(all[i].lint);
	wb_vec_done(&s.all);
	free(all);
	free(of);
	return status < 0 ? status : rc < 0 ? rc : status;
}

static const struct cli_option options[] = {
	{ "changed-since", 0, CLI_TEXT, "REV", .offset = offsetof(struct options, changed_since),
	  .help = "files that are new or changed since this git revision: for pull requests" },
	{ "staged", 0, CLI_FLAG, .offset = offsetof(struct options, staged),
	  .help = "files that the next commit adds or changes: for a pre-commit hook" },
	{ "fail-on", 0, CLI_CHOICE, "SEVERITY", .choices = "error|warning|never",
	  .offset = offsetof(struct options, fail_on),
	  .help = "from which severity on the answer is no; error unless whimbrel.yaml says otherwise" },
	{ "text-only", 0, CLI_FLAG, .offset = offsetof(struct options, text_only),
	  .help = "ask no database, though one is configured" },
	{ "applied", 0, CLI_FLAG, .offset = offsetof(struct options, applied),
	  .help = "with a database: also files that it has run already" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "lint", "all files; with a database those that wait to be run" },
	{ "lint --changed-since origin/main -o github", "in a pull request" },
	{ "lint --staged --text-only", "before a commit" },
	{ "lint -o sarif --file whimbrel.sarif", "for code scanning" },
	{ "lint migrations/V042__email.sql", "one file" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "nothing unsafe" },
	{ 1, "findings of the severity of --fail-on" },
	{ 2, "an error that loses data" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_lint = {
	.name = "lint",
	.summary = "what is unsafe in migrations, why, and the safe form",
	.arguments = "[FILE...]",
	.about = "Reads migrations with the engines' own parsers and tells what locks others out, fails on a table "
		 "with rows, breaks running "
		 "programs or loses data, each with SQL that does it safely; `explain` tells more of a rule. With a "
		 "database its sizes, "
		 "version and catalog count, and files it has run are left out; without one the text alone counts, and "
		 "what could not be "
		 "known is listed. `-- whimbrel:ignore RULE why` takes a finding back; `lint:` in whimbrel.yaml sets "
		 "severities.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_USES_DIR | CLI_EACH_DATABASE,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_SARIF | 1u << WB_FORMAT_JUNIT | 1u << WB_FORMAT_GITHUB,
	.max_args = -1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
