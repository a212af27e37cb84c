/* SPDX-License-Identifier: Apache-2.0
 *
 * File names.
 */
#include "tests.h"

static void right_names(void **state)
{
	static const struct {
		const char *name;
		enum wb_family family;
		enum wb_mig_kind kind;
		bool down;
		const char *version, *description, *type;
	} names[] = {
		{ "0002_add_users.up.sql", WB_FAMILY_PAIRED, WB_MIG_VERSIONED, false, "0002", "add_users", NULL },
		{ "0002_add_users.down.sql", WB_FAMILY_PAIRED, WB_MIG_VERSIONED, true, "0002", "add_users", NULL },
		{ "20251120143000_x.up.sql", WB_FAMILY_PAIRED, WB_MIG_VERSIONED, false, "20251120143000", "x", NULL },
		{ "20251120_143000_schema_add_email.sql", WB_FAMILY_TIMESTAMPED, WB_MIG_VERSIONED, false,
		  "20251120_143000", "add_email", "schema" },
		{ "20251120_150000_data_backfill_ids.sql", WB_FAMILY_TIMESTAMPED, WB_MIG_VERSIONED, false,
		  "20251120_150000", "backfill_ids", "data" },
		{ "20251120_153000_perf_add_indexes.cypher", WB_FAMILY_TIMESTAMPED, WB_MIG_VERSIONED, false,
		  "20251120_153000", "add_indexes", "perf" },
		{ "V001__initial_schema.sql", WB_FAMILY_VERSIONED, WB_MIG_VERSIONED, false, "001", "initial_schema",
		  NULL },
		{ "V1.2__dots.sql", WB_FAMILY_VERSIONED, WB_MIG_VERSIONED, false, "1.2", "dots", NULL },
		{ "V1_2__lines.sql", WB_FAMILY_VERSIONED, WB_MIG_VERSIONED, false, "1_2", "lines", NULL },
		{ "V1__a__b.sql", WB_FAMILY_VERSIONED, WB_MIG_VERSIONED, false, "1", "a__b", NULL },
		{ "U001__initial_schema.sql", WB_FAMILY_VERSIONED, WB_MIG_VERSIONED, true, "001", "initial_schema",
		  NULL },
		{ "B010__base.sql", WB_FAMILY_VERSIONED, WB_MIG_BASELINE, false, "010", "base", NULL },
		{ "R__refresh_views.sql", WB_FAMILY_VERSIONED, WB_MIG_REPEATABLE, false, "R__refresh_views",
		  "refresh_views", NULL },
		{ "002_mvp2_pattern_detection.sql", WB_FAMILY_NUMBERED, WB_MIG_VERSIONED, false, "002",
		  "mvp2_pattern_detection", NULL },
		{ "20251120143000_add.sql", WB_FAMILY_NUMBERED, WB_MIG_VERSIONED, false, "20251120143000", "add",
		  NULL },
		{ "1_x.SQL", WB_FAMILY_NUMBERED, WB_MIG_VERSIONED, false, "1", "x", NULL },
	};
	struct wb_name n;

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		assert_int_equal(wb_name_parse(names[i].name, &n), WB_NAME_OK);
		assert_int_equal(n.family, names[i].family);
		assert_int_equal(n.kind, names[i].kind);
		assert_int_equal(n.down, names[i].down);
		assert_true(wb_sv_eq(n.version, wb_sv_str(names[i].version)));
		assert_true(wb_sv_eq(n.description, wb_sv_str(names[i].description)));
		if (names[i].type)
			assert_string_equal(n.type, names[i].type);
		else
			assert_null(n.type);
		assert_null(n.why);
	}
	assert_true(n.family == WB_FAMILY_NUMBERED && !n.cypher);
	assert_int_equal(wb_name_parse("001_x.cypher", &n), WB_NAME_OK);
	assert_true(n.cypher);
}

