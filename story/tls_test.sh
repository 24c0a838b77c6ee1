#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# HTTPS from outside: curl and openssl against a real node; good and bad certificates at both ends, keys, files read
# again under living connections, plain text and half handshakes at the door, notifications to https targets.
# usage: tls_test.sh DURED DURE TLS_FLOOD
set -u
node=$1 dure=$2 flood=$3
. "$(dirname "$0")/story.sh"
. "$(dirname "$0")/certificates.sh"
certs=$dir/certs
helpers=""
trap 'story_kill; for helper in $helpers; do kill -9 "$helper" 2>/dev/null; done; rm -rf "$dir"' EXIT INT TERM

certificates "$certs"
check "certificates can be made" test -s "$certs/crl.pem"
for kind in pem key; do cp "$certs/server.$kind" "$certs/live.$kind"; done
cp "$certs/crl.pem" "$certs/live-crl.pem"

credential() { "$dure" --data-dir "$dir/data" credential add "$@" 2>>"$dir/log"; }
mkdir "$dir/data"
credential --kind certificate --name URI:https://dure.test/id-in/Cclient --originator Cclient
credential --kind certificate --certificate "$certs/client-second.pem" --originator Csecond
token=$(credential --kind token --originator 'Ctoken')
key=$(credential --kind psk --name meter@dure.test --originator Cmeter)

start() {
	rm -f "$dir/data/https.port"
	story_start "$node" --https-listen 127.0.0.1:0 --tls-cert "$certs/live.pem" --tls-key "$certs/live.key" \
		--tls-ca "$certs/ca.pem" --tls-crl "$certs/live-crl.pem" "$@"
	port=$(cat "$dir/data/https.port")
	plain=$url url=https://localhost:$port
}
# What stands in `with` are arguments of curl, in the calls of `ask` that follow.
curl() { command curl --cacert "$certs/ca.pem" --max-time 10 $with "$@"; }
with=""
as() { with="--cert $certs/$1.pem --key $certs/$1.key"; }
log_has() { grep -q -- "$1" "$dir/log" || { echo "no $1 in the log"; tail -n 5 "$dir/log"; return 1; }; }
# Waits until a command is true, ten seconds at most.
soon() { for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done; "$@"; }

# ---- bad files ----
for bad in "none server.key" "server server-second.key" "server-expired server-expired.key" "openssl.log server.key"; do
	set -- $bad
	timeout 10 "$node" --data-dir "$dir/x" --http-listen 127.0.0.1:0 --https-listen 127.0.0.1:0 --tls-cert "$certs/$1.pem" \
		--tls-key "$certs/$2" 2>"$dir/body"
	check "$1 with $2 is refused, with the name of the file" grep -q "$certs/$1.pem" "$dir/body"
done
timeout 10 "$node" --data-dir "$dir/x" --http-listen 127.0.0.1:0 --https-listen 127.0.0.1:0 2>"$dir/body"
check "a TLS port needs a certificate" has tls-cert

# ---- who is who ----
start --http-head-timeout 3s
as client
ask POST Cclient cse-in 2 '{"m2m:ae":{"rn":"client","api":"N.a","rr":false,"srv":["3"]}}'
check "an AE registers by its certificate" is "$rsc" 2001
for version in 1.2 1.3; do
	as client
	with="$with --tlsv$version --tls-max $version"
	ask GET Cclient cse-in/client
	check "TLS $version with a certificate" is "$rsc" 2000
done
with="--tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0"
ask GET Cclient cse-in/client
check "TLS 1.1 is not spoken" is "$status" 000
as client
ask GET Csecond cse-in/client
check "the certificate of another is 4106" is "$rsc" 4106
as client-second
ask POST Csecond cse-in 2 '{"m2m:ae":{"rn":"second","api":"N.a","rr":false,"srv":["3"]}}'
check "a certificate known by its fingerprint" is "$rsc" 2001
as client-middle
ask GET Cclient cse-in/client
check "a certificate by way of another authority" is "$rsc" 2000
with=""
ask GET Cclient cse-in/client
check "without a proof it is 4107, also on loopback" is "$rsc" 4107
with="--oauth2-bearer $token"
ask POST Ctoken cse-in 2 '{"m2m:ae":{"rn":"token","api":"N.a","rr":false,"srv":["3"]}}'
check "a token does without a certificate" is "$rsc" 2001
with="--oauth2-bearer wrong"
ask GET Ctoken cse-in/token
check "a wrong token is 4107" is "$rsc" 4107
for bad in client-expired client-stranger client-wrong-usage client-revoked; do
	as $bad
	ask GET Cclient cse-in/client
	check "$bad: the handshake is refused" is "$status" 000
done
check "the log says why: expired" log_has "certificate has expired"
check "usage" log_has "unsuitable certificate purpose"
check "revoked" log_has "certificate revoked"

# ---- keys ----
ask_psk() { # VERSION SUITES KEY: the code of the answer
	{
		printf 'GET /cse-in HTTP/1.1\r\nHost: a\r\nX-M2M-Origin: Cmeter\r\nX-M2M-RI: 1\r\nX-M2M-RVI: 3\r\nConnection: close\r\n\r\n'
		soon grep -q X-M2M-RSC "$dir/body"
	} | timeout 10 openssl s_client -connect "127.0.0.1:$port" "$1" $2 -psk_identity meter@dure.test -psk "$3" -quiet \
		>"$dir/body" 2>/dev/null
	sed -n 's/^X-M2M-RSC: //p' "$dir/body" | tr -d '\r'
}
for way in "-tls1_3" "-tls1_2 -cipher PSK-AES128-CBC-SHA256" "-tls1_2 -cipher ECDHE-PSK-AES128-CBC-SHA256"; do
	set -- $way
	version=$1
	shift
	: >"$dir/body"
	check "a key, $way" is "$(ask_psk "$version" "$*" "$key")" 2000
