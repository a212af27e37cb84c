/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys in the leading comments of a file, "-- Key: value", as Summit writes
 * them. The block ends at the first statement or section heading. Unknown keys
 * are reported only beside at least two known ones, so that prose with colons
 * is left alone.
 */
#include "source/internal.h"

/* depends:, which options of headings give, and Dependencies: are the same list. */
int wb_depends_add(struct wb_load *l, struct wb_sv list)
{
	static const char *const nothing[] = { "none", "n/a", "-" };
	struct wb_sv piece;
	const char *copy;

	for (size_t i = 0; i < WB_ARRAY_LEN(nothing); i++)
		if (wb_sv_ieq(list, nothing[i]))
			return 0;
	while (wb_sv_cut(&list, ',', &piece)) {
		piece = wb_sv_trim(piece);
		if (piece.n == 0)
			continue;
		copy = wb_arena_sv(&l->s->arena, piece);
		if (!copy || !wb_vec_push(&l->depends, copy))
			return wb_err_nomem(l->err);
	}
	return 0;
}

/* ---- keys ------------------------------------------------------------------ */

struct note { /* something doubtful, told only when this is a header */
	const char *what;
	struct wb_sv text;
	const char *hint; /* NULL: a key, which may be like a known one */
	unsigned line;
};

struct reading {
	struct wb_load *l;
	struct wb_migration *m;
	bool headings; /* there may be some */
	unsigned line;
	size_t known; /* keys that tell a header from prose */
	struct wb_sv depends; /* value of Dependencies */
	struct note notes[12]; /* more are not told */
	size_t n_notes;
};

typedef int (*key_fn)(struct reading *r, struct wb_sv value, void *field);

static void note(struct reading *r, const char *what, struct wb_sv text, const char *hint)
{
	if (r->n_notes < WB_ARRAY_LEN(r->notes))
		r->notes[r->n_notes++] = (struct note){ what, text, hint, r->line };
}

static int key_text(struct reading *r, struct wb_sv value, void *field)
{
	const char **text = field;

	*text = wb_arena_sv(&r->l->s->arena, value);
	return *text ? 0 : wb_err_nomem(r->l->err);
}

static int key_type(struct reading *r, struct wb_sv value, void *field)
{
	const char *type = wb_type_find(value);

	(void)field;
	if (!r->m->type)
		r->m->type = type;
	if (!type)
		note(r, "unknown type", value, "types are schema, data, security and perf");
	return 0;
}

static int key_breaking(struct reading *r, struct wb_sv value, void *field)
{
	enum wb_tri *breaking = field;

	if (wb_sv_ieq(value, "true") || wb_sv_ieq(value, "yes"))
		*breaking = WB_YES;
	else if (wb_sv_ieq(value, "false") || wb_sv_ieq(value, "no"))
		*breaking = WB_NO;
	else
		note(r, "unknown value of Breaking", value, "write Breaking: true or Breaking: false");
	return 0;
}

static int key_depends(struct reading *r, struct wb_sv value, void *field)
{
	(void)field;
	r->depends = value;
	return 0;
}

static int key_ignored(struct reading *r, struct wb_sv value, void *field)
{
	(void)r;
	(void)value;
	(void)field;
	return 0;
}

#define FIELD(name) offsetof(struct wb_mig_header, name)
static const struct {
	const char *name;
	key_fn read;
	size_t field;
	bool counts; /* tells that this is a header and no prose */
} keys[] = {
	{ "Migration", key_text, FIELD(title), true },
	{ "ID", key_text, FIELD(id), true },
	{ "Version", key_text, FIELD(schema_version), true },
	{ "Database", key_text, FIELD(database), true },
	{ "Type", key_type, 0, true },
	{ "Author", key_text, FIELD(author), true },
	{ "Created", key_text, FIELD(created), true },
	{ "Breaking", key_breaking, FIELD(breaking), true },
	{ "Dependencies", key_depends, 0, true },
	/* Common beside them, with no meaning here. */
	{ "Description", key_ignored, 0, false },
	{ "Date", key_ignored, 0, false },
	{ "Rollback", key_ignored, 0, false },
	{ "Note", key_ignored, 0, false },
	{ "Notes", key_ignored, 0, false },
};

static int read_key(struct reading *r, struct wb_sv key, struct wb_sv value)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(keys); i++) {
		if (!wb_sv_eq(key, wb_sv_str(keys[i].name)))
			continue;
		r->known += keys[i].counts;
		return value.n ? keys[i].read(r, value, (char *)&r->m->header + keys[i].field) : 0;
	}
	note(r, "unknown header key", key, NULL);
	return 0;
}

