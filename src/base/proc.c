/* SPDX-License-Identifier: Apache-2.0
 *
 * What the system knows of this process.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/retry.h"
#include "base/sha256.h"
#include "base/banned.h"

int64_t wb_proc_peak_rss_kb(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss : -1;
}

int64_t wb_proc_rss_kb(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct wb_sv rest = wb_sv(text, n > 0 ? (size_t)n : 0), piece;
	int64_t pages;

	if (fd >= 0)
		(void)close(fd);
	if (!wb_sv_cut(&rest, ' ', &piece) || !wb_sv_cut(&rest, ' ', &piece) || !wb_sv_i64(piece, &pages))
		return -1;
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int64_t wb_proc_cpu_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *wb_proc_host(char *buf, size_t size)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0 || !name[0])
		(void)wb_sv_copy(WB_SV("unknown"), name, sizeof(name));
	(void)wb_sv_copy(wb_sv_str(name), buf, size);
	return buf;
}

/* A user without an entry (as in many containers) is named by number. */
const char *wb_proc_user(char *buf, size_t size)
{
	struct passwd entry, *found = NULL;
	char text[4096];

	if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &found) == 0 && found && found->pw_name[0])
		(void)wb_sv_copy(wb_sv_str(found->pw_name), buf, size);
	else
		(void)snprintf(buf, size, "%u", (unsigned)geteuid());
	return buf;
}

/* From the kernel; only one too old or too confined to give any leaves us the clock. */
static void random_bytes(unsigned char *p, size_t n)
{
	struct wb_retry r;
	ssize_t got;
	size_t i;

	do
		got = getrandom(p, n, 0);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)n)
		return;
	wb_retry_init(&r, 1, 1, -1, 0);
	for (i = 0; i < n; i++)
		p[i] = (unsigned char)wb_retry_jitter(&r, 0, 255);
}

void wb_uuid(char out[37])
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[16], *p = bytes;
	size_t i;

	random_bytes(bytes, sizeof(bytes));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (i = 0; i < WB_ARRAY_LEN(groups); i++) {
		if (i)
			*out++ = '-';
		wb_hex(p, groups[i], out);
		p += groups[i];
		out += 2 * groups[i];
	}
}
