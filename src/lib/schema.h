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
	struct wb_arena arena;
	struct wb_str snapshot, ddl; /* made when they are asked for */
};

/* schema_read.c: the model of what `where` names, and how it is called. */
int wb_schema_model(struct wb_context *c, const char *where, const struct wb_schema_options *o, struct wb_arena *a,
		    struct wb_model **ret_model, const char **ret_origin, struct wb_error *err) WB_MUST_USE;

#endif
