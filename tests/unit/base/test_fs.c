/* SPDX-License-Identifier: Apache-2.0
 *
 * Files, in a folder of their own that is removed afterwards. renameat2 and
 * fsync are replaced at link time, so that file systems that lack the one or
 * fail the other can be played.
 */
#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_renameat2, failing_fsync; /* an errno, or 0 */
static bool only_directories; /* fail to sync */

int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __real_fsync(int fd);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_fsync(int fd);

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	errno = no_renameat2;
	return no_renameat2 ? -1 : __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __wrap_fsync(int fd)
{
	struct stat st;

	if (!failing_fsync || (only_directories && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)))
		return __real_fsync(fd);
	errno = failing_fsync;
	return -1;
}

struct place {
	char dir[64];
	char path[128]; /* of a file in it */
	int fds;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/whimbrel-fs-XXXXXX");
	*state = p;
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/file", p->dir);
	p->fds = count_fds();
	no_renameat2 = failing_fsync = 0;
	only_directories = false;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* No test may leave a descriptor open. */
static int tear_down(void **state)
{
	struct place *p = *state;
	int fds = p->fds;

	(void)nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return fds == count_fds() ? 0 : -1;
}

static int count_entry(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)err;
	assert_int_equal(fcntl(dirfd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW), 0);
	assert_string_not_equal(name, ".");
	assert_string_not_equal(name, "..");
	++*(int *)user;
	return 0;
}

static int count_entries(const char *dir)
{
	int n = 0;

	assert_int_equal(wb_fs_list(dir, count_entry, &n, NULL), 0);
	return n;
}

static void check_text(const char *path, const char *expected)
{
	wb_autostr text = WB_STR_INIT;

	assert_int_equal(wb_fs_read(path, 1000, &text, NULL), 0);
	assert_string_equal(text.p, expected);
	assert_int_equal(text.n, strlen(expected));
}

static void reads_up_to_the_ceiling(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	struct wb_error e;
	size_t n;
	char big[9000];

	memset(big, 'x', sizeof(big));
	for (n = 0; n < sizeof(big); n += n < 10 ? 1 : 1111) {
		assert_int_equal(wb_fs_replace(p->path, wb_sv(big, n), 0600, &e), 0);
		wb_str_add(&text, "old text");
		assert_int_equal(wb_fs_read(p->path, n, &text, &e), 0);
		assert_int_equal(text.n, n);
		assert_int_equal(strlen(text.p), n);
		assert_memory_equal(text.p, big, n);
		if (n == 0)
			continue;
		assert_int_equal(wb_fs_read(p->path, n - 1, &text, &e), WB_EINPUT);
		assert_int_equal(text.n, n); /* written only on success */
	}
}

static void reads_files_without_a_size(void **state)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error e;

	(void)state;
	assert_int_equal(wb_fs_read("/proc/self/status", 100000, &text, &e), 0);
	assert_true(wb_sv_starts(wb_str_sv(&text), "Name:"));
	assert_int_equal(wb_fs_read("/proc/self/status", 50, &text, &e), WB_EINPUT);
}

static void tells_why_it_cannot_read(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	struct wb_error e;
	char other[128];

	assert_int_equal(wb_fs_read(p->path, 10, &text, &e), WB_EIO);
	assert_string_equal(e.detail, "No such file or directory");
	assert_non_null(strstr(e.message, p->path));
	assert_int_equal(wb_fs_read(p->dir, 10, &text, &e), WB_EIO);
	assert_string_equal(e.detail, "it is a directory");
	assert_int_equal(wb_fs_read("", 10, &text, &e), WB_EIO);
	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_int_equal(wb_fs_read(p->path, 10, &text, &e), WB_EIO);
	assert_string_equal(e.detail, "it is not a regular file");
	assert_int_equal(unlink(p->path), 0);
	(void)snprintf(other, sizeof(other), "%s/other", p->dir);
	assert_int_equal(symlink("other", p->path), 0);
	assert_int_equal(symlink("file", other), 0);
	assert_int_equal(wb_fs_read(p->path, 10, &text, &e), WB_EIO);
	assert_string_equal(e.detail, "Too many levels of symbolic links");
	assert_false(wb_fs_exists(p->path));
	assert_false(wb_fs_is_dir(p->path));
	assert_int_equal(text.cap, 0);
}

static void check_create(const struct place *p)
{
	struct wb_error e;
	struct stat st;
	mode_t mask = umask(022);

	assert_int_equal(wb_fs_create(p->path, WB_SV("one"), 0640, &e), 0);
	(void)umask(mask);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(wb_fs_create(p->path, WB_SV("two"), 0640, &e), WB_EREFUSED);
	assert_non_null(strstr(e.message, p->path));
	check_text(p->path, "one");
	assert_int_equal(count_entries(p->dir), 1);
}

