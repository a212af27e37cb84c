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

struct settings {
	const struct wb_lint_setting *v;
	size_t n;
};

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
		.settings = s->v,
		.n_settings = s->n,
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
	struct settings s = { NULL, 0 };
	struct one *all = calloc(cli->n_targets, sizeof(*all));
	struct wb_lint_of *of = calloc(cli->n_targets, sizeof(*of));
	int status = all && of ? cli_lint_settings(cli, &s.v, &s.n, err) : wb_err_nomem(err), rc = 0;
	size_t i;

	if (status == 0)
		status = look_at_all(cli, &s, all, of, err);
	if (status >= 0)
		rc = wb_report_lint(&cli->out, (enum wb_format)cli->g.output, of, cli->n_targets, cli->n_targets > 1,
				    err);
	for (i = 0; all && i < cli->n_targets; i++)
		wb_lint_free(all[i].lint);
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
