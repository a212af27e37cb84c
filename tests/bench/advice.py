#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Advice against queries whose best index is known (advice_cases.py): the best
or an equal one is proposed in at least nine of ten, and nothing for queries that
no index helps. What is proposed besides is counted and printed. Equal is what a
pattern says, or what is as fast when it is measured.

    advice.py --engine sqlite|postgresql [--full] [--seed N] [--only TEXT]
"""
import argparse
import json
import os
import re
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import harness  # noqa: E402
import advice_cases  # noqa: E402

SHARE = 0.9
AS_FAST, AS_FAST_MS = 1.2, 0.1


def suite_of(cases):
    """YAML is a superset of JSON."""
    queries = {}
    for c in cases:
        q = {"sql": c["query"]}
        if c["params"]:
            q["params"] = c["params"]
        queries[c["name"]] = q
    return json.dumps({"suite": "corpus", "queries": queries}, indent=1)


def lite_time(path, case):
    db = sqlite3.connect(path)
    best = None
    for _ in range(9):
        started = time.perf_counter()
        db.execute(case["query"], case["params"]).fetchall()
        ms = (time.perf_counter() - started) * 1000
        best = ms if best is None or ms < best else best
    db.close()
    return best


def body(recommendation):
    """What stands behind the table's name."""
    return re.sub(r"^CREATE INDEX (CONCURRENTLY )?\S+ ON \S+ ", "", recommendation["sql"])


def matches(case, text):
    plain = lambda s: re.sub(r"::\w+", "", s)  # noqa: E731
    return plain(text) == plain(case["best"]) or any(re.search(p, plain(text)) for p in case["equal"])


class Corpus:
    def __init__(self, place, program):
        self.place, self.program, self.name = place, program, place.engine.name
        self.url, self.folder = place.engine.url("corpus"), place.folder

    def prepare(self, cases):
        sql = "\n".join(c["setup"] for c in cases)
        self.place.engine.create("corpus")
        if self.name == "sqlite":
            db = sqlite3.connect(self.place.engine.path("corpus"))
            db.executescript(sql + "\nANALYZE;")
            db.close()
        else:
            self.place.cluster.psql(sql + "\nVACUUM ANALYZE;", "corpus")

    def execute(self, sql):
        if self.name == "sqlite":
            db = sqlite3.connect(self.place.engine.path("corpus"))
            db.execute(sql)
            db.commit()
            db.close()
        else:
            self.place.cluster.psql(sql, "corpus")

    def time(self, case):
        if self.name == "sqlite":
            return lite_time(self.place.engine.path("corpus"), case)
        sql = case["query"]
        for name, value in case["params"].items():
            sql = sql.replace(":" + name, str(value) if isinstance(value, int) else "'%s'" % value)
        explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql
        return min(json.loads(self.place.cluster.psql(explain, "corpus"))[0]["Execution Time"] for _ in range(7))

    def with_index(self, case, text):
        self.execute("CREATE INDEX advice_try ON %s %s" % (case["table"], text))
        try:
            return self.time(case)
        finally:
            self.execute("DROP INDEX advice_try")


def judge(engine, case, given):
    """(right, false advice, words)"""
    texts = [body(r) for r in given]
    if case["best"] is None:
        return not texts, len(texts), "nothing helps; proposed: %s" % (texts or "nothing")
    hits = [t for t in texts if matches(case, t)]
    words = "best %s; proposed: %s" % (case["best"], texts or "nothing")
    if hits:
        return True, len(texts) - len(hits), words
    if not texts:
        return False, 0, words
    best, proposed = engine.with_index(case, case["best"]), engine.with_index(case, texts[0])
    right = proposed <= best * AS_FAST + AS_FAST_MS
    return right, len(texts) - right, words + "; measured: best %.2f ms, proposed %.2f ms" % (best, proposed)


