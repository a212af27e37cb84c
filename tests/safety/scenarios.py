# SPDX-License-Identifier: Apache-2.0
"""Scenarios of the lock proof: for each fact of src/safety/facts_postgres.c a
statement that it is about, on tables that every scenario finds.

S(fact, statement): in an open transaction on the tables of BASE. setup: made
before, and committed. hold: what other sessions hold, one after the other let
go, while the statement, which is no part of a transaction, runs. since, until:
versions, where they are not the fact's. opened: what the catalog cannot tell, so
that the answer may be open, but never wrong."""

BASE = """
CREATE TABLE t (id int PRIMARY KEY, a int, b text, n int NOT NULL DEFAULT 0, v varchar(20), d numeric(10,2),
                ts timestamp, s text, z bit(8), ip cidr);
INSERT INTO t SELECT g, g, repeat('x', 60), g, 'v' || g, g, '2024-01-01', 's' || g, B'00000000', '10.0.0.0/8' FROM generate_series(1, 600) g;
CREATE INDEX t_a ON t (a);
CREATE INDEX t_v ON t (v);
CREATE INDEX t_s ON t (s);
CREATE TABLE p (id int PRIMARY KEY, u int UNIQUE, x text);
INSERT INTO p SELECT g, g, repeat('p', 60) FROM generate_series(1, 600) g;
CREATE TABLE f (id int PRIMARY KEY, p_id int CONSTRAINT f_p REFERENCES p, q int, x text);
INSERT INTO f SELECT g, g, g, repeat('f', 60) FROM generate_series(1, 600) g;
CREATE TABLE m (k int NOT NULL, id int, w text) PARTITION BY RANGE (k);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (3000);
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (3000) TO (6000);
CREATE TABLE md PARTITION OF m DEFAULT;
INSERT INTO m SELECT g, g, repeat('m', 60) FROM generate_series(1, 7999, 10) g;
CREATE INDEX m_id ON m (id);
CREATE TABLE i0 (id int, a int, w text);
CREATE TABLE i1 (extra int) INHERITS (i0);
INSERT INTO i0 SELECT g, g, repeat('i', 60) FROM generate_series(1, 600) g;
INSERT INTO i1 SELECT g, g, repeat('i', 60), 1 FROM generate_series(1, 600) g;
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE DOMAIN bare AS int;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (x int, y int);
CREATE FUNCTION vol() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION stab() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW vw AS SELECT id, a FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT id, b FROM t;
CREATE UNIQUE INDEX mv_id ON mv (id);
CREATE SEQUENCE sq;
"""
# A table that gets what a scenario needs; rows as in t.
C = "CREATE TABLE c AS SELECT * FROM t; "

# One list per fact is long enough to be read as a table.
SCENARIOS = []


def S(fact, statement, setup="", hold=(), since=0, until=99, opened=False):  # pylint: disable=invalid-name
    SCENARIOS.append(dict(fact=fact, statement=statement, setup=setup, hold=hold, since=since, until=until, opened=opened))


# ---- tables
S("create table/partition of", "CREATE TABLE n PARTITION OF h FOR VALUES FROM (0) TO (10)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k)")
S("create table/default", "CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (9000) TO (9999)")
S("create table/default implied", "CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (9000) TO (9999)",
  "ALTER TABLE md ADD CHECK (k >= 6000 AND k < 9000)", opened=True)
S("create table/keys of the parent", "CREATE TABLE h2 PARTITION OF h FOR VALUES FROM (10) TO (20)",
  "CREATE TABLE h (k int REFERENCES p) PARTITION BY RANGE (k); CREATE TABLE h1 PARTITION OF h FOR VALUES FROM (0) TO (10)")
