/* SPDX-License-Identifier: Apache-2.0
 *
 * Models are built in any order and then know their own: objects, attributes
 * and needs sorted, owners found, nothing there twice.
 */
#include "tests.h"

#include "base/base.h"

static void test_order_does_not_matter(void **state)
{
	static const char *const names[] = { "b", "a", "", "B", "\xc3\xa9", "aa", "c", "a b" };
	static const char *const sorted[] = { "", "B", "a", "a b", "aa", "b", "c", "\xc3\xa9" };

	(void)state;
	for (size_t shift = 0; shift < WB_ARRAY_LEN(names); shift++) {
		struct wb_model *m = wb_model_new("postgresql", NULL);
		struct wb_error err;

		for (size_t i = 0; i < WB_ARRAY_LEN(names); i++)
			assert_non_null(
				wb_model_add(m, WB_KIND_TABLE, NULL, NULL, names[(i + shift) % WB_ARRAY_LEN(names)]));
		assert_int_equal(wb_model_finish(m, &err), 0);
		for (size_t i = 0; i < WB_ARRAY_LEN(sorted); i++)
			assert_string_equal(m->v[i]->name, sorted[i]);
		wb_model_free(m);
	}
}

static void test_identity_orders(void **state)
{
	struct wb_object a = { .kind = WB_KIND_TABLE, .name = "z" }, b = { .kind = WB_KIND_COLUMN, .name = "a" };
	struct wb_object c = { .kind = WB_KIND_TABLE, .schema = "s", .name = "a" };
	struct wb_object d = { .kind = WB_KIND_TABLE, .schema = "s", .parent = "p", .name = "a" };

	(void)state;
	assert_true(wb_object_cmp(&a, &b) < 0);
	assert_true(wb_object_cmp(&a, &c) < 0);
	assert_true(wb_object_cmp(&c, &a) > 0);
	assert_true(wb_object_cmp(&c, &d) < 0);
	assert_int_equal(wb_object_cmp(&d, &d), 0);
}

static void test_texts_are_copied(void **state)
{
	char name[] = "name", value[] = "value", engine[] = "sqlite", server[] = "SQLite 3";
	struct wb_model *m = wb_model_new(engine, server);
	struct wb_object *o = wb_model_add(m, WB_KIND_TABLE, name, name, name);

	(void)state;
	assert_true(wb_object_set(m, o, "key", value));
	memset(name, 'x', 4);
	memset(value, 'x', 5);
	memset(engine, 'x', 6);
	memset(server, 'x', 8);
	assert_string_equal(o->name, "name");
	assert_string_equal(o->schema, "name");
	assert_string_equal(o->parent, "name");
	assert_string_equal(o->attrs[0].value, "value");
	assert_string_equal(m->engine, "sqlite");
	assert_string_equal(m->server, "SQLite 3");
	wb_model_free(m);
}

static void test_attributes(void **state)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_object *o = wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "t");
	struct wb_error err;
	char keys[40][8];

	(void)state;
	for (int i = 0; i < 40; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "k%02d", (i * 17) % 40);
		assert_true(wb_object_set(m, o, keys[i], keys[i] + 1));
	}
	assert_true(wb_object_set(m, o, "absent", NULL));
	assert_true(wb_object_set(m, o, "empty", ""));
	assert_int_equal(wb_model_finish(m, &err), 0);
	assert_int_equal(o->n_attrs, 41);
	for (int i = 0; i < 40; i++)
		assert_string_equal(wb_object_get(o, keys[i]), keys[i] + 1);
	assert_null(wb_object_get(o, "absent"));
	assert_null(wb_object_get(o, "k"));
	assert_null(wb_object_get(o, "zz"));
	assert_string_equal(wb_object_get(o, "empty"), "");
	wb_model_free(m);
}

static void test_needs(void **state)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_object *v = wb_model_add(m, WB_KIND_VIEW, NULL, NULL, "v"), *t[3];
	struct wb_error err;

	(void)state;
	for (int i = 0; i < 3; i++)
		t[i] = wb_model_add(m, WB_KIND_TABLE, NULL, NULL, (const char *[]){ "c", "a", "b" }[i]);
	for (int i = 0; i < 6; i++)
		assert_true(wb_object_need(m, v, t[i % 3]));
	assert_int_equal(wb_model_finish(m, &err), 0);
	assert_int_equal(v->n_needs, 3);
	assert_ptr_equal(v->needs[0], t[1]);
	assert_ptr_equal(v->needs[1], t[2]);
	assert_ptr_equal(v->needs[2], t[0]);
	wb_model_free(m);
}

