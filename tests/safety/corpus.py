#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what Whimbrel says of migrations with what they do to a live server.

The corpus (bench/corpus) holds migrations of one or a few statements on the tables
of base.sql. Each is planned and linted with the database as it is, then run, in an
open transaction or, where it refuses one, held up by other sessions. Four answers
are compared, yes or no each: did whoever reads a relation that was there before
have to wait, did whoever writes it, was one written anew, was one read as a whole.
And a fifth: did others wait for as long as rows were read or written.

    corpus.py [--only WORD] [--sample N] [--seed N] [--server DIR] [--jobs N] [--table]

--sample: so many cases, drawn by --seed. --server: a folder with bin/ of a server."""
import argparse
import concurrent.futures
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import servers  # noqa: E402
from live import COUNTERS, LOCKS, Live, Server, Session, locks, relations, work_of  # noqa: E402

FOLDER = os.path.join(ROOT, "bench/corpus")
QUESTIONS = ("reads", "writes", "rewrote", "scanned")
HARM = "harm"
SHARE, ACCESS_EXCLUSIVE = LOCKS.index("ShareLock"), LOCKS.index("AccessExclusiveLock")
CONFIG = "lint:\n  rules:\n    lock-timeout-missing: info\n"


# ---- the corpus ---------------------------------------------------------------------------------

class Case:
    def __init__(self, group, name, line):
        self.group, self.name, self.line = group, name, line
        self.shape, self.given, self.hold, self.alone, self.since, self.lines = None, [], [], False, 0, []

    def statements(self):
        """One ends where a line ends with a semicolon, outside of $$."""
        one, found = "", []
        for line in self.lines:
            one += line
            if line.rstrip().endswith(";") and one.count("$$") % 2 == 0:
                found.append(one.strip())
                one = ""
        return found

    def text(self):
        """As a migration."""
        return "-- migrate:up%s\n%s" % (" transaction:false" if self.alone else "", "".join(self.lines))

    def __str__(self):
        return "%s: %s" % (self.group, self.name)


DIRECTIVE = re.compile(r"-- (case|shape|given|hold|alone|since):? ?(.*)\n")


def read_group(path):
    """-- case: NAME; shape: whose document or report it is like; given: SQL that has been run before; alone: commits statement
    by statement; hold: what other sessions hold meanwhile (implies alone); since: a version."""
    group, cases = os.path.basename(path)[:-4], []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            m = DIRECTIVE.match(line)
            if m and m[1] == "case":
                cases.append(Case(group, m[2], number))
            elif not cases or not line.strip():
                continue
            elif not m:
                cases[-1].lines.append(line)
            elif m[1] in ("given", "hold"):
                getattr(cases[-1], m[1]).append(m[2])
                cases[-1].alone |= m[1] == "hold"
            else:
                setattr(cases[-1], m[1], {"since": int, "alone": lambda _: True}.get(m[1], str)(m[2]))
    return cases


def read_corpus(word=""):
    paths = [p for p in sorted(glob.glob(os.path.join(FOLDER, "*.sql"))) if not p.endswith("/base.sql")]
    return [c for p in paths for c in read_group(p) if word in str(c)]


# ---- what it does ----------------------------------------------------------------------------------

# Asks the server itself what it makes wait: planning locks what a query would lock, indexes included.
PROBE = """SET lock_timeout = '5ms'; CREATE FUNCTION pg_temp.waits(what text) RETURNS boolean LANGUAGE plpgsql AS
$$ BEGIN EXECUTE 'EXPLAIN ' || what; RETURN false; EXCEPTION WHEN lock_not_available THEN RETURN true; END $$"""
PROBES = """SELECT json_agg(json_build_array(oid::int8, pg_temp.waits('SELECT FROM ONLY ' || oid::regclass),
pg_temp.waits('DELETE FROM ONLY ' || oid::regclass))) FROM pg_class WHERE relkind IN ('r', 'p')
AND relnamespace IN ('public'::regnamespace, 'elsewhere'::regnamespace)""".replace("\n", " ")


def blocked(held, known):
    """Which relations' readers, and writers, wait for whoever holds these locks."""
    reads, writes = set(), set()
    for oid, level in held.items():
        r = known[oid]
        on_index = r["kind"] in "iI"
        if level >= ACCESS_EXCLUSIVE:
            reads.add(r["table"] if on_index else oid)
        if level >= (ACCESS_EXCLUSIVE if on_index else SHARE):
            writes.add(r["table"] if on_index else oid)
    return reads, writes


