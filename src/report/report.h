/* SPDX-License-Identifier: Apache-2.0
 *
 * The report room: results of the public library as text tables, JSON,
 * Markdown, SARIF, JUnit and GitHub annotations. One place for every format;
 * the command line decides which, this room how it looks.
 *
 * Functions return 0, WB_ENOMEM, or WB_EBUG for a format they do not offer.
 */
#ifndef WB_REPORT_REPORT_H
#define WB_REPORT_REPORT_H

#include <whimbrel/whimbrel.h>

#include "report/json.h"
#include "report/out.h"

#define WB_FORMAT_MAP(X) \
	X(TEXT, "text") \
	X(JSON, "json") \
	X(MARKDOWN, "markdown") \
	X(SARIF, "sarif") \
	X(JUNIT, "junit") \
	X(GITHUB, "github")

enum wb_format {
#define X(name, text) WB_FORMAT_##name,
	WB_FORMAT_MAP(X)
#undef X
		WB_FORMAT_COUNT
};
const char *wb_format_name(enum wb_format format);

/* ---- errors and events (error.c, event.c) ---- */
/* "file:line:column: ", as far as they are known; file may be NULL. */
void wb_report_place(struct wb_out *out, const char *file, unsigned line, unsigned column);
/* Blanks as wide as the text before the caret; a tab stays a tab, so that both lines stop at the same place. */
void wb_report_caret_gap(struct wb_out *out, struct wb_sv before);
/* As a good compiler would say it. */
void wb_report_error(struct wb_out *out, const struct wb_error *error);
json_t *wb_report_error_value(struct wb_json *j, const struct wb_error *error);
/* {"error":{…}} */
int wb_report_error_json(struct wb_out *out, const struct wb_error *error, struct wb_error *err) WB_MUST_USE;
/* One JSON line; absent fields are left out. */
int wb_report_event(struct wb_out *out, const struct wb_event *event, struct wb_error *err) WB_MUST_USE;
/* One line of the JSON log: time, level, message; code may be NULL. */
int wb_report_log(struct wb_out *out, enum wb_log_level level, const char *message, const char *code,
		  struct wb_error *err) WB_MUST_USE;
/* "error", "warn", "info", "debug", "trace" */
const char *wb_log_level_name(enum wb_log_level level);

/* ---- results of one or several databases ---- */
struct wb_status_of {
	const char *name; /* of the database in the configuration */
	const struct wb_status *status; /* NULL when it failed with error */
	const struct wb_error *error;
};
/* many: the JSON is {"databases":[…]}. all: the text lists every applied migration, not only the newest. */
int wb_report_status(struct wb_out *out, enum wb_format format, const struct wb_status_of *v, size_t n, bool many,
		     bool all, struct wb_error *err) WB_MUST_USE;

struct wb_validation_of {
	const char *name;
	const struct wb_validation *validation;
	const struct wb_error *error;
	bool files_only; /* no database was looked at */
	const char *command; /* whose findings these are; NULL: validate */
	const struct wb_lint *lint; /* whose findings these are; else NULL */
};
int wb_report_validation(struct wb_out *out, enum wb_format format, const struct wb_validation_of *v, size_t n,
			 bool many, struct wb_error *err) WB_MUST_USE;
/* For the other formats of validate; used by wb_report_validation(). */
int wb_report_sarif(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err) WB_MUST_USE;
int wb_report_junit(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err) WB_MUST_USE;
int wb_report_github(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err) WB_MUST_USE;

/* Parts of them, for results that are no list of problems. */
enum wb_junit { WB_JUNIT_PASS, WB_JUNIT_FAILURE, WB_JUNIT_ERROR, WB_JUNIT_SKIPPED };
struct wb_junit_case {
	const char *suite, *name, *kind, *message;
	enum wb_junit result;
	bool timed;
	int64_t ms;
};
void wb_report_junit_case(struct wb_out *out, const struct wb_junit_case *c);
void wb_report_xml(struct wb_out *out, const char *text);

/* ---- checks (check.c) ---- */
/* One suite, or several: the JSON then is {"suites":[…]}. */
int wb_report_checks(struct wb_out *out, enum wb_format format, struct wb_check_report *const *v, size_t n,
		     struct wb_error *err) WB_MUST_USE;

/* ---- benchmarks (bench.c): text, JSON, Markdown, JUnit ---- */
int wb_report_bench(struct wb_out *out, enum wb_format format, const struct wb_bench_report *report,
		    struct wb_error *err) WB_MUST_USE;
/* ---- tests of migrations (test.c): text, JSON, JUnit ---- */
int wb_report_test(struct wb_out *out, enum wb_format format, const struct wb_test_report *report,
		   struct wb_error *err) WB_MUST_USE;

