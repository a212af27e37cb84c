/* SPDX-License-Identifier: Apache-2.0
 *
 * What the configuration says of the rules of lint (`lint.rules`,
 * `lint.overrides`), for all commands that look at statements.
 */
#include "cli/cli.h"

#include "base/banned.h"

struct settings {
	struct cli *cli;
	const char *files; /* patterns joined by commas; NULL: everywhere */
	WB_VEC(struct wb_lint_setting) all;
	struct wb_error *err;
};

static int unknown_rule(struct settings *s, struct wb_sv name, const struct cli_entry *entry)
{
	struct cli_guess guess;
	struct wb_lint_rule rule;
	size_t i;

	wb_err_set(s->err, WB_ECONFIG, "there is no rule \"%.*s\"", WB_SV_ARG(name));
	cli_guess_init(&guess, name);
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &rule);
		cli_guess_try(&guess, wb_sv_str(rule.id));
	}
	if (!cli_guess_hint(&guess, "", s->err))
		wb_err_hint(s->err, "`whimbrel explain` lists them");
	cli_config_place(s->cli->config, entry, s->err);
	return WB_ECONFIG;
}

static int add_rule(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct settings *s = user;
	struct wb_sv rest = wb_sv_str(s->files), pattern;
	const char *copy = wb_arena_sv(&s->cli->arena, name);
	struct wb_lint_rule rule;
	struct wb_lint_setting setting;
	bool ok = copy != NULL;

	if (!ok)
		return wb_err_nomem(s->err);
	if (!wb_lint_rule_find(copy, &rule))
		return unknown_rule(s, name, entry);
	setting = (struct wb_lint_setting){
		.rule = copy, .level = (enum wb_lint_level)cli_choice_index(entry->key->choices, wb_sv_str(entry->text))
	};
	if (!s->files)
		ok = wb_vec_push(&s->all, setting);
	while (ok && s->files && wb_sv_cut(&rest, ',', &pattern)) {
		setting.files = wb_arena_sv(&s->cli->arena, pattern);
		ok = setting.files && wb_vec_push(&s->all, setting);
	}
	return ok ? 0 : wb_err_nomem(s->err);
}

static int add_override(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	struct settings *s = user;
	const struct cli_entry *files = cli_config_get(s->cli->config, "lint.overrides.%.*s.files", WB_SV_ARG(name));
	const struct cli_entry *reason = cli_config_get(s->cli->config, "lint.overrides.%.*s.reason", WB_SV_ARG(name));
	const char *prefix = wb_arena_printf(&s->cli->arena, "lint.overrides.%.*s.rules.", WB_SV_ARG(name));

	if (!prefix)
		return wb_err_nomem(s->err);
	if (!files || !files->text[0] || !reason || !reason->text[0]) {
		wb_err_set(s->err, WB_ECONFIG, "lint.overrides.%.*s does not say %s", WB_SV_ARG(name),
			   files && files->text[0] ? "why" : "which files it is for");
		wb_err_hint(
			s->err,
			"it needs files: \"V00*\" and a reason: of one sentence; what holds everywhere stands under "
			"lint.rules");
		cli_config_place(s->cli->config, entry, s->err);
		return WB_ECONFIG;
	}
	s->files = files->text;
	return cli_config_children(s->cli->config, prefix, add_rule, s);
}

int cli_lint_settings(struct cli *cli, const struct wb_lint_setting **ret_v, size_t *ret_n, struct wb_error *err)
{
	struct settings s = { .cli = cli, .err = err };
	struct wb_lint_setting *v = NULL;
	int rc = cli_config_children(cli->config, "lint.rules.", add_rule, &s);

	if (rc == 0)
		rc = cli_config_children(cli->config, "lint.overrides.", add_override, &s);
	if (rc == 0 && !(v = wb_arena_array(&cli->arena, s.all.n + 1, sizeof(*v))))
		rc = wb_err_nomem(err);
	if (rc == 0 && s.all.n)
		memcpy(v, s.all.v, s.all.n * sizeof(*v));
	*ret_v = v;
	*ret_n = s.all.n;
	wb_vec_done(&s.all);
	return rc;
}
