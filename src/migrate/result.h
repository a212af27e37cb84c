/* SPDX-License-Identifier: Apache-2.0
 *
 * The result under construction; private to the migrate room.
 */
#ifndef WB_MIGRATE_RESULT_H
#define WB_MIGRATE_RESULT_H

#include "run.h"

struct wb_result {
	struct wb_run_result view; /* first: wb_run_result_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_run_migration) applied;
	WB_VEC(const char *) not_rehearsed;
};

#endif
