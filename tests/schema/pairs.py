#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pairs of made-up schemas, A and B: what `diff` writes turns A into B and B
into A. After it was run, diff finds nothing, rows are what they were
in every column that both have alike, and the engine's own checks are content;
PostgreSQL's pg_dump writes the same text for both.

    pairs.py --engine sqlite|postgresql [--full] [--seed N] [--pairs N] [--jobs N]
"""
import argparse
import concurrent.futures
import glob
import itertools
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import made_sqlite  # noqa: E402
import servers  # noqa: E402
import write_postgres  # noqa: E402

PAIRS = {"sqlite": (60, 500), "postgresql": (12, 500)}


def in_transaction(text):
    """What `diff --sql` prints is one already, with a line for the sqlite3 shell before it."""
    text = text.removeprefix(".bail on\n")
    return text if text.startswith(("BEGIN;", "PRAGMA ")) else "BEGIN;\n" + text + "\nCOMMIT;"


# ---- one engine each ------------------------------------------------------------------

class Sqlite:
    only, examples = "", False

    def __init__(self, folder):
        self.folder, self.numbers = folder, itertools.count()

    def maker(self, rng):
        return made_sqlite.Maker(rng)

    def create(self, statements):
        path = os.path.join(self.folder, "db%d.sqlite" % next(self.numbers))
        db = sqlite3.connect(path, isolation_level=None)
        try:
            db.executescript("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; BEGIN;\n" + ";\n".join(statements) + ";\nCOMMIT;")
        finally:
            db.close()
        return path

    def script(self, path, text):
        db = sqlite3.connect(path, isolation_level=None)
        try:
            db.executescript("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;\n" + in_transaction(text))
        finally:
            db.close()

    def query(self, path, sql):
        db = sqlite3.connect(path)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def queries(self, path, statements):
        return [self.query(path, sql) for sql in statements]

    def column(self, name):
        return made_sqlite.q(name)

    def problems(self, path):
        return self.query(path, "PRAGMA foreign_key_check") + [
            r for r in self.query(path, "PRAGMA integrity_check") if r != ("ok",)]

    def dump(self, path, owners):
        return []

    def url(self, path):
        return "sqlite:" + path

    def drop(self, path):
        os.unlink(path)


class Postgres:
    only, examples = "ONLY ", True

    def __init__(self, cluster):
        self.cluster, self.numbers = cluster, itertools.count()
        cluster.psql(";".join("CREATE ROLE %s" % write_postgres.q(r) for r in write_postgres.ROLES))

    def maker(self, rng):
        return write_postgres.Writer(rng)

    def create(self, statements):
        name = "pair%d" % next(self.numbers)
        self.cluster.create_database(name)
        try:
            self.script(name, ";\n".join(statements) + ";")
        except Exception:
            self.drop(name)
            raise
        return name

    def script(self, name, text):
        self.cluster.psql("SET client_min_messages = error;\n" + in_transaction(text), name)

    def query(self, name, sql):
        out = self.cluster.psql(sql, name)
        return [tuple(line.split("|")) for line in out.splitlines()]

    def queries(self, name, statements):
        """The rows of each, by one connection."""
        mark = "-- the next --"
        out = self.cluster.psql("".join("%s;\n\\echo %s\n" % (sql, mark) for sql in statements), name) if statements else ""
        return [[tuple(line.split("|")) for line in part.strip().splitlines()] for part in out.split(mark)[:len(statements)]]

    def column(self, name):
        return "%s::text" % write_postgres.q(name)

    def problems(self, name):
        return self.query(name, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")

    def dump(self, name, owners):
        return blocks(self.cluster.dump(name, "--schema-only", "--exclude-schema=whimbrel", *([] if owners else ["--no-owner"])))

    def url(self, name):
        return self.cluster.url(name)

    def drop(self, name):
        left = self.query(name, "SELECT quote_ident(subname) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
                                "WHERE d.datname = current_database()")
        for (s,) in left:
            self.cluster.psql("ALTER SUBSCRIPTION %s SET (slot_name = NONE); DROP SUBSCRIPTION %s" % (s, s), name)
        self.cluster.drop_database(name)


# ---- what pg_dump writes, whatever the order of columns -----------------------------------

NAME = r'(?:[^\s".,()]+|"(?:[^"]|"")+")'


def columns_of(statement):
    """The lines of a CREATE TABLE by what they are about."""
    return {re.match(r"\s*(?:CONSTRAINT )?(%s)" % NAME, line).group(1): line for line in statement.splitlines()[1:] if line.startswith("    ")}


def without_inherited(statement, tables):
    """pg_dump lists a column that is inherited when it was a table's own before: that cannot be undone."""
    parents = re.search(r"\nINHERITS \((.*)\)", statement)
    had = set()
    for p in re.findall(r"%s\.%s" % (NAME, NAME), parents.group(1)) if parents else ():
        had |= ancestors(p, tables)
    return "\n".join(line for line in statement.splitlines() if line not in [columns_of(statement)[n] for n in had & set(columns_of(statement))])


