# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# What the commands share: where the example is, which whimbrel runs, and how a
# number is taken out of its JSON.

caller=$PWD
here=$(cd "$(dirname "$0")" && pwd) || exit 2
cd "$here" || exit 2

if [ -z "${WHIMBREL:-}" ]; then
	WHIMBREL=whimbrel
	if [ -x ../../build/whimbrel ]; then
		WHIMBREL=$here/../../build/whimbrel
	fi
fi
export WHIMBREL

wb() {
	"$WHIMBREL" "$@"
}

# A family of steps with a history of its own: step NAME WHIMBREL_ARGUMENTS...; its files are in the folder NAME.
step() {
	name=$1
	shift
	WHIMBREL_PROJECT=$name "$WHIMBREL" --dir "$name" "$@"
}

# number KEY FILE: the last number or text called KEY in a file of JSON.
number() {
	sed -n 's/.*"'"$1"'": *"\{0,1\}\([-0-9.]*\).*/\1/p' "$2" | tail -n 1
}

# ask FILE WHIMBREL_ARGUMENTS...: its JSON into FILE.
ask() {
	answer=$1
	shift
	wb -o json "$@" >"$answer"
}

# told FILE: the error in that JSON, as whimbrel tells it to people; and the end.
told() {
	sed -n 's/^ *"message": "\(.*\)",\{0,1\}$/error: \1/p; s/^ *"detail": "\(.*\)",\{0,1\}$/  cause: \1/p
		s/^ *"hint": "\(.*\)",\{0,1\}$/  hint: \1/p' "$1" >&2
	exit 1
}

# say WORDS: to people, not into a result.
say() {
	printf '%s\n' "$*" >&2
}

# with_temporary: a folder in $tmp that is gone when the command ends.
with_temporary() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/sark-XXXXXX") || exit 2
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# in_caller PATH: as the caller meant it.
in_caller() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$caller" "$1" ;;
	esac
}

# usage: the command's own head.
usage() {
	sed -n '/^# SPDX/d; /^#!/d; /^#/!q; s/^# \{0,1\}//p' "$here/${0##*/}"
}
