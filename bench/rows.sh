# SPDX-License-Identifier: Apache-2.0
# The rows of the benchmark: a function each. What each measures stands in its first line; the bars are those of
# the first issue. Sourced by bench/run, which brings RUNS, SECS, SOAK, BIN, WORK and CACHE.

cin='{"m2m:cin":{"con":"%p-0123456789"}}'

# against_nginx KEY ORDER: so many runs of nginx and the node in turn, the same bytes asked for
against_nginx() {
	local line n i
	line=$(node_load --seconds 0.5 --over 1000 --originator Creader "$2") || die "the node refused: $2"
	nginx_start "$(field bytes "$line")"
	for i in $(seq "$RUNS"); do
		n=$(load --port "$nginx_port" --pid "$nginx_pid" --plain-answers --seconds "$SECS" --over 1000 --originator Creader "$2")
		line=$(node_load --seconds "$SECS" --over 1000 --originator Creader "$2") || die "the node refused: $2"
		say "  $1, run $i of $RUNS: nginx $(rate "$n")/s ($(field server_us "$n") us), dured $(rate "$line")/s ($(field server_us "$line") us of its core)"
		remember "$1.nginx" "$(rate "$n")"
		remember "$1.node" "$(rate "$line")"
		remember "$1.us" "$(field server_us "$line")"
		remember "$1.nginx_us" "$(field server_us "$n")"
		remember "$1.ratio" "$(ratio "$(rate "$line")" "$(rate "$n")")"
		remember "$1.p99" "$(field p99 "$line")"
	done
	nginx_stop
}
nginx_row() { # KEY WHAT BAR
	row "$1" "$2" ge "$3" "$(medians "$1.ratio")" x \
		"dured $(medians "$1.node")/s $(medians "$1.us") us, p99 $(medians "$1.p99") us; nginx $(medians "$1.nginx")/s $(medians "$1.nginx_us") us"
}

# GET of a container and of its newest instance, by structured path, as an AE that a policy lets in.
row_get() {
	node_start "$WORK/get"
	reader
	plant bench 1000
	against_nginx get 'GET /cse-in/bench/c%c'
	node_stop
	nginx_row get "GET container, 64 connections, against nginx" 0.6
}
row_la() {
	node_start "$WORK/la"
	reader
	plant bench 1000
	node_load --count 5000 --over 1000 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >/dev/null
	against_nginx la 'GET /cse-in/bench/c%c/la'
	node_stop
	nginx_row la "GET la, 64 connections, against nginx" 0.6
}

# POST of instances, durable: over 1,000 containers, into one, and what SQLite alone does with batches as large.
row_post() {
	local i line hot raw before commits batch
	node_start "$WORK/post"
	plant bench 1000
	line=$(node_load --seconds 0.5 --over 1000 --originator Cbench "POST:4 /cse-in/bench/c%c $cin")
	nginx_start "$(field bytes "$line")"
	for i in $(seq "$RUNS"); do
		raw=$(load --port "$nginx_port" --pid "$nginx_pid" --plain-answers --seconds "$SECS" --over 1000 --originator Cbench "POST:4 /cse-in/bench/c%c $cin")
		remember post.nginx "$(rate "$raw")"
		remember post.nginx_us "$(field server_us "$raw")"
		before=$(metric dure_store_commits_total)
		line=$(node_load --seconds "$SECS" --over 1000 --originator Cbench "POST:4 /cse-in/bench/c%c $cin") || die "the node refused a POST"
		commits=$(($(metric dure_store_commits_total) - before))
		batch=$(calc "$(field answers "$line") / $commits + 0.5")
		remember post.node "$(rate "$line")"
		remember post.us "$(field server_us "$line")"
		remember post.p99 "$(field p99 "$line")"
		remember post.batch "$batch"
		remember post.ratio "$(ratio "$(rate "$line")" "$(rate "$raw")")"
		hot=$(node_load --seconds "$SECS" --originator Cbench "POST:4 /cse-in/bench/c7 $cin") || die "the node refused a POST"
		remember hot.node "$(rate "$hot")"
		remember hot.ratio "$(ratio "$(rate "$hot")" "$(rate "$line")")"
		say "  post, run $i of $RUNS: nginx $(rate "$raw")/s, 1,000 containers $(rate "$line")/s in batches of $batch, one container $(rate "$hot")/s"
		raw=$($ON_SERVER "$BIN/bench/raw" "$WORK/raw" "$batch" "$SECS") || die "SQLite alone did not work"
		remember raw.node "$(rate "$raw")"
		remember raw.ratio "$(ratio "$(rate "$line")" "$(rate "$raw")")"
		say "  post, run $i of $RUNS: SQLite alone $(rate "$raw")/s"
	done
	nginx_stop
	node_stop
	nginx_row post "POST durable, 1,000 containers, against nginx" 0.35
	row raw "POST durable, against SQLite alone" ge 0.6 "$(medians raw.ratio)" x \
		"SQLite alone $(medians raw.node)/s in batches of $(medians post.batch)"
	row hot "POST into one container, against 1,000" ge 0.9 "$(medians hot.ratio)" x "$(medians hot.node)/s"
}

