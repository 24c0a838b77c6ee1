/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that need certificates: story/certificates.sh makes them anew, in a directory of the test's own.
 * Where that script is, the environment says (CERTIFICATES; meson sets it). */
#ifndef DURE_NET_TLS_TEST_H
#define DURE_NET_TLS_TEST_H

#include <stdio.h>
#include <stdlib.h>

#include "base/unit.h"
#include "net/tls.h"

struct tls_files {
	char dir[64];
};

static inline void tls_files_begin(struct tls_files *files)
{
	const char *script = getenv("CERTIFICATES");
	char command[600];

	*files = (struct tls_files){.dir = "/tmp/dure-tls-XXXXXX"};
	assert_non_null(mkdtemp(files->dir));
	snprintf(command, sizeof(command), ". '%s' && certificates '%s'",
	         script ? script : "./story/certificates.sh", files->dir);
	assert_int_equal(system(command), 0);
}

static inline void tls_files_end(const struct tls_files *files)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf '%s'", files->dir);
	assert_int_equal(system(command), 0);
}

/* The path of a file there; good for eight calls. NULL stays NULL. */
static inline const char *tls_file(const struct tls_files *files, const char *name, const char *kind)
{
	static char paths[8][128];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	if (!name)
		return NULL;
	snprintf(path, sizeof(paths[0]), "%s/%s.%s", files->dir, name, kind);
	return path;
}

/* A context with that certificate and these authorities, each may be NULL. */
static inline struct tls_context *tls_test_context(const struct tls_files *files, bool server,
                                                   const char *cert, const char *ca, const char *crl)
{
	struct tls_config config = {.pem.cert = tls_file(files, cert, "pem"),
	                            .pem.key = tls_file(files, cert, "key"),
	                            .pem.ca = tls_file(files, ca, "pem"),
	                            .pem.crl = tls_file(files, crl, "pem")};
	struct tls_context *context;
	struct why why = {0};

	if (tls_context_create(&config, server, &why, &context) != 0) {
		print_error("%s\n", why.text);
		fail();
	}
	return context;
}

#endif
