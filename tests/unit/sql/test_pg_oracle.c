/* SPDX-License-Identifier: Apache-2.0
 *
 * PostgreSQL's own scanner (libpg_query has it) as a judge of our lexer: where it
 * accepts a text, strings, quoted identifiers, parameters and every ';' must
 * stand at the same bytes.
 */
#include "tests.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

static bool is_their_string(int token)
{
	return token == PG_QUERY__TOKEN__SCONST || token == PG_QUERY__TOKEN__USCONST ||
	       token == PG_QUERY__TOKEN__BCONST || token == PG_QUERY__TOKEN__XCONST;
}

/* They give the end of U& tokens wrongly. */
static int end_of(struct wb_sv text, int start, int end)
{
	return (text.p[start] | 0x20) == 'u' ? -1 : end;
}

static void render_theirs(struct wb_str *out, const PgQuery__ScanResult *scan, struct wb_sv text)
{
	size_t i;

	for (i = 0; i < scan->n_tokens; i++) {
		const PgQuery__ScanToken *t = scan->tokens[i];

		if (is_their_string((int)t->token))
			wb_str_addf(out, "s%d-%d ", t->start, end_of(text, t->start, t->end));
		else if (t->token == PG_QUERY__TOKEN__UIDENT || text.p[t->start] == '"')
			wb_str_addf(out, "i%d-%d ", t->start, end_of(text, t->start, t->end));
		else if (t->token == PG_QUERY__TOKEN__ASCII_59)
			wb_str_addf(out, ";%d ", t->start);
		else if (t->token == PG_QUERY__TOKEN__PARAM)
			wb_str_addf(out, "p%d-%d ", t->start, t->end);
	}
}

static void render_ours(struct wb_str *out, struct wb_sv text)
{
	struct wb_lexer lx;
	struct wb_token t;

	wb_lex_init(&lx, PG, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		int start = (int)(t.text.p - text.p), end = start + (int)t.text.n;

		if (t.kind == WB_TOK_STRING)
			wb_str_addf(out, "s%d-%d ", start, end_of(text, start, end));
		else if (t.kind == WB_TOK_IDENT)
			wb_str_addf(out, "i%d-%d ", start, end_of(text, start, end));
		else if (t.kind == WB_TOK_SEMICOLON)
			wb_str_addf(out, ";%d ", start);
		else if (t.kind == WB_TOK_PARAM)
			wb_str_addf(out, "p%d-%d ", start, end);
	}
}

/* Where we must differ. Their scanner, unlike the server's, ends a string before a comment even if the string goes on
 * after it; and a backslash at the start of a line is a command of psql, which is none of theirs. */
static bool differs(struct wb_sv text)
{
	struct wb_lexer lx;
	struct wb_token t;

	wb_lex_init(&lx, PG, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		if (t.kind == WB_TOK_META || (t.kind == WB_TOK_STRING && memmem(t.text.p, t.text.n, "--", 2)))
			return true;
	}
	return false;
}

/* False when their scanner does not accept the text. */
static bool compare(const struct wb_str *text)
{
	wb_autostr ours = WB_STR_INIT, theirs = WB_STR_INIT;
	PgQueryScanResult result = pg_query_scan(text->p);
	PgQuery__ScanResult *scan;

	if (result.error) {
		pg_query_free_scan_result(result);
		return false;
	}
	scan = pg_query__scan_result__unpack(NULL, result.pbuf.len, (const uint8_t *)result.pbuf.data);
	assert_non_null(scan);
	render_theirs(&theirs, scan, wb_str_sv(text));
	render_ours(&ours, wb_str_sv(text));
	pg_query__scan_result__free_unpacked(scan, NULL);
	pg_query_free_scan_result(result);
	if (strcmp(ours.p, theirs.p) != 0)
		print_message("text: %s\n", text->p);
	assert_string_equal(ours.p, theirs.p);
	return true;
}

static void as_their_scanner(void **state)
{
	uint64_t seed = 6;
	int i, accepted = 0;

	(void)state;
	for (i = 0; i < 10000; i++) {
		wb_autostr soup = WB_STR_INIT;

		make_soup(&soup, &seed, PG);
		if (!differs(wb_str_sv(&soup)))
			accepted += compare(&soup);
	}
	assert_true(accepted > 1000);
}

int test_pg_oracle(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_their_scanner),
	};
	return RUN_GROUP("pg_oracle");
}
