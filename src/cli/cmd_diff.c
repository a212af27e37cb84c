/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel diff: what turns one schema into another; --write makes the next
 * migration of it.
 */
#include "cli/commands.h"
#include "cli/schema_options.h"

#include <unistd.h>

#include "base/banned.h"

struct options {
	struct cli_schema_options schema; /* first */
	bool sql, allow_destructive, applied;
	const char *write;
	struct cli_list renames; /* OLD=NEW */
};

struct diff {
	struct cli *cli;
	struct wb_context *context;
	struct wb_schema_options how;
	struct wb_schema *a, *b;
	struct wb_schema *a_renamed, *b_renamed; /* with what the other calls otherwise renamed; NULL: nothing is */
	struct wb_schema_comparison *forth, *back; /* back: only for a migration */
	struct wb_plan *effects; /* of forth, on a; NULL: not looked at */
	char *path, *down_path;
};

static void done(struct diff *d)
{
	wb_plan_free(d->effects);
	wb_schema_comparison_free(d->forth);
	wb_schema_comparison_free(d->back);
	wb_schema_free(d->a_renamed);
	wb_schema_free(d->b_renamed);
	wb_schema_free(d->a);
	wb_schema_free(d->b);
	cli_close_cleanup(&d->context);
	free(d->path);
	free(d->down_path);
}

/* The database that has it is the configured one, and the file is the next after those of the folder. */
static int check_applied(const struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;

	if (!o->applied || (o->write && cli->n_args == 1 && wb_fs_is_dir(cli->args[0])))
		return 0;
	wb_err_set(err, WB_EUSAGE, "--applied is for a migration written from what the configured database has");
	wb_err_hint(err, "whimbrel diff migrations --write DESCRIPTION --applied");
	return WB_EUSAGE;
}

/* --rename OLD=NEW, as pairs; the other way round for the way back. */
static int take_renames(struct diff *d, bool back, struct wb_schema_rename **ret_v, struct wb_error *err)
{
	const struct cli_list *list = &((const struct options *)d->cli->options)->renames;
	struct wb_schema_rename *v = wb_arena_array(&d->cli->arena, list->n, sizeof(*v));
	size_t i;

	for (i = 0; v && i < list->n; i++) {
		struct wb_sv rest = wb_sv_str(list->v[i]), old;
		char *from, *to;

		if (!wb_sv_cut(&rest, '=', &old) || !old.n || !rest.n) {
			wb_err_set(err, WB_EUSAGE, "--rename wants OLD=NEW, not %s", list->v[i]);
			wb_err_hint(err, "both as paths: --rename app.users.name=app.users.full_name");
			return WB_EUSAGE;
		}
		from = wb_arena_sv(&d->cli->arena, old);
		to = wb_arena_sv(&d->cli->arena, rest);
		if (!from || !to)
			return wb_err_nomem(err);
		v[i] = (struct wb_schema_rename){ back ? to : from, back ? from : to };
	}
	*ret_v = v;
	return v ? 0 : wb_err_nomem(err);
}

/* What `actual` has beyond `expected`, but for what is only called otherwise. */
static int compare_one(struct diff *d, bool back, struct wb_error *err)
{
	const struct wb_schema *expected = back ? d->a : d->b, *actual = back ? d->b : d->a;
	struct wb_schema **renamed = back ? &d->b_renamed : &d->a_renamed;
	struct wb_schema_rename *v;
	int rc = take_renames(d, back, &v, err);

	if (rc == 0)
		rc = wb_schema_follow_renames(d->context, expected, actual, v,
					      ((const struct options *)d->cli->options)->renames.n, &d->how, renamed,
					      err);
	return rc < 0 ? rc
		      : wb_schema_compare(expected, *renamed ? *renamed : actual, back ? &d->back : &d->forth, err);
}

