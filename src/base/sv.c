/* SPDX-License-Identifier: Apache-2.0
 *
 * Views of bytes. Nothing here depends on the locale: case and blanks are
 * ASCII, numbers are decimal.
 */
#include "base/sv.h"

#include "base/compiler.h"
#include "base/banned.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool wb_sv_eq(struct wb_sv a, struct wb_sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool wb_sv_istarts(struct wb_sv a, const char *prefix)
{
	size_t i;

	for (i = 0; prefix[i]; i++) {
		if (i >= a.n || lower(a.p[i]) != lower(prefix[i]))
			return false;
	}
	return true;
}

bool wb_sv_ieq(struct wb_sv a, const char *b)
{
	return a.n == strlen(b) && wb_sv_istarts(a, b);
}

bool wb_sv_starts(struct wb_sv a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && wb_sv_eq(wb_sv(a.p, n), wb_sv(prefix, n));
}

bool wb_sv_ends(struct wb_sv a, const char *suffix)
{
	size_t n = strlen(suffix);

	return n == 0 || (a.n >= n && wb_sv_eq(wb_sv(a.p + a.n - n, n), wb_sv(suffix, n)));
}

struct wb_sv wb_sv_trim(struct wb_sv a)
{
	while (a.n && is_blank(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

/* Bytes that a UTF-8 sequence with this first byte has. */
static size_t sequence_size(unsigned char lead)
{
	return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

struct wb_sv wb_sv_head(struct wb_sv a, size_t max)
{
	size_t lead, back;

	if (a.n <= max)
		return a;
	a.n = max;
	for (back = 1; back <= 3 && back <= max; back++) {
		lead = max - back;
		if (((unsigned char)a.p[lead] & 0xc0) == 0x80)
			continue;
		if (sequence_size((unsigned char)a.p[lead]) > back)
			a.n = lead;
		break;
	}
	return a;
}

bool wb_sv_cut(struct wb_sv *rest, char separator, struct wb_sv *ret_piece)
{
	const char *end;
	size_t n;

	if (rest->n == 0)
		return false;
	end = memchr(rest->p, separator, rest->n);
	n = end ? (size_t)(end - rest->p) : rest->n;
	*ret_piece = wb_sv(rest->p, n);
	n += end ? 1 : 0;
	*rest = wb_sv(rest->p + n, rest->n - n);
	return true;
}

/* Collects downwards, since INT64_MIN has no positive twin. */
bool wb_sv_i64(struct wb_sv a, int64_t *ret_value)
{
	bool negative = a.n && a.p[0] == '-';
	int64_t value = 0;
	size_t i = negative ? 1 : 0;

	if (i >= a.n)
		return false;
	for (; i < a.n; i++) {
		if (!is_digit(a.p[i]) || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, a.p[i] - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	*ret_value = value;
	return true;
}

/* Takes the digits at the start of *a off it. */
static struct wb_sv take_digits(struct wb_sv *a)
{
	struct wb_sv digits = { a->p, 0 };

	while (digits.n < a->n && is_digit(a->p[digits.n]))
		digits.n++;
	*a = wb_sv(a->p + digits.n, a->n - digits.n);
	return digits;
}

/* Milliseconds of a unit; 0 when there is no such unit. */
static int64_t unit_ms(struct wb_sv unit)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "", 1000 },       { "ms", 1 },          { "s", 1000 },
		      { "m", 60 * 1000 }, { "h", 3600 * 1000 }, { "d", (int64_t)24 * 3600 * 1000 } };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(units); i++) {
		if (wb_sv_eq(unit, wb_sv_str(units[i].name)))
			return units[i].ms;
	}
	return 0;
}

/* Digits after a point as milliseconds; nine of them are more than enough, and cannot overflow. */
static int64_t fraction_ms(struct wb_sv digits, int64_t unit)
{
	int64_t value = 0, scale = 1;
	size_t i;

	for (i = 0; i < digits.n && i < 9; i++) {
		value = value * 10 + (digits.p[i] - '0');
		scale *= 10;
	}
	return value * unit / scale;
}

bool wb_sv_duration_ms(struct wb_sv a, int64_t *ret_ms)
{
	struct wb_sv whole, fraction = { NULL, 0 };
	int64_t ms, unit;

	if (a.n == 0)
		return false;
	whole = take_digits(&a);
	if (a.n && a.p[0] == '.') {
		a = wb_sv(a.p + 1, a.n - 1);
		fraction = take_digits(&a);
		if (fraction.n == 0)
			return false;
	}
	unit = unit_ms(a);
	if (unit == 0 || !wb_sv_i64(whole, &ms) || __builtin_mul_overflow(ms, unit, &ms) ||
	    __builtin_add_overflow(ms, fraction_ms(fraction, unit), &ms))
		return false;
	*ret_ms = ms;
	return true;
}

bool wb_sv_copy(struct wb_sv a, char *buf, size_t size)
{
	struct wb_sv head;

	if (size == 0)
		return false;
	head = wb_sv_head(a, size - 1);
	if (head.n)
		memcpy(buf, head.p, head.n);
	buf[head.n] = '\0';
	return head.n == a.n;
}
