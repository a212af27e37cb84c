/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of learn.c in the library for embedding.
 */
#include "learn.h"

void wb_learn_before(struct wb_learning *l, const struct wb_work *work)
{
	(void)l;
	(void)work;
}

bool wb_learn_expects(void *user, const struct wb_work_item *item, int64_t ordinal)
{
	(void)user;
	(void)item;
	(void)ordinal;
	return false;
}

void wb_learn_took(void *user, const struct wb_work_item *item, int64_t ordinal, int64_t ms)
{
	(void)user;
	(void)item;
	(void)ordinal;
	(void)ms;
}

void wb_learn_keep(struct wb_learning *l)
{
	(void)l;
}

void wb_learn_done(struct wb_learning *l)
{
	wb_arena_done(&l->arena);
}
