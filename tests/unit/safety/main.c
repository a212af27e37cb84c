/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the safety room: all groups, and what they share.
 */
#include "tests.h"

struct wb_world *empty_world(void)
{
	struct wb_world *w = wb_world_new();

	assert_non_null(w);
	return w;
}

struct wb_relation *seen(struct wb_world *w, const char *name)
{
	struct wb_relation *r = wb_world_add(w, NAME(name), WB_KIND_TABLE);

	assert_non_null(r);
	r->flags = WB_REL_SEEN;
	r->rows = 1000;
	r->bytes = 1000000;
	r->index_bytes = 100000;
	return r;
}

void column(struct wb_relation *r, const char *name, const char *type, unsigned flags)
{
	struct wb_world_column c = { .name = name, .type = type, .flags = flags };

	assert_true(wb_vec_push(&r->columns, c));
}

struct wb_effect judged(struct wb_world *w, struct wb_operation op)
{
	struct wb_effect e;

	assert_int_equal(wb_judge(w, &op, &e, NULL), 0);
	return e;
}

struct wb_touch touch_of(const struct wb_effect *e, const char *name)
{
	for (size_t i = 0; i < e->touches.n; i++)
		if (!strcmp(e->touches.v[i].name.name, name))
			return e->touches.v[i];
	return (struct wb_touch){ 0 };
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
