/* SPDX-License-Identifier: Apache-2.0
 *
 * The typed array and the map.
 */
#include "tests.h"

enum { MANY = 5000 };

static void vec_keeps_its_items(void **state)
{
	WB_VEC(struct wb_sv) v = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		assert_true(wb_vec_push(&v, wb_sv(NULL, i)));
	assert_int_equal(v.n, MANY);
	for (i = 0; i < MANY; i++)
		assert_int_equal(v.v[i].n, i);
	wb_vec_done(&v);
	assert_null(v.v);
	assert_int_equal(v.cap, 0);
}

static void vec_refuses_overflow(void **state)
{
	void *p = NULL;
	size_t cap = SIZE_MAX / 2 + 1;

	(void)state;
	assert_false(wb_vec_grow(&p, cap, &cap, 1));
	cap = 0;
	assert_false(wb_vec_grow(&p, 0, &cap, SIZE_MAX / 2));
	assert_null(p);
	assert_int_equal(cap, 0);
}

static void map_finds_what_was_put(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_map m = { 0 };
	char *keys[MANY], probe[16];
	size_t i;

	(void)state;
	assert_null(wb_map_get(&m, WB_SV("none")));
	for (i = 0; i < MANY; i++) {
		keys[i] = wb_arena_printf(&a, "key%zu", i * 7);
		assert_true(wb_map_put(&m, wb_sv_str(keys[i]), keys[i]));
	}
	assert_int_equal(m.n, MANY);
	for (i = 0; i < MANY * 7; i++) {
		(void)snprintf(probe, sizeof(probe), "key%zu", i);
		assert_ptr_equal(wb_map_get(&m, wb_sv_str(probe)), i % 7 ? NULL : keys[i / 7]);
	}
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(m.entries[i].value, keys[i]); /* in the order of insertion */
	wb_map_done(&m);
	assert_null(wb_map_get(&m, WB_SV("key0")));
}

static void map_replaces(void **state)
{
	struct wb_map m = { 0 };
	int one, two;

	(void)state;
	assert_true(wb_map_put(&m, wb_sv("a\0b", 3), &one));
	assert_true(wb_map_put(&m, WB_SV("a"), &one));
	assert_true(wb_map_put(&m, WB_SV(""), &one));
	assert_true(wb_map_put(&m, WB_SV("a"), &two));
	assert_true(wb_map_put(&m, wb_sv(NULL, 0), &two));
	assert_int_equal(m.n, 3);
	assert_ptr_equal(wb_map_get(&m, wb_sv("a\0b", 3)), &one);
	assert_ptr_equal(wb_map_get(&m, WB_SV("a")), &two);
	assert_ptr_equal(wb_map_get(&m, WB_SV("")), &two);
	assert_true(wb_sv_eq(m.entries[1].key, WB_SV("a")));
	wb_map_done(&m);
}

static int fill(void *user)
{
	static const char keys[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	struct wb_map m = { 0 };
	size_t i;
	int rc = 0;

	(void)user;
	for (i = 0; i < 50 && rc == 0; i++)
		rc = wb_map_put(&m, wb_sv(keys + i % 30, i / 30 + 1), &m) ? 0 : WB_ENOMEM;
	for (i = 0; i < m.n; i++)
		assert_ptr_equal(wb_map_get(&m, m.entries[i].key), &m);
	wb_map_done(&m);
	return rc;
}

static void survives_lack_of_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(fill, NULL) >= 6);
}

int test_map(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vec_keeps_its_items),     cmocka_unit_test(vec_refuses_overflow),
		cmocka_unit_test(map_finds_what_was_put),  cmocka_unit_test(map_replaces),
		cmocka_unit_test(survives_lack_of_memory),
	};

	return RUN_GROUP("vec and map");
}
