/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a context's log and events go. The library never prints: without a
 * listener all of this is silent.
 */
#ifndef WB_BASE_LOG_H
#define WB_BASE_LOG_H

#include <whimbrel/event.h>

#include "compiler.h"
#include <stdbool.h>

struct wb_sink {
	wb_log_fn log;
	void *log_user;
	enum wb_log_level level;
	wb_event_fn event;
	void *event_user;
};

void wb_log(const struct wb_sink *sink, enum wb_log_level level, const char *fmt, ...) WB_PRINTF(3, 4);
static inline bool wb_logs(const struct wb_sink *sink, enum wb_log_level level)
{
	return sink && sink->log && level <= sink->level;
}
/* An event of this type with every optional field absent and the clock set. */
struct wb_event wb_event_make(enum wb_event_type type);
void wb_event_emit(const struct wb_sink *sink, struct wb_event *event);

#endif
