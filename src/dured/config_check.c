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

int config_check(struct config *config, struct why *why)
{
	static int (*const checks[])(struct config *, struct why *) = {check_listens, check_poa};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(checks) / sizeof(*checks); i++)
		r = checks[i](config, why);
	return r;
}