static void creates_only_new_files(void **state)
{
	check_create(*state);
}

static void creates_where_renameat2_is_missing(void **state)
{
	struct place *p = *state;

	no_renameat2 = ENOSYS;
	check_create(p);
	assert_int_equal(unlink(p->path), 0);
	no_renameat2 = EINVAL;
	check_create(p);
}

static void does_not_follow_a_dangling_link(void **state)
{
	struct place *p = *state;
	struct wb_error e;

	assert_int_equal(symlink("elsewhere", p->path), 0);
	assert_int_equal(wb_fs_create(p->path, WB_SV("x"), 0600, &e), WB_EREFUSED);
	assert_int_equal(count_entries(p->dir), 1);
}

/* A full disk, by a limit on file sizes. */
static void leaves_no_half_file(void **state)
{
	struct place *p = *state;
	struct rlimit old, small;
	struct wb_error e;
	char big[5000];
	int created, replaced;

	memset(big, 'x', sizeof(big));
	assert_int_equal(wb_fs_create(p->path, WB_SV("old"), 0600, &e), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 1000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	replaced = wb_fs_replace(p->path, wb_sv(big, sizeof(big)), 0600, &e);
	p->path[strlen(p->path) - 1] = 'X';
	created = wb_fs_create(p->path, wb_sv(big, sizeof(big)), 0600, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(replaced, WB_EIO);
	assert_int_equal(created, WB_EIO);
	assert_string_equal(e.detail, "File too large");
	assert_int_equal(count_entries(p->dir), 1);
	p->path[strlen(p->path) - 1] = 'e';
	check_text(p->path, "old");
}

static void a_disk_error_is_no_success(void **state)
{
	struct place *p = *state;
	struct wb_error e;

	failing_fsync = EIO;
	assert_int_equal(wb_fs_create(p->path, WB_SV("x"), 0600, &e), WB_EIO);
	assert_string_equal(e.detail, "Input/output error");
	assert_int_equal(wb_fs_replace(p->path, WB_SV("x"), 0600, &e), WB_EIO);
	assert_int_equal(count_entries(p->dir), 0);
	only_directories = true;
	assert_int_equal(wb_fs_create(p->path, WB_SV("x"), 0600, &e), WB_EIO);
	assert_non_null(strstr(e.message, "directory"));
	assert_int_equal(count_entries(p->dir), 0);
	failing_fsync = EINVAL; /* a file system that syncs no directories */
	assert_int_equal(wb_fs_create(p->path, WB_SV("x"), 0600, &e), 0);
}

static void tells_why_it_cannot_write(void **state)
{
	struct place *p = *state;
	struct wb_error e;
	char inside[160];

	(void)snprintf(inside, sizeof(inside), "%s/none/file", p->dir);
	assert_int_equal(wb_fs_create(inside, WB_SV("x"), 0600, &e), WB_EIO);
	assert_string_equal(e.detail, "No such file or directory");
	assert_non_null(strstr(e.message, inside));
	assert_int_equal(wb_fs_replace(inside, WB_SV("x"), 0600, &e), WB_EIO);
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_int_equal(wb_fs_replace(p->path, WB_SV("x"), 0600, &e), WB_EIO);
	assert_int_equal(wb_fs_create(p->path, WB_SV("x"), 0600, &e), WB_EREFUSED);
	assert_int_equal(count_entries(p->dir), 1);
}

static void replaces_in_one_step(void **state)
{
	struct place *p = *state;
	struct wb_error e;
	struct stat st;
	int old;

	assert_int_equal(wb_fs_replace(p->path, WB_SV("one"), 0600, &e), 0);
	old = open(p->path, O_RDONLY | O_CLOEXEC);
	assert_true(old >= 0);
	assert_int_equal(wb_fs_replace(p->path, WB_SV("second"), 0600, &e), 0);
	check_text(p->path, "second");
	assert_int_equal(fstat(old, &st), 0);
	assert_int_equal(st.st_size, 3); /* who had the old file open still has it whole */
	assert_int_equal(close(old), 0);
	assert_int_equal(count_entries(p->dir), 1);
}

static void writes_without_a_directory_part(void **state)
{
	struct place *p = *state;
	int here = open(".", O_PATH | O_CLOEXEC);
	int rc;

	assert_true(here >= 0);
	assert_int_equal(chdir(p->dir), 0);
	rc = wb_fs_create("file", WB_SV("here"), 0600, NULL);
	if (rc == 0)
		rc = wb_fs_mkdir_p("a/b", 0700, NULL);
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(close(here), 0);
	assert_int_equal(rc, 0);
	check_text(p->path, "here");
	assert_int_equal(count_entries(p->dir), 2);
}

static void makes_directories(void **state)
{
	struct place *p = *state;
	char path[160];
	struct wb_error e;
	struct stat st;
	mode_t mask = umask(022);

	(void)snprintf(path, sizeof(path), "%s/a//b/c/", p->dir);
	assert_int_equal(wb_fs_mkdir_p(path, 0500, &e), 0);
	(void)umask(mask);
	assert_true(wb_fs_is_dir(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0500);
	assert_int_equal(wb_fs_mkdir_p(path, 0700, &e), 0);
	assert_int_equal(wb_fs_mkdir_p("/", 0700, &e), 0);
	assert_int_equal(wb_fs_mkdir_p("", 0700, &e), WB_EIO);
	assert_int_equal(wb_fs_create(p->path, WB_SV(""), 0600, &e), 0);
	assert_int_equal(wb_fs_mkdir_p(p->path, 0700, &e), WB_EIO);
	assert_string_equal(e.detail, "Not a directory");
	(void)snprintf(path, sizeof(path), "%s/below", p->path);
	assert_int_equal(wb_fs_mkdir_p(path, 0700, &e), WB_EIO);
	assert_string_equal(e.detail, "Not a directory");
}

static int stop_at_second(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)dirfd;
	return ++*(int *)user == 2 ? wb_err_set(err, WB_EORDER, "stopped at %s", name) : 0;
}

static void lists(void **state)
{
	struct place *p = *state;
	struct wb_error e;
	char path[160];
	int i, n = 0;

	assert_int_equal(count_entries(p->dir), 0);
	for (i = 0; i < 5; i++) {
		(void)snprintf(path, sizeof(path), "%s/.%d", p->dir, i);
		assert_int_equal(wb_fs_create(path, WB_SV(""), 0600, &e), 0);
	}
	assert_int_equal(count_entries(p->dir), 5);
	assert_int_equal(wb_fs_list(p->dir, stop_at_second, &n, &e), WB_EORDER);
	assert_int_equal(n, 2);
	assert_true(wb_sv_starts(wb_sv_str(e.message), "stopped at ."));
	assert_int_equal(wb_fs_list(path, stop_at_second, &n, &e), WB_EIO);
	assert_string_equal(e.detail, "Not a directory");
}

static void joins(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;

	(void)state;
	assert_string_equal(wb_fs_join(&a, "dir", "name"), "dir/name");
	assert_string_equal(wb_fs_join(&a, "dir/", "name"), "dir/name");
	assert_string_equal(wb_fs_join(&a, "/", "name"), "/name");
	assert_string_equal(wb_fs_join(&a, "", "name"), "name");
	assert_string_equal(wb_fs_join(&a, NULL, "name"), "name");
	assert_string_equal(wb_fs_join(&a, "dir", "/abs"), "/abs");
}

static int use_everything(void *user)
{
	const struct place *p = user;
	wb_autostr text = WB_STR_INIT;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error e;
	int n = 0, rc;

	(void)unlink(p->path);
	rc = wb_fs_create(p->path, WB_SV("text"), 0600, &e);
	assert_int_equal(wb_fs_exists(p->path), rc == 0);
	if (rc == 0)
		rc = wb_fs_replace(p->path, WB_SV("text again"), 0600, &e);
	if (rc == 0)
		rc = wb_fs_read(p->path, 100, &text, &e);
	if (rc == 0)
		rc = wb_fs_mkdir_p(p->dir, 0700, &e);
	if (rc == 0)
		rc = wb_fs_list(p->dir, count_entry, &n, &e);
	if (rc == 0 && !wb_fs_join(&a, p->dir, "x"))
		rc = wb_err_nomem(&e);
	assert_int_equal(count_fds(), p->fds);
	assert_true(rc == 0 || e.code == rc);
	return rc;
}

static void survives_lack_of_memory(void **state)
{
	struct place *p = *state;

	assert_true(wb_oom_run(use_everything, p) >= 8);
	assert_int_equal(count_entries(p->dir), 1);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int test_fs(void)
{
	static const struct CMUnitTest tests[] = {
		IN_PLACE(reads_up_to_the_ceiling),
		IN_PLACE(reads_files_without_a_size),
		IN_PLACE(tells_why_it_cannot_read),
		IN_PLACE(creates_only_new_files),
		IN_PLACE(creates_where_renameat2_is_missing),
		IN_PLACE(does_not_follow_a_dangling_link),
		IN_PLACE(leaves_no_half_file),
		IN_PLACE(a_disk_error_is_no_success),
		IN_PLACE(tells_why_it_cannot_write),
		IN_PLACE(replaces_in_one_step),
		IN_PLACE(writes_without_a_directory_part),
		IN_PLACE(makes_directories),
		IN_PLACE(lists),
		cmocka_unit_test(joins),
		IN_PLACE(survives_lack_of_memory),
	};

	return RUN_GROUP("fs");
}
