/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks come zeroed from calloc and are never handed out twice, so pieces
 * need no clearing. Block sizes double up to a limit: few calls for large
 * plans, little waste for small ones.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/banned.h"

#define ALIGNMENT _Alignof(max_align_t)
#define BLOCK_MIN ((size_t)2048)
#define BLOCK_MAX ((size_t)128 * 1024)

struct wb_arena_block {
	struct wb_arena_block *next;
	size_t used, cap;
	_Alignas(max_align_t) char data[];
};

/* Capacity for a new block that must hold size bytes. */
static size_t block_cap(const struct wb_arena *a, size_t size)
{
#ifdef WB_ASAN
	(void)a;
	return size;
#else
	size_t cap = a->head ? a->head->cap * 2 : BLOCK_MIN - sizeof(struct wb_arena_block);

	cap = cap > BLOCK_MAX ? BLOCK_MAX : cap;
	return cap > size ? cap : size;
#endif
}

/* A piece too big for the usual block goes behind the head, whose free room stays in use. */
static struct wb_arena_block *add_block(struct wb_arena *a, size_t size)
{
	size_t cap = block_cap(a, size);
	struct wb_arena_block *b = calloc(1, sizeof(*b) + cap);

	if (!b)
		return NULL;
	b->cap = cap;
	if (cap == size && a->head) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	return b;
}

void *wb_arena_alloc(struct wb_arena *a, size_t size)
{
	struct wb_arena_block *b = a->head;
	size_t start;

	if (size == 0)
		size = 1;
	if (size > PTRDIFF_MAX - sizeof(*b) - ALIGNMENT)
		return NULL;
	start = b ? (b->used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : 0;
	if (!b || start > b->cap || size > b->cap - start) {
		b = add_block(a, size);
		if (!b)
			return NULL;
		start = 0;
	}
	b->used = start + size;
	a->total += size;
	return b->data + start;
}

void *wb_arena_array(struct wb_arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return wb_arena_alloc(a, total);
}

char *wb_arena_sv(struct wb_arena *a, struct wb_sv s)
{
	char *copy = s.n < SIZE_MAX ? wb_arena_alloc(a, s.n + 1) : NULL;

	if (copy && s.n)
		memcpy(copy, s.p, s.n);
	return copy;
}

char *wb_arena_str(struct wb_arena *a, const char *s)
{
	return s ? wb_arena_sv(a, wb_sv_str(s)) : NULL;
}

char *wb_arena_printf(struct wb_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	text = wb_arena_alloc(a, (size_t)n + 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return text;
}

/* The room left in a's newest block stays in use. */
void wb_arena_merge(struct wb_arena *a, struct wb_arena *from)
{
	struct wb_arena_block **end = a->head ? &a->head->next : &a->head, *last = from->head;

	while (last && last->next)
		last = last->next;
	if (last) {
		last->next = *end;
		*end = from->head;
	}
	a->total += from->total;
	*from = (struct wb_arena)WB_ARENA_INIT;
}

void wb_arena_done(struct wb_arena *a)
{
	struct wb_arena_block *b = a->head, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct wb_arena)WB_ARENA_INIT;
}
