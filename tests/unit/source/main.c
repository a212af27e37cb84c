/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the source room: all groups, and what they share.
 */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct reads reads;

ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	static const struct timespec long_ago[2] = { { 1000, 0 }, { 1000, 0 } };

	reads.calls++;
	if (reads.calls == reads.touch_at)
		assert_int_equal(utimensat(AT_FDCWD, reads.touch_path, long_ago, 0), 0);
	if (reads.calls == reads.fail_at || reads.calls == reads.interrupt_at) {
		errno = reads.calls == reads.fail_at ? EIO : EINTR;
		return -1;
	}
	return __real_read(fd, buf, n);
}

int count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	*state = p;
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/whimbrel-source-XXXXXX");
	p->fds = count_fds();
	memset(&reads, 0, sizeof(reads));
	p->o = (struct wb_source_options){ .dir = p->dir, .dialect = WB_DIALECT_POSTGRES, .engine = "postgresql" };
	return mkdtemp(p->dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int tear_down(void **state)
{
	struct place *p = *state;
	int fds = p->fds;

	wb_source_free(p->s);
	(void)nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return fds == count_fds() ? 0 : -1;
}

const char *path_of(struct place *p, const char *name)
{
	(void)snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, name);
	return p->path;
}

void put_bytes(struct place *p, const char *name, const char *text, size_t n)
{
	FILE *f = fopen(path_of(p, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

void put(struct place *p, const char *name, const char *text)
{
	put_bytes(p, name, text, strlen(text));
}

struct wb_source *load_at(struct place *p, const char *file, int line)
{
	int rc;

	wb_source_free(p->s);
	p->s = NULL;
	rc = wb_source_open(&p->o, &p->s, &p->err);
	if (rc) {
		print_error("%s %s: %s (%s)\n", wb_code_name(rc), p->err.message, p->err.detail, p->err.hint);
		_fail(file, line);
	}
	return p->s;
}

size_t count_problems(struct place *p, bool print)
{
	for (size_t i = 0; print && i < p->s->n_problems; i++)
		print_error("%s: %s:%u:%u: %s\n", p->s->problems[i].kind, p->s->problems[i].file,
			    p->s->problems[i].line, p->s->problems[i].column, p->s->problems[i].message);
	return p->s->n_problems;
}

const struct wb_source_problem *only_problem_at(struct place *p, const char *kind, const char *file, int line)
{
	if (p->s->n_problems != 1 || strcmp(p->s->problems[0].kind, kind) != 0) {
		(void)count_problems(p, true);
		_fail(file, line);
	}
	return &p->s->problems[0];
}

void assert_names_at(const struct wb_source *s, const char *names, const char *file, int line)
{
	char all[4096] = "";

	for (size_t i = 0; i < s->n; i++) {
		size_t n = strlen(all);
		(void)snprintf(all + n, sizeof(all) - n, "%s%s", i ? " " : "", s->v[i]->name);
	}
	_assert_string_equal(all, names, file, line);
}

void assert_has_at(const char *text, const char *part, const char *file, int line)
{
	if (text && strstr(text, part))
		return;
	print_error("\"%s\" does not hold \"%s\"\n", text ? text : "(null)", part);
	_fail(file, line);
}

void sha(const char *text, unsigned char out[32])
{
	struct wb_sha256 h;

	wb_sha256_init(&h);
	wb_sha256_add(&h, text, strlen(text));
	wb_sha256_final(&h, out);
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
