/* SPDX-License-Identifier: Apache-2.0
 *
 * COPY data in a file.
 */
#include "tests.h"

struct example {
	const char *text, *expected;
};

static void data(void **state)
{
	static const struct example v[] = {
		{ "copy t from stdin;\n1\ta\n2\t\\N\n\\.\nnext;", "S copy t from stdin|D 1\ta\n2\t\\N\n|E|S next|" },
		{ "COPY public.t (a, b) FROM STDIN WITH (FORMAT csv);\n\\.\n",
		  "S COPY public.t (a, b) FROM STDIN WITH (FORMAT csv)|E|" },
		{ "copy t from stdin;\r\n1\r\n\\.\r\nnext;", "S copy t from stdin|D 1\r\n|E|S next|" },
		{ "copy t from stdin;\r1\n\\.\n", "S copy t from stdin|D 1\n|E|" },
		{ "copy t from stdin;\n1\n\\.", "S copy t from stdin|D 1\n|E|" },
		{ "copy t from stdin;\n1\n\\.\r", "S copy t from stdin|D 1\n|E|" },
		{ "copy t from stdin; -- data\n1\n\\.\n", "S copy t from stdin|D 1\n|E|" },
		{ "copy t from stdin; /* a */ /* b\n */ \t\n1\n\\.\n", "S copy t from stdin|D 1\n|E|" },
		{ "copy t from stdin;\n\\.x\nx\\.\n\\\\.\n \\.\n\\. \n\\.\n",
		  "S copy t from stdin|D \\.x\nx\\.\n\\\\.\n \\.\n\\. \n|E|" },
		{ "copy t from stdin;\n\\.\rx\n\\.\n", "S copy t from stdin|D \\.\rx\n|E|" },
		{ "copy t from stdin;\n'a;\n-- migrate:no\n\\i x\n$$\n\\.\nnext;",
		  "S copy t from stdin|D 'a;\n-- migrate:no\n\\i x\n$$\n|E|S next|" },
		{ "copy t from stdin;\n\n\n\\.\n", "S copy t from stdin|D \n\n|E|" },
		{ "copy t from stdin;\n\\.\n\\restrict a\n-- migrate:down\nx",
		  "S copy t from stdin|E|h -- migrate:down|s x|" },
		{ "copy t from stdin;\n1\n\\.\ncopy u from stdin;\n2\n\\.\n",
		  "S copy t from stdin|D 1\n|E|S copy u from stdin|D 2\n|E|" },
		{ "copy t to stdout; x", "S copy t to stdout|s x|" },
		{ "copy (select 1 from stdin) to stdout; x", "S copy (select 1 from stdin) to stdout|s x|" },
		{ "copy t from 'stdin'; x", "S copy t from 'stdin'|s x|" },
		{ "copy t from \"stdin\"; x", "S copy t from \"stdin\"|s x|" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++)
		check_texts(PG, v[i].text, v[i].expected);
	check_texts(LITE, "copy t from stdin;\nx", "S copy t from stdin|s x|");
}

static void places(void **state)
{
	wb_autostr out = WB_STR_INIT;

	(void)state;
	render_items(&out, PG, WB_SV("\ncopy t from stdin;\n1\n2\n\\.\n  x;"), 0, true);
	assert_string_equal(out.p, "2:1-2:19 S copy t from stdin|3:1-5:1 D 1\n2\n|5:1-6:1 E|6:3-6:5 S x|");
}

static void errors(void **state)
{
	static const struct example v[] = {
		{ "copy t from stdin", "! 1:1 COPY … FROM STDIN is not ended by ';'" },
		{ "a;\n copy t from stdin\n-- migrate:down\n", "S a|! 2:2 COPY … FROM STDIN is not ended by ';'" },
		{ "copy t from stdin;", "S copy t from stdin|! 1:19 the data of COPY … FROM STDIN has no end" },
		{ "copy t from stdin; -- x", "S copy t from stdin|! 1:24 the data of COPY … FROM STDIN has no end" },
		{ "copy t from stdin;\n", "S copy t from stdin|! 2:1 the data of COPY … FROM STDIN has no end" },
		{ "copy t from stdin;\n1\n\\.x",
		  "S copy t from stdin|D 1\n\\.x|! 3:4 the data of COPY … FROM STDIN has no end" },
		{ "copy t from stdin;\n1\n\\",
		  "S copy t from stdin|D 1\n\\|! 3:2 the data of COPY … FROM STDIN has no end" },
		{ "copy t from stdin; select 1;\n1\n\\.\n",
		  "S copy t from stdin|! 1:20 text follows COPY … FROM STDIN; on its line" },
		{ "copy t from stdin; 'x", "S copy t from stdin|! 1:20 a string is not closed" },
		{ "copy t from stdin;\n1\n\xff\n\\.\n", "S copy t from stdin|D 1\n|! 3:1 the text is not UTF-8" },
		{ "copy t from stdin; \xff\n\\.\n", "S copy t from stdin|! 1:20 the text is not UTF-8" },
		{ "copy t from stdin;\n\\.\xff", "S copy t from stdin|! 2:3 the text is not UTF-8" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++)
		check_texts(PG, v[i].text, v[i].expected);
	assert_int_equal(first_error(PG, WB_SV("\n\ncopy t from stdin;\n1\n"), &err), WB_EINPUT);
	assert_non_null(strstr(err.detail, "line 3"));
}

static int count_chunks(struct wb_sv text, size_t *ret_bytes)
{
	struct wb_mem_reader reader = { text };
	struct wb_split_options o = { .dialect = PG, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s;
	struct wb_item item;
	int n = 0;

	*ret_bytes = 0;
	assert_int_equal(wb_split_new(&o, &s, NULL), 0);
	do {
		assert_int_equal(wb_split_next(s, &item, NULL), 0);
		if (item.kind != WB_ITEM_COPY_DATA)
			continue;
		assert_true(item.text.n > 0 && item.text.n <= 64 << 10);
		*ret_bytes += item.text.n;
		n++;
	} while (item.kind != WB_ITEM_END);
	wb_split_free(s);
	return n;
}

/* The end of the data anywhere round the edges of windows and chunks. */
static void long_data(void **state)
{
	static const char *const ends[] = { "\\.\n", "\\.\r\n", "\\." };
	static const char head[] = "copy t from stdin;\n";
	size_t around, i, k, bytes;

	(void)state;
	for (around = 1; around <= 3; around++) {
		for (i = 0; i < 48; i++) {
			wb_autostr text = WB_STR_INIT;
			size_t n = around * (64 << 10) - 24 + i - (sizeof(head) - 1) % 16;

			wb_str_add(&text, head);
			for (k = 0; k + 1 < n; k++)
				wb_str_addc(&text, k % 61 == 60 ? '\n' : "\\.x\t1"[k % 5]);
			wb_str_addc(&text, '\n');
			wb_str_add(&text, ends[i % WB_ARRAY_LEN(ends)]);
			assert_true(count_chunks(wb_str_sv(&text), &bytes) >= (int)around - 1);
			assert_int_equal(bytes, n);
		}
	}
}

int test_copy(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(data),
		cmocka_unit_test(places),
		cmocka_unit_test(errors),
		cmocka_unit_test(long_data),
	};
	return RUN_GROUP("copy");
}
