/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/commands/ and docs/configuration.md from the tables. A test writes them
 * again and compares.
 */
#include "cli/cli.h"

#include <ctype.h>

#include "base/banned.h"

/* A bar would end the cell of a table, also inside code. */
static void cell(struct wb_out *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '|')
			wb_out_add(out, "\\");
		wb_out_addn(out, text, 1);
	}
}

static void options(struct wb_out *out, const struct cli_option *o)
{
	wb_out_add(out, "| option | meaning | environment |\n|---|---|---|\n");
	for (; o->name; o++) {
		wb_autostr label = WB_STR_INIT;
		const char *env = cli_option_env(o);

		cli_option_label(o, false, &label);
		wb_out_add(out, "| `");
		cell(out, label.p);
		wb_out_add(out, "` | ");
		cell(out, o->help);
		wb_out_addf(out, " | %s%s%s |\n", env ? "`" : "", env ? env : "", env ? "`" : "");
	}
}

static void examples(struct wb_out *out, const struct cli_example *e)
{
	if (!e || !e->command)
		return;
	wb_out_add(out, "\n## Examples\n\n```sh\n");
	for (; e->command; e++)
		wb_out_addf(out, "whimbrel %s  # %s\n", e->command, e->does);
	wb_out_add(out, "```\n");
}

static void exits(struct wb_out *out, const struct cli_exit *x)
{
	wb_out_add(out, "\n## Exit status\n\n| status | meaning |\n|---:|---|\n");
	for (; x && x->code >= 0; x++)
		wb_out_addf(out, "| %d | %s |\n", x->code, x->text);
	wb_out_add(
		out,
		"| 64 | wrong usage |\n| 65 | a file cannot be read, or is wrong |\n| 70 | a defect in Whimbrel |\n");
}

static void formats(struct wb_out *out, const struct cli_command *c)
{
	int f, n = 0;

	if (c->flags & CLI_FREE_FORM)
		return;
	wb_out_add(out, "\nForms of the result (`-o`): ");
	for (f = 0; f < WB_FORMAT_COUNT; f++)
		if (c->formats & 1u << f)
			wb_out_addf(out, "%s%s", n++ ? ", " : "", wb_format_name((enum wb_format)f));
	wb_out_add(out, ".\n");
}

void cli_docs_command(struct wb_out *out, const struct cli_command *c)
{
	wb_out_addf(out, "# whimbrel %s\n\n%c%s.\n\n```\nwhimbrel %s%s%s%s\n```\n\n%s\n", c->name,
		    toupper((unsigned char)c->summary[0]), c->summary + 1, c->name, c->options ? " [options]" : "",
		    c->arguments ? " " : "", c->arguments ? c->arguments : "", c->about);
	formats(out, c);
	if (c->options) {
		wb_out_add(out, "\n## Options\n\n");
		options(out, c->options);
		wb_out_add(out, "\nThe [global options](README.md#global-options) hold as well.\n");
	}
	examples(out, c->examples);
	exits(out, c->exits);
}

void cli_docs_index(struct wb_out *out)
{
	const struct cli_command *const *c;
	int group;

	wb_out_add(out, "# Commands\n\n`whimbrel [global options] COMMAND [options] [arguments]`\n");
	for (group = 0; group < CLI_GROUP_COUNT; group++) {
		wb_out_addf(out, "\n## %s\n\n| command | does |\n|---|---|\n", cli_group_title((enum cli_group)group));
		for (c = cli_commands; *c; c++)
			if ((int)(*c)->group == group)
				wb_out_addf(out, "| [`%s`](%s.md) | %s |\n", (*c)->name, (*c)->name, (*c)->summary);
	}
	wb_out_add(out, "\n## Global options\n\nThey stand before or after the command.\n\n");
	options(out, cli_global_options);
}

/* ---- docs/configuration.md ---- */

