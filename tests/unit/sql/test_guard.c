/* SPDX-License-Identifier: Apache-2.0
 *
 * The guards before the parser: whatever passes them can be parsed by a thread
 * with 1 MiB of stack. Each construct is nested as deep as the guard lets it.
 */
#include "tests.h"

#include <pthread.h>

#include "sql/pg_internal.h"

static const struct {
	const char *before, *open, *inside, *close, *after;
} nests[] = {
	{ "select ", "(", "1", ")", "" },
	{ "select ", "f(", "1", ")", "" },
	{ "select ", "(select ", "1", ")", "" },
	{ "select ", "exists (select ", "1", ")", "" },
	{ "select 1", "+1", "", "", "" },
	{ "select ", "- ", "1", "", "" },
	{ "select ", "not ", "true", "", "" },
	{ "select 1", "::int", "", "", "" },
	{ "select 1", " union select 1", "", "", "" },
	{ "select * from a", " cross join b", "", "", "" },
	{ "select * from ", "(a join ", "b", " on true)", "" },
	{ "select * from ", "(select * from ", "a", ") x", "" },
	{ "select * from ", "lateral (select * from ", "a", ") x", "" },
	{ "select ", "case when true then ", "1", " end", "" },
	{ "select ", "case when true and 1+1+1=3 then ", "1", " end", "" },
	{ "select ", "1+1+1+case when true and ", "true", " then 1 end", "" },
	{ "select ", "case 1 between 1 and ", "1", " when true then 1 end", "" },
	{ "select ", "1 between 1 and case when ", "true", " then 1 end", "" },
	{ "select ", "case when true then 1 else ", "1", " end", "" },
	{ "select ", "array[", "1", "]", "" },
	{ "select 1", " is null", "", "", "" },
	{ "select true", " is not true", "", "", "" },
	{ "select 1", " isnull", "", "", "" },
	{ "select 'a'", " collate \"C\"", "", "", "" },
	{ "select now()", " at time zone 'x'", "", "", "" },
	{ "select true", " in (true)", "", "", "" },
	{ "select ", "1 in (", "1", ")", "" },
	{ "select ", "1 in (select ", "1", ")", "" },
	{ "select ", "(1, ", "1", ")", "" },
	{ "select ", "row(", "1", ")", "" },
	{ "select ", "coalesce(", "1", ")", "" },
	{ "select ", "cast(", "1", " as int)", "" },
	{ "select ", "xmlforest(", "1", " as a)", "" },
	{ "select ", "xmlelement(name a, xmlattributes(", "1", " as b))", "" },
	{ "select ", "sum(1) over (order by ", "1", ")", "" },
	{ "select ", "sum(1) over (partition by ", "1", ")", "" },
	{ "select ", "sum(1) over (rows ", "1", " preceding)", "" },
	{ "select ", "sum(1) filter (where ", "true", ")", "" },
	{ "select ", "sum(1 order by ", "1", ")", "" },
	{ "select ", "percentile_cont(1) within group (order by ", "1", ")", "" },
	{ "select ", "f(a => ", "1", ")", "" },
	{ "select ", "f(variadic ", "1", ")", "" },
	{ "select ", "a[", "1", "]", "" },
	{ "select ", "extract(year from ", "now()", ")", "" },
	{ "select ", "1 = any(array[", "1", "])", "" },
	{ "select ", "1 operator(pg_catalog.+) ", "1", "", "" },
	{ "select ", "'a' like ", "'b'", " escape 'c'", "" },
	{ "select ", "(1, 2) overlaps (", "1, 2", ")", "" },
	{ "", "with x as (", "select 1", ") select 1", "" },
	{ "", "with recursive x as materialized (", "select 1", ") select 1", "" },
	{ "", "(", "select 1", ")", "" },
	{ "select 1 group by ", "grouping sets (", "1", ")", "" },
	{ "select 1 group by ", "rollup (", "1", ")", "" },
	{ "select * from t tablesample ", "f((select 1 from t tablesample ", "f(1)", "))", "" },
	{ "select * from rows from (", "f((select 1 from rows from (", "f(1)", ")))", ")" },
	{ "select * from ", "json_table((select 1 from ", "a", "), 'x' columns (a int))", "" },
	{ "select * from ", "xmltable('x' passing (select 1 from ", "a", ") columns a int)", "" },
	{ "create table t (a int check (", "(1+", "1", ")", " > 0))" },
	{ "create table t (a int default ", "f(", "1", ")", ")" },
	{ "create view v as select ", "(select ", "1", ")", "" },
	{ "create index on t (", "(", "a", ")", ")" },
	{ "create function f() returns int begin atomic select ", "(select ", "1", ")", "; end" },
	{ "explain ", "(", "select 1", ")", "" },
	{ "update t set a = ", "(select ", "1", ")", "" },
	{ "insert into t values (", "(select ", "1", ")", ")" },
	{ "delete from t where ", "exists (select 1 from t where ", "true", ")", "" },
	{ "merge into t using s on ", "(", "true", ")", " when matched then do nothing" },
	{ "alter table t add check (", "(not ", "true", ")", ")" },
	{ "create policy p on t using (", "(true or ", "true", ")", ")" },
	{ "create trigger g after insert on t when (", "(true = ", "true", ")", ") execute function f()" },
	{ "create rule r as on insert to t do instead (", "select (", "1", ")", ")" },
	{ "select ", "interval '1' + ", "now()", "", "" },
	{ "select ", "(a).", "b", "", "" },
	{ "select ", "@ ", "1", "", "" },
	{ "select 1", " !! 1", "", "", "" },
	{ "select 'a'", " similar to 'b'", "", "", "" },
	{ "select true", " and not false or true", "", "", "" },
	{ "select ", "not true and not (", "true", ")", "" },
};

