/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel.yaml: libyaml reads, the key table judges, and what remains is a
 * flat list of paths and texts. Values are not expanded here: an environment
 * variable that only production needs must not stop anybody else.
 */
#include "cli/cli.h"

#include <stdio.h>

#include "cli/yaml.h"

#include "base/banned.h"

/* Far more than anybody writes; looking for a path walks the list. */
#define ENTRIES_MAX ((size_t)4000)
/* Room for the longest path of names as long as is_name() allows. */
#define NAME_MAX_LENGTH 100
#define PATH_SIZE 512

struct reader {
	struct cli_config *config;
	struct cli_yaml *yaml;
	struct wb_error *err;
};

/* ---- entries ---- */

void cli_config_place(const struct cli_config *config, const struct cli_entry *entry, struct wb_error *err)
{
	cli_text_place(config->text, config->file, entry->offset, entry->line, err);
}

static int add_entry(struct reader *r, const char *path, const char *text, const struct cli_key *key,
		     const yaml_node_t *node)
{
	struct cli_entry entry = { path, text, key, (unsigned)node->start_mark.line + 1,
				   cli_yaml_offset(r->yaml, node->start_mark) };

	if (r->config->entries.n >= ENTRIES_MAX)
		return wb_err_set(r->err, WB_ECONFIG, "%s has more than %zu keys", r->config->file, ENTRIES_MAX);
	return wb_vec_push(&r->config->entries, entry) ? 0 : wb_err_nomem(r->err);
}

static int wrong(struct reader *r, const yaml_node_t *node, const char *path, const char *wants)
{
	wb_err_set(r->err, WB_ECONFIG, "%s must be %s", path, wants);
	cli_yaml_place(r->yaml, node->start_mark, r->err);
	return WB_ECONFIG;
}

static int wrong_value(struct reader *r, const yaml_node_t *node, const struct cli_key *key, const char *path,
		       struct wb_sv text)
{
	wb_err_set(r->err, WB_ECONFIG, "%s cannot be \"%.*s\"", path, WB_SV_ARG(text));
	if (key->type == CLI_KEY_CHOICE)
		wb_err_hint(r->err, "it is one of: %s", key->choices);
	else if (key->type == CLI_KEY_DURATION)
		wb_err_hint(r->err, "a duration looks like 250ms, 10s, 5m or 1h; a bare number means seconds");
	else
		wb_err_hint(r->err, "it is true or false");
	cli_yaml_place(r->yaml, node->start_mark, r->err);
	return WB_ECONFIG;
}

static bool has_reference(struct wb_sv text)
{
	return text.n && memmem(text.p, text.n, "${", 2) != NULL;
}

static int read_scalar(struct reader *r, const yaml_node_t *node, const struct cli_key *key, const char *path)
{
	struct wb_sv text = cli_yaml_scalar(node);
	int64_t number;
	char *copy;

	if (text.n && memchr(text.p, '\0', text.n))
		return wrong(r, node, path, "a text without NUL characters");
	if (!has_reference(text) && !cli_key_value(key, text, &number))
		return wrong_value(r, node, key, path, text);
	copy = wb_arena_sv(&r->config->arena, text);
	return copy ? add_entry(r, path, copy, key, node) : wb_err_nomem(r->err);
}

static int read_list(struct reader *r, const yaml_node_t *node, const struct cli_key *key, const char *path)
{
	wb_autostr joined = WB_STR_INIT;
	const yaml_node_item_t *item;
	char *copy;

	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		const yaml_node_t *value = cli_yaml_node(r->yaml, *item);

		if (!value || value->type != YAML_SCALAR_NODE || !value->data.scalar.length ||
		    memchr(value->data.scalar.value, ',', value->data.scalar.length) ||
		    memchr(value->data.scalar.value, '\0', value->data.scalar.length))
			return wrong(r, value ? value : node, path, "a list of names");
		wb_str_addf(&joined, "%s%.*s", joined.n ? "," : "", WB_SV_ARG(cli_yaml_scalar(value)));
	}
	copy = joined.failed ? NULL : wb_arena_sv(&r->config->arena, wb_str_sv(&joined));
	return copy ? add_entry(r, path, copy, key, node) : wb_err_nomem(r->err);
}

/* ---- maps ---- */

static int unknown_key(struct reader *r, const yaml_node_t *node, const char *path, unsigned here, struct wb_sv name)
{
	struct cli_guess guess;
	size_t i;

	wb_err_set(r->err, WB_ECONFIG, "unknown key \"%s\"", path);
	cli_guess_init(&guess, name);
	for (i = 1; i < cli_n_keys; i++)
		if (cli_keys[i].places & here)
			cli_guess_try(&guess, wb_sv_str(cli_keys[i].name));
	if (!cli_guess_hint(&guess, "", r->err) && here == CLI_TOP && cli_key_find(CLI_DATABASE, name))
		wb_err_hint(r->err, "it belongs to a database: databases.main.%.*s", WB_SV_ARG(name));
	else if (!guess.best.p)
		wb_err_hint(r->err, "docs/configuration.md and `man whimbrel` list the keys");
	cli_yaml_place(r->yaml, node->start_mark, r->err);
	return WB_ECONFIG;
}

/* Names become parts of paths, so a dot may not be in them. */
static bool is_name(struct wb_sv name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '-'))
			return false;
	}
	return name.n > 0 && name.n <= NAME_MAX_LENGTH;
}

