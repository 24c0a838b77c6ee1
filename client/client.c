/* SPDX-License-Identifier: Apache-2.0 */
/* The client: requests wait in lanes, each lane is carried by one slot of the transport, one exchange at a
 * time; so what is sent into a lane arrives in that order. */
#include "client/client.h"

#include "base/base64.h"
#include "client/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>

#define LANE_DEPTH 64           /* requests that may wait in one lane before m2m_send blocks */
#define TURN_US    (100 * 1000) /* how long to wait for the network before looking around */
#define TIMEOUT_US (30LL * 1000 * 1000)

struct job {
	struct m2m_client *client;
	struct arena arena;
	struct transport_call call;
	struct arena *into; /* where the answer goes; NULL: our own arena */
	void (*done)(void *user, const struct m2m_answer *answer);
	void *user;
	unsigned lane;
	struct job *next;
};

struct lane {
	struct job *first, *last; /* the first is under way */
	unsigned depth;
};

struct m2m_client {
	struct arena arena;
	struct message_self self;
	struct transport *transport;
	void (*trace)(void *user, const char *line);
	void *trace_user;
	unsigned tag;
	uint64_t number;
	size_t busy;
	unsigned lane_count;
	struct lane lanes[];
};

static const char *text_or(struct arena *arena, const char *text, const char *otherwise)
{
	return arena_text(arena, slice_of(text ? text : otherwise));
}

/* The value of Authorization, or NULL. */
static const char *proof_of(struct arena *arena, const struct m2m_config *config)
{
	struct slice pair;

	if (config->token)
		return arena_text(arena, arena_printf(arena, "Bearer %s", config->token));
	if (!config->user)
		return NULL;
	pair = arena_printf(arena, "%s:%s", config->user, config->password ? config->password : "");
	return arena_text(arena, arena_printf(arena, "Basic %.*s", SLICE_ARG(base64_encode(arena, pair))));
}

int m2m_create(const struct m2m_config *config, struct m2m_client **ret)
{
	static const struct m2m_config nothing = {0};
	if (!config)
		config = &nothing;
	unsigned lanes = config->connections ? config->connections : 1;
	struct m2m_client *client = calloc(1, sizeof(*client) + lanes * sizeof(struct lane));
	if (!client)
		return -ENOMEM;
	const struct transport_tls tls = {config->ca, config->cert, config->key};
	int r = transport_create(lanes, &tls, &client->transport);
	if (r) {
		free(client);
		return r;
	}
	arena_init(&client->arena);
	client->lane_count = lanes;
	struct slice url = slice_of(config->url ? config->url : "http://127.0.0.1:8080");
	while (url.len && url.ptr[url.len - 1] == '/')
		url.len--;
	client->self.url = arena_text(&client->arena, url);
	client->self.originator = text_or(&client->arena, config->originator, "CAdmin");
	client->self.release = text_or(&client->arena, config->release, "3");
	client->self.timeout_us = config->timeout_us > 0 ? config->timeout_us : TIMEOUT_US;
	client->self.proof = proof_of(&client->arena, config);
	client->trace = config->trace;
	client->trace_user = config->trace_user;
	if (getrandom(&client->tag, sizeof(client->tag), GRND_NONBLOCK) != sizeof(client->tag))
		client->tag = 0;
	*ret = client;
	return 0;
}

static void job_destroy(struct job *job)
{
	arena_finish(&job->arena);
	free(job);
}

void m2m_destroy(struct m2m_client *client)
{
	if (!client)
		return;
	transport_destroy(client->transport);
	for (unsigned i = 0; i < client->lane_count; i++)
		while (client->lanes[i].first) {
			struct job *job = client->lanes[i].first;
			client->lanes[i].first = job->next;
			job_destroy(job);
		}
	arena_finish(&client->arena);
	free(client);
}

size_t m2m_busy(const struct m2m_client *client)
{
	return client->busy;
}

const char *m2m_url(const struct m2m_client *client)
{
	return client->self.url;
}

static void trace_call(const struct m2m_client *client, struct job *job)
{
	if (!client->trace)
		return;
	struct slice line = arena_printf(&job->arena, "> %s %s", job->call.method, job->call.url);
	client->trace(client->trace_user, arena_text(&job->arena, line));
	for (const char *const *header = job->call.headers; *header; header++) {
		bool secret = strncasecmp(*header, "Authorization:", 14) == 0;
		line = arena_printf(&job->arena, ">   %s", secret ? "Authorization: (not shown)" : *header);
		client->trace(client->trace_user, arena_text(&job->arena, line));
	}
	if (job->call.body.len) {
		line = arena_printf(&job->arena, "> %.*s", SLICE_ARG(job->call.body));
		client->trace(client->trace_user, arena_text(&job->arena, line));
	}
}

static void trace_answer(const struct m2m_client *client, struct job *job, const struct m2m_answer *answer)
{
	if (!client->trace)
		return;
	struct slice line = answer->http ? arena_printf(&job->arena, "< %d %d %.*s", answer->http,
	                                                answer->rsc, SLICE_ARG(answer->body))
	                                 : arena_printf(&job->arena, "< %s", answer->error);
	client->trace(client->trace_user, arena_text(&job->arena, line));
}

