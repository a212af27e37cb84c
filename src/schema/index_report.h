/* SPDX-License-Identifier: Apache-2.0
 *
 * Missing and bad indexes of a model.
 */
#ifndef WB_SCHEMA_INDEX_REPORT_H
#define WB_SCHEMA_INDEX_REPORT_H

#include "model/index_use.h"
#include "schema/schema.h"

enum wb_index_fault {
	WB_INDEX_LACKING, /* a foreign key without one that leads with its columns */
	WB_INDEX_INVALID,
	WB_INDEX_DUPLICATE, /* another does all that this one does */
	WB_INDEX_UNUSED, /* not read since the statistics were reset */
	WB_INDEX_CANDIDATE /* a column with many values, in no order, of a table that is read as a whole */
};
struct wb_index_finding {
	enum wb_index_fault fault;
	enum wb_severity severity;
	const struct wb_object *object; /* the foreign key, the index, the column */
	const struct wb_object
		*other; /* that does what a duplicate does; that would serve the foreign key, were it valid */
	const char *columns; /* of a foreign key, as the engine writes them */
	const struct wb_index_use *use; /* NULL: not counted */
};
struct wb_index_findings {
	struct wb_index_finding *v; /* by table */
	size_t n, cap;
	struct wb_arena arena;
};

/* uses: what the server has counted, NULL: nothing. Model and uses must outlive the findings, which
 * wb_index_findings_done() releases. */
int wb_index_findings_make(const struct wb_model *m, const struct wb_index_uses *uses,
			   struct wb_index_findings *ret_findings, struct wb_error *err) WB_MUST_USE;
void wb_index_findings_done(struct wb_index_findings *f);

#endif