done
printf '' | timeout 10 openssl s_client -connect "127.0.0.1:$port" -tls1_3 -psk_identity meter@dure.test -psk 00112233445566778899aabbccddeeff >"$dir/body" 2>&1
check "a wrong key gets nowhere" has "alert"

# ---- new files ----
mkfifo "$dir/speak"
openssl s_client -connect "127.0.0.1:$port" -CAfile "$certs/ca.pem" -cert "$certs/client.pem" -key "$certs/client.key" -quiet \
	<"$dir/speak" >"$dir/heard" 2>/dev/null &
helpers="$helpers $!"
exec 7>"$dir/speak"
say() { printf 'GET /cse-in/client HTTP/1.1\r\nHost: a\r\nX-M2M-Origin: Cclient\r\nX-M2M-RI: %s\r\nX-M2M-RVI: 3\r\n\r\n' "$1" >&7; }
say before
check "a connection lives" soon grep -q "X-M2M-RI: before" "$dir/heard"
fingerprint() { openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint; }
first=$(fingerprint)
cp "$certs/server-second.pem" "$certs/live.pem"
kill -HUP "$pid"
check "files that do not fit each other are refused in a sentence" soon log_has "live.key: the key does not fit"
check "and the old ones stay" is "$(fingerprint)" "$first"
cp "$certs/server-second.key" "$certs/live.key"
certificates_revoke ca client-second
cat "$certs/ca.crl" "$certs/middle.crl" >"$certs/live-crl.pem"
kill -HUP "$pid"
is_new() { [ "$(fingerprint)" != "$first" ]; }
check "then they are new" soon is_new
as client-second
ask GET Csecond cse-in/second
check "who was revoked meanwhile does not get in" is "$status" 000
as client
ask GET Cclient cse-in/client
check "others do" is "$rsc" 2000
say after
check "and the old connection still lives" soon grep -q "X-M2M-RI: after" "$dir/heard"
"$dure" --data-dir "$dir/data" credential list >"$dir/body" 2>&1
id=$(sed -n 's/.*\(c-[0-9a-f]*\).*Cclient.*/\1/p' "$dir/body" | head -n 1)
"$dure" --data-dir "$dir/data" credential revoke "$id" >>"$dir/log" 2>&1
refused() { : >"$dir/heard"; say revoked; soon grep -q "X-M2M-RI: revoked" "$dir/heard" && grep -q "X-M2M-RSC: 4107" "$dir/heard"; }
check "a credential that is revoked ends that, on the living connection" soon refused
exec 7>&-
credential --kind certificate --name URI:https://dure.test/id-in/Cclient --originator Cclient
again() { as client; ask GET Cclient cse-in/client; is "$rsc" 2000; }
check "until there is another" soon again

# ---- strangers at the door ----
with=""
check "plain text on the TLS port is hung up on" is "$(command curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/cse-in")" 000
check "and told in the log" log_has "http request"
many=10000
[ -z "${DURE_SANITIZED:-}" ] || many=2000
"$flood" "$port" $many 15 >"$dir/flood" &
flood_pid=$!
helpers="$helpers $flood_pid"
as client
worst=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	was=$(date +%s%N)
	ask GET Cclient cse-in/client
	[ "$rsc" = 2000 ] || break
	took=$((($(date +%s%N) - was) / 1000000))
	[ $took -le $worst ] || worst=$took
done
check "while $many do not finish their handshakes, others are served" is "$rsc" 2000
check "in less than two seconds each (longest: $worst ms)" test $worst -lt 2000
wait $flood_pid
check "and those are all hung up on: $(tr '\n' ' ' <"$dir/flood")" is "$(sed -n 's/^left \([0-9]*\) .*/\1/p' "$dir/flood")" 0
ask GET Cclient cse-in/client
check "the node is well after it" is "$rsc" 2000

# ---- notifications ----
targets="server server-expired server-stranger server-wrong-name server-wrong-usage server-revoked"
mkdir "$dir/out"
nodejs "$(dirname "$0")/tls_targets.js" "$certs" "$dir/out" $targets 2>>"$dir/log" &
helpers="$helpers $!"
for target in $targets; do soon test -s "$dir/out/$target.port"; done
ask POST Cclient cse-in/client 3 '{"m2m:cnt":{"rn":"c"}}'
subscribe() { # NAME HOST
	ask POST Cclient cse-in/client/c 23 \
		'{"m2m:sub":{"rn":"'"$1"'","nu":["https://'"$2:$(cat "$dir/out/$1.port")"'/"],"enc":{"net":[3]},"nct":1}}'
}
subscribe server localhost
check "a target with a good certificate is subscribed" is "$rsc" 2001
ask POST Cclient cse-in/client/c 4 '{"m2m:cin":{"con":"by https"}}'
check "and hears what it should" soon grep -q "by https" "$dir/out/server.heard"
check "from us, by our certificate" grep -q "^server-second$" "$dir/out/server.peer"
for target in expired:"certificate has expired" stranger:"issuer certificate" wrong-name:"subject name" \
	wrong-usage:"certificate purpose" revoked:"certificate revoked"; do
	subscribe "server-${target%%:*}" localhost
	check "a target that is ${target%%:*} is refused" is "$rsc" 5204
	check "and the log says why: ${target#*:}" log_has "no TLS with localhost.*${target#*:}"
	check "it heard nothing" test ! -e "$dir/out/server-${target%%:*}.heard"
done
story_stop
check "it ends well" is $? 0
story_end
