/* SPDX-License-Identifier: Apache-2.0
 *
 * What PostgreSQL statements are. Each line says: kind ('!' when a transaction is
 * refused), command, type and name of the object, its table, flags (e: IF
 * EXISTS, u: unique, c: creates).
 */
#include "tests.h"

#include "sql/pg_parse.h"

static const char *const kinds[] = { [WB_PG_PLAIN] = "plain",
				     [WB_PG_UNKNOWN] = "unknown",
				     [WB_PG_COPY_IN] = "copy",
				     [WB_PG_BEGIN] = "begin",
				     [WB_PG_COMMIT] = "commit",
				     [WB_PG_SAVEPOINT] = "savepoint",
				     [WB_PG_FORBIDDEN] = "forbidden",
				     [WB_PG_INDEX_CREATE] = "index_create",
				     [WB_PG_INDEX_DROP] = "index_drop",
				     [WB_PG_REINDEX] = "reindex",
				     [WB_PG_DETACH] = "detach",
				     [WB_PG_VACUUM] = "vacuum",
				     [WB_PG_CLUSTER_ALL] = "cluster",
				     [WB_PG_DATABASE] = "database",
				     [WB_PG_TABLESPACE] = "tablespace",
				     [WB_PG_SYSTEM] = "system",
				     [WB_PG_SUBSCRIPTION] = "subscription",
				     [WB_PG_PREPARED] = "prepared",
				     [WB_PG_CALL] = "call",
				     [WB_PG_SET] = "set" };

static void add_name(struct wb_str *out, const char *schema, const char *name)
{
	if (name[0])
		wb_str_addf(out, " %s%s%s", schema, schema[0] ? "." : "", name);
}

static void render_info(struct wb_str *out, const struct wb_pg_info *i)
{
	wb_str_addf(out, "%s%s", kinds[i->kind], i->refuses_transaction ? "!" : "");
	if (i->command[0])
		wb_str_addf(out, " [%s]", i->command);
	if (i->object_type[0])
		wb_str_addf(out, " %s", i->object_type);
	add_name(out, i->schema, i->name);
	if (i->rel_name[0])
		wb_str_add(out, " of");
	add_name(out, i->rel_schema, i->rel_name);
	if (i->if_exists || i->unique || i->create)
		wb_str_addf(out, " +%s%s%s", i->if_exists ? "e" : "", i->unique ? "u" : "", i->create ? "c" : "");
}

struct example {
	const char *statement, *expected;
};

static void check_examples(const struct example *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_pg_info info;

		wb_pg_classify(wb_sv_str(v[i].statement), &info);
		render_info(&out, &info);
		if (strcmp(out.p, v[i].expected) != 0)
			print_message("statement: %s\n", v[i].statement);
		assert_string_equal(out.p, v[i].expected);
		if (info.kind == WB_PG_FORBIDDEN || info.kind == WB_PG_UNKNOWN)
			assert_non_null(info.reason);
		else
			assert_null(info.reason);
	}
}

