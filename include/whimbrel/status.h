/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a database stands: applied, pending, problems, history. All of these
 * only read, and never create the journal.
 */
#ifndef WHIMBREL_STATUS_H
#define WHIMBREL_STATUS_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One migration as journal and files know it. Absent text is NULL, absent numbers are -1. */
struct wb_migration_info {
	const char *version, *description, *file, *type;
	const char *kind; /* "versioned", "repeatable", "baseline" */
	const char *state; /* journal's state: applied, failed, running, …; "pending" when not in it */
	const char *applied_at; /* RFC 3339, server's clock */
	int64_t execution_ms;
	const char *checksum; /* "sha256:…" */
	const char *origin; /* tool that applied it: "whimbrel", or the adopted one */
	const char *error; /* of a failed one */
	bool has_down;
};

/* kinds: modified missing failed gap duplicate out_of_order parent half_done, and of files: section empty name mixed
 * syntax breaking */
struct wb_problem {
	const char *kind, *version, *file, *message, *hint;
	unsigned line, column;
	bool warning; /* reported, stops nothing */
	int code; /* the WB_E… code that `up` answers */
	bool remark; /* a warning of the mildest kind */
};

struct wb_status {
	const char *engine, *database, *server, *safe_url;
	const char *current; /* highest applied version, NULL when none */
	const struct wb_migration_info *applied;
	size_t n_applied;
	const struct wb_migration_info *pending;
	size_t n_pending;
	const struct wb_problem *problems;
	size_t n_problems;
	bool has_journal;
	const char *release; /* the last one of the schema, NULL when none is recorded */
};
/* Journal and files as one picture; a database without a journal has everything pending. */
int wb_status(struct wb_context *context, struct wb_status **ret_status, struct wb_error *err);
void wb_status_free(struct wb_status *status);

struct wb_validate_options {
	size_t size;
	const char *against; /* git revision: files that it has may not be edited */
	bool reversible; /* every migration must have a down, or be one that can be undone without; see
			  * wb_options.undo_off
			  */
	bool round_trip; /* each one up, down, up on a scratch database, whose tables have a few rows */
	bool write_sum; /* first writes DIR/migrations.sum: accepts the files as they are */
	/* A migration after which programs may fail (see release.h) has to say `-- Breaking: true`. Seen by running all
	 * on a scratch database, on the context's server or that of scratch_url; those that are applied, or that the
	 * revision has, are not judged. */
	bool breaking;
	const char *scratch_url;
};
struct wb_validation {
	bool valid;
	const struct wb_problem *problems;
	size_t n_problems;
	size_t files, statements; /* looked at */
};
/* options may be NULL. Without a URL only the files are checked. */
int wb_validate(struct wb_context *context, const struct wb_validate_options *options,
		struct wb_validation **ret_validation, struct wb_error *err);
void wb_validation_free(struct wb_validation *validation);

struct wb_history_entry {
	int64_t id;
	const char *at, *version, *description, *action, *result;
	int64_t statements, rows_affected, execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms;
	const char *who, *host, *tool_version, *reason, *error, *run;
};
struct wb_history {
	const struct wb_history_entry *entries;
	size_t n_entries;
};
/* Newest first. version may be NULL; limit 0 = all. */
int wb_history(struct wb_context *context, const char *version, int64_t limit, struct wb_history **ret_history,
	       struct wb_error *err);
void wb_history_free(struct wb_history *history);

#ifdef __cplusplus
}
#endif
#endif
