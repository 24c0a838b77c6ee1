/* SPDX-License-Identifier: Apache-2.0 */
/* Identity first, allowance second. A request on loopback under the default mode costs a few comparisons
 * here, any other at most one look-up. */
#include "peer/admission.h"

#include <stdlib.h>

#include "auth/address.h"
#include "auth/auth.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/req.h"
#include "model/rsc.h"

#define WEIGHT_BASE  200 /* bytes of a request without content: parameters, head */
#define WEIGHT_EACH  6   /* of a value: quotes, colon, comma */
/* of a token: to check a signature takes as long as to read so much */
#define WEIGHT_TOKEN 50000

/* Refusals that are told in the log: of each kind one line, then silence for a while. */
enum told { TOLD_UNPROVEN, TOLD_REVOKED, TOLD_SOMEBODY_ELSE, TOLD_ALLOWANCE, TOLD_COUNT };

#define SILENCE INT64_C(10000000)

struct telling {
	int64_t until; /* no line of this kind before */
	uint64_t unsaid;
};

struct admission_gate {
	struct admission_config config;
	struct quota *quota; /* NULL: no rates */
	struct admission_stats stats;
	struct telling telling[TOLD_COUNT];
};

/* ---- the log ---- */

static void tell(struct admission_gate *gate, enum told kind, const struct req *req, const char *credential)
{
	static const char *const sentences[TOLD_COUNT] = {
	        [TOLD_UNPROVEN] = "without a proof (4107)",
	        [TOLD_REVOKED] = "with a credential that was revoked (4107)",
	        [TOLD_SOMEBODY_ELSE] = "with a credential of somebody else (4106)",
	        [TOLD_ALLOWANCE] = "beyond the allowance (4139)",
	};
	struct telling *telling = &gate->telling[kind];

	if (req->now < telling->until) {
		telling->unsaid++;
		return;
	}
	log_info("admission", "refused: %.*s from %s %s, credential %s; %llu more such since the last line",
	         SLICE_ARG(req->fr), req->peer.ip ? req->peer.ip : "a broker", sentences[kind], credential,
	         (unsigned long long)telling->unsaid);
	*telling = (struct telling){.until = req->now + SILENCE};
}

/* ---- identity ---- */

/* fr as one of our own AEs is named here: "/id-in/Cmeter" is "Cmeter". Others as they were sent. */
static struct slice name_here(const struct req *req)
{
	struct slice csi = engine_self(req->engine)->csi;
	struct slice rest = slice_skip(req->from, csi.len);

	if (slice_starts(req->from, csi) && rest.len > 1 && rest.ptr[0] == '/')
		return slice_skip(rest, 1);
	return req->fr;
}

static bool is_named(const struct identity *identity, struct slice here, struct slice sp_relative)
{
	return identity_names(identity, (struct slice[]){here, sp_relative}, 2);
}

/* A name that nobody has by a star, or is just believed to have from elsewhere: the administrator's ("C*" is
 * a common pattern, and CAdmin a common name), and our own, under which we notify others. */
static bool is_reserved(const struct req *req)
{
	return req->is_admin || slice_is(req->from, engine_self(req->engine)->csi);
}

static int refuse_revoked(struct admission_gate *gate, const struct req *req, struct why *why)
{
	const char *id = req->peer.identity->id;

	gate->stats.revoked++;
	tell(gate, TOLD_REVOKED, req, id);
	return refuse(why, RSC_SECURITY_ASSOCIATION_REQUIRED,
	              "the credential %s was revoked or changed: bring another, or connect anew", id);
}

static int check_identity(struct admission_gate *gate, const struct req *req, struct why *why)
{
	const struct identity *identity = req->peer.identity;
	const char *name = *identity->name ? identity->name : identity->id;
	struct slice here = name_here(req);
	bool reserved = is_reserved(req);

	if (identity->revoked)
		return refuse_revoked(gate, req, why);
	if (reserved ? is_named(identity, here, req->from) : identity_may(identity, here, req->from))
		return 0;
	gate->stats.somebody_else++;
	tell(gate, TOLD_SOMEBODY_ELSE, req, identity->id);
	return refuse(why, RSC_ORIGINATOR_NOT_AUTHENTICATED,
	              "fr: you have proven to be \"%s\", who may not speak as \"%.*s\" (credential %s%s)",
	              name, SLICE_ARG(req->fr), identity->id,
	              reserved ? "; a name of the node itself must be named without a star" : "");
}

