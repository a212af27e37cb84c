/* SPDX-License-Identifier: Apache-2.0
 *
 * Checksums. A file's bytes go by in pieces of any size; each byte belongs to
 * the down part (a down section with its heading, or a whole down file) or to
 * the rest, and each part has its own SHA-256 over its text with the byte order
 * mark left out and CRLF and lone CR made LF.
 */
#include "source/internal.h"

static const char bom[] = "\xEF\xBB\xBF";

static void text_add(struct wb_text_hash *t, const char *p, size_t n)
{
	while (n) {
		const char *cr;
		size_t k;

		if (t->after_cr) {
			t->after_cr = false;
			if (*p == '\n') {
				p++;
				n--;
				continue;
			}
		}
		cr = memchr(p, '\r', n);
		k = cr ? (size_t)(cr - p) : n;
		wb_sha256_add(&t->sha, p, k);
		if (cr) {
			wb_sha256_add(&t->sha, "\n", 1);
			t->after_cr = true;
			k++;
		}
		p += k;
		n -= k;
	}
}

void wb_part_hash_init(struct wb_part_hash *h, const struct wb_section *sections, size_t n, bool all_down)
{
	*h = (struct wb_part_hash){ .sections = sections, .n = n, .all_down = all_down };
	wb_sha256_init(&h->up.sha);
	wb_sha256_init(&h->down.sha);
}

/* How many bytes from here on belong to the same part, and which. */
static uint64_t run_length(struct wb_part_hash *h, struct wb_text_hash **ret_part)
{
	*ret_part = h->all_down ? &h->down : &h->up;
	if (h->all_down)
		return UINT64_MAX;
	while (h->next < h->n && (h->sections[h->next].kind != WB_SEC_DOWN || h->sections[h->next].end <= h->offset))
		h->next++;
	if (h->next == h->n)
		return UINT64_MAX;
	if (h->offset < h->sections[h->next].heading)
		return h->sections[h->next].heading - h->offset;
	*ret_part = &h->down;
	return h->sections[h->next].end - h->offset;
}

static void part_add(struct wb_part_hash *h, const char *p, size_t n)
{
	while (n) {
		struct wb_text_hash *part;
		uint64_t run = run_length(h, &part);
		size_t k = run < n ? (size_t)run : n;

		text_add(part, p, k);
		if (k == run) /* what follows in this part is no neighbour of these bytes in the file */
			part->after_cr = false;
		h->offset += k;
		p += k;
		n -= k;
	}
}

void wb_part_hash_add(struct wb_part_hash *h, const char *p, size_t n)
{
	while (n && h->offset == 0 && h->bom < 3) {
		if (*p != bom[h->bom]) {
			unsigned held = h->bom;
			h->bom = 3;
			part_add(h, bom, held);
			break;
		}
		p++;
		n--;
		if (++h->bom == 3)
			h->offset = 3;
	}
	part_add(h, p, n);
}

bool wb_sections_any_down(const struct wb_section *sections, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sections[i].kind == WB_SEC_DOWN)
			return true;
	return false;
}

void wb_part_hash_final(struct wb_part_hash *h, unsigned char up[32], unsigned char down[32])
{
	if (h->offset == 0 && h->bom < 3)
		part_add(h, bom, h->bom);
	wb_sha256_final(&h->up.sha, up);
	memset(down, 0, 32);
	if (h->all_down || wb_sections_any_down(h->sections, h->n))
		wb_sha256_final(&h->down.sha, down);
}

size_t wb_sections_of(const struct wb_migration *m, bool down_file, const struct wb_section **ret_first)
{
	size_t first = 0, n;

	while (down_file && first < m->n_sections && !m->sections[first].in_down_file)
		first++;
	for (n = first; n < m->n_sections && m->sections[n].in_down_file == down_file;)
		n++;
	*ret_first = m->sections ? m->sections + first : NULL;
	return n - first;
}
