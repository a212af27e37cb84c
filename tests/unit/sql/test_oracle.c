/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite3_complete() says whether a text ends with a whole statement; the
 * splitter must end its statements just there. The soup has none of what it does
 * not look at: parentheses, Tcl variables, and triggers without BEGIN.
 */
#include "tests.h"

#include <sqlite3.h>

static const char *const pieces[] = {
	"a",
	"select",
	"create ",
	"temp ",
	"trigger t begin ",
	"begin ",
	"end",
	"end;",
	"; end;",
	";end ;",
	";",
	"; ",
	" ",
	"\n",
	"'",
	"'a;'",
	"'a''",
	"\"",
	"\"a;\"",
	"[",
	"]",
	"[a;]",
	"`",
	"`;`",
	"-- c;\n",
	"--",
	"/* ; */",
	"/*",
	"*/",
	"case ",
	"1",
	",",
	"-",
	"/",
	"x';'",
	"create trigger t begin a; ",
	"create temp trigger t on x begin b",
	"é",
	"\r\n",
};

/* Whether the splitter is between statements at the end of the text, and has seen at least one ';'. */
static bool ends_whole(struct wb_sv text)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_lexer lx;
	struct wb_token t;
	bool any = false;

	wb_lex_init(&lx, LITE, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		any = any || t.kind == WB_TOK_SEMICOLON;
		/* To the engine the end of the input closes a comment; to sqlite3_complete() it does not. */
		if (t.kind == WB_TOK_BLOCK_COMMENT && lx.hungry)
			return false;
	}
	render_texts(&out, LITE, text, 0, false);
	return any && !strstr(out.p, "! ") && (out.n == 0 || (strstr(out.p, "s ") != out.p && !strstr(out.p, "|s ")));
}

static void as_sqlite_completes(void **state)
{
	uint64_t seed = 5;
	int i, complete = 0, n = 8000;

	(void)state;
	for (i = 0; i < n; i++) {
		wb_autostr text = WB_STR_INIT;
		size_t k = next_random(&seed) % 14;

		for (; k > 0; k--)
			wb_str_add(&text, pieces[next_random(&seed) % WB_ARRAY_LEN(pieces)]);
		complete += ends_whole(wb_str_sv(&text));
		if (ends_whole(wb_str_sv(&text)) != (sqlite3_complete(text.p) != 0))
			print_message("text: %s\n", text.p);
		assert_int_equal(ends_whole(wb_str_sv(&text)), sqlite3_complete(text.p) != 0);
	}
	/* The soup is no soup of one kind only. */
	assert_true(complete > n / 20 && complete < n * 19 / 20);
}

int test_oracle(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_sqlite_completes),
	};
	return RUN_GROUP("oracle");
}
