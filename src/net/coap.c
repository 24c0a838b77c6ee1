/* SPDX-License-Identifier: Apache-2.0 */
/* Birth, end and questions; the work is done in the files that coap_private.h names. */
#include "net/coap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/coap_private.h"

#define COAP_TICK_US  5000000
#define COAP_MESSAGE  (1 << 20)
#define COAP_SESSIONS 10000

static char *coap_copy(const char *text)
{
	return text && text[0] ? strdup(text) : NULL;
}

/* Our own copies of what the caller may forget. */
static void coap_copy_config(struct coap *coap, const struct coap_config *config)
{
	struct coap_config *own = &coap->config;
	uint16_t *known = mem_take(config->known_count * sizeof(*known));
	char *key = mem_take(config->client_psk_key.len);

	*own = *config;
	own->listen = coap_copy(config->listen);
	own->secure_listen = coap_copy(config->secure_listen);
	own->pem = tls_pem_copy(&config->pem);
	own->client_psk_identity = coap_copy(config->client_psk_identity);
	if (config->client_psk_key.len > 0)
		memcpy(key, config->client_psk_key.ptr, config->client_psk_key.len);
	own->client_psk_key = slice_make(key, config->client_psk_key.len);
	if (config->known_count > 0)
		memcpy(known, config->known, config->known_count * sizeof(*known));
	own->known = known;
	if (own->message == 0)
		own->message = COAP_MESSAGE;
	if (own->sessions == 0)
		own->sessions = COAP_SESSIONS;
}

static void coap_free_config(struct coap_config *config)
{
	const char *texts[] = {config->listen, config->secure_listen, config->client_psk_identity};
	char *key = (char *)(uintptr_t)config->client_psk_key.ptr;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((char *)(uintptr_t)texts[i]);
	tls_pem_finish(&config->pem);
	if (config->client_psk_key.len > 0)
		explicit_bzero(key, config->client_psk_key.len);
	free(key);
	free((uint16_t *)(uintptr_t)config->known);
}

static void coap_tick(struct timer *timer)
{
	struct coap *coap = container_of(timer, struct coap, tick);
	int64_t now = clock_wall_steady();

	coap_serve_tick(coap, now);
	coap_door_tick(coap->secure, now);
	timer_set(loop_wall_timers(coap->loop), timer, now + COAP_TICK_US);
}

static int coap_open(struct coap *coap, struct why *why)
{
	struct coap_dtls *dtls = NULL;
	int r = 0;

	if (coap->config.listen)
		r = coap_door_open(coap, coap->config.listen, NULL, why, &coap->plain);
	if (r != 0 || !coap->config.secure_listen)
		return r;
	r = coap_dtls_create(&coap->config, true, why, &dtls);
	if (r != 0)
		return r;
	r = coap_door_open(coap, coap->config.secure_listen, dtls, why, &coap->secure);
	if (r != 0)
		coap_dtls_destroy(dtls);
	return r;
}

int coap_create(struct loop *loop, const struct coap_config *config, struct why *why, struct coap **ret)
{
	struct coap *coap = mem_zero(1, sizeof(*coap));
	int r;

	coap->loop = loop;
	coap_copy_config(coap, config);
	/* Pages nobody has written to cost nothing. */
	coap->room = mem_take((size_t)COAP_DATAGRAMS * COAP_DATAGRAM);
	coap->clear = mem_take(COAP_DATAGRAM);
	buf_init(&coap->out, NULL);
	map_init(&coap->resends);
	coap->next_id = (uint16_t)slice_hash(slice_make((const char *)&coap, sizeof(coap)),
	                                     (uint64_t)clock_wall_steady());
	coap_serve_begin(coap);
	coap_link_begin(coap);
	coap->tick.run = coap_tick;
	timer_set(loop_wall_timers(loop), &coap->tick, clock_wall_steady() + COAP_TICK_US);
	r = coap_open(coap, why);
	if (r != 0)
		coap_destroy(coap);
	else
		*ret = coap;
	return r;
}

void coap_destroy(struct coap *coap)
{
	if (!coap)
		return;
	timer_clear(loop_wall_timers(coap->loop), &coap->tick);
	coap_serve_end(coap);
	coap_link_end(coap);
	coap_resend_end(coap);
	coap_door_close(coap->plain);
	coap_door_close(coap->secure);
	buf_finish(&coap->out);
	free(coap->room);
	free(coap->clear);
	coap_free_config(&coap->config);
	free(coap);
}

int coap_reload(struct coap *coap, struct why *why)
{
	int r = coap->secure ? coap_dtls_reload(coap->secure->dtls, why) : 0;

	return r == 0 ? coap_link_reload(coap, why) : r;
}

int coap_port(const struct coap *coap)
{
	return coap_door_port(coap->plain);
}

int coap_secure_port(const struct coap *coap)
{
	return coap_door_port(coap->secure);
}

static bool coap_is_known(const struct coap *coap, const struct coap_opt *option)
{
	if ((option->number & 1) == 0 || coap_codec_is_understood(option))
		return true;
	for (size_t i = 0; i < coap->config.known_count; i++)
		if (coap->config.known[i] == option->number)
			return true;
	return false;
}

static bool coap_is_repeatable(uint16_t number)
{
	return number == COAP_OPT_URI_PATH || number == COAP_OPT_URI_QUERY;
}

bool coap_options_fit(const struct coap *coap, const struct coap_message *message)
{
	for (size_t i = 0; i < message->option_count; i++) {
		const struct coap_opt *option = &message->options[i];

		if (!coap_is_known(coap, option))
			return false;
		if (i > 0 && option->number == option[-1].number && coap_codec_is_understood(option) &&
		    !coap_is_repeatable(option->number))
			return false;
	}
	return true;
}

bool coap_drain(struct coap *coap)
{
	coap->draining = true;
	return coap->asked_count == 0;
}

void coap_stats(const struct coap *coap, struct coap_stats *ret)
{
	*ret = coap->stats;
	ret->sessions = coap->secure ? coap_peer_count(coap->secure->peers) : 0;
}
