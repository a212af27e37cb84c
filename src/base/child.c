/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs run to their end. Children get default signals and no descriptors
 * but the standard three. What they print passes through a large pipe to the
 * caller as it comes; nobody waits longer than a tick.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/banned.h"

#define TICK_MS 100
#define PIPE_SIZE (1 << 20) /* a writer then seldom waits for us */
#define CHUNK (256 * 1024)
#define GRACE_MS 5000 /* between asking to end and killing */

extern char **environ;

/* A child with its standard output and standard error. */
struct child {
	const struct wb_proc_run *run;
	pid_t pid;
	int out[2], err[2]; /* pipes: end to read, end to write */
	struct wb_str line; /* of standard error, until its end has come */
	struct wb_str complaint; /* what it printed there, at most as much as an error can hold */
	char *chunk;
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

/* ---- starting ------------------------------------------------------------ */

/* Each of these returns 0 or an errno. */
static int set_files(struct child *c, posix_spawn_file_actions_t *files)
{
	int rc = c->run->in >= 0 ? posix_spawn_file_actions_adddup2(files, c->run->in, 0)
				 : posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, c->out[1], 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, c->err[1], 2);
	if (rc == 0 && c->run->dir)
		rc = posix_spawn_file_actions_addchdir_np(files, c->run->dir);
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

static bool is_replaced(const char *const *more, const char *name)
{
	size_t n = strcspn(name, "=") + 1;

	for (; more && *more; more++)
		if (strncmp(*more, name, n) == 0)
			return true;
	return false;
}

/* Our environment with some variables of the caller's. malloc'ed; the texts are not ours. */
static const char **make_environment(const char *const *more)
{
	size_t n = 1, i;
	const char **env;

	for (i = 0; environ && environ[i]; i++)
		n++;
	for (i = 0; more && more[i]; i++)
		n++;
	env = calloc(n, sizeof(*env));
	if (!env)
		return NULL;
	n = 0;
	for (i = 0; environ && environ[i]; i++)
		if (!is_replaced(more, environ[i]))
			env[n++] = environ[i];
	for (i = 0; more && more[i]; i++)
		env[n++] = more[i];
	return env;
}

static int spawn(struct child *c)
{
	wb_autofree const char **env = make_environment(c->run->env);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *const *args, *const *variables;
	int rc = env ? posix_spawn_file_actions_init(&files) : ENOMEM;

	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		/* POSIX lets exec have writable strings and promises not to write. */
		memcpy(&args, &c->run->argv, sizeof(args));
		memcpy(&variables, &env, sizeof(variables));
		rc = set_files(c, &files);
		if (rc == 0)
			rc = set_signals(&attr);
		if (rc == 0)
			rc = posix_spawnp(&c->pid, c->run->argv[0], &files, &attr, args, variables);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

static int start(struct child *c, struct wb_error *err)
{
	int rc = 0;

	if (pipe2(c->out, O_CLOEXEC) != 0 || pipe2(c->err, O_CLOEXEC) != 0)
		rc = errno;
	if (rc == 0) {
		(void)fcntl(c->out[1], F_SETPIPE_SZ, PIPE_SIZE);
		rc = spawn(c);
	}
	close_fd(&c->out[1]);
	close_fd(&c->err[1]);
	if (rc == 0)
		return 0;
	close_pipes(c);
	if (rc == ENOMEM)
		return wb_err_nomem(err);
	errno = rc;
	return wb_err_errno(err, WB_EIO, "cannot run %s", c->run->argv[0]);
}

/* ---- listening ------------------------------------------------------------- */

/* *ret_n = 0 when there is nothing more: the pipe is closed then. */
static bool take(int *fd, char *buf, size_t size, size_t *ret_n)
{
	ssize_t n = read(*fd, buf, size);

	*ret_n = n > 0 ? (size_t)n : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0)
		close_fd(fd);
	return n > 0;
}

static int take_output(struct child *c, struct wb_error *err)
{
	size_t n;

	if (!take(&c->out[0], c->chunk, CHUNK, &n) || !c->run->out)
		return 0;
	return c->run->out(c->run->user, c->chunk, n, err);
}

static void keep_complaint(struct child *c, struct wb_sv text)
{
	size_t max = sizeof(((struct wb_error *)0)->detail), room = max - c->complaint.n;

	wb_str_addn(&c->complaint, text.p, text.n < room ? text.n : room);
}

/* A line that nobody wants to see as a complaint is forgotten; one without an end is cut at some size. */
static void take_line(struct child *c)
{
	struct wb_sv text = wb_str_sv(&c->line);

	if (text.n && (!c->run->line || c->run->line(c->run->user, wb_sv_trim(text))))
		keep_complaint(c, text);
	wb_str_clear(&c->line);
}

static void take_complaint(struct child *c)
{
	char buf[4096];
	size_t n, i;

	if (!take(&c->err[0], buf, sizeof(buf), &n)) {
		if (c->err[0] < 0)
			take_line(c);
		return;
	}
	if (!c->run->line) {
		keep_complaint(c, wb_sv(buf, n));
		return;
	}
	for (i = 0; i < n; i++) {
		wb_str_addc(&c->line, buf[i]);
		if (buf[i] == '\n' || c->line.n >= sizeof(buf))
			take_line(c);
	}
}

/* Both pipes at once, or the child could block on the one not read. */
static int listen_to(struct child *c, struct wb_error *err)
{
	const short any = POLLIN | POLLHUP | POLLERR;
	int64_t tick_ms = wb_now_ms();
	int rc = 0;

	while (rc == 0 && (c->out[0] >= 0 || c->err[0] >= 0)) {
		struct pollfd p[2] = { { .fd = c->out[0], .events = POLLIN }, { .fd = c->err[0], .events = POLLIN } };

		if (poll(p, 2, c->run->tick ? TICK_MS : -1) < 0 && errno != EINTR)
			return wb_err_errno(err, WB_EIO, "cannot read what %s prints", c->run->argv[0]);
		if (p[0].revents & any)
			rc = take_output(c, err);
		if (p[1].revents & any)
			take_complaint(c);
		if (rc == 0 && c->run->tick && wb_now_ms() - tick_ms >= TICK_MS) {
			tick_ms = wb_now_ms();
			rc = c->run->tick(c->run->user, err);
		}
	}
	return rc;
}

/* ---- ending ------------------------------------------------------------------ */

/* Asked first: the programs of a database then tell its server to stop working for them. */
static int stop(struct child *c, int *ret_status)
{
	int64_t until = wb_now_ms() + GRACE_MS;
	int got;

	(void)kill(c->pid, SIGTERM);
	while ((got = waitpid(c->pid, ret_status, WNOHANG)) == 0 && wb_now_ms() < until)
		wb_sleep_ms(5);
	if (got == 0)
		(void)kill(c->pid, SIGKILL);
	return got;
}

static int bad_end(struct child *c, int status, struct wb_error *err)
{
	const char *name = c->run->argv[0];
	struct wb_sv complaint = wb_sv_trim(wb_str_sv(&c->complaint));
	int rc;

	/* 127: POSIX lets a system report that way that the program could not be started. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		rc = wb_err_set(err, WB_EIO, "cannot run %s", name);
	else if (WIFEXITED(status))
		rc = wb_err_set(err, WB_EIO, "%s ended with status %d", name, WEXITSTATUS(status));
	else
		rc = wb_err_set(err, WB_EIO, "%s was ended by signal %d", name, WTERMSIG(status));
	wb_err_detail(err, "%.*s", WB_SV_ARG(complaint));
	return rc;
}

/* rc: what came before; the first error wins. */
static int reap(struct child *c, int rc, struct wb_error *err)
{
	const char *name = c->run->argv[0];
	int status = 0, got = 0;

	close_pipes(c);
	if (rc)
		got = stop(c, &status);
	while (got == 0 || (got < 0 && errno == EINTR))
		got = waitpid(c->pid, &status, 0);
	if (rc)
		return rc;
	if (got < 0)
		return wb_err_errno(err, WB_EIO, "cannot tell how %s ended", name);
	if (c->run->ret_status && WIFEXITED(status) && WEXITSTATUS(status) != 127)
		*c->run->ret_status = WEXITSTATUS(status);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		rc = bad_end(c, status, err);
	return rc;
}

int wb_proc_run(const struct wb_proc_run *run, struct wb_error *err)
{
	struct child c = { .run = run,
			   .pid = -1,
			   .out = { -1, -1 },
			   .err = { -1, -1 },
			   .line = WB_STR_INIT,
			   .complaint = WB_STR_INIT,
			   .chunk = malloc(CHUNK) };
	int rc = c.chunk ? start(&c, err) : wb_err_nomem(err);

	if (rc == 0)
		rc = reap(&c, listen_to(&c, err), err);
	wb_str_done(&c.line);
	wb_str_done(&c.complaint);
	free(c.chunk);
	return rc;
}

/* ---- the whole output as a text ------------------------------------------------ */

struct output {
	struct wb_str text;
	size_t max;
	const char *name;
};

static int keep(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct output *o = user;

	if (n > o->max - o->text.n)
		return wb_err_set(err, WB_EIO, "%s printed more than %zu bytes", o->name, o->max);
	wb_str_addn(&o->text, p, n);
	return o->text.failed ? wb_err_nomem(err) : 0;
}

int wb_proc_output(const char *const argv[], size_t max, struct wb_str *ret_out, struct wb_error *err)
{
	struct output o = { .text = WB_STR_INIT, .max = max > WB_STR_MAX ? WB_STR_MAX : max, .name = argv[0] };
	struct wb_proc_run run = { .argv = argv, .in = -1, .out = keep, .user = &o };
	int rc = wb_proc_run(&run, err);

	if (rc) {
		wb_str_done(&o.text);
		return rc;
	}
	wb_str_done(ret_out);
	*ret_out = o.text;
	return 0;
}
