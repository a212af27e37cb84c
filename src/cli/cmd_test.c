/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel test: scenarios and built-in suites on scratch databases.
 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/rules.h"
#include "cli/scenario.h"
#include "cli/schema_options.h"
#include "cli/suite.h"

#include <unistd.h>

#include "report/text.h"

#include "base/banned.h"

#define FILE_MAX ((size_t)16 << 20)
#define SIZES_MAX 16

struct options {
	struct cli_list suites, tags, rows;
	bool fail_fast;
	int64_t jobs, timeout, max_time, min_rate, max_memory, max_growth;
};

struct testing {
	struct cli *cli;
	struct wb_context *context;
	struct cli_scenarios scenarios;
	WB_VEC(struct wb_test_file *) files; /* of SQL, whose scenarios are in the list */
	WB_VEC(const char *) names;
	struct wb_test_options how;
	struct wb_schema_options schema;
	int64_t sizes[SIZES_MAX];
	bool live; /* a line on the terminal that changes */
};

/* ---- files ---- */

static int read_sql(struct testing *t, const char *path, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_test_file *file = NULL;
	int rc = wb_fs_read(path, FILE_MAX, &text, err);
	size_t i;

	if (rc == 0)
		rc = wb_test_parse_sql(t->context, path, text.p, text.n, &file, err);
	if (rc < 0)
		return rc;
	if (!wb_vec_push(&t->files, file)) {
		wb_test_file_free(file);
		return wb_err_nomem(err);
	}
	for (i = 0; i < file->n_scenarios; i++)
		if (!wb_vec_push(&t->scenarios, file->scenarios[i]))
			return wb_err_nomem(err);
	return 0;
}

static bool is_scenario_file(const char *path, bool *ret_sql)
{
	struct wb_sv name = wb_sv_str(path);

	*ret_sql = wb_sv_ends(name, ".sql");
	return *ret_sql || wb_sv_ends(name, ".yaml") || wb_sv_ends(name, ".yml");
}

static int read_file(struct testing *t, const char *path, struct wb_error *err)
{
	bool sql;

	if (!is_scenario_file(path, &sql)) {
		wb_err_set(err, WB_EUSAGE, "%s is no file of scenarios", path);
		wb_err_hint(err, "they end in .yaml, .yml or .sql");
		return WB_EUSAGE;
	}
	return sql ? read_sql(t, path, err) : cli_scenarios_read(&t->cli->arena, path, &t->scenarios, err);
}

struct listing {
	struct wb_arena *a;
	WB_VEC(const char *) v;
};

