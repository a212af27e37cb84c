/* SPDX-License-Identifier: Apache-2.0
 *
 * The key table: every word that whimbrel.yaml may hold. The file's reader,
 * the resolution of settings, `whimbrel config` and docs/configuration.md all
 * follow from it.
 */
#include "cli/option.h"
#include "cli/setting.h"

#include "base/banned.h"

#define RUN_PLACES (CLI_TOP | CLI_ENVIRONMENT)

const struct cli_key cli_keys[] = {
	[CLI_SET_NONE] = { .name = "" },
	[CLI_SET_URL] = { .name = "url",
			  .places = CLI_DATABASE,
			  .type = CLI_KEY_TEXT,
			  .env = "WHIMBREL_URL",
			  .env_too = "DATABASE_URL",
			  .secret = true,
			  .doc = "Where the database is: `sqlite:app.db`, `postgres://user@host/name`, or libpq's "
				 "`host=... dbname=...`." },
	[CLI_SET_DIRECT_URL] = { .name = "direct_url",
				 .places = CLI_DATABASE,
				 .type = CLI_KEY_TEXT,
				 .env = "WHIMBREL_DIRECT_URL",
				 .secret = true,
				 .doc = "The same database past a connection pooler, for what cannot run in a "
					"transaction. Only counts when `url` comes from the same place or a weaker "
					"one." },
	[CLI_SET_SCRATCH_URL] = { .name = "scratch_url",
				  .places = CLI_DATABASE,
				  .type = CLI_KEY_TEXT,
				  .env = "WHIMBREL_SCRATCH_URL",
				  .secret = true,
				  .doc = "Where `snapshot`, `dump`, `diff`, `drift` and `validate --breaking` run a "
					 "folder of migrations: a server on which they may make and remove a database "
					 "of their own. Without it the "
					 "server of `url`; for SQLite a temporary file." },
	[CLI_SET_DIR] = { .name = "dir",
			  .places = CLI_DATABASE,
			  .type = CLI_KEY_TEXT,
			  .env = "WHIMBREL_DIR",
			  .doc = "Folder of migrations. Without it the first of `migrations`, `db/migrations`, "
				 "`src/db/migrations` and `sql` that exists." },
	[CLI_SET_ENGINE] = { .name = "engine",
			     .places = CLI_DATABASE,
			     .type = CLI_KEY_CHOICE,
			     .choices = "sqlite|postgresql",
			     .env = "WHIMBREL_ENGINE",
			     .doc = "Engine that files are read for when there is no `url`; otherwise the `url` says "
				    "it." },
	[CLI_SET_NUMBERING] = { .name = "numbering",
				.places = CLI_DATABASE,
				.type = CLI_KEY_CHOICE,
				.choices = "free|strict",
				.fallback = "free",
				.doc = "`strict`: three digits and no gaps." },
	[CLI_SET_SCHEMAS] = { .name = "schemas",
			      .places = CLI_DATABASE,
			      .type = CLI_KEY_LIST,
			      .doc = "PostgreSQL: the schemas that belong to the application. `snapshot`, `dump`, "
				     "`diff` and `drift` look at these alone; without it at all but the system's." },
	[CLI_SET_IGNORE] = { .name = "ignore",
			     .places = CLI_DATABASE,
			     .type = CLI_KEY_LIST,
			     .doc = "What `snapshot`, `dump`, `diff` and `drift` leave out, with all that belongs to "
				    "it: paths "
				    "as "
				    "they show them, `*` for any text, a kind before it where only that is meant: "
				    "`app.tmp_*`, `index app.*_old`." },
	[CLI_SET_JOURNAL_SCHEMA] = { .name = "journal_schema",
				     .places = CLI_DATABASE,
				     .type = CLI_KEY_TEXT,
				     .env = "WHIMBREL_JOURNAL_SCHEMA",
				     .fallback = "whimbrel",
				     .doc = "Schema of Whimbrel's own tables (SQLite: their prefix)." },
	[CLI_SET_PROJECT] = { .name = "project",
			      .places = RUN_PLACES,
			      .type = CLI_KEY_TEXT,
			      .env = "WHIMBREL_PROJECT",
			      .fallback = "main",
			      .doc = "Name under which the migrations are journaled; several projects can share a "
				     "database." },
	[CLI_SET_SUBSTITUTE] = { .name = "substitute_variables",
				 .places = RUN_PLACES,
				 .type = CLI_KEY_BOOL,
				 .fallback = "false",
				 .doc = "Replace `${name}` in every migration, not only where a file switches it on." },
	[CLI_SET_PROTECTED] = { .name = "protected",
				.places = RUN_PLACES,
				.type = CLI_KEY_BOOL,
				.fallback = "false",
				.doc = "Refuse `drop`, `reset` and rehearsals, and ask before anything is reverted "
				       "or repaired." },
	[CLI_SET_ALLOW_RESET] = { .name = "allow_reset",
				  .places = RUN_PLACES,
				  .type = CLI_KEY_BOOL,
				  .fallback = "false",
				  .doc = "Allow `drop` and `reset`." },
	[CLI_SET_UNDO] = { .name = "undo",
			   .places = RUN_PLACES,
			   .type = CLI_KEY_CHOICE,
			   .choices = "on|off",
			   .env = "WHIMBREL_UNDO",
			   .fallback = "on",
			   .doc = "`up` works out how a migration without a down part can be undone, and keeps it in "
				  "the "
				  "journal for `down`. `off`: such a migration cannot be reverted." },
	[CLI_SET_TRASH] = { .name = "trash",
			    .places = RUN_PLACES,
			    .type = CLI_KEY_CHOICE,
			    .choices = "off|on",
			    .env = "WHIMBREL_TRASH",
			    .fallback = "off",
			    .doc = "What `DROP TABLE`, `DROP COLUMN`, `TRUNCATE` and `DELETE` of all rows take in a "
				   "migration is set aside, until `whimbrel trash --purge`; the undo brings it back." },
	[CLI_SET_SNAPSHOTS] = { .name = "snapshots",
				.places = RUN_PLACES,
				.type = CLI_KEY_BOOL,
				.fallback = "false",
				.doc = "Keep the schema in the journal after each run that changed something; `drift` "
				       "then "
				       "needs no scratch database." },
	[CLI_SET_MARK_BREAKING] = { .name = "mark_breaking",
				    .places = RUN_PLACES,
				    .type = CLI_KEY_BOOL,
				    .fallback = "false",
				    .doc = "`validate` always does what `validate --breaking` does: a migration that "
					   "breaks has to say `-- Breaking: true`." },
	[CLI_SET_DRIFT_GATE] = { .name = "drift_gate",
				 .places = RUN_PLACES,
				 .type = CLI_KEY_BOOL,
				 .env = "WHIMBREL_DRIFT_GATE",
				 .fallback = "false",
				 .doc = "`up` with something to do first compares the schema with the snapshot kept "
					"after the last run, and refuses when it has drifted. Switches `snapshots` "
					"on." },
	[CLI_SET_CHECK_BEFORE] = { .name = "check_before",
				   .places = RUN_PLACES,
				   .type = CLI_KEY_LIST,
				   .env = "WHIMBREL_CHECK_BEFORE",
				   .doc = "Suites of checks (docs/checks.md) that have to pass before `up` runs "
					  "anything; else it refuses." },
	[CLI_SET_CHECK_AFTER] = { .name = "check_after",
				  .places = RUN_PLACES,
				  .type = CLI_KEY_LIST,
				  .env = "WHIMBREL_CHECK_AFTER",
				  .doc = "Suites that have to pass when `up` has run everything; else it has failed, "
					 "and "
					 "`--on-failure rollback` reverts what it applied." },
	[CLI_SET_BACKUP] = { .name = "backup",
			     .places = RUN_PLACES,
			     .type = CLI_KEY_CHOICE,
			     .choices = "off|before",
			     .fallback = "off",
			     .doc = "`before`: `up`, `down`, `redo` and `resume` take a backup first, if they have "
				    "anything to do, and run nothing when it cannot be taken." },
	[CLI_SET_BACKUP_DIR] = { .name = "backup_dir",
				 .places = RUN_PLACES,
				 .type = CLI_KEY_TEXT,
				 .env = "WHIMBREL_BACKUP_DIR",
				 .fallback = "backups",
				 .doc = "Folder of backups." },
	[CLI_SET_BLOCKING_BUDGET] = { .name = "blocking_budget",
				      .places = RUN_PLACES,
				      .type = CLI_KEY_DURATION,
				      .env = "WHIMBREL_BLOCKING_BUDGET",
				      .fallback = "10s",
				      .doc = "For how long in a minute a run may block others before it gives up." },
	[CLI_SET_CONNECT_TIMEOUT] = { .name = "connect_timeout",
				      .places = RUN_PLACES,
				      .type = CLI_KEY_DURATION,
				      .env = "WHIMBREL_CONNECT_TIMEOUT",
				      .fallback = "10s",
				      .doc = "For how long one try to connect may last." },
	[CLI_SET_LOCK_WAIT] = { .name = "lock_wait",
				.places = RUN_PLACES,
				.type = CLI_KEY_DURATION,
				.env = "WHIMBREL_LOCK_WAIT",
				.fallback = "60s",
				.doc = "How long to wait for another run to end; `0` does not wait." },
	[CLI_SET_TIMEOUT] = { .name = "timeout",
			      .places = RUN_PLACES,
			      .type = CLI_KEY_DURATION,
			      .env = "WHIMBREL_TIMEOUT",
			      .fallback = "0",
			      .doc = "A migration that runs longer is cancelled; `0` never." },
	[CLI_SET_PAUSE] = { .name = "pause",
			    .places = RUN_PLACES,
			    .type = CLI_KEY_DURATION,
			    .env = "WHIMBREL_PAUSE",
			    .fallback = "0",
			    .doc = "Rest between two migrations." },
	/* ---- keys that hold others ---- */
	{ .name = "databases",
	  .places = CLI_TOP | CLI_ENVIRONMENT,
	  .type = CLI_KEY_MAP,
	  .into = CLI_DATABASES,
	  .doc = "The databases by name." },
	{ .name = "*", .places = CLI_DATABASES, .type = CLI_KEY_MAP, .into = CLI_DATABASE, .doc = "One database." },
	{ .name = "environments",
	  .places = CLI_TOP,
	  .type = CLI_KEY_MAP,
	  .into = CLI_ENVIRONMENTS,
	  .doc = "What differs by environment, chosen with `-e`." },
	{ .name = "*",
	  .places = CLI_ENVIRONMENTS,
	  .type = CLI_KEY_MAP,
	  .into = CLI_ENVIRONMENT,
	  .doc = "One environment." },
	{ .name = "variables",
	  .places = CLI_TOP | CLI_ENVIRONMENT,
	  .type = CLI_KEY_MAP,
	  .into = CLI_VARIABLES,
	  .doc = "Values for `${name}` in migrations." },
	{ .name = "*", .places = CLI_VARIABLES, .type = CLI_KEY_TEXT, .doc = "Value of the variable." },
	{ .name = "queries",
	  .places = CLI_TOP,
	  .type = CLI_KEY_MAP,
	  .into = CLI_QUERIES,
	  .doc = "Read-only queries for `whimbrel query`, by name." },
	{ .name = "*",
	  .places = CLI_QUERIES,
	  .type = CLI_KEY_MAP,
	  .into = CLI_QUERY,
	  .or_text = true,
	  .doc = "The SQL, or a map of the three keys below." },
	{ .name = "sql", .places = CLI_QUERY, .type = CLI_KEY_TEXT, .doc = "The query." },
	{ .name = "database", .places = CLI_QUERY, .type = CLI_KEY_TEXT, .doc = "Name of the database it is for." },
	{ .name = "lint",
	  .places = CLI_TOP,
	  .type = CLI_KEY_MAP,
	  .into = CLI_LINT,
	  .doc = "How `whimbrel lint` judges." },
	{ .name = "fail_on",
	  .places = CLI_LINT,
	  .type = CLI_KEY_CHOICE,
	  .choices = "error|warning|never",
	  .doc = "From which severity on `lint` answers 1; `error` unless it is said." },
	{ .name = "rules",
	  .places = CLI_LINT | CLI_LINT_OVERRIDE,
	  .type = CLI_KEY_MAP,
	  .into = CLI_LINT_RULES,
	  .doc = "Severities of rules (docs/rules.md) that are not to be the usual ones." },
	{ .name = "*",
	  .places = CLI_LINT_RULES,
	  .type = CLI_KEY_CHOICE,
	  .choices = "off|info|warning|error",
	  .doc = "Severity of the rule." },
	{ .name = "overrides",
	  .places = CLI_LINT,
	  .type = CLI_KEY_MAP,
	  .into = CLI_LINT_OVERRIDES,
	  .doc = "Other severities for some files, by any name; later ones win." },
	{ .name = "*",
	  .places = CLI_LINT_OVERRIDES,
	  .type = CLI_KEY_MAP,
	  .into = CLI_LINT_OVERRIDE,
	  .doc = "One of them." },
	{ .name = "files",
	  .places = CLI_LINT_OVERRIDE,
	  .type = CLI_KEY_LIST,
	  .doc = "Which files: patterns of file names or paths, `*` for any text." },
	{ .name = "reason", .places = CLI_LINT_OVERRIDE, .type = CLI_KEY_TEXT, .doc = "Why; it has to be said." },
	{ .name = "description", .places = CLI_QUERY, .type = CLI_KEY_TEXT, .doc = "What it tells, for the list." },
};

