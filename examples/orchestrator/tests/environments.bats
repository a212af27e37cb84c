#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Development, staging, production: one change on its way through the three,
# with backups, confirmations and approvals; and everything else that needs a
# backup.

load setup

# dump_of NAME: the file of a backup.
dump_of() { printf '%s' backups/"$1".dump; }

count() { find backups -name "${1:-*}.dump" 2>/dev/null | wc -l; }

@test "one change from development over staging to production" {
	# Development, on rows of its own, over and over.
	want 0 make migrate-to VERSION=2
	want 0 make generate RUNS=200 USERS=50 OUTCOMES=5
	want 0 make migrate-dry migrate check-data
	[ ! -d backups ]
	answers=$'yes\n' want 0 make db-reset

	# Staging: stands at 7 with rows; validate, backup, migrate, status.
	export ENVIRONMENT=staging POSTGRES_DB=${POSTGRES_DB}_2
	want 0 make migrate-once VERSION=7
	want 0 make generate RUNS=200 USERS=50 OUTCOMES=5
	before=$(count)
	want 0 make deploy
	has "$out" '^valid: 10 files'
	has "$out" 'Applied 3 migrations'
	has "$out" 'Pending +0 migrations'
	same "$(count)" $((before + 1))
	want 0 make check-data health

	# Production: backup, approval, validate, dry run, confirmation, migrate, status.
	export ENVIRONMENT=production POSTGRES_DB=${POSTGRES_DB%_2}
	want 0 whimbrel -e development down --to 7
	want 0 make approve APPROVED_BY=grace
	has "$out" 'CREATE INDEX CONCURRENTLY'
	answers=$'production\n' want 0 make deploy
	has "$out" 'approved by grace'
	has "$out" 'Applied 3 migrations'
	has "$out" 'Pending +0 migrations'
	[ -e "$(dump_of "pre-migration-$(date +%Y%m%d)")" ]
	want 0 make health
	want 0 scripts/whimbrel query audit
	has "$out" 'backup'
}

@test "production: nothing happens without an approval, with one for another plan, or without the word" {
	want 0 whimbrel up --to 7
	export ENVIRONMENT=production
	want 2 make migrate
	has "$err" 'nobody has approved this plan \(008, 009, 010\)'
	has "$err" 'Error 4'
	want 0 make approve APPROVED_BY=grace VERSION=8
	answers=$'production\n' want 2 make migrate
	for no in '' $'no\n' $'yes\n'; do answers=$no want 2 make migrate-to VERSION=8; done
	same "$(version)" 7
	sed -i 's/^-- migrate:verify/-- one more line\n&/' "$(file 008)"
	answers=$'production\n' want 2 make migrate-to VERSION=8
	has "$err" 'nobody has approved'
	want 2 make approve
	has "$err" 'APPROVED_BY'
	want 0 make approve APPROVED_BY=ada VERSION=8
	answers=$'production\n' want 0 make migrate-to VERSION=8
	same "$(version)" 8
}

@test "production asks before anything goes back or is repaired; without an environment, too" {
	want 0 whimbrel up
	for environment in production ''; do
		WHIMBREL_ENV=$environment want 4 whimbrel down
		has "$err" 'yes'
	done
	ENVIRONMENT=production want 4 scripts/whimbrel down
	sed -i 's/^UPDATE/-- a comment\nUPDATE/' "$(file 003)"
	ENVIRONMENT=production want 4 scripts/whimbrel repair --reason x
	same "$(version)" 10
	ENVIRONMENT=production want 0 scripts/whimbrel repair --reason x --yes
	ENVIRONMENT=production want 0 scripts/whimbrel down --yes
	same "$(version)" 9
}

@test "staging takes a backup before every run that does something, and none otherwise" {
	export ENVIRONMENT=staging
	want 0 make migrate-to VERSION=3
	first=$(count)
	want 0 make migrate
	same "$(count)" $((first + 1))
	want 0 make migrate migrate-dry migrate-status
	same "$(count)" $((first + 1))
}

