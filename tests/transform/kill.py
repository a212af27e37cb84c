#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills `transform` at every driver call, cuts its connection there, and kills
it at random instants; the same command then ends where an undisturbed one does:
no row twice, none missing, rejects exact.

    kill.py --engine sqlite|postgresql [--full | --points N] [--seed N]
"""
import argparse
import concurrent.futures
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import scenario  # noqa: E402

ROWS, BATCH = 45, 12
LARGE_ROWS, LARGE_BATCH = 400, 60
DONE = 1  # all is done, and rows were rejected
TRIES = 4


class Failed(Exception):
    """What was not as it must be."""


class Kills:
    def __init__(self, place, tap):
        self.engine, self.tap, self.place = place.engine, tap, place
        self.program = harness.program("WHIMBREL_FAULTS", "build-faults")
        self.folders = {"small": scenario.folder(place, "small", BATCH), "large": scenario.folder(place, "large", LARGE_BATCH)}

    def argv(self, db):
        return [self.program, "--url", self.engine.url(db), "-o", "json", "transform", "rules.yaml"]

    def run(self, db, size, **env):
        return harness.run(self.argv(db), self.folders[size], **env)

    def expect(self, result, *statuses):
        if result.status not in statuses:
            raise Failed("exit %s, wanted %s\n%s" % (result.status, " or ".join(map(str, statuses)), result))
        return result

    def undisturbed(self, size, rows):
        scenario.fill(self.engine, "fresh_" + size, rows)
        self.engine.clone("fresh_" + size, "done_" + size)
        count = os.path.join(self.place.folder, "count")
        started = time.monotonic()
        self.expect(self.run("done_" + size, size, WHIMBREL_FAULT="count@any:0", WHIMBREL_FAULT_COUNT=count), DONE)
        seconds = time.monotonic() - started
        with open(count) as f:
            calls = max(int(n) for n in f.read().split())
        wanted = scenario.state(self.engine, "done_" + size)
        for word in ("bad name", "no level", "refused", "its key is NULL", "13", "resources:", "words:"):
            if word not in wanted:
                raise Failed("the scenario does not meet %r" % word)
        self.tap.note("%s: %d driver calls, %.1f s" % (size, calls, seconds))
        return calls, seconds, wanted

    def finish(self, db, size, wanted):
        for n in range(TRIES):
            # Killed behind its last word: there is nothing left to go on with, and one more run would be a second one.
            over = scenario.is_over(self.engine, db)
            result = None if over else self.run(db, size)
            if over or result.status == DONE:
                got = scenario.state(self.engine, db)
                if got != wanted:
                    raise Failed(harness.difference(wanted, got))
                return n + 1
            self.expect(result, DONE)
        raise Failed("no end")

    def attempt(self, number, spec, wanted):
        action, point, n = spec
        db, name = "try%d" % number, "%s@%s:%d" % spec
        try:
            self.engine.clone("fresh_small", db)
            result = self.run(db, "small", WHIMBREL_FAULT="%s@%s:%d" % spec)
            self.expect(result, -9, 6, DONE)
            if action == "kill" and point != "sent":
                self.expect(result, -9)
            if result.status != DONE:
                self.finish(db, "small", wanted)
            elif scenario.state(self.engine, db) != wanted:
                raise Failed("undisturbed, and yet:\n" + harness.difference(wanted, scenario.state(self.engine, db)))
            self.tap.result(True, name)
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            self.engine.drop(db)

    def instant(self, number, rng, seconds, wanted):
        """Killed again and again, until one run gets to the end."""
        db, waits = "instant%d" % number, []
        try:
            self.engine.clone("fresh_large", db)
            for _ in range(3):
                waits.append(rng.random() * seconds)
                process = harness.start(self.argv(db), self.folders["large"])
                time.sleep(waits[-1])
                process.kill()
                harness.finish(process)
                if scenario.is_over(self.engine, db):
                    break
            self.finish(db, "large", wanted)
            self.tap.result(True, "killed after " + ", ".join("%.3f s" % w for w in waits))
        except (Failed, RuntimeError) as e:
            self.tap.result(False, "killed after %r" % waits, str(e))
        finally:
            self.engine.drop(db)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--instants", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        kills = Kills(place, tap)
        calls, _, wanted = kills.undisturbed("small", ROWS)
        points = [(action, point, n) for n in range(1, calls + 1) for action in ("kill", "drop")
                  for point in ("before", "sent", "after")]
        chosen = points if a.full else harness.sample(points, a.points, a.seed)
        tap.note("%d of %d points, seed %d" % (len(chosen), len(points), a.seed))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(kills.attempt, i, spec, wanted) for i, spec in enumerate(chosen)]:
                future.result()
        _, seconds, wanted = kills.undisturbed("large", LARGE_ROWS)
        rng = random.Random(a.seed)
        for number in range(50 if a.full else a.instants):
            kills.instant(number, rng, seconds, wanted)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
