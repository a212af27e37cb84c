/* SPDX-License-Identifier: Apache-2.0
 *
 * The splitter: what is a statement, where it stands, headings, and what is
 * refused. Every text is read in pieces of several sizes.
 */
#include "tests.h"

struct example {
	const char *text, *expected;
};

static void places(void **state)
{
	static const struct example v[] = {
		{ "", "" },
		{ " \n\t", "" },
		{ "-- only a comment", "" },
		{ "/* only\n a comment */", "" },
		{ ";;\n ; -- x\n;", "" },
		{ "select 1;", "1:1-1:10 S select 1|" },
		{ "select 1", "1:1-1:9 s select 1|" },
		{ "select 1 \n", "1:1-1:9 s select 1|" },
		{ "\n\n  a ;\nb;c", "3:3-3:6 S a|4:1-4:3 S b|4:3-4:4 s c|" },
		{ "-- x\n/* y\n */ a /* z */ -- w\n;", "3:5-4:2 S a|" },
		{ "a -- x\n b;", "1:1-2:4 S a -- x\n b|" },
		{ "a /* ; */;b", "1:1-1:11 S a|1:11-1:12 s b|" },
		{ "\r\na;\r\n\r\nb;", "2:1-2:3 S a|4:1-4:3 S b|" },
		{ "\ra;\r\rb;", "2:1-2:3 S a|4:1-4:3 S b|" },
		{ "a\r\nb\rc\nd;", "1:1-4:3 S a\r\nb\rc\nd|" },
		{ "'x\r\ny';b;", "1:1-2:4 S 'x\r\ny'|2:4-2:6 S b|" },
		{ "é;b;", "1:1-1:4 S é|1:4-1:6 S b|" },
		{ "\xef\xbb\xbf"
		  "a;\nb;",
		  "1:1-1:3 S a|2:1-2:3 S b|" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		check_items(PG, v[i].text, v[i].expected);
		check_items(LITE, v[i].text, v[i].expected);
	}
}

static const struct example both_ends[] = {
	{ "insert into t values ('a;b', \"c;d\");x", "S insert into t values ('a;b', \"c;d\")|s x|" },
	{ "a (b; c) d; e", "S a (b; c) d|s e|" },
	{ "a ((;);); b", "S a ((;);)|s b|" },
	{ "a ) ; b", "S a )|s b|" },
	{ "a ( ; b", "s a ( ; b|" },
	{ "a - ; b / ; c", "S a -|S b /|s c|" },
	{ "a 'b' ; c \"d\" ;", "S a 'b'|S c \"d\"|" },
	{ "a 'it''s;' ; b", "S a 'it''s;'|s b|" },
	{ "a --;\n; b/*;*/;", "S a|S b|" },
	{ "select case when a then b end; c", "S select case when a then b end|s c|" },
	{ "begin; x; end;", "S begin|S x|S end|" },
	{ "create table t (a int); b", "S create table t (a int)|s b|" },
	{ "create", "s create|" },
	{ "a;\n\n\n", "S a|" },
};

static const struct example pg_ends[] = {
	{ "do $$ begin; end; $$; b", "S do $$ begin; end; $$|s b|" },
	{ "do $x$ $$ ; $$ $x$; b", "S do $x$ $$ ; $$ $x$|s b|" },
	{ "a$$; b$$;", "S a$$|S b$$|" },
	{ "x a$1$;b$1$;", "S x a$1$|S b$1$|" },
	{ "x 1$$;$$; b", "S x 1$$;$$|s b|" },
	{ "x E'a\\';b'; c", "S x E'a\\';b'|s c|" },
	{ "x 'a\\';c';c'", "S x 'a\\'|s c';c'|" },
	{ "x U&'a;\\0041'; U&\"b;\";", "S x U&'a;\\0041'|S U&\"b;\"|" },
	{ "x B'0;1', X'f;f'; c", "S x B'0;1', X'f;f'|s c|" },
	{ "x 'a'\n  ';b'; c", "S x 'a'\n  ';b'|s c|" },
	{ "x E'a'\n'\\';b'; c", "S x E'a'\n'\\';b'|s c|" },
	{ "x /* /* ; */ ; */; b", "S x|s b|" },
	{ "x a[1;2]; b", "S x a[1;2]|s b|" },
	{ "x +/*;*/ 1; b", "S x +/*;*/ 1|s b|" },
	{ "x @--;\n 1; b", "S x @--;\n 1|s b|" },
	{ "x 1.e';'; b", "S x 1.e';'|s b|" },
	{ "x a.e'\\';'; b", "S x a.e'\\';'|s b|" },
	{ "create rule r as on insert to t do also (a; b); c",
	  "S create rule r as on insert to t do also (a; b)|s c|" },
	{ "x ?& ';'; b", "S x ?& ';'|s b|" },
	{ "x u&';'; b", "S x u&';'|s b|" },
};

static const struct example lite_ends[] = {
	{ "x [a;b]; c", "S x [a;b]|s c|" },       { "x `a;b`; c", "S x `a;b`|s c|" },
	{ "x 'a\\'; c", "S x 'a\\'|s c|" },       { "x E'a\\'; c", "S x E'a\\'|s c|" },
	{ "x $$;$$;", "S x $$|S $$|" },           { "x /* /* ; */; b", "S x|s b|" },
	{ "x; /* not closed ;", "S x|" },         { "x /* not closed ;", "s x|" },
	{ "x $a(b;c); d", "S x $a(b;c)|s d|" },   { "x ]; b", "S x ]|s b|" },
	{ "x 'a'\n';'; b", "S x 'a'\n';'|s b|" }, { "\\x; b", "S \\x|s b|" },
	{ "x\n.y; b", "S x\n.y|s b|" },
};

static void where_statements_end(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(both_ends); i++) {
		check_texts(PG, both_ends[i].text, both_ends[i].expected);
		check_texts(LITE, both_ends[i].text, both_ends[i].expected);
	}
	for (i = 0; i < WB_ARRAY_LEN(pg_ends); i++)
		check_texts(PG, pg_ends[i].text, pg_ends[i].expected);
	for (i = 0; i < WB_ARRAY_LEN(lite_ends); i++)
		check_texts(LITE, lite_ends[i].text, lite_ends[i].expected);
}

