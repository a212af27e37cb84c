/* SPDX-License-Identifier: Apache-2.0
 *
 * Files against the checksums that the tool kept, where its way of making them
 * is known: Flyway's CRC32 of lines, sqlx's SHA-384 of bytes, refinery's
 * SipHash. A file that is not what was applied must not get a clean bill by
 * being adopted.
 */
#include "adopt.h"

#define CHECK_MAX ((size_t)256 << 20)

static int read_file(const struct wb_migration *m, struct wb_str *ret_text, struct wb_error *err)
{
	int rc = wb_migration_text(m, CHECK_MAX, ret_text, err);
	if (rc < 0)
		wb_err_prefix(err, "cannot check %s", m->name);
	return rc;
}

/* ---- Flyway: every line without its end, one after the other -------------------------- */

static int32_t flyway_sum(struct wb_sv text)
{
	uint32_t crc = 0;
	if (wb_sv_starts(text, "\xef\xbb\xbf"))
		text = wb_sv(text.p + 3, text.n - 3);
	for (size_t i = 0, start = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
			continue;
		crc = wb_crc32(crc, text.p + start, i - start);
		start = i + 1;
	}
	return (int32_t)crc;
}

int wb_check_flyway(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		    enum wb_old_check *ret_check, struct wb_error *err)
{
	int64_t sum = wb_adopt_number(old->cell[WB_OLD_CHECKSUM], INT64_MAX);
	wb_autostr text = WB_STR_INIT;
	(void)a;
	int rc = sum == INT64_MAX ? 0 : read_file(m, &text, err);
	if (rc < 0 || sum == INT64_MAX)
		return rc;
	bool same = flyway_sum(wb_str_sv(&text)) == (int32_t)sum;
	/* Of repeatable ones with placeholders Flyway takes the sum after filling them in. */
	bool filled = old->repeatable && memmem(text.p, text.n, "${", 2);
	*ret_check = same ? WB_CHECK_VERIFIED : filled ? WB_CHECK_UNKNOWN : WB_CHECK_CHANGED;
	return 0;
}

/* ---- sqlx: the bytes as they are; git may have changed the line ends ---------------------- */

static int same_digest(struct wb_adopt *a, struct wb_sv text, const char *want, bool *ret_same, struct wb_error *err)
{
	const char *hex = NULL;
	int rc = wb_adopt_digest(a, "SHA384", text, &hex, err);
	*ret_same = rc == 0 && wb_sv_ieq(wb_sv_str(want), hex);
	return rc;
}

static bool with_line_ends(struct wb_sv text, const char *end, struct wb_str *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
			continue;
		if (text.p[i] == '\n')
			wb_str_add(out, end);
		else
			wb_str_addc(out, text.p[i]);
	}
	return !out->failed;
}

int wb_check_sqlx(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		  enum wb_old_check *ret_check, struct wb_error *err)
{
	static const char *const ends[] = { "\n", "\r\n" };
	const char *want = old->cell[WB_OLD_CHECKSUM];
	wb_autostr text = WB_STR_INIT;
	bool same = false;
	int rc = want ? read_file(m, &text, err) : 0;
	if (rc < 0 || !want)
		return rc;
	rc = same_digest(a, wb_str_sv(&text), want, &same, err);
	for (size_t i = 0; rc == 0 && !same && i < WB_ARRAY_LEN(ends); i++) {
		wb_autostr other = WB_STR_INIT;
		rc = with_line_ends(wb_str_sv(&text), ends[i], &other)
			     ? same_digest(a, wb_str_sv(&other), want, &same, err)
			     : wb_err_nomem(err);
	}
	*ret_check = same ? WB_CHECK_VERIFIED : WB_CHECK_CHANGED;
	return rc;
}

/* ---- refinery: SipHash 1-3 with a key of zeros over name, version, text ----------------------- */

struct sip {
	uint64_t v[4], tail;
	size_t length;
};

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->v[3] ^= word;
	sip_round(s->v);
	s->v[0] ^= word;
}

static void sip_add(struct sip *s, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s->tail |= (uint64_t)((const unsigned char *)p)[i] << 8 * (s->length++ % 8);
		if (s->length % 8)
			continue;
		sip_word(s, s->tail);
		s->tail = 0;
	}
}

/* As Rust hashes a str: its bytes and one that is in no UTF-8. */
static void sip_str(struct sip *s, const char *p, size_t n)
{
	sip_add(s, p, n);
	sip_add(s, "\xff", 1);
}

