#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The former runner's flags and exit statuses, for `whimbrel`: 0 done, 1 failed
or invalid, 130 interrupted. Without a flag it applies what is pending."""
import argparse
import json
import signal
import subprocess
import sys

import settings


def read_json(command, common):
    text = subprocess.run([settings.whimbrel(), command, "-o", "json"] + common, stdout=subprocess.PIPE, text=True).stdout
    answer = json.loads(text or "{}")
    return answer if "error" not in answer else sys.exit(1)


def status(common):
    answer = read_json("status", common)
    done, pending = answer["applied"], answer["pending"]
    print("Total migrations: %d\nApplied: %d\nPending: %d" % (len(done) + len(pending), len(done), len(pending)))
    if done:
        last = done[-1]
        print("Last applied: V%s - %s (%s, %s ms)" % (last["version"], last["description"], last["applied_at"],
                                                    last["execution_ms"]))
    return issues(common)


def issues(common):
    problems = read_json("validate", common)["problems"]
    print("Integrity issues: %d" % len(problems))
    for p in problems:
        print("  V%s: %s" % (p.get("version") or "?", p["message"]))
    return 1 if problems else 0


def apply(arguments):
    """An interrupt is passed on: Whimbrel records where it stopped."""
    child = subprocess.Popen([settings.whimbrel(), "up"] + arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: child.send_signal(n))
    code = child.wait()
    return code if code in (0, 130) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--target", metavar="N")
    parser.add_argument("--status", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--migrations-dir", default="src/db/migrations")
    a = parser.parse_args()
    settings.load()
    common = ["--dir", a.migrations_dir]
    if a.status or a.validate:
        sys.exit((status if a.status else issues)(common))
    if a.dry_run:
        for m in read_json("plan", common + (["--to", a.target] if a.target else []))["migrations"]:
            print("would apply V%s - %s" % (m["version"], m["description"]))
        return
    sys.exit(apply(common + (["--to", a.target] if a.target else []) + (["-v"] if a.verbose else [])))


if __name__ == "__main__":
    main()
