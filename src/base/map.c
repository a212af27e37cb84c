/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing with linear probing over a table of entry numbers (plus
 * one; 0 is free), at most three quarters full. Entries stay in an array in
 * the order of their insertion. There is no removal.
 */
#include "base/map.h"

#include "base/vec.h"
#include "base/banned.h"

#define SLOTS_MIN ((size_t)16)

/* Eight bytes at a time; the upper half of a product depends on all of them, and the table looks at the low bits. */
static uint64_t hash(struct wb_sv key)
{
	const uint64_t factor = 0x9e3779b97f4a7c15u;
	uint64_t h = key.n * factor, word;

	for (; key.n >= sizeof(word); key = wb_sv(key.p + sizeof(word), key.n - sizeof(word))) {
		memcpy(&word, key.p, sizeof(word));
		h = (h ^ word) * factor;
		h ^= h >> 32;
	}
	word = 0;
	if (key.n)
		memcpy(&word, key.p, key.n);
	h = (h ^ word) * factor;
	h ^= h >> 32;
	return h * factor >> 32;
}

/* The slot that holds key, or the free one where it belongs; the table has a free slot. */
static uint32_t *find_slot(const struct wb_map *m, struct wb_sv key)
{
	size_t mask = m->n_slots - 1, i = (size_t)hash(key) & mask;

	while (m->slots[i] && !wb_sv_eq(m->entries[m->slots[i] - 1].key, key))
		i = (i + 1) & mask;
	return &m->slots[i];
}

static bool grow_slots(struct wb_map *m)
{
	size_t n_slots = m->n_slots ? m->n_slots * 2 : SLOTS_MIN, i;
	uint32_t *slots;

	if (m->n < m->n_slots / 4 * 3)
		return true;
	if (n_slots > UINT32_MAX)
		return false;
	slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return false;
	free(m->slots);
	m->slots = slots;
	m->n_slots = n_slots;
	for (i = 0; i < m->n; i++)
		*find_slot(m, m->entries[i].key) = (uint32_t)i + 1;
	return true;
}

bool wb_map_put(struct wb_map *m, struct wb_sv key, void *value)
{
	uint32_t *slot;

	if (!grow_slots(m) || !wb_vec_grow(&m->entries, m->n, &m->cap, sizeof(*m->entries)))
		return false;
	slot = find_slot(m, key);
	if (*slot) {
		m->entries[*slot - 1].value = value;
		return true;
	}
	m->entries[m->n] = (struct wb_map_entry){ .key = key, .value = value };
	*slot = (uint32_t)++m->n;
	return true;
}

void *wb_map_get(const struct wb_map *m, struct wb_sv key)
{
	uint32_t slot = m->n ? *find_slot(m, key) : 0;

	return slot ? m->entries[slot - 1].value : NULL;
}

void wb_map_done(struct wb_map *m)
{
	free(m->entries);
	free(m->slots);
	*m = (struct wb_map){ 0 };
}
