# SPDX-License-Identifier: Apache-2.0
# The rows of the WebSocket door. Sourced by bench/run after rows.sh.

ws_load() { $ABOVE taskset -c 1 "$BIN/bench/ws_load" --port "$node_port" --pid "$node_pid" "$@"; }

# GET of a container over WebSocket against the same GET over HTTP, of the same node, in turn.
row_ws() {
	local http line i encoding
	node_start "$WORK/ws"
	reader
	plant bench 1000
	for i in $(seq "$RUNS"); do
		http=$(node_load --seconds "$SECS" --over 1000 --originator Creader 'GET /cse-in/bench/c%c') || die "the node refused a GET"
		line=$(ws_load --seconds "$SECS" --over 1000 --originator Creader 'cse-in/bench/c%c') || die "the node refused a GET over WebSocket"
		say "  ws, run $i of $RUNS: HTTP $(rate "$http")/s ($(field server_us "$http") us), WebSocket $(rate "$line")/s ($(field server_us "$line") us)"
		remember ws.http "$(rate "$http")"
		remember ws.node "$(rate "$line")"
		remember ws.us "$(field server_us "$line")"
		remember ws.http_us "$(field server_us "$http")"
		remember ws.p99 "$(field p99 "$line")"
		remember ws.ratio "$(ratio "$(rate "$line")" "$(rate "$http")")"
		for encoding in cbor xml; do
			line=$(ws_load --encoding "$encoding" --seconds "$SECS" --over 1000 --originator Creader 'cse-in/bench/c%c') ||
				die "the node refused a GET in $encoding over WebSocket"
			remember "ws.$encoding" "$(rate "$line")"
		done
	done
	node_stop
	row ws "WebSocket GET, 64 connections, against HTTP GET" ge 0.8 "$(medians ws.ratio)" x \
		"WebSocket $(medians ws.node)/s $(medians ws.us) us, p99 $(medians ws.p99) us; CBOR $(medians ws.cbor)/s, XML $(medians ws.xml)/s; HTTP $(medians ws.http)/s $(medians ws.http_us) us"
}
