/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel init: everything that a new project needs, nothing that is there is
 * touched.
 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/setting.h"

#include <errno.h>

#include "base/banned.h"

struct options {
	int style;
	bool journal_sql;
};

static const char *const styles[] = { "versioned", "timestamped", "numbered" };

static const char config_head[] =
	"# Whimbrel's configuration; `whimbrel config` shows what counts, docs/configuration.md lists every key.\n"
	"databases:\n"
	"  main:\n"
	"    url: ";
static const char config_tail[] = "\n"
				  "environments:\n"
				  "  development: { allow_reset: true }\n"
				  "  production: { protected: true }\n";

static const char ci_head[] =
	"# Checks the migrations of each pull request: first the files, then a run on an empty database.\n"
	"# `whimbrel` has to be on the runner: install it in a step before these, or use an image that has it.\n"
	"name: whimbrel\n"
	"on: [pull_request]\n"
	"jobs:\n"
	"  migrations:\n"
	"    runs-on: ubuntu-latest\n";
static const char ci_postgres[] = "    services:\n"
				  "      postgres:\n"
				  "        image: postgres:15\n"
				  "        env: { POSTGRES_PASSWORD: whimbrel }\n"
				  "        ports: [\"5432:5432\"]\n"
				  "    env:\n"
				  "      DATABASE_URL: postgres://postgres:whimbrel@localhost:5432/postgres\n";
static const char ci_sqlite[] = "    env:\n"
				"      DATABASE_URL: sqlite:ci.db\n";
static const char ci_tail[] = "    steps:\n"
			      "      - uses: actions/checkout@v4\n"
			      "        with: { fetch-depth: 0 }\n"
			      "      - run: whimbrel wait --timeout 60s\n"
			      "      - run: whimbrel validate --against origin/${{ github.base_ref }} -o github\n"
			      "      - run: whimbrel up\n"
			      "      - run: whimbrel status --exit-code\n";

static const char ignore_name[] = ".gitignore";
static const char *const ignored[] = { ".env", "*.whimbrel-lock", ".whimbrel-*.tmp" };

struct init {
	struct cli *cli;
	const struct cli_target *target;
	const char *dir;
	const char *written[8], *kept[8];
	size_t n_written, n_kept;
	const char *ignores[8]; /* what must not be committed */
	size_t n_ignores;
	struct wb_str unignored; /* of that, what a file that was there does not name */
};

/* 1, which ends the walk, for the first file that is not hidden. */
static int find_file(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)user;
	(void)dirfd;
	(void)err;
	return name[0] == '.' ? 0 : 1;
}

static int write_file(struct init *in, const char *path, const char *text, struct wb_error *err)
{
	int rc;

	if (wb_fs_exists(path)) {
		in->kept[in->n_kept++] = path;
		return 0;
	}
	rc = wb_fs_create(path, wb_sv_str(text), 0644, err);
	if (rc == 0)
		in->written[in->n_written++] = path;
	return rc;
}

/* Quoted, so that any name of a folder is a text to YAML. */
static void add_yaml_text(struct wb_str *out, const char *text)
{
	wb_str_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			wb_str_addc(out, '\\');
		wb_str_addc(out, *text);
	}
	wb_str_addc(out, '"');
}

/* A SQLite file given on the command line is worth keeping, and holds no password. */
static const char *sqlite_url(const struct init *in)
{
	const char *url = in->target->values[CLI_SET_URL].text;

	return url && wb_sv_starts(wb_sv_str(url), "sqlite:") ? url : NULL;
}

static int write_config(struct init *in, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT, url = WB_STR_INIT;
	const char *path = in->cli->g.config ? in->cli->g.config : "whimbrel.yaml";

	wb_str_addf(&url, "${DATABASE_URL%s%s}", sqlite_url(in) ? ":-" : "", sqlite_url(in) ? sqlite_url(in) : "");
	wb_str_add(&text, config_head);
	add_yaml_text(&text, url.p);
	wb_str_add(&text, "\n    dir: ");
	add_yaml_text(&text, in->dir);
	wb_str_add(&text, config_tail);
	return text.failed || url.failed ? wb_err_nomem(err) : write_file(in, path, text.p, err);
}

