/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel status: where the databases stand.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	bool exit_code;
};

struct one {
	struct wb_status *status;
	struct wb_error error;
};

/* 1 for pending migrations and problems, where --exit-code asks. */
static bool is_wrong(const struct wb_problem *p)
{
	/* `up` goes on with what has failed half-way, so it only warns; a gate must not open for it. */
	return !p->warning || strcmp(p->kind, "failed") == 0 || strcmp(p->kind, "half_done") == 0;
}

static int answer(const struct wb_status *s)
{
	for (size_t i = 0; i < s->n_problems; i++)
		if (is_wrong(&s->problems[i]))
			return 1;
	return s->n_pending > 0;
}

static int look(struct cli *cli, const struct cli_target *target, struct one *one)
{
	cli_autoclose *context = NULL;
	int rc = cli_open(cli, target, &context, &one->error);

	if (rc == 0)
		rc = wb_status(context, &one->status, &one->error);
	return rc;
}

/* One database's error is the command's; of several, each has its own place in the result. */
static int look_at_all(struct cli *cli, struct one *all, struct wb_status_of *of, struct wb_error *err)
{
	int status = 0, code;
	size_t i;

	for (i = 0; i < cli->n_targets; i++) {
		int rc = look(cli, &cli->targets[i], &all[i]);

		if (rc < 0 && (cli->n_targets == 1 || rc == WB_ENOMEM || rc == WB_ECANCELLED)) {
			*err = all[i].error;
			return rc;
		}
		code = rc < 0                                              ? wb_code_exit_status(rc)
		       : ((const struct options *)cli->options)->exit_code ? answer(all[i].status)
									   : 0;
		status = code > status ? code : status;
		of[i] = (struct wb_status_of){ cli->targets[i].name, all[i].status, &all[i].error };
	}
	return status;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct one *all = calloc(cli->n_targets, sizeof(*all));
	struct wb_status_of *of = calloc(cli->n_targets, sizeof(*of));
	int status, rc = 0;
	size_t i;

	if (!all || !of) {
		free(all);
		free(of);
		return wb_err_nomem(err);
	}
	status = look_at_all(cli, all, of, err);
	if (status >= 0)
		rc = wb_report_status(&cli->out, (enum wb_format)cli->g.output, of, cli->n_targets, cli->n_targets > 1,
				      cli->g.verbose > 0, err);
	for (i = 0; i < cli->n_targets; i++)
		wb_status_free(all[i].status);
	free(all);
	free(of);
	return status < 0 ? status : rc < 0 ? rc : status;
}

static const struct cli_option options[] = {
	{ "exit-code", 0, CLI_FLAG, .offset = offsetof(struct options, exit_code),
	  .help = "answer 1 when anything is pending or wrong" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "status", "what is applied, what is pending" },
	{ "status --exit-code -q", "for a deployment gate" },
	{ "status -o json", "for programs" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "looked" },
	{ 1, "with --exit-code: something is pending or wrong" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_status = {
	.name = "status",
	.summary = "where the database stands: applied, pending, failed, problems",
	.about = "Only reads: it creates nothing in the database, works with a read-only role and on a standby. "
		 "Without -d it goes over all configured databases.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_EACH_DATABASE,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
