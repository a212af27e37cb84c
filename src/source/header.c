/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys in the leading comments of a file, "-- Key: value", as Summit writes
 * them. The block ends at the first statement or section heading. Unknown keys
 * are reported only beside at least two known ones, so that prose with colons
 * is left alone.
 */
#include "source/internal.h"

/* depends:, which options of headings give, and Dependencies: are the same list. */
int wb_depends_add(struct wb_load *l, struct wb_migration *m, struct wb_sv list)
{
	struct wb_arena *a = &l->s->arena;
	struct wb_sv rest = list, piece;
	size_t n = m->header.n_depends, most = n + 1;
	const char **v;

	if (wb_sv_ieq(wb_sv_trim(list), "none"))
		return 0;
	for (size_t i = 0; i < list.n; i++)
		most += list.p[i] == ',';
	v = wb_arena_array(a, most, sizeof(*v));
	if (!v)
		return wb_err_nomem(l->err);
	if (n)
		memcpy(v, m->header.depends, n * sizeof(*v));
	while (wb_sv_cut(&rest, ',', &piece)) {
		piece = wb_sv_trim(piece);
		if (piece.n && !(v[n++] = wb_arena_sv(a, piece)))
			return wb_err_nomem(l->err);
	}
	m->header.depends = v;
	m->header.n_depends = n;
	return 0;
}

/* ---- keys ------------------------------------------------------------------ */

struct reading {
	struct wb_load *l;
	struct wb_migration *m;
	bool headings; /* there may be some */
	unsigned line;
	size_t known;
	struct {
		struct wb_sv key;
		unsigned line;
	} unknown[8]; /* more are not told */
	size_t n_unknown;
};

typedef int (*key_fn)(struct reading *r, struct wb_sv value, void *field);

static int warn(struct reading *r, unsigned line, const char *hint, const char *what, struct wb_sv text)
{
	struct wb_source_problem p = { .kind = "header", .version = r->m->version, .file = r->m->file, .line = line,
				       .column = 1, .warning = true, .code = WB_EINPUT };

	return wb_problem_add(r->l, p, hint, "%s '%.*s'", what, (int)(text.n > 60 ? 60 : text.n), text.p);
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
	return type ? 0 : warn(r, r->line, "types are schema, data, security and perf", "unknown type", value);
}

static int key_breaking(struct reading *r, struct wb_sv value, void *field)
{
	enum wb_tri *breaking = field;

	if (wb_sv_ieq(value, "true") || wb_sv_ieq(value, "yes"))
		*breaking = WB_YES;
	else if (wb_sv_ieq(value, "false") || wb_sv_ieq(value, "no"))
		*breaking = WB_NO;
	else
		return warn(r, r->line, "write Breaking: true or Breaking: false", "unknown value of Breaking", value);
	return 0;
}

static int key_depends(struct reading *r, struct wb_sv value, void *field)
{
	(void)field;
	return wb_depends_add(r->l, r->m, value);
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
	if (r->n_unknown < WB_ARRAY_LEN(r->unknown)) {
		r->unknown[r->n_unknown].key = key;
		r->unknown[r->n_unknown++].line = r->line;
	}
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

static int report_unknown(struct reading *r)
{
	const char *names[WB_ARRAY_LEN(keys)];
	int rc = 0;

	for (size_t i = 0; i < WB_ARRAY_LEN(keys); i++)
		names[i] = keys[i].name;
	for (size_t i = 0; r->known >= 2 && i < r->n_unknown && rc == 0; i++) {
		char hint[128] = "keys are Migration, ID, Version, Database, Type, Author, Created, Breaking, Dependencies";
		const char *near = wb_near(r->unknown[i].key, names, WB_ARRAY_LEN(names));
		if (near)
			snprintf(hint, sizeof(hint), "did you mean %s:?", near);
		rc = warn(r, r->unknown[i].line, hint, "unknown header key", r->unknown[i].key);
	}
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
	*lead = t->kind == WB_TOK_END	       ? WB_LEAD_NOTHING :
		t->kind == WB_TOK_LINE_COMMENT ? WB_LEAD_HEADING :
						 WB_LEAD_STATEMENT;
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
	return m ? report_unknown(&r) : 0;
}