static int write_ci(struct init *in, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	int rc = wb_fs_mkdir_p(".github/workflows", 0755, err);

	wb_str_add(&text, ci_head);
	wb_str_add(&text, sqlite_url(in) ? ci_sqlite : ci_postgres);
	wb_str_add(&text, ci_tail);
	if (rc == 0 && text.failed)
		rc = wb_err_nomem(err);
	return rc < 0 ? rc : write_file(in, ".github/workflows/whimbrel.yml", text.p, err);
}

/* ---- what must not be committed ---- */

/* Nothing that .gitignore would read as a pattern, or that is not below the folder. */
static bool is_plain_path(struct wb_sv path)
{
	size_t i;

	if (!path.n || path.p[0] == '/' || path.p[0] == '#' || path.p[0] == '!' || wb_sv_starts(path, ".."))
		return false;
	for (i = 0; i < path.n; i++)
		if (strchr("*?[\\ :\n\r", path.p[i]))
			return false;
	return true;
}

static int add_ignored(struct init *in, struct wb_sv path, const char *suffix, struct wb_error *err)
{
	if (!is_plain_path(path))
		return 0;
	in->ignores[in->n_ignores] = wb_arena_printf(&in->cli->arena, "%.*s%s", WB_SV_ARG(path), suffix);
	return in->ignores[in->n_ignores++] ? 0 : wb_err_nomem(err);
}

static int find_ignores(struct init *in, struct wb_error *err)
{
	const char *backups = in->target->values[CLI_SET_BACKUP_DIR].text, *url = sqlite_url(in);
	struct wb_sv rest = wb_sv_str(url ? url + strlen("sqlite:") : ""), file = rest;
	size_t i;
	int rc = 0;

	for (i = 0; i < WB_ARRAY_LEN(ignored); i++)
		in->ignores[in->n_ignores++] = ignored[i];
	if (backups)
		rc = add_ignored(in, wb_sv_str(backups), "/", err);
	(void)wb_sv_cut(&rest, '?', &file);
	if (rc == 0)
		rc = add_ignored(in, file, "", err);
	return rc == 0 ? add_ignored(in, file, "-*", err) : rc;
}

static bool has_line(struct wb_sv text, const char *wanted)
{
	struct wb_sv line;
	bool found = false;

	while (!found && wb_sv_cut(&text, '\n', &line))
		found = wb_sv_eq(wb_sv_trim(line), wb_sv_str(wanted));
	return found;
}

/* One that is there is its owner's: it is only said what it lacks. */
static int write_ignore(struct init *in, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	bool there = wb_fs_exists(ignore_name);
	int rc = find_ignores(in, err);
	size_t i;

	if (rc == 0 && there)
		rc = wb_fs_read(ignore_name, (size_t)1 << 20, &text, err);
	for (i = 0; rc == 0 && i < in->n_ignores; i++) {
		if (!there)
			wb_str_addf(&text, "%s\n", in->ignores[i]);
		else if (!has_line(wb_str_sv(&text), in->ignores[i]))
			wb_str_addf(&in->unignored, " %s", in->ignores[i]);
	}
	if (rc == 0 && (text.failed || in->unignored.failed))
		rc = wb_err_nomem(err);
	return rc < 0 ? rc : write_file(in, ignore_name, text.p, err);
}

static int write_first(struct init *in, struct wb_error *err)
{
	const struct options *o = in->cli->options;
	struct wb_new_file file = { .size = sizeof(file), .description = "first", .style = styles[o->style] };
	cli_autoclose *context = NULL;
	char *path = NULL, *down = NULL;
	int rc;

	file.author = cli_env_get(&in->cli->env, "WHIMBREL_AUTHOR", NULL);
	file.author = file.author ? file.author : cli_git_author(in->cli);
	rc = wb_fs_mkdir_p(in->dir, 0755, err);
	if (rc == 0)
		rc = wb_fs_list(in->dir, find_file, NULL, err);
	if (rc > 0)
		in->kept[in->n_kept++] = in->dir;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = cli_open(in->cli, in->target, &context, err);
	if (rc == 0)
		rc = wb_new(context, &file, &path, &down, err);
	if (rc == 0) {
		in->written[in->n_written] = wb_arena_str(&in->cli->arena, path);
		rc = in->written[in->n_written++] ? 0 : wb_err_nomem(err);
	}
	free(path);
	free(down);
	return rc;
}

