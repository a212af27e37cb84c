/* SPDX-License-Identifier: Apache-2.0
 *
 * Pure functions over models: what differs between two, DDL for an object, and
 * the snapshot, which is a model as a text. Nothing here talks to a database.
 */
#ifndef WB_SCHEMA_SCHEMA_H
#define WB_SCHEMA_SCHEMA_H

#include "model/model.h"
#include "sql/sql.h"

struct wb_difference;
struct wb_diff;
struct wb_stage;
struct wb_object_list {
	const struct wb_object **v;
	size_t n, cap;
};

/* ---- DDL (ddl.c; what each engine writes: ddl_sqlite.c, ddl_postgres.c) ------------------- */

/* How one kind is written. Texts with holes, see ddl.c; NULL: this kind has no such statement. */
struct wb_ddl_kind {
	enum wb_kind kind;
	const char *create; /* statements that make it, each ended by ';' and a line feed */
	const char *inside; /* as a line of its owner's CREATE: columns, for SQLite constraints, too */
	const char *drop;
	const char *rename; /* its new name, quoted, is in {new}; NULL: dropped and made again */
	const char *adopt; /* in place of create where its owner's making has made it already, under another name */
	const char *after; /* what CREATE cannot say: comments, grants, settings; those of parts inside follow their
			      owner's */
	const char *late; /* once everything exists: what would close a circle */
};
/* One attribute: how it is changed in place. An attribute without a row takes its object's drop and create. One that
 * has to be taken away before others change and given after them has two rows. */
struct wb_ddl_attr {
	enum wb_kind kind;
	const char *key;
	const char *set; /* its new value is in {new}, its old one in {old}; NULL: it cannot be given in place */
	const char *unset; /* when it has none any more; NULL: as set */
};
struct making;
/* What a hole is filled from. */
struct wb_ddl_hole {
	struct wb_sv name;
	const struct wb_model *model;
	const struct wb_object *object, *before; /* before: as it was; NULL outside of changes in place */
	const char *new_value, *old_value;
	enum wb_dialect dialect;
	const struct making *plan; /* what of the model is there by then (script.h); NULL: all */
};
struct wb_ddl {
	const char *engine;
	enum wb_dialect dialect;
	const char *begin; /* settings that the statements count on; NULL: none */
	const char *open, *close; /* a transaction, for those who run the statements by hand */
	const char *open_drops; /* the same where a table is dropped or built anew */
	const struct wb_ddl_kind *kinds;
	size_t n_kinds;
	const struct wb_ddl_attr *attrs; /* the last has no key */
	bool requotes; /* it writes the same name with quotes or without, as it likes */
	/* Appends what rids a new object of what the database gives to new ones; NULL: nothing ever is. */
	void (*settle)(const struct wb_model *from, const struct wb_object *made, struct wb_str *out);
	const char *settled; /* follows that where there was something */
	bool any_case; /* A and a are one name */
	const char *
		concurrently; /* after CREATE INDEX and DROP INDEX where nobody shall wait; "": there is no such form */
	bool rebuilds; /* a table changes by being built anew (rebuild.c), but for what can simply be added */

	/* All that follows may be NULL. */
	const struct wb_ddl_attr *early; /* attributes that change before anything is dropped */
	const struct wb_ddl_attr *late; /* and those that change once everything is there */
	/* Holes of this engine alone. False: not one of them, or nothing to fill it with. */
	bool (*hole)(const struct wb_ddl_hole *h, struct wb_str *out);
	/* Of a change that has a line: do these two values allow it? */
	bool (*can_alter)(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *change);
	/* Would values that can be stored as the one be lost by making it the other? */
	bool (*loses_values)(const struct wb_object *from, const struct wb_object *to);
	/* A column is kept although what it needs is dropped: without its default and, where that is of what is
	 * dropped, without its type; and given them again. */
	const char *loosen, *loosen_type, *fasten, *fasten_type;
	/* Said again of a table that has lost columns: what the engine may forget with the last of some kind. */
	const char *restate;
	/* A table that changes what it inherits from keeps its rows (stage.c). */
	int (*stage)(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		     const struct wb_object_list *also, struct wb_stage **ret_stage, struct wb_error *err);
	const char *detach, *attach;
	/* The column with which a sequence goes; NULL: with none. */
	const struct wb_object *(*column_of)(const struct wb_model *m, const struct wb_object *sequence);
};
extern const struct wb_ddl wb_ddl_sqlite, wb_ddl_postgres;
/* NULL for an engine without. */
const struct wb_ddl *wb_ddl_find(const char *engine);

