/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel release: the next version of the schema, proposed from what has
 * changed, and recorded when it is confirmed.
 */
#include "cli/commands.h"
#include "cli/schema_options.h"

#include "base/banned.h"

struct options {
	struct cli_schema_options schema; /* first */
	bool major, minor, patch, dry_run, list;
	const char *notes;
	int64_t timeout;
};

static int fill(struct cli *cli, struct wb_release_options *how, struct wb_error *err)
{
	const struct options *o = cli->options;
	int bumps = o->major + o->minor + o->patch + (cli->n_args > 0);

	if (bumps > 1 || (o->list && (bumps || o->dry_run || o->notes)))
		return wb_err_set(err, WB_EUSAGE, "of VERSION, --major, --minor, --patch and --list only one is meant");
	how->bump = o->major ? "major" : o->minor ? "minor" : o->patch ? "patch" : NULL;
	how->version = cli->n_args ? cli->args[0] : NULL;
	how->notes = o->notes;
	how->wait_ms = o->timeout;
	return 0;
}

static int list(struct cli *cli, struct wb_context *context, struct wb_error *err)
{
	struct wb_releases *all = NULL;
	int rc = wb_releases(context, &all, err);

	if (rc == 0)
		rc = wb_report_releases(&cli->out, (enum wb_format)cli->g.output, all, err);
	wb_releases_free(all);
	return rc;
}

/* Shown where it is asked about. What is then recorded is found out anew, and refused when it has come to need more
 * than what was confirmed. */
static int confirm(struct cli *cli, struct wb_context *context, const struct wb_release_options *how,
		   const char **ret_version, struct wb_error *err)
{
	struct wb_release_options propose = *how;
	struct wb_release *r = NULL;
	const char *question;
	int rc;

	if (cli->g.yes)
		return 0;
	propose.propose = true;
	rc = wb_release(context, &propose, &r, err);
	if (rc < 0)
		return rc;
	if (cli->g.output == WB_FORMAT_TEXT && !cli->g.quiet)
		rc = wb_report_release(&cli->note, WB_FORMAT_TEXT, r, err);
	question = wb_arena_printf(&cli->arena, "This records release %s of the schema", r->version);
	*ret_version = wb_arena_str(&cli->arena, r->version);
	if (rc == 0)
		rc = question && *ret_version ? cli_confirm(cli, question, NULL, err) : wb_err_nomem(err);
	wb_release_free(r);
	return rc;
}

static int release(struct cli *cli, struct wb_context *context, struct wb_release_options *how, struct wb_error *err)
{
	const struct options *o = cli->options;
	const char *confirmed = NULL;
	struct wb_release *r = NULL;
	int rc = 0;

	how->propose = o->dry_run;
	if (!o->dry_run)
		rc = confirm(cli, context, how, &confirmed, err);
	if (confirmed) {
		how->bump = NULL;
		how->version = confirmed;
	}
	if (rc == 0)
		rc = wb_release(context, how, &r, err);
	cli_progress_clear(cli->progress);
	if (rc == 0)
		rc = wb_report_release(&cli->out, (enum wb_format)cli->g.output, r, err);
	wb_release_free(r);
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_release_options how = { .size = sizeof(how), .schema = { .size = sizeof(how.schema) } };
	const struct cli_target *target;
	cli_autoclose *context = NULL;
	int rc = fill(cli, &how, err);

	if (rc == 0)
		rc = cli_one_target(cli, &target, err);
	if (rc == 0)
		rc = cli_schema_fill(cli, target, &how.schema, err);
	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc < 0)
		return rc;
	return o->list ? list(cli, context, err) : release(cli, context, &how, err);
}

static const struct cli_option options[] = {
	{ "major", 0, CLI_FLAG, .offset = offsetof(struct options, major),
	  .help = "programs may fail: 2.0.0 after 1.4.2" },
	{ "minor", 0, CLI_FLAG, .offset = offsetof(struct options, minor), .help = "they have more to use: 1.5.0" },
	{ "patch", 0, CLI_FLAG, .offset = offsetof(struct options, patch), .help = "they need not notice: 1.4.3" },
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run),
	  .help = "say what the release would be, record nothing" },
	{ "list", 0, CLI_FLAG, .offset = offsetof(struct options, list), .help = "the releases so far" },
	{ "notes", 0, CLI_TEXT, "TEXT", .offset = offsetof(struct options, notes), .help = "kept with the release" },
	{ "timeout", 0, CLI_DURATION, "TIME", .min = 1, .offset = offsetof(struct options, timeout),
	  .help = "for how long a run that is under way is waited for (default 1m)" },
	CLI_SCHEMA_ONLY_COUNTS,
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "release --dry-run", "what has changed, and what it means" },
	{ "release", "the version that the changes ask for, once it is confirmed" },
	{ "release 2.3.0", "this very version" },
	{ "diff release:1.2.0", "what has changed since that one" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "recorded, or shown" },
	{ 4, "too small for what has changed, nothing has changed, nothing is applied, or nobody confirmed" },
	{ 5, "migrations are running, and did not end in time" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_release = {
	.name = "release",
	.summary = "the schema's next version, from what has changed since the last one",
	.arguments = "[VERSION]",
	.about = "Compares the database with its schema at the last release. What programs may fail of (a column that "
		 "is gone, a type that holds less, a constraint more) asks for a major version, what gives them more "
		 "for a minor one, everything else for a patch; before 1.0.0 a minor and a patch do. A smaller "
		 "version is refused, a bigger one is not. The first release is 1.0.0 unless a version is given. "
		 "Recorded are the version, which migrations it brings, what breaks, and the schema itself, which "
		 "`diff`, `drift --expected` and `snapshot` know as release:1.2.0 or release:latest.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
