/* SPDX-License-Identifier: Apache-2.0
 *
 * Histories that are checked as a whole: Atlas's running sums and
 * graphile-migrate's chain of hashes. Sqitch's are in adopt_sqitch.c.
 */
#include "adopt.h"

#define CHAIN_MAX ((size_t)64 << 20)

static const char *path_in(struct wb_adopt *a, const char *dir, const char *name)
{
	const char *path = wb_fs_join(&a->arena, dir, name);
	a->failed |= !path;
	return path && wb_fs_exists(path) ? path : NULL;
}

const char *wb_adopt_path(struct wb_adopt *a, const char *const *places, const char *name)
{
	const char *dir = a->t->source ? a->t->source->dir : NULL;
	const char *first[] = { a->o->files, a->o->files ? NULL : dir };
	const char *path = NULL;
	for (size_t i = 0; !path && i < WB_ARRAY_LEN(first); i++)
		path = first[i] ? path_in(a, first[i], name) : NULL;
	for (; !path && *places && !a->o->files; places++)
		path = path_in(a, *places, name);
	return path;
}

/* ---- Atlas: a running SHA-256 over names and bytes, in base 64 --------------------------- */

static const char *base64(struct wb_arena *arena, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = wb_arena_alloc(arena, (n + 2) / 3 * 4 + 1), *at = out;
	for (size_t i = 0; out && i < n; i += 3) {
		uint32_t word = (uint32_t)p[i] << 16;
		word |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		word |= i + 2 < n ? p[i + 2] : 0;
		*at++ = digits[word >> 18];
		*at++ = digits[word >> 12 & 63];
		*at++ = i + 1 < n ? digits[word >> 6 & 63] : '=';
		*at++ = i + 2 < n ? digits[word & 63] : '=';
	}
	return out;
}

/* A file and the row that it has, if any. */
struct atlas_file {
	const struct wb_migration *m;
	const struct wb_old *old;
};

/* Order of Go's strings, which is that of the bytes. */
static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct atlas_file *)a)->m->name, ((const struct atlas_file *)b)->m->name);
}

static void judge_atlas(struct wb_adopt *a, const struct wb_old *old, const char *sum)
{
	const char *want = old ? old->cell[WB_OLD_CHECKSUM] : NULL;
	if (!want || !*want)
		return;
	bool same = !strcmp(want, sum);
	wb_adopt_mark(a, old, same ? WB_CHECK_VERIFIED : WB_CHECK_CHANGED,
		      same ? NULL : "this file, or one before it, is not what was applied");
}

static int list_files(struct wb_adopt *a, struct atlas_file **ret_files, struct wb_error *err)
{
	const struct wb_source *s = a->t->source;
	struct atlas_file *files = wb_arena_array(&a->arena, s->n + 1, sizeof(*files));
	struct wb_map rows = { 0 };
	bool ok = files != NULL;
	for (size_t i = 0; ok && i < a->items.n; i++) {
		const struct wb_adopt_item *item = &a->items.v[i];
		ok = !item->m || !item->old || wb_map_put(&rows, wb_sv_str(item->m->name), item->old);
	}
	for (size_t i = 0; ok && i < s->n; i++)
		files[i] = (struct atlas_file){ s->v[i], wb_map_get(&rows, wb_sv_str(s->v[i]->name)) };
	wb_map_done(&rows);
	if (!ok)
		return wb_err_nomem(err);
	qsort(files, s->n, sizeof(*files), by_name);
	*ret_files = files;
	return 0;
}

int wb_check_atlas(struct wb_adopt *a, struct wb_error *err)
{
	struct atlas_file *files = NULL;
	struct wb_sha256 running;
	int rc = list_files(a, &files, err);
	wb_sha256_init(&running);
	for (size_t i = 0; rc == 0 && i < a->t->source->n; i++) {
		wb_autostr text = WB_STR_INIT;
		unsigned char sum[32];
		rc = wb_migration_text(files[i].m, CHAIN_MAX, &text, err);
		if (rc < 0 || memmem(text.p, text.n, "atlas:sum ignore", 16))
			continue;
		wb_sha256_add(&running, files[i].m->name, strlen(files[i].m->name));
		wb_sha256_add(&running, text.p, text.n);
		struct wb_sha256 here = running;
		wb_sha256_final(&here, sum);
		const char *encoded = base64(&a->arena, sum, sizeof(sum));
		if (!encoded)
			return wb_err_nomem(err);
		judge_atlas(a, files[i].old, encoded);
	}
	return rc;
}

