/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases for programs: proposed, recorded, listed, refused; the schema of one
 * under its name; memory that runs out anywhere in it, and leaves all or nothing.
 */
#include "tests.h"

#include <sqlite3.h>

#include "state/state.h"

#include <whimbrel/release.h>

static struct wb_release *release(struct place *p, const struct wb_release_options *o)
{
	struct wb_release *r = NULL;
	ok(p, wb_release(context(p), o, &r, &p->err));
	return r;
}

static int refused(struct place *p, const struct wb_release_options *o)
{
	struct wb_release *r = NULL;
	int rc = wb_release(context(p), o, &r, &p->err);
	assert_null(r);
	return rc;
}

static void first(struct place *p)
{
	put(p, "V1__users.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, email text NOT NULL);\n");
	ok(p, UP(p));
	wb_release_free(release(p, NULL));
}

static void test_recorded(void **state)
{
	struct place *p = *state;
	struct wb_release_options o = { .size = sizeof(o), .propose = true, .notes = "why" };
	struct wb_releases *all = NULL;
	first(p);
	assert_code(p, refused(p, NULL), WB_EREFUSED);
	put(p, "V2__more.sql", "CREATE TABLE more (x int); CREATE INDEX users_email ON users (email);\n");
	ok(p, UP(p));
	struct wb_release *r = release(p, &o);
	assert_false(r->recorded);
	assert_string_equal(r->version, "1.1.0");
	assert_string_equal(r->previous, "1.0.0");
	assert_string_equal(r->needed, "minor");
	assert_int_equal(r->n_changes, 2);
	assert_int_equal(r->n_breaking, 0);
	assert_null(r->breaking);
	wb_release_free(r);
	assert_string_equal(ask(p, "SELECT version FROM @schema_versions ORDER BY id"), "1.0.0");
	o.propose = false;
	r = release(p, &o);
	assert_true(r->recorded);
	assert_int_equal(r->migrations, 1);
	assert_string_equal(r->last_migration, "2");
	wb_release_free(r);
	ok(p, wb_releases(context(p), &all, &p->err));
	assert_int_equal(all->n, 2);
	assert_string_equal(all->v[0].version, "1.1.0");
	assert_string_equal(all->v[0].previous, "1.0.0");
	assert_string_equal(all->v[0].notes, "why");
	assert_null(all->v[1].previous);
	assert_non_null(all->v[1].released_at);
	wb_releases_free(all);
	wb_releases_free(NULL);
	wb_release_free(NULL);
}

static void test_refused(void **state)
{
	struct place *p = *state;
	struct wb_release_options o = { .size = sizeof(o), .bump = "minor" };
	put(p, "V1__t.sql", "CREATE TABLE t (a int, b int);\n");
	ok(p, UP(p));
	o.bump = "huge";
	assert_code(p, refused(p, &o), WB_EUSAGE);
	o.version = "1.0.0";
	assert_code(p, refused(p, &o), WB_EUSAGE);
	o.bump = NULL;
	wb_release_free(release(p, &o));
	put(p, "V2__less.sql", "ALTER TABLE t DROP COLUMN b;\n");
	ok(p, UP(p));
	o = (struct wb_release_options){ .size = sizeof(o), .bump = "minor" };
	assert_code(p, refused(p, &o), WB_EREFUSED);
	assert_has(p->err.message, "1.1.0 is too small");
	assert_has(p->err.detail, "t.b removed: what uses it fails");
	assert_has(p->err.hint, "2.0.0 (--major)");
	o = (struct wb_release_options){ .size = 1 };
	assert_code(p, refused(p, &o), WB_EUSAGE);
	/* What the last release was like is not known any more. */
	sql(p, p->pg ? "DELETE FROM whimbrel.schema_snapshots" : "DELETE FROM whimbrel_schema_snapshots");
	assert_code(p, refused(p, NULL), WB_EREFUSED);
	assert_has(p->err.message, "the schema of 1.0.0 was not kept");
	o = (struct wb_release_options){ .size = sizeof(o), .bump = "major" };
	wb_release_free(release(p, &o));
	sql(p, p->pg ? "UPDATE whimbrel.schema_versions SET version = 'odd' WHERE major = 2"
		     : "UPDATE whimbrel_schema_versions SET version = 'odd' WHERE major = 2");
	assert_code(p, refused(p, &o), WB_EREFUSED);
}

static void test_named_schema(void **state)
{
	struct place *p = *state;
	struct wb_schema *s = NULL, *latest = NULL;
	assert_code(p, wb_schema_read(context(p), "release:latest", NULL, &s, &p->err),
		    p->pg ? WB_ENOTFOUND : WB_ECONN);
	first(p);
	ok(p, wb_schema_read(context(p), "release:1.0.0", NULL, &s, &p->err));
	ok(p, wb_schema_read(context(p), "release:latest", NULL, &latest, &p->err));
	assert_string_equal(s->hash, latest->hash);
	assert_string_equal(s->origin, "release 1.0.0");
	wb_schema_free(latest);
	wb_schema_free(s);
	s = NULL;
	assert_code(p, wb_schema_read(context(p), "release:1.0.1", NULL, &s, &p->err), WB_ENOTFOUND);
}

/* ---- versions of three numbers ---------------------------------------------------------- */

