/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/cert.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs openssl without a word of it; true when it was content. */
static bool cert_openssl(const struct cert *cert)
{
	const char *const args[] = {"openssl",
	                            "req",
	                            "-x509",
	                            "-newkey",
	                            "ec",
	                            "-pkeyopt",
	                            "ec_paramgen_curve:P-256",
	                            "-nodes",
	                            "-days",
	                            "1",
	                            "-subj",
	                            "/CN=127.0.0.1",
	                            "-addext",
	                            "subjectAltName=IP:127.0.0.1,DNS:localhost",
	                            "-keyout",
	                            cert->key,
	                            "-out",
	                            cert->cert,
	                            NULL};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
	int r = posix_spawnp(&pid, "openssl", &actions, NULL, (char *const *)(uintptr_t)args, environ);

	posix_spawn_file_actions_destroy(&actions);
	return r == 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int cert_make(struct cert *cert, struct why *why)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(cert->directory, sizeof cert->directory, "%s/dure-lab-cert.XXXXXX",
	         tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(cert->directory)) {
		cert->directory[0] = 0;
		return -errno;
	}
	snprintf(cert->cert, sizeof cert->cert, "%s/cert.pem", cert->directory);
	snprintf(cert->key, sizeof cert->key, "%s/key.pem", cert->directory);
	if (cert_openssl(cert))
		return 0;
	cert_remove(cert);
	return refuse(why, 4000, "openssl made no certificate: is it there?");
}

void cert_remove(struct cert *cert)
{
	if (!cert->directory[0])
		return;
	unlink(cert->cert);
	unlink(cert->key);
	rmdir(cert->directory);
	cert->directory[0] = 0;
}
