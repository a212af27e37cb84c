/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 and columns without the C library's locale, which would cost start-up
 * time and give other answers on other machines.
 */
#include "report/text.h"

#include <stdio.h>

#include "base/banned.h"

#define REPLACEMENT 0xFFFDu

struct range {
	uint32_t first, last;
};

static const struct range zero_width[] = {
	{ 0x0300, 0x036F }, { 0x0483, 0x0489 },   { 0x0591, 0x05BD },   { 0x0610, 0x061A }, { 0x064B, 0x065F },
	{ 0x06D6, 0x06DC }, { 0x0900, 0x0902 },   { 0x0941, 0x0948 },   { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A },
	{ 0x0E47, 0x0E4E }, { 0x1AB0, 0x1AFF },   { 0x1DC0, 0x1DFF },   { 0x200B, 0x200F }, { 0x202A, 0x202E },
	{ 0x2060, 0x2064 }, { 0x2066, 0x206F },   { 0x20D0, 0x20F0 },   { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
	{ 0xFEFF, 0xFEFF }, { 0x1F3FB, 0x1F3FF }, { 0xE0100, 0xE01EF },
};

static const struct range two_wide[] = {
	{ 0x1100, 0x115F },   { 0x231A, 0x231B }, { 0x23E9, 0x23EC },   { 0x2614, 0x2615 },   { 0x26A1, 0x26A1 },
	{ 0x2705, 0x2705 },   { 0x274C, 0x274C }, { 0x2E80, 0x303E },   { 0x3041, 0x33FF },   { 0x3400, 0x4DBF },
	{ 0x4E00, 0x9FFF },   { 0xA000, 0xA4CF }, { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE4F },
	{ 0xFF00, 0xFF60 },   { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
	{ 0x20000, 0x3FFFD },
};

static bool in_ranges(uint32_t c, const struct range *v, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > v[mid].last)
			lo = mid + 1;
		else if (c < v[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}

/* Length that the lead byte announces; 0 when it cannot lead. */
static size_t lead_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if ((lead & 0xF0) == 0xE0)
		return 3;
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t wb_utf8_next(struct wb_sv s, uint32_t *ret_char)
{
	static const unsigned char mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n, i;
	uint32_t c;

	*ret_char = REPLACEMENT;
	if (s.n == 0)
		return 0;
	n = lead_length(p[0]);
	if (n == 0 || n > s.n)
		return 1;
	c = p[0] & mask[n];
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 1;
	*ret_char = c;
	return n;
}

unsigned wb_char_width(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (in_ranges(c, zero_width, WB_ARRAY_LEN(zero_width)))
		return 0;
	return in_ranges(c, two_wide, WB_ARRAY_LEN(two_wide)) ? 2 : 1;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* Marks that turn the direction of writing can make a text look like another. */
static bool is_steering(uint32_t c)
{
	return is_control(c) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

unsigned wb_text_width(struct wb_sv s)
{
	unsigned width = 0;
	uint32_t c;
	size_t n;

	for (; (n = wb_utf8_next(s, &c)) > 0; s.p += n, s.n -= n)
		width += is_steering(c) ? 1 : wb_char_width(c);
	return width;
}

static void add_char(struct wb_str *out, struct wb_sv s, size_t n, uint32_t c)
{
	if (is_steering(c))
		wb_str_addc(out, ' ');
	else if (c == REPLACEMENT)
		wb_str_add(out, "\xEF\xBF\xBD");
	else
		wb_str_addn(out, s.p, n);
}

void wb_text_clean(struct wb_str *out, struct wb_sv s, unsigned columns)
{
	bool cut = columns > 0 && wb_text_width(s) > columns;
	unsigned room = !cut ? 0 : columns > 3 ? columns - 3 : columns, used = 0;
	uint32_t c;
	size_t n;

	for (; (n = wb_utf8_next(s, &c)) > 0; s.p += n, s.n -= n) {
		unsigned width = is_steering(c) ? 1 : wb_char_width(c);

		if (cut && used + width > room)
			break;
		add_char(out, s, n, c);
		used += width;
	}
	if (cut && columns > 3)
		wb_str_add(out, "...");
}

void wb_text_squeeze(struct wb_str *out, struct wb_sv s)
{
	bool blank = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		bool space = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');

		if (!space || !blank)
			wb_str_addc(out, space ? ' ' : s.p[i]);
		blank = space;
	}
}

void wb_text_block(struct wb_str *out, struct wb_sv s)
{
	uint32_t c;
	size_t n;

	for (; (n = wb_utf8_next(s, &c)) > 0; s.p += n, s.n -= n) {
		if (c == '\t' || c == '\n')
			wb_str_addc(out, (char)c);
		else if (c != '\r')
			add_char(out, s, n, c);
	}
}

const char *wb_text_count(int64_t n, const char *noun, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%lld %s%s", (long long)n, noun, n == 1 ? "" : "s");
	return buf;
}

/* Of a thousand, as disks are sold. */
void wb_text_bytes(struct wb_str *out, int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double n = (double)bytes;
	size_t i = 0;

	while (n >= 999.5 && i + 1 < WB_ARRAY_LEN(units)) {
		n /= 1000;
		i++;
	}
	wb_str_addf(out, i && n < 99.95 ? "%.1f %s" : "%.0f %s", n, units[i]);
}
