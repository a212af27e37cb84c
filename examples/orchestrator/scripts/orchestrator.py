#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the targets of the Makefile do. Whimbrel does the work; here stand the
rules of the three environments: who confirms, who approves, what comes before.

    scripts/orchestrator.py TARGET        (make help lists them)
"""
import datetime
import glob
import json
import os
import statistics
import subprocess
import sys

import settings
from settings import psql, run, stop

RETENTION_DAYS = {"development": 7, "staging": 30, "production": 90}
env = os.environ


def must(*args, **kw):
    """Whimbrel; when it fails, so do we, with its status."""
    status = run(*args, **kw)
    if status:
        sys.exit(status)


def read_line():
    """A line of standard input and nothing behind it: the rest is for whoever asks next."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return line.decode("utf-8", "replace").strip()


def ask(question, wanted):
    """An end of input is a no."""
    print("%s Type %s to go on: " % (question, wanted), end="", flush=True)
    answer = read_line()
    print()
    if answer != wanted:
        stop("not confirmed; nothing was done")


def read_json(*args):
    """What Whimbrel answers as JSON. Errors go to the user as they are."""
    result = subprocess.run([settings.whimbrel()] + list(args) + ["-o", "json"], stdout=subprocess.PIPE, text=True)
    answer = json.loads(result.stdout) if result.stdout.strip() else {}
    if "error" in answer:
        error = answer["error"]
        stop("%s%s" % (error["message"], "\n  hint: " + error["hint"] if error.get("hint") else ""), result.returncode)
    return answer


def rows(query):
    return read_json("query", query)["rows"]


# ---- migrations ----

def pending_plan():
    target = ["--to", env["VERSION"]] if env.get("VERSION") else []
    plan = read_json("plan", *target)
    return plan["digest"], [m["version"] for m in plan["migrations"]]


def approval_file(digest):
    return os.path.join("approvals", "production-%s.json" % digest.split(":")[1][:16])


def approve():
    """An approval is for exactly one plan: these files, in this order, on this state of the database."""
    who = env.get("APPROVED_BY") or stop("APPROVED_BY=name says who approves")
    digest, versions = pending_plan()
    if not versions:
        stop("nothing is pending", 0)
    must("plan", *(["--to", env["VERSION"]] if env.get("VERSION") else []))
    os.makedirs("approvals", exist_ok=True)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    with open(approval_file(digest), "w") as f:
        json.dump({"plan": digest, "versions": versions, "approved_by": who, "approved_at": now}, f, indent=2)
        f.write("\n")
    print("%s approves %s: %s" % (who, ", ".join(versions), approval_file(digest)))


def approved():
    digest, versions = pending_plan()
    if not versions:
        return
    try:
        with open(approval_file(digest)) as f:
            approval = json.load(f)
    except FileNotFoundError:
        approval = {}
    if approval.get("plan") != digest:
        stop("nobody has approved this plan (%s): make approve APPROVED_BY=name" % ", ".join(versions), 4)
    print("approved by %(approved_by)s at %(approved_at)s" % approval)
    ask("This migrates production (%s)." % ", ".join(versions), "production")


def migrate():
    if env["ENVIRONMENT"] == "production":
        approved()
    must("up", "-v", *(["--to", env["VERSION"]] if env.get("VERSION") else []))
    psql("-f", "sql/after_migrate.sql", env=dict(env, PGOPTIONS="-c client_min_messages=warning"))


def migrate_to():
    if not env.get("VERSION"):
        stop("VERSION=n says up to which version")
    migrate()


def migrate_dry():
    must("up", "--dry-run", *(["--to", env["VERSION"]] if env.get("VERSION") else []))


def migrate_status():
    must("status")


def migrate_validate():
    must("validate")


def validate_files():
    """Names, gaps, sections, syntax: for a commit hook, without any database."""
    del env["WHIMBREL_ENV"]
    must("--config", "whimbrel.files.yaml", "validate")


def migrate_once():
    """What a one-shot container does before the service starts: waits for the server, makes the database, migrates."""
    maintenance = "host=%(PGHOST)s port=%(PGPORT)s dbname=postgres user=%(PGUSER)s sslmode=%(PGSSLMODE)s" % env
    must("wait", "--timeout", "60s", "-q", env=dict(env, WHIMBREL_URL=maintenance))
    must("create")
    migrate()


def deploy():
    """staging: validate, backup, migrate, status; production: named backup, validate, dry run, migrate, status.
    Where a migration run takes its own backup (`backup: before`), staging leaves it to that."""
    environment = env["ENVIRONMENT"]
    if environment == "production":
        db_backup()
    must("validate")
    if environment == "production":
        migrate_dry()
    migrate()
    must("status")


# ---- the database ----

def db_reset():
    if env["ENVIRONMENT"] != "development":
        stop("db-reset is for development; this is " + env["ENVIRONMENT"], 4)
    ask("This destroys the database %s and builds it anew." % env["PGDATABASE"], "yes")
    must("reset", "--yes")
    migrate()


def backup_name():
    """In production that of the day; a second one of the day also carries the time."""
    now = datetime.datetime.now()
    name, exact = now.strftime("pre-migration-%Y%m%d"), now.strftime("-%H%M%S")
    if env["ENVIRONMENT"] != "production":
        name = now.strftime("backup-%Y%m%d") + exact
    elif glob.glob("backups/" + name + ".*"):
        name += exact
    return env.get("BACKUP_NAME") or name


def db_backup():
    must("backup", backup_name())


