/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean": the nearest of some names, when one is near enough that it
 * was probably meant.
 */
#include "cli/cli.h"

#include "base/banned.h"

#define WORD_MAX ((size_t)48)

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' ? '-' : c;
}

/* Insertions, deletions, replacements and swaps of neighbours; case and the kind of dash do not count. */
static unsigned distance(struct wb_sv a, struct wb_sv b)
{
	unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2], *spare;
	size_t i, k;

	for (k = 0; k <= b.n; k++)
		last[k] = (unsigned)k;
	for (i = 1; i <= a.n; i++) {
		now[0] = (unsigned)i;
		for (k = 1; k <= b.n; k++) {
			unsigned same = lower(a.p[i - 1]) == lower(b.p[k - 1]) ? 0 : 1;

			now[k] = least(last[k] + 1, now[k - 1] + 1, last[k - 1] + same);
			if (i > 1 && k > 1 && lower(a.p[i - 1]) == lower(b.p[k - 2]) &&
			    lower(a.p[i - 2]) == lower(b.p[k - 1]) && before[k - 2] + 1 < now[k])
				now[k] = before[k - 2] + 1;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

void cli_guess_init(struct cli_guess *g, struct wb_sv word)
{
	*g = (struct cli_guess){ .word = word, .distance = 1 + (unsigned)(word.n > WORD_MAX ? 0 : word.n / 3) };
}

void cli_guess_try(struct cli_guess *g, struct wb_sv candidate)
{
	unsigned d;

	if (g->word.n > WORD_MAX || candidate.n > WORD_MAX)
		return;
	d = distance(g->word, candidate);
	/* A word that only begins like the candidate was typed in a hurry. */
	if (g->word.n >= 3 && candidate.n > g->word.n && memcmp(g->word.p, candidate.p, g->word.n) == 0)
		d = d ? 1 : 0;
	if (d < g->distance || (d == g->distance && !g->best.p)) {
		g->best = candidate;
		g->distance = d;
	}
}

bool cli_guess_hint(const struct cli_guess *g, const char *prefix, struct wb_error *err)
{
	if (!g->best.p)
		return false;
	wb_err_hint(err, "did you mean \"%s%.*s\"?", prefix, WB_SV_ARG(g->best));
	return true;
}
