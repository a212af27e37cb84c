/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the comments `-- renamed from: OLD` in SQL, and what they stand beside:
 * the last name that was declared before on the same statement or line, or, for
 * a comment that stands on a line of its own, the next one. Declared are the
 * names after CREATE and RENAME TO, and the columns and constraints in CREATE
 * TABLE and ADD. Nothing is understood beyond that.
 */
#include "schema/schema.h"

#include <ctype.h>

#include "base/banned.h"

#define BIT(kind) (1ull << WB_KIND_##kind)
static const char mark[] = "renamed from:";

enum state {
	START, /* of a statement */
	BEFORE_NAME, /* CREATE or ALTER was read, and perhaps what */
	IN_NAME, /* the parts of its name */
	AFTER_NAME,
	NEXT_COLUMN, /* a column's or constraint's name comes, or a word that says which */
	NEXT_CONSTRAINT, /* its name comes */
	NEXT_NEW_NAME, /* of the object or, with part_kind, of its part, after TO */
	REST /* of an element or statement: nothing is declared here */
};

struct reading {
	struct wb_model *m;
	enum wb_dialect dialect;
	bool folds; /* names without quotes become lower case */
	const char *file;
	struct wb_error *err;
	enum state state;
	bool creates, after_dot, renames, in_list; /* in_list: of columns */
	unsigned depth;
	uint64_t kinds, part_kind; /* of the statement's object; of what RENAME names */
	struct wb_path path; /* the statement's object */
	struct wb_rename last; /* what was declared last; path.n 0: nothing */
	struct wb_path pending; /* an old name that waits for its declaration */
	unsigned pending_line, line, solid_line; /* where the last token that is no comment stands */
};

static int wrong(struct reading *r, unsigned line, const char *what)
{
	wb_err_set(r->err, WB_EINPUT, "%s", what);
	wb_err_hint(r->err,
		    "write `-- renamed from: OLD` at the end of the line that declares the new name, or above it");
	wb_err_place(r->err, r->file, line, 1);
	return WB_EINPUT;
}

/* ---- names ----------------------------------------------------------------------------- */

/* As the engine keeps it. */
static const char *take_name(struct reading *r, struct wb_token t)
{
	char *name = wb_arena_sv(&r->m->arena, t.text), *to = name;

	if (!name)
		return NULL;
	if (t.kind == WB_TOK_WORD) {
		for (; *to && r->folds; to++)
			*to = (char)tolower((unsigned char)*to);
		return name;
	}
	char close = *name == '[' ? ']' : *name;
	for (const char *p = name + 1; *p && !(p[0] == close && p[1] != close); p++) {
		*to++ = *p;
		p += p[0] == close;
	}
	*to = '\0';
	return name;
}

static bool is_name(struct wb_token t)
{
	return t.kind == WB_TOK_WORD || t.kind == WB_TOK_IDENT;
}

static bool is_word(struct wb_token t, const char *word)
{
	return t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, word);
}

static bool is_one_of(struct wb_token t, const char *const *words)
{
	for (; *words; words++)
		if (is_word(t, *words))
			return true;
	return false;
}

static bool is_dot(struct wb_token t)
{
	return t.kind == WB_TOK_OTHER && wb_sv_eq(t.text, WB_SV("."));
}

static int add_part(struct reading *r, struct wb_path *path, struct wb_token t)
{
	const char *name = take_name(r, t);

	if (!name)
		return wb_err_nomem(r->err);
	if (path->n == WB_PATH_PARTS) {
		memmove(path->parts, path->parts + 1, sizeof(path->parts) - sizeof(path->parts[0]));
		path->n--;
	}
	path->parts[path->n++] = name;
	return 0;
}

/* ---- declarations and remarks -------------------------------------------------------------- */

static int keep(struct reading *r, const struct wb_path *old)
{
	struct wb_rename rename = r->last;

	rename.old = *old;
	return wb_vec_push(&r->m->renames, rename) ? 0 : wb_err_nomem(r->err);
}

