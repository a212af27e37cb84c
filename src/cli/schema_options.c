/* SPDX-License-Identifier: Apache-2.0
 *
 * From the settings and options of `snapshot`, `dump` and `diff` to what the
 * library wants to know.
 */
#include "cli/schema_options.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/banned.h"

/* --to means nothing where no migrations are run. */
static int check_to(const struct cli_schema_options *o, const char *const *places, size_t n, struct wb_error *err)
{
	size_t i;

	for (i = 0; o->to && i < n; i++)
		if (places[i] && wb_fs_is_dir(places[i]))
			return 0;
	if (!o->to)
		return 0;
	wb_err_set(err, WB_EUSAGE, "--to is for a folder of migrations");
	wb_err_hint(err, "name the folder: whimbrel snapshot migrations --to %s", o->to);
	return WB_EUSAGE;
}

static int list_of(struct cli *cli, const struct cli_value *value, const char *const **ret_v, size_t *ret_n,
		   struct wb_error *err)
{
	struct cli_list list = { NULL, 0 };
	int rc = cli_list_add(&cli->arena, value->text, &list, err);

	*ret_v = list.v;
	*ret_n = list.n;
	return rc;
}

int cli_schema_settings(struct cli *cli, const struct cli_target *target, struct wb_schema_options *so,
			struct wb_error *err)
{
	const struct cli_value *v = target->values;
	int rc = list_of(cli, &v[CLI_SET_SCHEMAS], &so->schemas, &so->n_schemas, err);

	so->size = sizeof(*so);
	return rc ? rc : list_of(cli, &v[CLI_SET_IGNORE], &so->ignore, &so->n_ignore, err);
}

int cli_drift_gate(struct cli *cli, struct wb_schema_options *so, struct wb_run_options *run, struct wb_error *err)
{
	const struct cli_target *target;
	int rc = cli_one_target(cli, &target, err);

	if (rc == 0 && target->values[CLI_SET_DRIFT_GATE].number == 1) {
		run->drift_gate = so;
		rc = cli_schema_settings(cli, target, so, err);
	}
	return rc;
}

int cli_schema_fill(struct cli *cli, const struct cli_target *target, struct wb_schema_options *so,
		    struct wb_error *err)
{
	const struct cli_schema_options *o = cli->options;
	const struct cli_value *v = target->values;
	int rc = cli_schema_settings(cli, target, so, err);

	so->owners = o->owners;
	so->without_privileges = o->no_privileges;
	so->without_comments = o->no_comments;
	so->to = o->to;
	so->scratch_url = v[CLI_SET_SCRATCH_URL].text;
	return rc;
}

static int need_url(struct cli *cli, const struct cli_target *target, const char *const *places, size_t n,
		    struct wb_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		if (!places[i])
			rc = cli_need_url(cli, target, err);
	return rc;
}

static bool is_sqlite_file(const char *path)
{
	static const char head[] = "SQLite format 3";
	char start[sizeof(head)] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof(start) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n > 0 && strcmp(start, head) == 0;
}

/* A folder beside a database is run where that database is, when nothing else says where. */
static int take_scratch(struct cli *cli, const char *const *places, size_t n, struct wb_schema_options *so,
			struct wb_error *err)
{
	size_t i;

	for (i = 0; i < n && !so->scratch_url; i++)
		if (places[i] && !wb_fs_exists(places[i]) && strpbrk(places[i], ":="))
			so->scratch_url = places[i];
		else if (places[i] && is_sqlite_file(places[i])) {
			so->scratch_url = wb_arena_printf(&cli->arena, "sqlite:%s", places[i]);
			return so->scratch_url ? 0 : wb_err_nomem(err);
		}
	return 0;
}

int cli_schema_open(struct cli *cli, const char *const *places, size_t n, struct wb_context **ret_context,
		    struct wb_schema_options *ret_options, struct wb_error *err)
{
	const struct cli_target *target;
	int rc = check_to(cli->options, places, n, err);

	if (rc == 0)
		rc = cli_one_target(cli, &target, err);
	if (rc == 0)
		rc = need_url(cli, target, places, n, err);
	if (rc == 0)
		rc = cli_schema_fill(cli, target, ret_options, err);
	if (rc == 0 && !target->values[CLI_SET_URL].text)
		rc = take_scratch(cli, places, n, ret_options, err);
	return rc < 0 ? rc : cli_open(cli, target, ret_context, err);
}

int cli_schema_effects(struct cli *cli, struct wb_context *context, const struct wb_schema *actual,
		       const struct wb_schema_comparison *c, bool allowed, struct wb_plan **ret_effects,
		       struct wb_error *err)
{
	struct wb_schema_effects_options o = { .size = sizeof(o), .allow_destructive = allowed };
	int rc = cli_lint_settings(cli, &o.settings, &o.n_settings, err);

	return rc < 0 ? rc : wb_schema_effects(context, actual, c, &o, ret_effects, err);
}

void cli_tell_destruction(struct cli *cli, const struct wb_schema_comparison *c, bool allowed)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_changes; i++)
		n += c->changes[i].destroys;
	if (n && !allowed && cli->g.output != WB_FORMAT_JSON)
		cli_say(cli, WB_LOG_WARN,
			"%zu %s data and %s written as comments; --allow-destructive writes them as statements", n,
			n == 1 ? "change destroys" : "changes destroy", n == 1 ? "is" : "are");
}