/* Of tables and views of one name, that of a part's own schema. */
static void test_owners(void **state)
{
	static const enum wb_kind kinds[] = { WB_KIND_TABLE,  WB_KIND_VIEW,          WB_KIND_MATERIALIZED_VIEW,
					      WB_KIND_DOMAIN, WB_KIND_FOREIGN_TABLE, WB_KIND_COMPOSITE,
					      WB_KIND_SERVER, WB_KIND_VIRTUAL_TABLE };
	struct wb_error err;

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(kinds); i++) {
		struct wb_model *m = wb_model_new("postgresql", NULL);
		struct wb_object *lost = wb_model_add(m, WB_KIND_COLUMN, "s", "gone", "c");
		struct wb_object *part = wb_model_add(m, WB_KIND_COLUMN, "s", "o", "c");
		struct wb_object *other = wb_model_add(m, kinds[i], "r", NULL, "o");
		struct wb_object *owner = wb_model_add(m, kinds[i], "s", NULL, "o");

		assert_int_equal(wb_model_finish(m, &err), 0);
		assert_ptr_equal(part->owner, owner);
		assert_null(lost->owner);
		assert_null(owner->owner);
		assert_null(other->owner);
		wb_model_free(m);
	}
}

static void test_twice(void **state)
{
	struct wb_model *m = wb_model_new("postgresql", NULL);
	struct wb_error err;

	(void)state;
	assert_non_null(wb_model_add(m, WB_KIND_COLUMN, "s", "t", "Odd"));
	assert_non_null(wb_model_add(m, WB_KIND_COLUMN, "s", "t", "odd"));
	assert_non_null(wb_model_add(m, WB_KIND_COLUMN, "s", "t", "Odd"));
	assert_int_equal(wb_model_finish(m, &err), WB_EBUG);
	assert_string_equal(err.message, "two objects are the column s.t.\"Odd\"");
	wb_model_free(m);
}

static void test_empty(void **state)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_model_finish(m, &err), 0);
	assert_null(wb_model_find(m, WB_KIND_TABLE, NULL, NULL, "t"));
	assert_null(m->server);
	wb_model_free(m);
	wb_model_free(NULL);
}

static bool add_all(struct wb_model *m)
{
	struct wb_object *first = NULL;

	for (int i = 0; i < 12; i++) {
		char name[8];
		struct wb_object *o;

		(void)snprintf(name, sizeof(name), "t%d", i);
		o = wb_model_add(m, i % 2 ? WB_KIND_VIEW : WB_KIND_TABLE, "s", i > 8 ? "t0" : NULL, name);
		first = first ? first : o;
		if (!o || !wb_object_need(m, first, o))
			return false;
		for (int j = 0; j < 6; j++)
			if (!wb_object_set(m, o, (const char *[]){ "a", "b", "c", "d", "e", "f" }[j], name))
				return false;
	}
	return true;
}

static int build_life(void *user)
{
	struct wb_model *m = wb_model_new("sqlite", "SQLite 3");
	struct wb_error err;
	int rc;

	(void)user;
	if (!m)
		return WB_ENOMEM;
	rc = add_all(m) ? wb_model_finish(m, &err) : WB_ENOMEM;
	wb_model_free(m);
	return rc;
}

static int twice_life(void *user)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_error err;
	int rc;

	(void)user;
	if (!m)
		return WB_ENOMEM;
	rc = wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "t") && wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "t")
		     ? wb_model_finish(m, &err)
		     : WB_ENOMEM;
	wb_model_free(m);
	return rc == WB_EBUG ? 0 : rc;
}

static void test_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(build_life, NULL) > 3);
	assert_true(wb_oom_run(twice_life, NULL) > 1);
}

int test_build(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_identity_orders),
		cmocka_unit_test(test_texts_are_copied),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("building");
}
