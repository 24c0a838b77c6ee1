# SPDX-License-Identifier: Apache-2.0
# What story tests share (sourced by sh): a node of one's own on a free port, TAP, and a clean end.
#
#   story_start NODE [OPTION...]   starts it in $dir/data; sets $pid and $url, or ends the test
#   story_stop                     SIGTERM, and waits
#   check "what should be" COMMAND...
#   ask METHOD ORIGINATOR PATH [TY] [BODY]   curl; the answer in $dir/body, the code in $rsc, the status in $status

count=0
dir=$(mktemp -d)
pid=""
trap 'story_kill; rm -rf "$dir"' EXIT INT TERM

story_kill() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
	[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	pid=""
}

story_start() {
	node=$1
	shift
	rm -f "$dir/data/http.port"
	"$node" --data-dir "$dir/data" --http-listen 127.0.0.1:0 "$@" 2>>"$dir/log" &
	pid=$!
	for _ in $(seq 200); do
		[ -s "$dir/data/http.port" ] && { url="http://127.0.0.1:$(cat "$dir/data/http.port")"; return 0; }
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	echo "not ok - the node starts"
	cat "$dir/log" >&2
	exit 1
}

story_stop() {
	kill "$pid"
	wait "$pid"
	ended=$?
	pid=""
	return $ended
}

check() {
	what=$1
	shift
	count=$((count + 1))
	if "$@" >"$dir/check" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		sed 's/^/# /' "$dir/check" "$dir/body" 2>/dev/null | head -n 20
	fi
}

ask() {
	method=$1 originator=$2 path=$3 ty=${4:-} body=${5:-}
	: >"$dir/head"
	set -- -s -D "$dir/head" -o "$dir/body" -X "$method" -H "X-M2M-Origin: $originator" -H "X-M2M-RI: r1" -H "X-M2M-RVI: 3"
	[ -z "$ty" ] || set -- "$@" -H "Content-Type: application/json;ty=$ty"
	[ -n "$ty" ] || [ -z "$body" ] || set -- "$@" -H "Content-Type: application/json"
	[ -z "$body" ] || set -- "$@" --data-binary "$body"
	: >"$dir/body"
	status=$(curl "$@" -w '%{http_code}' "$url/$path") || status=000
	rsc=$(tr -d '\r' <"$dir/head" | sed -n 's/^X-M2M-RSC: //p')
}

is() { [ "$1" = "$2" ] || { echo "got \"$1\", expected \"$2\""; return 1; }; }
has() { grep -q -- "$1" "$dir/body" || { echo "no $1 in the body"; return 1; }; }
story_end() { echo "1..$count"; }