/* "Key: value" with one capitalised word before the colon? */
static bool is_key(struct wb_sv body, size_t *ret_colon)
{
	size_t n = 0;

	while (n < body.n && n < 24 && ((body.p[n] | 32) >= 'a' && (body.p[n] | 32) <= 'z'))
		n++;
	*ret_colon = n;
	return n > 1 && n < body.n && body.p[n] == ':' && body.p[0] <= 'Z' &&
	       (n + 1 == body.n || body.p[n + 1] == ' ' || body.p[n + 1] == '\t');
}

static int read_comment(struct reading *r, struct wb_sv comment)
{
	struct wb_sv body = wb_sv_trim(wb_sv(comment.p + 2, comment.n - 2));
	size_t colon;

	if (!is_key(body, &colon))
		return 0;
	return read_key(r, wb_sv(body.p, colon), wb_sv_trim(wb_sv(body.p + colon + 1, body.n - colon - 1)));
}

static const char *near_key(struct wb_sv key)
{
	const char *names[WB_ARRAY_LEN(keys)];

	for (size_t i = 0; i < WB_ARRAY_LEN(keys); i++)
		names[i] = keys[i].name;
	return wb_near(key, names, WB_ARRAY_LEN(names));
}

static int report(struct reading *r, const struct note *n)
{
	struct wb_source_problem p = { .kind = "header",
				       .version = r->m->version,
				       .file = r->m->file,
				       .line = n->line,
				       .column = 1,
				       .warning = true,
				       .code = WB_EINPUT };
	char hint[128] = "keys are Migration, ID, Version, Database, Type, Author, Created, Breaking, Dependencies";
	const char *near = n->hint ? NULL : near_key(n->text);

	if (near)
		snprintf(hint, sizeof(hint), "did you mean %s:?", near);
	return wb_problem_add(r->l, p, n->hint ? n->hint : hint, "%s '%.*s'", n->what,
			      WB_SV_ARG(wb_sv_head(n->text, 60)));
}

/* Do all items look like names of migrations? "needs the pgcrypto extension" does not. */
static bool is_list(struct wb_sv list)
{
	struct wb_sv piece;

	while (wb_sv_cut(&list, ',', &piece)) {
		piece = wb_sv_trim(piece);
		if (memchr(piece.p, ' ', piece.n))
			return false;
	}
	return true;
}

static int finish(struct reading *r)
{
	bool header = r->known >= 2;
	int rc = header || is_list(r->depends) ? wb_depends_add(r->l, r->depends) : 0;

	for (size_t i = 0; header && i < r->n_notes && rc == 0; i++)
		rc = report(r, &r->notes[i]);
	return rc;
}

/* ---- the leading comments ---------------------------------------------------- */

static unsigned lines_in(struct wb_sv text)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n' || (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'));
	return n;
}

/* One token of the lead; *ret_more is false when it ends the lead. */
static int read_token(struct reading *r, const struct wb_token *t, enum wb_lead *lead, bool *ret_more)
{
	*ret_more = true;
	switch (t->kind) {
	case WB_TOK_SPACE:
	case WB_TOK_BLOCK_COMMENT:
	case WB_TOK_SEMICOLON:
	case WB_TOK_META:
		return 0;
	case WB_TOK_LINE_COMMENT:
		if (r->headings && wb_heading_is(NULL, t->text))
			break;
		return r->m ? read_comment(r, t->text) : 0;
	default:
		break;
	}
	*ret_more = false;
	*lead = t->kind == WB_TOK_END            ? WB_LEAD_NOTHING
		: t->kind == WB_TOK_LINE_COMMENT ? WB_LEAD_HEADING
						 : WB_LEAD_STATEMENT;
	return 0;
}

int wb_header_read(struct wb_load *l, struct wb_migration *m, struct wb_sv text, bool headings, enum wb_lead *ret_lead)
{
	struct reading r = { .l = l, .m = m, .headings = headings, .line = 1 };
	struct wb_lexer lx;
	bool more = true;

	wb_lex_init(&lx, l->o->dialect, text);
	while (more) {
		struct wb_token t = wb_lex_next(&lx);
		int rc = read_token(&r, &t, ret_lead, &more);
		if (rc)
			return rc;
		r.line += lines_in(t.text);
	}
	return m ? finish(&r) : 0;
}
