# SPDX-License-Identifier: Apache-2.0
# A part of identity_test.sh: who pretends to be on this machine, or somebody else, by the ways that HTTP leaves open.
all=$(credential add --kind token --name all --originator '*')
token=$(credential add --kind token --name meter --originator Cmeter)
other=$(credential add --kind token --name other --originator Cother)
story_start "$node"
with() { # HEADERS METHOD ORIGINATOR PATH...: ask, with further headers, a line each
	printf "$1" >"$dir/proof"
	curl_more="-H@$dir/proof"
	shift
	ask "$@"
	curl_more=
}

ask GET CAdmin cse-in
check "who is on this machine is believed" is "$rsc" 2000
with 'Host: stranger.example\n' GET CAdmin cse-in
check "but not a page whose name leads here" is "$rsc" 4107
check "which is told why" has "could be anybody's"
with 'Host: localhost\n' GET CAdmin cse-in
check "a name that is nobody else's is as good as the address" is "$rsc" 2000
with 'X-Forwarded-For: 192.0.2.1\n' GET CAdmin cse-in
check "nor who comes through a proxy" is "$rsc" 4107
with "Via: 1.1 proxy\nAuthorization: Bearer $token\n" GET Cmeter cse-in
check "who may prove himself there, too" is "$rsc" 2000
with "Authorization: Bearer $token\nAuthorization: Bearer $other\n" GET Cother cse-in
check "two proofs are none" is "$rsc" 4107
with "X-M2M-Origin: CAdmin\nAuthorization: Bearer $token\n" GET Cmeter cse-in
check "two originators are a mistake" is "$rsc" 4000
for fr in /id-in/CAdmin //dure.local/id-in/CAdmin CAdmin /id-in //dure.local/id-in; do
	as "Bearer $all" GET "$fr" cse-in
	check "a star does not make the node's own $fr" is "$rsc" 4106
done
for fr in cmeter Cmeter/ /Cmeter /id-in/../Cmeter /id-in//Cmeter Cmeter. //other.sp/id-in/Cmeter /id-mn/Cmeter; do
	as "Bearer $token" GET "$fr" cse-in
	check "$fr is not Cmeter" [ "$rsc" != 2000 ]
done

# What waits for its time when the proof is taken back is not done.
as "Bearer $token" POST Cmeter cse-in 2 '{"m2m:ae":{"rn":"m","api":"N.m","rr":false,"srv":["3"]}}'
with "Authorization: Bearer $token\nX-M2M-OET: 3000\n" POST Cmeter cse-in/m 3 '{"m2m:cnt":{"rn":"before"}}'
check "a request waits for its time" is "$rsc" 2001
{
	printf "Authorization: Bearer %s\nX-M2M-OET: 3000\n" "$token" >"$dir/late"
	command curl -s -D "$dir/late.head" -o "$dir/late.body" -H @"$dir/late" -H 'X-M2M-Origin: Cmeter' -H 'X-M2M-RI: 1' \
		-H 'X-M2M-RVI: 3' -H 'Content-Type: application/json;ty=3' -d '{"m2m:cnt":{"rn":"late"}}' "$url/cse-in/m"
} &
late=$!
sleep 0.3
credential revoke "$(identifier token meter)" >/dev/null
wait $late
check "but not longer than its proof holds" grep -q 'X-M2M-RSC: 4107' "$dir/late.head"
ask GET CAdmin cse-in/m/late
check "and nothing of it was done" is "$rsc" 4004
check "refusals stand in the log, once" [ "$(grep -c 'admission: refused: .* without a proof' "$dir/log")" -le 12 ]
story_stop
rm -rf "$dir/data"
mkdir "$dir/data"
