#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples in packaging/, tried as far as this can be done without a
container engine, a cluster or somebody's CI: they are read by a YAML parser, the
commands in them are run with what they would be given, on a real database, and
systemd looks over its unit. Their Containerfile is tests/install/bare_root.py's."""
import contextlib
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
from harness import Tap, environment  # noqa: E402

PACKAGING = os.path.join(ROOT, "packaging")
FILES = {"V001__users.sql": "-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n",
         "V002__names.sql": "-- migrate:up\nALTER TABLE users ADD COLUMN name text;\n"
                            "-- migrate:down\nALTER TABLE users DROP COLUMN name;\n"}


def load(name):
    with open(os.path.join(PACKAGING, name), encoding="utf-8") as f:
        return yaml.safe_load(f)


def write_migrations(folder):
    os.makedirs(folder, exist_ok=True)
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)


def shell(script, cwd, env):
    return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=cwd, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)


class Place:
    """A folder, a database, and the release archive as a runner would fetch it."""

    def __init__(self, cluster, archive):
        self.cluster, self.archive, self.number = cluster, archive, 0

    @contextlib.contextmanager
    def fresh(self):
        self.number += 1
        name = "packaging_%d_%d" % (os.getpid(), self.number)
        self.cluster.create_database(name)
        folder = tempfile.mkdtemp(prefix="wb-packaging-")
        try:
            yield folder, self.cluster.url(name), name
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self.cluster.drop_database(name)

    def applied(self, database):
        return int(self.cluster.psql("SELECT count(*) FROM whimbrel.schema_migrations WHERE state = 'applied'", database))


# ---- release archive -----------------------------------------------------------------


def make_archive(tap, folder):
    made = shell("scripts/make-release '%s'" % folder, ROOT, dict(os.environ))
    archives = [f for f in os.listdir(folder) if f.endswith(".tar.gz")]
    tap.result(made.returncode == 0 and len(archives) == 1, "release: one archive, whose binary links only libc", made.stdout)
    return os.path.join(folder, archives[0]) if archives else None


def unpack(tap, archive, folder):
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    root = os.path.join(folder, os.listdir(folder)[0])
    needed = subprocess.run(["ldd", os.path.join(root, "whimbrel")], stdout=subprocess.PIPE, text=True, check=True).stdout
    names = [line.split()[0] for line in needed.splitlines()]
    foreign = [n for n in names if not re.match(r"(linux-vdso|linux-gate|/lib.*/ld-|libc\.so|libm\.so)", n)]
    tap.result(names and not foreign, "release: ldd names nothing but libc", needed)
    complete = all(os.path.getsize(os.path.join(root, f)) for f in
                   ("whimbrel-postgres.so", "LICENSE", "NOTICES", "man/man1/whimbrel-up.1", "completion/_whimbrel"))
    tap.result(complete, "release: module, licences, manual and completion lie beside the binary")
    return root


# ---- Kubernetes -------------------------------------------------------------------------


