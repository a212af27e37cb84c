/* SPDX-License-Identifier: Apache-2.0
 *
 * Which comments are headings, and what they say.
 */
#include "tests.h"

static struct wb_heading parse(const char *comment)
{
	struct wb_heading h;

	wb_heading_parse(wb_sv_str(comment), &h);
	return h;
}

static void sections(void **state)
{
	static const struct {
		const char *comment;
		enum wb_section_kind kind;
		enum wb_tri transaction;
	} v[] = {
		{ "-- migrate:up", WB_SEC_UP, WB_UNSET },
		{ "--migrate:down", WB_SEC_DOWN, WB_UNSET },
		{ "--   migrate:expand  ", WB_SEC_EXPAND, WB_UNSET },
		{ "-- migrate:backfill", WB_SEC_BACKFILL, WB_UNSET },
		{ "-- migrate:contract", WB_SEC_CONTRACT, WB_UNSET },
		{ "-- migrate:verify", WB_SEC_VERIFY, WB_UNSET },
		{ "-- migrate:require\r", WB_SEC_REQUIRE, WB_UNSET },
		{ "-- migrate:up transaction:false", WB_SEC_UP, WB_NO },
		{ "-- Migrate:Up transaction:on", WB_SEC_UP, WB_YES },
		{ "-- +goose Up", WB_SEC_UP, WB_UNSET },
		{ "-- +goose down", WB_SEC_DOWN, WB_UNSET },
		{ "-- +migrate Up", WB_SEC_UP, WB_UNSET },
		{ "-- +migrate Up notransaction", WB_SEC_UP, WB_NO },
		{ "-- +migrate Down", WB_SEC_DOWN, WB_UNSET },
		{ "-- +migrate Down notransaction", WB_SEC_DOWN, WB_NO },
		{ "---- create above / drop below ----", WB_SEC_DOWN, WB_UNSET },
		{ "-- UP", WB_SEC_UP, WB_UNSET },
		{ "-- DOWN", WB_SEC_DOWN, WB_UNSET },
		{ "-- DOWN:", WB_SEC_DOWN, WB_UNSET },
		{ "-- ===== UP =====", WB_SEC_UP, WB_UNSET },
		{ "---- DOWN ----", WB_SEC_DOWN, WB_UNSET },
		{ "-- PHASE 1: EXPAND", WB_SEC_EXPAND, WB_UNSET },
		{ "-- PHASE 1 EXPAND", WB_SEC_EXPAND, WB_UNSET },
		{ "-- PHASE 1 - EXPAND", WB_SEC_EXPAND, WB_UNSET },
		{ "-- PHASE 1: EXPAND (zero-downtime)", WB_SEC_EXPAND, WB_UNSET },
		{ "-- PHASE 2: MIGRATE - backfill in batches", WB_SEC_BACKFILL, WB_UNSET },
		{ "-- === PHASE 3: CONTRACT ===", WB_SEC_CONTRACT, WB_UNSET },
		{ "-- PHASE 3: CONTRACT:", WB_SEC_CONTRACT, WB_UNSET },
		{ "-- ROLLBACK", WB_SEC_DOWN, WB_UNSET },
		{ "-- ROLLBACK (last one first)", WB_SEC_DOWN, WB_UNSET },
		{ "-- VALIDATION", WB_SEC_VERIFY, WB_UNSET },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_heading h = parse(v[i].comment);
		if (h.action != WB_HEAD_SECTION)
			print_error("%s: %s\n", v[i].comment, h.message);
		assert_int_equal(h.action, WB_HEAD_SECTION);
		assert_int_equal(h.kind, v[i].kind);
		assert_int_equal(h.options.transaction, v[i].transaction);
		assert_true(wb_heading_is(NULL, wb_sv_str(v[i].comment)));
	}
}

static void directives(void **state)
{
	static const char *const off[] = { "-- +goose NO TRANSACTION", "-- +goose no  transaction",
					   "-- atlas:txmode none", "---- tern: disable-tx ----", "-- no-transaction" };

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(off); i++) {
		assert_int_equal(parse(off[i]).action, WB_HEAD_TRANSACTION);
		assert_int_equal(parse(off[i]).options.transaction, WB_NO);
	}
	assert_int_equal(parse("-- atlas:txmode file").options.transaction, WB_YES);
	assert_int_equal(parse("-- +goose ENVSUB ON").action, WB_HEAD_VARIABLES);
	assert_int_equal(parse("-- +goose ENVSUB ON").options.variables, WB_YES);
	assert_int_equal(parse("-- +goose ENVSUB OFF").options.variables, WB_NO);
}

static void prose(void **state)
{
	static const char *const v[] = {
		"-- rollback is hard",
		"-- ROLLBACK the change",
		"-- ROLLBACK;",
		"-- ROLLBACK: DROP TABLE x",
		"-- Rollback",
		"-- up",
		"-- Up",
		"-- UPDATE users SET x = 1",
		"-- UP AND DOWN",
		"-- DOWNTIME",
		"-- VALIDATION of users",
		"-- VALIDATION - of users",
		"-- (UP",
		"-- Phase 1: Expand",
		"-- PHASE 4: CLEANUP",
		"-- PHASE 2: BACKFILL",
		"-- PHASE 1",
		"-- PHASE",
		"-- PHASES 1: EXPAND",
		"-- PHASE1: EXPAND",
		"-- PHASE A",
		"-- migrate the users",
		"-- migrate: the users first",
		"-- migrate:",
		"-- migrate: users",
		"-- +goose StatementBegin",
		"-- +goose StatementEnd",
		"-- +gooseberry",
		"-- +migrate StatementBegin",
		"-- +migrates",
		"-- atlas:nolint",
		"-- atlas:delimiter \\n\\n",
		"-- no-transaction here",
		"-- -no-transaction",
		"--no-transaction",
		"---- create above ----",
		"---- tern: enable ----",
		"--",
		"-- ",
		"-- -",
		"-- ====",
		"",
		"up",
		"/* UP */",
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		if (parse(v[i]).action != WB_HEAD_NONE)
			print_error("%s\n", v[i]);
		assert_int_equal(parse(v[i]).action, WB_HEAD_NONE);
		assert_false(wb_heading_is(NULL, wb_sv_str(v[i])));
	}
}

