/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault points: places where a test makes the process die, the connection
 * drop, or a call fail. Compiled in only with -Dfaults=true; a release build
 * has none. Configured by WHIMBREL_FAULT="action@point:n", e.g.
 * "kill@before:17", "drop@sent:4", "fail@after:9", "count@any:0" (count writes
 * the number of driver calls to the file in WHIMBREL_FAULT_COUNT at exit of the
 * connection). Points: before (nothing sent), sent (sent, no reply read),
 * after (reply read).
 */
#ifndef WB_BASE_FAULT_H
#define WB_BASE_FAULT_H

enum wb_fault_point { WB_FAULT_BEFORE, WB_FAULT_SENT, WB_FAULT_AFTER };
enum wb_fault_action { WB_FAULT_NONE, WB_FAULT_KILL, WB_FAULT_DROP, WB_FAULT_FAIL, WB_FAULT_COUNT };

struct wb_fault {
	enum wb_fault_action action;
	enum wb_fault_point point;
	long n; /* the call it strikes, from 1 */
	long calls; /* calls seen */
};

/* Parses the specification; all zero when spec is NULL, empty or wrong. */
void wb_fault_init(struct wb_fault *f, const char *spec);
/* Next call; to be called once per driver call. */
void wb_fault_call(struct wb_fault *f);
/* What must happen at this point of the current call. WB_FAULT_KILL does not return. */
enum wb_fault_action wb_fault_at(struct wb_fault *f, enum wb_fault_point point);

#endif
