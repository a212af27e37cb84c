/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel bench: how long queries take, and whether that has changed.
 */
#include "cli/bench.h"
#include "cli/cli.h"
#include "cli/commands.h"

#include <unistd.h>

#include "base/banned.h"

#define PATIENCE_MS 15000 /* what is compared with later has to be good */

struct options {
	const char *save, *against, *min_change;
	int64_t runs, warmup, rate, duration, connections, timeout, patience, seed;
	bool no_plans, strict;
};

struct benching {
	struct cli *cli;
	struct cli_bench suite;
	struct wb_bench_report before;
	struct wb_bench_options how;
	bool live; /* a line on the terminal that changes */
	int64_t told_ms;
};

/* ---- what is to be done ---- */

/* "5%", "0.5%" or "5" */
static bool share(const char *said, double *ret)
{
	struct wb_sv rest = wb_sv_trim(wb_sv_str(said)), whole = { "", 0 }, part = { "", 0 };
	int64_t n = 0, tenths = 0;

	if (wb_sv_ends(rest, "%"))
		rest.n--;
	if (!wb_sv_cut(&rest, '.', &whole) || !wb_sv_i64(whole, &n))
		return false;
	part = rest;
	if (part.n && (part.n > 1 || !wb_sv_i64(part, &tenths)))
		return false;
	*ret = (double)(n * 10 + tenths) / 1000;
	return n >= 0 && tenths >= 0 && *ret >= 0.01 && *ret <= 10;
}

static int usage(struct benching *k, struct wb_error *err)
{
	const struct options *o = k->cli->options;

	if (o->rate && o->against)
		return wb_err_set(err, WB_EUSAGE, "--rate and --against exclude each other");
	if (!o->rate && (o->duration || o->connections))
		return wb_err_set(err, WB_EUSAGE, "--duration and --connections are for --rate");
	if (o->rate && (o->runs || o->warmup))
		return wb_err_set(err, WB_EUSAGE, "--runs and --warmup are for rounds, --rate has --duration");
	if (o->min_change && !share(o->min_change, &k->how.min_change)) {
		wb_err_set(err, WB_EUSAGE, "--min-change wants a share from 1%% to 1000%%");
		wb_err_hint(err, "10%% is what it is without");
		return WB_EUSAGE;
	}
	return 0;
}

/* A file that is there is one, whatever its name looks like. */
static bool is_url(const char *text)
{
	return (strstr(text, "://") || wb_sv_starts(wb_sv_str(text), "sqlite:") ||
		wb_sv_starts(wb_sv_str(text), "sqlite3:")) &&
	       access(text, F_OK) != 0;
}

static int read_files(struct benching *k, struct wb_error *err)
{
	const struct options *o = k->cli->options;
	int rc = cli_bench_read(&k->cli->arena, k->cli->args[0], &k->suite, err);

	if (rc < 0 || !o->against)
		return rc;
	if (is_url(o->against)) {
		k->how.against_url = o->against;
		return 0;
	}
	rc = cli_bench_saved(&k->cli->arena, o->against, &k->before, err);
	k->how.against = &k->before;
	k->how.against_name = o->against;
	return rc;
}

/* ---- progress ---- */

static void clear_line(const struct benching *k)
{
	if (k->live)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
}

static void on_run(void *user, size_t done, size_t total)
{
	struct benching *k = user;
	wb_autostr line = WB_STR_INIT;
	int64_t now = wb_now_ms();

	if (!k->live || now - k->told_ms < 200)
		return;
	k->told_ms = now;
	wb_str_addf(&line, "\r\033[K[%zu/%zu]", done, total);
	(void)!write(STDERR_FILENO, line.p, line.n);
}

/* ---- running ---- */

static int save(const char *path, const struct wb_bench_report *report, struct wb_error *err)
{
	struct wb_out out = WB_OUT_MEMORY;
	int rc = wb_report_bench(&out, WB_FORMAT_JSON, report, err);

	if (rc == 0)
		rc = wb_fs_replace(path, wb_str_sv(&out.buf), 0644, err);
	wb_out_done(&out);
	return rc;
}

static int answer(const struct benching *k, const struct wb_bench_report *r)
{
	const struct options *o = k->cli->options;

	if (r->not_run)
		return wb_code_exit_status(WB_ESQL);
	if (r->count[WB_BENCH_FAIL] || r->count[WB_BENCH_REGRESSED])
		return 1;
	return o->strict && r->count[WB_BENCH_INCONCLUSIVE] ? 1 : 0;
}

