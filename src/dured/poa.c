/* SPDX-License-Identifier: Apache-2.0 */
/* Each listener becomes one address, or as many as the machine has. */
#include "dured/poa.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>

#include "base/url.h"

enum { POAS_MOST = 32 };

struct poa_list {
	struct arena *arena;
	const char **texts;
	size_t count;
};

static void poa_add(struct poa_list *list, const struct poa_listener *listener, const char *host,
                    bool is_ipv6)
{
	const char *open = is_ipv6 ? "[" : "", *close = is_ipv6 ? "]" : "";

	if (list->count < POAS_MOST)
		list->texts[list->count++] = arena_text(
		        list->arena, arena_printf(list->arena, "%s://%s%s%s:%d%s", listener->scheme, open,
		                                  host, close, listener->port, listener->root));
}

/* An address that others on a network may use, as text. */
static bool poa_usable(const struct ifaddrs *at, int family, char text[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in6 *v6 = (const void *)at->ifa_addr;
	const struct sockaddr_in *v4 = (const void *)at->ifa_addr;

	if (!at->ifa_addr || at->ifa_addr->sa_family != family || !(at->ifa_flags & IFF_UP) ||
	    (at->ifa_flags & IFF_LOOPBACK))
		return false;
	if (family == AF_INET)
		return (ntohl(v4->sin_addr.s_addr) >> 16) != 0xa9fe && /* 169.254/16 */
		       inet_ntop(family, &v4->sin_addr, text, INET6_ADDRSTRLEN);
	return !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
	       inet_ntop(family, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
}

static size_t poa_add_machine(struct poa_list *list, const struct poa_listener *listener, int family)
{
	struct ifaddrs *all = NULL;
	char text[INET6_ADDRSTRLEN];
	size_t before = list->count;

	if (getifaddrs(&all) != 0)
		return 0;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next)
		if (poa_usable(at, family, text))
			poa_add(list, listener, text, family == AF_INET6);
	freeifaddrs(all);
	return list->count - before;
}

static void poa_add_listener(struct poa_list *list, const struct poa_listener *listener)
{
	struct url_listen at;
	size_t added;

	if (listener->port <= 0 || !url_read_listen(slice_of(listener->listen), &at))
		return;
	if (at.host[0] && strcmp(at.host, "0.0.0.0") != 0 && strcmp(at.host, "::") != 0) {
		poa_add(list, listener, at.host, at.is_ipv6);
		return;
	}
	added = poa_add_machine(list, listener, AF_INET);
	/* Without a host, and on [::], one socket listens for both families. */
	if (strcmp(at.host, "0.0.0.0") != 0)
		added += poa_add_machine(list, listener, AF_INET6);
	if (added == 0)
		poa_add(list, listener, "127.0.0.1", false);
}

static void poa_add_brokers(struct poa_list *list, struct config *config)
{
	const char *const *brokers = config_list(config, config->mqtt_broker);
	struct url url;

	for (size_t i = 0; brokers[i] && list->count < POAS_MOST; i++)
		if (!url_read(slice_of(brokers[i]), &url))
			list->texts[list->count++] = arena_text(
			        list->arena, arena_printf(list->arena, "%.*s://%.*s", SLICE_ARG(url.scheme),
			                                  SLICE_ARG(url.authority)));
}

const char *const *poa_own(struct config *config, const struct poa_listener *listeners, size_t count)
{
	struct poa_list list = {.arena = &config->arena,
	                        .texts = arena_array(&config->arena, POAS_MOST + 1, const char *)};

	for (size_t i = 0; i < count; i++)
		poa_add_listener(&list, &listeners[i]);
	poa_add_brokers(&list, config);
	list.texts[list.count] = NULL;
	return list.texts;
}
