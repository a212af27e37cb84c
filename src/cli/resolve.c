/* SPDX-License-Identifier: Apache-2.0
 *
 * The value of a setting, and where it came from: option, environment,
 * configuration of the chosen environment, configuration, default.
 *
 * DATABASE_URL counts a little less than the variables of our own: a chosen
 * environment (-e production) that names its database is not led elsewhere by
 * a variable that is nearly always set, and with several databases it cannot
 * be said which of them is meant.
 */
#include "cli/cli.h"

#include "base/banned.h"

#define URL_MAX 4096

const char *cli_origin_text(enum cli_origin origin)
{
	static const char *const texts[] = {
		[CLI_FROM_DEFAULT] = "default",      [CLI_FROM_CONFIG] = "configuration",
		[CLI_FROM_CUSTOM] = "environment",   [CLI_FROM_ENVIRONMENT_CONFIG] = "configuration",
		[CLI_FROM_VARIABLE] = "environment", [CLI_FROM_OPTION] = "option",
	};

	return texts[origin];
}

struct lookup {
	struct cli *cli;
	const struct cli_target *target;
	const struct cli_key *key;
	enum cli_setting setting;
	bool several;
	struct cli_value *value;
	struct wb_error *err;
};

static int set(struct lookup *l, const char *text, enum cli_origin origin, const char *source)
{
	if (!source)
		return wb_err_nomem(l->err);
	*l->value = (struct cli_value){ .text = text, .origin = origin, .source = source };
	return 1;
}

/* Keeps what is wrong with the value for whoever needs it. */
static int keep_problem(struct lookup *l, const struct wb_error *problem)
{
	struct wb_error *copy;

	if (problem->code == WB_ENOMEM)
		return wb_err_nomem(l->err);
	copy = wb_arena_alloc(&l->cli->arena, sizeof(*copy));
	if (!copy)
		return wb_err_nomem(l->err);
	*copy = *problem;
	l->value->text = NULL;
	l->value->problem = copy;
	return 1;
}

static int from_option(struct lookup *l)
{
	const struct cli_given *given = &l->cli->settings[l->setting];

	return given->text ? set(l, given->text, CLI_FROM_OPTION, given->by) : 0;
}

static int from_variable(struct lookup *l, const char *name, enum cli_origin origin)
{
	bool dotenv;
	const char *text = name ? cli_env_get(&l->cli->env, name, &dotenv) : NULL;

	if (!text)
		return 0;
	return set(l, text, origin, dotenv ? wb_arena_printf(&l->cli->arena, "%s in .env", name) : name);
}

static const struct cli_entry *entry_of(const struct lookup *l, const char *environment)
{
	const char *prefix = environment ? "environments." : "", *dot = environment ? "." : "";

	if (!environment)
		environment = "";
	if (l->key->places & CLI_DATABASE)
		return cli_config_get(l->cli->config, "%s%s%sdatabases.%s.%s", prefix, environment, dot,
				      l->target->name, l->key->name);
	return cli_config_get(l->cli->config, "%s%s%s%s", prefix, environment, dot, l->key->name);
}

static int from_entry(struct lookup *l, const struct cli_entry *entry, enum cli_origin origin)
{
	const char *text = NULL;
	struct wb_error problem;
	int rc;

	if (!entry)
		return 0;
	rc = set(l, NULL, origin, wb_arena_printf(&l->cli->arena, "%s:%u", l->cli->config->file, entry->line));
	if (rc < 0)
		return rc;
	if (cli_expand(&l->cli->env, &l->cli->arena, entry->text, &text, &problem) < 0) {
		cli_config_place(l->cli->config, entry, &problem);
		return keep_problem(l, &problem);
	}
	/* "${URL:-}": said to be nothing, so the next one may say. */
	if (!text[0])
		return 0;
	l->value->text = text;
	return 1;
}

/* Whether the configuration asks for the customary variable by name; then it says where the value belongs. */
static bool asks_for(const struct cli_entry *entry, const char *variable)
{
	const char *p = entry && entry->text ? strstr(entry->text, "${") : NULL;

	return p && strncmp(p + 2, variable, strlen(variable)) == 0;
}

static int from_custom(struct lookup *l)
{
	if (!l->key->env_too || l->several || asks_for(entry_of(l, NULL), l->key->env_too))
		return 0;
	return from_variable(l, l->key->env_too, CLI_FROM_CUSTOM);
}

static int from_default(struct lookup *l)
{
	static const char *const folders[] = { "migrations", "db/migrations", "src/db/migrations", "sql" };
	size_t i;

	*l->value = (struct cli_value){ .text = l->key->fallback, .origin = CLI_FROM_DEFAULT };
	for (i = 0; l->setting == CLI_SET_DIR && !l->value->text && i < WB_ARRAY_LEN(folders); i++)
		if (wb_fs_is_dir(folders[i]))
			l->value->text = folders[i];
	return 1;
}

static int check_type(struct lookup *l)
{
	struct cli_value *v = l->value;
	struct wb_error problem;

	if (!v->text || cli_key_value(l->key, wb_sv_str(v->text), &v->number))
		return 0;
	wb_err_set(&problem, v->origin >= CLI_FROM_VARIABLE ? WB_EUSAGE : WB_ECONFIG, "%s cannot be \"%s\"",
		   l->key->name, v->text);
	wb_err_detail(&problem, "it is said by %s", v->source ? v->source : "the default");
	if (l->key->choices)
		wb_err_hint(&problem, "it is one of: %s", l->key->choices);
	else
		wb_err_hint(&problem, "it is a %s", cli_key_type_text(l->key));
	return keep_problem(l, &problem) < 0 ? WB_ENOMEM : 0;
}