static uint64_t sip_final(struct sip *s)
{
	sip_word(s, s->tail | (uint64_t)(s->length % 256) << 56);
	s->v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(s->v);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

static uint64_t refinery_sum(const char *name, int64_t version, int version_size, const struct wb_str *text)
{
	struct sip s = { .v = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573 } };
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)version >> 8 * i);
	sip_str(&s, name, strlen(name));
	sip_add(&s, bytes, (size_t)version_size);
	sip_str(&s, text->p, text->n);
	return sip_final(&s);
}

int wb_check_refinery(struct wb_adopt *a, const struct wb_old *old, const struct wb_migration *m,
		      enum wb_old_check *ret_check, struct wb_error *err)
{
	const char *want = old->cell[WB_OLD_CHECKSUM], *name = old->cell[WB_OLD_DESCRIPTION];
	int64_t version = wb_adopt_number(old->cell[WB_OLD_VERSION], -1);
	wb_autostr text = WB_STR_INIT;
	bool same = false;
	(void)a;
	int rc = want && name ? read_file(m, &text, err) : 0;
	if (rc < 0 || !want || !name)
		return rc;
	/* Its versions have four bytes, or eight where it was built so. */
	for (int size = 4; size <= 8; size += 4) {
		char sum[24];
		snprintf(sum, sizeof(sum), "%llu", (unsigned long long)refinery_sum(name, version, size, &text));
		same |= !strcmp(sum, want);
	}
	*ret_check = same ? WB_CHECK_VERIFIED : WB_CHECK_CHANGED;
	return 0;
}

/* ---- all of them --------------------------------------------------------------------------------- */

int wb_adopt_digest(struct wb_adopt *a, const char *algorithm, struct wb_sv text, const char **ret_hex,
		    struct wb_error *err)
{
	unsigned char digest[WB_DIGEST_MAX];
	size_t size = 0;
	int rc = wb_crypto_digest(&a->crypto, algorithm, text, digest, &size, err);
	if (rc < 0)
		return rc;
	char *hex = wb_arena_alloc(&a->arena, size * 2 + 1);
	if (!hex)
		return wb_err_nomem(err);
	wb_hex(digest, size, hex);
	*ret_hex = hex;
	return 0;
}

void wb_adopt_mark(struct wb_adopt *a, const struct wb_old *old, enum wb_old_check check, const char *note)
{
	struct wb_adopt_item *item = wb_adopt_item_of(a, old);
	if (!item)
		return;
	item->check = check;
	item->note = note ? note : item->note;
}

static int check_item(struct wb_adopt *a, struct wb_adopt_item *item, struct wb_error *err)
{
	const struct wb_old_tool *tool = a->table.tool;
	if (!tool->check || !item->m || !item->old || item->history_only || item->state == WB_STATE_BASELINE)
		return 0;
	int rc = tool->check(a, item->old, item->m, &item->check, err);
	if (rc == 0 && item->check == WB_CHECK_CHANGED)
		item->note = item->kind == WB_MIG_REPEATABLE ? "changed since: `up` runs it again"
							     : "the file is not what was applied";
	return rc;
}

static int refuse(const struct wb_adopt *a, const struct wb_adopt_item *first, struct wb_error *err)
{
	const char *what = first->m ? first->m->name : first->version;
	wb_err_set(err, WB_ECHECKSUM, "%s is not what %s applied: its checksum differs", what, a->table.tool->title);
	if (a->changed > 1)
		wb_err_detail(err, "and so are %zu more", a->changed - 1);
	wb_err_hint(err, "put the old text back, and write a new migration for what should change; `whimbrel adopt "
			 "--dry-run` lists all of them, --accept-changed takes the files as they are");
	if (first->m)
		wb_err_place(err, first->m->file, 0, 0);
	if (err)
		(void)wb_sv_copy(wb_sv_str(first->version), err->version, sizeof(err->version));
	return WB_ECHECKSUM;
}

int wb_adopt_check(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_adopt_item *first = NULL;
	int rc = a->table.tool->check_all ? a->table.tool->check_all(a, err) : 0;
	for (size_t i = 0; rc == 0 && i < a->items.n; i++) {
		struct wb_adopt_item *item = &a->items.v[i];
		rc = check_item(a, item, err);
		if (item->check != WB_CHECK_CHANGED || item->kind == WB_MIG_REPEATABLE || item->known)
			continue;
		first = first ? first : item;
		a->changed++;
	}
	if (rc == 0 && a->failed) /* a text that is not there would look like a change */
		rc = wb_err_nomem(err);
	if (rc < 0 || !first || a->o->accept_changed || a->o->dry_run)
		return rc;
	return refuse(a, first, err);
}
