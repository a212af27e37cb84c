/* SPDX-License-Identifier: Apache-2.0
 *
 * Comment lines that mean something, of Whimbrel and of the tools whose files
 * it reads. One table says what is written (`text`), by whose rules it is
 * compared (`style`) and what it does. A heading is always the whole comment:
 *   migrate  "migrate:" and a word, then options key:value
 *   goose, sql-migrate, Atlas  their mark and one of their phrases, any case
 *   exact    the whole comment, dashes included
 *   capitals the phrase in capitals, between lines or dashes of decoration; ":", "." or "-" may
 *            stand between its words, ":" or a remark in parentheses after it; after a PHASE
 *            also " - remark". So "-- rollback is hard" and "-- ROLLBACK the change" are prose.
 */
#include "source/internal.h"

enum style { STYLE_MIGRATE, STYLE_GOOSE, STYLE_SQLMIGRATE, STYLE_ATLAS, STYLE_EXACT, STYLE_CAPITALS, STYLE_PHASE };

/* What a mark opens: with `closed`, a phrase that is not in the table is an error. */
static const struct {
	enum style style;
	const char *mark;
	bool closed;
} marks[] = {
	{ STYLE_MIGRATE, "migrate:", true },
	{ STYLE_GOOSE, "+goose", true },
	{ STYLE_SQLMIGRATE, "+migrate", true },
	{ STYLE_ATLAS, "atlas:", false },
};

static const struct spelling {
	enum style style;
	const char *text;
	enum wb_heading_action action;
	int what; /* section kind or enum wb_tri */
	enum wb_tri transaction;
} spellings[] = {
	{ STYLE_MIGRATE, "up", WB_HEAD_SECTION, WB_SEC_UP, WB_UNSET },
	{ STYLE_MIGRATE, "down", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_MIGRATE, "expand", WB_HEAD_SECTION, WB_SEC_EXPAND, WB_UNSET },
	{ STYLE_MIGRATE, "backfill", WB_HEAD_SECTION, WB_SEC_BACKFILL, WB_UNSET },
	{ STYLE_MIGRATE, "contract", WB_HEAD_SECTION, WB_SEC_CONTRACT, WB_UNSET },
	{ STYLE_MIGRATE, "verify", WB_HEAD_SECTION, WB_SEC_VERIFY, WB_UNSET },
	{ STYLE_MIGRATE, "require", WB_HEAD_SECTION, WB_SEC_REQUIRE, WB_UNSET },
	{ STYLE_GOOSE, "Up", WB_HEAD_SECTION, WB_SEC_UP, WB_UNSET },
	{ STYLE_GOOSE, "Down", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_GOOSE, "NO TRANSACTION", WB_HEAD_TRANSACTION, WB_NO, WB_UNSET },
	{ STYLE_GOOSE, "ENVSUB ON", WB_HEAD_VARIABLES, WB_YES, WB_UNSET },
	{ STYLE_GOOSE, "ENVSUB OFF", WB_HEAD_VARIABLES, WB_NO, WB_UNSET },
	/* The lexer knows where a statement ends; these tell nothing new. */
	{ STYLE_GOOSE, "StatementBegin", WB_HEAD_NONE, 0, WB_UNSET },
	{ STYLE_GOOSE, "StatementEnd", WB_HEAD_NONE, 0, WB_UNSET },
	{ STYLE_SQLMIGRATE, "Up", WB_HEAD_SECTION, WB_SEC_UP, WB_UNSET },
	{ STYLE_SQLMIGRATE, "Up notransaction", WB_HEAD_SECTION, WB_SEC_UP, WB_NO },
	{ STYLE_SQLMIGRATE, "Down", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_SQLMIGRATE, "Down notransaction", WB_HEAD_SECTION, WB_SEC_DOWN, WB_NO },
	{ STYLE_SQLMIGRATE, "StatementBegin", WB_HEAD_NONE, 0, WB_UNSET },
	{ STYLE_SQLMIGRATE, "StatementEnd", WB_HEAD_NONE, 0, WB_UNSET },
	{ STYLE_ATLAS, "txmode none", WB_HEAD_TRANSACTION, WB_NO, WB_UNSET },
	{ STYLE_ATLAS, "txmode file", WB_HEAD_TRANSACTION, WB_YES, WB_UNSET },
	{ STYLE_ATLAS, "txmode all", WB_HEAD_TRANSACTION, WB_YES, WB_UNSET },
	{ STYLE_EXACT, "---- create above / drop below ----", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_EXACT, "---- tern: disable-tx ----", WB_HEAD_TRANSACTION, WB_NO, WB_UNSET },
	{ STYLE_EXACT, "-- no-transaction", WB_HEAD_TRANSACTION, WB_NO, WB_UNSET },
	{ STYLE_CAPITALS, "UP", WB_HEAD_SECTION, WB_SEC_UP, WB_UNSET },
	{ STYLE_CAPITALS, "DOWN", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_CAPITALS, "ROLLBACK", WB_HEAD_SECTION, WB_SEC_DOWN, WB_UNSET },
	{ STYLE_CAPITALS, "VALIDATION", WB_HEAD_SECTION, WB_SEC_VERIFY, WB_UNSET },
	{ STYLE_PHASE, "PHASE 1 EXPAND", WB_HEAD_SECTION, WB_SEC_EXPAND, WB_UNSET },
	{ STYLE_PHASE, "PHASE 2 MIGRATE", WB_HEAD_SECTION, WB_SEC_BACKFILL, WB_UNSET },
	{ STYLE_PHASE, "PHASE 3 CONTRACT", WB_HEAD_SECTION, WB_SEC_CONTRACT, WB_UNSET },
};