def ancestors(name, tables):
    statement = tables.get(name, "")
    parents = re.search(r"\nINHERITS \((.*)\)", statement)
    had = set(columns_of(statement))
    for p in re.findall(r"%s\.%s" % (NAME, NAME), parents.group(1)) if parents else ():
        had |= ancestors(p, tables)
    return had


def blocks(text):
    """Its statements, sorted; columns and grants in them sorted as well."""
    out, tables = [], {}
    for block in re.split(r"\n--\n-- (?=Name: )", text)[1:]:
        statement = block.partition("\n--\n")[2].split("\n--\n-- PostgreSQL database dump complete")[0]
        statement = re.sub(r"\nSET default_\w+ = .*;", "", statement).strip()  # of the block that follows
        made = re.match(r"(?:SET .*\n\n)?CREATE (?:UNLOGGED |FOREIGN )?TABLE (%s\.%s)" % (NAME, NAME), statement)
        if made:
            tables[made.group(1)] = statement
        out.append(statement)
    children = tuple("ALTER TABLE ONLY %s ALTER COLUMN" % t for t, s in tables.items() if "\nINHERITS (" in s)
    return sorted(filter(None, (tidy(s, tables, children) for s in out)))


def tidy(statement, tables, children):
    statement = "\n".join(line for line in statement.splitlines()
                          if not (line.startswith(children) and re.search(" SET (DEFAULT|NOT NULL)", line))) if children else statement
    if re.search(r"^CREATE (UNLOGGED |FOREIGN )?TABLE|^CREATE TYPE .* AS \(", statement, re.M):
        return "\n".join(sorted(line.rstrip(",") for line in without_inherited(statement, tables).splitlines()))
    if statement.startswith("CREATE SUBSCRIPTION"):  # where it leads to is nobody's business
        head, publications, rest = re.match("(.*) CONNECTION '.*' PUBLICATION (.*)( WITH .*)", statement, re.S).groups()
        return head + ", ".join(sorted(publications.split(", "))) + rest
    if re.match(r"ALTER TABLE .*\n    ADD CONSTRAINT .* CHECK .* NOT VALID", statement) and statement.split()[2] in "".join(children):
        return None
    if re.match("GRANT|REVOKE", statement):
        return "\n".join(sorted(statement.splitlines()))
    return statement


def contents(engine, db, columns):
    rows = engine.queries(db, ["SELECT %s FROM %s%s ORDER BY 1" % (", ".join(engine.column(c) for c in cs), engine.only, t) for t, cs in columns])
    return dict(zip((t for t, cs in columns), rows))


def diff(program, engine, a, b, *options):
    return subprocess.run([program, "diff", engine.url(a), engine.url(b)] + list(options), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)


class NoSchema(Exception):
    """What was made up cannot be made: the fault of whoever made it up."""


def create(engine, statements):
    try:
        return engine.create(statements)
    except RuntimeError as e:
        raise NoSchema(str(e))


def go(program, engine, maker, start, goal):
    """From one to the other; a list of what is wrong."""
    a = create(engine, maker.statements(start) + maker.rows(start, goal))
    b = create(engine, maker.statements(goal))
    return turn(program, engine, a, b, list(maker.alike(start, goal)), maker.owners)


