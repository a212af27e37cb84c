/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of new files, put together from templates/<template>_<part>[_<engine>].sql.in
 * with {{name}} replaced. Parts are up, down and verify; a file in one piece
 * gets headings between them. SQL that the caller brings stands in their place.
 */
#include "source/internal.h"

#include <ctype.h>

#include "template_sql.h"

/* ---- words ------------------------------------------------------------------- */

/* Words that PostgreSQL or SQLite refuses as a table's name without quotes. */
static const char *const reserved[] = {
	"add",
	"all",
	"alter",
	"analyse",
	"analyze",
	"and",
	"any",
	"array",
	"as",
	"asc",
	"asymmetric",
	"authorization",
	"autoincrement",
	"between",
	"binary",
	"both",
	"case",
	"cast",
	"check",
	"collate",
	"collation",
	"column",
	"commit",
	"concurrently",
	"constraint",
	"create",
	"cross",
	"default",
	"deferrable",
	"delete",
	"desc",
	"distinct",
	"do",
	"drop",
	"else",
	"end",
	"escape",
	"except",
	"exists",
	"false",
	"fetch",
	"for",
	"foreign",
	"freeze",
	"from",
	"full",
	"grant",
	"group",
	"having",
	"ilike",
	"in",
	"index",
	"initially",
	"inner",
	"insert",
	"intersect",
	"into",
	"is",
	"isnull",
	"join",
	"lateral",
	"leading",
	"left",
	"like",
	"limit",
	"localtime",
	"localtimestamp",
	"natural",
	"not",
	"nothing",
	"notnull",
	"null",
	"offset",
	"on",
	"only",
	"or",
	"order",
	"outer",
	"overlaps",
	"placing",
	"primary",
	"references",
	"returning",
	"right",
	"select",
	"session_user",
	"set",
	"similar",
	"some",
	"symmetric",
	"table",
	"tablesample",
	"then",
	"to",
	"trailing",
	"transaction",
	"true",
	"union",
	"unique",
	"update",
	"user",
	"using",
	"values",
	"variadic",
	"verbose",
	"when",
	"where",
	"window",
	"with",
};

static bool is_reserved(struct wb_sv word)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(reserved); i++)
		if (wb_sv_eq(word, wb_sv_str(reserved[i])))
			return true;
	return false;
}

bool wb_slug(struct wb_str *out, const char *text)
{
	bool gap = false;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (isalnum(c) || c >= 0x80) {
			if (gap && out->n)
				wb_str_addc(out, '_');
			gap = false;
			wb_str_addc(out, c < 0x80 ? (char)tolower(c) : (char)c);
		} else if (isspace(c) || strchr("-_/.", c)) {
			gap = true;
		}
	}
	return !out->failed;
}

static bool is_one_of(struct wb_sv word, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wb_sv_eq(word, wb_sv_str(words[i])))
			return true;
	return false;
}

/* The words of a description, each made a name of its own: "Add the User-Roles!" → "add the user_roles". */
static bool split_words(struct wb_str *out, const char *text)
{
	wb_autostr slug = WB_STR_INIT;
	bool ok = true;

	while (ok && *text) {
		char word[256];
		size_t n = strcspn(text, " \t\r\n");
		(void)wb_sv_copy(wb_sv(text, n), word, sizeof(word));
		wb_str_clear(&slug);
		ok = wb_slug(&slug, word);
		if (slug.n) {
			wb_str_add(out, out->n ? " " : "");
			wb_str_addsv(out, wb_str_sv(&slug));
		}
		text += n + (text[n] != '\0');
	}
	return ok && !out->failed;
}

/* The table that a description is about: "add users table", "create table users", "add email to users". */
static struct wb_sv guess_table(struct wb_sv words)
{
	static const char *const verbs[] = { "add", "create", "alter", "drop", "change", "new" };
	static const char *const toward[] = { "to", "in", "from", "on", "of" };
	static const char *const fill[] = { "the", "a", "an", "new" };
	struct wb_sv rest = words, word, before = { NULL, 0 }, guess = { NULL, 0 };
	bool table = false, wanted = false;

