# SPDX-License-Identifier: Apache-2.0
# What the rows of the benchmark share: starting and stopping nginx and a node, running the load, medians, the table.
# Sourced by bench/run. The server under test has core 0, the load core 1.

say() { printf '%s\n' "$*" >&2; }
die() { say "bench: $*"; exit 1; }

# Raises us above other work of the machine where that is allowed: both sides of a ratio alike. Where the kernel
# shares time by session first, nice alone says nothing, so bench/run makes itself a session of weight.
ABOVE=""
[ "$(id -u)" != 0 ] || ! nice -n -10 true 2>/dev/null || ABOVE="nice -n -10"
ON_SERVER="$ABOVE taskset -c 0"
load() { $ABOVE taskset -c 1 "$BIN/bench/load" "$@"; }

# field NAME LINE: the value of NAME=value in a line of load
field() { printf '%s\n' "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
rate() { field rate "$1"; }

# median N...; ratio A B
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", (b > 0) ? a / b : 0 }'; }
calc() { awk "BEGIN { printf \"%.${2:-0}f\n\", $1 }"; }

# remember KEY VALUE, recall KEY: the figures of the runs; recall gives all, the median is taken by medians.
remember() { printf '%s\n' "$2" >>"$WORK/figures/$1"; }
medians() { median $(cat "$WORK/figures/$1"); }

# --- nginx: `return 200` with a body of so many bytes ---

nginx_start() { # BYTES
	nginx_port=$("$BIN/bench/load" --free-port)
	rm -rf "$WORK/nginx"
	mkdir -p "$WORK/nginx"
	cat >"$WORK/nginx/nginx.conf" <<-CONF
		daemon off; master_process off; worker_processes 1; pid $WORK/nginx/pid; error_log $WORK/nginx/log;
		events { worker_connections 4096; }
		http {
			access_log off; keepalive_requests 2000000000; keepalive_timeout 300s;
			client_body_temp_path $WORK/nginx/a; proxy_temp_path $WORK/nginx/b; fastcgi_temp_path $WORK/nginx/c;
			uwsgi_temp_path $WORK/nginx/d; scgi_temp_path $WORK/nginx/e; default_type application/json;
			server { listen 127.0.0.1:$nginx_port backlog=4096; location / { return 200 "$(printf "%${1}s" | tr ' ' x)"; } }
		}
	CONF
	$ON_SERVER "$NGINX" -c "$WORK/nginx/nginx.conf" -e "$WORK/nginx/log" &
	nginx_pid=$!
	wait_for nginx_answers || die "nginx did not start: $(tail -n 3 "$WORK/nginx/log")"
}
nginx_answers() { kill -0 "$nginx_pid" && curl -fs -o /dev/null "http://127.0.0.1:$nginx_port/"; }
nginx_stop() {
	[ -z "${nginx_pid:-}" ] || { kill "$nginx_pid" 2>/dev/null; wait "$nginx_pid" 2>/dev/null || :; }
	nginx_pid=
}

wait_for() { # COMMAND: true within twenty seconds
	for _ in $(seq 400); do
		"$@" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

# --- the node ---

node_start() { # DIRECTORY [OPTION...]
	node_dir=$1
	shift
	mkdir -p "$node_dir"
	rm -f "$node_dir/http.port"
	$ON_SERVER "$BIN/src/dured/dured" --data-dir "$node_dir" --http-listen 127.0.0.1:0 --log-level warn "$@" \
		>>"$WORK/dured.log" 2>&1 &
	node_pid=$!
	wait_for node_answers || die "dured did not start: $(tail -n 3 "$WORK/dured.log")"
	node_port=$(cat "$node_dir/http.port")
}
node_answers() {
	kill -0 "$node_pid" && [ -s "$node_dir/http.port" ] &&
		curl -fs -o /dev/null "http://127.0.0.1:$(cat "$node_dir/http.port")/readyz"
}
node_stop() {
	[ -z "${node_pid:-}" ] || { kill "$node_pid" 2>/dev/null; wait "$node_pid" 2>/dev/null || :; }
	node_pid=
}
# The resident memory of the node, KB; node_kb RssAnon: what is not mapped from files.
node_kb() { sed -n "s/^${1:-VmRSS}:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$node_pid/status"; }
# The first figure of a metric.
metric() { curl -fs "http://127.0.0.1:$node_port/metrics" | sed -n "s/^$1 //p"; }

# ask ORIGINATOR ORDER...: single requests that must succeed, one after the other
ask() {
	local originator=$1 order
	shift
	for order; do
		load --port "$node_port" --connections 1 --count 1 --originator "$originator" "$order" >/dev/null ||
			die "the node refused: $order"
	done
}
# node_load ARGUMENT...: load on the node; its line
node_load() { load --port "$node_port" --pid "$node_pid" "$@"; }

# Creates N containers below an AE, all under a policy of four rules of which the last one lets the reader in.
plant() { # AE CONTAINERS [MORE]
	ask "C$1" 'POST:2 /cse-in {"m2m:ae":{"rn":"'"$1"'","api":"N.bench","rr":false,"srv":["3"]}}' \
		'POST:1 /cse-in/'"$1"' {"m2m:acp":{"rn":"rules","pv":{"acr":[{"acor":["Cowner"],"acop":63},{"acor":["Cone","Ctwo"],"acop":2},{"acor":["Cnight*"],"acop":34,"acco":[{"acip":{"ipv4":["10.0.0.0/8"]}}]},{"acor":["C'"$1"'","Creader"],"acop":63}]},"pvs":{"acr":[{"acor":["C'"$1"'"],"acop":63}]}}}'
	node_load --connections 32 --count "$2" --over "$2" --round --originator "C$1" \
		'POST:3 /cse-in/'"$1"' {"m2m:cnt":{"rn":"c%c","acpi":["cse-in/'"$1"'/rules"]'"${3:-}"'}}' >/dev/null ||
		die "the containers could not be made"
}
reader() { ask Creader 'POST:2 /cse-in {"m2m:ae":{"rn":"reader","api":"N.bench","rr":false,"srv":["3"]}}'; }

# --- the table ---

# row ID WHAT (ge|le|info) BAR VALUE UNIT DETAIL
row() {
	local verdict
	case $3 in
	ge) verdict=$(awk -v v="$5" -v b="$4" 'BEGIN { print (v >= b) ? "pass" : "MISS" }') ;;
	le) verdict=$(awk -v v="$5" -v b="$4" 'BEGIN { print (v <= b) ? "pass" : "MISS" }') ;;
	*) verdict="" ;;
	esac
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$verdict" "$7" >>"$WORK/rows"
	say "  -> $2: $5 $6  $verdict"
}

table() {
	awk -F '\t' '
	BEGIN { line = "%-52s %11s %11s  %-5s %s\n"; printf line, "what", "bar", "measured", "", "figures" }
	{
		sign = $3 == "ge" ? ">= " : $3 == "le" ? "<= " : ""
		unit = $6 == "" || $6 == "x" ? "" : " " $6
		printf line, $2, $3 == "info" ? "" : sign $4 unit, $5 unit, $7, $8
	}' "$WORK/rows"
}

json() {
	awk -F '\t' -v date="$(date -u +%FT%TZ)" -v machine="$(uname -srm), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)" '
	function quoted(s) { gsub(/[\\"]/, "\\\\&", s); return "\"" s "\"" }
	BEGIN { printf "{\"date\":%s,\"machine\":%s,\"rows\":[", quoted(date), quoted(machine) }
	{
		printf "%s\n{\"id\":%s,\"what\":%s,\"bar\":%s,\"value\":%s,\"unit\":%s,\"verdict\":%s,\"figures\":%s}", (NR > 1) ? "," : "",
			quoted($1), quoted($2), $3 == "info" ? "null" : quoted($3 " " $4), $5, quoted($6), quoted($7), quoted($8)
	}
	END { print "\n]}" }' "$WORK/rows"
}