static int report(struct init *in, struct wb_error *err)
{
	struct wb_out *out = &in->cli->out;
	size_t i;

	if (in->cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact facts[] = {
			WB_LIST_FACT("written", in->written, in->n_written),
			WB_LIST_FACT("kept", in->kept, in->n_kept),
		};

		return wb_report_facts(out, facts, WB_ARRAY_LEN(facts), err);
	}
	for (i = 0; i < in->n_written; i++) {
		wb_out_styled(out, WB_GREEN, "wrote  ");
		wb_out_addf(out, "%s\n", in->written[i]);
	}
	for (i = 0; i < in->n_kept; i++)
		wb_out_addf(out, "kept   %s (it is there already)\n", in->kept[i]);
	if (in->unignored.n)
		wb_out_addf(out, "       what must not be committed, and it does not name:%s\n", in->unignored.p);
	wb_out_add(out, in->target->values[CLI_SET_URL].text
				? "\nNext: edit the first migration,\n"
				: "\nNext: set DATABASE_URL (sqlite:app.db, postgres://user@host/name), edit the first "
				  "migration,\n");
	wb_out_add(out, "then `whimbrel plan` and `whimbrel up`.\n");
	return 0;
}

static int print_journal_sql(struct cli *cli, struct wb_error *err)
{
	cli_autoclose *context = NULL;
	char *sql = NULL;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_journal_sql(context, &sql, err);
	if (rc < 0)
		return rc;
	if (cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact fact = WB_TEXT_FACT("sql", sql);

		rc = wb_report_facts(&cli->out, &fact, 1, err);
	} else {
		wb_out_add(&cli->out, sql);
	}
	free(sql);
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct init in = { .cli = cli, .unignored = WB_STR_INIT };
	const struct cli_target *target;
	struct cli_target own;
	int rc;

	if (o->journal_sql)
		return print_journal_sql(cli, err);
	rc = cli_one_target(cli, &target, err);
	if (rc < 0)
		return rc;
	own = *target;
	if (!own.values[CLI_SET_DIR].text)
		own.values[CLI_SET_DIR].text = "migrations";
	in.target = &own;
	in.dir = own.values[CLI_SET_DIR].text;
	rc = write_config(&in, err);
	if (rc == 0)
		rc = write_first(&in, err);
	if (rc == 0)
		rc = write_ci(&in, err);
	if (rc == 0)
		rc = write_ignore(&in, err);
	if (rc == 0)
		rc = report(&in, err);
	wb_str_done(&in.unignored);
	return rc;
}

static const struct cli_option options[] = {
	{ "style", 0, CLI_CHOICE, "STYLE", .choices = "versioned|timestamped|numbered",
	  .offset = offsetof(struct options, style),
	  .help = "names of files: versioned (V001__x.sql), timestamped, numbered (001_x.sql)" },
	{ "journal-sql", 0, CLI_FLAG, .offset = offsetof(struct options, journal_sql),
	  .help = "only print the journal's DDL, for a role that may create it" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "init", "whimbrel.yaml, migrations/ with a first file, a CI example, .gitignore" },
	{ "init --style timestamped --dir db/migrations", "other names, another folder" },
	{ "init --journal-sql --url postgres://host/db", "DDL for an administrator" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "everything is there" }, { -1, NULL } };

const struct cli_command cmd_init = {
	.name = "init",
	.summary = "start a project: configuration, folder, first migration, CI example",
	.about = "Writes whimbrel.yaml, the folder of migrations with a first file, "
		 ".github/workflows/whimbrel.yml, and a .gitignore with what must not be committed (.env, backups, "
		 "locks, a SQLite file). What is there already is kept as it is.",
	.group = CLI_GROUP_START,
	.flags = CLI_READS_CONFIG | CLI_USES_DIR,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
