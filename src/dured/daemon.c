/* SPDX-License-Identifier: Apache-2.0 */
/* Up: loop, store, engine, bindings. Down: the other way round. In between: turns. */
#include "dured/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bind/bind_http.h"
#include "dured/control.h"
#include "dured/metrics.h"
#include "dured/service.h"
#include "peer/outbox.h"

enum {
	TEND_BUSY_US = 1000, /* of background work in a turn that served somebody */
	TEND_IDLE_US = 4000, /* in one that did not */
	DRAIN_US = 10000000, /* for what is under way at the end */
	VIRTUAL_WAIT_US = 2000,
	SETTLE_US = 3000000, /* after the last event the store still has something to tidy up */
	SETTLE_WAIT_US = 500000,
};

struct daemon {
	struct config *config;
	struct loop *loop;
	struct store *store;
	struct engine *engine;
	struct outbox *outbox;
	struct bind_http *http;
	struct control *control;
	struct loop_hook commit; /* before the bindings' own hooks: answers leave after it */
	struct watch signals;
	struct bind_http_page pages[3];
	int64_t started;
	int64_t busy_at; /* the last turn in which something happened, steady */
	int stopping;    /* signals seen */
	char port_file[4096];
};

/* ---- pages ---- */

static int page_health(void *user, struct buf *body, const char **ret_type)
{
	*ret_type = "text/plain; charset=utf-8";
	buf_add_lit(body, "ok\n");
	return 200;
}

static int page_ready(void *user, struct buf *body, const char **ret_type)
{
	const struct daemon *daemon = user;
	*ret_type = "text/plain; charset=utf-8";
	if (daemon->stopping) {
		buf_add_lit(body, "stopping\n");
		return 503;
	}
	if (engine_can_write(daemon->engine)) {
		buf_add_lit(body, "ready\n");
		return 200;
	}
	buf_add_lit(body, "the store can't write; reading works\n");
	return 503;
}

static int page_metrics(void *user, struct buf *body, const char **ret_type)
{
	const struct daemon *daemon = user;
	struct http_stats stats;
	bind_http_stats(daemon->http, &stats);
	*ret_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(body, daemon->engine, daemon->store, &stats, daemon->started);
	return 200;
}

/* ---- signals ---- */

static void open_log(const struct config *config)
{
	struct log_config log = {.json = strcmp(config->log_format, "json") == 0,
	                         .file = *config->log_file ? config->log_file : NULL};
	log_level_parse(config->log_level, &log.level);
	int r = log_open(&log);
	if (r)
		log_warn("dured", "log-file %s can't be opened (%s); logging to standard error",
		         config->log_file, strerror(-r));
}

static void on_signal(struct watch *watch, uint32_t events)
{
	struct daemon *daemon = container_of(watch, struct daemon, signals);
	struct signalfd_siginfo info;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		open_log(daemon->config);
		log_info("dured", "log reopened");
		return;
	}
	daemon->stopping++;
	service_tell("STOPPING=1");
	log_info("dured", "%s",
	         daemon->stopping == 1 ? "stopping: what is under way is finished" : "stopping at once");
}

static int watch_signals(struct daemon *daemon)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	daemon->signals.ready = on_signal;
	daemon->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return daemon->signals.fd < 0 ? -errno : loop_add(daemon->loop, &daemon->signals, EPOLLIN);
}

/* ---- starting ---- */

static void fill_engine_config(struct config *config, const char *const *poa, struct engine_config *ret)
{
	*ret = (struct engine_config){
	        .cse_id = config->cse_id,
	        .cse_name = config->cse_name,
	        .sp_id = config->sp_id,
	        .admin = config->admin,
	        .cse_type = strcmp(config->cse_type, "IN") == 0   ? 1
	                    : strcmp(config->cse_type, "MN") == 0 ? 2
	                                                          : 3,
	        .poa = poa,
	        .default_lifetime_us = config->default_expiration,
	        .max_lifetime_us = config->max_expiration,
	        .request_timeout_us = config->request_timeout,
	        .request_lifetime_us = config->request_lifetime,
	        .expiration_interval_us =
	                config->expiration_interval > 0 ? config->expiration_interval : 1000000,
	        .strict_discovery = config->strict_discovery,
	};
}

