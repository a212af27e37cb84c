#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packaging/github-actions/drift.yml, step by step: each `run` in a shell of its
own, on a real database, with a stand-in for `gh` that writes down what it is
told. As it was migrated, drifted, with a migration that is too slow, without an
expected schema, for a pull request from outside."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import servers  # noqa: E402
from harness import Tap, environment, program  # noqa: E402

FILES = {"V001__users.sql": "CREATE TABLE users (id bigint PRIMARY KEY);",
         "V002__names.sql": "ALTER TABLE users ADD COLUMN name text;"}
GH = '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s"\ncase "$*" in *--edit-last*) exit 1 ;; *--body-file*) cat drift.md >>"%s" ;; esac\n'


class Runner:
    """What GitHub gives a job: a folder, files for PATH and summary, the steps in order."""

    def __init__(self, workflow, folder, archive):
        self.workflow, self.folder = workflow, folder
        self.said = os.path.join(folder, "gh.log")
        tools = os.path.join(folder, "tools")
        os.mkdir(tools)
        with open(os.path.join(tools, "gh"), "w") as f:
            f.write(GH % (self.said, self.said))
        os.chmod(os.path.join(tools, "gh"), 0o755)
        self.base = tools + ":/usr/local/bin:/usr/bin:/bin"
        self.files = {name: os.path.join(folder, name) for name in ("path", "summary.md")}
        self.context = {"vars.WHIMBREL_RELEASE": "file://" + archive, "github.token": "t", "github.event.pull_request.number": ""}
        self.repo = os.path.join(folder, "repo")
        os.makedirs(os.path.join(self.repo, "migrations"))
        for name, text in FILES.items():
            self.write("migrations/" + name, text)

    def write(self, name, text):
        with open(os.path.join(self.repo, name), "w") as f:
            f.write(text)

    def expand(self, text):
        return re.sub(r"\$\{\{\s*([\w.]+)\s*\}\}", lambda m: self.context[m.group(1)], str(text))

    def values(self, of, skip=()):
        return {k: self.expand(v) for k, v in of.get("env", {}).items() if k not in skip}

    def run(self, name, **given):
        job = self.workflow["jobs"][name]
        for path in self.files.values():
            open(path, "w").close()
        env = environment(RUNNER_TEMP=self.folder, GITHUB_PATH=self.files["path"], PATH=self.base,
                          GITHUB_STEP_SUMMARY=self.files["summary.md"], **self.values(self.workflow))
        env.update(self.values(job, given))
        env.update(given)
        status, told = 0, ""
        for step in job["steps"]:
            if "run" not in step or (status and step.get("if") != "always()"):
                continue
            ran = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.expand(step["run"])],
                                 cwd=self.repo, env=dict(env, **self.values(step)), text=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
            told += "$ %s (%d)\n%s" % (step["name"], ran.returncode, ran.stdout)
            status = status or ran.returncode
            with open(self.files["path"]) as f:
                env["PATH"] = ":".join(f.read().split() + [self.base])
        return status, told

    def read(self, path):
        if not os.path.exists(path):
            return ""
        with open(path) as f:
            return f.read()

    def summary(self):
        return self.read(self.files["summary.md"])


def make_archive(folder):
    """What a release holds, as far as the workflow uses it."""
    inside = os.path.join(folder, "whimbrel-0.1.0")
    os.mkdir(inside)
    for name in ("whimbrel", "whimbrel-postgres.so"):
        shutil.copy(os.path.join(os.path.dirname(program("WHIMBREL", "build-asan")), name), inside)
    archive = os.path.join(folder, "release.tar.gz")
    subprocess.run(["tar", "-czf", archive, "-C", folder, "whimbrel-0.1.0"], check=True)
    return archive


def triggers(tap, workflow):
    on = workflow.get("on", workflow.get(True))  # YAML 1.1 reads `on` as true
    tap.result("pull_request" in on and on["schedule"] == [{"cron": "0 */6 * * *"}], "every six hours and for each pull request",
               str(on))


