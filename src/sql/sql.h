/* SPDX-License-Identifier: Apache-2.0
 *
 * The sql room: reading SQL text as its engine would. One lexer with dialect
 * flags, a splitter that streams statements out of files of any size, quoting,
 * and PostgreSQL's own parser behind guards (pg_parse.h, linked only where the
 * PostgreSQL driver is).
 */
#ifndef WB_SQL_SQL_H
#define WB_SQL_SQL_H

#include "base/base.h"

enum wb_dialect { WB_DIALECT_POSTGRES, WB_DIALECT_SQLITE };

/* A place in a file. Offsets count bytes from 0, lines and columns from 1 (columns in bytes). */
struct wb_pos {
	uint64_t offset;
	unsigned line, column;
};

/* ---- tokens (lex.c) ---------------------------------------------------- */

enum wb_token_kind {
	WB_TOK_END, /* end of input */
	WB_TOK_SPACE, /* blanks and line ends */
	WB_TOK_LINE_COMMENT, /* from -- to before the line end */
	WB_TOK_BLOCK_COMMENT, /* nested where the dialect nests them */
	WB_TOK_WORD, /* unquoted identifier or keyword */
	WB_TOK_IDENT, /* quoted identifier: "x", U&"x", and for SQLite [x] and `x` */
	WB_TOK_STRING, /* '…', E'…', U&'…', B'…', X'…', $tag$…$tag$ */
	WB_TOK_NUMBER,
	WB_TOK_PARAM, /* $1, ?, ?1, :name, @name (SQLite); $1 (PostgreSQL) */
	WB_TOK_SEMICOLON,
	WB_TOK_OPEN, /* ( or [ in PostgreSQL */
	WB_TOK_CLOSE, /* ) or ] */
	WB_TOK_META, /* backslash at the start of a line outside any token, to the line end (psql) */
	WB_TOK_OTHER /* operators, commas, anything else: one byte or a run of operator bytes */
};

enum wb_token_flaw {
	WB_FLAW_NONE,
	WB_FLAW_UNTERMINATED_STRING,
	WB_FLAW_UNTERMINATED_IDENT,
	WB_FLAW_UNTERMINATED_COMMENT,
	WB_FLAW_UNTERMINATED_DOLLAR,
	WB_FLAW_NUL_BYTE
};

struct wb_token {
	enum wb_token_kind kind;
	enum wb_token_flaw flaw;
	struct wb_sv text;
};

struct wb_lexer {
	enum wb_dialect dialect;
	const char *p, *end; /* next byte; end of what is there */
	bool at_line_start; /* only blanks since the last line end (or the start) */
	bool hungry; /* the last token could be another one if more bytes stood past end */
};

void wb_lex_init(struct wb_lexer *lx, enum wb_dialect dialect, struct wb_sv text);
/* Next token. Every byte belongs to exactly one token, so the texts of all tokens
 * joined are the input; never fails: what cannot be read is a token with a flaw
 * that reaches to the end. */
struct wb_token wb_lex_next(struct wb_lexer *lx);
/* Next token that is neither space nor comment. */
struct wb_token wb_lex_next_solid(struct wb_lexer *lx);

/* ---- looking at one statement (head.c) ------------------------------------ */

#define WB_HEAD_WORDS 8
/* The first words of a statement in upper case, comments skipped; stops at the first
 * token that is no word. words[i] is "" past the end; words longer than 31 bytes are cut. */
struct wb_head {
	char words[WB_HEAD_WORDS][32];
	int n;
};
void wb_sql_head(enum wb_dialect dialect, struct wb_sv statement, struct wb_head *ret_head);
/* True when the solid tokens of the statement contain this unquoted word (any case), outside strings. */
bool wb_sql_has_word(enum wb_dialect dialect, struct wb_sv statement, const char *word);
/* COPY … FROM STDIN (PostgreSQL): data follows in the file. */
bool wb_sql_is_copy_from_stdin(struct wb_sv statement);

/* ---- statements out of a stream (split.c) --------------------------------- */

