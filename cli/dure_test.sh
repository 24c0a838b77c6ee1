#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The story of dure: every command against a real dured, on a port that the kernel picks and in a directory that is
# thrown away. Prints TAP.   dure_test.sh DURE DURED
set -u
dure_bin=$1
dured_bin=$2
dir=$(mktemp -d /tmp/dure-story-XXXXXX) || exit 1
unset DURE_AT DURE_AS
LC_ALL=C.UTF-8
export LC_ALL
count=0
node=

tidy() {
	[ -n "$node" ] && kill "$node" 2>/dev/null && wait "$node" 2>/dev/null
	[ -n "${watcher-}" ] && kill "$watcher" 2>/dev/null
	rm -rf "$dir"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP

dure() {
	"$dure_bin" "$@"
}

# Waits for a condition of the shell, at most ten seconds.
until_true() {
	tries=0
	until eval "$1"; do
		tries=$((tries + 1))
		[ $tries -gt 200 ] && return 1
		sleep 0.05
	done
}

start() {
	rm -f "$dir/data/http.port"
	"$dured_bin" --data-dir "$dir/data" --http-listen 127.0.0.1:0 --log-file "$dir/dured.log" &
	node=$!
	until_true '[ -s "$dir/data/http.port" ] || ! kill -0 $node 2>/dev/null'
	if [ ! -s "$dir/data/http.port" ]; then
		echo "Bail out! dured did not start"
		sed 's/^/# /' "$dir/dured.log" 2>/dev/null
		exit 1
	fi
	DURE_AT=http://127.0.0.1:$(cat "$dir/data/http.port")
	export DURE_AT
}

stop() {
	kill "$node"
	wait "$node"
	node=
}

# ok NAME STATUS: one line of TAP; the last output is shown when it is not ok.
ok() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$dir/out" "$dir/err" 2>/dev/null | head -40
	fi
}

# runs NAME EXIT ARGUMENTS...: dure ends with that exit.
runs() {
	name=$1 wanted=$2
	shift 2
	dure "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got -eq "$wanted" ] || echo "exit $got instead of $wanted" >>"$dir/err"
	[ $got -eq "$wanted" ]
	ok "$name" $?
}

# says NAME PATTERN: the last output or error has it.
says() {
	grep -q -e "$2" "$dir/out" "$dir/err"
	ok "$1" $?
}

# ---- without a server ----
runs 'version' 0 version
says 'version says which' '^dure [0-9]'
runs 'no command shows help' 2
runs 'help' 0 help
says 'help lists the commands' 'replay FILE'
runs 'help of one command' 0 create --help
runs 'help in Korean' 0 --lang ko help get
says 'Korean is Korean' '리소스를 보여 줍니다'
runs 'no such command' 2 frobnicate
runs 'no such option' 2 get x --frob
runs 'operands missing' 2 get
runs 'explain a type' 0 explain cnt
says 'explain knows mni' 'maxNrOfInstances'
runs 'explain a code' 0 explain 4103
runs 'explain nothing' 1 explain no-such-thing
runs 'explain as JSON' 0 explain cnt --output json
runs 'completion for bash' 0 completion bash
bash -n "$dir/out" 2>"$dir/err"
ok 'bash can read it' $?
runs 'completion for zsh' 0 completion zsh
runs 'completion of attributes' 0 completion attributes cnt
says 'mni is offered' '^mni$'
runs 'nobody answers' 3 --at http://127.0.0.1:1 get cse-in
says 'and it says what to do' './run'

