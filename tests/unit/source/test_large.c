/* SPDX-License-Identifier: Apache-2.0
 *
 * Files above 1 MiB, which are streamed: they must give what a small file of
 * the same form gives.
 */
#include "tests.h"

#include <unistd.h>

#define LARGE ((size_t)3 << 20)

/* head, then rows of INSERT until size is reached, then tail. */
static void put_large(struct place *p, const char *name, const char *head, size_t size, const char *tail)
{
	wb_autostr text = WB_STR_INIT;

	wb_str_add(&text, head);
	for (unsigned i = 0; text.n < size; i++)
		wb_str_addf(&text, "INSERT INTO t VALUES (%u, 'a row of some length');\r\n", i);
	wb_str_add(&text, tail);
	assert_false(text.failed);
	put_bytes(p, name, text.p, text.n);
}

/* Checksums of a text, made in memory with the given sections. */
static void sums(const struct wb_str *text, const struct wb_migration *m, unsigned char up[32], unsigned char down[32])
{
	struct wb_part_hash h;

	wb_part_hash_init(&h, m->sections, m->n_sections, false);
	wb_part_hash_add(&h, text->p, text->n);
	wb_part_hash_final(&h, up, down);
}

static size_t count(struct place *p, unsigned kind, int *ret_rc)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct wb_statements *s = NULL;
	struct wb_item item;
	size_t n = 0;

	*ret_rc = wb_statements_open(p->s->v[0], 1u << kind, &o, &s, &p->err);
	for (;;) {
		if (*ret_rc == 0)
			*ret_rc = wb_statements_next(s, &item, NULL, &p->err);
		if (*ret_rc || item.kind == WB_ITEM_END)
			break;
		n++;
	}
	wb_statements_close(s);
	return n;
}

static void check(struct place *p, size_t sections)
{
	wb_autostr text = WB_STR_INIT;
	unsigned char up[32], down[32];
	const struct wb_migration *m = load(p)->v[0];

	assert_no_problem(p);
	assert_int_equal(m->n_sections, sections);
	assert_int_equal(wb_fs_read(m->file, SIZE_MAX, &text, &p->err), 0);
	assert_int_equal(m->size, text.n);
	assert_int_equal(m->sections[sections - 1].end, text.n);
	sums(&text, m, up, down);
	assert_memory_equal(up, m->checksum, 32);
	assert_memory_equal(down, m->down_checksum, 32);
	assert_true(m->has_up);
}

static void without_headings(void **state)
{
	struct place *p = *state;
	int rc;

	put_large(p, "V1__x.sql", "-- Author: me\n-- Version: 1.0.0\n", LARGE, "");
	check(p, 1);
	assert_string_equal(p->s->v[0]->header.author, "me");
	assert_true(count(p, WB_SEC_UP, &rc) > 50000);
	assert_int_equal(rc, 0);
	put_large(p, "V1__x.sql", "\xEF\xBB\xBF-- a comment\n", LARGE, "");
	check(p, 1);
	assert_int_equal(p->s->v[0]->sections[0].start.offset, 3);
	assert_true(count(p, WB_SEC_UP, &rc) > 50000);
	assert_int_equal(rc, 0);
}