static void too_long_is_prose(void **state)
{
	char text[WB_HEADING_MAX + 64];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "-- migrate:", 11);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse(text).action, WB_HEAD_NONE);
	text[WB_HEADING_MAX] = '\0';
	assert_int_equal(parse(text).action, WB_HEAD_WRONG);
}

static void options(void **state)
{
	struct wb_heading h =
		parse("-- migrate:up transaction:false  variables:on lock_timeout:2s\ttimeout:1.5m depends:001,a-b");

	(void)state;
	assert_int_equal(h.action, WB_HEAD_SECTION);
	assert_int_equal(h.options.transaction, WB_NO);
	assert_int_equal(h.options.variables, WB_YES);
	assert_int_equal(h.options.lock_timeout_ms, 2000);
	assert_int_equal(h.options.timeout_ms, 90000);
	assert_true(wb_sv_eq(h.depends, WB_SV("001,a-b")));
	h = parse("-- migrate:up");
	assert_int_equal(h.options.lock_timeout_ms, -1);
	assert_int_equal(h.options.timeout_ms, -1);
	assert_int_equal(h.options.variables, WB_UNSET);
	assert_int_equal(h.depends.n, 0);
}

static void mistakes(void **state)
{
	static const struct {
		const char *comment, *message, *hint, *word;
	} v[] = {
		{ "-- migrate:upp", "unknown section 'migrate:upp'", "did you mean -- migrate:up?", "upp" },
		{ "-- migrate:sideways", "unknown section", "sections are up, down", "sideways" },
		{ "-- migrate: up", "a blank stands", "write -- migrate:up", "up" },
		{ "-- migrate:up transactoin:false", "unknown option 'transactoin'", "did you mean transaction:?",
		  "transactoin" },
		{ "-- migrate:up colour:red", "unknown option 'colour'", "options are", "colour" },
		{ "-- migrate:up fast", "'fast' is no option", "key:value", "fast" },
		{ "-- migrate:up transaction:maybe", "'maybe' is no value for transaction", "true or false",
		  "transaction:" },
		{ "-- migrate:up timeout:soon", "'soon' is no value for timeout", "a duration", "timeout:" },
		{ "-- migrate:up depends:", "is no value for depends", "commas", "depends:" },
		{ "-- migrate:up variables:x timeout:y", "'x' is no value for variables", "on or off", "variables:" },
		{ "-- +goose Upp", "unknown directive '+goose Upp'", "did you mean -- +goose Up?", "Upp" },
		{ "-- +goose Sideways", "unknown directive", "-- +goose Up and -- +goose Down", "Sideways" },
		{ "-- +migrate Dwon", "unknown directive '+migrate Dwon'", "did you mean -- +migrate Down?", "Dwon" },
		{ "-- PHASE 3: CONTARCT", "unknown phase 'PHASE 3: CONTARCT'", "did you mean -- PHASE 3: CONTRACT?",
		  "CONTARCT" },
		{ "-- PHASE 1: EXPAND the table", "unknown phase", "did you mean -- PHASE 1: EXPAND?", "EXPAND" },
		{ "-- PHASE 2 Migrate", "unknown phase", "did you mean -- PHASE 2: MIGRATE?", "Migrate" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_heading h = parse(v[i].comment);
		assert_int_equal(h.action, WB_HEAD_WRONG);
		assert_has(h.message, v[i].message);
		assert_has(h.hint, v[i].hint);
		assert_true(strncmp(v[i].comment + h.at, v[i].word, strlen(v[i].word)) == 0);
		assert_true(wb_heading_is(NULL, wb_sv_str(v[i].comment)));
	}
	assert_int_equal(parse("-- +goose").action, WB_HEAD_WRONG);
}

/* The look over raw lines may see too much, never too little. */
static void raw_lines(void **state)
{
	static const char *const yes[] = { "-- UP",         "\t -- UP\n",         "SELECT 1;\n-- DOWN\nx",
					   "a\r-- DOWN\rb", "a\r\n  -- DOWN\r\n", "'\n-- UP\n'" };
	static const char *const no[] = { "", "-", "SELECT 1; -- UP", "x-- UP", "-- up\n--\n--", "--- x -- UP" };

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(yes); i++)
		assert_true(wb_heading_maybe(wb_sv_str(yes[i])));
	for (size_t i = 0; i < WB_ARRAY_LEN(no); i++)
		assert_false(wb_heading_maybe(wb_sv_str(no[i])));
}

int test_headings(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),          cmocka_unit_test(directives), cmocka_unit_test(prose),
		cmocka_unit_test(too_long_is_prose), cmocka_unit_test(options),    cmocka_unit_test(mistakes),
		cmocka_unit_test(raw_lines),
	};
	return RUN_GROUP("headings");
}
