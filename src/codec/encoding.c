/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the encodings. */
#include "codec/encoding.h"

#include <strings.h>

static const char *const encoding_names[ENCODING_COUNT] = {"json", "cbor", "xml"};

const char *encoding_name(enum encoding encoding)
{
	return encoding_names[encoding];
}

bool encoding_parse(struct slice name, enum encoding *ret)
{
	for (int i = 0; i < ENCODING_COUNT; i++) {
		if (name.len != strlen(encoding_names[i]) ||
		    strncasecmp(name.ptr, encoding_names[i], name.len) != 0)
			continue;
		*ret = (enum encoding)i;
		return true;
	}
	return false;
}
