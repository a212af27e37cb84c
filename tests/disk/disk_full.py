#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disk fills up under a migration: a clear error, nothing lost, and the next
run, with room again, finishes. The disks are small tmpfs mounts, so this test
needs root; where mounting is not permitted it fails, it does not skip.

    disk_full.py --engine sqlite|postgresql [--full] [--seed N]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import servers  # noqa: E402

FILES = {
    "V001__small.sql": "-- migrate:up\nCREATE TABLE kept (n integer NOT NULL);\nINSERT INTO kept VALUES (1), (2), (3);\n",
    "V002__large.sql": "-- migrate:up\nCREATE TABLE large (n integer NOT NULL, filler text NOT NULL);\n%s\n",
    "V003__after.sql": "-- migrate:up\nINSERT INTO kept SELECT 4 FROM large WHERE n = 1;\n",
}
FILL = {
    "sqlite": "INSERT INTO large WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) "
              "SELECT i, hex(zeroblob(500)) FROM c;",
    "postgresql": "ALTER TABLE large ALTER filler SET STORAGE EXTERNAL;\n"
                  "INSERT INTO large SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i;",
}


class Disk:
    """A small file system of its own."""

    def __init__(self, folder, megabytes):
        self.folder = folder
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs", folder], check=True)

    def grow(self, megabytes):
        subprocess.run(["mount", "-o", "remount,size=%dm" % megabytes, self.folder], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if subprocess.run(["umount", self.folder], check=False).returncode != 0:
            subprocess.run(["umount", "-l", self.folder], check=False)


def check(tap, name, conditions, result=None):
    """conditions: {what: whether}; one test."""
    wrong = [what for what, holds in conditions.items() if not holds]
    tap.result(not wrong, name, "\n".join(wrong + ([str(result)] if result else [])))


def told(result):
    """The error says what it is, not only that something failed."""
    error = result.error()
    text = " ".join(str(error.get(k, "")) for k in ("code", "message", "detail", "hint")) + result.err
    return "WB_EDISKFULL" in text or "space" in text.lower()


def scene(tap, name, program, engine, db, folder, disk, more_room, lost_connection=False):
    """Fill, look, make room, go on."""
    argv = [program, "--url", engine.url(db), "--dir", "migrations", "-o", "json"]
    first = harness.run(argv + ["up"], folder)
    statuses = (3, 6) if lost_connection else (3,)
    check(tap, name + ": refused with a clear error", {
        "exit status %s, wanted %s" % (first.status, statuses): first.status in statuses,
        "the error does not tell of the disk": told(first) or lost_connection and first.status == 6}, first)
    disk.grow(more_room)
    if lost_connection:
        harness.run(argv + ["wait", "--timeout", "30s"], folder)
    kept = [int(r[0]) for r in engine.query(db, "SELECT n FROM kept ORDER BY n")]
    check(tap, name + ": nothing is lost, nothing is half", {"rows of V001: %s" % kept: kept == [1, 2, 3]})
    status = harness.run(argv + ["status"], folder)
    versions = [m["version"] for m in json.loads(status.out).get("applied", []) if m["state"] == "applied"]
    check(tap, name + ": the journal stands at V001", {"applied: %s" % versions: versions == ["001"]}, status)
    second = harness.run(argv + ["up"], folder)
    rows = [int(r[0]) for r in engine.query(db, "SELECT n FROM kept ORDER BY n")] if second.status == 0 else None
    check(tap, name + ": with room again, the next run finishes", {
        "exit status %s" % second.status: second.status == 0, "rows: %s" % rows: rows == [1, 2, 3, 4]}, second)


def sqlite(tap, place, program, folder):
    for megabytes in (2, 5):
        with Disk(os.path.join(place.folder, "disk%d" % megabytes), megabytes) as disk:
            engine = harness.Sqlite(disk.folder)
            scene(tap, "SQLite on a disk of %d MB" % megabytes, program, engine, "app", folder, disk, 200)
            check(tap, "the file is sound", {"integrity": engine.fingerprint("app").startswith("integrity: ok\n")})


def tablespace(tap, place, program, folder):
    """The database's files have no room; the server's log of changes has."""
    with Disk(os.path.join(place.folder, "space"), 14) as disk:
        owned = os.path.join(disk.folder, "ts")
        os.mkdir(owned)
        if os.geteuid() == 0:
            shutil.chown(owned, servers.SUPERUSER)
        place.cluster.psql("CREATE TABLESPACE small LOCATION '%s'" % owned)
        place.cluster.psql("CREATE DATABASE narrow TEMPLATE template0 TABLESPACE small")
        try:
            scene(tap, "PostgreSQL, tablespace full", program, place.engine, "narrow", folder, disk, 200)
        finally:
            place.engine.drop("narrow")
            place.cluster.psql("DROP TABLESPACE small")


def whole_server(tap, place, program, folder):
    """The whole data folder has no room: the server itself may crash and recover."""
    with Disk(os.path.join(place.folder, "server"), 400) as disk:
        base = os.path.join(disk.folder, "pg")
        with servers.cluster(fsync=True, folder=base, settings=["min_wal_size = 32MB", "max_wal_size = 64MB"]) as cluster:
            engine = harness.Postgres(cluster)
            engine.create("full")
            harness.run([program, "--url", engine.url("full"), "--dir", "migrations", "up", "--to", "001"], folder)
            cluster.psql("CHECKPOINT")
            free = os.statvfs(disk.folder)
            filler = os.path.join(disk.folder, "filler")
            with open(filler, "wb") as f:
                f.write(b"\0" * max(0, free.f_bavail * free.f_frsize - 6 * 1024 * 1024))
            scene(tap, "PostgreSQL, data folder full", program, engine, "full", folder, Filled(disk, filler), 0, True)


class Filled:
    """Room is made by removing what fills the disk."""

    def __init__(self, disk, filler):
        self.disk, self.filler = disk, filler

    def grow(self, _):
        os.unlink(self.filler)
        time.sleep(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap, program = harness.Tap(), harness.program("WHIMBREL_FAULTS", "build-faults")
    files = dict(FILES, **{"V002__large.sql": FILES["V002__large.sql"] % FILL[a.engine]})
    with harness.Workplace(a.engine) as place:
        folder = place.migrations("project", files)
        try:
            if a.engine == "sqlite":
                sqlite(tap, place, program, folder)
            else:
                tablespace(tap, place, program, folder)
                whole_server(tap, place, program, folder)
        except (RuntimeError, subprocess.CalledProcessError, OSError) as e:
            tap.result(False, "disks can be mounted and filled", str(e))
    return tap.finish()


sys.exit(main())
