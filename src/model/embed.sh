#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes a C file with the given files as one array of bytes, a NUL behind each:  embed.sh OUT FILE...
set -eu
out=$1
shift
{
	echo '#include "model/type_private.h"'
	echo 'const unsigned char type_embedded[] = {'
	for file; do
		cat "$file"
		printf '\0'
	done | od -An -v -tu1 | sed 's/ *\([0-9][0-9]*\)/\1,/g'
	echo '};'
	echo 'const size_t type_embedded_len = sizeof type_embedded;'
} >"$out"
