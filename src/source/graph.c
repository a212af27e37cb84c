/* SPDX-License-Identifier: Apache-2.0
 *
 * Dependencies. What a file depends on may be written as a version, an id or a
 * file name. Order is by version alone, so a parent must sort before its child;
 * where it does not, either the two form a cycle, which no renaming cures, or
 * one has the wrong version. A graph without such an edge has no cycle.
 */
#include "source/internal.h"

#define NEAR_SEARCHES 20 /* unknown parents that get a "did you mean"; each looks at all names */

#define WALKS 100 /* searches for a cycle; each may visit all migrations */

struct graph {
	struct wb_load *l;
	struct wb_map names; /* stem, id, version key → migration */
	struct wb_map index; /* file name → index + 1 */
	unsigned searches, walks;
	size_t *from; /* breadth-first search: the node one came from, + 1 */
	size_t *queue;
	bool *told; /* in a cycle already reported */
};

static int build(struct graph *g)
{
	size_t n = g->l->migs.n;
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		struct wb_migration *m = g->l->migs.v[i];
		ok = wb_map_put(&g->index, wb_sv_str(m->name), (void *)(uintptr_t)(i + 1)) &&
		     wb_map_put(&g->names, wb_name_stem(m->name), m) &&
		     (!m->header.id || wb_map_put(&g->names, wb_sv_str(m->header.id), m));
	}
	/* Last, so that a version wins where an id is equal to it. */
	for (size_t i = 0; i < n && ok; i++)
		ok = wb_map_put(&g->names, wb_sv_str(g->l->migs.v[i]->sort_key), g->l->migs.v[i]);
	g->from = calloc(n, sizeof(*g->from));
	g->queue = calloc(n, sizeof(*g->queue));
	g->told = calloc(n, sizeof(*g->told));
	return ok && g->from && g->queue && g->told ? 0 : wb_err_nomem(g->l->err);
}

static size_t index_of(const struct graph *g, const struct wb_migration *m)
{
	return (size_t)(uintptr_t)wb_map_get(&g->index, wb_sv_str(m->name)) - 1;
}

/* ---- names to migrations ------------------------------------------------------- */

static struct wb_migration *find(struct graph *g, const char *name)
{
	bool prefixed = (name[0] == 'V' || name[0] == 'v') && wb_version_valid(wb_sv_str(name + 1));
	struct wb_migration *m = NULL;
	wb_autoarena scratch = WB_ARENA_INIT;

	if (prefixed || wb_version_valid(wb_sv_str(name))) {
		const char *key = wb_version_key_shared(&scratch, name + prefixed);
		m = key ? wb_map_get(&g->names, wb_sv_str(key)) : NULL;
	}
	if (!m)
		m = wb_map_get(&g->names, wb_sv_str(name));
	return m ? m : wb_map_get(&g->names, wb_name_stem(name));
}

/* A version whose file is gone has its part in the first baseline that stands for it. */
static struct wb_migration *find_baseline(const struct graph *g, const char *name)
{
	const char *version = name + (name[0] == 'V' || name[0] == 'v');

	if (!wb_version_valid(wb_sv_str(version)))
		return NULL;
	for (size_t i = 0; i < g->l->migs.n; i++) {
		struct wb_migration *m = g->l->migs.v[i];
		if (m->kind == WB_MIG_BASELINE && wb_version_cmp(version, m->version) <= 0)
			return m;
	}
	return NULL;
}

static struct wb_sv nearest(struct graph *g, const char *name)
{
	struct wb_sv word = wb_sv_str(name), best = { NULL, 0 };
	unsigned least = UINT32_MAX;

	if (g->searches++ >= NEAR_SEARCHES)
		return best;
	for (size_t i = 0; i < g->names.n; i++) {
		struct wb_sv key = g->names.entries[i].key;
		unsigned d = wb_edits(word, key);
		if (d < least && wb_near_enough(word, key)) {
			best = key;
			least = d;
		}
	}
	return best;
}

static int unknown_parent(struct graph *g, const struct wb_migration *m, const char *name)
{
	struct wb_source_problem p = { .kind = "parent", .version = m->version, .file = m->file, .code = WB_EORDER };
	struct wb_sv near = nearest(g, name);
	char hint[256] = "write its version, its ID or its file name as the folder has it, or add its file";

	if (near.n)
		snprintf(hint, sizeof(hint), "did you mean %.*s?", WB_SV_ARG(near));
	return wb_problem_add(g->l, p, hint, "%s depends on %s, which is not in this folder", m->name, name);
}

