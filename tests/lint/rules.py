#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of lint fires where it must and is quiet where it must be.

The table itself gives each rule an example that it finds and the safe form that
it does not (what `explain` and docs/rules.md show). cases/*.sql hold more: a
rule without a case that fires and one that is quiet fails the test. In them

    -- case: RULE fires|quiet [sqlite] [NAME]     begins a case; later lines are its file
    -- file: NAME                                 begins another file of the same case

    rules.py [--only RULE]"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import harness  # noqa: E402

# What only a live database tells has its test elsewhere, named here so that no rule is without one.
ELSEWHERE = {"blocking-work": "cli/lint.bats", "concurrently-14-bug": "unit/safety/test_lint.c", "unreadable": "cli/lint.bats"}


class Case:
    def __init__(self, rule, fires, engine, place):
        self.rule, self.fires, self.engine, self.place, self.files = rule, fires, engine, place, []

    def __str__(self):
        return "%s %s (%s)" % (self.rule, "fires" if self.fires else "is quiet", self.place)


def cases_of(path):
    case, number = None, 0
    with open(path, encoding="utf-8") as f:
        for line in f:
            number += 1
            head = re.match(r"-- case: (\S+) (fires|quiet)( sqlite)?", line)
            name = re.match(r"-- file: (\S+)", line)
            if head:
                case = Case(head.group(1), head.group(2) == "fires", "sqlite" if head.group(3) else "postgresql",
                            "%s:%d" % (os.path.basename(path), number))
                case.files = []
                yield case
            elif name:
                case.files.append([name.group(1), ""])
            elif case:
                if not case.files:
                    case.files.append(["V001__case.sql", ""])
                case.files[-1][1] += line


def run(whimbrel, case):
    """The rules that fire, by name."""
    with tempfile.TemporaryDirectory(prefix="wb-lint-") as folder:
        os.mkdir(os.path.join(folder, "migrations"))
        for name, text in case.files:
            with open(os.path.join(folder, "migrations", name), "w", encoding="utf-8") as f:
                f.write(text)
        config = "databases: { main: { dir: migrations, engine: %s, numbering: %s } }\nlint: { rules: { %s } }\n" % (
            case.engine, "strict" if case.rule == "gap" else "free",
            ", ".join("%s: %s" % (r["rule"], "warning") for r in RULES.values() if r["severity"] == "off" and r["rule"] == case.rule))
        with open(os.path.join(folder, "whimbrel.yaml"), "w", encoding="utf-8") as f:
            f.write(config)
        done = subprocess.run([whimbrel, "-o", "json", "lint"], cwd=folder, env=harness.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        try:
            findings = json.loads(done.stdout)["findings"]
        except (ValueError, KeyError):
            return None, done.stdout + done.stderr
        expected = 0
        if any(f["severity"] == "error" for f in findings):
            expected = 2 if any(f["severity"] == "error" and f["loses_data"] for f in findings) else 1
        if done.returncode != expected:
            return None, "exit status %d, wanted %d" % (done.returncode, expected)
        return findings, done.stdout


def check(tap, whimbrel, case):
    findings, text = run(whimbrel, case)
    if findings is None:
        return tap.result(False, str(case), text)
    mine = [f for f in findings if f["rule"] == case.rule]
    good = bool(mine) == case.fires
    if good and mine and not (mine[0]["message"] and mine[0]["severity"] in ("info", "warning", "error")):
        good = False
    return tap.result(good, str(case), "\n".join(t for _, t in case.files) + "\n" + text[-2500:])


def engine_of(rule):
    return rule["engines"].split(",")[0]


def table_cases():
    for r in RULES.values():
        for key, fires in (("example", True), ("safe", False)):
            if r[key]:
                case = Case(r["rule"], fires, engine_of(r), "its own " + key)
                case.files = [["V001__case.sql", r[key] + "\n"]]
                yield case


def main():
    global RULES
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--seed")
    arguments = parser.parse_args()
    whimbrel = harness.program("WHIMBREL", "build-asan")
    listed = subprocess.run([whimbrel, "explain", "-o", "json"], stdout=subprocess.PIPE, check=True, text=True).stdout
    RULES = {r["rule"]: r for r in json.loads(listed)["rules"]}
    tap = harness.Tap()
    seen = {}
    folder = os.path.join(HERE, "cases")
    for path in sorted(os.listdir(folder)):
        for case in list(cases_of(os.path.join(folder, path))):
            seen.setdefault(case.rule, set()).add(case.fires)
            if arguments.only in (None, case.rule):
                check(tap, whimbrel, case)
    for case in table_cases():
        if arguments.only in (None, case.rule):
            check(tap, whimbrel, case)
    with open(os.path.join(HERE, "../../docs/rules.md"), encoding="utf-8") as f:
        page = f.read()
    for name, r in RULES.items():
        if arguments.only not in (None, name):
            continue
        if name not in ELSEWHERE:
            tap.result(seen.get(name) == {True, False}, name + " has a case that fires and one that is quiet",
                       "there are: %s" % seen.get(name))
        shown = subprocess.run([whimbrel, "explain", name], stdout=subprocess.PIPE, text=True)
        tap.result(shown.returncode == 0 and r["title"] in shown.stdout and "\n### %s\n" % name in page and r["reason"] in page,
                   name + " is explained, on the page too", shown.stdout)
    unknown = sorted(set(seen) - set(RULES))
    tap.result(not unknown, "every case is of a rule", str(unknown))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
