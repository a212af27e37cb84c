/* SPDX-License-Identifier: Apache-2.0
 *
 * The cli room: the program `whimbrel`. It uses the public library, the report
 * room and base, nothing else. This header is for the room alone.
 */
#ifndef WB_CLI_CLI_H
#define WB_CLI_CLI_H

#include <whimbrel/whimbrel.h>

#include "base/base.h"
#include "cli/option.h"
#include "cli/setting.h"
#include "report/report.h"

enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };
enum cli_log { CLI_LOG_TEXT, CLI_LOG_JSON };

struct cli_globals {
	const char *config, *environment, *database;
	const char *file, *events;
	int output; /* enum wb_format */
	int log; /* enum cli_log */
	int color; /* enum cli_color */
	bool quiet, yes, help, version;
	int verbose;
};

enum cli_origin {
	CLI_FROM_DEFAULT,
	CLI_FROM_CONFIG,
	CLI_FROM_CUSTOM,
	CLI_FROM_ENVIRONMENT_CONFIG,
	CLI_FROM_VARIABLE,
	CLI_FROM_OPTION,
};
/* "default", "configuration", "environment", "option" */
const char *cli_origin_text(enum cli_origin origin);

struct cli_value {
	const char *text; /* NULL: not set */
	int64_t number; /* bool, duration (ms) or choice */
	enum cli_origin origin;
	const char *source; /* "--url", "DATABASE_URL in .env", "whimbrel.yaml:3"; NULL for defaults */
	const struct wb_error *problem; /* it was said, but cannot be had */
};

/* One database with everything that holds for it. */
struct cli_target {
	const char *name;
	struct cli_value values[CLI_SET_COUNT];
};

struct cli_given {
	const char *text; /* NULL: not given */
	const char *by; /* "--url" */
};

struct cli {
	struct wb_arena arena;
	struct cli_globals g;
	const struct cli_command *command;
	void *options; /* of the command */
	const char **args;
	size_t n_args;
	bool seen_global[CLI_OPTIONS_MAX], seen_command[CLI_OPTIONS_MAX];
	struct cli_given settings[CLI_SET_COUNT];
	struct cli_env env;
	struct cli_config *config;
	const char *environment; /* the chosen one, checked; NULL without */
	struct cli_target *targets;
	size_t n_targets;
	struct wb_out out; /* the result */
	struct wb_out note; /* standard error */
	struct wb_out events; /* --events; fd -1 without */
	struct cli_progress *progress;
	bool error_shown; /* the result tells of the error */
	const char *wrote; /* said on standard error when --file is in its place; NULL: nothing */
};

/* ---- program.c ---- */
/* The whole program: returns the exit status. */
int cli_main(int argc, char *const argv[]);

/* ---- load.c, resolve.c ---- */
/* Reads .env; nothing when there is none. */
int cli_load_env(struct cli *cli, struct wb_error *err) WB_MUST_USE;
/* Warns of a password in it that other users can read. */
void cli_warn_env(struct cli *cli);
int cli_load_config(struct cli *cli, struct wb_error *err) WB_MUST_USE;
/* Chooses environment and databases, and resolves every setting of theirs. A value that cannot be had is a problem of
 * that value alone, until somebody needs it. */
int cli_load_targets(struct cli *cli, struct wb_error *err) WB_MUST_USE;
int cli_resolve(struct cli *cli, struct cli_target *target, bool several, struct wb_error *err) WB_MUST_USE;
/* The variables for migrations; with lenient, one that cannot be had has value NULL. */
int cli_variables(struct cli *cli, bool lenient, struct wb_named_value **ret_variables, size_t *ret_n,
		  struct wb_error *err) WB_MUST_USE;
/* "main, graph": the databases of the configuration. In the arena; NULL without memory. */
const char *cli_database_names(struct cli *cli);
/* The one database of a command for one; WB_EUSAGE naming them when there are several. */
int cli_one_target(struct cli *cli, const struct cli_target **ret_target, struct wb_error *err) WB_MUST_USE;
/* Name of the database itself, out of its url. In the arena; NULL without memory. */
const char *cli_database_name(struct cli *cli, const struct cli_target *target);
/* As it may be shown: passwords masked. In the arena. */
const char *cli_shown_value(struct cli *cli, const struct cli_target *target, enum cli_setting setting);

/* ---- session.c ---- */
/* Opens the library for a database; checks first what the command needs. Signals now cancel its calls. */
int cli_open(struct cli *cli, const struct cli_target *target, struct wb_context **ret_context,
	     struct wb_error *err) WB_MUST_USE;
