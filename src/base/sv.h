/* SPDX-License-Identifier: Apache-2.0
 *
 * A view of bytes that somebody else owns; not NUL terminated.
 * Print it with "%.*s", WB_SV_ARG(x).
 */
#ifndef WB_BASE_SV_H
#define WB_BASE_SV_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct wb_sv {
	const char *p;
	size_t n;
};

#define WB_SV(literal) ((struct wb_sv){ (literal), sizeof(literal) - 1 })
#define WB_SV_ARG(sv) (int)((sv).n > 4096 ? 4096 : (sv).n), (sv).p

static inline struct wb_sv wb_sv(const char *p, size_t n)
{
	return (struct wb_sv){ p, n };
}
static inline struct wb_sv wb_sv_str(const char *s)
{
	return (struct wb_sv){ s, s ? strlen(s) : 0 };
}

bool wb_sv_eq(struct wb_sv a, struct wb_sv b);
bool wb_sv_ieq(struct wb_sv a, const char *b); /* ASCII case ignored */
bool wb_sv_starts(struct wb_sv a, const char *prefix);
bool wb_sv_istarts(struct wb_sv a, const char *prefix); /* ASCII case ignored */
bool wb_sv_ends(struct wb_sv a, const char *suffix);
struct wb_sv wb_sv_trim(struct wb_sv a); /* ASCII blanks, tabs, CR, LF */
/* At most max bytes from the start, never ending inside a UTF-8 character. */
struct wb_sv wb_sv_head(struct wb_sv a, size_t max);
/* Cuts the first piece before the separator off *rest; false when *rest is exhausted, so that
 * an empty view has no piece and a separator at the end adds none. */
bool wb_sv_cut(struct wb_sv *rest, char separator, struct wb_sv *ret_piece);
/* The whole view as a decimal number; false on anything else or on overflow. */
bool wb_sv_i64(struct wb_sv a, int64_t *ret_value);
/* "250ms", "2s", "1.5m", "1h", "30d", plain number = seconds; result in milliseconds. */
bool wb_sv_duration_ms(struct wb_sv a, int64_t *ret_ms);
/* Copy as a NUL-terminated string; false (and truncated) when it does not fit. */
bool wb_sv_copy(struct wb_sv a, char *buf, size_t size);

#endif
