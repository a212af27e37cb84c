#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lint writes for other tools, read by those tools' own libraries:
SARIF by the official schema (as Microsoft's validator carries it), JUnit by
junitparser, GitHub's workflow commands beside those of @actions/core, and the
hook run by pre-commit. The libraries come from PyPI and npm into a folder that
is kept for the next time; nothing of them is in the repository.

    formats.py [--cache FOLDER]"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import harness  # noqa: E402

PYTHON = ["jsonschema==4.23.0", "junitparser==3.2.0", "pre-commit==4.0.1"]
NODE = ["@actions/core@1.11.1"]
VALIDATOR = "@microsoft/sarif-multitool-linux@5.7.0"

MIGRATIONS = {
    "V001__odd: name, 100%.sql": "SELECT 1;\n",
    "V002__index.sql": "CREATE INDEX a ON users (name);\nALTER TABLE users RENAME COLUMN a TO b;\n",
    "V003__drop.sql": "DROP TABLE \"odd: name, 100% <b>&\";\nCREATE TABLE t (a timestamp, b json);\n-- migrate:down\nDROP TABLE t;\n",
    "V004__broken.sql": "CREATE TABLE u (a text DEFAULT 'open);\n",
}


def fetch(folder):
    """Where the libraries are: python, node_modules, schema."""
    python, modules = os.path.join(folder, "venv"), os.path.join(folder, "node")
    schema = os.path.join(folder, "sarif-2.1.0.json")
    os.makedirs(modules, exist_ok=True)
    if not os.path.exists(os.path.join(python, "bin/pre-commit")):
        venv.create(python, with_pip=True, clear=True)
        subprocess.run([os.path.join(python, "bin/pip"), "install", "-q", "--disable-pip-version-check"] + PYTHON, check=True)
    if not os.path.isdir(os.path.join(modules, "node_modules/@actions/core")):
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", modules] + NODE, check=True)
    if not os.path.exists(schema):
        with tempfile.TemporaryDirectory() as work:
            packed = subprocess.run(["npm", "pack", "--silent", VALIDATOR], cwd=work, stdout=subprocess.PIPE, text=True,
                                    check=True).stdout.split()[-1]
            names = subprocess.run(["tar", "tzf", packed], cwd=work, stdout=subprocess.PIPE, text=True, check=True).stdout
            name = next(n for n in names.splitlines() if re.search(r"(^|/)sarif-2\.1\.0(\.rtm\.\d+|-rtm\.\d+)?(\.schema)?\.json$", n))
            subprocess.run(["tar", "xzf", packed, name], cwd=work, check=True)
            shutil.copy(os.path.join(work, name), schema)
    return python, modules, schema


def lint(whimbrel, folder, form):
    return subprocess.run([whimbrel, "-o", form, "lint"], cwd=folder, env=harness.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)


def check_sarif(tap, python, schema, text, findings):
    script = """
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
document = json.load(sys.stdin)
cls = jsonschema.validators.validator_for(schema)
errors = list(cls(schema).iter_errors(document))
for e in errors[:5]:
    print(list(e.absolute_path), e.message[:300])
sys.exit(1 if errors else 0)
"""
    done = subprocess.run([os.path.join(python, "bin/python"), "-c", script, schema], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.result(done.returncode == 0, "SARIF is valid by the official schema", done.stdout)
    broken = json.loads(text)
    broken["runs"][0]["results"][0]["level"] = "severe"
    done = subprocess.run([os.path.join(python, "bin/python"), "-c", script, schema], input=json.dumps(broken), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.result(done.returncode == 1, "and what is not valid is told", done.stdout)
    run = json.loads(text)["runs"][0]
    levels = {"error": "error", "warning": "warning", "info": "note"}
    shown = [(r["ruleId"], r["level"]) for r in run["results"]]
    tap.result(shown == [(f["rule"], levels[f["severity"]]) for f in findings], "SARIF has every finding", str(shown))
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    tap.result([urllib.parse.unquote(u) for u in uris] == [f["file"] for f in findings] and
               all(re.fullmatch(r"[\w%./~-]+", u) for u in uris), "its places are URIs of the files", str(uris))
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    tap.result(set(rules) == {f["rule"] for f in findings} and len(rules) == len(set(rules)), "and the rules they are of", str(rules))


def check_junit(tap, python, text, findings):
    script = """
import json, sys
from junitparser import JUnitXml, Failure
xml = JUnitXml.fromstring(sys.stdin.read().encode())
cases = [case for suite in xml for case in suite]
print(json.dumps({"cases": len(cases), "failures": [r.type for c in cases for r in c.result if isinstance(r, Failure)],
                  "messages": [r.message for c in cases for r in c.result]}))
"""
    done = subprocess.run([os.path.join(python, "bin/python"), "-c", script], input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    try:
        read = json.loads(done.stdout)
    except ValueError:
        tap.result(False, "JUnit is read by junitparser", done.stdout)
        return
    errors = [f for f in findings if f["severity"] == "error"]
    tap.result(read["cases"] == len(findings) and read["failures"] == [f["rule"] for f in errors],
               "JUnit is read by junitparser: every finding a case, every error a failure", done.stdout)
    tap.result(any('odd: name, 100% <b>&' in m for m in read["messages"]), "with its text as it was", done.stdout)


def commands(text):
    """(command, properties in any order, message), still escaped."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"::(\w+)(?: ([^:]*))?::(.*)", line)
        found.append((match.group(1), sorted((match.group(2) or "").split(",")), match.group(3)) if match else line)
    return found


def check_github(tap, modules, text, findings):
    script = """
const core = require(process.argv[1] + "/node_modules/@actions/core");
const levels = { error: core.error, warning: core.warning, info: core.notice };
for (const f of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  const advice = f.hint && f.safe_sql ? f.hint + "; safe: " + f.safe_sql : f.hint || (f.safe_sql ? "safe: " + f.safe_sql : "");
  const text = f.message + (advice ? "\\n" + advice.replace(/\\n/g, " ") : "");
  levels[f.severity](text, { title: "whimbrel " + f.rule, file: f.file, startLine: f.line || 1, startColumn: f.column || undefined });
}
"""
    done = subprocess.run(["node", "-e", script, modules], input=json.dumps(findings), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    ours, theirs = commands(text), commands(done.stdout)
    tap.result(len(ours) == len(findings) and ours == theirs, "GitHub's commands are those that @actions/core writes",
               "\n".join(str(p) for p in zip(ours, theirs) if p[0] != p[1])[:3000] or done.stdout[:2000])


def check_hook(tap, whimbrel, python):
    with tempfile.TemporaryDirectory(prefix="wb-hook-") as work:
        hooks, project = os.path.join(work, "hooks"), os.path.join(work, "project")
        os.makedirs(os.path.join(project, "migrations"))
        os.makedirs(hooks)
        shutil.copy(os.path.join(ROOT, ".pre-commit-hooks.yaml"), hooks)
        env = harness.environment(PATH=os.path.dirname(whimbrel) + ":" + os.environ["PATH"], PRE_COMMIT_HOME=os.path.join(work, "cache"),
                                  HOME=work, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b.c", GIT_COMMITTER_NAME="a",
                                  GIT_COMMITTER_EMAIL="a@b.c")

        def run(*argv, cwd=project):
            return subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

        run("git", "init", "-q", cwd=hooks)
        run("git", "add", "-A", cwd=hooks)
        run("git", "commit", "-qm", "hooks", cwd=hooks)
        revision = run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
        run("git", "init", "-q")
        with open(os.path.join(project, ".pre-commit-config.yaml"), "w", encoding="utf-8") as f:
            f.write("repos: [{ repo: '%s', rev: %s, hooks: [{ id: whimbrel-lint }] }]\n" % (hooks, revision))
        path = os.path.join(project, "migrations/V001__a.sql")
        with open(path, "w", encoding="utf-8") as f:
            f.write("CREATE INDEX a ON users (name);\n")
        run("git", "add", "-A")
        installed = run(os.path.join(python, "bin/pre-commit"), "install")
        done = run("git", "commit", "-m", "unsafe")
        tap.result(done.returncode != 0 and "index-concurrently" in done.stdout, "the hook stops a commit that is unsafe",
                   installed.stdout + done.stdout)
        with open(path, "w", encoding="utf-8") as f:
            f.write("-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a ON users (name);\n")
        run("git", "add", "-A")
        done = run("git", "commit", "-m", "safe")
        tap.result(done.returncode == 0 and "Passed" in done.stdout, "and lets a safe one through", done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", default=os.path.join(ROOT, "build-lint-libraries"))
    arguments = parser.parse_args()
    whimbrel = harness.program("WHIMBREL", "build-asan")
    tap = harness.Tap()
    python, modules, schema = fetch(os.path.abspath(arguments.cache))
    with tempfile.TemporaryDirectory(prefix="wb-formats-") as folder:
        os.mkdir(os.path.join(folder, "migrations"))
        for name, text in MIGRATIONS.items():
            with open(os.path.join(folder, "migrations", name), "w", encoding="utf-8") as f:
                f.write(text)
        findings = json.loads(lint(whimbrel, folder, "json").stdout)["findings"]
        tap.result(len(findings) > 6 and {f["severity"] for f in findings} == {"error", "warning", "info"}, "there are findings of all kinds",
                   str(findings))
        check_sarif(tap, python, schema, lint(whimbrel, folder, "sarif").stdout, findings)
        check_junit(tap, python, lint(whimbrel, folder, "junit").stdout, findings)
        check_github(tap, modules, lint(whimbrel, folder, "github").stdout, findings)
    check_hook(tap, os.path.abspath(whimbrel), python)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
