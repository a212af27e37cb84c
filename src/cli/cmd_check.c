/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel check: validation suites.
 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/suite.h"

#include <unistd.h>

#include "report/text.h"

#include "base/banned.h"

struct options {
	bool quick, full, schema, data, relationships;
	struct cli_list groups;
	const char *save, *against, *report;
	int64_t jobs, timeout;
};

struct checking {
	struct cli *cli;
	struct cli_suite *suites;
	struct wb_check_report **reports;
	size_t n;
	struct wb_check_options how;
	bool live; /* a line on the terminal that changes */
};

/* ---- what is to be run ---- */

static int usage(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;

	if (o->quick && o->full)
		return wb_err_set(err, WB_EUSAGE, "--quick and --full exclude each other");
	if ((o->save || o->against) && cli->n_args > 1)
		return wb_err_set(err, WB_EUSAGE, "--save and --against are for one suite at a time");
	if (o->save && o->against)
		return wb_err_set(err, WB_EUSAGE, "--save and --against exclude each other");
	return 0;
}

static int choose_groups(struct checking *k, struct wb_error *err)
{
	const struct options *o = k->cli->options;
	const char **v = wb_arena_array(&k->cli->arena, o->groups.n + 3, sizeof(*v));
	size_t i, n = 0;

	if (!v)
		return wb_err_nomem(err);
	for (i = 0; i < o->groups.n; i++)
		v[n++] = o->groups.v[i];
	if (o->schema)
		v[n++] = "schema";
	if (o->data)
		v[n++] = "data";
	if (o->relationships)
		v[n++] = "relationships";
	k->how.groups = (struct wb_texts){ v, n };
	return 0;
}

/* All suites are read before the first is run. */
static int read_suites(struct checking *k, struct wb_error *err)
{
	struct cli *cli = k->cli;
	int rc = 0;
	size_t i;

	k->n = cli->n_args;
	k->suites = wb_arena_array(&cli->arena, k->n, sizeof(*k->suites));
	k->reports = wb_arena_array(&cli->arena, k->n, sizeof(struct wb_check_report *));
	if (!k->suites || !k->reports)
		return wb_err_nomem(err);
	for (i = 0; rc == 0 && i < k->n; i++)
		rc = cli_suite_read(&cli->arena, cli->args[i], &k->suites[i], err);
	return rc;
}

/* ---- progress ---- */

static void clear_line(const struct checking *k)
{
	if (k->live)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
}

static void on_check(void *user, const struct wb_check *check, enum wb_check_outcome outcome, int64_t ms, size_t done,
		     size_t total)
{
	const struct checking *k = user;
	wb_autostr line = WB_STR_INIT, name = WB_STR_INIT;

	wb_text_clean(&name, wb_sv_str(check->name), 60);
	if (k->cli->g.verbose)
		cli_say(k->cli, WB_LOG_INFO, "[%zu/%zu] %s: %s, %lld ms", done, total, name.p,
			wb_check_outcome_name(outcome), (long long)ms);
	if (!k->live)
		return;
	wb_str_addf(&line, "\r\033[K[%zu/%zu] %s", done, total, name.p);
	(void)!write(STDERR_FILENO, line.p, line.n);
}

/* ---- running ---- */

static int run_suites(struct checking *k, struct wb_context *context, struct wb_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < k->n; i++) {
		rc = wb_check_run(context, &k->suites[i].suite, &k->how, &k->reports[i], err);
		if (rc < 0)
			cli_suite_excerpt(&k->suites[i], err);
	}
	clear_line(k);
	return rc;
}

static int answer(const struct checking *k)
{
	int status = 0;
	size_t i;

	for (i = 0; i < k->n; i++) {
		const size_t *count = k->reports[i]->count;
		int code = count[WB_CHECK_CRITICAL] ? 2 : count[WB_CHECK_ERROR] ? 1 : 0;

		status = code > status ? code : status;
	}
	return status;
}

/* --report: for programs, whatever -o shows to people. */
static int write_json(const struct checking *k, const char *path, struct wb_error *err)
{
	struct wb_out out = WB_OUT_MEMORY;
	int rc = wb_report_checks(&out, WB_FORMAT_JSON, k->reports, k->n, err);

	if (rc == 0)
		rc = wb_fs_replace(path, wb_str_sv(&out.buf), 0644, err);
	wb_out_done(&out);
	return rc;
}

