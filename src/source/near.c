/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean …": the name closest to what was written, by edits (insert,
 * drop, change, swap of neighbours), ASCII case ignored.
 */
#include "source/internal.h"

#define NEAR_MAX 48 /* longer words are not compared */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

unsigned wb_edits(struct wb_sv a, struct wb_sv b)
{
	unsigned row[3][NEAR_MAX + 1]; /* the row before last, the last, this one */

	if (a.n > NEAR_MAX || b.n > NEAR_MAX)
		return NEAR_MAX;
	memset(row, 0, sizeof(row));
	for (unsigned j = 0; j <= b.n; j++)
		row[1][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		row[2][0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char ca = lower(a.p[i - 1]), cb = lower(b.p[j - 1]);
			row[2][j] = min3(row[1][j] + 1, row[2][j - 1] + 1, row[1][j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == lower(b.p[j - 2]) && cb == lower(a.p[i - 2]) &&
			    row[0][j - 2] + 1 < row[2][j])
				row[2][j] = row[0][j - 2] + 1;
		}
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
	}
	return row[1][b.n];
}

bool wb_near_enough(struct wb_sv word, struct wb_sv name)
{
	size_t allowed = name.n <= 3 ? 1 : name.n <= 8 ? 2 : 3;

	return wb_edits(word, name) <= allowed && word.n > 1;
}

const char *wb_near(struct wb_sv word, const char *const names[], size_t n)
{
	const char *best = NULL;
	unsigned least = NEAR_MAX;

	for (size_t i = 0; i < n; i++) {
		struct wb_sv name = wb_sv_str(names[i]);
		unsigned d = wb_edits(word, name);
		if (d < least && wb_near_enough(word, name)) {
			best = names[i];
			least = d;
		}
	}
	return best;
}
