/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder, or an array compiled into a program, becomes a source: names are
 * listed, down files joined to what they undo, every file read once, and the
 * whole put in order and checked.
 */
#include "source/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ------------------------------------------------------------------ */

/* Path, version and description of a file in one piece of memory. */
struct texts {
	char *file, *name, *version, *description;
};

static char *put(char *at, struct wb_sv text)
{
	memcpy(at, text.p, text.n);
	at[text.n] = '\0';
	return at + text.n + 1;
}

static bool make_texts(struct wb_load *l, const char *name, const struct wb_name *n, struct texts *t)
{
	struct wb_sv dir = wb_sv_str(l->s->dir), file = wb_sv_str(name);
	char *p = wb_arena_alloc(&l->s->arena, dir.n + 1 + file.n + 1 + n->version.n + 1 + n->description.n + 1);

	if (!p)
		return false;
	t->file = t->name = p;
	if (dir.n) {
		t->name = put(p, dir);
		if (dir.p[dir.n - 1] == '/')
			t->name--;
		else
			t->name[-1] = '/';
	}
	t->version = put(t->name, file);
	t->description = put(t->version, n->version);
	(void)put(t->description, n->description);
	for (p = t->description; *p; p++)
		if (*p == '_')
			*p = ' ';
	return true;
}

static bool is_folder(const struct wb_load *l, const char *name)
{
	struct stat st;

	return l->dirfd >= 0 && fstatat(l->dirfd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int name_problem(struct wb_load *l, const char *name, const struct wb_name *n, enum wb_name_result r)
{
	struct wb_source_problem p = { .kind = "name", .warning = r != WB_NAME_WRONG, .code = WB_EINPUT };
	const char *hint = n->hint;

	if (is_folder(l, name))
		return 0;
	p.file = wb_fs_join(&l->s->arena, l->s->dir, name);
	if (!p.file)
		return wb_err_nomem(l->err);
	if (r == WB_NAME_OTHER)
		hint = "a migration is named V001__description.sql, 001_description.sql, 0001_description.up.sql or "
		       "YYYYMMDD_HHMMSS_schema_description.sql; keep other files elsewhere";
	return wb_problem_add(l, p, hint, "%s",
			      n->why ? n->why : "the name is that of no migration; the file is not applied");
}

static int add_down(struct wb_load *l, const struct texts *t, const char *memory, enum wb_family family)
{
	struct wb_down d = { .file = t->file,
			     .name = t->name,
			     .memory = memory,
			     .version = t->version,
			     .description = t->description,
			     .key = wb_version_key_shared(&l->s->arena, t->version),
			     .family = family };

	return d.key && wb_vec_push(&l->downs, d) ? 0 : wb_err_nomem(l->err);
}

static int add_migration(struct wb_load *l, const struct texts *t, const char *memory, const struct wb_name *n)
{
	struct wb_migration *m = wb_arena_alloc(&l->s->arena, sizeof(*m));

	if (!m)
		return wb_err_nomem(l->err);
	m->version = t->version;
	m->sort_key = wb_version_key_shared(&l->s->arena, t->version);
	m->description = t->description;
	m->type = n->type;
	m->kind = n->kind;
	m->family = n->family;
	m->file = t->file;
	m->name = t->name;
	m->memory = memory;
	return m->sort_key && wb_vec_push(&l->migs, m) ? 0 : wb_err_nomem(l->err);
}

static int add_name(struct wb_load *l, const char *name, const char *memory)
{
	struct wb_name n;
	struct texts t;
	enum wb_name_result r = wb_name_parse(name, &n);
	int rc;

	if (r == WB_NAME_IGNORED)
		return 0;
	if (n.cypher != (l->engine && strcmp(l->engine, "neo4j") == 0)) {
		l->s->skipped++;
		return 0;
	}
	if (r != WB_NAME_OK || n.why) {
		rc = name_problem(l, name, &n, r);
		if (rc || r != WB_NAME_OK)
			return rc;
	}
	if (!make_texts(l, name, &n, &t))
		return wb_err_nomem(l->err);
	return n.down ? add_down(l, &t, memory, n.family) : add_migration(l, &t, memory, &n);
}

/* What is given for a file of the folder. */
static const char *given(const struct wb_load *l, const char *name)
{
	for (size_t i = 0; i < l->o->n_embedded; i++)
		if (strcmp(l->o->embedded[i].name, name) == 0)
			return l->o->embedded[i].text;
	return NULL;
}

static int add_entry(struct wb_load *l, const char *name, const char *text)
{
	if (wb_sum_is(name)) {
		l->has_sum = true;
		l->sum = text;
	}
	return add_name(l, name, text);
}

static int on_entry(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)dirfd;
	(void)err;
	return add_entry(user, name, given(user, name));
}

static int add_listed(struct wb_load *l)
{
	int rc = 0;

	for (size_t i = 0; i < l->o->n_embedded && rc == 0; i++)
		rc = add_entry(l, l->o->embedded[i].name, l->o->embedded[i].text);
	return rc;
}

bool wb_load_has(const struct wb_load *l, const char *name)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *path = l->o->listed ? NULL : wb_fs_join(&a, l->s->dir, name);

	for (size_t i = 0; l->o->listed && i < l->o->n_embedded; i++)
		if (strcmp(l->o->embedded[i].name, name) == 0)
			return true;
	return path && wb_fs_exists(path);
}

