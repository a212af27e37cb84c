/* SPDX-License-Identifier: Apache-2.0
 *
 * Where events and log lines of the library go: progress, --events, and the
 * log on standard error.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/banned.h"

int cli_listeners_open(struct cli *cli, struct wb_error *err)
{
	if (!cli->g.events)
		return 0;
	cli->events.fd = STDOUT_FILENO;
	if (strcmp(cli->g.events, "-") == 0)
		return 0;
	cli->events.fd = open(cli->g.events, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (cli->events.fd < 0)
		return wb_err_errno(err, WB_EIO, "%s cannot be opened for events", cli->g.events);
	return 0;
}

int cli_listeners_close(struct cli *cli, struct wb_error *err)
{
	bool is_file = cli->g.events && strcmp(cli->g.events, "-") != 0;
	int rc;

	if (cli->events.fd < 0)
		return 0;
	rc = wb_out_finish(&cli->events, is_file ? cli->g.events : "standard output", err);
	if (is_file && close(cli->events.fd) != 0 && rc == 0)
		rc = wb_err_errno(err, WB_EIO, "%s cannot be written", cli->g.events);
	cli->events.fd = -1;
	return rc;
}

/* Of the log, unless -v asks for everything. */
static bool is_step(enum wb_event_type type)
{
	return type == WB_EVENT_STEP_STARTED || type == WB_EVENT_STEP_PROGRESS || type == WB_EVENT_STEP_COMPLETED ||
	       type == WB_EVENT_STEP_PROBED || type == WB_EVENT_BACKUP_PROGRESS || type == WB_EVENT_RESTORE_PROGRESS;
}

void cli_on_event(void *user, const struct wb_event *event)
{
	struct cli *cli = user;

	/* A full disk must not stop a migration: what went wrong is told at the end. */
	if (cli->events.fd >= 0 && wb_report_event(&cli->events, event, NULL) == 0)
		wb_out_flush(&cli->events);
	if (cli->g.log == CLI_LOG_JSON && !cli->g.quiet && (cli->g.verbose > 0 || !is_step(event->type)) &&
	    wb_report_event(&cli->note, event, NULL) == 0)
		wb_out_flush(&cli->note);
	cli_progress_event(cli->progress, event);
}

void cli_on_log(void *user, enum wb_log_level level, const char *message)
{
	cli_say(user, level, "%s", message);
}
