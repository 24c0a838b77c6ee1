#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The judge is judged: every story of untrue.case must fail; exit codes and reports are what the manual says.
# usage: judge_test.sh DURE-LAB DURED-VIRTUAL LAB-FOLDER
lab=$1 node=$2 here=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/tmp"
export TMPDIR="$dir/tmp"
n=0

ok() { n=$((n + 1)); if eval "$2"; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi; }

"$lab" --node "$node" "$here/untrue.case" --report json "$dir/r.json" --report junit "$dir/r.xml" --record "$dir/r.lines" \
	>"$dir/out" 2>&1
code=$?
cases=$(grep -c '^case ' "$here/untrue.case")
ok "nothing untrue passes" '[ "$(tail -n 1 "$dir/out")" = "0 passed, $cases failed" ]'
ok "a failure ends with 1" '[ $code = 1 ]'
ok "the answer is told" 'grep -q "answer *4004" "$dir/out"'
ok "the JSON report counts them" 'grep -q "\"failed\":$cases,\"skipped\":0" "$dir/r.json"'
ok "the JUnit report counts them" 'grep -q "tests=\"$cases\" failures=\"$cases\"" "$dir/r.xml"'
ok "the answers are recorded" '[ "$(wc -l <"$dir/r.lines")" -gt 10 ]'

"$lab" --node "$node" "$here/cases/gen" --only "gen-ret-00*" >"$dir/out" 2>&1
code=$?
ok "what is true passes and ends with 0" '[ $code = 0 ] && grep -q "^6 passed, 0 failed$" "$dir/out"'

"$lab" --at http://127.0.0.1:9 "$here/cases/gen" >"$dir/out" 2>&1
code=$?
ok "a server that is not there ends with 2" '[ $code = 2 ] && grep -q "nobody listens" "$dir/out"'

printf 'case x\nfly ~\n' >"$dir/bad.case"
"$lab" --list "$dir/bad.case" >"$dir/out" 2>&1
code=$?
ok "a case that cannot be read ends with 2 and its place" '[ $code = 2 ] && grep -q "bad.case:2:1: expected a verb" "$dir/out"'

"$lab" --nonsense >"$dir/out" 2>&1
code=$?
ok "an unknown option ends with 2" '[ $code = 2 ] && grep -q "no option --nonsense" "$dir/out"'

printf 'case x\nneeds teleport\nget ~\ncase y\npass 1s\nget ~\n' >"$dir/skip.case"
"$lab" --node "$node" --lacks teleport "$dir/skip.case" >"$dir/out" 2>&1
ok "what is lacked is skipped, with the reason" 'grep -q "skipped.*teleport" "$dir/out" || grep -q "1 passed, 0 failed, 1 skipped" "$dir/out"'

ok "no directory of a node is left" '[ -z "$(ls "$dir/tmp")" ]'
echo "1..$n"