S("create table/inherits", "CREATE TABLE n () INHERITS (i0)")
S("create table/plain", "CREATE TABLE n (id int PRIMARY KEY, a int CHECK (a > 0))")
S("create table/plain", "CREATE TABLE n (LIKE t INCLUDING ALL)")
S("create table as/no data", "CREATE TABLE n AS SELECT * FROM t WITH NO DATA")
S("create table as/query by key", "CREATE TABLE n AS SELECT * FROM t WHERE id = 5")
S("create table as/query", "CREATE TABLE n AS SELECT * FROM t")
S("attach partition/scan", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM (0) TO (3000)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE TABLE n AS SELECT id AS k FROM t")
S("attach partition/implied", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM (0) TO (3000)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE TABLE n AS SELECT id AS k FROM t;"
  "ALTER TABLE n ALTER k SET NOT NULL, ADD CHECK (k >= 0 AND k < 3000)")
S("attach partition/implied", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
  "CREATE TABLE h (k timestamp) PARTITION BY RANGE (k); CREATE TABLE n AS SELECT ts AS k FROM t;"
  "ALTER TABLE n ADD CHECK (k IS NOT NULL AND k >= '2024-01-01' AND k < '2024-02-01')")
S("attach partition/implied", "ALTER TABLE h ATTACH PARTITION n FOR VALUES IN ('a')",
  "CREATE TABLE h (k text) PARTITION BY LIST (k); CREATE TABLE n AS SELECT 'a'::text AS k FROM t;"
  "ALTER TABLE n ALTER k SET NOT NULL, ADD CHECK (k = 'a')")
S("attach partition/default", "ALTER TABLE m ATTACH PARTITION n FOR VALUES FROM (9000) TO (9999)",
  "CREATE TABLE n (LIKE m)")
S("attach partition/default implied", "ALTER TABLE m ATTACH PARTITION n FOR VALUES FROM (9000) TO (9999)",
  "CREATE TABLE n (LIKE m); ALTER TABLE md ADD CHECK (k >= 6000 AND k < 9000)", opened=True)
S("attach partition/indexes", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM (0) TO (3000)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE INDEX h_k ON h (k); CREATE TABLE n AS SELECT id AS k FROM t")
S("attach partition/indexes", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM (0) TO (3000)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE INDEX h_k ON h (k); CREATE TABLE n AS SELECT id AS k FROM t;"
  "CREATE INDEX n_k ON n (k)", opened=True)
S("attach partition/keys of the parent", "ALTER TABLE h ATTACH PARTITION n FOR VALUES FROM (0) TO (3000)",
  "CREATE TABLE h (k int REFERENCES p) PARTITION BY RANGE (k); CREATE TABLE n AS SELECT id AS k FROM t")
S("detach partition/before 14", "ALTER TABLE m DETACH PARTITION m1")
S("detach partition/before 14", "ALTER TABLE h DETACH PARTITION h1",
  "CREATE TABLE h (k int REFERENCES p) PARTITION BY RANGE (k); CREATE TABLE h1 PARTITION OF h FOR VALUES FROM (0) TO (10)")
S("detach partition/plain", "ALTER TABLE m DETACH PARTITION m1", since=14)
S("detach partition/plain", "ALTER TABLE h DETACH PARTITION h1",
  "CREATE TABLE h (k int REFERENCES p) PARTITION BY RANGE (k); CREATE TABLE h1 PARTITION OF h FOR VALUES FROM (0) TO (10)", since=14)
S("detach partition/plain", "ALTER TABLE h DETACH PARTITION h1",
  "CREATE TABLE h (k int PRIMARY KEY) PARTITION BY RANGE (k); CREATE TABLE h1 PARTITION OF h FOR VALUES FROM (0) TO (10);"
  "CREATE TABLE r (k int REFERENCES h)")
S("detach partition/concurrently", "ALTER TABLE h DETACH PARTITION h1 CONCURRENTLY",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE TABLE h1 PARTITION OF h FOR VALUES FROM (0) TO (10)",
  hold=("LOCK TABLE ONLY h IN ACCESS SHARE MODE", "LOCK TABLE h1 IN ACCESS SHARE MODE"))
S("inherit/inherit", "ALTER TABLE n INHERIT i0", "CREATE TABLE n (LIKE i0)")
S("inherit/no inherit", "ALTER TABLE i1 NO INHERIT i0")
S("of type/of", "ALTER TABLE n OF pair", "CREATE TABLE n (x int, y int)")
S("of type/of", "ALTER TABLE n NOT OF", "CREATE TABLE n OF pair")
S("set logged/already", "ALTER TABLE t SET LOGGED")
S("set logged/rewrite", "ALTER TABLE c SET LOGGED", "CREATE UNLOGGED TABLE c AS SELECT * FROM t")
S("set unlogged/already", "ALTER TABLE c SET UNLOGGED", "CREATE UNLOGGED TABLE c AS SELECT * FROM t")
S("set unlogged/rewrite", "ALTER TABLE t SET UNLOGGED")
S("set access method/already", "ALTER TABLE t SET ACCESS METHOD heap")
S("set tablespace/already", "ALTER TABLE t SET TABLESPACE pg_default")
S("set tablespace/copy", "ALTER TABLE t SET TABLESPACE other_space")
S("set tablespace/index", "ALTER INDEX t_a SET TABLESPACE other_space")
S("set storage parameters/light", "ALTER TABLE t SET (fillfactor = 70)")
S("set storage parameters/light", "ALTER TABLE t SET (autovacuum_vacuum_scale_factor = 0.01, parallel_workers = 2)")
S("set storage parameters/light", "ALTER TABLE t RESET (fillfactor)")
S("set storage parameters/heavy", "ALTER TABLE t SET (user_catalog_table = true)")
S("set storage parameters/heavy", "ALTER VIEW vw SET (security_barrier = true)")
S("set storage parameters/index, light", "ALTER INDEX t_a SET (fillfactor = 70)")
S("set storage parameters/index", "ALTER INDEX c_g SET (fastupdate = off)", C + "CREATE INDEX c_g ON c USING gin (to_tsvector('simple', b))")
S("replica identity/set", "ALTER TABLE t REPLICA IDENTITY FULL")
S("row level security/set", "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
S("row level security/set", "ALTER TABLE t FORCE ROW LEVEL SECURITY")
S("cluster on/set", "ALTER TABLE t CLUSTER ON t_pkey")
S("truncate/plain", "TRUNCATE t")
S("truncate/plain", "TRUNCATE m")
S("truncate/cascade", "TRUNCATE p CASCADE")
for mode in ("access share", "row share", "row exclusive", "share update exclusive", "share", "share row exclusive", "exclusive",
             "access exclusive"):
    S("lock table/" + mode, "LOCK TABLE t IN %s MODE" % mode.upper())
S("lock table/access exclusive", "LOCK TABLE t, m")
S("lock table/share", "LOCK TABLE ONLY m IN SHARE MODE")
S("cluster/table", "CLUSTER t USING t_a")
S("vacuum/table", "VACUUM t", hold=("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE",))
S("vacuum/table and children", "VACUUM t", hold=("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE",))
S("vacuum full/table and children", "VACUUM FULL t", hold=("LOCK TABLE t IN ACCESS SHARE MODE",))
S("vacuum full/table", "VACUUM FULL t", hold=("LOCK TABLE t IN ACCESS SHARE MODE",))
S("analyze/small", "ANALYZE t")
S("analyze/small", "ANALYZE i0")
S("analyze/small, and children", "ANALYZE i0")
S("analyze/small, and children", "ANALYZE m")

# ---- columns
S("add column/there already", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int DEFAULT vol() CHECK (a > 0)", since=13)
S("add column/there already", "ALTER TABLE i0 ADD COLUMN IF NOT EXISTS a int UNIQUE", since=13)
S("add column/there already", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int DEFAULT vol()")
S("add column/check of one there already", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int DEFAULT vol() CHECK (a > 0)")
S("add column/unique of one there already", "ALTER TABLE i0 ADD COLUMN IF NOT EXISTS a int UNIQUE")
S("add column/key of one there already", "ALTER TABLE e ADD COLUMN IF NOT EXISTS id int PRIMARY KEY",
  "CREATE TABLE e (id int NOT NULL); INSERT INTO e SELECT generate_series(1, 500)")
S("add column/references of one there already", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int REFERENCES p")
S("add column/plain", "ALTER TABLE t ADD COLUMN c int")
S("add column/plain", "ALTER TABLE m ADD COLUMN c int")
S("add column/plain", "ALTER TABLE i0 ADD COLUMN c int")
S("add column/default", "ALTER TABLE t ADD COLUMN c int DEFAULT 1")
S("add column/default", "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1")
S("add column/default", "ALTER TABLE t ADD COLUMN c timestamptz DEFAULT now()")
S("add column/default", "ALTER TABLE t ADD COLUMN c timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP")
S("add column/default", "ALTER TABLE t ADD COLUMN c boolean DEFAULT FALSE")
S("add column/default", "ALTER TABLE t ADD COLUMN c text[] DEFAULT ARRAY[]::text[]")
S("add column/default", "ALTER TABLE t ADD COLUMN c jsonb DEFAULT '{}'")
S("add column/default", "ALTER TABLE t ADD COLUMN c int DEFAULT stab()")
S("add column/default", "ALTER TABLE t ADD COLUMN c text DEFAULT lower('A') || upper('b')")
S("add column/default", "ALTER TABLE t ADD COLUMN c interval DEFAULT interval '1 day' * 2")
S("add column/volatile default", "ALTER TABLE t ADD COLUMN c float8 DEFAULT random()")
S("add column/volatile default", "ALTER TABLE t ADD COLUMN c timestamptz DEFAULT clock_timestamp()")
S("add column/volatile default", "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()", since=13)
S("add column/volatile default", "ALTER TABLE t ADD COLUMN c int DEFAULT vol()")
S("add column/volatile default", "ALTER TABLE t ADD COLUMN c int DEFAULT nextval('sq')")
S("add column/volatile default", "ALTER TABLE m ADD COLUMN c int DEFAULT vol()")
S("add column/volatile default", "ALTER TABLE i0 ADD COLUMN c int DEFAULT vol()")
S("add column/stored", "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (a * 2) STORED")
S("add column/virtual", "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (a * 2) VIRTUAL")
S("add column/identity", "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY")
S("add column/serial", "ALTER TABLE t ADD COLUMN c serial")
S("add column/serial", "ALTER TABLE t ADD COLUMN c bigserial")
S("add column/domain with constraints", "ALTER TABLE t ADD COLUMN c pos")
S("add column/domain with constraints", "ALTER TABLE t ADD COLUMN c pos DEFAULT 1")
S("add column/plain", "ALTER TABLE t ADD COLUMN c bare")
S("add column/plain", "ALTER TABLE t ADD COLUMN c mood")
S("add column/not null, no default", "ALTER TABLE e ADD COLUMN c int NOT NULL", "CREATE TABLE e (id int)")
S("add column/check", "ALTER TABLE t ADD COLUMN c int CHECK (c > 0)")
S("add column/check", "ALTER TABLE t ADD COLUMN c int DEFAULT 1 CHECK (c > 0)")
S("add column/unique", "ALTER TABLE t ADD COLUMN c int UNIQUE")
S("add column/primary key", "ALTER TABLE c ADD COLUMN e serial PRIMARY KEY", C)
S("add column/references", "ALTER TABLE t ADD COLUMN c int REFERENCES p")
S("add column/references, default null", "ALTER TABLE t ADD COLUMN c int DEFAULT NULL REFERENCES p")
S("add column/references, with default", "ALTER TABLE t ADD COLUMN c int DEFAULT 1 REFERENCES p")
S("drop column/cascade", "ALTER TABLE t DROP COLUMN b CASCADE", opened=True)
S("drop column/drop", "ALTER TABLE t DROP COLUMN d")
S("drop column/drop", "ALTER TABLE m DROP COLUMN w")
S("drop column/drop", "ALTER TABLE c DROP COLUMN q", C + "ALTER TABLE c ADD COLUMN q serial")
S("drop column/of a foreign key", "ALTER TABLE f DROP COLUMN p_id")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN v TYPE varchar(40)")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN v TYPE text")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN v TYPE varchar")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN b TYPE varchar", "DROP MATERIALIZED VIEW mv")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN d TYPE numeric(12,2)")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN d TYPE numeric")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN ts TYPE timestamptz")
S("column type/relabelled", "ALTER TABLE c ALTER COLUMN x TYPE timestamp(6)", "CREATE TABLE c AS SELECT ts::timestamp(3) AS x, b FROM t")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN n TYPE bare")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN n TYPE int")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN v TYPE text USING v::text")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN ip TYPE inet")
S("column type/relabelled", "ALTER TABLE t ALTER COLUMN z TYPE varbit")
S("column type/relabelled", "ALTER TABLE c ALTER COLUMN x TYPE varchar(20)[]", "CREATE TABLE c AS SELECT ARRAY[v]::varchar(20)[] AS x, b FROM t")
S("column type/rewritten", "ALTER TABLE c ALTER COLUMN x TYPE varchar(40)[]", "CREATE TABLE c AS SELECT ARRAY[v]::varchar(20)[] AS x, b FROM t")
S("column type/rewritten", "ALTER TABLE c ALTER COLUMN x TYPE text[]", "CREATE TABLE c AS SELECT ARRAY[v]::varchar(20)[] AS x, b FROM t")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN n TYPE bigint")
S("column type/rewritten", "ALTER TABLE m ALTER COLUMN id TYPE bigint")
S("column type/rewritten", "ALTER TABLE i0 ALTER COLUMN id TYPE bigint")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN v TYPE varchar(10)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN b TYPE varchar(80)", "DROP MATERIALIZED VIEW mv")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN d TYPE numeric(12,3)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN d TYPE numeric(8,2)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN v TYPE char(20)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN z TYPE bit(16) USING z::bit(16)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN n TYPE pos")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN ts TYPE date")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN ts TYPE timestamp(0)")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN ts TYPE timestamptz USING ts AT TIME ZONE 'UTC'")
S("column type/rewritten", "ALTER TABLE c ALTER COLUMN x TYPE text", "CREATE TABLE c AS SELECT 'sad'::mood AS x, b FROM t")
S("column type/rewritten", "ALTER TABLE t ALTER COLUMN n TYPE int USING n + 1")
S("column type/checks", "ALTER TABLE c ALTER COLUMN v TYPE text", C + "ALTER TABLE c ADD CHECK (v <> 'none')")
S("column type/indexes stay", "ALTER TABLE t ALTER COLUMN s TYPE varchar")
S("column type/indexes rebuilt", "ALTER TABLE c ALTER COLUMN ts TYPE timestamptz", C + "CREATE INDEX c_ts ON c (ts)")
S("column type/indexes rebuilt", "ALTER TABLE c ALTER COLUMN v TYPE text", C + "CREATE INDEX c_v ON c (v) WHERE v <> 'a'")
S("column type/indexes rebuilt", "ALTER TABLE c ALTER COLUMN v TYPE text", C + "CREATE INDEX c_v ON c (lower(v))")
S("column type/foreign keys checked", "ALTER TABLE f ALTER COLUMN p_id TYPE bigint")
S("column type/foreign keys checked", "ALTER TABLE p ALTER COLUMN id TYPE bigint")
S("column type/foreign keys", "ALTER TABLE r ALTER COLUMN v TYPE varchar(40)",
  "CREATE TABLE k (v text PRIMARY KEY); CREATE TABLE r (v varchar(20) REFERENCES k, b text)")
