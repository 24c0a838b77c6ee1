/* SPDX-License-Identifier: Apache-2.0 */
/* Where calls go. A link that is not used for a minute is closed, and the one that was used least lately when
 * there are too many. When a handshake or a socket fails, all calls on it fail, and the next one begins anew.
 */
#include "net/coap_link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/url.h"

#define LINKS_MOST    1024
#define LINK_QUIET_US 60000000

struct coap_links {
	struct coap *coap;
	struct map map;
	struct coap_link *first, *last; /* least lately used first */
	struct coap_dtls *dtls;         /* made for the first coaps call */
};

void coap_link_begin(struct coap *coap)
{
	coap->links = mem_zero(1, sizeof(*coap->links));
	coap->links->coap = coap;
	map_init(&coap->links->map);
}

struct coap *coap_link_coap(const struct coap_link *link)
{
	return link->links->coap;
}

static void link_unlink(struct coap_link *link)
{
	*(link->prev ? &link->prev->next : &link->links->first) = link->next;
	*(link->next ? &link->next->prev : &link->links->last) = link->prev;
}

static void link_append(struct coap_link *link)
{
	link->prev = link->links->last;
	link->next = NULL;
	*(link->links->last ? &link->links->last->next : &link->links->first) = link;
	link->links->last = link;
}

static void link_free(struct coap_link *link)
{
	timer_clear(loop_wall_timers(link->links->coap->loop), &link->timer);
	coap_dtls_end(link->session);
	coap_door_close(link->door);
	free((char *)(uintptr_t)link->name.ptr);
	free(link);
}

static void link_close(struct coap_link *link)
{
	map_remove(&link->links->map, link->hash, link);
	link_unlink(link);
	link_free(link);
}

void coap_link_end(struct coap *coap)
{
	struct coap_links *links = coap->links;

	if (!links)
		return;
	while (links->first) {
		coap_call_end_all(links->first);
		link_close(links->first);
	}
	coap_dtls_destroy(links->dtls);
	map_finish(&links->map);
	free(links);
}

bool coap_link_is_ready(const struct coap_link *link)
{
	return !link->fault && (!link->secure || (link->session && coap_dtls_is_ready(link->session)));
}

/* "coap://host:port/..." to its parts; the port may be missing. */
static bool link_split(struct slice text, bool *secure, char host[256], char port[8], struct slice *ret_name)
{
	struct url url;

	*secure = url_has_scheme(text, "coaps");
	if ((!*secure && !url_has_scheme(text, "coap")) || url_read(text, &url) || url.has_user)
		return false;
	*ret_name = url.root;
	snprintf(host, 256, "%.*s", SLICE_ARG(url.host));
	snprintf(port, 8, "%u", url.port ? (unsigned)url.port : *secure ? 5684u : 5683u);
	return true;
}

/* Numeric hosts and localhost: nothing here waits for a name server. */
static int link_resolve(const char *host, const char *port, struct coap_addr *ret)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM},
	                *list = NULL;

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return -EHOSTUNREACH;
	memset(ret, 0, sizeof(*ret));
	memcpy(&ret->at, list->ai_addr, list->ai_addrlen);
	ret->len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

static void link_timer_set(struct coap_link *link)
{
	int64_t wait = LINK_QUIET_US, handshake;

	if (link->secure && link->session && !coap_dtls_is_ready(link->session)) {
		handshake = coap_dtls_wait(link->session);
		if (handshake >= 0)
			wait = handshake;
	}
	timer_set(loop_wall_timers(link->links->coap->loop), &link->timer,
	          link->fault ? 0 : clock_wall_steady() + wait);
}

void coap_link_error(struct coap_link *link, int error)
{
	if (link->fault)
		return;
	link->fault = error == ECONNREFUSED || error == EPROTO ? -error : -EPROTO;
	link_timer_set(link);
}

/* A server that was started anew knows nothing of our session, and cannot even say so. */
void coap_link_unanswered(struct coap_link *link, int64_t sent_us)
{
	if (link->secure && link->heard_us < sent_us)
		link->stale = true;
}