/* To be classified, a query is only looked at; in an index that is built concurrently its tree is read, too. */
#define INDEX "create index concurrently on t ((("

static bool is_query(size_t i)
{
	return strncmp(nests[i].before, "select ", 7) == 0 || nests[i].before[0] == '\0';
}

static void build(struct wb_str *out, size_t i, unsigned n)
{
	unsigned k;

	wb_str_clear(out);
	if (is_query(i))
		wb_str_add(out, INDEX);
	wb_str_add(out, nests[i].before);
	for (k = 0; k < n; k++)
		wb_str_add(out, nests[i].open);
	wb_str_add(out, nests[i].inside);
	for (k = 0; k < n; k++)
		wb_str_add(out, nests[i].close);
	wb_str_add(out, nests[i].after);
	if (is_query(i))
		wb_str_add(out, ")))");
}

static void *classify(void *statement)
{
	struct wb_sv text = wb_str_sv(statement);
	struct wb_pg_info info;
	struct wb_error err;
	bool checked;
	size_t offset;

	wb_pg_classify(text, &info);
	/* 1: parsed; 2: the grammar (or its own limits) says no */
	return wb_pg_syntax(text, &checked, &offset, &err) == 0 && checked ? (void *)1 : (void *)2;
}

static intptr_t in_small_thread(struct wb_str *statement)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *answer;

	assert_int_equal(pthread_attr_init(&attributes), 0);
	assert_int_equal(pthread_attr_setstacksize(&attributes, 1 << 20), 0);
	assert_int_equal(pthread_create(&thread, &attributes, classify, statement), 0);
	assert_int_equal(pthread_join(thread, &answer), 0);
	assert_int_equal(pthread_attr_destroy(&attributes), 0);
	return (intptr_t)answer;
}

static void deepest_that_passes(void **state)
{
	unsigned parsed = 0;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(nests); i++) {
		wb_autostr text = WB_STR_INIT;
		unsigned n = 1;

		for (build(&text, i, n); !wb_pg_guard(wb_str_sv(&text)) && n < 3000; build(&text, i, n))
			n += 1 + n / 8;
		/* Only what makes flat lists has no limit. */
		assert_true(n < 3000 || nests[i].close[0] == '\0');
		do {
			build(&text, i, --n);
		} while (wb_pg_guard(wb_str_sv(&text)));
		assert_true(n > 20);
		parsed += in_small_thread(&text) == 1;
	}
	/* Nearly all are good SQL for PostgreSQL 15. */
	assert_true(parsed > WB_ARRAY_LEN(nests) - 10);
}

