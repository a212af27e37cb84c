/* SPDX-License-Identifier: Apache-2.0
 *
 * The decorators, for driver.c alone: what happens before and after each call
 * of a driver. Trace tells the sink, fault points let tests break the call.
 */
#ifndef WB_DRIVER_DECORATE_H
#define WB_DRIVER_DECORATE_H

#include "driver/driver.h"

struct wb_call {
	const char *name;
	const struct wb_query *q; /* run() only */
	size_t n;
	int64_t start_us; /* 0 when nobody listens */
};

/* Notes the start and tells which statements go out: never their parameters, which may be secrets. */
void wb_trace_enter(struct wb_conn *c, struct wb_call *call);
void wb_trace_leave(struct wb_conn *c, const struct wb_call *call, int rc);

/* Reads the environment; does nothing for monitors and in builds without fault points. */
void wb_fault_open(struct wb_conn *c);
/* Non-zero: the call must not be made. */
int wb_fault_enter(struct wb_conn *c, struct wb_error *err);
/* The result that the caller gets to see. */
int wb_fault_leave(struct wb_conn *c, int rc, struct wb_error *err);
/* Writes the number of calls where the test asked for it. */
void wb_fault_close(struct wb_conn *c);

#endif