static int take_name(void *user, int dirfd, const char *name, struct wb_error *err)
{
	struct listing *l = user;
	bool sql;
	const char *kept;

	(void)dirfd;
	if (*name == '.' || !is_scenario_file(name, &sql))
		return 0;
	kept = wb_arena_str(l->a, name);
	return kept && wb_vec_push(&l->v, kept) ? 0 : wb_err_nomem(err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_folder(struct testing *t, const char *dir, struct wb_error *err)
{
	struct listing l = { .a = &t->cli->arena };
	int rc = wb_fs_list(dir, take_name, &l, err);
	size_t i;

	if (l.v.n)
		qsort(l.v.v, l.v.n, sizeof(*l.v.v), by_name);
	for (i = 0; rc == 0 && i < l.v.n; i++) {
		const char *path = wb_fs_join(l.a, dir, l.v.v[i]);

		rc = path ? read_file(t, path, err) : wb_err_nomem(err);
	}
	wb_vec_done(&l.v);
	return rc;
}

/* What is neither file nor folder is the name of a scenario, unless it looks like a path. */
static int read_arguments(struct testing *t, bool *ret_files, struct wb_error *err)
{
	int rc = 0;
	size_t i;
	bool sql;

	*ret_files = false;
	for (i = 0; rc == 0 && i < t->cli->n_args; i++) {
		const char *arg = t->cli->args[i];

		if (wb_fs_is_dir(arg))
			rc = read_folder(t, arg, err);
		else if (wb_fs_exists(arg) || is_scenario_file(arg, &sql))
			rc = read_file(t, arg, err);
		else {
			rc = wb_vec_push(&t->names, arg) ? 0 : wb_err_nomem(err);
			continue;
		}
		*ret_files = true;
	}
	return rc;
}

/* Where nobody names any: scenarios/ here, else beside the migrations. */
static int read_usual(struct testing *t, struct wb_error *err)
{
	const struct cli_target *target;
	const char *dir = "scenarios";
	int rc = cli_one_target(t->cli, &target, err);

	if (rc == 0 && !wb_fs_is_dir(dir)) {
		dir = wb_arena_printf(&t->cli->arena, "%s/../scenarios", target->values[CLI_SET_DIR].text);
		if (!dir)
			return wb_err_nomem(err);
	}
	return rc < 0 || !wb_fs_is_dir(dir) ? rc : read_folder(t, dir, err);
}

/* ---- what steps name ---- */

/* A file that cannot be read is told before anything runs. */
static int check_steps(struct testing *t, const struct wb_test_steps *steps, struct wb_error *err)
{
	struct wb_transform_rules rules;
	const struct wb_check_suite *suite;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < steps->n; i++) {
		if (steps->v[i].act == WB_TEST_TRANSFORM)
			rc = cli_rules_load(t->cli, steps->v[i].text, &rules, err);
		else if (steps->v[i].act == WB_TEST_CHECK)
			rc = cli_suite_load(t->cli, steps->v[i].text, &suite, err);
	}
	return rc;
}

static int check_files(struct testing *t, struct wb_error *err)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < t->scenarios.n; i++) {
		const struct wb_test_scenario *s = &t->scenarios.v[i];

		rc = check_steps(t, &s->setup, err);
		if (rc == 0)
			rc = check_steps(t, &s->steps, err);
		if (rc == 0)
			rc = check_steps(t, &s->assertions, err);
		if (rc == 0)
			rc = check_steps(t, &s->cleanup, err);
	}
	return rc;
}

/* ---- running ---- */

static void on_result(void *user, const struct wb_test_result *r, size_t done, size_t total)
{
	const struct testing *t = user;
	wb_autostr line = WB_STR_INIT, name = WB_STR_INIT;

	wb_text_clean(&name, wb_sv_str(r->scenario), 50);
	if (t->cli->g.verbose)
		cli_say(t->cli, WB_LOG_INFO, "[%zu/%zu] %s: %s: %s, %lld ms", done, total, r->suite, name.p,
			wb_test_outcome_name(r->outcome), (long long)r->duration_ms);
	if (!t->live)
		return;
	wb_str_addf(&line, "\r\033[K[%zu/%zu] %s: %s", done, total, r->suite, name.p);
	(void)!write(STDERR_FILENO, line.p, line.n);
}

static int take_sizes(struct testing *t, const struct options *o, struct wb_error *err)
{
	size_t i;

	if (o->rows.n > SIZES_MAX)
		return wb_err_set(err, WB_EUSAGE, "--rows takes at most %d numbers", SIZES_MAX);
	for (i = 0; i < o->rows.n; i++)
		if (!wb_sv_i64(wb_sv_str(o->rows.v[i]), &t->sizes[i]) || t->sizes[i] < 1)
			return wb_err_set(err, WB_EUSAGE, "--rows takes numbers from 1 on, not \"%s\"", o->rows.v[i]);
	t->how.sizes = t->sizes;
	t->how.n_sizes = o->rows.n;
	return 0;
}

static int set_options(struct testing *t, struct wb_error *err)
{
	const struct options *o = t->cli->options;
	const struct cli_target *target;
	int rc = cli_one_target(t->cli, &target, err);

	if (rc < 0)
		return rc;
	t->how = (struct wb_test_options){
		.size = sizeof(t->how),
		.suites = { o->suites.v, o->suites.n },
		.tags = { o->tags.v, o->tags.n },
		.fail_fast = o->fail_fast,
		.jobs = o->jobs,
		.timeout_ms = o->timeout,
		.schema = &t->schema,
		.scratch_url = target->values[CLI_SET_SCRATCH_URL].text,
		.limits = { o->max_time, o->min_rate, o->max_memory * 1024, o->max_growth * 1024 },
		.progress = on_result,
		.progress_user = t,
	};
	rc = cli_schema_settings(t->cli, target, &t->schema, err);
	return rc < 0 ? rc : take_sizes(t, o, err);
}

