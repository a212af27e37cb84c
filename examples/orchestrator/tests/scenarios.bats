#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# scenarios/: what they say holds, and one of them finds what it is there to find.

load setup

@test "scenarios pass on scratch databases, and the database is left alone" {
	want 0 whimbrel test scenarios
	has "$out" '7 passed, 0 failed'
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname IN ('orchestrator', 'whimbrel')")" 0
}

@test "round trip, idempotence and data of the ten migrations; three have no way back" {
	want 0 whimbrel test --suites roundtrip,idempotence,data
	has "$out" 'skip +roundtrip +003 .*cannot be reverted'
	has "$out" 'skip +roundtrip +007 .*cannot be reverted'
	has "$out" '18 passed, 0 failed, 4 skipped'
}

@test "a trigger that forgets a program is found" {
	sed -i '/^CREATE OR REPLACE TRIGGER/,/;$/d' "$migrations"/V006*.sql
	want 1 whimbrel test scenarios
	has "$out" 'users: V006 carries the writes of either program over to the other'
}
