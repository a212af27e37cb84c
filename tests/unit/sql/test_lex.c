/* SPDX-License-Identifier: Apache-2.0
 *
 * The lexer: token by token, in both dialects.
 */
#include "tests.h"

static const char letters[] = {
	[WB_TOK_SPACE] = '_',     [WB_TOK_LINE_COMMENT] = '-', [WB_TOK_BLOCK_COMMENT] = '*', [WB_TOK_WORD] = 'w',
	[WB_TOK_IDENT] = 'i',     [WB_TOK_STRING] = 's',       [WB_TOK_NUMBER] = 'n',        [WB_TOK_PARAM] = 'p',
	[WB_TOK_SEMICOLON] = ';', [WB_TOK_OPEN] = '(',         [WB_TOK_CLOSE] = ')',         [WB_TOK_META] = 'm',
	[WB_TOK_OTHER] = 'o',
};
static const char *const flaws[] = { [WB_FLAW_NONE] = "",
				     [WB_FLAW_UNTERMINATED_STRING] = "!string",
				     [WB_FLAW_UNTERMINATED_IDENT] = "!ident",
				     [WB_FLAW_UNTERMINATED_COMMENT] = "!comment",
				     [WB_FLAW_UNTERMINATED_DOLLAR] = "!dollar",
				     [WB_FLAW_NUL_BYTE] = "!nul" };

/* Each token as its letter and its length, with the flaw. */
static void render_tokens(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_lexer lx;
	struct wb_token t;
	const char *p = text.p;

	wb_lex_init(&lx, dialect, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		assert_ptr_equal(t.text.p, p);
		assert_true(t.text.n > 0);
		p += t.text.n;
		if (t.text.n == 1)
			wb_str_addf(out, "%c%s", letters[t.kind], flaws[t.flaw]);
		else
			wb_str_addf(out, "%c%zu%s", letters[t.kind], t.text.n, flaws[t.flaw]);
	}
	assert_ptr_equal(p, text.p + text.n);
	assert_true(lx.hungry);
}

struct example {
	const char *text, *tokens;
};

static void check_examples(enum wb_dialect dialect, const struct example *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		wb_autostr out = WB_STR_INIT;

		render_tokens(&out, dialect, wb_sv_str(v[i].text));
		if (strcmp(out.p, v[i].tokens) != 0)
			print_message("text: %s\n", v[i].text);
		assert_string_equal(out.p, v[i].tokens);
	}
}

static void both_dialects(void **state)
{
	static const struct example v[] = {
		{ "", "" },
		{ "select 1;", "w6_n;" },
		{ " \t\r\n\v\f x", "_7w" },
		{ "été_1 日本", "w7_w6" },
		{ "a$1$b", "w5" },
		{ "'a''b'", "s6" },
		{ "'a'''", "s5" },
		{ "''", "s2" },
		{ "''''", "s4" },
		{ "'a'c'd'", "s3ws3" },
		{ "\"a\"\"b\" \"\"", "i6_i2" },
		{ "'a", "s2!string" },
		{ "'a''", "s4!string" },
		{ "\"a", "i2!ident" },
		{ "-- a\nb", "-4_w" },
		{ "-- a\r\nb", "-4_2w" },
		{ "--", "-2" },
		{ "a--b", "w-3" },
		{ "a-b - -1", "wow_o_on" },
		{ "/* a */b", "*7w" },
		{ "/**/b", "*4w" },
		{ "/*/b*/c", "*6w" },
		{ "/***/c", "*5w" },
		{ "a/b", "wow" },
		{ "1 1.5 .5 1. 1e5 1E-5 1e+5 0x1F 1_000", "n_n3_n2_n2_n3_n4_n4_n4_n5" },
		{ "1e+ 1e-x", "n2o_n2ow" },
		{ "0x1e+5", "n4on" },
		{ "1.2.3", "n3n2" },
		{ "1e5.5 1_0.5 0x1.5", "n3n2_n5_n3n2" },
		{ "a.b . c", "wow_o_w" },
		{ "1é", "nw2" },
		{ "(a,b)", "(wow)" },
		{ "x'ab' X'00'", "s5_s5" },
		{ "x'ab''cd'", "s5s4" },
		{ "{}", "oo" },
		{ "\x01", "o" },
	};
	(void)state;
	check_examples(PG, v, WB_ARRAY_LEN(v));
	check_examples(LITE, v, WB_ARRAY_LEN(v));
}