static const char *const section_names[WB_SEC_COUNT] = {
	[WB_SEC_UP] = "up",
	[WB_SEC_DOWN] = "down",
	[WB_SEC_EXPAND] = "expand",
	[WB_SEC_BACKFILL] = "backfill",
	[WB_SEC_CONTRACT] = "contract",
	[WB_SEC_VERIFY] = "verify",
	[WB_SEC_REQUIRE] = "require",
};

const char *wb_section_name(enum wb_section_kind k)
{
	return (size_t)k < WB_SEC_COUNT ? section_names[k] : "up";
}

/* ---- comparing phrases --------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static char fold(char c)
{
	return is_capital(c) ? (char)(c + 32) : c;
}

/* Eats phrase off *rest; between its words any run of `joints` may stand. */
static bool eat_phrase(struct wb_sv *rest, const char *phrase, const char *joints, bool any_case)
{
	size_t i = 0;

	for (; *phrase; phrase++) {
		if (*phrase == ' ') {
			size_t start = i;
			while (i < rest->n && is_in(rest->p[i], joints))
				i++;
			if (i == start)
				return false;
			continue;
		}
		if (i == rest->n || (any_case ? fold(rest->p[i]) != fold(*phrase) : rest->p[i] != *phrase))
			return false;
		i++;
	}
	rest->p += i;
	rest->n -= i;
	return true;
}

/* What may follow a heading in capitals. */
static bool is_remark(struct wb_sv rest, bool phase)
{
	struct wb_sv t = wb_sv_trim(rest);

	if (t.n == 0 || (t.n == 1 && t.p[0] == ':'))
		return true;
	if (t.p[0] == '(' && t.p[t.n - 1] == ')')
		return true;
	return phase && rest.n > 2 && is_blank(rest.p[0]) && t.n > 1 && t.p[0] == '-' && is_blank(t.p[1]);
}

static bool spelled(const struct spelling *s, struct wb_sv text)
{
	switch (s->style) {
	case STYLE_EXACT:
		return wb_sv_eq(text, wb_sv_str(s->text));
	case STYLE_CAPITALS:
	case STYLE_PHASE:
		return eat_phrase(&text, s->text, " \t:.-", false) && is_remark(text, s->style == STYLE_PHASE);
	default:
		return eat_phrase(&text, s->text, " \t", true) && text.n == 0;
	}
}

