#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may speak as whom: proofs right, wrong, of somebody else, revoked while the node runs; a guesser who is slowed
# while others are served; the administrator from beyond; limits that are spent.
#   identity_test.sh DURED DURE
set -u
node=$1 dure=$2
. "$(dirname "$0")/story.sh"

mkdir -p "$dir/data"
credential() { "$dure" credential "$@" --data-dir "$dir/data" 2>>"$dir/log"; }
identifier() { credential list --output json | tr -d '\n ' | sed -n "s/.*\"id\":\"\([^\"]*\)\",\"kind\":\"$1\",\"name\":\"$2\".*/\1/p"; }

# as PROOF METHOD ORIGINATOR PATH [TY [BODY]]: ask, with an Authorization header.
as() {
	proof=$1
	shift
	curl_more="-H@$dir/proof"
	printf 'Authorization: %s\n' "$proof" >"$dir/proof"
	ask "$@"
	curl_more=
}
curl() { command curl --max-time 10 ${curl_more:-} "$@"; }

metric() { command curl -s --max-time 20 "$url/metrics" | sed -n "s/^$1 //p"; }
counted() { n=$(metric "$1"); [ "${n%%.*}" -ge "$2" ] 2>/dev/null || { echo "$1 is \"$n\", expected at least $2"; return 1; }; }
until_true() {
	for _ in $(seq 200); do
		eval "$1" && return 0
		sleep 0.05
	done
	return 1
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

echo 'kim knows this' >"$dir/password"
token=$(credential add --kind token --name meter --originator Cmeter)
fleet=$(credential add --kind token --name fleet --originator 'C*')
credential add --kind password --name kim --originator CAdmin --password-file "$dir/password"
kim="Basic $(printf 'kim:kim knows this' | base64)"
story_start "$node" --authentication always

# ---- proofs ----
ask GET Cmeter cse-in
check "nobody is believed" is "$rsc" 4107
check "who has no proof is told what would do" has 'dure credential'
as "Bearer $token" GET Cmeter cse-in
check "a token proves its originator" is "$rsc" 2000
as "Bearer $token" GET /id-in/Cmeter cse-in
check "in either form" is "$rsc" 2000
as "Bearer $token" GET Cother cse-in
check "and nobody else" is "$rsc" 4106
as "Bearer $token" GET CAdmin cse-in
check "least of all the administrator" is "$rsc" 4106
as "Bearer dure-wrong" GET Cmeter cse-in
check "a wrong token is no proof" is "$rsc" 4107
as "Bearer " GET Cmeter cse-in
check "an empty one is none" is "$rsc" 4107
as "$kim" GET CAdmin cse-in
check "a password proves its user" is "$rsc" 2000
as "$kim" POST Cmeter cse-in 2 '{"m2m:ae":{"api":"N.m","rr":false,"srv":["3"]}}'
check "who may not speak as an AE" is "$rsc" 4106
as "Basic $(printf 'kim:kim knows that' | base64)" GET CAdmin cse-in
check "a wrong password is no proof" is "$rsc" 4107
cp "$dir/body" "$dir/wrong"
as "Basic $(printf 'lee:kim knows that' | base64)" GET CAdmin cse-in
check "nor an unknown user" is "$rsc" 4107
check "and both are told the same" cmp "$dir/wrong" "$dir/body"
as "Basic %%%" GET CAdmin cse-in
check "nor rubbish" is "$rsc" 4107
as "Bearer $fleet" POST "" cse-in 2 '{"m2m:ae":{"api":"N.f","rr":false,"srv":["3"]}}'
check "a star lets an AE register without a name" is "$rsc" 2001
as "Bearer $token" POST "" cse-in 2 '{"m2m:ae":{"api":"N.f","rr":false,"srv":["3"]}}'
check "an exact name does not" is "$rsc" 4106
as "Bearer $token" POST Cmeter cse-in 2 '{"m2m:ae":{"rn":"meter","api":"N.m","rr":false,"srv":["3"]}}'
check "it registers itself" is "$rsc" 2001
check "refusals are counted: unproven" counted 'dure_admission_refused_total{reason="unproven"}' 1
check "of somebody else" counted 'dure_admission_refused_total{reason="somebody_else"}' 4
check "and wrong proofs" counted 'dure_identity_refused_total{kind="token"}' 1
check "of each kind" counted 'dure_identity_refused_total{kind="password"}' 3
check "and right ones" counted 'dure_identity_proven_total{kind="token"}' 5

# ---- the command line ----
echo "$token" >"$dir/token"
cli() { "$dure" --at "$url" "$@" >"$dir/body" 2>&1; }
check "dure brings a token" cli --token-file "$dir/token" --as Cmeter get cse-in/meter
check "or a password" cli --user kim --password-file "$dir/password" get cse-in
check "or has it in the environment" env DURE_TOKEN="$token" "$dure" --at "$url" --as Cmeter get cse-in/meter
check "without one it is refused" sh -c "! '$dure' --at '$url' get cse-in"

# ---- while it runs ----
late=$(credential add --kind token --name late --originator Clate)
late_is() { as "Bearer $late" GET Clate cse-in; [ "$rsc" = "$1" ]; }
check "a new token counts at once" until_true 'late_is 2000'
credential revoke "$(identifier token late)" >/dev/null
check "and a revoked one no more" until_true 'late_is 4107'
as "Bearer $token" GET Cmeter cse-in
check "the others do not notice" is "$rsc" 2000
cp "$dir/data/credentials" "$dir/aside"
echo '{"version": 1, "credentials": [' >"$dir/data/credentials"
check "a broken file is told" until_true 'grep -q "credentials: line" "$dir/log"'
as "Bearer $token" GET Cmeter cse-in
check "and changes nothing" is "$rsc" 2000
mv "$dir/aside" "$dir/data/credentials"

# ---- guessing ----
for i in 1 2 3 4 5 6 7 8; do as "Basic $(printf 'kim:guess %s' "$i" | base64)" GET CAdmin cse-in; done
check "a guesser is not heard for a while" has 'come back in'
as "$kim" GET CAdmin cse-in
check "not even with the right password" is "$rsc" 4107
check "which is counted" counted dure_identity_braked_total 1
as "Bearer $token" GET Cmeter cse-in
check "a right token from there is taken" is "$rsc" 2000
for i in $(seq 40); do
	command curl -s -o /dev/null -u "user$i:guess" -H 'X-M2M-Origin: CAdmin' -H 'X-M2M-RI: 1' -H 'X-M2M-RVI: 3' "$url/cse-in" &
done
began=$(milliseconds)
as "Bearer $token" GET Cmeter cse-in
took=$(($(milliseconds) - began))
wait_for_guessers() { for job in $(jobs -p); do [ "$job" = "$pid" ] || wait "$job"; done; }
wait_for_guessers
check "guessers do not hold up others (took $took ms)" [ "$took" -lt 2000 ]
check "nothing secret stands in the log" sh -c "! grep -q -e '$token' -e 'kim knows' -e argon2 -e sha256: -e guess '$dir/log'"
story_stop
rm -rf "$dir/data"
mkdir "$dir/data"

# ---- limits ----
"$node" --help | grep -q quota-requests || { echo "# this dured has no quotas"; story_end; exit 0; }
token=$(credential add --kind token --name meter --originator Cmeter)
other=$(credential add --kind token --name other --originator Cother)
credential add --kind password --name kim --originator CAdmin --password-file "$dir/password"
story_start "$node" --authentication always --quota-requests 50 --quota-bytes 20k --quota-resources 5 --quota-subscriptions 2
as "Bearer $token" POST Cmeter cse-in 2 '{"m2m:ae":{"rn":"m","api":"N.m","rr":true,"srv":["3"]}}'
check "an AE, one resource" is "$rsc" 2001
for i in 1 2 3; do as "Bearer $token" POST Cmeter cse-in/m 23 '{"m2m:sub":{"nu":["Cmeter"],"enc":{"net":[3]}}}'; done
check "a third subscription is one too many" is "$rsc" 4139
check "with figures" has '2 of 2 subscriptions'
for i in 1 2 3; do as "Bearer $token" POST Cmeter cse-in/m 3 "{\"m2m:cnt\":{\"rn\":\"c$i\"}}"; done
check "a sixth resource is one too many" is "$rsc" 4139
check "with figures, too" has '5 of 5 resources'
as "Bearer $token" POST Cmeter cse-in/m/c1 4 '{"m2m:cin":{"con":"1"}}'
check "readings are not counted" is "$rsc" 2001
as "Bearer $token" DELETE Cmeter cse-in/m/c2
as "Bearer $token" POST Cmeter cse-in/m 3 '{"m2m:cnt":{"rn":"c3"}}'
check "who deletes may create" is "$rsc" 2001
as "$kim" POST CAdmin cse-in/m 3 '{"m2m:cnt":{"rn":"c4"}}'
check "the administrator has no limits" is "$rsc" 2001

# One hammers, on many connections; another one asks now and then.
seq 3000 | xargs -P 8 -n 300 sh -c 'for i; do echo "url = \"'"$url"'/cse-in\""; echo "output = /dev/null"; done | curl -s -K - -H "Authorization: Bearer '"$token"'" -H "X-M2M-Origin: Cmeter" -H "X-M2M-RI: 1" -H "X-M2M-RVI: 3" -D -' sh >"$dir/hammer" 2>/dev/null &
hammer=$!
slowest=0 refused=0
for i in $(seq 15); do
	began=$(milliseconds)
	as "Bearer $other" GET Cother cse-in
	took=$(($(milliseconds) - began))
	[ "$took" -le "$slowest" ] || slowest=$took
	[ "$rsc" = 2000 ] || refused=$((refused + 1))
done
wait "$hammer"
check "while one hammers another is served" is "$refused" 0
check "and promptly (slowest $slowest ms)" [ "$slowest" -lt 1500 ]
check "who hammers is told to come back" grep -q 'X-M2M-RSC: 4139' "$dir/hammer"
check "and the rest of his requests was served" grep -q 'X-M2M-RSC: 2000' "$dir/hammer"
served() { as "Bearer $token" GET Cmeter cse-in; [ "$rsc" = 2000 ]; }
check "a moment later he is heard again" until_true served
large=$(head -c 60000 /dev/zero | tr '\0' x)
as "Bearer $other" POST Cother cse-in/m/c1 4 "{\"m2m:cin\":{\"con\":\"$large\"}}"
as "Bearer $other" GET Cother cse-in
check "bytes are charged" has '20480 bytes a second'
for reason in requests bytes resources subscriptions; do
	check "refusals for $reason are counted" counted "dure_admission_refused_total{reason=\"$reason\"}" 1
done
story_stop
rm -rf "$dir/data"
mkdir "$dir/data"

. "$(dirname "$0")/identity_pretence.sh"
. "$(dirname "$0")/identity_secured.sh"
. "$(dirname "$0")/identity_beyond.sh"
story_end
