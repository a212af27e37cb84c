/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a script reader; private to the migrate room.
 */
#ifndef WB_MIGRATE_SCRIPT_H
#define WB_MIGRATE_SCRIPT_H

#include "migrate.h"

struct wb_script_reader {
	const struct wb_script *script;
	struct wb_statements *statements; /* of a file */
	struct wb_splitter *splitter; /* of stored text */
	struct wb_mem_reader reader;
	int64_t next; /* of kept statements */
	const struct wb_section *section; /* the last statement's */
	size_t passed; /* sections that were passed */
	struct wb_item ahead; /* read, and still to be given: a backfill by rules stands before it */
	const struct wb_section *ahead_section;
	bool has_ahead;
};

#endif
