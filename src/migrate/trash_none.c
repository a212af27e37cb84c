/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of trash.c and trash_find.c where the library is built for embedding:
 * it sets nothing aside, and says so before anything is taken.
 */
#include "trash.h"

static int none(struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "this build cannot set aside what migrations take");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel, or switch trash off");
	return WB_EUNSUPPORTED;
}

int wb_trash_sees(const struct wb_target *t, struct wb_sv statement, bool columns_alone, bool *ret_sets_aside,
		  struct wb_error *err)
{
	(void)t, (void)statement, (void)columns_alone, (void)err;
	*ret_sets_aside = false;
	return 0;
}

int wb_trash_ensure(struct wb_run *run, struct wb_error *err)
{
	return run->t->trash ? none(err) : 0;
}

bool wb_trash_marks(const struct wb_script *s, int64_t ordinal)
{
	(void)s, (void)ordinal;
	return false;
}

int wb_trash_run(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err)
{
	(void)s, (void)item, (void)ret_replaced;
	return none(err);
}

int wb_trash_tell(struct wb_sender *s, const struct wb_item *item, struct wb_error *err)
{
	(void)s, (void)item, (void)err;
	return 0;
}
