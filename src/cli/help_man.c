/* SPDX-License-Identifier: Apache-2.0
 *
 * Man pages from the tables, written at build time by the program itself.
 */
#include "cli/cli.h"

#include <ctype.h>

#include "base/banned.h"

/* Text for groff: `code` becomes bold; what groff would read as its own is escaped. */
static void text(struct wb_out *out, const char *s)
{
	bool bold = false, start = true;

	for (; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			wb_out_add(out, "\\&");
		start = *s == '\n';
		if (*s == '`') {
			wb_out_add(out, bold ? "\\fR" : "\\fB");
			bold = !bold;
		} else if (*s == '\\') {
			wb_out_add(out, "\\e");
		} else if (*s == '-') {
			wb_out_add(out, "\\-");
		} else {
			wb_out_addn(out, s, 1);
		}
	}
}

static void heading(struct wb_out *out, const char *title)
{
	wb_out_addf(out, ".SH %s\n", title);
}

static void title(struct wb_out *out, const char *command)
{
	const char *p;

	wb_out_add(out, ".TH WHIMBREL");
	if (command) {
		wb_out_add(out, "\\-");
		for (p = command; *p; p++)
			wb_out_addf(out, "%c", toupper((unsigned char)*p));
	}
	wb_out_addf(out, " 1 \"\" \"whimbrel %s\" \"Whimbrel\"\n", wb_version());
}

static void options(struct wb_out *out, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		wb_autostr label = WB_STR_INIT;
		const char *env = cli_option_env(o);

		cli_option_label(o, false, &label);
		wb_out_add(out, ".TP\n\\fB");
		text(out, label.p);
		wb_out_add(out, "\\fR\n");
		text(out, o->help);
		if (env) {
			wb_out_add(out, " (environment: ");
			text(out, env);
			wb_out_add(out, ")");
		}
		wb_out_add(out, "\n");
	}
}

static void examples(struct wb_out *out, const struct cli_example *e)
{
	if (!e || !e->command)
		return;
	heading(out, "EXAMPLES");
	for (; e->command; e++) {
		wb_out_add(out, ".TP\n\\fBwhimbrel ");
		text(out, e->command);
		wb_out_add(out, "\\fR\n");
		text(out, e->does);
		wb_out_add(out, "\n");
	}
}

static void exits(struct wb_out *out, const struct cli_exit *x)
{
	heading(out, "EXIT STATUS");
	for (; x && x->code >= 0; x++) {
		wb_out_addf(out, ".TP\n%d\n", x->code);
		text(out, x->text);
		wb_out_add(out, "\n");
	}
	wb_out_add(out, ".TP\n64, 65, 70\nwrong usage; a wrong file; a defect in Whimbrel\n");
}

void cli_man_command(struct wb_out *out, const struct cli_command *c)
{
	title(out, c->name);
	heading(out, "NAME");
	wb_out_add(out, "whimbrel\\-");
	text(out, c->name);
	wb_out_add(out, " \\- ");
	text(out, c->summary);
	wb_out_add(out, "\n");
	heading(out, "SYNOPSIS");
	wb_out_addf(out, "\\fBwhimbrel %s\\fR%s ", c->name, c->options ? " [options]" : "");
	text(out, c->arguments ? c->arguments : "");
	wb_out_add(out, "\n");
	heading(out, "DESCRIPTION");
	text(out, c->about);
	wb_out_add(out, "\n");
	if (c->options)
		heading(out, "OPTIONS");
	options(out, c->options);
	examples(out, c->examples);
	exits(out, c->exits);
	heading(out, "SEE ALSO");
	wb_out_add(out, "\\fBwhimbrel\\fR(1) for the global options, the configuration and the environment\n");
}

static void command_list(struct wb_out *out)
{
	const struct cli_command *const *c;
	int group;

	heading(out, "COMMANDS");
	for (group = 0; group < CLI_GROUP_COUNT; group++) {
		wb_out_addf(out, ".SS %s\n", cli_group_title((enum cli_group)group));
		for (c = cli_commands; *c; c++) {
			if ((int)(*c)->group != group)
				continue;
			wb_out_addf(out, ".TP\n\\fBwhimbrel\\-%s\\fR(1)\n", (*c)->name);
			text(out, (*c)->summary);
			wb_out_add(out, "\n");
		}
	}
}

static void settings(struct wb_out *out)
{
	int setting;

	heading(out, "CONFIGURATION");
	text(out,
	     "`whimbrel.yaml` in the working folder, or the file of `--config`. Keys of a database stand under "
	     "`databases.NAME`, the others at the top; both may stand again under `environments.NAME`, which `--env` "
	     "chooses. `${NAME}` in a value is the environment variable, `${NAME:-default}` has a default.");
	wb_out_add(out, "\n");
	for (setting = CLI_SET_NONE + 1; setting < CLI_SET_COUNT; setting++) {
		const struct cli_key *k = &cli_keys[setting];

		wb_out_add(out, ".TP\n\\fB");
		text(out, k->name);
		wb_out_addf(out, "\\fR (%s)\n", k->choices ? k->choices : cli_key_type_text(k));
		text(out, k->doc);
		if (k->fallback) {
			wb_out_add(out, " Default: ");
			text(out, k->fallback);
		}
		wb_out_add(out, "\n");
	}
}

static void all_exits(struct wb_out *out)
{
	static const struct cli_exit table[] = {
		{ 0, "done, or nothing to do" },
		{ 1, "the answer is no: findings, a failed validation, pending with --exit-code" },
		{ 2, "the answer is no, and critical" },
		{ 3, "a migration or step failed; what happened is recorded, nothing is lost" },
		{ 4, "refused by a safety rule" },
		{ 5, "busy, try again: another run holds the lock, or the blocking budget is spent" },
		{ 6, "the database cannot be reached, or the connection was lost" },
		{ 130, "stopped by SIGINT (143: by SIGTERM)" },
		{ -1, NULL },
	};

	exits(out, table);
}

void cli_man_program(struct wb_out *out)
{
	title(out, NULL);
	heading(out, "NAME");
	wb_out_add(out, "whimbrel \\- takes SQLite and PostgreSQL databases from one schema version to the next\n");
	heading(out, "SYNOPSIS");
	wb_out_add(out, "\\fBwhimbrel\\fR [global options] \\fICOMMAND\\fR [options] [arguments]\n");
	heading(out, "DESCRIPTION");
	text(out, "Whimbrel applies the migrations of a folder to a database in order, once each, and journals what "
		  "it did in the database itself. With `DATABASE_URL` set and a folder `migrations` no configuration "
		  "is needed. A `.env` file in the working folder is read; the real environment wins.");
	wb_out_add(out, "\n");
	command_list(out);
	heading(out, "GLOBAL OPTIONS");
	options(out, cli_global_options);
	settings(out);
	all_exits(out);
}
