/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that read operations out of a statement's tree share. Nothing
 * is checked on the way: a reading whose memory has run out is `failed`, and all
 * that is then added is lost; one test at the end decides.
 */
#ifndef WB_DRIVER_POSTGRES_READING_H
#define WB_DRIVER_POSTGRES_READING_H

#include "model/operation.h"
#include "sql/pg_tree.h"

/* A solid token. */
struct wb_piece {
	uint32_t at, n; /* bytes of the statement */
	uint16_t depth; /* parentheses open before it */
	uint8_t kind; /* enum wb_token_kind */
};

struct wb_reading {
	struct wb_sv text; /* the statement, as the tree was made of it */
	struct wb_arena *a; /* of what is given */
	WB_VEC(struct wb_operation) ops;
	WB_VEC(struct wb_piece) pieces;
	bool is_cut; /* pieces have been made */
	struct wb_operation spare; /* filled in place of one that there was no memory for */
	const char *unknown;
	bool failed;
};

typedef PgQuery__Node *const *wb_nodes;

/* As what walks take; NULL stays NULL. */
static inline const ProtobufCMessage *wb_read_any(const PgQuery__Node *node)
{
	return node ? &node->base : NULL;
}

/* ---- operations (reading.c) -------------------------------------------------------- */

/* A new one, the last; it stands where it is until the next is added. */
struct wb_operation *wb_read_add(struct wb_reading *r, enum wb_op code, enum wb_kind kind);
/* What the message's fields say that mean the same in all of them: if_not_exists, missing_ok, replace, concurrent,
 * behavior, … */
uint32_t wb_read_flags(const ProtobufCMessage *m);
/* Its field of this name, NULL or false where it has none. */
const char *wb_read_string(const ProtobufCMessage *m, const char *field);
bool wb_read_bool(const ProtobufCMessage *m, const char *field);
int wb_read_enum(const ProtobufCMessage *m, const char *field);
const ProtobufCMessage *wb_read_message(const ProtobufCMessage *m, const char *field);
wb_nodes wb_read_list(const ProtobufCMessage *m, const char *field, size_t *ret_n);
/* Whatever kind of node it is. */
const ProtobufCMessage *wb_read_inner(const PgQuery__Node *node);

/* ---- names (reading.c) ----------------------------------------------------------------- */

const char *wb_read_text(struct wb_reading *r, const char *text); /* NULL for "" */
struct wb_name wb_read_relation(struct wb_reading *r, const PgQuery__RangeVar *relation); /* may be NULL */
/* Of a string, or of what else has a name. */
const char *wb_read_name(struct wb_reading *r, const PgQuery__Node *node);
/* Of a list of strings: the last is the name, the one before the schema. */
struct wb_name wb_read_names(struct wb_reading *r, wb_nodes v, size_t n);
void wb_read_columns(struct wb_reading *r, struct wb_operation *op, wb_nodes v, size_t n);
const char *wb_read_role(struct wb_reading *r, const PgQuery__RoleSpec *role);
void wb_read_type(struct wb_reading *r, struct wb_operation *op, const PgQuery__TypeName *type);

/* ---- pieces of the text (pieces.c) ----------------------------------------------------- */

/* The first piece that does not begin before this place; pieces.n: none. */
size_t wb_piece_at(struct wb_reading *r, int32_t location);
/* The piece that ends the element which begins at i: a comma beside it, or what closes around it; pieces.n: none. */
size_t wb_piece_end(struct wb_reading *r, size_t i);
/* The first of these words (lower case, blanks between) from i and before end, as deep as i; end: none. */
size_t wb_piece_find(struct wb_reading *r, size_t i, size_t end, const char *words);
bool wb_piece_is(const struct wb_reading *r, size_t i, const char *word);
/* The text of the pieces from i and before end, NULL where there are none. */
const char *wb_piece_text(struct wb_reading *r, size_t i, size_t end);
/* The text in the parentheses that the piece i opens; NULL where it opens none. */
const char *wb_piece_inside(struct wb_reading *r, size_t i);
/* Behind the name that begins at i. */
size_t wb_piece_behind_name(struct wb_reading *r, size_t i);

/* ---- what expressions ask for (calls.c) --------------------------------------------------- */

/* Adds the functions called anywhere in it; NULL: in nothing. */
void wb_read_calls(struct wb_reading *r, struct wb_operation *op, const ProtobufCMessage *m);
/* The one table that is read anywhere in it; no name where there is none, or several. with: where to look for WITH
 * clauses, whose names are no tables; NULL: in m. */
struct wb_name wb_read_source(struct wb_reading *r, const ProtobufCMessage *m, const ProtobufCMessage *with);
struct wb_words {
	const char **v;
	size_t n, cap;
};
/* Adds the columns that an expression names, without their tables; false: there is a query in it. */
bool wb_read_named(struct wb_reading *r, const ProtobufCMessage *m, struct wb_words *out);
/* Is it the constant NULL? */
bool wb_read_is_null(const PgQuery__Node *expr);
/* The value of a constant as text; NULL: it is none. */
const char *wb_read_constant(struct wb_reading *r, const PgQuery__Node *node);

/* ---- which rows are looked at (reach.c) ----------------------------------------------------- */

/* Of rows of a table, and of those in `from`, that meet `where`. */
void wb_read_reach(struct wb_reading *r, struct wb_operation *op, bool table, wb_nodes from, size_t n_from,
		   const PgQuery__Node *where);
/* Of a query; another kind of statement tells nothing. NULL: none is read. */
void wb_read_query_reach(struct wb_reading *r, struct wb_operation *op, const PgQuery__Node *query);

/* ---- kinds of objects (objects.c) ------------------------------------------------------------ */

enum wb_kind wb_read_kind(PgQuery__ObjectType type);

/* ---- statements -------------------------------------------------------------------- */

typedef void wb_reader_fn(struct wb_reading *r, const PgQuery__Node *node);

/* Whatever statement it is. */
void wb_read_statement(struct wb_reading *r, const PgQuery__Node *node);
/* What reads a node of this kind; NULL: another file does. */
wb_reader_fn *wb_read_of_table(unsigned node_case); /* op_table.c */
wb_reader_fn *wb_read_of_object(unsigned node_case); /* op_object.c */
wb_reader_fn *wb_read_of_rows(unsigned node_case); /* op_rows.c */
wb_reader_fn wb_read_alter_table; /* op_alter.c */

/* newer.c: forms that came after the parser's grammar. */
struct wb_newer;
/* Writes them in the text as older ones of the same length; false: there are none. *ret_newer is to be released in any
 * case, NULL or not. */
bool wb_newer_rewrite(struct wb_reading *r, struct wb_newer **ret_newer);
/* Puts what they say into the operations that were read from the older ones. */
void wb_newer_apply(struct wb_reading *r, const struct wb_newer *newer);
void wb_newer_done(struct wb_newer *newer);

/* A column, and a key or check that stands beside columns; flags: WB_WITH_INLINE within CREATE TABLE (columns.c). */
void wb_read_column(struct wb_reading *r, const PgQuery__RangeVar *table, const PgQuery__ColumnDef *column,
		    uint32_t flags);
void wb_read_constraint(struct wb_reading *r, const PgQuery__RangeVar *table, const PgQuery__Constraint *key,
			uint32_t flags);

#endif
