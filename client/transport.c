/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP by libcurl's multi interface. A slot is one easy handle that is used again and again, so that its
 * connection stays; nothing here knows what the bytes mean. */
#include "client/transport.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>

struct slot {
	CURL *easy;
	struct curl_slist *list;
	const struct transport_call *call; /* NULL: free */
	struct transport_call copy;
	struct buf headers, body;
	bool too_large;
};

struct transport {
	CURLM *multi;
	unsigned count;
	struct slot slots[];
};

static size_t take(struct slot *slot, struct buf *into, size_t most, const char *bytes, size_t len)
{
	if (into->len + len > most) {
		slot->too_large = true;
		return 0;
	}
	buf_add(into, bytes, len);
	return len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
	struct slot *slot = user;
	return take(slot, &slot->body, TRANSPORT_BODY_MAX, bytes, size * count);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
	struct slot *slot = user;
	/* A new status line: what came before belonged to an interim answer (100 Continue). */
	if (slice_starts(slice_make(bytes, size * count), SLICE("HTTP/")))
		slot->headers.len = 0;
	return take(slot, &slot->headers, TRANSPORT_HEADERS_MAX, bytes, size * count);
}

static void slot_secure(struct slot *slot, const struct transport_tls *tls)
{
	if (tls->ca)
		curl_easy_setopt(slot->easy, CURLOPT_CAINFO, tls->ca);
	if (tls->cert)
		curl_easy_setopt(slot->easy, CURLOPT_SSLCERT, tls->cert);
	if (tls->key)
		curl_easy_setopt(slot->easy, CURLOPT_SSLKEY, tls->key);
}

static int slot_init(struct slot *slot, const struct transport_tls *tls)
{
	buf_init(&slot->headers, NULL);
	buf_init(&slot->body, NULL);
	slot->easy = curl_easy_init();
	if (!slot->easy)
		return -ENOMEM;
	curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(slot->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(slot->easy, CURLOPT_HEADERDATA, slot);
	curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
	curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(slot->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	/* We speak to the CSE itself: a proxy of the environment would only hide who answered. */
	curl_easy_setopt(slot->easy, CURLOPT_PROXY, "");
	/* The path is ours to the byte; curl must not tidy it. */
	curl_easy_setopt(slot->easy, CURLOPT_PATH_AS_IS, 1L);
	slot_secure(slot, tls);
	return 0;
}

int transport_create(unsigned slots, const struct transport_tls *tls, struct transport **ret)
{
	struct transport *transport = calloc(1, sizeof(*transport) + slots * sizeof(struct slot));
	if (!transport)
		return -ENOMEM;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(transport);
		return -ENOMEM;
	}
	transport->count = slots;
	transport->multi = curl_multi_init();
	int r = transport->multi ? 0 : -ENOMEM;
	for (unsigned i = 0; !r && i < slots; i++)
		r = slot_init(&transport->slots[i], tls);
	if (r) {
		transport_destroy(transport);
		return r;
	}
	curl_multi_setopt(transport->multi, CURLMOPT_MAXCONNECTS, (long)slots);
	curl_multi_setopt(transport->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)slots);
	*ret = transport;
	return 0;
}

static void slot_end(struct transport *transport, struct slot *slot)
{
	if (!slot->call)
		return;
	curl_multi_remove_handle(transport->multi, slot->easy);
	curl_slist_free_all(slot->list);
	slot->list = NULL;
	slot->call = NULL;
}

void transport_destroy(struct transport *transport)
{
	if (!transport)
		return;
	for (unsigned i = 0; i < transport->count; i++) {
		struct slot *slot = &transport->slots[i];
		slot_end(transport, slot);
		if (slot->easy)
			curl_easy_cleanup(slot->easy);
		buf_finish(&slot->headers);
		buf_finish(&slot->body);
	}
	if (transport->multi)
		curl_multi_cleanup(transport->multi);
	curl_global_cleanup();
	free(transport);
}

bool transport_is_free(const struct transport *transport, unsigned slot)
{
	return transport->slots[slot].call == NULL;
}

static void set_method(struct slot *slot, const struct transport_call *call)
{
	if (call->body.ptr) {
		curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, call->body.ptr);
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	} else {
		curl_easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L);
	}
	bool head = strcmp(call->method, "HEAD") == 0;
	curl_easy_setopt(slot->easy, CURLOPT_NOBODY, head ? 1L : 0L);
	if (!head)
		curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, call->method);
}

