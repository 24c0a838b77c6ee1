#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The CoAP doors, seen by npm's coap (coap_client.js) and by libcoap's clients of Debian, with OpenSSL and GnuTLS: keys
# and certificates, right and wrong; and by those who send what nobody should (coap_hostile.js).
#   coap_test.sh DURED DURE
set -u
node=$1 dure=$2
here=$(dirname "$0")
. "$here/story.sh"
. "$here/certificates.sh"
NODE_PATH=${NODE_PATH:-$here/../build-npm/node_modules}
export NODE_PATH
[ -d "$NODE_PATH/coap" ] || { echo "1..0 # SKIP npm's coap is not in $NODE_PATH"; exit 0; }
command -v coap-client-openssl >/dev/null || { echo "1..0 # SKIP libcoap3-bin is not installed"; exit 0; }

take() { # FILE: takes over the TAP lines of another program
	while read -r line; do
		case $line in
		"ok "* | "not ok "*)
			count=$((count + 1))
			echo "$line" | sed "s/ok [0-9]*/ok $count/"
			;;
		*) echo "# $line" ;;
		esac
	done <"$1"
}

# libcoap's client does not take answers with critical options that it does not know, and it can know two of ours at
# most: so it is told to show what came, and what it says of it is read.
lib() { # BUILD ORIGINATOR ARGUMENT...: the answer's header and payload in $dir/body; empty: none
	build=$1 originator=$2
	shift 2
	: >"$dir/lib"
	"coap-client-$build" -B "${patience:-1}" -v 7 -O "279,$originator" -O 283,r1 -O 271,3 "$@" >"$dir/lib" 2>&1 &
	client=$!
	for _ in $(seq 500); do
		grep -a '^v:1 t:\(ACK\|NON\|CON\) c:\(2.0\|4\|5\)' "$dir/lib" >"$dir/body" && break
		kill -0 $client 2>/dev/null || break
		sleep 0.02
	done
	kill $client 2>/dev/null
	wait $client 2>/dev/null
}
came() { has "$1" || { tail -n 5 "$dir/lib"; return 1; }; }
nothing() { [ ! -s "$dir/body" ] || { cat "$dir/body"; return 1; }; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
rss() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"; }

certs=$dir/certs
certificates "$certs"
mkdir -p "$dir/data"
credential() { "$dure" --data-dir "$dir/data" credential add "$@" 2>>"$dir/log"; }
credential --kind certificate --name URI:https://dure.test/id-in/Cclient --originator CAdmin >/dev/null
# libcoap's client takes the bytes of the key as an argument: there must be no NUL in it.
for try in 1 2 3 4 5 6 7 8; do
	meter=meter$try@dure.test
	key=$(credential --kind psk --name "$meter" --originator CAdmin)
	case $(echo "$key" | sed 's/../& /g') in *00\ * | *0a\ ) ;; *) break ;; esac
done
bytes=$(node -e 'process.stdout.write(Buffer.from(process.argv[1], "hex"))' "$key")

for kind in pem key; do cp "$certs/server.$kind" "$certs/live.$kind"; done
story_start "$node" --coap-listen 127.0.0.1:0 --coaps-listen 127.0.0.1:0 --tls-cert "$certs/live.pem" \
	--tls-key "$certs/live.key" --tls-ca "$certs/ca.pem" --tls-crl "$certs/crl.pem" --authentication beyond-loopback
port=$(cat "$dir/data/coap.port") secure=$(cat "$dir/data/coaps.port")

# ---- npm ----
node "$here/coap_client.js" "$port" >"$dir/client" 2>&1
take "$dir/client"

# ---- libcoap, in the clear ----
at=coap://127.0.0.1:$port
lib notls CAdmin -m get "$at/cse-in"
check "libcoap's client retrieves" came '307:\\x07\\xD0.*m2m:cb'
lib notls CAdmin -N -m get "$at/cse-in"
check "non-confirmably, too" came 'v:1 t:NON c:2.05'
lib notls CAdmin -m get "$at/cse-in" -O 343,x
check "a critical option that means nothing is a bad one" came 'c:4.02'
head -c 40000 /dev/zero | tr '\0' 'x' | sed 's/^/{"m2m:cin":{"con":"/; s/$/"}}/' >"$dir/large"
ask POST CAdmin cse-in 3 '{"m2m:cnt":{"rn":"blocks"}}'
for size in 1024 256 32; do
	patience=8 lib notls CAdmin -m post -t 50 -b $size -O 267,0x04 -f "$dir/large" "$at/cse-in/blocks"
	check "it sends 40 KB in blocks of $size" came '307:\\x07\\xD1'
