/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel backup, restore, backups: the whole database as a file, the way
 * back, and the folder of such files.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

static int64_t lock_wait(const struct cli_target *target)
{
	int64_t ms = target->values[CLI_SET_LOCK_WAIT].number;

	return ms ? ms : -1;
}

/* ---- backup ---------------------------------------------------------------------- */

struct backup_options {
	int verify;
};

static int run_backup(struct cli *cli, struct wb_error *err)
{
	const struct backup_options *o = cli->options;
	struct wb_backup_options how = { .size = sizeof(how), .verify = (enum wb_backup_verify)o->verify };
	const struct cli_target *target;
	struct wb_backup *backup = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_one_target(cli, &target, err);

	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc < 0)
		return rc;
	how.name = cli->n_args ? cli->args[0] : NULL;
	how.lock_wait_ms = lock_wait(target);
	rc = wb_backup(context, &how, &backup, err);
	cli_progress_clear(cli->progress);
	if (rc < 0)
		return rc;
	rc = wb_report_backup(&cli->out, (enum wb_format)cli->g.output, backup, err);
	wb_backup_free(backup);
	return rc;
}

static const struct cli_option backup_options[] = {
	{ "verify", 0, CLI_CHOICE, "HOW", .choices = "list|restore", .offset = offsetof(struct backup_options, verify),
	  .help = "list (default): its contents can be read; restore: also restored into a scratch database, and the "
		  "rows of every table compared" },
	{ "backup-dir", 0, CLI_TEXT, "DIR", .setting = CLI_SET_BACKUP_DIR, .help = "folder of backups" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for a run of migrations to end (60s; 0 does not wait)" },
	{ .name = NULL },
};
static const struct cli_example backup_examples[] = {
	{ "backup", "backups/pre-migration-YYYYMMDD-HHMMSS" },
	{ "backup before-the-move --verify restore", "proved by restoring it" },
	{ .command = NULL },
};
static const struct cli_exit backup_exits[] = {
	{ 0, "the backup is there, checked" },
	{ 1, "restored for comparison, it differs" },
	{ 3, "the database or the disk refused; no file was left" },
	{ 4, "pg_dump is missing or too old, the name is taken, or the role may not read everything" },
	{ 5, "a run of migrations holds the lock" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_backup = {
	.name = "backup",
	.summary = "back the whole database up into a checked file",
	.about = "PostgreSQL: with pg_dump, in its custom format. SQLite: with the online backup. Others go on reading "
		 "and writing meanwhile. The file gets its name only when it is complete, on disk and checked; beside "
		 "it stands a manifest with its checksum. Both can be read by their owner alone.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.arguments = "[NAME]",
	.max_args = 1,
	.options = backup_options,
	.options_size = sizeof(struct backup_options),
	.examples = backup_examples,
	.exits = backup_exits,
	.run = run_backup,
};

/* ---- restore ------------------------------------------------------------------------ */

struct restore_options {
	bool drop_old, unverified, no_owner;
};

static int confirm_restore(struct cli *cli, const struct cli_target *target, struct wb_error *err)
{
	bool is_protected = target->values[CLI_SET_PROTECTED].number;
	const struct restore_options *o = cli->options;
	const char *name = cli_database_name(cli, target), *question;

	question = name ? wb_arena_printf(&cli->arena, "This puts the backup %s in the place of the database %s%s%s%s",
					  cli->args[0], name, is_protected ? " of the environment " : "",
					  is_protected && cli->environment ? cli->environment : "",
					  o->drop_old ? "; what is in it now is lost" : "")
			: NULL;
	return question ? cli_confirm(cli, question, is_protected ? cli->environment : NULL, err) : wb_err_nomem(err);
}

static int run_restore(struct cli *cli, struct wb_error *err)
{
	const struct restore_options *o = cli->options;
	struct wb_restore_options how = { .size = sizeof(how),
					  .file = cli->args[0],
					  .confirmed = true,
					  .drop_old = o->drop_old,
					  .unverified = o->unverified,
					  .no_owner = o->no_owner };
	const struct cli_target *target;
	struct wb_restore *restore = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_one_target(cli, &target, err);

	if (rc == 0)
		rc = confirm_restore(cli, target, err);
	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc < 0)
		return rc;
	how.lock_wait_ms = lock_wait(target);
	rc = wb_restore(context, &how, &restore, err);
	cli_progress_clear(cli->progress);
	if (rc < 0)
		return rc;
	rc = wb_report_restore(&cli->out, (enum wb_format)cli->g.output, restore, err);
	wb_restore_free(restore);
	return rc;
}

static const struct cli_option restore_options[] = {
	{ "drop-old", 0, CLI_FLAG, .offset = offsetof(struct restore_options, drop_old),
	  .help = "do not keep the database that is replaced" },
	{ "no-owner", 0, CLI_FLAG, .offset = offsetof(struct restore_options, no_owner),
	  .help = "PostgreSQL: everything belongs to this role, grants are left out" },
	{ "unverified", 0, CLI_FLAG, .offset = offsetof(struct restore_options, unverified),
	  .help = "also a file that has no manifest beside it" },
	{ "backup-dir", 0, CLI_TEXT, "DIR", .setting = CLI_SET_BACKUP_DIR, .help = "folder of backups" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for a run of migrations to end (60s; 0 does not wait)" },
	{ .name = NULL },
};
static const struct cli_example restore_examples[] = {
	{ "restore pre-migration-20261121-101500", "by name, from the folder of backups" },
	{ "restore /mnt/safe/app.dump -e production --yes", "by path, without being asked" },
	{ .command = NULL },
};
static const struct cli_exit restore_exits[] = {
	{ 0, "the database is as it was in the backup" },
	{ 3, "the database or the disk refused; nothing has changed" },
	{ 4, "nobody confirmed, the file is not what its manifest says, or the role may not create databases" },
	{ 5, "a run of migrations holds the lock" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_restore = {
	.name = "restore",
	.summary = "put a backup in the place of the database",
	.about = "Builds a new database from the file, checks it, carries over what the history has learned since, and "
		 "swaps it in with one step at the end: until then nothing changes. The old one is kept under another "
		 "name. Works where the database is missing, too. Asks first.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.arguments = "FILE",
	.min_args = 1,
	.max_args = 1,
	.options = restore_options,
	.options_size = sizeof(struct restore_options),
	.examples = restore_examples,
	.exits = restore_exits,
	.run = run_restore,
};

/* ---- backups ---------------------------------------------------------------------------- */

struct backups_options {
	bool prune;
	int64_t older_than;
};

static int run_backups(struct cli *cli, struct wb_error *err)
{
	const struct backups_options *o = cli->options;
	struct wb_backups_options how = { .size = sizeof(how), .prune = o->prune, .older_than_ms = o->older_than };
	struct wb_backups *backups = NULL;
	cli_autoclose *context = NULL;
	int rc = 0;

	if (o->older_than && !o->prune)
		return wb_err_set(err, WB_EUSAGE, "--older-than says what --prune removes: give both");
	if (o->prune)
		rc = cli_confirm_protected(cli, "removes old backups", err);
	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = wb_backups(context, &how, &backups, err);
	if (rc < 0)
		return rc;
	rc = wb_report_backups(&cli->out, (enum wb_format)cli->g.output, backups, o->prune, err);
	wb_backups_free(backups);
	return rc;
}

static const struct cli_option backups_options[] = {
	{ "prune", 0, CLI_FLAG, .offset = offsetof(struct backups_options, prune),
	  .help = "remove old ones; the newest good one of each database always stays" },
	{ "older-than", 0, CLI_DURATION, "D", .min = 0, .offset = offsetof(struct backups_options, older_than),
	  .help = "with --prune: what is old (30d)" },
	{ "backup-dir", 0, CLI_TEXT, "DIR", .setting = CLI_SET_BACKUP_DIR, .help = "folder of backups" },
	{ .name = NULL },
};
static const struct cli_example backups_examples[] = {
	{ "backups", "newest first" },
	{ "backups --prune --older-than 7d", "keep a week of them" },
	{ .command = NULL },
};
static const struct cli_exit backups_exits[] = { { 0, "listed" }, { 4, "nobody confirmed" }, { -1, NULL } };

const struct cli_command cmd_backups = {
	.name = "backups",
	.summary = "list the backups, remove old ones",
	.about = "Reads the manifests in the folder of backups; needs no database.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG,
	.formats = CLI_TEXT_AND_JSON,
	.options = backups_options,
	.options_size = sizeof(struct backups_options),
	.examples = backups_examples,
	.exits = backups_exits,
	.run = run_backups,
};
