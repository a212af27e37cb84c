/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel drift: the database beside what its applied migrations have made.
 */
#include "cli/commands.h"
#include "cli/schema_options.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/banned.h"

#define EXIT_REFUSED 4

struct options {
	struct cli_schema_options schema; /* first */
	const char *expected;
	bool replay, record, store, sql, allow_destructive, no_indexes, gate;
	int64_t timeout;
};

static int look(struct cli *cli, struct wb_context *context, const struct wb_schema_options *so,
		struct wb_drift **ret_drift, struct wb_error *err)
{
	const struct options *o = cli->options;
	const struct wb_drift_options how = { .size = sizeof(how),
					      .schema = *so,
					      .expected = o->expected,
					      .replay = o->replay,
					      .record = o->record,
					      .wait_ms = o->timeout,
					      .gate = o->gate,
					      .indexes = !o->no_indexes && !o->sql };

	return wb_drift(context, &how, ret_drift, err);
}

/* A step of GitHub's has a page of its own, for Markdown. */
static int add_to_step_summary(const struct wb_drift_report *r, struct wb_error *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct wb_out page = WB_OUT_MEMORY;
	int rc, fd = path && *path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;

	if (fd < 0)
		return path && *path ? wb_err_errno(err, WB_EIO, "cannot write %s", path) : 0;
	rc = wb_report_drift(&page, WB_FORMAT_MARKDOWN, r, err);
	if (rc == 0)
		rc = wb_fs_write(fd, page.buf.p, page.buf.n, path, err);
	wb_out_done(&page);
	if (close(fd) != 0 && rc == 0)
		rc = wb_err_errno(err, WB_EIO, "cannot write %s", path);
	return rc;
}

static int tell(struct cli *cli, const struct cli_target *target, const struct wb_drift *drift,
		const struct wb_plan *effects, struct wb_error *err)
{
	const struct options *o = cli->options;
	const struct wb_drift_report r = { .drift = drift,
					   .effects = effects,
					   .name = target->name,
					   .recorded = o->record,
					   .allow_destructive = o->allow_destructive,
					   .sql_only = o->sql };
	int rc = wb_report_drift(&cli->out, (enum wb_format)cli->g.output, &r, err);

	if (rc == 0 && cli->g.output == WB_FORMAT_GITHUB)
		rc = add_to_step_summary(&r, err);
	if (rc == 0)
		cli_tell_destruction(cli, drift->comparison, o->allow_destructive);
	if (rc < 0 || drift->comparison->n_differences == 0)
		return rc;
	return o->gate ? EXIT_REFUSED : drift->comparison->critical ? 2 : 1;
}

static int store(struct cli *cli, struct wb_context *context, const struct wb_schema_options *so, struct wb_error *err)
{
	int rc = wb_snapshot_store(context, so, err);

	if (rc == 0)
		cli_say(cli, WB_LOG_INFO, "The schema as it is now is what `drift` expects from here on.");
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	const struct cli_target *target;
	struct wb_schema_options so = { .size = sizeof(so) };
	struct wb_drift *drift = NULL;
	struct wb_plan *effects = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_one_target(cli, &target, err);

	if (rc == 0)
		rc = cli_schema_fill(cli, target, &so, err);
	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc == 0 && o->store)
		return store(cli, context, &so, err);
	if (rc == 0)
		rc = look(cli, context, &so, &drift, err);
	if (rc == 0 && !(o->sql && cli->g.output == WB_FORMAT_TEXT) && cli->g.output != WB_FORMAT_JUNIT)
		rc = cli_schema_effects(cli, context, drift->actual, drift->comparison, o->allow_destructive, &effects,
					err);
	if (rc == 0)
		rc = tell(cli, target, drift, effects, err);
	wb_plan_free(effects);
	wb_drift_free(drift);
	return rc;
}

static const struct cli_option options[] = {
	{ "expected", 0, CLI_TEXT, "WHAT", .offset = offsetof(struct options, expected),
	  .help = "a snapshot, a folder of migrations or a URL" },
	{ "replay", 0, CLI_FLAG, .offset = offsetof(struct options, replay),
	  .help = "run the migrations, though a snapshot is kept" },
	{ "record", 0, CLI_FLAG, .offset = offsetof(struct options, record),
	  .help = "open and resolve alerts in schema_drift_alerts" },
	{ "store", 0, CLI_FLAG, .offset = offsetof(struct options, store),
	  .help = "the drift is wanted: keep it as what to expect" },
	{ "sql", 0, CLI_FLAG, .offset = offsetof(struct options, sql), .help = "only the SQL that undoes the drift" },
	{ "allow-destructive", 0, CLI_FLAG, .offset = offsetof(struct options, allow_destructive),
	  .help = "what destroys data is SQL, not a comment" },
	{ "gate", 0, CLI_FLAG, .offset = offsetof(struct options, gate),
	  .help = "before an `up`: exit status 4 when it has drifted" },
	{ "no-indexes", 0, CLI_FLAG, .offset = offsetof(struct options, no_indexes),
	  .help = "say nothing about missing and bad indexes" },
	{ "timeout", 0, CLI_DURATION, "TIME", .min = 1, .offset = offsetof(struct options, timeout),
	  .help = "how long a run under way is waited for (1m)" },
	CLI_SCHEMA_COUNTS,
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "drift", "against the kept snapshot, or the applied migrations run again" },
	{ "drift --record -o json", "every few hours, for a dashboard" },
	{ "drift --expected schema.snapshot -o markdown", "for a pull request" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "no drift" },
	{ 1, "drift" },
	{ 2, "drift, and critical: rows are missing, or would go" },
	{ 3, "a migration failed on the scratch database, or a statement that looks was refused" },
	{ 4, "drift, with --gate; nothing tells what to expect; the role may not make a scratch database" },
	{ 5, "migrations are running, and did not end in time" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_drift = {
	.name = "drift",
	.summary = "how the database differs from what its applied migrations have made",
	.about =
		"What to expect is the snapshot kept after the last run (`snapshots: true`), else what the applied "
		"files make on a scratch database. Files that are still to be applied are pending, not drift. No lock "
		"is taken; a run that is under way is waited for. The SQL undoes the drift; what would destroy data is "
		"a comment.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_USES_DIR | CLI_USES_SCRATCH,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN | 1u << WB_FORMAT_JUNIT | 1u << WB_FORMAT_GITHUB,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