static void apply(const struct spelling *s, struct wb_heading *h)
{
	h->action = s->action;
	h->options.transaction = s->transaction;
	if (s->action == WB_HEAD_SECTION)
		h->kind = (enum wb_section_kind)s->what;
	else if (s->action == WB_HEAD_TRANSACTION)
		h->options.transaction = (enum wb_tri)s->what;
	else if (s->action == WB_HEAD_VARIABLES)
		h->options.variables = (enum wb_tri)s->what;
}

static bool find_spelling(enum style style, struct wb_sv text, struct wb_heading *h)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(spellings); i++) {
		if (spellings[i].style != style || !spelled(&spellings[i], text))
			continue;
		apply(&spellings[i], h);
		return true;
	}
	return false;
}

static void wrong(struct wb_heading *h, struct wb_sv comment, struct wb_sv where, const char *fmt, ...) WB_PRINTF(4, 5);
static void wrong(struct wb_heading *h, struct wb_sv comment, struct wb_sv where, const char *fmt, ...)
{
	va_list ap;

	h->action = WB_HEAD_WRONG;
	h->at = (size_t)(where.p - comment.p);
	va_start(ap, fmt);
	vsnprintf(h->message, sizeof(h->message), fmt, ap);
	va_end(ap);
}

static void hint(struct wb_heading *h, const char *fmt, ...) WB_PRINTF(2, 3);
static void hint(struct wb_heading *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(h->hint, sizeof(h->hint), fmt, ap);
	va_end(ap);
}

/* Texts in messages are cut: a comment may be long. */
#define SHORT(sv) WB_SV_ARG(wb_sv_head((sv), 60))

/* ---- options: key:value ----------------------------------------------------------- */

static const struct {
	const char *word;
	enum wb_tri value;
} switches[] = {
	{ "true", WB_YES }, { "on", WB_YES }, { "yes", WB_YES }, { "false", WB_NO }, { "off", WB_NO }, { "no", WB_NO },
};

static bool read_switch(struct wb_sv value, void *field)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(switches); i++) {
		if (!wb_sv_ieq(value, switches[i].word))
			continue;
		*(enum wb_tri *)field = switches[i].value;
		return true;
	}
	return false;
}

static bool read_duration(struct wb_sv value, void *field)
{
	int64_t ms;

	if (!wb_sv_duration_ms(value, &ms) || ms < 0)
		return false;
	*(int64_t *)field = ms;
	return true;
}

static bool read_text(struct wb_sv value, void *field)
{
	*(struct wb_sv *)field = value;
	return value.n > 0;
}

static bool read_number(struct wb_sv value, void *field)
{
	int64_t n;

	if (!wb_sv_i64(value, &n) || n < 1)
		return false;
	*(int64_t *)field = n;
	return true;
}

#define OPTIONS(X) \
	X("transaction", options.transaction, read_switch, "true or false") \
	X("variables", options.variables, read_switch, "on or off") \
	X("lock_timeout", options.lock_timeout_ms, read_duration, "a duration such as 2s or 500ms") \
	X("timeout", options.timeout_ms, read_duration, "a duration such as 30s or 5m") \
	X("depends", depends, read_text, "versions joined by commas") \
	X("suite", suite, read_text, "a file of checks, FILE or FILE#GROUP") \
	X("rules", backfill.rules, read_text, "a file of rules, FILE or FILE#RULE") \
	X("table", backfill.table, read_text, "the table whose rows are walked") \
	X("key", backfill.key, read_text, "columns joined by commas") \
	X("batch_size", backfill.batch_size, read_number, "a number of rows") \
	X("pause", backfill.pause_ms, read_duration, "a duration such as 100ms")

#define X(name, field, read, takes) name,
static const char *const option_names[] = { OPTIONS(X) };
#undef X
#define X(name, field, read, takes) { offsetof(struct wb_heading, field), read, takes },
static const struct {
	size_t offset;
	bool (*read)(struct wb_sv value, void *field);
	const char *takes;
} options[] = { OPTIONS(X) };
#undef X

static void unknown_option(struct wb_heading *h, struct wb_sv comment, struct wb_sv key)
{
	const char *near = wb_near(key, option_names, WB_ARRAY_LEN(option_names));

	wrong(h, comment, key, "unknown option '%.*s' of a section", SHORT(key));
	if (near)
		hint(h, "did you mean %s:?", near);
	else
		hint(h, "options are transaction, variables, lock_timeout, timeout, depends, suite, and of a backfill "
			"rules, "
			"table, key, batch_size and pause, written key:value");
}

