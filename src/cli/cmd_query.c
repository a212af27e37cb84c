/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel query: a named read-only query of the configuration.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

/* What the configuration says of one query: a text, or a map. */
static const char *part(const struct cli *cli, const char *query, const char *key)
{
	const struct cli_entry *e = cli_config_get(cli->config, "queries.%s", query);

	if (e && e->text)
		return strcmp(key, "sql") == 0 ? e->text : NULL;
	e = cli_config_get(cli->config, "queries.%s.%s", query, key);
	return e ? e->text : NULL;
}

struct list {
	struct cli *cli;
	struct wb_rows *rows;
};

static int list_one(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	static const char *const names[] = { "query", "database", "description" };
	struct list *list = user;
	const char *query = wb_arena_sv(&list->cli->arena, name);
	const char *values[3], *description;

	(void)entry;
	if (!query)
		return WB_ENOMEM;
	description = part(list->cli, query, "description");
	values[0] = query;
	values[1] = part(list->cli, query, "database");
	values[2] = description ? description : part(list->cli, query, "sql");
	return wb_rows_add(list->rows, WB_ARRAY_LEN(names), names, values);
}

static int list_all(struct cli *cli, struct wb_error *err)
{
	struct list list = { cli, NULL };
	int rc, ended;

	if (cli->g.output == WB_FORMAT_TEXT && !cli_config_get(cli->config, "queries")) {
		wb_out_add(&cli->out, "No query is configured; they stand under `queries:` in whimbrel.yaml.\n");
		return 0;
	}
	rc = wb_rows_new(&cli->out, (enum wb_format)cli->g.output, NULL, &list.rows, err);
	if (rc < 0)
		return rc;
	rc = cli_config_children(cli->config, "queries.", list_one, &list);
	ended = wb_rows_end(list.rows, rc == 0, err);
	return rc < 0 ? wb_err_nomem(err) : ended;
}

static int guess_one(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	(void)entry;
	cli_guess_try(user, name);
	return 0;
}

static int unknown(const struct cli *cli, const char *query, struct wb_error *err)
{
	struct cli_guess guess;

	wb_err_set(err, WB_EUSAGE, "there is no query \"%s\"", query);
	cli_guess_init(&guess, wb_sv_str(query));
	(void)cli_config_children(cli->config, "queries.", guess_one, &guess);
	if (!cli_guess_hint(&guess, "", err))
		wb_err_hint(err, "`whimbrel query` lists those under \"queries:\" in whimbrel.yaml");
	return WB_EUSAGE;
}

/* That of -d, else that of the query, else the only one. */
static int choose(struct cli *cli, const char *query, const struct cli_target **ret_target, struct wb_error *err)
{
	const char *name = part(cli, query, "database");
	size_t i;

	if (cli->g.database || !name)
		return cli_one_target(cli, ret_target, err);
	for (i = 0; i < cli->n_targets; i++)
		if (strcmp(cli->targets[i].name, name) == 0) {
			*ret_target = &cli->targets[i];
			return 0;
		}
	wb_err_set(err, WB_ECONFIG, "the query \"%s\" is for the database \"%s\", which is not configured", query,
		   name);
	return WB_ECONFIG;
}

static int ask(struct cli *cli, const char *query, const char *sql, struct wb_error *err)
{
	const struct cli_target *target;
	cli_autoclose *context = NULL;
	struct wb_rows *rows = NULL;
	int rc = choose(cli, query, &target, err), fd = cli->out.fd, ended;

	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc == 0)
		rc = wb_rows_new(&cli->out, (enum wb_format)cli->g.output, query, &rows, err);
	if (rc < 0)
		return rc;
	/* JSON is shown only when it is whole. */
	if (cli->g.output == WB_FORMAT_JSON)
		cli->out.fd = -1;
	rc = wb_read_query(context, sql, wb_rows_add, rows, err);
	ended = wb_rows_end(rows, rc == 0, rc == 0 ? err : NULL);
	if (rc < 0 && cli->g.output == WB_FORMAT_JSON)
		wb_str_clear(&cli->out.buf);
	cli->out.fd = fd;
	return rc < 0 ? rc : ended;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct cli_entry *entry;
	const char *sql = NULL;
	int rc;

	if (cli->n_args == 0)
		return list_all(cli, err);
	entry = strchr(cli->args[0], '.') ? NULL : cli_config_get(cli->config, "queries.%s", cli->args[0]);
	if (!entry)
		return unknown(cli, cli->args[0], err);
	sql = part(cli, cli->args[0], "sql");
	if (!sql) {
		wb_err_set(err, WB_ECONFIG, "the query \"%s\" has no sql", cli->args[0]);
		cli_config_place(cli->config, entry, err);
		return WB_ECONFIG;
	}
	rc = cli_expand(&cli->env, &cli->arena, sql, &sql, err);
	if (rc == WB_ECONFIG)
		cli_config_place(cli->config, entry, err);
	return rc < 0 ? rc : ask(cli, cli->args[0], sql, err);
}

static const struct cli_example examples[] = {
	{ "query", "the queries there are" },
	{ "query row_counts -o json", "run one" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "answered" },
	{ 3, "the database refused the query" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_query = {
	.name = "query",
	.summary = "run a named read-only query of the configuration",
	.arguments = "[NAME]",
	.about = "Queries stand under `queries:` in whimbrel.yaml and run in a read-only transaction. Without a NAME "
		 "they are listed.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.max_args = 1,
	.examples = examples,
	.exits = exits,
	.run = run,
};
