#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills, cuts and crashes a run at every driver call, and proves that the next
run ends where an undisturbed one does.

Three phases: `up` into a file that fails, `up` after its correction, `down`. For
every driver call n of each phase the process is killed, or its connection cut,
before sending, after sending, or after the reply. Then the same command is run
again until it ends as it would have; schema, rows and journal must be those of
the undisturbed run. A refusal (exit 4) must name its remedy, and the remedy
must work. On PostgreSQL the server is also restarted under the run, and killed
runs leave a server process behind that still builds an index.

    kill_matrix.py --engine sqlite|postgresql [--full | --points N] [--seed N]
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import scenario  # noqa: E402
import servers  # noqa: E402

KEEP = "003"  # where `down` stops
# name, folder, arguments, exit status of an undisturbed run
PHASES = (("up", "broken", ["up"], 3), ("corrected up", "fixed", ["up"], 0), ("down", "fixed", ["down", "--to", KEEP], 0))
ACTIONS = ("kill", "drop")
POINTS = ("before", "sent", "after")
TRIES = 4


class Failed(Exception):
    """What was not as it must be."""


class Matrix:
    def __init__(self, place, tap):
        self.engine, self.tap, self.place = place.engine, tap, place
        self.program = harness.program("WHIMBREL_FAULTS", "build-faults")
        broken, fixed = scenario.folders(self.engine.name)
        self.folders = {"broken": place.migrations("broken", broken), "fixed": place.migrations("fixed", fixed)}
        self.calls, self.after, self.seconds, self.absent = [], [], [], []

    def run(self, db, folder, arguments, **env):
        argv = [self.program, "--url", self.engine.url(db), "--dir", "migrations", "-o", "json"] + arguments
        return harness.run(argv, self.folders[folder], **env)

    def expect(self, result, *statuses):
        if result.status not in statuses:
            raise Failed("exit %s, wanted %s\n%s" % (result.status, " or ".join(map(str, statuses)), result))
        return result

    def undisturbed(self):
        """Counts the driver calls of each phase; keeps the database before each, and what it must look like after."""
        self.engine.create("before0")
        for i, (name, folder, arguments, status) in enumerate(PHASES):
            db = "before%d" % (i + 1)
            self.engine.clone("before%d" % i, db)
            count_file = os.path.join(self.place.folder, "count%d" % i)
            started = time.monotonic()
            self.expect(self.run(db, folder, arguments, WHIMBREL_FAULT="count@any:0", WHIMBREL_FAULT_COUNT=count_file), status)
            self.seconds.append(time.monotonic() - started)
            with open(count_file) as f:
                self.calls.append(max(int(n) for n in f.read().split()))
            self.after.append(self.engine.fingerprint(db))
        if len({*self.after}) != len(PHASES):
            raise Failed("the phases must differ from each other")
        self.tap.note("driver calls: " + ", ".join("%s %d" % (p[0], n) for p, n in zip(PHASES, self.calls)))

    def points(self):
        return [(phase, action, point, n) for phase in range(len(PHASES)) for n in range(1, self.calls[phase] + 1)
                for action in ACTIONS for point in POINTS]

    def recover(self, db, phase):
        """The same command until it ends as it would have; what it took."""
        _, folder, arguments, status = PHASES[phase]
        took = []
        for _ in range(TRIES):
            result = self.run(db, folder, arguments)
            took.append("%s -> %s" % (arguments[0], result.status))
            if result.status == status:
                return took
            self.expect(result, 4)
            remedies = re.findall(r"resume (--retry|--skip)", result.error().get("hint", "") + result.err)
            if not remedies:
                raise Failed("refused without a remedy\n%s" % result)
            result = self.run(db, folder, ["resume", "--retry" if "--retry" in remedies else remedies[0]])
            took.append("resume %s -> %s" % (remedies[0], result.status))
            self.expect(result, 0, status)
        raise Failed("no end after %d tries: %s\n%s" % (TRIES, ", ".join(took), result))

    def verify(self, db, phase):
        got = self.engine.fingerprint(db)
        if got != self.after[phase]:
            raise Failed("after %s:\n%s" % (PHASES[phase][0], harness.difference(self.after[phase], got)))

    def rest(self, db, phase):
        """Recovers, then goes through the phases that follow."""
        took = self.recover(db, phase)
        self.verify(db, phase)
        for later in range(phase + 1, len(PHASES)):
            _, folder, arguments, status = PHASES[later]
            self.expect(self.run(db, folder, arguments), status)
            self.verify(db, later)
        self.journal(db)
        return took

    def journal(self, db):
        status = json.loads(self.expect(self.run(db, "fixed", ["status"]), 0).out)
        if status["problems"]:
            raise Failed("problems in the end: %s" % status["problems"])
        states = {m["state"] for m in status["applied"]}
        if states - {"applied"} or not status["pending"]:
            raise Failed("states in the end: %s" % status)

    def attempt(self, number, spec):
        phase, action, point, n = spec
        db, name = "try%d" % number, "%s@%s:%d of %d, %s" % (spec[1:] + (self.calls[phase], PHASES[phase][0]))
        try:
            self.engine.clone("before%d" % phase, db)
            _, folder, arguments, status = PHASES[phase]
            result = self.run(db, folder, arguments, WHIMBREL_FAULT="%s@%s:%d" % (action, point, n))
            if (action, point) == ("kill", "sent") and result.status != -9:
                # Not every call sends: then nobody is killed, and the run must be an undisturbed one.
                self.expect(result, status)
                self.verify(db, phase)
                self.absent.append(spec)
                return
            # A connection that is cut when all is done changes nothing; when the run fails anyway, it fails with that.
            self.expect(result, *((-9,) if action == "kill" else (6, status)))
            took = self.rest(db, phase)
            self.tap.result(True, name + " (" + "; ".join(took) + ")")
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            self.engine.drop(db)

    def matrix(self, count, seed):
        everything = self.points()
        chosen = harness.sample(everything, count, seed) if count else everything
        self.tap.note("%d of %d points, seed %d" % (len(chosen), len(everything), seed))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(self.attempt, i, spec) for i, spec in enumerate(chosen)]:
                future.result()
        self.tap.note("%d calls send nothing" % len(self.absent))
        self.tap.result(len(self.absent) < len(chosen) / 4, "most calls can be killed once sent")
        return len(chosen) - len(self.absent)


