# SPDX-License-Identifier: Apache-2.0
"""The twelve migrations (and a repeatable one) of the kill matrix, per engine.

Every one leaves a trace that running it twice would double: a row in `ran`, a
number added to. The twelfth fails as first written and is then corrected.
"""


def section(up, down, options=""):
    return "-- migrate:up%s\n%s\n\n-- migrate:down%s\n%s\n" % (options and " " + options, up.strip(), options and " " + options,
                                                            down.strip())


def once(n):
    return "INSERT INTO ran (n) VALUES (%d);" % n


def gone(n):
    return "DELETE FROM ran WHERE n = %d;" % n


POSTGRES = {
    "V001__people.sql": section("""
CREATE TABLE ran (n integer NOT NULL);
CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL, town text NOT NULL, points integer NOT NULL);
INSERT INTO people SELECT i, 'name ' || i, 'p' || i || '@example.org', 'town ' || i % 7, 0 FROM generate_series(1, 3000) i;
""" + once(1), "DROP TABLE people;\nDROP TABLE ran;"),
    "V002__mood.sql": section("""
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE diary (person integer NOT NULL REFERENCES people (id), mood mood NOT NULL, note text DEFAULT $q$it's; fine$q$);
INSERT INTO diary (person, mood) SELECT id, 'sad' FROM people WHERE id <= 100;
""" + once(2), gone(2) + "\nDROP TABLE diary;\nDROP TYPE mood;"),
    "V003__name_index.sql": section("CREATE INDEX CONCURRENTLY people_name ON people (name);",
                                    "DROP INDEX CONCURRENTLY people_name;"),
    "V004__new_mood.sql": section("""
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
UPDATE diary SET mood = 'calm' WHERE person % 2 = 0;
""" + once(4), gone(4), "transaction:false"),
    "V005__points.sql": section("""
UPDATE people SET points = points + id % 10;
UPDATE people SET points = points * 2 + 1 WHERE id % 3 = 0;
""" + once(5), gone(5)),
    "V006__towns.sql": section("""
CREATE TABLE towns (name text PRIMARY KEY, people integer NOT NULL);
INSERT INTO towns SELECT town, count(*) FROM people GROUP BY town;
CREATE INDEX CONCURRENTLY people_town ON people (town, id);
ALTER TABLE people ADD FOREIGN KEY (town) REFERENCES towns (name);
""" + once(6), gone(6) + "\nALTER TABLE people DROP CONSTRAINT people_town_fkey;\nDROP INDEX CONCURRENTLY people_town;\nDROP TABLE towns;"),
    "V007__unnamed_index.sql": section("CREATE INDEX CONCURRENTLY ON people (email);\n" + once(7),
                                       gone(7) + "\nDROP INDEX CONCURRENTLY people_email_idx;"),
    "V008__unique_index.sql": section("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS people_email_key ON people (lower(email));",
                                      "DROP INDEX CONCURRENTLY people_email_key;"),
    "V009__functions.sql": section("""
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(points) FROM people; $$;
CREATE TABLE filled (n integer PRIMARY KEY);
CREATE PROCEDURE refill() LANGUAGE plpgsql AS $body$
BEGIN
	FOR i IN 1..3 LOOP
		INSERT INTO filled VALUES (i) ON CONFLICT DO NOTHING;
		COMMIT;
	END LOOP;
END;
$body$;
""" + once(9), gone(9) + "\nDROP PROCEDURE refill();\nDROP TABLE filled;\nDROP FUNCTION total();"),
    "V010__refill.sql": section("CALL refill();", "DELETE FROM filled;", "transaction:false"),
    "V011__upkeep.sql": section("""
VACUUM (ANALYZE) people;
REINDEX INDEX CONCURRENTLY people_town;
DROP INDEX CONCURRENTLY people_name;
""" + once(11), gone(11) + "\nCREATE INDEX CONCURRENTLY people_name ON people (name);"),
    "R__view.sql": "CREATE OR REPLACE VIEW happy AS SELECT person FROM diary WHERE mood = 'happy';\n",
}
POSTGRES_BROKEN = section("CREATE UNIQUE INDEX CONCURRENTLY people_points ON people (points);\n" + once(12),
                          gone(12) + "\nDROP INDEX CONCURRENTLY people_points;")