# ---- credentials, without a server ----
keys=$dir/keys
runs 'credential list of nothing' 0 credential list --data-dir "$keys"
runs 'add a token' 0 credential add --kind token --originator Cmeter --originator Cother --data-dir "$keys"
says 'the token is printed' '^dure-[A-Za-z0-9_-]\{43\}$'
token=$(cat "$dir/out")
echo 'a long password' >"$dir/password"
runs 'add a password' 0 credential add --kind password --name kim --originator CAdmin --password-file "$dir/password" --data-dir "$keys"
echo short >"$dir/short"
runs 'a short password is refused' 1 credential add --kind password --name lee --originator C1 --password-file "$dir/short" --data-dir "$keys"
runs 'a name taken' 1 credential add --kind password --name kim --originator C1 --password-file "$keys/credentials.lock" --data-dir "$keys"
says 'an empty file is no secret' 'expected 1 to'
runs 'add a key' 0 credential add --kind psk --name m@x --originator Cmeter --data-dir "$keys" --output json
says 'the key is printed' '"key": "[0-9a-f]\{64\}"'
echo 000102030405060708090a0b0c0d0e0f >"$dir/hex"
runs 'add a key of ones own' 0 credential add --kind psk --name m2@x --originator Cmeter --key "$dir/hex" --data-dir "$keys"
echo 0001 >"$dir/hex"
runs 'a short key is refused' 1 credential add --kind psk --name m3@x --originator Cmeter --key "$dir/hex" --data-dir "$keys"
runs 'add a certificate by name' 0 credential add --kind certificate --name DNS:Meter.example --originator Cmeter --data-dir "$keys"
runs 'a name of no certificate' 1 credential add --kind certificate --name meter --originator Cmeter --data-dir "$keys"
says 'says what is expected' 'URI:'
runs 'a file without a certificate' 1 credential add --kind certificate --certificate "$dir/hex" --originator Cmeter --data-dir "$keys"
runs 'add an MQTT user' 0 credential add --kind mqtt --name user1 --originator Cmeter,/id-mn --data-dir "$keys"
runs 'an originator that is none' 1 credential add --kind mqtt --name user2 --originator 'C*x' --data-dir "$keys"
runs 'no kind' 2 credential add --originator Cmeter --data-dir "$keys"
runs 'no originator' 2 credential add --kind token --data-dir "$keys"
runs 'no such action' 2 credential frob --data-dir "$keys"
runs 'list' 0 credential list --data-dir "$keys"
says 'has the certificate in small letters' 'DNS:meter.example'
runs 'list as JSON' 0 credential list --data-dir "$keys" --output json
! grep -q 'argon2\|sha256:\|box:' "$dir/out"
ok 'without secrets' $?
! grep -q -e "$token" "$keys"/*
ok 'the token itself stands nowhere' $?
[ "$(stat -c %a "$keys/credentials" "$keys/credentials.key" | sort -u)" = 600 ]
ok 'the files are for their owner only' $?
id=$(sed -n 's/.*"id": "\([^"]*\)", "kind": "token".*/\1/p' "$keys/credentials")
runs 'revoke' 0 credential revoke "$id" --data-dir "$keys"
runs 'revoke it again' 1 credential revoke "$id" --data-dir "$keys"
runs 'revoke nobody' 1 credential revoke c-0 --data-dir "$keys"
runs 'an acl for the broker' 0 credential acl --cse-user dured --cse-id /id-in --data-dir "$keys"
says 'has the user' '^user user1$'
says 'and his topics' '^topic write /oneM2M/req/id-in:Cmeter/+/+$'
says 'and the CSE' '^topic read /oneM2M/req/+/id-in/+$'
echo '{"version": 1, "credentials": [' >"$keys/credentials"
runs 'a broken file' 1 credential list --data-dir "$keys"
says 'names the line' 'credentials: line 2'
runs 'a token file that is not there' 1 --token-file "$dir/none" get cse-in
says 'is named' 'none: No such file'

# ---- one resource at a time ----
start
runs 'create an AE' 0 create cse-in ae rn=home api=N.home rr=false srv=3 --as Chome
runs 'create a container' 0 create cse-in/home cnt rn=kitchen mni=100 lbl=room:kitchen,floor:1
runs 'create a reading' 0 create cse-in/home/kitchen cin con=21.5
runs 'create from JSON' 0 create cse-in/home/kitchen cin --json '{"con":"22.0"}'
echo '{"m2m:cin":{"con":{"t":22.5}}}' | dure create cse-in/home/kitchen cin --json - >"$dir/out" 2>"$dir/err"
ok 'create from stdin' $?
runs 'create a flexContainer' 0 create cse-in/home cod:binSh rn=lamp state=true
runs 'get it' 0 get cse-in/home/kitchen
says 'with its attributes' 'mni *100 *maxNrOfInstances'
runs 'get the newest' 0 get cse-in/home/kitchen/la --output json
says 'which is an object' '"t": 22.5'
runs 'get some attributes' 0 get cse-in/home/kitchen --attr mni,cni
says 'cni counts' 'cni *3'
runs 'set' 0 set cse-in/home/kitchen mni=50 lbl=null
runs 'get after set' 0 get cse-in/home/kitchen --output json
says 'mni is new' '"mni": 50'
! grep -q '"lbl"' "$dir/out"
ok 'the labels are gone' $?
runs 'set a flexContainer' 0 update cse-in/home/lamp state=false
runs 'a bad value is refused here' 2 create cse-in/home cnt rn=x mni=many
runs 'a bad value is refused there' 1 create cse-in/home cnt rn=x mni=-5
says 'with its code' '4000 BAD_REQUEST'
runs 'a name taken' 1 create cse-in/home cnt rn=kitchen
says 'is a conflict' '4105 CONFLICT'
runs 'nothing there' 1 get cse-in/nothing
says 'is not found' '4004 NOT_FOUND'
runs 'a stranger' 1 --as Cstranger get cse-in/home
runs 'the hyphen is the CSEBase' 0 get -/home

