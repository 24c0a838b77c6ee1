#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who speaks over coaps, while the session lives: openssl s_client holds it, and sends requests written by hand. And
# whom the node itself talks to: openssl s_server, with certificates good and bad.
#   coap_identity_test.sh DURED DURE
set -u
node=$1 dure=$2
here=$(dirname "$0")
. "$here/story.sh"
. "$here/certificates.sh"
certs=$dir/certs
certificates "$certs"
mkdir -p "$dir/data"
credential() { "$dure" --data-dir "$dir/data" credential "$@" 2>>"$dir/log"; }
named() { credential list | sed -n "s/^\(c-[0-9a-f]*\).*$1.*/\1/p"; } # the id of the credential of that name

key=$(credential add --kind psk --name meter@dure.test --originator CAdmin)
credential add --kind certificate --name URI:https://dure.test/id-in/Cclient --originator CAdmin >/dev/null
story_start "$node" --coap-listen 127.0.0.1:0 --coaps-listen 127.0.0.1:0 --tls-cert "$certs/server.pem" \
	--tls-key "$certs/server.key" --tls-ca "$certs/ca.pem" --tls-crl "$certs/crl.pem" --authentication always
port=$(cat "$dir/data/coap.port") secure=$(cat "$dir/data/coaps.port")

# ---- sessions that last ----
number=0 live=""
bye() {
	exec 9>&-
	[ -z "$live" ] || { kill "$live"; wait "$live"; } 2>/dev/null
	live=""
}
session() { # ARGUMENT...: of openssl s_client
	bye
	rm -f "$dir/in"
	mkfifo "$dir/in"
	openssl s_client -dtls1_2 -quiet -connect "127.0.0.1:$secure" "$@" <"$dir/in" >"$dir/out" 2>"$dir/session" &
	live=$!
	exec 9>"$dir/in"
}
# Asked for alone: a client that has no certificate may else be nobody by the server's.
by_key() { session -psk "$1" -psk_identity meter@dure.test -cipher PSK; }
by_certificate() { session -cert "$certs/$1.pem" -key "$certs/$1.key" -cert_chain "$certs/$1.pem"; }
# Retrieves the CSEBase as somebody of six letters, and says the response status code; nothing: there was no answer.
told() { # ORIGINATOR
	number=$((number + 1))
	id=$(printf %03o $number)
	for _ in $(seq 40); do
		# Again with the same message ID, until there is an answer: that is what CoAP does.
		printf "\101\001\000\\${id}T\266cse-in\321\3673\206${1}\102r1" >&9 2>/dev/null || return
		for _ in $(seq 5); do
			rsc=$(od -An -v -tx1 "$dir/out" | tr -d ' \n' | sed -n "s/.*61..00$(printf %02x $number)54.*d20b\(....\).*/\1/p")
			[ -z "$rsc" ] || { printf '%d\n' "0x$rsc" >"$dir/told"; return; }
			kill -0 "$live" 2>/dev/null || return
			sleep 0.02
		done
	done
}
says() { # ORIGINATOR EXPECTED
	: >"$dir/told"
	trap '' PIPE
	told "$1"
	is "$(cat "$dir/told")" "$2" || { tail -n 3 "$dir/session"; return 1; }
}
says_soon() { # the same, when the node has noticed a change
	for _ in $(seq 50); do
		says "$@" >/dev/null && return
		sleep 0.05
	done
	says "$@"
}

by_key "$key"
check "a key lets in" says CAdmin 2000
check "not as somebody else" says Cother 4106
old=$(named meter@dure.test)
credential revoke "$old" >/dev/null
check "a key that is revoked ends what its session may" says_soon CAdmin 4107
second=$(credential add --kind psk --name meter@dure.test --originator CAdmin)
by_key "$second"
check "another under the same name lets in" says_soon CAdmin 2000
credential revoke "$(named meter@dure.test | grep -v "^$old$")" >/dev/null
third=$(credential add --kind psk --name meter@dure.test --originator CAdmin)
curl -s -o /dev/null "$url/" # a turn of the node
check "but not the session of the one before" says_soon CAdmin 4107
by_key "$second"
check "who still has the old key cannot come in" says CAdmin ""
by_key "$third"
check "who has the new one can" says_soon CAdmin 2000

by_certificate client
check "a certificate lets in" says CAdmin 2000
check "not as somebody else, either" says Cother 4106
credential revoke "$(named Cclient)" >/dev/null
check "when its credential is revoked its session is worth nothing" says_soon CAdmin 4107
by_certificate client-second
check "nor is a good certificate of somebody unknown" says CAdmin 4107
session
check "nor none at all" says CAdmin 4107
for bad in client-expired client-revoked client-wrong-usage client-stranger; do
	by_certificate $bad
	check "$bad: there is no session" says CAdmin ""
done
bye

# ---- whom the node talks to ----
credential add --kind token --originator CAdmin >"$dir/token"
serve() { # CERTIFICATE: a coaps server that never answers, on $door
	rm -f "$dir/idle"
	mkfifo "$dir/idle"
	openssl s_server -dtls1_2 -accept 127.0.0.1:0 -cert "$certs/$1.pem" -key "$certs/$1.key" <"$dir/idle" >"$dir/server" 2>&1 &
	server=$!
	exec 8>"$dir/idle"
	door=""
	for _ in $(seq 100); do
		door=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "$dir/server")
		[ -z "$door" ] || break
		sleep 0.05
	done
}
visits() { # CERTIFICATE WORD: what the server has to say when the node came
	serve "$1"
	curl -s -o /dev/null -m 5 -X POST -H "Authorization: Bearer $(cat "$dir/token")" -H "X-M2M-Origin: CAdmin" -H "X-M2M-RI: r" \
		-H "X-M2M-RVI: 3" -H "Content-Type: application/json;ty=23" \
		--data "{\"m2m:sub\":{\"nu\":[\"coaps://127.0.0.1:$door/x\"]}}" "$url/cse-in" &
	visitor=$!
	good=1
	for _ in $(seq 100); do
		grep -q -e "$2" "$dir/server" && good=0 && break
		sleep 0.05
	done
	exec 8>&-
	kill $server $visitor 2>/dev/null
	wait $server $visitor 2>/dev/null
	[ $good = 0 ] || { tail -n 5 "$dir/server"; return 1; }
}
check "a server with a good certificate is talked to" visits server "CIPHER is"
check "none whose certificate has expired" visits server-expired "alert certificate expired"
check "nor was revoked" visits server-revoked "alert certificate revoked"
check "nor is for clients only" visits server-wrong-usage "alert.*certificate"
check "nor for elsewhere" visits server-wrong-name "alert.*certificate"
check "nor of an authority that is not trusted" visits server-stranger "alert unknown ca"

check "no key is in the log" sh -c '! grep -q -e "$1" -e "$2" -e "$3" "$4"' sh "$key" "$second" "$third" "$dir/log"
check "it stops in peace" story_stop
story_end
