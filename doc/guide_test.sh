#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The guide is true: every ```sh block of every page is run, block after block, against one node per page. A block
# preceded by the comment <!-- not run: REASON --> is left out. The pages say 127.0.0.1:8080 and build/...; here the node has
# a free port and the programs may stand elsewhere.
# usage: guide_test.sh DURED DURE DURE-LAB
set -u
dured=$(realpath "$1") dure=$(realpath "$2") lab=$(realpath "$3")
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/story/story.sh"

# Writes the blocks of a page to $dir/block.N and their lines to $dir/lines; prints how many.
blocks() {
	rm -f "$dir"/block.*
	awk -v dir="$dir" '
		/<!-- not run:/ { skip = 1 }
		/^```sh$/ { if (skip) { skip = 0 } else { n++; inside = 1; file = dir "/block." n; printf "" >file }; next }
		/^```/ { inside = 0; next }
		inside { print >file }
		END { print n + 0 }' "$1"
}

for page in "$root"/README.md "$root"/doc/guide/*.md; do
	name=$(basename "$page" .md)
	last=$(blocks "$page")
	[ "$last" -gt 0 ] || continue
	rm -rf "$dir/data" "$dir/work"
	mkdir "$dir/work"
	story_start "$dured" --log-level error
	port=${url##*:}
	mkdir -p "$dir/work/build/cli" "$dir/work/build/lab" "$dir/work/build/src/dured"
	ln -s "$dure" "$dir/work/build/cli/dure"
	ln -s "$lab" "$dir/work/build/lab/dure-lab"
	ln -s "$dured" "$dir/work/build/src/dured/dured"
	ln -s "$dir/data" "$dir/work/dure-data"
	for i in $(seq "$last"); do
		{
			echo 'set -e'
			sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/g" "$dir/block.$i"
		} >"$dir/work/block.sh"
		check "$name: block $i" env DURE_AT="$url" LANG=C.UTF-8 timeout 60 sh -c "cd '$dir/work' && . ./block.sh"
	done
	story_stop
done
story_end
