/* SPDX-License-Identifier: Apache-2.0
 *
 * A database as objects: what each kind says of itself, however it was typed,
 * edited by ALTER TABLE, or written by another library.
 */
#include "tests.h"

#include "inspected.h"

#include "base/base.h"

/* ---- helpers -------------------------------------------------------------------- */

static const struct wb_object *find(const struct wb_model *m, enum wb_kind kind, const char *parent, const char *name)
{
	const struct wb_object *o = wb_model_find(m, kind, NULL, parent, name);

	if (o)
		return o;
	for (size_t i = 0; i < m->n; i++)
		print_error("  %s %s.%s\n", wb_kind_name(m->v[i]->kind), m->v[i]->parent ? m->v[i]->parent : "",
			    m->v[i]->name);
	fail_msg("no %s %s.%s", wb_kind_name(kind), parent ? parent : "", name);
	return NULL;
}

/* All attributes as "key=value key=value", position left out. */
static void assert_says(const struct wb_object *o, const char *expected)
{
	wb_autostr all = WB_STR_INIT;

	for (size_t i = 0; i < o->n_attrs; i++)
		if (strcmp(o->attrs[i].key, "position") != 0)
			wb_str_addf(&all, "%s%s=%s", all.n ? " " : "", o->attrs[i].key, o->attrs[i].value);
	assert_string_equal(all.p, expected);
}

static void assert_column(const struct wb_model *m, const char *name, const char *expected)
{
	assert_says(find(m, WB_KIND_COLUMN, "t", name), expected);
}

static void assert_constraint(const struct wb_model *m, const char *name, const char *expected)
{
	assert_says(find(m, WB_KIND_CONSTRAINT, "t", name), expected);
}

static size_t count(const struct wb_model *m, enum wb_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->v[i]->kind == kind;
	return n;
}

static bool needs(const struct wb_object *o, const char *name)
{
	for (size_t i = 0; i < o->n_needs; i++)
		if (strcmp(o->needs[i]->name, name) == 0)
			return true;
	return false;
}

/* ---- columns --------------------------------------------------------------------------- */

static void test_columns(void **state)
{
	struct wb_model *m =
		model_of("CREATE TABLE t (a integer NOT NULL ON CONFLICT ignore, b varchar ( 10 ) DEFAULT 'x'"
			 ", c, d DOUBLE  PRECISION DEFAULT - 1.5, e decimal(10 , 2) DEFAULT (1+2), "
			 "f DEFAULT current_timestamp, g TEXT COLLATE nocase, h COLLATE binary, "
			 "i AS (a+1) STORED, j INT GENERATED ALWAYS AS (a||b), k DEFAULT word, "
			 "l DEFAULT (7), m DEFAULT (-7), n DEFAULT (null), o TEXT NULL DEFAULT \"q\")");

	(void)state;
	assert_column(m, "a", "not_null=true not_null_conflict=IGNORE type=INTEGER");
	assert_column(m, "b", "default='x' type=varchar(10)");
	assert_column(m, "c", "");
	assert_column(m, "d", "default=-1.5 type=DOUBLE PRECISION");
	assert_column(m, "e", "default=(1 + 2) type=decimal(10,2)");
	assert_column(m, "f", "default=CURRENT_TIMESTAMP");
	assert_column(m, "g", "collate=NOCASE type=TEXT");
	assert_column(m, "h", "");
	assert_column(m, "i", "generated=a + 1 stored=true");
	assert_column(m, "j", "generated=a || b type=INT");
	assert_column(m, "k", "default=word");
	assert_column(m, "l", "default=7");
	assert_column(m, "m", "default=-7");
	assert_column(m, "n", "default=NULL");
	assert_column(m, "o", "default=\"q\" type=TEXT");
	assert_string_equal(wb_object_get(find(m, WB_KIND_COLUMN, "t", "k"), "position"), "11");
	assert_int_equal(count(m, WB_KIND_COLUMN), 15);
	assert_string_equal(m->engine, "sqlite");
	wb_model_free(m);
}