@test "no backup, no run: where none can be written, nothing is migrated" {
	want 0 whimbrel up --to 7
	printf 'in the way' >backups
	run make migrate ENVIRONMENT=staging
	[ "$status" -ne 0 ]
	same "$(version)" 7
}

@test "db-backup: the name that is given, or the environment's; for the owner's eyes only" {
	want 0 whimbrel up
	want 0 make db-backup BACKUP_NAME=mine
	same "$(stat -c %a "$(dump_of mine)")" 600
	want 0 make db-backup
	same "$(find backups -name '*.dump' | grep -cE '/backup-[0-9]{8}-[0-9]{6}\.dump$')" 1
	want 0 make db-backup ENVIRONMENT=production
	[ -e "$(dump_of "pre-migration-$(date +%Y%m%d)")" ]
	want 0 make db-backup ENVIRONMENT=production
	same "$(find backups -name '*.dump' | grep -cE '/pre-migration-[0-9]{8}-[0-9]{6}\.dump$')" 1
	want 2 make db-backup BACKUP_NAME=mine
	want 0 make backups
	has "$out" 'mine'
}

@test "db-restore: refused without a file, with one that is not there, without a yes, and changed on disk" {
	generated 10 30
	want 0 make db-backup BACKUP_NAME=clean
	sql "DELETE FROM orchestrator.runs"
	want 2 make db-restore
	has "$err" 'Error 1'
	want 2 make db-restore BACKUP_FILE=backups/nothing.dump
	has "$err" 'there is no backup'
	for no in '' $'no\n'; do answers=$no want 2 make db-restore BACKUP_FILE=backups/clean.dump; done
	cp -p backups/clean.dump "$HOME/whole"
	printf 'x' | dd of=backups/clean.dump bs=1 seek=3000 conv=notrunc status=none
	answers=$'yes\n' want 2 make db-restore BACKUP_FILE=backups/clean.dump
	same "$(sql "SELECT count(*) FROM orchestrator.runs")" 0
	cp -p "$HOME/whole" backups/clean.dump
	answers=$'yes\n' want 0 make db-restore BACKUP_FILE=backups/clean.dump
	same "$(sql "SELECT count(*) FROM orchestrator.runs")" 30
}

@test "restore, then migrate: the rows are those of the backup, carried to the newest version" {
	generated 7 200
	names=$(sql "SELECT md5(string_agg(full_name, ',' ORDER BY id)) FROM orchestrator.users")
	want 0 make db-backup BACKUP_NAME=seven
	want 0 make migrate
	sql "TRUNCATE orchestrator.users; UPDATE orchestrator.runs SET status = 'broken'"
	answers=$'yes\n' want 0 make db-restore BACKUP_FILE=seven
	same "$(version)" 7
	want 0 make migrate check-data
	same "$(version)" 10
	same "$(sql "SELECT md5(string_agg(full_name, ',' ORDER BY id)) FROM orchestrator.users")" "$names"
	same "$(sql "SELECT count(*) FROM schema_migrations WHERE success")" 10
}

@test "the contraction V007 has its way back in the backup of the run" {
	export ENVIRONMENT=staging
	want 0 make migrate-to VERSION=6
	want 0 make generate RUNS=10 USERS=40 OUTCOMES=1
	rows=$(sql "SELECT md5(string_agg(concat(first_name, '/', last_name), ',' ORDER BY id)) FROM orchestrator.users")
	want 0 make migrate-to VERSION=7
	newest=$(find backups -name '*.dump' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2)
	answers=$'yes\n' want 0 make db-restore BACKUP_FILE="$newest"
	same "$(version)" 6
	same "$(sql "SELECT md5(string_agg(concat(first_name, '/', last_name), ',' ORDER BY id)) FROM orchestrator.users")" "$rows"
}

