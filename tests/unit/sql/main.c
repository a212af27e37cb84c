/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the sql room: all groups, and what they share.
 */
#include "tests.h"

int read_piecewise(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	struct piecewise *p = user;
	size_t n = p->rest.n < cap ? p->rest.n : cap;

	if (p->fail_at && p->done >= p->fail_at)
		return wb_err_set(err, WB_EIO, "the reader fails here");
	if (p->piece && n > p->piece)
		n = p->piece;
	memcpy(buf, p->rest.p, n);
	p->rest.p += n;
	p->rest.n -= n;
	p->done += n;
	*ret_n = n;
	return 0;
}

bool is_heading(void *user, struct wb_sv comment)
{
	assert_null(user);
	assert_true(wb_sv_starts(comment, "--"));
	assert_null(memchr(comment.p, '\n', comment.n));
	return wb_sv_starts(comment, "-- migrate:");
}

static void add_item(struct wb_str *out, const struct wb_item *item, bool *data, bool places)
{
	bool is_data = item->kind == WB_ITEM_COPY_DATA;

	if (is_data && *data && !places) {
		wb_str_addsv(out, item->text);
		return;
	}
	if (*data)
		wb_str_addc(out, '|');
	*data = is_data;
	if (item->kind == WB_ITEM_END)
		return;
	if (places)
		wb_str_addf(out, "%u:%u-%u:%u ", item->pos.line, item->pos.column, item->end.line, item->end.column);
	wb_str_addc(out, item->kind == WB_ITEM_HEADING    ? 'h'
			 : item->kind == WB_ITEM_COPY_END ? 'E'
			 : is_data                        ? 'D'
			 : item->terminated               ? 'S'
							  : 's');
	if (item->kind != WB_ITEM_COPY_END)
		wb_str_addc(out, ' ');
	wb_str_addsv(out, item->text);
	if (!is_data)
		wb_str_addc(out, '|');
}

static void render(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text, size_t piece, bool headings,
		   bool places)
{
	struct piecewise reader = { .rest = text, .piece = piece };
	struct wb_split_options o = { .dialect = dialect,
				      .read = read_piecewise,
				      .read_user = &reader,
				      .heading = headings ? is_heading : NULL,
				      .file = "test.sql" };
	struct wb_splitter *s;
	struct wb_item item;
	struct wb_error err;
	uint64_t offset = 0;
	bool data = false;
	int rc;

	assert_int_equal(wb_split_new(&o, &s, &err), 0);
	do {
		rc = wb_split_next(s, &item, &err);
		if (rc)
			break;
		/* Items come in order, and are where they say. */
		assert_true(item.pos.offset >= offset && item.end.offset >= item.pos.offset + item.text.n);
		assert_true(item.end.offset <= text.n);
		if (item.kind != WB_ITEM_END)
			assert_memory_equal(text.p + item.pos.offset, item.text.p, item.text.n);
		offset = item.end.offset;
		add_item(out, &item, &data, places);
	} while (item.kind != WB_ITEM_END);
	if (rc) {
		assert_int_equal(rc, WB_EINPUT);
		assert_string_equal(err.file, "test.sql");
		assert_true(err.hint[0] != '\0');
		if (data)
			wb_str_addc(out, '|');
		wb_str_addf(out, "! %u:%u %s", err.line, err.column, err.message);
	} else {
		/* The end stays the end. */
		assert_int_equal(wb_split_next(s, &item, &err), 0);
		assert_int_equal(item.kind, WB_ITEM_END);
		assert_int_equal(item.pos.offset, text.n);
	}
	wb_split_free(s);
}

void render_items(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text, size_t piece, bool headings)
{
	render(out, dialect, text, piece, headings, true);
}

void render_texts(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text, size_t piece, bool headings)
{
	render(out, dialect, text, piece, headings, false);
}

static void check(enum wb_dialect dialect, const char *text, const char *expected, bool places)
{
	static const size_t pieces[] = { 0, 1, 2, 3, 7, 64 };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(pieces); i++) {
		wb_autostr out = WB_STR_INIT;

		render(&out, dialect, wb_sv_str(text), pieces[i], true, places);
		if (strcmp(out.p, expected) != 0)
			print_message("text: %s\n", text ? text : "");
		assert_string_equal(out.p, expected);
	}
}