const size_t cli_n_keys = WB_ARRAY_LEN(cli_keys);

const struct cli_key *cli_key_find(unsigned place, struct wb_sv name)
{
	size_t i;

	for (i = 1; i < cli_n_keys; i++)
		if ((cli_keys[i].places & place) &&
		    (strcmp(cli_keys[i].name, "*") == 0 || wb_sv_eq(name, wb_sv_str(cli_keys[i].name))))
			return &cli_keys[i];
	return NULL;
}

const char *cli_key_type_text(const struct cli_key *key)
{
	static const char *const texts[] = {
		[CLI_KEY_TEXT] = "text",     [CLI_KEY_BOOL] = "true or false", [CLI_KEY_DURATION] = "duration",
		[CLI_KEY_CHOICE] = "choice", [CLI_KEY_LIST] = "list",          [CLI_KEY_MAP] = "map",
	};

	return texts[key->type];
}

bool cli_key_value(const struct cli_key *key, struct wb_sv text, int64_t *ret_number)
{
	bool yes;
	int choice;

	*ret_number = 0;
	switch (key->type) {
	case CLI_KEY_BOOL:
		if (!cli_bool(text, &yes))
			return false;
		*ret_number = yes;
		return true;
	case CLI_KEY_DURATION:
		return wb_sv_duration_ms(text, ret_number);
	case CLI_KEY_CHOICE:
		choice = cli_choice_index(key->choices, text);
		*ret_number = choice;
		return choice >= 0;
	default:
		return true;
	}
}
