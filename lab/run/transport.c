/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/transport.h"

#include <strings.h>

const struct transport *const transport_rows[] = {&transport_http, &transport_coap, &transport_mqtt,
                                                  &transport_ws, NULL};

bool transport_find(struct slice name, const struct transport **ret, bool *ret_secure)
{
	for (size_t i = 0; transport_rows[i]; i++) {
		bool secure = transport_rows[i]->secure && slice_is_text(name, transport_rows[i]->secure);

		if (!secure && !slice_is_text(name, transport_rows[i]->name))
			continue;
		*ret = transport_rows[i];
		*ret_secure = secure;
		return true;
	}
	return false;
}

/* "host:port" or "[v6]:port" */
static bool place_authority(struct place *place, struct slice authority)
{
	struct slice host = {0};

	if (authority.len && authority.ptr[0] == '[') {
		slice_cut(&authority, ']', &host);
		host = slice_skip(host, 1);
		authority = slice_skip(authority, 1);
	} else {
		slice_cut(&authority, ':', &host);
	}
	if (!host.len || host.len >= sizeof place->host || authority.len > 5)
		return false;
	memcpy(place->host, host.ptr, host.len);
	if (authority.len)
		memcpy(place->port, authority.ptr, authority.len);
	return true;
}

int place_init(struct place *place, const struct transport *transport, const struct place_config *config,
               struct why *why)
{
	struct slice rest = slice_of(config->url), scheme = {0}, authority;
	const struct transport *found = NULL;

	*place = (struct place){.transport = transport,
	                        .loop = config->loop,
	                        .server = config->server,
	                        .encoding = config->encoding,
	                        .boxes = config->boxes};
	slice_cut(&rest, ':', &scheme);
	memcpy(place->port, transport->port, strlen(transport->port));
	if (!slice_starts(rest, SLICE("//")) || !transport_find(scheme, &found, &place->secure) ||
	    found != transport)
		return refuse(why, 4000, "expected %s://HOST[:PORT][/PREFIX], found \"%s\"", transport->name,
		              config->url);
	authority = rest = slice_skip(rest, 2);
	authority.len = strcspn(rest.ptr, "/");
	rest = slice_skip(rest, authority.len);
	if (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	if (rest.len >= sizeof place->prefix || !place_authority(place, authority))
		return refuse(why, 4000, "expected %s://HOST[:PORT][/PREFIX], found \"%s\"", transport->name,
		              config->url);
	if (rest.len)
		memcpy(place->prefix, rest.ptr, rest.len);
	return 0;
}

const char *reply_param(struct arena *arena, const struct reply *reply, struct slice name)
{
	const struct val *v = val_get(reply->params, name);

	if (!v)
		return NULL;
	if (v->kind == VAL_STR || v->kind == VAL_NUM)
		return arena_text(arena, v->text);
	return v->kind == VAL_TRUE ? "true" : v->kind == VAL_FALSE ? "false" : val_kind_name(v);
}

bool call_header(const struct call *call, const char *name, struct slice *ret_value)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < call->header_count; i++) {
		struct slice line = call->headers[i];

		if (line.len <= len || line.ptr[len] != ':' || strncasecmp(line.ptr, name, len) != 0)
			continue;
		line = slice_skip(line, len + 1);
		while (line.len && line.ptr[0] == ' ')
			line = slice_skip(line, 1);
		*ret_value = line;
		return true;
	}
	return false;
}
