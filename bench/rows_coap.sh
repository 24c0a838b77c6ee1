# SPDX-License-Identifier: Apache-2.0
# The rows of the CoAP door. Sourced by bench/run after rows.sh. The yardstick is libcoap's own server (Debian's
# libcoap3-bin), answering a constant as long as our answer.

coap_load() { $ABOVE taskset -c 1 "$BIN/bench/coap_load" "$@"; }
coap_start() { # NODE-DIRECTORY
	node_start "$1" --coap-listen 127.0.0.1:0
	wait_for test -s "$1/coap.port" || die "dured has no CoAP door"
	coap_port=$(cat "$1/coap.port")
}
libcoap_start() {
	libcoap_port=$("$BIN/bench/load" --free-port)
	$ON_SERVER coap-server-notls -A 127.0.0.1 -p "$libcoap_port" -d 10 -v 1 >/dev/null 2>&1 &
	load_pid=$!
	wait_for coap_load --plain --put 10 --seconds 0.1 --port "$libcoap_port" --path const >/dev/null || die "coap-server-notls did not start"
}
libcoap_stop() {
	kill "$load_pid" 2>/dev/null
	wait "$load_pid" 2>/dev/null || :
	load_pid=
}

# GET of the newest instance, confirmable and not, 64 sockets.
row_coap() {
	local line lib kind bytes i
	coap_start "$WORK/coap"
	reader
	plant bench 1000
	node_load --count 5000 --over 1000 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >/dev/null
	line=$(coap_load --port "$coap_port" --seconds 0.5 --over 1000 --originator Creader --path cse-in/bench/c%c/la) || die "the node refused a GET over CoAP"
	bytes=$(field bytes "$line")
	libcoap_start
	for i in $(seq "$RUNS"); do
		for kind in con non; do
			[ $kind = con ] && set -- || set -- --non
			lib=$(coap_load --port "$libcoap_port" --pid "$load_pid" --plain --put "$bytes" --seconds "$SECS" --path const "$@")
			line=$(coap_load --port "$coap_port" --pid "$node_pid" --seconds "$SECS" --over 1000 --originator Creader --path cse-in/bench/c%c/la "$@") ||
				die "the node refused a GET over CoAP"
			say "  coap $kind, run $i of $RUNS: libcoap $(rate "$lib")/s ($(field server_us "$lib") us), dured $(rate "$line")/s ($(field server_us "$line") us)"
			remember coap.$kind.lib "$(rate "$lib")"
			remember coap.$kind.lib_us "$(field server_us "$lib")"
			remember coap.$kind.node "$(rate "$line")"
			remember coap.$kind.us "$(field server_us "$line")"
			remember coap.$kind.p99 "$(field p99 "$line")"
			remember coap.$kind.ratio "$(ratio "$(rate "$line")" "$(rate "$lib")")"
		done
	done
	libcoap_stop
	node_stop
	for kind in con non; do
		[ $kind = con ] && what=confirmable || what=non-confirmable
		row coap.$kind "CoAP GET la, $what, against libcoap's server" ge 0.7 "$(medians coap.$kind.ratio)" x \
			"dured $(medians coap.$kind.node)/s $(medians coap.$kind.us) us, p99 $(medians coap.$kind.p99) us; libcoap $(medians coap.$kind.lib)/s $(medians coap.$kind.lib_us) us"
	done
}

# What 10,000 peers cost that asked once and are quiet since; and whether they slow the others.
row_coap_idle() {
	local before after line alone
	coap_start "$WORK/idle"
	reader
	plant bench 10
	alone=$(coap_load --port "$coap_port" --pid "$node_pid" --seconds 1 --over 10 --originator Creader --path cse-in/bench/c%c)
	before=$(node_kb RssAnon)
	mkfifo "$WORK/idle.end"
	coap_load --port "$coap_port" --connections 10000 --idle --originator Creader --path cse-in/bench/c1 <"$WORK/idle.end" >"$WORK/idle.out" &
	load_pid=$!
	exec 9>"$WORK/idle.end"
	wait_for grep -q "idle=10000" "$WORK/idle.out" || die "10,000 CoAP peers did not get their answers: $(cat "$WORK/idle.out")"
	after=$(node_kb RssAnon)
	line=$(coap_load --port "$coap_port" --pid "$node_pid" --seconds 1 --over 10 --originator Creader --path cse-in/bench/c%c)
	exec 9>&-
	wait "$load_pid" || :
	load_pid=
	node_stop
	row coap_idle "10,000 idle CoAP peers, each" le 20 "$(calc "($after - $before) / 10000" 2)" KB \
		"GET $(field server_us "$alone") us without them, $(field server_us "$line") us with them"
}
