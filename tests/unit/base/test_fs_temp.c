/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that take their name when they are whole; leftovers of the dead are
 * removed, those of the living are not.
 */
#include "tests.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
	char dir[64], path[96];
};

static int make_folder(void **state)
{
	static struct folder f;

	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/wb-temp-XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	(void)snprintf(f.path, sizeof(f.path), "%s/final", f.dir);
	*state = &f;
	return 0;
}

static int count_one(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)dirfd;
	(void)name;
	(void)err;
	++*(int *)user;
	return 0;
}

static int count(const struct folder *f)
{
	struct wb_error e;
	int n = 0;

	assert_int_equal(wb_fs_list(f->dir, count_one, &n, &e), 0);
	return n;
}

static int remove_folder(void **state)
{
	const struct folder *f = *state;

	wb_fs_sweep(f->dir);
	(void)unlink(f->path);
	return rmdir(f->dir);
}

static void takes_its_name_at_the_end(void **state)
{
	const struct folder *f = *state;
	wb_autostr temp = WB_STR_INIT, other = WB_STR_INIT;
	struct wb_error e;
	struct stat st;
	int fd = -1, second = -1;

	assert_int_equal(wb_fs_temp(f->path, &temp, &fd, &e), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(wb_fs_write(fd, "whole", 5, f->path, &e), 0);
	assert_false(wb_fs_exists(f->path));
	assert_int_equal(wb_fs_publish(temp.p, fd, f->path, &e), 0);
	assert_true(wb_fs_exists(f->path));
	assert_false(wb_fs_exists(temp.p));
	(void)close(fd);
	/* A name that is taken stays with whoever has it. */
	assert_int_equal(wb_fs_temp(f->path, &other, &second, &e), 0);
	assert_int_equal(wb_fs_publish(other.p, second, f->path, &e), WB_EREFUSED);
	assert_true(wb_fs_exists(other.p));
	(void)close(second);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 5);
}

static void removes_what_the_dead_left(void **state)
{
	const struct folder *f = *state;
	wb_autostr temp = WB_STR_INIT, side = WB_STR_INIT;
	struct wb_error e;
	int fd = -1;

	assert_int_equal(wb_fs_temp(f->path, &temp, &fd, &e), 0);
	wb_fs_sweep(f->dir);
	assert_true(wb_fs_exists(temp.p)); /* ours */
	if (fork() == 0) {
		wb_fs_sweep(f->dir); /* another process, which is no more entitled */
		_exit(0);
	}
	assert_true(wait(NULL) > 0);
	assert_true(wb_fs_exists(temp.p));
	wb_str_addf(&side, "%s-journal", temp.p);
	assert_int_equal(wb_fs_create(side.p, WB_SV("x"), 0600, &e), 0);
	(void)close(fd); /* as the kernel does for the dead */
	wb_fs_sweep(f->dir);
	assert_int_equal(count(f), 0);
	wb_fs_sweep("/no/such/folder");
}

static int stop_at(void *user, int64_t done, int64_t total, struct wb_error *err)
{
	assert_true(done <= total);
	return done >= *(int64_t *)user ? wb_err_set(err, WB_ECANCELLED, "enough") : 0;
}

static void sums_files_up(void **state)
{
	const struct folder *f = *state;
	unsigned char digest[32];
	char text[WB_CHECKSUM_SIZE];
	int64_t size = 0, limit = 1;
	struct wb_error e;

	assert_int_equal(wb_fs_create(f->path, WB_SV("abc"), 0600, &e), 0);
	assert_int_equal(wb_fs_digest(f->path, NULL, NULL, digest, &size, &e), 0);
	wb_checksum_text(digest, text);
	assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(size, 3);
	assert_int_equal(wb_fs_digest(f->path, stop_at, &limit, digest, &size, &e), WB_ECANCELLED);
	assert_int_equal(wb_fs_digest(f->dir, NULL, NULL, digest, &size, &e), WB_EIO);
	assert_int_equal(wb_fs_digest("/no/such/file", NULL, NULL, digest, &size, &e), WB_EIO);
}

int test_fs_temp(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_its_name_at_the_end, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(removes_what_the_dead_left, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(sums_files_up, make_folder, remove_folder),
	};

	return RUN_GROUP("fs_temp");
}
