/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for things that die together. Allocation returns NULL when memory has
 * run out; everything is released at once. Under ASan each piece is its own
 * malloc, so that overruns are seen.
 */
#ifndef WB_BASE_ARENA_H
#define WB_BASE_ARENA_H

#include "compiler.h"
#include "sv.h"

struct wb_arena {
	struct wb_arena_block *head;
	size_t total; /* bytes handed out */
};

#define WB_ARENA_INIT \
	{ \
		NULL, 0 \
	}

/* Zeroed, aligned for any type. */
void *wb_arena_alloc(struct wb_arena *a, size_t size) WB_MUST_USE;
/* Zeroed array; NULL also when n * size overflows. */
void *wb_arena_array(struct wb_arena *a, size_t n, size_t size) WB_MUST_USE;
char *wb_arena_str(struct wb_arena *a, const char *s) WB_MUST_USE; /* NULL stays NULL */
char *wb_arena_sv(struct wb_arena *a, struct wb_sv s) WB_MUST_USE; /* adds the NUL */
char *wb_arena_printf(struct wb_arena *a, const char *fmt, ...) WB_PRINTF(2, 3) WB_MUST_USE;
/* All of `from` becomes part of `a`, in its place; `from` is empty afterwards. */
void wb_arena_merge(struct wb_arena *a, struct wb_arena *from);
/* Releases everything; the arena can be used again. */
void wb_arena_done(struct wb_arena *a);

#define wb_autoarena WB_CLEANUP(wb_arena_done) struct wb_arena

#endif
