/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing and reading take turns as the pipes allow, since either side may be
 * full. A program that has gone shows as a closed pipe; SIGPIPE of our own
 * writing is kept from the process, whose business it is not.
 */
#include "base/duplex.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/banned.h"

#define TICK_MS 100
#define GRACE_MS 5000
#define CHUNK ((size_t)64 * 1024)
#define PIPE_SIZE (1 << 20)

extern char **environ;

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* ---- starting ---------------------------------------------------------------- */

/* Returns 0 or an errno. */
static int spawn(struct wb_duplex *d, const char *const argv[], const int ends[3])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, normal;
	char *const *args;
	int rc, i;

	(void)sigemptyset(&none);
	(void)sigemptyset(&normal);
	(void)sigaddset(&normal, SIGPIPE);
	(void)sigaddset(&normal, SIGCHLD);
	rc = posix_spawn_file_actions_init(&files);
	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		/* POSIX lets exec have writable strings and promises not to write. */
		memcpy(&args, &argv, sizeof(args));
		for (i = 0; i < 3 && rc == 0; i++)
			rc = posix_spawn_file_actions_adddup2(&files, ends[i], i);
		if (rc == 0)
			rc = posix_spawnattr_setsigmask(&attr, &none);
		if (rc == 0)
			rc = posix_spawnattr_setsigdefault(&attr, &normal);
		if (rc == 0)
			rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		if (rc == 0)
			rc = posix_spawnp(&d->pid, argv[0], &files, &attr, args, environ);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

static int set_nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

int wb_duplex_start(struct wb_duplex *d, const char *const argv[], struct wb_error *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, complaints[2] = { -1, -1 }, rc = 0;

	d->name = argv[0];
	d->pid = -1;
	d->rest = d->complaint = (struct wb_str)WB_STR_INIT;
	d->rest.max = d->max;
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0)
		rc = errno;
	d->in = in[1];
	d->out = out[0];
	d->err = complaints[0];
	if (rc == 0) {
		const int ends[3] = { in[0], out[1], complaints[1] };

		(void)fcntl(in[1], F_SETPIPE_SZ, PIPE_SIZE);
		(void)fcntl(out[1], F_SETPIPE_SZ, PIPE_SIZE);
		rc = set_nonblocking(d->in);
		if (rc == 0)
			rc = set_nonblocking(d->out);
		if (rc == 0)
			rc = set_nonblocking(d->err);
		if (rc == 0)
			rc = spawn(d, argv, ends);
	}
	close_fd(&in[0]);
	close_fd(&out[1]);
	close_fd(&complaints[1]);
	if (rc == 0)
		return 0;
	wb_duplex_done(d);
	if (rc == ENOMEM)
		return wb_err_nomem(err);
	errno = rc;
	return wb_err_errno(err, WB_EIO, "cannot run %s", argv[0]);
}

/* ---- exchanging ------------------------------------------------------------------ */

/* As much as goes; a program that reads no more is no error yet. */
static void give(struct wb_duplex *d, struct wb_sv *text)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe, old;
	ssize_t n;

	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, &old);
	n = write(d->in, text->p, text->n);
	if (n < 0 && errno == EPIPE) {
		if (!sigismember(&old, SIGPIPE))
			(void)sigtimedwait(&pipe, NULL, &now);
		close_fd(&d->in);
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (n > 0) {
		text->p += n;
		text->n -= (size_t)n;
	}
}

static void take_complaint(struct wb_duplex *d)
{
	char buf[4096];
	ssize_t n = read(d->err, buf, sizeof(buf));
	size_t room = sizeof(((struct wb_error *)0)->detail) - 1 - d->complaint.n;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&d->err);
	if (n > 0)
		wb_str_addn(&d->complaint, buf, (size_t)n < room ? (size_t)n : room);
}

/* Reads into rest; counts the line ends that came. */
static int take(struct wb_duplex *d, size_t *lines, struct wb_error *err)
{
	const char *p, *end;
	ssize_t n;

	if (!wb_str_reserve(&d->rest, CHUNK))
		return d->rest.n + CHUNK > d->max
			       ? wb_err_set(err, WB_EFAILED, "%s printed more than %zu bytes for a batch", d->name,
					    d->max)
			       : wb_err_nomem(err);
	n = read(d->out, d->rest.p + d->rest.n, CHUNK);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&d->out);
	if (n <= 0)
		return 0;
	p = d->rest.p + d->rest.n;
	end = p + n;
	d->rest.n += (size_t)n;
	d->rest.p[d->rest.n] = '\0';
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		(*lines)++;
		p++;
	}
	return 0;
}

static int turn(struct wb_duplex *d, struct wb_sv *text, size_t *lines, struct wb_error *err)
{
	struct pollfd p[3] = { { .fd = d->out, .events = POLLIN },
			       { .fd = d->err, .events = POLLIN },
			       { .fd = text->n ? d->in : -1, .events = POLLOUT } };
	int rc = 0;

	if (poll(p, 3, TICK_MS) < 0 && errno != EINTR)
		return wb_err_errno(err, WB_EIO, "cannot talk to %s", d->name);
	if (p[0].revents)
		rc = take(d, lines, err);
	if (p[1].revents)
		take_complaint(d);
	if (p[2].revents)
		give(d, text);
	return rc;
}

