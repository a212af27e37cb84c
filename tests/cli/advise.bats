#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# advise and optimize as commands: what they print, their exit statuses; tests/bench tells whether the advice is good.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	sqlite3 app.db "CREATE TABLE events (id INTEGER PRIMARY KEY, customer INTEGER, kind TEXT, note TEXT);
		CREATE INDEX events_kind ON events (kind);
		CREATE INDEX events_kind_too ON events (kind);
		INSERT INTO events WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 30000)
		SELECT i, i % 3000, 'k' || i % 7, hex(i * 104729) FROM g; ANALYZE;"
	cat >queries.yaml <<-'YAML'
		suite: events
		queries:
		  of_customer:
		    sql: SELECT * FROM events WHERE customer = :customer
		    params: { customer: 77 }
		    target: 1ms
		  broken:
		    sql: SELECT * FROM missing
	YAML
}

@test "advise: sections of the report, what is recommended and why; nothing is changed" {
	before=$(sqlite3 app.db .dump | sha256sum)
	want 0 advise queries.yaml
	has "$out" '^advice for events on SQLite [0-9.]+, generated 20'
	has "$out" '^ +events +events_kind( |$)'
	has "$out" '^ +of_customer +[0-9.]+ +[0-9.]+ +10 +-$'
	has "$out" '^ +broken +failed .*no such table'
	has "$out" 'queries using indexes: 0 of 1$'
	has "$out" '(high|medium|low) +an index on events \(customer\)$'
	has "$out" 'gains [0-9]+ % \([0-9.]+ ms to [0-9.]+ ms\), measured on a copy$'
	has "$out" '^ +CREATE INDEX events_customer_idx ON events \(customer\)$'
	has "$out" 'events_kind_too: .*does all that it is good for'
	[ "$before" = "$(sqlite3 app.db .dump | sha256sum)" ]
	[ "$(ls | sort | tr '\n' ' ')" = "app.db queries.yaml " ]
}

@test "advise: JSON with the keys of the contract, Markdown" {
	want 0 advise queries.yaml -o json
	[ "$(json '[r["sql"] for r in d["recommendations"] if r["kind"] == "index"][0]')" = 'CREATE INDEX events_customer_idx ON events (customer)' ]
	[ "$(json 'all({"query_pattern", "current_performance_ms", "recommendation", "estimated_improvement", "priority", "sql"} <= set(r) for r in d["recommendations"])')" = true ]
	[ "$(json '{r["kind"] for r in d["recommendations"]} == {"index", "drop_index"}')" = true ]
	want 0 advise queries.yaml -o markdown
	has "$out" '^# Advice for events$'
	has "$out" '^## Recommendations$'
	has "$out" '^\| of.{0,1}_customer '
}

@test "optimize: --dry-run prints SQL, then it is done, told in the history, and there is nothing more to do" {
	want 0 optimize queries.yaml --dry-run
	[ "$out" = 'CREATE INDEX events_customer_idx ON events (customer);' ]
	want 0 optimize queries.yaml --drops
	has "$out" 'done +CREATE INDEX events_customer_idx ON events \(customer\)'
	has "$out" 'gained: [0-9.]+ ms to [0-9.]+ ms'
	has "$out" 'done +DROP INDEX'
	[ "$(sqlite3 app.db "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events' ORDER BY name)")" = events_customer_idx,events_kind ]
	want 0 history
	has "$out" 'optimize'
	want 0 optimize queries.yaml --drops
	has "$out" 'nothing to do'
}

@test "optimize: a protected environment asks; a suite that makes no sense has a place" {
	printf 'databases:\n  main: { url: "sqlite:app.db" }\nenvironments:\n  production: { protected: true }\n' >whimbrel.yaml
	want 4 -e production optimize queries.yaml
	has "$err" '\-\-yes'
	want 0 -e production optimize queries.yaml --dry-run
	printf 'suite: x\nqueries:\n  one: { sql: "DELETE FROM events" }\n' >wrong.yaml
	want 65 advise wrong.yaml
	has "$err" 'wrong.yaml:3'
	printf 'suite: x\nqueries:\n\tone: 1\n' >wrong.yaml
	want 65 advise wrong.yaml
	has "$err" 'wrong.yaml:3'
	want 65 optimize wrong.yaml
	want 4 advise queries.yaml --prove planner
	has "$err" 'hypopg'
}

@test "advise and optimize: a query that writes without saying so is told, and changes nothing" {
	printf '  sly: { sql: "WITH x AS (SELECT 5 AS i) DELETE FROM events WHERE id <= (SELECT i FROM x)" }\n' >>queries.yaml
	printf '  asked: { sql: "SELECT :a", params_query: "WITH x AS (SELECT 1) DELETE FROM events RETURNING id AS a" }\n' >>queries.yaml
	before=$(sqlite3 app.db .dump | sha256sum)
	want 0 advise queries.yaml
	has "$out" '^ +sly +failed  +the database cannot be written'
	has "$out" '^ +asked +failed  +the database cannot be written'
	[ "$before" = "$(sqlite3 app.db .dump | sha256sum)" ]
	want 0 optimize queries.yaml
	has "$out" 'done +CREATE INDEX'
	[ "$(sqlite3 app.db "SELECT count(*) FROM events")" = 30000 ]
}

@test "advise and optimize: queries that write run as if each were the first; one that fails midway is told" {
	cat >>queries.yaml <<-'YAML'
		  add: { sql: "INSERT INTO events (id, customer) VALUES (:id, 1)", params: { id: 1000000 }, writes: true }
		  drop: { sql: "DELETE FROM events WHERE note = :note", params: { note: "3139383938" }, writes: true }
		  second: { sql: "SELECT abs(:n) FROM events WHERE customer = 5", params: [ { n: 1 }, { n: -9223372036854775808 } ] }
	YAML
	before=$(sqlite3 app.db .dump | sha256sum)
	want 0 advise queries.yaml
	has "$out" '^ +add +[0-9.]+ '
	has "$out" '^ +drop +[0-9.]+ '
	has "$out" '^ +second +failed .*overflow'
	has "$out" '^ +CREATE INDEX events_customer_idx ON events \(customer\)$'
	[ "$before" = "$(sqlite3 app.db .dump | sha256sum)" ]
	want 0 optimize queries.yaml --dry-run
	[ "$before" = "$(sqlite3 app.db .dump | sha256sum)" ]
}
