# SPDX-License-Identifier: Apache-2.0
# The rows of TLS, and of connections at rest. Sourced by bench/run after rows.sh.

. "$ROOT/story/certificates.sh"

# node_start_tls DIRECTORY [OPTION...]: as node_start, with HTTPS too; sets tls_port. Nobody needs a proof, so that both
# doors do the same.
node_start_tls() {
	local dir=$1
	shift
	certificates "$WORK/certs"
	rm -f "$dir/https.port"
	node_start "$dir" --authentication never --quota-requests 0 --quota-bytes 0 --https-listen 127.0.0.1:0 --tls-cert "$WORK/certs/server.pem" \
		--tls-key "$WORK/certs/server.key" --tls-ca "$WORK/certs/ca.pem" "$@"
	wait_for test -s "$dir/https.port" || die "dured does not listen for HTTPS: $(tail -n 3 "$WORK/dured.log")"
	tls_port=$(cat "$dir/https.port")
}

# GET of a container by HTTPS against the same GET by HTTP, of the same node, kept connections, in turn. Our own load asks
# both: the TLS of wrk costs more than the server's, it would measure wrk.
row_https() {
	local i plain secure
	node_start_tls "$WORK/https"
	reader
	plant bench 1000
	for i in $(seq "$RUNS"); do
		plain=$(node_load --seconds "$SECS" --over 1000 --originator Creader 'GET /cse-in/bench/c%c') || die "the node refused a GET"
		secure=$(node_load --port "$tls_port" --tls "$WORK/certs/ca.pem" --seconds "$SECS" --over 1000 --originator Creader \
			'GET /cse-in/bench/c%c') || die "the node refused a GET by HTTPS"
		say "  https, run $i of $RUNS: HTTP $(rate "$plain")/s ($(field server_us "$plain") us), HTTPS $(rate "$secure")/s ($(field server_us "$secure") us of its core)"
		remember https.plain "$(rate "$plain")"
		remember https.node "$(rate "$secure")"
		remember https.us "$(field server_us "$secure")"
		remember https.plain_us "$(field server_us "$plain")"
		remember https.p99 "$(field p99 "$secure")"
		remember https.ratio "$(ratio "$(rate "$secure")" "$(rate "$plain")")"
	done
	node_stop
	row https "HTTPS GET, 64 kept connections, against HTTP" ge 0.75 "$(medians https.ratio)" x \
		"HTTPS $(medians https.node)/s $(medians https.us) us, p99 $(medians https.p99) us; HTTP $(medians https.plain)/s $(medians https.plain_us) us"
}

# idle_row KIND PORT BAR: 10,000 connections of a kind that rest, or as many as descriptors allow, each greeted once
idle_row() {
	local line
	line=$("$BIN/bench/idle" --kind "$1" --port "$2" --pid "$node_pid" --count 10000 --ca "$WORK/certs/ca.pem") ||
		die "10,000 connections ($1) could not be opened"
	say "  idle: $line"
	row "idle_$1" "$(field count "$line") idle connections, $1, each" le "$3" "$(field kb_each "$line")" KB \
		"the node grew from $(field before_kb "$line") to $(field after_kb "$line") KB"
}
# MQTT has no row: whatever its clients are, the node has one connection to each broker.
row_idle() {
	local kind port
	ulimit -n "$(ulimit -Hn)"
	for kind in http:20 https:60 ws:20 wss:60 coap:20 coaps:60; do
		node_start_tls "$WORK/idle" --coap-listen 127.0.0.1:0 --coaps-listen 127.0.0.1:0
		case $kind in
		https:* | wss:*) port=$tls_port ;;
		coap:*) port=$(cat "$WORK/idle/coap.port") ;;
		coaps:*) port=$(cat "$WORK/idle/coaps.port") ;;
		*) port=$node_port ;;
		esac
		idle_row "${kind%:*}" "$port" "${kind#*:}"
		node_stop
		rm -rf "$WORK/idle"
	done
}
