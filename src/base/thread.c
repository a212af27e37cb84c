/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that does one piece of work beside its maker, and no more.
 */
#include "base/thread.h"

#include <signal.h>

#include "base/banned.h"

static void *run(void *user)
{
	struct wb_thread *t = user;

	t->work(t->user);
	return NULL;
}

void wb_thread_start(struct wb_thread *t, void (*work)(void *user), void *user)
{
	sigset_t all, before;

	*t = (struct wb_thread){ .work = work, .user = user };
	/* Signals are for the application's threads, whose handlers know where they run. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	t->started = pthread_create(&t->thread, NULL, run, t) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void wb_thread_finish(struct wb_thread *t)
{
	if (t->started)
		(void)pthread_join(t->thread, NULL);
	else
		t->work(t->user);
}