static int look_up(struct lookup *l)
{
	const char *environment = l->cli->environment;
	int rc = from_option(l);

	if (rc == 0)
		rc = from_variable(l, l->key->env, CLI_FROM_VARIABLE);
	if (rc == 0 && environment)
		rc = from_entry(l, entry_of(l, environment), CLI_FROM_ENVIRONMENT_CONFIG);
	if (rc == 0)
		rc = from_custom(l);
	if (rc == 0)
		rc = from_entry(l, entry_of(l, NULL), CLI_FROM_CONFIG);
	if (rc == 0)
		rc = from_default(l);
	return rc < 0 ? rc : check_type(l);
}

int cli_resolve(struct cli *cli, struct cli_target *target, bool several, struct wb_error *err)
{
	struct cli_value *direct = &target->values[CLI_SET_DIRECT_URL];
	int setting, rc = 0;

	for (setting = CLI_SET_NONE + 1; rc == 0 && setting < CLI_SET_COUNT; setting++) {
		struct lookup l = {
			.cli = cli,
			.target = target,
			.key = &cli_keys[setting],
			.setting = (enum cli_setting)setting,
			.several = several,
			.value = &target->values[setting],
			.err = err,
		};

		rc = look_up(&l);
	}
	/* A url from --url with the configuration's direct_url would send half a migration to another database. */
	if (rc == 0 && direct->origin < target->values[CLI_SET_URL].origin)
		*direct = (struct cli_value){ .origin = CLI_FROM_DEFAULT };
	return rc;
}

const char *cli_shown_value(struct cli *cli, const struct cli_target *target, enum cli_setting setting)
{
	const char *text = target->values[setting].text;
	char masked[URL_MAX];

	if (!text || !cli_keys[setting].secret)
		return text;
	if (wb_mask_url(text, masked, sizeof(masked), NULL) < 0)
		return "***";
	text = wb_arena_str(&cli->arena, masked);
	return text ? text : "***";
}

/* What stands between the last slash and the question mark; in libpq's other form, behind dbname=. */
static struct wb_sv name_in_url(struct wb_sv url)
{
	static const char key[] = "dbname=";
	const char *p = url.n ? memmem(url.p, url.n, key, sizeof(key) - 1) : NULL;
	struct wb_sv name, rest = url;

	if (p && !memmem(url.p, url.n, "://", 3)) {
		rest = wb_sv(p + sizeof(key) - 1, (size_t)(url.p + url.n - p) - (sizeof(key) - 1));
		return wb_sv_cut(&rest, ' ', &name) ? name : wb_sv(NULL, 0);
	}
	if (!wb_sv_cut(&rest, '?', &name))
		return wb_sv(NULL, 0);
	if (wb_sv_starts(name, "sqlite:"))
		name = wb_sv(name.p + 7, name.n - 7);
	p = name.n ? memmem(name.p, name.n, "://", 3) : NULL;
	if (p && !memchr(p + 3, '/', (size_t)(name.p + name.n - p) - 3))
		return wb_sv(NULL, 0);
	for (rest = name; wb_sv_cut(&rest, '/', &name);)
		;
	return name;
}

const char *cli_database_name(struct cli *cli, const struct cli_target *target)
{
	struct wb_sv name = name_in_url(wb_sv_str(target->values[CLI_SET_URL].text));

	return name.n ? wb_arena_sv(&cli->arena, name) : target->name;
}

/* ---- variables for migrations ---- */

struct variables {
	struct cli *cli;
	bool lenient;
	WB_VEC(struct wb_named_value) all;
	struct wb_error *err;
};

static int put(struct variables *v, const char *name, const char *value)
{
	struct wb_named_value new = { name, value };
	size_t i;

	for (i = 0; i < v->all.n; i++)
		if (strcmp(v->all.v[i].name, name) == 0) {
			v->all.v[i].value = value;
			return 0;
		}
	return wb_vec_push(&v->all, new) ? 0 : wb_err_nomem(v->err);
}

static int add_variable(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct variables *v = user;
	const char *value = NULL, *copy = wb_arena_sv(&v->cli->arena, name);
	int rc;

	if (!copy)
		return wb_err_nomem(v->err);
	rc = cli_expand(&v->cli->env, &v->cli->arena, entry->text, &value, v->err);
	if (rc == WB_ECONFIG && v->lenient)
		rc = 0;
	else if (rc == WB_ECONFIG)
		cli_config_place(v->cli->config, entry, v->err);
	return rc < 0 ? rc : put(v, copy, value);
}

int cli_variables(struct cli *cli, bool lenient, struct wb_named_value **ret_variables, size_t *ret_n,
		  struct wb_error *err)
{
	struct variables v = { .cli = cli, .lenient = lenient, .err = err };
	struct wb_named_value *copy = NULL;
	const char *prefix;
	int rc;

	rc = cli_config_children(cli->config, "variables.", add_variable, &v);
	if (rc == 0 && cli->environment) {
		prefix = wb_arena_printf(&cli->arena, "environments.%s.variables.", cli->environment);
		rc = prefix ? cli_config_children(cli->config, prefix, add_variable, &v) : wb_err_nomem(err);
	}
	if (rc == 0 && v.all.n) {
		copy = wb_arena_array(&cli->arena, v.all.n, sizeof(*copy));
		if (copy)
			memcpy(copy, v.all.v, v.all.n * sizeof(*copy));
		else
			rc = wb_err_nomem(err);
	}
	if (rc == 0) {
		*ret_variables = copy;
		*ret_n = v.all.n;
	}
	wb_vec_done(&v.all);
	return rc;
}
