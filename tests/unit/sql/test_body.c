/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies that hold statements: BEGIN ATOMIC, triggers.
 */
#include "tests.h"

/* Each text is one statement, up to the ';' that the test puts behind it. */
static void check_whole(enum wb_dialect dialect, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		wb_autostr text = WB_STR_INIT, expected = WB_STR_INIT;

		wb_str_addf(&text, "%s;\nnext;", v[i]);
		wb_str_addf(&expected, "S %s|S next|", v[i]);
		check_texts(dialect, text.p, expected.p);
	}
}

static void atomic_bodies(void **state)
{
	static const char *const v[] = {
		"create function f() returns int begin atomic select 1; select 2; end",
		"CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC; END",
		"create procedure p() begin /* x */ atomic insert into t values (1); end",
		"create or replace procedure p(a int) language sql begin -- x\n atomic end",
		"create function f() begin atomic select case when a then case b when 1 then 2 end end; select 3; end",
		"create function f() begin atomic select (case when a then b end); end",
		"create function f() begin atomic select t.end, t.case, a as end, b as \"case\"; select 1; end",
		"create function f() begin atomic select a as case; end",
		"create function f() begin atomic select begin from t; select 1; end",
		"create function f() begin atomic begin atomic select 1; end; select 2; end",
		"create function f() begin atomic begin select 1; end; select 2; end",
		"create function \"begin\"() begin atomic select 1; end",
		"create function s.f(begin int, e int default (1)) begin atomic select $1; end",
		"create function f() returns int language sql return case when a then b end",
		"create function f() as $$ begin; end; $$ language plpgsql",
		"create function begin() as 'x'",
		"create function f() set x to begin, y as 'a'",
		"create function f() set x from current begin atomic select 'end;', $$end;$$, \"end\"; end",
		"create function f() begin atomic select atomic; end",
	};
	(void)state;
	check_whole(PG, v, WB_ARRAY_LEN(v));
	check_texts(PG, "create function f() begin atomic select 1; end; end;",
		    "S create function f() begin atomic select 1; end|S end|");
	check_texts(PG, "create table f (begin int); atomic; end;", "S create table f (begin int)|S atomic|S end|");
	check_texts(PG, "create or replace view f as select begin; atomic; end;",
		    "S create or replace view f as select begin|S atomic|S end|");
	check_texts(PG, "create function f() begin; atomic; end;", "S create function f() begin|S atomic|S end|");
	check_texts(PG, "create function f() begin atomic select 1;", "s create function f() begin atomic select 1;|");
	check_texts(PG, "create function f() begin atomic select 1; end\n-- migrate:down\nx",
		    "s create function f() begin atomic select 1; end|h -- migrate:down|s x|");
	check_texts(PG, "create function f() begin atomic\n-- migrate:no\nselect 1; end;",
		    "S create function f() begin atomic\n-- migrate:no\nselect 1; end|");
	/* Not PostgreSQL's words for SQLite. */
	check_texts(LITE, "create function f() begin atomic a; end;", "S create function f() begin atomic a|S end|");
}

static void triggers(void **state)
{
	static const char *const v[] = {
		"create trigger t after insert on x begin select 1; end",
		"CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; SELECT 2; END",
		"create temporary trigger if not exists t before update on x when (a > 1) begin delete from y; end",
		"create trigger t after insert on x begin select case when a then b end; select 1; end",
		"create trigger t after insert on x begin select case when a then b end; end /* c */ -- d\n ",
		"create trigger t after insert on x begin update y set a = case b when 1 then 2 else 3 end; end",
		"create trigger begin after insert on x begin select 1; end",
		"create trigger t after insert on x begin insert into y values ('; end;'); end",
		"create trigger t after insert on x begin select \"end\", [end], `end`; end",
		"create trigger t after insert on x begin select 1; -- end;\n end",
		"create trigger t after insert on x begin select 1; /* ; end ; */ end",
		"create trigger t after insert on x when (select 1; ) begin select 1; end",
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		wb_autostr text = WB_STR_INIT, expected = WB_STR_INIT;
		struct wb_sv whole = wb_sv_str(v[i]);

		wb_str_addsv(&text, whole);
		wb_str_add(&text, ";\nnext;");
		if (strstr(v[i], "end /* c */"))
			whole.n = (size_t)(strstr(v[i], "end /* c */") + 3 - v[i]);
		wb_str_addf(&expected, "S %.*s|S next|", (int)whole.n, whole.p);
		check_texts(LITE, text.p, expected.p);
	}
	check_texts(LITE, "create trigger t; next;", "S create trigger t|S next|");
	check_texts(LITE, "create trigger t begin a; end", "s create trigger t begin a; end|");
	check_texts(LITE, "create trigger t begin a; end; b;", "S create trigger t begin a; end|S b|");
	check_texts(LITE, "create trigger t begin a; end x; b; end;", "S create trigger t begin a; end x; b; end|");
	check_texts(LITE, "create trigger t begin\n-- migrate:no\na; end;",
		    "S create trigger t begin\n-- migrate:no\na; end|");
	check_texts(LITE, "create trigger t after insert on x\n-- migrate:down\nb",
		    "s create trigger t after insert on x|h -- migrate:down|s b|");
	check_texts(LITE, "create table trigger (a); end;", "S create table trigger (a)|S end|");
	check_texts(LITE, "create or replace trigger t begin a; end;", "S create or replace trigger t begin a|S end|");
	/* PostgreSQL's triggers have no body. */
	check_texts(PG, "create trigger t begin a; end;", "S create trigger t begin a|S end|");
}

int test_body(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(atomic_bodies),
		cmocka_unit_test(triggers),
	};
	return RUN_GROUP("body");
}