static int start_store(struct daemon *daemon, struct why *why)
{
	const struct store_config store = {.dir = daemon->config->data_dir};
	if (strcmp(daemon->config->store, "memory") == 0)
		return store_mem_create(&daemon->store);
	return store_sqlite_create(&store, why, &daemon->store);
}

static int load_definitions(struct config *config, struct why *why)
{
	type_init();
	const char *const *files = config_list(config, config->definitions);
	for (size_t i = 0; files[i]; i++) {
		int r = type_load_definitions(files[i], why);
		if (r)
			return r;
	}
	return 0;
}

static void commit(struct loop_hook *hook)
{
	struct daemon *daemon = container_of(hook, struct daemon, commit);
	if (engine_end_turn(daemon->engine))
		loop_again(daemon->loop);
}

static int start_engine(struct daemon *daemon, struct why *why)
{
	struct config *config = daemon->config;
	struct engine_config engine;
	struct ports ports = {0};
	const char *const *poa = config_list(config, config->poa);
	int r = outbox_create(daemon->loop, NULL, &daemon->outbox);
	if (r)
		return r;
	ports.outbound = outbox_port(daemon->outbox);
	fill_engine_config(config, poa, &engine);
	return engine_create(&engine, daemon->store, loop_timers(daemon->loop), &ports, why, &daemon->engine);
}

static int start_http(struct daemon *daemon)
{
	struct config *config = daemon->config;
	struct http_limits limits = http_limits_default;
	limits.body = (size_t)config->http_max_body;
	limits.connections = (size_t)config->http_max_connections;
	limits.head_us = config->http_head_timeout;
	limits.body_us = config->http_body_timeout;
	limits.idle_us = config->http_idle_timeout;
	const struct bind_http_page pages[] = {{"/healthz", page_health, daemon},
	                                       {"/readyz", page_ready, daemon},
	                                       {"/metrics", page_metrics, daemon}};
	memcpy(daemon->pages, pages, sizeof(pages));
	const char *const *origins = config_list(config, config->http_cors_origin);
	const struct bind_http_config http = {
	        .listen = config->http_listen,
	        .limits = &limits,
	        .prefix = config->http_root,
	        .cors_origins = origins[0] ? origins : NULL,
	        .pages = daemon->pages,
	        .page_count = 3,
	};
	return bind_http_create(daemon->loop, daemon->engine, &http, &daemon->http);
}

/* Without a configured point of access ours is where HTTP is served; on all addresses, by the machine's name.
 */
static void set_own_poa(struct daemon *daemon)
{
	struct config *config = daemon->config;
	const char *colon = strrchr(config->http_listen, ':');
	size_t len = colon ? (size_t)(colon - config->http_listen) : 0;
	char host[256] = "127.0.0.1";
	if (*config->poa)
		return;
	if (len && len < sizeof(host))
		snprintf(host, sizeof(host), "%.*s", (int)len, config->http_listen);
	else
		gethostname(host, sizeof(host) - 1);
	struct slice url = arena_printf(&config->arena, "http://%s:%d%s", host, bind_http_port(daemon->http),
	                                config->http_root);
	const char **list = arena_array(&config->arena, 2, const char *);
	list[0] = arena_text(&config->arena, url);
	engine_set_poa(daemon->engine, list);
}

/* The port, for those who start a node with port 0: written whole, then moved into place. */
static int write_port(struct daemon *daemon)
{
	char temporary[4200];
	if (strcmp(daemon->config->store, "memory") == 0 && access(daemon->config->data_dir, W_OK) != 0)
		return 0;
	snprintf(daemon->port_file, sizeof(daemon->port_file), "%s/http.port", daemon->config->data_dir);
	snprintf(temporary, sizeof(temporary), "%s.new", daemon->port_file);
	FILE *file = fopen(temporary, "we");
	if (!file)
		return -errno;
	fprintf(file, "%d\n", bind_http_port(daemon->http));
	if (fclose(file) || rename(temporary, daemon->port_file))
		return -errno;
	return 0;
}

static int say(const char *what, int r, const struct why *why)
{
	if (!r)
		return 0;
	fprintf(stderr, "dured: %s%s\n", what, why->text[0] ? why->text : strerror(r < 0 ? -r : EINVAL));
	return r;
}

static bool is_quiet(void *user)
{
	const struct daemon *daemon = user;
	return outbox_busy(daemon->outbox) == 0;
}

