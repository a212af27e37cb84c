/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams: statements longer than the window, characters across its edge,
 * readers that fail, memory that runs out.
 */
#include "tests.h"

#define WINDOW ((size_t)64 << 10)

static void fill(struct wb_str *s, size_t n)
{
	static const char line[] = "abc ',' -- 'x' $$ (1) 0123456789 /* */ \xc3\xa9\n";
	size_t k;

	while (n > 0) {
		k = n < sizeof(line) - 1 ? n : sizeof(line) - 1;
		if (k < sizeof(line) - 1)
			wb_str_addf(s, "%*s", (int)k, "");
		else
			wb_str_addn(s, line, k);
		n -= k;
	}
}

/* One string literal of n bytes in a dollar quote, in a statement in the middle of others. */
static void long_statements(void **state)
{
	static const size_t sizes[] = { 100, WINDOW / 2, WINDOW - 20, WINDOW, WINDOW + 1, 3 * WINDOW, 20 * WINDOW + 7 };
	size_t i, shift;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(sizes); i++) {
		for (shift = 0; shift < 50; shift += 7) {
			wb_autostr text = WB_STR_INIT, out = WB_STR_INIT, expected = WB_STR_INIT;
			const char *long_one;

			fill(&text, shift);
			wb_str_clear(&text);
			wb_str_addf(&text, "%*sa;\n", (int)shift, "");
			wb_str_addf(&expected, "S a|S do $x$");
			long_one = text.p + text.n;
			wb_str_add(&text, "do $x$");
			fill(&text, sizes[i]);
			fill(&expected, sizes[i]);
			wb_str_add(&text, "$x$;b;");
			wb_str_add(&expected, "$x$|S b|");
			assert_non_null(long_one);
			render_texts(&out, PG, wb_str_sv(&text), 0, false);
			assert_int_equal(out.n, expected.n);
			assert_memory_equal(out.p, expected.p, out.n);
			wb_str_clear(&out);
			render_texts(&out, PG, wb_str_sv(&text), 4099, true);
			assert_memory_equal(out.p, expected.p, out.n);
		}
	}
}

/* Each kind of token across the edge of the first window, at each of its bytes. */
static void tokens_across_the_edge(void **state)
{
	static const struct {
		enum wb_dialect dialect;
		const char *token;
	} v[] = {
		{ PG, "'a;''b;'" },
		{ PG, "E'a\\';b'" },
		{ PG, "$ab$;$a$;$ab$" },
		{ PG, "-- c;\n" },
		{ PG, "/* ; /* ; */ ; */" },
		{ PG, "\"a;\"\";b\"" },
		{ PG, "U&'a;'" },
		{ PG, "'a;' \n  ';b'" },
		{ PG, "a$b$c;" },
		{ PG, "1.5e+10" },
		{ PG, "日本語" },
		{ PG, "+/*;*/" },
		{ PG, "\r\n\r\n" },
		{ PG, "(;)" },
		{ PG, "U&\";\"" },
		{ LITE, "[a;b]" },
		{ LITE, "`a;``;b`" },
		{ LITE, "/* ; */" },
		{ LITE, "$a(;)" },
		{ LITE, "x'ab;'" },
	};
	size_t i, back;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		size_t n = strlen(v[i].token);

		for (back = 0; back <= n + 2; back++) {
			wb_autostr text = WB_STR_INIT, big = WB_STR_INIT, small = WB_STR_INIT, shape = WB_STR_INIT;

			wb_str_addf(&text, "\n%*s", (int)(WINDOW - 1 - back - 2), "");
			wb_str_addf(&text, "x %s y;\nz;", v[i].token);
			wb_str_addf(&shape, "x %s y;\nz;", v[i].token);
			render_texts(&big, v[i].dialect, wb_str_sv(&text), 0, false);
			render_texts(&small, v[i].dialect, wb_str_sv(&shape), 0, false);
			assert_string_equal(big.p, small.p);
			/* And with a statement before it that fills the window. */
			wb_str_clear(&text);
			wb_str_clear(&big);
			wb_str_addf(&text, "a,%*s", (int)(WINDOW - back - 4), "");
			wb_str_addf(&text, "x %s y;\nz;", v[i].token);
			render_texts(&big, v[i].dialect, wb_str_sv(&text), 0, false);
			assert_int_equal(big.n, small.n + WINDOW - back - 2);
			assert_string_equal(big.p + big.n - small.n + 2, small.p + 2);
		}
	}
}

