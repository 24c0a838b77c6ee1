#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The WebSocket door, seen by npm's ws (ws_client.js, and with TLS and tokens ws_token.js) and by a page in a browser
# (ws_page.html).   ws_test.sh DURED DURE
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/story.sh"
. "$here/certificates.sh"
NODE_PATH=${NODE_PATH:-$here/../build-npm/node_modules}
export NODE_PATH
dured=$1 dure=$2
[ -d "$NODE_PATH/ws" ] || { echo "1..0 # SKIP npm's ws is not in $NODE_PATH"; exit 0; }

# What happens in the background must end with us.
children=""
ws_end() {
	for child in $children; do kill "$child" 2>/dev/null; done
	story_kill
	rm -rf "$dir"
}
trap ws_end EXIT INT TERM

node "$here/ws_pages.js" >"$dir/pages" &
children=$!
for _ in $(seq 100); do [ -s "$dir/pages" ] && break; sleep 0.05; done
read -r trusted stranger <"$dir/pages"

story_start "$dured" --http-cors-origin "http://127.0.0.1:$trusted"
node "$here/ws_client.js" "$url" >"$dir/client" 2>&1 &
client=$!
children="$children $client"

browse() { # PORT of the page, what else stands in its query: what it wrote into its document
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
		--disable-background-networking --disable-component-update --user-data-dir="$dir/browser-$1-$$" \
		--dump-dom "http://127.0.0.1:$1/?node=${url#http://}${2-}" 2>"$dir/browser.log" | sed -n 's/.*<p id="told">\([^<]*\)<.*/\1/p'
}
if command -v chromium >/dev/null; then
	check "a page of an allowed origin is an AE: it is told what it wrote itself" is "$(browse "$trusted")" "told all is well"
	check "a page of another origin is refused" is "$(browse "$stranger")" "refused"
fi

has_not() { case $1 in *"$2"*) return 1 ;; esac; }
refuses_anywhere() {
	"$dured" --http-cors-origin '*' --data-dir "$dir/none" 2>&1 </dev/null | grep -q -e '--authentication always'
}

# Takes over the TAP lines of another program.
take() {
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

wait "$client"
take "$dir/client"
ask GET CAdmin cse-in/big
check "the node is well after all that" is "$rsc" 2000
check "it stops in peace" story_stop

certificates "$dir/keys"
story_start "$dured" --https-listen 127.0.0.1:0 --tls-cert "$dir/keys/server.pem" --tls-key "$dir/keys/server.key" \
	--authentication always
node "$here/ws_token.js" "https://127.0.0.1:$(cat "$dir/data/https.port")" "$dir/keys/ca.pem" "$dure" "$dir/data" >"$dir/token" 2>&1
take "$dir/token"
check "it stops in peace too" story_stop

# Pages of anywhere may call where everybody has to prove who they are; a page brings its token as a subprotocol.
check "pages of anywhere need authentication" refuses_anywhere
token=$("$dure" credential add --kind token --originator Canywhere --data-dir "$dir/data" 2>>"$dir/log")
story_start "$dured" --authentication always --http-cors-origin '*' --log-level debug
if command -v chromium >/dev/null; then
	check "a page of any origin brings a token" is "$(browse "$stranger" "&name=anywhere&token=$token")" "told all is well"
	check "without one it may do nothing" has_not "$(browse "$trusted")" "told"
fi
check "no token stands in the log" has_not "$(cat "$dir/log")" "$token"
check "and it stops in peace" story_stop
story_end
