#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The daemon from outside: starting, pages, signals, restarts, bad options, and stores that can't be used.
# usage: dured_test.sh DURED
set -u
node=$1
. "$(dirname "$0")/story.sh"

# ---- options ----
"$node" --help >"$dir/body"
check "--help names every option with its default" has "http-listen ADDRESS"
"$node" --check-config --cse-id /x >"$dir/body"
check "--check-config shows what would be used" has "cse-id = /x"
"$node" --cse-idd x 2>"$dir/body"
check "an unknown option ends with 2" is $? 2
check "and is named" has "there is no option --cse-idd"
printf 'log-level = debug\nlog-format = json\nlog-file = %s/node.log\n' "$dir" >"$dir/dured.conf"

# ---- a life ----
story_start "$node" --config "$dir/dured.conf"
curl -s "$url/healthz" >"$dir/body"
check "/healthz says ok" has "^ok"
check "/readyz is 200" is "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 200
ask POST Chome cse-in 2 '{"m2m:ae":{"rn":"home","api":"N.home","rr":false,"srv":["3"]}}'
check "an AE registers" is "$rsc" 2001
ask POST Chome cse-in/home 3 '{"m2m:cnt":{"rn":"c"}}'
check "a container is made" is "$rsc" 2001
for i in 1 2 3; do ask POST Chome cse-in/home/c 4 "{\"m2m:cin\":{\"con\":\"$i\"}}"; done
curl -s "$url/metrics" >"$dir/metrics"
check "promtool likes /metrics" promtool check metrics <"$dir/metrics"
cp "$dir/metrics" "$dir/body"
check "and it counts" has '^dure_instances 3$'
check "the log is JSON, a line each" jq -e . "$dir/node.log"
mv "$dir/node.log" "$dir/old.log"
kill -HUP "$pid"
for _ in $(seq 100); do [ -s "$dir/node.log" ] && break; sleep 0.02; done
check "SIGHUP reopens the log" grep -q reopened "$dir/node.log"
curl -s -I "$url/healthz" >"$dir/body"
check "HEAD is answered without a body" has "Content-Length: 3"
story_stop
check "SIGTERM ends it with 0" is $? 0
check "and takes the port file away" test ! -e "$dir/data/http.port"

# ---- another life ----
story_start "$node"
ask GET Chome cse-in/home/c
check "after a restart the container counts its instances" has '"cni":3'
ask GET Chome cse-in/home/c/la
check "and the newest is there" has '"con":"3"'
"$node" --data-dir "$dir/data" --http-listen 127.0.0.1:0 2>"$dir/body"
check "a second node on the same directory does not start" is $? 1
check "and says who holds it" has "$pid"
kill -9 "$pid"
wait "$pid" 2>/dev/null
"$node" --data-dir "$dir/data" --http-listen 127.0.0.1:0 --cse-id /other 2>"$dir/body"
check "a store is not taken over by another CSE-ID" has "set --cse-id and --cse-name as they were"
story_start "$node"
ask GET Chome cse-in/home/c
check "after kill -9 nothing is missing" has '"cni":3'
story_stop

# ---- stores that can't be used ----
mkdir "$dir/no" && echo "this is no store, only words" >"$dir/no/dure.db"
"$node" --data-dir "$dir/no" --http-listen 127.0.0.1:0 2>"$dir/body"
check "a file that is no store is refused" is $? 1
check "with its name" has "dure.db"
"$node" --data-dir /proc/nothing --http-listen 127.0.0.1:0 2>"$dir/body"
check "a directory that can't be made is refused" has "/proc/nothing"
"$node" --data-dir "$dir/x" --http-listen 192.0.2.1:1 2>"$dir/body"
check "an address that is not ours is refused by name" has "192.0.2.1:1"
"$node" --data-dir "$dir/x" --http-listen nonsense 2>"$dir/body"
check "and so is nonsense" has "nonsense"
story_end
