#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node behind real brokers, spoken to by mosquitto's own clients: every operation, three encodings, notifications
# answered and not, two brokers, TLS and passwords, a broker that keeps its users to their topics, a node that was
# away, and what hostile ones send.
#   usage: mqtt_test.sh dured dure
set -u
story=$(cd "$(dirname "$0")" && pwd)
. "$story/story.sh"
. "$story/broker.sh"
. "$story/certificates.sh"
node=$1
dure=$2

# request OP TO FR RQI [MORE]: a primitive in JSON
request() { printf '{"op":%s,"to":"%s","fr":"%s","rqi":"%s","rvi":"3"%s}' "$1" "$2" "$3" "$4" "${5:-}"; }
# Waits until a command is true; ten seconds.
until_true() {
	for _ in $(seq 200); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}
mqtt_up() { mqtt_patience=1 mqtt_ask req/CAdmin/id-in/json "$(request 2 cse-in CAdmin "up$(date +%N)")" && [ "$rsc" = 2000 ]; }
heard() { grep -q -- "$2" "$dir/$1"; }

# listen FILE TOPIC: what comes there, a line each. answer TOPIC-OF-REQUESTS: somebody who answers all of it.
listeners=""
listen() {
	broker_sub -q 1 -t "$2" -F '%t %p' >"$dir/$1" 2>/dev/null &
	listeners="$listeners $!"
	listening "$2" "$1"
}
# A listener is there when it hears us.
listening() { until_true listening_now "$1" "$2"; }
listening_now() { broker_pub -q 1 -t "$(echo "$1" | sed 's/[+#]/probe/g')" -m '{"probe":1}' && sleep 0.05 && heard "$2" probe; }
answer() {
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	: >"$dir/answered"
	broker_sub -q 1 -t "$1" -F '%t %p' >"$dir/fifo" 2>/dev/null &
	listeners="$listeners $!"
	while read -r topic payload; do
		echo "$topic $payload" >>"$dir/answered"
		rqi=$(echo "$payload" | sed -n 's/.*"rqi":"\([^"]*\)".*/\1/p')
		[ -z "$rqi" ] || broker_pub -q 1 -t "$2" -m '{"rsc":2000,"rqi":"'"$rqi"'"}'
	done <"$dir/fifo" &
	listening "$1" answered
}
end_listeners() {
	for listener in $listeners; do pkill -P "$listener" 2>/dev/null; kill "$listener" 2>/dev/null; done
	listeners=""
}
trap 'end_listeners; broker_end; story_kill; rm -rf "$dir"' EXIT INT TERM

# ---- one broker, nobody has to prove anything ----

# Who publishes at a broker of this machine need not be on this machine.
broker_start plain
story_start "$node" --mqtt-broker "$broker_url"
stranger_up() { mqtt_patience=1 mqtt_ask req/Cx/id-in/json "$(request 2 cse-in Cx "x$(date +%N)")" && [ "$rsc" = 2000 ]; }
check "an AE is believed behind a broker of this machine" until_true stranger_up
mqtt_ask req/CAdmin/id-in/json "$(request 2 cse-in CAdmin x1)"
check "but the administrator is not" is "$rsc" 4107
mqtt_ask req/id-in/id-in/json "$(request 2 cse-in /id-in x2)"
check "nor is who calls himself the node" is "$rsc" 4107
story_stop
rm -rf "$dir/data"

story_start "$node" --mqtt-broker "$broker_url" --mqtt-trust-broker --request-timeout 1s
check "the node comes to its broker" until_true mqtt_up

mqtt_ask reg_req/Cmeter/id-in/json "$(request 1 cse-in Cmeter r1 ',"ty":2,"pc":{"m2m:ae":{"rn":"meter","api":"N.m","rr":true,"srv":["3"]}}')"
check "an AE registers" is "$rsc" 2001
check "and is told its name" has '"aei":"Cmeter"'
mqtt_ask req/Cmeter/id-in/json "$(request 1 cse-in/meter Cmeter r2 ',"ty":3,"pc":{"m2m:cnt":{"rn":"kwh","lbl":["floor:1"]}}')"
check "it makes a container" is "$rsc" 2001
mqtt_ask req/Cmeter/id-in/json "$(request 1 cse-in/meter/kwh Cmeter r3 ',"ty":4,"pc":{"m2m:cin":{"con":"12.50"}}')"
check "and puts a value" is "$rsc" 2001
mqtt_ask req/id-in:Cmeter/id-in/json "$(request 2 cse-in/meter/kwh/la Cmeter r4)"
check "which it reads, under its longer name" has '"con":"12.50"'
mqtt_ask req/Cmeter/id-in "$(request 2 cse-in Cmeter r5 ',"fc":{"fu":1,"lbl":["floor:1"]}')"
check "it discovers, in a topic without type" has '"cse-in/meter/kwh"'
mqtt_ask req/Cmeter/id-in/json "$(request 3 cse-in/meter/kwh Cmeter r6 ',"pc":{"m2m:cnt":{"lbl":["floor:2"]}}')"
check "it updates" is "$rsc" 2004
mqtt_ask req/Cother/id-in/json "$(request 2 cse-in/meter/kwh Cmeter r7)"
check "another topic is another speaker" is "$rsc" 4106

