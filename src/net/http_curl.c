/* SPDX-License-Identifier: Apache-2.0 */
/* The long way of the client. libcurl keeps the connections and speaks the protocol; it tells us which
 * descriptors it waits for and how long, and our loop does the waiting, in real time also where the clock is
 * virtual. Handles are reused: what is the same for all calls is set once in the life of a handle. */
#include "net/http_curl.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/url.h"

#define CLIENT_POOL       64  /* handles kept for reuse */
#define CLIENT_CA_CACHE_S 60L /* how long a file of authorities is believed to be as it was read */

struct client_socket {
	struct watch watch;
	struct http_curl *client;
};

struct client_call {
	struct http_curl *client;
	struct client_call *prev, *next; /* under way, or (next) in the pool */
	CURL *easy;
	struct curl_slist *headers;
	struct buf body; /* of the reply */
	bool too_large;
	void (*done)(void *user, const struct http_reply *reply);
	void (*drop)(void *user);
	void *user;
	char error[CURL_ERROR_SIZE];
};

struct http_curl {
	struct loop *loop;
	CURLM *multi;
	struct http_client_config config;
	struct client_call *busy, *pool;
	size_t busy_count, pooled;
	struct timer timer;
	struct loop_hook flush;
	bool fresh;    /* calls were added since the last flush */
	bool flushing; /* who is told now is told after the hooks of this turn */
};

static size_t client_body(char *bytes, size_t size, size_t count, void *user)
{
	struct client_call *call = user;
	size_t len = size * count;

	if (call->body.len + len > call->client->config.body_max) {
		call->too_large = true;
		return 0;
	}
	buf_add(&call->body, bytes, len);
	return len;
}

static const char *client_header(const struct http_reply *reply, const char *name)
{
	struct curl_header *header;

	if (!reply->private ||
	    curl_easy_header(reply->private, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}

static void client_call_free(struct client_call *call)
{
	curl_slist_free_all(call->headers);
	buf_finish(&call->body);
	if (call->easy)
		curl_easy_cleanup(call->easy);
	free(call);
}

static void client_call_give(struct client_call *call)
{
	struct http_curl *client = call->client;

	if (client->pooled >= CLIENT_POOL) {
		client_call_free(call);
		return;
	}
	curl_slist_free_all(call->headers);
	call->headers = NULL;
	buf_finish(&call->body);
	call->next = client->pool;
	client->pool = call;
	client->pooled++;
}

static CURLcode client_tls(CURL *easy, const struct http_client_config *config)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, CLIENT_CA_CACHE_S);
	if (config->ca) {
		bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca);
		bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (config->cert && config->key) {
		bad |= curl_easy_setopt(easy, CURLOPT_SSLCERT, config->cert);
		bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY, config->key);
		/* Else OpenSSL would ask whoever sits at the terminal. */
		bad |= curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	}
	if (config->crl) {
		bad |= curl_easy_setopt(easy, CURLOPT_CRLFILE, config->crl);
		/* A session that is resumed would not be looked up there. */
		bad |= curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	}
	return bad;
}

/* What every call has in common: our protocols only, no redirects, nothing from the environment. */
static bool client_call_init(struct client_call *call)
{
	CURL *easy = call->easy = curl_easy_init();
	CURLcode bad = CURLE_OK;

	if (!easy)
		return false;
	bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, client_body);
	bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	bad |= client_tls(easy, &call->client->config);
	return bad == CURLE_OK;
}

static struct client_call *client_call_take(struct http_curl *client)
{
	struct client_call *call = client->pool;

	if (call) {
		client->pool = call->next;
		client->pooled--;
	} else {
		call = mem_zero(1, sizeof(*call));
		call->client = client;
		buf_init(&call->body, NULL);
		if (!client_call_init(call)) {
			client_call_free(call);
			return NULL;
		}
	}
	call->next = call->prev = NULL;
	call->too_large = false;
	call->error[0] = 0;
	return call;
}