static void headings(void **state)
{
	static const struct example v[] = {
		{ "-- migrate:up\na;\n-- migrate:down\nb;\n",
		  "1:1-2:1 h -- migrate:up|2:1-2:3 S a|3:1-4:1 h -- migrate:down|4:1-4:3 S b|" },
		{ "-- migrate:up", "1:1-1:14 h -- migrate:up|" },
		{ "-- migrate:up\r\na", "1:1-2:1 h -- migrate:up|2:1-2:2 s a|" },
		{ "-- migrate:up\r\n\r\na", "1:1-2:1 h -- migrate:up|3:1-3:2 s a|" },
		{ "create table x (id int)\n-- migrate:down\ndrop table x",
		  "1:1-1:24 s create table x (id int)|2:1-3:1 h -- migrate:down|3:1-3:13 s drop table x|" },
		{ "a\n\n /* c */\n  -- migrate:down\n", "1:1-1:2 s a|4:3-5:1 h -- migrate:down|" },
		{ "a -- migrate:no\n", "1:1-1:2 s a|" },
		{ "a; -- migrate:no\nb", "1:1-1:3 S a|2:1-2:2 s b|" },
		{ "/* c */ -- migrate:no\n a", "2:2-2:3 s a|" },
		{ "a (\n-- migrate:no\n); b", "1:1-3:3 S a (\n-- migrate:no\n)|3:4-3:5 s b|" },
		{ "a '\n-- migrate:no\n'; b", "1:1-3:3 S a '\n-- migrate:no\n'|3:4-3:5 s b|" },
		{ "/*\n-- migrate:no\n*/ a", "3:4-3:5 s a|" },
		{ "a\n-- other\nb\n--migrate:no\nc", "1:1-5:2 s a\n-- other\nb\n--migrate:no\nc|" },
		{ "insert into t values (1),\n(2)\n-- migrate:down\nx",
		  "1:1-2:4 s insert into t values (1),\n(2)|3:1-4:1 h -- migrate:down|4:1-4:2 s x|" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		check_items(PG, v[i].text, v[i].expected);
		check_items(LITE, v[i].text, v[i].expected);
	}
	/* A lone CR ends a line for PostgreSQL only. */
	check_items(PG, "-- migrate:up\ra", "1:1-2:1 h -- migrate:up|2:1-2:2 s a|");
}

/* Each heading is asked about once, also one that ends a statement. */
static bool count_headings(void *user, struct wb_sv comment)
{
	++*(int *)user;
	return wb_sv_starts(comment, "-- h");
}

static void headings_are_asked_once(void **state)
{
	struct wb_mem_reader reader = { WB_SV("a\n-- h1\n-- h2\n-- no\nb -- no\n-- h3\n") };
	int asked = 0;
	struct wb_split_options o = { .dialect = PG,
				      .read = wb_mem_read,
				      .read_user = &reader,
				      .heading = count_headings,
				      .heading_user = &asked };
	struct wb_splitter *s;
	struct wb_item item;
	int n = 0;

	(void)state;
	assert_int_equal(wb_split_new(&o, &s, NULL), 0);
	do {
		assert_int_equal(wb_split_next(s, &item, NULL), 0);
		n += item.kind == WB_ITEM_HEADING;
	} while (item.kind != WB_ITEM_END);
	assert_int_equal(n, 3);
	assert_int_equal(asked, 4);
	wb_split_free(s);
}

static void without_headings(void **state)
{
	wb_autostr out = WB_STR_INIT;

	(void)state;
	render_texts(&out, PG, WB_SV("a\n-- migrate:down\nb;"), 0, false);
	assert_string_equal(out.p, "S a\n-- migrate:down\nb|");
}

static void psql_commands(void **state)
{
	static const struct {
		const char *text, *expected, *hint;
	} v[] = {
		{ "\\restrict aBc\nselect 1;\n\\unrestrict aBc\n", "S select 1|", NULL },
		{ "  \\restrict x\r\na;", "S a|", NULL },
		{ "\\i other.sql\n", "! 1:1 \\i is a command of psql, not SQL", "make it a migration of its own" },
		{ "a;\n\\set x 1\n", "S a|! 2:1 \\set is a command of psql, not SQL", "${name}" },
		{ "\\connect db", "! 1:1 \\connect is a command of psql, not SQL", "one database" },
		{ " \\.\n", "! 1:2 \\. is a command of psql, not SQL", "COPY" },
		{ "\\timing\ton", "! 1:1 \\timing is a command of psql, not SQL", "delete this line" },
		{ "select 1\n\\gexec\n", "! 2:1 \\gexec is a command of psql, not SQL", "DO block" },
		{ "select (1\n\\restrict x\n);", "! 2:1 \\restrict is a command of psql, not SQL",
		  "between statements" },
		{ "\\", "! 1:1 \\ is a command of psql, not SQL", "delete this line" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		check_texts(PG, v[i].text, v[i].expected);
		if (!v[i].hint)
			continue;
		assert_int_equal(first_error(PG, wb_sv_str(v[i].text), &err), WB_EINPUT);
		assert_non_null(strstr(err.hint, v[i].hint));
	}
	check_texts(LITE, "a;\n.read x.sql\n",
		    "S a|! 2:1 a line that starts with a full stop is a command of the sqlite3 shell, not SQL");
}

static void unclosed(void **state)
{
	static const struct {
		enum wb_dialect dialect;
		const char *text, *expected;
	} v[] = {
		{ PG, "a;\n 'b;\nc", "S a|! 2:2 a string is not closed" },
		{ PG, "x 'b;\nc''", "! 1:3 a string is not closed" },
		{ PG, "x E'b\\'", "! 1:3 a string is not closed" },
		{ PG, "x \"b;", "! 1:3 a quoted identifier is not closed" },
		{ PG, "x; /* /* b */", "S x|! 1:4 a comment is not closed" },
		{ PG, "x /* b", "! 1:3 a comment is not closed" },
		{ PG, "x $a$ b $A$;", "! 1:3 a dollar-quoted string is not closed" },
		{ LITE, "x 'b;", "! 1:3 a string is not closed" },
		{ LITE, "x [b;", "! 1:3 a quoted identifier is not closed" },
		{ LITE, "x `b;", "! 1:3 a quoted identifier is not closed" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++)
		check_texts(v[i].dialect, v[i].text, v[i].expected);
	assert_int_equal(first_error(PG, WB_SV("a;\nselect 'b\nc"), &err), WB_EINPUT);
	assert_string_equal(err.excerpt, "select 'b");
	assert_int_equal(err.caret, 7);
}

static void no_text(void **state)
{
	static const struct {
		struct wb_sv text;
		unsigned line, column;
		const char *message, *hint;
	} v[] = {
#define TEXT(literal) { literal, sizeof(literal) - 1 }
		{ TEXT("a;\nb\0c"), 2, 2, "NUL byte", "save it as UTF-8" },
		{ TEXT("\0"), 1, 1, "NUL byte", "save it as UTF-8" },
		{ TEXT("a;\n\n  'x\xff'"), 3, 5, "not UTF-8", "iconv" },
		{ TEXT("-- \xe9t\xe9\na;"), 1, 4, "not UTF-8", "iconv" },
		{ TEXT("a \xc3"), 1, 3, "not UTF-8", "iconv" },
		{ TEXT("a;\xe2\x82"), 1, 3, "not UTF-8", "iconv" },
		{ TEXT("a \xed\xa0\x80"), 1, 3, "not UTF-8", "iconv" },
		{ TEXT("a \xc0\x80"), 1, 3, "not UTF-8", "iconv" },
		{ TEXT("\xff\xfes\0e\0"), 1, 1, "not UTF-8", "UTF-16" },
		{ TEXT("\xfe\xff\0s\0e"), 1, 1, "not UTF-8", "UTF-16" },
		{ TEXT("PGDMP\x01\x0e\0\x04"), 1, 8, "NUL byte", "pg_restore" },
		{ TEXT("SQLite format 3\0\x10"), 1, 16, "NUL byte", ".dump" },
		{ TEXT("\x1f\x8b\x08"), 1, 2, "not UTF-8", "gzip" },
		{ TEXT("PK\x03\x04\0"), 1, 5, "NUL byte", "zip" },
#undef TEXT
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		assert_int_equal(first_error(PG, v[i].text, &err), WB_EINPUT);
		assert_non_null(strstr(err.message, v[i].message));
		assert_non_null(strstr(err.hint, v[i].hint));
		assert_int_equal(err.line, v[i].line);
		assert_int_equal(err.column, v[i].column);
		assert_int_equal(first_error(LITE, v[i].text, NULL), WB_EINPUT);
	}
	check_texts(PG, "a;\nb\xff", "S a|! 2:2 the text is not UTF-8");
	check_texts(PG, "a;\xf0\x9f\x98", "S a|! 1:3 the text is not UTF-8");
}

static void too_long(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *hint;
	} v[] = {
		{ "aaaa bbbb;", 0, NULL },
		{ "/* long comment before */ aaaa bbbb;", 0, NULL },
		{ "aaaa bbbbb;", WB_EINPUT, "COPY" },
		{ "a;\n\n aaaa(bbbb; ", WB_EINPUT, "parenthesis" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_mem_reader reader = { wb_sv_str(v[i].text) };
		struct wb_split_options o = {
			.dialect = PG, .read = wb_mem_read, .read_user = &reader, .max_statement = 9
		};
		struct wb_splitter *s;
		struct wb_item item = { .kind = WB_ITEM_STATEMENT };
		int rc = 0;

		assert_int_equal(wb_split_new(&o, &s, &err), 0);
		while (rc == 0 && item.kind != WB_ITEM_END)
			rc = wb_split_next(s, &item, &err);
		assert_int_equal(rc, v[i].rc);
		if (rc)
			assert_non_null(strstr(err.hint, v[i].hint));
		wb_split_free(s);
	}
	assert_int_equal(err.line, 3);
	assert_int_equal(err.column, 2);
}

int test_split(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),           cmocka_unit_test(where_statements_end),
		cmocka_unit_test(headings),         cmocka_unit_test(headings_are_asked_once),
		cmocka_unit_test(without_headings), cmocka_unit_test(psql_commands),
		cmocka_unit_test(unclosed),         cmocka_unit_test(no_text),
		cmocka_unit_test(too_long),
	};
	return RUN_GROUP("split");
}
