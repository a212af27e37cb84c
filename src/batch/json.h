/* SPDX-License-Identifier: Apache-2.0
 *
 * As much of JSON as has to be understood here; private to the batch room.
 */
#ifndef WB_BATCH_JSON_H
#define WB_BATCH_JSON_H

#include "base/base.h"

/* Is the text an object whose first member has this name? Its value, a string unescaped and anything else as it stands
 * there, is appended to out (NULL: not wanted). */
bool json_member(struct wb_sv text, const char *name, struct wb_str *out);

#endif
