/* SPDX-License-Identifier: Apache-2.0
 *
 * What a public schema is made of. Private to the lib room.
 */
#ifndef WB_LIB_SCHEMA_H
#define WB_LIB_SCHEMA_H

#include "context.h"
#include "schema/schema.h"

#include <whimbrel/schema.h>

struct schema_box {
	struct wb_schema pub; /* first */
	struct wb_model *model;
	const char *url; /* with its password; NULL: it was no URL that it was read from */
	bool live; /* it is the schema of the context's database */
	struct wb_arena arena;
	struct wb_str snapshot, ddl; /* made when they are asked for */
	struct schema_rename *renamed; /* what was done to the schema that was read, in its order (schema_rename.c) */
	size_t n_renamed;
};
struct schema_rename {
	const char *kind, *path; /* as it was called */
	const char *old, *new, *sql;
};

/* schema_read.c: the model of the context's database. */
int wb_schema_model(struct wb_context *c, const struct wb_schema_options *o, struct wb_model **ret_model,
		    struct wb_error *err) WB_MUST_USE;

/* Of the SQL in a text, which errors call `name`. */
int wb_schema_model_of_sql(struct wb_context *c, const char *text, const char *name, const struct wb_schema_options *o,
			   struct wb_model **ret_model, struct wb_error *err) WB_MUST_USE;

/* Takes the model over, also when it fails. */
int wb_schema_show(struct wb_model *m, const char *origin, struct wb_schema **ret_schema,
		   struct wb_error *err) WB_MUST_USE;
/* Without what does not count. */
struct wb_filter wb_schema_filter_of(const struct wb_schema_options *o);
int wb_schema_drop_ignored(struct wb_model *m, const struct wb_schema_options *o, struct wb_error *err) WB_MUST_USE;
/* wb_schema_compare(); drift: what is missing was there, and its rows with it. */
int wb_compare_schemas(const struct wb_schema *expected, const struct wb_schema *actual, bool drift,
		       struct wb_schema_comparison **ret_comparison, struct wb_error *err) WB_MUST_USE;
const struct wb_diff *wb_comparison_diff(const struct wb_schema_comparison *comparison);

/* drift_expected.c: what the applied migrations have made. Texts live in the arena. */
struct drift_expected {
	struct wb_schema *schema;
	const char *origin, *version;
};
int wb_drift_expected(struct wb_context *c, const struct wb_drift_options *o, struct wb_arena *a,
		      struct drift_expected *ret, struct wb_error *err) WB_MUST_USE;
/* Has the database changed since the snapshot that was kept of its newest applied version? False when none was. */
int wb_drifted_since_snapshot(struct wb_context *c, bool *ret_drifted, struct wb_error *err) WB_MUST_USE;
/* WB_EREFUSED, naming the differences, when it has drifted. *ret_judged is false when nothing tells. */
int wb_drift_gate(struct wb_context *c, const struct wb_schema_options *o, bool *ret_judged,
		  struct wb_error *err) WB_MUST_USE;
/* The newest applied version; NULL when there is none. */
int wb_newest_applied(struct wb_context *c, struct wb_arena *a, const char **ret_version,
		      struct wb_error *err) WB_MUST_USE;

#endif