/* ---- down files ------------------------------------------------------------------ */

/* The versioned migration of this key, first the one described alike; those of one key stand
 * together in the sorted list. */
static struct wb_migration *find_up(struct wb_load *l, const struct wb_down *d)
{
	struct wb_migration *any = NULL;
	size_t lo = 0, hi = l->migs.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (wb_version_cmp(l->migs.v[mid]->sort_key, d->key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < l->migs.n && strcmp(l->migs.v[lo]->sort_key, d->key) == 0; lo++) {
		struct wb_migration *m = l->migs.v[lo];
		if (m->kind != WB_MIG_VERSIONED || m->family != d->family)
			continue;
		if (strcmp(m->description, d->description) == 0)
			return m;
		any = any ? any : m;
	}
	return any;
}

static int join_down(struct wb_load *l, const struct wb_down *d)
{
	struct wb_source_problem p = { .kind = "name", .version = d->version, .file = d->file, .code = WB_EINPUT };
	struct wb_migration *m = find_up(l, d);

	if (!m && d->family == WB_FAMILY_PAIRED)
		return wb_problem_add(l, p, "write the .up.sql file, or delete this one",
				      "version %s has a .down.sql file but no .up.sql file", d->version);
	if (!m)
		return wb_problem_add(l, p, "write the V file of this version, or delete this one",
				      "%s undoes version %s, which no V file has", d->name, d->version);
	if (m->down_file) {
		p.kind = "duplicate";
		p.code = WB_EORDER;
		return wb_problem_add(
			l, p, "keep one of them", "version %s has two files that undo it: %s and %s", d->version,
			strrchr(m->down_file, '/') ? strrchr(m->down_file, '/') + 1 : m->down_file, d->name);
	}
	m->down_file = d->file;
	m->down_memory = d->memory;
	return 0;
}

static int down_cmp(const void *a, const void *b)
{
	return strcmp(((const struct wb_down *)a)->name, ((const struct wb_down *)b)->name);
}

static int join_downs(struct wb_load *l)
{
	int rc = 0;

	if (l->downs.n)
		qsort(l->downs.v, l->downs.n, sizeof(*l->downs.v), down_cmp);
	for (size_t i = 0; i < l->downs.n && rc == 0; i++)
		rc = join_down(l, &l->downs.v[i]);
	return rc;
}

/* ---- reading ---------------------------------------------------------------------- */

static int one_family(struct wb_load *l)
{
	const struct wb_migration *first = NULL;

	for (size_t i = 0; i < l->migs.n; i++) {
		const struct wb_migration *m = l->migs.v[i];
		if (!first || first->kind == WB_MIG_BASELINE)
			first = m;
		/* A baseline is named alike in every family. */
		if (m->kind == WB_MIG_BASELINE || m->family == first->family)
			continue;
		wb_err_set(l->err, WB_EINPUT, "%s holds two families of migrations: %s is %s, %s is %s",
			   l->s->dir ? l->s->dir : "the program", first->name, wb_family_name(first->family), m->name,
			   wb_family_name(m->family));
		wb_err_hint(l->err,
			    "keep one family in a folder: rename one of the files, or move it to a folder of its own");
		return WB_EINPUT;
	}
	l->s->family = first ? first->family : WB_FAMILY_NONE;
	return 0;
}

static int index_ids(struct wb_load *l)
{
	struct wb_map *ids = &l->s->ids;
	int rc = 0;

	for (size_t i = 0; i < l->migs.n && rc == 0; i++) {
		struct wb_migration *m = l->migs.v[i], *other;
		/* A warning: what stands there may be a ticket that two migrations serve. */
		struct wb_source_problem p = {
			.kind = "duplicate", .version = m->version, .file = m->file, .warning = true, .code = WB_EORDER
		};
		if (!m->header.id)
			continue;
		other = wb_map_get(ids, wb_sv_str(m->header.id));
		if (other)
			rc = wb_problem_add(l, p, "give one of them an ID of its own", "%s and %s have the same ID, %s",
					    other->name, m->name, m->header.id);
		else if (!wb_map_put(ids, wb_sv_str(m->header.id), m))
			rc = wb_err_nomem(l->err);
	}
	return rc;
}

static int read_all(struct wb_load *l)
{
	int rc;

	if (!wb_order_sort(l))
		return wb_err_nomem(l->err);
	rc = join_downs(l);
	if (rc == 0)
		rc = wb_read_files(l);
	if (rc == 0)
		rc = one_family(l);
	if (rc == 0)
		rc = wb_order_check(l);
	if (rc == 0)
		rc = index_ids(l);
	if (rc == 0 && l->has_sum)
		rc = wb_sum_check(l);
	return rc ? rc : wb_graph_resolve(l);
}

static int open_dir(struct wb_load *l)
{
	const char *dir = l->o->dir;

	l->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dirfd >= 0)
		return 0;
	if (errno != ENOENT)
		return wb_err_errno(l->err, WB_EIO, "cannot open the folder %s", dir);
	wb_err_set(l->err, WB_ENOTFOUND, "there is no folder %s", dir);
	wb_err_hint(l->err, "create it with 'whimbrel init', or name the folder of the migrations with --dir");
	return WB_ENOTFOUND;
}

