/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ';' ends a statement. PostgreSQL: the body of a routine between BEGIN
 * ATOMIC and its END holds statements, and CASE ends with END too. SQLite: a
 * trigger ends with "; END ;", whatever stands between (sqlite3_complete() goes
 * by the same rule).
 */
#include "sql/split.h"

static const struct {
	enum wb_stage from;
	const char *word;
	enum wb_stage to;
	int dialect; /* -1: both */
} steps[] = {
	{ WB_STAGE_START, "create", WB_STAGE_CREATE, -1 },
	{ WB_STAGE_START, "copy", WB_STAGE_COPY, WB_DIALECT_POSTGRES },
	{ WB_STAGE_CREATE, "or", WB_STAGE_OR, WB_DIALECT_POSTGRES },
	{ WB_STAGE_OR, "replace", WB_STAGE_REPLACE, WB_DIALECT_POSTGRES },
	{ WB_STAGE_CREATE, "function", WB_STAGE_ROUTINE, WB_DIALECT_POSTGRES },
	{ WB_STAGE_CREATE, "procedure", WB_STAGE_ROUTINE, WB_DIALECT_POSTGRES },
	{ WB_STAGE_REPLACE, "function", WB_STAGE_ROUTINE, WB_DIALECT_POSTGRES },
	{ WB_STAGE_REPLACE, "procedure", WB_STAGE_ROUTINE, WB_DIALECT_POSTGRES },
	{ WB_STAGE_CREATE, "temp", WB_STAGE_CREATE, WB_DIALECT_SQLITE },
	{ WB_STAGE_CREATE, "temporary", WB_STAGE_CREATE, WB_DIALECT_SQLITE },
	{ WB_STAGE_CREATE, "trigger", WB_STAGE_TRIGGER, WB_DIALECT_SQLITE },
};

void wb_body_init(struct wb_body *b, enum wb_dialect dialect)
{
	*b = (struct wb_body){ .dialect = dialect };
}

bool wb_body_is_top(const struct wb_body *b)
{
	return b->parens == 0 && b->stage != WB_STAGE_ATOMIC && b->stage != WB_STAGE_ACTIONS;
}

static enum wb_stage opening(const struct wb_body *b, const struct wb_token *t)
{
	if (t->kind == WB_TOK_WORD) {
		for (size_t i = 0; i < WB_ARRAY_LEN(steps); i++) {
			if (steps[i].from == b->stage &&
			    (steps[i].dialect < 0 || steps[i].dialect == (int)b->dialect) &&
			    wb_sv_ieq(t->text, steps[i].word))
				return steps[i].to;
		}
	}
	return WB_STAGE_PLAIN;
}

static bool is_word(const struct wb_token *t, const char *word)
{
	return t->kind == WB_TOK_WORD && wb_sv_ieq(t->text, word);
}

/* BEGIN is no reserved word: it opens a block only before ATOMIC or where a statement starts. After AS or a
 * full stop, CASE and END are names. */
static void take_routine(struct wb_body *b, const struct wb_token *t)
{
	enum wb_before before = b->before;
	b->before = WB_BEFORE_ANY;
	if (t->kind == WB_TOK_SEMICOLON) {
		b->before = WB_BEFORE_STATEMENT;
	} else if (t->kind == WB_TOK_OTHER) {
		b->before = t->text.p[0] == '.' ? WB_BEFORE_POINT : WB_BEFORE_ANY;
	} else if (t->kind != WB_TOK_WORD || before == WB_BEFORE_POINT || before == WB_BEFORE_AS) {
		return;
	} else if (wb_sv_ieq(t->text, "as")) {
		b->before = WB_BEFORE_AS;
	} else if (wb_sv_ieq(t->text, "begin")) {
		b->before = WB_BEFORE_BEGIN;
		if (b->stage == WB_STAGE_ATOMIC && before == WB_BEFORE_STATEMENT)
			b->blocks++;
	} else if (before == WB_BEFORE_BEGIN && wb_sv_ieq(t->text, "atomic")) {
		b->before = WB_BEFORE_STATEMENT;
		if (b->stage == WB_STAGE_ROUTINE) {
			b->stage = WB_STAGE_ATOMIC;
			b->blocks = 1;
		}
	} else if (b->stage == WB_STAGE_ATOMIC && wb_sv_ieq(t->text, "case")) {
		b->blocks++;
	} else if (b->stage == WB_STAGE_ATOMIC && wb_sv_ieq(t->text, "end")) {
		if (--b->blocks == 0)
			b->stage = WB_STAGE_PLAIN;
	}
}

/* True at the ';' of "; END ;". */
static bool take_actions(struct wb_body *b, const struct wb_token *t)
{
	enum wb_before before = b->before;
	b->before = WB_BEFORE_ANY;
	if (t->kind == WB_TOK_SEMICOLON) {
		b->before = WB_BEFORE_STATEMENT;
		return before == WB_BEFORE_END;
	}
	if (before == WB_BEFORE_STATEMENT && is_word(t, "end"))
		b->before = WB_BEFORE_END;
	return false;
}

static void take_parens(struct wb_body *b, enum wb_token_kind kind)
{
	if (kind == WB_TOK_OPEN)
		b->parens++;
	else if (kind == WB_TOK_CLOSE && b->parens > 0)
		b->parens--;
}

bool wb_body_take(struct wb_body *b, const struct wb_token *t)
{
	if (b->stage == WB_STAGE_ACTIONS)
		return take_actions(b, t);
	bool top = b->parens == 0;
	take_parens(b, t->kind);
	if (!top || b->stage == WB_STAGE_PLAIN)
		return t->kind == WB_TOK_SEMICOLON && top;
	if (t->kind == WB_TOK_SEMICOLON && b->stage != WB_STAGE_ATOMIC)
		return true;
	if (b->stage == WB_STAGE_ROUTINE || b->stage == WB_STAGE_ATOMIC)
		take_routine(b, t);
	else if (b->stage == WB_STAGE_TRIGGER && is_word(t, "begin"))
		b->stage = WB_STAGE_ACTIONS;
	else if (b->stage < WB_STAGE_ROUTINE)
		b->stage = opening(b, t);
	return false;
}
