/* SPDX-License-Identifier: Apache-2.0
 *
 * measure COMMAND…: runs it and prints, on descriptor 3, wall seconds, CPU
 * seconds, peak resident kilobytes and exit status. A small program does this
 * because a child's peak counts the memory of whoever forked it.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct rusage usage;
	pid_t child;
	int status, rc;

	if (argc < 2)
		return 64;
	clock_gettime(CLOCK_MONOTONIC, &start);
	rc = posix_spawnp(&child, argv[1], NULL, NULL, argv + 1, environ);
	if (rc != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(rc));
		return 127;
	}
	while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR)
		;
	clock_gettime(CLOCK_MONOTONIC, &end);
	dprintf(3, "%.6f %.6f %ld %d\n",
		(double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
		seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
