/* SPDX-License-Identifier: Apache-2.0
 *
 * Models: collected object by object, then sorted once. After that they do not
 * change, so children of one owner and kind stand together and are found by
 * halving.
 */
#include "model/model.h"

#include "sql/sql.h"

#include "base/banned.h"

static const struct {
	const char *name, *plural;
	unsigned flags;
} kinds[WB_KIND_COUNT] = {
#define X(id, name, plural, flags) [WB_KIND_##id] = { name, plural, flags },
	WB_KIND_MAP(X)
#undef X
};

const char *wb_kind_name(enum wb_kind kind)
{
	return kinds[kind].name;
}

const char *wb_kind_plural(enum wb_kind kind)
{
	return kinds[kind].plural;
}

unsigned wb_kind_flags(enum wb_kind kind)
{
	return kinds[kind].flags;
}

bool wb_kind_find(const char *name, enum wb_kind *ret_kind)
{
	for (int i = 0; i < WB_KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		*ret_kind = (enum wb_kind)i;
		return true;
	}
	return false;
}

/* ---- building ------------------------------------------------------------------ */

/* Engines to which A and a are one name. */
static const char *const any_case[] = { "sqlite" };

struct wb_model *wb_model_new(const char *engine, const char *server)
{
	struct wb_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->arena = (struct wb_arena)WB_ARENA_INIT;
	m->engine = wb_arena_str(&m->arena, engine);
	m->server = wb_arena_str(&m->arena, server);
	for (size_t i = 0; i < WB_ARRAY_LEN(any_case); i++)
		m->any_case |= engine && strcmp(any_case[i], engine) == 0;
	if (m->engine && (m->server || !server))
		return m;
	wb_model_free(m);
	return NULL;
}

void wb_model_free(struct wb_model *m)
{
	if (!m)
		return;
	free(m->v);
	wb_vec_done(&m->renames);
	wb_arena_done(&m->arena);
	free(m);
}

/* Objects come in rows of the same schema and table, whose names are kept once: they are compared often. */
static const char *keep(struct wb_model *m, const char *text, const char *last)
{
	return text && last && strcmp(text, last) == 0 ? last : wb_arena_str(&m->arena, text);
}

struct wb_object *wb_model_add(struct wb_model *m, enum wb_kind kind, const char *schema, const char *parent,
			       const char *name)
{
	struct wb_object *o = wb_arena_alloc(&m->arena, sizeof(*o));
	const struct wb_object *last = m->n ? m->v[m->n - 1] : NULL;

	if (!o)
		return NULL;
	o->kind = kind;
	o->any_case = m->any_case;
	o->schema = keep(m, schema, last ? last->schema : NULL);
	o->parent = keep(m, parent, last ? last->parent : NULL);
	o->name = wb_arena_str(&m->arena, name);
	if ((schema && !o->schema) || (parent && !o->parent) || !o->name || !wb_vec_push(m, o))
		return NULL;
	return o;
}

/* What an object holds lies in the arena, which cannot give back: doubling wastes at most as much as it keeps. */
static bool grow(struct wb_model *m, void *v_pp, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 4;
	void *old, *new;

	if (n < *cap)
		return true;
	new = wb_arena_array(&m->arena, want, size);
	if (!new)
		return false;
	memcpy(&old, v_pp, sizeof(old));
	if (n)
		memcpy(new, old, n * size);
	memcpy(v_pp, &new, sizeof(new));
	*cap = want;
	return true;
}

bool wb_object_set(struct wb_model *m, struct wb_object *o, const char *key, const char *value)
{
	struct wb_attr a = { key, value ? wb_arena_str(&m->arena, value) : NULL };

	if (!value)
		return true;
	if (!a.value || !grow(m, &o->attrs, o->n_attrs, &o->cap_attrs, sizeof(a)))
		return false;
	o->attrs[o->n_attrs++] = a;
	return true;
}

bool wb_object_need(struct wb_model *m, struct wb_object *o, struct wb_object *needed)
{
	if (!grow(m, &o->needs, o->n_needs, &o->cap_needs, sizeof(needed)))
		return false;
	o->needs[o->n_needs++] = needed;
	return true;
}

/* ---- order ------------------------------------------------------------------------ */

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static int text_cmp(const char *a, const char *b, bool folds)
{
	if (a == b)
		return 0;
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	if (!folds)
		return strcmp(a, b);
	for (; *a && lower(*a) == lower(*b); a++)
		b++;
	return lower(*a) - lower(*b);
}

