/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome. This is dured, a oneM2M CSE: it keeps a tree of resources, lets those read and write it whom the
 * policies allow, and tells subscribers what happened.
 *
 * Who talks to whom: net/ turns bytes into HTTP exchanges; bind/ hands each to wire/, which makes a request
 * primitive of it; engine/ walks it through eight steps over the tree, whose changes go to store/ as one
 * batch per turn of the loop; when the batch is on disk the answers leave the same way back. Notifications go
 * out through peer/. Everything happens in one thread and one loop, which is run here. */
#include <stdio.h>

#include "dured/config.h"
#include "dured/daemon.h"

static int print(void (*write_text)(struct buf *buf))
{
	struct buf buf;
	buf_init(&buf, NULL);
	write_text(&buf);
	fwrite(buf.ptr, 1, buf.len, stdout);
	buf_finish(&buf);
	return 0;
}

static int show(const struct config *config)
{
	struct buf buf;
	buf_init(&buf, NULL);
	config_show(config, &buf);
	fwrite(buf.ptr, 1, buf.len, stdout);
	buf_finish(&buf);
	return daemon_check(config);
}

static int run(struct config *config)
{
	struct daemon *daemon;
	if (daemon_create(config, &daemon))
		return 1;
	int r = daemon_run(daemon);
	daemon_destroy(daemon);
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct config config;
	struct why why = {0};
	enum config_wish wish;
	int r = config_read(&config, argc, argv, &why, &wish);
	if (r) {
		fprintf(stderr, "dured: %s\n", why.text);
		config_finish(&config);
		return 2;
	}
	switch (wish) {
	case CONFIG_HELP:
		r = print(config_help);
		break;
	case CONFIG_MDOC:
		r = print(config_mdoc);
		break;
	case CONFIG_VERSION:
		puts("dured " DURE_VERSION);
		break;
	case CONFIG_CHECK:
		r = show(&config);
		break;
	case CONFIG_RUN:
		r = run(&config);
		break;
	}
	config_finish(&config);
	return r;
}