static int measure(struct benching *k, struct wb_error *err)
{
	const struct options *o = k->cli->options;
	struct wb_bench_report *report = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(k->cli, &context, err);

	if (rc == 0) {
		rc = wb_bench_run(context, &k->suite.suite, &k->how, &report, err);
		clear_line(k);
		if (rc < 0)
			cli_shape_excerpt(&k->suite.file, err);
	}
	if (rc == 0 && o->save)
		rc = save(o->save, report, err);
	if (rc == 0)
		rc = wb_report_bench(&k->cli->out, (enum wb_format)k->cli->g.output, report, err);
	if (rc == 0)
		rc = answer(k, report);
	wb_bench_report_free(report);
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct benching k = { .cli = cli,
			      .how = { .size = sizeof(k.how),
				       .runs = o->runs,
				       .warmup = o->warmup,
				       .timeout_ms = o->timeout,
				       .seed = o->seed,
				       .rate = (double)o->rate,
				       .duration_ms = o->duration,
				       .connections = o->connections,
				       .patience_ms = o->patience ? o->patience
						      : o->save   ? PATIENCE_MS
								  : 0,
				       .no_plans = o->no_plans,
				       .progress = on_run } };
	int rc = usage(&k, err);

	k.how.progress_user = &k;
	k.live = !cli->g.quiet && isatty(STDERR_FILENO);
	if (rc == 0)
		rc = read_files(&k, err);
	return rc < 0 ? rc : measure(&k, err);
}

static const struct cli_option options[] = {
	{ "save", 0, CLI_TEXT, "FILE", .offset = offsetof(struct options, save),
	  .help = "keep every run there, to be compared with later" },
	{ "against", 0, CLI_TEXT, "FILE|URL", .offset = offsetof(struct options, against),
	  .help = "compare with that: saved, or a database measured in turn with this one" },
	{ "runs", 0, CLI_NUMBER, "N", .min = 10, .offset = offsetof(struct options, runs),
	  .help = "timed runs of each query and parameter set (30)" },
	{ "warmup", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, warmup),
	  .help = "runs before those (3)" },
	{ "min-change", 0, CLI_TEXT, "SHARE", .offset = offsetof(struct options, min_change),
	  .help = "the smallest change that matters (10%)" },
	{ "rate", 0, CLI_NUMBER, "R", .min = 1, .offset = offsetof(struct options, rate),
	  .help = "a load of so many queries a second, each due at its time" },
	{ "duration", 0, CLI_DURATION, "D", .offset = offsetof(struct options, duration), .help = "of the load (10s)" },
	{ "connections", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, connections),
	  .help = "of the load (4)" },
	{ "timeout", 0, CLI_DURATION, "D", .offset = offsetof(struct options, timeout),
	  .help = "of each run, whatever the suite says" },
	{ "patience", 0, CLI_DURATION, "D", .offset = offsetof(struct options, patience),
	  .help = "how long to wait for a machine that is not busy (15s with --save or --against)" },
	{ "seed", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, seed),
	  .help = "of the order of runs (1)" },
	{ "no-plans", 0, CLI_FLAG, .offset = offsetof(struct options, no_plans),
	  .help = "do not ask how the database runs them" },
	{ "strict", 0, CLI_FLAG, .offset = offsetof(struct options, strict),
	  .help = "exit 1 for what is inconclusive, too" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "bench bench/v2.yaml", "do the queries meet their targets?" },
	{ "bench bench/v2.yaml --save before.json", "then, after the change, `--against before.json`" },
	{ "bench bench/v2.yaml --against \"$OLD_URL\"", "two databases, in turn: nothing can drift" },
	{ "bench bench/v2.yaml --rate 200 --duration 1m", "under load" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "every target is met, and nothing has become slower" },
	{ 1, "a target is missed, or a query has become slower" },
	{ 3, "a query could not be run" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_bench = {
	.name = "bench",
	.summary = "how long queries take: targets, and changes",
	.arguments = "SUITE",
	.about = "Times the queries of a YAML file (docs/bench.md) in shuffled rounds, and says of each whether it "
		 "meets "
		 "its target and whether it has become faster or slower. Changes nothing: queries that write are "
		 "rolled back.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN | 1u << WB_FORMAT_JUNIT,
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