static void lane_start(struct m2m_client *client, unsigned number);

/* The exchange of the first job of a lane ended: the next one starts, then who waited is told. */
static void job_done(void *user, const struct transport_reply *reply)
{
	struct job *job = user;
	struct m2m_client *client = job->client;
	struct lane *lane = &client->lanes[job->lane];
	struct m2m_answer answer;

	lane->first = job->next;
	if (!lane->first)
		lane->last = NULL;
	lane->depth--;
	client->busy--;
	message_read(reply, job->into ? job->into : &job->arena, &answer);
	trace_answer(client, job, &answer);
	lane_start(client, job->lane);
	job->done(job->user, &answer);
	job_destroy(job);
}

static void lane_start(struct m2m_client *client, unsigned number)
{
	struct job *job = client->lanes[number].first;
	if (!job || !transport_is_free(client->transport, number))
		return;
	trace_call(client, job);
	int r = transport_start(client->transport, number, &job->call);
	if (r) {
		struct transport_reply reply = {.error = r, .why = "the request could not be started"};
		job_done(job, &reply);
	}
}

/* An idle lane, or lane_count. */
static unsigned lane_idle(const struct m2m_client *client)
{
	unsigned i = 0;
	while (i < client->lane_count && client->lanes[i].first)
		i++;
	return i;
}

/* Waits until there is room for one more and gives its lane. */
static int lane_choose(struct m2m_client *client, unsigned wanted, unsigned *ret)
{
	for (;;) {
		unsigned lane = wanted ? (wanted - 1) % client->lane_count : lane_idle(client);
		if (lane < client->lane_count && (!wanted || client->lanes[lane].depth < LANE_DEPTH)) {
			*ret = lane;
			return 0;
		}
		int r = transport_turn(client->transport, TURN_US);
		if (r)
			return r;
	}
}

static struct job *job_create(struct m2m_client *client, void (*done)(void *, const struct m2m_answer *),
                              void *user)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	arena_init(&job->arena);
	job->client = client;
	job->done = done;
	job->user = user;
	return job;
}

static int job_send(struct job *job, unsigned wanted)
{
	struct m2m_client *client = job->client;
	int r = lane_choose(client, wanted, &job->lane);
	if (r) {
		job_destroy(job);
		return r;
	}
	struct lane *lane = &client->lanes[job->lane];
	job->call.done = job_done;
	job->call.user = job;
	if (lane->last)
		lane->last->next = job;
	else
		lane->first = job;
	lane->last = job;
	lane->depth++;
	client->busy++;
	if (lane->first == job)
		lane_start(client, job->lane);
	return 0;
}

static const char *next_rqi(struct m2m_client *client, struct arena *arena)
{
	return arena_text(
	        arena, arena_printf(arena, "d%08x-%llu", client->tag, (unsigned long long)++client->number));
}

int m2m_send(struct m2m_client *client, const struct m2m_request *request,
             void (*done)(void *user, const struct m2m_answer *answer), void *user)
{
	struct job *job = job_create(client, done, user);
	if (!job)
		return -ENOMEM;
	message_write(&client->self, request, next_rqi(client, &job->arena), &job->arena, &job->call);
	return job_send(job, request->lane);
}

int m2m_run(struct m2m_client *client, bool wait)
{
	int r;
	do {
		r = transport_turn(client->transport, wait ? TURN_US : 0);
	} while (!r && wait && client->busy);
	return r;
}

/* m2m_call waits here. */
struct waiting {
	struct m2m_answer *ret;
	bool done;
};

static void call_done(void *user, const struct m2m_answer *answer)
{
	struct waiting *waiting = user;
	*waiting->ret = *answer;
	waiting->done = true;
}

static int job_wait(struct job *job, struct waiting *waiting)
{
	struct m2m_client *client = job->client;
	int r = job_send(job, 0);
	while (!r && !waiting->done)
		r = transport_turn(client->transport, TURN_US);
	if (r) {
		waiting->ret->error = "the request could not be sent";
		return r;
	}
	return waiting->ret->http ? 0 : -ENOTCONN;
}

int m2m_call(struct m2m_client *client, struct arena *arena, const struct m2m_request *request,
             struct m2m_answer *ret)
{
	struct waiting waiting = {ret, false};
	*ret = (struct m2m_answer){0};
	struct job *job = job_create(client, call_done, &waiting);
	if (!job)
		return -ENOMEM;
	job->into = arena;
	message_write(&client->self, request, next_rqi(client, &job->arena), &job->arena, &job->call);
	return job_wait(job, &waiting);
}

int m2m_fetch(struct m2m_client *client, struct arena *arena, const char *path, struct m2m_answer *ret)
{
	static const char *const headers[] = {"Accept: */*", NULL};
	struct waiting waiting = {ret, false};
	*ret = (struct m2m_answer){0};
	struct job *job = job_create(client, call_done, &waiting);
	if (!job)
		return -ENOMEM;
	job->into = arena;
	job->call.method = "GET";
	job->call.url = arena_text(&job->arena, arena_printf(&job->arena, "%s%s", client->self.url, path));
	job->call.headers = headers;
	job->call.timeout_us = client->self.timeout_us;
	return job_wait(job, &waiting);
}