static void read_option(struct wb_heading *h, struct wb_sv comment, struct wb_sv word)
{
	struct wb_sv value = word, key;

	if (!memchr(word.p, ':', word.n)) {
		wrong(h, comment, word, "'%.*s' is no option of a section", SHORT(word));
		hint(h, "options stand on the heading's line as key:value, for example transaction:false");
		return;
	}
	(void)wb_sv_cut(&value, ':', &key);
	for (size_t i = 0; i < WB_ARRAY_LEN(options); i++) {
		if (!wb_sv_eq(key, wb_sv_str(option_names[i])))
			continue;
		if (!options[i].read(value, (char *)h + options[i].offset)) {
			wrong(h, comment, word, "'%.*s' is no value for %s", SHORT(value), option_names[i]);
			hint(h, "%s takes %s", option_names[i], options[i].takes);
		}
		return;
	}
	unknown_option(h, comment, key);
}

static bool next_word(struct wb_sv *rest, struct wb_sv *word)
{
	size_t n = 0;

	*rest = wb_sv_trim(*rest);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	*word = wb_sv(rest->p, n);
	rest->p += n;
	rest->n -= n;
	return n > 0;
}

/* ---- the styles ----------------------------------------------------------------------- */

static void unknown_section(struct wb_heading *h, struct wb_sv comment, struct wb_sv word)
{
	const char *near = wb_near(word, section_names, WB_ARRAY_LEN(section_names));

	wrong(h, comment, word, "unknown section 'migrate:%.*s'", SHORT(word));
	if (near)
		hint(h, "did you mean -- migrate:%s?", near);
	else
		hint(h, "sections are up, down, expand, backfill, contract, verify and require");
}

static void parse_migrate(struct wb_heading *h, struct wb_sv comment, struct wb_sv rest)
{
	struct wb_sv word;
	bool apart = rest.n > 0 && is_blank(rest.p[0]);

	(void)next_word(&rest, &word);
	/* "-- migrate: the users first" is prose, "-- migrate: up" is not. */
	if (apart || word.n == 0) {
		if (rest.n || !find_spelling(STYLE_MIGRATE, word, h))
			return;
		wrong(h, comment, word, "a blank stands in 'migrate: %.*s'", SHORT(word));
		hint(h, "write -- migrate:%s", section_names[h->kind]);
		return;
	}
	if (!find_spelling(STYLE_MIGRATE, word, h)) {
		unknown_section(h, comment, word);
		return;
	}
	while (h->action != WB_HEAD_WRONG && next_word(&rest, &word))
		read_option(h, comment, word);
}

static void parse_marked(struct wb_heading *h, struct wb_sv comment, size_t mark, struct wb_sv rest)
{
	struct wb_sv phrase = wb_sv_trim(rest);

	if (find_spelling(marks[mark].style, phrase, h) || !marks[mark].closed)
		return;
	if (rest.n && !is_blank(rest.p[0]))
		return; /* another word that starts so, "+gooseberry" */
	wrong(h, comment, phrase, "unknown directive '%s %.*s'", marks[mark].mark, SHORT(phrase));
	for (size_t i = 0; i < WB_ARRAY_LEN(spellings); i++) {
		if (spellings[i].style != marks[mark].style || !wb_near_enough(phrase, wb_sv_str(spellings[i].text)))
			continue;
		hint(h, "did you mean -- %s %s?", marks[mark].mark, spellings[i].text);
		return;
	}
	hint(h, "-- %s Up and -- %s Down are known", marks[mark].mark, marks[mark].mark);
}

static struct wb_sv strip(struct wb_sv s, const char *set)
{
	while (s.n && is_in(s.p[0], set)) {
		s.p++;
		s.n--;
	}
	while (s.n && is_in(s.p[s.n - 1], set))
		s.n--;
	return s;
}