static int load_dir(struct wb_load *l)
{
	int rc = open_dir(l);

	if (rc)
		return rc;
	l->s->dir = wb_arena_str(&l->s->arena, l->o->dir);
	l->buf = malloc(WB_FILE_SMALL);
	if (!l->s->dir || !l->buf)
		return wb_err_nomem(l->err);
	rc = l->o->listed ? add_listed(l) : wb_fs_list(l->o->dir, on_entry, l, l->err);
	return rc ? rc : read_all(l);
}

static int load_embedded(struct wb_load *l)
{
	for (size_t i = 0; i < l->o->n_embedded; i++) {
		int rc = add_name(l, l->o->embedded[i].name, l->o->embedded[i].text);
		if (rc)
			return rc;
	}
	return read_all(l);
}

int wb_source_open(const struct wb_source_options *o, struct wb_source **ret_source, struct wb_error *err)
{
	struct wb_error local;
	struct wb_load l = { .o = o, .err = err ? err : &local, .dirfd = -1, .hold_left = WB_HOLD_TOTAL };
	int rc;

	l.s = calloc(1, sizeof(*l.s));
	if (!l.s)
		return wb_err_nomem(err);
	if (o->engine)
		l.engine = wb_engine_find(wb_sv_str(o->engine));
	rc = o->dir ? load_dir(&l) : load_embedded(&l);
	wb_problems_sort(&l);
	l.s->v = l.migs.v;
	l.s->n = l.migs.n;
	l.s->problems = l.problems.v;
	l.s->n_problems = l.problems.n;
	wb_vec_done(&l.downs);
	wb_vec_done(&l.depends);
	free(l.buf);
	if (l.dirfd >= 0)
		(void)close(l.dirfd);
	if (rc) {
		wb_source_free(l.s);
		return rc;
	}
	*ret_source = l.s;
	return 0;
}

void wb_source_free(struct wb_source *s)
{
	if (!s)
		return;
	free(s->v);
	free(s->problems);
	wb_map_done(&s->ids);
	wb_arena_done(&s->arena);
	free(s);
}
