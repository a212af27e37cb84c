/* SPDX-License-Identifier: Apache-2.0
 *
 * Hands log lines and events to whoever listens. Nothing is allocated: a log
 * line longer than the buffer is cut.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/sv.h"
#include "base/banned.h"

WB_API const char *wb_event_name(enum wb_event_type type)
{
	static const char *const names[] = {
#define X(name, text) [WB_EVENT_##name] = text,
		WB_EVENT_MAP(X)
#undef X
	};

	return (unsigned)type < WB_EVENT_COUNT ? names[type] : "unknown";
}

void wb_log(const struct wb_sink *sink, enum wb_log_level level, const char *fmt, ...)
{
	char text[4096], message[4096 - 4]; /* room for one character more, so that a cut one is seen whole */
	va_list ap;
	int n;

	if (!wb_logs(sink, level))
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	(void)wb_sv_copy(wb_sv(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1), message,
			 sizeof(message));
	sink->log(sink->log_user, level, message);
}

struct wb_event wb_event_make(enum wb_event_type type)
{
	return (struct wb_event){
		.type = type,
		.name = wb_event_name(type),
		.at_us = wb_wall_us(),
		.migration = -1,
		.migrations = -1,
		.step = -1,
		.steps = -1,
		.done = -1,
		.total = -1,
		.elapsed_ms = -1,
		.eta_ms = -1,
		.rows = -1,
		.rss_kb = -1,
		.cpu_ms = -1,
		.lock_wait_ms = -1,
		.attempt = -1,
		.rules = -1,
		.batch = -1,
		.batches = -1,
		.offset = -1,
		.batch_size = -1,
		.successful = -1,
		.failed = -1,
		.rows_per_s = -1,
		.dry_run = -1,
	};
}

void wb_event_emit(const struct wb_sink *sink, struct wb_event *event)
{
	if (sink && sink->event)
		sink->event(sink->event_user, event);
}
