# SPDX-License-Identifier: Apache-2.0
# What attacks do to others: each row plays one kind of attack while others ask by the clock, 500 requests a second, and
# tells their p99, by how much the node grew, and how long after the end it stood at its size again. Sourced by bench/run
# after rows.sh. The bars: p99 of others <= 20 ms, growth <= 64 MB, back within 60 s.

BACK_KB=8192 # above idle that still counts as idle: what the allocator keeps

attacker() { taskset -c 1 "$BIN/bench/attack" --port "$node_port" "$@"; }
headers() { printf '%s' 'HTTP/1.1\nHost: a\nX-M2M-Origin: '"$1"'\nX-M2M-RI: a\nX-M2M-RVI: 3'; }

# Waits until the memory of the node is back; tells the seconds, or 61.
attack_back() { # IDLE-KB
	local i
	for i in $(seq 0 60); do
		[ "$(node_kb RssAnon)" -le $(($1 + BACK_KB)) ] && { echo "$i"; return; }
		sleep 1
	done
	echo 61
}

# under_attack KEY WHAT COMMAND...: the command is the attack; it ends by itself. The node runs, "bench" is planted.
under_attack() {
	local key=$1 what=$2 idle peak=0 now line back
	shift 2
	idle=$(node_kb RssAnon)
	node_load --connections 16 --rate 500 --seconds "${ATTACK_SECS:-10}" --over 1000 --originator Cbench --may-refuse \
		'GET /cse-in/bench/c%c' "POST:4 /cse-in/bench/c%c $cin" 'GET /cse-in/bench/c%c/la' >"$WORK/attack.line" 2>"$WORK/attack.errors" &
	load_pid=$!
	sleep 0.5
	"$@" >"$WORK/attack.out" 2>&1 &
	soak_other=$!
	while kill -0 $load_pid 2>/dev/null; do
		now=$(node_kb RssAnon)
		[ "$now" -le "$peak" ] || peak=$now
		sleep 0.1
	done
	wait $load_pid || say "  $key: others met trouble: $(tail -n 1 "$WORK/attack.errors")"
	kill $soak_other 2>/dev/null || :
	wait $soak_other 2>/dev/null || :
	soak_other=''
	kill -0 "$node_pid" 2>/dev/null || die "$key: the node ended: $(tail -n 3 "$WORK/dured.log")"
	back=$(attack_back "$idle")
	line=$(cat "$WORK/attack.line")
	row "attack_$key" "$what: p99 of others" le 20 "$(calc "$(field p99 "$line") / 1000" 2)" ms \
		"longest $(calc "$(field max "$line") / 1000" 1) ms; refused $(field refused "$line"), lost $(field lost "$line"); attack: $(tail -n 1 "$WORK/attack.out" | cut -c1-100)"
	row "attack_${key}_memory" "  growth meanwhile" le 64 "$(calc "($peak - $idle) / 1024" 1)" MB "idle $(calc "$idle / 1024" 1) MB"
	row "attack_${key}_back" "  back to its size after" le 60 "$back" s ""
}

attack_node() { # DIRECTORY [OPTION...]: a node on which the others can work
	local dir=$1
	shift
	node_start "$WORK/$dir" "$@"
	plant bench 1000
	node_load --count 1000 --over 1000 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >/dev/null || die "refused"
	ask Cevil 'POST:2 /cse-in {"m2m:ae":{"rn":"evil","api":"N.evil","rr":true,"srv":["3"],"poa":["http://127.0.0.1:9/"]}}'
}

# asks FOR ... SECONDS: requests of Cevil, which may be refused, on so many connections
evil() { # CONNECTIONS SECONDS ORDER...
	local n=$1 s=$2
	shift 2
	taskset -c 1 "$BIN/bench/load" --port "$node_port" --connections "$n" --seconds "$s" --may-refuse --originator Cevil "$@"
}

# list N TEXT: so many strings for JSON, with a % in each replaced by its number
list() { seq 0 $(($1 - 1)) | sed 's|.*|"'"$2"'"|;' | awk '{ sub("%", NR - 1); print }' | paste -sd,; }

# 2: targets whose name server never answers. It needs a mount namespace of its own for resolv.conf.
row_attack_names() {
	local alone=$ON_SERVER silent
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || { say "  names: needs root and a mount namespace; left out"; return; }
	printf 'nameserver 127.0.0.53\noptions timeout:30 attempts:5\n' >"$WORK/resolv.conf"
	printf 'mount --bind %s /etc/resolv.conf && exec "$@"\n' "$WORK/resolv.conf" >"$WORK/silent.sh"
	"$BIN/bench/attack" --silent 53 --hold 120 &
	silent=$!
	ON_SERVER="unshare -m sh $WORK/silent.sh $ON_SERVER"
	attack_node names
	under_attack names "targets whose name server is silent" \
		evil 50 8 'POST:23 /cse-in/evil {"m2m:sub":{"nu":["http://s%n.example/"],"enc":{"net":[1]}}}'
	ON_SERVER=$alone
	kill $silent 2>/dev/null || :
	node_stop
}

