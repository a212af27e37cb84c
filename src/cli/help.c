/* SPDX-License-Identifier: Apache-2.0
 *
 * Help for the terminal, written from the tables: a screen for each command.
 */
#include "cli/cli.h"

#include "report/text.h"
#include "base/banned.h"

#define WIDTH 79u
#define OPTION_COLUMN 30u

const char *cli_group_title(enum cli_group group)
{
	static const char *const titles[CLI_GROUP_COUNT] = {
		[CLI_GROUP_START] = "Begin",
		[CLI_GROUP_LOOK] = "Look (changes nothing)",
		[CLI_GROUP_CHANGE] = "Change",
		[CLI_GROUP_MEND] = "Put right",
		[CLI_GROUP_DATABASE] = "The database itself",
		[CLI_GROUP_ABOUT] = "About the program",
	};

	return titles[group];
}

void cli_option_label(const struct cli_option *option, bool letters, struct wb_str *ret_label)
{
	if (option->letter)
		wb_str_addf(ret_label, "-%c, ", option->letter);
	else if (letters)
		wb_str_add(ret_label, "    ");
	wb_str_addf(ret_label, "--%s", option->name);
	if (option->bare)
		wb_str_addf(ret_label, "[=%s]", option->argument);
	else if (option->argument)
		wb_str_addf(ret_label, " %s", option->argument);
}

static void blanks(struct wb_out *out, unsigned n)
{
	while (n-- > 0)
		wb_out_add(out, " ");
}

/* Words of text, broken before WIDTH; `used` columns of the first line are taken, later lines begin at `indent`. */
static void wrap(struct wb_out *out, const char *text, unsigned indent, unsigned used)
{
	struct wb_sv rest = wb_sv_str(text), word;
	bool first = true;

	while (wb_sv_cut(&rest, ' ', &word)) {
		unsigned width = wb_text_width(word);

		if (!first && used + 1 + width > WIDTH) {
			wb_out_add(out, "\n");
			blanks(out, indent);
			used = indent;
			first = true;
		}
		if (!first) {
			wb_out_add(out, " ");
			used++;
		}
		wb_out_addn(out, word.p, word.n);
		used += width;
		first = false;
	}
	wb_out_add(out, "\n");
}

static void print_option(struct wb_out *out, const struct cli_option *o)
{
	wb_autostr label = WB_STR_INIT;
	unsigned used;

	cli_option_label(o, true, &label);
	wb_out_add(out, "  ");
	wb_out_styled(out, WB_BOLD, "%s", label.p);
	used = 2 + (unsigned)label.n;
	if (used + 2 > OPTION_COLUMN) {
		wb_out_add(out, "\n");
		used = 0;
	}
	blanks(out, OPTION_COLUMN - used);
	wrap(out, o->help, OPTION_COLUMN, OPTION_COLUMN);
}

static void print_options(struct wb_out *out, const struct cli_option *table)
{
	for (; table && table->name; table++)
		print_option(out, table);
}

static void print_examples(struct wb_out *out, const struct cli_example *e)
{
	size_t width = 0;
	const struct cli_example *x;

	if (!e || !e->command)
		return;
	for (x = e; x->command; x++)
		width = strlen(x->command) > width && strlen(x->command) <= 34 ? strlen(x->command) : width;
	wb_out_styled(out, WB_BOLD, "\nExamples:\n");
	for (; e->command; e++)
		wb_out_addf(out, "  whimbrel %-*s  # %s\n", (int)width, e->command, e->does);
}

static void print_exits(struct wb_out *out, const struct cli_exit *x)
{
	wb_autostr text = WB_STR_INIT;

	if (!x)
		return;
	wb_str_add(&text, "Exit status:");
	for (; x->code >= 0; x++)
		wb_str_addf(&text, " %d %s%s", x->code, x->text, x[1].code >= 0 ? ";" : "");
	wb_str_add(&text, ".");
	wb_out_add(out, "\n");
	wrap(out, text.p, 2, 0);
}

void cli_help_command(struct wb_out *out, const struct cli_command *c)
{
	wb_out_styled(out, WB_BOLD, "whimbrel %s", c->name);
	wb_out_addf(out, ": %s\n\nUsage: whimbrel %s%s%s%s\n\n", c->summary, c->name, c->options ? " [options]" : "",
		    c->arguments ? " " : "", c->arguments ? c->arguments : "");
	wrap(out, c->about, 0, 0);
	if (c->options) {
		wb_out_styled(out, WB_BOLD, "\nOptions:\n");
		print_options(out, c->options);
	}
	if (c->flags & CLI_READS_CONFIG)
		wb_out_add(out,
			   "  and the global ones (-e, -d, --url, --dir, -o, -v, -y ...): whimbrel help options\n");
	print_examples(out, c->examples);
	print_exits(out, c->exits);
}

void cli_help_globals(struct wb_out *out)
{
	wb_out_styled(out, WB_BOLD, "Global options");
	wb_out_add(out, ", before or after the command:\n\n");
	print_options(out, cli_global_options);
	wb_out_add(out, "\n");
	wrap(out,
	     "Each has a twin in the environment: WHIMBREL_ and the long name, e.g. WHIMBREL_OUTPUT=json. A value is "
	     "taken from the option, else the environment (a .env file counts as part of it), else the chosen "
	     "environment of whimbrel.yaml, else whimbrel.yaml, else the default; `whimbrel config` shows what came "
	     "from where.",
	     0, 0);
}

static void print_group(struct wb_out *out, enum cli_group group)
{
	const struct cli_command *const *c;

	wb_out_styled(out, WB_BOLD, "\n%s\n", cli_group_title(group));
	for (c = cli_commands; *c; c++)
		if ((*c)->group == group) {
			wb_out_styled(out, WB_CYAN, "  %-11s", (*c)->name);
			wb_out_addf(out, " %s\n", (*c)->summary);
		}
}

void cli_help_overview(struct wb_out *out)
{
	int group;

	wb_out_styled(out, WB_BOLD, "whimbrel");
	wb_out_add(out, ": takes SQLite and PostgreSQL databases from one schema version to the next\n\n"
			"Usage: whimbrel [global options] COMMAND [options] [arguments]\n");
	for (group = 0; group < CLI_GROUP_COUNT; group++)
		print_group(out, (enum cli_group)group);
	wb_out_add(out, "\n`whimbrel help COMMAND` tells more of one, `whimbrel help options` the global options.\n"
			"With DATABASE_URL set and a folder migrations/ all of them work without configuration.\n");
}
