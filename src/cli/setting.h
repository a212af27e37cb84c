/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings: what the configuration file, the environment and options may all
 * say. One key table describes them; resolving a setting remembers where its
 * value came from.
 */
#ifndef WB_CLI_SETTING_H
#define WB_CLI_SETTING_H

#include <whimbrel/whimbrel.h>

#include "base/base.h"

/* Those of a database first; those of a run after CLI_SET_PROJECT. */
enum cli_setting {
	CLI_SET_NONE,
	CLI_SET_URL,
	CLI_SET_DIRECT_URL,
	CLI_SET_SCRATCH_URL,
	CLI_SET_DIR,
	CLI_SET_ENGINE,
	CLI_SET_NUMBERING,
	CLI_SET_SCHEMAS,
	CLI_SET_IGNORE,
	CLI_SET_JOURNAL_SCHEMA,
	CLI_SET_PROJECT,
	CLI_SET_SUBSTITUTE,
	CLI_SET_PROTECTED,
	CLI_SET_ALLOW_RESET,
	CLI_SET_UNDO,
	CLI_SET_TRASH,
	CLI_SET_SNAPSHOTS,
	CLI_SET_MARK_BREAKING,
	CLI_SET_DRIFT_GATE,
	CLI_SET_CHECK_BEFORE,
	CLI_SET_CHECK_AFTER,
	CLI_SET_BACKUP,
	CLI_SET_BACKUP_DIR,
	CLI_SET_BLOCKING_BUDGET,
	CLI_SET_CONNECT_TIMEOUT,
	CLI_SET_LOCK_WAIT,
	CLI_SET_TIMEOUT,
	CLI_SET_PAUSE,
	CLI_SET_COUNT
};

enum cli_key_type { CLI_KEY_TEXT, CLI_KEY_BOOL, CLI_KEY_DURATION, CLI_KEY_CHOICE, CLI_KEY_LIST, CLI_KEY_MAP };

/* Where in the file a key may stand. */
enum cli_place {
	CLI_TOP = 1,
	CLI_DATABASES = 2,
	CLI_DATABASE = 4,
	CLI_ENVIRONMENTS = 8,
	CLI_ENVIRONMENT = 16,
	CLI_VARIABLES = 32,
	CLI_QUERIES = 64,
	CLI_QUERY = 128,
	CLI_LINT = 256,
	CLI_LINT_RULES = 512,
	CLI_LINT_OVERRIDES = 1024,
	CLI_LINT_OVERRIDE = 2048,
};

struct cli_key {
	const char *name; /* "*": any name */
	unsigned places;
	enum cli_key_type type;
	enum cli_place into; /* CLI_KEY_MAP: where its children stand */
	bool or_text; /* a map that may also be a plain text */
	const char *choices;
	const char *env, *env_too; /* environment twin; a customary name that counts a little less */
	const char *fallback; /* default value as text */
	bool secret;
	const char *doc;
};

/* The settings, at the index of their enum; the keys that hold others after them. */
extern const struct cli_key cli_keys[];
extern const size_t cli_n_keys;
/* The key `name` at a place; NULL when it is unknown there. */
const struct cli_key *cli_key_find(unsigned place, struct wb_sv name);
/* "boolean", "duration", … for documentation and errors. */
const char *cli_key_type_text(const struct cli_key *key);
/* Whether the text fits the key's type. *ret_number: bool as 0 or 1, duration in ms, choice as index. */
bool cli_key_value(const struct cli_key *key, struct wb_sv text, int64_t *ret_number);

/* ---- the file (config.c) ---- */

/* A scalar of the file; a list is joined with commas; a map has one too, with text NULL. */
struct cli_entry {
	const char *path, *text; /* "databases.main.url" */
	const struct cli_key *key;
	unsigned line;
	size_t offset; /* of the value in the file */
};
struct cli_config {
	struct wb_arena arena;
	const char *file;
	struct wb_sv text;
	WB_VEC(struct cli_entry) entries;
};
/* Checks everything against the key table; what is wrong is WB_ECONFIG with its place. */
int cli_config_parse(struct wb_sv text, const char *file, struct cli_config **ret_config,
		     struct wb_error *err) WB_MUST_USE;
void cli_config_free(struct cli_config *config);
/* NULL when config is NULL, or has no such entry. */
const struct cli_entry *cli_config_get(const struct cli_config *config, const char *fmt, ...) WB_PRINTF(2, 3);
/* Calls fn with the last part of the path of each child of `prefix` ("databases."), in the order of the file. */
int cli_config_children(const struct cli_config *config, const char *prefix,
			int (*fn)(void *user, struct wb_sv name, const struct cli_entry *entry), void *user);
/* Sets the error's place and excerpt to the entry. */
void cli_config_place(const struct cli_config *config, const struct cli_entry *entry, struct wb_error *err);

/* ---- the environment (env.c) ---- */

struct cli_variable {
	const char *name, *value;
};
/* The real environment, and behind it the .env of the working folder. */
struct cli_env {
	struct wb_arena arena;
	WB_VEC(struct cli_variable) dotenv;
	bool readable; /* by every user of the machine */
};
/* Reads the text of a .env file; what is wrong is WB_ECONFIG with its place. */
int cli_dotenv_parse(struct wb_sv text, const char *file, struct cli_env *env, struct wb_error *err) WB_MUST_USE;
/* NULL when unset or empty. *ret_dotenv (may be NULL): it came from .env. */
const char *cli_env_get(const struct cli_env *env, const char *name, bool *ret_dotenv);
void cli_env_done(struct cli_env *env);
/* Replaces ${NAME} and ${NAME:-default}; "$${" stands for "${". An unset variable is WB_ECONFIG naming it. */
int cli_expand(const struct cli_env *env, struct wb_arena *a, const char *text, const char **ret_text,
	       struct wb_error *err) WB_MUST_USE;

#endif
