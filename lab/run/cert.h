/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate for 127.0.0.1, good for a day, made for one run and trusted by nobody but it. */
#ifndef DURE_LAB_CERT_H
#define DURE_LAB_CERT_H

#include "base/fail.h"

struct cert {
	char directory[128]; /* "": there is none */
	char cert[160], key[160];
};

/* By openssl(1). 0, a refusal with a sentence, or -errno. */
MUST_CHECK int cert_make(struct cert *cert, struct why *why);
/* Takes the files away. Fine when none were made. */
void cert_remove(struct cert *cert);

#endif