static int declared(struct reading *r, uint64_t kinds, const struct wb_path *path)
{
	struct wb_path old = r->pending;

	r->last = (struct wb_rename){ .kinds = kinds, .path = *path };
	r->pending.n = 0;
	return old.n ? keep(r, &old) : 0;
}

static int declare_part(struct reading *r, uint64_t kinds, struct wb_token t)
{
	struct wb_path path = r->path;
	int rc = add_part(r, &path, t);

	r->state = REST;
	return rc ? rc : declared(r, kinds, &path);
}

/* After RENAME: the name of the object itself, or of its part. */
static int declare_new_name(struct reading *r, struct wb_token t)
{
	struct wb_path path = r->path;

	if (r->part_kind)
		return declare_part(r, r->part_kind, t);
	path.n -= path.n > 0;
	int rc = add_part(r, &path, t);
	r->state = REST;
	return rc ? rc : declared(r, r->kinds, &path);
}

/* name.name.name, up to the end; *ret_whole is false when it is not that. */
static int take_path(struct reading *r, struct wb_sv text, struct wb_path *ret_path, bool *ret_whole)
{
	struct wb_lexer lx;
	struct wb_token t;
	bool expects = true;
	int rc = 0;

	wb_lex_init(&lx, r->dialect, text);
	for (t = wb_lex_next_solid(&lx); rc == 0 && (expects ? is_name(t) : is_dot(t)); t = wb_lex_next_solid(&lx)) {
		if (expects)
			rc = add_part(r, ret_path, t);
		expects = !expects;
	}
	*ret_whole = !expects && t.kind == WB_TOK_END;
	return rc;
}

/* The old name in a comment; none: it is another comment. */
static int take_old(struct reading *r, struct wb_sv comment, struct wb_path *ret_old)
{
	bool whole = false;
	int rc;

	comment = wb_sv(comment.p + 2, comment.n - 2);
	if (comment.p[-1] == '*' && wb_sv_ends(comment, "*/")) /* one that never ends may be just the beginning */
		comment.n -= 2;
	comment = wb_sv_trim(comment);
	if (!wb_sv_istarts(comment, mark))
		return 0;
	rc = take_path(r, wb_sv(comment.p + strlen(mark), comment.n - strlen(mark)), ret_old, &whole);
	return rc || whole ? rc : wrong(r, r->line, "this remark does not name what it was renamed from");
}

static int name_ends(struct reading *r)
{
	r->state = AFTER_NAME;
	return r->creates ? declared(r, r->kinds, &r->path) : 0;
}

static int on_comment(struct reading *r, struct wb_sv comment)
{
	struct wb_path old = { .n = 0 };
	int rc = take_old(r, comment, &old);

	if (rc || old.n == 0)
		return rc;
	/* Parts of a name stand together. */
	if (r->state == IN_NAME)
		rc = name_ends(r);
	if (rc)
		return rc;
	if (r->solid_line == r->line)
		return r->last.path.n ? keep(r, &old) : wrong(r, r->line, "this remark stands beside no declaration");
	r->pending = old;
	r->pending_line = r->line;
	return 0;
}

/* ---- statements ------------------------------------------------------------------------------- */

