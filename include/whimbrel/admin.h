/* SPDX-License-Identifier: Apache-2.0
 *
 * Around running: the database itself, locks, health, new files, queries.
 */
#ifndef WHIMBREL_ADMIN_H
#define WHIMBREL_ADMIN_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Until the database accepts connections; WB_ECONN with the last cause when timeout_ms (0 = 60 000) is over. */
int wb_wait(struct wb_context *context, int64_t timeout_ms, struct wb_error *err);
/* Makes the database when it is missing; *ret_created (may be NULL) tells whether it was. */
int wb_create_database(struct wb_context *context, bool *ret_created, struct wb_error *err);
/* Both refuse (WB_EPROTECTED) unless allow_reset is set and the environment is not protected. */
int wb_drop_database(struct wb_context *context, bool *ret_dropped, struct wb_error *err);
/* Drop and create; the caller then calls wb_up(). */
int wb_reset_database(struct wb_context *context, struct wb_error *err);

struct wb_lock_info {
	const char *id, *kind, *owner, *host, *since, *state, *query;
	int64_t pid, backend;
};
struct wb_blocker_info {
	int64_t blocked_pid, blocking_pid, age_ms;
	const char *user, *application, *state, *lock, *relation, *query;
};
struct wb_locks {
	const struct wb_lock_info *locks;
	size_t n_locks;
	const struct wb_blocker_info *blockers;
	size_t n_blockers;
};
/* Who holds or waits for the locks of migrations, and which sessions of the server block others. */
int wb_locks(struct wb_context *context, struct wb_locks **ret_locks, struct wb_error *err);
void wb_locks_free(struct wb_locks *locks);
/* Takes the lock away from its holder: fenced, so that the old holder can commit nothing more. Recorded in the history.
 */
int wb_lock_break(struct wb_context *context, const char *id, struct wb_error *err);
/* Ends another session of the server. */
int wb_terminate(struct wb_context *context, int64_t pid, struct wb_error *err);

struct wb_finding {
	const char *check, *level, *message; /* level: "ok", "degraded", "failed" */
};
struct wb_doctor {
	const char *verdict; /* "OK", "DEGRADED", "FAILED" */
	const struct wb_finding *findings;
	size_t n_findings;
};
/* Fails only when there is no memory: a database that cannot be reached is a finding. */
int wb_doctor(struct wb_context *context, struct wb_doctor **ret_doctor, struct wb_error *err);
void wb_doctor_free(struct wb_doctor *doctor);

/* A read-only query; runs in a read-only transaction. Values are text or NULL. names are given once, first, with n
 * columns and row == NULL values when there are no rows. */
typedef int (*wb_result_row_fn)(void *user, size_t n, const char *const *names, const char *const *values);
int wb_read_query(struct wb_context *context, const char *sql, wb_result_row_fn row, void *user, struct wb_error *err);

/* The journal's DDL for this engine, to be run by a role that may create; malloc'ed, free() it. */
int wb_journal_sql(struct wb_context *context, char **ret_sql, struct wb_error *err);

struct wb_new_file {
	size_t size;
	const char *description;
	const char *style; /* "versioned", "timestamped", "numbered", "paired"; NULL = the folder's, else versioned */
	const char *type, *template_name, *author;
	const char *const *depends;
	size_t n_depends;
	bool breaking;
	/* SQL that stands in the file in place of the template's; down may be NULL: there is no way back. */
	const char *up, *down;
};
/* Writes the next migration file; *ret_path (and *ret_down_path, may be NULL inside) are malloc'ed. */
int wb_new(struct wb_context *context, const struct wb_new_file *file, char **ret_path, char **ret_down_path,
	   struct wb_error *err);

#ifdef __cplusplus
}
#endif
#endif
