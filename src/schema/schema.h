/* SPDX-License-Identifier: Apache-2.0
 *
 * Pure functions over models: what differs between two, DDL for an object, and
 * the snapshot, which is a model as a text. Nothing here talks to a database.
 */
#ifndef WB_SCHEMA_SCHEMA_H
#define WB_SCHEMA_SCHEMA_H

#include "model/model.h"
#include "sql/sql.h"

/* ---- DDL (ddl.c; what each engine writes: ddl_sqlite.c, ddl_postgres.c) ------------------- */

/* How one kind is written. Texts with holes, see ddl.c; NULL: this kind has no such statement. */
struct wb_ddl_kind {
	enum wb_kind kind;
	const char *create; /* statements that make it, each ended by ';' and a line feed */
	const char *inside; /* as a line of its owner's CREATE: columns, for SQLite constraints, too */
	const char *drop;
	const char *after; /* what CREATE cannot say: comments, grants, settings; those of parts inside follow their
			      owner's */
	const char *late; /* once everything exists: what would close a circle */
};
/* One attribute: how it is changed in place. An attribute without a row takes its object's drop and create. */
struct wb_ddl_attr {
	enum wb_kind kind;
	const char *key;
	const char
		*set; /* its new value is in {new}, its old one in {old}; NULL: cannot be given in place, only taken */
	const char *unset; /* NULL: as set */
};
struct wb_ddl {
	const char *engine;
	enum wb_dialect dialect;
	const char *begin; /* settings that the statements count on; NULL: none */
	const struct wb_ddl_kind *kinds;
	size_t n_kinds;
	const struct wb_ddl_attr *attrs;
	size_t n_attrs;
};
extern const struct wb_ddl wb_ddl_sqlite, wb_ddl_postgres;
/* NULL for an engine without. */
const struct wb_ddl *wb_ddl_find(const char *engine);

/* Appends the statements that make an object, without those of its parts that are statements of their own. Nothing is
 * appended for a part that stands inside its owner's statement. WB_ENOMEM; WB_EBUG for a text with a hole that nothing
 * fills. */
int wb_ddl_create(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		  struct wb_error *err) WB_MUST_USE;
/* The same for a part that is added to an owner that is there already. */
int wb_ddl_add(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
	       struct wb_error *err) WB_MUST_USE;
/* What completes it once all objects exist; mostly nothing. */
int wb_ddl_late(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		struct wb_error *err) WB_MUST_USE;
/* Changes one attribute in place from old_value (NULL: it was absent) to what o has. *ret_known is false, and nothing
 * appended, where that cannot be done: the object is to be dropped and made again. */
int wb_ddl_alter(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, const char *key,
		 const char *old_value, struct wb_str *out, bool *ret_known, struct wb_error *err) WB_MUST_USE;
int wb_ddl_drop(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
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
/* file is named in errors: WB_EINPUT when it is no snapshot or was changed by hand, WB_ENEWER for a newer format. */
int wb_snapshot_read(struct wb_sv text, const char *file, struct wb_model **ret_model,
		     struct wb_error *err) WB_MUST_USE;
/* Does the text begin as a snapshot does? */
bool wb_snapshot_is(struct wb_sv text);
/* SHA-256 over the objects and attributes, as 64 hex digits: equal for equal schemas, whatever the server's version. */
int wb_snapshot_hash(const struct wb_model *m, char ret_hex[65], struct wb_error *err) WB_MUST_USE;

/* ---- differences (diff.c) ------------------------------------------------------------------------ */

enum wb_difference_type { WB_DIFF_MISSING, WB_DIFF_UNEXPECTED, WB_DIFF_CHANGED };
struct wb_difference {
	enum wb_difference_type type;
	const struct wb_object *expected, *actual; /* NULL where there is none */
	const char *attribute, *expected_value, *actual_value; /* of a changed one; a value may be NULL: absent */
};
struct wb_diff {
	struct wb_difference *v; /* in the order of snapshots */
	size_t n, cap;
};
/* The parts of an object that is missing or unexpected as a whole are not told one by one. The models must outlive the
 * result, which wb_diff_done() releases. */
int wb_schema_diff(const struct wb_model *expected, const struct wb_model *actual, struct wb_diff *ret_diff,
		   struct wb_error *err) WB_MUST_USE;
void wb_diff_done(struct wb_diff *d);

#endif
