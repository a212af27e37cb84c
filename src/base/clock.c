/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks, and how times and durations are written.
 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

static int64_t clock_us(clockid_t id)
{
	struct timespec t = { 0 };

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t wb_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t wb_now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t wb_now_ms(void)
{
	return wb_now_us() / 1000;
}

int64_t wb_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

/* Rounds towards the past, so that times before 1970 keep a positive fraction. */
static struct tm split(int64_t wall_us, unsigned *ret_micros)
{
	int64_t micros = wall_us % 1000000;
	struct tm tm = { .tm_mday = 1 };
	time_t seconds;

	seconds = (time_t)(wall_us / 1000000 - (micros < 0 ? 1 : 0));
	*ret_micros = (unsigned)(micros < 0 ? micros + 1000000 : micros);
	(void)gmtime_r(&seconds, &tm);
	return tm;
}

char *wb_time_rfc3339(int64_t wall_us, char *buf, size_t size)
{
	unsigned micros;
	struct tm tm = split(wall_us, &micros);

	(void)snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		       tm.tm_hour, tm.tm_min, tm.tm_sec, micros);
	return buf;
}

void wb_time_compact(int64_t wall_us, char date[9], char time[7])
{
	char text[32];
	unsigned micros;
	struct tm tm = split(wall_us, &micros);

	text[0] = '\0';
	(void)strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
	memcpy(date, text, 8);
	date[8] = '\0';
	memcpy(time, text + 8, 6);
	time[6] = '\0';
}

char *wb_duration_text(int64_t ms, char *buf, size_t size)
{
	long long s = ms / 1000;

	if (ms < 0)
		(void)snprintf(buf, size, "unknown");
	else if (s < 1)
		(void)snprintf(buf, size, "%d ms", (int)ms);
	else if (s < 60)
		(void)snprintf(buf, size, "%d.%d s", (int)s, (int)(ms % 1000 / 100));
	else if (s < 3600)
		(void)snprintf(buf, size, "%d min %02d s", (int)(s / 60), (int)(s % 60));
	else
		(void)snprintf(buf, size, "%lld h %02d min", s / 3600, (int)(s / 60 % 60));
	return buf;
}

void wb_sleep_ms(int64_t ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

	if (ms > 0)
		(void)nanosleep(&t, NULL);
}
