# SPDX-License-Identifier: Apache-2.0
# What the checks share. A check is a script NAME that prints one sentence for each thing found, as
# "file:line: what, and the way out", and at its end "ok NAME - ..." or "not ok NAME - ...".
# With --self-test it proves on a toy tree that it can fail.
set -eu
TOOL=$(cd "$(dirname "$0")" && pwd)
ROOT=${DURE_ROOT:-$(dirname "$TOOL")}
NAME=$(basename "$0")
cd "$ROOT"

# All C files of ours, sorted, one a line.
c_files() {
	for dir in src client cli lab bench story; do
		[ ! -d "$dir" ] || find "$dir" \( -name '*.c' -o -name '*.h' \) -type f
	done | sort
}

# Prints the last line and ends. $1: how many were found; $2: what was looked at.
finish() {
	if [ "$1" -eq 0 ]; then
		echo "ok $NAME - $2"
		exit 0
	fi
	echo "not ok $NAME - $1 found; $2"
	exit 1
}

# For self-tests: a toy tree, files in it, and what the check must say about it.
toy_begin() {
	TOY=$(mktemp -d)
	trap 'rm -rf "$TOY"' EXIT
	TOY_WRONG=0
	mkdir -p "$TOY/src" "$TOY/tool"
}

# put FILE: standard input becomes that file of the toy tree.
put() {
	mkdir -p "$TOY/$(dirname "$1")"
	cat >"$TOY/$1"
}

# must WORDS: the check fails and says these words; must ok: it is content.
must() {
	toy_said=$(DURE_ROOT="$TOY" "$TOOL/$NAME" 2>&1) && toy_r=0 || toy_r=1
	if [ "$1" = ok ]; then
		[ $toy_r -eq 0 ] && return
	else
		case $toy_said in *"$1"*) [ $toy_r -eq 1 ] && return ;; esac
	fi
	echo "$NAME --self-test: expected \"$1\", but it said:"
	echo "$toy_said" | sed 's/^/    /'
	TOY_WRONG=$((TOY_WRONG + 1))
}

toy_end() {
	NAME=$NAME-self-test
	finish "$TOY_WRONG" "toy trees"
}
