/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as whimbrel.yaml: what is taken is whole (every entry known to the
 * key table, its place in the file, no path twice), what is refused has a
 * place, and expanding its values never does more than fail.
 */
#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_refusal(const struct wb_error *err, size_t size)
{
	check(err->message[0] != '\0', "an error says what is wrong");
	check(strcmp(err->file, "fuzz.yaml") == 0 || err->line == 0, "an error names its file");
	check(err->line <= size + 1, "an error lies in the file");
	check(err->caret <= strlen(err->excerpt), "the caret stands under the line");
}

static void check_entry(const struct cli_config *c, const struct cli_entry *e, size_t size)
{
	struct cli_env env = { 0 };
	wb_autoarena arena = WB_ARENA_INIT;
	const char *text = NULL, *dot = strrchr(e->path, '.');
	struct wb_error err;
	int64_t number;

	check(e->key->places != 0, "an entry has a key");
	check(strcmp(e->key->name, "*") == 0 || strcmp(e->key->name, dot ? dot + 1 : e->path) == 0,
	      "the key is that of the path");
	check(e->offset <= size && e->line >= 1, "an entry lies in the file");
	check(cli_config_get(c, "%s", e->path) == e, "a path is there once");
	cli_config_place(c, e, &err);
	if (!e->text)
		return;
	if (!strstr(e->text, "${") && e->key->type != CLI_KEY_MAP)
		check(cli_key_value(e->key, wb_sv_str(e->text), &number), "a value fits its type");
	check(cli_expand(&env, &arena, e->text, &text, &err) == 0 ? text != NULL : err.message[0] != '\0',
	      "expanding gives a text or an error");
	cli_env_done(&env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cli_config *config = NULL;
	struct wb_error err = { .code = 0 };
	int rc;

	if (size > 64 * 1024)
		return 0;
	rc = cli_config_parse(wb_sv((const char *)data, size), "fuzz.yaml", &config, &err);
	if (rc < 0) {
		check(rc == WB_ECONFIG && config == NULL, "wrong text is wrong configuration");
		check_refusal(&err, size);
		return 0;
	}
	for (size_t i = 0; i < config->entries.n; i++)
		check_entry(config, &config->entries.v[i], size);
	cli_config_free(config);
	return 0;
}