/* Whoever relays stands there, and not who speaks. */
static bool is_on_loopback(const struct req *req)
{
	return !req->peer.relayed && (req->peer.local || address_is_loopback(req->peer.ip));
}

static int check_stranger(struct admission_gate *gate, const struct req *req, struct why *why)
{
	bool believed = gate->config.mode == ADMISSION_NEVER ||
	                (gate->config.mode == ADMISSION_BEYOND_LOOPBACK && req->peer.local);

	if (believed && (!is_reserved(req) || is_on_loopback(req)))
		return 0;
	gate->stats.unproven++;
	tell(gate, TOLD_UNPROVEN, req, "none");
	if (believed)
		return refuse(
		        why, RSC_SECURITY_ASSOCIATION_REQUIRED,
		        "fr: %.*s is a name of this node, believed on its own machine only; from "
		        "elsewhere, or through a broker or proxy, bring a credential that names it (see "
		        "dure credential)",
		        SLICE_ARG(req->fr));
	return refuse(
	        why, RSC_SECURITY_ASSOCIATION_REQUIRED,
	        "who you are is not proven: bring a certificate, a key, a token or a password (see dure "
	        "credential)%s",
	        req->peer.relayed ? "; who comes through a proxy, or by a name of this machine that could be "
	                            "anybody's, is not believed to be on it"
	                          : "");
}

/* ---- allowance ---- */

static bool is_exempt(const struct req *req)
{
	return req->is_admin || (!req->peer.identity && is_on_loopback(req));
}

/* About as many bytes as the content had on its way. As deep as what the readers take. */
static uint64_t weigh(const struct val *v)
{
	uint64_t weight = v->name.len + v->text.len + WEIGHT_EACH;

	if (v->kind == VAL_ARR || v->kind == VAL_OBJ)
		val_each (v, child)
			weight += weigh(child);
	return weight;
}

/* Who is charged. A credential with a star can take ever new names: then it pays itself. So can who proves
 * nothing: he is known by his address, and all who come by brokers are one. */
static uint64_t account_of(const struct req *req)
{
	const struct identity *identity = req->peer.identity;

	if (!identity)
		return address_key(req->peer.ip);
	if (req->from.len && is_named(identity, name_here(req), req->from))
		return slice_hash(req->from, 0);
	return slice_hash(slice_of(identity->id), 1);
}

/* What the request weighs in bytes; 0 when nobody counts them. */
static uint64_t weight_of(const struct admission_gate *gate, const struct req *req)
{
	static const enum prim_id tokens[] = {PRIM_tkns, PRIM_tids, PRIM_ltids};
	uint64_t weight = WEIGHT_BASE;

	if (!gate->config.rates.bytes)
		return 0;
	if (req->in.at[PRIM_pc])
		weight += weigh(req->in.at[PRIM_pc]);
	for (size_t i = 0; !req->peer.inner && i < sizeof(tokens) / sizeof(*tokens); i++)
		if (req->in.at[tokens[i]])
			weight += WEIGHT_TOKEN * (uint64_t)req->in.at[tokens[i]]->count;
	return weight;
}

/* One of a fan-out: the whole of it was taken, and is paid for afterwards. */
static int owe(struct admission_gate *gate, const struct req *req)
{
	if (gate->quota && !is_exempt(req))
		quota_owe(gate->quota, !req->peer.identity, account_of(req), weight_of(gate, req), req->now);
	return 0;
}

