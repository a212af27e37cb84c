/* SPDX-License-Identifier: Apache-2.0
 *
 * What the terminal can show, lines on standard error, and questions.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/text.h"
#include "base/banned.h"

static bool wants_color(const struct cli *cli, int fd)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	if (cli->g.color != CLI_COLOR_AUTO)
		return cli->g.color == CLI_COLOR_ALWAYS;
	return !(none && none[0]) && term && term[0] && strcmp(term, "dumb") != 0 && isatty(fd);
}

static unsigned columns(int fd)
{
	struct winsize size;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 0;
}

void cli_terminal_init(struct cli *cli)
{
	bool events_on_stdout = cli->g.events && strcmp(cli->g.events, "-") == 0;

	cli->note.fd = STDERR_FILENO;
	cli->note.color = wants_color(cli, STDERR_FILENO);
	cli->note.columns = columns(STDERR_FILENO);
	/* A file is written when it is complete; events on standard output leave it to nothing else. */
	cli->out.fd = cli->g.file ? -1 : events_on_stdout ? STDERR_FILENO : STDOUT_FILENO;
	cli->out.color = cli->out.fd >= 0 ? wants_color(cli, cli->out.fd) : cli->g.color == CLI_COLOR_ALWAYS;
	cli->out.columns = cli->out.fd >= 0 ? columns(cli->out.fd) : 0;
}

void cli_say(struct cli *cli, enum wb_log_level level, const char *fmt, ...)
{
	wb_autostr text = WB_STR_INIT;
	va_list ap;

	if (level > WB_LOG_ERROR && cli->g.quiet)
		return;
	va_start(ap, fmt);
	wb_str_vaddf(&text, fmt, ap);
	va_end(ap);
	cli_progress_clear(cli->progress);
	if (cli->g.log == CLI_LOG_JSON) {
		if (wb_report_log(&cli->note, level, text.p, NULL, NULL) < 0)
			return;
	} else {
		if (level <= WB_LOG_WARN)
			wb_out_styled(&cli->note, level == WB_LOG_ERROR ? WB_RED : WB_YELLOW,
				      "%s: ", level == WB_LOG_ERROR ? "error" : "warning");
		wb_out_clean(&cli->note, text.p);
		wb_out_add(&cli->note, "\n");
	}
	wb_out_flush(&cli->note);
}

bool cli_same_place(void)
{
	struct stat out, note;

	return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &note) == 0 && out.st_dev == note.st_dev &&
	       out.st_ino == note.st_ino;
}

/* One line of standard input, cut to the buffer. */
static bool read_answer(char *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;
	char c;

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		if (n + 1 < size)
			buf[n++] = c;
	buf[n] = '\0';
	return got == 1 || n > 0;
}

int cli_confirm(struct cli *cli, const char *question, const char *word, struct wb_error *err)
{
	char answer[300];
	struct wb_sv said;

	if (cli->g.yes)
		return 0;
	if (!isatty(STDIN_FILENO)) {
		wb_err_set(err, WB_EREFUSED, "this has to be confirmed, and there is nobody to ask");
		wb_err_detail(err, "%s", question);
		wb_err_hint(err, "standard input is no terminal; give --yes when it is meant");
		return WB_EREFUSED;
	}
	wb_out_clean(&cli->note, question);
	wb_out_add(&cli->note, "\nType ");
	wb_out_styled(&cli->note, WB_BOLD, "%s", word ? word : "yes");
	wb_out_add(&cli->note, " to go on: ");
	wb_out_flush(&cli->note);
	said = read_answer(answer, sizeof(answer)) ? wb_sv_trim(wb_sv_str(answer)) : wb_sv(NULL, 0);
	if (said.n && (word ? wb_sv_eq(said, wb_sv_str(word)) : wb_sv_ieq(said, "yes")))
		return 0;
	return wb_err_set(err, WB_EREFUSED, "not confirmed: nothing was changed");
}

int cli_confirm_protected(struct cli *cli, const char *what, struct wb_error *err)
{
	const struct cli_target *target;
	const char *question;
	int rc = cli_one_target(cli, &target, err);

	if (rc < 0 || target->values[CLI_SET_PROTECTED].number == 0)
		return rc;
	question = wb_arena_printf(&cli->arena, "This %s in %s%s, which is protected (database %s)", what,
				   cli->environment ? "the environment " : "a configuration",
				   cli->environment ? cli->environment : "", target->name);
	return question ? cli_confirm(cli, question, cli->environment, err) : wb_err_nomem(err);
}
