/* SPDX-License-Identifier: Apache-2.0
 *
 * A context: one database, one set of migrations, one project.
 */
#ifndef WHIMBREL_CONTEXT_H
#define WHIMBREL_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "event.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A migration compiled into the program: its file name and its whole text. */
struct wb_embedded_migration {
	const char *name, *text;
};

struct wb_named_value {
	const char *name, *value;
};

/* Lists of texts, as files of rules and suites have them. */
struct wb_texts {
	const char *const *v;
	size_t n;
};
struct wb_named_values {
	const struct wb_named_value *v;
	size_t n;
};
struct wb_named_texts {
	const char *name;
	struct wb_texts texts;
};
struct wb_named_lists {
	const struct wb_named_texts *v;
	size_t n;
};

/* Everything that may be said when a context is opened. Set `size` to sizeof(struct wb_options) and leave
 * the rest zero for defaults. All strings are copied. */
struct wb_options {
	size_t size;
	const char *url; /* sqlite:…, postgres://…; may be NULL for commands that only read files */
	const char *direct_url; /* past a connection pooler, for steps that cannot run in a transaction */
	void *sqlite_handle; /* an embedding program's own sqlite3 *, used instead of url, never closed */
	const char *dir; /* folder of migrations */
	const struct wb_embedded_migration *embedded; /* instead of dir; not copied */
	size_t n_embedded;
	const char *engine; /* "sqlite" or "postgresql" when there is no url; NULL = from url, else postgresql */
	const char *project; /* NULL = "main" */
	const char *journal_schema; /* NULL = "whimbrel" */
	bool strict_numbering; /* numbering: strict */
	bool variables_on; /* ${name} is substituted in every file */
	const struct wb_named_value *variables;
	size_t n_variables;
	bool protected_environment; /* refuses drop, reset, --dry-run=rollback */
	bool allow_reset; /* drop and reset may run */
	int64_t blocking_budget_ms; /* time in a minute we may block others; 0 = 10 000 */
	int64_t connect_timeout_ms; /* 0 = 10 000 */
	const char
		*module_dir; /* where driver modules are looked for first; NULL = beside the program, then installed */
	const char *applied_by; /* NULL = operating-system user */
	wb_log_fn log;
	void *log_user;
	enum wb_log_level log_level;
	wb_event_fn event;
	void *event_user;
	const char *backup_dir; /* folder of backups; NULL = "backups" */
	const char *tools_dir; /* folder of pg_dump and pg_restore; NULL = that of the server's version, then PATH */
	bool keep_snapshots; /* after each run that changed something the schema is kept in the journal, for wb_drift()
			      */
	bool undo_off; /* no undo is worked out for migrations without a down part */
	bool trash; /* tables, columns and rows that migrations take away are set aside: see trash.h */
};

struct wb_context;

/* Checks the options; connects to nothing yet. */
int wb_open(const struct wb_options *options, struct wb_context **ret_context, struct wb_error *err);
void wb_close(struct wb_context *context); /* accepts NULL */

/* Asks the running call to stop: the running statement is cancelled, where it stopped is recorded, the lock released,
 * and the call returns WB_ECANCELLED. May be called from a signal handler. */
void wb_cancel(struct wb_context *context);

/* Version of the library that runs, "0.1.0". */
const char *wb_version(void);
/* The context's URL with the password masked; "" without a URL. Lives as long as the context. */
const char *wb_safe_url(const struct wb_context *context);
/* Of the URL's scheme: "sqlite" or "postgresql". */
const char *wb_engine(const struct wb_context *context);
/* URL with the password masked, into buf; for showing configuration. */
int wb_mask_url(const char *url, char *buf, size_t size, struct wb_error *err);

#ifdef __cplusplus
}
#endif
#endif