mqtt_ask req/CAdmin/id-in/xml '<?xml version="1.0" encoding="UTF-8"?><m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols"><op>2</op><to>cse-in/meter/kwh</to><fr>CAdmin</fr><rqi>x1</rqi><rvi>3</rvi></m2m:rqp>'
check "XML is answered in XML" has '<rsc>2000</rsc>.*<m2m:cnt rn="kwh">'
printf '\245\142op\002\142to\160cse-in/meter/kwh\142fr\146CAdmin\143rqi\142c1\143rvi\1413' >"$dir/cbor"
mqtt_ask_file req/CAdmin/id-in/cbor "$dir/cbor"
# 63 "rsc" 19 07d0
cbor_is_good() { od -An -tx1 -v "$dir/body" | tr -d " \n" | grep -q 637273631907d0; }
check "CBOR is answered in CBOR" cbor_is_good

# ---- notifications ----

answer /oneM2M/req/id-in/Cmeter/json /oneM2M/resp/id-in/Cmeter/json
mqtt_ask req/Cmeter/id-in/json "$(request 1 cse-in/meter/kwh Cmeter n1 ',"ty":23,"pc":{"m2m:sub":{"rn":"s","nu":["Cmeter"],"enc":{"net":[3]},"nct":1}}')"
check "an AE without a point of access subscribes" is "$rsc" 2001
mqtt_ask req/Cmeter/id-in/json "$(request 1 cse-in/meter/kwh Cmeter n2 ',"ty":4,"pc":{"m2m:cin":{"con":"told"}}')"
check "and is told where it spoke" until_true heard answered '"op":5.*"con":"told"'
mqtt_ask req/Cmeter/id-in/json "$(request 4 cse-in/meter/kwh/s Cmeter n3)"

ask POST Cpoa cse-in 2 '{"m2m:ae":{"rn":"poa","api":"N.p","rr":true,"srv":["3"],"poa":["'"$broker_url"'"]}}'
listen heard.poa /oneM2M/req/id-in/id-in:Cpoa/json
ask POST Cpoa cse-in/poa 3 '{"m2m:cnt":{"rn":"c"}}'
ask POST Cpoa cse-in/poa/c 23 '{"m2m:sub":{"rn":"s","nu":["Cpoa"],"enc":{"net":[3]}}}'
ask POST Cpoa cse-in/poa/c 4 '{"m2m:cin":{"con":"by-poa"}}'
check "an AE that only came by HTTP is told at its mqtt:// point of access" until_true heard heard.poa by-poa

ask POST CAdmin cse-in/poa/c 23 '{"m2m:sub":{"rn":"u","nu":["'"$broker_url"'/some/where"],"enc":{"net":[3]}}}'
check "a subscription to a topic where nobody answers is refused" is "$rsc" 5204
answer some/where /oneM2M/resp/id-in/anybody/json
ask POST CAdmin cse-in/poa/c 23 '{"m2m:sub":{"rn":"u","nu":["'"$broker_url"'/some/where"],"enc":{"net":[3]}}}'
check "and taken where somebody does" is "$rsc" 2001
ask POST Cpoa cse-in/poa/c 4 '{"m2m:cin":{"con":"by-topic"}}'
check "who is told then" until_true heard answered by-topic
end_listeners

# ---- hostile ----

head -c 300 /dev/urandom >"$dir/random"
for type in json xml cbor; do
	broker_pub -q 1 -t "/oneM2M/req/CAdmin/id-in/$type" -f "$dir/random"
	broker_pub -q 1 -t "/oneM2M/req/CAdmin/id-in/$type" -n
done
head -c 1100000 /dev/zero | tr '\0' '[' >"$dir/large"
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/json -f "$dir/large"
head -c 1000000 "$dir/large" >"$dir/deep"
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/json -f "$dir/deep"
long=$(printf '%05000d' 0)
broker_pub -q 1 -t "/oneM2M/req/C$long/id-in/json" -m "$(request 2 cse-in "C$long" h1)"
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/json/more -m "$(request 2 cse-in CAdmin h2)"
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/ -m "$(request 2 cse-in CAdmin h3)"
broker_pub -q 1 -t /oneM2M/resp/id-in/Cmeter/json -m "$(cat "$dir/random" | tr -d '\0')"
mqtt_ask req/CAdmin/id-in/json "$(request 2 cse-in "C$long" h4)"
check "a name of 5,000 letters is refused" is "$rsc" 4106
mqtt_ask req/CAdmin/id-in/json "$(request '"two"' cse-in CAdmin h5)"
check "what makes no sense is refused, if it has an identifier" is "$rsc" 4000
check "the node lives and serves" mqtt_up

