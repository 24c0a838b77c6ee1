/* SPDX-License-Identifier: Apache-2.0 */
/* auth/ proves, peer/admission decides; this joins them to the options and to the loop. */
#include "dured/guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct guard {
	struct auth *auth;
	struct admission_gate *gate;
	struct loop *loop;
	struct watch changes; /* of the file; fd -1: not watched */
};

static void guard_changed(struct watch *watch, uint32_t events)
{
	guard_reload(container_of(watch, struct guard, changes));
}

static int guard_open_auth(struct guard *guard, struct config *config, struct why *why)
{
	const char *file = config->credentials;
	struct auth_config auth;

	if (!*file)
		file = arena_text(&config->arena,
		                  arena_printf(&config->arena, "%s/credentials", config->data_dir));
	auth.file = file;
	auth.key_file = arena_text(&config->arena, arena_printf(&config->arena, "%s.key", file));
	return auth_create(&auth, why, &guard->auth);
}

int guard_create(struct loop *loop, struct config *config, struct why *why, struct guard **ret)
{
	struct admission_config admission = {
	        .rates = {.requests = (uint64_t)config->quota_requests,
	                  .bytes = (uint64_t)config->quota_bytes},
	        .resources = (uint64_t)config->quota_resources,
	        .subscriptions = (uint64_t)config->quota_subscriptions,
	};
	struct guard *guard = mem_zero(1, sizeof(*guard));
	int r = guard_open_auth(guard, config, why);

	guard->loop = loop;
	guard->changes.fd = -1;
	if (r == 0) {
		guard->changes.ready = guard_changed;
		guard->changes.fd = auth_watch_fd(guard->auth);
		if (guard->changes.fd >= 0)
			r = loop_add(loop, &guard->changes, EPOLLIN);
	}
	if (r) {
		guard->changes.fd = -1;
		guard_destroy(guard);
		return r;
	}
	/* The table of options allows no other word. */
	(void)admission_mode_read(config->authentication, &admission.mode);
	guard->gate = admission_create(&admission);
	*ret = guard;
	return 0;
}

void guard_destroy(struct guard *guard)
{
	if (!guard)
		return;
	if (guard->changes.fd >= 0)
		loop_remove(guard->loop, &guard->changes);
	admission_destroy(guard->gate);
	auth_destroy(guard->auth);
	free(guard);
}

void guard_reload(struct guard *guard)
{
	struct why why = {0};
	int r = auth_reload(guard->auth, &why);

	if (r)
		log_warn("dured", "the credentials stay as they were: %s", r > 0 ? why.text : strerror(-r));
}

struct auth *guard_auth(struct guard *guard)
{
	return guard->auth;
}

static int guard_claims(void *ctx, struct arena *arena, struct slice token, struct why *why,
                        struct val **ret_claims)
{
	return auth_claims(ctx, arena, token, clock_now(), why, ret_claims);
}

void guard_fill_ports(struct guard *guard, struct ports *ports)
{
	ports->admission = admission_port(guard->gate);
	ports->vouch = (struct vouch){.claims = guard_claims, .ctx = guard->auth};
}

void guard_stats(const struct guard *guard, struct guard_stats *ret)
{
	auth_stats(guard->auth, &ret->auth);
	admission_stats(guard->gate, &ret->admission);
}