def migrations(tap, runner, cluster):
    def fresh(**more):
        cluster.drop_database("made")
        cluster.create_database("made")
        return runner.run("migrations", DATABASE_URL=cluster.url("made"), **more)

    status, told = fresh()
    tap.result(status == 0 and "no schema.snapshot yet" in told, "migrations: without an expected schema it says how to get one", told)
    made = runner.read(os.path.join(runner.repo, "made.snapshot"))
    tap.result("CREATE TABLE" in made, "migrations: the snapshot is there", made)
    tap.result("| 001 |" in runner.summary() and "| 002 |" in runner.summary(), "migrations: times stand in the summary",
               runner.summary())
    runner.write("schema.snapshot", made)
    status, told = fresh()
    tap.result(status == 0 and "::notice title=whimbrel::no drift" in told, "migrations: as expected", told)
    runner.write("migrations/V003__more.sql", "CREATE TABLE more (id bigint PRIMARY KEY); SELECT pg_sleep(0.05);")
    status, told = fresh()
    tap.result(status != 0 and "table more" in told.replace("public.", "") and "### Drift of" in runner.summary(),
               "migrations: an unexpected table fails the job and is in the summary", told + runner.summary())
    runner.write("schema.snapshot", runner.read(os.path.join(runner.repo, "made.snapshot")))
    status, told = fresh()
    tap.result(status == 0, "migrations: expected from now on", told)
    status, told = fresh(MIGRATION_LIMIT_MS="20")
    tap.result(status != 0 and "took longer than 20 ms" in told, "migrations: one that takes too long fails the job", told)


def live(tap, runner, cluster):
    cluster.create_database("live")
    url, scratch = cluster.url("live"), cluster.url("postgres")
    whimbrel = [os.path.join(runner.folder, "whimbrel-0.1.0", "whimbrel"), "up", "-q", "--url", url]
    subprocess.run(whimbrel, cwd=runner.repo, env=environment(), check=True)
    runner.context["github.event.pull_request.number"] = "7"
    status, told = runner.run("live", DATABASE_URL=url, WHIMBREL_SCRATCH_URL=scratch)
    said = runner.read(runner.said)
    tap.result(status == 0 and "No drift." in said and "pr comment 7 --body-file drift.md\n" in said,
               "live: no drift, and the pull request is told so", told + said)
    cluster.psql("ALTER TABLE users ALTER COLUMN name SET NOT NULL", "live")
    status, told = runner.run("live", DATABASE_URL=url, WHIMBREL_SCRATCH_URL=scratch)
    said = runner.read(runner.said)
    tap.result(status != 0 and "::error title=whimbrel drift::column" in told, "live: drift fails the job", told)
    tap.result("not\\_null: true" in said and "DROP NOT NULL" in said, "live: the pull request has the report with its SQL", said)
    tap.result("### Drift of" in runner.summary(), "live: and so has the step's page", runner.summary())
    alerts = cluster.psql("SELECT drift_type FROM whimbrel.schema_drift_alerts WHERE resolved_at IS NULL", "live")
    tap.result(alerts == "nullable_mismatch", "live: an alert is open", alerts)
    runner.context["github.event.pull_request.number"] = ""
    cluster.psql("ALTER TABLE users ALTER COLUMN name DROP NOT NULL", "live")
    before = runner.read(runner.said)
    status, told = runner.run("live", DATABASE_URL=url, WHIMBREL_SCRATCH_URL=scratch)
    alerts = cluster.psql("SELECT count(*) FROM whimbrel.schema_drift_alerts WHERE resolved_at IS NULL", "live")
    tap.result(status == 0 and alerts == "0" and runner.read(runner.said) == before,
               "live: undone, the alert is resolved; by the clock there is nobody to be told", told + alerts)
    status, told = runner.run("live", DATABASE_URL="", WHIMBREL_SCRATCH_URL=scratch)
    tap.result(status == 0, "live: a pull request without secrets passes", told)
    left = cluster.psql("SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'")
    tap.result(not left, "live: no scratch database is left", left)


def main():
    tap = Tap()
    with open(os.path.join(ROOT, "packaging/github-actions/drift.yml")) as f:
        workflow = yaml.safe_load(f)
    with tempfile.TemporaryDirectory(prefix="wb-workflow-") as folder, servers.cluster() as cluster:
        os.mkdir(os.path.join(folder, "archive"))
        archive = make_archive(os.path.join(folder, "archive"))
        runner = Runner(workflow, os.path.join(folder), archive)
        triggers(tap, workflow)
        migrations(tap, runner, cluster)
        live(tap, runner, cluster)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