/* ---- graphile-migrate: each hash is over the one before and the text ------------------------- */

/* "000002.sql" is recorded, "000002-message.sql" may be the file. */
struct committed {
	struct wb_adopt *a;
	const char *dir, *stem;
	const char *path;
};

static int take_committed(void *user, int dirfd, const char *name, struct wb_error *err)
{
	struct committed *c = user;
	size_t n = strlen(c->stem);
	(void)dirfd;
	if (strncmp(name, c->stem, n) != 0 || (name[n] != '.' && name[n] != '-') ||
	    !wb_sv_ends(wb_sv_str(name), ".sql"))
		return 0;
	c->path = wb_fs_join(&c->a->arena, c->dir, name);
	return c->path ? 0 : wb_err_nomem(err);
}

int wb_adopt_committed(struct wb_adopt *a, const struct wb_old *old, const char **ret_path, struct wb_error *err)
{
	static const char *const here[] = { ".", "migrations", "..", NULL };
	const char *dir = wb_adopt_path(a, here, "committed");
	dir = dir ? dir : wb_adopt_path(a, here, "migrations/committed");
	dir = dir ? dir : a->o->files;
	struct committed c = { .a = a, .dir = dir, .stem = wb_old_label(a, old) };
	int rc = dir && wb_fs_is_dir(dir) ? wb_fs_list(dir, take_committed, &c, err) : 0;
	*ret_path = c.path;
	return rc;
}

/* The text below the "--! Name: value" lines. */
static struct wb_sv body_of(struct wb_sv text)
{
	while (wb_sv_starts(text, "--!")) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t skip = end ? (size_t)(end - text.p) + 1 : text.n;
		text = wb_sv(text.p + skip, text.n - skip);
	}
	return wb_sv_trim(text);
}

static int graphile_hash(struct wb_adopt *a, const char *previous, struct wb_sv text, const char **ret_hash,
			 struct wb_error *err)
{
	wb_autostr chained = WB_STR_INIT;
	const char *hex = NULL;
	wb_str_addf(&chained, "%s%s", previous ? previous : "", previous ? "\n" : "");
	wb_str_addsv(&chained, body_of(text));
	wb_str_addc(&chained, '\n');
	int rc = chained.failed ? wb_err_nomem(err) : wb_adopt_digest(a, "SHA1", wb_str_sv(&chained), &hex, err);
	if (rc < 0)
		return rc;
	*ret_hash = wb_arena_printf(&a->arena, "sha1:%s", hex);
	return *ret_hash ? 0 : wb_err_nomem(err);
}

static int check_committed(struct wb_adopt *a, const struct wb_old *old, struct wb_error *err)
{
	const char *path = NULL, *hash = NULL, *want = old->cell[WB_OLD_CHECKSUM];
	wb_autostr text = WB_STR_INIT;
	int rc = wb_adopt_committed(a, old, &path, err);
	if (rc < 0)
		return rc;
	if (!path || !want || !wb_sv_starts(wb_sv_str(want), "sha1:")) {
		wb_adopt_mark(a, old, WB_CHECK_UNKNOWN, NULL);
		return 0;
	}
	rc = wb_fs_read(path, CHAIN_MAX, &text, err);
	if (rc == 0)
		rc = graphile_hash(a, old->cell[WB_OLD_PARENT], wb_str_sv(&text), &hash, err);
	if (rc < 0)
		return rc;
	bool same = !strcmp(hash, want);
	wb_adopt_mark(a, old, same ? WB_CHECK_VERIFIED : WB_CHECK_CHANGED,
		      same ? NULL : wb_arena_printf(&a->arena, "%s is not what was applied", path));
	return 0;
}

int wb_check_graphile(struct wb_adopt *a, struct wb_error *err)
{
	const char *previous = NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++) {
		const struct wb_old *old = &a->rows.v[i];
		const char *parent = old->cell[WB_OLD_PARENT];
		rc = check_committed(a, old, err);
		if (i && (!parent || !previous || strcmp(parent, previous) != 0))
			wb_adopt_mark(a, old, WB_CHECK_CHANGED, "it does not follow the migration before it");
		previous = old->cell[WB_OLD_CHECKSUM];
	}
	return rc;
}
