# SPDX-License-Identifier: Apache-2.0
# The row of MQTT, sourced by bench/run as rows.sh is: round trips of 64 clients through one broker, answered by the
# node, against the same clients and broker with a client at the other end that answers a constant as large. Broker
# and server share core 0 in both, the load has core 1: what the server needs is missing to the broker, so it counts.

broker_start() { # a mosquitto without limits of its own; sets broker_port
	broker_port=$("$BIN/bench/load" --free-port)
	mkdir -p "$WORK/broker"
	cat >"$WORK/broker/mosquitto.conf" <<-CONF
		listener $broker_port 127.0.0.1
		allow_anonymous true
		$([ "$(id -u)" != 0 ] || echo user root)
		max_inflight_messages 0
		max_queued_messages 0
		set_tcp_nodelay true
		log_dest file $WORK/broker/log
	CONF
	$ON_SERVER "$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$WORK/broker/mosquitto.conf" &
	broker_pid=$!
	wait_for broker_answers || die "mosquitto did not start: $(tail -n 3 "$WORK/broker/log")"
}
broker_answers() { kill -0 "$broker_pid" && { curl -s --max-time 0.2 "telnet://127.0.0.1:$broker_port" </dev/null >/dev/null; [ $? != 7 ]; }; }
broker_stop() {
	[ -z "${broker_pid:-}" ] || { kill "$broker_pid" 2>/dev/null; wait "$broker_pid" 2>/dev/null || :; }
	broker_pid=
}
echo_start() { # BYTES
	$ON_SERVER "$BIN/bench/mqtt_load" --broker "$broker_port" --receiver echo --qos "$mqtt_qos" --echo "$1" >"$WORK/echo" &
	echo_pid=$!
	wait_for grep -q ready "$WORK/echo" || die "the echo did not begin"
}
echo_stop() {
	[ -z "${echo_pid:-}" ] || { kill "$echo_pid" 2>/dev/null; wait "$echo_pid" 2>/dev/null || :; }
	echo_pid=
}
mqtt_load() { $ABOVE taskset -c 1 "$BIN/bench/mqtt_load" --broker "$broker_port" --clients 64 --qos "$mqtt_qos" --warm 0.3 --seconds "$SECS" "$@"; }

mqtt_get='{"op":2,"to":"cse-in/bench/c%c","fr":"%f","rqi":"%n","rvi":"3"}'
mqtt_post='{"op":1,"to":"cse-in/bench/c%c","fr":"%f","rqi":"%n","rvi":"3","ty":4,"pc":{"m2m:cin":{"con":"%n-0123456789"}}}'

# KEY PAYLOAD: the echo and the node in turn
against_echo() {
	local line i
	line=$(mqtt_load --over 1000 --seconds 0.5 "$2") || die "the node refused: $2"
	for i in $(seq "$RUNS"); do
		echo_start "$(field bytes "$line")"
		remember "$1.echo" "$(rate "$(mqtt_load --receiver echo --over 1000 "$2")")"
		echo_stop
		line=$(mqtt_load --over 1000 --pid "$node_pid" "$2") || die "the node refused: $2"
		remember "$1.node" "$(rate "$line")"
		remember "$1.us" "$(field server_us "$line")"
		remember "$1.p99" "$(field p99 "$line")"
		remember "$1.ratio" "$(ratio "$(rate "$line")" "$(tail -n 1 "$WORK/figures/$1.echo")")"
		say "  $1, run $i of $RUNS: echo $(tail -n 1 "$WORK/figures/$1.echo")/s, dured $(rate "$line")/s ($(field server_us "$line") us of its core)"
	done
}
mqtt_row() { # KEY WHAT (ge|info) BAR
	row "$1" "$2" "$3" "$4" "$(medians "$1.ratio")" x \
		"dured $(medians "$1.node")/s $(medians "$1.us") us, p99 $(medians "$1.p99") us; echo $(medians "$1.echo")/s"
}

row_mqtt() {
	mqtt_qos=1
	broker_start
	node_start "$WORK/mqtt" --mqtt-broker "mqtt://127.0.0.1:$broker_port" --mqtt-trust-broker --mqtt-qos 1
	# One policy for the load's 64 originators.
	ask Cbench 'POST:2 /cse-in {"m2m:ae":{"rn":"bench","api":"N.bench","rr":false,"srv":["3"]}}' \
		'POST:1 /cse-in/bench {"m2m:acp":{"rn":"rules","pv":{"acr":[{"acor":["Cload*"],"acop":63}]},"pvs":{"acr":[{"acor":["Cbench"],"acop":63}]}}}'
	node_load --connections 32 --count 1000 --over 1000 --round --originator Cbench \
		'POST:3 /cse-in/bench {"m2m:cnt":{"rn":"c%c","acpi":["cse-in/bench/rules"]}}' >/dev/null || die "the containers could not be made"
	against_echo mqtt "$mqtt_get"
	against_echo mqtt_post "$mqtt_post"
	node_stop
	broker_stop
	mqtt_row mqtt "MQTT round trips, 64 clients, against no server" ge 0.4
	mqtt_row mqtt_post "the same, creating instances" info ""
}
