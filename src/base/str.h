/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing string with a ceiling. Appends are not checked one by one: the
 * first that fails (no memory, ceiling reached) makes the buffer `failed` and
 * all later ones do nothing; one test at the end decides. `p` is always NUL
 * terminated and never NULL ("" when nothing was allocated).
 */
#ifndef WB_BASE_STR_H
#define WB_BASE_STR_H

#include <stdarg.h>

#include "compiler.h"
#include "sv.h"

struct wb_str {
	char *p;
	size_t n, cap;
	size_t max; /* ceiling in bytes; 0 = WB_STR_MAX */
	bool failed;
};

#define WB_STR_MAX ((size_t)1 << 30)
extern char wb_str_empty[1];
#define WB_STR_INIT \
	{ \
		wb_str_empty, 0, 0, 0, false \
	}

void wb_str_done(struct wb_str *s);
void wb_str_clear(struct wb_str *s); /* keeps the memory, forgets a failure */
void wb_str_add(struct wb_str *s, const char *text);
void wb_str_addn(struct wb_str *s, const char *p, size_t n);
void wb_str_addsv(struct wb_str *s, struct wb_sv sv);
void wb_str_addc(struct wb_str *s, char c);
void wb_str_addf(struct wb_str *s, const char *fmt, ...) WB_PRINTF(2, 3);
void wb_str_vaddf(struct wb_str *s, const char *fmt, va_list ap) WB_PRINTF(2, 0);
bool wb_str_reserve(struct wb_str *s, size_t extra); /* room for extra bytes and the NUL */
/* The malloc'ed text, owned by the caller; NULL if the buffer failed. Buffer is empty afterwards. */
char *wb_str_take(struct wb_str *s);
static inline struct wb_sv wb_str_sv(const struct wb_str *s)
{
	return (struct wb_sv){ s->p, s->n };
}
#define wb_autostr WB_CLEANUP(wb_str_done) struct wb_str

#endif