class Mismatch(Exception):
    """The measure contradicts itself."""


class Watch(Live):
    """Runs a case and says what it did."""

    def __init__(self, url):
        super().__init__(url)
        self.monitor.run("SET client_min_messages = error; " + PROBE)

    def check(self, held, before):
        """What pg_locks lets one conclude, and what waits in fact."""
        reads, writes = blocked(held, before)
        for oid, read, written in json.loads("".join(self.monitor.run(PROBES))):
            if (read, written) != (oid in reads, oid in writes):
                raise Mismatch("%s: pg_locks says %s, tried: %s" % (before[oid]["name"], (oid in reads, oid in writes), (read, written)))

    def together(self, statements, before):
        """In one transaction, which is rolled back."""
        session, told = Session(self.url), dict.fromkeys(QUESTIONS + (HARM,), False)
        try:
            session.run("BEGIN")
            last = relations(session)
            for s in statements:
                session.run(s)
                held, after = locks(session, session.pid, before), relations(session)
                add(told, *blocked(held, before), works_of(last, since(last, after), before))
                last = after
            self.check(held, before)
            session.run("ROLLBACK")
            return told
        finally:
            session.close()

    def one_by_one(self, statements, before, hold):
        told = dict.fromkeys(QUESTIONS + (HARM,), False)
        for i, s in enumerate(statements):
            was = self.totals()
            if i == len(statements) - 1 and hold:
                held = self.held_up(s, before, hold)
            else:
                held = self.alone(s, before)
            add(told, *blocked(held, before), works_of(was, self.since(was), before))
        return told

    def alone(self, statement, before):
        """What does not wait for anybody is watched within a transaction that it commits with."""
        session = Session(self.url)
        try:
            session.run("BEGIN; " + statement)
            held = locks(session, session.pid, before)
            self.check(held, before)
            session.run("COMMIT")
            return held
        finally:
            session.close()


def since(last, after):
    """The counters of the last statement alone."""
    return {oid: dict(r, **{key: r[key] - last[oid][key] for key in COUNTERS}) if oid in last else r for oid, r in after.items()}


def works_of(last, after, before):
    """What was done to relations that were there before. Of one that was emptied nothing was read."""
    done = work_of(last, after)
    emptied = {oid for oid, works in done.items() if "empty" in works}
    return {work for oid, works in done.items() if oid in before and not {oid, before[oid]["table"]} & emptied for work in works}


def add(told, reads, writes, works):
    told["reads"] |= bool(reads)
    told["writes"] |= bool(writes)
    told["rewrote"] |= "rewrite" in works
    told["scanned"] |= bool(works & {"rewrite", "scan"})
    told[HARM] |= bool(writes) and bool(works & {"rewrite", "scan", "index", "written"})


