/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys in the leading comments.
 */
#include "tests.h"

#define SUMMIT \
	"-- Migration: Add email verification\n" \
	"-- ID: 20251120_143000_schema_add_email\n" \
	"-- Version: 2.5.0\n" \
	"-- Database: postgresql\n" \
	"-- Type: schema\n" \
	"-- Author: dev@example.com\n" \
	"-- Created: 2025-11-20T14:30:00Z\n" \
	"-- Breaking: false\n" \
	"-- Dependencies: none\n\n"

static void summit_header(void **state)
{
	struct place *p = *state;
	const struct wb_mig_header *h;

	put(p, "20251120_143000_schema_add_email.sql", SUMMIT "SELECT 1;\n");
	h = &load(p)->v[0]->header;
	assert_no_problem(p);
	assert_string_equal(h->title, "Add email verification");
	assert_string_equal(h->id, "20251120_143000_schema_add_email");
	assert_string_equal(h->schema_version, "2.5.0");
	assert_string_equal(h->database, "postgresql");
	assert_string_equal(h->author, "dev@example.com");
	assert_string_equal(h->created, "2025-11-20T14:30:00Z");
	assert_int_equal(h->breaking, WB_NO);
	assert_int_equal(h->n_depends, 0);
}

static void dependencies_are_a_list(void **state)
{
	struct place *p = *state;
	const struct wb_mig_header *h;

	put(p, "1_a.sql", "SELECT 1;\n");
	put(p, "2_b.sql", "SELECT 1;\n");
	put(p, "3_c.sql", "-- Breaking: YES\n-- Dependencies: 1 , 2_b,\n-- migrate:up depends:2,001\nSELECT 1;\n");
	h = &load(p)->v[2]->header;
	assert_no_problem(p);
	assert_int_equal(h->breaking, WB_YES);
	assert_int_equal(h->n_depends, 4);
	assert_string_equal(h->depends[0], "1");
	assert_string_equal(h->depends[1], "2_b");
	assert_string_equal(h->depends[2], "2");
	assert_string_equal(h->depends[3], "001");
	assert_int_equal(p->s->v[2]->n_parents, 4);
	assert_ptr_equal(p->s->v[2]->parents[1], p->s->v[1]);
	assert_ptr_equal(p->s->v[2]->parents[3], p->s->v[0]);
}

static void orchestrator_header_is_quiet(void **state)
{
	struct place *p = *state;

	put(p, "V001__a.sql",
	    "-- Migration V001\n-- Description: initial\n-- Author: dev\n-- Date: 2025-01-01\n\nSELECT 1;");
	put(p, "V002__b.sql", "-- Note: this is prose\n-- Warning: it has colons\n-- Author: somebody\nSELECT 1;");
	put(p, "V003__c.sql", "SELECT 1;\n-- Author: x\n-- Version: 1\n-- Colour: red\n");
	put(p, "V004__d.sql",
	    "-- Author: x\n-- Version: 1\n-- https://example.com\n-- see: below\n-- TWO WORDS: x\n-- Time:12\n-- "
	    "MIGRATIONS\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_string_equal(p->s->v[0]->header.author, "dev");
	assert_null(p->s->v[0]->header.title);
	assert_null(p->s->v[2]->header.author);
	assert_int_equal(p->s->v[0]->header.breaking, WB_UNSET);
}

static void unknown_keys_warn_in_a_header(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	put(p, "V1__a.sql",
	    "/* licence\n text */\n-- Author: x\r\n-- Version: 1\r\n-- Dependancies: none\r\nSELECT 1;");
	load(p);
	problem = only_problem(p, "header");
	assert_true(problem->warning);
	assert_int_equal(problem->line, 5);
	assert_has(problem->message, "unknown header key 'Dependancies'");
	assert_string_equal(problem->hint, "did you mean Dependencies:?");
	assert_int_equal(wb_source_check(p->s, &p->err), 0);
	put(p, "V1__a.sql", "-- Author: x\n-- Version: 1\n-- Reviewer: y\n-- Ticket: z\nSELECT 1;");
	load(p);
	assert_int_equal(p->s->n_problems, 2);
	assert_has(p->s->problems[1].message, "Ticket");
	assert_has(p->s->problems[1].hint, "keys are");
}

static void odd_values_warn(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Author:\n-- Type: shema\n-- Breaking: maybe\nSELECT 1;");
	load(p);
	assert_int_equal(p->s->n_problems, 2);
	assert_has(p->s->problems[0].message, "unknown type 'shema'");
	assert_has(p->s->problems[1].message, "unknown value of Breaking 'maybe'");
	assert_null(p->s->v[0]->header.author);
	assert_string_equal(p->s->v[0]->type, "schema");
}

static void prose_is_not_judged(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Type: a lookup table\nSELECT 1;");
	put(p, "V2__b.sql", "-- Breaking: nothing at all\nSELECT 1;");
	load(p);
	assert_no_problem(p);
}

static void type_of_the_name_wins(void **state)
{
	struct place *p = *state;

	put(p, "20251120_143000_data_x.sql", "-- Type: perf\nSELECT 1;");
	assert_string_equal(load(p)->v[0]->type, "data");
	(void)remove(path_of(p, "20251120_143000_data_x.sql"));
	put(p, "V1__x.sql", "-- Type: perf\nSELECT 1;");
	assert_string_equal(load(p)->v[0]->type, "perf");
}

static void other_engines_are_left_out(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Database: timescale\nSELECT 1;");
	put(p, "V2__b.sql", "-- Database: neo4j\n-- only this\n");
	put(p, "V3__c.sql", "-- Database: sqlite\nSELECT 1;");
	put(p, "U3__c.sql", "SELECT 1;");
	put(p, "V4__d.cypher", "MATCH (n) RETURN n;");
	put(p, "V5__e.sql", "-- Database: neo4j, PostgreSQL\nSELECT 1;");
	put(p, "V6__f.sql", "-- Database: my_app\nSELECT 1;");
	put(p, "V7__g.sql", "-- Database: PostgreSQL 15 (main)\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_names(p->s, "V1__a.sql V5__e.sql V6__f.sql V7__g.sql");
	assert_int_equal(p->s->skipped, 4);
	p->o.engine = "sqlite";
	load(p);
	assert_names(p->s, "V3__c.sql V6__f.sql");
	p->o.engine = NULL;
	load(p);
	assert_int_equal(p->s->n, 6);
	p->o.engine = "neo4j";
	load(p);
	assert_names(p->s, "V4__d.cypher");
}

static void unknown_database_is_told(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Database: postgrsql\nSELECT 1;");
	load(p);
	assert_int_equal(p->s->n, 1);
	assert_string_equal(only_problem(p, "header")->hint, "did you mean postgresql?");
	assert_true(only_problem(p, "header")->warning);
}

int test_header(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(summit_header),
		TEST(dependencies_are_a_list),
		TEST(orchestrator_header_is_quiet),
		TEST(unknown_keys_warn_in_a_header),
		TEST(odd_values_warn),
		TEST(prose_is_not_judged),
		TEST(type_of_the_name_wins),
		TEST(other_engines_are_left_out),
		TEST(unknown_database_is_told),
	};
	return RUN_GROUP("header");
}