def turn(program, engine, a, b, columns, with_owners):
    wrong = []
    try:
        before = contents(engine, a, columns)
        owners = ["--owners"] if with_owners else []
        sql = diff(program, engine, a, b, "--sql", "--allow-destructive", *owners)
        if sql.returncode not in (0, 1, 2):
            return ["diff --sql: %d %s" % (sql.returncode, sql.stderr)]
        try:
            engine.script(a, sql.stdout)
        except Exception as e:  # the statement that failed is what the reader wants
            return ["the SQL failed: %s\n%s" % (str(e)[:600], sql.stdout)]
        again = diff(program, engine, b, a, *owners)
        if again.returncode != 0:
            wrong.append("still different (%d):\n%s%s\nafter\n%s" % (again.returncode, again.stdout, again.stderr, sql.stdout))
        after = contents(engine, a, columns)
        wrong += ["rows of %s: %s, were %s\n%s" % (t, after[t], before[t], sql.stdout) for t in before if after[t] != before[t]]
        wrong += ["the engine finds: %s" % (p,) for p in engine.problems(a)]
        is_, wanted = engine.dump(a, with_owners), engine.dump(b, with_owners)
        if is_ != wanted:
            wrong.append("dumped otherwise; is:\n%s\nshould be:\n%s\nafter\n%s" % (
                "\n".join(x for x in is_ if x not in wanted), "\n".join(x for x in wanted if x not in is_), sql.stdout))
    finally:
        engine.drop(a)
        engine.drop(b)
    return wrong


def pair(program, engine, seed):
    maker = engine.maker(random.Random(seed))
    maker.owners = seed % 3 == 0 and engine.only != ""
    a = maker.schema()
    b = maker.changed(a)
    wrong = go(program, engine, maker, a, b) + go(program, engine, maker, b, a)
    if wrong:
        wrong.append("A:\n%s\nB:\n%s" % (";\n".join(maker.statements(a)), ";\n".join(maker.statements(b))))
    return wrong


# ---- the examples' migrations: from each version to the next, and back ---------------------------

def at_version(program, engine, folder, version):
    database = engine.create([])
    subprocess.run([program, "-e", "development", "--url", engine.url(database), "-y", "up", "--to", version], cwd=folder, check=True,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return database


def examples(program, engine, tap):
    for top in sorted(glob.glob(os.path.join(harness.ROOT, "examples/*"))):
        files = glob.glob(top + "/src/db/migrations/*.sql") + glob.glob(top + "/migrations/*.sql")
        versions = sorted(re.match(r"V?(\d+)_", os.path.basename(name)).group(1) for name in files)
        for older, newer in zip(versions, versions[1:]):
            for x, y in ((older, newer), (newer, older)):
                a, b = (at_version(program, engine, top, v) for v in (x, y))
                wrong = turn(program, engine, a, b, [], False)
                tap.result(not wrong, "%s: %s to %s" % (os.path.basename(top), x, y), "\n".join(wrong))


def made_pair(program, engine, seed):
    """Now and then what was made up is no schema: then another one is."""
    for other in range(4):
        try:
            return pair(program, engine, seed + other * 1000000)
        except NoSchema as e:
            wrong = ["the schema is none: %s" % e]
        except RuntimeError as e:
            return ["cannot be looked at: %s" % e]
    return wrong


def run(program, engine, n, seed, jobs):
    tap = harness.Tap()
    if engine.examples:
        examples(program, engine, tap)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for i, wrong in enumerate(pool.map(lambda s: made_pair(program, engine, s), range(seed, seed + n))):
            again = "this pair alone: --seed %d --pairs 1" % (seed + i)
            tap.result(not wrong, "pair %d" % (seed + i), "\n".join(wrong + [again]))
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(PAIRS))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--jobs", type=int, default=1, help="so many pairs at a time")
    a = parser.parse_args()
    program = os.environ.get("WHIMBREL") or os.path.abspath("build/whimbrel")
    n = a.pairs or PAIRS[a.engine][a.full]
    with tempfile.TemporaryDirectory() as folder:
        if a.engine == "sqlite":
            sys.exit(run(program, Sqlite(folder), n, a.seed, a.jobs))
        # Databases come and go: in memory, where there is room.
        room = tempfile.mkdtemp(prefix="wb-pg-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        with servers.cluster(folder=room, settings=["autovacuum = off", "jit = off", "wal_level = minimal",
                                                    "max_wal_senders = 0"]) as cluster:
            sys.exit(run(program, Postgres(cluster), n, a.seed, a.jobs))


if __name__ == "__main__":
    main()
