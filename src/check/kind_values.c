/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of values: counts that agree, a share of rows, the answer of a query,
 * and rows that have to stay what they were.
 */
#include "check/check.h"

#include "base/banned.h"

#define MICRO 1000000

/* ---- counts -------------------------------------------------------------------------------------- */

/* A table's rows, or what the query says. */
static int count(struct wb_checking *k, const char *of, int64_t *ret_n, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	if (strpbrk(of, " \t\r\n"))
		return wb_check_count(k, wb_check_query(of), ret_n, err);
	wb_str_add(&sql, "SELECT count(*) FROM ");
	wb_check_add_table(&sql, of);
	return sql.failed ? wb_err_nomem(err) : wb_check_count(k, wb_str_sv(&sql), ret_n, err);
}

/* How far apart they may be, in rows. */
static int64_t allowed(const struct wb_check_asks *a, int64_t highest)
{
	int64_t micros = 0;
	bool percent = false;
	if (!a->within || !wb_check_tolerance(a->within, &micros, &percent))
		return 0;
	if (!percent)
		return micros / MICRO;
	return (int64_t)((__int128)highest * micros / (100 * (int64_t)MICRO));
}

int wb_check_counts(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	int64_t n, low = INT64_MAX, high = INT64_MIN;
	wb_autostr all = WB_STR_INIT;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < a->of.n; i++) {
		rc = count(k, a->of.v[i].value, &n, err);
		if (rc < 0)
			break;
		low = n < low ? n : low;
		high = n > high ? n : high;
		wb_check_number(k, a->of.v[i].name, n);
		wb_str_addf(&all, "%s%s %lld", i ? ", " : "", a->of.v[i].name, (long long)n);
	}
	if (rc < 0)
		return rc;
	wb_check_number(k, "diff", high - low);
	wb_check_number(k, "allowed", allowed(a, high));
	wb_check_quiet(k);
	wb_check_text(k, "counts", wb_check_keep(k, &all));
	wb_check_quiet(k);
	if (high - low > allowed(a, high))
		wb_check_fail(k);
	return 0;
}

/* ---- ratio --------------------------------------------------------------------------------------------- */

struct parts {
	int64_t matching, total;
	bool seen;
};

static int take_parts(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct parts *p = user;
	p->seen = row->n == 2 && wb_sv_i64(row->v[0], &p->matching) && wb_sv_i64(row->v[1], &p->total);
	return p->seen ? 0
		       : wb_err_set(err, WB_EINPUT,
				    "a ratio needs one row of two whole numbers: those that match, and all");
}

static void add_ratio(struct wb_str *sql, const struct wb_check_asks *a)
{
	wb_str_addf(sql, "SELECT count(CASE WHEN (%s\n) THEN 1 END), count(*) FROM ", a->satisfy);
	wb_check_add_table(sql, a->table);
	wb_check_add_where(sql, "WHERE", a->where);
}

/* Is part / total below (or above) the limit? Without rows there is nothing to complain of. */
static bool is_below(int64_t part, int64_t total, const char *limit)
{
	int64_t micros = 0;
	bool percent;
	if (!limit || !total || !wb_check_tolerance(limit, &micros, &percent))
		return false;
	return (__int128)part * 100 * MICRO < (__int128)micros * total;
}

static bool is_above(int64_t part, int64_t total, const char *limit)
{
	int64_t micros = 0;
	bool percent;
	if (!limit || !total || !wb_check_tolerance(limit, &micros, &percent))
		return false;
	return (__int128)part * 100 * MICRO > (__int128)micros * total;
}

int wb_check_ratio(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	struct parts p = { 0 };
	wb_autostr sql = WB_STR_INIT;
	char percentage[48] = "";
	int rc;
	if (a->query)
		wb_str_addsv(&sql, wb_check_query(a->query));
	else
		add_ratio(&sql, a);
	rc = sql.failed ? wb_err_nomem(err) : wb_check_ask(k, wb_str_sv(&sql), NULL, 0, take_parts, &p, err);
	if (rc == 0 && (!p.seen || p.total < 0 || p.matching < 0))
		rc = wb_err_set(err, WB_EINPUT, "the query gave no row of two whole numbers");
	if (rc < 0)
		return rc;
	if (p.total)
		snprintf(percentage, sizeof(percentage), "%.1f", 100.0 * (double)p.matching / (double)p.total);
	wb_check_number(k, "matching", p.matching);
	wb_check_number(k, "total", p.total);
	wb_check_decimal(k, "percentage", wb_sv_str(p.total ? percentage : NULL));
	wb_check_text(k, "share", p.total ? wb_arena_printf(&k->arena, "%s %%", percentage) : "no rows");
	wb_check_quiet(k);
	if (is_below(p.matching, p.total, a->at_least) || is_above(p.matching, p.total, a->at_most))
		wb_check_fail(k);
	return 0;
}

/* ---- sql ------------------------------------------------------------------------------------------------ */

struct answer {
	struct wb_checking *k;
	bool seen;
	const char *text;
};

static int take_answer(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct answer *a = user;
	if (a->seen || row->n == 0)
		return 0;
	a->seen = true;
	a->text = row->v[0].p ? wb_arena_sv(&a->k->arena, row->v[0]) : NULL;
	for (int i = 0; row->names && i < row->n; i++) {
		if (row->names[i])
			wb_check_decimal(a->k, row->names[i], row->v[i]);
	}
	return row->v[0].p && !a->text ? wb_err_nomem(err) : 0;
}

static bool is_true(const char *text)
{
	static const char *const no[] = { "", "0", "f", "false", "no", "n", "off" };
	for (size_t i = 0; text && i < WB_ARRAY_LEN(no); i++) {
		if (wb_sv_ieq(wb_sv_str(text), no[i]))
			return false;
	}
	return text != NULL;
}

