/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas as data: of a database, of a folder of migrations, of a snapshot
 * file; as a text; and what differs between two.
 */
#ifndef WHIMBREL_SCHEMA_H
#define WHIMBREL_SCHEMA_H

#include "context.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_schema_options {
	size_t size;
	const char *const *schemas; /* PostgreSQL: these only; none: all but the system's */
	size_t n_schemas;
	/* What does not count, with what belongs to it: "app.tmp_*" (any kind), "index app.*_old". '*' stands for any
	 * text.
	 */
	const char *const *ignore;
	size_t n_ignore;
	bool owners; /* who owns an object counts, too */
	bool without_privileges, without_comments; /* these do not count */
	const char *to; /* of a folder: up to this version; NULL: all of it */
	const char *scratch_url; /* where a folder is replayed: a server on which databases may be made; NULL: the
				    context's */
};

/* What there is: every object with its attributes, in the order of kinds and names. */
struct wb_schema_attribute {
	const char *key, *value;
};
struct wb_schema_object {
	const char *kind; /* "table", "column", "foreign table", … */
	const char *path; /* for people: app.users.email, "Odd Name" */
	const char *schema, *parent, *name; /* schema and parent: NULL where there is none */
	const struct wb_schema_attribute *attributes;
	size_t n_attributes;
};
struct wb_schema_count {
	const char *kind, *plural;
	size_t n;
};
struct wb_schema {
	const char *engine;
	const char *origin; /* what it was read from, without a password */
	const char *hash; /* 64 hex digits; equal for equal schemas */
	const struct wb_schema_object *objects;
	size_t n_objects;
	const struct wb_schema_count *counts; /* of the kinds that occur */
	size_t n_counts;
};

/* Reads the schema of `where`: NULL for the context's database, a URL, a folder of migrations or a file of SQL (run in
 * a scratch database that is made and removed; the context, or scratch_url, says on which server), a snapshot file, or
 * "release:1.2.0" or "release:latest", what the context's database keeps of a release. Changes nothing, takes no lock.
 * The journal, the system's objects and those of extensions are left out. WB_ENOTFOUND when there is no such thing. The
 * result is released with wb_schema_free. */
int wb_schema_read(struct wb_context *context, const char *where, const struct wb_schema_options *options,
		   struct wb_schema **ret_schema, struct wb_error *err);
void wb_schema_free(struct wb_schema *schema); /* accepts NULL */

/* The schema as a snapshot: a text that people can read and compare, that makes the schema when it is run, and that
 * wb_schema_read() reads back. Equal schemas give equal texts. It belongs to the schema. */
int wb_schema_snapshot(struct wb_schema *schema, const char **ret_text, size_t *ret_size, struct wb_error *err);
/* The DDL alone. */
int wb_schema_ddl(struct wb_schema *schema, const char **ret_text, size_t *ret_size, struct wb_error *err);

/* An object and what it is to be called, both as paths: { "app.users.name", "app.users.full_name" }. */
struct wb_schema_rename {
	const char *from, *to;
};
/* `actual`, with what is called otherwise in `expected` renamed: compared with that, its rows stay where they are. What
 * is called otherwise say `renames` and the comments `-- renamed from: OLD` in the SQL that `expected` or, the other
 * way, `actual` was read from. The engine does it, on a scratch database like that of a folder. Comparisons with the
 * result begin with the renames. *ret_renamed is NULL when nothing is called otherwise. WB_EINPUT for a rename across
 * tables or schemas. */
int wb_schema_follow_renames(struct wb_context *context, const struct wb_schema *expected,
			     const struct wb_schema *actual, const struct wb_schema_rename *renames, size_t n_renames,
			     const struct wb_schema_options *options, struct wb_schema **ret_renamed,
			     struct wb_error *err);

/* One difference, seen from what was expected. */
struct wb_schema_difference {
	const char *type; /* "missing", "unexpected", "changed" */
	const char *kind, *object; /* as kind and path above */
	const char *attribute; /* of a changed one, else NULL */
	const char *expected, *actual; /* its values; NULL: it has none */
	const char *severity; /* "low", "medium", "high", "critical": data is lost, or will be by mending it */
	const char *sql; /* what mends it, for this object alone: see changes for an order that works; "": another
			    change does */
};
/* A step from `actual` to what was expected. */
struct wb_schema_change {
	const char *kind, *object;
	const char *sql; /* statements, each ended by ';' and a line feed */
	bool destroys; /* rows, or columns with what is in them */
	bool recreates; /* it has not changed, but is in the way of a change */
};
struct wb_schema_comparison {
	const struct wb_schema_difference *differences;
	size_t n_differences;
	bool critical; /* one of them is */
	const char *begin; /* settings that the changes count on, to be made before them; NULL: none */
	const struct wb_schema_change *changes; /* in an order in which they can be run, all in one transaction */
	size_t n_changes;
	bool destroys; /* one of them does */
	const char *open, *close; /* around begin and changes where somebody runs them by hand: the transaction, and
				     what has to be set before it */
};
/* What differs in `actual` from what was expected. Parts of what is missing or unexpected as a whole are not told one
 * by one. WB_EUSAGE for schemas of two engines. The schemas must outlive the result, which is released with
 * wb_schema_comparison_free. */
