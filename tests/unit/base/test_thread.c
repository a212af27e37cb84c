/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread for one piece of work: it is done, wherever the thread may run and
 * whether there is one or not.
 */
#include "tests.h"

#include <unistd.h>

#include "base/thread.h"

struct job {
	int done;
	pthread_t by;
	cpu_set_t may;
};

static void work(void *user)
{
	struct job *j = user;

	j->done++;
	j->by = pthread_self();
	assert_int_equal(sched_getaffinity(0, sizeof(j->may), &j->may), 0);
}

static void run_job(struct job *j)
{
	struct wb_thread t;

	*j = (struct job){ 0 };
	wb_thread_start(&t, work, j);
	wb_thread_finish(&t);
	assert_int_equal(j->done, 1);
}

static void runs_beside_its_maker(void **state)
{
	struct job j;
	cpu_set_t mine;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	run_job(&j);
	assert_false(pthread_equal(j.by, pthread_self()));
	/* Begun on another processor, it is not kept from this one. */
	assert_true(CPU_EQUAL(&mine, &j.may));
}

static void runs_where_there_is_one_processor(void **state)
{
	struct job j;
	cpu_set_t mine, one;
	int here = sched_getcpu();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	CPU_ZERO(&one);
	CPU_SET(here, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	run_job(&j);
	assert_int_equal(sched_setaffinity(0, sizeof(mine), &mine), 0);
	assert_false(pthread_equal(j.by, pthread_self()));
	assert_true(CPU_EQUAL(&one, &j.may));
}

static void a_second_try_leaves_the_place_to_the_system(void **state)
{
	struct job j;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip();
	wb_refuse_threads(1);
	run_job(&j);
	assert_false(pthread_equal(j.by, pthread_self()));
}

static void without_threads_finish_does_it(void **state)
{
	struct job j;

	(void)state;
	wb_refuse_threads(2);
	run_job(&j);
	wb_refuse_threads(0);
	assert_true(pthread_equal(j.by, pthread_self()));
}

int test_thread(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_beside_its_maker),
		cmocka_unit_test(runs_where_there_is_one_processor),
		cmocka_unit_test(a_second_try_leaves_the_place_to_the_system),
		cmocka_unit_test(without_threads_finish_does_it),
	};
	return RUN_GROUP("thread");
}