class ServerMatrix:
    """What only a database with a server of its own has: restarts, and processes that outlive their client."""

    def __init__(self, matrix, place):
        self.matrix, self.place, self.tap = matrix, place, matrix.tap

    def restart(self, number, part):
        """The server crashes (`immediate`) when this part of the run's time has gone by."""
        db, m, phase = "restart%d" % number, self.matrix, number % len(PHASES)
        name = "server restarted at %d %% of %s" % (part * 100, PHASES[phase][0])
        m.engine.clone("before%d" % phase, db)
        # Sequences of a fresh copy fall back when the server crashes before its first checkpoint; that is not ours to test.
        self.place.cluster.psql("CHECKPOINT")
        try:
            _, folder, arguments, status = PHASES[phase]
            process = harness.start([m.program, "--url", m.engine.url(db), "--dir", "migrations", "-o", "json"] + arguments,
                                    m.folders[folder])
            time.sleep(part * m.seconds[phase])
            self.place.cluster.restart("immediate")
            first = m.expect(harness.finish(process), 6, status)
            took = m.rest(db, phase)
            self.tap.result(True, "%s (exit %d; %s)" % (name, first.status, "; ".join(took)))
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            m.engine.drop(db)

    def outliving(self, number, release_first):
        """kill -9 while the index build waits for somebody's snapshot: its server process goes on. The next run must
        not start a second build beside it, and must end with exactly one valid index."""
        db, m = "slow%d" % number, self.matrix
        name = "killed while its index build goes on, snapshot released %s the next run" % ("before" if release_first else "during")
        m.engine.create(db)
        holder = None
        try:
            # People exist, then a snapshot is held while V003 builds its index.
            m.expect(m.run(db, "fixed", ["up", "--to", "002"]), 0)
            holder = subprocess.Popen([os.path.join(servers.bin_dir(), "psql"), "-X", "-q", "-d", m.engine.url(db)], stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, env=servers.clean_env())
            holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 'held' FROM people LIMIT 1;\n")
            holder.stdin.flush()
            while "held" not in holder.stdout.readline():
                pass
            process = harness.start([m.program, "--url", m.engine.url(db), "--dir", "migrations", "up"], m.folders["fixed"])
            self.wait_for_build(db)
            process.kill()
            harness.finish(process)
            busy = m.run(db, "fixed", ["up", "--lock-wait", "1s", "--timeout", "3s", "--to", "003"])
            # Busy while the old process lives; when that one has noticed and ended, what must be undone waits for the
            # snapshot, too, and runs out of time.
            m.expect(busy, 5, 3)
            if release_first:
                self.release(holder)
                m.expect(m.run(db, "fixed", ["up"]), 0)
            else:
                process = harness.start([m.program, "--url", m.engine.url(db), "--dir", "migrations", "up"], m.folders["fixed"])
                time.sleep(1.5)
                self.release(holder)
                m.expect(harness.finish(process), 0)
            m.verify(db, 1)
            self.tap.result(True, "%s (first exit %s)" % (name, busy.status))
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            if holder:
                self.release(holder)
            m.engine.drop(db)

    def behind_pooler(self, number, spec):
        """A run behind a transaction pooler dies and leaves its lease; the next one waits until that has run out."""
        m, action, point, n = self.matrix, *spec
        db, name = "pooled%d" % number, "behind a pooler, %s@%s:%d" % spec
        env = {"DATABASE_URL": self.place.cluster.url(db, pooled=True), "WHIMBREL_DIRECT_URL": m.engine.url(db)}
        argv = [m.program, "--dir", "migrations", "-o", "json", "up"]
        m.engine.create(db)
        try:
            m.expect(harness.run(argv, m.folders["fixed"], WHIMBREL_FAULT="%s@%s:%d" % spec, **env), -9 if action == "kill" else 6)
            second = harness.run(argv, m.folders["fixed"], **env)
            if m.expect(second, 0, 4).status == 4:
                m.expect(harness.run(argv[:-1] + ["resume", "--retry"], m.folders["fixed"], **env), 0)
                m.expect(harness.run(argv, m.folders["fixed"], **env), 0)
            m.verify(db, 1)
            self.tap.result(True, "%s (up -> %s)" % (name, second.status))
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            m.engine.drop(db)

    def all_behind_pooler(self, step):
        self.place.cluster.pool_start()
        specs = [(ACTIONS[n // step % 2], ("sent", "after")[n // step % 2], n) for n in range(5, 56, step)]
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            for future in [pool.submit(self.behind_pooler, i, spec) for i, spec in enumerate(specs)]:
                future.result()
        return len(specs)

    @staticmethod
    def release(holder):
        if holder.poll() is None:
            holder.stdin.close()
            holder.wait()

    def wait_for_build(self, db):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.place.cluster.psql("SELECT 1 FROM pg_stat_progress_create_index p JOIN pg_stat_activity USING (pid) "
                                       "WHERE p.datname = '%s' AND p.phase LIKE 'waiting%%' LIMIT 1" % db):
                return
            time.sleep(0.05)
        raise Failed("the index build never began to wait")

    def all(self, restarts, step):
        for i in range(restarts):
            self.restart(i, (i + 0.5) / restarts)
        for i, first in enumerate((True, False)):
            self.outliving(i, first)
        return restarts + 2 + self.all_behind_pooler(step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--full", action="store_true", help="every point")
    parser.add_argument("--points", type=int, default=60, help="how many of them otherwise")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    # What a commit has promised must outlive a crash of the server (not of the machine: fsync stays off).
    with harness.Workplace(a.engine, settings=("synchronous_commit = on",)) as place:
        matrix = Matrix(place, tap)
        try:
            matrix.undisturbed()
        except Failed as e:
            tap.result(False, "undisturbed run", str(e))
            return tap.finish()
        tried = matrix.matrix(0 if a.full else a.points, a.seed)
        if place.cluster:
            tried += ServerMatrix(matrix, place).all(*((20, 1) if a.full else (3, 10)))
    tap.note("%d points tried on %s" % (tried, a.engine))
    return tap.finish()


sys.exit(main())
