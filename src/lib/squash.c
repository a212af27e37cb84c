/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_squash: many files become one baseline. The file is written under a hidden
 * name, proved there, and only then put in its place; the old files go after
 * that, newest first, so that what is left of them at any moment is either all
 * or plainly not all.
 */
#include "squash.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

WB_API void wb_squashed_free(struct wb_squashed *squashed)
{
	struct squash_box *b = (struct squash_box *)squashed;
	if (!b)
		return;
	wb_vec_done(&b->replaced);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- what is meant -------------------------------------------------------------------- */

static int find_version(struct squash *s, struct wb_error *err)
{
	const struct wb_migration *m = wb_source_find(s->c->source, s->o.to);
	if (!m || m->kind == WB_MIG_REPEATABLE) {
		wb_err_set(err, WB_ENOTFOUND, "there is no migration %s in %s", s->o.to, s->c->source->dir);
		wb_err_hint(err, "`whimbrel status` lists the versions");
		return WB_ENOTFOUND;
	}
	s->version = wb_arena_str(&s->box->arena, m->version);
	return s->version ? 0 : wb_err_nomem(err);
}

static int take_file(struct squash *s, struct wb_migration *m, struct wb_error *err)
{
	const char *file = wb_arena_str(&s->box->arena, m->file);
	if (!file || !wb_vec_push(&s->box->replaced, file) || !wb_vec_push(&s->old, m))
		return wb_err_nomem(err);
	return 0;
}

/* Everything up to the version, and the baseline that may be there already. */
static int collect(struct squash *s, struct wb_error *err)
{
	const struct wb_source *files = s->c->source;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < files->n; i++) {
		struct wb_migration *m = files->v[i];
		int cmp = m->kind == WB_MIG_REPEATABLE ? 1 : wb_version_cmp(m->version, s->version);
		if (m->kind == WB_MIG_BASELINE && cmp == 0)
			s->base = m;
		else if (cmp <= 0)
			rc = take_file(s, m, err);
	}
	if (rc < 0)
		return rc;
	s->name = s->base ? s->base->name : wb_arena_printf(&s->box->arena, "B%s__squashed.sql", s->version);
	s->name = s->name ? wb_arena_str(&s->box->arena, s->name) : NULL;
	s->file = s->name ? wb_fs_join(&s->box->arena, files->dir, s->name) : NULL;
	return s->file ? 0 : wb_err_nomem(err);
}

/* A call that was interrupted may have left a list that lacks the baseline; nothing else may be wrong. */
static int check_files(const struct squash *s, struct wb_error *err)
{
	const struct wb_source *files = s->c->source;
	for (size_t i = 0; i < files->n_problems; i++) {
		const struct wb_source_problem *p = &files->problems[i];
		bool ours = s->base && !strcmp(p->kind, "sum") && p->file && !strcmp(p->file, s->base->file);
		if (!p->warning && !ours)
			return wb_source_check(files, err);
	}
	return 0;
}

static int check_worth(const struct squash *s, struct wb_error *err)
{
	if (s->base || s->old.n > 1)
		return 0;
	wb_err_set(err, WB_EREFUSED, "%s is the only file up to version %s: there is nothing to squash",
		   s->old.v[0]->name, s->version);
	wb_err_hint(err, "name a later version with --to");
	return WB_EREFUSED;
}

/* ---- putting in place --------------------------------------------------------------------- */

static int write_sum(struct squash *s, struct wb_error *err)
{
	int rc = wb_prepare(s->c, WB_NEED_SOURCE, err);
	return rc == 0 && wb_source_has_sum(s->c->source) ? wb_source_write_sum(s->c->source, err) : rc;
}

static int place(struct squash *s, struct wb_error *err)
{
	struct stat like, st;
	bool known = stat(s->old.v[s->old.n - 1]->file, &like) == 0;
	int rc = wb_fault_step(&s->watch.steps, err);
	if (rc == 0 && (fchmod(s->fd, known ? like.st_mode & 0666 : 0644) != 0 || fstat(s->fd, &st) != 0))
		rc = wb_err_errno(err, WB_EIO, "cannot write %s", s->file);
	if (rc == 0)
		rc = wb_fs_publish(s->temp.p, s->fd, s->file, err);
	if (rc < 0)
		return rc;
	wb_str_clear(&s->temp);
	s->box->view.bytes = st.st_size;
	return wb_fault_step(&s->watch.steps, err);
}

static int remove_file(const char *path, struct wb_error *err)
{
	return !path || unlink(path) == 0 || errno == ENOENT ? 0 : wb_err_errno(err, WB_EIO, "cannot remove %s", path);
}

