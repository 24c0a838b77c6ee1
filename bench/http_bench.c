/* SPDX-License-Identifier: Apache-2.0 */
/* What net/ alone costs: a server that answers everything with the same 250 bytes, to be held against nginx
 * with `return 200`. Usage: http_bench [PORT] [now|later] [CERT KEY [CA]]
 * "later" answers at the end of the turn, as writes are answered after their commit. With a certificate it
 * speaks TLS. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/http.h"

#define BODY_SIZE 250
#define LATER_MAX 65536

struct bench {
	struct loop_hook hook;
	struct http_exchange **later;
	size_t count;
	bool answers_later;
	char body[BODY_SIZE];
};

#define BENCH_HEADERS SLICE("Content-Type: application/json\r\nX-M2M-RSC: 2000\r\nX-M2M-RI: r1\r\n")

static void bench_answer(struct bench *bench, struct http_exchange *exchange)
{
	http_answer(exchange, 200, BENCH_HEADERS, slice_make(bench->body, BODY_SIZE));
}

static void bench_request(void *user, struct http_exchange *exchange)
{
	struct bench *bench = user;

	if (bench->answers_later && bench->count < LATER_MAX)
		bench->later[bench->count++] = exchange;
	else
		bench_answer(bench, exchange);
}

static void bench_malformed(void *user, struct http_exchange *exchange, int status, const char *sentence)
{
	http_answer(exchange, status, SLICE("Content-Type: text/plain\r\n"), slice_of(sentence));
}

static void bench_end(struct loop_hook *hook)
{
	struct bench *bench = container_of(hook, struct bench, hook);

	for (size_t i = 0; i < bench->count; i++)
		bench_answer(bench, bench->later[i]);
	bench->count = 0;
}

/* NULL: none is wanted. Ends the program when it cannot be had. */
static struct tls_context *bench_tls(int argc, char **argv)
{
	struct tls_config config = {.pem.cert = argc > 4 ? argv[3] : NULL,
	                            .pem.key = argc > 4 ? argv[4] : NULL,
	                            .pem.ca = argc > 5 ? argv[5] : NULL};
	struct tls_context *tls = NULL;
	struct why why = {0};

	if (config.pem.cert && tls_context_create(&config, true, &why, &tls) != 0) {
		fprintf(stderr, "http-bench: %s\n", why.text);
		exit(1);
	}
	return tls;
}

int main(int argc, char **argv)
{
	struct tls_context *tls = bench_tls(argc, argv);
	struct bench bench = {.hook.run = bench_end};
	struct http_handler handler = {
	        .request = bench_request, .malformed = bench_malformed, .user = &bench};
	struct http_limits limits = http_limits_default;
	struct http_server *server;
	struct loop *loop;
	char where[32];
	int result;

	/* {"pad":"xx...x"}: an answer that a client can read. */
	memset(bench.body, 'x', BODY_SIZE);
	memcpy(bench.body, "{\"pad\":\"", 8);
	memcpy(bench.body + BODY_SIZE - 2, "\"}", 2);
	bench.answers_later = argc > 2 && strcmp(argv[2], "later") == 0;
	bench.later = calloc(LATER_MAX, sizeof(*bench.later));
	limits.connections = 100000;
	snprintf(where, sizeof(where), "127.0.0.1:%.8s", argc > 1 ? argv[1] : "8081");
	result = loop_create(&loop);
	if (result == 0)
		result = http_server_create(loop, where, &limits, tls, &handler, &server);
	if (result != 0 || !bench.later) {
		fprintf(stderr, "http-bench: cannot listen on %s: %s\n", where, strerror(-result));
		return 1;
	}
	loop_add_hook(loop, &bench.hook);
	printf("http-bench: http%s://127.0.0.1:%d/\n", tls ? "s" : "", http_server_port(server));
	fflush(stdout);
	return loop_run(loop) == 0 ? 0 : 1;
}
