#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two nodes: what an AE asks of the other one through its own, by each door that leads there, in JSON and CBOR; and a
# CSE that has no door at all but came by WebSocket.   transit_test.sh DURED DURE
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/story.sh"
. "$here/broker.sh"
NODE_PATH=${NODE_PATH:-$here/../build-npm/node_modules}
export NODE_PATH
dured=$1

others=""
transit_end() {
	for other in $others; do pkill -9 -P "$other" 2>/dev/null; kill -9 "$other" 2>/dev/null; wait "$other" 2>/dev/null; done
	broker_end
	story_kill
	rm -rf "$dir"
}
trap transit_end EXIT INT TERM

until_true() {
	for _ in $(seq 200); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

# ---- id-in, where everybody asks, and id-mn, which answers ----

broker_start plain
"$dured" --data-dir "$dir/mn" --http-listen 127.0.0.1:0 --coap-listen 127.0.0.1:0 --mqtt-broker "$broker_url" --cse-type MN \
	--cse-id /id-mn --cse-name cse-mn 2>>"$dir/log.mn" &
mn=$!
others=$mn
until_true test -s "$dir/mn/coap.port"
story_start "$dured" --mqtt-broker "$broker_url" --coap-listen 127.0.0.1:0 --request-timeout 2s
home=$url mn_url="http://127.0.0.1:$(cat "$dir/mn/http.port")"

at_mn() { url=$mn_url; ask "$@"; url=$home; }
ask POST Cme cse-in 2 '{"m2m:ae":{"rn":"me","api":"N.me","rr":false,"srv":["3"]}}'
at_mn POST CAdmin cse-mn 1 '{"m2m:acp":{"rn":"acp","pv":{"acr":[{"acor":["/id-in/Cme","/id-in"],"acop":63}]},"pvs":{"acr":[{"acor":["CAdmin"],"acop":63}]}}}'
at_mn POST CAdmin cse-mn 3 '{"m2m:cnt":{"rn":"c","lbl":["far"],"acpi":["cse-mn/acp"]}}'
at_mn POST CAdmin cse-mn/c 4 '{"m2m:cin":{"con":"first"}}'
at_mn POST CAdmin cse-mn 3 '{"m2m:cnt":{"rn":"closed"}}'
# id-mn knows id-in, so that it can send things there.
at_mn POST CAdmin cse-mn 16 '{"m2m:csr":{"rn":"up","csi":"/id-in","cb":"/id-in/cse-in","cst":1,"rr":true,"srv":["3"],"poa":["'"$home"'"]}}'
check "the other node is told of its registrar" is "$rsc" 2001

ask GET Cme '~/id-mn/cse-mn/c'
check "a CSE that is not registered is not known" is "$rsc" 4004
ask POST /id-mn cse-in 16 '{"m2m:csr":{"rn":"mn","csi":"/id-mn","cb":"/id-mn/cse-mn","rr":true,"srv":["3"]}}'
check "it registers" is "$rsc" 2001
ask GET Cme '~/id-mn/cse-mn/c'
check "without a point of access it cannot be reached" is "$rsc" 5103
check "which says so in a sentence" has 'CSE /id-mn cannot be reached'

# WHAT POA CSZ: all that goes by this door.
through() {
	ask PUT /id-mn cse-in/mn "" '{"m2m:csr":{"poa":["'"$2"'"],"csz":["'"$3"'"]}}'
	ask GET Cme '~/id-mn/cse-mn/c'
	check "$1, $3: a retrieve is answered" is "$rsc" 2000
	check "$1, $3: with what is there" has '"lbl":\["far"\]'
	ask POST Cme '~/id-mn/cse-mn/c' 4 '{"m2m:cin":{"con":"by '"$1 $3"'","cr":null}}'
	check "$1, $3: a create is done" is "$rsc" 2001
	check "$1, $3: in the name of who asked" has '"cr":"/id-in/Cme"'
	ask GET Cme '~/id-mn/cse-mn/c/la'
	check "$1, $3: and can be seen" has '"con":"by '"$1 $3"'"'
	ask PUT Cme '~/id-mn/cse-mn/c' "" '{"m2m:cnt":{"mni":9}}'
	check "$1, $3: an update" is "$rsc" 2004
	ask GET Cme '~/id-mn/cse-mn?fu=1&lbl=far'
	check "$1, $3: a discovery" has 'cse-mn/c"'
	ask GET Cme '~/id-mn/cse-mn/c?rcn=4&lim=1'
	check "$1, $3: a part says that it is one" grep -qi '^X-M2M-CTS: 1' "$dir/head"
	ask GET Cme '~/id-mn/cse-mn/closed'
	check "$1, $3: a refusal comes through" is "$rsc" 4103
	check "$1, $3: with its sentence" has '/id-in/Cme'
	ask DELETE Cme '~/id-mn/cse-mn/c/la'
	check "$1, $3: a delete" is "$rsc" 2002
}
for csz in json cbor; do
	through http "$mn_url" $csz
	through coap "coap://127.0.0.1:$(cat "$dir/mn/coap.port")" $csz
	through mqtt "$broker_url" $csz
done

# ---- notifications that cross, there and back: by way of id-in, to an AE of id-mn ----

at_mn POST Cfar cse-mn 2 '{"m2m:ae":{"rn":"far","api":"N.far","rr":true,"srv":["3"],"poa":["mqtt://127.0.0.1:'"$broker_port"'/far"],"acpi":["cse-mn/acp"]}}'
check "an AE registers at the other node" is "$rsc" 2001
broker_sub -q 1 -t far -F '%p' >"$dir/far" 2>/dev/null &
others="$others $!"
until_true test -e "$dir/far"
answers() {
	while :; do
		rqi=$(tail -n 1 "$dir/far" | sed -n 's/.*"rqi":"\([^"]*\)".*/\1/p')
		[ -z "$rqi" ] || broker_pub -q 1 -t /oneM2M/resp/id-mn/Cfar/json -m '{"rsc":2000,"rqi":"'"$rqi"'"}'
		sleep 0.05
	done
}
answers &
others="$others $!"
for door in "$mn_url" "coap://127.0.0.1:$(cat "$dir/mn/coap.port")" "$broker_url"; do
	ask PUT /id-mn cse-in/mn "" '{"m2m:csr":{"poa":["'"$door"'"],"csz":["json"]}}'
	ask POST Cme cse-in/me 3 '{"m2m:cnt":{"rn":"told"}}'
	ask POST Cme cse-in/me/told 23 '{"m2m:sub":{"rn":"s","nu":["/id-mn/Cfar"],"enc":{"net":[3]}}}'
	check "it is asked by ${door%%:*}, for its CSE, whether it will be notified" is "$rsc" 2001
	ask DELETE Cme cse-in/me/told
done

# ---- who may, and what goes wrong ----

ask GET Cstranger '~/id-mn/cse-mn/c'
check "who is not registered is not served" is "$rsc" 4103
ask GET /id-mn/Cx '~/id-mn/cse-mn/c'
check "nothing goes back to where it came from" is "$rsc" 4004
ask POST Cme '~/id-mn/cse-mn' 2 '{"m2m:ae":{"api":"N.x","rr":false,"srv":["3"]}}'
check "nobody registers through another" is "$rsc" 4000
at_mn GET CAdmin '~/id-in/cse-in/mn'
check "the other way round: the administrator there is nobody here" is "$rsc" 4103
at_mn GET CAdmin '~/id-in/cse-in'
check "but everybody may see the CSE" is "$rsc" 2000
at_mn GET CAdmin '~/id-elsewhere/x'
check "what nobody knows is asked of the registrar, who does not either" is "$rsc" 4004

ask POST Cme cse-in/me 9 '{"m2m:grp":{"rn":"g","mnm":3,"mid":["/id-mn/cse-mn/c","cse-in/me"]}}'
ask GET Cme cse-in/me/g/fopt
check "members of a group may be elsewhere" has '"rn":"c"'
ask GET Cme '~/id-mn/cse-mn/c?rt=1'
check "whoever does not wait is told where to look" is "$rsc" 1001
result=$(sed -n 's/.*"m2m:uri":"\([^"]*\)".*/\1/p' "$dir/body")
there() { ask GET Cme "$result" && has '"lbl":\["far"\]'; }
check "and finds it there" until_true there

kill -STOP $mn
ask PUT /id-mn cse-in/mn "" '{"m2m:csr":{"poa":["'"$mn_url"'"]}}'
ask GET Cme '~/id-mn/cse-mn/c'
check "who does not answer in time is not waited for" is "$rsc" 4008
kill -CONT $mn
kill -9 $mn
wait $mn 2>/dev/null
ask GET Cme '~/id-mn/cse-mn/c'
check "who is dead is not reached" is "$rsc" 5103

# ---- a CSE behind a WebSocket ----

[ -d "$NODE_PATH/ws" ] && for encoding in json cbor; do
	node "$here/transit_cse.js" "$home" "/id-ws-$encoding" $encoding >"$dir/ws" 2>&1 &
	ws=$!
	others="$others $ws"
	check "ws, $encoding: a CSE without a point of access registers" until_true grep -q ready "$dir/ws"
	ask GET Cme "~/id-ws-$encoding/x"
	check "ws, $encoding: it is asked by its connection" has '"or":"/id-in/Cme"'
	ask POST Cme "~/id-ws-$encoding/x" 3 '{"m2m:cnt":{"rn":"made"}}'
	check "ws, $encoding: to create" is "$rsc" 2001
	ask GET Cme "~/id-ws-$encoding/x?fu=1&lbl=a"
	check "ws, $encoding: to discover" has '"m2m:uril":\["id-ws'
	check "ws, $encoding: and says that there is more" grep -qi '^X-M2M-CTO: 1' "$dir/head"
	ask GET Cme "~/id-ws-$encoding/mine"
	check "ws, $encoding: it refuses" is "$rsc" 4103
	check "ws, $encoding: with its own words" has 'not for /id-in/Cme'
	ask GET Cme "~/id-ws-$encoding/garbage"
	check "ws, $encoding: an answer without content makes no sense" is "$rsc" 5103
	ask GET Cme "~/id-ws-$encoding/slow"
	check "ws, $encoding: silence" is "$rsc" 4008
	kill $ws
	wait $ws 2>/dev/null
	gone() { ask GET Cme "~/id-ws-$encoding/x" && [ "$rsc" = 5103 ]; }
	check "ws, $encoding: it has gone" until_true gone
done
check "the node stops in peace" story_stop
story_end