# ---- many at a time ----
runs 'find by type' 0 find cse-in ty=cnt
says 'finds it' '^cse-in/home/kitchen$'
runs 'find with values' 0 find cse-in/home ty=cin --values
says 'shows them' '21.5'
runs 'tree' 0 tree
says 'draws branches' '├─ \|└─ '
says 'shows the newest' 'kitchen *cnt *{"t":22.5}'
says 'shows the device' 'lamp *cod:binSh *state=false'
runs 'status' 0 status
says 'it is healthy' '/healthz'
says 'it has metrics' 'dure_requests_total'
runs 'status as JSON' 0 status --output json

# ---- live ----
"$dure_bin" watch cse-in/home/kitchen cse-in/home/lamp --count 3 >"$dir/watch" 2>"$dir/watch.err" &
watcher=$!
until_true 'grep -qs Watching "$dir/watch.err"'
runs 'a reading while watched' 0 create cse-in/home/kitchen cin con=30
runs 'a change while watched' 0 set cse-in/home/lamp state=true
runs 'one more' 0 create cse-in/home/kitchen cin con=31
until_true '! kill -0 $watcher 2>/dev/null'
wait $watcher
ok 'watch ends by itself' $?
watcher=
cp "$dir/watch" "$dir/out"
says 'the reading was seen' 'cse-in/home/kitchen  new  30'
says 'the change was seen' 'cse-in/home/lamp  changed  state=true'
runs 'find subscriptions' 0 find cse-in ty=sub
! grep -q . "$dir/out"
ok 'the subscriptions are gone' $?

rm -f "$dir/watch.err"
"$dure_bin" watch cse-in/home >"$dir/watch" 2>"$dir/watch.err" &
watcher=$!
until_true 'grep -qs Watching "$dir/watch.err"'
kill -TERM $watcher
wait $watcher
ok 'watch ends when told to' $?
watcher=
runs 'find subscriptions again' 0 find cse-in ty=sub
! grep -q . "$dir/out"
ok 'it tidied up' $?

printf '2012-11-11 21:14:21\t2012-11-12 00:21:49\tSeat\tPressure\tLiving\n2012-11-12 00:22:57\t2012-11-12 00:22:59\tDoor\tPIR\tLiving\n2012-11-12 01:14:21\t2012-11-12 02:21:49\tSeat\tPressure\tLiving\nnonsense\n' >"$dir/mini.txt"
runs 'replay tells a bad line' 1 replay "$dir/mini.txt"
says 'with its number' 'mini.txt:4: left out'
says 'and goes on' '3 sent, 0 errors, 1 lines'
says 'counts are equal' 'the counts are equal'
runs 'the newest event' 0 get cse-in/mini/Living-Seat-Pressure/la
says 'is the last of the file' '20121112T011421'
runs 'events of one day' 0 find cse-in/mini ty=cin lbl=day:2012-11-11
says 'is one' '1 found'
runs 'replay of nothing' 1 replay "$dir/dured.log.none"
runs 'a day of the made-up home' 0 home --days 1 --speed max --name demo
says 'nothing went wrong' ' 0 errors'
says 'it was notified' 'notified: cse-in/demo/'
grep -E '^[0-9]+ events, [0-9]+ notifications' "$dir/out" | awk '{exit !($1 > 100 && $1 == $3)}'
ok 'of every event' $?

# The real homes, where they are at hand: they are not ours to ship.
for file in homes/ordonez-b.txt:2334 homes/kasteren-c.txt.gz:22700 windows-fr.csv.gz:44230; do
	path=${DURE_DATA-/nowhere}/${file%%:*}
	[ -r "$path" ] || continue
	runs "replay ${file%%:*}" 0 replay "$path" --output json
	says 'is whole' "\"sent\":${file##*:},\"errors\":0,\"bad_lines\":0,.*\"held\":${file##*:}}"
done

# ---- the store ----
runs 'backup while it runs' 0 backup "$dir/backup.db" --data-dir "$dir/data"
runs 'not over a file' 1 backup "$dir/backup.db" --data-dir "$dir/data"
runs 'fsck while it runs' 0 fsck --data-dir "$dir/data"
says 'is clean' 'every invariant holds'
runs 'delete' 0 delete cse-in/home
runs 'it is gone' 1 get cse-in/home/kitchen
runs 'restore does not overwrite' 1 restore "$dir/backup.db" --data-dir "$dir/data"
runs 'nor while it runs' 1 restore "$dir/backup.db" --data-dir "$dir/data" --replace
stop
ok 'dured stops' $?
runs 'restore' 0 restore "$dir/backup.db" --data-dir "$dir/data" --replace
runs 'fsck after it' 0 fsck --data-dir "$dir/data"
start
runs 'what was deleted is back' 0 get cse-in/home/kitchen/la
says 'as it was' '31'
runs 'delete for good' 0 delete cse-in/home
echo "1..$count"
