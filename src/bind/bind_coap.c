/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP in and out. In: exchanges become requests of the engine, and its answers leave as they came. Out: a
 * request primitive becomes a call, its reply a response primitive. */
#include "bind/bind_coap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/rsc.h"
#include "wire/wire_coap.h"

#define BIND_KEY_MOST 64 /* bytes of a pre-shared key */

struct bind_coap {
	struct binding binding;
	struct engine *engine;
	struct coap *coap;
	struct auth *auth;
	bool older;
};

/* What we remember of an exchange while the engine has its request; in the arena of the exchange. It does not
 * point to the binding, which may be gone before the answer. */
struct walk {
	struct coap_exchange *exchange;
	struct wire_coap_form form;
	int64_t began; /* for the access log; 0: not wanted */
};

/* What a sent request needs for its reply. */
struct sending {
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

/* The message of net/ as wire/ reads it, and the other way round: the same, by two names. */
static void coap_to_wire(const struct coap_message *from, struct wire_coap_message *to)
{
	to->code = from->code;
	to->option_count = from->option_count;
	for (size_t i = 0; i < from->option_count; i++)
		to->options[i] = (struct wire_coap_option){from->options[i].number, from->options[i].value};
	to->body = from->payload;
}

static void coap_from_wire(const struct wire_coap_message *from, struct coap_message *to)
{
	to->code = from->code;
	to->confirmable = true;
	to->option_count = from->option_count;
	for (size_t i = 0; i < from->option_count; i++)
		to->options[i] = (struct coap_opt){from->options[i].number, from->options[i].value};
	to->payload = from->body;
}

static void coap_log(const struct walk *walk, int code, int64_t rsc)
{
	const struct coap_exchange *exchange = walk->exchange;

	if (walk->began)
		log_debug("coap", "%s 0.%02d %d.%02d %lld %lld us", exchange->peer, exchange->request.code,
		          code >> 5, code & 31, (long long)rsc,
		          (long long)(clock_wall_steady() - walk->began));
}

/* Writes a response primitive and lets it go. The exchange, and walk with it, are over then. */
static void coap_respond(const struct walk *walk, struct arena *arena, const struct prim *in,
                         const struct prim *out)
{
	struct wire_coap_message message;
	struct coap_message answer;

	wire_coap_write(arena, in, out, &walk->form, &message);
	coap_from_wire(&message, &answer);
	coap_log(walk, answer.code, prim_int(out, PRIM_rsc, 0));
	coap_answer(walk->exchange, &answer);
}

static void coap_answered(struct req *req)
{
	struct walk *walk = req->user;
	struct coap_message none = {0};

	if (req->silent) {
		coap_log(walk, 0, 0);
		coap_answer(walk->exchange, &none);
	} else {
		coap_respond(walk, &req->arena, &req->in, &req->out);
	}
	req_destroy(req);
}

/* An answer of our own: the code, the sentence, and what of the request must come back. */
static void coap_refuse(struct walk *walk, struct req *req, int rsc, const char *sentence)
{
	struct prim out = {0};
	struct val *pc = val_obj(&req->arena);

	val_put(pc, SLICE("m2m:dbg"), val_str(&req->arena, slice_of(sentence)));
	out.at[PRIM_rsc] = val_int(&req->arena, rsc);
	out.at[PRIM_rqi] = req->in.at[PRIM_rqi];
	out.at[PRIM_rvi] = req->in.at[PRIM_rvi];
	out.at[PRIM_pc] = pc;
	coap_respond(walk, &req->arena, &req->in, &out);
	req_destroy(req);
}

/* Who speaks, as far as DTLS has proven it. */
static int coap_identify(const struct bind_coap *bind, const struct coap_exchange *exchange, struct why *why,
                         struct req_peer *peer)
{
	peer->local = !exchange->secure && bind_is_loopback(exchange->peer);
	if (!bind->auth || !exchange->secure)
		return 0;
	if (exchange->psk.len > 0) {
		peer->identity = exchange->who;
		return 0;
	}
	if (exchange->names)
		return auth_certificate(bind->auth, exchange->names, exchange->fingerprint, why,
		                        &peer->identity);
	return 0;
}

static void coap_request(void *user, struct coap_exchange *exchange)
{
	struct bind_coap *bind = user;
	struct walk *walk = arena_new(exchange->arena, struct walk);
	struct wire_coap_message message;
	struct req *req = req_create(bind->engine);
	struct why why = {0};
	int r;

	walk->exchange = exchange;
	walk->began = log_wants(LOG_DEBUG) ? clock_wall_steady() : 0;
	coap_to_wire(&exchange->request, &message);
	r = wire_coap_read(&req->arena, &message, &why, &req->in, &walk->form);
	if (r == 0)
		r = coap_identify(bind, exchange, &why, &req->peer);
	if (r != 0) {
		coap_refuse(walk, req, r > 0 ? r : RSC_INTERNAL_SERVER_ERROR, why.text);
		return;
	}
	req->peer.ip = arena_text(&req->arena, slice_of(exchange->peer));
	req->answered = coap_answered;
	req->user = walk;
	engine_submit(req);
}

/* The credential stays with the session: a key that was taken away and given anew under the same name was
 * not proven by who came with the old one. */
static int coap_psk(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len,
                    const void **ret_who)
{
	const struct bind_coap *bind = user;
	const struct identity *who;
	struct why why;
	int r = auth_psk_key(bind->auth, identity, key, cap, ret_len);

	if (r != 0 || auth_psk(bind->auth, identity, &why, &who) != 0)
		return -ENOENT;
	*ret_who = who;
	return 0;
}

static int coap_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A key in hex, from a file, with blanks around it. */
static int coap_read_key(const char *file, uint8_t key[BIND_KEY_MOST], size_t *ret_len, struct why *why)
{
	char text[2 * BIND_KEY_MOST + 16];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	size_t len = 0;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return refuse(why, RSC_BAD_REQUEST, "%s: %s", file, strerror(errno));
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (n < 2 || n % 2 || n > 2 * BIND_KEY_MOST)
		return refuse(why, RSC_BAD_REQUEST, "%s: expected a key of up to %d bytes in hex", file,
		              BIND_KEY_MOST);
	for (ssize_t i = 0; i < n; i += 2) {
		int high = coap_digit(text[i]), low = coap_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return refuse(why, RSC_BAD_REQUEST, "%s: something in it is not hex", file);
		key[len++] = (uint8_t)(high * 16 + low);
	}
	explicit_bzero(text, sizeof(text));
	*ret_len = len;
	return 0;
}

static bool coap_drain_binding(struct binding *binding)
{
	return coap_drain(container_of(binding, struct bind_coap, binding)->coap);
}

static void coap_destroy_binding(struct binding *binding)
{
	bind_coap_destroy(container_of(binding, struct bind_coap, binding));
}

static const char *coap_given(const char *text)
{
	return text && text[0] ? text : NULL;
}

int bind_coap_create(struct loop *loop, struct engine *engine, const struct bind_coap_config *config,
                     struct why *why, struct bind_coap **ret)
{
	struct bind_coap *bind = mem_zero(1, sizeof(*bind));
	uint16_t numbers[2 * PRIM_COUNT];
	uint8_t key[BIND_KEY_MOST];
	struct coap_config coap = {.listen = coap_given(config->listen),
	                           .secure_listen = coap_given(config->secure_listen),
	                           .pem = config->pem,
	                           .psk = config->auth ? coap_psk : NULL,
	                           .message = config->message,
	                           .known = numbers,
	                           .known_count = wire_coap_numbers(numbers),
	                           .request = engine ? coap_request : NULL,
	                           .user = bind};
	size_t len = 0;
	int r = 0;

