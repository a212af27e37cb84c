/* SPDX-License-Identifier: Apache-2.0
 *
 * The global options; they may stand before or after the command.
 */
#include "cli/cli.h"

#include "base/banned.h"

#define AT(field) .offset = offsetof(struct cli_globals, field)

const struct cli_option cli_global_options[] = {
	{ "config", 'c', CLI_TEXT, "FILE", AT(config), .env = "WHIMBREL_CONFIG",
	  .help = "configuration file (default whimbrel.yaml, if it is there)" },
	{ "env", 'e', CLI_TEXT, "NAME", AT(environment), .env = "WHIMBREL_ENV",
	  .help = "environment of the configuration" },
	{ "database", 'd', CLI_TEXT, "NAME", AT(database), .env = "WHIMBREL_DATABASE",
	  .help = "database of the configuration" },
	{ "url", 0, CLI_TEXT, "URL", .setting = CLI_SET_URL,
	  .help = "the database: sqlite:app.db, postgres://user@host/name" },
	{ "dir", 0, CLI_TEXT, "DIR", .setting = CLI_SET_DIR, .help = "folder of migrations" },
	{ "output", 'o', CLI_CHOICE, "FORMAT", AT(output), .choices = "text|json|markdown|sarif|junit|github",
	  .env = "WHIMBREL_OUTPUT", .help = "form of the result: text, json; markdown, sarif, junit, github for some" },
	{ "file", 0, CLI_TEXT, "PATH", AT(file), .env = "WHIMBREL_FILE", .help = "write the result to a file" },
	{ "events", 0, CLI_TEXT, "FILE", AT(events), .env = "WHIMBREL_EVENTS",
	  .help = "write every event as a line of JSON; - is standard output" },
	{ "log", 0, CLI_CHOICE, "FORM", AT(log), .choices = "text|json", .env = "WHIMBREL_LOG",
	  .help = "form of what goes to standard error" },
	{ "quiet", 'q', CLI_FLAG, NULL, AT(quiet), .env = "WHIMBREL_QUIET", .help = "only errors on standard error" },
	{ "verbose", 'v', CLI_COUNT, NULL, AT(verbose), .env = "WHIMBREL_VERBOSE",
	  .help = "more on standard error; -vv traces every call to the database" },
	{ "color", 0, CLI_CHOICE, "WHEN", AT(color), .choices = "auto|always|never", .env = "WHIMBREL_COLOR",
	  .help = "colour: auto, always, never (NO_COLOR is heeded)" },
	{ "yes", 'y', CLI_FLAG, NULL, AT(yes), .env = "WHIMBREL_YES", .help = "answer every question with yes" },
	{ "help", 'h', CLI_FLAG, NULL, AT(help), .help = "help for the program or the command" },
	{ "version", 0, CLI_FLAG, NULL, AT(version), .help = "version of the program" },
	{ .name = NULL },
};