static void test_tables(void **state)
{
	struct wb_model *m =
		model_of("CREATE TABLE plain (a); CREATE TABLE both (a INT PRIMARY KEY) strict, without rowid;"
			 "CREATE TABLE s (a ANY) STRICT; CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID;");

	(void)state;
	assert_says(find(m, WB_KIND_TABLE, NULL, "plain"), "");
	assert_says(find(m, WB_KIND_TABLE, NULL, "both"), "strict=true without_rowid=true");
	assert_says(find(m, WB_KIND_TABLE, NULL, "s"), "strict=true");
	assert_says(find(m, WB_KIND_TABLE, NULL, "w"), "without_rowid=true");
	assert_says(find(m, WB_KIND_COLUMN, "s", "a"), "type=ANY");
	wb_model_free(m);
}

/* ---- constraints ------------------------------------------------------------------------- */

static void test_constraints(void **state)
{
	struct wb_model *m = model_of(
		"CREATE TABLE p (x PRIMARY KEY, y, UNIQUE (x, y));"
		"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE ON CONFLICT replace CHECK (a>0), "
		"b REFERENCES p ON DELETE cascade ON UPDATE SET null DEFERRABLE INITIALLY DEFERRED, "
		"c CONSTRAINT \"odd name\" NOT NULL CONSTRAINT ck CHECK (c is not null), "
		"CONSTRAINT fk FOREIGN KEY (B, [c]) REFERENCES \"p\"(x, y) MATCH full NOT DEFERRABLE INITIALLY "
		"DEFERRED,"
		"UNIQUE (`C` desc, 'a' COLLATE rtrim) ON CONFLICT abort CHECK (a in (1,2)))");

	(void)state;
	assert_constraint(m, "PRIMARY KEY", "autoincrement=true columns=id type=PRIMARY KEY");
	assert_constraint(m, "UNIQUE (a)", "columns=a on_conflict=REPLACE type=UNIQUE");
	assert_constraint(m, "CHECK (a > 0)", "expression=a > 0 type=CHECK");
	assert_constraint(m, "FOREIGN KEY (b) REFERENCES p",
			  "columns=b deferrable=true initially_deferred=true on_delete=CASCADE on_update=SET NULL "
			  "references=p type=FOREIGN KEY");
	assert_constraint(m, "ck", "expression=c IS NOT NULL sql_name=\"ck\" type=CHECK");
	assert_constraint(m, "fk", "columns=b, c match=full references=p (x, y) sql_name=\"fk\" type=FOREIGN KEY");
	assert_constraint(m, "UNIQUE (c DESC, a COLLATE RTRIM)", "columns=c DESC, a COLLATE RTRIM type=UNIQUE");
	assert_constraint(m, "CHECK (a IN (1, 2))", "expression=a IN (1, 2) type=CHECK");
	assert_true(needs(find(m, WB_KIND_CONSTRAINT, "t", "fk"), "p"));
	assert_int_equal(count(m, WB_KIND_CONSTRAINT), 10);
	wb_model_free(m);
}

static void test_same_constraint_twice(void **state)
{
	struct wb_model *m = model_of("CREATE TABLE t (a UNIQUE CHECK (a>1), b, UNIQUE (a), CHECK (a > 1), "
				      "CONSTRAINT c CHECK (a), CONSTRAINT c CHECK (b), CONSTRAINT c CHECK (a), "
				      "FOREIGN KEY (b) REFERENCES t ON DELETE CASCADE, FOREIGN KEY (b) REFERENCES t)");

	(void)state;
	assert_int_equal(count(m, WB_KIND_CONSTRAINT), 6);
	assert_constraint(m, "c", "expression=a sql_name=\"c\" type=CHECK");
	assert_constraint(m, "c #2", "expression=b sql_name=\"c\" type=CHECK");
	assert_constraint(m, "FOREIGN KEY (b) REFERENCES t",
			  "columns=b on_delete=CASCADE references=t type=FOREIGN KEY");
	assert_constraint(m, "FOREIGN KEY (b) REFERENCES t #2", "columns=b references=t type=FOREIGN KEY");
	assert_false(needs(find(m, WB_KIND_CONSTRAINT, "t", "FOREIGN KEY (b) REFERENCES t"), "t"));
	wb_model_free(m);
}