	bind->binding = (struct binding){"coap", coap_drain_binding, coap_destroy_binding};
	bind->engine = engine;
	bind->auth = config->auth;
	bind->older = config->old_options;
	if (coap_given(config->client_identity) && coap_given(config->client_key)) {
		r = coap_read_key(config->client_key, key, &len, why);
		coap.client_psk_identity = config->client_identity;
		coap.client_psk_key = slice_make((const char *)key, len);
	}
	if (r == 0)
		r = coap_create(loop, &coap, why, &bind->coap);
	explicit_bzero(key, sizeof(key));
	if (r != 0) {
		free(bind);
		return r;
	}
	*ret = bind;
	return 0;
}

void bind_coap_destroy(struct bind_coap *bind)
{
	if (!bind)
		return;
	coap_destroy(bind->coap);
	free(bind);
}

struct binding *bind_coap_binding(struct bind_coap *bind)
{
	return &bind->binding;
}

int bind_coap_reload(struct bind_coap *bind, struct why *why)
{
	return coap_reload(bind->coap, why);
}

int bind_coap_port(const struct bind_coap *bind)
{
	return coap_port(bind->coap);
}

int bind_coap_secure_port(const struct bind_coap *bind)
{
	return coap_secure_port(bind->coap);
}

void bind_coap_stats(const struct bind_coap *bind, struct coap_stats *ret)
{
	coap_stats(bind->coap, ret);
}

static void coap_sent(void *user, int result, const struct coap_message *answer)
{
	struct sending sending = *(struct sending *)user;
	struct wire_coap_message message;
	struct prim response;
	struct arena arena;
	struct why why = {0};

	free(user);
	if (result < 0) {
		sending.done(sending.user, result, NULL);
		return;
	}
	arena_init(&arena);
	coap_to_wire(answer, &message);
	if (wire_coap_read_reply(&arena, &message, &why, &response) != 0) {
		log_debug("coap", "the reply makes no sense: %s", why.text);
		sending.done(sending.user, -EBADMSG, NULL);
	} else {
		sending.done(sending.user, 0, &response);
	}
	arena_finish(&arena);
}

int bind_coap_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                   void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct bind_coap *bind = ctx;
	struct sending *sending = mem_zero(1, sizeof(*sending));
	struct wire_coap_form form = {.older = bind->older};
	struct wire_coap_message message;
	struct coap_message call;
	struct arena arena;
	int r;

	*sending = (struct sending){done, user};
	arena_init(&arena);
	form.type = wire_media_take(&arena, &url);
	wire_coap_write_request(&arena, request, url, &form, &message);
	coap_from_wire(&message, &call);
	r = coap_call(bind->coap, url, &call, timeout_us, coap_sent, sending);
	if (r != 0)
		free(sending);
	arena_finish(&arena);
	return r;
}