def kubernetes(tap, place, program):
    job = load("kubernetes/job.yaml")
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    tap.result((job["apiVersion"], job["kind"]) == ("batch/v1", "Job") and pod["restartPolicy"] == "Never" and
               pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"],
               "kubernetes: a Job, not root, nothing writable", str(job))
    volume = container["volumeMounts"][0]
    tap.result(volume["name"] == pod["volumes"][0]["name"] and volume["mountPath"].startswith(container["workingDir"]),
               "kubernetes: the migrations are mounted where the command looks for them", str(container))
    with place.fresh() as (folder, url, name):
        # As a ConfigMap is mounted: links into a folder that is replaced as a whole.
        mounted = os.path.join(folder, os.path.relpath(volume["mountPath"], container["workingDir"]))
        write_migrations(os.path.join(mounted, "..2026"))
        os.symlink("..2026", os.path.join(mounted, "..data"))
        for file in FILES:
            os.symlink(os.path.join("..data", file), os.path.join(mounted, file))
        env = environment(**{e["name"]: url for e in container["env"]})
        before = sorted(os.listdir(folder))
        both = [subprocess.Popen([program] + container["args"], cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
        told = "".join(p.communicate(timeout=120)[0] for p in both)
        tap.result(all(p.returncode == 0 for p in both) and place.applied(name) == 2,
                   "kubernetes: two pods at once apply each migration once", told)
        tap.result(sorted(os.listdir(folder)) == before, "kubernetes: the command writes nothing into its folder")
        with open(os.path.join(mounted, "..2026", "V003__wrong.sql"), "w", encoding="utf-8") as f:
            f.write("SELECT nothing;\n")
        os.symlink("..data/V003__wrong.sql", os.path.join(mounted, "V003__wrong.sql"))
        wrong = subprocess.run([program] + container["args"], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT).returncode
    final = job["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"]
    tap.result(wrong in final and not {0, 5, 6} & set(final), "kubernetes: a wrong migration ends the Job (exit %d), "
               "a busy database does not" % wrong, str(final))


# ---- systemd -------------------------------------------------------------------------------


def unit_values(name):
    values = {}
    with open(os.path.join(PACKAGING, "systemd", name), encoding="utf-8") as f:
        for line in f:
            key, equals, value = line.strip().partition("=")
            if equals and not line.startswith("#"):
                values[key] = value
    return values


def systemd(tap, place, program):
    unit = "whimbrel-migrate.service"
    values = unit_values(unit)
    with place.fresh() as (folder, url, name):
        if shutil.which("systemd-analyze"):
            local = os.path.join(folder, unit)
            with open(os.path.join(PACKAGING, "systemd", unit), encoding="utf-8") as f, open(local, "w", encoding="utf-8") as g:
                g.write(f.read().replace("/usr/bin/whimbrel", program))
            seen = shell("systemd-analyze verify --man=no '%s'" % local, folder, dict(os.environ))
            lines = [line for line in seen.stdout.splitlines() if unit in line]
            tap.result(seen.returncode == 0 and not lines, "systemd: systemd-analyze verify finds nothing", seen.stdout)
        else:
            tap.note("systemd-analyze is not there; its verify is left out")
        write_migrations(os.path.join(folder, "migrations"))
        env = environment(DATABASE_URL=url, PATH="/usr/bin:/bin")
        command = values["ExecStart"].split()
        tap.result(command[0] == "/usr/bin/whimbrel" and values["EnvironmentFile"].startswith("/etc/whimbrel/"),
                   "systemd: the unit starts the installed program and keeps the password in a file", str(values))
        done = subprocess.run([program] + command[1:], cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        tap.result(done.returncode == 0 and place.applied(name) == 2, "systemd: ExecStart migrates", done.stdout)
    again = set(map(int, values["RestartPreventExitStatus"].split()))
    tap.result(not again & {0, 5, 6} and {3, 4, 65} <= again, "systemd: only a busy or absent database is tried again")


# ---- GitHub Actions ---------------------------------------------------------------------------


def expand(text, context):
    return re.sub(r"\$\{\{\s*([\w.]+)\s*\}\}", lambda m: context[m.group(1)], text)


def run_job(job, workflow, context, folder, env):
    """The steps of a job, one shell each, with GITHUB_PATH as the runner understands it."""
    told, status = "", 0
    for step in job["steps"]:
        if "run" not in step or (status and step.get("if") != "always()"):
            continue
        ran = shell(expand(step["run"], context), folder, env)
        told += "$ %s\n%s" % (step["run"], ran.stdout)
        status = status or ran.returncode
        with open(env["GITHUB_PATH"], encoding="utf-8") as f:
            added = f.read().split()
        env["PATH"] = ":".join(added + ["/usr/local/bin:/usr/bin:/bin"])
    return status, told


def repository(folder):
    script = ("git init -q -b main . && git config user.email a@b.example && git config user.name a && git add -A"
              " && git commit -qm first && git update-ref refs/remotes/origin/main HEAD")
    write_migrations(os.path.join(folder, "migrations"))
    subprocess.run(["bash", "-ec", script], cwd=folder, check=True)


def actions(tap, place):
    workflow = load("github-actions/migrate.yml")
    triggers = workflow[True]  # YAML reads `on` as a truth value
    tap.result(set(workflow["jobs"]) == {"check", "production"} and triggers["push"]["branches"] == ["main"],
               "actions: two jobs, production only from main", str(workflow))
    for name, expected in (("check", 2), ("production", 2)):
        job = workflow["jobs"][name]
        with place.fresh() as (folder, url, database), tempfile.TemporaryDirectory() as runner:
            repository(folder)
            context = {"github.base_ref": "main", "vars.WHIMBREL_RELEASE": "file://" + place.archive, "secrets.DATABASE_URL": url}
            env = environment(RUNNER_TEMP=runner, GITHUB_PATH=os.path.join(runner, "path"),
                              GITHUB_STEP_SUMMARY=os.path.join(runner, "summary"), PATH="/usr/local/bin:/usr/bin:/bin")
            open(env["GITHUB_PATH"], "w", encoding="utf-8").close()
            env["DATABASE_URL"] = url
            env.update({k: expand(v, context) for k, v in workflow["env"].items()})
            status, told = run_job(job, workflow, context, folder, env)
            tap.result(status == 0 and place.applied(database) == expected, "actions: job %s, step by step" % name, told)
            if name != "check":
                continue
            with open(env["GITHUB_STEP_SUMMARY"], encoding="utf-8") as f:
                summary = f.read()
            tap.result("users" in summary and "002" in summary,
                       "actions: the plan stands in the summary", summary)
            with open(os.path.join(folder, "migrations/V002__names.sql"), "w", encoding="utf-8") as f:
                f.write("SELECT 2;\n")
            status, told = run_job(job, workflow, context, folder, env)
            tap.result(status != 0 and "was edited" in told, "actions: an edited migration fails the check", told)


def main():
    tap = Tap()
    archives, unpacked = tempfile.mkdtemp(prefix="wb-archive-"), tempfile.mkdtemp(prefix="wb-unpacked-")
    shared = os.environ.get("WHIMBREL_TEST_PG")
    try:
        with contextlib.nullcontext(servers.Cluster(shared)) if shared else servers.cluster() as cluster:
            archive = make_archive(tap, archives)
            if archive:
                program = os.path.join(unpack(tap, archive, unpacked), "whimbrel")
                place = Place(cluster, archive)
                kubernetes(tap, place, program)
                systemd(tap, place, program)
                actions(tap, place)
    finally:
        shutil.rmtree(archives, ignore_errors=True)
        shutil.rmtree(unpacked, ignore_errors=True)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
