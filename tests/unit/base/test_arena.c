/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena: zeroed, aligned, disjoint pieces, and refusal of absurd sizes.
 */
#include "tests.h"

static bool is_zero(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i])
			return false;
	}
	return true;
}

static void pieces_are_zeroed_aligned_and_disjoint(void **state)
{
	enum { N = 400 };
	wb_autoarena a = WB_ARENA_INIT;
	unsigned char *piece[N];
	size_t size[N], i, total = 0;

	(void)state;
	for (i = 0; i < N; i++) {
		size[i] = i % 17 == 0 ? i * 700 + 1 : i % 61 + 1; /* up to 280 kB: small, block sized, bigger */
		total += size[i];
		piece[i] = wb_arena_alloc(&a, size[i]);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		assert_true(is_zero(piece[i], size[i]));
		memset(piece[i], (int)(i % 255 + 1), size[i]);
	}
	for (i = 0; i < N; i++) {
		assert_int_equal(piece[i][0], i % 255 + 1);
		assert_int_equal(memcmp(piece[i], piece[i] + 1, size[i] - 1), 0);
	}
	assert_int_equal(a.total, total);
}

static void refuses_what_cannot_be(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	size_t whole = SIZE_MAX; /* not a constant, or the compiler objects */

	(void)state;
	assert_null(wb_arena_alloc(&a, whole));
	assert_null(wb_arena_alloc(&a, whole - 8));
	assert_null(wb_arena_alloc(&a, whole / 2));
	assert_null(wb_arena_array(&a, whole / 2, 3));
	assert_null(wb_arena_array(&a, 3, whole / 2));
	assert_null(wb_arena_sv(&a, wb_sv("x", whole)));
	assert_null(wb_arena_str(&a, NULL));
	assert_int_equal(a.total, 0);
	assert_non_null(wb_arena_alloc(&a, 1));
}

static void nothing_is_something(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	char *first = wb_arena_alloc(&a, 0), *second = wb_arena_array(&a, 0, 100);

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
}

static void copies_text(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	char *text = wb_arena_str(&a, "whimbrel"), *part = wb_arena_sv(&a, wb_sv("whimbrel", 4));

	(void)state;
	assert_string_equal(text, "whimbrel");
	assert_string_equal(part, "whim");
	assert_string_equal(wb_arena_sv(&a, wb_sv(NULL, 0)), "");
	assert_string_equal(wb_arena_printf(&a, "%s-%05d", "v", 42), "v-00042");
	assert_string_equal(wb_arena_printf(&a, "%s", ""), "");
	assert_int_equal(strlen(wb_arena_printf(&a, "%*d", 9000, 7)), 9000);
	assert_string_equal(text, "whimbrel");
}

static void can_be_used_again(void **state)
{
	struct wb_arena a = WB_ARENA_INIT;

	(void)state;
	assert_non_null(wb_arena_alloc(&a, 100000));
	wb_arena_done(&a);
	assert_null(a.head);
	assert_int_equal(a.total, 0);
	assert_non_null(wb_arena_alloc(&a, 1));
	wb_arena_done(&a);
	wb_arena_done(&a);
}

/* Small pieces after a big one still go into the block that was in use. */
static void a_big_piece_wastes_nothing(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_arena_block *head;

	(void)state;
	assert_non_null(wb_arena_alloc(&a, 16));
	head = a.head;
	assert_non_null(wb_arena_alloc(&a, 1000000));
	assert_ptr_equal(a.head, head);
}

static int fill(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	int i;

	for (i = 0; i < 100; i++) {
		if (!wb_arena_alloc(&a, *(size_t *)user) || !wb_arena_printf(&a, "%d", i))
			return WB_ENOMEM;
	}
	return 0;
}

static void survives_lack_of_memory(void **state)
{
	size_t small = 100, big = 300000;

	(void)state;
	assert_true(wb_oom_run(fill, &small) >= 3);
	assert_true(wb_oom_run(fill, &big) >= 100);
}

int test_arena(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_disjoint),
		cmocka_unit_test(refuses_what_cannot_be),
		cmocka_unit_test(nothing_is_something),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(can_be_used_again),
		cmocka_unit_test(a_big_piece_wastes_nothing),
		cmocka_unit_test(survives_lack_of_memory),
	};

	return RUN_GROUP("arena");
}
