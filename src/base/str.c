/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing string. `cap` alone tells whether `p` was allocated: the program
 * and a loaded module each have their own wb_str_empty, so its address says
 * nothing.
 */
#include "base/str.h"

#include <stdio.h>

#include "base/banned.h"

#define CAP_MIN ((size_t)64)

/* Declared writable to fit `p`, but kept in read-only memory. */
static const char empty[1] = "";
extern char wb_str_empty[1] __attribute__((alias("empty")));

void wb_str_done(struct wb_str *s)
{
	if (s->cap)
		free(s->p);
	*s = (struct wb_str){ .p = wb_str_empty, .max = s->max };
}

void wb_str_clear(struct wb_str *s)
{
	s->n = 0;
	s->failed = false;
	if (s->cap)
		s->p[0] = '\0';
}

static size_t new_cap(const struct wb_str *s, size_t need, size_t max)
{
	size_t cap = s->cap < CAP_MIN / 2 ? CAP_MIN : s->cap * 2;

	if (cap > max + 1)
		cap = max + 1;
	return cap < need ? need : cap;
}

bool wb_str_reserve(struct wb_str *s, size_t extra)
{
	size_t max = s->max && s->max < WB_STR_MAX ? s->max : WB_STR_MAX;
	size_t cap;
	char *p;

	if (s->failed || s->n > max || extra > max - s->n) {
		s->failed = true;
		return false;
	}
	if (s->cap > s->n + extra)
		return true;
	cap = new_cap(s, s->n + extra + 1, max);
	p = realloc(s->cap ? s->p : NULL, cap);
	if (!p) {
		s->failed = true;
		return false;
	}
	s->p = p;
	s->cap = cap;
	s->p[s->n] = '\0';
	return true;
}

void wb_str_addn(struct wb_str *s, const char *p, size_t n)
{
	if (n == 0 || !wb_str_reserve(s, n))
		return;
	memcpy(s->p + s->n, p, n);
	s->n += n;
	s->p[s->n] = '\0';
}

void wb_str_add(struct wb_str *s, const char *text)
{
	wb_str_addn(s, text, strlen(text));
}

void wb_str_addsv(struct wb_str *s, struct wb_sv sv)
{
	wb_str_addn(s, sv.p, sv.n);
}

void wb_str_addc(struct wb_str *s, char c)
{
	wb_str_addn(s, &c, 1);
}

/* Most texts fit the room there is: format once, and again only after growing. */
void wb_str_vaddf(struct wb_str *s, const char *fmt, va_list ap)
{
	size_t room = s->cap ? s->cap - s->n : 0;
	va_list again;
	int n;

	if (s->failed)
		return;
	va_copy(again, ap);
	n = vsnprintf(room ? s->p + s->n : NULL, room, fmt, ap);
	if (n < 0)
		s->failed = true;
	else if ((size_t)n < room)
		s->n += (size_t)n;
	else if (wb_str_reserve(s, (size_t)n))
		s->n += (size_t)vsnprintf(s->p + s->n, (size_t)n + 1, fmt, again);
	if (s->failed && s->cap)
		s->p[s->n] = '\0';
	va_end(again);
}

void wb_str_addf(struct wb_str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	wb_str_vaddf(s, fmt, ap);
	va_end(ap);
}

char *wb_str_take(struct wb_str *s)
{
	char *text = NULL;

	if (wb_str_reserve(s, 0)) {
		text = s->p;
		s->cap = 0;
	}
	wb_str_done(s);
	return text;
}