/* "1.0" is 1; what is no number is a text. */
static bool is_equal(const char *text, const char *wanted)
{
	int64_t a, b;
	if (text && wb_check_micros(wb_sv_str(text), &a) && wb_check_micros(wb_sv_str(wanted), &b))
		return a == b;
	return text ? !strcmp(text, wanted) : !strcmp(wanted, "null");
}

static int in_bounds(const struct wb_check_asks *a, const char *text, bool *ret_ok, struct wb_error *err)
{
	int64_t n = 0, limit = 0;
	if (!a->at_least && !a->at_most)
		return 0;
	if (!text || !wb_check_micros(wb_sv_str(text), &n))
		return wb_err_set(err, WB_EINPUT, "the query gave %s where a number was wanted", text ? text : "NULL");
	if (a->at_least && wb_check_micros(wb_sv_str(a->at_least), &limit) && n < limit)
		*ret_ok = false;
	if (a->at_most && wb_check_micros(wb_sv_str(a->at_most), &limit) && n > limit)
		*ret_ok = false;
	return 0;
}

static const char *expectation(struct wb_checking *k)
{
	const struct wb_check_asks *a = &k->check->asks;
	wb_autostr s = WB_STR_INIT;
	if (a->equals)
		wb_str_add(&s, a->equals);
	if (a->at_least)
		wb_str_addf(&s, "%sat least %s", s.n ? ", " : "", a->at_least);
	if (a->at_most)
		wb_str_addf(&s, "%sat most %s", s.n ? ", " : "", a->at_most);
	if (!s.n)
		wb_str_add(&s, "a true value");
	return wb_check_keep(k, &s);
}

int wb_check_sql(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	struct answer answer = { .k = k };
	int rc = wb_check_ask(k, wb_check_query(a->query), NULL, 0, take_answer, &answer, err);
	bool ok = true;
	if (rc < 0)
		return rc;
	if (!answer.seen) {
		wb_err_set(err, WB_EINPUT, "the query gave no row");
		wb_err_hint(err, "`no_rows` is for queries that should give none");
		return WB_EINPUT;
	}
	if (a->equals)
		ok = is_equal(answer.text, a->equals);
	else if (!a->at_least && !a->at_most)
		ok = is_true(answer.text);
	rc = in_bounds(a, answer.text, &ok, err);
	wb_check_decimal(k, "value", wb_sv_str(answer.text));
	wb_check_text(k, "expected", expectation(k));
	if (rc == 0 && !ok)
		wb_check_fail(k);
	return rc;
}

/* ---- checksum ------------------------------------------------------------------------------------------- */

/* The sum of the rows' hashes: the same in any order, and doubled rows count. */
struct sum {
	uint64_t words[4];
	int64_t rows;
};

static void hash_cell(struct wb_sha256 *h, struct wb_sv v)
{
	unsigned char size[9] = { v.p ? 't' : 'n' };
	for (int i = 0; i < 8; i++)
		size[1 + i] = (unsigned char)((uint64_t)v.n >> (8 * i));
	wb_sha256_add(h, size, sizeof(size));
	wb_sha256_add(h, v.p ? v.p : "", v.n);
}

static int add_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct sum *s = user;
	struct wb_sha256 h;
	unsigned char digest[32];
	unsigned carry = 0;
	(void)err;
	wb_sha256_init(&h);
	for (int i = 0; i < row->n; i++)
		hash_cell(&h, row->v[i]);
	wb_sha256_final(&h, digest);
	for (int i = 0; i < 4; i++) {
		uint64_t word;
		unsigned __int128 sum;
		memcpy(&word, digest + 8 * i, 8);
		sum = (unsigned __int128)s->words[i] + word + carry;
		s->words[i] = (uint64_t)sum;
		carry = (unsigned)(sum >> 64);
	}
	s->rows++;
	return 0;
}

static const struct wb_check_saved *saved_of(const struct wb_checking *k)
{
	for (size_t i = 0; i < k->run->o->n_saved; i++) {
		if (!strcmp(k->run->o->saved[i].check, k->check->name))
			return &k->run->o->saved[i];
	}
	return NULL;
}

static int compare(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_saved *before = saved_of(k);
	if (k->run->o->save)
		return 0;
	if (!before) {
		wb_err_set(err, WB_ENOTFOUND, "there is nothing to compare with");
		wb_err_hint(err, "run `whimbrel check --save FILE` before, and `--against FILE` now");
		return WB_ENOTFOUND;
	}
	wb_check_number(k, "rows_before", before->rows);
	wb_check_text(k, "checksum_before", before->checksum);
	if (before->rows != k->saved.rows || strcmp(before->checksum, k->saved.checksum) != 0)
		wb_check_fail(k);
	return 0;
}

int wb_check_checksum(struct wb_checking *k, struct wb_error *err)
{
	struct sum s = { 0 };
	struct wb_sha256 h;
	unsigned char digest[32];
	char text[WB_CHECKSUM_SIZE];
	int rc = wb_check_ask(k, wb_check_query(k->check->asks.query), NULL, 0, add_row, &s, err);
	if (rc < 0)
		return rc;
	wb_sha256_init(&h);
	wb_sha256_add(&h, s.words, sizeof(s.words));
	wb_sha256_add(&h, &s.rows, sizeof(s.rows));
	wb_sha256_final(&h, digest);
	wb_checksum_text(digest, text);
	k->saved = (struct wb_check_saved){ k->check->name, s.rows, wb_arena_str(&k->arena, text) };
	if (!k->saved.checksum)
		return wb_err_nomem(err);
	wb_check_number(k, "rows", s.rows);
	wb_check_text(k, "checksum", text);
	return compare(k, err);
}
