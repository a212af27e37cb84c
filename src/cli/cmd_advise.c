/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel advise, whimbrel optimize.
 */
#include "cli/bench.h"
#include "cli/cli.h"
#include "cli/commands.h"

#include <unistd.h>

#include "base/banned.h"

struct options {
	int prove;
	int64_t statements, timeout, seed;
	bool dry_run, drops;
};
#define PROOFS "auto|copy|planner"

/* ---- progress ---- */

static bool is_live(const struct cli *cli)
{
	return !cli->g.quiet && isatty(STDERR_FILENO);
}

static void on_progress(void *user, const char *phase, size_t done, size_t total)
{
	const struct cli *cli = user;
	wb_autostr line = WB_STR_INIT;

	if (!is_live(cli))
		return;
	wb_str_addf(&line, "\r\033[K%s", phase);
	if (total)
		wb_str_addf(&line, " %zu %%", done * 100 / total);
	(void)!write(STDERR_FILENO, line.p, line.n);
}

static void clear_line(const struct cli *cli)
{
	if (is_live(cli))
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
}

/* ---- both ---- */

static struct wb_advise_options advise_options(struct cli *cli)
{
	const struct options *o = cli->options;

	return (struct wb_advise_options){ .size = sizeof(struct wb_advise_options),
					   .proof = (enum wb_advise_proof)o->prove,
					   .statements = o->statements,
					   .timeout_ms = o->timeout,
					   .seed = o->seed,
					   .progress = on_progress,
					   .progress_user = cli };
}

static int begin(struct cli *cli, struct cli_bench *ret_suite, struct wb_context **ret_context, struct wb_error *err)
{
	int rc = cli_bench_read(&cli->arena, cli->args[0], ret_suite, err);

	return rc == 0 ? cli_open_one(cli, ret_context, err) : rc;
}

static int run_advise(struct cli *cli, struct wb_error *err)
{
	struct wb_advise_options o = advise_options(cli);
	struct wb_advice *advice = NULL;
	struct cli_bench suite = { 0 };
	cli_autoclose *context = NULL;
	int rc = begin(cli, &suite, &context, err);

	if (rc == 0)
		rc = wb_advise(context, &suite.suite, &o, &advice, err);
	clear_line(cli);
	if (rc == WB_EINPUT)
		cli_shape_excerpt(&suite.file, err);
	if (rc == 0)
		rc = wb_report_advice(&cli->out, (enum wb_format)cli->g.output, advice, err);
	wb_advice_free(advice);
	return rc;
}

static int show(struct cli *cli, const struct wb_optimization *result, int rc, struct wb_error *err)
{
	struct wb_error failed = { 0 }, ignored;
	int shown;

	if (rc < 0)
		failed = *err;
	cli_progress_clear(cli->progress);
	shown = wb_report_optimization(&cli->out, (enum wb_format)cli->g.output, result, rc < 0 ? &failed : NULL,
				       rc < 0 ? &ignored : err);
	cli->error_shown = rc < 0 && cli->g.output == WB_FORMAT_JSON;
	return rc < 0 ? rc : shown;
}

static int run_optimize(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_optimize_options how = { .size = sizeof(how),
					   .advise = advise_options(cli),
					   .dry_run = o->dry_run,
					   .drops = o->drops,
					   .allow_protected = true };
	struct wb_run_options settings = { .size = sizeof(settings) };
	struct wb_optimization *result = NULL;
	struct cli_bench suite = { 0 };
	cli_autoclose *context = NULL;
	int rc = o->dry_run ? 0 : cli_confirm_protected(cli, "makes indexes", err);

	if (rc == 0)
		rc = begin(cli, &suite, &context, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &settings, err);
	how.lock_wait_ms = settings.lock_wait_ms;
	if (rc == 0)
		rc = wb_optimize(context, &suite.suite, &how, &result, err);
	clear_line(cli);
	if (rc == WB_EINPUT && !result)
		cli_shape_excerpt(&suite.file, err);
	if (result)
		rc = show(cli, result, rc, err);
	wb_optimization_free(result);
	return rc;
}

/* ---- what help says ---- */

#define SHARED_OPTIONS \
	{ "prove", \
	  0, \
	  CLI_CHOICE, \
	  "HOW", \
	  .choices = PROOFS, \
	  .offset = offsetof(struct options, prove), \
	  .help = "`copy`: built on a copy of the database, and measured; `planner`: by HypoPG; `auto`: that where " \
		  "it " \
		  "is installed, else a copy" }, \
		{ "statements", \
		  0, \
		  CLI_NUMBER, \
		  "N", \
		  .min = 1, \
		  .offset = offsetof(struct options, statements), \
		  .help = "the N most expensive queries that pg_stat_statements has counted count, too" }, \
		{ "timeout", \
		  0, \
		  CLI_DURATION, \
		  "D", \
		  .offset = offsetof(struct options, timeout), \
		  .help = "of one run of a query; else what the suite says" }, \
	{ \
		"seed", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, seed), \
					    .help = "of the order in which is measured" \
	}

static const struct cli_option advise_table[] = { SHARED_OPTIONS, { .name = NULL } };
static const struct cli_example advise_examples[] = {
	{ "advise bench/queries.yaml", "what would make these queries faster" },
	{ "advise bench/queries.yaml -o markdown --file advice.md", "as a page" },
	{ "advise bench/queries.yaml --statements 20", "with what the server has counted" },
	{ .command = NULL },
};
static const struct cli_exit advise_exits[] = {
	{ 0, "looked; there may be recommendations" },
	{ 4, "the role may not make a database for the copy" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_advise = {
	.name = "advise",
	.summary = "indexes that make queries faster, each proven",
	.arguments = "SUITE",
	.about = "Looks for indexes that help the queries of a suite (docs/advise.md). Each one is built on a copy of "
		 "the "
		 "database, measured with it and without in turns, and told only when it clearly gains. Also told: "
		 "indexes that nobody needs, stale and missing statistics. The database itself is only read.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN,
	.min_args = 1,
	.max_args = 1,
	.options = advise_table,
	.options_size = sizeof(struct options),
	.examples = advise_examples,
	.exits = advise_exits,
	.run = run_advise,
};

static const struct cli_option optimize_table[] = {
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run), .help = "only print the SQL" },
	{ "drops", 0, CLI_FLAG, .offset = offsetof(struct options, drops),
	  .help = "drop indexes that nobody needs, too" },
	SHARED_OPTIONS,
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ .name = NULL },
};
static const struct cli_example optimize_examples[] = {
	{ "optimize bench/queries.yaml --dry-run", "the SQL" },
	{ "optimize bench/queries.yaml", "make the indexes and measure again; goes on after a kill" },
	{ .command = NULL },
};
static const struct cli_exit optimize_exits[] = {
	{ 0, "done, or nothing to do" },
	{ 3, "a step failed; what was done is recorded, and the next run goes on there" },
	{ 4, "refused: protected, and nobody confirmed; or the role may not make a database for the copy" },
	{ 5, "another run holds the lock" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_optimize = {
	.name = "optimize",
	.summary = "make the indexes that `advise` recommends",
	.arguments = "SUITE",
	.about =
		"Takes the advice of `advise` and carries it out, step by step and journaled, while others read and "
		"write "
		"(CREATE INDEX CONCURRENTLY on PostgreSQL). A run that is killed goes on when called again, and clears "
		"away what it had left half built. Then measures again, and says what has gained nothing.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.min_args = 1,
	.max_args = 1,
	.options = optimize_table,
	.options_size = sizeof(struct options),
	.examples = optimize_examples,
	.exits = optimize_exits,
	.run = run_optimize,
};
