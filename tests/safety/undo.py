#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrations without a down part: up, then down by the undo that was inferred.
What comes back is what was there, object by object and row by row; columns that
stand at another place are counted and told. What cannot be undone is refused,
with the reason that is said to be its.

    undo.py --engine sqlite|postgresql [--full] [--seed N] [--only TEXT] [--show]
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
import alterations  # noqa: E402
import harness  # noqa: E402

SAMPLE = {"sqlite": 1000, "postgresql": 120}
PLACES = {"position"}


class Bench:
    """One project with a fixture applied, and a second migration that changes from case to case."""

    def __init__(self, place, side, program, fixture, show):
        self.place, self.side, self.program, self.show = place, side, program, show
        self.folder = place.migrations("project", {"V001__all.sql": fixture})
        self.file = os.path.join(self.folder, "migrations", "V002__case.sql")
        self.engine, self.db, self.moved = side.engine, "work", 0
        self.made, self.before, self.number = False, None, 0
        self.engine.create("ready")
        up = self.whimbrel("up", "-q", db="ready")
        if up.status:
            raise RuntimeError(str(up))

    def whimbrel(self, *arguments, db=None, cwd=None):
        return harness.run([self.program] + list(arguments), cwd or self.folder,
                           DATABASE_URL=self.engine.url(db or self.db))

    def fresh(self):
        if self.made:
            self.side.drop(self.db)
        self.made, self.before = True, None
        self.engine.clone("ready", self.db)

    def objects(self, cwd=None, db=None):
        result = self.whimbrel("snapshot", "-o", "json", cwd=cwd, db=db)
        if result.status:
            raise RuntimeError(str(result))
        return {(o["kind"], o["path"]): o["attributes"] for o in json.loads(result.out)["objects"]}

    def compare(self, before, after):
        """What differs; places of columns are only counted."""
        wrong = []
        for key in sorted(set(before) | set(after)):
            a, b = before.get(key), after.get(key)
            if a is None or b is None:
                wrong.append("%s %s is %s" % (*key, "missing" if b is None else "left"))
                continue
            for attribute in sorted(set(a) | set(b)):
                if self.side.same(a.get(attribute), b.get(attribute)):
                    continue
                if attribute in PLACES:
                    self.moved += 1
                else:
                    wrong.append("%s %s: %s was %r and is %r" % (*key, attribute, a.get(attribute), b.get(attribute)))
        return wrong

    def rows(self):
        return self.side.all_rows(self.db)

    def case(self, sql, reason, name="V002__case.sql"):
        """What is wrong with this one; and whether the database is as it was."""
        path = os.path.join(self.folder, "migrations", name)
        with open(path, "w") as f:
            f.write(sql if sql.endswith("\\.\n") else sql.rstrip().rstrip(";") + ";\n")
        try:
            return self.there_and_back(reason)
        finally:
            os.unlink(path)

    def there_and_back(self, reason):
        before, rows = self.before or (self.objects(), self.rows())
        self.before, self.number = None, self.number + 1
        up = self.whimbrel("up", "-o", "json")
        if up.status:
            return ["up failed: %s" % up]
        plan = self.whimbrel("plan", "--down", "-o", "json") if self.show or self.number % 4 == 0 else None
        down = self.whimbrel("down", "-o", "json")
        if reason:
            return self.refused(down, reason)
        if down.status:
            return ["down: exit %s: %s\n%s" % (down.status, json.dumps(down.error()), self.sql_of(plan))]
        sql = self.sql_of(plan)
        after, rows_after = self.objects(), self.rows()
        if self.show:
            print("#   undo: " + sql.replace("\n", "\n#         "))
        wrong = self.compare(before, after)
        wrong += [] if not plan or plan.status == 0 and json.loads(plan.out)["migrations"][0]["down_source"] == "inferred" \
            else ["its source is not said: %s" % plan]
        if rows != rows_after:
            wrong.append("rows differ: " + harness.difference(rows, rows_after))
        self.before = (before, rows)
        return [w + "\nafter\n" + sql for w in wrong[:4]]

    def refused(self, down, reason):
        detail = down.error().get("detail") or ""
        if down.status != 4 or reason not in detail:
            return ["wanted a refusal that says %r, got exit %s: %s" % (reason, down.status, json.dumps(down.error()))]
        return []

    @staticmethod
    def sql_of(plan):
        if not plan:
            return "(--show shows it)"
        try:
            return "\n".join(s["sql"] for s in json.loads(plan.out)["steps"])
        except (ValueError, KeyError):
            return str(plan)


