/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which objects can be made: depth first along what each needs,
 * beginning in the order of snapshots, so that the result depends on names and
 * needs alone. What is met again while it is still being placed closes a cycle
 * (two functions that call each other); the one met last is placed first.
 */
#include "schema/schema.h"

#include "base/banned.h"

enum mark { UNSEEN, OPEN, PLACED };

/* Needs may be deep (a view on a view on a view …): an own stack, not the thread's. */
struct frame {
	struct wb_object *o;
	size_t next; /* of its needs; owner and schema come first, those of its columns, made with it, last */
	struct wb_object *const *columns;
	size_t n_columns, column, next_of_column;
};

struct placing {
	const struct wb_model *m;
	struct wb_object **out;
	size_t n;
	unsigned char *marks;
	const struct wb_object *last; /* whose schema was looked up, and what was found */
	struct wb_object *schema;
	WB_VEC(struct frame) stack;
};

/* Those of neighbours are the same. */
static struct wb_object *schema_of(struct placing *p, const struct wb_object *o)
{
	if (!o->schema)
		return NULL;
	if (!p->last || strcmp(p->last->schema, o->schema) != 0)
		p->schema = wb_model_find(p->m, WB_KIND_SCHEMA, NULL, NULL, o->schema);
	p->last = o;
	return p->schema;
}

static struct wb_object *own_need(struct placing *p, const struct wb_object *o, size_t i)
{
	if (i == 0)
		return o->owner;
	if (i == 1)
		return schema_of(p, o);
	return o->needs[i - 2];
}

/* The next need; false when there is none any more. NULL: this one is not in the model. */
static bool next_need(struct placing *p, struct frame *f, struct wb_object **ret_need)
{
	if (f->next < f->o->n_needs + 2) {
		*ret_need = own_need(p, f->o, f->next++);
		return true;
	}
	for (; f->column < f->n_columns; f->column++, f->next_of_column = 0) {
		const struct wb_object *c = f->columns[f->column];
		if (f->next_of_column == c->n_needs)
			continue;
		*ret_need = c->needs[f->next_of_column++];
		if (*ret_need == f->o || (*ret_need)->owner == f->o)
			*ret_need = NULL; /* a generated column, of its neighbour */
		return true;
	}
	return false;
}

static bool enter(struct placing *p, struct wb_object *o)
{
	unsigned char *mark = &p->marks[wb_model_index(p->m, o)];
	struct frame f = { .o = o };

	if (*mark != UNSEEN)
		return true;
	*mark = OPEN;
	if (!o->parent)
		f.columns = wb_model_children(p->m, o, WB_KIND_COLUMN, &f.n_columns);
	return wb_vec_push(&p->stack, f);
}

/* What a domain demands, and what a row type is made of, can no longer be said once a column is of its type. */
static bool enter_at_once(struct placing *p, const struct wb_object *o)
{
	struct wb_object *const *v;
	size_t n = 0;
	bool ok = true;

	if (o->kind != WB_KIND_DOMAIN && o->kind != WB_KIND_COMPOSITE)
		return true;
	v = wb_model_children(p->m, o, o->kind == WB_KIND_DOMAIN ? WB_KIND_CONSTRAINT : WB_KIND_COLUMN, &n);
	for (size_t i = n; i-- > 0 && ok;) /* the last one entered is placed first */
		ok = enter(p, v[i]);
	return ok;
}

static bool place(struct placing *p, struct wb_object *o)
{
	if (!enter(p, o))
		return false;
	while (p->stack.n) {
		struct frame *f = &p->stack.v[p->stack.n - 1];
		struct wb_object *next;
		if (next_need(p, f, &next)) {
			if (next && !enter(p, next))
				return false;
			continue;
		}
		o = f->o;
		p->marks[wb_model_index(p->m, o)] = PLACED;
		p->out[p->n++] = o;
		p->stack.n--;
		if (!enter_at_once(p, o))
			return false;
	}
	return true;
}

int wb_schema_order(const struct wb_model *m, struct wb_object ***ret_v, struct wb_error *err)
{
	struct placing p = { .m = m };
	bool ok;

	p.out = calloc(m->n + 1, sizeof(struct wb_object *));
	p.marks = calloc(m->n + 1, 1);
	ok = p.out && p.marks;
	for (size_t i = 0; i < m->n && ok; i++)
		ok = place(&p, m->v[i]);
	free(p.marks);
	wb_vec_done(&p.stack);
	if (!ok) {
		free(p.out);
		return wb_err_nomem(err);
	}
	*ret_v = p.out;
	return 0;
}