POSTGRES_FIXED = POSTGRES_BROKEN.replace("UNIQUE ", "")

SQLITE = {
    "V001__people.sql": section("""
CREATE TABLE ran (n INTEGER NOT NULL);
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, town TEXT NOT NULL, points INTEGER NOT NULL);
INSERT INTO people WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
	SELECT i, 'name ' || i, 'p' || i || '@example.org', 'town ' || i % 7, 0 FROM c;
""" + once(1), "DROP TABLE people;\nDROP TABLE ran;"),
    "V002__mood.sql": section("""
CREATE TABLE diary (person INTEGER NOT NULL REFERENCES people (id), mood TEXT NOT NULL CHECK (mood IN ('sad', 'happy')));
INSERT INTO diary (person, mood) SELECT id, 'sad' FROM people WHERE id <= 100;
""" + once(2), gone(2) + "\nDROP TABLE diary;"),
    "V003__name_index.sql": section("CREATE INDEX people_name ON people (name);", "DROP INDEX people_name;"),
    "V004__each_alone.sql": section("""
UPDATE diary SET mood = 'happy' WHERE person % 2 = 0;
UPDATE people SET points = points + 5;
""" + once(4), gone(4), "transaction:false"),
    "V005__points.sql": section("""
UPDATE people SET points = points + id % 10;
UPDATE people SET points = points * 2 + 1 WHERE id % 3 = 0;
""" + once(5), gone(5)),
    "V006__rebuild.sql": section("""
CREATE TABLE people_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, town TEXT, points INTEGER NOT NULL);
INSERT INTO people_new SELECT * FROM people;
DROP TABLE people;
ALTER TABLE people_new RENAME TO people;
CREATE INDEX people_name ON people (name);
""" + once(6), gone(6)),
    "V007__towns.sql": section("""
CREATE TABLE towns (name TEXT PRIMARY KEY, people INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO towns SELECT town, count(*) FROM people GROUP BY town;
""" + once(7), gone(7) + "\nDROP TABLE towns;"),
    "V008__trigger.sql": section("""
CREATE TRIGGER people_moved AFTER UPDATE OF town ON people BEGIN
	UPDATE towns SET people = people - 1 WHERE name = old.town;
	INSERT INTO towns VALUES (new.town, 1) ON CONFLICT (name) DO UPDATE SET people = people + 1;
END;
UPDATE people SET town = 'town 9' WHERE id % 100 = 0;
""" + once(8), gone(8) + "\nDROP TRIGGER people_moved;"),
    "V009__vacuum.sql": section("VACUUM;\n" + once(9), gone(9)),
    "V010__mixed.sql": section("""
CREATE TABLE mixed (n INTEGER);
INSERT INTO mixed VALUES (1), (2), (3);
PRAGMA foreign_keys = ON;
UPDATE mixed SET n = n + 1;
""" + once(10), gone(10) + "\nDROP TABLE mixed;", "transaction:false"),
    "V011__upkeep.sql": section("DROP INDEX people_name;\nANALYZE people;\n" + once(11),
                                gone(11) + "\nCREATE INDEX people_name ON people (name);"),
    "R__view.sql": "DROP VIEW IF EXISTS happy;\nCREATE VIEW happy AS SELECT person FROM diary WHERE mood = 'happy';\n",
}
SQLITE_BROKEN = section("CREATE INDEX people_points ON people (points);\nUPDATE people SET points = points + 1;\n"
                        "INSERT INTO ran (nowhere) VALUES (12);", gone(12) + "\nDROP INDEX people_points;")
SQLITE_FIXED = SQLITE_BROKEN.replace("nowhere", "n")

NAME = "V012__last.sql"
FILES = {"sqlite": (SQLITE, SQLITE_BROKEN, SQLITE_FIXED), "postgresql": (POSTGRES, POSTGRES_BROKEN, POSTGRES_FIXED)}


def folders(engine):
    """Files as first written, and as corrected."""
    common, broken, fixed = FILES[engine]
    return dict(common, **{NAME: broken}), dict(common, **{NAME: fixed})