static void ordinary_statements_pass(void **state)
{
	wb_autostr text = WB_STR_INIT;
	unsigned i;

	(void)state;
	wb_str_add(&text, "create table t (a0 int primary key");
	for (i = 1; i < 1600; i++)
		wb_str_addf(&text, ", a%u numeric(10, 2) not null default (1 + %u) check (a%u > 0 and a%u < 100)", i, i,
			    i, i);
	wb_str_add(&text, ")");
	assert_string_equal(wb_pg_guard(wb_str_sv(&text)), "the statement has too many terms for the parser");
	wb_str_clear(&text);
	wb_str_add(&text, "create table t (a0 int primary key");
	for (i = 1; i < 1600; i++)
		wb_str_addf(&text, ", a%u numeric(10, 2) not null", i);
	wb_str_add(&text, ")");
	assert_null(wb_pg_guard(wb_str_sv(&text)));
	assert_int_equal(in_small_thread(&text), 1);

	wb_str_clear(&text);
	wb_str_add(&text, "select * from t where true");
	for (i = 0; i < 1500; i++)
		wb_str_addf(&text, " %s a%u = %u", i % 3 ? "and" : "or", i, i);
	assert_null(wb_pg_guard(wb_str_sv(&text)));
	assert_int_equal(in_small_thread(&text), 1);

	wb_str_clear(&text);
	wb_str_add(&text, "create view v as select 1");
	for (i = 0; i < 60; i++)
		wb_str_addf(&text, ", a.b%u || ' ' || c%u", i, i);
	wb_str_add(&text, " from a");
	for (i = 0; i < 60; i++)
		wb_str_addf(&text, " left join t%u on t%u.id = a.id and t%u.x > 3", i, i, i);
	assert_null(wb_pg_guard(wb_str_sv(&text)));
	assert_int_equal(in_small_thread(&text), 1);
}

static void what_does_not_pass(void **state)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_pg_info info;
	bool checked = true;
	size_t offset;
	unsigned i;

	(void)state;
	assert_string_equal(wb_pg_guard(WB_SV("a\0b")), "the statement holds a NUL byte");
	assert_null(wb_pg_guard(wb_sv(NULL, 0)));
	assert_string_equal(wb_pg_guard(WB_SV("select 'a' -- c\n'b'")),
			    "a string goes on after a comment, which the parser does not know");
	assert_null(wb_pg_guard(WB_SV("select 'a -- c\n', $$' -- c\n'$$, '--'")));
	wb_str_add(&text, "select '");
	while (text.n <= 1 << 20)
		wb_str_add(&text, "0123456789");
	wb_str_add(&text, "'");
	assert_string_equal(wb_pg_guard(wb_str_sv(&text)), "the statement is too long for the parser");
	assert_int_equal(wb_pg_syntax(wb_str_sv(&text), &checked, &offset, NULL), 0);
	assert_false(checked);

	wb_str_clear(&text);
	wb_str_add(&text, "vacuum ");
	for (i = 0; i < 200; i++)
		wb_str_add(&text, "(");
	assert_string_equal(wb_pg_guard(wb_str_sv(&text)), "the statement is too deeply nested for the parser");
	/* The first words still tell. */
	wb_pg_classify(wb_str_sv(&text), &info);
	assert_int_equal(info.kind, WB_PG_VACUUM);
	assert_true(info.refuses_transaction);
	assert_string_equal(info.reason, "the statement is too deeply nested for the parser");

	wb_str_clear(&text);
	wb_str_add(&text, "(");
	for (i = 0; i < 126; i++)
		wb_str_add(&text, "(");
	assert_null(wb_pg_guard(wb_str_sv(&text)));
	wb_str_add(&text, ")))))+++++++++ a");
	assert_null(wb_pg_guard(wb_str_sv(&text)));
	wb_str_add(&text, " not not not");
	assert_non_null(wb_pg_guard(wb_str_sv(&text)));
}

int test_guard(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deepest_that_passes),
		cmocka_unit_test(ordinary_statements_pass),
		cmocka_unit_test(what_does_not_pass),
	};
	return RUN_GROUP("guard");
}
