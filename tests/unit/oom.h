/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocation failure for unit tests. The allocating functions that our own
 * code calls (malloc, calloc, realloc, reallocarray, aligned_alloc, strdup,
 * strndup, asprintf, vasprintf, fdopendir) are wrapped when a unit program is
 * linked; what shared libraries such as sqlite3 allocate for themselves is not
 * touched.
 *
 * Usage, with #include "tests/unit/oom.h":
 *
 *	static int load(void *user)
 *	{
 *		struct thing *t;
 *		int rc = thing_load(user, &t, NULL);
 *
 *		if (rc == 0)
 *			thing_free(t);
 *		return rc;
 *	}
 *	…
 *	assert_true(wb_oom_run(load, "input") > 0);
 *
 * The function must do the same work each time it is called, release all that
 * it allocated before it returns (the result too), and return 0 or a WB_E…
 * code. A function under test that answers NULL or false is translated:
 * `return ok ? 0 : WB_ENOMEM`.
 */
#ifndef WB_TESTS_OOM_H
#define WB_TESTS_OOM_H

#include <whimbrel/error.h>

/* Calls fn once with the first allocation failing, once with the second, … until a call makes no
 * failing allocation any more. Fails the cmocka test when a call leaves memory (or an open
 * directory) behind, when one with a failure returns anything but 0 or WB_ENOMEM, or when the one
 * without does not return 0. Gives the number of allocations that were made to fail. */
long wb_oom_run(int (*fn)(void *user), void *user);
/* The same with the first allocation, the one `step` further on, …: for what takes long. */
long wb_oom_run_every(long step, int (*fn)(void *user), void *user);

/* The next n threads cannot be made. While wb_oom_run is at work none can, so that allocations come in the same order
 * each time. */
void wb_refuse_threads(int n);

#endif
