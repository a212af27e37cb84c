/* SPDX-License-Identifier: Apache-2.0
 *
 * migrations.sum: one line per file, `<chain> <checksum> <name>`. Each chain is
 * the SHA-256 over the chain above it, the checksum and the name, so two
 * branches that add migrations conflict in git, and not only in production.
 * It counts where it exists; it is written when asked.
 */
#include "source/internal.h"

#define SUM_NAME "migrations.sum"
#define SUM_MAX ((size_t)64 << 20)
#define HEX_SIZE 65 /* of a SHA-256 in hex, with its NUL */
#define SUM_HEAD "# " SUM_NAME " 1, written by: whimbrel validate --write-sum\n"
#define ACCEPT "accept it with `whimbrel validate --write-sum`"

struct entry {
	struct wb_sv chain, checksum, name;
};

bool wb_sum_is(const char *name)
{
	return strcmp(name, SUM_NAME) == 0;
}

static void chain_add(char chain[HEX_SIZE], const struct entry *e)
{
	unsigned char digest[32];
	struct wb_sha256 h;

	wb_sha256_init(&h);
	wb_sha256_add(&h, chain, strlen(chain));
	wb_sha256_add(&h, e->checksum.p, e->checksum.n);
	wb_sha256_add(&h, e->name.p, e->name.n);
	wb_sha256_final(&h, digest);
	wb_hex(digest, sizeof(digest), chain);
}

static bool parse(struct wb_sv line, struct entry *ret_entry)
{
	struct entry e;

	if (!wb_sv_cut(&line, ' ', &e.chain) || !wb_sv_cut(&line, ' ', &e.checksum))
		return false;
	e.name = line;
	*ret_entry = e;
	return e.chain.n == HEX_SIZE - 1 && e.checksum.n == HEX_SIZE - 1 && e.name.n;
}

static bool is_entry(struct wb_sv line)
{
	return line.n && line.p[0] != '#';
}

/* ---- checking ------------------------------------------------------------------------ */

struct file {
	const struct wb_migration *migration;
	bool listed;
};

struct check {
	struct wb_load *l;
	const char *path;
	struct file *files; /* those of the load */
	struct wb_map by_name; /* to files */
	char chain[HEX_SIZE];
	unsigned line;
	bool broken; /* what is below a wrong line is wrong as well: told once */
};

static struct wb_source_problem here(const struct check *c)
{
	return (struct wb_source_problem){ .kind = "sum", .file = c->path, .line = c->line, .code = WB_ECHECKSUM };
}

static int broken(struct check *c, const char *message, const char *hint)
{
	if (c->broken)
		return 0;
	c->broken = true;
	return wb_problem_add(c->l, here(c), hint, "%s", message);
}

/* A baseline stands for the files before it; `squash` removes them before it writes the list anew. */
static bool is_squashed(const struct check *c, const char *name)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_name n;
	const char *version = wb_name_parse(name, &n) == WB_NAME_OK && n.kind != WB_MIG_REPEATABLE
				      ? wb_arena_sv(&a, n.version)
				      : NULL;

	for (size_t i = 0; version && i < c->l->migs.n; i++)
		if (c->l->migs.v[i]->kind == WB_MIG_BASELINE && wb_version_cmp(version, c->l->migs.v[i]->version) <= 0)
			return true;
	return false;
}

/* Files of other engines are listed by their own runs. */
static int check_absent(struct check *c, struct wb_sv listed)
{
	char *name = wb_arena_sv(&c->l->s->arena, listed);

	if (!name)
		return wb_err_nomem(c->l->err);
	return wb_load_has(c->l, name) || is_squashed(c, name)
		       ? 0
		       : wb_problem_add(c->l, here(c), "put it back, or " ACCEPT, "%s is listed here and gone", name);
}

static int check_file(struct check *c, const struct entry *e)
{
	struct file *f = wb_map_get(&c->by_name, e->name);
	char now[HEX_SIZE];

	if (!f)
		return check_absent(c, e->name);
	f->listed = true;
	wb_hex(f->migration->checksum, sizeof(f->migration->checksum), now);
	return wb_sv_eq(e->checksum, wb_sv_str(now))
		       ? 0
		       : wb_problem_add(c->l, here(c), "put it back, or " ACCEPT,
					"%s was changed since this line was written", f->migration->name);
}

static int check_line(struct check *c, struct wb_sv line)
{
	struct entry e;
	int rc = 0;

	if (!parse(line, &e))
		return wb_sv_starts(line, "<<<<<<<") ? broken(c, "a merge conflict: two branches added migrations",
							      "decide their order, rename if need be, then " ACCEPT)
						     : broken(c, "this is no line of a " SUM_NAME, ACCEPT);
	chain_add(c->chain, &e);
	if (!wb_sv_eq(e.chain, wb_sv_str(c->chain)))
		rc = broken(c, "this line does not follow from those above it: it was edited, or merged by hand",
			    "compare it with the branches it came from, then " ACCEPT);
	return rc ? rc : check_file(c, &e);
}