# ---- a node that was away ----

broker_pub -r -q 1 -t /oneM2M/req/CAdmin/id-in/json -m "$(request 1 cse-in/poa/c CAdmin once ',"ty":3,"pc":{"m2m:cnt":{"lbl":["retained"]}}')"
retained() { ask GET CAdmin "cse-in/poa/c?fu=1&lbl=retained" && [ "$(grep -o cse-in/poa/c/ "$dir/body" | wc -l)" = 1 ]; }
check "a request that somebody asks the broker to retain is done" until_true retained
check "the node stops" story_stop
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/json -m "$(request 1 cse-in CAdmin a1 ',"ty":3,"pc":{"m2m:cnt":{"rn":"while-away"}}')"
broker_pub -q 1 -t /oneM2M/req/CAdmin/id-in/json -m "$(request 1 cse-in CAdmin a2 ',"ty":3,"rqet":"20250101T000000","pc":{"m2m:cnt":{"rn":"too-late"}}')"
story_start "$node" --mqtt-broker "$broker_url" --mqtt-trust-broker
there() { ask GET CAdmin "cse-in/$1" && [ "$rsc" = 2000 ]; }
check "what came while it was away is done" until_true there while-away
check "the node serves again" until_true mqtt_up
check "what the broker retained is not done again" retained
ask GET CAdmin cse-in/too-late
check "but not what is too late" is "$rsc" 4004
check "the node stops" story_stop

# ---- two brokers at once ----

broker_start second
story_start "$node" --mqtt-broker "$(broker_at plain && echo "$broker_url")" --mqtt-broker "$broker_url" --mqtt-clean --mqtt-qos 0 --mqtt-trust-broker
broker_at plain
check "the node serves at the first of two brokers" until_true mqtt_up
broker_at second
check "and at the second" until_true mqtt_up
broker_kill second
broker_at plain
check "and at the first when the second is dead" mqtt_up
broker_again second
check "and at the second when it is back" until_true mqtt_up
check "the node stops" story_stop
broker_kill second

# ---- TLS, a password, and users who are kept to their topics ----

certificates "$dir/certificates"
mkdir -p "$dir/guarded"
# What `dure credential acl` prints, and somebody whom the broker lets speak but no credential does.
"$dure" credential add --data-dir "$dir/data" --kind mqtt --name meter --originator Cmeter >"$dir/credential" 2>&1
"$dure" credential acl --data-dir "$dir/data" --cse-user dure --cse-id /id-in >"$dir/guarded/acl"
printf '\nuser thief\ntopic write /oneM2M/req/Cthief/+/+\ntopic read /oneM2M/resp/Cthief/#\n' >>"$dir/guarded/acl"
for user in dure meter thief; do
	mosquitto_passwd -b $([ -e "$dir/guarded/users" ] || echo -c) "$dir/guarded/users" $user "word-of-$user"
done 2>/dev/null
broker_start guarded "allow_anonymous false
password_file $dir/guarded/users
acl_file $dir/guarded/acl
cafile $dir/certificates/ca.pem
certfile $dir/certificates/server.pem
keyfile $dir/certificates/server.key"
echo word-of-dure >"$dir/word"
story_start "$node" --mqtt-broker "mqtts://dure@localhost:$broker_port" --mqtt-password-file "$dir/word" \
	--tls-ca "$dir/certificates/ca.pem" --mqtt-trust-broker
as() { mqtt_options="-h localhost --cafile $dir/certificates/ca.pem -u $1 -P word-of-$1"; }
as meter
meter_up() { mqtt_patience=1 mqtt_ask req/Cmeter/id-in/json "$(request 2 cse-in/meter Cmeter "m$(date +%N)")" && [ "$rsc" = 2000 ]; }
check "over TLS and with a password an AE is served in its own topics" until_true meter_up
mqtt_patience=1 mqtt_ask req/CAdmin/id-in/json "$(request 1 cse-in CAdmin g1 ',"ty":3,"pc":{"m2m:cnt":{"rn":"stolen"}}')"
check "the broker lets it speak as nobody else" is "$rsc" ""
as thief
mqtt_patience=1 mqtt_ask req/Cmeter/id-in/json "$(request 1 cse-in/meter Cmeter g2 ',"ty":3,"pc":{"m2m:cnt":{"rn":"stolen"}}')"
check "nor anybody else as it" is "$rsc" ""
mqtt_ask req/Cthief/id-in/json "$(request 2 cse-in Cthief g3)"
check "who has no credential for MQTT is refused" is "$rsc" 4107
ask GET CAdmin cse-in/stolen
check "and nothing of it came through" is "$rsc" 4004
check "the node stops" story_stop
mqtt_options=""

check "no password of ours is in any log" sh -c "! grep -q word-of '$dir/log'"
story_end