static char rowid_of_one(const char *table)
{
	struct memory mem;
	sqlite3_stmt *stmt;
	char answer;

	open_memory(&mem);
	make(mem.db, table);
	make(mem.db, "INSERT INTO t (x) VALUES (77)");
	assert_int_equal(sqlite3_prepare_v2(mem.db, "SELECT iif(rowid = 77, 'a', 'n') FROM t", -1, &stmt, NULL), 0);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	answer = (char)sqlite3_column_text(stmt, 0)[0];
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	close_memory(&mem);
	return answer;
}

/* Which keys are aliases of the rowid stays as it was. */
static void test_rowid_aliases(void **state)
{
	static const struct {
		const char *sql, alias;
	} cases[] = {
		{ "CREATE TABLE t (x INTEGER PRIMARY KEY)", 'a' },
		{ "CREATE TABLE t (x integer PRIMARY KEY ASC ON CONFLICT IGNORE)", 'a' },
		{ "CREATE TABLE t (x INTEGER PRIMARY KEY DESC)", 'n' },
		{ "CREATE TABLE t (x INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT REPLACE NOT NULL)", 'n' },
		{ "CREATE TABLE t (x INTEGER, PRIMARY KEY (x DESC))", 'a' },
		{ "CREATE TABLE t (x INTEGER, PRIMARY KEY (\"x\"))", 'a' },
		{ "CREATE TABLE t (x INT PRIMARY KEY)", 'n' },
		{ "CREATE TABLE t (x \"INTEGER\" PRIMARY KEY)", 'a' },
		{ "CREATE TABLE t (x [integer] PRIMARY KEY DESC)", 'n' },
		{ "CREATE TABLE t (x INTEGER PRIMARY KEY AUTOINCREMENT)", 'a' },
		{ "CREATE TABLE t (x INTEGER, PRIMARY KEY (x AUTOINCREMENT))", 'a' },
		{ "CREATE TABLE t (x TEXT PRIMARY KEY DESC)", 'n' },
		{ "CREATE TABLE t (x INTEGER, y, PRIMARY KEY (x, y))", 'n' },
		{ "CREATE TABLE t (y INTEGER, \"x, y\" TEXT, x TEXT PRIMARY KEY)", 'n' },
		{ "CREATE TABLE t (x INTEGER, xy TEXT, PRIMARY KEY (xy))", 'n' },
		{ "CREATE TABLE t (\"a, b\" INTEGER, x INTEGER PRIMARY KEY)", 'a' },
		{ "CREATE TABLE t (x INTEGER, PRIMARY KEY (x COLLATE NOCASE))", 'a' },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_model *m = model_of(cases[i].sql);
		wb_autostr ddl = WB_STR_INIT;
		struct wb_error err = { 0 };

		assert_int_equal(wb_object_get(find(m, WB_KIND_TABLE, NULL, "t"), "rowid_alias") != NULL,
				 cases[i].alias == 'a');
		assert_ok(wb_ddl_create(&wb_ddl_sqlite, m, find(m, WB_KIND_TABLE, NULL, "t"), &ddl, &err), &err);
		if (rowid_of_one(cases[i].sql) != cases[i].alias || rowid_of_one(ddl.p) != cases[i].alias)
			fail_msg("%s\n%s", cases[i].sql, ddl.p);
		assert_round_trip(cases[i].sql);
		wb_model_free(m);
	}
}

/* ---- how it was typed does not matter ------------------------------------------------------- */

