/* SPDX-License-Identifier: Apache-2.0
 *
 * Validation suites: what has to be true of a database, check by check. A check
 * can never change anything, and one that cannot be run is never taken for one
 * that has passed.
 */
#ifndef WHIMBREL_CHECK_H
#define WHIMBREL_CHECK_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb_check_severity { WB_CHECK_INFO, WB_CHECK_WARNING, WB_CHECK_ERROR, WB_CHECK_CRITICAL };

/* X(ENUM, name in suites) */
#define WB_CHECK_KIND_MAP(X) \
	X(EXISTS, "exists") \
	X(ABSENT, "absent") \
	X(INDEX, "index") \
	X(COUNTS, "counts") \
	X(NO_ROWS, "no_rows") \
	X(ALL_ROWS, "all_rows") \
	X(FOREIGN_KEYS, "foreign_keys") \
	X(CASCADE, "cascade") \
	X(RATIO, "ratio") \
	X(ALLOWED, "allowed") \
	X(UNIQUE, "unique") \
	X(SEQUENCE, "sequence") \
	X(CHECKSUM, "checksum") \
	X(SQL, "sql") \
	X(COMMAND, "command")

enum wb_check_kind {
	WB_CHECK_KIND_NONE,
#define X(name, text) WB_CHECK_KIND_##name,
	WB_CHECK_KIND_MAP(X)
#undef X
		WB_CHECK_KIND_COUNT
};
/* "no_rows"; "" for a number out of range. */
const char *wb_check_kind_name(enum wb_check_kind kind);
/* The values that messages and details of its checks may name, separated by blanks; NULL where a query or program
 * decides. */
const char *wb_check_kind_values(enum wb_check_kind kind);
/* "info", "warning", "error", "critical" */
const char *wb_check_severity_name(enum wb_check_severity severity);

/* Yes or no, or not said. */
enum wb_check_said { WB_CHECK_UNSAID, WB_CHECK_NO, WB_CHECK_YES };

/* What a check asks. Each kind reads those that docs/checks.md gives it; the rest is zero. Tables are written
 * "name" or "schema.name"; conditions and expressions are SQL. */
struct wb_check_asks {
	const char *query; /* one statement that only reads */
	const char *table, *where, *satisfy;
	struct wb_texts columns;
	const char *references; /* the other table */
	struct wb_texts key; /* its columns */
	struct wb_texts id; /* columns that tell a row to people; none: the primary key */
	int all; /* enum wb_check_said: every one that the database has */
	struct wb_named_values of; /* counts: a name, and a table or a query */
	const char *within; /* "0", "10", "5%" */
	const char *equals, *at_least, *at_most;
	struct wb_texts values;
	int nulls; /* enum wb_check_said */
	const char *on_delete;
	struct wb_texts tables, views, functions, sequences, types;
	struct wb_named_lists columns_of, indexes, constraints, triggers; /* by table */
	const char *name, *method; /* of an index */
	int unique, partial; /* enum wb_check_said */
	struct wb_texts run; /* program and arguments; no shell */
};

struct wb_check {
	const char *name; /* what a failure is called */
	const char *passed; /* what a success is called; NULL: the same */
	const char *group;
	enum wb_check_severity severity; /* of a failure */
	enum wb_check_kind kind;
	struct wb_check_asks asks;
	const char *message; /* of a failure; {value} stands for a value of the kind; NULL: the kind's own */
	struct wb_named_values details; /* instead of all values: a name, and a text as above; "{value}" alone keeps
					   its type */
	struct wb_texts needs; /* checks before this one, without whose success it makes no sense */
	bool quick; /* it is part of a quick look */
	int64_t timeout_ms; /* 0: none */
	unsigned line, column; /* in the suite's file; 0: unknown */
};
/* Of a query whose answer must not change. */
struct wb_check_saved {
	const char *check; /* its name */
	int64_t rows;
	const char *checksum; /* "sha256:…", whatever the order of the rows */
};

enum wb_check_value_type { WB_CHECK_VALUE_NULL, WB_CHECK_VALUE_TEXT, WB_CHECK_VALUE_NUMBER, WB_CHECK_VALUE_LIST };
struct wb_check_value {
	const char *name;
	enum wb_check_value_type type;
	const char *text; /* of a text or number; of a list: its texts joined by ", " */
	const char *const *list;
	size_t n_list;
};