/* Objects of one kind in one place are neighbours. */
static int place_cmp(const struct wb_object *a, const struct wb_object *b)
{
	int c = (a->kind > b->kind) - (a->kind < b->kind);

	if (c == 0)
		c = text_cmp(a->schema, b->schema, a->any_case);
	return c ? c : text_cmp(a->parent, b->parent, a->any_case);
}

/* Of one kind. Texts may differ in what checks say: CHECK (a <> 'x') is not CHECK (a <> 'X'). */
static int last_cmp(const struct wb_object *a, const struct wb_object *b)
{
	return text_cmp(a->name, b->name, a->any_case && a->kind != WB_KIND_CONSTRAINT);
}

int wb_object_cmp(const struct wb_object *a, const struct wb_object *b)
{
	int c = place_cmp(a, b);

	return c ? c : last_cmp(a, b);
}

static int object_cmp(const void *a, const void *b)
{
	return wb_object_cmp(*(struct wb_object *const *)a, *(struct wb_object *const *)b);
}

/* Often things come in their order: what was inspected in that of the catalog, what was read in that of the snapshot.
 */
static void sort(void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b))
{
	const char *p = v;
	size_t i = 1;

	while (i < n && cmp(p + (i - 1) * size, p + i * size) <= 0)
		i++;
	if (i < n)
		qsort(v, n, size, cmp);
}

static int name_cmp(const void *a, const void *b)
{
	return last_cmp(*(struct wb_object *const *)a, *(struct wb_object *const *)b);
}

/* Some that came one after the other, of one place. */
struct run {
	struct wb_object **v;
	size_t n;
};

static int run_cmp(const void *a, const void *b)
{
	return place_cmp(*((const struct run *)a)->v, *((const struct run *)b)->v);
}

/* How many from the i-th on are of one place. */
static size_t count_place(struct wb_object *const *v, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && place_cmp(v[i], v[end]) == 0)
		end++;
	return end - i;
}

static size_t find_runs(const struct wb_model *m, struct run *runs)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i += runs[n++].n)
		runs[n] = (struct run){ m->v + i, count_place(m->v, m->n, i) };
	return n;
}

/* What belongs to one owner mostly comes together: the places are brought into their order, then the names in each,
 * which takes a third of the comparisons. */
static void sort_runs(struct wb_model *m, struct run *runs, struct wb_object **sorted)
{
	size_t n_runs = find_runs(m, runs), n = 0;

	sort(runs, n_runs, sizeof(*runs), run_cmp);
	for (size_t i = 0; i < n_runs; n += runs[i++].n)
		memcpy(sorted + n, runs[i].v, runs[i].n * sizeof(struct wb_object *));
	for (size_t i = 0, of_place; i < n; i += of_place) {
		of_place = count_place(sorted, n, i);
		sort(sorted + i, of_place, sizeof(struct wb_object *), name_cmp);
	}
	memcpy(m->v, sorted, n * sizeof(struct wb_object *));
}

static bool sort_objects(struct wb_model *m)
{
	struct run *runs = calloc(m->n + 1, sizeof(*runs));
	struct wb_object **sorted = calloc(m->n + 1, sizeof(struct wb_object *));

	if (runs && sorted && m->n)
		sort_runs(m, runs, sorted);
	free(runs);
	free(sorted);
	return runs && sorted;
}

static int attr_cmp(const void *a, const void *b)
{
	return strcmp(((const struct wb_attr *)a)->key, ((const struct wb_attr *)b)->key);
}

/* What is told of an object must not depend on the order in which the engine happened to list it. */
static void sort_needs(struct wb_object *o)
{
	size_t n = 0;

	sort(o->needs, o->n_needs, sizeof(struct wb_object *), object_cmp);
	for (size_t i = 0; i < o->n_needs; i++)
		if (n == 0 || o->needs[n - 1] != o->needs[i])
			o->needs[n++] = o->needs[i];
	o->n_needs = n;
}

static struct wb_object *find_owner(const struct wb_model *m, const struct wb_object *o)
{
	/* What parts belong to, the commonest first. */
	static const enum wb_kind owners[] = { WB_KIND_TABLE,         WB_KIND_VIEW,      WB_KIND_MATERIALIZED_VIEW,
					       WB_KIND_FOREIGN_TABLE, WB_KIND_COMPOSITE, WB_KIND_VIRTUAL_TABLE,
					       WB_KIND_DOMAIN,        WB_KIND_SERVER };
	struct wb_object *owner = NULL;

