/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this room share.
 */
#ifndef WB_STATE_STORE_H
#define WB_STATE_STORE_H

#include "state/state.h"

/* Are the tables there? */
int wb_state_exists(const struct wb_target *t, bool *ret_exists, struct wb_error *err) WB_MUST_USE;
/* From here on they are. */
int wb_state_ensure(const struct wb_target *t, struct wb_error *err) WB_MUST_USE;
/* Into the batch, which its texts must outlive; release NULL: it is of none. taken_at is not looked at. False when
 * memory has run out. */
bool wb_snapshot_add(const struct wb_target *t, const struct wb_model *m, const struct wb_kept_snapshot *s,
		     const char *release, struct wb_batch *batch) WB_MUST_USE;

#endif