# 3: a policy that names a group of 10,000 members 9,990 times
row_attack_group() {
	attack_node group
	printf '{"m2m:grp":{"rn":"g","mnm":10000,"mt":0,"mid":[%s,%s]}}' "$(list 1000 cse-in/bench/c%)" \
		"$(list 9000 //other.example/id-x/m%)" >"$WORK/group.json"
	printf '{"m2m:acp":{"rn":"p","pv":{"acr":[{"acor":[%s],"acop":63}]},"pvs":{"acr":[{"acor":["Cevil"],"acop":63}]}}}' \
		"$(list 9990 cse-in/evil/g)" >"$WORK/policy.json"
	for file in group:9 policy:1; do
		curl -s -o "$WORK/made" -w '%{http_code}\n' "http://127.0.0.1:$node_port/cse-in/evil" -H 'X-M2M-Origin: Cevil' -H 'X-M2M-RI: 1' -H 'X-M2M-RVI: 3' \
			-H "Content-Type: application/json;ty=${file#*:}" --data-binary "@$WORK/${file%:*}.json" >"$WORK/made.code"
		say "  group: ${file%:*} $(cat "$WORK/made.code") $(head -c 150 "$WORK/made")"
	done
	for i in 1 2 3 4 5; do
		evil 1 1 'POST:3 /cse-in/evil {"m2m:cnt":{"rn":"x'$i'","acpi":["cse-in/evil/p"]}}' >/dev/null 2>&1 || :
	done
	under_attack group "a policy that names a large group 9,990 times" \
		taskset -c 1 "$BIN/bench/load" --port "$node_port" --connections 4 --seconds 8 --may-refuse --originator Cnobody \
		'GET /cse-in/evil/x1' 'GET /cse-in?fu=1'
	node_stop
}

# 4: requests that wait, by operation execution time and at a polling channel, and whose asker leaves
row_attack_leave() {
	local fds
	attack_node leave
	ask Cevil 'POST:15 /cse-in/evil {"m2m:pch":{"rn":"pch"}}'
	under_attack leave "2,100 requests to be done in 2036, cut" attacker --connections 2100 --cut --hold 8 \
		--send "GET /cse-in/evil $(headers Cevil)\nX-M2M-OET: 20361231T000000"
	fds=$(ls "/proc/$node_pid/fd" | wc -l)
	row attack_leave_fds "  descriptors that stay" le 100 "$fds" "" ""
	under_attack polls "2,100 polls until 2036, cut" attacker --connections 2100 --cut --hold 8 \
		--send "GET /cse-in/evil/pch/pcu $(headers Cevil)\nX-M2M-RET: 20361231T000000"
	node_stop
}

# 6: answers that are large because names are long
row_attack_deep() {
	local name path i
	attack_node deep
	name=$(printf '%0200d' 0)
	path=/cse-in/evil
	for i in $(seq 30); do
		evil 1 1 "POST:3 $path {\"m2m:cnt\":{\"rn\":\"n$name\"}}" >/dev/null 2>&1 || :
		path=$path/n$name
	done
	taskset -c 1 "$BIN/bench/load" --port "$node_port" --connections 16 --count 9000 --over 9000 --round --may-refuse --originator Cevil \
		"POST:3 $path {\"m2m:cnt\":{\"rn\":\"m%c\"}}" >/dev/null 2>&1 || :
	under_attack deep "discovery below deep, long names" evil 4 8 'GET /cse-in/evil?fu=1' 'GET /cse-in/evil?rcn=4'
	node_stop
}

# 6: a fan-out of 1 MB to 300 members
row_attack_fanout() {
	attack_node fanout --quota-resources 0
	node_load --connections 8 --count 300 --over 300 --round --originator Cevil 'POST:3 /cse-in/evil {"m2m:cnt":{"rn":"f%c","mni":1}}' >/dev/null || die "refused"
	ask Cevil "POST:9 /cse-in/evil {\"m2m:grp\":{\"rn\":\"g\",\"mnm\":300,\"mid\":[$(list 300 cse-in/evil/f%)]}}"
	printf '{"m2m:cin":{"con":"%s"}}' "$(head -c 1000000 /dev/zero | tr '\0' x)" >"$WORK/large.json"
	under_attack fanout "1 MB to 300 members" sh -c '
		for i in 1 2 3 4; do
			curl -s -o /dev/null -w "%{http_code} " "http://127.0.0.1:'"$node_port"'/cse-in/evil/g/fopt" -H "X-M2M-Origin: Cevil" -H "X-M2M-RI: $i" -H "X-M2M-RVI: 3" \
				-H "Content-Type: application/json;ty=4" --data-binary "@'"$WORK"'/large.json"
		done'
	node_stop
}

