/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows put in to see whether a round trip keeps them. Private to the lib room.
 */
#ifndef WB_LIB_ROUNDTRIP_H
#define WB_LIB_ROUNDTRIP_H

#include "schema.h"

struct trip_rows {
	struct wb_arena arena;
	WB_VEC(const char *) filled; /* names of tables with made-up rows, quoted */
};
/* A few rows for each table of the model that has none yet, as far as they fit. */
int wb_trip_fill(struct wb_context *c, const struct wb_model *m, struct trip_rows *rows,
		 struct wb_error *err) WB_MUST_USE;
/* Takes them out again, as far as that goes. */
void wb_trip_empty(struct wb_context *c, struct trip_rows *rows);
/* Tables and their checksums; lives in the arena. */
struct trip_table {
	const char *name, *checksum;
};
struct trip_print {
	WB_VEC(struct trip_table) tables;
};
int wb_trip_print(struct wb_context *c, struct wb_arena *a, struct trip_print *ret_print,
		  struct wb_error *err) WB_MUST_USE;
void wb_trip_rows_done(struct trip_rows *rows);

#endif
