/* SPDX-License-Identifier: Apache-2.0
 *
 * What a query asks of the tables that it reads, as far as an index could help:
 * one shape for each SELECT in it. Names are as the query has them: which table a
 * column without an alias is of, the catalog has to say. A driver reads them from
 * the parse tree (query_shape()).
 */
#ifndef WB_MODEL_SHAPE_H
#define WB_MODEL_SHAPE_H

#include "base/base.h"
#include "model/operation.h"

/* How rows are looked for. */
enum wb_want {
	WB_WANT_EQUAL, /* =, IN, = ANY: a value, or one of some */
	WB_WANT_JOIN, /* = something of another table */
	WB_WANT_RANGE, /* <, >, BETWEEN */
	WB_WANT_PREFIX, /* LIKE 'x%' */
	WB_WANT_LIKE, /* LIKE '%x%', and what ignores case */
	WB_WANT_NULL,
	WB_WANT_NOT_NULL,
	WB_WANT_TRUE, /* the column itself, a truth value */
	WB_WANT_FALSE,
	WB_WANT_CONTAINS, /* @> */
	WB_WANT_KEY, /* ?, ?|, ?& */
	WB_WANT_OVERLAPS, /* && */
	WB_WANT_MATCHES /* @@ */
};

/* A column, or an expression of columns of one table. */
struct wb_shape_key {
	const char *alias; /* as the query calls the table; NULL: it does not say */
	const char *column; /* NULL: an expression */
	const char *text; /* for an index: "name", lower(name), ((data ->> 'a'::text)); no alias in it */
	const char *any_column; /* one that is in it: tells the table where the alias does not */
};
struct wb_shape_condition {
	enum wb_want ask;
	struct wb_shape_key key;
	const char *literal; /* all of it, without aliases, where nothing but constants is in it; NULL */
	bool either; /* it stands in an OR: an index on it helps, but does not suffice */
};
struct wb_shape_sort {
	struct wb_shape_key key;
	bool descending, nulls_other; /* nulls_other: not where this direction puts them by itself */
};
struct wb_shape_table {
	struct wb_name name;
	const char *alias; /* its name where it has none */
};
struct wb_shape_column {
	const char *alias, *name; /* name NULL: all of that table; alias NULL as above */
};
struct wb_shape {
	const struct wb_shape_table *tables;
	const struct wb_shape_condition *conditions; /* joined by AND */
	const struct wb_shape_sort *sorts; /* only where each key is a column or expression of a table */
	const struct wb_shape_key *groups;
	const struct wb_shape_column *columns; /* all that is named anywhere in it */
	size_t n_tables, n_conditions, n_sorts, n_groups, n_columns;
	bool limit;
};
struct wb_shapes {
	const struct wb_shape *v;
	size_t n;
};

#endif
