# SPDX-License-Identifier: Apache-2.0
# A part of identity_test.sh: proofs that TLS brings, certificates and pre-shared keys, and the command line over https.
. "$(dirname "$0")/certificates.sh"

certificates "$dir/tls" || exit 1
echo 00112233445566778899aabbccddeeff >"$dir/psk"
token=$(credential add --kind token --name boss --originator CAdmin)
credential add --kind certificate --name URI:https://dure.test/id-in/Cclient --originator Cclient
credential add --kind certificate --certificate "$dir/tls/client-second.pem" --originator Csecond
credential add --kind psk --name meter@dure.test --originator Cmeter --key "$dir/psk"
rm -f "$dir/data/https.port"
story_start "$node" --authentication always --https-listen 127.0.0.1:0 --tls-cert "$dir/tls/server.pem" \
	--tls-key "$dir/tls/server.key" --tls-ca "$dir/tls/ca.pem"
check "https is served" until_true '[ -s "$dir/data/https.port" ]'
plain=$url
url=https://127.0.0.1:$(cat "$dir/data/https.port")

with() { # CERTIFICATE METHOD ORIGINATOR PATH
	curl_more="--cacert $dir/tls/ca.pem"
	[ "$1" = none ] || curl_more="$curl_more --cert $dir/tls/$1.pem --key $dir/tls/$1.key"
	shift
	ask "$@"
	curl_more=
}

with none GET Cclient cse-in
check "https alone proves nothing" is "$rsc" 4107
with client GET Cclient cse-in
check "a certificate proves whom it names" is "$rsc" 2000
with client GET Csecond cse-in
check "and nobody else" is "$rsc" 4106
with client GET CAdmin cse-in
check "nor the administrator" is "$rsc" 4106
with client-second GET Csecond cse-in
check "another is known by its fingerprint" is "$rsc" 2000
with client-stranger GET Cclient cse-in
check "the same name from an authority that nobody trusts is none" [ "$rsc" != 2000 ]

# psk IDENTITY KEY ORIGINATOR: one request over TLS with a pre-shared key; the code in $rsc
psk() {
	rsc=$({
		printf 'GET /cse-in HTTP/1.1\r\nHost: x\r\nX-M2M-Origin: %s\r\nX-M2M-RI: 1\r\nX-M2M-RVI: 3\r\nConnection: close\r\n\r\n' "$3"
		until_true 'grep -q "X-M2M-RSC\|lert" "$dir/psk.out"'
	} | timeout 20 openssl s_client -quiet -no_ign_eof -connect "127.0.0.1:${url##*:}" -psk_identity "$1" -psk "$2" \
		2>&1 | tee "$dir/psk.out" | tr -d '\r' | sed -n 's/^X-M2M-RSC: //p')
}
key=$(cat "$dir/psk")
: >"$dir/psk.out"
psk meter@dure.test "$key" Cmeter
check "a pre-shared key proves its identity" is "$rsc" 2000
: >"$dir/psk.out"
psk meter@dure.test "$key" Cother
check "and nobody else" is "$rsc" 4106
: >"$dir/psk.out"
psk meter@dure.test ffffffffffffffffffffffffffffffff Cmeter
check "a wrong key ends at the handshake" is "$rsc" ""
credential revoke "$(identifier psk meter@dure.test)" >/dev/null
psk_is_gone() { : >"$dir/psk.out"; psk meter@dure.test "$key" Cmeter; [ "$rsc" != 2000 ]; }
check "and so does a revoked one" until_true psk_is_gone

# dure itself.
echo "$token" >"$dir/token"
cli() { "$dure" --at "$url" "$@" >"$dir/body" 2>&1; }
check "dure trusts whom --ca names" cli --ca "$dir/tls/ca.pem" --token-file "$dir/token" get cse-in
check "and nobody else" sh -c "! '$dure' --at '$url' --ca '$dir/tls/stranger-ca.pem' --token-file '$dir/token' get cse-in"
check "dure brings a certificate" cli --ca "$dir/tls/ca.pem" --cert "$dir/tls/client.pem" --key "$dir/tls/client.key" \
	--as Cclient get cse-in
check "and says that a file is missing" sh -c \
	"'$dure' --at '$url' --ca '$dir/none.pem' get cse-in 2>&1 | grep -q 'trusted certificates'"
url=$plain
check "certificates are counted" counted 'dure_identity_proven_total{kind="certificate"}' 2
check "and keys" counted 'dure_identity_proven_total{kind="psk"}' 1
story_stop
rm -rf "$dir/data"
mkdir "$dir/data"