static const struct example postgres_ones[] = {
	/* strings */
	{ "'a\\'c'", "s4ws!string" },
	{ "E'a\\'b'", "s7" },
	{ "e'\\\\'", "s5" },
	{ "E'a''b'", "s7" },
	{ "E'a\\", "s4!string" },
	{ "E'a\\'", "s5!string" },
	{ "E'a", "s3!string" },
	{ "E 'a'", "w_s3" },
	{ "fe'a\\'", "w2s4" },
	{ "B'01'b'1' x'1' N'a'", "s5s4_s4_ws3" },
	{ "U&'a\\'", "s6" },
	{ "u&'a''b' uescape '!'", "s8_w7_s3" },
	{ "U&\"a\"\"b\"", "i8" },
	{ "U&\"a", "i4!ident" },
	{ "U & 'a'", "w_o_s3" },
	{ "U&b u&1 u &", "wow_won_w_o" },
	{ "bu&'a'", "w2os3" },
	/* strings that go on */
	{ "'a'\n'b'", "s7" },
	{ "'a' 'b'", "s3_s3" },
	{ "'a' \r\n\t 'b'", "s11" },
	{ "'a'\r'b'", "s7" },
	{ "'a' -- c\n'b'", "s12" },
	{ "'a' -- c 'b'", "s3_-8" },
	{ "'a'\n-- c\n-- d\n 'b'x", "s18w" },
	{ "'a'\n/* c */'b'", "s3_*7s3" },
	{ "'a'\n-b", "s3_ow" },
	{ "'a'-'b'", "s3os3" },
	{ "'a'\n", "s3_" },
	{ "'a'\n'b", "s6!string" },
	{ "E'a'\n'b\\'c'", "s11" },
	{ "E'a'\n'b\\'", "s9!string" },
	{ "'a'\n'b\\'", "s8" },
	{ "'a'\nE'b'", "s3_s4" },
	{ "\"a\"\n\"b\"", "i3_i3" },
	/* dollars */
	{ "$$a'b$$", "s7" },
	{ "$$$$", "s4" },
	{ "$a$b$$c$a$d", "s10w" },
	{ "$a$b$A$", "s7!dollar" },
	{ "$a$ $a $a$x", "s10w" },
	{ "$a$$b$a$", "s8" },
	{ "$$", "s2!dollar" },
	{ "$é1$x$é1$", "s11" },
	{ "a$$b$$", "w6" },
	{ "1$$b$$", "ns5" },
	{ "$1 $12a", "p2_p3w" },
	{ "$ $a $-", "o_ow_oo" },
	{ "$1$$a$$", "p2s5" },
	{ "+$$a$$", "os5" },
	/* operators and comments */
	{ "a<=b", "wo2w" },
	{ "a@>b <-> c", "wo2w_o3_w" },
	{ "a+--b", "wo-3" },
	{ "a+/*b*/c", "wo*5w" },
	{ "a*/*b*/c", "wo*5w" },
	{ "a*/b", "wo2w" },
	{ "a-/b", "wo2w" },
	{ "@-", "o2" },
	{ "a::b", "woow" },
	{ "a:=b", "woow" },
	{ "[1]", "(n)" },
	{ "/* /* a */ */b", "*13w" },
	{ "/* /* a */ b", "*12!comment" },
	{ "/*/* */*/", "*9" },
	{ "/*/**/", "*6!comment" },
	{ "/*", "*2!comment" },
	{ "/* *", "*4!comment" },
	{ "-- a\rb", "-4_w" },
	{ "`a` ? #", "owo_o_o" },
	/* psql */
	{ "\\restrict a\nb", "m11_w" },
	{ "a\n  \\i b\r\nc", "w_3m4_2w" },
	{ "a \\g", "w_ow" },
	{ "/* c */\\i a", "*7ow_w" },
	{ "1..2", "no2n" },
};

static void postgres(void **state)
{
	(void)state;
	check_examples(PG, postgres_ones, WB_ARRAY_LEN(postgres_ones));
}

