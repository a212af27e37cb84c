/* SPDX-License-Identifier: Apache-2.0
 *
 * Work beside other work: start, do something else, finish. It must call nobody
 * back who does not know of threads. Where no thread can be had, finish does it.
 */
#ifndef WB_BASE_THREAD_H
#define WB_BASE_THREAD_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

struct wb_thread {
	void (*work)(void *user);
	void *user;
	pthread_t thread;
	bool started, placed; /* placed: begun elsewhere than its maker, which was `allowed` these */
	cpu_set_t allowed;
};

/* Takes no signals. *t must stay where it is until it is finished. */
void wb_thread_start(struct wb_thread *t, void (*work)(void *user), void *user);
/* Waits until the work is done. Must follow each start. */
void wb_thread_finish(struct wb_thread *t);

#endif