	if (!wb_sv_cut(&rest, ' ', &word) || !is_one_of(word, verbs, WB_ARRAY_LEN(verbs)))
		return guess;
	while (wb_sv_cut(&rest, ' ', &word)) {
		if (is_one_of(word, fill, WB_ARRAY_LEN(fill)))
			continue;
		if (table || wanted)
			return word;
		if (wb_sv_eq(word, WB_SV("table")) && before.n)
			return before;
		table = wb_sv_eq(word, WB_SV("table"));
		wanted = is_one_of(word, toward, WB_ARRAY_LEN(toward));
		before = word;
	}
	return guess;
}

#define NAME_MAX_BYTES 40 /* leaves room in PostgreSQL's 63 for what names of indexes and triggers add */

static bool set_table(struct wb_template *t)
{
	wb_autostr words = WB_STR_INIT;
	struct wb_sv name;

	if (!split_words(&words, t->o->description))
		return false;
	name = guess_table(wb_str_sv(&words));
	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		name = WB_SV("new_table");
	if (name.p[0] >= '0' && name.p[0] <= '9')
		wb_str_add(&t->name, "t_");
	wb_str_addsv(&t->name, name);
	if (is_reserved(wb_str_sv(&t->name)))
		wb_quote_ident(&t->table, wb_str_sv(&t->name));
	else
		wb_str_addsv(&t->table, wb_str_sv(&t->name));
	return !t->name.failed && !t->table.failed;
}

/* ---- values -------------------------------------------------------------------- */

/* Text of a header: one line, so that it cannot leave its comment. */
static void add_line(struct wb_str *out, const char *text)
{
	for (; *text; text++)
		wb_str_addc(out, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
}

static void add_depends(struct wb_str *out, const struct wb_new_options *o)
{
	for (size_t i = 0; i < o->n_depends; i++) {
		wb_str_add(out, i ? ", " : "");
		add_line(out, o->depends[i]);
	}
	if (o->n_depends == 0)
		wb_str_add(out, "none");
}

/* The header's further lines, only those that say something. */
static void add_extra(struct wb_str *out, const struct wb_new_options *o)
{
	if (o->type && strcmp(o->type, "schema") != 0)
		wb_str_addf(out, "\n-- Type: %s", o->type);
	if (o->breaking)
		wb_str_add(out, "\n-- Breaking: true");
	if (o->n_depends) {
		wb_str_add(out, "\n-- Dependencies: ");
		add_depends(out, o);
	}
}

static void add_author(struct wb_str *out, const struct wb_new_options *o)
{
	char user[128];

	add_line(out, o->author && o->author[0] ? o->author : wb_proc_user(user, sizeof(user)));
}

static void add_description(struct wb_str *out, const struct wb_new_options *o)
{
	add_line(out, o->description);
}

static bool add_text(struct wb_str *out, struct wb_sv key, const struct wb_template *t)
{
	char when[32], date[11], created[21];
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "table", t->table.p }, { "name", t->name.p },   { "date", date },
		{ "created", created },  { "version", t->label }, { "id", t->stem },
		{ "type", t->type },     { "engine", t->engine }, { "breaking", t->o->breaking ? "true" : "false" },
	};

	(void)wb_time_rfc3339(t->o->now_us, when, sizeof(when));
	snprintf(date, sizeof(date), "%.10s", when);
	snprintf(created, sizeof(created), "%.19sZ", when);
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		if (!wb_sv_eq(key, wb_sv_str(texts[i].key)))
			continue;
		wb_str_add(out, texts[i].text);
		return true;
	}
	return false;
}

static void add_value(struct wb_str *out, struct wb_sv key, const struct wb_template *t)
{
	static const struct {
		const char *key;
		void (*add)(struct wb_str *out, const struct wb_new_options *o);
	} lists[] = { { "description", add_description },
		      { "author", add_author },
		      { "depends", add_depends },
		      { "extra", add_extra } };

	if (add_text(out, key, t))
		return;
	for (size_t i = 0; i < WB_ARRAY_LEN(lists); i++)
		if (wb_sv_eq(key, wb_sv_str(lists[i].key)))
			lists[i].add(out, t->o);
}