static int compare(struct diff *d, struct wb_error *err)
{
	const char *places[] = { d->cli->args[0], d->cli->n_args > 1 ? d->cli->args[1] : NULL };
	int rc = check_applied(d->cli, err);

	if (rc == 0)
		rc = cli_schema_open(d->cli, places, WB_ARRAY_LEN(places), &d->context, &d->how, err);
	if (rc == 0)
		rc = wb_schema_read(d->context, places[0], &d->how, &d->a, err);
	if (rc == 0)
		rc = wb_schema_read(d->context, places[1], &d->how, &d->b, err);
	return rc < 0 ? rc : compare_one(d, false, err);
}

/* ---- as a migration ---- */

#define NAMED 12 /* objects that an error names; without --write all are shown */

/* One object may take several statements. */
static bool is_named(const struct wb_schema_comparison *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->changes[k].destroys && strcmp(c->changes[k].kind, c->changes[i].kind) == 0 &&
		    strcmp(c->changes[k].object, c->changes[i].object) == 0)
			return true;
	return false;
}

static int refuse_destruction(const struct wb_schema_comparison *c, struct wb_error *err)
{
	wb_autostr names = WB_STR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < c->n_changes; i++) {
		const struct wb_schema_change *change = &c->changes[i];
		if (!change->destroys || is_named(c, i))
			continue;
		if (n++ < NAMED)
			wb_str_addf(&names, "%s%s %s", n > 1 ? ", " : "", change->kind, change->object);
	}
	if (n == 0)
		return 0;
	if (n > NAMED)
		wb_str_addf(&names, " and %zu more", n - NAMED);
	if (names.failed)
		return wb_err_nomem(err);
	if (n == 1)
		wb_err_set(err, WB_EREFUSED, "the migration would destroy data: %s", names.p);
	else
		wb_err_set(err, WB_EREFUSED, "the migration would destroy data, of %zu objects", n);
	if (n > 1)
		wb_err_detail(err, "%s", names.p);
	wb_err_hint(err,
		    "nothing was written; --allow-destructive writes it, `whimbrel diff` without --write shows it");
	return WB_EREFUSED;
}

static int write_file(struct diff *d, const char *up, const char *down, struct wb_error *err)
{
	const struct options *o = d->cli->options;
	struct wb_new_file file = {
		.size = sizeof(file),
		.description = o->write,
		.breaking = d->forth->destroys,
		.up = up,
		.down = down,
	};

	return wb_new(d->context, &file, &d->path, &d->down_path, err);
}

/* What cannot be recorded is not written, either. */
static int record_as_applied(struct diff *d, struct wb_error *err)
{
	int rc = wb_declare_applied(d->context, d->path, "written from what this database has", err);

	if (rc < 0) {
		(void)unlink(d->path);
		if (d->down_path)
			(void)unlink(d->down_path);
	}
	return rc;
}

static int write_migration(struct diff *d, struct wb_error *err)
{
	const struct options *o = d->cli->options;
	wb_autostr up = WB_STR_INIT, down = WB_STR_INIT;
	int rc = 0;

	if (!o->write || d->forth->n_changes == 0)
		return 0;
	if (!o->allow_destructive)
		rc = refuse_destruction(d->forth, err);
	if (rc == 0)
		rc = compare_one(d, true, err);
	if (rc == 0)
		rc = wb_diff_sql(d->forth, true, &up, err);
	if (rc == 0)
		rc = wb_diff_sql(d->back, true, &down, err);
	if (rc == 0)
		rc = write_file(d, up.p, down.p, err);
	return rc == 0 && o->applied ? record_as_applied(d, err) : rc;
}

/* ---- what it says ---- */

/* Of what is written as a migration `plan` tells; --sql is for programs. */
static int look_at_effects(struct diff *d, struct wb_error *err)
{
	const struct options *o = d->cli->options;

	if ((o->write || o->sql) && d->cli->g.output == WB_FORMAT_TEXT)
		return 0;
	return cli_schema_effects(d->cli, d->context, d->a, d->forth, o->allow_destructive, &d->effects, err);
}

