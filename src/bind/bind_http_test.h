/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the binding: a node of a loop, a store in memory, an engine and the binding, and one who calls
 * it on a plain socket. */
#ifndef DURE_BIND_BIND_HTTP_TEST_H
#define DURE_BIND_BIND_HTTP_TEST_H

#include "bind/bind_http.h"
#include "model/type.h"
#include "net/http_caller.h"
#include "store/store.h"

#include <stdio.h>

#define FROM "Host: a\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: 42\r\nX-M2M-RVI: 3\r\n"

struct node {
	struct loop *loop;
	struct store *store;
	struct engine *engine;
	struct bind_http *bind;
	struct loop_hook commit;
	struct caller caller;
};

static inline void node_commit(struct loop_hook *hook)
{
	struct node *node = container_of(hook, struct node, commit);

	if (engine_end_turn(node->engine))
		loop_again(node->loop);
}

static inline void node_begin_with(struct node *node, struct bind_http_config *config,
                                   const struct ports *ports)
{
	static const char *const poa[] = {NULL};
	struct engine_config engine = {.cse_id = "/id-in",
	                               .cse_name = "cse-in",
	                               .sp_id = "//sp.example",
	                               .admin = "CAdmin",
	                               .cse_type = 1,
	                               .poa = poa,
	                               .default_lifetime_us = 3600000000,
	                               .max_lifetime_us = 7200000000,
	                               .request_timeout_us = 1000000,
	                               .request_lifetime_us = 60000000};
	struct why why = {0};

	type_init();
	*node = (struct node){.commit.run = node_commit};
	config->listen = "127.0.0.1:0";
	engine.expiration_interval_us = 60000000;
	assert_int_equal(loop_create(&node->loop), 0);
	assert_int_equal(store_mem_create(&node->store), 0);
	assert_int_equal(
	        engine_create(&engine, node->store, loop_timers(node->loop), ports, &why, &node->engine), 0);
	loop_add_hook(node->loop, &node->commit);
	assert_int_equal(bind_http_create(node->loop, node->engine, config, &node->bind), 0);
	caller_begin_at(node->loop, bind_http_port(node->bind), &node->caller);
}

static inline void node_begin(struct node *node, struct bind_http_config *config)
{
	node_begin_with(node, config, NULL);
}

static inline void node_end(struct node *node)
{
	caller_end(&node->caller);
	bind_http_destroy(node->bind);
	engine_destroy(node->engine);
	node->store->ops->destroy(node->store);
	loop_destroy(node->loop);
}

/* Sends, and waits until the text has come. */
static inline void node_ask(struct node *node, const char *message, const char *wait_for)
{
	node->caller.got.len = 0;
	caller_send(&node->caller, slice_of(message));
	if (!caller_wait(&node->caller, wait_for, 1))
		print_error("no %s in\n%.*s\n", wait_for, (int)node->caller.got.len, node->caller.got.ptr);
	assert_int_equal(caller_count(&node->caller, wait_for), 1);
}

static inline size_t node_has(const struct node *node, const char *text)
{
	return caller_count(&node->caller, text);
}

#endif
