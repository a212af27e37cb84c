/* SPDX-License-Identifier: Apache-2.0
 *
 * A word of eight bytes is loaded with memcpy, whatever its alignment. Bytes of
 * a mask that are non-zero mark the bytes of the word that were looked for.
 */
#include "sql/text.h"

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))
#define HIGH EACH(0x80)

static inline uint64_t load(const char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return word;
}

/* The high bit of each byte that is zero; exact, no carries between bytes. */
static inline uint64_t zeros(uint64_t word)
{
	return ~(((word & ~HIGH) + ~HIGH) | word) & HIGH;
}

/* ---- UTF-8 ---------------------------------------------------------------- */

/* By first byte from 0xc2: how many bytes follow, and the range of the second (it keeps out overlong
 * forms, surrogates, and what lies past U+10FFFF). */
static const struct {
	unsigned char follow, low, high;
} leads[256] = {
	[0xc2 ... 0xdf] = { 1, 0x80, 0xbf }, [0xe0] = { 2, 0xa0, 0xbf },          [0xe1 ... 0xec] = { 2, 0x80, 0xbf },
	[0xed] = { 2, 0x80, 0x9f },          [0xee ... 0xef] = { 2, 0x80, 0xbf }, [0xf0] = { 3, 0x90, 0xbf },
	[0xf1 ... 0xf3] = { 3, 0x80, 0xbf }, [0xf4] = { 3, 0x80, 0x8f },
};

/* Length of the character at p; 0 when it is none, -1 when it is cut. */
static int character(const unsigned char *p, size_t n)
{
	if (p[0] - 1u < 0x7f)
		return 1;
	unsigned follow = leads[p[0]].follow, low = leads[p[0]].low, high = leads[p[0]].high;
	if (!follow)
		return 0;
	for (unsigned i = 1; i <= follow; i++) {
		if (i == n)
			return -1;
		if (p[i] < low || p[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return (int)follow + 1;
}

size_t wb_text_valid(struct wb_sv text, enum wb_text_fault *ret_fault)
{
	size_t at = 0;
	*ret_fault = WB_TEXT_FINE;
	while (at < text.n) {
		/* A byte that is zero borrows, one from 0x80 has the bit: neither passes. */
		while (text.n - at >= 8) {
			uint64_t word = load(text.p + at);
			if ((word | (word - EACH(1))) & HIGH)
				break;
			at += 8;
		}
		for (size_t stop = text.n - at > 8 ? at + 8 : text.n; at < stop;) {
			int n = character((const unsigned char *)text.p + at, text.n - at);
			if (n <= 0) {
				*ret_fault = n < 0 ? WB_TEXT_CUT : text.p[at] ? WB_TEXT_NOT_UTF8 : WB_TEXT_NUL;
				return at;
			}
			at += (size_t)n;
		}
	}
	return at;
}

/* ---- lines ------------------------------------------------------------------ */

static size_t count(struct wb_sv text, char c)
{
	uint64_t sought = EACH((unsigned char)c);
	size_t at = 0, found = 0;
	for (; text.n - at >= 8; at += 8)
		found += ((zeros(load(text.p + at) ^ sought) >> 7) * EACH(1)) >> 56;
	for (; at < text.n; at++)
		found += text.p[at] == c;
	return found;
}

static void advance_slowly(struct wb_text_cursor *c, struct wb_sv text)
{
	for (size_t i = 0; i < text.n; i++) {
		char byte = text.p[i];
		if (byte == '\r' || (byte == '\n' && !c->after_cr))
			c->pos.line++;
		c->pos.column = byte == '\r' || byte == '\n' ? 1 : c->pos.column + 1;
		c->after_cr = byte == '\r';
	}
}

void wb_text_advance(struct wb_text_cursor *c, struct wb_sv text)
{
	if (text.n == 0)
		return;
	c->pos.offset += text.n;
	if (c->after_cr || memchr(text.p, '\r', text.n)) {
		advance_slowly(c, text);
		return;
	}
	const char *last = memrchr(text.p, '\n', text.n);
	if (!last) {
		c->pos.column += (unsigned)text.n;
		return;
	}
	c->pos.line += (unsigned)count(text, '\n');
	c->pos.column = (unsigned)(text.p + text.n - last);
}

/* ---- COPY data ---------------------------------------------------------------- */

const char *wb_text_find_data_end(struct wb_sv text)
{
	size_t at = 0;
	for (; text.n - at >= 10; at += 8) {
		uint64_t breaks = zeros(load(text.p + at) ^ EACH('\n'));
		uint64_t slashes = zeros(load(text.p + at + 1) ^ EACH('\\'));
		uint64_t points = zeros(load(text.p + at + 2) ^ EACH('.'));
		if (breaks & slashes & points)
			break;
	}
	return memmem(text.p + at, text.n - at, "\n\\.", 3);
}
