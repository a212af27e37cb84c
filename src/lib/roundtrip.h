/* SPDX-License-Identifier: Apache-2.0
 *
 * Round trips, and rows put in to see whether they are kept. For the lib room
 * and for scenarios.
 */
#ifndef WB_LIB_ROUNDTRIP_H
#define WB_LIB_ROUNDTRIP_H

#include "schema.h"

struct trip_rows {
	struct wb_arena arena;
	WB_VEC(const char *) filled; /* names of tables with made-up rows, quoted */
	int64_t wanted; /* in each table; 0: two */
};
/* That many rows for each table of the model that has none yet, as far as they fit. */
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
/* The name as SQL has it, quoted. */
void wb_trip_table(const struct wb_object *table, struct wb_str *out);

/* ---- roundtrip.c: what is found becomes problems of kind "round_trip" ---- */

/* A database in which everything before m has been applied, the newest of it being `before` ("0"): up, down, up again,
 * with rows. o: what counts; NULL: all. *ret_stays: it cannot be reverted, which is a problem, too. */
int wb_trip_one(struct wb_context *scratch, const struct wb_schema_options *o, const struct wb_migration *m,
		const char *before, struct wb_problem_list *p, bool *ret_stays, struct wb_error *err) WB_MUST_USE;
/* An empty database, or one at a baseline: all of it up, down, up. */
int wb_trip_all(struct wb_context *scratch, const struct wb_schema_options *o, const struct wb_source *files,
		struct wb_problem_list *p, bool *ret_stays, struct wb_error *err) WB_MUST_USE;
/* The first differences in words, as `expected` sees them. Failure is in `out`. */
void wb_trip_words(const struct wb_diff *d, struct wb_str *out);

#endif
