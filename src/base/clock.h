/* SPDX-License-Identifier: Apache-2.0
 *
 * Time: monotonic for durations, wall clock (UTC) only to be shown. Order is
 * never decided by either.
 */
#ifndef WB_BASE_CLOCK_H
#define WB_BASE_CLOCK_H

#include "compiler.h"
#include <stdint.h>

int64_t wb_now_ns(void); /* monotonic, nanoseconds */
int64_t wb_now_us(void); /* monotonic, microseconds */
int64_t wb_now_ms(void); /* monotonic, milliseconds */
int64_t wb_wall_us(void); /* since 1970, UTC */
/* "2026-11-21T07:32:00.123456Z"; buf of at least 32 bytes. Returns buf. */
char *wb_time_rfc3339(int64_t wall_us, char *buf, size_t size);
/* "YYYYMMDD_HHMMSS" style pieces of the local wall clock are not offered: versions are UTC. */
void wb_time_compact(int64_t wall_us, char date[9], char time[7]);
/* "850 ms", "12.3 s", "4 min 05 s", "1 h 02 min", "unknown" when negative; returns buf. */
char *wb_duration_text(int64_t ms, char *buf, size_t size);
void wb_sleep_ms(int64_t ms); /* returns early on a signal */

#endif