int transport_start(struct transport *transport, unsigned number, const struct transport_call *call)
{
	struct slot *slot = &transport->slots[number];
	slot->copy = *call;
	slot->headers.len = slot->body.len = 0;
	slot->too_large = false;
	curl_easy_setopt(slot->easy, CURLOPT_URL, call->url);
	curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)(call->timeout_us / 1000));
	set_method(slot, call);
	/* Without this curl would wait for 100 Continue before it sends a large body. */
	slot->list = curl_slist_append(NULL, "Expect:");
	for (const char *const *line = call->headers; line && *line; line++) {
		struct curl_slist *longer = curl_slist_append(slot->list, *line);
		if (!longer) {
			curl_slist_free_all(slot->list);
			slot->list = NULL;
			return -ENOMEM;
		}
		slot->list = longer;
	}
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->list);
	if (curl_multi_add_handle(transport->multi, slot->easy) != CURLM_OK) {
		curl_slist_free_all(slot->list);
		slot->list = NULL;
		return -EIO;
	}
	slot->call = &slot->copy;
	return 0;
}

static const struct failure {
	CURLcode code;
	int error;
	const char *why;
} failures[] = {
        {CURLE_COULDNT_CONNECT, -ECONNREFUSED, "nobody takes connections there"},
        {CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, "no answer came in time"},
        {CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, "no host has that name"},
        {CURLE_URL_MALFORMAT, -EINVAL, "that is not a URL"},
        {CURLE_UNSUPPORTED_PROTOCOL, -EINVAL, "only http:// and https:// can be spoken"},
        {CURLE_GOT_NOTHING, -ECONNRESET, "the connection was closed without an answer"},
        {CURLE_RECV_ERROR, -ECONNRESET, "the connection broke before the answer was whole"},
        {CURLE_SEND_ERROR, -ECONNRESET, "the connection broke while the request was sent"},
        {CURLE_PARTIAL_FILE, -EPROTO, "the answer ended before its announced length"},
        {CURLE_WEIRD_SERVER_REPLY, -EPROTO, "what answered does not speak HTTP"},
        {CURLE_HTTP2, -EPROTO, "what answered does not speak HTTP"},
        {CURLE_SSL_CACERT_BADFILE, -EPROTO, "the file of trusted certificates (ca) cannot be read"},
        {CURLE_SSL_CERTPROBLEM, -EPROTO,
         "our certificate and its key cannot be read, or do not belong together"},
        {CURLE_SSL_CONNECT_ERROR, -EPROTO, "what answered does not speak TLS, or does not want ours"},
        {CURLE_PEER_FAILED_VERIFICATION, -EPROTO, "the certificate of the server is not trusted"},
};

static void explain_failure(const struct slot *slot, CURLcode code, struct transport_reply *ret)
{
	ret->status = 0;
	ret->error = -EIO;
	ret->why = curl_easy_strerror(code);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].code == code) {
			ret->error = failures[i].error;
			ret->why = failures[i].why;
		}
	if (slot->too_large) {
		ret->error = -EMSGSIZE;
		ret->why = "the answer is too large";
	} else if (code == CURLE_UNSUPPORTED_PROTOCOL && slot->body.len + slot->headers.len == 0) {
		/* curl says this also of an answer that is no HTTP at all. */
		char *scheme = NULL;
		curl_easy_getinfo(slot->easy, CURLINFO_SCHEME, &scheme);
		if (scheme && *scheme) {
			ret->error = -EPROTO;
			ret->why = "what answered does not speak HTTP";
		}
	}
}

static void slot_done(struct transport *transport, struct slot *slot, CURLcode code)
{
	struct transport_reply reply = {0};
	struct transport_call call = slot->copy;
	long status = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	reply.status = (int)status;
	if (code != CURLE_OK || status == 0)
		explain_failure(slot, code, &reply);
	/* The slot may be started again from within done, so what the reply points to leaves it first. */
	struct buf headers = slot->headers, body = slot->body;
	buf_init(&slot->headers, NULL);
	buf_init(&slot->body, NULL);
	slot_end(transport, slot);
	reply.headers = buf_slice(&headers);
	reply.body = buf_slice(&body);
	call.done(call.user, &reply);
	buf_finish(&headers);
	buf_finish(&body);
}

int transport_turn(struct transport *transport, int64_t wait_us)
{
	int running = 0, waiting = 0;
	if (curl_multi_perform(transport->multi, &running) != CURLM_OK)
		return -EIO;
	CURLMsg *message = curl_multi_info_read(transport->multi, &waiting);
	if (!message && running && wait_us > 0) {
		if (curl_multi_poll(transport->multi, NULL, 0, (int)((wait_us + 999) / 1000), NULL) !=
		    CURLM_OK)
			return -EIO;
		if (curl_multi_perform(transport->multi, &running) != CURLM_OK)
			return -EIO;
		message = curl_multi_info_read(transport->multi, &waiting);
	}
	while (message) {
		struct slot *slot = NULL;
		if (message->msg == CURLMSG_DONE) {
			CURLcode code = message->data.result;
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
			slot_done(transport, slot, code);
		}
		message = curl_multi_info_read(transport->multi, &waiting);
	}
	return 0;
}
