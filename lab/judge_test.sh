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

# The same over every binding, in every encoding: what only HTTP could tell is skipped, nothing passes.
"$lab" --node "$node" "$here/untrue.case" --binding all --encoding all --report json "$dir/m.json" --report junit "$dir/m.xml" \
	>"$dir/out" 2>&1
code=$?
ok "nothing untrue passes, whatever the binding and encoding" \
	'[ $code = 1 ] && tail -n 1 "$dir/out" | grep -q "^0 passed, [0-9]* failed" && [ "$(tail -n 1 "$dir/out" | cut -d" " -f3)" -gt $((cases * 10)) ]'
ok "the matrix has a column for each of the twelve" '[ "$(grep "^area" "$dir/out" | grep -o "[a-z]*/[a-z]*" | wc -l)" = 12 ]'
ok "the JSON report too" '[ "$(jq -r ".matrix | keys | length" "$dir/m.json")" = 12 ] && [ "$(jq -r .passed "$dir/m.json")" = 0 ]'
ok "and the JUnit report has its suites" '[ "$(grep -c "<testsuite name=\"[a-z]*/[a-z]* " "$dir/m.xml")" -ge 12 ]'

printf 'case a\nget ~ -> 2000\ncase b\nneeds http\nget ~ -> 4004\ncase c\nraw GET /$cse -> http 200\n' >"$dir/two.case"
"$lab" --node "$node" --binding http,coap --encoding json,cbor --jobs 3 "$dir/two.case" >"$dir/out" 2>&1
code=$?
ok "several ways at once: sums of all of them" '[ $code = 1 ] && [ "$(tail -n 1 "$dir/out")" = "6 passed, 2 failed, 4 skipped" ]'

"$lab" --node "$node" --binding pigeon >"$dir/out" 2>&1
code=$?
ok "an unknown binding ends with 2" '[ $code = 2 ] && grep -q "pigeon is no binding" "$dir/out"'

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
