/* SPDX-License-Identifier: Apache-2.0 */
/* Read once, before anything is opened: a node never runs with an option that cannot mean what it says. */
#include "dured/config_check.h"

#include "base/url.h"
#include "model/rsc.h"

static int check_listen(const char *option, const char *text, struct why *why)
{
	struct url_listen listen;

	if (!*text || url_read_listen(slice_of(text), &listen))
		return 0;
	return refuse(why, RSC_BAD_REQUEST,
	              "%s %s: expected host:port, [v6]:port, or :port for all addresses", option, text);
}

static int check_listens(struct config *config, struct why *why)
{
	const struct {
		const char *option, *text;
	} rows[] = {
	        {"http-listen", config->http_listen},
	        {"https-listen", config->https_listen},
	        {"coap-listen", config->coap_listen},
	        {"coaps-listen", config->coaps_listen},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(rows) / sizeof(*rows); i++)
		r = check_listen(rows[i].option, rows[i].text, why);
	return r;
}

static int check_poa(struct config *config, struct why *why)
{
	const char *const *poa = config_list(config, config->poa);
	struct url url;

	for (size_t i = 0; poa[i]; i++) {
		const char *wrong = url_read(slice_of(poa[i]), &url);

		if (wrong)
			return refuse(why, RSC_BAD_REQUEST, "poa %s: %s", poa[i], wrong);
	}
	return 0;
}

/* "https://a.example", "http://localhost:3000": what a browser writes into Origin. */
static bool check_is_origin(struct slice text)
{
	struct url url;

	return !url_read(text, &url) && !url.has_user && url.target.len == 0;
}

/* doc/adr/0013 */
static int check_origins(struct config *config, struct why *why)
{
	const char *const *origins = config_list(config, config->http_cors_origin);

	for (size_t i = 0; origins[i]; i++) {
		if (strcmp(origins[i], "*") != 0 && !check_is_origin(slice_of(origins[i])))
			return refuse(why, RSC_BAD_REQUEST,
			              "http-cors-origin %s: expected an origin such as https://a.example or "
			              "http://localhost:3000, without a path",
			              origins[i]);
		if (strcmp(origins[i], "*") == 0 && strcmp(config->authentication, "always") != 0)
			return refuse(why, RSC_BAD_REQUEST,
			              "http-cors-origin *: every page that somebody on this machine looks at "
			              "could call "
			              "the node; it needs --authentication always, or origins by name");
	}
	return 0;
}

int config_check(struct config *config, struct why *why)
{
	static int (*const checks[])(struct config *, struct why *) = {check_listens, check_poa,
	                                                               check_origins};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(checks) / sizeof(*checks); i++)
		r = checks[i](config, why);
	return r;
}