static const struct example plain_ones[] = {
	{ "create table t (id int)", "plain [CREATE TABLE] table t +c" },
	{ "CREATE TABLE IF NOT EXISTS App.\"User\"\"s\" (id int)", "plain [CREATE TABLE] table app.User\"s +ec" },
	{ "create temp table t as select 1", "plain [CREATE TABLE] table t +c" },
	{ "create global temporary table t (a int)", "plain [CREATE TABLE] table t +c" },
	{ "create unlogged table db.s.t (a int)", "plain [CREATE TABLE] table s.t +c" },
	{ "create table s.p partition of s.t for values in (1)", "plain [CREATE TABLE] table s.p of s.t +c" },
	{ "create table if (a int)", "plain [CREATE TABLE] table if +c" },
	{ "create table u&\"a\" (a int)", "plain [CREATE TABLE] table +c" },
	{ "create table", "plain [CREATE TABLE] table +c" },
	{ "create table a.", "plain [CREATE TABLE] table +c" },
	{ "alter table only s.t add column a int", "plain [ALTER TABLE] table s.t" },
	{ "alter table if exists t * drop column a", "plain [ALTER TABLE] table t +e" },
	{ "alter table all in tablespace a set tablespace b", "plain [ALTER TABLE] table" },
	{ "alter table t detach partition p", "plain [ALTER TABLE] table t" },
	{ "alter table t detach partition s.p finalize", "plain [ALTER TABLE] table t" },
	{ "drop table if exists a, b cascade", "plain [DROP TABLE] table a +e" },
	{ "create index i on t (a)", "plain [CREATE INDEX] index i of t +c" },
	{ "create unique index on only s.t using btree (lower(a))", "plain [CREATE INDEX] index of s.t +uc" },
	{ "create unique index if not exists i on s.t (a)", "plain [CREATE INDEX] index s.i of s.t +euc" },
	{ "drop index s.i", "plain [DROP INDEX] index s.i" },
	{ "alter index s.i rename to j", "plain [ALTER INDEX] index s.i" },
	{ "create or replace view v as select 1", "plain [CREATE VIEW] view v +c" },
	{ "create materialized view if not exists v as select 1",
	  "plain [CREATE MATERIALIZED VIEW] materialized view v +ec" },
	{ "refresh materialized view concurrently s.v", "plain [REFRESH MATERIALIZED VIEW] materialized view s.v" },
	{ "create or replace function s.f(a int) returns int as $$ select 1 $$ language sql",
	  "plain [CREATE FUNCTION] function s.f +c" },
	{ "drop function if exists f(int)", "plain [DROP FUNCTION] function f +e" },
	{ "create constraint trigger g after insert on t execute function f()", "plain [CREATE TRIGGER] trigger g +c" },
	{ "create event trigger e on ddl_command_end execute function f()",
	  "plain [CREATE EVENT TRIGGER] event trigger e +c" },
	{ "alter type mood add value 'x'", "plain [ALTER TYPE] type mood" },
	{ "create schema if not exists app", "plain [CREATE SCHEMA] schema app +ec" },
	{ "create schema authorization bob", "plain [CREATE SCHEMA] schema bob +c" },
	{ "create extension if not exists \"uuid-ossp\"", "plain [CREATE EXTENSION] extension uuid-ossp +ec" },
	{ "create foreign data wrapper w", "plain [CREATE FOREIGN DATA WRAPPER] foreign data wrapper w +c" },
	{ "create text search configuration s.c (copy = simple)",
	  "plain [CREATE TEXT SEARCH CONFIGURATION] text search config s.c +c" },
	{ "create user mapping for bob server s", "plain [CREATE USER MAPPING] user mapping +c" },
	{ "create user bob", "plain [CREATE USER] role bob +c" },
	{ "create default conversion c for 'UTF8' to 'LATIN1' from f", "plain [CREATE CONVERSION] conversion c +c" },
	{ "alter default privileges grant select on tables to bob",
	  "plain [ALTER DEFAULT PRIVILEGES] default privileges" },
	{ "create operator === (leftarg = int)", "plain [CREATE OPERATOR] operator +c" },
	{ "create operator class s.o for type int using btree as storage int",
	  "plain [CREATE OPERATOR CLASS] operator class s.o +c" },
	{ "drop owned by bob", "plain [DROP OWNED]" },
	{ "alter tablespace x set (a = 1)", "plain [ALTER TABLESPACE] tablespace x" },
	{ "insert into s.t values (1)", "plain [INSERT] table s.t" },
	{ "update only t set a = 1", "plain [UPDATE] table t" },
	{ "delete from only s.t where a", "plain [DELETE] table s.t" },
	{ "merge into t using s on true when matched then delete", "plain [MERGE] table t" },
	{ "truncate table only t", "plain [TRUNCATE] table t" },
	{ "lock table t", "plain [LOCK] table t" },
	{ "analyze verbose t", "plain [ANALYZE] table t" },
	{ "analyze", "plain [ANALYZE] table" },
	{ "copy t to stdout", "plain [COPY] table t" },
	{ "copy (select 1) to stdout", "plain [COPY]" },
	{ "comment on table t is 'x'", "plain [COMMENT]" },
	{ "grant select on t to bob", "plain [GRANT]" },
	{ "select 1", "plain [SELECT]" },
	{ "with a as (select 1) select * from a", "plain [WITH]" },
	{ "(select 1)", "plain" },
	{ "explain select 1", "plain [EXPLAIN]" },
	{ "prepare a as select 1", "plain [PREPARE]" },
	{ "discard plans", "plain [DISCARD]" },
	{ "cluster t using i", "plain [CLUSTER] table t" },
	{ "cluster s.t", "plain [CLUSTER] table s.t" },
	{ "reindex table s.t", "plain [REINDEX] table s.t" },
	{ "reindex (verbose, concurrently false) index i", "plain [REINDEX] index i" },
	{ "alter database d set work_mem = 1", "plain [ALTER DATABASE] database d" },
	{ "alter database d with connection limit 3", "plain [ALTER DATABASE] database d" },
	{ "alter subscription s disable", "plain [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s set publication p with (refresh = false)",
	  "plain [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s set (binary)", "plain [ALTER SUBSCRIPTION] subscription s" },
	{ "alter index concurrently i rename to j", "unknown [ALTER INDEX] index i" },
};