/* ---- lint (lint.c) ---- */
struct wb_lint_of {
	const char *name;
	const struct wb_lint *lint; /* NULL when it failed with error */
	const struct wb_error *error;
};
int wb_report_lint(struct wb_out *out, enum wb_format format, const struct wb_lint_of *v, size_t n, bool many,
		   struct wb_error *err) WB_MUST_USE;
/* "off", "info", "warning", "error" */
const char *wb_lint_level_name(enum wb_lint_level level);
/* For SARIF: the rules that its findings are of. */
json_t *wb_report_lint_rules(struct wb_json *j, const struct wb_lint *lint);
/* One rule: text, JSON, Markdown; and all as a list. */
int wb_report_rule(struct wb_out *out, enum wb_format format, const struct wb_lint_rule *rule,
		   struct wb_error *err) WB_MUST_USE;
int wb_report_rules(struct wb_out *out, enum wb_format format, struct wb_error *err) WB_MUST_USE;
/* docs/rules.md */
void wb_report_rules_page(struct wb_out *out);

/* One problem as text, and as a JSON object (place: with line and column). */
void wb_report_problem(struct wb_out *out, const struct wb_problem *problem);
json_t *wb_report_problem_value(struct wb_json *j, const struct wb_problem *problem, bool place);

/* ---- results of one database ---- */
int wb_report_history(struct wb_out *out, enum wb_format format, const struct wb_history *history,
		      struct wb_error *err) WB_MUST_USE;
int wb_report_plan(struct wb_out *out, enum wb_format format, const struct wb_plan *plan,
		   struct wb_error *err) WB_MUST_USE;
/* One line of what others notice of a step (nothing: nobody does), and of the whole plan. Failure is in `out`. */
void wb_report_plan_effect(struct wb_str *out, const struct wb_plan_step *step);
void wb_report_plan_summary(struct wb_str *out, const struct wb_plan *plan);
/* Adds what a plan tells of its steps, and of all of them, to an object. */
void wb_plan_effects_json(struct wb_json *j, json_t *o, const struct wb_plan *plan);
/* For pull requests: the summary and what others notice of each step; its safer forms. */
void wb_report_plan_effects_markdown(struct wb_out *out, const struct wb_plan *plan);
void wb_report_plan_safe_markdown(struct wb_out *out, const struct wb_plan *plan);
int wb_report_plan_markdown(struct wb_out *out, const struct wb_plan *plan, struct wb_error *err) WB_MUST_USE;
/* The exact SQL that would run, with comments for the cuts. */
void wb_report_plan_sql(struct wb_out *out, const struct wb_plan *plan);

enum wb_action { WB_ACTION_UP, WB_ACTION_DOWN, WB_ACTION_REDO, WB_ACTION_RESUME, WB_ACTION_REHEARSE, WB_ACTION_RESET };
struct wb_run_report {
	enum wb_action action;
	const struct wb_run_result *result; /* NULL when nothing ran */
	const struct wb_error *error; /* NULL when the call succeeded */
	bool brief; /* the migrations were shown already */
};
int wb_report_run(struct wb_out *out, enum wb_format format, const struct wb_run_report *run,
		  struct wb_error *err) WB_MUST_USE;

/* error: of the call that gave the result; NULL. */
int wb_report_transform(struct wb_out *out, enum wb_format format, const struct wb_transform_result *result,
			const struct wb_error *error, struct wb_error *err) WB_MUST_USE;
int wb_report_advice(struct wb_out *out, enum wb_format format, const struct wb_advice *advice,
		     struct wb_error *err) WB_MUST_USE;
/* error: of the call that gave the result; NULL. */
int wb_report_optimization(struct wb_out *out, enum wb_format format, const struct wb_optimization *result,
			   const struct wb_error *error, struct wb_error *err) WB_MUST_USE;
int wb_report_adoption(struct wb_out *out, enum wb_format format, const struct wb_adoption *adoption,
		       struct wb_error *err) WB_MUST_USE;
int wb_report_repair(struct wb_out *out, enum wb_format format, const struct wb_repair *repair,
		     struct wb_error *err) WB_MUST_USE;
int wb_report_locks(struct wb_out *out, enum wb_format format, const struct wb_locks *locks,
		    struct wb_error *err) WB_MUST_USE;
int wb_report_doctor(struct wb_out *out, enum wb_format format, const struct wb_doctor *doctor,
		     struct wb_error *err) WB_MUST_USE;

int wb_report_backup(struct wb_out *out, enum wb_format format, const struct wb_backup *backup,
		     struct wb_error *err) WB_MUST_USE;
int wb_report_restore(struct wb_out *out, enum wb_format format, const struct wb_restore *restore,
		      struct wb_error *err) WB_MUST_USE;
