/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapped allocators. While wb_oom_run is at work, each block is noted
 * with its size and caller until it is freed. A block that was allocated
 * before the run, or by a library, is unknown here and passes through.
 * Pointers are kept inverted, so that the notes do not hide a leak from
 * LeakSanitizer.
 */
#include "tests/unit/oom.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct note {
	uintptr_t inverted;
	size_t size;
	const char *caller;
};

static struct {
	bool active;
	long made, failing; /* allocations of this call so far; the one to fail */
	const char *failed_at;
	struct note *notes;
	size_t n, cap;
} oom;

static int refused_threads;

extern char __executable_start[];

#define CALLER ((const char *)__builtin_return_address(0))

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *p);
DIR *__real_fdopendir(int fd);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *user);
int __real_closedir(DIR *dir);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_asprintf(char **ret_text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vasprintf(char **ret_text, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
DIR *__wrap_fdopendir(int fd);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *user);
int __wrap_closedir(DIR *dir);

/* To be asked once per allocation. */
static bool must_fail(const char *caller)
{
	if (!oom.active || ++oom.made != oom.failing)
		return false;
	oom.failed_at = caller;
	errno = ENOMEM;
	return true;
}

static void *note(void *p, size_t size, const char *caller)
{
	if (!oom.active || !p)
		return p;
	if (oom.n == oom.cap) {
		oom.cap = oom.cap ? oom.cap * 2 : 256;
		oom.notes = __real_realloc(oom.notes, oom.cap * sizeof(*oom.notes));
		if (!oom.notes)
			abort();
	}
	oom.notes[oom.n++] = (struct note){ ~(uintptr_t)p, size, caller };
	return p;
}

/* Whether p was noted; the newest first, since most blocks do not live long. */
static bool forget(const void *p)
{
	size_t i;

	for (i = oom.n; i-- > 0;) {
		if (oom.notes[i].inverted == ~(uintptr_t)p) {
			memmove(oom.notes + i, oom.notes + i + 1, (--oom.n - i) * sizeof(*oom.notes));
			return true;
		}
	}
	return false;
}

static void *allocate(size_t size, const char *caller)
{
	return must_fail(caller) ? NULL : note(__real_malloc(size), size, caller);
}

void *__wrap_malloc(size_t size)
{
	return allocate(size, CALLER);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return must_fail(CALLER) ? NULL : note(__real_calloc(n, size), n * size, CALLER);
}

/* A block from before the run stays the business of whoever had it. */
static void *reallocate(void *p, size_t size, const char *caller)
{
	uintptr_t old = (uintptr_t)p;
	bool noted;
	void *moved;

	if (must_fail(caller))
		return NULL;
	noted = !p || forget(p);
	moved = __real_realloc(p, size);
	if (!noted)
		return moved;
	if (!moved && old && size)
		oom.notes[oom.n++] = (struct note){ ~old, size, caller }; /* forget made the room */
	return note(moved, size, caller);
}

void *__wrap_realloc(void *p, size_t size)
{
	return reallocate(p, size, CALLER);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return reallocate(p, total, CALLER);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return must_fail(CALLER) ? NULL : note(__real_aligned_alloc(alignment, size), size, CALLER);
}

void __wrap_free(void *p)
{
	if (p)
		(void)forget(p);
	__real_free(p);
}

static char *duplicate(const char *s, size_t n, const char *caller)
{
	char *copy = allocate(n + 1, caller);

	if (copy) {
		memcpy(copy, s, n);
		copy[n] = '\0';
	}
	return copy;
}

char *__wrap_strdup(const char *s)
{
	return duplicate(s, strlen(s), CALLER);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return duplicate(s, strnlen(s, n), CALLER);
}

int __wrap_vasprintf(char **ret_text, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	*ret_text = n < 0 ? NULL : allocate((size_t)n + 1, CALLER);
	return *ret_text ? vsnprintf(*ret_text, (size_t)n + 1, fmt, ap) : -1;
}

int __wrap_asprintf(char **ret_text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = __wrap_vasprintf(ret_text, fmt, ap);
	va_end(ap);
	return n;
}

DIR *__wrap_fdopendir(int fd)
{
	return must_fail(CALLER) ? NULL : note(__real_fdopendir(fd), 0, CALLER);
}

int __wrap_closedir(DIR *dir)
{
	(void)forget(dir);
	return __real_closedir(dir);
}

void wb_refuse_threads(int n)
{
	refused_threads = n;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *user)
{
	if (oom.active)
		return EAGAIN;
	if (refused_threads == 0)
		return __real_pthread_create(thread, attr, run, user);
	refused_threads--;
	return EAGAIN;
}

/* An address as addr2line -fe PROGRAM wants it. */
static size_t place(const char *caller)
{
	return (size_t)(caller - __executable_start);
}

static void check_call(int rc)
{
	struct note left = { 0 };
	size_t n = oom.n;

	if (n)
		left = oom.notes[0];
	__real_free(oom.notes);
	oom.notes = NULL;
	oom.n = oom.cap = 0;
	if (oom.failed_at && rc != 0 && rc != WB_ENOMEM)
		fail_msg("allocation %ld failed (at %#zx) and the function returned %d", oom.failing,
			 place(oom.failed_at), rc);
	if (!oom.failed_at && rc != 0)
		fail_msg("no allocation failed and the function returned %d", rc);
	if (n && oom.failed_at)
		fail_msg("allocation %ld failed (at %#zx) and %zu blocks were not released, the first of %zu bytes "
			 "(at %#zx)",
			 oom.failing, place(oom.failed_at), n, left.size, place(left.caller));
	if (n)
		fail_msg("%zu blocks were not released, the first of %zu bytes (at %#zx)", n, left.size,
			 place(left.caller));
}

long wb_oom_run(int (*fn)(void *user), void *user)
{
	return wb_oom_run_every(1, fn, user);
}

long wb_oom_run_every(long step, int (*fn)(void *user), void *user)
{
	long failing = 1 - step, tried = -1;
	int rc;

	do {
		tried++;
		oom.n = 0; /* what a test that left fn by a failed assertion had noted */
		oom.made = 0;
		oom.failing = failing += step;
		oom.failed_at = NULL;
		oom.active = true;
		rc = fn(user);
		oom.active = false;
		check_call(rc);
	} while (oom.failed_at);
	return tried;
}