static int resolve_one(struct graph *g, struct wb_migration *m)
{
	int rc = 0;

	if (m->header.n_depends == 0)
		return 0;
	m->parents = wb_arena_array(&g->l->s->arena, m->header.n_depends, sizeof(*m->parents));
	if (!m->parents)
		return wb_err_nomem(g->l->err);
	for (size_t i = 0; i < m->header.n_depends && rc == 0; i++) {
		struct wb_migration *parent = find(g, m->header.depends[i]);
		if (!parent)
			parent = find_baseline(g, m->header.depends[i]);
		if (parent)
			m->parents[m->n_parents++] = parent;
		else
			rc = unknown_parent(g, m, m->header.depends[i]);
	}
	return rc;
}

/* ---- order and cycles ------------------------------------------------------------ */

/* Walks from start through parents to goal; true when there is a way, which g->from then tells. */
static bool reaches(struct graph *g, size_t start, size_t goal)
{
	size_t head = 0, tail = 0;

	memset(g->from, 0, g->l->migs.n * sizeof(*g->from));
	g->from[start] = start + 1;
	g->queue[tail++] = start;
	while (head < tail) {
		size_t at = g->queue[head++];
		const struct wb_migration *m = g->l->migs.v[at];
		if (at == goal)
			return true;
		for (size_t i = 0; i < m->n_parents; i++) {
			size_t next = index_of(g, m->parents[i]);
			if (g->from[next])
				continue;
			g->from[next] = at + 1;
			g->queue[tail++] = next;
		}
	}
	return false;
}

/* child needs parent, and from parent the way in g->from leads back to child. */
static int cycle_problem(struct graph *g, size_t child, size_t parent)
{
	const struct wb_migration *m = g->l->migs.v[child];
	struct wb_source_problem p = { .kind = "parent", .version = m->version, .file = m->file, .code = WB_EORDER };
	wb_autostr text = { .p = wb_str_empty, .max = 800 };
	size_t at = child, n = 0;

	/* from tells the way backwards: collect it in the queue, which is free now. */
	for (; at != parent; at = g->from[at] - 1)
		g->queue[n++] = at;
	g->queue[n++] = parent;
	wb_str_add(&text, m->name);
	for (; n > 0; n--) {
		g->told[g->queue[n - 1]] = true;
		wb_str_addf(&text, " needs %s", g->l->migs.v[g->queue[n - 1]]->name);
	}
	if (text.failed)
		return wb_problem_add(g->l, p, "take one of the dependencies out",
				      "%s depends on itself through others", m->name);
	return wb_problem_add(g->l, p, "take one of the dependencies out", "dependencies form a cycle: %s", text.p);
}

static int check_edge(struct graph *g, size_t child, size_t parent)
{
	const struct wb_migration *c = g->l->migs.v[child], *m = g->l->migs.v[parent];
	struct wb_source_problem p = { .kind = "order", .version = c->version, .file = c->file, .code = WB_EORDER };

	if (parent < child || (g->told[child] && g->told[parent]))
		return 0;
	if (g->walks++ < WALKS && reaches(g, parent, child))
		return cycle_problem(g, child, parent);
	return wb_problem_add(g->l, p, "give one of them another version, so that the parent comes first",
			      "%s depends on %s, which comes after it", c->name, m->name);
}

static int check_edges(struct graph *g)
{
	int rc = 0;

	for (size_t i = 0; i < g->l->migs.n; i++)
		for (size_t k = 0; k < g->l->migs.v[i]->n_parents && rc == 0; k++)
			rc = check_edge(g, i, index_of(g, g->l->migs.v[i]->parents[k]));
	return rc;
}

int wb_graph_resolve(struct wb_load *l)
{
	struct graph g = { .l = l };
	size_t depends = 0;
	int rc;

	for (size_t i = 0; i < l->migs.n; i++)
		depends += l->migs.v[i]->header.n_depends;
	if (depends == 0)
		return 0;
	rc = build(&g);
	for (size_t i = 0; i < l->migs.n && rc == 0; i++)
		rc = resolve_one(&g, l->migs.v[i]);
	if (rc == 0)
		rc = check_edges(&g);
	wb_map_done(&g.names);
	wb_map_done(&g.index);
	free(g.from);
	free(g.queue);
	free(g.told);
	return rc;
}