static void assert_same(const char *one, const char *other)
{
	struct wb_model *a = model_of(one), *b = model_of(other);
	char x[65], y[65];
	struct wb_diff diff;
	struct wb_error err = { 0 };

	assert_ok(wb_schema_diff(a, b, &diff, &err), &err);
	for (size_t i = 0; i < diff.n; i++)
		print_error("%s: %s, %s\n", (diff.v[i].expected ? diff.v[i].expected : diff.v[i].actual)->name,
			    diff.v[i].attribute ? diff.v[i].attribute : "whole",
			    diff.v[i].expected_value ? diff.v[i].expected_value : "none");
	assert_int_equal(diff.n, 0);
	assert_ok(wb_snapshot_hash(a, x, &err), &err);
	assert_ok(wb_snapshot_hash(b, y, &err), &err);
	assert_string_equal(x, y);
	wb_diff_done(&diff);
	wb_model_free(a);
	wb_model_free(b);
}

static void test_style(void **state)
{
	(void)state;
	assert_same("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE CHECK (b <> ''), c REFERENCES t (a))",
		    "create table [t] (\n\"a\" integer -- the key\n, `b` text /* , */, 'c',\n unique (\"B\"), primary "
		    "key(a), check(b<>'') foreign key (C) references \"t\"([a]))");
	assert_same("CREATE TABLE t (a, b DEFAULT -1, c AS (CASE WHEN a >= -b THEN NULL ELSE cast(a AS t) END))",
		    "CREATE TABLE t(a,b default(- 1),c generated always as(case when a>=-b then null else "
		    "CAST ( a as t )end)virtual)");
	assert_same(
		"CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a COLLATE NOCASE DESC, lower(a)) WHERE a IS NOT NULL",
		"CREATE TABLE t (a); create unique index if not exists \"i\" on `t`([a]collate nocase desc,lower( a "
		")asc)where a is not null");
	assert_same("CREATE TABLE t (a); CREATE VIEW v (x) AS SELECT a FROM t WHERE a IN (1, 2)",
		    "CREATE TABLE t (a); create view \"v\"(x)AS SELECT a -- one\nFROM t WHERE a IN(1,2)");
	assert_same("CREATE TABLE t (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
		    "CREATE TABLE t (a); CREATE TRIGGER [r]AFTER INSERT\nON t BEGIN SELECT 1 ; /* no */END");
	assert_same("CREATE VIRTUAL TABLE f USING fts5 (a, tokenize = 'porter')",
		    "CREATE VIRTUAL TABLE \"f\" USING fts5(  a  ,tokenize = 'porter' )");
}