enum wb_item_kind {
	WB_ITEM_END,
	WB_ITEM_STATEMENT, /* text without the final ';' and without blanks and comments around it */
	WB_ITEM_COPY_DATA, /* raw bytes of COPY data, in chunks, without the final \. line */
	WB_ITEM_COPY_END, /* the \. line was read */
	WB_ITEM_HEADING /* a top-level line comment that the callback called a heading; text starts at the -- */
};

struct wb_item {
	enum wb_item_kind kind;
	struct wb_sv text; /* lives until the next call */
	struct wb_pos pos, end; /* first byte of text; byte after the item (past its ';' or line end) */
	bool terminated; /* a statement that ended with ';' rather than with the input or a heading */
};

/* Fills buf with up to cap bytes; *ret_n = 0 means end of input. */
typedef int (*wb_read_fn)(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err);
/* Is this top-level line comment (text from the -- to before the line end) a heading? A heading
 * ends an unterminated statement before it. Called for each top-level line comment that stands alone
 * on its line (only blanks before it), inside or between statements, but never inside parentheses,
 * strings or trigger bodies. */
typedef bool (*wb_heading_fn)(void *user, struct wb_sv comment);

struct wb_split_options {
	enum wb_dialect dialect;
	wb_read_fn read;
	void *read_user;
	wb_heading_fn heading; /* may be NULL */
	void *heading_user;
	struct wb_pos start; /* place of the first byte; zero = start of the file, where a BOM is skipped */
	const char *file; /* for errors; may be NULL */
	size_t max_statement; /* bytes; 0 = 256 MiB */
};

struct wb_splitter;
int wb_split_new(const struct wb_split_options *o, struct wb_splitter **ret_splitter, struct wb_error *err) WB_MUST_USE;
/* The next item; WB_ITEM_END for ever after the last. Errors (WB_EINPUT) carry file, line, column, excerpt:
 * unterminated string, identifier, comment, dollar quote; NUL byte; invalid UTF-8; statement too long;
 * psql meta-command other than \restrict and \unrestrict (these two are skipped); COPY data without "\."
 * or on the line of its statement.
 * After an error only wb_split_free() may be called. */
int wb_split_next(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err) WB_MUST_USE;
void wb_split_free(struct wb_splitter *s);

/* A reader over memory for wb_split_options.read. */
struct wb_mem_reader {
	struct wb_sv rest;
};
int wb_mem_read(void *mem_reader, char *buf, size_t cap, size_t *ret_n, struct wb_error *err);

/* Fills line, column and excerpt of err from a statement that starts at pos and a byte offset inside it. */
void wb_sql_error_place(struct wb_error *err, const char *file, struct wb_pos pos, struct wb_sv statement,
			size_t offset);

/* ---- pieces of a table (piece.c) -------------------------------------------- */

#define WB_PIECE_KEYS_MAX 16
/* How many keys whimbrel_batch(KEY, …) has in the statement; 0 where it does not stand there, or not alike. */
size_t wb_sql_piece_keys(enum wb_dialect dialect, struct wb_sv statement);
/* Appends the statement for the rows with keys after `from` (literals joined by commas; NULL: from the start) up to
 * `to`; to NULL: for those whose key is NULL. */
void wb_sql_piece(enum wb_dialect dialect, struct wb_sv statement, const char *from, const char *to,
		  struct wb_str *out);
/* Puts in its place, as long as it was, something that every engine can read, and that is true of no row. */
void wb_sql_piece_blank(enum wb_dialect dialect, char *statement, size_t n);

/* ---- quoting (quote.c) ----------------------------------------------------- */

/* Appends "name" with quotes doubled: always quoted, valid in both dialects. */
void wb_quote_ident(struct wb_str *out, struct wb_sv name);
/* The same, but as it is where neither engine would take it for something else: for people. */
void wb_quote_where_needed(struct wb_str *out, const char *name);
/* The token's text; of a quoted identifier that only letters, digits and _ are in, what is between the quotes. */
struct wb_sv wb_token_bare(struct wb_token t);
/* Appends 'text' with quotes doubled; a backslash makes it E'…' in PostgreSQL. */
void wb_quote_literal(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text);

#endif
