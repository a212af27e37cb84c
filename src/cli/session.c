/* SPDX-License-Identifier: Apache-2.0
 *
 * From settings to an open context, and what every command that runs
 * something shares.
 */
#include "cli/cli.h"
#include "cli/rules.h"
#include "cli/suite.h"

#include "base/banned.h"

static int no_url(const struct cli *cli, const struct cli_target *target, struct wb_error *err)
{
	wb_err_set(err, WB_EUSAGE, "no database was named");
	if (cli->config)
		wb_err_detail(err, "%s says no url for \"%s\"", cli->config->file, target->name);
	wb_err_hint(err,
		    "set DATABASE_URL, give --url (sqlite:app.db, postgres://user@host/name), or write "
		    "databases.%s.url into whimbrel.yaml",
		    target->name);
	return WB_EUSAGE;
}

static int no_dir(struct wb_error *err)
{
	wb_err_set(err, WB_EUSAGE, "no folder of migrations was found");
	wb_err_detail(err, "there is no migrations/, db/migrations/, src/db/migrations/ or sql/ here");
	wb_err_hint(err, "`whimbrel init` makes one; --dir DIR names another");
	return WB_EUSAGE;
}

/* What can be done without: the url for a command that does with files alone, and direct_url always, since what needs
 * it refuses to run without it. */
static bool is_dispensable(const struct cli *cli, int setting)
{
	return setting == CLI_SET_DIRECT_URL || (setting == CLI_SET_URL && !(cli->command->flags & CLI_NEEDS_URL));
}

/* What this command never looks at. */
static bool is_idle(const struct cli *cli, int setting)
{
	return setting == CLI_SET_SCRATCH_URL && !(cli->command->flags & CLI_USES_SCRATCH);
}

static int check_values(struct cli *cli, const struct cli_target *target, struct wb_error *err)
{
	bool has_url = target->values[CLI_SET_URL].text != NULL;
	int setting;

	for (setting = CLI_SET_NONE + 1; setting < CLI_SET_COUNT; setting++) {
		const struct cli_value *v = &target->values[setting];

		if (is_idle(cli, setting))
			continue;
		if (v->problem && !is_dispensable(cli, setting)) {
			*err = *v->problem;
			return err->code;
		}
		if (v->problem && (setting == CLI_SET_URL || has_url))
			cli_say(cli, WB_LOG_WARN, "%s is left out: %s (%s)", cli_keys[setting].name,
				v->problem->message, v->source);
	}
	if ((cli->command->flags & CLI_NEEDS_URL) && !has_url)
		return no_url(cli, target, err);
	if ((cli->command->flags & CLI_NEEDS_DIR) && !target->values[CLI_SET_DIR].text)
		return no_dir(err);
	return 0;
}

static enum wb_log_level log_level(const struct cli *cli)
{
	if (cli->g.quiet)
		return WB_LOG_ERROR;
	return cli->g.verbose == 0 ? WB_LOG_WARN : cli->g.verbose == 1 ? WB_LOG_INFO : WB_LOG_TRACE;
}

static void fill_options(struct cli *cli, const struct cli_target *target, struct wb_options *o)
{
	const struct cli_value *v = target->values;

	o->url = v[CLI_SET_URL].text;
	o->direct_url = v[CLI_SET_DIRECT_URL].text;
	o->dir = cli->command->flags & (CLI_NEEDS_DIR | CLI_USES_DIR) ? v[CLI_SET_DIR].text : NULL;
	o->engine = v[CLI_SET_ENGINE].text;
	o->project = v[CLI_SET_PROJECT].text;
	o->journal_schema = v[CLI_SET_JOURNAL_SCHEMA].text;
	o->strict_numbering = v[CLI_SET_NUMBERING].number == 1;
	o->variables_on = v[CLI_SET_SUBSTITUTE].number == 1;
	o->protected_environment = v[CLI_SET_PROTECTED].number == 1;
	o->allow_reset = v[CLI_SET_ALLOW_RESET].number == 1;
	o->undo_off = v[CLI_SET_UNDO].number == 1;
	o->trash = v[CLI_SET_TRASH].number == 1;
	o->keep_snapshots = v[CLI_SET_SNAPSHOTS].number == 1 || v[CLI_SET_DRIFT_GATE].number == 1;
	o->blocking_budget_ms = v[CLI_SET_BLOCKING_BUDGET].number;
	o->connect_timeout_ms = v[CLI_SET_CONNECT_TIMEOUT].number;
	/* Code is loaded from there: a .env of the folder may not say it. */
	o->module_dir = getenv("WHIMBREL_MODULE_DIR");
	o->tools_dir = getenv("WHIMBREL_PG_BIN");
	o->backup_dir = v[CLI_SET_BACKUP_DIR].text;
	o->log = cli_on_log;
	o->log_user = cli;
	o->log_level = log_level(cli);
	o->event = cli_on_event;
	o->event_user = cli;
}