/* pruned: also tells how many were removed. */
int wb_report_trash(struct wb_out *out, enum wb_format format, const struct wb_trash *trash, enum wb_trash_act act,
		    struct wb_error *err) WB_MUST_USE;
int wb_report_backups(struct wb_out *out, enum wb_format format, const struct wb_backups *backups, bool pruned,
		      struct wb_error *err) WB_MUST_USE;

int wb_report_squashed(struct wb_out *out, enum wb_format format, const struct wb_squashed *squashed,
		       struct wb_error *err) WB_MUST_USE;

/* ---- schemas (schema.c) ---- */
/* JSON, or the text of it that the caller made. */
int wb_report_schema(struct wb_out *out, enum wb_format format, const struct wb_schema *schema, const char *text,
		     size_t size, struct wb_error *err) WB_MUST_USE;

struct wb_diff_report {
	const struct wb_schema *from, *to;
	const struct wb_schema_comparison *comparison; /* what `from` lacks to be `to` */
	const struct wb_plan *effects; /* of its changes on `from`; NULL: not looked at */
	bool allow_destructive; /* statements that destroy data are no comments */
	bool sql_only; /* of the text */
	bool write; /* a migration was asked for */
	const char *path, *down_path; /* the files written; NULL: none */
};
int wb_report_diff(struct wb_out *out, enum wb_format format, const struct wb_diff_report *diff,
		   struct wb_error *err) WB_MUST_USE;
/* The statements in their order. Those that destroy data are marked; without allow they are comments. WB_ENOMEM. */
int wb_diff_sql(const struct wb_schema_comparison *comparison, bool allow, struct wb_str *ret_sql,
		struct wb_error *err) WB_MUST_USE;

/* Text, JSON, Markdown, and, as findings, JUnit and GitHub. */
struct wb_drift_report {
	const struct wb_drift *drift;
	const struct wb_plan *effects; /* of what undoes it; NULL: not looked at */
	const char *name; /* of the database, where there are several; NULL */
	bool recorded; /* alerts were opened and resolved */
	bool allow_destructive, sql_only; /* as of wb_diff_report */
};
int wb_report_drift(struct wb_out *out, enum wb_format format, const struct wb_drift_report *drift,
		    struct wb_error *err) WB_MUST_USE;

/* Proposed or recorded: text, JSON, Markdown. */
int wb_report_release(struct wb_out *out, enum wb_format format, const struct wb_release *release,
		      struct wb_error *err) WB_MUST_USE;
int wb_report_releases(struct wb_out *out, enum wb_format format, const struct wb_releases *releases,
		       struct wb_error *err) WB_MUST_USE;

/* ---- rows of a query (rows.c): streamed ---- */
struct wb_rows;
int wb_rows_new(struct wb_out *out, enum wb_format format, const char *query, struct wb_rows **ret_rows,
		struct wb_error *err) WB_MUST_USE;
/* A wb_result_row_fn whose user is the struct wb_rows. */
int wb_rows_add(void *rows, size_t n, const char *const *names, const char *const *values);
/* Ends the report, unless it failed, and frees it. Accepts NULL. */
int wb_rows_end(struct wb_rows *rows, bool complete, struct wb_error *err) WB_MUST_USE;

/* ---- configuration and small results (facts.c) ---- */
struct wb_setting_row {
	const char *database; /* NULL for what holds for all */
	const char *key, *value; /* value NULL: not set, or not to be had: see error */
	const char *origin, *source, *error;
};
int wb_report_settings(struct wb_out *out, enum wb_format format, const struct wb_setting_row *rows, size_t n,
		       struct wb_error *err) WB_MUST_USE;

enum wb_fact_type { WB_FACT_TEXT, WB_FACT_BOOL, WB_FACT_NUMBER, WB_FACT_LIST };
struct wb_fact {
	const char *key;
	enum wb_fact_type type;
	const char *text;
	bool yes;
	int64_t number; /* negative: null */
	const char *const *list;
	size_t n_list;
};
#define WB_TEXT_FACT(k, v) \
	{ \
		.key = (k), .type = WB_FACT_TEXT, .text = (v) \
	}
#define WB_BOOL_FACT(k, v) \
	{ \
		.key = (k), .type = WB_FACT_BOOL, .yes = (v) \
	}
#define WB_NUMBER_FACT(k, v) \
	{ \
		.key = (k), .type = WB_FACT_NUMBER, .number = (v) \
	}
#define WB_LIST_FACT(k, v, n) \
	{ \
		.key = (k), .type = WB_FACT_LIST, .list = (v), .n_list = (n) \
	}
/* One JSON object. */
int wb_report_facts(struct wb_out *out, const struct wb_fact *facts, size_t n, struct wb_error *err) WB_MUST_USE;

#endif
