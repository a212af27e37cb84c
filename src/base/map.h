/* SPDX-License-Identifier: Apache-2.0
 *
 * Hash map from byte strings to pointers. Keys are not copied: they must live
 * as long as the map. Iteration order is insertion order, so that whatever is
 * printed from a map depends on its input alone.
 */
#ifndef WB_BASE_MAP_H
#define WB_BASE_MAP_H

#include "compiler.h"
#include "sv.h"

struct wb_map_entry {
	struct wb_sv key;
	void *value;
};
struct wb_map {
	struct wb_map_entry *entries; /* in insertion order, n of them */
	uint32_t *slots;
	size_t n, cap, n_slots;
};

void wb_map_done(struct wb_map *m);
/* Adds or replaces; false when memory has run out. */
bool wb_map_put(struct wb_map *m, struct wb_sv key, void *value) WB_MUST_USE;
void *wb_map_get(const struct wb_map *m, struct wb_sv key); /* NULL when absent */

#endif
