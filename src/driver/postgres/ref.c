/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing with linear probing, at most half full. There is no removal.
 */
#include "driver/postgres/ref.h"

#include "base/banned.h"

#define CAP_MIN ((size_t)1024)
#define NEAR 8u

static bool take_number(struct wb_sv *rest, uint32_t *ret_n)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < rest->n && rest->p[i] != ':'; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9' || n > UINT32_MAX)
			return false;
		n = n * 10 + (uint64_t)(rest->p[i] - '0');
	}
	if (i == 0 || n > UINT32_MAX)
		return false;
	*ret_n = (uint32_t)n;
	*rest = i < rest->n ? wb_sv(rest->p + i + 1, rest->n - i - 1) : wb_sv(rest->p + i, 0);
	return true;
}

bool wb_pg_ref_parse(struct wb_sv text, struct wb_pg_ref *ret_ref)
{
	*ret_ref = (struct wb_pg_ref){ 0 };
	if (!take_number(&text, &ret_ref->class) || !take_number(&text, &ret_ref->oid))
		return false;
	return text.n == 0 || (take_number(&text, &ret_ref->part) && text.n == 0);
}

bool wb_pg_ref_cells(const struct wb_sv *cells, struct wb_pg_ref *ret_ref)
{
	struct wb_sv class = cells[0], oid = cells[1], part = cells[2];

	return take_number(&class, &ret_ref->class) && take_number(&oid, &ret_ref->oid) &&
	       take_number(&part, &ret_ref->part);
}

static struct wb_pg_ref_entry *find(const struct wb_pg_refs *t, struct wb_pg_ref ref)
{
	/* The upper half of each product depends on all of its number. Some columns of a table are neighbours: what
	 * asks for one asks for others. */
	uint64_t h = ref.oid * 0x9e3779b97f4a7c15u ^ ref.class * 0xc2b2ae3d27d4eb4fu ^
		     (ref.part / NEAR) * 0xd6e8feb86659fd93u;
	size_t i = ((size_t)(h >> 32) + ref.part % NEAR) & (t->cap - 1);

	while (t->v[i].value &&
	       (t->v[i].ref.oid != ref.oid || t->v[i].ref.part != ref.part || t->v[i].ref.class != ref.class))
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

static bool grow(struct wb_pg_refs *t)
{
	struct wb_pg_refs more = { .n = t->n, .cap = t->cap ? t->cap * 2 : CAP_MIN };

	if (t->n < t->cap / 2)
		return true;
	more.v = calloc(more.cap, sizeof(*more.v));
	if (!more.v)
		return false;
	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].value)
			*find(&more, t->v[i].ref) = t->v[i];
	free(t->v);
	*t = more;
	return true;
}

bool wb_pg_refs_put(struct wb_pg_refs *t, struct wb_pg_ref ref, void *value)
{
	struct wb_pg_ref_entry *e;

	if (!grow(t))
		return false;
	e = find(t, ref);
	t->n += !e->value;
	*e = (struct wb_pg_ref_entry){ ref, value };
	return true;
}

void *wb_pg_refs_get(const struct wb_pg_refs *t, struct wb_pg_ref ref)
{
	return t->n ? find(t, ref)->value : NULL;
}

void wb_pg_refs_done(struct wb_pg_refs *t)
{
	free(t->v);
	*t = (struct wb_pg_refs){ 0 };
}
