#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill -9 under load, so many times; bench/torture.c tells what is looked at. What was wrong stays for a look.
#
#   bench/torture.sh [ROUNDS [SEED]]                        builds and runs
#   bench/torture.sh --with TORTURE DURED DURE ROUNDS       for the tests
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
if [ "${1:-}" = --with ]; then
	torture=$2 dured=$3 dure=$4 rounds=$5 seed=1
else
	rounds=${1:-200} seed=${2:-$(date +%s)}
	"$ROOT/tool/packages" build
	[ -f "$ROOT/build/build.ninja" ] || meson setup "$ROOT/build" "$ROOT" --buildtype=release
	ninja -C "$ROOT/build" --quiet bench/torture src/dured/dured cli/dure
	torture=$ROOT/build/bench/torture dured=$ROOT/build/src/dured/dured dure=$ROOT/build/cli/dure
fi
dir=$(mktemp -d)
if "$torture" "$dured" "$dure" "$dir" "$rounds" "$seed"; then
	rm -rf "$dir"
else
	echo "torture: the data directory is kept in $dir" >&2
	exit 1
fi
