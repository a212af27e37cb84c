#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Help, version, usage errors, completion, and that documentation, man pages and
# help are of one mind.

load setup

@test "--version says name and number, and reads nothing" {
	printf 'nonsense: [\n' >whimbrel.yaml
	printf 'nonsense\n' >.env
	want 0 --version
	has "$out" '^whimbrel [0-9]+\.[0-9]+\.[0-9]+'
	want 0 version
	want 0 version -o json
	[ -n "$(json 'd["version"] + d["sqlite"] + d["jansson"]')" ]
	want 0 help
	want 0 completion bash
	want 65 config
}

@test "without a command: the overview on standard error, status 64" {
	want 64
	[ -z "$out" ]
	has "$err" 'Usage: whimbrel'
	has "$err" '^error: no command was given'
}

@test "every command has help of a screen, the same by both ways" {
	want 0 help
	commands=$(printf '%s\n' "$out" | sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p')
	[ "$(printf '%s\n' "$commands" | wc -l)" -ge 23 ]
	for command in $commands; do
		want 0 help "$command"
		first=$out
		want 0 "$command" --help
		[ "$out" = "$first" ]
		[ "$(printf '%s\n' "$out" | wc -l)" -le 41 ]
		has "$out" "^Usage: whimbrel $command"
		has "$out" '^Exit status: 0 '
	done
	want 0 help options
	has "$out" '-o, --output FORMAT'
}

@test "what is mistyped is guessed" {
	want 64 statsu
	has "$err" 'did you mean "whimbrel status"\?'
	want 64 up --lok-wait 3
	has "$err" 'did you mean "--lock-wait"\?'
	want 64 help pln
	has "$err" 'whimbrel help plan'
	want 64 -o jsn status
	has "$err" 'did you mean "json"\?'
	want 64 completion tcsh
	has "$err" 'bash|zsh|fish'
}

@test "commands of later versions are no commands" {
	for command in expand backfill copy serve; do
		want 64 "$command"
		has "$err" 'is no command'
	done
}

@test "usage errors in JSON stand on standard output, wherever -o stands" {
	want 64 up --nonsense -o json
	[ "$(json 'd["error"]["code"]')" = WB_EUSAGE ]
	[ -z "$err" ]
	want 64 -o json frobnicate
	[ "$(json 'sorted(d["error"])')" = '["code", "column", "detail", "file", "hint", "line", "message", "sqlstate", "statement", "version"]' ]
	WHIMBREL_OUTPUT=json want 64 frobnicate
	[ "$(json 'd["error"]["code"]')" = WB_EUSAGE ]
}

@test "documentation is in step with the tables" {
	mkdir docs
	want 0 generate docs docs
	diff -r "$repo/docs/commands" docs/commands
	diff "$repo/docs/configuration.md" docs/configuration.md
}

@test "a man page for each command, and the build lists them all" {
	mkdir man
	want 0 generate man man
	for page in man/*.1; do
		has "$(cat "$repo/docs/man/meson.build")" "'$(basename "$page" .1 | sed 's/^whimbrel-//')(\.1)?'"
		head -n 1 "$page" | grep -q '^\.TH WHIMBREL'
		grep -q '^\.SH NAME' "$page"
		if command -v groff >/dev/null; then
			[ -z "$(groff -man -ww -Tutf8 "$page" 2>&1 >/dev/null)" ]
		fi
	done
	want 0 help
	[ "$(find man -name '*.1' | wc -l)" -eq $(($(printf '%s\n' "$out" | grep -c '^  [a-z]\{2,\} ') + 1)) ]
}

complete_words() { # WORDS…: what bash offers for the last of them
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_whimbrel
	printf '%s ' "${COMPREPLY[@]}"
}

@test "completion for bash completes" {
	"$W" completion bash >script
	# shellcheck disable=SC1091
	. ./script
	[ "$(complete_words whimbrel stat)" = 'status ' ]
	[ "$(complete_words whimbrel -o json up --on-f)" = '--on-failure ' ]
	[ "$(complete_words whimbrel up --on-failure ro)" = 'rollback ' ]
	[ "$(complete_words whimbrel up --on-failure = ro)" = 'rollback ' ]
	[ "$(complete_words whimbrel status -o mark)" = 'markdown ' ]
	[ "$(complete_words whimbrel completion z)" = 'zsh ' ]
	[ "$(complete_words whimbrel --env = staging dow)" = 'down ' ]
}

@test "completion for the other shells is written, and right where they are there" {
	"$W" completion zsh >_whimbrel
	"$W" completion fish >whimbrel.fish
	grep -q '^#compdef whimbrel' _whimbrel
	grep -q -- '-l on-failure' whimbrel.fish
	if command -v zsh >/dev/null; then zsh -n _whimbrel; fi
	if command -v fish >/dev/null; then fish -n whimbrel.fish; fi
}