@test "a failure in staging can go back to the backup of the run" {
	generated 6 50
	sed -i 's/^-- migrate:verify/SELECT 1\/0;\n&/' "$(file 008)"
	want 3 whimbrel -e staging up --on-failure restore
	same "$(version)" 6
	same "$(sql "SELECT count(*) FROM orchestrator.users WHERE first_name IS NOT NULL")" 60
}

@test "retention: 7, 30 and 90 days by environment; the newest always stays" {
	want 0 whimbrel up --to 2
	age() { # NAME DAYS: as if it were that old
		python3 - "$1" "$2" <<-'PYTHON'
			import datetime, json, os, sys
			path = "backups/%s.dump" % sys.argv[1]
			then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=int(sys.argv[2]))
			for manifest in (path + ".json", "backups/%s.json" % sys.argv[1]):
			    if os.path.exists(manifest):
			        m = json.load(open(manifest))
			        m.update({k: then.strftime("%Y-%m-%dT%H:%M:%SZ") for k in m if k.endswith(("_at", "time", "created", "finished", "started"))})
			        json.dump(m, open(manifest, "w"))
			        os.utime(manifest, (then.timestamp(), then.timestamp()))
			os.utime(path, (then.timestamp(), then.timestamp()))
		PYTHON
	}
	for days in 1 8 31 91 200; do
		want 0 make db-backup BACKUP_NAME=d$days
		age d$days $days
	done
	names() { find backups -name '*.dump' -printf '%f\n' | sort -V | tr '\n' ' '; }
	want 0 make backups-prune ENVIRONMENT=production
	same "$(names)" "d1.dump d8.dump d31.dump "
	want 0 make backups-prune ENVIRONMENT=staging
	same "$(names)" "d1.dump d8.dump "
	want 0 make monthly
	same "$(names)" "d1.dump "
	want 0 make backups-prune RETENTION_DAYS=0
	same "$(names)" "d1.dump "
}

@test "RUNBOOK: staging" {
	generated 7
	doc RUNBOOK.md "Staging"
	same "$(version)" 10
}

@test "RUNBOOK: production" {
	generated 7
	answers=$'production\n' doc RUNBOOK.md "Production"
	same "$(version)" 10
	has "$out" '^OK$'
}

@test "RUNBOOK: backups" {
	want 0 whimbrel up
	doc RUNBOOK.md "Backups"
	has "$out" 'before-the-fair'
}

@test "RUNBOOK: restore" {
	want 0 whimbrel up
	answers=$'yes\n' doc RUNBOOK.md "Restore"
}

@test "RUNBOOK: rollback after data corruption" {
	generated 6
	want 0 make db-backup BACKUP_NAME=clean
	want 0 whimbrel up
	sql "UPDATE orchestrator.runs SET status = 'broken'"
	answers=$'yes\n' doc RUNBOOK.md "Rollback after data corruption"
	same "$(version)" 7
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE status = 'broken'")" 0
}

@test "RUNBOOK: rollback of a schema change" {
	want 0 whimbrel up
	doc RUNBOOK.md "Rollback of a schema change"
	same "$(version)" 9
	[ -s "$migrations/V011__take_back_what_v010_did.sql" ]
}

@test "RUNBOOK: full recovery" {
	export POSTGRES_HOST=$HOME/pg
	want 0 make up migrate-once
	want 0 make generate RUNS=20 USERS=5 OUTCOMES=2
	want 0 make db-backup BACKUP_NAME=clean
	sql "DROP SCHEMA orchestrator CASCADE"
	answers=$'yes\n' doc RUNBOOK.md "Full recovery"
	same "$(sql "SELECT count(*) FROM orchestrator.runs")" 20
	want 0 make clean
}

@test "RUNBOOK: housekeeping" {
	generated 10 100
	want 0 make migrate db-backup
	doc RUNBOOK.md "Housekeeping"
	same "$(printf '%s\n' "$out" | grep -c ' ms ')" 8
}

@test "TROUBLESHOOTING: the disk fills" {
	generated 10 20
	want 0 make db-backup
	doc TROUBLESHOOTING.md "The disk fills"
	has "$out" '^orchestrator +runs +20 '
}