int wb_schema_compare(const struct wb_schema *expected, const struct wb_schema *actual,
		      struct wb_schema_comparison **ret_comparison, struct wb_error *err);
void wb_schema_comparison_free(struct wb_schema_comparison *comparison); /* accepts NULL */

struct wb_schema_effects_options {
	size_t size;
	bool allow_destructive; /* what destroys data will be run, too: else it does not count for the whole */
	const struct wb_lint_setting *settings; /* of the rules that know safer forms, as for wb_lint() */
	size_t n_settings;
};
/* What the changes of a comparison would do to the database that `actual` was read from, as a plan without migrations:
 * a step for each statement, in their order; `change` says of which change it is, line and column where it stands in
 * that change's SQL. Each is judged against the schema as the ones before it will have left it. Of a schema that was
 * read from no database what its own DDL tells counts, and the plan's notes say what is not known. The database is only
 * read. options may be NULL. The result is released with wb_plan_free, before the comparison. */
int wb_schema_effects(struct wb_context *context, const struct wb_schema *actual,
		      const struct wb_schema_comparison *comparison, const struct wb_schema_effects_options *options,
		      struct wb_plan **ret_plan, struct wb_error *err);

/* Something that is to be said about indexes. */
struct wb_index_note {
	const char *type; /* "foreign_key_without_index"; "invalid_index": built half way; "duplicate_index": another
			     one does what it does; "unused_index": not read since the statistics were reset;
			     "missing_index": of a column, by its statistics */
	const char *kind, *object; /* the foreign key, index or column, as in struct wb_schema_object */
	const char *severity; /* "low", "medium", "high" */
	const char *message;
	const char *sql; /* what mends it; not within a transaction */
};
struct wb_index_report {
	const struct wb_index_note *notes; /* by table */
	size_t n_notes;
	const char *since; /* when the server's statistics were reset, RFC 3339; NULL: never, or it keeps none */
};
/* What is to be said about the indexes of a schema; of the context's database with what its server has counted, without
 * it where context is NULL. The result is released with wb_index_report_free. */
int wb_index_report(struct wb_context *context, const struct wb_schema *schema, struct wb_index_report **ret_report,
		    struct wb_error *err);
void wb_index_report_free(struct wb_index_report *report); /* accepts NULL */

struct wb_drift_options {
	size_t size;
	struct wb_schema_options schema; /* what counts; `to` is not looked at */
	const char *expected; /* as wb_schema_read's `where`; NULL: what the applied migrations have made */
	bool replay; /* run the applied migrations on a scratch database, although a snapshot is kept */
	bool record; /* open and resolve alerts in the journal's schema_drift_alerts */
	int64_t wait_ms; /* for a run that is under way; 0 = a minute */
	bool indexes; /* look at the indexes, too */
	bool gate; /* a database on which nothing was applied is as expected, whatever is in it */
};
struct wb_drift {
	const struct wb_schema *expected, *actual;
	const struct wb_schema_comparison *comparison;
	const char
		*origin; /* what was expected: "the snapshot of version 007, taken 2026-…", "migrations, up to 007" */
	const char *version; /* the newest that is applied; NULL: none */
	size_t opened, resolved; /* alerts */
	const struct wb_index_report *indexes; /* NULL when it was not asked for; says nothing about drift */
};
/* How the context's database differs from what it should be. What its applied migrations have made is known from the
 * snapshot kept after the last run, or is found out by running them again on a scratch database; later files are
 * pending, not drift. Takes no lock, but waits for a run that is under way and looks again when one began meanwhile:
 * WB_EBUSY when the time is over. WB_EREFUSED when nothing tells what to expect. The result is released with
 * wb_drift_free. */
int wb_drift(struct wb_context *context, const struct wb_drift_options *options, struct wb_drift **ret_drift,
	     struct wb_error *err);
void wb_drift_free(struct wb_drift *drift); /* accepts NULL */
/* Keeps the database's schema as the snapshot of the newest applied version, in the journal's schema_snapshots; nothing
 * is added when it has not changed. wb_options.keep_snapshots does it after each run. */
int wb_snapshot_store(struct wb_context *context, const struct wb_schema_options *options, struct wb_error *err);

#ifdef __cplusplus
}
#endif
#endif
