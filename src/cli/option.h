/* SPDX-License-Identifier: Apache-2.0
 *
 * Options and commands as data. Parsing, help, man pages, documentation and
 * shell completion all read these tables; nothing about an option is said
 * twice.
 */
#ifndef WB_CLI_OPTION_H
#define WB_CLI_OPTION_H

#include "cli/setting.h"

enum cli_type {
	CLI_FLAG, /* bool */
	CLI_COUNT, /* int: how often it stands there */
	CLI_TEXT, /* const char * */
	CLI_NUMBER, /* int64_t, not below .min */
	CLI_DURATION, /* int64_t, milliseconds */
	CLI_CHOICE, /* int: index into .choices */
	CLI_LIST, /* struct cli_list: a,b,c; may be given again */
};

struct cli_list {
	const char *const *v;
	size_t n;
};

struct cli_option {
	const char *name; /* without dashes; NULL ends a table */
	char letter;
	enum cli_type type;
	const char *argument; /* what help calls it; NULL for flags */
	const char *choices; /* "a|b|c" */
	const char *bare; /* the choice meant by --name alone; others then need --name=CHOICE */
	int64_t min;
	size_t offset; /* in the command's options, or in struct cli_globals */
	enum cli_setting setting; /* it says a setting of the configuration instead: offset is not used */
	const char *env; /* environment twin; that of the setting when it has one */
	const char *help;
};

#define CLI_OPTIONS_MAX 32

struct cli_example {
	const char *command; /* NULL ends a table */
	const char *does;
};
struct cli_exit {
	int code; /* -1 ends a table */
	const char *text;
};

enum cli_group {
	CLI_GROUP_START,
	CLI_GROUP_LOOK,
	CLI_GROUP_CHANGE,
	CLI_GROUP_MEND,
	CLI_GROUP_DATABASE,
	CLI_GROUP_ABOUT,
	CLI_GROUP_COUNT
};

enum cli_flags {
	CLI_READS_CONFIG = 1, /* .env and whimbrel.yaml */
	CLI_NEEDS_URL = 2,
	CLI_NEEDS_DIR = 4, /* the folder of migrations */
	CLI_USES_DIR = 64, /* does without where there is none */
	CLI_EACH_DATABASE = 8, /* goes over all databases without -d */
	CLI_HAS_EVENTS = 16, /* emits events, shows progress */
	CLI_FREE_FORM = 32, /* prints text of its own; -o is not for it */
	CLI_USES_SCRATCH = 128, /* scratch_url counts */
};

struct cli;

struct cli_command {
	const char *name, *summary;
	const char *arguments; /* for the usage line: "[VERSION]" */
	const char *about; /* one paragraph */
	enum cli_group group;
	unsigned flags;
	unsigned formats; /* bits 1u << WB_FORMAT_…; text always */
	int min_args, max_args; /* max_args -1: any number */
	const char *argument_choices; /* "bash|zsh|fish" */
	const struct cli_option *options;
	size_t options_size;
	const struct cli_example *examples;
	const struct cli_exit *exits; /* besides 64, 65 and 70, which any command may give */
	/* 0 or an exit status for an answer; a negative WB_E… code with err. */
	int (*run)(struct cli *cli, struct wb_error *err);
};

#define CLI_TEXT_AND_JSON ((1u << WB_FORMAT_TEXT) | (1u << WB_FORMAT_JSON))

/* NULL-terminated, in the order of help. */
extern const struct cli_command *const cli_commands[];
const struct cli_command *cli_command_find(struct wb_sv name);
const char *cli_group_title(enum cli_group group);
extern const struct cli_option cli_global_options[];

/* Where an option was found: the struct that its offset counts in, and its mark. */
struct cli_found {
	const struct cli_option *option;
	void *target;
	bool *seen;
};
/* Checks and keeps the value; by: how the user wrote it, for errors. */
int cli_option_store(struct cli *cli, const struct cli_found *found, const char *text, const char *by,
		     struct wb_error *err) WB_MUST_USE;

/* Reads the command line. The first error is returned, but everything that can be read is read, so that an error is
 * printed in the format that was asked for. */
int cli_parse(struct cli *cli, int argc, char *const argv[], struct wb_error *err) WB_MUST_USE;
/* Fills options that were not given from their environment twins. */
int cli_parse_env(struct cli *cli, struct wb_error *err) WB_MUST_USE;
/* The environment twin of an option, its own or its setting's; NULL without one. */
const char *cli_option_env(const struct cli_option *option);
/* Index of text in "a|b|c", -1 when it is not there. */
int cli_choice_index(const char *choices, struct wb_sv text);
bool cli_bool(struct wb_sv text, bool *ret_value);
/* Adds the pieces of "a,b", in the arena, to what is there; text may be NULL. */
int cli_list_add(struct wb_arena *a, const char *text, struct cli_list *list, struct wb_error *err) WB_MUST_USE;

#endif