static void test_expressions(void **state)
{
	static const char *const pairs[][2] = {
		{ "a > -1", "a>-1" },
		{ "- -a", "- -a" },
		{ "a - -1", "a- -1" },
		{ "a - 1", "a-1" },
		{ "-a", "- a" },
		{ "(a + b) * -(a)", "(a+b)*-(a)" },
		{ "a NOT IN (1, 'x  y', NULL)", "a not in(1,'x  y',null)" },
		{ "a BETWEEN -1 AND +2", "a between - 1 and + 2" },
		{ "a ->> '$.x' = b", "a->>'$.x'=b" },
		{ "a << 2 | b >> 1", "a<<2|b>>1" },
		{ "a <> b AND a != b AND a == b AND a <= b", "a<>b and a!=b and a==b and a<=b" },
		{ "coalesce(a, b, x'00ff')", "coalesce ( a,b ,x'00ff' )" },
		{ "CAST(a AS DECIMAL(10, 2)) = 1.5e+3", "cast ( a as DECIMAL(10,2) )=1.5e+3" },
		{ "a LIKE 'x%' ESCAPE '\\' OR a GLOB '*'", "a like'x%'escape'\\'or a glob'*'" },
		{ "a || b || a", "\"a\"||[b]||`a`" }, /* SQLite adds quotes when it renames */
		{ "a", "t . a" }, /* whose column it is, is clear */
		{ "~a & 1", "~ a&1" },
		{ "a IS NOT NULL AND b NOTNULL", "a is not null and b notnull" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(pairs); i++) {
		wb_autostr sql = WB_STR_INIT, name = WB_STR_INIT;
		struct wb_model *m;

		wb_str_addf(&sql, "CREATE TABLE t (a, b, CHECK (%s))", pairs[i][1]);
		wb_str_addf(&name, "CHECK (%s)", pairs[i][0]);
		m = model_of(sql.p);
		find(m, WB_KIND_CONSTRAINT, "t", name.p);
		wb_model_free(m);
		assert_round_trip(sql.p);
	}
}

/* ---- the other kinds -------------------------------------------------------------------------- */

static void test_indexes(void **state)
{
	struct wb_model *m = model_of("CREATE TABLE t (a, \"b c\", desc); CREATE INDEX i ON t (A, \"b c\" DESC, desc);"
				      "CREATE UNIQUE INDEX u ON t (lower(a) COLLATE nocase, a || 'x' DESC) WHERE a > 1 "
				      "and desc is null; CREATE INDEX q ON t (\"nothing\")");

	(void)state;
	assert_says(find(m, WB_KIND_INDEX, "t", "i"), "columns=a, \"b c\" DESC, \"desc\"");
	assert_says(find(m, WB_KIND_INDEX, "t", "u"),
		    "columns=lower(a) COLLATE NOCASE, a || 'x' DESC unique=true where=a > 1 AND desc IS NULL");
	assert_says(find(m, WB_KIND_INDEX, "t", "q"), "columns=\"nothing\"");
	assert_ptr_equal(find(m, WB_KIND_INDEX, "t", "i")->owner, find(m, WB_KIND_TABLE, NULL, "t"));
	wb_model_free(m);
}

static void test_views_and_triggers(void **state)
{
	struct wb_model *m = model_of(
		"CREATE TABLE t (a, key); CREATE TABLE \"odd t\" (a); CREATE TABLE other (a);"
		"CREATE VIEW v AS SELECT key, \"a\" from T; CREATE VIEW w (x) AS SELECT 1 FROM \"odd t\" JOIN v;"
		"CREATE TRIGGER r before update OF a ON T WHEN new.a > 1 BEGIN INSERT INTO Other (a) VALUES (';'); "
		"DELETE FROM t; END; CREATE TRIGGER s INSTEAD OF INSERT ON w BEGIN SELECT 1; END");
	const struct wb_object *v = find(m, WB_KIND_VIEW, NULL, "v"), *w = find(m, WB_KIND_VIEW, NULL, "w");
	const struct wb_object *r = find(m, WB_KIND_TRIGGER, "t", "r"), *s = find(m, WB_KIND_TRIGGER, "w", "s");

	(void)state;
	assert_says(v, "definition=CREATE VIEW v AS SELECT key, \"a\" from T");
	assert_says(w, "definition=CREATE VIEW w(x) AS SELECT 1 FROM \"odd t\" JOIN v");
	assert_says(r, "definition=CREATE TRIGGER r before update OF a ON T WHEN new.a > 1 BEGIN INSERT INTO Other(a) "
		       "VALUES (';'); DELETE FROM t; END");
	assert_int_equal(v->n_needs, 1);
	assert_true(needs(v, "t"));
	assert_int_equal(w->n_needs, 2);
	assert_true(needs(w, "odd t") && needs(w, "v"));
	assert_int_equal(r->n_needs, 1);
	assert_true(needs(r, "other"));
	assert_ptr_equal(r->owner, find(m, WB_KIND_TABLE, NULL, "t"));
	assert_int_equal(s->n_needs, 0);
	assert_ptr_equal(s->owner, w);
	wb_model_free(m);
}

static void test_virtual_tables(void **state)
{
	struct wb_model *m = model_of("CREATE TABLE docs (id INTEGER PRIMARY KEY, body);"
				      "CREATE VIRTUAL TABLE words USING FTS5(body, content='docs', content_rowid = id);"
				      "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1 );"
				      "CREATE VIEW v AS SELECT * FROM words");

	(void)state;
	assert_says(find(m, WB_KIND_VIRTUAL_TABLE, NULL, "words"),
		    "arguments=body, content='docs', content_rowid = id module=FTS5");
	assert_says(find(m, WB_KIND_VIRTUAL_TABLE, NULL, "boxes"), "arguments=id, x0, x1 module=rtree");
	assert_int_equal(count(m, WB_KIND_TABLE), 1);
	assert_int_equal(count(m, WB_KIND_COLUMN), 2);
	assert_int_equal(count(m, WB_KIND_INDEX), 0);
	assert_true(needs(find(m, WB_KIND_VIEW, NULL, "v"), "words"));
	wb_model_free(m);
}

/* Without their modules, too; what only looks like a shadow table is none. */
static void test_shadow_tables(void **state)
{
	struct memory mem;
	struct wb_model *m;

	(void)state;
	open_memory(&mem);
	make(mem.db, "CREATE VIRTUAL TABLE f USING fts5(a); CREATE VIRTUAL TABLE g USING fts4(a); CREATE VIRTUAL TABLE "
		     "\"odd v\" USING rtree_i32(id, a, b); CREATE VIRTUAL TABLE s USING fts5vocab(f, row);"
		     "CREATE TABLE f_mine (a); CREATE TABLE s_data (a); CREATE VIEW g_seen AS SELECT 1");
	m = inspect(mem.c);
	assert_int_equal(count(m, WB_KIND_VIRTUAL_TABLE), 4);
	assert_int_equal(count(m, WB_KIND_TABLE), 2);
	assert_int_equal(count(m, WB_KIND_VIEW), 1);
	wb_model_free(m);
	make(mem.db, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'fts4', 'unheard')");
	m = inspect(mem.c);
	assert_says(find(m, WB_KIND_VIRTUAL_TABLE, NULL, "g"), "arguments=a module=unheard");
	wb_model_free(m);
	close_memory(&mem);
}

static void test_left_out(void **state)
{
	struct place *p = *state;
	wb_autostr ddl = WB_STR_INIT;
	struct wb_model *m;

	assert_ok(wb_driver_journal_sql(p->c->driver, NULL, &ddl, &p->err), &p->err);
	exec(p->c, ddl.p);
	exec(p->c, "CREATE TABLE whimbrel_mine (a);CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE);"
		   "CREATE INDEX whimbrel_i ON whimbrel_meta (format);ANALYZE;CREATE TEMP TABLE away (a)");
	m = inspect(p->c);
	assert_int_equal(count(m, WB_KIND_TABLE), 2);
	assert_int_equal(count(m, WB_KIND_INDEX), 0);
	find(m, WB_KIND_TABLE, NULL, "whimbrel_mine");
	assert_false(p->c->in_transaction);
	wb_model_free(m);
}

/* ---- what is edited, odd, foreign --------------------------------------------------------------- */

static void test_altered(void **state)
{
	struct wb_model *m = model_of("CREATE TABLE p (id INTEGER PRIMARY KEY);"
				      "CREATE TABLE old (a INT, b TEXT, CHECK (a > 0), UNIQUE (b)) STRICT;"
				      "CREATE INDEX i ON old (a); CREATE VIEW v AS SELECT a FROM old;"
				      "ALTER TABLE old ADD COLUMN c TEXT NOT NULL DEFAULT 'x' ;"
				      "ALTER TABLE old ADD d INT REFERENCES p (id) ON DELETE CASCADE;"
				      "ALTER TABLE old RENAME COLUMN a TO \"the a\"; ALTER TABLE old RENAME TO t;"
				      "ALTER TABLE t ADD COLUMN gone ANY; ALTER TABLE t DROP COLUMN gone;"
				      "ALTER TABLE p RENAME TO \"parent table\"");

	(void)state;
	assert_says(find(m, WB_KIND_TABLE, NULL, "t"), "strict=true");
	assert_column(m, "the a", "type=INT");
	assert_column(m, "c", "default='x' not_null=true type=TEXT");
	assert_constraint(m, "CHECK (\"the a\" > 0)", "expression=\"the a\" > 0 type=CHECK");
	assert_constraint(m, "FOREIGN KEY (d) REFERENCES \"parent table\" (id)",
			  "columns=d on_delete=CASCADE references=\"parent table\" (id) type=FOREIGN KEY");
	assert_says(find(m, WB_KIND_INDEX, "t", "i"), "columns=\"the a\"");
	assert_int_equal(count(m, WB_KIND_COLUMN), 5);
	wb_model_free(m);
}

static void test_create_as(void **state)
{
	struct wb_model *m = model_of("CREATE TABLE s (a INT, b TEXT, c REAL, d BLOB, e NUMERIC);"
				      "CREATE TABLE t AS SELECT a, b, c, d, e, 1 AS \"one \"\" two\" FROM s");

	(void)state;
	assert_column(m, "a", "type=INT");
	assert_column(m, "b", "type=TEXT");
	assert_column(m, "c", "type=REAL");
	assert_column(m, "d", "");
	assert_column(m, "e", "type=NUM");
	assert_column(m, "one \" two", "");
	wb_model_free(m);
}

/* Texts of another library, written into the schema: kept as they are, and the rest is inspected. */
static void test_foreign_syntax(void **state)
{
	static const char *const texts[][2] = {
		{ "CREATE TABLE t (a INT) RANDOM ROWID", "CREATE TABLE t(a INT) RANDOM ROWID" },
		{ "CREATE TABLE t (a INT DEFAULT)", "CREATE TABLE t(a INT DEFAULT)" },
		{ "CREATE TABLE t (a INT, CHECK)", "CREATE TABLE t(a INT, CHECK)" },
		{ "CREATE TABLE t (a INT, UNIQUE ())", "CREATE TABLE t(a INT, UNIQUE ())" },
		{ "CREATE TABLE t (a REFERENCES)", "CREATE TABLE t(a REFERENCES)" },
		{ "CREATE TABLE t (a REFERENCES p ON DELETE NOTHING)",
		  "CREATE TABLE t(a REFERENCES p ON DELETE NOTHING)" },
		{ "CREATE TABLE t (a UNIQUE ON CONFLICT x)", "CREATE TABLE t(a UNIQUE ON CONFLICT x)" },
		{ "CREATE TABLE t (a, b", "CREATE TABLE t(a, b" },
		{ "CREATE TABLE t (a INT(1)", "CREATE TABLE t(a INT(1)" },
		{ "CREATE TABLE t", "CREATE TABLE t " },
		{ "CREATE TABLE t (a) STRICT STRICT", "CREATE TABLE t(a) STRICT STRICT" },
		{ "CREATE FUNNY TABLE t (a)", "CREATE FUNNY TABLE t(a)" },
		{ "CREATE TABLE t (a 'open) ", "CREATE TABLE t (a 'open)" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		struct memory mem;
		struct wb_model *m;
		char *sql = sqlite3_mprintf("UPDATE sqlite_schema SET sql = %Q WHERE name = 't'", texts[i][0]);

		open_memory(&mem);
		make(mem.db, "CREATE TABLE t (a); CREATE TABLE good (b); PRAGMA writable_schema = ON");
		make(mem.db, sql);
		m = inspect(mem.c);
		assert_string_equal(wb_object_get(find(m, WB_KIND_TABLE, NULL, "t"), "definition"), texts[i][1]);
		find(m, WB_KIND_COLUMN, "good", "b");
		assert_int_equal(count(m, WB_KIND_COLUMN), 1);
		wb_model_free(m);
		sqlite3_free(sql);
		close_memory(&mem);
	}
}

static void test_foreign_index(void **state)
{
	struct memory mem;
	struct wb_model *m;

	(void)state;
	open_memory(&mem);
	make(mem.db,
	     "CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE INDEX j ON t (a); CREATE VIRTUAL TABLE f USING "
	     "rtree(a, b, c); PRAGMA writable_schema = ON;"
	     "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t USING x (a)' WHERE name = 'i';"
	     "UPDATE sqlite_schema SET sql = 'CREATE INDEX j ON t (a) USING x' WHERE name = 'j';"
	     "UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE f USING rtree(a) more' WHERE name = 'f'");
	m = inspect(mem.c);
	assert_says(find(m, WB_KIND_INDEX, "t", "i"), "definition=CREATE INDEX i ON t USING x(a)");
	assert_says(find(m, WB_KIND_INDEX, "t", "j"), "definition=CREATE INDEX j ON t(a) USING x");
	assert_says(find(m, WB_KIND_VIRTUAL_TABLE, NULL, "f"), "definition=CREATE VIRTUAL TABLE f USING rtree(a) more");
	wb_model_free(m);
	close_memory(&mem);
}

static void test_server(void **state)
{
	struct place *p = *state;
	struct wb_model *m = inspect(p->c);

	assert_string_equal(m->server, p->c->server);
	assert_int_equal(m->n, 0);
	wb_model_free(m);
}

/* ---- trouble ---------------------------------------------------------------------------------------- */

static int inspect_life(void *user)
{
	struct wb_conn *c = user;
	struct wb_model *m = NULL;
	int rc = wb_conn_inspect(c, NULL, &m, NULL);

	if (rc == 0)
		wb_model_free(m);
	return rc;
}

static void test_memory(void **state)
{
	struct memory mem;

	(void)state;
	open_memory(&mem);
	make(mem.db,
	     "CREATE TABLE p (x PRIMARY KEY) WITHOUT ROWID; CREATE VIRTUAL TABLE f USING fts5(a, b);"
	     "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, \"b c\" TEXT DEFAULT (1 + 2) COLLATE NOCASE UNIQUE, c "
	     "NUMERIC(1) AS (a), CHECK (a), CONSTRAINT k CHECK (c), CONSTRAINT k CHECK (a > 1), FOREIGN KEY (c) "
	     "REFERENCES p (x) MATCH FULL); CREATE INDEX i ON t (a, lower(\"b c\") COLLATE rtrim) WHERE a > 1;"
	     "CREATE VIEW v AS SELECT * FROM t, p; CREATE TRIGGER r DELETE ON t BEGIN SELECT * FROM v; END;"
	     "PRAGMA writable_schema = ON; CREATE TABLE odd (a); UPDATE sqlite_schema SET sql = "
	     "'CREATE TABLE odd (a ?)' WHERE name = 'odd'");
	assert_true(wb_oom_run(inspect_life, mem.c) > 10);
	close_memory(&mem);
}

static void test_transaction(void **state)
{
	struct place *p = *state;
	struct wb_model *m;

	exec(p->c, "BEGIN; CREATE TABLE in_it (a)");
	m = inspect(p->c);
	find(m, WB_KIND_TABLE, NULL, "in_it");
	wb_model_free(m);
	exec(p->c, "ROLLBACK");
	m = inspect(p->c);
	assert_null(wb_model_find(m, WB_KIND_TABLE, NULL, NULL, "in_it"));
	wb_model_free(m);
}

/* Is somebody else's driver without it. */
static void test_unsupported(void **state)
{
	struct place *p = *state;
	struct wb_driver other = *wb_sqlite_driver();
	const struct wb_driver *ours = p->c->driver;
	struct wb_model *m = NULL;

	other.inspect = NULL;
	p->c->driver = &other;
	assert_int_equal(wb_conn_inspect(p->c, NULL, &m, &p->err), WB_EUNSUPPORTED);
	p->c->driver = ours;
}

int test_inspect(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_constraints),
		cmocka_unit_test(test_same_constraint_twice),
		cmocka_unit_test(test_rowid_aliases),
		cmocka_unit_test(test_style),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_indexes),
		cmocka_unit_test(test_views_and_triggers),
		cmocka_unit_test(test_virtual_tables),
		cmocka_unit_test(test_shadow_tables),
		TEST_CONN(test_left_out),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_create_as),
		cmocka_unit_test(test_foreign_syntax),
		cmocka_unit_test(test_foreign_index),
		TEST_CONN(test_server),
		cmocka_unit_test(test_memory),
		TEST_CONN(test_transaction),
		TEST_CONN(test_unsupported),
	};

	return RUN_GROUP("inspect");
}
