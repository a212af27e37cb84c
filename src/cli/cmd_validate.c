/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel validate: whether files and journal agree.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	const char *against;
	bool reversible, round_trip, breaking, write_sum;
};

struct one {
	struct wb_validation *validation;
	struct wb_error error;
};

static int look(struct cli *cli, const struct cli_target *target, struct one *one)
{
	const struct options *o = cli->options;
	struct wb_validate_options how = {
		.size = sizeof(how),
		.against = o->against,
		.reversible = o->reversible,
		.round_trip = o->round_trip,
		.write_sum = o->write_sum,
		.breaking = o->breaking || target->values[CLI_SET_MARK_BREAKING].number == 1,
		.scratch_url = target->values[CLI_SET_SCRATCH_URL].text,
	};
	cli_autoclose *context = NULL;
	int rc = cli_open(cli, target, &context, &one->error);

	if (rc == 0)
		rc = wb_validate(context, &how, &one->validation, &one->error);
	return rc;
}

static int look_at_all(struct cli *cli, struct one *all, struct wb_validation_of *of, struct wb_error *err)
{
	int status = 0, code;
	size_t i;

	for (i = 0; i < cli->n_targets; i++) {
		const struct cli_target *target = &cli->targets[i];
		int rc = look(cli, target, &all[i]);

		if (rc < 0 && (cli->n_targets == 1 || rc == WB_ENOMEM || rc == WB_ECANCELLED)) {
			*err = all[i].error;
			return rc;
		}
		code = rc < 0 ? wb_code_exit_status(rc) : all[i].validation->valid ? 0 : 1;
		status = code > status ? code : status;
		of[i] = (struct wb_validation_of){ target->name,  all[i].validation,
						   &all[i].error, !target->values[CLI_SET_URL].text,
						   NULL,          NULL };
	}
	return status;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct one *all = calloc(cli->n_targets, sizeof(*all));
	struct wb_validation_of *of = calloc(cli->n_targets, sizeof(*of));
	int status, rc = 0;
	size_t i;

	if (!all || !of) {
		free(all);
		free(of);
		return wb_err_nomem(err);
	}
	status = look_at_all(cli, all, of, err);
	if (status >= 0)
		rc = wb_report_validation(&cli->out, (enum wb_format)cli->g.output, of, cli->n_targets,
					  cli->n_targets > 1, err);
	for (i = 0; i < cli->n_targets; i++)
		wb_validation_free(all[i].validation);
	free(all);
	free(of);
	return status < 0 ? status : rc < 0 ? rc : status;
}

static const struct cli_option options[] = {
	{ "against", 0, CLI_TEXT, "REV", .offset = offsetof(struct options, against),
	  .help = "files that this git revision has may not have been edited" },
	{ "reversible", 0, CLI_FLAG, .offset = offsetof(struct options, reversible),
	  .help = "every migration has to have a way down, its own or one that can be inferred" },
	{ "round-trip", 0, CLI_FLAG, .offset = offsetof(struct options, round_trip),
	  .help = "each up, down and up again on a scratch database: nothing left, no row lost" },
	{ "breaking", 0, CLI_FLAG, .offset = offsetof(struct options, breaking),
	  .help = "what breaks, run on a scratch database, has to be marked `-- Breaking: true`" },
	{ "scratch-url", 0, CLI_TEXT, "URL", .setting = CLI_SET_SCRATCH_URL,
	  .help = "for --breaking: a server on which databases may be made" },
	{ "write-sum", 0, CLI_FLAG, .offset = offsetof(struct options, write_sum),
	  .help = "first write migrations.sum for the files as they are" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "validate", "files, and the journal when there is a database" },
	{ "validate --against origin/main -o github", "in a pull request" },
	{ "validate --breaking --against origin/main", "new files that break say so" },
	{ "validate --write-sum", "branches that both add migrations now conflict in git" },
	{ "validate -o sarif --file whimbrel.sarif", "for code scanning" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "valid" },
	{ 1, "not valid" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_validate = {
	.name = "validate",
	.summary = "whether files and journal agree",
	.about = "Checks names, gaps, duplicates, order, parents, sections and syntax of the files, and, with a "
		 "database, checksums and missing files against its journal, and of SQLite every statement against its "
		 "schema. "
		 "What it finds is what `up` would refuse, or fail at. Without -d it goes over all configured "
		 "databases; without a url only the files are looked "
		 "at.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_DIR | CLI_EACH_DATABASE | CLI_USES_SCRATCH,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_SARIF | 1u << WB_FORMAT_JUNIT | 1u << WB_FORMAT_GITHUB,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