# 7: bodies and WebSocket messages that never end, of nobody in particular
row_attack_unfinished() {
	local head
	attack_node bodies
	node_stop
	node_start "$WORK/bodies" --authentication beyond-loopback
	under_attack bodies "1,500 bodies that don't end" attacker --connections 1500 --filler 900000 --hold 8 \
		--send "POST /cse-in/evil $(headers Cevil)\nContent-Type: application/json;ty=4\nContent-Length: 1000000"
	head='GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: oneM2M.json'
	# The first fragment of a masked message, of 65,535 bytes and not the last; it is not finished either.
	under_attack ws "1,000 WebSocket messages that don't end" attacker --connections 1000 --send "$head" --await \
		--then "$(printf '\001\376\377\377abcd')" --filler 65000 --hold 8
	node_stop
}

# 8: conditions on the children of 100,000 instances
row_attack_conditions() {
	attack_node conditions
	ask Cevil 'POST:3 /cse-in/evil {"m2m:cnt":{"rn":"big"}}'
	node_load --connections 64 --count 100000 --originator Cevil "POST:4 /cse-in/evil/big $cin" >/dev/null || die "refused"
	under_attack conditions "32 conditions on 100,000 instances" evil 4 8 \
		"GET /cse-in/evil/big?rcn=1&$(seq 32 | sed 's|.*|c.cnf=x&*|' | paste -sd'&')" \
		"GET /cse-in?fu=1&$(seq 16 | sed 's|.*|c.con=x&*|' | paste -sd'&')" "GET /cse-in/evil?rcn=4&lbl=none" "GET /cse-in?fu=1&con=*y*"
	node_stop
}

# 8: a subtree of 180,000 containers is deleted
row_attack_delete() {
	attack_node tree --quota-resources 0
	ask Cevil 'POST:3 /cse-in/evil {"m2m:cnt":{"rn":"tree"}}'
	node_load --connections 64 --count 180000 --over 180000 --round --originator Cevil 'POST:3 /cse-in/evil/tree {"m2m:cnt":{"rn":"t%c"}}' >/dev/null || die "refused"
	under_attack delete "180,000 children deleted" evil 1 1 'DELETE /cse-in/evil/tree'
	node_stop
}

# 100,000 containers that expire in the same second
row_attack_expire() {
	local et
	attack_node expire --quota-resources 0
	ask Cevil 'POST:3 /cse-in/evil {"m2m:cnt":{"rn":"tree"}}'
	et=$(date -u -d '+25 seconds' +%Y%m%dT%H%M%S)
	node_load --connections 64 --count 100000 --over 100000 --round --originator Cevil \
		'POST:3 /cse-in/evil/tree {"m2m:cnt":{"rn":"t%c","et":"'"$et"'"}}' >/dev/null || die "refused: did it take longer than 25 s?"
	ATTACK_SECS=30 under_attack expire "100,000 expire in one second" true
	node_stop
}

# Large answers that nobody reads
row_attack_unread() {
	attack_node unread
	under_attack unread "large answers that nobody reads, 200 x 32" attacker --connections 200 --repeat 32 --hold 8 \
		--send "GET /cse-in/bench?rcn=4 $(headers Cbench)"
	node_stop
}

# 16: a start with 1,000,000 notifications that wait
make_pending() {
	local i
	plant bench 1000
	for i in $(seq 100); do
		ask Cbench 'POST:23 /cse-in/bench/c'$i' {"m2m:sub":{"rn":"s","nu":["http://127.0.0.1:9/n"],"enc":{"net":[3]},"nct":1,"pn":1}}' 2>/dev/null || die "subscription refused"
	done
	node_load --connections 64 --count 1000000 --over 100 --first 0 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >&2 || die "refused"
}
row_attack_start() {
	local i
	cached pending make_pending
	for i in $(seq "$RUNS"); do
		rm -rf "$WORK/pending"
		cp -r "$CACHE/pending" "$WORK/pending"
		sync
		started start_pending "$WORK/pending"
	done
	row attack_start "start with 1,000,000 notifications that wait" le 2000 "$(medians start_pending)" ms "stands at $(calc "$(medians start_pending.kb) / 1024" 1) MB"
}