/* One line that a program printed: fills what it can of the issue, texts in memory that outlives the call; anything but
 * 0 says that the line cannot be understood. */
struct wb_check_line {
	enum wb_check_severity severity; /* comes filled with the check's */
	const char *message;
	const struct wb_check_value *details;
	size_t n_details;
};
typedef int (*wb_check_line_fn)(void *user, const char *line, struct wb_check_line *ret_line);

struct wb_check_suite {
	size_t size;
	const char *name, *file;
	const char *folder; /* where its programs are run; NULL: the working folder */
	const struct wb_check *checks;
	size_t n_checks;
	wb_check_line_fn line; /* reads what programs print; NULL: each line is a message */
	void *line_user; /* of line, which is called by one thread at a time */
};

enum wb_check_outcome {
	WB_CHECK_PASSED,
	WB_CHECK_FAILED,
	WB_CHECK_SKIPPED, /* a check that it needs has not passed */
	WB_CHECK_NOT_RUN /* it could not be run: critical, whatever its own severity */
};
/* "passed", "failed", "skipped", "could_not_run" */
const char *wb_check_outcome_name(enum wb_check_outcome outcome);

/* Something that is to be said: each failure, and one for each check that has none. */
struct wb_check_issue {
	enum wb_check_severity severity; /* INFO for what has passed or was skipped */
	enum wb_check_outcome outcome;
	const char *check_name, *group, *message;
	const struct wb_check_value *details;
	size_t n_details;
	const char *timestamp; /* RFC 3339 */
	const struct wb_check *check;
	int64_t duration_ms; /* of the check */
};
struct wb_check_report {
	const struct wb_check_suite *suite;
	const char *start_time, *end_time; /* RFC 3339 */
	int64_t duration_ms;
	size_t total, passed, failed, skipped, not_run; /* checks; not_run are counted among failed, too */
	size_t count[WB_CHECK_CRITICAL + 1]; /* issues by severity */
	const struct wb_check_issue *issues; /* in the order of the suite */
	size_t n_issues;
	const struct wb_check_saved *values; /* what its checksums are */
	size_t n_values;
};

/* A check is done. Calls do not overlap, but may come from another thread. */
typedef void (*wb_check_progress_fn)(void *user, const struct wb_check *check, enum wb_check_outcome outcome,
				     int64_t duration_ms, size_t done, size_t total);

struct wb_check_options {
	size_t size;
	bool quick; /* only checks that are part of a quick look */
	struct wb_texts groups; /* only these; none: all. WB_ENOTFOUND where the suite has none of them */
	int64_t jobs; /* connections; 0 = 1 */
	int64_t timeout_ms; /* for checks that say none themselves; 0 = none */
	bool save; /* checksums are only taken, not compared */
	const struct wb_check_saved *saved; /* what checksums are compared with */
	size_t n_saved;
	wb_check_progress_fn progress; /* may be NULL */
	void *progress_user;
};
/* Runs the checks, each in a read-only transaction of its own. What a check finds, or why it cannot be run, is in the
 * report; an error is only what keeps all of them from being run: WB_EINPUT with the place for a suite that makes no
 * sense, WB_ECONN. The suite must outlive the report, which is released with wb_check_report_free. options may be NULL.
 */
int wb_check_run(struct wb_context *context, const struct wb_check_suite *suite, const struct wb_check_options *options,
		 struct wb_check_report **ret_report, struct wb_error *err);
void wb_check_report_free(struct wb_check_report *report); /* accepts NULL */

/* The suite in a file that a section of a migration names (`-- migrate:verify suite:FILE`). It must outlive the
 * context. */
typedef int (*wb_check_load_fn)(void *user, const char *path, const struct wb_check_suite **ret_suite,
				struct wb_error *err);
/* Who loads suites for the runs of this context; without it such a migration is refused. */
void wb_check_loader(struct wb_context *context, wb_check_load_fn load, void *user);

#ifdef __cplusplus
}
#endif
#endif