void check_items(enum wb_dialect dialect, const char *text, const char *expected)
{
	check(dialect, text, expected, true);
}

void check_texts(enum wb_dialect dialect, const char *text, const char *expected)
{
	check(dialect, text, expected, false);
}

int first_error(enum wb_dialect dialect, struct wb_sv text, struct wb_error *err)
{
	struct wb_mem_reader reader = { text };
	struct wb_split_options o = {
		.dialect = dialect, .read = wb_mem_read, .read_user = &reader, .file = "test.sql"
	};
	struct wb_splitter *s;
	struct wb_item item;
	int rc;

	assert_int_equal(wb_split_new(&o, &s, err), 0);
	do {
		rc = wb_split_next(s, &item, err);
	} while (rc == 0 && item.kind != WB_ITEM_END);
	wb_split_free(s);
	return rc;
}

/* ---- soup ----------------------------------------------------------------- */

uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static const char *const common_pieces[] = {
	"a",
	"b1",
	"E",
	"e",
	"x",
	"select",
	"create",
	"begin",
	"end",
	"case",
	"as",
	"or",
	"é",
	"日本",
	"_",
	"1",
	"0x1F",
	"1.5",
	".5",
	"1e",
	"1e+5",
	"1..2",
	".",
	",",
	";",
	";",
	";\n",
	"(",
	")",
	" ",
	" ",
	"\n",
	"\r\n",
	"\t",
	"+",
	"-",
	"*",
	"/",
	"<=",
	"--",
	"-- c\n",
	"--\r\n",
	"/*",
	"*/",
	"/* c */",
	"/**/",
	"'",
	"'",
	"''",
	"'a'",
	"'a;b'",
	"'a''b'",
	"'a'\n'b'",
	"'a' -- c\n'b'",
	"\"",
	"\"a\"",
	"\"a\"\"b\"",
	"$",
	"$1",
	"a$1",
	"\n-- migrate:up\n",
	"\n\n",
	"{",
	"}",
	"=",
	"||",
	"::",
	"\\",
	"'a\\'",
};
static const char *const pg_pieces[] = {
	"$$",
	"$$",
	"$$a;b$$",
	"$a$",
	"$a$x$a$",
	"$b$",
	"$$$",
	"E'",
	"E'a\\'b'",
	"e'\\\\'",
	"U&'",
	"U&'a'",
	"u&\"a\"",
	"B'01'",
	"X'ff'",
	"N'a'",
	"U&",
	"[",
	"]",
	"@",
	"#",
	"&",
	"?",
	"+/*",
	"@--",
	"*/*",
	"/* /* */ */",
	"E'a'\n'b\\''",
	"`",
	"!",
	"~",
	"create function f() ",
	"begin atomic ",
	"create or replace procedure p ",
	".end",
	"1.e'",
	"1.E'\\'",
	"copy t from stdout;",
};
static const char *const lite_pieces[] = {
	"[",
	"]",
	"[a;b]",
	"`",
	"`a`",
	"`a``b`",
	"x'ab'",
	"X'",
	"?",
	"?1",
	":a",
	"@a",
	"#a",
	"$a::b",
	"$a(b;c)",
	":a(",
	"->",
	"->>",
	"create trigger t ",
	"create temp trigger t begin ",
	"; end;",
	";end ;",
	"begin ",
	"end",
	"/*;",
	"\r",
};

static const char *pick(uint64_t *seed, const char *const *pieces, size_t n)
{
	return pieces[next_random(seed) % n];
}

void make_soup(struct wb_str *out, uint64_t *seed, enum wb_dialect dialect)
{
	size_t n = next_random(seed) % 24;

	wb_str_clear(out);
	for (; n > 0; n--) {
		if (next_random(seed) % 4)
			wb_str_add(out, pick(seed, common_pieces, WB_ARRAY_LEN(common_pieces)));
		else if (dialect == PG)
			wb_str_add(out, pick(seed, pg_pieces, WB_ARRAY_LEN(pg_pieces)));
		else
			wb_str_add(out, pick(seed, lite_pieces, WB_ARRAY_LEN(lite_pieces)));
	}
	assert_false(out->failed);
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#ifdef WB_POSTGRES
	PG_TEST_GROUPS(X)
#endif
#undef X
	return failed ? 1 : 0;
}