static void link_timer(struct timer *timer)
{
	struct coap_link *link = container_of(timer, struct coap_link, timer);

	if (!link->fault && link->session && !coap_dtls_is_ready(link->session) &&
	    coap_dtls_again(link->session) < 0)
		link->fault = -ETIMEDOUT;
	if (link->fault)
		coap_call_fail_all(link, link->fault);
	if (link->count == 0 && (link->fault || clock_wall_steady() - link->last_us >= LINK_QUIET_US)) {
		link_close(link);
		return;
	}
	if (link->fault) {
		/* The calls are told by their own timers, in this turn; then it is closed. */
		timer_set(loop_wall_timers(link->links->coap->loop), timer, clock_wall_steady() + 1000);
		return;
	}
	link_timer_set(link);
}

static void link_dtls_send(void *user, struct slice datagram)
{
	struct coap_link *link = user;

	coap_door_raw(link->door, NULL, datagram);
}

static int link_secure(struct coap_link *link, const char *host)
{
	struct coap_links *links = link->links;
	struct why why = {0};

	if (!links->dtls && coap_dtls_create(&links->coap->config, false, &why, &links->dtls) != 0) {
		log_warn("coap", "no DTLS for calls: %s", why.text);
		return -EPROTO;
	}
	link->session = coap_dtls_connect(links->dtls, host, link_dtls_send, link);
	return link->session ? 0 : -EPROTO;
}

static bool link_match(const void *value, const void *key)
{
	return slice_is(((const struct coap_link *)value)->name, *(const struct slice *)key);
}

static int link_open(struct coap_links *links, struct slice name, const char *host,
                     const struct coap_addr *addr, bool secure, struct coap_link **ret)
{
	struct coap_link *link = mem_zero(1, sizeof(*link));
	int r;

	link->links = links;
	link->secure = secure;
	link->timer.run = link_timer;
	link->hash = slice_hash(name, 0);
	link->name = slice_make(strndup(name.ptr, name.len), name.len);
	r = coap_door_connect(links->coap, link, addr, &link->door);
	if (r == 0 && secure)
		r = link_secure(link, host);
	if (r < 0) {
		link_free(link);
		return r;
	}
	map_add(&links->map, link->hash, link);
	link_append(link);
	*ret = link;
	return 0;
}

int coap_link_get(struct coap *coap, struct slice url, struct coap_link **ret)
{
	struct coap_links *links = coap->links;
	struct coap_link *link;
	struct coap_addr addr;
	char host[256], port[8];
	struct slice name;
	bool secure;
	int r;

	if (!link_split(url, &secure, host, port, &name))
		return -EINVAL;
	link = map_find(&links->map, slice_hash(name, 0), link_match, &name);
	if (!link || link->fault || link->stale) {
		r = link_resolve(host, port, &addr);
		if (r < 0)
			return r;
		if (link) /* it ends on its own; the name is the new one's */
			map_remove(&links->map, link->hash, link);
		if (links->map.count >= LINKS_MOST && links->first->count > 0)
			return -EAGAIN;
		if (links->map.count >= LINKS_MOST)
			link_close(links->first);
		r = link_open(links, name, host, &addr, secure, &link);
		if (r < 0)
			return r;
	}
	link_unlink(link);
	link->last_us = clock_wall_steady();
	link_append(link);
	link_timer_set(link);
	*ret = link;
	return 0;
}

void coap_link_datagram(struct coap_link *link, struct slice datagram)
{
	struct coap *coap = link->links->coap;
	struct coap_path path = {.door = link->door};
	bool was_ready;
	ssize_t n;

	if (!link->secure) {
		coap_door_take(link->door, &path, datagram);
		return;
	}
	was_ready = coap_dtls_is_ready(link->session);
	while ((n = coap_dtls_receive(link->session, datagram, coap->clear, COAP_DATAGRAM)) > 0) {
		datagram = SLICE("");
		link->heard_us = clock_wall_steady();
		coap_door_take(link->door, &path, slice_make(coap->clear, (size_t)n));
	}
	if (n < 0) {
		log_debug("coap", "DTLS to %.*s: %s", SLICE_ARG(link->name), coap_dtls_error(link->session));
		coap_link_error(link, EPROTO);
	} else if (!was_ready && coap_dtls_is_ready(link->session)) {
		link_timer_set(link);
		coap_call_next(link);
	}
}

void coap_link_send(struct coap_link *link, struct slice datagram)
{
	if (!link->secure)
		coap_door_raw(link->door, NULL, datagram);
	else if (coap_link_is_ready(link) && coap_dtls_write(link->session, datagram) < 0)
		coap_link_error(link, EPROTO);
}

int coap_link_reload(struct coap *coap, struct why *why)
{
	return coap->links->dtls ? coap_dtls_reload(coap->links->dtls, why) : 0;
}
