/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault decorator: counts the calls of a connection and strikes the one
 * that its opener names (scenarios do, on scratch databases), or WHIMBREL_FAULT.
 * Without -Dfaults=true the environment is not looked at; a library for
 * embedding alone has nothing of it.
 */
#include "driver/decorate.h"

#include "wb_build.h"

#ifdef WB_STRIKES

#include <fcntl.h>
#include <unistd.h>

static const char *asked(const char *name)
{
#ifdef WB_FAULTS
	return getenv(name);
#else
	(void)name;
	return NULL;
#endif
}

static void drop(struct wb_conn *c)
{
	if (c->driver->drop_link)
		c->driver->drop_link(c);
	c->lost = true;
}

/* What happens at this point of the current call; a kill does not return. */
static int strike(struct wb_conn *c, enum wb_fault_point point, struct wb_error *err)
{
	switch (wb_fault_at(&c->fault, point)) {
	case WB_FAULT_DROP:
		drop(c);
		return wb_err_set(err, WB_ECONN, "the connection was dropped by a fault point");
	case WB_FAULT_FAIL:
		return wb_err_set(err, WB_ESQL, "the call was failed by a fault point");
	default:
		return 0;
	}
}

void wb_fault_open(struct wb_conn *c)
{
	if (c->options.fault)
		c->fault = *c->options.fault;
	else if (!c->options.monitor)
		wb_fault_init(&c->fault, asked("WHIMBREL_FAULT"));
}

int wb_fault_enter(struct wb_conn *c, struct wb_error *err)
{
	wb_fault_call(&c->fault);
	return strike(c, WB_FAULT_BEFORE, err);
}

int wb_conn_sent(struct wb_conn *c, struct wb_error *err)
{
	return strike(c, WB_FAULT_SENT, err);
}

/* A link that breaks after the reply breaks the next call, not this one. A reply may also be an error: what follows it
 * (rolling back, removing a half) is struck as well, but an error stays the one it was. */
int wb_fault_leave(struct wb_conn *c, int rc, struct wb_error *err)
{
	struct wb_error struck = { 0 };

	if (strike(c, WB_FAULT_AFTER, &struck) == WB_ESQL && rc == 0) {
		if (err)
			*err = struck;
		return WB_ESQL;
	}
	return rc;
}

static void write_count(const struct wb_fault *f)
{
	const char *path = asked("WHIMBREL_FAULT_COUNT");
	int fd;

	if (f->action != WB_FAULT_COUNT || !path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)dprintf(fd, "%ld\n", f->calls);
	(void)close(fd);
}

void wb_fault_close(struct wb_conn *c)
{
	write_count(&c->fault);
}

void wb_fault_steps(struct wb_fault *f)
{
	wb_fault_init(f, asked("WHIMBREL_FAULT_STEP"));
}

int wb_fault_step(struct wb_fault *f, struct wb_error *err)
{
	if (!f)
		return 0;
	wb_fault_call(f);
	return wb_fault_at(f, WB_FAULT_BEFORE) ? wb_err_set(err, WB_EIO, "the step was failed by a fault point") : 0;
}

void wb_fault_steps_done(struct wb_fault *f)
{
	write_count(f);
}

#else

void wb_fault_open(struct wb_conn *c)
{
	(void)c;
}

int wb_fault_enter(struct wb_conn *c, struct wb_error *err)
{
	(void)c;
	(void)err;
	return 0;
}

int wb_conn_sent(struct wb_conn *c, struct wb_error *err)
{
	(void)c;
	(void)err;
	return 0;
}

int wb_fault_leave(struct wb_conn *c, int rc, struct wb_error *err)
{
	(void)c;
	(void)err;
	return rc;
}

void wb_fault_close(struct wb_conn *c)
{
	(void)c;
}

void wb_fault_steps(struct wb_fault *f)
{
	*f = (struct wb_fault){ .action = WB_FAULT_NONE };
}

int wb_fault_step(struct wb_fault *f, struct wb_error *err)
{
	(void)f;
	(void)err;
	return 0;
}

void wb_fault_steps_done(struct wb_fault *f)
{
	(void)f;
}

#endif
