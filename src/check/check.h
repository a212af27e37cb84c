/* SPDX-License-Identifier: Apache-2.0
 *
 * The check room: suites run against a database. lib says how to connect and
 * gets a report; everything below the first part is for this room.
 */
#ifndef WB_CHECK_CHECK_H
#define WB_CHECK_CHECK_H

#include <pthread.h>
#include <signal.h>

#include <whimbrel/check.h>

#include "base/base.h"
#include "driver/driver.h"

/* Where checks run; filled by lib. */
struct wb_check_place {
	const struct wb_driver *driver;
	/* One more connection; each is closed by close(). */
	int (*connect)(void *user, struct wb_conn **ret_conn, struct wb_error *err);
	void (*close)(void *user, struct wb_conn *conn);
	void *user;
	struct wb_conn *inside; /* run all on this one, within its transaction; NULL */
	volatile sig_atomic_t *stop;
	const char *url; /* for programs; NULL */
	/* NULL, or called about ten times a second, where all is done on one connection: an error ends the check. */
	int (*keep)(void *user, struct wb_error *err);
};
int wb_check_at(const struct wb_check_place *place, const struct wb_check_suite *suite,
		const struct wb_check_options *options, struct wb_check_report **ret_report,
		struct wb_error *err) WB_MUST_USE;
void wb_check_report_done(struct wb_check_report *report);
/* Does the suite make sense? WB_EINPUT with the place. */
int wb_check_suite_valid(const struct wb_check_suite *suite, enum wb_dialect dialect, struct wb_error *err) WB_MUST_USE;
/* Has it one of the groups that are asked for? WB_ENOTFOUND. */
int wb_check_groups(const struct wb_check_suite *s, const struct wb_check_options *o, struct wb_error *err) WB_MUST_USE;

/* ---- for this room ---------------------------------------------------------------------------- */

struct wb_check_fact {
	struct wb_check_value value;
	bool quiet; /* for templates; no detail unless it is asked for */
};

/* All that the checks of a run share. */
struct wb_checks {
	const struct wb_check_place *place;
	const struct wb_check_suite *suite;
	const struct wb_check_options *o;
	struct wb_model *model; /* what exists; NULL when no check asks, or it could not be read */
	struct wb_error model_error;
	pthread_mutex_t line; /* held while a program's line is read */
};

/* One check at work. */
struct wb_checking {
	struct wb_checks *run;
	struct wb_conn *conn;
	const struct wb_check *check;
	struct wb_arena arena; /* of everything in issues and facts */
	WB_VEC(struct wb_check_fact) facts; /* of the finding to come */
	WB_VEC(struct wb_check_issue) issues;
	struct wb_check_saved saved; /* check NULL: none */
	int64_t deadline_ms; /* 0: none */
	int kept_rc; /* what place->keep said */
	struct wb_error kept;
	bool nomem;
	enum wb_check_severity severity; /* of the finding to come */
	const char *message; /* the same; NULL: by template */
};

struct wb_check_kind_info {
	const char *name;
	int (*run)(struct wb_checking *k, struct wb_error *err); /* failures are findings; an error: could not run */
	const char *needs; /* what the check has to say: "table columns" */
	const char *values; /* that templates may name; NULL: any */
	const char *failed, *passed; /* templates */
	bool model; /* wants wb_checks.model */
	bool alone; /* does without a connection */
};
extern const struct wb_check_kind_info wb_check_kinds[];

/* suite.c */
/* The error is at the check. */
int wb_check_blame(const struct wb_check_suite *suite, const struct wb_check *check, struct wb_error *err);

/* values.c: what a check has found. Without memory k->nomem. */
void wb_check_text(struct wb_checking *k, const char *name, const char *text); /* NULL: null */
void wb_check_number(struct wb_checking *k, const char *name, int64_t n);
void wb_check_decimal(struct wb_checking *k, const char *name, struct wb_sv text); /* a number where it is one */
void wb_check_list(struct wb_checking *k, const char *name, const char *const *v, size_t n); /* copies */
void wb_check_quiet(struct wb_checking *k); /* the last one is no detail */
/* A finding, with the facts so far, which it takes. */
void wb_check_fail(struct wb_checking *k);
void wb_check_close(struct wb_checking *k, enum wb_check_outcome outcome, const struct wb_error *why);
/* Is each {name} of the template one of the names? The first that is not is *ret_bad. */
bool wb_check_template_fits(const char *text, const char *names, struct wb_sv *ret_bad);

/* ask.c */
int wb_check_ask(struct wb_checking *k, struct wb_sv sql, const struct wb_value *params, int n_params, wb_row_fn row,
		 void *user, struct wb_error *err) WB_MUST_USE;
/* The first value of the first row; *ret_text NULL for SQL's NULL. WB_EINPUT without a row. */
int wb_check_value_of(struct wb_checking *k, struct wb_sv sql, const char **ret_text, struct wb_error *err) WB_MUST_USE;
int wb_check_count(struct wb_checking *k, struct wb_sv sql, int64_t *ret_n, struct wb_error *err) WB_MUST_USE;
/* How many rows the query gives, and the first WB_CHECK_SAMPLES as texts ("a, b"). Names and values of the first row
 * become quiet facts with `row`. */
#define WB_CHECK_SAMPLES 5
struct wb_check_sample {
	int64_t count;
	const char *rows[WB_CHECK_SAMPLES];
	size_t n;
};
int wb_check_sample(struct wb_checking *k, struct wb_sv query, bool row, struct wb_check_sample *ret,
		    struct wb_error *err) WB_MUST_USE;
/* The query of a named kind of the driver. */
int wb_check_named(struct wb_checking *k, enum wb_sql_id id, const struct wb_value *params, int n_params, wb_row_fn row,
		   void *user, struct wb_error *err) WB_MUST_USE;
int wb_check_tick(void *checking);

/* text.c */
/* "schema.table" as SQL writes it; its last part. */
void wb_check_add_table(struct wb_str *out, const char *table);
const char *wb_check_bare_table(const char *table);
/* "table"."column": SQLite takes a quoted name that is no column for a text, unless a table stands before it. */
void wb_check_add_column(struct wb_str *out, const char *table, const char *column);
void wb_check_add_columns(struct wb_str *out, const char *table, const struct wb_texts *columns);
void wb_check_add_where(struct wb_str *out, const char *word, const char *condition);
/* A query that is fit to stand in brackets: without the ';' at its end. */
struct wb_sv wb_check_query(const char *text);
/* One statement that only reads? *ret_why says why not. */
bool wb_check_reads(enum wb_dialect dialect, const char *text, const char **ret_why);
/* "12", "-0.5", "1.25e3" is none; in millionths. */
bool wb_check_micros(struct wb_sv text, int64_t *ret);
/* "5%" or "10"; *ret_percent says which. In millionths. */
bool wb_check_tolerance(const char *text, int64_t *ret, bool *ret_percent);
/* The arena's copy of what was built; NULL and k->nomem. */
const char *wb_check_keep(struct wb_checking *k, const struct wb_str *s);
/* "a, b" */
const char *wb_check_join(struct wb_checking *k, const struct wb_texts *t);

/* kind_*.c */
int wb_check_exists(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_absent(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_index(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_counts(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_no_rows(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_all_rows(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_foreign_keys(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_cascade(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_ratio(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_allowed(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_unique(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_sequence(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_checksum(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_sql(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;
int wb_check_command(struct wb_checking *k, struct wb_error *err) WB_MUST_USE;

#endif
