/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two checksums cover, and that the pieces in which bytes arrive do
 * not matter.
 */
#include "tests.h"

static void assert_sum(const unsigned char sum[32], const char *text)
{
	unsigned char expected[32];

	sha(text, expected);
	assert_memory_equal(sum, expected, 32);
}

static void line_ends_and_bom_do_not_count(void **state)
{
	static const char *const same[] = { "SELECT 1;\n\nSELECT 2;\n", "SELECT 1;\r\n\r\nSELECT 2;\r\n",
					    "SELECT 1;\r\rSELECT 2;\r", "\xEF\xBB\xBFSELECT 1;\n\nSELECT 2;\n",
					    "\xEF\xBB\xBFSELECT 1;\r\n\rSELECT 2;\n" };
	struct place *p = *state;

	for (size_t i = 0; i < WB_ARRAY_LEN(same); i++) {
		put(p, "V1__x.sql", same[i]);
		load(p);
		assert_no_problem(p);
		assert_sum(p->s->v[0]->checksum, same[0]);
		assert_int_equal(p->s->v[0]->size, strlen(same[i]));
	}
}

static void down_part_is_apart(void **state)
{
	static const unsigned char zero[32];
	struct place *p = *state;

	put(p, "1_a.sql", "-- head\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n");
	put(p, "2_b.sql",
	    "-- migrate:down\r\nSELECT 2;\r\n-- migrate:up\r\nSELECT 1;\r\n-- migrate:verify\r\nSELECT 3;");
	put(p, "3_c.sql", "SELECT 1;\n");
	load(p);
	assert_no_problem(p);
	assert_sum(p->s->v[0]->checksum, "-- head\n-- migrate:up\nSELECT 1;\n");
	assert_sum(p->s->v[0]->down_checksum, "-- migrate:down\nSELECT 2;\n");
	assert_sum(p->s->v[1]->checksum, "-- migrate:up\nSELECT 1;\n-- migrate:verify\nSELECT 3;");
	assert_sum(p->s->v[1]->down_checksum, "-- migrate:down\nSELECT 2;\n");
	assert_memory_equal(p->s->v[2]->down_checksum, zero, 32);
}

static void down_file_is_all_down(void **state)
{
	struct place *p = *state;

	put(p, "1_a.up.sql", "SELECT 1;\n");
	put(p, "1_a.down.sql", "\xEF\xBB\xBF-- DOWN\r\nSELECT 2;\r\n");
	load(p);
	assert_no_problem(p);
	assert_sum(p->s->v[0]->checksum, "SELECT 1;\n");
	assert_sum(p->s->v[0]->down_checksum, "-- DOWN\nSELECT 2;\n");
}

/* Every way to cut the text in three. */
static void pieces_do_not_matter(void **state)
{
	static const char *const texts[] = {
		"\xEF\xBB\xBFone\r\n-- DOWN\r\ntwo\r\r\n-- UP\nthree\r",
		"\xEF\xBB\r\n",
		"\xEF",
		"\xEF\xBB\xBF",
		"",
		"a\r\nb\rc\n\r\n",
	};
	struct wb_section sections[] = { { .kind = WB_SEC_UP, .heading = 3, .end = 8 },
					 { .kind = WB_SEC_DOWN, .heading = 8, .end = 23 },
					 { .kind = WB_SEC_UP, .heading = 23, .end = 35 } };
	(void)state;
	for (size_t t = 0; t < WB_ARRAY_LEN(texts); t++) {
		size_t n = strlen(texts[t]);
		unsigned char up[32], down[32], up2[32], down2[32];
		struct wb_part_hash h;
		wb_part_hash_init(&h, sections, 3, false);
		wb_part_hash_add(&h, texts[t], n);
		wb_part_hash_final(&h, up, down);
		for (size_t i = 0; i <= n; i++)
			for (size_t j = i; j <= n; j++) {
				wb_part_hash_init(&h, sections, 3, false);
				wb_part_hash_add(&h, texts[t], i);
				wb_part_hash_add(&h, texts[t] + i, j - i);
				wb_part_hash_add(&h, texts[t] + j, n - j);
				wb_part_hash_final(&h, up2, down2);
				assert_memory_equal(up, up2, 32);
				assert_memory_equal(down, down2, 32);
			}
	}
}

static void parts_are_those_of_the_sections(void **state)
{
	struct wb_section sections[] = { { .kind = WB_SEC_UP, .heading = 3, .end = 8 },
					 { .kind = WB_SEC_DOWN, .heading = 8, .end = 23 },
					 { .kind = WB_SEC_UP, .heading = 23, .end = 35 } };
	const char *text = "\xEF\xBB\xBFone\r\n-- DOWN\r\ntwo\r\r\n-- UP\nthree\r";
	unsigned char up[32], down[32];
	struct wb_part_hash h;

	(void)state;
	assert_int_equal(strlen(text), 35);
	wb_part_hash_init(&h, sections, 3, false);
	wb_part_hash_add(&h, text, 35);
	wb_part_hash_final(&h, up, down);
	assert_sum(up, "one\n-- UP\nthree\n");
	assert_sum(down, "-- DOWN\ntwo\n\n");
	wb_part_hash_init(&h, NULL, 0, true);
	wb_part_hash_add(&h, "\xEF\xBB", 2);
	wb_part_hash_final(&h, up, down);
	assert_sum(down, "\xEF\xBB");
}

int test_checksum(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(line_ends_and_bom_do_not_count),
		TEST(down_part_is_apart),
		TEST(down_file_is_all_down),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(parts_are_those_of_the_sections),
	};
	return RUN_GROUP("checksum");
}
