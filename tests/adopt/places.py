# SPDX-License-Identifier: Apache-2.0
"""One database for a test of adoption, on either engine, and Whimbrel on it."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))
import harness  # noqa: E402


class Database:
    """What tools.py calls `db`."""

    def __init__(self, place, name):
        self.engine, self.name, self.place = place.engine_name, name, place
        if self.engine == "sqlite":
            self.path = os.path.join(place.folder, name, "app.db")
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self.ours = "sqlite://" + self.path
        else:
            place.engine.create(name)
            self.ours = place.engine.url(name)
            self.host, self.port = "127.0.0.1", place.cluster.port()
            self.url = "postgres://postgres@127.0.0.1:%s/%s?sslmode=disable" % (self.port, name)

    def create_also(self, name):
        self.place.engine.create(name)

    def rows(self, sql):
        if self.engine != "sqlite":
            return self.place.engine.query(self.name, sql)
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            return [tuple(str(v) for v in row) for row in connection.execute(sql).fetchall()]
        finally:
            connection.close()

    def column(self, sql):
        return [row[0] for row in self.rows(sql)]

    def script(self, sql):
        if self.engine != "sqlite":
            self.place.cluster.psql(sql, self.name)
            return
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.executescript(sql)
        finally:
            connection.close()

    def dump(self):
        """All but the journal, as SQL."""
        if self.engine != "sqlite":
            text = self.place.cluster.dump(self.name, "-O", "-x", "--inserts", "--exclude-schema=whimbrel")
            return "\n".join(l for l in text.splitlines()
                             if l and not l.startswith(("--", "SET ", "\\", "SELECT pg_catalog.set_config"))) + "\n"
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            return "\n".join(l for l in connection.iterdump() if "whimbrel_" not in l) + "\n"
        finally:
            connection.close()


class Whimbrel:
    def __init__(self, db, folder, migrations):
        self.db, self.folder, self.migrations = db, folder, migrations
        self.program = harness.program("WHIMBREL", "build-asan")

    def argv(self, *words):
        return [self.program, "--url", self.db.ours, "--dir", self.migrations, "-o", "json"] + list(words)

    def run(self, *words, **env):
        return harness.run(self.argv(*words), self.folder, **env)

    def json(self, *words):
        result = self.run(*words)
        if result.status != 0:
            raise AssertionError(str(result))
        return json.loads(result.out)
