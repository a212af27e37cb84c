#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Where values come from: options, environment, .env, whimbrel.yaml.

load setup

setup() {
	case_setup
	mkdir migrations
	migration V001__people.sql '-- migrate:up
CREATE TABLE people (id integer PRIMARY KEY);
-- migrate:down
DROP TABLE people;'
}

value_of() { # KEY [DATABASE]: value and source of a setting, of the JSON in $out
	json "[str(s['value']) + ' ' + str(s['source']) for s in d['settings'] if s['key'] == '$1' and (not '${2-}' or s['database'] == '${2-}')][0]"
}

two_databases() {
	mkdir -p audit
	cp migrations/* audit/
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "sqlite:main.db" }
		  audit: { url: "sqlite:audit.db", dir: audit }
	YAML
}

@test "no configuration: DATABASE_URL and a folder are enough" {
	want 64 status
	has "$err" 'no database was named'
	has "$err" 'DATABASE_URL'
	DATABASE_URL=sqlite:app.db want 0 up
	mkdir -p src/db
	mv migrations src/db/migrations
	DATABASE_URL=sqlite:app.db want 0 status --exit-code
	mv src/db/migrations elsewhere
	DATABASE_URL=sqlite:app.db want 64 status
	has "$err" 'whimbrel init'
	DATABASE_URL=sqlite:app.db want 0 status --exit-code --dir elsewhere
}

@test "config names the source of each value, the stronger one wins" {
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "sqlite:config.db" }
		environments:
		  staging: { lock_wait: 5s, databases: { main: { url: "sqlite:staging.db" } } }
		lock_wait: 7s
	YAML
	want 0 config -o json
	[ "$(value_of url)" = 'sqlite:config.db whimbrel.yaml:2' ]
	[ "$(value_of lock_wait)" = '7s whimbrel.yaml:5' ]
	want 0 config -o json -e staging
	[ "$(value_of url)" = 'sqlite:staging.db whimbrel.yaml:4' ]
	[ "$(value_of lock_wait)" = '5s whimbrel.yaml:4' ]
	printf 'DATABASE_URL=sqlite:dotenv.db\nWHIMBREL_LOCK_WAIT=8s\n' >.env
	want 0 config -o json
	[ "$(value_of url)" = 'sqlite:dotenv.db DATABASE_URL in .env' ]
	[ "$(value_of lock_wait)" = '8s WHIMBREL_LOCK_WAIT in .env' ]
	WHIMBREL_LOCK_WAIT=9s want 0 config -o json
	[ "$(value_of lock_wait)" = '9s WHIMBREL_LOCK_WAIT' ]
	want 0 config -o json --url sqlite:option.db
	[ "$(value_of url)" = 'sqlite:option.db --url' ]
}

@test "a chosen environment is not led elsewhere by DATABASE_URL" {
	cat >whimbrel.yaml <<-'YAML'
		environments:
		  production: { databases: { main: { url: "sqlite:production.db" } } }
	YAML
	DATABASE_URL=sqlite:other.db want 0 up -e production
	[ -e production.db ]
	[ ! -e other.db ]
}

@test "secrets are masked" {
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "postgres://ann:hunter2@db.example/shop" }
		variables: { api_token: hunter2, app_schema: shop }
	YAML
	want 0 config
	lacks "$out$err" hunter2
	has "$out" 'postgres://ann'
	has "$out" 'variables.app_schema +shop'
	want 0 config -o json
	lacks "$out" hunter2
	want 6 status --url 'postgres://ann:hunter2@localhost:1/shop?connect_timeout=2' -o json
	lacks "$out$err" hunter2
}

@test "an unknown key is an error with its place and a guess" {
	printf 'databases:\n  main: { url: x, numberin: strict }\n' >whimbrel.yaml
	want 65 status
	has "$err" 'whimbrel\.yaml:2:19: error: unknown key "databases\.main\.numberin"'
	has "$err" 'did you mean "numbering"\?'
	want 65 status -o json
	[ "$(json '[d["error"]["code"], d["error"]["line"], d["error"]["column"]]')" = '["WB_ECONFIG", 2, 19]' ]
	want 65 -c nowhere.yaml status
	has "$err" 'nowhere\.yaml'
}

@test "an unset variable is named, and only when it is needed" {
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "${WB_TEST_URL}", direct_url: "${WB_TEST_DIRECT}" }
		environments:
		  staging: { databases: { main: { url: "${WB_TEST_STAGING:-sqlite:staging.db}" } } }
	YAML
	want 65 status
	has "$err" 'whimbrel\.yaml:2:16: error: the environment variable WB_TEST_URL is not set'
	want 0 -e staging up
	[ -e staging.db ]
	WB_TEST_URL=sqlite:app.db want 0 up
	has "$err" 'direct_url is left out: the environment variable WB_TEST_DIRECT is not set'
	want 0 validate
	has "$err" 'url is left out'
	has "$out" 'files only'
	want 0 config
	has "$out" 'WB_TEST_URL is not set'
}

@test ".env: syntax errors have a place, and never show the line" {
	printf 'A=1\nPASSWORD hunter2\n' >.env
	want 65 status
	has "$err" '^\.env:2:10: error: "=" is missing after a name'
	lacks "$err" hunter2
}

@test ".env: the real environment wins, a readable password is warned of" {
	cat >.env <<-'ENV'
		# where
		export DATABASE_URL='sqlite:dotenv.db'   # a file
		DB_PASSWORD="hunter2"
	ENV
	chmod 600 .env
	want 0 up
	lacks "$err" warning
	[ -e dotenv.db ]
	DATABASE_URL=sqlite:real.db want 0 up
	[ -e real.db ]
	chmod 644 .env
	want 0 status
	has "$err" 'warning: \.env holds a secret \(DB_PASSWORD\).*chmod 600'
	lacks "$err" hunter2
	want 0 status -q
	[ -z "$err" ]
}

@test ".env: libpq's own variables work from it" {
	printf 'PGHOST=/nowhere/at/all\nPGPORT=1\n' >.env
	want 6 status --url 'postgres:///x?connect_timeout=2'
	has "$err" '/nowhere/at/all'
}

@test "an option with nothing in it is no option left out" {
	DATABASE_URL=sqlite:other.db want 64 up --url ''
	has "$err" '--url needs URL'
	[ ! -e other.db ]
}

@test "a folder called .env is no business of ours" {
	mkdir .env
	want 0 up --url sqlite:app.db
}

@test "several databases: status and validate go over all, others want -d" {
	two_databases
	want 0 status -o json
	[ "$(json '[x["name"] for x in d["databases"]]')" = '["main", "audit"]' ]
	want 1 status --exit-code
	want 0 validate
	has "$out" '== audit =='
	want 64 up
	has "$err" 'main, audit'
	want 0 up -d audit
	[ -e audit.db ]
	[ ! -e main.db ]
	want 64 up -d adit
	has "$err" 'did you mean "audit"\?'
	want 64 status --url sqlite:x.db
	has "$err" '-d NAME'
	DATABASE_URL=sqlite:x.db want 0 up -d main
	[ -e main.db ]
	[ ! -e x.db ]
}

@test "one of several cannot be reached: the others are shown, the status is the worst" {
	two_databases
	sed -i 's|sqlite:audit.db|postgres://localhost:1/x?connect_timeout=2|' whimbrel.yaml
	want 6 status -o json
	[ "$(json 'd["databases"][0]["engine"]')" = sqlite ]
	[ "$(json 'd["databases"][1]["error"]["code"]')" = WB_ECONN ]
}

@test "environments: an unknown one is guessed, a protected one asks" {
	cat >whimbrel.yaml <<-'YAML'
		environments:
		  development: { allow_reset: true }
		  production: { protected: true }
	YAML
	export DATABASE_URL=sqlite:app.db
	want 64 status -e prodution
	has "$err" 'did you mean "production"\?'
	want 0 up -e production
	for command in down redo repair; do
		want 4 "$command" -e production
		has "$err" 'give --yes'
	done
	want 0 down -e production --dry-run
	want 0 down -e production --yes
	want 0 up
	want 4 drop
	has "$err" 'allow_reset'
	want 4 drop -e development
	has "$err" 'give --yes'
	[ -e app.db ]
	want 0 drop -e development --yes
	[ ! -e app.db ]
}

@test "variables of the configuration reach the migrations" {
	printf 'variables: { table_name: towns }\nenvironments: { e: { variables: { table_name: roads } } }\nsubstitute_variables: true\n' >whimbrel.yaml
	migration V002__more.sql '-- migrate:up
CREATE TABLE ${table_name} (id integer);'
	want 0 up --url sqlite:app.db -e e
	[ "$(lite "SELECT count(*) FROM roads")" = 0 ]
}
