/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiler attributes under one spelling, so that a later C standard can
 * replace them in one place.
 */
#ifndef WB_BASE_COMPILER_H
#define WB_BASE_COMPILER_H

#include <stddef.h>
#include <stdlib.h>

#define WB_MUST_USE __attribute__((warn_unused_result))
#define WB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WB_CLEANUP(fn) __attribute__((cleanup(fn)))
#define WB_UNUSED __attribute__((unused))
#define WB_API __attribute__((visibility("default")))
#define WB_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__SANITIZE_ADDRESS__)
#define WB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WB_ASAN 1
#endif
#endif

/* Hands a pointer out of a variable that would free it on scope exit. */
#define wb_steal(pp) \
	(__extension__({ \
		__typeof__(*(pp)) wb_steal_ = *(pp); \
		*(pp) = NULL; \
		wb_steal_; \
	}))

static inline void wb_free_cleanup(void *pp)
{
	free(*(void **)pp);
}
/* wb_autofree char *p = …; frees p when it goes out of scope. */
#define wb_autofree WB_CLEANUP(wb_free_cleanup)

#endif
