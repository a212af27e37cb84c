/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads all files of a load. Where there are so many that a thread's start no
 * longer counts, a second one reads the second half of them into a load of its
 * own, whose findings are added at the end.
 */
#include "source/internal.h"

#include "base/thread.h"

struct half {
	struct wb_load l;
	struct wb_source s; /* arena and counters of this half */
	struct wb_error err;
	struct wb_migration **v;
	size_t n;
	int rc;
};

/* What is no part of this run leaves its place empty. */
static int read_some(struct wb_load *l, struct wb_migration **v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool keep;
		int rc = wb_file_scan(l, v[i], &keep);
		if (rc)
			return rc;
		if (!keep)
			v[i] = NULL;
	}
	return 0;
}

static void read_half(void *user)
{
	struct half *h = user;

	h->rc = read_some(&h->l, h->v, h->n);
}

static int begin(struct half *h, struct wb_load *whole, size_t from)
{
	h->s.arena = (struct wb_arena)WB_ARENA_INIT;
	h->s.dir = whole->s->dir;
	h->v = whole->migs.v + from;
	h->n = whole->migs.n - from;
	whole->hold_left /= 2;
	h->l = (struct wb_load){ .o = whole->o,
				 .s = &h->s,
				 .engine = whole->engine,
				 .err = &h->err,
				 .dirfd = whole->dirfd,
				 .buf = malloc(WB_FILE_SMALL),
				 .hold_left = whole->hold_left };
	return h->l.buf ? 0 : wb_err_nomem(whole->err);
}

static int add(struct half *h, struct wb_load *whole)
{
	int rc = h->rc;

	if (rc)
		*whole->err = h->err;
	for (size_t i = 0; i < h->l.problems.n && rc == 0; i++)
		rc = wb_vec_push(&whole->problems, h->l.problems.v[i]) ? 0 : wb_err_nomem(whole->err);
	whole->s->skipped += h->s.skipped;
	wb_arena_merge(&whole->s->arena, &h->s.arena);
	wb_vec_done(&h->l.problems);
	wb_vec_done(&h->l.depends);
	free(h->l.buf);
	return rc;
}

static int read_halves(struct wb_load *l)
{
	struct half second = { 0 };
	struct wb_thread thread;
	size_t from = l->migs.n / 2;
	int rc = begin(&second, l, from), more;

	if (rc)
		return rc;
	wb_thread_start(&thread, read_half, &second);
	rc = read_some(l, l->migs.v, from);
	wb_thread_finish(&thread);
	if (rc)
		second.rc = 0; /* the first failure is told */
	more = add(&second, l);
	return rc ? rc : more;
}

int wb_read_files(struct wb_load *l)
{
	size_t n = 0;
	int rc = l->dirfd >= 0 && l->migs.n >= WB_READ_MANY ? read_halves(l) : read_some(l, l->migs.v, l->migs.n);

	if (rc)
		return rc;
	for (size_t i = 0; i < l->migs.n; i++)
		if (l->migs.v[i])
			l->migs.v[n++] = l->migs.v[i];
	l->migs.n = n;
	return 0;
}
