# SPDX-License-Identifier: Apache-2.0
"""Transformations under measurement: processor time of a whole server, and what
a reader and a writer of the source's table wait for, while nothing else happens
and while its rows are moved."""
import os
import statistics
import subprocess
import time

import servers

TICKS = os.sysconf("SC_CLK_TCK")
# SARK's servers, before and after, without the GIN index of either.
SCHEMA = """
CREATE TYPE transporttype AS ENUM ('http', 'stdio', 'sse');
CREATE TYPE sensitivitylevel AS ENUM ('low', 'medium', 'high', 'critical');
CREATE TYPE serverstatus AS ENUM ('registered', 'active', 'inactive', 'unhealthy', 'decommissioned');
CREATE TABLE mcp_servers (id uuid PRIMARY KEY, name varchar(255) NOT NULL, description varchar(1000),
  transport transporttype NOT NULL, endpoint varchar(500), command varchar(500),
  mcp_version varchar(20) NOT NULL DEFAULT '2025-06-18', capabilities jsonb NOT NULL DEFAULT '[]',
  sensitivity_level sensitivitylevel NOT NULL DEFAULT 'medium', signature varchar(1000),
  status serverstatus NOT NULL DEFAULT 'registered', health_endpoint varchar(500), last_health_check timestamptz,
  owner_id uuid, team_id uuid, consul_id varchar(255) UNIQUE, tags jsonb NOT NULL DEFAULT '[]',
  extra_metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE resources (id varchar(255) PRIMARY KEY, name varchar(255) NOT NULL, protocol varchar(50) NOT NULL,
  endpoint varchar(1000) NOT NULL, sensitivity_level varchar(20) NOT NULL DEFAULT 'medium',
  metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
"""
ROWS = """INSERT INTO mcp_servers (id, name, transport, endpoint, capabilities, tags, extra_metadata, created_at,
updated_at) SELECT %s, 'server ' || i, 'http', 'https://s' || i, '["tools"]', '["a", "b"]', '{"region": "eu"}', now(), now()
FROM generate_series(1, %d) i; VACUUM ANALYZE mcp_servers;"""
METADATA = """jsonb_build_object('transport', original.transport::text, 'command', original.command, 'endpoint',
      original.endpoint, 'mcp_version', original.mcp_version, 'capabilities', original.capabilities, 'status',
      original.status::text, 'health_endpoint', original.health_endpoint, 'last_health_check', original.last_health_check,
      'owner_id', original.owner_id::text, 'team_id', original.team_id::text, 'consul_id', original.consul_id, 'tags',
      original.tags, 'signature', original.signature, 'description', original.description) || extra_metadata"""
BARE = """INSERT INTO resources (id, protocol, endpoint, sensitivity_level, metadata, name, created_at, updated_at)
SELECT original.id::text, 'mcp', coalesce(command, endpoint), original.sensitivity_level::text, """ + METADATA + """, name,
created_at, updated_at FROM mcp_servers AS original WHERE true ON CONFLICT (id) DO UPDATE SET updated_at = now(), name =
excluded.name, endpoint = excluded.endpoint, sensitivity_level = excluded.sensitivity_level, metadata = excluded.metadata;
"""
RULE = """rules:
  - id: servers
    source: mcp_servers
    key: id
    target: resources
    columns:
      id: original.id::text
      protocol: "'mcp'"
      endpoint: coalesce(command, endpoint)
      sensitivity_level: original.sensitivity_level::text
      metadata: >-
        """ + METADATA.replace("\n      ", " ") + """
    same_columns: [name, created_at, updated_at]
    on_conflict: update
    conflict_key: id
    set: { updated_at: now() }
    set_new: [name, endpoint, sensitivity_level, metadata]
    on_error: collect
"""
PROGRAM = """rules:
  - { id: through, query: "SELECT id, name, 'mcp' AS protocol, endpoint FROM mcp_servers", key: id, target: resources,
      command: [cat], fields: [id, name, protocol, endpoint], on_conflict: update, conflict_key: id }
"""
READ = "\\set i random(1, %d)\nSELECT name, endpoint, status FROM mcp_servers WHERE id = lpad(to_hex(:i), 32, '0')::uuid;\n"
WRITE = "\\set i random(1, %d)\nUPDATE mcp_servers SET updated_at = now() WHERE id = lpad(to_hex(:i), 32, '0')::uuid;\n"


def stat(pid):
    """Parent, and processor ticks: its own, and of its children that have ended."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


def server_seconds(cluster):
    """Processor seconds of the server, with all processes that it has and had."""
    with open(os.path.join(cluster.data, "postmaster.pid")) as f:
        postmaster = int(f.readline())
    while True:
        _, own, ended = stat(postmaster)
        total = own + ended
        for name in os.listdir("/proc"):
            try:
                parent, ticks, _ = stat(int(name)) if name.isdigit() else (0, 0, 0)
            except (OSError, ValueError):
                continue
            total += ticks if parent == postmaster else 0
        if stat(postmaster)[2] == ended:  # else one has ended meanwhile, and may be missing, or there twice
            return total / TICKS


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


class Load:
    """A reader and a writer, each on a connection of its own, at a fixed rate: how long each call took from the moment
    at which it was due, so that waiting in line counts."""

    def __init__(self, url, folder, rows, rate):
        self.url, self.folder, self.rate = url, folder, rate
        for name, text in (("read", READ), ("write", WRITE)):
            with open(os.path.join(folder, name + ".sql"), "w") as f:
                f.write(text % rows)

    def start(self, seconds, tag):
        self.running = []
        for name in ("read", "write"):
            log = os.path.join(self.folder, "%s-%s" % (name, tag))
            argv = [os.path.join(servers.bin_dir(), "pgbench"), "-n", "-M", "prepared", "-c", "1", "-R", str(self.rate), "-T",
                    str(seconds), "-l", "--log-prefix=" + log, "-f", os.path.join(self.folder, name + ".sql"), self.url]
            self.running.append((name, log, subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))

    def finish(self, until=None):
        """Milliseconds of each call that began before `until` (wall clock)."""
        taken = {}
        for name, log, process in self.running:
            if until is not None:
                process.terminate()
            process.wait()
            taken[name] = []
            for file in sorted(os.listdir(self.folder)):
                if not file.startswith(os.path.basename(log) + "."):
                    continue
                with open(os.path.join(self.folder, file)) as f:
                    for line in f:
                        fields = line.split()  # client, number, time, script, epoch, microseconds, lag
                        if len(fields) >= 6 and (until is None or int(fields[4]) <= until):
                            taken[name].append(int(fields[2]) / 1000)
        return taken


def beside(load, work, seconds):
    """(idle, busy, seconds that work took): what calls took before it, and while it ran."""
    load.start(seconds, "idle")
    idle = load.finish()
    load.start(3600, "busy")
    started = time.monotonic()
    work()
    took = time.monotonic() - started
    busy = load.finish(time.time())
    return idle, busy, took


def latencies(idle, busy):
    lines = ["| | calls idle | p50 ms | p99 ms | calls meanwhile | p50 ms | p99 ms | p99 : idle p99 |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name in ("read", "write"):
        a, b = idle[name], busy[name]
        lines.append("| %s | %d | %.2f | %.2f | %d | %.2f | %.2f | %.2f |" %
                     (name, len(a), statistics.median(a), percentile(a, 0.99), len(b), statistics.median(b),
                      percentile(b, 0.99), percentile(b, 0.99) / percentile(a, 0.99)))
    return "\n".join(lines)