/* For a command whose arguments decide whether the configured database is needed: is there one? */
int cli_need_url(struct cli *cli, const struct cli_target *target, struct wb_error *err) WB_MUST_USE;
/* cli_one_target() and cli_open(). */
int cli_open_one(struct cli *cli, struct wb_context **ret_context, struct wb_error *err) WB_MUST_USE;
/* cmd_new.c: who git says it is; NULL when there is no git. */
const char *cli_git_author(struct cli *cli);
void cli_close(struct wb_context *context);
#define cli_autoclose WB_CLEANUP(cli_close_cleanup) struct wb_context
void cli_close_cleanup(struct wb_context **context);
/* lint_settings.c: severities of lint's rules, from the configuration; in the arena. */
int cli_lint_settings(struct cli *cli, const struct wb_lint_setting **ret_v, size_t *ret_n,
		      struct wb_error *err) WB_MUST_USE;
/* The settings of a run, from the configuration and the options behind it. */
int cli_run_settings(struct cli *cli, struct wb_run_options *run, struct wb_error *err) WB_MUST_USE;
/* The run's report in the chosen format, for rc and err of the call; frees the result. Returns what the command
 * returns. */
int cli_report_run(struct cli *cli, enum wb_action action, struct wb_run_result *result, int rc, struct wb_error *err);
/* Prints the exact SQL of a plan, or its JSON. */
int cli_show_sql(struct cli *cli, struct wb_context *context, const struct wb_plan_options *options,
		 struct wb_error *err);

/* ---- signals.c ---- */
void cli_signals_init(void);
/* Calls of this context are cancelled by SIGINT and SIGTERM; NULL: the program just ends. */
void cli_signals_context(struct wb_context *context);
/* SIGINT or SIGTERM when one arrived, else 0. */
int cli_signal(void);

/* ---- terminal.c ---- */
void cli_terminal_init(struct cli *cli);
/* A line on standard error, as the log's form wants it; nothing with -q unless it is an error. */
void cli_say(struct cli *cli, enum wb_log_level level, const char *fmt, ...) WB_PRINTF(3, 4);
/* Whether standard output and standard error end in the same place. */
bool cli_same_place(void);
/* Asks on the terminal. Refuses (WB_EREFUSED, naming --yes) when there is none; --yes answers. `word` has to be typed;
 * NULL: "yes". */
int cli_confirm(struct cli *cli, const char *question, const char *word, struct wb_error *err) WB_MUST_USE;
/* In a protected environment: asks; `what` reads "reverts migrations". */
int cli_confirm_protected(struct cli *cli, const char *what, struct wb_error *err) WB_MUST_USE;

/* ---- progress.c, listeners.c ---- */
int cli_progress_new(struct cli *cli, struct wb_error *err) WB_MUST_USE;
void cli_progress_free(struct cli_progress *p);
void cli_progress_event(struct cli_progress *p, const struct wb_event *event);
/* What runs now is rolled back: nothing is "applied". */
void cli_progress_rehearsal(struct cli_progress *p);
/* Takes the live line away, before anything else is printed. */
void cli_progress_clear(struct cli_progress *p);
/* Whether the applied migrations were shown already, in the place where the result goes. */
bool cli_progress_told(const struct cli_progress *p);
/* The library's listeners; user is the struct cli. */
void cli_on_event(void *user, const struct wb_event *event);
void cli_on_log(void *user, enum wb_log_level level, const char *message);
int cli_listeners_open(struct cli *cli, struct wb_error *err) WB_MUST_USE;
int cli_listeners_close(struct cli *cli, struct wb_error *err) WB_MUST_USE;

/* ---- help.c, help_man.c, help_docs.c, completion.c: all from the tables ---- */
void cli_help_overview(struct wb_out *out);
void cli_help_globals(struct wb_out *out);
void cli_help_command(struct wb_out *out, const struct cli_command *command);
void cli_man_program(struct wb_out *out);
void cli_man_command(struct wb_out *out, const struct cli_command *command);
void cli_docs_index(struct wb_out *out);
void cli_docs_command(struct wb_out *out, const struct cli_command *command);
void cli_docs_configuration(struct wb_out *out);
void cli_docs_checks(struct wb_out *out);
void cli_docs_bench(struct wb_out *out);
void cli_docs_scenarios(struct wb_out *out);
void cli_complete_bash(struct wb_out *out);
void cli_complete_zsh(struct wb_out *out);
void cli_complete_fish(struct wb_out *out);
/* "-o, --output FORMAT", "--dry-run[=rollback]"; with `letters` room is left where there is no letter. */
void cli_option_label(const struct cli_option *option, bool letters, struct wb_str *ret_label);

/* ---- guess.c: did you mean ---- */
struct cli_guess {
	struct wb_sv word;
	struct wb_sv best;
	unsigned distance;
};
void cli_guess_init(struct cli_guess *g, struct wb_sv word);
void cli_guess_try(struct cli_guess *g, struct wb_sv candidate);
/* Adds the hint "did you mean …" when a candidate is near; false when none is. */
bool cli_guess_hint(const struct cli_guess *g, const char *prefix, struct wb_error *err);

#endif