/* A down file before the file that it undoes: alone it would be an error. */
static int remove_old(struct squash *s, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = s->old.n; rc == 0 && i > 0; i--) {
		rc = wb_fault_step(&s->watch.steps, err);
		if (rc == 0)
			rc = remove_file(s->old.v[i - 1]->down_file, err);
		if (rc == 0)
			rc = remove_file(s->old.v[i - 1]->file, err);
	}
	return rc;
}

static int make(struct squash *s, struct wb_error *err)
{
	if (s->c->o.n_variables)
		wb_log(&s->c->sink, WB_LOG_WARN,
		       "where migrations use variables, the baseline has their values of now");
	wb_fs_sweep(s->c->source->dir);
	int rc = wb_fs_temp(s->file, &s->temp, &s->fd, err);
	if (rc == 0)
		rc = wb_squash_write(s, err);
	if (rc == 0)
		rc = wb_squash_prove(s, s->temp.p, err);
	if (rc == 0)
		rc = place(s, err);
	if (s->temp.n)
		(void)unlink(s->temp.p);
	if (s->fd >= 0)
		(void)close(s->fd);
	return rc;
}

/* The baseline is there: its head says whether it may stand for the files that are left. */
static int look_at_baseline(struct squash *s, struct wb_error *err)
{
	s->box->view.finished = true;
	s->box->view.bytes = (int64_t)s->base->size;
	int rc = wb_squashed_check(s->base, s->old.v, s->old.n, err);
	return rc == 0 ? wb_squash_prove(s, s->base->file, err) : rc;
}

/* Once the baseline is listed, removing what it stands for leaves a valid folder behind at every moment. The list is
 * written from the folder, whose old entries in s->old point into what was read first. */
static int settle(struct squash *s, struct wb_error *err)
{
	struct wb_source *first = s->c->source;
	s->c->source = NULL;
	int rc = write_sum(s, err);
	if (rc == 0 && !s->o.keep)
		rc = remove_old(s, err);
	if (rc == 0 && !s->o.keep)
		rc = wb_fault_step(&s->watch.steps, err);
	if (rc == 0 && !s->o.keep)
		rc = write_sum(s, err);
	wb_source_free(first);
	return rc;
}

static int squash(struct squash *s, struct wb_error *err)
{
	int rc = find_version(s, err);
	if (rc == 0)
		rc = collect(s, err);
	if (rc == 0)
		rc = check_files(s, err);
	if (rc == 0)
		rc = check_worth(s, err);
	if (rc == 0)
		rc = s->base ? look_at_baseline(s, err) : make(s, err);
	return rc == 0 ? settle(s, err) : rc;
}

static int check_options(struct wb_context *c, const struct wb_squash_options *o, struct wb_error *err)
{
	if (!o->to || !*o->to)
		return wb_err_set(err, WB_EUSAGE, "squash needs to know up to which version");
	if (c->o.n_embedded || !c->o.dir)
		return wb_err_set(err, WB_EUSAGE, "squash needs a folder of migrations: --dir DIR");
	if (!c->has_url)
		return wb_err_set(err, WB_EUSAGE, "squash needs to know where scratch databases may be made: --url");
	return 0;
}

WB_API int wb_squash(struct wb_context *context, const struct wb_squash_options *options,
		     struct wb_squashed **ret_squashed, struct wb_error *err)
{
	struct squash s = { .c = context, .head = WB_STR_INIT, .temp = WB_STR_INIT, .fd = -1 };
	int rc = wb_take_options(&s.o, sizeof(s.o), options, "wb_squash_options", err);
	if (rc == 0)
		rc = check_options(context, &s.o, err);
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_SOURCE, err);
	if (rc < 0)
		return rc;
	s.box = calloc(1, sizeof(*s.box));
	if (!s.box)
		return wb_err_nomem(err);
	wb_copy_watch_init(&s.watch, &context->target, WB_EVENT_STEP_PROGRESS);
	rc = squash(&s, err);
	wb_copy_watch_done(&s.watch);
	s.box->view.file = s.file;
	s.box->view.replaced = s.box->replaced.v;
	s.box->view.n_replaced = s.box->replaced.n;
	s.box->view.kept = s.o.keep;
	wb_vec_done(&s.old);
	wb_str_done(&s.head);
	wb_str_done(&s.temp);
	if (rc == WB_ECANCELLED)
		context->cancel = 0; /* what was asked to stop has stopped */
	if (rc < 0 || !ret_squashed)
		wb_squashed_free(&s.box->view);
	else
		*ret_squashed = &s.box->view;
	return rc;
}
