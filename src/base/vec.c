/* SPDX-License-Identifier: Apache-2.0
 *
 * Growth of typed arrays: doubling, with checked arithmetic.
 */
#include "base/vec.h"

#include <stdint.h>
#include <string.h>

#include "base/banned.h"

bool wb_vec_grow(void *v_pp, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap : 4, bytes;
	void *p;

	if (n < *cap)
		return true;
	if (*cap && __builtin_mul_overflow(*cap, (size_t)2, &want))
		return false;
	if (__builtin_mul_overflow(want, size, &bytes) || bytes > PTRDIFF_MAX)
		return false;
	/* The caller's pointer has its own type: copied bytewise, since void * may not alias it. */
	memcpy(&p, v_pp, sizeof(p));
	p = realloc(p, bytes);
	if (!p)
		return false;
	memcpy(v_pp, &p, sizeof(p));
	*cap = want;
	return true;
}
