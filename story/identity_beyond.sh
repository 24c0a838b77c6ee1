# SPDX-License-Identifier: Apache-2.0
# The last part of identity_test.sh: from beyond this machine. Two network namespaces, joined to each other, stand for
# two machines: the node lives in one, who asks in the other. Nothing is added to this machine's own network, whose
# addresses may be any. It takes root.

near=dure-near-$$ far=dure-far-$$
near_ip=198.51.100.1 far_ip=198.51.100.2

beyond_make() {
	[ "$(id -u)" = 0 ] && ip netns add "$near" && ip netns add "$far" &&
		ip -n "$near" link add near type veth peer name far netns "$far" &&
		ip -n "$near" addr add $near_ip/30 dev near && ip -n "$far" addr add $far_ip/30 dev far &&
		ip -n "$near" link set lo up && ip -n "$near" link set near up && ip -n "$far" link set far up
}
beyond_end() {
	ip netns del "$near" 2>/dev/null
	ip netns del "$far" 2>/dev/null
}
beyond_start() { # OPTION...: the node there; $url is how it is seen from beyond
	story_start "$dir/near" "$@" --http-listen "$near_ip:0"
	url="http://$near_ip:${url##*:}"
}

trap 'story_kill; beyond_end; rm -rf "$dir"' EXIT INT TERM
if beyond_make 2>"$dir/check"; then
	printf '#!/bin/sh\nexec ip netns exec %s %s "$@"\n' "$near" "$node" >"$dir/near"
	chmod +x "$dir/near"
	curl() { ip netns exec "$far" curl --max-time 5 ${curl_more:-} "$@"; }
	token=$(credential add --kind token --name boss --originator CAdmin)
	beyond_start
	ask GET Cmeter cse-in
	check "beyond: nobody is believed by default" is "$rsc" 4107
	ask GET /id-mn cse-in
	check "beyond: no CSE either" is "$rsc" 4107
	as "Bearer $token" GET CAdmin cse-in
	check "beyond: who proves to be the administrator is" is "$rsc" 2000
	story_stop
	beyond_start --authentication never --quota-requests 50
	ask GET Cmeter cse-in
	check "beyond: believed when nobody needs a proof" is "$rsc" 2000
	ask GET CAdmin cse-in
	check "beyond: but not the administrator" is "$rsc" 4107
	check "beyond: who is told why" has 'its own machine only'
	: >"$dir/hammer"
	for i in 1 2 3; do
		seq 100 | sed "s|.*|url = \"$url/cse-in\"\noutput = /dev/null|" >"$dir/urls"
		curl -s -K "$dir/urls" -H "X-M2M-Origin: Cname$i" -H 'X-M2M-RI: 1' -H 'X-M2M-RVI: 3' -D - >"$dir/hammer"
	done
	check "beyond: a new name is no new allowance" grep -q 'X-M2M-RSC: 4139' "$dir/hammer"
	served_beyond() { ask GET Cmeter cse-in; [ "$rsc" = 2000 ]; }
	check "beyond: time is" until_true served_beyond
	story_stop
else
	echo "# from beyond: left out, network namespaces cannot be made here (it takes root and iproute2)"
fi
