/* SPDX-License-Identifier: Apache-2.0
 *
 * What `snapshot`, `dump`, `diff` and `drift` share: options, and reading a schema by
 * them. For the commands of this room only.
 */
#ifndef WB_CLI_SCHEMA_OPTIONS_H
#define WB_CLI_SCHEMA_OPTIONS_H

#include "cli/cli.h"

/* The first member of the options of a command that has any of these. */
struct cli_schema_options {
	bool owners, no_privileges, no_comments;
	const char *to;
};

/* clang-format off */
#define CLI_SCHEMA_ONLY_COUNTS \
	{ "schemas", 0, CLI_LIST, "A,B", .setting = CLI_SET_SCHEMAS, \
	  .help = "PostgreSQL: these schemas only" }, \
	{ "ignore", 0, CLI_LIST, "PATTERN", .setting = CLI_SET_IGNORE, \
	  .help = "leave out what has this path: 'app.tmp_*', 'index *_old'; may be given again" }, \
	{ "owners", 0, CLI_FLAG, .offset = offsetof(struct cli_schema_options, owners), \
	  .help = "who owns an object counts, too" }, \
	{ "no-privileges", 0, CLI_FLAG, .offset = offsetof(struct cli_schema_options, no_privileges), \
	  .help = "privileges do not count" }, \
	{ "no-comments", 0, CLI_FLAG, .offset = offsetof(struct cli_schema_options, no_comments), \
	  .help = "comments do not count" }

#define CLI_SCHEMA_COUNTS \
	CLI_SCHEMA_ONLY_COUNTS, \
	{ "scratch-url", 0, CLI_TEXT, "URL", .setting = CLI_SET_SCRATCH_URL, \
	  .help = "where a folder is run: a server on which databases may be made" }

#define CLI_SCHEMA_OPTIONS \
	{ "to", 0, CLI_TEXT, "V", .offset = offsetof(struct cli_schema_options, to), \
	  .help = "of a folder: only up to this version" }, \
	CLI_SCHEMA_COUNTS

/* The exits that all three have, after those of their own. */
#define CLI_SCHEMA_EXITS \
	{ 3, "a migration of the folder failed on the scratch database, or a statement that looks was refused" }, \
	{ 4, "a snapshot of a newer Whimbrel, or the role may not make a scratch database" }, \
	{ 6, "the database cannot be reached" }, \
	{ -1, NULL }
/* clang-format on */

/* Opens the context that the schemas of `places` are read with; an entry NULL is the configured database, which has to
 * be there then. *ret_options is filled from settings and options. */
int cli_schema_fill(struct cli *cli, const struct cli_target *target, struct wb_schema_options *ret_options,
		    struct wb_error *err) WB_MUST_USE;
/* From the settings alone: which schemas count, and what is ignored. */
int cli_schema_settings(struct cli *cli, const struct cli_target *target, struct wb_schema_options *so,
			struct wb_error *err) WB_MUST_USE;
int cli_schema_open(struct cli *cli, const char *const *places, size_t n, struct wb_context **ret_context,
		    struct wb_schema_options *ret_options, struct wb_error *err) WB_MUST_USE;
/* Where the configuration wants it, `up` refuses a database that has drifted from what *so counts. */
int cli_drift_gate(struct cli *cli, struct wb_schema_options *so, struct wb_run_options *run,
		   struct wb_error *err) WB_MUST_USE;
/* What the changes do where `actual` was read from, with the configuration's rules. */
int cli_schema_effects(struct cli *cli, struct wb_context *context, const struct wb_schema *actual,
		       const struct wb_schema_comparison *c, bool allowed, struct wb_plan **ret_effects,
		       struct wb_error *err) WB_MUST_USE;
/* Says how many statements stand in the report as comments. */
void cli_tell_destruction(struct cli *cli, const struct wb_schema_comparison *c, bool allowed);

#endif
