#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random requests, valid and nearly valid, for so many minutes, against a node built with sanitizers; afterwards
# everything the node counts must be there, and dure fsck must find nothing.
# usage: story/random_soak.sh [MINUTES [SEED]]        (default: 60 minutes, a seed of the day)
set -eu
cd "$(dirname "$0")/.."
minutes=${1:-60} seed=${2:-$(date +%Y%m%d)}
build=${DURE_SOAK_BUILD:-build-soak}
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_sanitize=address,undefined >/dev/null
ninja -C "$build" src/dured/dured story/random_soak cli/dure >/dev/null
echo "# $minutes minutes, seed $seed, $build"
exec "$build/story/random_soak" "$build/src/dured/dured" $((minutes * 60)) "$seed"
