/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions: numbers joined by "." or "_" (Flyway writes V1_2 for 1.2, Summit
 * 20251120_143000). Parts are compared as digit strings of any length, so that
 * no version is too large.
 */
#include "source/internal.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool wb_version_valid(struct wb_sv v)
{
	bool digit = false;

	for (size_t i = 0; i < v.n; i++) {
		if (is_digit(v.p[i]))
			digit = true;
		else if ((v.p[i] == '.' || v.p[i] == '_') && digit)
			digit = false;
		else
			return false;
	}
	return digit;
}

/* The next part without its leading zeros: "" for zero, and for a part that is not there. */
static struct wb_sv next_part(const char **p)
{
	const char *start;

	while (**p == '0')
		(*p)++;
	start = *p;
	while (is_digit(**p))
		(*p)++;
	struct wb_sv part = wb_sv(start, (size_t)(*p - start));
	if (**p)
		(*p)++;
	return part;
}

static int part_cmp(struct wb_sv a, struct wb_sv b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

/* Two plain numbers of one length, which is what sorting meets most. False when they are something else. */
static bool same_length_cmp(const char *a, const char *b, int *ret_cmp)
{
	int c = 0;
	size_t i = 0;

	for (; is_digit(a[i]) && is_digit(b[i]); i++)
		c = c ? c : a[i] - b[i];
	*ret_cmp = c;
	return i > 0 && !a[i] && !b[i];
}

int wb_version_cmp(const char *a, const char *b)
{
	int plain;

	if (same_length_cmp(a, b, &plain))
		return plain;
	bool va = wb_version_valid(wb_sv_str(a)), vb = wb_version_valid(wb_sv_str(b));

	if (!va || !vb)
		return va ? -1 : vb ? 1 : strcmp(a, b);
	while (*a || *b) {
		int c = part_cmp(next_part(&a), next_part(&b));
		if (c)
			return c;
	}
	return 0;
}

/* out has the size of version: a key is never longer. */
static void write_key(const char *version, char *out)
{
	char *end = out; /* after the last part that is not zero */
	char *p = out;

	while (*version) {
		struct wb_sv part = next_part(&version);
		if (p > out)
			*p++ = '.';
		if (part.n)
			memcpy(p, part.p, part.n);
		else
			*p++ = '0';
		p += part.n;
		if (part.n)
			end = p;
	}
	if (end == out)
		*end++ = '0';
	*end = '\0';
}

char *wb_version_key(struct wb_arena *a, const char *version)
{
	char *key;

	if (!wb_version_valid(wb_sv_str(version)))
		return wb_arena_str(a, version);
	key = wb_arena_alloc(a, strlen(version) + 1);
	if (key)
		write_key(version, key);
	return key;
}

const char *wb_version_key_shared(struct wb_arena *a, const char *version)
{
	const char *p = version;

	/* One number, the common case, holds its own key: what follows the zeros. */
	while (p[0] == '0' && p[1])
		p++;
	if (*p && p[strspn(p, "0123456789")] == '\0')
		return p;
	return wb_version_valid(wb_sv_str(version)) ? wb_version_key(a, version) : version;
}