static int read_map(struct reader *r, const yaml_node_t *node, const char *prefix, unsigned here);

static int read_value(struct reader *r, const yaml_node_t *node, const struct cli_key *key, const char *path)
{
	const char *prefix;
	int rc;

	if (key->type != CLI_KEY_MAP || (key->or_text && node->type == YAML_SCALAR_NODE && !cli_yaml_is_null(node))) {
		if (key->type == CLI_KEY_LIST && node->type == YAML_SEQUENCE_NODE)
			return read_list(r, node, key, path);
		if (node->type != YAML_SCALAR_NODE)
			return wrong(r, node, path, key->type == CLI_KEY_LIST ? "a list of names" : "a single value");
		return cli_yaml_is_null(node) ? 0 : read_scalar(r, node, key, path);
	}
	rc = add_entry(r, path, NULL, key, node);
	if (rc < 0 || cli_yaml_is_null(node))
		return rc;
	if (node->type != YAML_MAPPING_NODE)
		return wrong(r, node, path, key->or_text ? "a text or a map" : "a map");
	prefix = wb_arena_printf(&r->config->arena, "%s.", path);
	return prefix ? read_map(r, node, prefix, key->into) : wb_err_nomem(r->err);
}

static int read_pair(struct reader *r, const yaml_node_pair_t *pair, const char *prefix, unsigned here)
{
	const yaml_node_t *name = cli_yaml_node(r->yaml, pair->key);
	const yaml_node_t *value = cli_yaml_node(r->yaml, pair->value);
	const struct cli_key *key;
	const char *path;

	if (!name || !value || name->type != YAML_SCALAR_NODE)
		return wrong(r, name ? name : value, "a key", "a plain word");
	path = wb_arena_printf(&r->config->arena, "%s%.*s", prefix, WB_SV_ARG(cli_yaml_scalar(name)));
	if (!path)
		return wb_err_nomem(r->err);
	key = cli_key_find(here, cli_yaml_scalar(name));
	if (!key)
		return unknown_key(r, name, path, here, cli_yaml_scalar(name));
	if (!is_name(cli_yaml_scalar(name)))
		return wrong(r, name, "a name", "made of letters, digits, \"_\" and \"-\"");
	if (cli_config_get(r->config, "%s", path)) {
		wb_err_set(r->err, WB_ECONFIG, "%s stands here twice", path);
		cli_yaml_place(r->yaml, name->start_mark, r->err);
		return WB_ECONFIG;
	}
	return read_value(r, value, key, path);
}

/* The key table bounds the depth: no place leads back to itself. */
static int read_map(struct reader *r, const yaml_node_t *node, const char *prefix, unsigned here)
{
	const yaml_node_pair_t *pair;
	int rc = 0;

	for (pair = node->data.mapping.pairs.start; rc == 0 && pair < node->data.mapping.pairs.top; pair++)
		rc = read_pair(r, pair, prefix, here);
	return rc;
}

/* ---- the document ---- */

static int read_root(struct reader *r)
{
	const yaml_node_t *root = cli_yaml_root(r->yaml);

	if (!root || cli_yaml_is_null(root))
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return wrong(r, root, "the configuration", "a map of keys and values");
	return read_map(r, root, "", CLI_TOP);
}

int cli_config_parse(struct wb_sv text, const char *file, struct cli_config **ret_config, struct wb_error *err)
{
	struct reader r = { .config = calloc(1, sizeof(*r.config)), .err = err };
	struct wb_error ignored;
	struct cli_yaml yaml = { .what = "the configuration", .code = WB_ECONFIG };
	int rc;

	if (!r.config)
		return wb_err_nomem(err);
	if (!err)
		r.err = &ignored;
	r.config->file = wb_arena_str(&r.config->arena, file);
	r.config->text = wb_sv(wb_arena_sv(&r.config->arena, text), text.n);
	if (!r.config->file || !r.config->text.p) {
		cli_config_free(r.config);
		return wb_err_nomem(err);
	}
	yaml.file = r.config->file;
	yaml.text = r.config->text;
	r.yaml = &yaml;
	rc = cli_yaml_open(&yaml, r.err);
	if (rc == 0) {
		rc = read_root(&r);
		cli_yaml_close(&yaml);
	}
	if (rc < 0)
		cli_config_free(r.config);
	else
		*ret_config = r.config;
	return rc;
}

void cli_config_free(struct cli_config *config)
{
	if (!config)
		return;
	wb_vec_done(&config->entries);
	wb_arena_done(&config->arena);
	free(config);
}

const struct cli_entry *cli_config_get(const struct cli_config *config, const char *fmt, ...)
{
	char path[PATH_SIZE];
	va_list ap;
	size_t i;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(path))
		return NULL;
	for (i = 0; config && i < config->entries.n; i++)
		if (strcmp(config->entries.v[i].path, path) == 0)
			return &config->entries.v[i];
	return NULL;
}

int cli_config_children(const struct cli_config *config, const char *prefix,
			int (*fn)(void *user, struct wb_sv name, const struct cli_entry *entry), void *user)
{
	size_t i, n = strlen(prefix);
	int rc = 0;

	for (i = 0; config && rc == 0 && i < config->entries.n; i++) {
		const struct cli_entry *e = &config->entries.v[i];

		if (strncmp(e->path, prefix, n) == 0 && !strchr(e->path + n, '.'))
			rc = fn(user, wb_sv_str(e->path + n), e);
	}
	return rc;
}
