/* SPDX-License-Identifier: Apache-2.0
 *
 * Adoption's inside; private to the migrate room. The way of a history: found
 * by the shape of its table (adopt_find.c), read into rows of one form
 * (adopt_read.c), settled by the rules of its tool (adopt_settle.c), joined to
 * files (adopt_match.c), checked (adopt_check.c), recorded (adopt_write.c).
 * Facts about the tools stand in adopt_tools.c.
 */
#ifndef WB_MIGRATE_ADOPT_H
#define WB_MIGRATE_ADOPT_H

#include "migrate.h"

/* What a column of a history means. */
enum wb_old_role {
	WB_OLD_IGNORED,
	WB_OLD_VERSION,
	WB_OLD_DESCRIPTION,
	WB_OLD_FILE,
	WB_OLD_CHECKSUM,
	WB_OLD_TYPE,
	WB_OLD_AT,
	WB_OLD_BY,
	WB_OLD_MS, /* how long it took, in the tool's unit */
	WB_OLD_OK,
	WB_OLD_DONE,
	WB_OLD_TOTAL,
	WB_OLD_ERROR,
	WB_OLD_TOOL_VERSION,
	WB_OLD_PARENT,
	WB_OLD_NOTE,
	WB_OLD_PLANNED,
	WB_OLD_PLANNER,
	WB_OLD_PLANNER_EMAIL,
	WB_OLD_ROLES
};

enum wb_old_state { WB_OLD_APPLIED, WB_OLD_BASELINE, WB_OLD_FAILED, WB_OLD_UNDONE, WB_OLD_NOTHING };
enum wb_old_check { WB_CHECK_NONE, WB_CHECK_UNKNOWN, WB_CHECK_VERIFIED, WB_CHECK_CHANGED };

/* One row of a history. Absent text is NULL, absent numbers are -1. */
struct wb_old {
	const char *cell[WB_OLD_ROLES]; /* as read; binary ones are hexadecimal */
	int64_t done, total, execution_ms;
	const char *at; /* RFC 3339, or NULL */
	enum wb_old_state state;
	bool settled; /* it alone says how its version stands now */
	bool repeatable;
	bool no_file; /* of a kind that is never an SQL file */
	size_t item; /* its place in the items, from 1 */
};

struct wb_adopt;

struct wb_old_column {
	const char *name;
	enum wb_old_role role;
	bool optional; /* newer or older versions of the tool do without */
};

/* All that is known of a tool. */
struct wb_old_tool {
	const char *name, *title;
	const char *table; /* its usual name; the only sign where the shape says little */
	struct wb_old_column columns[20];
	const char *order; /* for ORDER BY; NULL: one row */
	const char *with, *without; /* a table that stands, or must not stand, beside it */
	const char *beside; /* SQLite: the file in the database's folder that holds it, NULL = the database */
	bool vague; /* a table of another name and this shape may be anybody's */
	bool integer_version; /* what tells it from one of the same columns */
	bool needs_schemas; /* not for engines without schemas */
	bool has_sql_files; /* in a form that the source room reads */
	bool up_to; /* a row means everything up to its version */
	int64_t per_ms; /* unit of WB_OLD_MS */
	/* From rows to what stands; NULL: every row is an applied version. */
	int (*settle)(struct wb_adopt *a, struct wb_error *err);
	/* One row against its file; NULL: the tool keeps no checksums. */
	int (*check)(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		     enum wb_old_check *ret_check, struct wb_error *err);
	/* The history as a whole, against the tool's own files. */
	int (*check_all)(struct wb_adopt *a, struct wb_error *err);
	/* Files for --write-sql; NULL: no_render says why not. */
	int (*render)(struct wb_adopt *a, struct wb_error *err);
	const char *no_render;
	const char *locked; /* table whose row `locked` says that the tool is at work; NULL */
};
extern const struct wb_old_tool wb_old_tools[];
extern const size_t wb_old_tools_n;
const struct wb_old_tool *wb_old_tool_find(const char *name);

/* A table that has the shape of a tool's history. */
struct wb_old_table {
	const struct wb_old_tool *tool;
	const char *schema, *name;
	unsigned columns; /* bits: which of the tool's columns it has */
	bool beside; /* in the tool's own file */
};

/* What becomes of one version. */
struct wb_adopt_item {
	struct wb_old *old; /* NULL: only the newest is recorded, this one went before it */
	const struct wb_migration *m; /* NULL: no file */
	const char *version, *description, *note;
	enum wb_mig_kind kind;
	enum wb_state state;
	enum wb_old_check check;
	bool history_only; /* a baseline stands for it */
	bool known; /* recorded by an earlier adoption */
};

