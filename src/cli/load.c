/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding and reading .env and whimbrel.yaml, and choosing environment and
 * databases.
 */
#include "cli/cli.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"

#define DOTENV ".env"
#define FILE_MAX ((size_t)256 * 1024)

/* ---- .env ---- */

static bool is_secret_name(const char *name)
{
	static const char *const words[] = { "PASSWORD", "PASSWD", "SECRET", "TOKEN" };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

/* "…://user:password@…" or "… password=…" */
static bool holds_password(const char *value)
{
	const char *host = strstr(value, "://"), *at = host ? strchr(host + 3, '@') : NULL;

	if (at && memchr(host + 3, ':', (size_t)(at - host) - 3))
		return true;
	return strstr(value, "password=") != NULL;
}

void cli_warn_env(struct cli *cli)
{
	size_t i;

	for (i = 0; cli->env.readable && i < cli->env.dotenv.n; i++) {
		const struct cli_variable *v = &cli->env.dotenv.v[i];

		if (!holds_password(v->value) && !(is_secret_name(v->name) && v->value[0]))
			continue;
		cli_say(cli, WB_LOG_WARN,
			"%s holds a secret (%s), and every user of this machine can read it: chmod 600 %s", DOTENV,
			v->name, DOTENV);
		return;
	}
}

/* libpq reads its own variables from the process, so these have to be there. */
static int export_libpq(const struct cli *cli, struct wb_error *err)
{
	size_t i;

	for (i = 0; i < cli->env.dotenv.n; i++) {
		const struct cli_variable *v = &cli->env.dotenv.v[i];

		if (strncmp(v->name, "PG", 2) == 0 && !getenv(v->name) && setenv(v->name, v->value, 0) != 0)
			return wb_err_nomem(err);
	}
	return 0;
}

int cli_load_env(struct cli *cli, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct stat st;
	int rc;

	/* Some keep a folder of that name; it is no business of ours. */
	if (stat(DOTENV, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	rc = wb_fs_read(DOTENV, FILE_MAX, &text, err);
	if (rc == 0)
		rc = cli_dotenv_parse(wb_str_sv(&text), DOTENV, &cli->env, err);
	if (rc == 0)
		rc = export_libpq(cli, err);
	cli->env.readable = st.st_mode & S_IROTH;
	return rc;
}

/* ---- whimbrel.yaml ---- */

static const char *config_path(const struct cli *cli)
{
	static const char *const names[] = { "whimbrel.yaml", "whimbrel.yml" };
	size_t i;

	if (cli->g.config)
		return cli->g.config;
	for (i = 0; i < WB_ARRAY_LEN(names); i++)
		if (wb_fs_exists(names[i]))
			return names[i];
	return NULL;
}

int cli_load_config(struct cli *cli, struct wb_error *err)
{
	const char *path = config_path(cli);
	wb_autostr text = WB_STR_INIT;
	int rc;

	if (!path)
		return 0;
	rc = wb_fs_read(path, FILE_MAX, &text, err);
	return rc < 0 ? rc : cli_config_parse(wb_str_sv(&text), path, &cli->config, err);
}

/* ---- names ---- */

struct names {
	struct cli *cli;
	const char **v;
	size_t n, cap;
	struct cli_guess *guess;
	bool failed;
};

static int add_name(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct names *names = user;
	size_t i;

	(void)entry;
	if (names->guess)
		cli_guess_try(names->guess, name);
	for (i = 0; i < names->n; i++)
		if (wb_sv_eq(wb_sv_str(names->v[i]), name))
			return 0;
	if (!wb_vec_grow(&names->v, names->n, &names->cap, sizeof(*names->v)))
		return WB_ENOMEM;
	names->v[names->n] = wb_arena_sv(&names->cli->arena, name);
	return names->v[names->n++] ? 0 : WB_ENOMEM;
}

static void list_databases(struct names *names)
{
	struct cli *cli = names->cli;
	const char *prefix;

	if (cli_config_children(cli->config, "databases.", add_name, names) < 0)
		names->failed = true;
	if (!cli->environment)
		return;
	prefix = wb_arena_printf(&cli->arena, "environments.%s.databases.", cli->environment);
	if (!prefix || cli_config_children(cli->config, prefix, add_name, names) < 0)
		names->failed = true;
}

static const char *join(struct cli *cli, const char *const *v, size_t n)
{
	const char *all = "";
	size_t i;

	for (i = 0; all && i < n; i++)
		all = wb_arena_printf(&cli->arena, "%s%s%s", all, i ? ", " : "", v[i]);
	return all;
}

const char *cli_database_names(struct cli *cli)
{
	struct names names = { .cli = cli };
	const char *all;

	list_databases(&names);
	all = names.failed ? NULL : join(cli, names.v, names.n);
	free(names.v);
	return all;
}

/* ---- choosing ---- */

static int choose_environment(struct cli *cli, struct wb_error *err)
{
	const char *name = cli->g.environment;
	struct names names = { .cli = cli };
	struct cli_guess guess;
	const char *all;

	if (!name)
		return 0;
	if (!strchr(name, '.') && cli_config_get(cli->config, "environments.%s", name)) {
		cli->environment = name;
		return 0;
	}
	cli_guess_init(&guess, wb_sv_str(name));
	names.guess = &guess;
	wb_err_set(err, WB_EUSAGE, "there is no environment \"%s\"", name);
	names.failed = cli_config_children(cli->config, "environments.", add_name, &names) < 0;
	all = names.failed ? NULL : join(cli, names.v, names.n);
	free(names.v);
	if (!all)
		return wb_err_nomem(err);
	wb_err_detail(err, all[0] ? "%s has: %s" : "%s configures none",
		      cli->config ? cli->config->file : "whimbrel.yaml", all);
	if (!cli_guess_hint(&guess, "", err))
		wb_err_hint(err, "environments stand under \"environments:\" in whimbrel.yaml");
	return WB_EUSAGE;
}

static int unknown_database(struct cli *cli, const struct names *names, struct cli_guess *guess, struct wb_error *err)
{
	const char *all = join(cli, names->v, names->n);

	if (!all)
		return wb_err_nomem(err);
	wb_err_set(err, WB_EUSAGE, "there is no database \"%s\"", cli->g.database);
	wb_err_detail(err, all[0] ? "configured: %s" : "%sno database is configured", all);
	if (!cli_guess_hint(guess, "", err))
		wb_err_hint(err, "databases stand under \"databases:\" in whimbrel.yaml; without any, leave -d out");
	return WB_EUSAGE;
}

/* All names, or the one of -d. Without a configuration there is one, called main. */
static int choose_databases(struct cli *cli, struct names *names, bool *ret_several, struct wb_error *err)
{
	struct cli_guess guess;
	size_t i;

	cli_guess_init(&guess, wb_sv_str(cli->g.database));
	names->guess = cli->g.database ? &guess : NULL;
	list_databases(names);
	if (names->failed)
		return wb_err_nomem(err);
	*ret_several = names->n > 1;
	if (names->n == 0 && (!cli->g.database || strcmp(cli->g.database, "main") == 0) &&
	    add_name(names, WB_SV("main"), NULL) < 0)
		return wb_err_nomem(err);
	if (!cli->g.database)
		return 0;
	for (i = 0; i < names->n; i++)
		if (strcmp(names->v[i], cli->g.database) == 0) {
			names->v[0] = names->v[i];
			names->n = 1;
			return 0;
		}
	return unknown_database(cli, names, &guess, err);
}

/* One URL cannot be meant for several databases. */
static int check_url(const struct cli *cli, struct wb_error *err)
{
	const char *by = cli->settings[CLI_SET_URL].text ? "--url" : NULL;

	if (!by && cli_env_get(&cli->env, cli_keys[CLI_SET_URL].env, NULL))
		by = cli_keys[CLI_SET_URL].env;
	if (!by || cli->n_targets < 2)
		return 0;
	wb_err_set(err, WB_EUSAGE, "%s names one database, but several are configured", by);
	wb_err_hint(err, "say which one it is with -d NAME");
	return WB_EUSAGE;
}

int cli_load_targets(struct cli *cli, struct wb_error *err)
{
	struct names names = { .cli = cli };
	bool several = false;
	size_t i;
	int rc;

	rc = choose_environment(cli, err);
	if (rc == 0)
		rc = choose_databases(cli, &names, &several, err);
	if (rc == 0) {
		cli->targets = wb_arena_array(&cli->arena, names.n, sizeof(*cli->targets));
		rc = cli->targets ? 0 : wb_err_nomem(err);
	}
	for (i = 0; rc == 0 && i < names.n; i++) {
		cli->targets[i].name = names.v[i];
		rc = cli_resolve(cli, &cli->targets[i], several, err);
		cli->n_targets = i + 1;
	}
	free(names.v);
	return rc < 0 ? rc : check_url(cli, err);
}

int cli_one_target(struct cli *cli, const struct cli_target **ret_target, struct wb_error *err)
{
	const char *all;

	if (cli->n_targets == 1) {
		*ret_target = &cli->targets[0];
		return 0;
	}
	all = cli_database_names(cli);
	if (!all)
		return wb_err_nomem(err);
	wb_err_set(err, WB_EUSAGE, "`%s` is for one database, and %zu are configured", cli->command->name,
		   cli->n_targets);
	wb_err_hint(err, "say which one with -d NAME: %s", all);
	return WB_EUSAGE;
}