def run(tap, engine, cases, seed):
    suite = os.path.join(engine.folder, "suite.yaml")
    with open(suite, "w") as f:
        f.write(suite_of(cases))
    started = time.monotonic()
    result = harness.run([engine.program, "--url", engine.url, "advise", suite, "--seed", str(seed + 1), "--prove", "copy",
                          "-o", "json"], engine.folder, timeout=3000)
    took = time.monotonic() - started
    if not tap.result(result.status == 0, "%s: advise" % engine.name, result.out[-2000:] + result.err[-2000:]):
        return
    advice = json.loads(result.out)
    indexes = [r for r in advice["recommendations"] if r["kind"] == "index"]
    right = wrong = 0
    for c in cases:
        given = [r for r in indexes if r["table"].split(".")[-1] in (c["table"], c["table"] + "_p", c["table"] + "_o")]
        ok, bad, words = judge(engine, c, given)
        right += ok
        wrong += bad
        tap.note("%s %s: %s" % ("ok " if ok else "NOT", c["name"], words))
    tap.note("%s: right in %d of %d, false advice: %d, %d candidates, %d measured, %.0f s" %
             (engine.name, right, len(cases), wrong, advice["summary"]["candidates"], advice["summary"]["measured"], took))
    need = int(len(cases) * SHARE)
    tap.result(right >= need, "%s: the best index or an equal one for %d of %d queries (at least %d); false advice %d" %
               (engine.name, right, len(cases), need, wrong))
    tap.result(wrong <= max(1, len(cases) // 10), "%s: false advice: %d" % (engine.name, wrong))


def planner(tap, corpus, cases):
    """HypoPG: nothing is built or copied; and what the server has counted."""
    corpus.execute("CREATE EXTENSION hypopg")
    corpus.execute("CREATE EXTENSION pg_stat_statements")
    case = next(c for c in cases if c["name"] == "lower")
    for _ in range(5):
        corpus.place.cluster.psql("SELECT id FROM %s WHERE note = 'x'" % case["table"], "corpus")
    corpus.execute("CREATE TABLE zones AS SELECT i AS id, timestamptz '2026-01-01' + i * interval '1 hour' AS at "
                   "FROM generate_series(1, 20000) i; ANALYZE zones; CREATE FUNCTION sly() RETURNS bigint LANGUAGE sql AS "
                   "'DELETE FROM zones RETURNING id::bigint'")
    refused = {"name": "refused", "query": "SELECT * FROM zones WHERE date_trunc('day', at) = '2026-01-07'", "params": {}}
    sly = {"name": "sly", "query": "SELECT sly()", "params": {}}
    suite = os.path.join(corpus.folder, "one.yaml")
    with open(suite, "w") as f:
        f.write(suite_of([case, refused, sly]))
    r = harness.run([corpus.program, "--url", corpus.url, "advise", suite, "--statements", "50", "-o", "json"], corpus.folder,
                    timeout=600)
    said = json.loads(r.out) if r.status == 0 else {}
    indexes = {body(x): x for x in said.get("recommendations", []) if x["kind"] == "index"}
    tap.result(said.get("proof") == "planner" and any(matches(case, b) for b in indexes),
               "postgresql: an index that the planner was shown", str(r))
    said_of = {q["name"]: q["error"] or "" for q in said.get("queries", [])}
    tap.result("read-only" in said_of.get("sly", "") and said_of.get("refused") == "" and
               corpus.place.cluster.psql("SELECT count(*) FROM zones", "corpus") == "20000",
               "postgresql: asked of the database itself, a query that writes is told, and an index that cannot be is passed over",
               str(said_of))
    counted = [b for b, x in indexes.items() if any(q.startswith("statement ") for q in x["queries"])]
    tap.result("(note)" in counted, "postgresql: an index for a statement that the server has counted", str(r))
    tap.result(corpus.place.cluster.psql("SELECT count(*) FROM hypopg()", "corpus") == "0" and
               not corpus.place.cluster.psql("SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel\\_%'"),
               "postgresql: nothing is left of it")


def statistics(tap, corpus):
    """Two columns that say the same: the planner is told so."""
    corpus.execute("CREATE TABLE towns AS SELECT i AS id, i % 400 AS zip, (i % 400) / 4 AS town, md5(i::text) AS note "
                   "FROM generate_series(1, 40000) i; ANALYZE towns")
    suite = os.path.join(corpus.folder, "towns.yaml")
    with open(suite, "w") as f:
        json.dump({"suite": "towns", "queries": {"town": {"sql": "SELECT * FROM towns WHERE zip = 77 AND town = 19"}}}, f)
    r = harness.run([corpus.program, "--url", corpus.url, "advise", suite, "--prove", "copy", "-o", "json"], corpus.folder, timeout=600)
    said = json.loads(r.out) if r.status == 0 else {"recommendations": []}
    found = [x for x in said["recommendations"] if x["kind"] == "statistics" and x["table"].endswith("towns")]
    tap.result(len(found) == 1 and "CREATE STATISTICS" in found[0]["sql"], "postgresql: statistics of columns that belong together",
               str(r))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    a = parser.parse_args()
    lite = a.engine == "sqlite"
    cases = advice_cases.SQLITE if lite else advice_cases.POSTGRESQL
    sample = advice_cases.SQLITE_SAMPLE if lite else advice_cases.SAMPLE
    if a.only:
        cases = [c for c in cases if a.only in c["name"]]
    elif not a.full:
        cases = [c for c in cases if c["name"] in sample]
    tap = harness.Tap()
    program = harness.program("WHIMBREL", "build-asan")
    settings = ["shared_preload_libraries = 'pg_stat_statements'"]
    with harness.Workplace(a.engine, **({} if lite else {"settings": settings})) as place:
        corpus = Corpus(place, program)
        corpus.prepare(cases)
        run(tap, corpus, cases, a.seed)
        if not lite and not a.only:
            statistics(tap, corpus)
            planner(tap, corpus, cases)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