static int charge(struct admission_gate *gate, const struct req *req, struct why *why)
{
	enum quota_verdict verdict;
	int64_t wait_us;
	bool requests;

	verdict = quota_charge(gate->quota, !req->peer.identity, account_of(req), weight_of(gate, req),
	                       req->now, &wait_us);
	if (verdict == QUOTA_FINE)
		return 0;
	tell(gate, TOLD_ALLOWANCE, req, req->peer.identity ? req->peer.identity->id : "none");
	requests = verdict == QUOTA_REQUESTS;
	*(requests ? &gate->stats.requests : &gate->stats.bytes) += 1;
	return refuse(
	        why, RSC_SERVICE_SUBSCRIPTION_LIMITS_EXCEEDED,
	        "%.*s (%s) may use %llu %s a second, %d times that at once, and has used them up; come back "
	        "in %lld ms",
	        SLICE_ARG(req->fr), req->peer.ip ? req->peer.ip : "?",
	        (unsigned long long)(requests ? gate->config.rates.requests : gate->config.rates.bytes),
	        requests ? "requests" : "bytes", QUOTA_BURST, (long long)(wait_us + 999) / 1000);
}

static int admit(void *ctx, struct req *req, struct why *why)
{
	struct admission_gate *gate = ctx;
	int r;

	if (req->peer.inner)
		return owe(gate, req);
	/* Belief is no proof: policies that ask for authentication (acaf) are not content with loopback. */
	req->peer.authenticated = req->peer.identity != NULL;
	r = req->peer.identity ? check_identity(gate, req, why) : check_stranger(gate, req, why);
	if (r) {
		req->peer.authenticated = false;
		return r;
	}
	return gate->quota && !is_exempt(req) ? charge(gate, req, why) : 0;
}

/* Of a request that was admitted and has waited. */
static int still(void *ctx, const struct req *req, struct why *why)
{
	const struct identity *identity = req->peer.identity;

	return identity && identity->revoked ? refuse_revoked(ctx, req, why) : 0;
}

static int over(struct admission_gate *gate, uint64_t *count, const struct req *req, const char *what,
                uint64_t has, uint64_t most, struct why *why)
{
	++*count;
	tell(gate, TOLD_ALLOWANCE, req, req->peer.identity ? req->peer.identity->id : "none");
	return refuse(why, RSC_SERVICE_SUBSCRIPTION_LIMITS_EXCEEDED,
	              "%.*s has %llu of %llu %s; come back when some of them are deleted or have expired",
	              SLICE_ARG(req->fr), (unsigned long long)has, (unsigned long long)most, what);
}

static int grow(void *ctx, const struct req *req, uint64_t subscriptions, uint64_t resources, struct why *why)
{
	struct admission_gate *gate = ctx;
	const struct admission_config *config = &gate->config;

	if (is_exempt(req))
		return 0;
	if (config->subscriptions && req->type && req->type->number == TYPE_SUB &&
	    subscriptions >= config->subscriptions)
		return over(gate, &gate->stats.subscriptions, req, "subscriptions", subscriptions,
		            config->subscriptions, why);
	if (config->resources && resources >= config->resources)
		return over(gate, &gate->stats.resources, req, "resources", resources, config->resources,
		            why);
	return 0;
}

/* ---- the gate ---- */

struct admission_gate *admission_create(const struct admission_config *config)
{
	struct admission_gate *gate = mem_zero(1, sizeof(*gate));

	gate->config = *config;
	if (config->rates.requests || config->rates.bytes)
		gate->quota = quota_create(&config->rates);
	return gate;
}

void admission_destroy(struct admission_gate *gate)
{
	if (!gate)
		return;
	quota_destroy(gate->quota);
	free(gate);
}

struct admission admission_port(struct admission_gate *gate)
{
	return (struct admission){.admit = admit, .still = still, .grow = grow, .ctx = gate};
}

bool admission_mode_read(const char *text, enum admission_mode *ret)
{
	static const char *const names[ADMISSION_MODE_COUNT] = {"beyond-loopback", "always", "never"};

	for (int i = 0; i < ADMISSION_MODE_COUNT; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum admission_mode)i;
			return true;
		}
	return false;
}

void admission_stats(const struct admission_gate *gate, struct admission_stats *ret)
{
	*ret = gate->stats;
	ret->accounts = gate->quota ? quota_count(gate->quota) : 0;
}
