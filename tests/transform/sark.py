#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SARK's field map, v1 to v2, by rules: every value of every row is compared
with a second implementation of the map, in Python. Edge rows are among them,
and the rules run again after renames, changes of level and new rows. On
PostgreSQL schema and rules are those of examples/sark; on SQLite, which SARK
does not use, they stand here.

    sark.py --engine sqlite|postgresql [--rows N] [--seed N]
"""
import argparse
import json
import os
import random
import shutil
import sqlite3
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402

EXAMPLE = os.path.join(harness.ROOT, "examples/sark")
OTHER = "INSERT INTO resources (id, name, protocol, endpoint) VALUES ('other', 'an HTTP one', 'http', 'http://other');"
SCHEMA_SQLITE = """
CREATE TABLE mcp_servers (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, transport TEXT NOT NULL,
  endpoint TEXT, command TEXT, mcp_version TEXT NOT NULL, capabilities TEXT NOT NULL, sensitivity_level TEXT NOT NULL,
  signature TEXT, status TEXT NOT NULL, health_endpoint TEXT, last_health_check TEXT, owner_id TEXT, team_id TEXT,
  consul_id TEXT UNIQUE, tags TEXT NOT NULL, extra_metadata TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL);
CREATE TABLE mcp_tools (id TEXT PRIMARY KEY, server_id TEXT NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
  name TEXT NOT NULL, description TEXT, parameters TEXT, sensitivity_level TEXT NOT NULL,
  requires_approval INTEGER NOT NULL, signature TEXT, invocation_count INTEGER NOT NULL, last_invoked TEXT,
  extra_metadata TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE resources (id TEXT PRIMARY KEY, name TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL,
  sensitivity_level TEXT NOT NULL, metadata TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE capabilities (id TEXT PRIMARY KEY, resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
  name TEXT NOT NULL, description TEXT, input_schema TEXT NOT NULL, output_schema TEXT NOT NULL,
  sensitivity_level TEXT NOT NULL, metadata TEXT NOT NULL);
INSERT INTO resources VALUES ('other', 'an HTTP one', 'http', 'http://other', 'medium', '{}', 't', 't');
"""

BUILT = ("transport", "command", "endpoint", "mcp_version", "capabilities", "status", "health_endpoint",
         "last_health_check", "owner_id", "team_id", "consul_id", "tags", "signature", "description")
TOOL_BUILT = ("requires_approval", "signature", "invocation_count", "last_invoked", "created_at", "updated_at")

RULES_SQLITE = """
rules:
  - id: tools
    description: mcp_tools -> capabilities
    source: mcp_tools
    key: id
    target: capabilities
    columns:
      id: %(id)s
      resource_id: %(server_id)s
      input_schema: coalesce(parameters, '{}')
      output_schema: "'{}'"
      sensitivity_level: %(level)s
      metadata: >-
        %(tool_metadata)s
    same_columns: [name, description]
    on_conflict: update
    conflict_key: id
    set_new: [name, description, input_schema, sensitivity_level, metadata]
    depends: [servers]
    on_error: collect
  - id: servers
    description: mcp_servers -> resources
    source: mcp_servers
    key: id
    target: resources
    columns:
      id: %(id)s
      protocol: "'mcp'"
      endpoint: coalesce(command, endpoint)
      sensitivity_level: %(level)s
      metadata: >-
        %(metadata)s
    same_columns: [name, created_at, updated_at]
    on_conflict: update
    conflict_key: id
    set: { updated_at: %(now)s }
    set_new: [name, endpoint, sensitivity_level, metadata]
    on_error: collect
"""


def pairs(names, cast):
    return ", ".join("'%s', %s" % (n, cast(n)) for n in names)


def expressions():
    cast = lambda n: {"capabilities": "json(original.capabilities)", "tags": "json(original.tags)",  # noqa: E731
                      "requires_approval": "json(iif(requires_approval, 'true', 'false'))"}.get(n, "original." + n)
    # json_patch() would drop members that are null; json_set() keeps what is there.
    merge = ("(SELECT json_group_object(key, json(value)) FROM (SELECT key, json_object(%s) -> fullkey AS value FROM "
             "json_each(json_object(%s)) WHERE key NOT IN (SELECT key FROM json_each(original.extra_metadata)) UNION ALL "
             "SELECT key, original.extra_metadata -> fullkey FROM json_each(original.extra_metadata)))")
    return {"id": "original.id", "server_id": "original.server_id", "level": "original.sensitivity_level",
            "now": "\"strftime('%Y-%m-%dT%H:%M:%fZ', 'now')\"",
            "metadata": merge % (pairs(BUILT, cast), pairs(BUILT, cast)),
            "tool_metadata": merge % (pairs(TOOL_BUILT, cast), pairs(TOOL_BUILT, cast))}


# ---- the world, and the map in Python ---------------------------------------------------

class World:
    def __init__(self, rng, count):
        self.rng, self.servers, self.tools = rng, [], []
        for i in range(count):
            self.add(i)
        self.edges()

    def uuid(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128)))

    def time(self):
        return "2025-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % (
            self.rng.randint(1, 12), self.rng.randint(1, 28), self.rng.randint(0, 23), self.rng.randint(0, 59),
            self.rng.randint(0, 59), self.rng.randint(1, 999999))

    def add(self, i, tools=None, **more):
        r = self.rng
        transport = r.choice(("http", "stdio", "sse"))
        row = {"id": self.uuid(), "name": "server %d" % i, "description": r.choice((None, "does it", "it's \"quoted\" \\ back")),
               "transport": transport, "endpoint": None if transport == "stdio" else "https://s%d.example/mcp" % i,
               "command": "npx server-%d" % i if transport == "stdio" else None, "mcp_version": "2025-06-18",
               "capabilities": r.choice(([], ["tools"], ["tools", "prompts"])),
               "sensitivity_level": r.choice(("low", "medium", "high", "critical")), "signature": r.choice((None, "sig%d" % i)),
               "status": r.choice(("registered", "active", "inactive", "unhealthy")),
               "health_endpoint": None, "last_health_check": r.choice((None, self.time())),
               "owner_id": r.choice((None, self.uuid())), "team_id": None, "consul_id": "c%d" % i if i % 2 else None,
               "tags": r.choice(([], ["a", "b"], ["\u00fc", {"deep": [1, None]}])), "extra_metadata": r.choice(({}, {"region": "eu", "n": 1.5})),
               "created_at": self.time(), "updated_at": self.time()}
        row.update(more)
        self.servers.append(row)
        for n in range(r.randint(0, 6) if tools is None else tools):
            self.add_tool(row, n)
        return row

    def add_tool(self, server, n, **more):
        r = self.rng
        row = {"id": self.uuid(), "server_id": server["id"], "name": "tool %d" % n, "description": r.choice((None, "a tool")),
               "parameters": r.choice(({}, {"type": "object", "properties": {"x": {"type": "string"}}})),
               "sensitivity_level": r.choice(("low", "medium", "high", "critical")), "requires_approval": r.random() < 0.3,
               "signature": None, "invocation_count": r.randint(0, 10 ** 6), "last_invoked": r.choice((None, self.time())),
               "extra_metadata": r.choice(({}, {"owner": "x"})), "created_at": self.time(), "updated_at": self.time()}
        row.update(more)
        self.tools.append(row)

    def edges(self):
        """The edge rows that the specification names."""
        self.lost = self.add(1001, tools=2, command=None, endpoint=None)
        self.add(1002, tools=1, extra_metadata={"status": "mine", "tags": None, "transport": {"a": [1, 2]}})
        self.add_tool(self.servers[0], 1003, parameters=None)
        self.add(1004, tools=3, status="decommissioned")
        self.add(1005, tools=1, name="\u6771\u4eac \U0001f980 \u00df\u00e9", description="\u0416\n\t\"")
        self.add(1006, tools=1, endpoint="https://" + "x" * 492, command=None)
        self.add(1007, tools=0, command="both", endpoint="https://both")
        self.add_tool(self.servers[1], 1008, extra_metadata={"invocation_count": "wins"})

    def resources(self):
        wanted = {}
        for s in self.servers:
            endpoint = s["command"] if s["command"] is not None else s["endpoint"]
            if endpoint is None:
                continue
            metadata = {k: s[k] for k in BUILT}
            metadata.update(s["extra_metadata"])
            wanted[s["id"]] = {"id": s["id"], "name": s["name"], "protocol": "mcp", "endpoint": endpoint,
                               "sensitivity_level": s["sensitivity_level"], "metadata": metadata,
                               "created_at": s["created_at"], "updated_at": s["updated_at"]}
        return wanted

    def capabilities(self):
        there, wanted = self.resources(), {}
        for t in self.tools:
            if t["server_id"] not in there:
                continue
            metadata = {k: t[k] for k in TOOL_BUILT}
            metadata.update(t["extra_metadata"])
            wanted[t["id"]] = {"id": t["id"], "resource_id": t["server_id"], "name": t["name"], "description": t["description"],
                               "input_schema": t["parameters"] if t["parameters"] is not None else {}, "output_schema": {},
                               "sensitivity_level": t["sensitivity_level"], "metadata": metadata}
        return wanted


JSON_COLUMNS = {"capabilities", "tags", "extra_metadata", "parameters", "metadata", "input_schema", "output_schema"}


class Database:
    def __init__(self, place):
        self.engine, self.place = place.engine, place

    def script(self, sql):
        if self.engine.name == "sqlite":
            connection = sqlite3.connect(self.engine.path("sark"))
            connection.executescript(sql)
            connection.close()
        else:
            path = os.path.join(self.place.folder, "script.sql")
            with open(path, "w") as f:
                f.write(sql)
            os.chmod(path, 0o644)
            self.engine.cluster.psql("\\i " + path, "sark")

    def literal(self, column, value):
        if value is None: # the service on PostgreSQL writes "no parameters" as JSON's null
            return "'null'" if column == "parameters" and self.engine.name == "postgresql" else "NULL"
        if column in JSON_COLUMNS:
            value = json.dumps(value, ensure_ascii=False)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else "'%s'" % value.replace("'", "''")

    def insert(self, table, rows):
        lines = ["INSERT INTO %s (%s) VALUES (%s);" % (table, ", ".join(r), ", ".join(self.literal(c, v) for c, v in r.items()))
                 for r in rows]
        self.script("BEGIN;\n" + "\n".join(lines) + "\nCOMMIT;")

    def rows(self, table, where="1 = 1"):
        if self.engine.name == "postgresql":
            text = self.engine.cluster.psql("SELECT coalesce(json_agg(t), '[]') FROM %s t WHERE %s" % (table, where), "sark")
            rows = json.loads(text)
        else:
            connection = sqlite3.connect(self.engine.path("sark"))
            connection.row_factory = sqlite3.Row
            rows = [dict(r) for r in connection.execute("SELECT * FROM %s WHERE %s" % (table, where))]
            connection.close()
            for r in rows:
                r.update({c: json.loads(v) for c, v in r.items() if c in JSON_COLUMNS})
        return {r["id"]: r for r in rows if "id" in r} if rows and "id" in rows[0] else rows


def same_times(wanted):
    """PostgreSQL writes a time without trailing zeros; both sides are brought to one form."""
    if isinstance(wanted, dict):
        return {k: same_times(v) for k, v in wanted.items()}
    if isinstance(wanted, list):
        return [same_times(v) for v in wanted]
    if isinstance(wanted, str) and wanted[:3] == "202" and "T" in wanted and "." in wanted:
        head, tail = wanted.split(".", 1)
        return head + "." + tail[:-6].rstrip("0") + tail[-6:]
    return wanted


class Test:
    def __init__(self, place, tap, a):
        self.place, self.tap, self.db = place, tap, Database(place)
        self.program = harness.program("WHIMBREL", "build-asan")
        place.engine.create("sark")
        self.folder = os.path.join(place.folder, "rules")
        os.makedirs(self.folder)
        if place.engine.name == "postgresql":
            shutil.copy(os.path.join(EXAMPLE, "rules/v2.yaml"), os.path.join(self.folder, "rules.yaml"))
            result = harness.run([self.program, "--url", place.engine.url("sark"), "--dir", os.path.join(EXAMPLE, "migrations"), "up"],
                                 self.folder)
            if result.status != 0:
                raise RuntimeError(str(result))
            self.db.script(OTHER)
        else:
            with open(os.path.join(self.folder, "rules.yaml"), "w") as f:
                f.write(RULES_SQLITE % expressions())
            self.db.script(SCHEMA_SQLITE)
        self.world = World(random.Random(a.seed), a.rows)
        self.add(self.world.servers, self.world.tools)

    def add(self, servers, tools):
        owners = sorted({s["owner_id"] for s in servers if s["owner_id"]})
        if self.place.engine.name == "postgresql":
            self.db.insert("users", [{"id": o, "email": o, "full_name": o, "hashed_password": "x"} for o in owners])
        self.db.insert("mcp_servers", servers)
        self.db.insert("mcp_tools", tools)

    def transform(self, *more):
        result = harness.run([self.program, "--url", self.place.engine.url("sark"), "-o", "json", "transform", "rules.yaml"] +
                             list(more), self.folder)
        try:
            return result, json.loads(result.out)
        except ValueError:
            return result, {}

    def compare(self, name, updated_may_differ=()):
        problems = []
        for table, wanted, where in (("resources", self.world.resources(), "protocol = 'mcp'"),
                                     ("capabilities", self.world.capabilities(), "1 = 1")):
            got = self.db.rows(table, where)
            got = got if isinstance(got, dict) else {}
            if set(got) != set(wanted):
                problems.append("%s: %d missing, %d unexpected" % (table, len(set(wanted) - set(got)), len(set(got) - set(wanted))))
            for key in set(got) & set(wanted):
                a, b = same_times(wanted[key]), same_times(got[key])
                if key in updated_may_differ:
                    if a.get("updated_at") == b.get("updated_at"):
                        problems.append("%s %s: updated_at is not that of the run" % (table, key))
                    a.pop("updated_at", None)
                    b.pop("updated_at", None)
                if a != b:
                    problems.append("%s %s:\n  %r\n  %r" % (table, key, a, b))
        self.tap.result(not problems, name, "\n".join(problems[:4]))

    def rejects(self, name, wanted):
        table = ("whimbrel_" if self.place.engine.name == "sqlite" else "whimbrel.") + "transform_rejects"
        got = self.place.engine.query("sark", "SELECT rule, row_key FROM %s ORDER BY 1, 2" % table)
        got = sorted((rule, key.strip("'")) for rule, key in got)
        self.tap.result(got == sorted(wanted), name, "%r instead of %r" % (got, sorted(wanted)))

    def first(self):
        w = self.world
        total = len(w.servers) + len(w.tools)
        result, answer = self.transform("--dry-run")
        self.tap.result(result.status == 0 and answer.get("total_records") == total and not self.db.rows("capabilities"),
                        "a dry run counts and changes nothing", str(result))
        lost = [t["id"] for t in w.tools if t["server_id"] == w.lost["id"]]
        result, answer = self.transform()
        rules = {r["rule_id"]: r for r in answer.get("results", [])}
        right = result.status == 1 and [r["rule_id"] for r in answer["results"]] == ["servers", "tools"] and \
            (rules["servers"]["processed"], rules["servers"]["failed"]) == (len(w.servers), 1) and \
            (rules["tools"]["successful"], rules["tools"]["failed"]) == (len(w.tools) - 2, 2)
        self.tap.result(right, "dependencies first; counts", str(result))
        self.compare("every value of every row is there")
        self.rejects("what cannot be is kept with its reason", [("servers", w.lost["id"])] + [("tools", t) for t in lost])

    def again(self):
        w = self.world
        before = set(w.resources())
        w.servers[3]["name"] = "renamed"
        w.servers[4]["sensitivity_level"] = "critical"
        w.lost["endpoint"] = "https://found"
        for t in w.tools[:5]:
            t["sensitivity_level"], t["parameters"] = "low", {"changed": True}
        lit = self.db.literal
        self.db.script("".join(
            "UPDATE mcp_servers SET name = %s, sensitivity_level = %s, endpoint = %s WHERE id = '%s';\n" %
            (lit("", s["name"]), lit("", s["sensitivity_level"]), lit("", s["endpoint"]), s["id"])
            for s in (w.servers[3], w.servers[4], w.lost)) + "".join(
            "UPDATE mcp_tools SET sensitivity_level = 'low', parameters = '{\"changed\": true}' WHERE id = '%s';\n" % t["id"]
            for t in w.tools[:5]))
        n, t = len(w.servers), len(w.tools)
        for i in range(2000, 2020):
            w.add(i, tools=2)
        self.add(w.servers[n:], w.tools[t:])
        result, _ = self.transform()
        self.tap.result(result.status == 0, "the second run rejects nothing", str(result))
        self.compare("again, after a rename, a change of level, new rows and a mended one", before)
        self.rejects("the rejects of the first run are gone", [])
        other = self.db.rows("resources", "protocol <> 'mcp'")
        self.tap.result(list(other) == ["other"], "other protocols are untouched")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        test = Test(place, tap, a)
        test.first()
        test.again()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