# The store without the rest of the node, with its folding, against SQLite alone: batches of 64 over 1,000 boxes.
row_store() {
	local line
	# It takes turns three times by itself and tells the best of each.
	line=$($ON_SERVER "$BIN/bench/store_bench" "$WORK/store" 100000 | sed -n 's/^ *64 *//p') || die "the store alone did not work"
	set -- $line
	row store "the store alone, against SQLite alone" ge 0.6 "$(ratio "$4" "$1")" x \
		"batches of 64: with folding $4/s, without $2/s; SQLite $1/s"
}

# From 8 to 256 connections: the deepest fall below what fewer connections reached.
fall() { # KEY
	local n
	for n in 8 16 32 64 128 256; do medians "$1.$n"; done |
		awk 'BEGIN { worst = 9 } { if (top && $1 / top < worst) worst = $1 / top; if ($1 > top) top = $1 } END { printf "%.3f\n", worst }'
}
row_conns() {
	local i n line
	node_start "$WORK/conns"
	plant bench 1000
	for i in $(seq "$RUNS"); do
		for n in 8 16 32 64 128 256; do
			line=$(node_load --connections $n --seconds "$SECS" --warm 0.2 --over 1000 --originator Cbench "POST:4 /cse-in/bench/c%c $cin") || die "refused"
			remember conns.$n "$(rate "$line")"
			remember conns_us.$n "$(field server_us "$line")"
			line=$(node_load --connections $n --seconds 1 --warm 0.1 --over 1000 --originator Cbench "GET /cse-in/bench/c%c") || die "refused"
			remember conns_get.$n "$(rate "$line")"
		done
		say "  connections, run $i of $RUNS: POST $(for n in 8 16 32 64 128 256; do tail -n 1 "$WORK/figures/conns.$n"; done | tr '\n' ' ')"
	done
	node_stop
	row conns "POST from 8 to 256 connections: deepest fall" ge 0.9 "$(fall conns)" x \
		"$(for n in 8 16 32 64 128 256; do printf '%s: %s/s  ' $n "$(medians conns.$n)"; done)"
	row conns_get "GET from 8 to 256 connections: deepest fall" ge 0.9 "$(fall conns_get)" x \
		"$(for n in 8 16 32 64 128 256; do printf '%s: %s/s  ' $n "$(medians conns_get.$n)"; done)"
}

