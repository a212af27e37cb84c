/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of operations.
 */
#include "model/operation.h"

static const char *const names[] = {
#define X(id, name) [WB_OP_##id] = name,
	WB_OP_MAP(X)
#undef X
};

static const char *const flags[] = {
#define X(id, name) [WB_WITH_BIT_##id] = name,
	WB_WITH_MAP(X)
#undef X
};

const char *wb_op_name(enum wb_op code)
{
	return (unsigned)code < WB_OP_COUNT ? names[code] : "unknown";
}

bool wb_op_find(const char *name, enum wb_op *ret_code)
{
	for (unsigned i = 0; i < WB_OP_COUNT; i++) {
		if (!strcmp(names[i], name)) {
			*ret_code = (enum wb_op)i;
			return true;
		}
	}
	return false;
}

const char *wb_op_flag_name(enum wb_op_bit bit)
{
	return (unsigned)bit < WB_WITH_BITS ? flags[bit] : "unknown";
}
