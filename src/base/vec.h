/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed growing arrays: WB_VEC(struct item) items = {0}; wb_vec_push(&items, x)
 * is false when memory has run out. Items live in one malloc'ed block.
 */
#ifndef WB_BASE_VEC_H
#define WB_BASE_VEC_H

#include "compiler.h"
#include <stdbool.h>

#define WB_VEC(type) \
	struct { \
		type *v; \
		size_t n, cap; \
	}

/* Makes room for one more; false on no memory or overflow. */
bool wb_vec_grow(void *v_pp, size_t n, size_t *cap, size_t size) WB_MUST_USE;

#define wb_vec_push(vec, item) \
	(wb_vec_grow(&(vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)) && ((vec)->v[(vec)->n++] = (item), true))
#define wb_vec_done(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0)

#endif
