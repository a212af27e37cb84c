/* SPDX-License-Identifier: Apache-2.0
 *
 * Data transformations: rules that fill or change a table from another, in
 * batches by key. Each batch is one transaction together with the place where
 * it stopped, so that a run killed at any instant goes on exactly there.
 */
#ifndef WHIMBREL_TRANSFORM_H
#define WHIMBREL_TRANSFORM_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What must be true of a row; else it is rejected. A condition that is NULL is not true. */
struct wb_rule_check {
	const char *condition; /* SQL over `original`, and with `transformed` also over the new values */
	const char *message; /* NULL: the condition itself */
	bool transformed;
};

enum wb_on_conflict { WB_CONFLICT_FAIL, WB_CONFLICT_IGNORE, WB_CONFLICT_UPDATE };
/* COLLECT keeps rejected rows in a table, with the reason; CONTINUE only counts them. */
enum wb_on_error { WB_ON_ERROR_STOP, WB_ON_ERROR_COLLECT, WB_ON_ERROR_CONTINUE };

/* NULL pointers and zeros are the defaults. Names are exact; tables may be "schema.table". */
struct wb_transform_rule {
	const char *id, *description;
	const char *file; /* where it was read, for errors */
	unsigned line;
	const char *source; /* table; NULL with query */
	const char *query; /* a SELECT instead of a table */
	struct wb_texts key; /* columns of the source, in whose order it is walked */
	const char *target; /* table; NULL: the source is updated in place */
	/* Columns of the target, each with the SQL that gives its value (NULL: the source's column of that name). In
	 * SQL the source's row is called `original`. */
	struct wb_named_values columns;
	const char *filter; /* SQL condition on the source; NULL: every row */
	const struct wb_rule_check *checks;
	size_t n_checks;
	enum wb_on_conflict on_conflict;
	struct wb_texts conflict_key; /* columns of the target */
	struct wb_named_values set; /* of an update (NULL: the new value); none: every column but the key */
	int64_t batch_size; /* rows; 0: what the database does in a fraction of a second */
	int64_t pause_ms; /* between batches */
	int64_t priority; /* lower first; those that others depend on go before them all the same */
	struct wb_texts depends; /* ids of rules */
	enum wb_on_error on_error;
	int64_t max_errors; /* more rejected rows stop the rule; -1: any number (not with CONTINUE) */
	int64_t max_error_percent; /* of the rows so far, from the hundredth on; 0: not looked at */
	const char *rejects; /* table of rejected rows; NULL: the journal's */
	struct wb_texts command; /* program and arguments: rows go through it as JSON lines */
	struct wb_texts fields; /* of the program's objects: columns of the target */
};

struct wb_transform_options {
	size_t size;
	bool dry_run; /* counts; nothing is changed */
	bool restart; /* rules that an earlier run left half done begin anew */
	bool continue_on_error; /* a rule that fails does not stop those that do not depend on it */
	bool no_checks; /* checks are left out */
	int64_t batch_size; /* in place of that of the rules */
	int64_t lock_wait_ms; /* as in wb_run_options */
	int64_t wait_ms;
	struct wb_texts only; /* ids; what they depend on is taken as done */
};

struct wb_rule_error {
	const char *row, *error; /* key as SQL literals; reason */
};
struct wb_rule_result {
	const char *id, *description;
	const char *state; /* "done", "failed", "skipped", "cancelled", "planned" */
	const char *message; /* why it failed or was skipped; NULL */
	int64_t total; /* rows that it is about; -1: not known */
	/* Of the whole rule, runs before this one included; of a dry run what would be, as far as checks tell. */
	int64_t processed, successful, failed;
	int64_t ignored; /* rows that were there already, or that the program left out */
	int64_t batches, batch_size; /* batch_size: of the last one */
	int64_t duration_ms, rows_per_s; /* of this run */
	int64_t estimated_ms; /* of a dry run; -1 */
	bool resumed; /* an earlier run had begun it */
	bool in_place; /* the source itself is changed */
	const struct wb_rule_error *errors; /* the first ones */
	size_t n_errors;
	bool would_stop; /* of a dry run: so many rows would be rejected that it would fail; message says why */
};
struct wb_transform_result {
	bool dry_run;
	const struct wb_rule_result *rules; /* in the order of execution */
	size_t n_rules;
	int64_t total, processed, successful, failed, ignored, duration_ms;
	int64_t estimated_ms; /* of a dry run; -1 */
	bool requires_downtime; /* rows that change in the source meanwhile would not be brought by running again */
	int64_t peak_rss_kb;
};

/* Puts the rules in order and runs them. WB_EINPUT for rules that cannot be, a cycle among them; WB_EFAILED when one
 * failed (the result tells which, and is written). WB_ENO: all ran, but rows were rejected; of a dry run: a rule would
 * stop because of them. Rows that the source gets behind the place where a run is, are brought by running again.
 * options may be NULL. */
int wb_transform(struct wb_context *context, const struct wb_transform_rule *rules, size_t n_rules,
		 const struct wb_transform_options *options, struct wb_transform_result **ret_result,
		 struct wb_error *err);
void wb_transform_result_free(struct wb_transform_result *result);

/* The rules in a file that a section of a migration names (`-- migrate:backfill rules:FILE`). They must outlive the
 * context. */
struct wb_transform_rules {
	const struct wb_transform_rule *v;
	size_t n;
	bool no_checks; /* checks are left out */
};
typedef int (*wb_transform_load_fn)(void *user, const char *path, struct wb_transform_rules *ret_rules,
				    struct wb_error *err);
/* Who loads rules for the runs of this context; without it such a migration is refused. */
void wb_transform_loader(struct wb_context *context, wb_transform_load_fn load, void *user);

#ifdef __cplusplus
}
#endif
#endif
