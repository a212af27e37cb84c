/* SPDX-License-Identifier: Apache-2.0
 *
 * What queries ask of their tables: by PostgreSQL's parse tree, and by the words
 * alone; and the candidates that come of it.
 */
#include "tests/unit/driver_pg/tests.h"

#include "bench/advise.h"
#include "driver/postgres/postgres.h"

static const char *const asks[] = {
	[WB_WANT_EQUAL] = "=",     [WB_WANT_JOIN] = "join",   [WB_WANT_RANGE] = "range",   [WB_WANT_PREFIX] = "like",
	[WB_WANT_LIKE] = "~",      [WB_WANT_NULL] = "null",   [WB_WANT_NOT_NULL] = "some", [WB_WANT_TRUE] = "true",
	[WB_WANT_FALSE] = "false", [WB_WANT_CONTAINS] = "@>", [WB_WANT_KEY] = "?",         [WB_WANT_OVERLAPS] = "&&",
	[WB_WANT_MATCHES] = "@@",
};

/* orders o: customer = ; at range! | at- | limit. '!': the text tells its value; '|' before it: one of an OR. */
static void show(const struct wb_shapes *all, struct wb_str *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct wb_shape *s = &all->v[i];
		wb_str_add(out, i ? "\n" : "");
		for (size_t k = 0; k < s->n_tables; k++)
			wb_str_addf(out, "%s%s", k ? " " : "", s->tables[k].name.name);
		wb_str_add(out, ":");
		for (size_t k = 0; k < s->n_conditions; k++) {
			const struct wb_shape_condition *c = &s->conditions[k];
			wb_str_addf(out, " %s%s%s%s %s%s;", c->either ? "|" : "", c->key.alias ? c->key.alias : "",
				    c->key.alias ? "." : "", c->key.text, asks[c->ask], c->literal ? "!" : "");
		}
		for (size_t k = 0; k < s->n_groups; k++)
			wb_str_addf(out, " group %s;", s->groups[k].text);
		for (size_t k = 0; k < s->n_sorts; k++)
			wb_str_addf(out, " order %s%s;", s->sorts[k].key.text, s->sorts[k].descending ? "-" : "");
		wb_str_add(out, s->limit ? " limit" : "");
	}
}

static const struct {
	const char *query, *shape;
	bool tree_only; /* more than words tell */
} queries[] = {
	{ "SELECT * FROM orders WHERE customer = $1 ORDER BY at DESC LIMIT 5", "orders: customer =; order at-; limit",
	  false },
	{ "SELECT o.id FROM app.orders AS o JOIN lines l ON l.order_id = o.id WHERE o.state = 'open' AND l.qty >= 3",
	  "orders lines: l.order_id join; o.id join; o.state =!; l.qty range!;", false },
	{ "SELECT * FROM t WHERE a IN (1, 2) AND b BETWEEN 1 AND 2 AND c IS NULL AND d IS NOT NULL",
	  "t: a =!; b range!; c null!; d some!;", false },
	{ "SELECT * FROM t WHERE a = 1 OR (b = 2 AND c > 3)", "t: |a =!; |b =!; |c range!;", false },
	{ "SELECT * FROM t WHERE lower(name) = 'x' AND name LIKE 'ab%' AND note LIKE '%x'",
	  "t: lower(name) =!; name like!; note ~!;", false },
	{ "SELECT region, count(*) FROM t GROUP BY region", "t: group region;", false },
	{ "SELECT max(at) FROM t WHERE a = $1", "t: a =; order at;", false },
	{ "SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)", "a:\nb: b.a_id join; a.id join;",
	  false },
	{ "SELECT * FROM t WHERE doc @> '{}' AND doc ? 'k' AND tags && ARRAY[1] AND v @@ to_tsquery('x')",
	  "t: doc @>!; doc ?!; tags &&!; v @@!;", true },
	{ "SELECT * FROM t WHERE doc ->> 'k' = 'v' AND NOT done AND flag AND late IS TRUE",
	  "t: (doc ->> 'k') =!; done false; flag true; late true;", true },
	{ "SELECT t.x AS y FROM t ORDER BY y, 1", "t: order x; order x;", true },
	{ "UPDATE t SET x = 1 WHERE k = $1", "t: k =;", true },
	{ "WITH w AS (SELECT * FROM t WHERE a = 1) SELECT * FROM w JOIN u USING (id)", "w u: \"id\" join;\nt: a =!;",
	  true },
	{ "not a query at all", "", true },
};

static void tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(queries); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		wb_autostr out = WB_STR_INIT;
		struct wb_shapes shapes = { 0 };
		struct wb_error err = { 0 };
		assert_int_equal(wb_postgres_driver()->query_shape(wb_sv_str(queries[i].query), &a, &shapes, &err), 0);
		show(&shapes, &out);
		assert_string_equal(out.p, queries[i].shape);
	}
}

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(queries); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		wb_autostr out = WB_STR_INIT;
		struct wb_shapes shapes = { 0 };
		struct wb_error err = { 0 };
		assert_int_equal(wb_query_tokens(WB_DIALECT_SQLITE, wb_sv_str(queries[i].query), &a, &shapes, &err), 0);
		show(&shapes, &out);
		if (!queries[i].tree_only)
			assert_string_equal(out.p, queries[i].shape);
	}
}

/* ---- candidates ------------------------------------------------------------------------------- */

static const char *const made[] = { "(a)", "(a, c)",    "(a, c) INCLUDE (b)", "(a, c) WHERE b = 1",
				    "(b)", "(b, a, c)", "(c) WHERE b = 1" };

static void candidates(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { 0 };
	struct wb_object o = { .kind = WB_KIND_TABLE, .schema = "public", .name = "t" };
	struct wb_advise_column columns[] = { { .name = "a", .type = "integer", .sql = "a", .distinct = 10 },
					      { .name = "b", .type = "integer", .sql = "b", .distinct = 1000 },
					      { .name = "c", .type = "integer", .sql = "c" } };
	struct wb_advise_table table = {
		.object = &o, .sql = "public.t", .rows = 1000, .columns = columns, .n_columns = 3
	};
	struct wb_advise_tables tables = { &table, 1, 1 };
	struct wb_candidate_making m = {
		.a = &a, .tables = &tables, .ways = wb_postgres_driver()->index_ways, .n_queries = 1
	};
	struct wb_candidates all = { 0 };
	struct wb_shapes shapes = { 0 };
	const char *query = "SELECT a, b, c FROM t WHERE a = $1 AND b = 1 ORDER BY c LIMIT 3";
	(void)state;
	assert_int_equal(wb_postgres_driver()->query_shape(wb_sv_str(query), &a, &shapes, &err), 0);
	assert_int_equal(wb_candidates_add(&m, &shapes, 0, &all, &err), 0);
	for (size_t i = 0; i < WB_ARRAY_LEN(made); i++) {
		size_t times = 0;
		for (size_t k = 0; k < all.n; k++)
			times += !strcmp(all.v[k].text, made[i]);
		if (times != 1)
			fail_msg("%s is there %zu times", made[i], times);
	}
	size_t n = all.n;
	assert_int_equal(wb_candidates_add(&m, &shapes, 0, &all, &err), 0);
	assert_int_equal(all.n, n);
	assert_string_equal(wb_candidate_name(&a, &all.v[0], NULL), "t_c_idx");
	wb_vec_done(&all);
}

int test_shape(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tree), cmocka_unit_test(words),
					    cmocka_unit_test(candidates) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
