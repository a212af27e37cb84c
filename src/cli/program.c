/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of the program: read the command line, load what the command
 * needs, run it, tell how it ended.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "base/banned.h"

/* ---- before the command ---- */

static int check_format(const struct cli *cli, struct wb_error *err)
{
	const struct cli_command *c = cli->command;
	wb_autostr forms = WB_STR_INIT;
	int f;

	if (cli->g.output == WB_FORMAT_JSON && cli->g.events && strcmp(cli->g.events, "-") == 0 && !cli->g.file) {
		wb_err_set(err, WB_EUSAGE, "the events and the result cannot both be JSON on standard output");
		wb_err_hint(err, "write one of them elsewhere: --events FILE or --file PATH");
		return WB_EUSAGE;
	}
	if ((c->flags & CLI_FREE_FORM) || (c->formats & 1u << cli->g.output))
		return 0;
	for (f = 0; f < WB_FORMAT_COUNT; f++)
		if (c->formats & 1u << f)
			wb_str_addf(&forms, "%s%s", forms.n ? ", " : "", wb_format_name((enum wb_format)f));
	wb_err_set(err, WB_EUSAGE, "`%s` cannot answer in %s", c->name, wb_format_name((enum wb_format)cli->g.output));
	wb_err_hint(err, "it can in: %s", forms.p);
	return WB_EUSAGE;
}

/* --help and --version are commands of their own. */
static void redirect(struct cli *cli)
{
	if (cli->g.version) {
		cli->command = &cmd_version;
	} else if (cli->g.help) {
		cli->n_args = 0;
		if (cli->command)
			cli->args[cli->n_args++] = cli->command->name;
		cli->command = &cmd_help;
	}
}

static int no_command(struct cli *cli, struct wb_error *err)
{
	if (cli->g.output != WB_FORMAT_JSON) {
		cli_help_overview(&cli->note);
		wb_out_add(&cli->note, "\n");
	}
	return wb_err_set(err, WB_EUSAGE, "no command was given");
}

static int load(struct cli *cli, struct wb_error *err)
{
	int rc;

	if (!(cli->command->flags & CLI_READS_CONFIG))
		return 0;
	rc = cli_load_config(cli, err);
	if (rc == 0)
		rc = cli_load_targets(cli, err);
	if (rc == 0 && (cli->command->flags & CLI_HAS_EVENTS))
		rc = cli_progress_new(cli, err);
	if (rc == 0)
		rc = cli_listeners_open(cli, err);
	return rc;
}

static int prepare(struct cli *cli, int argc, char *const argv[], struct wb_error *err)
{
	struct wb_error later;
	int rc = cli_parse(cli, argc, argv, err), env = 0;

	redirect(cli);
	if (rc == 0 && cli->command && (cli->command->flags & CLI_READS_CONFIG))
		env = cli_load_env(cli, &later);
	/* Also after an error: WHIMBREL_OUTPUT says how it is to be told. */
	if (env == 0)
		env = cli_parse_env(cli, &later);
	cli_terminal_init(cli);
	if (rc == 0 && env < 0) {
		*err = later;
		rc = env;
	}
	if (rc < 0)
		return rc;
	cli_warn_env(cli);
	return cli->command ? check_format(cli, err) : no_command(cli, err);
}

static int go(struct cli *cli, int argc, char *const argv[], struct wb_error *err)
{
	int rc = prepare(cli, argc, argv, err);

	if (rc == 0)
		rc = load(cli, err);
	return rc < 0 ? rc : cli->command->run(cli, err);
}

/* ---- after it ---- */

static void tell_error(struct cli *cli, const struct wb_error *error)
{
	struct wb_out json = { WB_STR_INIT, STDOUT_FILENO, false, 0, 0 };
	int rc = 0;

	if (cli->g.output == WB_FORMAT_JSON) {
		if (!cli->error_shown)
			rc = wb_report_error_json(&json, error, NULL);
	} else if (cli->g.log == CLI_LOG_JSON) {
		rc = wb_report_log(&cli->note, WB_LOG_ERROR, error->message, wb_code_name(error->code), NULL);
	} else {
		wb_report_error(&cli->note, error);
	}
	wb_out_flush(&json);
	wb_out_done(&json);
	/* Without memory for JSON, a plain line. */
	if (rc < 0)
		wb_out_addf(&cli->note, "error: %s\n", error->message);
	wb_out_flush(&cli->note);
}

/* The result on its way out: a file at once and whole, or the rest of standard output. */
static int deliver(struct cli *cli, bool complete, struct wb_error *err)
{
	int rc;

	if (!cli->g.file || cli->out.fd >= 0)
		return wb_out_finish(&cli->out, "standard output", err);
	if (cli->out.buf.failed)
		return wb_err_nomem(err);
	if (!complete)
		return 0;
	rc = wb_fs_replace(cli->g.file, wb_str_sv(&cli->out.buf), 0644, err);
	if (rc == 0 && cli->wrote)
		cli_say(cli, WB_LOG_INFO, "Wrote %s: %s", cli->g.file, cli->wrote);
	return rc;
}

static int exit_status(int rc)
{
	if (rc >= 0)
		return rc;
	return cli_signal() ? 128 + cli_signal() : wb_code_exit_status(rc);
}

static int finish(struct cli *cli, int rc, struct wb_error *err)
{
	struct wb_error second;
	int late;

	cli_progress_clear(cli->progress);
	late = deliver(cli, rc >= 0 || cli->error_shown, &second);
	if (rc < 0)
		tell_error(cli, err);
	if (late < 0)
		wb_report_error(&cli->note, &second);
	if (rc >= 0 && late < 0)
		rc = late;
	late = cli_listeners_close(cli, &second);
	if (late < 0)
		wb_report_error(&cli->note, &second);
	if (rc >= 0 && late < 0)
		rc = late;
	wb_out_flush(&cli->note);
	return exit_status(rc);
}

static void done(struct cli *cli)
{
	cli_progress_free(cli->progress);
	cli_config_free(cli->config);
	cli_env_done(&cli->env);
	wb_out_done(&cli->out);
	wb_out_done(&cli->note);
	wb_out_done(&cli->events);
	wb_arena_done(&cli->arena);
}

int cli_main(int argc, char *const argv[])
{
	struct cli cli = { .out = WB_OUT_MEMORY, .note = WB_OUT_MEMORY, .events = WB_OUT_MEMORY };
	struct wb_error err = { .code = 0 };
	int status;

	cli_signals_init();
	status = finish(&cli, go(&cli, argc, argv, &err), &err);
	done(&cli);
	return status;
}
