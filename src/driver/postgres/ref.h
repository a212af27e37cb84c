/* SPDX-License-Identifier: Apache-2.0
 *
 * How the catalog names an object: "class:oid", a column "class:oid:number".
 * And tables with such keys: an inspection asks them some hundred thousand times, which is why the keys lie
 * in the table itself.
 */
#ifndef WB_DRIVER_POSTGRES_REF_H
#define WB_DRIVER_POSTGRES_REF_H

#include "base/base.h"

struct wb_pg_ref {
	uint32_t class, oid, part;
};

struct wb_pg_ref_entry {
	struct wb_pg_ref ref;
	void *value; /* NULL: free */
};
struct wb_pg_refs {
	struct wb_pg_ref_entry *v;
	size_t n, cap; /* cap: 0, or a power of two */
};

bool wb_pg_ref_parse(struct wb_sv text, struct wb_pg_ref *ret_ref);
/* Its three numbers, each in a cell of a row. */
bool wb_pg_ref_cells(const struct wb_sv *cells, struct wb_pg_ref *ret_ref);
/* Adds or replaces; value is not NULL. False when memory has run out. */
bool wb_pg_refs_put(struct wb_pg_refs *t, struct wb_pg_ref ref, void *value) WB_MUST_USE;
void *wb_pg_refs_get(const struct wb_pg_refs *t, struct wb_pg_ref ref); /* NULL when absent */
void wb_pg_refs_done(struct wb_pg_refs *t);

#endif
