/* SPDX-License-Identifier: Apache-2.0
 *
 * The statements of one migration in one direction, looked at before anything
 * runs: which may not stand there, which commit together, which refuse a
 * transaction. Small files keep their texts for the executor; large ones are
 * streamed a second time.
 */
#include "script.h"

#include "trash.h"
#include "undo.h"

#define KEEP_FILE_MAX (256u << 10)

/* ---- reading ------------------------------------------------------------------ */

int wb_script_open(const struct wb_target *t, const struct wb_script *s, struct wb_script_reader **ret,
		   struct wb_error *err)
{
	struct wb_script_reader *r = calloc(1, sizeof(*r));
	if (!r)
		return wb_err_nomem(err);
	r->script = s;
	int rc = 0;
	if (!s->kept && s->migration) {
		struct wb_stmt_options o = { .dialect = t->driver->dialect,
					     .variables = t->variables,
					     .n_variables = t->n_variables,
					     .variables_default = t->variables_on };
		rc = wb_statements_open(s->migration, s->sections, &o, &r->statements, err);
	} else if (!s->kept) {
		r->reader.rest = s->text;
		struct wb_split_options o = {
			.dialect = t->driver->dialect, .read = wb_mem_read, .read_user = &r->reader, .file = s->file
		};
		rc = wb_split_new(&o, &r->splitter, err);
	}
	if (rc < 0) {
		wb_script_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

/* A backfill by rules holds no statement: its section line stands for what it does. */
static bool by_rules(const struct wb_section *s)
{
	return s->backfill && s->backfill->rules;
}

/* The next such section before the one that the item at hand is from. */
static bool pass_rules(struct wb_script_reader *r, struct wb_item *ret_item)
{
	const struct wb_migration *m = r->script->migration;
	size_t end = r->ahead_section ? (size_t)(r->ahead_section - m->sections) : m->n_sections;
	while (r->passed < end) {
		const struct wb_section *s = &m->sections[r->passed++];
		if (!by_rules(s) || !(r->script->sections & 1u << s->kind))
			continue;
		struct wb_pos pos = { s->heading, s->heading_line, 1 };
		r->section = s;
		*ret_item = (struct wb_item){
			.kind = WB_ITEM_STATEMENT, .text = wb_sv_str(s->backfill->heading), .pos = pos, .end = s->start
		};
		return true;
	}
	return false;
}

static int next_of_file(struct wb_script_reader *r, struct wb_item *ret_item, struct wb_error *err)
{
	if (!r->has_ahead) {
		r->ahead_section = NULL;
		int rc = wb_statements_next(r->statements, &r->ahead, &r->ahead_section, err);
		if (rc < 0)
			return rc;
		r->has_ahead = true;
	}
	if (pass_rules(r, ret_item))
		return 0;
	r->has_ahead = false;
	if (r->ahead_section)
		r->section = r->ahead_section;
	*ret_item = r->ahead;
	return 0;
}

int wb_script_next(struct wb_script_reader *r, struct wb_item *ret_item, struct wb_error *err)
{
	if (r->statements)
		return next_of_file(r, ret_item, err);
	if (r->splitter)
		return wb_split_next(r->splitter, ret_item, err);
	*ret_item = (struct wb_item){ .kind = WB_ITEM_END };
	if (r->next < r->script->n) {
		const struct wb_stmt *st = &r->script->stmts[r->next++];
		*ret_item =
			(struct wb_item){ .kind = WB_ITEM_STATEMENT, .text = st->text, .pos = st->pos, .end = st->pos };
	}
	return 0;
}

void wb_script_close(struct wb_script_reader *r)
{
	if (!r)
		return;
	wb_statements_close(r->statements);
	wb_split_free(r->splitter);
	free(r);
}

void wb_script_place(const struct wb_script *s, struct wb_pos pos, struct wb_sv statement, size_t offset,
		     struct wb_error *err)
{
	wb_sql_error_place(err, s->file, pos, statement, offset == SIZE_MAX ? 0 : offset);
}

const struct wb_chunk *wb_script_chunk(const struct wb_script *s, int64_t ordinal)
{
	size_t i = 0;
	while (i + 1 < s->n_chunks && ordinal > s->chunks[i].last)
		i++;
	return &s->chunks[i];
}

int wb_script_plain(const struct wb_target *t, const struct wb_chunk *c, struct wb_arena *a, struct wb_item *item,
		    struct wb_error *err)
{
	if (!c->backfill)
		return 0;
	char *text = wb_arena_sv(a, item->text);
	if (!text)
		return wb_err_nomem(err);
	wb_sql_piece_blank(t->driver->dialect, text, item->text.n);
	item->text = wb_sv(text, item->text.n);
	return 0;
}

/* ---- looking ------------------------------------------------------------------- */

struct scan {
	const struct wb_target *t;
	struct wb_script *s;
	const struct wb_script_options *o;
	WB_VEC(struct wb_stmt) stmts;
	WB_VEC(struct wb_chunk) chunks;
	WB_VEC(struct wb_session_stmt) session;
	WB_VEC(struct wb_trash_mark) marks;
	bool trash; /* what statements take away is set aside */
	bool each; /* the current section commits each statement */
	const struct wb_section *section;
	struct wb_error *err;
};

static int refuse(struct scan *sc, int code, const struct wb_item *item, const char *message, const char *hint)
{
	wb_err_set(sc->err, code, "%s", message);
	wb_script_place(sc->s, item->pos, item->text, 0, sc->err);
	wb_err_hint(sc->err, "%s", hint);
	if (sc->err)
		sc->err->statement = (unsigned)sc->s->n;
	return code;
}

/* Tables of the journal: a migration that changed them could make its own record lie. */
static bool is_journal_table(struct wb_sv rest)
{
	static const char *const tables[] = { "meta",
					      "whimbrel_meta",
					      "schema_migrations",
					      "migration_steps",
					      "migration_runs",
					      "migration_history",
					      "migration_locks",
					      "migration_dependencies",
					      "schema_versions",
					      "schema_snapshots",
					      "schema_drift_alerts",
					      "statement_timings",
					      "migration_trash" };
	for (size_t i = 0; i < WB_ARRAY_LEN(tables); i++) {
		if (wb_sv_ieq(rest, tables[i]))
			return true;
	}
	return false;
}

static struct wb_sv unquoted(struct wb_token tok)
{
	if (tok.kind == WB_TOK_IDENT && tok.text.n >= 2)
		return wb_sv(tok.text.p + 1, tok.text.n - 2);
	return tok.text;
}

/* Most statements do not hold the word at all, and need not be taken apart. Case does not matter to the engines. */
static bool mentions(struct wb_sv text, const char *word, size_t n)
{
	for (; text.n >= n; text.p++, text.n--) {
		if ((*text.p | 0x20) == (*word | 0x20) && wb_sv_istarts(text, word))
			return true;
	}
	return false;
}

/* whimbrel_meta, or as in PostgreSQL whimbrel.schema_migrations; where the schema itself is meant, its name alone. */
static bool names_journal(const struct wb_target *t, struct wb_sv text, bool about_schema)
{
	const char *schema = t->journal_schema;
	size_t n = strlen(schema);
	struct wb_sv before = { 0 }, dot = { 0 }; /* the two tokens in front */
	struct wb_lexer lx;
	if (!mentions(text, schema, n))
		return false;
	wb_lex_init(&lx, t->driver->dialect, text);
	for (struct wb_token tok = wb_lex_next_solid(&lx); tok.kind != WB_TOK_END; tok = wb_lex_next_solid(&lx)) {
		struct wb_sv name = unquoted(tok);
		bool is_name = tok.kind == WB_TOK_WORD || tok.kind == WB_TOK_IDENT;
		bool in_schema = wb_sv_eq(dot, WB_SV(".")) && wb_sv_ieq(before, schema);
		if (is_name && ((about_schema && wb_sv_ieq(name, schema)) || (in_schema && is_journal_table(name))))
			return true;
		if (is_name && name.n > n + 1 && wb_sv_istarts(name, schema) && name.p[n] == '_' &&
		    is_journal_table(wb_sv(name.p + n + 1, name.n - n - 1)))
			return true;
		before = dot;
		dot = name;
	}
	return false;
}

static int check_allowed(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	if (info->transaction_control)
		return refuse(sc, WB_EINPUT, item, "a migration may not begin or end transactions itself",
			      "remove the line: Whimbrel opens one transaction per file; where statements must commit "
			      "one by one, "
			      "write `-- migrate:up transaction:false` on the section line");
	if (info->forbidden)
		return refuse(sc, WB_EINPUT, item, info->forbidden,
			      "remove the statement, or run it by hand outside migrations");
	bool about_schema = !strcmp(info->command, "DROP SCHEMA") || !strcmp(info->command, "ALTER SCHEMA");
	if (names_journal(sc->t, item->text, about_schema))
		return refuse(sc, WB_EINPUT, item, "a migration may not touch Whimbrel's own journal",
			      "use `whimbrel repair`, `baseline` or `resume` to correct what is recorded");
	return 0;
}

static struct wb_chunk *last_chunk(struct scan *sc)
{
	return sc->chunks.n ? &sc->chunks.v[sc->chunks.n - 1] : NULL;
}

/* Does this statement need a chunk of its own, outside transactions? */
static bool runs_outside(const struct scan *sc, const struct wb_stmt_info *info)
{
	if (info->tx == WB_TX_OUTSIDE && (info->rebuilds_table || (info->ends_rebuild && sc->s->rebuilds_table)))
		return false; /* foreign keys are switched around the whole migration; inside, the statement does
				 nothing */
	return info->tx == WB_TX_NEVER || info->tx == WB_TX_OUTSIDE || (info->tx == WB_TX_MAYBE && sc->each);
}

static int add_to_chunks(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	const struct wb_backfill *backfill = sc->section ? sc->section->backfill : NULL;
	bool outside = backfill || runs_outside(sc, info);
	if (backfill && sc->o->mode == WB_TRANSACTION_ALL)
		return refuse(sc, WB_EREFUSED, item,
			      "a backfill in batches commits each of them, so `--transaction all` is impossible",
			      "leave out `--transaction all`, or move the section to a migration of its own and stop "
			      "before it with --to");
	if (outside && sc->o->mode == WB_TRANSACTION_ALL)
		return refuse(sc, WB_EREFUSED, item,
			      "this statement cannot run in a transaction, so `--transaction all` is impossible",
			      "leave out `--transaction all`, or move the statement to a migration of its own and stop "
			      "before it with --to");
	struct wb_chunk *last = last_chunk(sc);
	if (last && last->backfill == backfill &&
	    (backfill || (!outside && last->transactional && last->each == sc->each))) {
		last->last = sc->s->n;
		return 0;
	}
	struct wb_chunk c = { .first = sc->s->n,
			      .last = sc->s->n,
			      .transactional = !outside,
			      .each = !outside && sc->each,
			      .kind = backfill  ? "backfill"
				      : outside ? info->step_kind
						: "sql",
			      .backfill = backfill,
			      .line = item->pos.line,
			      .column = item->pos.column };
	return wb_vec_push(&sc->chunks, c) ? 0 : wb_err_nomem(sc->err);
}

static int keep(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	if (!sc->s->kept)
		return 0;
	size_t n = item->text.n + sizeof(struct wb_stmt);
	if (info->copy_in || (sc->o->keep_budget && *sc->o->keep_budget < n)) {
		sc->s->kept = false; /* the rest will be streamed; what was kept stays unused */
		return 0;
	}
	if (sc->o->keep_budget)
		*sc->o->keep_budget -= n;
	char *text = wb_arena_sv(&sc->s->arena, item->text);
	struct wb_stmt st = { .text = wb_sv(text, item->text.n), .pos = item->pos, .info = *info };
	return text && wb_vec_push(&sc->stmts, st) ? 0 : wb_err_nomem(sc->err);
}

static int note_session(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	char *text = info->changes_session ? wb_arena_sv(&sc->s->arena, item->text) : NULL;
	struct wb_session_stmt st = { .ordinal = sc->s->n,
				      .text = wb_sv(text, item->text.n),
				      .outside = runs_outside(sc, info) };
	if (!info->changes_session)
		return 0;
	return text && wb_vec_push(&sc->session, st) ? 0 : wb_err_nomem(sc->err);
}

static int mark(struct scan *sc, const struct wb_item *item)
{
	struct wb_trash_mark m = { .ordinal = sc->s->n, .step = sc->s->undo ? sc->s->undo->draft.steps.n : 0 };
	bool sets_aside = false;
	int rc = sc->trash ? wb_trash_sees(sc->t, item->text, sc->o->inferred, &sets_aside, sc->err) : 0;
	if (rc < 0 || !sets_aside)
		return rc;
	sc->s->alters_alone |= sc->t->trash; /* one after the other, each with what it takes */
	return wb_vec_push(&sc->marks, m) ? 0 : wb_err_nomem(sc->err);
}

/* Of "a,b". */
static size_t count_keys(const char *key)
{
	size_t n = 1;
	for (; *key; key++)
		n += *key == ',';
	return n;
}

/* What a batch of a backfill may do: anything that can commit with others, and knows which rows it is about. */
static int check_backfill(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	if (by_rules(sc->section))
		return 0;
	if (info->changes_session || info->copy_in || info->rebuilds_table || runs_outside(sc, info))
		return refuse(sc, WB_EINPUT, item, "this statement cannot run in batches",
			      "put it into a section before or after the backfill");
	if (wb_sql_piece_keys(sc->t->driver->dialect, item->text) != count_keys(sc->section->backfill->key))
		return refuse(sc, WB_EINPUT, item, "the statement does not say which rows a batch is about",
			      "add the condition whimbrel_batch(KEY), with all columns of the key as they are called "
			      "there: `UPDATE orders SET total = ... WHERE whimbrel_batch(id)`");
	return 0;
}

/* What batches have changed stays; a SET in the same file would hold for none of them. */
static int scan_backfill(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	int rc = check_backfill(sc, item, info);
	if (rc == 0 && sc->session.n)
		rc = refuse(sc, WB_EINPUT, item, "what the file has SET before does not hold in batches",
			    "put the backfill into a migration of its own, with names as schema.table");
	if (rc == 0 && sc->s->undo)
		rc = wb_script_undo_blind(sc->s->undo, item->text, item->pos, "changes rows in batches", sc->err);
	return rc;
}

static int scan_effects(struct scan *sc, const struct wb_item *item, const struct wb_stmt_info *info)
{
	if (sc->section && sc->section->backfill)
		return scan_backfill(sc, item, info);
	int rc = mark(sc, item);
	if (rc == 0 && sc->s->undo)
		rc = wb_script_undo_see(sc->t, sc->s->undo, item->text, item->pos, sc->err);
	return rc;
}

static int scan_statement(struct scan *sc, const struct wb_item *item)
{
	struct wb_stmt_info info = { 0 };
	sc->t->driver->classify(item->text, &info);
	sc->s->n++;
	sc->s->bytes += (int64_t)item->text.n;
	sc->s->has_copy |= info.copy_in;
	sc->s->rebuilds_table |= info.rebuilds_table;
	sc->s->alters |= info.alters;
	sc->s->may_rebuild |= info.may_rebuild;
	sc->s->changes_session |= info.changes_session;
	int rc = check_allowed(sc, item, &info);
	if (rc == 0)
		rc = scan_effects(sc, item, &info);
	if (rc == 0)
		rc = add_to_chunks(sc, item, &info);
	if (rc == 0)
		rc = note_session(sc, item, &info);
	return rc < 0 ? rc : keep(sc, item, &info);
}

static void enter_section(struct scan *sc, const struct wb_section *section)
{
	if (section == sc->section)
		return;
	sc->section = section;
	sc->each = sc->o->mode == WB_TRANSACTION_NONE ||
		   (sc->o->mode == WB_TRANSACTION_FILE && section && section->options.transaction == WB_NO);
	if (section && section->options.lock_timeout_ms >= 0)
		sc->s->lock_timeout_ms = section->options.lock_timeout_ms;
	if (section && section->options.timeout_ms >= 0)
		sc->s->timeout_ms = section->options.timeout_ms;
}

static int scan_all(struct scan *sc)
{
	struct wb_script_reader *r = NULL;
	bool wanted = sc->s->kept;
	sc->s->kept = false; /* so that the reader streams */
	int rc = wb_script_open(sc->t, sc->s, &r, sc->err);
	sc->s->kept = wanted;
	while (rc == 0) {
		struct wb_item item;
		rc = wb_script_next(r, &item, sc->err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		enter_section(sc, r->section);
		if (item.kind == WB_ITEM_STATEMENT)
			rc = scan_statement(sc, &item);
		else if (item.kind == WB_ITEM_COPY_DATA)
			sc->s->bytes += (int64_t)item.text.n;
	}
	wb_script_close(r);
	return rc;
}

static int finish(struct scan *sc)
{
	struct wb_script *s = sc->s;
	s->stmts = wb_arena_array(&s->arena, sc->stmts.n + 1, sizeof(*s->stmts));
	s->chunks = wb_arena_array(&s->arena, sc->chunks.n + 1, sizeof(*s->chunks));
	s->session = wb_arena_array(&s->arena, sc->session.n + 1, sizeof(*s->session));
	s->trash = wb_arena_array(&s->arena, sc->marks.n + 1, sizeof(*s->trash));
	if (!s->stmts || !s->chunks || !s->session || !s->trash)
		return wb_err_nomem(sc->err);
	if (sc->marks.n)
		memcpy(s->trash, sc->marks.v, sc->marks.n * sizeof(*s->trash));
	s->n_trash = sc->marks.n;
	if (sc->session.n)
		memcpy(s->session, sc->session.v, sc->session.n * sizeof(*s->session));
	s->n_session = sc->session.n;
	if (s->kept && sc->stmts.n)
		memcpy(s->stmts, sc->stmts.v, sc->stmts.n * sizeof(*s->stmts));
	if (sc->chunks.n)
		memcpy(s->chunks, sc->chunks.v, sc->chunks.n * sizeof(*s->chunks));
	s->n_chunks = sc->chunks.n;
	if (s->undo && wb_script_undo_finish(s->undo, sc->err) < 0)
		return WB_ENOMEM;
	s->one_transaction = s->n_chunks == 0 || (s->n_chunks == 1 && s->chunks[0].transactional && !s->chunks[0].each);
	/* What is committed step by step cannot be begun anew when a table turns out to need it. */
	s->rebuilds_table |= s->may_rebuild && !s->one_transaction;
	return 0;
}

static int make(const struct wb_target *t, struct wb_script *s, const struct wb_script_options *o,
		struct wb_script **ret_script, struct wb_error *err)
{
	struct scan sc = { .t = t, .s = s, .o = o, .err = err };
	/* Not what is taken back, which was made by the migration itself: but columns have got values since. */
	bool up = o->undo && s->migration && s->sections == WB_UP_SECTIONS;
	sc.trash = t->driver->operations && ((t->trash && up) || o->inferred);
	s->lock_timeout_ms = s->timeout_ms = -1;
	s->kept = !s->migration || s->migration->size <= KEEP_FILE_MAX;
	/* Text that is no file has no section line: what the mode says holds for all of it. */
	sc.each = o->mode == WB_TRANSACTION_NONE || (o->mode == WB_TRANSACTION_FILE && o->each);
	int rc = scan_all(&sc);
	if (rc == 0)
		rc = finish(&sc);
	wb_vec_done(&sc.stmts);
	wb_vec_done(&sc.chunks);
	wb_vec_done(&sc.session);
	wb_vec_done(&sc.marks);
	if (rc < 0) {
		wb_script_free(s);
		return rc;
	}
	*ret_script = s;
	return 0;
}

/* A small file is read once: what is run and what is recorded come from the same bytes. */
static int hold_text(struct wb_script *s, const struct wb_migration *m, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	s->migration = m;
	if (m->memory || m->size > KEEP_FILE_MAX)
		return 0;
	int rc = wb_migration_text(m, KEEP_FILE_MAX, &text, err);
	if (rc == 0 && memchr(text.p, 0, text.n))
		return 0; /* the splitter says where; a text in memory would end there */
	struct wb_migration *copy = rc < 0 ? NULL : wb_arena_alloc(&s->arena, sizeof(*copy));
	char *held = copy ? wb_arena_sv(&s->arena, wb_str_sv(&text)) : NULL;
	if (!held)
		return rc < 0 ? rc : wb_err_nomem(err);
	*copy = *m;
	copy->memory = held;
	copy->size = text.n;
	s->migration = copy;
	return 0;
}

int wb_script_of_migration(const struct wb_target *t, const struct wb_migration *m, unsigned sections,
			   const struct wb_script_options *o, struct wb_script **ret_script, struct wb_error *err)
{
	struct wb_script *s = calloc(1, sizeof(*s));
	if (!s)
		return wb_err_nomem(err);
	s->sections = sections;
	s->file = sections == 1u << WB_SEC_DOWN && m->down_file ? m->down_file : m->file;
	int rc = hold_text(s, m, err);
	bool undo = o->undo && !t->undo_off && !m->has_down && m->kind == WB_MIG_VERSIONED && t->driver->operations;
	if (rc == 0 && undo && !(s->undo = wb_script_undo_new(t->driver->dialect)))
		rc = wb_err_nomem(err);
	if (rc < 0) {
		wb_script_free(s);
		return rc;
	}
	if (s->undo)
		s->undo->draft.trash = t->trash;
	return make(t, s, o, ret_script, err);
}

int wb_script_of_text(const struct wb_target *t, const char *name, struct wb_sv text, const struct wb_script_options *o,
		      struct wb_script **ret_script, struct wb_error *err)
{
	struct wb_script *s = calloc(1, sizeof(*s));
	if (!s)
		return wb_err_nomem(err);
	char *copy = wb_arena_sv(&s->arena, text);
	s->file = wb_arena_str(&s->arena, name);
	if (!copy || !s->file) {
		wb_script_free(s);
		return wb_err_nomem(err);
	}
	s->text = wb_sv(copy, text.n);
	return make(t, s, o, ret_script, err);
}

void wb_script_free(struct wb_script *s)
{
	if (!s)
		return;
	wb_script_undo_free(s->undo);
	wb_arena_done(&s->arena);
	free(s);
}