static void with_headings(void **state)
{
	wb_autostr text = WB_STR_INIT;
	struct place *p = *state;
	int rc;

	put_large(p, "V1__x.sql", "-- migrate:up\r\n", LARGE, "-- migrate:down\r\nDELETE FROM t;\r\n");
	check(p, 2);
	assert_true(p->s->v[0]->has_down);
	assert_true(count(p, WB_SEC_UP, &rc) > 50000);
	assert_int_equal(rc, 0);
	assert_int_equal(count(p, WB_SEC_DOWN, &rc), 1);
	assert_int_equal(rc, 0);
	assert_int_equal(wb_migration_down_text(p->s->v[0], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "DELETE FROM t;\r\n");
	/* The only heading is far from the start. */
	put_large(p, "V1__x.sql", "", LARGE, "-- DOWN\nDELETE FROM t;\n");
	check(p, 2);
	assert_int_equal(count(p, WB_SEC_DOWN, &rc), 1);
	assert_int_equal(rc, 0);
}

/* A heading's line may fall on the border between two windows. */
static void heading_on_a_border(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	wb_str_add(&text, "SELECT 1;\n--");
	assert_true(wb_str_reserve(&text, LARGE));
	while (text.n < LARGE)
		wb_str_addc(&text, 'x');
	for (int shift = -30; shift <= 30; shift += 3) {
		static const char heading[] = "\n-- migrate:down\nSELECT 2;\n";
		size_t at = (size_t)((long)WB_FILE_SMALL + shift);
		memcpy(text.p + at, heading, strlen(heading));
		memcpy(text.p + at + strlen(heading), "--", 2);
		put_bytes(p, "V1__x.sql", text.p, text.n);
		check(p, 2);
		memset(text.p + at, 'x', strlen(heading) + 2);
	}
}

static void nothing_but_comments_at_first(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	while (text.n < LARGE)
		wb_str_add(&text, "-- a line of a long comment\n");
	put_bytes(p, "V1__x.sql", text.p, text.n);
	load(p);
	assert_true(only_problem(p, "empty")->warning);
	wb_str_add(&text, "SELECT 1;\n");
	put_bytes(p, "V1__x.sql", text.p, text.n);
	check(p, 1);
}

static void large_down_file(void **state)
{
	struct place *p = *state;
	int rc;

	put(p, "1_x.up.sql", "CREATE TABLE t (a int, b text);");
	put_large(p, "1_x.down.sql", "", LARGE, "");
	load(p);
	assert_no_problem(p);
	assert_true(p->s->v[0]->has_down);
	assert_true(count(p, WB_SEC_DOWN, &rc) > 50000);
	assert_int_equal(rc, 0);
	put_large(p, "1_x.down.sql", "-- DOWN\n", LARGE, "");
	load(p);
	assert_no_problem(p);
	assert_int_equal(p->s->v[0]->n_sections, 2);
	assert_true(count(p, WB_SEC_DOWN, &rc) > 50000);
	assert_int_equal(rc, 0);
}

static void change_is_found_at_the_end(void **state)
{
	wb_autostr text = WB_STR_INIT;
	struct place *p = *state;
	int rc;

	put_large(p, "V1__x.sql", "-- UP\n", LARGE, "-- DOWN\nSELECT 1;\n");
	load(p);
	put_large(p, "V1__x.sql", "-- UP\n", LARGE, "-- DOWN\nSELECT 2;\n");
	assert_true(count(p, WB_SEC_UP, &rc) > 50000);
	assert_int_equal(rc, WB_ECHECKSUM);
	assert_int_equal(wb_migration_down_text(p->s->v[0], 100, &text, &p->err), WB_ECHECKSUM);
	/* Cut short, now small: told before the first statement. */
	put(p, "V1__x.sql", "-- UP\n");
	assert_int_equal(count(p, WB_SEC_UP, &rc), 0);
	assert_int_equal(rc, WB_ECHECKSUM);
}

static void syntax_far_from_the_start(void **state)
{
	struct place *p = *state;

	put_large(p, "V1__x.sql", "-- UP\n", LARGE, "SELECT 'open;\n");
	load(p);
	assert_true(only_problem(p, "syntax")->line > 50000);
	/* Too large to be read again for the line that is wrong. */
	assert_int_equal(wb_source_check(p->s, &p->err), WB_EINPUT);
	assert_string_equal(p->err.excerpt, "");
}

int test_large(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_headings),          TEST(with_headings),
		TEST(heading_on_a_border),       TEST(nothing_but_comments_at_first),
		TEST(large_down_file),           TEST(change_is_found_at_the_end),
		TEST(syntax_far_from_the_start),
	};
	return RUN_GROUP("large");
}