S("set default/set", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5")
S("set default/set", "ALTER TABLE m ALTER COLUMN id SET DEFAULT 5")
S("set default/set", "ALTER TABLE i0 ALTER COLUMN id SET DEFAULT 5")
S("set default/set", "ALTER VIEW vw ALTER COLUMN a SET DEFAULT 5")
S("drop default/drop", "ALTER TABLE t ALTER COLUMN n DROP DEFAULT")
S("set not null/scan", "ALTER TABLE t ALTER COLUMN a SET NOT NULL")
S("set not null/scan", "ALTER TABLE m ALTER COLUMN id SET NOT NULL")
S("set not null/scan", "ALTER TABLE i0 ALTER COLUMN id SET NOT NULL")
S("set not null/scan", "ALTER TABLE c ALTER COLUMN a SET NOT NULL", C + "ALTER TABLE c ADD CHECK (a IS NOT NULL) NOT VALID")
S("set not null/scan", "ALTER TABLE c ALTER COLUMN a SET NOT NULL", C + "ALTER TABLE c ADD CHECK (a > 0)")
S("set not null/already", "ALTER TABLE t ALTER COLUMN n SET NOT NULL")
S("set not null/implied", "ALTER TABLE c ALTER COLUMN a SET NOT NULL", C + "ALTER TABLE c ADD CHECK (a IS NOT NULL)")
S("set not null/implied", "ALTER TABLE c ALTER COLUMN a SET NOT NULL", C + "ALTER TABLE c ADD CHECK (a IS NOT NULL AND a > 0)")
S("set not null/scan", 'ALTER TABLE c ALTER COLUMN a SET NOT NULL', C + "ALTER TABLE c ADD CHECK (a IS NOT NULL OR b IS NOT NULL)", opened=True)
S("drop not null/drop", "ALTER TABLE t ALTER COLUMN n DROP NOT NULL")
S("drop not null/drop", "ALTER TABLE m ALTER COLUMN k DROP NOT NULL")
S("drop not null/drop", "ALTER TABLE i0 ALTER COLUMN id DROP NOT NULL", until=17)
S("drop not null/nothing to drop", "ALTER TABLE i0 ALTER COLUMN id DROP NOT NULL")
S("drop not null/nothing to drop", "ALTER TABLE m ALTER COLUMN id DROP NOT NULL")
S("add identity/add", "ALTER TABLE t ALTER COLUMN n DROP DEFAULT, ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY")
S("set identity/set", "ALTER TABLE c ALTER COLUMN id SET GENERATED ALWAYS",
  C + "ALTER TABLE c ALTER id SET NOT NULL, ALTER id ADD GENERATED BY DEFAULT AS IDENTITY")
S("drop identity/drop", "ALTER TABLE c ALTER COLUMN id DROP IDENTITY",
  C + "ALTER TABLE c ALTER id SET NOT NULL, ALTER id ADD GENERATED BY DEFAULT AS IDENTITY")
S("set expression/stored", "ALTER TABLE c ALTER COLUMN g SET EXPRESSION AS (a * 3)", C + "ALTER TABLE c ADD g int GENERATED ALWAYS AS (a * 2) STORED")
S("set expression/virtual", "ALTER TABLE c ALTER COLUMN g SET EXPRESSION AS (a * 3)", C + "ALTER TABLE c ADD g int GENERATED ALWAYS AS (a * 2) VIRTUAL")
S("drop expression/drop", "ALTER TABLE c ALTER COLUMN g DROP EXPRESSION", C + "ALTER TABLE c ADD g int GENERATED ALWAYS AS (a * 2) STORED")
S("set statistics/set", "ALTER TABLE t ALTER COLUMN a SET STATISTICS 500")
S("set statistics/set", "ALTER TABLE m ALTER COLUMN id SET STATISTICS 500")
S("set column options/set", "ALTER TABLE t ALTER COLUMN a SET (n_distinct = 5)")
S("set storage/set", "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL")
S("set compression/set", "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz")

# ---- constraints
S("add check/inline", "CREATE TABLE n (a int, CHECK (a > 0))")
S("add check/scan", "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)")
S("add check/scan", "ALTER TABLE m ADD CONSTRAINT k CHECK (id > 0)")
S("add check/scan", "ALTER TABLE i0 ADD CONSTRAINT k CHECK (id > 0)")
S("add check/not valid", "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID")
S("add check/not valid", "ALTER TABLE m ADD CONSTRAINT k CHECK (id > 0) NOT VALID")
S("add check/not enforced", "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT ENFORCED")
S("add not null constraint/inline", "CREATE TABLE n (a int NOT NULL)")
S("add not null constraint/scan", "ALTER TABLE t ADD CONSTRAINT k NOT NULL a")
S("add not null constraint/not valid", "ALTER TABLE t ADD CONSTRAINT k NOT NULL a NOT VALID")
S("add not null constraint/already", "ALTER TABLE t ADD NOT NULL n")
S("add not null constraint/implied", "ALTER TABLE c ADD CONSTRAINT k NOT NULL a", C + "ALTER TABLE c ADD CHECK (a IS NOT NULL)")
S("add foreign key/inline", "CREATE TABLE n (a int REFERENCES p, b int, FOREIGN KEY (b) REFERENCES t)")
S("add foreign key/scan", "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p")
S("add foreign key/scan", "ALTER TABLE h1 ADD CONSTRAINT k FOREIGN KEY (k) REFERENCES h",
  "CREATE TABLE h (k int PRIMARY KEY) PARTITION BY RANGE (k); CREATE TABLE ha PARTITION OF h FOR VALUES FROM (0) TO (3000);"
  "INSERT INTO h SELECT id FROM t; CREATE TABLE h1 AS SELECT id AS k, b FROM t")
S("add foreign key/scan", "ALTER TABLE h ADD CONSTRAINT k FOREIGN KEY (k) REFERENCES p",
  "CREATE TABLE h (k int, b text) PARTITION BY RANGE (k); CREATE TABLE ha PARTITION OF h FOR VALUES FROM (0) TO (3000);"
  "INSERT INTO h SELECT id, b FROM t")
S("add foreign key/not valid", "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID")
S("add foreign key/not enforced", "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT ENFORCED")
S("add unique/inline", "CREATE TABLE n (a int UNIQUE)")
S("add unique/build", "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)")
S("add unique/partitioned, before 18", "ALTER TABLE m ADD CONSTRAINT k UNIQUE (k)")
S("add unique/build", "ALTER TABLE m ADD CONSTRAINT k UNIQUE (k)", since=18)
S("add unique/using index", "ALTER TABLE c ADD CONSTRAINT k UNIQUE USING INDEX c_u", C + "CREATE UNIQUE INDEX c_u ON c (a)")
S("add primary key/inline", "CREATE TABLE n (a int, PRIMARY KEY (a))")
S("add primary key/build", "ALTER TABLE c ADD PRIMARY KEY (a)", C)
S("add primary key/build", "ALTER TABLE c ADD PRIMARY KEY (a)", C + "ALTER TABLE c ALTER a SET NOT NULL")
S("add primary key/partitioned, not null, before 18", "ALTER TABLE m ADD PRIMARY KEY (k)")
S("add primary key/build", "ALTER TABLE m ADD PRIMARY KEY (k)", since=18)
S("add primary key/build", "ALTER TABLE h ADD PRIMARY KEY (k)",
  "CREATE TABLE h (k int) PARTITION BY RANGE (k); CREATE TABLE ha PARTITION OF h FOR VALUES FROM (0) TO (3000); INSERT INTO h SELECT id FROM t")
S("add primary key/using index, nullable", "ALTER TABLE c ADD CONSTRAINT k PRIMARY KEY USING INDEX c_u", C + "CREATE UNIQUE INDEX c_u ON c (a)")
S("add primary key/using index, not null", "ALTER TABLE c ADD CONSTRAINT k PRIMARY KEY USING INDEX c_u",
  C + "ALTER TABLE c ALTER a SET NOT NULL; CREATE UNIQUE INDEX c_u ON c (a)")
S("add primary key/using index, not null", "ALTER TABLE c ADD CONSTRAINT k PRIMARY KEY USING INDEX c_u",
  C + "ALTER TABLE c ADD CHECK (a IS NOT NULL); CREATE UNIQUE INDEX c_u ON c (a)")
S("add exclusion constraint/inline", "CREATE TABLE n (a int4range, EXCLUDE USING gist (a WITH &&))")
S("add exclusion constraint/build", "ALTER TABLE c ADD CONSTRAINT k EXCLUDE USING btree (id WITH =)", C)
S("validate constraint/check", "ALTER TABLE c VALIDATE CONSTRAINT k", C + "ALTER TABLE c ADD CONSTRAINT k CHECK (a > 0) NOT VALID")
S("validate constraint/check", "ALTER TABLE m VALIDATE CONSTRAINT k", "ALTER TABLE m ADD CONSTRAINT k CHECK (id > 0) NOT VALID")
S("validate constraint/check", "ALTER TABLE c VALIDATE CONSTRAINT k", C + "ALTER TABLE c ADD CONSTRAINT k NOT NULL a NOT VALID", since=18)
S("validate constraint/already", "ALTER TABLE c VALIDATE CONSTRAINT k", C + "ALTER TABLE c ADD CONSTRAINT k CHECK (a > 0)")
S("validate constraint/foreign key", "ALTER TABLE c VALIDATE CONSTRAINT k", C + "ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID")
S("alter constraint/alter", "ALTER TABLE f ALTER CONSTRAINT f_p DEFERRABLE")
S("drop constraint/foreign key", "ALTER TABLE f DROP CONSTRAINT f_p")
S("drop constraint/referenced key", "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE")
S("drop constraint/drop", "ALTER TABLE c DROP CONSTRAINT k", C + "ALTER TABLE c ADD CONSTRAINT k CHECK (a > 0)")
S("drop constraint/drop", "ALTER TABLE t DROP CONSTRAINT t_pkey")
S("drop constraint/drop", "ALTER TABLE m DROP CONSTRAINT k", "ALTER TABLE m ADD CONSTRAINT k CHECK (id > 0)")

# ---- indexes
S("create index/build", "CREATE INDEX x ON t (n)")
S("create index/build", "CREATE UNIQUE INDEX x ON t (n)")
S("create index/build", "CREATE INDEX x ON m (w)")
S("create index/build", "CREATE INDEX x ON ONLY m (w)")
S("create index/build", "CREATE INDEX x ON i0 (id)")
S("create index/build", "CREATE INDEX IF NOT EXISTS x ON t (lower(b)) WHERE a > 0")
S("create index/there already", "CREATE INDEX IF NOT EXISTS t_a ON t (a)")
S("create index/there already, concurrently", "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)",
  hold=("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE",))
S("create index/concurrently", "CREATE INDEX CONCURRENTLY x ON t (n)", hold=("LOCK TABLE t IN ROW EXCLUSIVE MODE",))
S("drop index/plain", "DROP INDEX t_a")
S("drop index/plain", "DROP INDEX m_id")
S("drop index/concurrently", "DROP INDEX CONCURRENTLY t_a", hold=("LOCK TABLE t IN ACCESS SHARE MODE",))
S("reindex/index", "REINDEX INDEX t_a")
S("reindex/table", "REINDEX TABLE t")
S("reindex/index, concurrently", "REINDEX INDEX CONCURRENTLY t_a", hold=("LOCK TABLE t IN ROW EXCLUSIVE MODE",))
S("reindex/table, concurrently", "REINDEX TABLE CONCURRENTLY t", hold=("LOCK TABLE t IN ROW EXCLUSIVE MODE",))
S("attach index/attach", "ALTER INDEX m_w ATTACH PARTITION m1_w", "CREATE INDEX m_w ON ONLY m (w); CREATE INDEX m1_w ON m1 (w)")

# ---- triggers, rules, policies
S("create trigger/create", "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION trig()")
S("create trigger/create", "CREATE TRIGGER x AFTER INSERT ON m FOR EACH ROW EXECUTE FUNCTION trig()")
S("create trigger/for each statement", "CREATE TRIGGER x AFTER INSERT ON m FOR EACH STATEMENT EXECUTE FUNCTION trig()")
S("create trigger/create", "CREATE CONSTRAINT TRIGGER x AFTER INSERT ON t FROM p FOR EACH ROW EXECUTE FUNCTION trig()")
TRIGGER = "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION trig(); " \
          "CREATE TRIGGER x AFTER INSERT ON m FOR EACH ROW EXECUTE FUNCTION trig();"
S("enable or disable trigger/enable", "ALTER TABLE t DISABLE TRIGGER x", TRIGGER)
S("enable or disable trigger/enable", "ALTER TABLE t DISABLE TRIGGER ALL")
S("enable or disable trigger/enable", "ALTER TABLE m DISABLE TRIGGER x", TRIGGER)
S("create rule/create", "CREATE RULE x AS ON INSERT TO t DO ALSO NOTHING")
S("enable or disable rule/enable", "ALTER TABLE t DISABLE RULE x", "CREATE RULE x AS ON INSERT TO t DO ALSO NOTHING")
S("create policy/create", "CREATE POLICY x ON t USING (a > 0)")
S("alter policy/alter", "ALTER POLICY x ON t USING (a > 1)", "CREATE POLICY x ON t USING (a > 0)")

# ---- types and domains
USED = "CREATE TABLE c AS SELECT id, id::bare AS x, b FROM t; CREATE TABLE c2 (x bare); "
S("add domain constraint/scan", "ALTER DOMAIN bare ADD CONSTRAINT k CHECK (VALUE > 0)", USED)
S("add domain constraint/scan", "ALTER DOMAIN bare SET NOT NULL", "CREATE TABLE c AS SELECT id, id::bare AS x, b FROM t")
S("add domain constraint/not valid", "ALTER DOMAIN bare ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID", USED)
S("validate domain constraint/validate", "ALTER DOMAIN bare VALIDATE CONSTRAINT k",
  USED + "ALTER DOMAIN bare ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID")
S("alter domain/alter", "ALTER DOMAIN bare SET DEFAULT 1", USED)
S("alter domain/alter", "ALTER DOMAIN pos DROP CONSTRAINT pos_check", "CREATE TABLE c (x pos)")
S("add enum value/add", "ALTER TYPE mood ADD VALUE 'so so'", "CREATE TABLE c (x mood)")
S("rename enum value/rename", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "CREATE TABLE c (x mood)")
S("alter type/alter", "ALTER TYPE pair ADD ATTRIBUTE z int CASCADE", "CREATE TABLE c OF pair")

# ---- any kind
S("create/view", "CREATE VIEW x AS SELECT * FROM t")
S("create/replace view", "CREATE OR REPLACE VIEW vw AS SELECT id, a FROM t WHERE a > 0")
S("create/materialized view", "CREATE MATERIALIZED VIEW x AS SELECT * FROM t")
S("create/statistics", "CREATE STATISTICS x ON a, n FROM t")
S("create/other", "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'")
S("create/other", "CREATE SEQUENCE x")
S("create/other", "CREATE TYPE x AS ENUM ('a')")
S("create/other", "CREATE SCHEMA x")
S("drop/table", "DROP TABLE c", C)
S("drop/table", "DROP TABLE m")
S("drop/table", "DROP TABLE m1")
S("drop/table", "DROP TABLE i1")
S("drop/table", "DROP TABLE c", C + "ALTER TABLE c ADD COLUMN q serial")
S("drop/foreign keys of the table", "DROP TABLE f")
S("drop/foreign keys to the table", "DROP TABLE p CASCADE")
S("drop/foreign keys to the table", "DROP TABLE t CASCADE")
S("drop/foreign table", "DROP FOREIGN TABLE ft",
  "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE ft (a int) SERVER s")
S("drop/view", "DROP VIEW vw")
S("create/view", "CREATE OR REPLACE VIEW x AS SELECT * FROM t")
S("drop/view", "DROP MATERIALIZED VIEW mv")
S("drop/view", "DROP SEQUENCE sq")
S("drop/trigger, rule, policy", "DROP TRIGGER x ON t", TRIGGER)
S("drop/trigger, rule, policy", "DROP RULE x ON t", "CREATE RULE x AS ON INSERT TO t DO ALSO NOTHING")
S("drop/trigger, rule, policy", "DROP POLICY x ON t", "CREATE POLICY x ON t USING (a > 0)")
S("drop/other", "DROP FUNCTION vol()")
S("drop/other", "DROP TYPE mood")
S("rename/table", "ALTER TABLE t RENAME TO t9")
S("rename/table", "ALTER TABLE m RENAME TO m9")
S("rename/view, sequence", "ALTER VIEW vw RENAME TO vw9")
S("rename/view, sequence", "ALTER SEQUENCE sq RENAME TO sq9")
S("rename/view, sequence", "ALTER MATERIALIZED VIEW mv RENAME TO mv9")
S("rename/index", "ALTER INDEX t_a RENAME TO t_a9")
S("rename/column", "ALTER TABLE t RENAME COLUMN a TO a9")
S("rename/column", "ALTER TABLE m RENAME COLUMN w TO w9")
S("rename/column", "ALTER TABLE i0 RENAME COLUMN w TO w9")
S("rename/column", "ALTER VIEW vw RENAME COLUMN a TO a9", since=13)
S("rename/constraint", "ALTER TABLE t RENAME CONSTRAINT t_pkey TO k")
S("rename/constraint", "ALTER TABLE f RENAME CONSTRAINT f_p TO k")
S("rename/constraint", "ALTER TABLE i0 RENAME CONSTRAINT k TO k9", "ALTER TABLE i0 ADD CONSTRAINT k CHECK (id > 0)")
S("rename/trigger", "ALTER TRIGGER x ON t RENAME TO x9", TRIGGER, since=15)
S("rename/trigger, before 15", "ALTER TRIGGER x ON t RENAME TO x9", TRIGGER)
S("rename/trigger, before 15", "ALTER TRIGGER x ON m RENAME TO x9", TRIGGER)
S("rename/trigger", "ALTER TRIGGER x ON m RENAME TO x9", TRIGGER, since=15)
S("rename/rule, policy", "ALTER RULE x ON t RENAME TO x9", "CREATE RULE x AS ON INSERT TO t DO ALSO NOTHING")
S("rename/rule, policy", "ALTER POLICY x ON t RENAME TO x9", "CREATE POLICY x ON t USING (a > 0)")
S("rename/other", "ALTER TYPE mood RENAME TO mood9")
S("rename/other", "ALTER FUNCTION vol() RENAME TO vol9")
S("set schema/table", "ALTER TABLE t SET SCHEMA elsewhere")
S("set schema/table", "ALTER TABLE c SET SCHEMA elsewhere", C + "ALTER TABLE c ADD COLUMN q serial")
S("set schema/table", "ALTER VIEW vw SET SCHEMA elsewhere")
S("set schema/other", "ALTER TYPE mood SET SCHEMA elsewhere")
S("owner/table", "ALTER TABLE t OWNER TO someone")
S("owner/table", "ALTER TABLE c OWNER TO someone", C + "ALTER TABLE c ADD COLUMN q serial")
S("owner/table", "ALTER VIEW vw OWNER TO someone")
S("owner/other", "ALTER TYPE mood OWNER TO someone")
S("comment/relation", "COMMENT ON TABLE t IS 'x'")
S("comment/relation", "COMMENT ON VIEW vw IS 'x'")
S("comment/relation", "COMMENT ON INDEX t_a IS 'x'")
S("comment/column", "COMMENT ON COLUMN t.a IS 'x'")
S("comment/constraint, trigger, rule, policy", "COMMENT ON CONSTRAINT t_pkey ON t IS 'x'")
S("comment/constraint, trigger, rule, policy", "COMMENT ON TRIGGER x ON t IS 'x'", TRIGGER)
S("comment/other", "COMMENT ON TYPE mood IS 'x'")
S("grant or revoke/grant", "GRANT SELECT ON t TO someone", until=17)
S("grant or revoke/grant", "REVOKE ALL ON t FROM someone", until=17)
S("grant or revoke/grant", "GRANT USAGE ON SCHEMA elsewhere TO someone")
S("grant or revoke/on a relation", "GRANT SELECT ON t TO someone")
S("grant or revoke/on a relation", "REVOKE ALL ON t FROM someone")
S("alter/sequence", "ALTER SEQUENCE sq INCREMENT BY 2")
S("alter/other", "ALTER FUNCTION vol() STABLE")
S("refresh materialized view/plain", "REFRESH MATERIALIZED VIEW mv")
S("refresh materialized view/concurrently", "REFRESH MATERIALIZED VIEW CONCURRENTLY mv")
PUBLICATION = "CREATE PUBLICATION pub FOR TABLE p; "
S("publication table/table", "ALTER PUBLICATION pub ADD TABLE t", PUBLICATION)
S("publication table/table", "ALTER PUBLICATION pub DROP TABLE p", PUBLICATION)
S("publication table/table", "CREATE PUBLICATION pub2 FOR TABLE t")

# ---- rows
S("select/all", "SELECT count(*) FROM t")
S("select/all", "SELECT count(*) FROM t WHERE n = 5")
S("select/plain", "SELECT b FROM t WHERE id = 5")
S("select/plain", "SELECT b FROM t WHERE a = 5", opened=True)
S("insert/insert", "INSERT INTO p VALUES (9000, 9000, 'x')")
S("insert/query", "INSERT INTO p SELECT id + 9000, id + 9000, b FROM t")
S("insert/insert", "INSERT INTO p SELECT id + 9000, id + 9000, b FROM t WHERE id = 7")
S("insert/insert", "INSERT INTO f VALUES (9000, 1)")
S("update/where", "UPDATE t SET a = 1 WHERE id = 5")
S("update/where", "UPDATE t SET n = 1 WHERE a = 5", opened=True)
S("update/all", "UPDATE t SET b = 'y'")
S("update/all", "UPDATE t SET b = 'y' WHERE b IS NULL")
S("update/all", "UPDATE t SET b = p.x FROM p WHERE p.id = t.id")
S("update/all", "UPDATE m SET w = 'y'")
S("update/all", "UPDATE i0 SET w = 'y'")
S("delete/where", "DELETE FROM t WHERE id = 5")
S("delete/all", "DELETE FROM f")
S("delete/all", "DELETE FROM m")
S("merge/merge", "MERGE INTO t USING p ON t.id = p.id AND p.id = 1 WHEN MATCHED THEN UPDATE SET a = 1", opened=True)
S("merge/all", "MERGE INTO t USING p ON t.id = p.id WHEN MATCHED THEN UPDATE SET a = 1")
S("copy from/copy", "COPY p FROM '/dev/null'")
S("copy to/copy", "COPY t TO '/dev/null'", hold=("LOCK TABLE t IN ACCESS EXCLUSIVE MODE",))

# ---- the session
S("set/set", "SET LOCAL work_mem = '8MB'")
S("transaction control/control", "SAVEPOINT x")
S("session/session", "LISTEN x")