static void doubtful_names(void **state)
{
	struct wb_name n;

	(void)state;
	assert_int_equal(wb_name_parse("20251120_143000_add_email.sql", &n), WB_NAME_OK);
	assert_int_equal(n.family, WB_FAMILY_TIMESTAMPED);
	assert_null(n.type);
	assert_true(wb_sv_eq(n.description, WB_SV("add_email")));
	assert_has(n.why, "has no type");
	assert_int_equal(wb_name_parse("20251120_143000_shema_add_email.sql", &n), WB_NAME_OK);
	assert_has(n.why, "one like it");
	assert_int_equal(wb_name_parse("20251120_143000_schema.sql", &n), WB_NAME_OK);
	assert_has(n.why, "has no type");
	assert_true(wb_sv_eq(n.description, WB_SV("schema")));
}

static void wrong_names(void **state)
{
	static const char *const names[][2] = {
		{ "V001_description.sql", "two underscores" },
		{ "V001.sql", "two underscores" },
		{ "V_x.sql", "two underscores" },
		{ "v001__x.sql", "capital" },
		{ "r__views.sql", "capital" },
		{ "u2__x.sql", "capital" },
		{ "V__x.sql", "no version" },
		{ "V001__.sql", "no description" },
		{ "R__.sql", "no description" },
		{ "R_views.sql", "two underscores" },
		{ "R1__views.sql", "has no version" },
		{ "V1a__x.sql", "must be numbers" },
		{ "V1.__x.sql", "must be numbers" },
		{ "x.up.sql", "number and an underscore" },
		{ "1-x.down.sql", "number and an underscore" },
		{ "1_.down.sql", "number and an underscore" },
		{ "20251320_143000_schema_x.sql", "they are none" },
		{ "20250020_143000_schema_x.sql", "they are none" },
		{ "20251100_143000_schema_x.sql", "they are none" },
		{ "20251132_143000_schema_x.sql", "they are none" },
		{ "20251120_240000_schema_x.sql", "they are none" },
		{ "20251120_146000_schema_x.sql", "they are none" },
		{ "20251120_143061_schema_x.sql", "they are none" },
	};
	struct wb_name n;

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		assert_int_equal(wb_name_parse(names[i][0], &n), WB_NAME_WRONG);
		assert_has(n.why, names[i][1]);
		assert_non_null(n.hint);
	}
}

static void other_names(void **state)
{
	static const char *const ignored[] = {
		"README.md", ".hidden.sql", "migrations.sum", "schema.sql", "structure.sql",
		"x.sql.bak", ".sql",        "V001__x.txt",    "",
	};
	static const char *const others[] = {
		"notes.sql", "2025-08-13_initial.sql", "b_tree.sql", "Rollback.sql", "1.sql", "_.sql", "__x.sql",
		"1_.sql",    "views.cypher",           "Vacuum.sql", "V.sql"
	};
	struct wb_name n;

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(ignored); i++)
		assert_int_equal(wb_name_parse(ignored[i], &n), WB_NAME_IGNORED);
	for (size_t i = 0; i < WB_ARRAY_LEN(others); i++)
		assert_int_equal(wb_name_parse(others[i], &n), WB_NAME_OTHER);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(wb_family_name(WB_FAMILY_PAIRED), "paired");
	assert_string_equal(wb_family_name((enum wb_family)77), "none");
	assert_string_equal(wb_mig_kind_name(WB_MIG_REPEATABLE), "repeatable");
	assert_string_equal(wb_mig_kind_name((enum wb_mig_kind)77), "versioned");
	assert_string_equal(wb_section_name(WB_SEC_BACKFILL), "backfill");
	assert_string_equal(wb_section_name((enum wb_section_kind)77), "up");
	assert_string_equal(wb_engine_find(WB_SV("TimescaleDB")), "postgresql");
	assert_null(wb_engine_find(WB_SV("my_app")));
	assert_string_equal(wb_engine_near(WB_SV("postgrsql")), "postgresql");
	assert_null(wb_engine_near(WB_SV("orchestrator")));
	assert_true(wb_sv_eq(wb_name_stem("0001_x.up.sql"), WB_SV("0001_x")));
	assert_true(wb_sv_eq(wb_name_stem("V1__x.sql"), WB_SV("V1__x")));
	assert_true(wb_sv_eq(wb_name_stem("plain"), WB_SV("plain")));
}

int test_family(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_names), cmocka_unit_test(doubtful_names), cmocka_unit_test(wrong_names),
		cmocka_unit_test(other_names), cmocka_unit_test(words),
	};
	return RUN_GROUP("family");
}