static bool client_add_line(struct client_call *call, const char *line)
{
	struct curl_slist *list;

	if (strpbrk(line, "\r\n"))
		return false;
	list = curl_slist_append(call->headers, line);
	if (list)
		call->headers = list;
	return list != NULL;
}

static bool client_lines(struct client_call *call, const struct http_call *http, bool has_body)
{
	bool typed = false;

	for (const char *const *line = http->headers; line && *line; line++) {
		if (!client_add_line(call, *line))
			return false;
		typed = typed || strncasecmp(*line, "content-type:", 13) == 0;
	}
	if (!has_body)
		return true;
	/* libcurl would call every body a form, and would ask before it sends a large one. */
	return (typed || client_add_line(call, "Content-Type:")) && client_add_line(call, "Expect:");
}

static int client_prepare(struct client_call *call, const struct http_call *http)
{
	CURL *easy = call->easy;
	CURLcode bad = CURLE_OK;
	int64_t ms = http->timeout_us / 1000;
	bool has_body =
	        http->body.len > 0 || strcmp(http->method, "POST") == 0 || strcmp(http->method, "PUT") == 0;
	bool is_head = strcmp(http->method, "HEAD") == 0;

	if (!client_lines(call, http, has_body))
		return -EINVAL;
	ms = ms < 1 ? 1 : ms > 86400000 ? 86400000 : ms;
	/* The order matters: each of NOBODY, POST and HTTPGET undoes what the one before it chose. */
	bad |= curl_easy_setopt(easy, CURLOPT_NOBODY, is_head ? 1L : 0L);
	if (has_body) {
		bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)http->body.len);
		bad |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, http->body.len ? http->body.ptr : "");
	} else if (!is_head) {
		bad |= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_head ? NULL : http->method);
	bad |= curl_easy_setopt(easy, CURLOPT_URL, http->url);
	bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ms);
	return bad == CURLE_OK ? 0 : -EINVAL;
}

int http_curl_send(struct http_curl *client, const struct http_call *http)
{
	struct client_call *call;
	int result;

	call = client_call_take(client);
	if (!call)
		return -ENOMEM;
	call->done = http->done;
	call->drop = http->drop;
	call->user = http->user;
	result = client_prepare(call, http);
	if (result == 0 && curl_multi_add_handle(client->multi, call->easy) != CURLM_OK)
		result = -ENOMEM;
	if (result != 0) {
		client_call_give(call);
		return result;
	}
	call->next = client->busy;
	if (client->busy)
		client->busy->prev = call;
	client->busy = call;
	client->busy_count++;
	client->fresh = true;
	loop_flush_soon(client->loop);
	return 0;
}

static void client_unlink(struct client_call *call)
{
	struct http_curl *client = call->client;

	curl_multi_remove_handle(client->multi, call->easy);
	if (call->prev)
		call->prev->next = call->next;
	else
		client->busy = call->next;
	if (call->next)
		call->next->prev = call->prev;
	client->busy_count--;
}

static int client_fault(CURLcode result, const char *error)
{
	switch ((int)result) {
	case CURLE_COULDNT_CONNECT:
		return -ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_COULDNT_RESOLVE_HOST:
		return -EHOSTUNREACH;
	case CURLE_WRITE_ERROR:
		return -EMSGSIZE;
	case CURLE_URL_MALFORMAT:
		return -EINVAL;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		/* In TLS 1.3 our certificate may be refused when we think that all is well. */
		return strstr(error, "alert") ? -EPROTO : -ECONNRESET;
	default:
		return -EPROTO;
	}
}

/* TLS failed: why, and with whom, but not what was asked of him. */
static void client_note(const struct client_call *call, const char *error)
{
	char *text = NULL;
	struct url url;

	if (!strcasestr(error, "ssl") && !strcasestr(error, "certificate"))
		return;
	if (curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &text) != CURLE_OK || !text ||
	    url_read(slice_of(text), &url) || !url_has_scheme(slice_of(text), "https"))
		return;
	log_warn("net", "no TLS with %.*s: %s", SLICE_ARG(url.authority), error);
}

