/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that does one piece of work beside its maker, and no more. It begins
 * on another processor than its maker's: Linux often starts a thread where its
 * maker runs and leaves both there until the next balancing, some milliseconds
 * later, which is longer than most of the work done here.
 */
#include "base/thread.h"

#include <signal.h>

#include "base/banned.h"

static void *run(void *user)
{
	struct wb_thread *t = user;

	if (t->placed) /* from here on it may run wherever its maker may */
		(void)sched_setaffinity(0, sizeof(t->allowed), &t->allowed);
	t->work(t->user);
	return NULL;
}

/* False where there is one processor only, or more than the set has bits. */
static bool place_elsewhere(struct wb_thread *t, pthread_attr_t *attr)
{
	cpu_set_t others;
	int here = sched_getcpu();

	if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof(t->allowed), &t->allowed) != 0)
		return false;
	others = t->allowed;
	CPU_CLR(here, &others);
	return CPU_COUNT(&others) > 0 && pthread_attr_setaffinity_np(attr, sizeof(others), &others) == 0;
}

static bool start(struct wb_thread *t)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return false;
	t->placed = place_elsewhere(t, &attr);
	t->started = pthread_create(&t->thread, &attr, run, t) == 0;
	(void)pthread_attr_destroy(&attr);
	return t->started;
}

void wb_thread_start(struct wb_thread *t, void (*work)(void *user), void *user)
{
	sigset_t all, before;

	*t = (struct wb_thread){ .work = work, .user = user };
	/* Signals are for the application's threads, whose handlers know where they run. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!start(t) && t->placed) { /* the other processors may have been taken away meanwhile */
		t->placed = false;
		t->started = pthread_create(&t->thread, NULL, run, t) == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void wb_thread_finish(struct wb_thread *t)
{
	if (t->started)
		(void)pthread_join(t->thread, NULL);
	else
		t->work(t->user);
}
