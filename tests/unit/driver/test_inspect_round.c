/* SPDX-License-Identifier: Apache-2.0
 *
 * The DDL of the objects of a database makes the same database: to the byte of
 * its snapshot, and to what sqlite3's pragmas tell of it.
 */
#include "inspected.h"

#include "base/base.h"

/* ---- round trips ---------------------------------------------------------------------------------- */

static const char *const corpus[] = {
	"",
	"CREATE TABLE t (a)",
	"CREATE TABLE t (a INTEGER PRIMARY KEY)",
	"CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b)",
	"CREATE TABLE t (a TEXT PRIMARY KEY ON CONFLICT REPLACE)",
	"CREATE TABLE t (a, b, PRIMARY KEY (b, a DESC) ON CONFLICT FAIL)",
	"CREATE TABLE t (a, b, CONSTRAINT \"the key\" PRIMARY KEY (b COLLATE NOCASE, a)) WITHOUT ROWID",
	"CREATE TABLE t (a PRIMARY KEY DESC, b) WITHOUT ROWID",
	"CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b) WITHOUT ROWID",
	"CREATE TABLE t (a INT, b INTEGER, c TEXT, d REAL, e BLOB, f ANY) STRICT",
	"CREATE TABLE t (a INT NOT NULL PRIMARY KEY, b ANY) STRICT, WITHOUT ROWID",
	"CREATE TABLE t (a NATIVE CHARACTER(70), b UNSIGNED BIG INT, c VARYING CHARACTER ( 255 ), d NUMERIC(+5,-2))",
	"CREATE TABLE t (a \"my type\", b [odd] (3), c 'str')",
	"CREATE TABLE t (a generated, b always, c GENERATED ALWAYS AS (a) , d x GENERATED ALWAYS AS (b) STORED)",
	"CREATE TABLE t (\"\"\"\", [b c], `d``e`, 'f''g', \"select\", \"a.b\", \"tab\tin\", \"line\nin\")",
	"CREATE TABLE \"odd \"\" table\" (a PRIMARY KEY, b REFERENCES \"odd \"\" table\"); "
	"CREATE INDEX \"odd \"\" index\" ON \"odd \"\" table\" (b, a)",
	"CREATE TABLE key (abort, action, desc, asc, key, replace, temp, view, rowid)",
	"CREATE TABLE schön (größe TEXT, 数 INT); CREATE INDEX größen ON schön (größe)",
	"CREATE TABLE t (a DEFAULT 1, b DEFAULT -1, c DEFAULT +1, d DEFAULT - 2.5e-3, e DEFAULT 'it''s', f DEFAULT "
	"NULL)",
	"CREATE TABLE t (a DEFAULT (1 + 2), b DEFAULT (strftime('%s', 'now')), c DEFAULT ((1)), d DEFAULT x'00ff')",
	"CREATE TABLE t (a DEFAULT CURRENT_TIME, b DEFAULT (current_date), c DEFAULT true, d DEFAULT \"quoted\", e "
	"DEFAULT "
	"bare, f DEFAULT key)",
	"CREATE TABLE t (a DEFAULT 'a;b', b DEFAULT ';', c DEFAULT '-- no', d DEFAULT '/*', e DEFAULT 'li' /* x */)",
	"CREATE TABLE t (a DEFAULT (CASE WHEN 1 THEN 'x' ELSE 'y' END), b DEFAULT (-9223372036854775808), c DEFAULT "
	"0x1F)",
	"CREATE TABLE t (a NOT NULL ON CONFLICT ROLLBACK, b NOT NULL ON CONFLICT ABORT, c NOT NULL ON CONFLICT FAIL, "
	"d NOT NULL ON CONFLICT IGNORE, e NOT NULL ON CONFLICT REPLACE DEFAULT 1, f NULL)",
	"CREATE TABLE t (a CONSTRAINT n NOT NULL CONSTRAINT u UNIQUE CONSTRAINT c CHECK (a) CONSTRAINT d DEFAULT 1)",
	"CREATE TABLE t (a CONSTRAINT unused, b CONSTRAINT one CONSTRAINT two UNIQUE)",
	"CREATE TABLE t (a COLLATE NOCASE UNIQUE, b TEXT COLLATE RTRIM COLLATE NOCASE, UNIQUE (a COLLATE BINARY, b))",
	"CREATE TABLE t (a TEXT PRIMARY KEY COLLATE NOCASE)",
	"CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE, b, UNIQUE (a, b) ON CONFLICT ROLLBACK, UNIQUE (b, a))",
	"CREATE TABLE t (a, b, CHECK (a > 0), CHECK (a < 10 AND (b IS NULL OR length(b) > 2)), CONSTRAINT c CHECK (1))",
	"CREATE TABLE t (a CHECK (a IN ('x', 'y')) CHECK (a <> 'z'), b CHECK (b LIKE '%)%'), c CHECK (c NOT NULL))",
	"CREATE TABLE t (a, CHECK (typeof(a) = 'text' COLLATE NOCASE), CHECK (a GLOB '[a-z]*'))",
	"CREATE TABLE t (a CHECK (a = \"strange\"))",
	"CREATE TABLE p (a PRIMARY KEY); CREATE TABLE t (a REFERENCES p, b REFERENCES p (a) ON DELETE SET NULL)",
	"CREATE TABLE t (a REFERENCES nowhere (x) ON UPDATE CASCADE ON DELETE SET DEFAULT MATCH SIMPLE)",
	"CREATE TABLE t (a REFERENCES t DEFERRABLE, b REFERENCES t DEFERRABLE INITIALLY DEFERRED, c REFERENCES t NOT "
	"DEFERRABLE, d REFERENCES t DEFERRABLE INITIALLY IMMEDIATE, e REFERENCES t ON DELETE NO ACTION ON UPDATE "
	"RESTRICT)",
	"CREATE TABLE p (a, b, UNIQUE (a, b)); CREATE TABLE t (x, y, FOREIGN KEY (x, y) REFERENCES p (a, b) ON DELETE "
	"CASCADE, CONSTRAINT k FOREIGN KEY (y) REFERENCES p (b) DEFERRABLE INITIALLY DEFERRED)",
	"CREATE TABLE t (a REFERENCES t NOT NULL DEFERRABLE INITIALLY DEFERRED UNIQUE)",
	"CREATE TABLE t (a REFERENCES p ON INSERT CASCADE)",
	"CREATE TABLE a (x PRIMARY KEY REFERENCES b); CREATE TABLE b (x PRIMARY KEY REFERENCES a)",
	"CREATE TABLE t (a, b AS (a * 2), c INT AS (a + b) STORED, d TEXT GENERATED ALWAYS AS (upper(a)) VIRTUAL NOT "
	"NULL)",
	"CREATE TABLE t (a, b AS (a || ')') UNIQUE, c AS (coalesce(a, 'x,y')) CHECK (c <> ''))",
	"CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE UNIQUE INDEX j ON t (b DESC, a ASC)",
	"CREATE TABLE t (a, b); CREATE INDEX i ON t (a COLLATE NOCASE DESC) WHERE b IS NOT NULL AND a > 'x'",
	"CREATE TABLE t (a, b); CREATE INDEX i ON t (lower(a), a + b DESC, coalesce(a, b, ',') COLLATE RTRIM)",
	"CREATE TABLE t (a, b); CREATE INDEX i ON t (json_extract(a, '$.x'), (a), -b, a COLLATE NOCASE || b)",
	"CREATE TABLE t (a, b); CREATE INDEX i ON t ('a', \"b\", \"no column\")",
	"CREATE TABLE t (a) /* one */ -- two\n",
	"CREATE TABLE t (-- first\na INT, -- second ' \" [\n/* b TEXT, */ c TEXT /* ) */ )",
	"CREATE TABLE t(\ra\tINT\f,\nb\r\nTEXT)",
	"CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t; CREATE VIEW u AS SELECT * FROM v; CREATE VIEW b AS "
	"SELECT * "
	"FROM u",
	"CREATE VIEW v (a, \"b c\") AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) "
	"SELECT "
	"i, -i FROM n ORDER BY 1 DESC LIMIT 3",
	"CREATE VIEW v AS SELECT 'a  b' AS key, count(*) FILTER (WHERE 1) AS \"the n\", sum(1) OVER (PARTITION BY 1) "
	"FROM "
	"(SELECT 1) GROUP BY 1 HAVING count(*) > 0",
	"CREATE VIEW broken AS SELECT * FROM missing",
	"CREATE TABLE t (a); CREATE TRIGGER r AFTER UPDATE OF a ON t FOR EACH ROW WHEN old.a IS NOT new.a BEGIN UPDATE "
	"t "
	"SET a = CASE WHEN new.a THEN 1 ELSE 2 END WHERE rowid = new.rowid; SELECT RAISE(ABORT, 'no; no'); END",
	"CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT "
	"INTO "
	"t VALUES (new.a); END; CREATE TRIGGER s DELETE ON t BEGIN INSERT INTO v VALUES (1); END",
	"CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED, prefix = '2 3', tokenize = \"unicode61 remove_diacritics "
	"2\")",
	"CREATE VIRTUAL TABLE f USING fts4(a, tokenize=porter); CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, +more)",
	"CREATE TABLE d (a); CREATE VIRTUAL TABLE f USING fts5(a, content = 'd'); CREATE TRIGGER ai AFTER INSERT ON d "
	"BEGIN "
	"INSERT INTO f (rowid, a) VALUES (new.rowid, new.a); END",
	"CREATE VIRTUAL TABLE \"odd f\" USING \"fts5\"(\"col umn\")",
	"CREATE TABLE s (a INT, b TEXT); CREATE TABLE t AS SELECT *, 1 AS \"x y\", 2.5 FROM s",
	"CREATE TABLE t (a, PRIMARY KEY (a), CHECK (a)); ALTER TABLE t ADD COLUMN b DEFAULT 5; ALTER TABLE t ADD c",
	"CREATE TABLE t (a, b, UNIQUE (a)); ALTER TABLE t RENAME a TO \"a b\"; ALTER TABLE t RENAME TO \"t t\"",
	"CREATE TABLE t (a, b, c CHECK (c)); ALTER TABLE t DROP COLUMN b",
	"CREATE TABLE IF NOT EXISTS main.t (a)",
	"CREATE TABLE t (a, b, UNIQUE (a) UNIQUE (b) CHECK (a))",
	"CREATE TABLE t (a, CONSTRAINT x CONSTRAINT y CHECK (a), CONSTRAINT z)",
	"CREATE TABLE t (a, b TEXT GENERATED ALWAYS NOT NULL AS (a), c GENERATED ALWAYS UNIQUE AS (a) STORED)",
	"CREATE TABLE t (a DEFERRABLE, b NOT DEFERRABLE INITIALLY DEFERRED, c DEFERRABLE INITIALLY IMMEDIATE)",
	"CREATE TABLE t (a CHECK (a), CHECK (a), CONSTRAINT c UNIQUE (a), CONSTRAINT c CHECK (a > 1), CONSTRAINT c "
	"CHECK "
	"(a > 0))",
	"CREATE TABLE t (a INTEGER, PRIMARY KEY (a AUTOINCREMENT) ON CONFLICT IGNORE)",
	"CREATE TABLE t (a TEXT UNIQUE COLLATE NOCASE, b BLOB, c DATETIME DEFAULT (datetime('now', 'localtime')))",
	"CREATE TABLE t (a BOOLEAN DEFAULT FALSE NOT NULL CHECK (a IN (0, 1)))",
	"CREATE TABLE t (a, b, c, d, PRIMARY KEY (d, c), UNIQUE (c, b), UNIQUE (b, a)) WITHOUT ROWID",
	"CREATE TABLE t (a INT(10), b FLOAT(3.5), c VARCHAR(255) COLLATE NOCASE NOT NULL DEFAULT '')",
	"CREATE TABLE t (a INT DEFAULT(1)NOT NULL,b TEXT DEFAULT'x'NOT NULL,c DEFAULT-1 NOT NULL)",
	"CREATE TABLE \"1\" (\"2\" INT, \"\" INT, \"a\"\"b\"\"c\" TEXT)",
	"CREATE TABLE t (\"check\" CHECK (\"check\" > 0), \"primary\" PRIMARY KEY, \"unique\" UNIQUE)",
};

static void test_round_trips(void **state)
{
	(void)state;
	assert_true(WB_ARRAY_LEN(corpus) >= 60);
	for (size_t i = 0; i < WB_ARRAY_LEN(corpus); i++)
		assert_round_trip(corpus[i]);
}

/* None of them is kept as a whole because it was not understood. */
static void test_corpus_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(corpus); i++) {
		struct wb_model *m = model_of(corpus[i]);

		for (size_t j = 0; j < m->n; j++)
			if (m->v[j]->kind != WB_KIND_VIEW && m->v[j]->kind != WB_KIND_TRIGGER &&
			    wb_object_get(m->v[j], "definition"))
				fail_msg("not understood: %s", corpus[i]);
		wb_model_free(m);
	}
}

int test_inspect_round(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_corpus_is_understood),
	};

	return RUN_GROUP("inspect, round trips");
}
