#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk fills while a node writes: it answers 5xx, keeps reading, tells so, and comes back by itself when there
# is room again. Needs a small file system of its own; skipped where none can be mounted.
# usage: full_disk_test.sh DURED
set -u
node=$1
. "$(dirname "$0")/story.sh"
mkdir "$dir/data"
if ! mount -t tmpfs -o size=6m,mode=0700 tmpfs "$dir/data" 2>/dev/null; then
	echo "ok 1 - the disk fills # SKIP no file system can be mounted here"
	echo "1..1"
	exit 0
fi
trap 'story_kill; umount "$dir/data"; rm -rf "$dir"' EXIT INT TERM

story_start "$node"
ask POST Chome cse-in 2 '{"m2m:ae":{"rn":"home","api":"N.home","rr":false,"srv":["3"]}}'
ask POST Chome cse-in/home 3 '{"m2m:cnt":{"rn":"c"}}'
filler=$(head -c 60000 /dev/zero | tr '\0' x)
printf '{"m2m:cin":{"con":"%s"}}' "$filler" >"$dir/large"
acknowledged=0
for _ in $(seq 300); do
	ask POST Chome cse-in/home/c 4 "@$dir/large"
	[ "$rsc" = 2001 ] || break
	acknowledged=$((acknowledged + 1))
done
check "a write that finds no room is answered 5000" is "$rsc" 5000
check "as HTTP 500" is "$status" 500
check "with a sentence" has "m2m:dbg"
check "/readyz says 503" is "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 503
check "/healthz says 200" is "$(curl -s -o /dev/null -w '%{http_code}' "$url/healthz")" 200
ask GET Chome cse-in/home/c
check "reading goes on, and shows what was acknowledged, no more" has "\"cni\":$acknowledged,"
mount -o remount,size=200m "$dir/data"
for _ in $(seq 200); do
	ready=$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")
	[ "$ready" = 200 ] && break
	sleep 0.05
done
check "with room again it comes back by itself" is "$ready" 200
ask POST Chome cse-in/home/c 4 '{"m2m:cin":{"con":"after"}}'
check "and writes" is "$rsc" 2001
kill -9 "$pid"
wait "$pid" 2>/dev/null
story_start "$node"
ask GET Chome cse-in/home/c
check "after a restart exactly the acknowledged ones are there" has "\"cni\":$((acknowledged + 1)),"

# ---- a disk that can't be written at all ----
story_stop
mount -o remount,ro "$dir/data"
"$node" --data-dir "$dir/data" --http-listen 127.0.0.1:0 2>"$dir/body"
check "on a read-only disk the node does not start" is $? 1
check "and says where and why" has "data.*[Rr]ead-only"
story_end