# POST with one subscriber that is told of each; the clock runs until it knows of all.
row_notify() {
	local i line noted hot sink
	sink=$("$BIN/bench/load" --free-port)
	node_start "$WORK/notify"
	plant bench 1000
	plant noted 1000
	ask Cnoted 'POST:3 /cse-in/noted {"m2m:cnt":{"rn":"hot"}}'
	node_load --connections 16 --count 1000 --over 1000 --round --originator Cnoted --sink "$sink" \
		'POST:23 /cse-in/noted/c%c {"m2m:sub":{"rn":"s","nu":["http://127.0.0.1:'"$sink"'/n"],"enc":{"net":[3]},"nct":1}}' >/dev/null ||
		die "the subscriptions could not be made"
	node_load --connections 1 --count 1 --originator Cnoted --sink "$sink" \
		'POST:23 /cse-in/noted/hot {"m2m:sub":{"rn":"s","nu":["http://127.0.0.1:'"$sink"'/n"],"enc":{"net":[3]},"nct":1}}' >/dev/null ||
		die "the subscription could not be made"
	for i in $(seq "$RUNS"); do
		line=$(node_load --seconds "$SECS" --over 1000 --originator Cbench "POST:4 /cse-in/bench/c%c $cin") || die "refused"
		noted=$(node_load --seconds "$SECS" --over 1000 --originator Cnoted --sink "$sink" --each 1 "POST:4 /cse-in/noted/c%c $cin") || die "refused"
		[ "$(field notified "$noted")" = "$(field answers "$noted")" ] ||
			die "notifications were lost: $(field answers "$noted") posts, $(field notified "$noted") notifications"
		# One subscriber is told one at a time: more than its queue holds would be dropped, which is no rate.
		hot=$(node_load --count 8000 --originator Cnoted --sink "$sink" --each 1 "POST:4 /cse-in/noted/hot $cin") || die "refused, or not all told"
		say "  notify, run $i of $RUNS: without $(rate "$line")/s, with $(rate "$noted")/s ($(field server_us "$noted") us), into one container $(rate "$hot")/s"
		remember notify.plain "$(rate "$line")"
		remember notify.noted "$(rate "$noted")"
		remember notify.us "$(field server_us "$noted")"
		remember notify.hot "$(rate "$hot")"
		remember notify.ratio "$(ratio "$(rate "$noted")" "$(rate "$line")")"
		remember notify.hot_ratio "$(ratio "$(rate "$hot")" "$(rate "$line")")"
	done
	node_stop
	row notify "POST with one subscriber told, against without" ge 0.33 "$(medians notify.ratio)" x \
		"with $(medians notify.noted)/s $(medians notify.us) us, without $(medians notify.plain)/s; all delivered"
	row notify_hot "the same, one container and one subscription" info "" "$(medians notify.hot_ratio)" x "$(medians notify.hot)/s, bursts of 8,000, all delivered"
}

# Discovery by label with one match, in trees of 1,000, 10,000 and 100,000 instances; and by number of matches.
found() { # KEY QUERY OVER
	local line
	line=$(node_load --seconds "$SECS" --over "$3" --originator Creader "GET /cse-in?fu=1&$2") || die "discovery was refused"
	remember "$1" "$(rate "$line")"
	remember "$1.us" "$(field server_us "$line")"
}
row_find() {
	local i line size have=0 matches
	node_start "$WORK/find"
	reader
	plant bench 1000
	for matches in 10 100 1000; do
		node_load --count $matches --first $have --over 1000 --round --originator Cbench \
			'POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%p","lbl":["u%n","h'$matches'"]}}' >/dev/null || die "refused"
		have=$((have + matches))
	done
	for size in 1000 10000 100000; do
		[ $size -le $have ] || node_load --count $((size - have)) --first $have --over 1000 --round --originator Cbench \
			'POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%p","lbl":["u%n","all"]}}' >/dev/null || die "refused"
		[ $size -le $have ] || have=$size
		for i in $(seq "$RUNS"); do
			found find.$size 'lbl=u%c' $have
			[ $size = 100000 ] || continue
			line=$(node_load --seconds "$SECS" --over 1000 --originator Creader "GET /cse-in/bench/c%c") || die "refused"
			remember find.get "$(rate "$line")"
			remember find.ratio "$(ratio "$(tail -n 1 "$WORK/figures/find.$size")" "$(rate "$line")")"
			[ "$i" = 1 ] || continue
			for matches in 10 100 1000; do found find.m$matches lbl=h$matches 1; done
		done
		say "  discovery among $size: $(medians find.$size)/s"
	done
	node_stop
	row find "discovery by label, 1 of 100,000, against GET" ge 0.3 "$(medians find.ratio)" x \
		"$(medians find.100000)/s; GET $(medians find.get)/s"
	row find_tree "discovery among 100,000 against among 1,000" ge 0.8 "$(ratio "$(medians find.100000)" "$(medians find.1000)")" x \
		"1k $(medians find.1000)/s, 10k $(medians find.10000)/s, 100k $(medians find.100000)/s"
	row find_matches "discovery of 1,000 matches, us of the core a match" info "" "$(calc "$(medians find.m1000.us) / 1000" 2)" us \
		"1: $(medians find.100000.us) us, 10: $(medians find.m10.us) us, 100: $(medians find.m100.us) us, 1000: $(medians find.m1000.us) us"
}