static int read_all(struct testing *t, struct wb_error *err)
{
	bool files;
	int rc = read_arguments(t, &files, err);

	if (rc == 0 && !files)
		rc = read_usual(t, err);
	if (rc == 0)
		rc = check_files(t, err);
	t->how.scenarios = t->scenarios.v;
	t->how.n_scenarios = t->scenarios.n;
	t->how.no_builtin = files;
	t->how.names = (struct wb_texts){ t->names.v, t->names.n };
	return rc;
}

static int answer(const struct wb_test_report *r)
{
	int status = r->code ? wb_code_exit_status(r->code) : 0;

	return status >= 3 ? status : r->failed ? 1 : 0;
}

static int look(struct testing *t, struct wb_error *err)
{
	struct wb_test_report *report = NULL;
	int rc = wb_test_run(t->context, &t->how, &report, err), shown;

	if (t->live)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	if (rc < 0)
		return rc;
	shown = wb_report_test(&t->cli->out, (enum wb_format)t->cli->g.output, report, err);
	rc = shown < 0 ? shown : answer(report);
	wb_test_report_free(report);
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct testing t = { .cli = cli };
	cli_autoclose *context = NULL;
	int rc = cli_open_one(cli, &context, err);
	size_t i;

	t.context = context;
	t.live = !cli->g.quiet && !cli->g.verbose && isatty(STDERR_FILENO);
	if (rc == 0)
		rc = set_options(&t, err);
	if (rc == 0)
		rc = read_all(&t, err);
	if (rc == 0)
		rc = look(&t, err);
	for (i = 0; i < t.files.n; i++)
		wb_test_file_free(t.files.v[i]);
	wb_vec_done(&t.files);
	wb_vec_done(&t.names);
	free(t.scenarios.v);
	return rc;
}

static const struct cli_option options[] = {
	{ "suites", 0, CLI_LIST, "A,B", .offset = offsetof(struct options, suites), .help = "only these suites" },
	{ "tags", 0, CLI_LIST, "T", .offset = offsetof(struct options, tags),
	  .help = "only scenarios with one of these tags" },
	{ "fail-fast", 0, CLI_FLAG, .offset = offsetof(struct options, fail_fast),
	  .help = "after the first failure nothing more begins" },
	{ "jobs", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, jobs),
	  .help = "at work at once (one for each processor)" },
	{ "timeout", 0, CLI_DURATION, "D", .offset = offsetof(struct options, timeout),
	  .help = "of scenarios that say none (30s; failure, benchmark 2m)" },
	{ "rows", 0, CLI_LIST, "N,N", .offset = offsetof(struct options, rows),
	  .help = "of each table in the benchmark (1000,10000)" },
	{ "max-time", 0, CLI_DURATION, "D", .offset = offsetof(struct options, max_time),
	  .help = "the benchmark fails when migrations take longer" },
	{ "min-rate", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, min_rate),
	  .help = "... when it does fewer rows a second" },
	{ "max-memory", 0, CLI_NUMBER, "MB", .min = 1, .offset = offsetof(struct options, max_memory),
	  .help = "... when it needs more memory" },
	{ "max-growth", 0, CLI_NUMBER, "MB", .min = 1, .offset = offsetof(struct options, max_growth),
	  .help = "... when the database grows by more" },
	{ "scratch-url", 0, CLI_TEXT, "URL", .setting = CLI_SET_SCRATCH_URL,
	  .help = "a server on which databases may be made" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "test", "the built-in suites, and what is in scenarios/" },
	{ "test --suites roundtrip,failure --fail-fast", "some of them" },
	{ "test scenarios/loans.yaml -o junit --file test.xml", "one file, in CI" },
	{ "test '003*'", "all that is about one migration" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "nothing failed" },
	{ 1, "something failed" },
	{ 4, "databases may not be made there" },
	{ 6, "the server cannot be reached, or was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_test = {
	.name = "test",
	.summary = "migrations tested on scratch databases",
	.arguments = "[SCENARIO...]",
	.about = "Runs scenarios (docs/scenarios.md), each on a scratch database of its own beside the configured one, "
		 "which is never touched. Without any, the suites that nobody has to write: roundtrip, idempotence, "
		 "data, failure, benchmark. SCENARIO is a file, a folder, or a name.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_USES_SCRATCH,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_JUNIT,
	.max_args = -1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