static void plain(void **state)
{
	(void)state;
	check_examples(plain_ones, WB_ARRAY_LEN(plain_ones));
}

static const struct example special_ones[] = {
	{ "copy s.t (a) from stdin", "copy [COPY] table s.t" },
	{ "copy binary t from stdin", "copy [COPY] table t" },
	{ "begin", "begin [BEGIN]" },
	{ "begin isolation level serializable", "begin [BEGIN]" },
	{ "start transaction read only", "begin [START TRANSACTION]" },
	{ "commit", "commit [COMMIT]" },
	{ "end work", "commit [END]" },
	{ "rollback", "commit [ROLLBACK]" },
	{ "abort", "commit [ABORT]" },
	{ "commit and chain", "commit [COMMIT]" },
	{ "prepare transaction 'x'", "commit [PREPARE TRANSACTION]" },
	{ "savepoint s", "savepoint [SAVEPOINT]" },
	{ "release s", "savepoint [RELEASE]" },
	{ "rollback to savepoint s", "savepoint [ROLLBACK]" },
	{ "commit prepared 'x'", "prepared! [COMMIT]" },
	{ "rollback prepared 'x'", "prepared! [ROLLBACK]" },
	{ "set session authorization bob", "forbidden [SET] setting session_authorization" },
	{ "set local session authorization 'bob'", "forbidden [SET] setting session_authorization" },
	{ "set session_authorization = bob", "forbidden [SET] setting session_authorization" },
	{ "set session authorization default", "set [SET] setting session_authorization" },
	{ "reset session authorization", "set [RESET] setting session_authorization" },
	{ "set transaction read only", "forbidden [SET] setting TRANSACTION" },
	{ "set transaction isolation level serializable, read only", "forbidden [SET] setting TRANSACTION" },
	{ "set session characteristics as transaction read only", "forbidden [SET] setting SESSION CHARACTERISTICS" },
	{ "set transaction_read_only = on", "forbidden [SET] setting transaction_read_only" },
	{ "set default_transaction_read_only to 'yes'", "forbidden [SET] setting default_transaction_read_only" },
	{ "set local transaction_read_only = 1", "forbidden [SET] setting transaction_read_only" },
	{ "set transaction_read_only = off", "set [SET] setting transaction_read_only" },
	{ "set transaction_read_only = false", "set [SET] setting transaction_read_only" },
	{ "set transaction_read_only = 0", "set [SET] setting transaction_read_only" },
	{ "set transaction_read_only to default", "set [SET] setting transaction_read_only" },
	{ "set transaction read write", "set [SET] setting TRANSACTION" },
	{ "set transaction isolation level serializable", "set [SET] setting TRANSACTION" },
	{ "set transaction snapshot 'x'", "set [SET] setting TRANSACTION SNAPSHOT" },
	{ "set role bob", "set [SET] setting role" },
	{ "set local lock_timeout = '1s'", "set [SET] setting lock_timeout" },
	{ "set search_path to a, b", "set [SET] setting search_path" },
	{ "set a.b = 1.5", "set [SET] setting a.b" },
	{ "reset all", "set [RESET] setting" },
	{ "set constraints all deferred", "plain [SET]" },
	{ "select set_config('a', 'b', false)", "set [SELECT]" },
	{ "select pg_catalog.Set_Config('a', 'b', false)", "set [SELECT]" },
	{ "select pg_catalog.\"set_config\"('a', 'b', false)", "set [SELECT]" },
	{ "with x as (select set_config('a', 'b', true)) select 1", "set [WITH]" },
	{ "select 'set_config'", "plain [SELECT]" },
	{ "discard all", "forbidden! [DISCARD]" },
	{ "create index concurrently i on s.t (a)", "index_create! [CREATE INDEX] index s.i of s.t +c" },
	{ "create unique index concurrently if not exists \"I\" on only t (a)",
	  "index_create! [CREATE INDEX] index I of t +euc" },
	{ "create index concurrently on t (a)", "index_create! [CREATE INDEX] index of t +c" },
	{ "create index /* c */ concurrently u&\"\\0061b\" on t (a)", "index_create! [CREATE INDEX] index ab of t +c" },
	{ "drop index concurrently if exists s.i", "index_drop! [DROP INDEX] index s.i +e" },
	{ "drop index concurrently i", "index_drop! [DROP INDEX] index i" },
	{ "drop index concurrently d.s.i", "index_drop! [DROP INDEX] index s.i" },
	{ "reindex index concurrently s.i", "reindex! [REINDEX] index s.i" },
	{ "reindex (concurrently) index i", "reindex! [REINDEX] index i" },
	{ "reindex (concurrently on, verbose) table t", "reindex! [REINDEX] table t" },
	{ "reindex (concurrently 'true') table t", "reindex! [REINDEX] table t" },
	{ "reindex (concurrently 1) table t", "reindex! [REINDEX] table t" },
	{ "reindex (concurrently 0) table t", "plain [REINDEX] table t" },
	{ "reindex (concurrently, concurrently off) table t", "plain [REINDEX] table t" },
	{ "reindex schema s", "reindex! [REINDEX] schema s" },
	{ "reindex database d", "reindex! [REINDEX] database d" },
	{ "reindex system d", "reindex! [REINDEX] system d" },
	{ "alter table s.t detach partition p concurrently", "detach! [ALTER TABLE] table p of s.t" },
	{ "alter table if exists only t detach partition s.p concurrently", "detach! [ALTER TABLE] table s.p of t +e" },
	{ "vacuum", "vacuum! [VACUUM]" },
	{ "vacuum (analyze, verbose) s.t (a), b", "vacuum! [VACUUM] table s.t" },
	{ "vacuum full t", "vacuum! [VACUUM] table t" },
	{ "cluster", "cluster! [CLUSTER]" },
	{ "cluster verbose", "cluster! [CLUSTER]" },
	{ "create database d template t", "database! [CREATE DATABASE] database d +c" },
	{ "drop database if exists d with (force)", "database! [DROP DATABASE] database d +e" },
	{ "alter database d set tablespace t", "database! [ALTER DATABASE] database d" },
	{ "create tablespace s location '/x'", "tablespace! [CREATE TABLESPACE] tablespace s +c" },
	{ "drop tablespace if exists s", "tablespace! [DROP TABLESPACE] tablespace s +e" },
	{ "alter system set work_mem = '1MB'", "system! [ALTER SYSTEM] setting work_mem" },
	{ "alter system reset all", "system! [ALTER SYSTEM] setting" },
	{ "create subscription s connection '' publication p",
	  "subscription! [CREATE SUBSCRIPTION] subscription s +c" },
	{ "create subscription s connection '' publication p with (create_slot = false)",
	  "subscription [CREATE SUBSCRIPTION] subscription s +c" },
	{ "create subscription s connection '' publication p with (connect = false)",
	  "subscription [CREATE SUBSCRIPTION] subscription s +c" },
	{ "create subscription s connection '' publication p with (connect = false, create_slot)",
	  "subscription! [CREATE SUBSCRIPTION] subscription s +c" },
	{ "drop subscription if exists s", "subscription! [DROP SUBSCRIPTION] subscription s +e" },
	{ "alter subscription s refresh publication", "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s set publication p", "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s add publication p with (refresh)",
	  "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s drop publication p", "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s set (failover = true)", "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "alter subscription s set (two_phase)", "subscription! [ALTER SUBSCRIPTION] subscription s" },
	{ "call s.p(1)", "call [CALL] procedure s.p" },
	{ "do $$ begin end $$", "call [DO]" },
};

static void special(void **state)
{
	(void)state;
	check_examples(special_ones, WB_ARRAY_LEN(special_ones));
}

/* What the grammar of PostgreSQL 15 does not know, but the first words tell. */
static void newer_servers(void **state)
{
	static const struct example v[] = {
		{ "vacuum only t", "vacuum! [VACUUM]" },
		{ "reindex database", "reindex! [REINDEX]" },
		{ "cluster (verbose)", "cluster! [CLUSTER]" },
		{ "create index concurrently i on t new syntax", "index_create! [CREATE INDEX] index i of t +c" },
		{ "drop index concurrently i new syntax", "index_drop! [DROP INDEX] index i" },
		{ "alter table s.t detach partition p concurrently new syntax",
		  "detach! [ALTER TABLE] table p of s.t" },
		{ "create database d new syntax ()", "database! [CREATE DATABASE] database d +c" },
		{ "alter system new syntax", "system! [ALTER SYSTEM] setting" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_pg_info info;

		wb_pg_classify(wb_sv_str(v[i].statement), &info);
		render_info(&out, &info);
		assert_string_equal(out.p, v[i].expected);
		assert_string_equal(info.reason, "the grammar of PostgreSQL 15 does not know the statement");
	}
}

static void unknown(void **state)
{
	static const struct example v[] = {
		{ "", "unknown" },
		{ "-- nothing", "unknown" },
		{ "selec 1", "unknown" },
		{ "create property graph g", "unknown" },
		{ "alter subscription s new syntax", "unknown [ALTER SUBSCRIPTION] subscription s" },
		{ "alter database d new syntax", "unknown [ALTER DATABASE] database d" },
		{ "(select 1; select 2", "unknown" },
		{ "'a", "unknown" },
	};
	struct wb_pg_info info;

	(void)state;
	check_examples(v, WB_ARRAY_LEN(v));
	wb_pg_classify(WB_SV("begin; commit"), &info);
	assert_int_equal(info.kind, WB_PG_UNKNOWN);
	assert_string_equal(info.reason, "it is not one statement");
}

static void long_names(void **state)
{
	static const struct {
		const char *name;
		size_t n;
	} v[] = {
		/* 63 bytes, cut before a character that would not fit: é has two, 日 three, 😀 four */
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc", 63 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefg", 63 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabé", 62 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijaé", 63 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghija日", 61 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij日b", 63 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij😀b", 60 },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghi😀b", 63 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		static const char *const forms[] = { "create table %s (a int)", "create table \"%s\" (a int)",
						     "create index concurrently %s on t (a)",
						     "create index concurrently \"%s\" on t (a)", "vacuum \"%s\"" };
		size_t k;

		for (k = 0; k < WB_ARRAY_LEN(forms); k++) {
			const char *at = strstr(forms[k], "%s");
			wb_autostr text = WB_STR_INIT;
			struct wb_pg_info info;

			wb_str_addn(&text, forms[k], (size_t)(at - forms[k]));
			wb_str_add(&text, v[i].name);
			wb_str_add(&text, at + 2);
			wb_pg_classify(wb_str_sv(&text), &info);
			assert_int_equal(strlen(info.name), v[i].n);
			assert_memory_equal(info.name, v[i].name, v[i].n);
		}
	}
}

static void syntax(void **state)
{
	static const struct {
		const char *statement;
		int rc;
		size_t offset;
		const char *message;
	} v[] = {
		{ "select 1", 0, 0, "" },
		{ "", 0, 0, "" },
		{ "create table t (id int,)", WB_EINPUT, 23, "syntax error at or near \")\"" },
		{ "select 'é日😀' x y", WB_EINPUT, 21, "syntax error at or near \"y\"" },
		{ "select", 0, 0, "" },
		{ "select (", WB_EINPUT, 8, "syntax error at end of input" },
		{ "selec 1", WB_EINPUT, 0, "syntax error at or near \"selec\"" },
		{ "select 'a", WB_EINPUT, 7, "unterminated quoted string at or near \"'a\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_error err = { 0 };
		size_t offset = 0;
		bool checked = false;

		assert_int_equal(wb_pg_syntax(wb_sv_str(v[i].statement), &checked, &offset, &err), v[i].rc);
		assert_true(checked);
		assert_int_equal(offset, v[i].offset);
		assert_string_equal(err.message, v[i].message);
	}
}

static int classify_one(void *statement)
{
	struct wb_pg_info info;

	wb_pg_classify(wb_sv_str(statement), &info);
	assert_int_equal(info.kind, WB_PG_VACUUM); /* with or without the tree */
	return 0;
}

static int check_one(void *statement)
{
	bool checked;
	size_t offset;

	return wb_pg_syntax(wb_sv_str(statement), &checked, &offset, NULL);
}

static void no_memory(void **state)
{
	char statement[] = "vacuum t";

	(void)state;
	assert_true(wb_oom_run(classify_one, statement) >= 2); /* the text, and the tree */
	assert_int_equal(wb_oom_run(check_one, statement), 1);
}

int test_pg(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),     cmocka_unit_test(special),    cmocka_unit_test(newer_servers),
		cmocka_unit_test(unknown),   cmocka_unit_test(long_names), cmocka_unit_test(syntax),
		cmocka_unit_test(no_memory),
	};
	return RUN_GROUP("pg");
}
