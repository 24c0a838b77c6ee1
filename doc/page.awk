# SPDX-License-Identifier: Apache-2.0
# Puts the first file where the second says @OPTIONS@.
FNR == NR { options = options $0 "\n"; next }
/^@OPTIONS@$/ { printf "%s", options; next }
{ print }
