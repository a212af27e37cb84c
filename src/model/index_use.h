/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server has counted about indexes, and about columns that have none.
 */
#ifndef WB_MODEL_INDEX_USE_H
#define WB_MODEL_INDEX_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of an index: how often it was read. Of a column (index NULL): it has many values, in no order, so that looking for
 * one of them means to read the whole table. */
struct wb_index_use {
	const char *schema, *table, *index, *column;
	int64_t scans, bytes, rows; /* rows: of the table, about; each -1: unknown */
	bool building; /* at this moment */
};
struct wb_index_uses {
	struct wb_index_use *v;
	size_t n, cap;
	const char *since; /* RFC 3339; NULL: since the server counts */
};

#endif
