/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock: one holder, named to the others, gone with its process, one for all
 * names of a file.
 */
#include "tests.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_lock(struct place *p, struct wb_conn *c, struct wb_lock_holder *h)
{
	memset(&p->err, 0, sizeof(p->err));
	return wb_conn_lock_try(c, "main", 0, h, &p->err);
}

static void test_one_holder(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);
	struct wb_lock_holder h = { 0 };
	char host[128], pid[32];

	assert_ok(try_lock(p, p->c, &h), &p->err);
	assert_ok(try_lock(p, p->c, &h), &p->err); /* held already */
	assert_int_equal(try_lock(p, c, &h), WB_EBUSY);
	assert_int_equal(h.pid, getpid());
	assert_int_equal(h.backend, -1);
	assert_string_equal(h.id, "file");
	assert_string_equal(h.kind, "file");
	assert_string_equal(h.host, wb_proc_host(host, sizeof(host)));
	assert_int_equal(h.since[10], 'T');
	(void)snprintf(pid, sizeof(pid), "process %lld", (long long)getpid());
	assert_non_null(strstr(p->err.detail, pid));
	assert_int_equal(wb_conn_lock_try(c, "main", 0, NULL, NULL), WB_EBUSY);
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
	assert_ok(try_lock(p, c, &h), &p->err);
	wb_conn_close(c);
	assert_ok(try_lock(p, p->c, &h), &p->err); /* closing lets go */
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
}

static void test_two_names(void **state)
{
	struct place *p = *state;
	struct wb_url url = p->url;
	struct wb_open_options o = p->o;
	struct wb_lock_holder h;
	struct wb_conn *c;
	char lock[160];

	assert_int_equal(symlink(p->path, p->other), 0);
	url.database = p->other;
	o.url = &url;
	c = open_again(p, &o);
	assert_ok(try_lock(p, c, &h), &p->err);
	assert_int_equal(try_lock(p, p->c, &h), WB_EBUSY);
	wb_conn_close(c);
	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_true(file_exists(lock));
	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->other);
	assert_false(file_exists(lock));
}

static void test_killed_holder(void **state)
{
	struct place *p = *state;
	struct wb_lock_holder h = { 0 };
	int ready[2], status;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct wb_conn *c = NULL;

		if (wb_conn_open(wb_sqlite_driver(), &p->o, &c, NULL) || wb_conn_lock_try(c, "main", 0, &h, NULL))
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(try_lock(p, p->c, &h), WB_EBUSY);
	assert_int_equal(h.pid, pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_ok(try_lock(p, p->c, &h), &p->err);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

static void test_list_and_break(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_conn *c = open_again(p, NULL);
	struct wb_lock_holder h, *v;
	struct wb_blocker *b;
	char pid[32];
	size_t n = 9;

	assert_ok(wb_conn_lock_list(c, "main", &a, &v, &n, &p->err), &p->err);
	assert_int_equal(n, 0); /* no file yet */
	assert_int_equal(wb_conn_lock_break(c, "main", "file", &p->err), WB_ENOTFOUND);
	assert_ok(try_lock(p, p->c, &h), &p->err);
	assert_ok(wb_conn_lock_list(c, "main", &a, &v, &n, &p->err), &p->err);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].pid, getpid());
	assert_string_equal(v[0].state, "active");
	assert_int_equal(wb_conn_lock_break(c, "main", "other", &p->err), WB_ENOTFOUND);
	assert_int_equal(wb_conn_lock_break(c, "main", "file", &p->err), WB_EREFUSED);
	(void)snprintf(pid, sizeof(pid), "process %lld", (long long)getpid());
	assert_non_null(strstr(p->err.hint, pid));
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
	assert_ok(wb_conn_lock_list(c, "main", &a, &v, &n, &p->err), &p->err);
	assert_int_equal(n, 0); /* the file is still there */
	assert_int_equal(wb_conn_lock_break(c, "main", "file", &p->err), WB_ENOTFOUND);
	assert_ok(wb_conn_blockers(c, 0, &a, &b, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
	assert_int_equal(wb_conn_terminate(c, 1, &p->err), WB_EUNSUPPORTED);
	wb_conn_close(c);
}

static void test_garbled(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);
	struct wb_lock_holder h;
	char lock[160], junk[3000];

	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_ok(try_lock(p, p->c, &h), &p->err);
	memset(junk, 'x', sizeof(junk));
	memcpy(junk, "pid what\nhost\n\nuser \n", 21);
	put_file(lock, junk, sizeof(junk));
	assert_int_equal(try_lock(p, c, &h), WB_EBUSY);
	assert_int_equal(h.pid, -1);
	assert_string_equal(h.host, "");
	assert_int_equal(wb_conn_lock_break(c, "main", "file", &p->err), WB_EREFUSED);
	wb_conn_close(c);
}

/* A file that loses its name while it is locked is no lock any more. */
static void test_replaced_file(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);
	struct wb_lock_holder h;
	char lock[160];

	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_ok(try_lock(p, p->c, &h), &p->err);
	assert_int_equal(unlink(lock), 0);
	assert_ok(try_lock(p, c, &h), &p->err); /* a new file */
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
	assert_int_equal(try_lock(p, p->c, &h), WB_EBUSY);
	wb_conn_close(c);
}

static void test_mode(void **state)
{
	struct place *p = *state;
	struct wb_lock_holder h;
	struct stat st;
	char lock[160];
	mode_t mask = umask(077);

	assert_int_equal(chmod(p->path, 0664), 0);
	assert_ok(try_lock(p, p->c, &h), &p->err);
	(void)umask(mask);
	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_int_equal(stat(lock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0664);
}

/* As another user, who may not write in the folder. */
static void test_no_access(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	exec(p->c, "CREATE TABLE t (a)");
	wb_conn_close(wb_steal(&p->c));
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_int_equal(chmod(p->path, 0644), 0);
	pid = fork();
	if (pid == 0) {
		struct wb_lock_holder h;
		struct wb_conn *c = NULL;
		bool good;

		p->o.create = false;
		p->o.read_only = true;
		good = setuid(65534) == 0 && wb_conn_open(wb_sqlite_driver(), &p->o, &c, &p->err) == 0 &&
		       wb_conn_lock_try(c, "main", 0, &h, &p->err) == WB_EPRIVILEGE && p->err.hint[0];
		wb_conn_close(c);
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_no_file(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_lock_holder h, *v;
	size_t n = 9;
	char lock[160];

	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_int_equal(mkdir(lock, 0700), 0);
	assert_int_equal(try_lock(p, p->c, &h), WB_EIO);
	assert_int_equal(rmdir(lock), 0);
	assert_int_equal(symlink("/etc/passwd", lock), 0);
	assert_int_equal(try_lock(p, p->c, &h), WB_EIO);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(symlink("loop", lock), 0);
	(void)snprintf(lock, sizeof(lock), "%s/loop", p->dir);
	assert_int_equal(symlink("loop", lock), 0);
	assert_int_equal(wb_conn_lock_list(p->c, "main", &a, &v, &n, &p->err), WB_EIO);
	assert_int_equal(wb_conn_lock_break(p->c, "main", "file", &p->err), WB_EIO);
}

int test_lock(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_one_holder),     TEST_CONN(test_two_names), TEST_CONN(test_killed_holder),
		TEST_CONN(test_list_and_break), TEST_CONN(test_garbled),   TEST_CONN(test_replaced_file),
		TEST_CONN(test_mode),           TEST_CONN(test_no_access), TEST_CONN(test_no_file),
	};

	return RUN_GROUP("lock");
}