static void sqlite(void **state)
{
	static const struct example v[] = {
		{ "[a b]c", "i5w" },
		{ "[a", "i2!ident" },
		{ "]", "o" },
		{ "`a``b`", "i6" },
		{ "`a", "i2!ident" },
		{ "'a\\'b", "s4w" },
		{ "E'a\\'", "ws4" },
		{ "b'1' u&'a'", "ws3_wos3" },
		{ "xy'a'", "w2s3" },
		{ "x'a", "s3!string" },
		{ "'a'\n'b'", "s3_s3" },
		{ "/* /* a */ b", "*10_w" },
		{ "/* a", "*4" },
		{ "/*", "oo" },
		{ "a/", "wo" },
		{ "-- a\rb\nc", "-6_w" },
		{ "a+--b", "wo-3" },
		{ "->>", "ooo" },
		{ "? ?1 ?12a", "p_p2_p3w" },
		{ ":a @b #c $d : @", "p2_p2_p2_p2_o_o" },
		{ ":1", "p2" },
		{ "$a::b::c", "p8" },
		{ "$a:b", "p2p2" },
		{ "$a(b;c)d", "p7w" },
		{ "$a(b c)", "p4_w)" },
		{ "$a(b", "p4" },
		{ "$$a$$", "p5" },
		{ "a$$;", "w3;" },
		{ "\\i a", "ow_w" },
		{ "1..2", "no2n" },
		{ "!= <> == <= ~|&%*^", "oo_oo_oo_oo_oooooo" },
	};
	(void)state;
	check_examples(LITE, v, WB_ARRAY_LEN(v));
}

static void nul_bytes(void **state)
{
	wb_autostr out = WB_STR_INIT;

	(void)state;
	render_tokens(&out, PG, WB_SV("a\0b\0"));
	assert_string_equal(out.p, "wo!nulwo!nul");
	wb_str_clear(&out);
	render_tokens(&out, LITE, WB_SV("'a\0b'"));
	assert_string_equal(out.p, "s5");
}

static void nothing_at_all(void **state)
{
	struct wb_lexer lx;
	struct wb_token t;

	(void)state;
	wb_lex_init(&lx, PG, wb_sv(NULL, 0));
	t = wb_lex_next(&lx);
	assert_int_equal(t.kind, WB_TOK_END);
	assert_int_equal(t.text.n, 0);
	t = wb_lex_next_solid(&lx);
	assert_int_equal(t.kind, WB_TOK_END);
}

static void solid_tokens(void **state)
{
	struct wb_lexer lx;

	(void)state;
	wb_lex_init(&lx, PG, WB_SV(" -- c\n/* d */ a/**/\n;--e"));
	assert_true(wb_sv_eq(wb_lex_next_solid(&lx).text, WB_SV("a")));
	assert_int_equal(wb_lex_next_solid(&lx).kind, WB_TOK_SEMICOLON);
	assert_int_equal(wb_lex_next_solid(&lx).kind, WB_TOK_END);
	assert_int_equal(wb_lex_next_solid(&lx).kind, WB_TOK_END);
}

/* A token that is not hungry is the same whatever follows. */
static void hunger_is_told(void **state)
{
	static const struct {
		enum wb_dialect dialect;
		const char *text;
		bool hungry; /* the first token, with nothing behind the text */
	} v[] = {
		{ PG, ";", false },     { PG, "(", false },      { PG, ",", false },      { PG, "a", true },
		{ PG, "a ", false },    { PG, "'a'", true },     { PG, "'a';", false },   { PG, "'a' ", true },
		{ PG, "'a' b", false }, { PG, "-- a", true },    { PG, "--\n", false },   { PG, "-", true },
		{ PG, "-1", false },    { PG, "/* */", false },  { PG, "1", true },       { PG, "1.", true },
		{ PG, "1 ", false },    { PG, "$", true },       { PG, "$a", true },      { PG, "$a;", false },
		{ PG, "$$a$$", false }, { PG, "E", true },       { PG, "E;", false },     { PG, "U&", true },
		{ PG, ".", true },      { PG, ". ", false },     { PG, " ", true },       { PG, "\\i", true },
		{ PG, "\"a\"", true },  { PG, "\"a\" ", false }, { LITE, "[a]", false },  { LITE, "/* a", true },
		{ LITE, "?", true },    { LITE, ":a ", false },  { LITE, "'a' ", false }, { LITE, "->", false },
		{ LITE, "-", true },    { LITE, "$a:", true },   { LITE, "+", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_lexer lx;

		wb_lex_init(&lx, v[i].dialect, wb_sv_str(v[i].text));
		(void)wb_lex_next(&lx);
		if (lx.hungry != v[i].hungry)
			print_message("text: %s\n", v[i].text);
		assert_int_equal(lx.hungry, v[i].hungry);
	}
}

int test_lex(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_dialects),  cmocka_unit_test(postgres),       cmocka_unit_test(sqlite),
		cmocka_unit_test(nul_bytes),      cmocka_unit_test(nothing_at_all), cmocka_unit_test(solid_tokens),
		cmocka_unit_test(hunger_is_told),
	};
	return RUN_GROUP("lex");
}
