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
#include "dured/config_check.h"
#include "dured/control.h"
#include "dured/doors.h"
#include "dured/guard.h"
#include "dured/metrics.h"
#include "dured/service.h"

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
	struct guard *guard;
	struct doors *doors;
	struct control *control;
	struct loop_hook commit; /* before the bindings' own hooks: answers leave after it */
	struct watch signals;
	struct bind_http_page pages[3];
	int64_t started;
	int64_t busy_at; /* the last turn in which something happened, steady */
	int stopping;    /* signals seen */
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
	struct doors_stats doors;
	struct guard_stats guard;
	doors_stats(daemon->doors, &doors);
	guard_stats(daemon->guard, &guard);
	*ret_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(body, daemon->engine, daemon->store, daemon->started);
	metrics_write_doors(body, &doors);
	metrics_write_guard(body, &guard);
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
		log_info("dured", "log reopened, certificates and credentials read again");
		doors_reload(daemon->doors);
		guard_reload(daemon->guard);
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
	        .backlog_most = (size_t)config->backlog,
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
	const struct outbox_config outbox = {.ca = config->tls_ca,
	                                     .cert = config->tls_cert,
	                                     .key = config->tls_key,
	                                     .crl = config->tls_crl};
	struct engine_config engine;
	struct ports ports = {0};
	const char *const *poa = config_list(config, config->poa);
	int r = outbox_create(daemon->loop, &outbox, &daemon->outbox);
	if (r)
		return r;
	ports.outbound = outbox_port(daemon->outbox);
	guard_fill_ports(daemon->guard, &ports);
	fill_engine_config(config, poa, &engine);
	return engine_create(&engine, daemon->store, loop_timers(daemon->loop), &ports, why, &daemon->engine);
}

static int open_doors(struct daemon *daemon, struct why *why)
{
	const struct bind_http_page pages[] = {{"/healthz", page_health, daemon},
	                                       {"/readyz", page_ready, daemon},
	                                       {"/metrics", page_metrics, daemon}};
	const struct doors_needs needs = {
	        .loop = daemon->loop,
	        .engine = daemon->engine,
	        .outbox = daemon->outbox,
	        .auth = guard_auth(daemon->guard),
	        .config = daemon->config,
	        .pages = daemon->pages,
	        .page_count = sizeof(pages) / sizeof(pages[0]),
	};
	memcpy(daemon->pages, pages, sizeof(pages));
	return doors_create(&needs, why, &daemon->doors);
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
	int r = say("", config_check(daemon->config, &why), &why);
	if (!r)
		r = say("", load_definitions(daemon->config, &why), &why);
	if (!r)
		r = say("the loop: ", loop_create(&daemon->loop), &why);
	if (!r)
		r = say("signals: ", watch_signals(daemon), &why);
	if (!r)
		r = say("", start_store(daemon, &why), &why);
	if (!r)
		r = say("credentials: ", guard_create(daemon->loop, daemon->config, &why, &daemon->guard),
		        &why);
	if (!r)
		r = say("", start_engine(daemon, &why), &why);
	if (r)
		return r;
	daemon->commit.run = commit;
	loop_add_hook(daemon->loop, &daemon->commit);
	r = say("", open_doors(daemon, &why), &why);
	if (!r)
		r = say("standard input: ", control_create(daemon->loop, &daemon->control), &why);
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
	         config->cse_id, doors_http_port(daemon->doors), (unsigned long long)stats.resources,
	         (unsigned long long)stats.instances, (double)(clock_wall_steady() - began) / 1e3);
	service_tell("READY=1");
	*ret = daemon;
	return 0;
}

int daemon_check(const struct config *config)
{
	struct why why = {0};
	struct config copy = *config;
	int r = say("", config_check(&copy, &why), &why);
	if (!r)
		r = say("", load_definitions(&copy, &why), &why);
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
	int64_t until = clock_wall_steady() + DRAIN_US;
	while (!r && daemon->stopping < 2 && !doors_drain(daemon->doors) && clock_wall_steady() < until) {
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
	doors_destroy(daemon->doors);
	engine_destroy(daemon->engine);
	outbox_destroy(daemon->outbox);
	guard_destroy(daemon->guard);
	if (daemon->store)
		daemon->store->ops->destroy(daemon->store);
	if (daemon->signals.fd >= 0)
		close(daemon->signals.fd);
	loop_destroy(daemon->loop);
	log_close();
	free(daemon);
}