# From exec() to the first 200: an empty directory, and 1,000,000 instances under 10,000 containers.
started() { # KEY DIRECTORY
	local line port
	port=$("$BIN/bench/load" --free-port)
	line=$($ON_SERVER "$BIN/bench/start" "$port" /cse-in "$BIN/src/dured/dured" --data-dir "$2" \
		--http-listen "127.0.0.1:$port" --log-level warn) || die "the node did not start on $2"
	remember "$1" "$(field ms "$line")"
	remember "$1.kb" "$(field rss_kb "$line")"
	remember "$1.stop" "$(field stop_ms "$line")"
}
row_start() {
	local i
	cached many make_many
	for i in $(seq $((RUNS + 2))); do
		rm -rf "$WORK/start"
		started start_empty "$WORK/start"
		started start_many "$CACHE/many"
	done
	row start_empty "start to first 200, empty" le 100 "$(medians start_empty)" ms "stops in $(medians start_empty.stop) ms"
	row start_many "start to first 200, 1,000,000 in 10,000" le 2000 "$(medians start_many)" ms \
		"stands at $(calc "$(medians start_many.kb) / 1024" 1) MB; stops in $(medians start_many.stop) ms"
}

# cached NAME COMMAND: makes a data directory once and keeps it for as long as the store's form stays the same
cached() {
	local form
	form=$(cat "$ROOT"/src/store/*.c "$ROOT/bench/rows.sh" | cksum)
	[ "$(cat "$CACHE/$1.form" 2>/dev/null)" = "$form" ] && return
	say "  making the data set '$1' (once)"
	rm -rf "${CACHE:?}/$1"
	node_start "$CACHE/$1"
	"$2"
	node_stop
	printf '%s\n' "$form" >"$CACHE/$1.form"
}
make_many() {
	plant bench 10000
	node_load --connections 128 --count 1000000 --over 10000 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >&2 || die "refused"
}
make_one() {
	plant bench 1000
	ask Cbench 'POST:3 /cse-in/bench {"m2m:cnt":{"rn":"huge"}}'
	node_load --connections 128 --count 1000000 --originator Cbench "POST:4 /cse-in/bench/huge $cin" >&2 || die "refused"
	node_load --connections 64 --count 20000 --over 1000 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >&2 || die "refused"
}

# Memory: a node that does nothing, and what 100,000 containers add.
row_memory() {
	local idle full again
	node_start "$WORK/memory"
	reader
	ask Cbench 'POST:2 /cse-in {"m2m:ae":{"rn":"bench","api":"N.bench","rr":false,"srv":["3"]}}'
	node_load --connections 8 --count 1000 --originator Cbench 'GET /cse-in/bench' >/dev/null
	idle=$(node_kb)
	row memory_idle "memory, idle" le 12 "$(calc "$idle / 1024" 1)" MB \
		"resident, after 1,000 requests; of it $(calc "$(node_kb RssAnon) / 1024" 1) MB our own, the rest code"
	node_load --connections 32 --count 100000 --over 100000 --round --originator Cbench \
		'POST:3 /cse-in/bench {"m2m:cnt":{"rn":"room-%c","lbl":["floor:1"]}}' >/dev/null || die "refused"
	full=$(node_kb)
	node_stop
	node_start "$WORK/memory"
	again=$(node_kb)
	node_stop
	row memory_each "memory of one of 100,000 containers" le 1024 "$(calc "($full - $idle) * 1024 / 100000")" B \
		"$(calc "$full / 1024" 1) MB; started anew $(calc "($again - $idle) * 1024 / 100000") B each"
}

# The same mixed load for a while: readings into full boxes, reads, discovery, notifications, and containers that come
# and go. Memory may not grow.
row_soak() {
	local sink begin now early late
	sink=$("$BIN/bench/load" --free-port)
	node_start "$WORK/soak"
	plant bench 200 ',"mni":100'
	node_load --count 2000 --over 200 --round --originator Cbench "POST:4 /cse-in/bench/c%c $cin" >/dev/null || die "refused"
	node_load --connections 8 --count 20 --over 20 --round --originator Cbench --sink "$sink" \
		'POST:23 /cse-in/bench/c%c {"m2m:sub":{"rn":"s","nu":["http://127.0.0.1:'"$sink"'/n"],"enc":{"net":[3]},"nct":1}}' >/dev/null ||
		die "the subscriptions could not be made"
	node_load --seconds "$SOAK" --connections 48 --over 200 --originator Cbench --sink "$sink" \
		'POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%p","lbl":["l%c"]}}' 'GET /cse-in/bench/c%c/la' \
		'POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%p","lbl":["k%n"]}}' 'GET /cse-in/bench/c%c' \
		'GET /cse-in/bench?fu=1&lbl=l%c&lim=5' >"$WORK/soak.line" 2>"$WORK/soak.errors" &
	soak_load=$!
	node_load --seconds "$SOAK" --connections 1 --rate 400 --originator Cbench \
		'POST:3 /cse-in/bench {"m2m:cnt":{"rn":"t%t","lbl":["come","go"]}}' 'POST:4 /cse-in/bench/t%t {"m2m:cin":{"con":"%p"}}' \
		'PUT /cse-in/bench/t%t {"m2m:cnt":{"lbl":["gone"]}}' 'DELETE /cse-in/bench/t%t' >/dev/null &
	soak_other=$!
	begin=$(date +%s)
	: >"$WORK/soak.kb"
	while kill -0 $soak_load 2>/dev/null; do
		node_kb >>"$WORK/soak.kb"
		now=$(($(date +%s) - begin))
		[ -t 2 ] && printf '\r  soak: %s of %s s, %s KB ' "$now" "$SOAK" "$(tail -n 1 "$WORK/soak.kb")" >&2
		sleep 1
	done
	[ -t 2 ] && printf '\n' >&2
	wait $soak_load || die "the soak met trouble: $(cat "$WORK/soak.errors")"
	wait $soak_other || die "the soak met trouble among the containers that come and go"
	node_stop
	early=$(median $(awk '{ v[NR] = $1 } END { for (i = int(NR / 4) + 1; i <= NR / 2; i++) print v[i] }' "$WORK/soak.kb"))
	late=$(median $(awk '{ v[NR] = $1 } END { for (i = int(NR * 3 / 4) + 1; i <= NR; i++) print v[i] }' "$WORK/soak.kb"))
	row soak "memory after $SOAK s of mixed load, late against early" le 1.02 "$(ratio "$late" "$early")" x \
		"second quarter $early KB, last quarter $late KB, $(field answers "$(cat "$WORK/soak.line")") requests; MB: $(awk '{ v[NR] = $1 } END { for (i = 1; i <= 12; i++) printf " %.1f", v[int((NR - 1) * i / 12) + 1] / 1024 }' "$WORK/soak.kb")"
}

# Deleting a container of 1,000,000 instances while others ask by the clock, 2,000 a second.
others() { # SECONDS
	node_load --connections 32 --rate 2000 --seconds "$1" --over 1000 --originator Cbench \
		'GET /cse-in/bench/c%c' "POST:4 /cse-in/bench/c%c $cin" 'GET /cse-in/bench/c%c/la'
}
row_delete() {
	local i calm line took
	cached one make_one
	for i in $(seq "$RUNS"); do
		rm -rf "$WORK/delete"
		cp -r "$CACHE/one" "$WORK/delete"
		sync # else the calm figure is that of the copy being written
		node_start "$WORK/delete"
		calm=$(others 2) || die "refused"
		others 10 >"$WORK/delete.line" &
		load_pid=$!
		sleep 1
		took=$(load --port "$node_port" --connections 1 --count 1 --originator Cbench 'DELETE /cse-in/bench/huge') || die "the node did not delete"
		wait $load_pid || die "the others were refused while a container was deleted"
		line=$(cat "$WORK/delete.line")
		say "  delete, run $i of $RUNS: answered in $(field max "$took") us; others p99 $(field p99 "$line") us, longest $(field max "$line") us (else $(field p99 "$calm"), $(field max "$calm"))"
		remember delete.p99 "$(calc "$(field p99 "$line") / 1000" 2)"
		remember delete.max "$(calc "$(field max "$line") / 1000" 1)"
		remember delete.calm "$(calc "$(field p99 "$calm") / 1000" 2)"
		remember delete.took "$(calc "$(field max "$took") / 1000" 1)"
		node_stop
	done
	rm -rf "$WORK/delete"
	row delete "p99 of others while 1,000,000 are deleted" le 20 "$(medians delete.p99)" ms \
		"longest $(medians delete.max) ms; p99 without $(medians delete.calm) ms; DELETE answered in $(medians delete.took) ms"
}
