#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016
#
# The generator, and what each of the ten migrations does to its rows.

load setup

# columns TABLE: name, type, nullability, default
columns() {
	sql "SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NN' ELSE '' END
	            || coalesce(' =' || pg_get_expr(d.adbin, d.adrelid), '')
	       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	      WHERE a.attrelid = 'orchestrator.$1'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
}

@test "the generator: the same seed gives the same bytes, another one others, sizes by argument" {
	small="--runs 50 --users 20 --outcomes 3"
	# shellcheck disable=SC2086
	same "$(scripts/generate.py $small | sha256sum)" "$(scripts/generate.py $small | sha256sum)"
	# shellcheck disable=SC2086
	[ "$(scripts/generate.py $small | sha256sum)" != "$(scripts/generate.py $small --seed 2 | sha256sum)" ]
	want 0 whimbrel up
	want 0 make generate RUNS=123 USERS=45 OUTCOMES=6
	same "$out" "6 outcomes, 123 runs, 45 users"
	want 2 make generate RUNS=123 USERS=45 OUTCOMES=6
	has "$err" 'no row was added'
	want 0 make generate RUNS=1 USERS=1 OUTCOMES=1 SEED=2
	same "$out" "7 outcomes, 124 runs, 46 users"
}

@test "the generator: documents have the parts and ranges that were agreed" {
	generated 1 300
	same "$(sql "SELECT string_agg(k, ' ' ORDER BY k) FROM (SELECT DISTINCT jsonb_object_keys(outcome_data) AS k FROM orchestrator.outcomes) x")" \
		"artifacts doc_pack evidence_bundle metrics plan requirements tool_specs traceability"
	same "$(sql "SELECT count(*) FROM orchestrator.outcomes WHERE jsonb_array_length(outcome_data #> '{plan,sub_questions}') <> 10
	              OR NOT (outcome_data -> 'metrics') ?& '{planned_at,planning_duration_s,variable_resolution_rate,execution_pass_rate,flake_rate,average_retry_count}'
	              OR NOT (outcome_data -> 'doc_pack') ?& '{id,title,type,text,sections,links,entities}'")" 0
	same "$(sql "SELECT bool_and((x ->> 'duration_ms')::int BETWEEN 200 AND 800 AND (x ->> 'retries')::int BETWEEN 0 AND 2)
	               FROM orchestrator.outcomes, jsonb_array_elements(outcome_data #> '{evidence_bundle,results}') x")" t
	same "$(sql "SELECT round(avg((x ->> 'retries' <> '0')::int), 1) FROM orchestrator.runs, jsonb_array_elements(output_data #> '{evidence_bundle,results}') x")" 0.3
	same "$(sql "SELECT string_agg(DISTINCT p, ' ' ORDER BY p) FROM (SELECT input_data ->> 'profile' AS p FROM orchestrator.runs) x")" \
		"mobile-device mobile-emu web-ci web-local"
	same "$(sql "SELECT output_data ->> 'stages' FROM orchestrator.runs WHERE status = 'completed' LIMIT 1" | tr -d ' ')" \
		'["ingest_docs","planner","emit_tool_specs","dispatch_tools","substitute_vars","synthesize_artifacts","worker_execute_suite","collect_evidence","resolver","postmortem_and_heal","completed"]'
}

@test "ten migrations over generated rows: every rule of the data holds afterwards" {
	want 0 make migrate-to VERSION=2
	want 0 make generate RUNS=1500 USERS=200 OUTCOMES=20
	want 0 make migrate
	has "$out" 'Applied 8 migrations'
	want 0 make check-data
	same "$out" "0 rules broken"
	same "$(version)" 10
}

@test "the rules of the data can be broken: each is seen" {
	generated 10
	sql "INSERT INTO orchestrator.runs (workflow_id, status) VALUES ('w', 'odd'), ('w', 'failed');
	     UPDATE orchestrator.runs SET duration_ms = duration_ms + 1 WHERE id = (SELECT id FROM orchestrator.runs WHERE duration_ms > 0 LIMIT 1);
	     UPDATE orchestrator.runs SET status = 'failed' WHERE id = (SELECT run_id FROM orchestrator.run_results WHERE success LIMIT 1);
	     UPDATE orchestrator.users SET role = NULL, full_name = NULL;
	     UPDATE orchestrator.outcomes SET outcome_data = outcome_data - 'plan' WHERE key = 'doc-1-1';
	     UPDATE orchestrator.outcomes SET outcome_data = jsonb_set(outcome_data, '{metrics,flake_rate}', '0.5') WHERE key = 'doc-1-2';
	     ALTER TABLE orchestrator.runs DISABLE TRIGGER update_runs_updated_at"
	want 0 psql_file sql/after_migrate.sql
	want 2 make check-data
	for rule in 'two triggers' 'are the five' 'have completed_at' 'the difference' 'success are completed' 'role and status' \
		'full name' 'eight parts' 'coverage'; do
		has "$out" "broken +.*$rule"
	done
}

psql_file() {
	PGHOST=$POSTGRES_HOST PGUSER=agent PGPASSWORD=password psql -X -q -v ON_ERROR_STOP=1 -f "$1" "$POSTGRES_DB"
}

# What of the rows has to be the same, whichever way they came to version 010.
picture() {
	sql "SELECT key, doc_title, md5(outcome_data::text) FROM orchestrator.outcomes ORDER BY key"
	sql "SELECT id, status, md5(output_data::text), completed_at, duration_ms FROM orchestrator.runs ORDER BY id"
	sql "SELECT id, full_name, role, status, created_by FROM orchestrator.users ORDER BY id"
	sql "SELECT run_id, test_id, success, duration_ms FROM orchestrator.run_results ORDER BY run_id, test_id"
}

@test "rows migrated from version 2 are the rows generated for version 10" {
	generated 2 400
	want 0 whimbrel up
	picture >"$HOME/migrated"
	sql "TRUNCATE orchestrator.run_results, orchestrator.runs, orchestrator.users, orchestrator.outcomes"
	want 0 make generate RUNS=400 USERS=60 OUTCOMES=8
	picture >"$HOME/generated"
	[ "$(wc -l <"$HOME/generated")" -gt 3000 ]
	diff "$HOME/migrated" "$HOME/generated"
}

@test "V001: the tables, indexes and triggers of the original" {
	want 0 whimbrel up --to 1
	same "$(columns outcomes)" "id integer NN =nextval('orchestrator.outcomes_id_seq'::regclass)
key character varying(255) NN
doc_title character varying(255)
outcome_data jsonb NN
created_at timestamp with time zone =now()
updated_at timestamp with time zone =now()"
	same "$(columns runs)" "id uuid NN =uuid_generate_v4()
workflow_id character varying(255) NN
status character varying(50) NN ='pending'::character varying
input_data jsonb
output_data jsonb
error_message text
started_at timestamp with time zone =now()
completed_at timestamp with time zone
duration_ms integer
created_by character varying(255)
tags jsonb ='[]'::jsonb
updated_at timestamp with time zone =now()"
	same "$(sql "SELECT string_agg(indexname || CASE WHEN indexdef LIKE '%USING gin%' THEN ' gin' ELSE '' END, ', ' ORDER BY indexname)
	               FROM pg_indexes WHERE schemaname = 'orchestrator' AND indexname LIKE 'idx%'")" \
		"idx_outcomes_created_at, idx_outcomes_doc_title, idx_outcomes_key, idx_runs_completed_at, idx_runs_created_by, idx_runs_input_data gin, idx_runs_output_data gin, idx_runs_started_at, idx_runs_status, idx_runs_tags gin, idx_runs_workflow_id"
	sql "INSERT INTO orchestrator.runs (workflow_id, updated_at) VALUES ('w', '2001-01-01'); UPDATE orchestrator.runs SET status = 'running'"
	same "$(sql "SELECT updated_at > now() - interval '1 minute' FROM orchestrator.runs")" t
	sql "INSERT INTO orchestrator.outcomes (key, outcome_data, updated_at) VALUES ('k', '{}', '2001-01-01'); UPDATE orchestrator.outcomes SET doc_title = 'T'"
	same "$(sql "SELECT updated_at > now() - interval '1 minute' FROM orchestrator.outcomes")" t
}

@test "V001: how the service uses outcomes: upsert, fetch, list, delete, count" {
	want 0 whimbrel up --to 1
	upsert="INSERT INTO orchestrator.outcomes (key, doc_title, outcome_data) VALUES ('%s', '%s', '{\"n\": %d}') ON CONFLICT (key) DO UPDATE SET doc_title = excluded.doc_title, outcome_data = excluded.outcome_data, updated_at = now()"
	# shellcheck disable=SC2059
	for row in "a One 1" "b One 2" "a Two 3"; do sql "$(printf "$upsert" $row)"; done
	same "$(sql "SELECT outcome_data -> 'n' FROM orchestrator.outcomes WHERE key = 'a'")" 3
	same "$(sql "SELECT key || doc_title FROM orchestrator.outcomes ORDER BY created_at DESC" | tr '\n' ' ')" "bOne aTwo "
	same "$(sql "SELECT count(*) || '/' || count(DISTINCT doc_title) FROM orchestrator.outcomes")" 2/2
	sql "DELETE FROM orchestrator.outcomes WHERE key = 'a'"
	same "$(sql "SELECT count(*) FROM orchestrator.outcomes")" 1
}

@test "V002: roles are unique; V003 fills only the rows that are meant" {
	want 0 whimbrel up --to 2
	same "$(columns user_roles)" "id uuid NN =uuid_generate_v4()
name character varying(100) NN
created_at timestamp with time zone =now()"
	sql "INSERT INTO orchestrator.user_roles (name) VALUES ('admin') ON CONFLICT DO NOTHING"
	run sql "INSERT INTO orchestrator.user_roles (name) VALUES ('admin')"
	[ "$status" -ne 0 ]
	sql "INSERT INTO orchestrator.users (first_name, role, status, created_at) VALUES ('old', NULL, NULL, '2023-06-01'),
	     ('new', NULL, NULL, '2024-06-01'), ('set', 'admin', 'inactive', '2024-06-01')"
	want 0 whimbrel up --to 3
	same "$(sql "SELECT first_name, role, coalesce(status, '-') FROM orchestrator.users ORDER BY 1" | tr '\n' ' ')" \
		"new|user|active old|user|- set|admin|inactive "
}

@test "V004 and V005: the default fills old rows without a rewrite, then goes" {
	want 0 whimbrel up --to 3
	sql "INSERT INTO orchestrator.users (first_name) VALUES ('before')"
	node=$(sql "SELECT pg_relation_filenode('orchestrator.users')")
	want 0 whimbrel up --to 4
	same "$(sql "SELECT pg_relation_filenode('orchestrator.users')")" "$node"
	has "$(columns users)" 'email character varying\(255\)$'
	has "$(columns users)" "created_by character varying\(100\) ='system'"
	same "$(sql "SELECT created_by FROM orchestrator.users")" system
	want 0 whimbrel up --to 5
	sql "INSERT INTO orchestrator.users (first_name) VALUES ('after')"
	same "$(sql "SELECT count(*) FROM orchestrator.users WHERE created_by IS NULL")" 1
}

@test "V006: programs of before and after write side by side; V007 takes the old columns away" {
	want 0 whimbrel up --to 5
	sql "INSERT INTO orchestrator.users (first_name, last_name) VALUES ('Mary Ann', 'Smith'), ('Single', NULL), (NULL, NULL)"
	want 0 whimbrel up --to 6
	same "$(sql "SELECT full_name, first_name, last_name FROM orchestrator.users ORDER BY full_name" | tr '\n' ' ')" \
		"Mary Ann Smith|Mary Ann|Smith Single|Single| || "
	sql "INSERT INTO orchestrator.users (first_name, last_name) VALUES ('Old', 'Program')"
	sql "INSERT INTO orchestrator.users (full_name) VALUES ('New Program')"
	sql "UPDATE orchestrator.users SET last_name = 'Jones' WHERE first_name = 'Mary Ann'"
	sql "UPDATE orchestrator.users SET full_name = 'Married Name' WHERE full_name = 'Single'"
	same "$(sql "SELECT full_name, first_name, last_name FROM orchestrator.users WHERE full_name IS NOT NULL ORDER BY 1" | tr '\n' ' ')" \
		"Married Name|Married|Name Mary Ann Jones|Mary Ann|Jones New Program|New|Program Old Program|Old|Program "
	want 0 whimbrel up --to 7
	lacks "$(columns users)" 'first_name|last_name'
	sql "INSERT INTO orchestrator.users (full_name) VALUES ('Only New')"
	same "$(sql "SELECT count(*) FROM orchestrator.users WHERE full_name IS NOT NULL")" 5
}

@test "V007 does not run while a full name is not the one of its parts" {
	want 0 whimbrel up --to 6
	sql "ALTER TABLE orchestrator.users DISABLE TRIGGER sync_user_names;
	     INSERT INTO orchestrator.users (first_name, last_name, full_name) VALUES ('A', 'B', 'C')"
	want 4 whimbrel up --to 7
	has "$(columns users)" first_name
	same "$(version)" 6
}

@test "V008: results become rows, and a run is completed when one of them is a success" {
	generated 7 300
	stuck=$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'running' AND output_data #> '{evidence_bundle,results}' @> '[{\"status\": \"passed\"}]'")
	[ "$stuck" -gt 0 ]
	done=$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'completed'")
	failed=$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'failed'")
	want 0 whimbrel up --to 8
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'completed'")" $((done + stuck))
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'failed'")" "$failed"
	same "$(sql "SELECT count(*) FROM orchestrator.run_results")" \
		"$(sql "SELECT sum(jsonb_array_length(output_data #> '{evidence_bundle,results}')) FROM orchestrator.runs")"
}

@test "V009: each batch is a transaction of its own, and ends when one touches fewer rows" {
	sed -i 's/batch_size: "1000"/batch_size: "50"/' whimbrel.yaml
	generated 8 600
	open=$(sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL")
	[ "$open" -gt 200 ]
	sql "CREATE TEMP TABLE x AS SELECT 1" # the next transaction ids are ours
	before=$(sql "SELECT max(xmin::text::bigint) FROM orchestrator.runs")
	want 0 whimbrel up --to 9
	same "$(sql "SELECT count(DISTINCT xmin::text::bigint) FROM orchestrator.runs WHERE xmin::text::bigint > $before")" $(((open + 49) / 50))
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL")" 0
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NOT NULL AND completed_at IS NULL")" 0
}

@test "V009: it rests between batches, as long as the environment says" {
	sed -i 's/batch_size: "1000", batch_pause: "0"/batch_size: "100", batch_pause: "0.2"/' whimbrel.yaml
	generated 8 500
	want 0 whimbrel up --to 9 -o json
	has "$out" '"execution_ms": ([6-9]|1[0-9])[0-9]{2}'
}

@test "V010: built without stopping a writer, valid, and used" {
	generated 9 2000
	(for i in 1 2 3 4 5 6 7 8 9 10; do sql "INSERT INTO orchestrator.runs (workflow_id) VALUES ('w$i')"; done) &
	want 0 whimbrel up
	wait $!
	same "$(sql "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid AND c.relname IN ('idx_runs_status_started_at', 'idx_runs_workflow_started_at', 'idx_run_results_success')")" 3
	sql "ANALYZE orchestrator.runs"
	want 0 make bench
	has "$out" '^runs_by_status .*idx_runs_status_started_at'
	same "$(printf '%s\n' "$out" | grep -c ' ms ')" 8
}

@test "every query of the configuration runs" {
	generated 10
	want 0 make migrate
	whimbrel query -o json | python3 -c 'import json, sys; print("\n".join(r["query"] for r in json.load(sys.stdin)["rows"]))' >"$HOME/names"
	[ "$(wc -l <"$HOME/names")" -ge 18 ]
	while read -r name; do want 0 whimbrel query "$name"; done <"$HOME/names"
}

@test "the files keep the rules: names, IF EXISTS, no copied and dropped columns, no server files, no addresses" {
	for path in $migrations/*; do
		has "$(basename "$path")" '^V[0-9]{3}__[a-z0-9_]+\.sql$'
		has "$(cat "$path")" '^-- Migration V[0-9]{3}$'
		has "$(cat "$path")" '^-- (Description|Author|Date): .'
		lacks "$(grep -v '^--' "$path")" 'DROP (TABLE|SCHEMA|FUNCTION|PROCEDURE|TRIGGER|COLUMN|INDEX( CONCURRENTLY)?) [^IC]'
		lacks "$(grep -v '^--' "$path")" 'CREATE (TABLE|SCHEMA|EXTENSION|INDEX( CONCURRENTLY)?) [^IC]'
		lacks "$(cat "$path")" "COPY .* FROM '|[a-z0-9.]+:[0-9]{4}|localhost"
	done
	lacks "$(sed '/migrate:down/,$d' "$(file 006)")" 'DROP COLUMN'
	want 0 whimbrel validate
}