/* "PHASE 3: CONTARCT" would run with the phase before it. */
static void check_phase(struct wb_heading *h, struct wb_sv comment, struct wb_sv text)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(spellings); i++) {
		struct wb_sv rest = text, number = WB_SV("PHASE 0"), word;
		if (spellings[i].style != STYLE_PHASE)
			continue;
		if (!eat_phrase(&rest, "PHASE", "", false) || rest.n == 0 || !is_blank(rest.p[0]))
			return;
		rest = strip(rest, " \t");
		if (!rest.n || rest.p[0] != spellings[i].text[number.n - 1])
			continue;
		rest = strip(wb_sv(rest.p + 1, rest.n - 1), " \t:.-");
		(void)next_word(&rest, &word);
		if (word.n && wb_near_enough(word, wb_sv_str(spellings[i].text + number.n + 1))) {
			wrong(h, comment, word, "unknown phase '%.*s'", SHORT(text));
			hint(h, "did you mean -- PHASE %c: %s?", spellings[i].text[number.n - 1],
			     spellings[i].text + number.n + 1);
		}
		return;
	}
}

static void parse_capitals(struct wb_heading *h, struct wb_sv comment, struct wb_sv body)
{
	struct wb_sv text = strip(body, " \t-=*#");

	if (text.n < 2 || !is_capital(text.p[0]) || !is_capital(text.p[1]))
		return;
	if (!find_spelling(STYLE_CAPITALS, text, h) && !find_spelling(STYLE_PHASE, text, h))
		check_phase(h, comment, text);
}

void wb_heading_parse(struct wb_sv comment, struct wb_heading *ret_heading)
{
	struct wb_heading *h = ret_heading;
	struct wb_sv body;

	/* Field by field: most comments are prose, and the messages are large. */
	h->action = WB_HEAD_NONE;
	h->kind = WB_SEC_UP;
	h->options = (struct wb_section_options)WB_SECTION_OPTIONS_INIT;
	h->depends = h->suite = wb_sv(NULL, 0);
	h->backfill = (struct wb_heading_backfill){ 0 };
	h->at = 0;
	h->message[0] = h->hint[0] = '\0';
	comment = wb_sv_trim(comment);
	if (comment.n < 4 || comment.n > WB_HEADING_MAX || comment.p[0] != '-' || comment.p[1] != '-')
		return;
	body = wb_sv_trim(wb_sv(comment.p + 2, comment.n - 2));
	for (size_t i = 0; i < WB_ARRAY_LEN(marks) && body.n; i++) {
		struct wb_sv rest = body;
		if (fold(body.p[0]) != marks[i].mark[0] || !wb_sv_istarts(body, marks[i].mark))
			continue;
		rest.p += strlen(marks[i].mark);
		rest.n -= strlen(marks[i].mark);
		if (marks[i].style == STYLE_MIGRATE)
			parse_migrate(h, comment, rest);
		else
			parse_marked(h, comment, i, rest);
		return;
	}
	/* Exact ones start with "----" or "-- n". */
	if ((comment.p[2] != '-' && comment.p[3] != 'n') || !find_spelling(STYLE_EXACT, comment, h))
		parse_capitals(h, comment, body);
}

bool wb_heading_is(void *unused, struct wb_sv comment)
{
	struct wb_heading h;

	(void)unused;
	wb_heading_parse(comment, &h);
	return h.action != WB_HEAD_NONE;
}

/* Only blanks between the start of its line and p? */
static bool line_starts_at(struct wb_sv text, const char *p)
{
	while (p > text.p && is_blank(p[-1]))
		p--;
	return p == text.p || p[-1] == '\n' || p[-1] == '\r';
}

bool wb_heading_maybe(struct wb_sv text)
{
	const char *end = text.p + text.n, *p = text.p;

	while (p < end && (p = memmem(p, (size_t)(end - p), "--", 2))) {
		size_t n = 2;
		while (p + n < end && p[n] != '\n' && p[n] != '\r' && n <= WB_HEADING_MAX + 1)
			n++;
		if (line_starts_at(text, p) && wb_heading_is(NULL, wb_sv(p, n)))
			return true;
		p += n;
	}
	return false;
}
