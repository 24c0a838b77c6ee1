# SPDX-License-Identifier: Apache-2.0
# Brokers for story tests (sourced after story.sh): mosquitto on a free port of 127.0.0.1, in $dir/NAME, gone with
# the test. The sister of src/net/mqtt_broker.h.
#
#   broker_start NAME [LINES]   starts one; LINES go into its configuration; sets $broker_port and $broker_url
#   broker_kill NAME            kill -9
#   broker_again NAME           starts it again on its port, with what it kept
#   broker_pub, broker_sub ...  mosquitto_pub and the like at $broker_port
#   broker_at NAME              that one is $broker_port from now on
#   mqtt_ask TOPIC PAYLOAD      publishes on /oneM2M/TOPIC and waits for the answer, in $dir/body; $rsc from it
#                               ($mqtt_options: for mosquitto_rr; $mqtt_patience: seconds)

brokers=""
trap 'broker_end; story_kill; rm -rf "$dir"' EXIT INT TERM
MOSQUITTO=$(command -v mosquitto || echo /usr/sbin/mosquitto)
[ -x "$MOSQUITTO" ] || { echo "1..0 # SKIP mosquitto is not installed"; exit 0; }

broker_end() {
	for name in $brokers; do
		broker_kill "$name"
	done
}

broker_free_port() {
	while :; do
		broker_port=$(shuf -i 20000-32000 -n 1)
		curl -s "telnet://127.0.0.1:$broker_port" </dev/null >/dev/null 2>&1
		[ $? = 7 ] && return
	done
}

broker_start() {
	name=$1
	mkdir -p "$dir/$name"
	broker_free_port
	echo "$broker_port" >"$dir/$name/port"
	{
		case ${2:-} in *allow_anonymous*) ;; *) echo "allow_anonymous true" ;; esac
		[ "$(id -u)" != 0 ] || echo "user root"
		echo "listener $broker_port 127.0.0.1"
		echo "log_dest file $dir/$name/log"
		echo "persistence_location $dir/$name/"
		printf '%s\n' "${2:-}"
	} >"$dir/$name/mosquitto.conf"
	brokers="$brokers $name"
	broker_again "$name"
}

broker_at() {
	broker_port=$(cat "$dir/$1/port")
	broker_url=mqtt://127.0.0.1:$broker_port
}

broker_again() {
	broker_at "$1"
	"$MOSQUITTO" -c "$dir/$1/mosquitto.conf" >"$dir/$1/out" 2>&1 &
	echo $! >"$dir/$1/pid"
	for _ in $(seq 200); do
		curl -s --max-time 0.05 "telnet://127.0.0.1:$broker_port" </dev/null >/dev/null 2>&1
		[ $? = 7 ] || return 0
		kill -0 "$(cat "$dir/$1/pid")" 2>/dev/null || break
		sleep 0.05
	done
	echo "not ok - the broker $1 starts"
	cat "$dir/$1/out" "$dir/$1/log" >&2
	exit 1
}

broker_kill() {
	kill -9 "$(cat "$dir/$1/pid" 2>/dev/null)" 2>/dev/null || true
	wait "$(cat "$dir/$1/pid" 2>/dev/null)" 2>/dev/null || true
}

broker_pub() { mosquitto_pub -p "$broker_port" ${mqtt_options:-} "$@"; }
broker_sub() { mosquitto_sub -p "$broker_port" ${mqtt_options:-} "$@"; }

# The topic of the answer: req becomes resp, reg_req reg_resp.
mqtt_answer_topic() {
	case $1 in
	reg_req/*) echo "/oneM2M/reg_resp/${1#reg_req/}" ;;
	*) echo "/oneM2M/resp/${1#req/}" ;;
	esac
}

mqtt_ask() {
	: >"$dir/body"
	mosquitto_rr -V mqttv311 -p "$broker_port" ${mqtt_options:-} -q 1 -W "${mqtt_patience:-10}" -t "/oneM2M/$1" \
		-e "$(mqtt_answer_topic "$1")" -m "$2" >"$dir/body" 2>"$dir/check" || true
	rsc=$(sed -n 's/.*"rsc":\([0-9]*\).*/\1/p' "$dir/body")
}

# The payload is a file, which mosquitto_rr cannot send. It is said until it is heard, so let it be a RETRIEVE.
mqtt_ask_file() {
	broker_sub -N -q 1 -C 1 -W 10 -t "$(mqtt_answer_topic "$1")" >"$dir/body" 2>"$dir/check" &
	asking=$!
	while kill -0 $asking 2>/dev/null; do
		broker_pub -q 1 -t "/oneM2M/$1" -f "$2"
		sleep 0.1
	done
}