static int report(struct diff *d, struct wb_error *err)
{
	const struct options *o = d->cli->options;
	const struct wb_diff_report r = {
		.from = d->a,
		.to = d->b,
		.comparison = d->forth,
		.effects = d->effects,
		.allow_destructive = o->allow_destructive,
		.sql_only = o->sql,
		.write = o->write,
		.path = d->path,
		.down_path = d->down_path,
	};
	int rc = wb_report_diff(&d->cli->out, (enum wb_format)d->cli->g.output, &r, err);

	if (rc < 0)
		return rc;
	cli_tell_destruction(d->cli, d->forth, o->allow_destructive);
	if (o->write && !d->path && d->forth->n_differences)
		cli_say(d->cli, WB_LOG_WARN, "no statement mends this: nothing was written");
	if (d->path && o->applied)
		cli_say(d->cli, WB_LOG_INFO, "It is recorded as applied here; elsewhere `whimbrel up` applies it.");
	else if (d->path)
		cli_say(d->cli, WB_LOG_INFO,
			"Next: look at it, and at what it does with `whimbrel plan`; apply it with `whimbrel up`.");
	if (d->path || d->forth->n_differences == 0)
		return 0;
	return d->forth->critical ? 2 : 1;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct diff d = { .cli = cli, .how = { .size = sizeof(d.how) } };
	int rc = compare(&d, err);

	if (rc == 0)
		rc = write_migration(&d, err);
	if (rc == 0)
		rc = look_at_effects(&d, err);
	if (rc == 0)
		rc = report(&d, err);
	done(&d);
	return rc;
}

static const struct cli_option options[] = {
	{ "sql", 0, CLI_FLAG, .offset = offsetof(struct options, sql), .help = "only the SQL that turns A into B" },
	{ "write", 0, CLI_TEXT, "DESCRIPTION", .offset = offsetof(struct options, write),
	  .help = "write it as the next migration, with the way back" },
	{ "rename", 0, CLI_LIST, "OLD=NEW", .offset = offsetof(struct options, renames),
	  .help = "B calls it otherwise: users.name=users.full_name" },
	{ "allow-destructive", 0, CLI_FLAG, .offset = offsetof(struct options, allow_destructive),
	  .help = "what destroys data is SQL, not a comment; --write may write it" },
	{ "applied", 0, CLI_FLAG, .offset = offsetof(struct options, applied),
	  .help = "with --write: record it here, where it is already" },
	CLI_SCHEMA_OPTIONS,
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "diff migrations", "what the database has beyond the migrations" },
	{ "diff schema.snapshot migrations -o markdown", "for a pull request" },
	{ "diff sqlite:app.db schema.sql --sql", "towards a file of SQL: the script alone" },
	{ "diff migrations sqlite:dev.db --write 'add tags'", "as the next migration, with its down" },
	{ "diff migrations --write 'as it is' --applied", "drift becomes a migration" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "the same, or the migration is written" },
	{ 1, "different" },
	{ 2, "different, and critical: rows would go" },
	CLI_SCHEMA_EXITS,
};

const struct cli_command cmd_diff = {
	.name = "diff",
	.summary = "what turns one schema into another, as a list and as SQL",
	.arguments = "A [B]",
	.about = "A and B are URLs, folders of migrations, files of SQL, or snapshots; without B the configured "
		 "database. "
		 "`missing` is what B has and A has not, `unexpected` what A has and B has not. The SQL turns A into "
		 "B, in "
		 "an order in which it can be run; what destroys data is a comment unless --allow-destructive is "
		 "given, and "
		 "--write is refused then. Renames are not guessed: `-- renamed from: OLD` beside the new name, or "
		 "--rename, "
		 "tells them.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_USES_DIR | CLI_USES_SCRATCH,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN,
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