	for (size_t i = 0; o->parent && !owner && i < WB_ARRAY_LEN(owners); i++)
		owner = wb_model_find(m, owners[i], o->schema, NULL, o->parent);
	return owner;
}

static bool is_sibling(const struct wb_object *a, const struct wb_object *b)
{
	return text_cmp(a->parent, b->parent, a->any_case) == 0 && text_cmp(a->schema, b->schema, a->any_case) == 0;
}

int wb_model_finish(struct wb_model *m, struct wb_error *err)
{
	wb_autostr path = WB_STR_INIT;

	if (!sort_objects(m))
		return wb_err_nomem(err);
	for (size_t i = 0; i < m->n; i++) {
		struct wb_object *o = m->v[i];
		sort(o->attrs, o->n_attrs, sizeof(*o->attrs), attr_cmp);
		sort_needs(o);
		o->place = i;
		o->owner = i && is_sibling(m->v[i - 1], o) ? m->v[i - 1]->owner : find_owner(m, o);
		if (i == 0 || wb_object_cmp(m->v[i - 1], o) != 0)
			continue;
		if (!wb_object_path(o, &path))
			return wb_err_nomem(err);
		return wb_err_set(err, WB_EBUG, "two objects are the %s %s", wb_kind_name(o->kind), path.p);
	}
	return 0;
}

/* ---- reading ------------------------------------------------------------------------ */

const char *wb_object_get(const struct wb_object *o, const char *key)
{
	size_t lo = 0, hi = o->n_attrs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(o->attrs[mid].key, key);
		if (c == 0)
			return o->attrs[mid].value;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

size_t wb_model_place(const struct wb_model *m, const struct wb_object *key)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (wb_object_cmp(m->v[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t wb_model_index(const struct wb_model *m, const struct wb_object *o)
{
	size_t i = o->place;

	/* Something may have been taken out since. */
	if (i >= m->n || m->v[i] != o)
		i = wb_model_place(m, o);
	return i < m->n && m->v[i] == o ? i : m->n;
}

struct wb_object *wb_model_find(const struct wb_model *m, enum wb_kind kind, const char *schema, const char *parent,
				const char *name)
{
	const struct wb_object key = {
		.kind = kind, .schema = schema, .parent = parent, .name = name, .any_case = m->any_case
	};
	size_t i = wb_model_place(m, &key);

	return i < m->n && wb_object_cmp(m->v[i], &key) == 0 ? m->v[i] : NULL;
}

struct wb_object *const *wb_model_children(const struct wb_model *m, const struct wb_object *o, enum wb_kind kind,
					   size_t *ret_n)
{
	const struct wb_object key = {
		.kind = kind, .schema = o->schema, .parent = o->name, .name = "", .any_case = m->any_case
	};
	size_t first = wb_model_place(m, &key), i = first;

	while (i < m->n && place_cmp(m->v[i], &key) == 0)
		i++;
	*ret_n = i - first;
	return m->v + first;
}

static bool is_plain(const char *name)
{
	if (!((*name >= 'a' && *name <= 'z') || *name == '_'))
		return false;
	while ((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '_')
		name++;
	return *name == '\0';
}

static void add_name(struct wb_str *out, const char *name, bool plain)
{
	if (plain || is_plain(name))
		wb_str_add(out, name);
	else
		wb_quote_ident(out, wb_sv_str(name));
}

bool wb_object_path(const struct wb_object *o, struct wb_str *out)
{
	const char *const parts[] = { o->schema, o->parent };

	for (size_t i = 0; i < WB_ARRAY_LEN(parts); i++) {
		if (!parts[i])
			continue;
		add_name(out, parts[i], false);
		wb_str_addc(out, '.');
	}
	/* The arguments of a routine are no part of its name, and a cast has none. */
	add_name(out, o->name, strchr(o->name, '(') != NULL);
	return !out->failed;
}

bool wb_path_fits(const struct wb_path *path, const struct wb_object *o)
{
	const char *levels[] = { o->name, o->parent ? o->parent : o->schema, o->parent ? o->schema : NULL };

	for (int i = 0; i < path->n; i++) {
		const char *part = path->parts[path->n - 1 - i];
		if (!levels[i] || text_cmp(levels[i], part, o->any_case) != 0)
			return false;
	}
	return path->n > 0;
}