static void set_kind(struct reading *r, struct wb_token t)
{
	static const struct {
		const char *word;
		uint64_t kinds;
	} words[] = {
		{ "TABLE", BIT(TABLE) | BIT(FOREIGN_TABLE) | BIT(VIRTUAL_TABLE) },
		{ "VIEW", BIT(VIEW) | BIT(MATERIALIZED_VIEW) },
		{ "INDEX", BIT(INDEX) },
		{ "SEQUENCE", BIT(SEQUENCE) },
		{ "TYPE", BIT(ENUM) | BIT(COMPOSITE) | BIT(RANGE) },
		{ "DOMAIN", BIT(DOMAIN) },
		{ "SCHEMA", BIT(SCHEMA) },
		{ "COLLATION", BIT(COLLATION) },
		{ "STATISTICS", BIT(STATISTICS) },
		{ "PUBLICATION", BIT(PUBLICATION) },
		{ "SUBSCRIPTION", BIT(SUBSCRIPTION) },
		{ "SERVER", BIT(SERVER) },
		{ "WRAPPER", BIT(FOREIGN_WRAPPER) },
		{ "TRIGGER", BIT(TRIGGER) | BIT(EVENT_TRIGGER) },
		{ "POLICY", BIT(POLICY) },
		{ "RULE", BIT(RULE) },
		{ "CONVERSION", BIT(CONVERSION) },
		{ "DICTIONARY", BIT(TS_DICTIONARY) },
		{ "CONFIGURATION", BIT(TS_CONFIGURATION) },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		if (is_word(t, words[i].word))
			r->kinds = words[i].kinds;
}

static int start(struct reading *r, struct wb_token t)
{
	r->creates = is_word(t, "CREATE");
	r->kinds = r->part_kind = 0;
	r->path.n = 0;
	r->last.path.n = 0;
	r->after_dot = r->renames = r->in_list = false;
	r->depth = 0;
	r->state = r->creates || is_word(t, "ALTER") ? BEFORE_NAME : REST;
	return 0;
}

/* Words that may stand between CREATE, ALTER or ADD and a name. */
static const char *const fillers[] = { "IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY", "COLUMN", NULL };

static int before_name(struct reading *r, struct wb_token t)
{
	uint64_t before = r->kinds;

	if (!is_name(t)) {
		r->state = REST;
		return 0;
	}
	if (!before && t.kind == WB_TOK_WORD) {
		set_kind(r, t);
		return 0;
	}
	if (is_one_of(t, fillers))
		return 0;
	r->state = IN_NAME;
	return add_part(r, &r->path, t);
}

static int after_name(struct reading *r, struct wb_token t);

static int in_name(struct reading *r, struct wb_token t)
{
	if (is_dot(t) || r->after_dot) {
		r->after_dot = is_dot(t);
		return is_name(t) ? add_part(r, &r->path, t) : 0;
	}
	int rc = name_ends(r);
	return rc ? rc : after_name(r, t);
}

static bool has_columns(const struct reading *r)
{
	return r->kinds & (BIT(TABLE) | BIT(COMPOSITE));
}

/* The list of columns, ADD, or RENAME. */
static int after_name(struct reading *r, struct wb_token t)
{
	if (r->creates && has_columns(r) && t.kind == WB_TOK_OPEN && r->depth == 1) {
		r->in_list = true;
		r->state = NEXT_COLUMN;
	} else if (!r->creates && r->depth == 0 && is_word(t, "ADD"))
		r->state = NEXT_COLUMN;
	else if (!r->creates && r->depth == 0 && is_word(t, "RENAME"))
		r->renames = true;
	else if (r->renames && is_word(t, "CONSTRAINT"))
		r->part_kind = BIT(CONSTRAINT);
	else if (r->renames && is_word(t, "TO"))
		r->state = NEXT_NEW_NAME;
	else if (r->renames && is_name(t) && !r->part_kind)
		r->part_kind = BIT(COLUMN); /* RENAME [COLUMN] a TO b */
	return 0;
}

static int next_column(struct reading *r, struct wb_token t)
{
	static const char *const others[] = { "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE", NULL };

	if (is_word(t, "CONSTRAINT"))
		r->state = NEXT_CONSTRAINT;
	else if (!is_name(t) || is_one_of(t, others))
		r->state = REST;
	else if (!is_one_of(t, fillers))
		return declare_part(r, BIT(COLUMN), t);
	return 0;
}

/* The next element of a list of columns, or the next action of ALTER. */
static bool is_next(const struct reading *r, struct wb_token t)
{
	return t.kind == WB_TOK_OTHER && wb_sv_eq(t.text, WB_SV(",")) &&
	       (r->creates ? r->in_list && r->depth == 1 : r->state != START && r->path.n && r->depth == 0);
}

static int in_state(struct reading *r, struct wb_token t)
{
	switch (r->state) {
	case START:
		return start(r, t);
	case BEFORE_NAME:
		return before_name(r, t);
	case IN_NAME:
		return in_name(r, t);
	case AFTER_NAME:
		return after_name(r, t);
	case NEXT_COLUMN:
		return next_column(r, t);
	case NEXT_CONSTRAINT:
		return is_name(t) ? declare_part(r, BIT(CONSTRAINT), t) : 0;
	case NEXT_NEW_NAME:
		return is_name(t) ? declare_new_name(r, t) : 0;
	case REST:
		break;
	}
	return 0;
}

static int on_solid(struct reading *r, struct wb_token t)
{
	int rc = 0;

	if (t.kind == WB_TOK_SEMICOLON) {
		rc = r->state == IN_NAME ? name_ends(r) : 0;
		r->state = START;
		return rc;
	}
	r->depth += t.kind == WB_TOK_OPEN;
	r->depth -= t.kind == WB_TOK_CLOSE && r->depth > 0;
	if (is_next(r, t))
		r->state = r->creates ? NEXT_COLUMN : AFTER_NAME;
	else
		rc = in_state(r, t);
	r->in_list = r->in_list && r->depth > 0;
	return rc;
}

static int on_token(struct reading *r, struct wb_token t)
{
	int rc = 0;

	if (t.kind == WB_TOK_LINE_COMMENT || t.kind == WB_TOK_BLOCK_COMMENT)
		rc = on_comment(r, t.text);
	else if (t.kind != WB_TOK_SPACE)
		rc = on_solid(r, t);
	for (size_t i = 0; i < t.text.n; i++)
		r->line += t.text.p[i] == '\n';
	if (t.kind > WB_TOK_BLOCK_COMMENT)
		r->solid_line = r->line;
	return rc;
}

int wb_path_read(struct wb_model *m, const char *text, struct wb_path *ret_path, struct wb_error *err)
{
	struct reading r = { .m = m, .dialect = WB_DIALECT_POSTGRES, .err = err };
	struct wb_path path = { .n = 0 };
	bool whole = false;
	int rc = take_path(&r, wb_sv_str(text), &path, &whole);

	if (rc == 0 && !whole)
		rc = wb_err_set(err, WB_EINPUT, "%s is no object's path", text);
	if (rc == 0)
		*ret_path = path;
	return rc;
}

static bool has_mark(struct wb_sv text)
{
	for (; text.n; text.p++, text.n--)
		if ((*text.p == 'r' || *text.p == 'R') && wb_sv_istarts(text, mark))
			return true;
	return false;
}

int wb_renames_read(struct wb_model *m, enum wb_dialect dialect, struct wb_sv text, const char *file,
		    struct wb_error *err)
{
	struct reading r = {
		.m = m, .dialect = dialect, .folds = dialect == WB_DIALECT_POSTGRES, .file = file, .err = err, .line = 1
	};
	struct wb_lexer lx;
	struct wb_token t;
	int rc = 0;

	/* Most texts have none. */
	if (!has_mark(text))
		return 0;
	wb_lex_init(&lx, dialect, text);
	for (t = wb_lex_next(&lx); rc == 0 && t.kind != WB_TOK_END; t = wb_lex_next(&lx))
		rc = on_token(&r, t);
	if (rc == 0 && r.state == IN_NAME)
		rc = name_ends(&r);
	if (rc == 0 && r.pending.n)
		rc = wrong(&r, r.pending_line, "this remark stands beside no declaration");
	return rc;
}
