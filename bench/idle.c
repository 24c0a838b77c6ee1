/* SPDX-License-Identifier: Apache-2.0 */
/* What an idle connection costs a server: opens many of one kind, exchanges one greeting on each so that it
 * is fully there, lets them rest, and tells the growth of the server's resident memory by each.
 *
 *     idle --kind https --port 8443 --count 10000 --pid 4711
 *
 * A kind is a row below: what is said, and what must come back. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/mem.h"
#include "bench/idle_dtls.h"
#include "net/stream.h"

#define REST_SECONDS 2 /* until those who sweep have swept */

enum way { WAY_TCP, WAY_TLS, WAY_UDP, WAY_DTLS };

struct kind {
	const char *name;
	enum way way;
	const char *greeting, *answer;
};

#define HTTP "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
#define WEBSOCKET                                                                                            \
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"                         \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                       \
	"Sec-WebSocket-Protocol: oneM2M.json\r\n\r\n"

/* A confirmable GET of cse-in by CAdmin, release 3, identifier r1. */
#define COAP                                                                                                 \
	"\x42\x01\x11\x22\x33\x44"                                                                           \
	"\xb6"                                                                                               \
	"cse-in\xd1\xf7"                                                                                     \
	"3\x86"                                                                                              \
	"CAdmin\x42r1"

static const struct kind kinds[] = {
        {"http", WAY_TCP, HTTP, "ok"},       {"https", WAY_TLS, HTTP, "ok"},
        {"ws", WAY_TCP, WEBSOCKET, " 101 "}, {"wss", WAY_TLS, WEBSOCKET, " 101 "},
        {"coap", WAY_UDP, COAP, "m2m:cb"},   {"coaps", WAY_DTLS, COAP, "m2m:cb"},
};

struct idle {
	const struct kind *kind;
	uint64_t port, count, pid;
	const char *ca, *cert, *key;
	struct tls_context *tls;
	struct ssl_ctx_st *dtls;
};

static _Noreturn void idle_die(const char *what, const char *why)
{
	fprintf(stderr, "idle: %s: %s\n", what, why);
	exit(1);
}

/* Kilobytes, by /proc. */
static long idle_memory(uint64_t pid)
{
	char path[64], line[128];
	long kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%llu/status", (unsigned long long)pid);
	file = fopen(path, "re");
	if (!file)
		idle_die(path, strerror(errno));
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	fclose(file);
	return kb;
}

static void idle_open(const struct idle *idle, struct stream *stream)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons((uint16_t)idle->port),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 20};
	const char *greeting = idle->kind->greeting;
	int type = idle->kind->way >= WAY_UDP ? SOCK_DGRAM : SOCK_STREAM;
	struct ssl_st *dtls = NULL;
	char got[4096] = "";
	size_t len = 0;
	ssize_t n;

	/* The socket blocks: one after the other, each to its end. */
	*stream = (struct stream){.fd = socket(AF_INET, type | SOCK_CLOEXEC, 0)};
	if (stream->fd < 0 || connect(stream->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		idle_die("connect", strerror(errno));
	setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (idle->tls && tls_session_connect(idle->tls, stream->fd, "127.0.0.1", &stream->tls) != 0)
		idle_die("TLS", "no session");
	if (idle->dtls && !(dtls = idle_dtls_open(idle->dtls, stream->fd)))
		idle_die("DTLS", "no session");
	n = dtls ? idle_dtls_write(dtls, greeting, strlen(greeting))
	         : stream_write(stream, greeting, strlen(greeting));
	if (n != (ssize_t)strlen(greeting))
		idle_die("greeting", stream->tls ? tls_session_error(stream->tls) : strerror(errno));
	while (!memmem(got, len, idle->kind->answer, strlen(idle->kind->answer))) {
		size_t room = sizeof(got) - len;

		n = dtls ? idle_dtls_read(dtls, got + len, room) : stream_read(stream, got + len, room);
		if (n <= 0)
			idle_die("the answer is not what it should be", got);
		len += (size_t)n;
	}
}

static uint64_t idle_number(const char *text)
{
	uint64_t n;

	if (!slice_u64(slice_of(text), &n))
		idle_die("not a number", text);
	return n;
}

static const struct kind *idle_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

static void idle_options(int argc, char **argv, struct idle *idle)
{
	static const struct option options[] = {{"kind", 1, NULL, 'k'},  {"port", 1, NULL, 'p'},
	                                        {"count", 1, NULL, 'c'}, {"pid", 1, NULL, 'i'},
	                                        {"ca", 1, NULL, 'a'},    {"cert", 1, NULL, 'e'},
	                                        {"key", 1, NULL, 'y'},   {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			idle->kind = idle_kind(optarg);
			break;
		case 'p':
			idle->port = idle_number(optarg);
			break;
		case 'c':
			idle->count = idle_number(optarg);
			break;
		case 'i':
			idle->pid = idle_number(optarg);
			break;
		case 'a':
			idle->ca = optarg;
			break;
		case 'e':
			idle->cert = optarg;
			break;
		case 'y':
			idle->key = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (!idle->kind || !idle->port || !idle->pid)
		idle_die("usage",
		         "idle --kind http|https|ws|wss|coap|coaps --port N --pid N [--count N] [--ca FILE] "
		         "[--cert FILE --key FILE]");
}

int main(int argc, char **argv)
{
	struct idle idle = {.count = 10000};
	struct tls_config config = {0};
	struct why why = {0};
	struct rlimit files;
	struct stream *streams;
	long before, after;

	idle_options(argc, argv, &idle);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	config = (struct tls_config){.pem = {.ca = idle.ca, .cert = idle.cert, .key = idle.key}};
	if (idle.kind->way == WAY_DTLS && !(idle.dtls = idle_dtls_context(idle.cert, idle.key)))
		idle_die("DTLS", "the certificate or the key cannot be read");
	if (idle.kind->way == WAY_TLS && tls_context_create(&config, false, &why, &idle.tls) != 0)
		idle_die("TLS", why.text);
	/* Some are wanted for other things. */
	if (idle.count > files.rlim_cur - 64)
		idle.count = files.rlim_cur - 64;
	streams = mem_zero(idle.count, sizeof(*streams));
	before = idle_memory(idle.pid);
	for (uint64_t i = 0; i < idle.count; i++)
		idle_open(&idle, &streams[i]);
	sleep(REST_SECONDS);
	after = idle_memory(idle.pid);
	printf("kind=%s count=%llu kb_each=%.2f before_kb=%ld after_kb=%ld\n", idle.kind->name,
	       (unsigned long long)idle.count, (double)(after - before) / (double)idle.count, before, after);
	for (uint64_t i = 0; i < idle.count; i++)
		stream_close(&streams[i]);
	tls_context_destroy(idle.tls);
	free(streams);
	return 0;
}
