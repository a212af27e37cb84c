/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the schema room: all groups, and what they share.
 */
#include "tests.h"

#include "base/base.h"

void check_ok(int rc, const struct wb_error *err, const char *file, int line)
{
	if (rc == 0)
		return;
	print_error("%s %s: %s (%s)\n", wb_code_name(rc), err->message, err->detail, err->hint);
	_fail(file, line);
}

static bool add_spec(struct wb_model *m, const struct spec *s)
{
	struct wb_object *o = wb_model_add(m, s->kind, s->schema, s->parent, s->name);

	for (size_t i = 0; o && i < WB_ARRAY_LEN(s->attrs) && s->attrs[i]; i += 2)
		if (!wb_object_set(m, o, s->attrs[i], s->attrs[i + 1]))
			return false;
	return o;
}

/* By its name; or, of a column, with its table's before it. */
static bool is_called(const struct wb_object *o, const char *name)
{
	size_t n = o->parent ? strlen(o->parent) : 0;

	return strcmp(o->name, name) == 0 ||
	       (n && strncmp(o->parent, name, n) == 0 && name[n] == '.' && strcmp(o->name, name + n + 1) == 0);
}

/* Objects still stand in the order of the specs. */
static bool add_needs(struct wb_model *m, const struct spec *v, size_t i)
{
	for (size_t k = 0; k < WB_ARRAY_LEN(v[i].needs) && v[i].needs[k]; k++)
		for (size_t j = 0; j < m->n; j++)
			if (is_called(m->v[j], v[i].needs[k]) && !wb_object_need(m, m->v[i], m->v[j]))
				return false;
	return true;
}

struct wb_model *model_from(const char *engine, const struct spec *v, size_t n)
{
	struct wb_model *m = wb_model_new(engine, NULL);
	bool ok = m;

	for (size_t i = 0; ok && i < n; i++)
		ok = add_spec(m, &v[i]);
	for (size_t i = 0; ok && i < n; i++)
		ok = add_needs(m, v, i);
	if (ok && wb_model_finish(m, NULL) == 0)
		return m;
	wb_model_free(m);
	return NULL;
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
