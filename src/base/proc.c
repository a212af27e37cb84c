/* SPDX-License-Identifier: Apache-2.0
 *
 * What the system knows of this process, and programs run to their end.
 * Children get default signals and no descriptors but the standard three.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/retry.h"
#include "base/sha256.h"
#include "base/banned.h"

extern char **environ;

int64_t wb_proc_peak_rss_kb(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss : -1;
}

int64_t wb_proc_rss_kb(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct wb_sv rest = wb_sv(text, n > 0 ? (size_t)n : 0), piece;
	int64_t pages;

	if (fd >= 0)
		(void)close(fd);
	if (!wb_sv_cut(&rest, ' ', &piece) || !wb_sv_cut(&rest, ' ', &piece) || !wb_sv_i64(piece, &pages))
		return -1;
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int64_t wb_proc_cpu_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *wb_proc_host(char *buf, size_t size)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0 || !name[0])
		(void)wb_sv_copy(WB_SV("unknown"), name, sizeof(name));
	(void)wb_sv_copy(wb_sv_str(name), buf, size);
	return buf;
}

/* A user without an entry (as in many containers) is named by number. */
const char *wb_proc_user(char *buf, size_t size)
{
	struct passwd entry, *found = NULL;
	char text[4096];

	if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &found) == 0 && found && found->pw_name[0])
		(void)wb_sv_copy(wb_sv_str(found->pw_name), buf, size);
	else
		(void)snprintf(buf, size, "%u", (unsigned)geteuid());
	return buf;
}

/* From the kernel; only one too old or too confined to give any leaves us the clock. */
static void random_bytes(unsigned char *p, size_t n)
{
	struct wb_retry r;
	ssize_t got;
	size_t i;

	do
		got = getrandom(p, n, 0);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)n)
		return;
	wb_retry_init(&r, 1, 1, -1, 0);
	for (i = 0; i < n; i++)
		p[i] = (unsigned char)wb_retry_jitter(&r, 0, 255);
}

void wb_uuid(char out[37])
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[16], *p = bytes;
	size_t i;

	random_bytes(bytes, sizeof(bytes));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (i = 0; i < WB_ARRAY_LEN(groups); i++) {
		if (i)
			*out++ = '-';
		wb_hex(p, groups[i], out);
		p += groups[i];
		out += 2 * groups[i];
	}
}

/* A child with its standard output and standard error. */
struct child {
	pid_t pid;
	int out[2], err[2]; /* pipes: end to read, end to write */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void close_pipes(struct child *c)
{
	close_fd(&c->out[0]);
	close_fd(&c->out[1]);
	close_fd(&c->err[0]);
	close_fd(&c->err[1]);
}

/* Each of these returns 0 or an errno. */
static int set_files(struct child *c, posix_spawn_file_actions_t *files)
{
	int rc = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, c->out[1], 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, c->err[1], 2);
	return rc;
}

/* An embedding program may ignore or block signals that its children count on. */
static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, normal;
	int rc;

	(void)sigemptyset(&none);
	(void)sigemptyset(&normal);
	(void)sigaddset(&normal, SIGPIPE);
	(void)sigaddset(&normal, SIGCHLD);
	rc = posix_spawnattr_setsigmask(attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attr, &normal);
	if (rc == 0)
		rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return rc;
}

static int spawn(struct child *c, const char *const argv[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *const *args;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		/* POSIX lets exec have writable strings and promises not to write. */
		memcpy(&args, &argv, sizeof(args));
		rc = set_files(c, &files);
		if (rc == 0)
			rc = set_signals(&attr);
		if (rc == 0)
			rc = posix_spawnp(&c->pid, argv[0], &files, &attr, args, environ);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

static int start(struct child *c, const char *const argv[], struct wb_error *err)
{
	int rc = 0;

	*c = (struct child){ .pid = -1, .out = { -1, -1 }, .err = { -1, -1 } };
	if (pipe2(c->out, O_CLOEXEC) != 0 || pipe2(c->err, O_CLOEXEC) != 0)
		rc = errno;
	if (rc == 0)
		rc = spawn(c, argv);
	close_fd(&c->out[1]);
	close_fd(&c->err[1]);
	if (rc == 0)
		return 0;
	close_pipes(c);
	if (rc == ENOMEM)
		return wb_err_nomem(err);
	errno = rc;
	return wb_err_errno(err, WB_EIO, "cannot run %s", argv[0]);
}

/* Reads once; what does not fit under the ceiling is dropped. Closes at the end of the pipe. */
static bool drain(int *fd, struct wb_str *text, size_t max)
{
	char buf[4096];
	ssize_t n = read(*fd, buf, sizeof(buf));
	size_t room = max - text->n;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		close_fd(fd);
		return true;
	}
	wb_str_addn(text, buf, (size_t)n < room ? (size_t)n : room);
	return (size_t)n <= room && !text->failed;
}

/* Both pipes at once, or the child could block on the one not read. */
static int collect(struct child *c, const char *name, size_t max, struct wb_str *out, struct wb_str *complaint,
		   struct wb_error *err)
{
	const short any = POLLIN | POLLHUP | POLLERR;

	while (c->out[0] >= 0 || c->err[0] >= 0) {
		struct pollfd p[2] = { { .fd = c->out[0], .events = POLLIN }, { .fd = c->err[0], .events = POLLIN } };

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return wb_err_errno(err, WB_EIO, "cannot read what %s prints", name);
		if ((p[0].revents & any) && !drain(&c->out[0], out, max))
			return out->failed ? wb_err_nomem(err)
					   : wb_err_set(err, WB_EIO, "%s printed more than %zu bytes", name, max);
		if (p[1].revents & any)
			(void)drain(&c->err[0], complaint, sizeof(err->detail));
	}
	return 0;
}

/* rc: what came before; the first error wins. */
static int reap(struct child *c, const char *name, struct wb_sv complaint, int rc, struct wb_error *err)
{
	int status, got;

	close_pipes(c);
	if (rc)
		(void)kill(c->pid, SIGKILL);
	do
		got = waitpid(c->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (rc)
		return rc;
	if (got < 0)
		return wb_err_errno(err, WB_EIO, "cannot tell how %s ended", name);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	/* 127: POSIX lets a system report that way that the program could not be started. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		rc = wb_err_set(err, WB_EIO, "cannot run %s", name);
	else if (WIFEXITED(status))
		rc = wb_err_set(err, WB_EIO, "%s ended with status %d", name, WEXITSTATUS(status));
	else
		rc = wb_err_set(err, WB_EIO, "%s was ended by signal %d", name, WTERMSIG(status));
	complaint = wb_sv_trim(complaint);
	wb_err_detail(err, "%.*s", WB_SV_ARG(complaint));
	return rc;
}

int wb_proc_output(const char *const argv[], size_t max, struct wb_str *ret_out, struct wb_error *err)
{
	wb_autostr out = WB_STR_INIT, complaint = WB_STR_INIT;
	struct child c;
	int rc = start(&c, argv, err);

	if (rc)
		return rc;
	if (max > WB_STR_MAX)
		max = WB_STR_MAX;
	rc = collect(&c, argv[0], max, &out, &complaint, err);
	rc = reap(&c, argv[0], wb_str_sv(&complaint), rc, err);
	if (rc)
		return rc;
	wb_str_done(ret_out);
	*ret_out = out;
	out = (struct wb_str)WB_STR_INIT;
	return 0;
}