static size_t length_of(const struct wb_str *s, size_t lines)
{
	const char *p = s->p;

	while (lines-- > 0)
		p = (const char *)memchr(p, '\n', s->n - (size_t)(p - s->p)) + 1;
	return (size_t)(p - s->p);
}

static int cut(struct wb_duplex *d, size_t n, struct wb_str *ret_lines, struct wb_error *err)
{
	size_t length = length_of(&d->rest, n);

	wb_str_clear(ret_lines);
	wb_str_addn(ret_lines, d->rest.p, length);
	if (ret_lines->failed)
		return wb_err_nomem(err);
	memmove(d->rest.p, d->rest.p + length, d->rest.n - length);
	d->rest.n -= length;
	return 0;
}

/* How it ended; -1: it has not. */
static int status_of(struct wb_duplex *d, bool wait, int *ret_status)
{
	int got;

	do
		got = waitpid(d->pid, ret_status, wait ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == d->pid || got < 0)
		d->pid = -1;
	return got > 0 ? 0 : -1;
}

static int ended(struct wb_duplex *d, int status, const char *when, struct wb_error *err)
{
	struct wb_sv complaint;

	while (d->err >= 0 && d->complaint.n < 512) {
		struct pollfd p = { .fd = d->err, .events = POLLIN };

		if (poll(&p, 1, 0) <= 0)
			break;
		take_complaint(d);
	}
	complaint = wb_sv_trim(wb_str_sv(&d->complaint));
	if (WIFSIGNALED(status))
		wb_err_set(err, WB_EFAILED, "%s was ended by signal %d%s", d->name, WTERMSIG(status), when);
	else
		wb_err_set(err, WB_EFAILED, "%s ended with status %d%s", d->name, WEXITSTATUS(status), when);
	wb_err_detail(err, "%.*s", WB_SV_ARG(complaint));
	return WB_EFAILED;
}

static int gone(struct wb_duplex *d, struct wb_error *err)
{
	int64_t until = wb_now_ms() + GRACE_MS;
	int status = 0;

	while (status_of(d, false, &status) < 0 && d->pid > 0 && wb_now_ms() < until)
		wb_sleep_ms(5);
	if (d->pid > 0)
		return wb_err_set(err, WB_EFAILED, "%s has closed its output before the end", d->name);
	return ended(d, status, " before it had answered every row", err);
}

int wb_duplex_exchange(struct wb_duplex *d, struct wb_sv text, size_t n, struct wb_str *ret_lines, struct wb_error *err)
{
	int64_t tick_ms = wb_now_ms();
	size_t lines = 0;
	const char *p;
	int rc = 0;

	for (p = d->rest.p; (p = memchr(p, '\n', d->rest.n - (size_t)(p - d->rest.p))) != NULL; p++)
		lines++;
	while (rc == 0 && lines < n) {
		if (d->out < 0 || (text.n && d->in < 0))
			return gone(d, err);
		rc = turn(d, &text, &lines, err);
		if (rc == 0 && d->tick && wb_now_ms() - tick_ms >= TICK_MS) {
			tick_ms = wb_now_ms();
			rc = d->tick(d->user, err);
		}
	}
	return rc < 0 ? rc : cut(d, n, ret_lines, err);
}

/* ---- ending -------------------------------------------------------------------------- */

int wb_duplex_end(struct wb_duplex *d, struct wb_error *err)
{
	struct wb_sv nothing = { NULL, 0 };
	int64_t tick_ms = wb_now_ms();
	size_t lines = 0;
	int rc = 0, status = 0;

	close_fd(&d->in);
	while (rc == 0 && d->out >= 0) {
		rc = turn(d, &nothing, &lines, err);
		if (rc == 0 && d->tick && wb_now_ms() - tick_ms >= TICK_MS) {
			tick_ms = wb_now_ms();
			rc = d->tick(d->user, err);
		}
	}
	if (rc < 0)
		return rc;
	if (d->pid > 0 && status_of(d, true, &status) < 0)
		return wb_err_set(err, WB_EIO, "cannot tell how %s ended", d->name);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return ended(d, status, "", err);
	if (d->rest.n)
		return wb_err_set(err, WB_EFAILED, "%s printed more lines than it was given", d->name);
	return 0;
}

void wb_duplex_done(struct wb_duplex *d)
{
	int64_t until = wb_now_ms() + GRACE_MS;
	int status;

	close_fd(&d->in);
	close_fd(&d->out);
	close_fd(&d->err);
	if (d->pid > 0)
		(void)kill(d->pid, SIGTERM);
	while (d->pid > 0 && status_of(d, false, &status) < 0 && d->pid > 0 && wb_now_ms() < until)
		wb_sleep_ms(5);
	if (d->pid > 0) {
		(void)kill(d->pid, SIGKILL);
		(void)status_of(d, true, &status);
	}
	d->pid = -1;
	wb_str_done(&d->rest);
	wb_str_done(&d->complaint);
}