static int start(struct daemon *daemon)
{
	struct why why = {0};
	char where[256];
	snprintf(where, sizeof(where), "http-listen %s: ", daemon->config->http_listen);
	int r = say("", load_definitions(daemon->config, &why), &why);
	if (!r)
		r = say("the loop: ", loop_create(&daemon->loop), &why);
	if (!r)
		r = say("signals: ", watch_signals(daemon), &why);
	if (!r)
		r = say("", start_store(daemon, &why), &why);
	if (!r)
		r = say("", start_engine(daemon, &why), &why);
	if (r)
		return r;
	daemon->commit.run = commit;
	loop_add_hook(daemon->loop, &daemon->commit);
	r = say(where, start_http(daemon), &why);
	if (!r)
		set_own_poa(daemon);
	if (!r)
		r = say("standard input: ", control_create(daemon->loop, &daemon->control), &why);
	if (!r)
		r = say("http.port: ", write_port(daemon), &why);
	control_watch_calls(daemon->control, is_quiet, daemon);
	return r;
}

int daemon_create(struct config *config, struct daemon **ret)
{
	struct daemon *daemon = mem_zero(1, sizeof(*daemon));
	daemon->config = config;
	daemon->started = clock_now();
	daemon->signals.fd = -1;
	int64_t began = clock_wall_steady();
	open_log(config);
	int r = start(daemon);
	if (r) {
		daemon_destroy(daemon);
		return r;
	}
	struct engine_stats stats;
	engine_stats(daemon->engine, &stats);
	log_info("dured",
	         "CSE %s serves HTTP on port %d, %llu resources and %llu instances, ready in %.0f ms",
	         config->cse_id, bind_http_port(daemon->http), (unsigned long long)stats.resources,
	         (unsigned long long)stats.instances, (double)(clock_wall_steady() - began) / 1e3);
	service_tell("READY=1");
	*ret = daemon;
	return 0;
}

int daemon_check(const struct config *config)
{
	struct why why = {0};
	struct config copy = *config;
	int r = say("", load_definitions(&copy, &why), &why);
	return r ? 2 : 0;
}

/* ---- running ---- */

static int64_t wait_for(const struct daemon *daemon)
{
	if (clock_is_virtual())
		return VIRTUAL_WAIT_US;
	return clock_wall_steady() - daemon->busy_at < SETTLE_US ? SETTLE_WAIT_US : -1;
}

static int turn(struct daemon *daemon)
{
	int ready = loop_turn(daemon->loop, wait_for(daemon));
	if (ready < 0 && ready != -EINTR)
		return ready;
	if (ready > 0)
		daemon->busy_at = clock_wall_steady();
	/* Requests that came while the answers of others left (pipelined ones) have their turn at once. */
	if (engine_is_pending(daemon->engine))
		loop_again(daemon->loop);
	if (engine_tend(daemon->engine, ready > 0 ? TEND_BUSY_US : TEND_IDLE_US))
		loop_again(daemon->loop);
	control_turn(daemon->control);
	return 0;
}

int daemon_run(struct daemon *daemon)
{
	int r = 0;
	while (!r && !daemon->stopping)
		r = turn(daemon);
	struct binding *http = bind_http_binding(daemon->http);
	int64_t until = clock_wall_steady() + DRAIN_US;
	while (!r && daemon->stopping < 2 && !http->drain(http) && clock_wall_steady() < until) {
		int ready = loop_turn(daemon->loop, 10000);
		r = ready < 0 && ready != -EINTR ? ready : 0;
	}
	engine_stop(daemon->engine);
	if (r)
		log_error("dured", "stopped by a fault: %s", strerror(-r));
	else
		log_info("dured", "stopped");
	return r;
}

void daemon_destroy(struct daemon *daemon)
{
	if (!daemon)
		return;
	control_destroy(daemon->control);
	bind_http_destroy(daemon->http);
	engine_destroy(daemon->engine);
	outbox_destroy(daemon->outbox);
	if (daemon->store)
		daemon->store->ops->destroy(daemon->store);
	if (daemon->signals.fd >= 0)
		close(daemon->signals.fd);
	loop_destroy(daemon->loop);
	if (daemon->port_file[0])
		unlink(daemon->port_file);
	log_close();
	free(daemon);
}