int cli_need_url(struct cli *cli, const struct cli_target *target, struct wb_error *err)
{
	const struct cli_value *v = &target->values[CLI_SET_URL];

	if (v->problem)
		*err = *v->problem;
	return v->problem ? err->code : v->text ? 0 : no_url(cli, target, err);
}

int cli_open(struct cli *cli, const struct cli_target *target, struct wb_context **ret_context, struct wb_error *err)
{
	struct wb_options o = { .size = sizeof(o) };
	struct wb_named_value *variables = NULL;
	int rc = check_values(cli, target, err);

	if (rc == 0)
		rc = cli_variables(cli, false, &variables, &o.n_variables, err);
	if (rc < 0)
		return rc;
	o.variables = variables;
	fill_options(cli, target, &o);
	rc = wb_open(&o, ret_context, err);
	if (rc == 0) {
		wb_check_loader(*ret_context, cli_suite_load, cli);
		wb_transform_loader(*ret_context, cli_rules_load, cli);
		cli_signals_context(*ret_context);
	}
	return rc;
}

int cli_open_one(struct cli *cli, struct wb_context **ret_context, struct wb_error *err)
{
	const struct cli_target *target;
	int rc = cli_one_target(cli, &target, err);

	return rc < 0 ? rc : cli_open(cli, target, ret_context, err);
}

void cli_close(struct wb_context *context)
{
	cli_signals_context(NULL);
	wb_close(context);
}

void cli_close_cleanup(struct wb_context **context)
{
	if (*context)
		cli_close(*context);
}

int cli_run_settings(struct cli *cli, struct wb_run_options *run, struct wb_error *err)
{
	const struct cli_target *target;
	int64_t lock_wait;
	int rc = cli_one_target(cli, &target, err);

	if (rc < 0)
		return rc;
	run->backup = target->values[CLI_SET_BACKUP].number == 1;
	lock_wait = target->values[CLI_SET_LOCK_WAIT].number;
	run->lock_wait_ms = lock_wait ? lock_wait : -1;
	run->timeout_ms = target->values[CLI_SET_TIMEOUT].number;
	run->pause_ms = target->values[CLI_SET_PAUSE].number;
	return 0;
}

/* A failure is not the end: what is next must stand there also when the library has nothing special to say. */
static void hint_failure(enum wb_action action, struct wb_error *err)
{
	const char *command = action == WB_ACTION_DOWN ? "down" : "up";

	if (err->hint[0] || action == WB_ACTION_REHEARSE)
		return;
	if (err->code == WB_ECANCELLED)
		wb_err_hint(err, "where it stopped is recorded; `whimbrel %s` goes on from there", command);
	else if (wb_code_exit_status(err->code) == 3)
		wb_err_hint(err, "mend the file and run `whimbrel %s` again; `whimbrel status` shows where it stopped",
			    command);
}

int cli_report_run(struct cli *cli, enum wb_action action, struct wb_run_result *result, int rc, struct wb_error *err)
{
	struct wb_run_report report = {
		.action = action,
		.result = result,
		.error = rc < 0 ? err : NULL,
		.brief = cli_progress_told(cli->progress),
	};
	struct wb_error second;
	int printed = 0;

	cli_progress_clear(cli->progress);
	if (rc < 0)
		hint_failure(action, err);
	if (rc == 0 || result) {
		printed = wb_report_run(&cli->out, (enum wb_format)cli->g.output, &report, &second);
		cli->error_shown = rc < 0 && printed == 0 && cli->g.output == WB_FORMAT_JSON;
	}
	wb_run_result_free(result);
	if (rc == 0 && printed < 0) {
		*err = second;
		rc = printed;
	}
	return rc;
}

int cli_show_sql(struct cli *cli, struct wb_context *context, const struct wb_plan_options *options,
		 struct wb_error *err)
{
	struct wb_plan *plan = NULL;
	int rc = wb_plan(context, options, &plan, err);

	if (rc < 0)
		return rc;
	if (cli->g.output == WB_FORMAT_JSON)
		rc = wb_report_plan(&cli->out, WB_FORMAT_JSON, plan, err);
	else
		wb_report_plan_sql(&cli->out, plan);
	wb_plan_free(plan);
	return rc;
}
