#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Realistic data for the orchestrator's schema, as SQL for psql.

The same arguments give the same bytes. The rows suit the schema at the version
that --at names: before V003 users lack roles, before V008 some runs with
successful results are still running, before V009 most lack duration_ms. What
the migrations make of rows for an old version is what is generated for a new
one; tests/chain.bats compares the two.

    scripts/generate.py --at 2 --runs 5000 | psql ...
"""
import argparse
import datetime
import json
import random
import sys
import uuid

BASE = datetime.datetime(2025, 6, 1, tzinfo=datetime.timezone.utc)
YEAR_2024 = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
STAGES = ["ingest_docs", "planner", "emit_tool_specs", "dispatch_tools", "substitute_vars", "synthesize_artifacts",
          "worker_execute_suite", "collect_evidence", "resolver", "postmortem_and_heal", "completed"]
TYPES = ["markdown", "html", "confluence", "pdf", "openapi", "ticket"]
PROFILES = ["web-local", "web-ci", "mobile-emu", "mobile-device"]
ROLES = ["user", "admin", "tester", "reviewer", "service"]
FIRST = ["Ada", "Björn", "Chiara", "Dmitri", "Elif", "Fatima", "Grace", "Hiro", "Inés", "Jean Luc", "Kwame", "Lena",
         "Mary Ann", "Noor", "Olga", "Priya"]
LAST = ["Andersson", "Brandt", "da Silva", "Eriksen", "Fontaine", "Garcia", "Haddad", "Ito", "Jansen", "Kowalski",
        "Lindqvist", "Moreau", "Nakamura", "O'Brien", "Petrova", "van Dijk"]
AREAS = ["Checkout", "Login", "Search", "Invoices", "Notifications", "Profile", "Returns", "Reports", "Onboarding",
         "Payments", "Catalogue", "Permissions"]
ACTIONS = ["accepts a valid request", "rejects an empty field", "keeps the entered data after an error",
           "answers within two seconds", "shows the total with taxes", "sends one message per order",
           "hides what the role may not see", "survives a lost connection", "records who changed what"]


class Maker:
    def __init__(self, seed):
        self.seed, self.r = seed, random.Random(seed)

    def uuid(self):
        return str(uuid.UUID(int=self.r.getrandbits(128), version=4))

    def time(self, days=500):
        return BASE - datetime.timedelta(milliseconds=self.r.randrange(days * 86400000))

    def requirements(self, area, count):
        for n in range(1, count + 1):
            action = self.r.choice(ACTIONS)
            yield {"id": "REQ-%d" % n, "text": "%s %s" % (area, action), "priority": self.r.choice(["high", "medium", "low"]),
                   "tags": [area.lower(), self.r.choice(["smoke", "regression", "security"])],
                   "acceptance": [{"id": "AC-%d" % a, "text": "Given a user, %s %s (case %d)" % (area.lower(), action, a)}
                                  for a in range(1, self.r.randint(2, 4))]}

    def evidence(self, tests):
        """A third fails the first time; most of it passes on a retry or is healed, and little of that is flaky."""
        results, failures, flakes, heal = [], [], [], []
        flaky_left = tests // 10
        for n in range(1, tests + 1):
            test = "AT-%d" % n
            result = {"test_id": test, "status": "passed", "duration_ms": self.r.randint(200, 800), "retries": 0,
                      "error": None, "evidence": ["logs/%s.txt" % test]}
            if self.r.random() < 1 / 3:
                result["retries"] = self.r.randint(1, 2)
                fate = self.r.random()
                if fate < 0.3 and flaky_left:
                    flaky_left -= 1
                    flakes.append(test)
                elif fate < 0.8:
                    heal.append({"test_id": test, "proposal": "wait for the element instead of a fixed time"})
                else:
                    result["status"], result["error"] = "failed", "expected status 200, got 500"
                    failures.append(test)
            results.append(result)
        return {"results": results, "heal_proposals": heal,
                "report": {"summary": "%d of %d passed" % (tests - len(failures), tests), "coverage": self.r.randint(80, 100),
                           "failures": failures, "flakes": flakes, "links": ["reports/index.html"]}}

    def metrics(self, bundle, at):
        results = bundle["results"]
        return {"planned_at": stamp(at), "planning_duration_s": round(self.r.uniform(2, 30), 2),
                "variable_resolution_rate": round(self.r.uniform(0.9, 1), 3),
                "execution_pass_rate": round(1 - len(bundle["report"]["failures"]) / len(results), 3),
                "flake_rate": round(len(bundle["report"]["flakes"]) / len(results), 3),
                "average_retry_count": round(sum(x["retries"] for x in results) / len(results), 3)}

    def outcome(self, n):
        area, at = self.r.choice(AREAS), self.time()
        title = "%s, release %d" % (area, self.r.randint(1, 12))
        requirements = list(self.requirements(area, self.r.randint(6, 10)))
        tests, questions = self.r.randint(12, 20), range(1, 11)
        bundle = self.evidence(tests)
        data = {
            "doc_pack": {"id": "doc-%d-%d" % (self.seed, n), "title": title, "type": self.r.choice(TYPES),
                         "text": " ".join(x["text"] + "." for x in requirements),
                         "sections": [{"id": x["id"].lower(), "title": area, "text": x["text"]} for x in requirements],
                         "links": ["docs/%s.md" % area.lower()], "entities": [area, "user"]},
            "requirements": requirements,
            "traceability": {"entries": [{"requirement_id": x["id"], "candidate_tests": sorted(
                {"AT-%d" % self.r.randint(1, tests) for _ in range(3)})} for x in requirements]},
            "plan": {"strategy": {"scope": area, "risks": ["test data", "third parties"], "priorities": ["high", "medium"]},
                     "sub_questions": [{"id": "S%d" % q, "prompt": "How does %s behave when it %s?" % (area, self.r.choice(ACTIONS)),
                                        "depends_on": ["S%d" % (q - 1)] if q > 1 and self.r.random() < 0.5 else [],
                                        "variable_refs": ["base_url"]} for q in questions],
                     "variables": [{"name": "base_url", "value": "${BASE_URL}"}],
                     "dag_edges": [["S%d" % (q - 1), "S%d" % q] for q in questions if q > 1]},
            "tool_specs": [{"id": "TS-S%d" % q, "tool": "ask", "timeout_s": 90, "quality": ["cited", "complete"]} for q in questions],
            "artifacts": {"test_plan": "Plan for " + title,
                          "manual_tests": ["MT-%d" % m for m in range(1, self.r.randint(3, 6))],
                          "automation_specs": ["AT-%d" % a for a in range(1, tests + 1)], "runbook": "1. Start. 2. Watch."},
            "evidence_bundle": bundle,
            "metrics": self.metrics(bundle, at),
        }
        return {"key": "doc-%d-%d" % (self.seed, n), "doc_title": title, "outcome_data": json_text(data), "created_at": at,
                "updated_at": at}

    def run(self):
        """A run as it stands at the newest version, and what an older one would hold."""
        status = self.r.choices(["completed", "failed", "cancelled", "running", "pending"], [60, 15, 5, 12, 8])[0]
        stuck = status == "running" and self.r.random() < 0.5
        started, profile = self.time(), self.r.choice(PROFILES)
        run = {"id": self.uuid(), "workflow_id": "workflow-%s" % self.r.choice(AREAS).lower(), "status": status, "stuck": stuck,
               "started_at": started, "completed_at": None, "error_message": None, "results": [],
               "created_by": self.r.choice(["ci", "scheduler", "ada", "olga"]),
               "tags": json_text(sorted({profile, self.r.choice(["smoke", "nightly", "release"])})),
               "input_data": json_text({"doc_path": "docs/%d.md" % self.r.randint(1, 500), "profile": profile,
                                        "callback_url": "/callbacks/%d" % self.r.randint(1, 9)})}
        reached = {"pending": 0, "running": self.r.randint(1, 6), "cancelled": self.r.randint(1, 6)}.get(status, len(STAGES))
        output = {"stages": STAGES[:8 if stuck else reached], "callback_error": None}
        if status in ("completed", "failed") or stuck:
            bundle = self.evidence(self.r.randint(12, 18))
            if status == "failed":
                run["error_message"] = "worker_execute_suite: every test failed"
                for x in bundle["results"]:
                    x["status"], x["error"] = "failed", "browser did not start"
            else:
                bundle["results"][0].update(status="passed", error=None)
            output["evidence_bundle"], output["result"] = bundle, {"passed": status != "failed"}
            run["results"] = bundle["results"]
        if run["results"]:
            run["completed_at"] = started + datetime.timedelta(milliseconds=sum(x["duration_ms"] for x in run["results"]))
        elif status == "cancelled":
            run["completed_at"] = started + datetime.timedelta(milliseconds=self.r.randint(10, 60000))
        run["output_data"] = json_text(output) if status != "pending" else None
        run["measured"] = self.r.random() < 0.2
        return run

    def user(self):
        first, last, created = self.r.choice(FIRST), self.r.choice(LAST), self.time(900)
        user = {"id": self.uuid(), "first_name": first, "last_name": last, "full_name": first + " " + last, "created_at": created,
                "role": self.r.choice(ROLES), "status": self.r.choice(["active", "inactive"]), "created_by": "system"}
        user["email"] = "%s@example.org" % user["id"][:8]
        user["no_role"] = user["role"] == "user" and self.r.random() < 0.6
        user["no_status"] = user["status"] == "active" and created > YEAR_2024 and self.r.random() < 0.6
        return user


def stamp(t):
    return t.isoformat(timespec="milliseconds")


def json_text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def run_at(run, version):
    run = dict(run)
    if run["completed_at"]:
        run["duration_ms"] = round((run["completed_at"] - run["started_at"]).total_seconds() * 1000)
    if run["stuck"]:
        if version >= 8:
            run["status"] = "completed"
        else:
            run["completed_at"] = None
    if version < 9 and (run["stuck"] or not run["measured"]):
        run.pop("duration_ms", None)
    run["updated_at"] = run["completed_at"] or run["started_at"]
    return run


def user_at(user, version):
    user = dict(user)
    if version < 3:
        user["role"] = None if user["no_role"] else user["role"]
        user["status"] = None if user["no_status"] else user["status"]
    return user


def user_columns(version):
    names = ["id", "role", "status", "created_at"]
    names += ["first_name", "last_name"] if version < 7 else []
    names += ["email", "created_by"] if version >= 4 else []
    return names + (["full_name"] if version >= 6 else [])


def cell(value):
    if value is None:
        return "\\N"
    text = stamp(value) if isinstance(value, datetime.datetime) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy(out, table, columns, rows):
    out.write("COPY orchestrator.%s (%s) FROM STDIN;\n" % (table, ", ".join(columns)))
    for row in rows:
        out.write("\t".join(cell(row.get(c)) for c in columns) + "\n")
    out.write("\\.\n")


def write(out, a):
    """Each table has a source of chance of its own: its rows do not depend on how many others have."""
    runs = Maker("%d runs" % a.seed)
    made = [runs.run() for _ in range(a.runs)]
    users, outcomes = Maker("%d users" % a.seed), Maker("%d outcomes" % a.seed)
    outcomes.seed = a.seed
    out.write("BEGIN;\n")
    copy(out, "outcomes", ["key", "doc_title", "outcome_data", "created_at", "updated_at"],
         (outcomes.outcome(n) for n in range(1, a.outcomes + 1)))
    copy(out, "runs", ["id", "workflow_id", "status", "input_data", "output_data", "error_message", "started_at", "completed_at",
                       "duration_ms", "created_by", "tags", "updated_at"], (run_at(r, a.at) for r in made))
    if a.at >= 2:
        for role in ROLES:
            out.write("INSERT INTO orchestrator.user_roles (name) VALUES ('%s') ON CONFLICT (name) DO NOTHING;\n" % role)
        copy(out, "users", user_columns(a.at), (user_at(users.user(), a.at) for _ in range(a.users)))
    if a.at >= 8:
        copy(out, "run_results", ["run_id", "test_id", "success", "duration_ms"],
             ({"run_id": r["id"], "test_id": x["test_id"], "success": x["status"] == "passed", "duration_ms": x["duration_ms"]}
              for r in made for x in r["results"]))
    tables = ["outcomes", "runs"] + (["users"] if a.at >= 2 else []) + (["run_results"] if a.at >= 8 else [])
    out.write("COMMIT;\nANALYZE %s;\n" % ", ".join("orchestrator." + t for t in tables))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--outcomes", type=int, default=50)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--at", type=int, default=10, help="version of the schema that the rows are for (1 to 10)")
    write(sys.stdout, parser.parse_args())


if __name__ == "__main__":
    main()