class Shop:
    """The database of base.sql: as it is, and copies that a case may change."""

    def __init__(self, cluster, number):
        self.cluster, self.untouched, self.watch = cluster, None, None
        self.used, self.changed = "used%d" % number, "changed%d" % number
        self.cluster.psql("CREATE DATABASE %s TEMPLATE shop" % self.used)

    @staticmethod
    def build(cluster):
        """What the others are copies of."""
        cluster.psql("CREATE DATABASE shop")
        with open(os.path.join(FOLDER, "base.sql"), encoding="utf-8") as f:
            cluster.psql(f.read() + "REFRESH MATERIALIZED VIEW sales; VACUUM ANALYZE", "shop")

    def ready(self, case):
        """Makes what the case wants to find; its database's URL, and who watches it."""
        if not case.given and not case.alone:
            if not self.untouched:
                self.untouched = Watch(self.cluster.url(self.used))
            return self.untouched
        if self.watch:
            self.watch.monitor.close()
        self.cluster.psql("DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.changed)
        self.cluster.psql("CREATE DATABASE %s TEMPLATE shop" % self.changed)
        self.watch = Watch(self.cluster.url(self.changed))
        if case.given:
            self.watch.monitor.run("SET lock_timeout = 0; " + "; ".join(case.given) + "; ANALYZE; SET lock_timeout = '5ms'")
        return self.watch

    def close(self):
        for watch in (self.untouched, self.watch):
            if watch:
                watch.monitor.close()


def truth(watch, case):
    before = relations(watch.monitor)
    if case.alone:
        return watch.one_by_one(case.statements(), before, case.hold)
    return watch.together(case.statements(), before)


# ---- what is said of it ---------------------------------------------------------------------------

class Tool:
    """Whimbrel, told to plan or lint one migration."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.files = os.path.join(folder, "migrations")
        os.makedirs(self.files)
        with open(os.path.join(folder, "whimbrel.yaml"), "w", encoding="utf-8") as f:
            f.write(CONFIG)

    def write(self, case):
        path = os.path.join(self.files, "001_case.sql")
        with open(path, "w", encoding="utf-8") as f:
            f.write(case.text())
        return path

    def run(self, *args):
        result = subprocess.run([self.program, "--config", os.path.join(self.folder, "whimbrel.yaml"), "--dir", self.files, "-o", "json"] +
                                list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=servers.clean_env(), timeout=120)
        try:
            return json.loads(result.stdout)
        except ValueError:
            raise RuntimeError("%s: %d %s%s" % (args, result.returncode, result.stdout[-500:], result.stderr[-2000:])) from None

    def plan(self, url):
        """Per question: True, False, or None where it says that it does not know; and the steps."""
        answer = self.run("--url", url, "plan")
        if "steps" not in answer:
            raise RuntimeError(json.dumps(answer))
        said = dict.fromkeys(QUESTIONS, False)
        for step in answer["steps"]:
            known = {"none": (False, False), "writes": (False, True), "reads": (True, True), "unknown": (None, None)}
            reads, writes = known[step["blocks"]]
            for question, a in zip(QUESTIONS, (reads, writes, step["rewrites"], step["scans"])):
                said[question] = True if said[question] or a else None if None in (said[question], a) else False
        return said, answer["steps"]

    def lint(self, *args):
        answer = self.run("lint", *args)
        if "findings" not in answer:
            raise RuntimeError(json.dumps(answer))
        return answer["findings"]


# What a finding of each rule claims: that readers (r) or writers (w) wait, that a table is written anew (a), read (s), that rows are
# worked on in another way (x). Rules that are not here speak of other things: what breaks programs, loses rows, fails, or is a matter of style.
CLAIMS = {
    "index-concurrently": "ws", "drop-index-concurrently": "rw", "reindex-concurrently": "rws", "refresh-concurrently": "rwas",
    "vacuum-full": "rwas", "table-rewrite": "rwas", "trigger-lock": "w", "work-under-lock": "rwx", "foreign-key-not-valid": "ws",
    "check-not-valid": "rws", "set-not-null": "rws", "unique-using-index": "rws",
    "primary-key-using-index": "rws", "primary-key-nullable": "rws", "exclusion-constraint": "rws", "drop-foreign-key": "rw",
    "create-table-foreign-key": "w", "add-column-volatile-default": "rwas", "add-column-serial": "rwas",
    "add-column-stored": "rwas", "column-type": "rwas", "column-type-check": "rws", "detach-concurrently": "rw",
    "attach-partition-check": "rws", "partition-locks-parent": "rw", "update-without-where": "s", "delete-without-where": "s",
    "validate-separately": "ws",
}
# Those that say in each finding whom they mean, and what is done meanwhile.
TELLING = {"blocking-work": "", "lock-timeout-missing": "", "domain-constraint": "s"}
WORDS = (("reads and writes", "rw"), ("writes", "w"), ("written anew", "as"), ("indexed", "s"), ("read from end to end", "s"))
LETTERS = dict(zip("rwas", QUESTIONS))


def letters_of(finding):
    message = finding["message"]
    if finding["rule"] not in TELLING:
        return CLAIMS.get(finding["rule"], "")
    found = "".join(letters for words, letters in WORDS if words in message)
    return found + TELLING[finding["rule"]] if "wait" in message else ""


def claims_of(findings):
    """The four answers that findings amount to, and the fifth: one finding says that others wait and that rows are worked on."""
    said = dict.fromkeys(QUESTIONS + (HARM,), False)
    for f in findings:
        letters = letters_of(f)
        for letter in set(letters) & set(LETTERS):
            said[LETTERS[letter]] = True
        said[HARM] |= bool(set(letters) & set("rw")) and bool(set(letters) & set("asx"))
    return said


# ---- comparing ---------------------------------------------------------------------------------------

def wrong(said, true, questions=QUESTIONS):
    """What was missed, what was alarm for nothing, what was left open."""
    found = []
    for q in questions:
        if said[q] is None:
            found.append("%s: not known, was %s" % (q, "yes" if true[q] else "no"))
        elif said[q] != true[q]:
            found.append("%s: %s" % (q, "missed" if true[q] else "false alarm"))
    return found


def try_case(shop, tool, case):
    """(truth, what plan says, what lint says of the fifth question, the steps, the findings)"""
    watch = shop.ready(case)
    tool.write(case)
    plan, steps = tool.plan(watch.url)
    findings = tool.lint("--url", watch.url)
    return truth(watch, case), plan, claims_of(findings), steps, findings


def short(answers):
    return " ".join("%s" % q if a else "?%s" % q if a is None else "-" for q, a in answers.items())


def check(tap, shop, tool, case, table):
    try:
        true, plan, lint, steps, findings = try_case(shop, tool, case)
        found = wrong(plan, true) + ["lint: " + w for w in wrong(lint, true, (HARM,))]
    except (RuntimeError, ValueError, KeyError, Mismatch) as e:
        tap.result(False, str(case), "line %d: %s: %s" % (case.line, type(e).__name__, e))
        shop.untouched = None
        return
    tap.result(not found, str(case), "\n".join(
        found + ["truth: " + short(true)] + ["%s; notes: %s" % (s["locks"], s["notes"]) for s in steps] +
        ["%s (%s): %s" % (f["rule"], f["severity"], f["message"]) for f in findings] + case.lines))
    if table:
        tap.note(short(true))


def each(server, program, folder, cases, jobs, work):
    """work(shop, tool, case) for all cases, some at a time, each in databases of its own."""
    queue, lock = list(reversed(cases)), threading.Lock()
    Shop.build(server.cluster)

    def run(number):
        shop, tool = Shop(server.cluster, number), Tool(program, os.path.join(folder, "work%d" % number))
        while True:
            with lock:
                if not queue:
                    break
                case = queue.pop()
            work(shop, tool, case)
        shop.close()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in [pool.submit(run, number) for number in range(jobs)]:
            done.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server")
    parser.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--table", action="store_true")
    a = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tap, cases = harness.Tap(), read_corpus(a.only)
    folder = tempfile.mkdtemp(prefix="wb-corpus-")
    os.chmod(folder, 0o755)
    server = Server(os.path.join(folder, "pg"), a.server and os.path.join(a.server, "bin"))
    try:
        server.start()
        cases = [c for c in cases if c.since <= server.version]
        if a.sample and a.sample < len(cases):
            cases = random.Random(a.seed).sample(cases, a.sample)
        each(server, harness.program("WHIMBREL_FAULTS", "build-faults"), folder, cases, a.jobs,
             lambda shop, tool, case: check(tap, shop, tool, case, a.table))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