/* Many short statements: the window never grows. */
static void many_statements(void **state)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_mem_reader reader;
	struct wb_split_options o = { .dialect = PG, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s;
	struct wb_item item;
	unsigned i, n = 10000;

	(void)state;
	for (i = 0; i < n; i++)
		wb_str_addf(&text, "insert into t values (%u, 'it''s', E'\\'', -1); -- %u\n", i, i);
	reader.rest = wb_str_sv(&text);
	assert_int_equal(wb_split_new(&o, &s, NULL), 0);
	for (i = 0; i < n; i++) {
		char expected[80];

		(void)snprintf(expected, sizeof(expected), "insert into t values (%u, 'it''s', E'\\'', -1)", i);
		assert_int_equal(wb_split_next(s, &item, NULL), 0);
		assert_int_equal(item.text.n, strlen(expected));
		assert_memory_equal(item.text.p, expected, item.text.n);
		assert_int_equal(item.pos.line, i + 1);
		assert_int_equal(item.pos.column, 1);
	}
	assert_int_equal(wb_split_next(s, &item, NULL), 0);
	assert_int_equal(item.kind, WB_ITEM_END);
	wb_split_free(s);
}

static void starts_elsewhere(void **state)
{
	struct wb_mem_reader reader = { WB_SV("\xef\xbb\xbf \\i x") };
	struct wb_split_options o = {
		.dialect = PG, .read = wb_mem_read, .read_user = &reader, .start = { 100, 7, 5 }, .file = "a.sql"
	};
	struct wb_splitter *s;
	struct wb_item item;
	struct wb_error err;

	(void)state;
	/* Not at the start of a line, so no command of psql; a BOM is only skipped at the start of a file. */
	assert_int_equal(wb_split_new(&o, &s, &err), 0);
	assert_int_equal(wb_split_next(s, &item, &err), 0);
	assert_int_equal(item.text.n, 8);
	assert_int_equal(item.pos.offset, 100);
	assert_int_equal(item.pos.line, 7);
	assert_int_equal(item.pos.column, 5);
	wb_split_free(s);

	reader.rest = WB_SV("\xef\xbb\xbf");
	o.start = (struct wb_pos){ 0 };
	assert_int_equal(wb_split_new(&o, &s, &err), 0);
	assert_int_equal(wb_split_next(s, &item, &err), 0);
	assert_int_equal(item.kind, WB_ITEM_END);
	assert_int_equal(item.pos.offset, 3);
	wb_split_free(s);
	wb_split_free(NULL);
}

static int liar(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	(void)user;
	(void)buf;
	(void)err;
	*ret_n = cap + 1;
	return 0;
}

static void readers_that_fail(void **state)
{
	struct piecewise reader = { .rest = WB_SV("a; b; 'c"), .piece = 2, .fail_at = 4 };
	struct wb_split_options o = { .dialect = PG, .read = read_piecewise, .read_user = &reader };
	struct wb_splitter *s;
	struct wb_item item;
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_split_new(&o, &s, &err), 0);
	assert_int_equal(wb_split_next(s, &item, &err), WB_EIO);
	assert_string_equal(err.message, "the reader fails here");
	wb_split_free(s);

	o.read = liar;
	assert_int_equal(wb_split_new(&o, &s, &err), 0);
	assert_int_equal(wb_split_next(s, &item, &err), WB_EBUG);
	wb_split_free(s);
}

static int split_all(void *user)
{
	struct wb_mem_reader reader = { wb_str_sv(user) };
	struct wb_split_options o = { .dialect = PG, .read = wb_mem_read, .read_user = &reader, .heading = is_heading };
	struct wb_splitter *s;
	struct wb_item item;
	int rc = wb_split_new(&o, &s, NULL);

	if (rc)
		return rc;
	do {
		rc = wb_split_next(s, &item, NULL);
	} while (rc == 0 && item.kind != WB_ITEM_END);
	wb_split_free(s);
	return rc;
}

static void no_memory(void **state)
{
	wb_autostr text = WB_STR_INIT;

	(void)state;
	wb_str_add(&text, "a;\n-- migrate:up\ncopy t from stdin;\n1\n\\.\nselect '");
	fill(&text, 0);
	while (text.n < 5 * WINDOW)
		wb_str_add(&text, "0123456789");
	wb_str_add(&text, "';");
	/* The splitter, its window, and the window doubled three times. */
	assert_int_equal(wb_oom_run(split_all, &text), 5);
}

int test_stream(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_statements),   cmocka_unit_test(tokens_across_the_edge),
		cmocka_unit_test(many_statements),   cmocka_unit_test(starts_elsewhere),
		cmocka_unit_test(readers_that_fail), cmocka_unit_test(no_memory),
	};
	return RUN_GROUP("stream");
}