static void test_semver(void **state)
{
	static const char *const bad[] = { "",       "1",      "1.2",    "1.2.3.4", "1.2.3.", ".1.2.3",        "1..3",
					   "v1.2.3", "1.2.-3", "1.2.+3", "1.2.3 ",  "1.2.x",  "1.2.9999999999" };
	static const struct {
		enum wb_impact impact;
		const char *text;
	} bumps[] = { { WB_IMPACT_NONE, "1.2.3" },
		      { WB_IMPACT_PATCH, "1.2.4" },
		      { WB_IMPACT_MINOR, "1.3.0" },
		      { WB_IMPACT_MAJOR, "2.0.0" } };
	struct wb_semver a, b;
	char text[WB_SEMVER_MAX];
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(bad); i++)
		if (wb_semver_parse(bad[i], &a))
			fail_msg("%s is no version", bad[i]);
	for (size_t i = 0; i < WB_ARRAY_LEN(bumps); i++) {
		assert_true(wb_semver_parse("1.2.3", &a));
		wb_semver_bump(&a, bumps[i].impact);
		wb_semver_text(&a, text);
		assert_string_equal(text, bumps[i].text);
	}
	assert_true(wb_semver_parse("1.10.0", &a) && wb_semver_parse("1.9.9", &b));
	assert_true(wb_semver_cmp(&a, &b) > 0 && wb_semver_cmp(&b, &a) < 0 && wb_semver_cmp(&a, &a) == 0);
	assert_true(wb_semver_parse("999999999.0.0", &a));
	wb_semver_bump(&a, WB_IMPACT_MAJOR);
	wb_semver_text(&a, text);
	assert_string_equal(text, "1000000000.0.0");
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Each call has the same to do. sqlite3's own memory is not what runs out. */
static void forget(struct place *p)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(p->o.url + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "DELETE FROM whimbrel_schema_versions WHERE id > 1;"
				      "DELETE FROM whimbrel_schema_snapshots WHERE id > 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
}

static int oom_release(void *user)
{
	struct place *p = user;
	struct wb_release_options o = { .size = sizeof(o), .propose = true, .notes = "x" };
	struct wb_context *c;
	struct wb_release *r = NULL, *recorded = NULL;
	struct wb_releases *all = NULL;
	struct wb_schema *s = NULL;
	forget(p);
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_release(c, &o, &r, &p->err);
	o.propose = false;
	if (rc == 0)
		rc = wb_release(c, &o, &recorded, &p->err);
	if (rc == 0)
		rc = wb_releases(c, &all, &p->err);
	if (rc == 0)
		rc = wb_schema_read(c, "release:latest", NULL, &s, &p->err);
	wb_schema_free(s);
	wb_releases_free(all);
	wb_release_free(recorded);
	wb_release_free(r);
	wb_close(c);
	return rc;
}

static void test_memory_of_releases(void **state)
{
	struct place *p = *state;
	first(p);
	put(p, "V2__less.sql", "CREATE TABLE more (x int);\n");
	ok(p, UP(p));
	sql(p, "DROP TABLE users");
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run(oom_release, p) > 0);
	assert_string_equal(ask(p, "SELECT version FROM @schema_versions ORDER BY id"), "1.0.0 2.0.0");
	assert_string_equal(ask(p, "SELECT release FROM @schema_snapshots ORDER BY id"), "1.0.0 2.0.0");
}

/* ---- validate --breaking ---------------------------------------------------------------------- */

static void breaking_files(struct place *p)
{
	put(p, "V1__t.sql", "CREATE TABLE t (a int, b int);\n");
	put(p, "V2__less.sql", "ALTER TABLE t DROP COLUMN b;\n");
}

static void test_breaking_is_marked(void **state)
{
	struct place *p = *state;
	struct wb_validate_options o = { .size = sizeof(o), .breaking = true };
	struct wb_validation *v = NULL;
	breaking_files(p);
	ok(p, wb_validate(context(p), &o, &v, &p->err));
	assert_false(v->valid);
	assert_int_equal(v->n_problems, 1);
	assert_string_equal(v->problems[0].kind, "breaking");
	assert_string_equal(v->problems[0].version, "2");
	assert_has(v->problems[0].message, "t.b removed: what uses it fails");
	wb_validation_free(v);
	put(p, "V2__less.sql", "-- Breaking: true\nALTER TABLE t DROP COLUMN b;\n");
	ok(p, wb_validate(context(p), &o, &v, &p->err));
	assert_true(v->valid);
	wb_validation_free(v);
}

static int oom_breaking(void *user)
{
	struct place *p = user;
	struct wb_validate_options o = { .size = sizeof(o), .breaking = true };
	struct wb_validation *v = NULL;
	struct wb_context *c;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_validate(c, &o, &v, &p->err);
	if (rc == 0)
		assert_int_equal(v->n_problems, 1);
	wb_validation_free(v);
	wb_close(c);
	return rc;
}

static void test_memory_of_breaking(void **state)
{
	struct place *p = *state;
	breaking_files(p);
	p->o.event = NULL;
	p->o.log = remove_scratch;
	p->o.log_level = WB_LOG_WARN;
	assert_true(wb_oom_run_every(7, oom_breaking, p) > 0);
}

int test_release(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_recorded),
		TEST_PG(test_recorded),
		TEST(test_refused),
		TEST_PG(test_refused),
		TEST(test_named_schema),
		TEST_PG(test_named_schema),
		TEST(test_semver),
		TEST(test_memory_of_releases),
		TEST(test_breaking_is_marked),
		TEST_PG(test_breaking_is_marked),
		TEST(test_memory_of_breaking),
	};
	return RUN_GROUP("release");
}
