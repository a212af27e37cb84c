#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrations that take tables, columns or rows away, with `trash: on`. Afterwards the
schema and the rows are what they are without it, and nothing in the trash acts on
them; after `down` objects, rows and sequences are what they were before, and the
trash is empty. What cannot be set aside is refused, and nothing has changed.

    trash.py --engine sqlite|postgresql [--full] [--seed N] [--only TEXT] [--show]
"""
import argparse
import contextlib
import importlib
import json
import os
import re
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../lib"), os.path.join(HERE, "../schema"), HERE]
import harness  # noqa: E402
import undo  # noqa: E402


SAMPLE = {"sqlite": 1000, "postgresql": 28}


class Sqlite(undo.Sqlite):
    @staticmethod
    def same(a, b):
        """A rename puts names in quotes, or takes them away; a table built anew, columns between keys."""
        return (a or "").replace('"', "") == (b or "").replace('"', "")

    def all_rows(self, db):
        """With row numbers, which applications see where no column is one, and counters."""
        lines = [super().all_rows(db)]
        with contextlib.closing(sqlite3.connect(self.engine.path(db))) as connection:
            for table in ("articles", "lonely", "mail"):
                with contextlib.suppress(sqlite3.OperationalError):
                    lines.append("%s: %r" % (table, connection.execute("SELECT rowid FROM %s ORDER BY 1" % table).fetchall()))
            with contextlib.suppress(sqlite3.OperationalError):
                lines.append(repr(connection.execute("SELECT name, seq FROM sqlite_sequence WHERE name NOT LIKE 'whimbrel%' ORDER BY 1").fetchall()))
        return "\n".join(lines)

    def stores(self, db):
        with contextlib.closing(sqlite3.connect(self.engine.path(db))) as connection:
            return [n for (n,) in connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'whimbrel_trash_*'")]

    def acting(self, db):
        """What in the trash could still do something to the rest."""
        with contextlib.closing(sqlite3.connect(self.engine.path(db))) as connection:
            return connection.execute(
                "SELECT s.name, k.\"table\" FROM sqlite_schema s, pragma_foreign_key_list(s.name) k WHERE s.type = 'table' AND "
                "(s.name GLOB 'whimbrel_trash_*' OR k.\"table\" GLOB 'whimbrel_trash_*') UNION ALL "
                "SELECT name, type FROM sqlite_schema WHERE type IN ('trigger', 'view') AND sql LIKE '%whimbrel_trash%'").fetchall()


class Postgres(undo.Postgres):
    def all_rows(self, db):
        return self.cluster.psql(undo.ROWS.replace("'whimbrel')", "'whimbrel', 'whimbrel_trash')"), db)

    def stores(self, db):
        return self.cluster.psql("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('whimbrel_trash')", db).split()

    def acting(self, db):
        text = self.cluster.psql(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND to_regnamespace('whimbrel_trash') IN "
            "((SELECT relnamespace FROM pg_class WHERE oid = conrelid), (SELECT relnamespace FROM pg_class WHERE oid = confrelid)) UNION ALL "
            "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = to_regnamespace('whimbrel_trash') UNION ALL "
            "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE relnamespace = to_regnamespace('whimbrel_trash')", db)
        return text.split()


class Bench(undo.Bench):
    def up(self, trash):
        return harness.run([self.program, "up", "-o", "json"], self.folder, DATABASE_URL=self.engine.url(self.db), WHIMBREL_TRASH=trash)

    def one(self, sql, reason):
        with open(self.file, "w") as f:
            f.write(sql.rstrip().rstrip(";") + ";\n")
        try:
            return self.refused_up(sql, reason) if reason and reason.startswith(("UP", "FAIL")) else self.there_and_back_again(reason)
        finally:
            os.unlink(self.file)

    def refused_up(self, sql, reason):
        before, rows = self.objects(), self.rows()
        up = self.up("on")
        wanted, said = (4, reason[3:]) if reason.startswith("UP") else (3, "")
        error = up.error()
        wrong = [] if up.status == wanted and said in (error.get("message") or "") and (error.get("line") or 0) > 0 else [str(up)]
        if wanted == 3 and not error.get("sqlstate"):
            wrong.append("not the server's own error: %s" % up)
        wrong += self.compare(before, self.objects())
        if "PRAGMA" in sql:  # recorded as begun in steps
            self.fresh()
            return wrong
        return wrong + ([] if rows == self.rows() and not self.side.stores(self.db) else ["rows have changed"])

    def there_and_back_again(self, reason):
        self.fresh()
        before, rows = self.objects(), self.rows()
        plain = self.up("off")
        if plain.status:
            return ["up without trash: %s" % plain]
        wanted, wanted_rows = self.objects(), self.rows()
        self.fresh()
        up = self.up("on")
        if up.status:
            return ["up: %s" % up]
        wrong = ["after up: " + w for w in self.compare(wanted, self.objects())]
        if self.rows() != wanted_rows:
            wrong.append("after up, rows: " + harness.difference(wanted_rows, self.rows()))
        if self.side.acting(self.db):
            wrong.append("goes on acting: %r" % self.side.acting(self.db))
        if self.show:
            print("# " + self.sql_of(self.whimbrel("plan", "--down", "-o", "json")).replace("\n", "\n#   "))
        down = self.whimbrel("down", "-o", "json")
        if reason:
            return wrong + self.refused(down, reason)
        if down.status:
            return wrong + ["down: exit %s: %s" % (down.status, json.dumps(down.error()))]
        wrong += ["after down: " + w for w in self.compare(before, self.objects())]
        if self.rows() != rows:
            wrong.append("after down, rows: " + harness.difference(rows, self.rows()))
        if self.side.stores(self.db):
            wrong.append("left in the trash: %r" % self.side.stores(self.db))
        return wrong


def run(place, side, options, program):
    tap = harness.Tap()
    side = side(place)
    beside, corpus = importlib.import_module("undo_" + options.engine), importlib.import_module("trash_" + options.engine)
    bench = Bench(place, side, program, side.fixture() + beside.FIXTURE + corpus.FIXTURE, options.show)
    bench.fresh()
    restored = refused = 0
    chosen = [c for c in corpus.CASES if not options.only or options.only in c[0]]
    if not options.full and not options.only:
        chosen = harness.sample(chosen, SAMPLE[options.engine], options.seed)
    for sql, reason in chosen:
        try:
            wrong = bench.one(sql, reason)
        except Exception as e:
            wrong = ["%s: %s" % (type(e).__name__, e)]
        tap.result(not wrong, re.sub(r"[\s#]+", " ", sql)[:150] + (" (refused)" if reason else ""), "\n".join(wrong[:6]))
        restored += not wrong and not reason
        refused += not wrong and bool(reason)
        if wrong:
            bench.fresh()
    tap.note("%d restored, %d refused with the reason, of %d; %d columns stand at another place"
             % (restored, refused, len(corpus.CASES), bench.moved))
    side.drop(bench.db)
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="cases with this text in them")
    parser.add_argument("--show", action="store_true", help="the undo of each")
    options = parser.parse_args()
    program = harness.program("WHIMBREL", "build-asan")
    with harness.Workplace(options.engine) as place:
        sys.exit(run(place, Sqlite if options.engine == "sqlite" else Postgres, options, program))


if __name__ == "__main__":
    main()