class Sqlite(alterations.Sqlite):
    @staticmethod
    def same(a, b):
        """A rename puts names in quotes, or takes them away."""
        return (a or "").replace('"', "") == (b or "").replace('"', "")

    def all_rows(self, db):
        """Every table with its rows, columns by name."""
        lines = []
        with contextlib.closing(sqlite3.connect(self.engine.path(db))) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' "
                                               "ESCAPE '^' AND name NOT LIKE 'whimbrel^_%' ESCAPE '^' ORDER BY name").fetchall():
                rows = connection.execute('SELECT * FROM "%s"' % table.replace('"', '""'))
                names = [c[0] for c in rows.description]
                lines += sorted("%s: %r" % (table, sorted(zip(names, map(repr, row)))) for row in rows)
        return "\n".join(lines)


class Postgres(alterations.Postgres):
    @staticmethod
    def same(a, b):
        return a == b

    def all_rows(self, db):
        """Every table with its rows, and how far sequences have counted."""
        return self.cluster.psql(ROWS, db)


ROWS = """SELECT c.oid::regclass, x FROM pg_class c, LATERAL query_to_xml(format(
    CASE c.relkind WHEN 'S' THEN 'SELECT last_value, is_called FROM %s' ELSE 'SELECT to_jsonb(t) FROM %s t ORDER BY 1' END,
    c.oid::regclass), false, true, '') x
    WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't' AND c.relnamespace::regnamespace::text NOT IN
        ('pg_catalog', 'information_schema', 'pg_toast', 'whimbrel') ORDER BY c.oid::regclass::text"""


def cases(options):
    """(sql, what the refusal says or None)."""
    corpus = importlib.import_module("undo_" + options.engine)
    done = importlib.import_module("alterations_" + options.engine)
    found = list(corpus.CASES)
    for sql, _ in done.ALTERATIONS:
        if isinstance(sql, str):
            found.append((sql, next((why for part, why in corpus.REFUSED if re.search(part, sql)), None)))
    return [(s, w) for s, w in found if s not in corpus.SKIPPED]


def without_down(path, folder):
    """A copy of the migrations of an example, their down parts taken out."""
    for name in sorted(os.listdir(path)):
        if not name.endswith(".sql") or name.endswith(".down.sql") or name.startswith("U"):
            continue
        with open(os.path.join(path, name)) as f:
            text = re.split(r"^-- *(?:migrate:down|DOWN|ROLLBACK)\b", f.read(), maxsplit=1, flags=re.M)[0]
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)


def example(bench, name, path):
    """Each migration up, down, and up again: (what is wrong, how many came back, why the others did not)."""
    folder = os.path.join(bench.place.folder, "example-%s" % re.sub(r"\W", "-", name))
    os.makedirs(os.path.join(folder, "migrations"))
    without_down(path, os.path.join(folder, "migrations"))
    with open(os.path.join(folder, "whimbrel.yaml"), "w") as f:
        f.write('variables: { batch_size: "1000", batch_pause: "0" }\n')
    bench.engine.create("example")
    wrong, done, reasons = [], 0, []
    for _ in range(200):
        before = bench.objects(folder, "example")
        up = bench.whimbrel("up", "--steps", "1", "-o", "json", cwd=folder, db="example")
        if up.status or not json.loads(up.out)["applied"]:
            wrong += [str(up)] if up.status else []
            break
        down = bench.whimbrel("down", "-o", "json", cwd=folder, db="example")
        if down.status:
            reasons.append(down.error().get("detail") or str(down))
            continue
        done += 1
        wrong += bench.compare(before, bench.objects(folder, "example"))
        up = bench.whimbrel("up", "--steps", "1", "-o", "json", cwd=folder, db="example")
        wrong += [str(up)] if up.status else []
    bench.engine.drop("example")
    return wrong, done, reasons


def run(place, side, options, program):
    tap = harness.Tap()
    side = side(place)
    corpus = importlib.import_module("undo_" + options.engine)
    bench = Bench(place, side, program, side.fixture() + corpus.FIXTURE, options.show)
    chosen = [c for c in cases(options) if not options.only or options.only in c[0]]
    everything = len(chosen)
    if not options.full and not options.only:
        chosen = harness.sample(chosen, SAMPLE[options.engine], options.seed)
    bench.fresh()
    undone = refused = 0
    for name, path in alterations.examples(options.engine) if not options.only else []:
        wrong, done, reasons = example(bench, name, path)
        tap.result(not wrong, "%s without its down parts: %d of %d undone" % (name, done, done + len(reasons)), "\n".join(wrong[:5]))
        tap.note("not undone: " + "; ".join(reasons))
    for sql, reason in chosen:
        try:
            wrong = bench.case(sql, reason)
        except Exception as e:
            wrong = ["%s: %s" % (type(e).__name__, e)]
        tap.result(not wrong, re.sub(r"[\s#]+", " ", sql)[:150] + (" (refused)" if reason else ""), "\n".join(wrong))
        undone += not wrong and not reason
        refused += not wrong and bool(reason)
        if wrong or reason:
            bench.fresh()
    tap.note("%d undone, %d refused with the reason, of %d; %d columns stand at another place"
             % (undone, refused, everything, bench.moved))
    side.drop(bench.db)
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(SAMPLE))
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
