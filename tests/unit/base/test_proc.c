/* SPDX-License-Identifier: Apache-2.0
 *
 * This process, random identifiers, and programs run to their end. getrandom
 * is replaced at link time to play a kernel that gives nothing.
 */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static int failing_getrandom; /* an errno, or 0 */
static int interruptions;

ssize_t __real_getrandom(void *p, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *p, size_t n, unsigned flags);

ssize_t __wrap_getrandom(void *p, size_t n, unsigned flags)
{
	if (interruptions > 0) {
		interruptions--;
		errno = EINTR;
		return -1;
	}
	errno = failing_getrandom;
	return failing_getrandom ? -1 : __real_getrandom(p, n, flags);
}

static void knows_itself(void **state)
{
	char name[256], expected[256] = "", tiny[3];
	int64_t cpu = wb_proc_cpu_ms(), until = wb_now_ms() + 2000;

	(void)state;
	assert_true(wb_proc_rss_kb() > 100);
	assert_true(cpu >= 0);
	while (wb_proc_cpu_ms() == cpu && wb_now_ms() < until)
		;
	assert_true(wb_proc_cpu_ms() > cpu);
	assert_int_equal(gethostname(expected, sizeof(expected) - 1), 0);
	assert_string_equal(wb_proc_host(name, sizeof(name)), expected[0] ? expected : "unknown");
	assert_true(strlen(wb_proc_host(tiny, sizeof(tiny))) <= 2);
	assert_true(strlen(wb_proc_user(name, sizeof(name))) > 0);
	assert_true(strlen(wb_proc_user(tiny, sizeof(tiny))) <= 2);
}

static void check_uuid(const char *id)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
	size_t i;

	assert_int_equal(strlen(id), 36);
	for (i = 0; i < 36; i++) {
		if (form[i] == 'x')
			assert_non_null(strchr("0123456789abcdef", id[i]));
		else if (form[i] == 'y')
			assert_non_null(strchr("89ab", id[i]));
		else
			assert_int_equal(id[i], form[i]);
	}
}

static void makes_uuids(void **state)
{
	char first[37], second[37];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		interruptions = i % 3;
		failing_getrandom = i < 100 ? 0 : ENOSYS;
		wb_uuid(first);
		wb_sleep_ms(i < 100 ? 0 : 1);
		wb_uuid(second);
		check_uuid(first);
		check_uuid(second);
		assert_string_not_equal(first, second);
	}
	failing_getrandom = 0;
}

static int run(const char *script, size_t max, struct wb_str *out, struct wb_error *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return wb_proc_output(argv, max, out, e);
}

static void reads_the_output(void **state)
{
	const char *const no_shell[] = { "printf", "%s", "$HOME;`id`", NULL };
	wb_autostr out = WB_STR_INIT;
	struct wb_error e;

	(void)state;
	assert_int_equal(run("echo one; echo two", 100, &out, &e), 0);
	assert_string_equal(out.p, "one\ntwo\n");
	assert_int_equal(run("echo noise >&2; :", 100, &out, &e), 0);
	assert_string_equal(out.p, "");
	assert_int_equal(run("printf 12345", 5, &out, &e), 0);
	assert_string_equal(out.p, "12345");
	assert_int_equal(wb_proc_output(no_shell, 100, &out, &e), 0);
	assert_string_equal(out.p, "$HOME;`id`");
}

/* Descriptors beyond the standard three that whoever started us meant for children too. */
static int count_inherited(void)
{
	int fd, n = 0;

	for (fd = 3; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) == 0;
	return n;
}

static void children_start_clean(void **state)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error e;
	sigset_t usr1, old;
	char expected[16];
	int fds[2];

	(void)state;
	(void)sigemptyset(&usr1);
	(void)sigaddset(&usr1, SIGUSR1);
	(void)sigaddset(&usr1, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &usr1, &old), 0);
	/* What the test itself was started with (nohup) does not count. */
	for (int i = 1; i <= 28; i++)
		(void)signal(i, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run("cat; grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -c 1-7,18-", 1000, &out, &e), 0);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	/* Signals up to 28: the C library has others for itself. */
	assert_string_equal(out.p, "SigBlk:0000000\nSigIgn:0000000\n");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	/* ls has the directory as its fourth. */
	(void)snprintf(expected, sizeof(expected), "%d\n", 4 + count_inherited());
	assert_int_equal(run("ls /proc/self/fd | wc -l", 100, &out, &e), 0);
	assert_string_equal(out.p, expected);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void tells_how_it_failed(void **state)
{
	const char *const missing[] = { "/no-such-folder/program", NULL };
	wb_autostr out = WB_STR_INIT;
	struct wb_error e;

	(void)state;
	wb_str_add(&out, "kept");
	assert_int_equal(wb_proc_output(missing, 100, &out, &e), WB_EIO);
	assert_string_equal(e.message, "cannot run /no-such-folder/program");
	/* Under valgrind, status 127 is all that is known. */
	assert_true(!e.detail[0] || strcmp(e.detail, "No such file or directory") == 0);
	assert_int_equal(run("echo half; echo the cause >&2; exit 3", 100, &out, &e), WB_EIO);
	assert_string_equal(e.message, "sh ended with status 3");
	assert_string_equal(e.detail, "the cause");
	assert_int_equal(run("kill -9 $$", 100, &out, &e), WB_EIO);
	assert_string_equal(e.message, "sh was ended by signal 9");
	assert_int_equal(run("printf 123456", 5, &out, &e), WB_EIO);
	assert_string_equal(e.message, "sh printed more than 5 bytes");
	assert_string_equal(out.p, "kept");
}

/* More than a pipe holds on both outputs, and a program that would never end. */
static void neither_blocks_nor_waits(void **state)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error e;
	int64_t start = wb_now_ms();

	(void)state;
	assert_int_equal(run("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; "
			     "head -c 300000 /dev/zero >&2",
			     300000, &out, &e),
			 0);
	assert_int_equal(out.n, 300000);
	assert_int_equal(run("cat /dev/zero", 100000, &out, &e), WB_EIO);
	assert_true(wb_now_ms() - start < 20000);
}

static void count_signal(int number)
{
	(void)number;
}

static void signals_do_not_disturb(void **state)
{
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = count_signal }, old; /* without SA_RESTART */
	wb_autostr out = WB_STR_INIT;
	struct wb_error e;
	int rc;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	rc = run("echo a; sleep 0.1; echo b; exec >&- 2>&-; sleep 0.1", 100, &out, &e);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_int_equal(rc, 0);
	assert_string_equal(out.p, "a\nb\n");
}

static int run_for_oom(void *user)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error e = { 0 };
	int fds = count_fds(), rc;

	rc = run(user, 10000, &out, &e);
	assert_int_equal(count_fds(), fds);
	assert_int_equal(e.code, rc);
	return rc;
}

static void survives_lack_of_memory(void **state)
{
	char script[] = "head -c 10000 /dev/zero";

	(void)state;
	assert_true(wb_oom_run(run_for_oom, script) >= 2);
}

int test_proc(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_itself),           cmocka_unit_test(makes_uuids),
		cmocka_unit_test(reads_the_output),       cmocka_unit_test(children_start_clean),
		cmocka_unit_test(tells_how_it_failed),    cmocka_unit_test(neither_blocks_nor_waits),
		cmocka_unit_test(signals_do_not_disturb), cmocka_unit_test(survives_lack_of_memory),
	};

	return RUN_GROUP("proc");
}
