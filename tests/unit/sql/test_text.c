/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops over raw text against slow and simple ones.
 */
#include "tests.h"

#include "sql/text.h"

/* Decodes one character; 0 when it is none, -1 when it is cut. */
static int decode(const unsigned char *p, size_t n)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int size = p[0] < 0x80             ? 1
		   : (p[0] & 0xe0) == 0xc0 ? 2
		   : (p[0] & 0xf0) == 0xe0 ? 3
		   : (p[0] & 0xf8) == 0xf0 ? 4
					   : 0;
	unsigned value = size == 1 ? p[0] : size ? p[0] & (0x7fu >> size) : 0;
	int i;

	if (size == 1)
		return p[0] ? 1 : 0;
	for (i = 1; i < size && (size_t)i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (size == 0)
		return 0;
	if (i < size) {
		/* What can still become a character? Fill up with the least and the most. */
		unsigned low = value << (6 * (size - i)), high = low | ((1u << (6 * (size - i))) - 1);
		bool possible = high >= least[size] && low <= 0x10ffff && !(low >= 0xd800 && high <= 0xdfff);

		return possible ? -1 : 0;
	}
	return value >= least[size] && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff) ? size : 0;
}

static void check_utf8(const unsigned char *p, size_t n)
{
	enum wb_text_fault fault, expected = WB_TEXT_FINE;
	size_t at = 0;

	while (at < n) {
		int size = decode(p + at, n - at);

		if (size <= 0) {
			expected = size < 0 ? WB_TEXT_CUT : p[at] ? WB_TEXT_NOT_UTF8 : WB_TEXT_NUL;
			break;
		}
		at += (size_t)size;
	}
	assert_int_equal(wb_text_valid(wb_sv((const char *)p, n), &fault), at);
	assert_int_equal(fault, expected);
}

/* Every sequence of up to three bytes; of four, all from a sample of last bytes. */
static void all_short_sequences(void **state)
{
	static const unsigned char tails[] = { 'a', 0x80, 0xbf, 0xc0 };
	unsigned a, b, c;
	size_t i;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			unsigned char p[4] = { (unsigned char)a, (unsigned char)b };

			check_utf8(p, 1);
			check_utf8(p, 2);
			if (a < 0xc0)
				continue;
			for (c = 0x7e; c<256; c += c> 0x80 && c < 0xbf ? 2 : 1) {
				p[2] = (unsigned char)c;
				check_utf8(p, 3);
				for (i = 0; a >= 0xf0 && i < sizeof(tails); i++) {
					p[3] = tails[i];
					check_utf8(p, 4);
				}
			}
		}
	}
}

/* Faults at each place round the eight-byte steps, in ASCII and in other text. */
static void faults_at_any_place(void **state)
{
	static const struct wb_sv faults[] = { { "\0", 1 },   { "\xff", 1 },         { "\xc3", 1 },
					       { "\x80", 1 }, { "\xed\xa0\x80", 3 }, { "\xe2\x82", 2 } };
	static const char *const fillers[] = { "abcdefg", "é", "日", "😀", "aé" };
	size_t i, k, n;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(fillers); i++) {
		for (k = 0; k < WB_ARRAY_LEN(faults); k++) {
			for (n = 0; n < 40; n++) {
				wb_autostr s = WB_STR_INIT;
				size_t j;

				for (j = 0; j < n; j++) {
					if (i == 0)
						wb_str_addc(&s, 'a');
					else
						wb_str_add(&s, fillers[i]);
				}
				check_utf8((const unsigned char *)s.p, s.n);
				wb_str_addsv(&s, faults[k]);
				check_utf8((const unsigned char *)s.p, s.n);
				wb_str_add(&s, "bcdefghijkl");
				check_utf8((const unsigned char *)s.p, s.n);
			}
		}
	}
}

static void advance_simply(struct wb_pos *pos, const char *p, size_t n, bool *after_cr)
{
	size_t i;

	for (i = 0; i < n; i++) {
		pos->offset++;
		if (p[i] == '\n' && *after_cr) {
			pos->column = 1;
		} else if (p[i] == '\n' || p[i] == '\r') {
			pos->line++;
			pos->column = 1;
		} else {
			pos->column++;
		}
		*after_cr = p[i] == '\r';
	}
}

/* Random lines, walked in random steps. */
static void lines(void **state)
{
	uint64_t seed = 7;
	int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		struct wb_text_cursor c = { .pos = { 0, 1, 1 } };
		struct wb_pos expected = c.pos;
		bool after_cr = false;
		char text[200];
		size_t at, step, i;

		for (i = 0; i < sizeof(text); i++)
			text[i] = (round % 2 ? "abc\n\r\v"
					     : "abcdefgh\n\n\x8a\x0b")[next_random(&seed) % (round % 2 ? 6 : 12)];
		for (at = 0; at < sizeof(text); at += step) {
			step = 1 + next_random(&seed) % 60;
			if (step > sizeof(text) - at)
				step = sizeof(text) - at;
			wb_text_advance(&c, wb_sv(text + at, step));
			advance_simply(&expected, text + at, step, &after_cr);
			assert_int_equal(c.pos.line, expected.line);
			assert_int_equal(c.pos.column, expected.column);
			assert_int_equal(c.pos.offset, expected.offset);
		}
	}
}

static void ends_of_data(void **state)
{
	uint64_t seed = 11;
	int round;

	(void)state;
	for (round = 0; round < 5000; round++) {
		char text[64];
		size_t n = next_random(&seed) % sizeof(text), i;

		for (i = 0; i < n; i++)
			text[i] = "\n\\.\n\\ab"[next_random(&seed) % 7];
		for (i = 0; i + 3 <= n && memcmp(text + i, "\n\\.", 3) != 0; i++)
			;
		assert_ptr_equal(wb_text_find_data_end(wb_sv(text, n)), i + 3 <= n ? text + i : NULL);
	}
}

int test_text(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_short_sequences),
		cmocka_unit_test(faults_at_any_place),
		cmocka_unit_test(lines),
		cmocka_unit_test(ends_of_data),
	};
	return RUN_GROUP("text");
}