static void client_end(struct client_call *call, CURLcode result)
{
	struct http_reply reply = {.header = client_header, .private = call->easy};
	long status = 0;

	if (result == CURLE_OK)
		curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	reply.status = (int)status;
	reply.fault = status > 0 ? 0 : client_fault(result, call->error);
	if (status > 0)
		reply.body = buf_slice(&call->body);
	else if (call->too_large)
		reply.error = "the reply is too large";
	else
		reply.error = call->error[0] ? call->error : curl_easy_strerror(result);
	if (reply.error)
		client_note(call, reply.error);
	client_unlink(call);
	if (call->client->flushing)
		loop_again(call->client->loop);
	call->done(call->user, &reply);
	client_call_give(call);
}

static void client_act(struct http_curl *client, curl_socket_t fd, int what)
{
	int running, left;
	CURLMsg *message;

	curl_multi_socket_action(client->multi, fd, what, &running);
	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct client_call *call = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
		client_end(call, message->data.result);
	}
}

static void client_ready(struct watch *watch, uint32_t events)
{
	struct client_socket *socket = container_of(watch, struct client_socket, watch);
	int what = ((events & EPOLLIN) ? CURL_CSELECT_IN : 0) | ((events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
	           ((events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);

	client_act(socket->client, watch->fd, what);
}

static int client_on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
	struct http_curl *client = user;
	struct client_socket *socket = known;
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	if (what == CURL_POLL_REMOVE) {
		if (socket)
			loop_remove(client->loop, &socket->watch);
		free(socket);
		curl_multi_assign(client->multi, fd, NULL);
		return 0;
	}
	if (socket)
		return loop_change(client->loop, &socket->watch, events) == 0 ? 0 : -1;
	socket = mem_zero(1, sizeof(*socket));
	socket->client = client;
	socket->watch.fd = fd;
	socket->watch.ready = client_ready;
	if (loop_add(client->loop, &socket->watch, events) != 0) {
		free(socket);
		return -1;
	}
	curl_multi_assign(client->multi, fd, socket);
	return 0;
}

static int client_on_timer(CURLM *multi, long ms, void *user)
{
	struct http_curl *client = user;
	struct timers *timers = loop_wall_timers(client->loop);

	if (ms < 0)
		timer_clear(timers, &client->timer);
	else
		timer_set(timers, &client->timer, clock_wall_steady() + ms * 1000);
	return 0;
}

static void client_due(struct timer *timer)
{
	client_act(container_of(timer, struct http_curl, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* What was asked for in this turn leaves in this turn. */
static void client_flush(struct loop_hook *hook)
{
	struct http_curl *client = container_of(hook, struct http_curl, flush);

	if (!client->fresh)
		return;
	client->fresh = false;
	client->flushing = true;
	client_act(client, CURL_SOCKET_TIMEOUT, 0);
	client->flushing = false;
}

int http_curl_create(struct loop *loop, const struct http_client_config *config, struct http_curl **ret)
{
	struct http_curl *client;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return -ENOMEM;
	client = mem_zero(1, sizeof(*client));
	client->loop = loop;
	client->timer.run = client_due;
	client->flush.run = client_flush;
	client->config = *config;
	client->multi = curl_multi_init();
	if (!client->multi) {
		free(client);
		curl_global_cleanup();
		return -ENOMEM;
	}
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, client_on_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, client_on_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)client->config.connections);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)client->config.per_host);
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->config.connections);
	loop_add_flush(loop, &client->flush);
	*ret = client;
	return 0;
}

void http_curl_destroy(struct http_curl *client)
{
	if (!client)
		return;
	while (client->busy) {
		struct client_call *call = client->busy;

		client_unlink(call);
		if (call->drop)
			call->drop(call->user);
		client_call_free(call);
	}
	while (client->pool) {
		struct client_call *call = client->pool;

		client->pool = call->next;
		client_call_free(call);
	}
	curl_multi_cleanup(client->multi);
	timer_clear(loop_wall_timers(client->loop), &client->timer);
	loop_remove_hook(client->loop, &client->flush);
	free(client);
	curl_global_cleanup();
}

size_t http_curl_busy(const struct http_curl *client)
{
	return client->busy_count;
}