struct wb_adopt {
	struct wb_target *t;
	const struct wb_adopt_options *o;
	struct wb_arena arena;
	struct wb_crypto crypto;
	struct wb_conn *conn; /* where the history is: the target's, or the tool's own file */
	struct wb_conn *beside; /* the tool's own file, NULL */
	struct wb_old_table table;
	struct wb_journal journal;
	WB_VEC(struct wb_old_table) tables;
	WB_VEC(struct wb_old) rows, events; /* events: a log apart from the table, sqitch's */
	WB_VEC(struct wb_adopt_item) items;
	WB_VEC(const char *) notes;
	WB_VEC(const char *) written;
	bool failed; /* memory ran out for a text */
	const char *render_dir; /* where --write-sql writes */
	bool again; /* an earlier adoption of this tool is in the journal */
	size_t recorded, changed;
};

/* ---- adopt.c ---- */
void wb_adopt_done(struct wb_adopt *a);
/* Texts. */
void wb_adopt_note(struct wb_adopt *a, const char *fmt, ...) WB_PRINTF(2, 3);
const char *wb_adopt_keep(struct wb_adopt *a, const char *s);

int wb_adopt_find(struct wb_adopt *a, struct wb_error *err) WB_MUST_USE;
/* Rows of the history, settled. */
int wb_adopt_read(struct wb_adopt *a, struct wb_error *err) WB_MUST_USE;
/* A table beside the history, its columns as given, all as text. */
int wb_adopt_select(struct wb_adopt *a, const char *table, const char *columns, const char *order, wb_row_fn row,
		    void *user, struct wb_error *err) WB_MUST_USE;
/* "2026-01-02 03:04:05.6+02" and the like, seconds and milliseconds since 1970, to RFC 3339 in UTC; NULL. */
const char *wb_adopt_time(struct wb_adopt *a, struct wb_sv text);
int64_t wb_adopt_number(const char *text, int64_t none);
bool wb_adopt_true(const char *text);

/* ---- adopt_settle.c ---- */
int wb_settle_flyway(struct wb_adopt *a, struct wb_error *err);
int wb_settle_single(struct wb_adopt *a, struct wb_error *err); /* golang-migrate, tern */
int wb_settle_goose(struct wb_adopt *a, struct wb_error *err);
int wb_settle_sqlx(struct wb_adopt *a, struct wb_error *err);
int wb_settle_atlas(struct wb_adopt *a, struct wb_error *err);
int wb_settle_liquibase(struct wb_adopt *a, struct wb_error *err);
int wb_settle_sqitch(struct wb_adopt *a, struct wb_error *err);

/* What people call a row's version. */
const char *wb_old_label(struct wb_adopt *a, const struct wb_old *old);

/* ---- adopt_match.c ---- */
struct wb_adopt_item *wb_adopt_item_of(const struct wb_adopt *a, const struct wb_old *old); /* NULL: none */
int wb_adopt_match(struct wb_adopt *a, struct wb_error *err) WB_MUST_USE;

/* ---- adopt_check.c, adopt_chain.c, adopt_sqitch.c ---- */
int wb_adopt_check(struct wb_adopt *a, struct wb_error *err) WB_MUST_USE;
int wb_check_flyway(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		    enum wb_old_check *ret_check, struct wb_error *err);
int wb_check_sqlx(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		  enum wb_old_check *ret_check, struct wb_error *err);
int wb_check_refinery(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		      enum wb_old_check *ret_check, struct wb_error *err);
int wb_check_atlas(struct wb_adopt *a, struct wb_error *err);
int wb_check_sqitch(struct wb_adopt *a, struct wb_error *err);
int wb_check_graphile(struct wb_adopt *a, struct wb_error *err);
/* Notes that a row's file or entry is not what the tool applied. */
void wb_adopt_mark(struct wb_adopt *a, const struct wb_old *old, enum wb_old_check check, const char *note);
/* Path of a file of the tool: in --files, in the migrations' folder, or in one of the usual places; NULL, also when
 * memory has run out (failed). */
const char *wb_adopt_path(struct wb_adopt *a, const char *const *places, const char *name);
/* The file of a committed migration of graphile-migrate; NULL. */
int wb_adopt_committed(struct wb_adopt *a, const struct wb_old *old, const char **ret_path,
		       struct wb_error *err) WB_MUST_USE;
/* Lowercase hexadecimal digest of a text. */
int wb_adopt_digest(struct wb_adopt *a, const char *algorithm, struct wb_sv text, const char **ret_hex,
		    struct wb_error *err) WB_MUST_USE;

/* ---- adopt_write.c ---- */
int wb_adopt_write(struct wb_adopt *a, struct wb_error *err) WB_MUST_USE;

/* ---- adopt_render.c ---- */
int wb_render_alembic(struct wb_adopt *a, struct wb_error *err);
int wb_render_sqitch(struct wb_adopt *a, struct wb_error *err);
int wb_render_graphile(struct wb_adopt *a, struct wb_error *err);

#endif