static void render(struct wb_str *out, struct wb_sv text, const struct wb_template *t)
{
	const char *open, *close;

	while ((open = memmem(text.p, text.n, "{{", 2)) &&
	       (close = memmem(open, (size_t)(text.p + text.n - open), "}}", 2))) {
		wb_str_addn(out, text.p, (size_t)(open - text.p));
		add_value(out, wb_sv(open + 2, (size_t)(close - open) - 2), t);
		text = wb_sv(close + 2, (size_t)(text.p + text.n - close) - 2);
	}
	wb_str_addsv(out, text);
}

/* ---- parts ------------------------------------------------------------------------ */

static const char *find_part(const char *template_name, const char *part, const char *engine)
{
	char exact[64], common[64];

	snprintf(exact, sizeof(exact), "%s_%s_%s", template_name, part, engine);
	snprintf(common, sizeof(common), "%s_%s", template_name, part);
	for (size_t i = 0; i < WB_ARRAY_LEN(wb_templates); i++)
		if (strcmp(wb_templates[i].name, exact) == 0 || strcmp(wb_templates[i].name, common) == 0)
			return wb_templates[i].text;
	return NULL;
}

static bool is_phases(const struct wb_template *t)
{
	return strcmp(t->template_name, "phases") == 0;
}

static void add_part(struct wb_str *out, const struct wb_template *t, const char *heading, const char *part)
{
	const char *text = find_part(t->template_name, part, t->engine);

	if (!text)
		return;
	if (heading)
		wb_str_add(out, heading);
	render(out, wb_sv_str(text), t);
}

#define FRAME "-- ============================================================================\n"

static void add_verify(struct wb_str *out, const struct wb_template *t)
{
	add_part(out, t, "\n" FRAME "-- VALIDATION\n" FRAME, "verify");
}

static void add_head(struct wb_str *out, const struct wb_template *t)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(wb_templates); i++)
		if (strcmp(wb_templates[i].name, is_phases(t) ? "head_phases" : "head") == 0)
			render(out, wb_sv_str(wb_templates[i].text), t);
}

/* SQL of the caller's. What looks like a variable in it is none. */
static void add_sql(struct wb_str *out, const char *sql, const char *section, bool always)
{
	bool odd = sql && strstr(sql, "${");

	if (sql && (always || odd))
		wb_str_addf(out, "-- migrate:%s%s\n", section, odd ? " variables:off" : "");
	if (sql)
		wb_str_add(out, sql);
}

void wb_template_whole(const struct wb_template *t, struct wb_str *out)
{
	bool phases = is_phases(t);

	add_head(out, t);
	if (t->o->up) {
		add_sql(out, t->o->up, "up", true);
		wb_str_add(out, t->o->down ? "\n" : "");
		add_sql(out, t->o->down, "down", true);
		return;
	}
	add_part(out, t, phases ? NULL : "-- migrate:up\n", "up");
	add_part(out, t, phases ? "\n" FRAME "-- ROLLBACK\n" FRAME : "\n-- migrate:down\n", "down");
	add_verify(out, t);
}

void wb_template_pair(const struct wb_template *t, struct wb_str *up, struct wb_str *down)
{
	add_head(up, t);
	add_head(down, t);
	if (t->o->up) {
		add_sql(up, t->o->up, "up", false);
		add_sql(down, t->o->down, "down", false);
		return;
	}
	add_part(up, t, NULL, "up");
	add_verify(up, t);
	add_part(down, t, NULL, "down");
}

bool wb_template_init(struct wb_template *t, const struct wb_new_options *o)
{
	*t = (struct wb_template){ .o = o, .slug = WB_STR_INIT, .name = WB_STR_INIT, .table = WB_STR_INIT };
	return wb_slug(&t->slug, o->description) && set_table(t);
}

void wb_template_done(struct wb_template *t)
{
	wb_str_done(&t->slug);
	wb_str_done(&t->name);
	wb_str_done(&t->table);
}
