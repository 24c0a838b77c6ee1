# SPDX-License-Identifier: Apache-2.0
# CBOR and XML against JSON: the same resource read, the same instance written, in turns on one node. Sourced by bench/run.

encoding_type() { echo "application/$1"; }
encoding_post() { # ENCODING: the order of a create
	case $1 in
	json) echo 'POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%p-0123456789"}}' ;;
	cbor) echo 'POST:4 /cse-in/bench/c%c %xa1%x67m2m:cin%xa1%x63con%x75%p-0123456789' ;;
	xml) echo 'POST:4 /cse-in/bench/c%c <m2m:cin xmlns:m2m="http://www.onem2m.org/xml/protocols"><con>%p-0123456789</con></m2m:cin>' ;;
	esac
}

# encoding_measure KEY ENCODING ORIGINATOR ORDER
encoding_measure() {
	local line
	line=$(node_load --seconds "$SECS" --over 1000 --type "$(encoding_type "$2")" --originator "$3" "$4") ||
		die "the node refused: $4"
	remember "$1.$2" "$(rate "$line")"
	remember "$1.$2.us" "$(field server_us "$line")"
}

row_encoding() {
	local i encoding what
	node_start "$WORK/encoding"
	reader
	plant bench 1000
	node_load --count 5000 --over 1000 --round --originator Cbench "$(encoding_post json)" >/dev/null
	for i in $(seq "$RUNS"); do
		for encoding in json cbor xml; do
			encoding_measure encoding.get "$encoding" Creader 'GET /cse-in/bench/c%c/la'
			encoding_measure encoding.post "$encoding" Cbench "$(encoding_post "$encoding")"
		done
		for what in get post; do
			for encoding in cbor xml; do
				remember "encoding.$what.$encoding.ratio" "$(ratio "$(tail -n 1 "$WORK/figures/encoding.$what.$encoding")" \
					"$(tail -n 1 "$WORK/figures/encoding.$what.json")")"
			done
		done
		say "  encodings, run $i of $RUNS: GET la $(tail -qn 1 "$WORK"/figures/encoding.get.json "$WORK"/figures/encoding.get.cbor "$WORK"/figures/encoding.get.xml | tr '\n' ' ')/s, POST $(tail -qn 1 "$WORK"/figures/encoding.post.json "$WORK"/figures/encoding.post.cbor "$WORK"/figures/encoding.post.xml | tr '\n' ' ')/s (JSON CBOR XML)"
	done
	node_stop
	for what in get post; do
		encoding_row "$what" cbor CBOR 1.0
		encoding_row "$what" xml XML 0.3
	done
}
encoding_row() { # get|post ENCODING NAME BAR
	row "$2-$1" "$3 against JSON, $(case $1 in get) echo 'GET la' ;; *) echo 'POST durable' ;; esac)" ge "$4" "$(medians "encoding.$1.$2.ratio")" x \
		"$3 $(medians "encoding.$1.$2")/s $(medians "encoding.$1.$2.us") us; JSON $(medians "encoding.$1.json")/s $(medians "encoding.$1.json.us") us"
}
