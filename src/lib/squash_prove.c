/* SPDX-License-Identifier: Apache-2.0
 *
 * The baseline is written out of a scratch database that the old files made,
 * and run alone on another one; both are then written as SQL, and the texts
 * have to be equal.
 */
#include "squash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- writing --------------------------------------------------------------------------- */

struct sink {
	int fd;
	const char *name;
	struct wb_sha256 hash;
};

static int write_script(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct sink *out = user;
	wb_sha256_add(&out->hash, p, n);
	return wb_fs_write(out->fd, p, n, out->name, err);
}

static int script(struct squash *s, struct wb_context *from, int fd, const char *name, unsigned char digest[32],
		  struct wb_error *err)
{
	struct sink out = { .fd = fd, .name = name };
	struct wb_scripting how = { .out = write_script, .user = &out, .copying = &s->watch.copying };
	wb_sha256_init(&out.hash);
	from->conn->tick = wb_copy_watch_tick;
	from->conn->tick_user = &s->watch;
	int rc = wb_conn_script(from->conn, &how, err);
	from->conn->tick = NULL;
	wb_sha256_final(&out.hash, digest);
	return rc;
}

static int up(struct wb_trial *t, const char *to, const char *failed, struct wb_error *err)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = to } };
	int rc = wb_up(t->context, &o, NULL, err);
	if (rc < 0 && rc != WB_ECANCELLED)
		wb_err_prefix(err, "%s", failed);
	return rc;
}

/* The head tells the digest of the body, which is known when that is written: its place is kept free. */
static int write_head(struct squash *s, struct wb_error *err)
{
	wb_str_clear(&s->head);
	wb_squashed_head(&s->head, s->version, s->old.v, s->old.n, s->digest);
	if (s->head.failed)
		return wb_err_nomem(err);
	return wb_fs_write(s->fd, s->head.p, s->head.n, s->file, err);
}

int wb_squash_write(struct squash *s, struct wb_error *err)
{
	struct wb_trial t;
	int rc = wb_trial_open(s->c, NULL, &t, err);
	if (rc == 0)
		rc = up(&t, s->version, "on an empty scratch database", err);
	if (rc == 0)
		rc = write_head(s, err);
	if (rc == 0)
		rc = script(s, t.context, s->fd, s->file, s->digest, err);
	wb_trial_close(&t);
	if (rc == 0 && lseek(s->fd, 0, SEEK_SET) != 0)
		rc = wb_err_errno(err, WB_EIO, "cannot write %s", s->file);
	return rc == 0 ? write_head(s, err) : rc;
}

/* ---- proving ---------------------------------------------------------------------------- */

static int different(const char *file, size_t line, const char *was, const char *is, struct wb_error *err)
{
	wb_err_set(err, WB_ENO, "the baseline does not make the same database: it was not put in place");
	wb_err_detail(err, "first difference, in line %zu of what the database holds\n- %.300s\n+ %.300s", line,
		      was ? was : "(the end)", is ? is : "(the end)");
	wb_err_hint(err, "nothing has changed in %s", file);
	return WB_ENO;
}

static const char *next_line(FILE *f, char **line, size_t *cap)
{
	ssize_t n = f ? getline(line, cap, f) : -1;
	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return n > 0 ? *line : NULL;
}

/* Only for telling: that they differ is known by their digests. */
static int tell_difference(struct squash *s, const char *second, struct wb_error *err)
{
	FILE *a = fopen(s->temp.p, "re"), *b = fopen(second, "re");
	wb_autofree char *was = NULL;
	wb_autofree char *is = NULL;
	const char *x = NULL, *y = NULL;
	size_t cap_was = 0, cap_is = 0, line = 0;
	if (a)
		(void)fseek(a, (long)s->head.n, SEEK_SET);
	do {
		x = next_line(a, &was, &cap_was);
		y = next_line(b, &is, &cap_is);
		line++;
	} while (x && y && !strcmp(x, y));
	int rc = different(s->c->source->dir, line, x, y, err);
	if (a)
		(void)fclose(a);
	if (b)
		(void)fclose(b);
	return rc;
}

static int compare(struct squash *s, struct wb_trial *t, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	unsigned char digest[32];
	const char *second = wb_fs_join(&a, s->work, ".second");
	int fd = second ? open(second, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return second ? wb_err_errno(err, WB_EIO, "cannot create %s", second) : wb_err_nomem(err);
	int rc = script(s, t->context, fd, second, digest, err);
	(void)close(fd);
	if (rc == 0 && memcmp(digest, s->digest, sizeof(digest)) != 0)
		rc = tell_difference(s, second, err);
	return rc;
}

static int show_rest(struct squash *s, struct wb_error *err)
{
	const struct wb_source *files = s->c->source;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < files->n; i++) {
		const struct wb_migration *m = files->v[i];
		bool goes = !s->o.keep && m->kind != WB_MIG_REPEATABLE && wb_version_cmp(m->version, s->version) <= 0;
		const char *down = m->down_file ? strrchr(m->down_file, '/') : NULL;
		rc = goes || m == s->base ? 0 : wb_links_add(s->work, m->file, m->name, err);
		if (rc == 0 && !goes && down)
			rc = wb_links_add(s->work, m->down_file, down + 1, err);
	}
	return rc;
}

/* The folder as it will be: what leans on a file that goes would be in the way of every later run. */
static int check_future(struct squash *s, struct wb_error *err)
{
	struct wb_context *future = NULL;
	struct wb_options o = s->c->o;
	o.size = sizeof(o);
	o.dir = s->work;
	int rc = show_rest(s, err);
	if (rc == 0)
		rc = wb_open(&o, &future, err);
	if (rc == 0)
		rc = wb_prepare(future, WB_NEED_SOURCE, err);
	if (rc == 0) {
		rc = wb_source_check(future->source, err);
		if (rc < 0)
			wb_err_prefix(err, "with the baseline in place of the old files");
	}
	wb_close(future);
	return rc;
}

static int run_alone(struct squash *s, struct wb_error *err)
{
	struct wb_trial t;
	int rc = wb_trial_open(s->c, s->work, &t, err);
	if (rc == 0)
		rc = up(&t, NULL, "the baseline, alone on an empty scratch database", err);
	if (rc == 0)
		rc = compare(s, &t, err);
	wb_trial_close(&t);
	return rc;
}

int wb_squash_prove(struct squash *s, const char *path, struct wb_error *err)
{
	int rc = wb_links_make(s->work, "squash", err);
	if (rc == 0)
		rc = wb_links_add(s->work, path, s->name, err);
	if (rc == 0 && !s->base)
		rc = run_alone(s, err);
	if (rc == 0)
		rc = check_future(s, err);
	wb_links_remove(s->work, &s->c->sink);
	return rc;
}
