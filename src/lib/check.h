/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites within a run. Private to the lib room.
 */
#ifndef WB_LIB_CHECK_H
#define WB_LIB_CHECK_H

#include "context.h"

#include "check/check.h"

/* On this connection, within its transaction. */
int wb_check_inside(struct wb_context *c, struct wb_conn *conn, const struct wb_check_suite *suite,
		    const struct wb_check_options *options, struct wb_check_report **ret_report,
		    struct wb_error *err) WB_MUST_USE;

#endif