def db_restore():
    file = env.get("BACKUP_FILE") or stop("BACKUP_FILE=f says what to restore; `make backups` lists what there is")
    if not os.path.exists(file) and not glob.glob("backups/" + glob.escape(file) + ".*"):
        stop("there is no backup " + file)
    ask("This replaces the database %s by %s." % (env["PGDATABASE"], file), "yes")
    must("restore", file, "--yes")


def backups():
    must("backups")


def backups_prune():
    days = env.get("RETENTION_DAYS") or RETENTION_DAYS[env["ENVIRONMENT"]]
    must("backups", "--prune", "--older-than", "%sd" % days, "--yes")


def db_shell():
    env["PGOPTIONS"] = "-c search_path=%s,public" % env["DB_SCHEMA"]
    os.execvp("psql", ["psql", "-X"])


def generate():
    """Rows for the version at which the database stands."""
    version = rows("version")[0]["version"] or stop("no migration is applied yet: make migrate")
    sizes = [x for name in ("seed", "runs", "users", "outcomes") if env.get(name.upper()) for x in ("--" + name, env[name.upper()])]
    maker = subprocess.Popen([sys.executable, "scripts/generate.py", "--at", str(int(version))] + sizes, stdout=subprocess.PIPE)
    loaded = psql(stdin=maker.stdout, check=False).returncode
    maker.stdout.close()
    if maker.wait() or loaded:
        stop("no row was added (SEED=n gives other rows than those that are there)")
    tables = ["outcomes", "runs"] + (["users"] if int(version) >= 2 else [])
    counts = ["count(*) || ' %s' FROM orchestrator.%s" % (t, t) for t in tables]
    psql("-A", "-t", "-c", "SELECT concat_ws(', ', %s)" % ", ".join("(SELECT %s)" % c for c in counts))


# ---- health, monitoring, housekeeping ----

def check_data():
    broken = [r for r in rows("validation") if int(r["broken"])]
    for r in broken:
        print("broken  %-50s %s" % (r["rule"], r["broken"]))
    print("%d rules broken" % len(broken))
    if broken:
        sys.exit(1)


def health():
    """Connection, integrity, version, speed: 0 OK, 1 DEGRADED, 2 FAILED."""
    worst = run("doctor")
    for what, status in (("integrity", run("validate")), ("version", run("status", "--exit-code", "-q", stdout=subprocess.DEVNULL))):
        print("%s  %s" % ("ok" if status == 0 else "no", what))
        worst = max(worst, min(status, 2))
    print(("OK", "DEGRADED", "FAILED")[min(worst, 2)])
    sys.exit(min(worst, 2))


def monitor():
    """Alerts since ALERT_SINCE, each given to ALERT_COMMAND as a line of JSON; and whether files and history agree."""
    alerts = rows("alerts")
    if run("validate", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        alerts.append({"alert": "integrity", "note": "whimbrel validate"})
    for alert in alerts:
        text = json.dumps(alert)
        print(text, flush=True)
        if env.get("ALERT_COMMAND"):
            subprocess.run(env["ALERT_COMMAND"], shell=True, input=text + "\n", text=True, check=True)
    sys.exit(1 if alerts else 0)


def watch():
    for query in ("activity", "blockers", "pool", "resources"):
        print("\n== " + query)
        must("query", query)


def locks():
    must("locks")


def terminate():
    pid = env.get("PID") or stop("PID=n says which session; `make locks watch` shows them")
    ask("This ends the session %s." % pid, "yes")
    must("locks", "--terminate", pid, "--yes")


def housekeeping():
    """VACUUM ANALYZE of the history, and of what it stands on."""
    names = ["whimbrel." + name for name in ("schema_migrations", "migration_history", "migration_steps", "migration_runs")]
    psql("-c", "VACUUM (ANALYZE) " + ", ".join(names))
    print("vacuumed " + ", ".join(names))


def weekly():
    must("validate")
    check_data()
    housekeeping()


def bench():
    """The service's queries, five times each: the median of what the server needs, and what it reads."""
    names = [r["query"] for r in read_json("query")["rows"]]
    queries = {r["query"]: r["description"] for r in read_json("query")["rows"]}
    for name in (n for n in names if n.startswith("bench_")):
        times = []
        for _ in range(5):
            answer = psql("-A", "-t", "-c", "EXPLAIN (ANALYZE, FORMAT JSON) " + queries[name], stdout=subprocess.PIPE, text=True).stdout
            plan = json.loads(answer)[0]
            times.append(plan["Execution Time"])
        print("%-24s %9.2f ms  %s" % (name[6:], statistics.median(times), ", ".join(sorted(set(ways(plan["Plan"]))))))


def ways(node):
    """How the rows are found: the names of indexes, or a scan of a table."""
    if node.get("Index Name"):
        yield node["Index Name"]
    elif node["Node Type"] == "Seq Scan":
        yield "all of " + node["Relation Name"]
    for child in node.get("Plans", []):
        yield from ways(child)


TARGETS = {f.__name__.replace("_", "-"): f for f in (
    migrate, migrate_to, migrate_dry, migrate_status, migrate_validate, validate_files, migrate_once, approve, deploy, db_reset, db_backup,
    db_restore, db_shell, backups, backups_prune, generate, check_data, health, monitor, watch, locks, terminate, housekeeping,
    weekly, bench)}


def main():
    settings.load()
    if len(sys.argv) != 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    TARGETS[sys.argv[1]]()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        sys.exit("error: %s ended with %d" % (e.cmd[0], e.returncode))
    except KeyboardInterrupt:
        sys.exit(130)