static int look(struct checking *k, struct wb_error *err)
{
	const struct options *o = k->cli->options;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(k->cli, &context, err);

	if (rc == 0)
		rc = run_suites(k, context, err);
	if (rc == 0 && o->save)
		rc = cli_suite_save(o->save, k->reports[0], err);
	if (rc == 0 && o->report)
		rc = write_json(k, o->report, err);
	if (rc == 0)
		rc = wb_report_checks(&k->cli->out, (enum wb_format)k->cli->g.output, k->reports, k->n, err);
	return rc < 0 ? rc : answer(k);
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct checking k = { .cli = cli,
			      .how = { .size = sizeof(k.how),
				       .quick = o->quick,
				       .jobs = o->jobs ? o->jobs : 1,
				       .timeout_ms = o->timeout,
				       .save = o->save != NULL,
				       .progress = on_check } };
	int rc = usage(cli, err);
	size_t i;

	k.how.progress_user = &k;
	k.live = !cli->g.quiet && !cli->g.verbose && isatty(STDERR_FILENO);
	if (rc == 0)
		rc = choose_groups(&k, err);
	if (rc == 0)
		rc = read_suites(&k, err);
	if (rc == 0 && o->against)
		rc = cli_suite_saved(&cli->arena, o->against, &k.how.saved, &k.how.n_saved, err);
	if (rc == 0)
		rc = look(&k, err);
	for (i = 0; k.reports && i < k.n; i++)
		wb_check_report_free(k.reports[i]);
	return rc;
}

static const struct cli_option options[] = {
	{ "quick", 0, CLI_FLAG, .offset = offsetof(struct options, quick),
	  .help = "all but the group `data`, and what the suite leaves out of a quick look" },
	{ "full", 0, CLI_FLAG, .offset = offsetof(struct options, full), .help = "everything (default)" },
	{ "schema", 0, CLI_FLAG, .offset = offsetof(struct options, schema), .help = "the group `schema`" },
	{ "data", 0, CLI_FLAG, .offset = offsetof(struct options, data), .help = "the group `data`" },
	{ "relationships", 0, CLI_FLAG, .offset = offsetof(struct options, relationships),
	  .help = "the group `relationships`" },
	{ "group", 0, CLI_LIST, "NAME", .offset = offsetof(struct options, groups),
	  .help = "a group by its name; may be given again" },
	{ "save", 0, CLI_TEXT, "FILE", .offset = offsetof(struct options, save),
	  .help = "keep the checksums there; none is compared" },
	{ "against", 0, CLI_TEXT, "FILE", .offset = offsetof(struct options, against),
	  .help = "compare the checksums with those" },
	{ "report", 0, CLI_TEXT, "FILE", .offset = offsetof(struct options, report),
	  .help = "the JSON of -o json there, beside what -o shows" },
	{ "jobs", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, jobs),
	  .help = "connections at work at once (1)" },
	{ "timeout", 0, CLI_DURATION, "D", .offset = offsetof(struct options, timeout),
	  .help = "of each check that the suite gives none" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "check checks/v2.yaml", "all checks of the suite" },
	{ "check checks/v2.yaml --quick --jobs 4 -o junit", "in CI" },
	{ "check checks/v2.yaml --group business", "one group" },
	{ "check checks/v2.yaml --save before.json", "then `--against before.json`" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "no failure of severity error or critical" },
	{ 1, "a check of severity error has failed" },
	{ 2, "a critical check has failed, or a check could not be run" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_check = {
	.name = "check",
	.summary = "validation suites: what has to be true of the database",
	.arguments = "SUITE...",
	.about = "Runs the checks of YAML files (docs/checks.md), each in a read-only transaction of its own, and says "
		 "of each whether it has passed. A check that cannot be run is critical, never passed.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN | 1u << WB_FORMAT_SARIF | 1u << WB_FORMAT_JUNIT |
		   1u << WB_FORMAT_GITHUB,
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