/* Appends the statements that make an object, without those of its parts that are statements of their own. Nothing is
 * appended for a part that stands inside its owner's statement. WB_ENOMEM; WB_EBUG for a text with a hole that nothing
 * fills. */
int wb_ddl_create(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		  struct wb_error *err) WB_MUST_USE;
/* The same under another name, without a schema. */
int wb_ddl_create_as(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, const char *alias,
		     struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* For a part: as a statement of its own, ALTER TABLE … ADD, also where it could stand inside its owner's. */
int wb_ddl_add(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
	       struct wb_error *err) WB_MUST_USE;
/* For a part that came with its owner: gives it its name, and what else belongs to it. */
int wb_ddl_adopt(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		 struct wb_error *err) WB_MUST_USE;
/* Can the change be made in place? Else the object is dropped and made again. */
bool wb_ddl_can_alter(const struct wb_ddl *d, const struct wb_model *from, const struct wb_model *to,
		      const struct wb_difference *change);
/* All changes of one object, which both models have, in the order of one of the engine's tables; a text that two
 * attributes share is written once. */
int wb_ddl_alter(const struct wb_ddl *d, const struct wb_ddl_attr *table, const struct making *plan,
		 const struct wb_model *m, const struct wb_difference *changes, size_t n, struct wb_str *out,
		 struct wb_error *err) WB_MUST_USE;
/* One of the engine's texts that belong to no kind, for this object; before may be NULL. */
int wb_ddl_text(const struct wb_ddl *d, const struct making *plan, const struct wb_model *m, const struct wb_object *o,
		const struct wb_object *before, const char *text, struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* What completes it once all objects exist; mostly nothing. */
int wb_ddl_late(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		struct wb_error *err) WB_MUST_USE;
int wb_ddl_drop(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		struct wb_error *err) WB_MUST_USE;

/* From {ident} to new_name; nothing is appended for a kind that is dropped and made again. */
int wb_ddl_rename(const struct wb_ddl *d, const struct wb_object *o, const char *new_name, struct wb_str *out,
		  struct wb_error *err) WB_MUST_USE;

/* ---- order (order.c) ------------------------------------------------------------------------ */

/* All objects so that each comes after what it needs, its schema and its owner; names decide where nothing else does.
 * A cycle is cut at the object that the kinds order last. *ret_v has model->n entries and is freed by the caller. */
int wb_schema_order(const struct wb_model *m, struct wb_object ***ret_v, struct wb_error *err) WB_MUST_USE;

/* ---- snapshots (snapshot_write.c, snapshot_read.c) --------------------------------------------- */

#define WB_SNAPSHOT_FORMAT 1

/* The model as a text: comments that say what is in it, the DDL that makes it, and, as comments again, every object
 * with its attributes, from which wb_snapshot_read() makes the same model. Equal schemas give equal texts. */
int wb_snapshot_write(const struct wb_model *m, struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* The same for whoever knows the hash of the model already. */
int wb_snapshot_write_hashed(const struct wb_model *m, const char *hex, struct wb_str *out,
			     struct wb_error *err) WB_MUST_USE;
/* The DDL alone. */
int wb_schema_write(const struct wb_model *m, struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* file is named in errors: WB_EINPUT when it is no snapshot or was changed by hand, WB_ENEWER for a newer format. */
int wb_snapshot_read(struct wb_sv text, const char *file, struct wb_model **ret_model,
		     struct wb_error *err) WB_MUST_USE;
/* Does the text begin as a snapshot does? */
bool wb_snapshot_is(struct wb_sv text);
/* SHA-256 over the objects and attributes, as 64 hex digits: equal for equal schemas, whatever the server's version. */
int wb_snapshot_hash(const struct wb_model *m, char ret_hex[65], struct wb_error *err) WB_MUST_USE;

/* ---- what counts (filter.c) ----------------------------------------------------------------------- */

struct wb_filter {
	const char *const *ignore; /* "path" or "kind path"; '*' stands for any text */
	size_t n_ignore;
	bool without_privileges, without_comments;
	/* For those that see only this much of a database: what was never looked at (wb_filter_hides()). */
	const char *const *schemas; /* none: all */
	size_t n_schemas;
	bool without_owners;
};
/* Takes out what does not count, with its parts and what is in an ignored schema; also what has a comment that begins
 * with whimbrel:compat. */
int wb_schema_filter(struct wb_model *m, const struct wb_filter *f, struct wb_error *err) WB_MUST_USE;
/* Would a difference in this object not be seen through it? attribute: "" when it is about the whole object. */
int wb_filter_hides(const struct wb_filter *f, const char *kind, const char *path, const char *attribute,
		    bool *ret_hides, struct wb_error *err) WB_MUST_USE;

/* ---- differences (diff.c) ------------------------------------------------------------------------ */

enum wb_difference_type { WB_DIFF_MISSING, WB_DIFF_UNEXPECTED, WB_DIFF_CHANGED };
struct wb_difference {
	enum wb_difference_type type;
	const struct wb_object *expected, *actual; /* NULL where there is none */
	const char *attribute, *expected_value, *actual_value; /* of a changed one; a value may be NULL: absent */
};
/* Would rows, or values of them, go with it? */
bool wb_schema_holds_data(const struct wb_object *o);
enum wb_severity { WB_SEVERITY_LOW, WB_SEVERITY_MEDIUM, WB_SEVERITY_HIGH, WB_SEVERITY_CRITICAL };
/* Critical: rows are gone, or would go by mending it. */
enum wb_severity wb_difference_severity(const struct wb_difference *d);
const char *wb_severity_name(enum wb_severity s);
struct wb_diff {
	struct wb_difference *v; /* in the order of snapshots */
	size_t n, cap;
};
/* The parts of an object that is missing or unexpected as a whole are not told one by one. The models must outlive the
 * result, which wb_diff_done() releases. */
int wb_schema_diff(const struct wb_model *expected, const struct wb_model *actual, struct wb_diff *ret_diff,
		   struct wb_error *err) WB_MUST_USE;
void wb_diff_done(struct wb_diff *d);

/* ---- renames (renamed_from.c, rename.c) ---------------------------------------------------------------- */

/* Adds to m->renames what the comments `-- renamed from: OLD` in the text say. WB_EINPUT, with line and column, for one
 * that stands beside no declaration. */
int wb_renames_read(struct wb_model *m, enum wb_dialect dialect, struct wb_sv text, const char *file,
		    struct wb_error *err) WB_MUST_USE;
/* A path as wb_object_path() writes it. WB_EINPUT when it is none. Texts live in the model. */
int wb_path_read(struct wb_model *m, const char *text, struct wb_path *ret_path, struct wb_error *err) WB_MUST_USE;
struct wb_rename_step {
	const struct wb_object *from, *to; /* an object of one model, and of the other */
	const char *sql;
};
struct wb_rename_steps {
	struct wb_arena arena;
	struct wb_rename_step *v; /* in an order in which they can be run */
	size_t n, cap;
	WB_VEC(struct wb_rename) unused; /* of to->renames: the new name is wanted and not there, nor is the old one */
};
/* The renames that turn objects of `from` into objects of `to`: those that to->renames speaks of, and, backwards, those
 * that from->renames does. What is renamed already, or gone, is left out. */
int wb_schema_renames(const struct wb_model *from, const struct wb_model *to, struct wb_rename_steps *ret_steps,
		      struct wb_error *err) WB_MUST_USE;
void wb_rename_steps_done(struct wb_rename_steps *s);
/* ---- what a difference means to others (breaking.c) ------------------------------------------------- */

/* Of a schema that became another: programs need not notice, have more to use, or may fail. */
enum wb_impact { WB_IMPACT_NONE, WB_IMPACT_PATCH, WB_IMPACT_MINOR, WB_IMPACT_MAJOR };
const char *wb_impact_name(enum wb_impact impact); /* "none", "patch", "minor", "major" */
/* d is of wb_schema_diff(after, before). *ret_why: a static text. */
enum wb_impact wb_difference_impact(const struct wb_model *before, const struct wb_difference *d, const char **ret_why);

/* ---- from one to the other (script.c, rebuild.c) ---------------------------------------------------- */

struct wb_change {
	const struct wb_object *object; /* of the model it is in before, else of the one it is in afterwards */
	const char *sql; /* statements, each ended by ';' and a line feed; in the script's arena */
	bool destroys; /* rows or columns with what is in them */
	bool recreates; /* unchanged, but in the way of a change */
};
struct wb_ddl_script {
	struct wb_arena arena;
	struct wb_stage *stage; /* objects of changes may be of its models; NULL: none was needed */
	const char *begin; /* settings that the changes count on, to be made before them; NULL: none */
	const char *open, *close; /* around them where somebody runs them by hand */
	struct wb_change *v; /* in an order in which they can be run */
	size_t n, cap;
};
/* What turns `from` into `to`; diff is wb_schema_diff(to, from). Objects that need what is dropped or cannot be altered
 * around are dropped before and made again after. The models must outlive the result. WB_EUNSUPPORTED, naming it, for a
 * change that has no form. */
int wb_schema_script(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		     struct wb_ddl_script *ret_script, struct wb_error *err) WB_MUST_USE;
void wb_ddl_script_done(struct wb_ddl_script *s);
/* Tables that both models have and that change what they inherit from, are partitions of, or are made of: seen here as
 * tables of their own, with all that they have from elsewhere. Between these two models nothing is inherited anew. */
struct wb_stage {
	struct wb_model *from, *to;
	struct wb_diff diff; /* of those two */
	const struct wb_object **old, **new; /* those tables, n of them, as the models given have them */
	size_t n;
	void (*free)(struct wb_stage *s);
};
/* also: tables of `from` that are to be seen so, whether they change or not. *ret_stage is NULL when there is none. Not
 * in builds without PostgreSQL, whose DDL leads here. */
int wb_schema_stage(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		    const struct wb_object_list *also, struct wb_stage **ret_stage, struct wb_error *err) WB_MUST_USE;
/* The position of what is added: behind all that is there. */
#define WB_STAGE_LAST "100000"
/* The i-th table that this one is a partition of or inherits from, or type that it is made of; NULL when there is none
 * any more, or it is not in the model. */
const struct wb_object *wb_stage_parent(const struct wb_model *m, const struct wb_object *table, size_t i);
/* Of a column, its own or what it has from elsewhere; NULL: nothing. */
const char *wb_stage_effective(const struct wb_model *m, const struct wb_object *column, const char *key);
/* Is this text, of a type or a table, the object's name with its schema? */
bool wb_stage_names(const char *text, const struct wb_object *o);
/* With which the sequence goes; NULL: with none. */
const struct wb_object *wb_stage_column(const struct wb_model *m, const struct wb_object *sequence);
/* Can this part, which the table in `from` lacks, be added without building the table anew? */
bool wb_rebuild_not_needed(const struct wb_model *from, const struct wb_object *part);
/* The table as it is to be, with the rows of the table as it is, in its place. Its indexes and triggers, and what needs
 * it, are the caller's. taken: names of both models that it must not have meanwhile. */
int wb_rebuild(const struct wb_ddl *d, const struct wb_model *from, const struct wb_object *old,
	       const struct wb_model *to, const struct wb_object *new, const struct wb_object_list *taken,
	       struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* Adds the objects whose names a table could have while it is built anew; false when memory has run out. */
bool wb_rebuild_taken(const struct wb_model *m, struct wb_object_list *names) WB_MUST_USE;
/* What is left to do once its indexes are there; mostly nothing. */
void wb_rebuild_after(const struct wb_object *old, const struct wb_object *new, struct wb_str *out);
/* Takes the name that a table has while it is built anew out of an error's message. */
void wb_rebuild_hide(struct wb_error *err);

#endif