static const char intro[] =
	"# Configuration\n\n"
	"None is needed: with `DATABASE_URL` set (or `--url` given) and a folder `migrations/`, `db/migrations/`,\n"
	"`src/db/migrations/` or `sql/`, every command works. `whimbrel config` prints each value and where it came "
	"from.\n\n"
	"## Which value counts\n\n"
	"1. the option (`--url`),\n"
	"2. the environment variable (`WHIMBREL_URL`),\n"
	"3. the chosen environment (`-e NAME`) in `whimbrel.yaml`,\n"
	"4. `DATABASE_URL`, where there is one database and its `url` does not itself ask for `${DATABASE_URL}`,\n"
	"5. `whimbrel.yaml`,\n"
	"6. the default.\n\n"
	"`DATABASE_URL` stands behind the chosen environment so that `-e production` cannot be led to another database "
	"by a\n"
	"variable that is nearly always set.\n\n"
	"## .env\n\n"
	"A file `.env` in the working folder counts as part of the environment; what is really set wins. Lines are\n"
	"`NAME=value`, `export NAME=value`, `NAME='as it stands'` or `NAME=\"with \\n, \\t, \\\" and \\\\\"`; quoted "
	"values may span\n"
	"lines; `#` begins a comment at the start of a line or after a blank. Nothing is expanded in it. libpq's "
	"`PG*`\n"
	"variables work from it, too. A file with a password that other users can read is warned of.\n\n"
	"## whimbrel.yaml\n\n"
	"Read from the working folder (`whimbrel.yml` as well), or where `--config` says. Paths in it count from the "
	"working\n"
	"folder. An unknown key is an error.\n\n"
	"```yaml\n"
	"databases:\n"
	"  main: { url: \"${DATABASE_URL}\", direct_url: \"${DIRECT_URL:-}\", dir: db/migrations, numbering: strict }\n"
	"  audit: { url: \"sqlite:audit.db\", dir: audit/migrations }\n"
	"environments:\n"
	"  development: { allow_reset: true }\n"
	"  staging:     { databases: { main: { url: \"${STAGING_URL}\" } } }\n"
	"  production:  { protected: true, blocking_budget: 10s }\n"
	"project: main\n"
	"variables: { app_schema: shop }\n"
	"queries:\n"
	"  row_counts: SELECT count(*) FROM orders\n"
	"  slow: { database: main, description: what is slow, sql: \"SELECT * FROM slow_log\" }\n"
	"```\n\n"
	"`${NAME}` in a value is the environment variable NAME; when it is not set, whatever needs the value stops "
	"with\n"
	"status 65 and names it. `${NAME:-default}` has a default, `$${` stands for `${`. Only what is needed is "
	"expanded:\n"
	"`STAGING_URL` may be missing as long as nobody says `-e staging`. A `direct_url` that cannot be had is left "
	"out with a\n"
	"warning: what would need it refuses to run without.\n\n"
	"With one database configured it is used; with several, `status`, `validate`, `lint` and `config` go over all, "
	"and "
	"every\n"
	"other command wants `-d NAME`.\n\n"
	"Where driver modules are looked for first is said by `WHIMBREL_MODULE_DIR`, and where pg_dump and pg_restore "
	"are by\n"
	"`WHIMBREL_PG_BIN`. Both count only in the real environment: code is loaded from there.\n\n"
	"A duration is `250ms`, `10s`, `5m`, `1h` or `30d`; a bare number means seconds. True is `true`, `yes`, `on` "
	"or `1`,\n"
	"false is `false`, `no`, `off` or `0`.\n";

static void key_row(struct wb_out *out, const struct cli_key *k)
{
	wb_out_addf(out, "| `%s` | ", k->name);
	if (k->choices) {
		wb_out_add(out, "`");
		cell(out, k->choices);
		wb_out_add(out, "`");
	} else {
		wb_out_add(out, cli_key_type_text(k));
	}
	wb_out_addf(out, " | %s%s%s | ", k->fallback ? "`" : "", k->fallback ? k->fallback : "",
		    k->fallback ? "`" : "");
	if (k->env)
		wb_out_addf(out, "`%s`", k->env);
	if (k->env_too)
		wb_out_addf(out, ", `%s`", k->env_too);
	wb_out_add(out, " | ");
	cell(out, k->doc);
	wb_out_add(out, " |\n");
}

static void keys_at(struct wb_out *out, unsigned place, bool maps, const char *heading)
{
	size_t i;

	wb_out_addf(out, "\n## %s\n\n| key | type | default | environment | meaning |\n|---|---|---|---|---|\n",
		    heading);
	for (i = 1; i < cli_n_keys; i++)
		if ((cli_keys[i].places & place) && (cli_keys[i].type == CLI_KEY_MAP) == maps)
			key_row(out, &cli_keys[i]);
}

void cli_docs_configuration(struct wb_out *out)
{
	wb_out_add(out, intro);
	keys_at(out, CLI_DATABASE, false,
		"Keys of a database: `databases.NAME.` and `environments.NAME.databases.NAME.`");
	keys_at(out, CLI_ENVIRONMENT, false, "Keys of a run: at the top and `environments.NAME.`");
	keys_at(out, CLI_TOP, true,
		"Keys that hold others: at the top (`databases`, `variables` also in `environments.NAME.`)");
	keys_at(out, CLI_QUERY, false, "Keys of a query: `queries.NAME.`");
	keys_at(out, CLI_LINT, false, "Keys of `lint`: `lint.`");
	keys_at(out, CLI_LINT_RULES, false, "Severities: `lint.rules.RULE` and `lint.overrides.NAME.rules.RULE`");
	keys_at(out, CLI_LINT_OVERRIDE, false, "Files that an override is for: `lint.overrides.NAME.`");
}