static int check_unlisted(struct check *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->l->migs.n && rc == 0; i++) {
		const struct wb_migration *m = c->files[i].migration;
		struct wb_source_problem p = {
			.kind = "sum", .version = m->version, .file = m->file, .code = WB_ECHECKSUM
		};
		if (!c->files[i].listed)
			rc = wb_problem_add(c->l, p, ACCEPT, "%s is not in " SUM_NAME, m->name);
	}
	return rc;
}

static int check_text(struct check *c, struct wb_sv text)
{
	struct wb_sv line;
	int rc = 0;

	while (rc == 0 && wb_sv_cut(&text, '\n', &line)) {
		c->line++;
		line = wb_sv_trim(line); /* a work tree with CRLF is the same one */
		rc = is_entry(line) ? check_line(c, line) : 0;
	}
	return rc ? rc : check_unlisted(c);
}

static bool index_files(struct check *c)
{
	size_t n = c->l->migs.n;

	c->files = calloc(n + 1, sizeof(*c->files));
	for (size_t i = 0; c->files && i < n; i++) {
		c->files[i].migration = c->l->migs.v[i];
		if (!wb_map_put(&c->by_name, wb_sv_str(c->l->migs.v[i]->name), &c->files[i]))
			return false;
	}
	return c->files;
}

int wb_sum_check(struct wb_load *l)
{
	struct check c = { .l = l, .path = wb_fs_join(&l->s->arena, l->s->dir, SUM_NAME) };
	wb_autostr text = WB_STR_INIT;
	int rc = c.path && index_files(&c) ? 0 : wb_err_nomem(l->err);

	if (rc == 0 && !l->sum)
		rc = wb_fs_read(c.path, SUM_MAX, &text, l->err);
	if (rc == 0)
		rc = check_text(&c, l->sum ? wb_sv_str(l->sum) : wb_str_sv(&text));
	wb_map_done(&c.by_name);
	free(c.files);
	return rc;
}

/* ---- writing --------------------------------------------------------------------------- */

static void write_entry(struct wb_str *out, char chain[HEX_SIZE], struct entry *e)
{
	chain_add(chain, e);
	wb_str_addf(out, "%s ", chain);
	wb_str_addsv(out, e->checksum);
	wb_str_add(out, " ");
	wb_str_addsv(out, e->name);
	wb_str_add(out, "\n");
}

static bool is_ours(const struct wb_source *s, struct wb_sv name)
{
	for (size_t i = 0; i < s->n; i++)
		if (wb_sv_eq(name, wb_sv_str(s->v[i]->name)))
			return true;
	return false;
}

/* Lines of files that are there and not this engine's stay, first. */
static int keep_others(const struct wb_source *s, struct wb_sv old, struct wb_str *out, char chain[HEX_SIZE])
{
	struct wb_sv line;
	struct entry e;
	int rc = 0;

	while (rc == 0 && s->skipped && wb_sv_cut(&old, '\n', &line)) {
		wb_autoarena a = WB_ARENA_INIT;
		line = wb_sv_trim(line);
		if (!is_entry(line) || !parse(line, &e) || is_ours(s, e.name))
			continue;
		char *name = wb_arena_sv(&a, e.name), *path = name ? wb_fs_join(&a, s->dir, name) : NULL;
		if (!path)
			rc = WB_ENOMEM;
		else if (wb_fs_exists(path))
			write_entry(out, chain, &e);
	}
	return rc;
}

bool wb_source_has_sum(const struct wb_source *s)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *path = s->dir ? wb_fs_join(&a, s->dir, SUM_NAME) : NULL;

	return path && wb_fs_exists(path);
}

int wb_source_write_sum(const struct wb_source *s, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr old = WB_STR_INIT, text = WB_STR_INIT;
	char chain[HEX_SIZE] = "", checksum[HEX_SIZE];
	char *path = s->dir ? wb_fs_join(&a, s->dir, SUM_NAME) : NULL;

	if (!s->dir)
		return wb_err_set(err, WB_EUSAGE, "migrations compiled into a program have no " SUM_NAME);
	int rc = !path ? WB_ENOMEM : wb_fs_exists(path) ? wb_fs_read(path, SUM_MAX, &old, err) : 0;
	wb_str_add(&text, SUM_HEAD);
	if (rc == 0)
		rc = keep_others(s, wb_str_sv(&old), &text, chain);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		wb_hex(s->v[i]->checksum, sizeof(s->v[i]->checksum), checksum);
		write_entry(&text, chain,
			    &(struct entry){ .checksum = wb_sv_str(checksum), .name = wb_sv_str(s->v[i]->name) });
	}
	if (rc == WB_ENOMEM || text.failed)
		return wb_err_nomem(err);
	return rc ? rc : wb_fs_replace(path, wb_str_sv(&text), 0644, err);
}
