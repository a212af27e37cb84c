/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of parts of a statement. The tree says where parts begin, not where
 * they end; tokens tell: what stands at a comma beside the part, or at what
 * closes around it, is no longer of it.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

#define TEXT_MAX ((size_t)64 << 10)

static void add(struct wb_reading *r, const struct wb_token *t, unsigned depth)
{
	struct wb_piece piece = { (uint32_t)(t->text.p - r->text.p), (uint32_t)t->text.n, (uint16_t)depth,
				  (uint8_t)t->kind };
	if (!wb_vec_push(&r->pieces, piece))
		r->failed = true;
}

/* Only statements that the guards let through: neither long nor deep. */
static void cut(struct wb_reading *r)
{
	struct wb_lexer lx;
	struct wb_token t;
	unsigned depth = 0;
	if (r->is_cut)
		return;
	r->is_cut = true;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, r->text);
	while (!r->failed && (t = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		depth -= t.kind == WB_TOK_CLOSE && depth > 0;
		add(r, &t, depth);
		depth += t.kind == WB_TOK_OPEN;
	}
}

size_t wb_piece_at(struct wb_reading *r, int32_t location)
{
	size_t low = 0, high;
	cut(r);
	high = r->pieces.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if ((int64_t)r->pieces.v[middle].at < location)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_comma(const struct wb_reading *r, size_t i)
{
	const struct wb_piece *p = &r->pieces.v[i];
	return p->kind == WB_TOK_OTHER && r->text.p[p->at] == ',';
}

size_t wb_piece_end(struct wb_reading *r, size_t i)
{
	if (i >= r->pieces.n)
		return r->pieces.n;
	unsigned depth = r->pieces.v[i].depth;
	for (; i < r->pieces.n; i++) {
		if (r->pieces.v[i].depth < depth || (r->pieces.v[i].depth == depth && is_comma(r, i)))
			break;
	}
	return i;
}

static struct wb_sv text(const struct wb_reading *r, size_t i)
{
	return wb_sv(r->text.p + r->pieces.v[i].at, r->pieces.v[i].n);
}

bool wb_piece_is(const struct wb_reading *r, size_t i, const char *word)
{
	return i < r->pieces.n && r->pieces.v[i].kind == WB_TOK_WORD && wb_sv_ieq(text(r, i), word);
}

static bool among(struct wb_sv word, const char *words)
{
	struct wb_sv rest = wb_sv_str(words), one;
	while (wb_sv_cut(&rest, ' ', &one)) {
		if (one.n == word.n && strncasecmp(one.p, word.p, one.n) == 0)
			return true;
	}
	return false;
}

size_t wb_piece_find(struct wb_reading *r, size_t i, size_t end, const char *words)
{
	cut(r);
	if (end > r->pieces.n)
		end = r->pieces.n;
	unsigned depth = i < end ? r->pieces.v[i].depth : 0;
	for (; i < end; i++) {
		if (r->pieces.v[i].depth == depth && r->pieces.v[i].kind == WB_TOK_WORD && among(text(r, i), words))
			return i;
	}
	return end;
}

const char *wb_piece_text(struct wb_reading *r, size_t i, size_t end)
{
	if (end > r->pieces.n)
		end = r->pieces.n;
	if (i >= end)
		return NULL;
	const struct wb_piece *last = &r->pieces.v[end - 1];
	size_t from = r->pieces.v[i].at;
	const char *copy = wb_arena_sv(r->a, wb_sv_head(wb_sv(r->text.p + from, last->at + last->n - from), TEXT_MAX));
	r->failed |= !copy;
	return copy;
}

const char *wb_piece_inside(struct wb_reading *r, size_t i)
{
	if (i >= r->pieces.n || r->pieces.v[i].kind != WB_TOK_OPEN)
		return NULL;
	size_t end = i + 1;
	while (end < r->pieces.n && r->pieces.v[end].depth > r->pieces.v[i].depth)
		end++;
	return wb_piece_text(r, i + 1, end);
}

size_t wb_piece_behind_name(struct wb_reading *r, size_t i)
{
	while (i + 2 < r->pieces.n && wb_sv_eq(text(r, i + 1), WB_SV(".")))
		i += 2;
	return i < r->pieces.n ? i + 1 : i;
}