done
ask GET CAdmin cse-in/blocks/la
check "they stand there as sent" test "$(wc -c <"$dir/body")" -gt 40000

# ---- DTLS ----
safe=coaps://127.0.0.1:$secure
for build in openssl gnutls; do
	by_cert="-c $certs/client.pem -j $certs/client.key -C $certs/ca.pem -R $certs/ca.pem"
	lib $build CAdmin -k "$bytes" -u "$meter" -m get "$safe/cse-in"
	check "$build: a key lets in" came '307:\\x07\\xD0'
	lib $build Cother -k "$bytes" -u "$meter" -m get "$safe/cse-in"
	check "$build: but not as somebody else" came '307:\\x10\\x0A'
	lib $build CAdmin -k "wrong" -u "$meter" -m get "$safe/cse-in"
	check "$build: a wrong key does not" nothing
	lib $build CAdmin -k "$bytes" -u nobody -m get "$safe/cse-in"
	check "$build: nor an unknown name" nothing
	lib $build CAdmin $by_cert -m get "$safe/cse-in"
	check "$build: a certificate lets in" came '307:\\x07\\xD0'
	lib $build Cother $by_cert -m get "$safe/cse-in"
	check "$build: but not as somebody else" came '307:\\x10\\x0A'
	for bad in client-expired client-revoked client-wrong-usage client-stranger; do
		# GnuTLS keeps one that the server will not trust to itself, and is nobody then.
		[ $build = openssl ] || [ $bad = client-revoked ] || continue
		lib $build CAdmin -c "$certs/$bad.pem" -j "$certs/$bad.key" -R "$certs/ca.pem" -m get "$safe/cse-in"
		check "$build: $bad does not" nothing
	done
done
cp "$certs/server-second.pem" "$certs/live.pem"
cp "$certs/server-second.key" "$certs/live.key"
kill -HUP "$pid"
lib openssl CAdmin -c "$certs/client.pem" -j "$certs/client.key" -R "$certs/ca.pem" -m get "$safe/cse-in"
check "with a new certificate it serves on" came '307:\\x07\\xD0'

# ---- hostile ----
polite() { # KIND PORT COUNT: sends them, and others are answered meanwhile
	node "$here/coap_hostile.js" "$@" >"$dir/hostile" 2>&1 &
	hostile=$! slowest=0
	while kill -0 $hostile 2>/dev/null; do
		began=$(milliseconds)
		ask GET CAdmin cse-in
		[ "$rsc" = 2000 ] || { echo "HTTP got $rsc"; return 1; }
		took=$(($(milliseconds) - began))
		[ $took -le $slowest ] || slowest=$took
	done
	wait $hostile
}
patience_ms=1000
[ -z "${DURE_SANITIZED:-}" ] || patience_ms=5000
polite_within() { polite "$@" && [ $slowest -lt $patience_ms ] || { echo "somebody waited ${slowest:-?} ms"; return 1; }; }
check "broken datagrams hurt nobody" polite_within broken "$port"
check "nor at the door of DTLS" polite_within broken "$secure"
check "random ones neither" polite_within random "$port" 20000
before=$(rss)
check "10,000 bodies that never end hurt nobody" polite_within bodies "$port" 10000
check "and cost less than 8 MB" test $(($(rss) - before)) -lt "$([ -n "${DURE_SANITIZED:-}" ] && echo 200000 || echo 8192)"
before=$(rss)
check "20,000 ClientHellos without a cookie hurt nobody" polite_within hellos "$secure" 20000
check "and cost less than 4 MB" test $(($(rss) - before)) -lt "$([ -n "${DURE_SANITIZED:-}" ] && echo 200000 || echo 4096)"
lib openssl CAdmin -k "$bytes" -u "$meter" -m get "$safe/cse-in"
check "who shakes hands afterwards is let in" came '307:\\x07\\xD0'
patience=8 lib notls CAdmin -m post -t 50 -b 1024 -O 267,0x04 -f "$dir/large" "$at/cse-in/blocks"
check "and a body of many blocks is taken" came '307:\\x07\\xD1'
check "no secret is in the log" sh -c '! grep -q "$1" "$2"' sh "$key" "$dir/log"
check "it stops in peace" story_stop
story_end
