/* SPDX-License-Identifier: Apache-2.0 */
/* One connection attempt is one struct mosquitto: made anew each time, gone when the connection is. So
 * nothing of a broken one is left over, and what must survive is kept here: the subscriptions, and every QoS
 * 1 message until the broker has confirmed it.
 *
 * libmosquitto is told that it is used by threads. It is not; but then it only queues what we publish, and
 * all that a turn of the loop wrote leaves together at its end, behind a cork when it is more than one
 * packet. The confirmations of what we received leave there too: after the commit of what they were for.
 *
 * What may still block: the second look-up of a name (the first is done by a thread, see mqtt_resolve.h) when
 * the broker is mqtts:// and not an address, because libmosquitto checks the certificate against the name it
 * was told to connect to; and reading the certificate files. What is not bounded here: a message of up to
 * 256 MB is read whole by libmosquitto before we may pass it over; the broker's message_size_limit is for
 * that. */
#include "net/mqtt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/mqtt_resolve.h"
#include "net/mqtt_url.h"

#define MQTT_REFUSED     4000
#define MQTT_BACKOFF     100000      /* us before the second attempt; twice as long each time */
#define MQTT_BACKOFF_MAX 30000000    /* but not longer */
#define MQTT_PATIENCE    10000000    /* us from the attempt to the broker's word */
#define MQTT_STABLE      1000000     /* a connection that lived so long makes up for the attempts before it */
#define MQTT_PACKETS     128         /* read in one turn */
#define MQTT_BYTES_MOST  (64u << 20) /* kept, and waiting to be written */
#define MQTT_SECRET_MOST 4096

struct mqtt_topic {
	struct mqtt_topic *next;
	int qos, mid;
	char name[];
};

/* A QoS 1 message that the broker has not confirmed. */
struct mqtt_kept {
	struct mqtt_kept *next;
	int mid; /* 0: not given to libmosquitto */
	char *topic;
	struct slice payload; /* both behind the struct */
};

struct mqtt {
	struct loop *loop;
	struct mqtt_handler handler;
	struct mqtt_config config; /* its texts are in the arena */
	struct mqtt_url url;
	struct arena arena;
	struct mosquitto *mosq; /* NULL: between two attempts */
	struct watch watch; /* our own duplicate of its socket: libmosquitto closes its own when it likes, and
	                       the number may be somebody else's before we hear of it. -1: none */
	struct timer retry, care;
	struct loop_hook flush;
	struct mqtt_resolve *resolve;
	struct mqtt_addresses addresses;
	size_t address; /* the next one to try */
	int64_t backoff, since;
	bool connected, paused, unflushed, in_call;
	int refused;    /* what the broker said instead of welcome */
	size_t packets; /* queued since the last flush */
	size_t unsent;  /* bytes in libmosquitto's queue, about */
	struct mqtt_topic *topics;
	struct mqtt_kept *first, *last;
	size_t kept, kept_bytes;
	struct mqtt_stats stats;
	char trouble[160]; /* libmosquitto's last word on an error */
};

static void mqtt_open(struct mqtt *mqtt);

/* --- what is kept --- */

static void mqtt_dirty(struct mqtt *mqtt)
{
	mqtt->unflushed = true;
	mqtt->packets++;
	loop_flush_soon(mqtt->loop);
}

/* Gives a packet to libmosquitto. 0 or -errno. */
static int mqtt_hand(struct mqtt *mqtt, int *mid, const char *topic, struct slice payload, int qos)
{
	int r = mosquitto_publish(mqtt->mosq, mid, topic, (int)payload.len, payload.ptr, qos, false);

	mqtt->unsent += payload.len + strlen(topic);
	mqtt_dirty(mqtt);
	if (r == MOSQ_ERR_SUCCESS) {
		mqtt->stats.published++;
		return 0;
	}
	return r == MOSQ_ERR_NO_CONN ? -ENOTCONN : r == MOSQ_ERR_NOMEM ? -ENOMEM : -EINVAL;
}

static struct mqtt_kept *mqtt_keep(struct mqtt *mqtt, const char *topic, struct slice payload)
{
	size_t topic_len = strlen(topic) + 1;
	struct mqtt_kept *kept = mem_take(sizeof(*kept) + topic_len + payload.len);

	*kept = (struct mqtt_kept){.topic = memcpy(kept + 1, topic, topic_len)};
	kept->payload = slice_make(kept->topic + topic_len, payload.len);
	if (payload.len)
		memcpy(kept->topic + topic_len, payload.ptr, payload.len);
	if (mqtt->last)
		mqtt->last->next = kept;
	else
		mqtt->first = kept;
	mqtt->last = kept;
	mqtt->kept++;
	mqtt->kept_bytes += payload.len;
	return kept;
}

/* Takes it out; `before` is the one in front of it, or NULL. */
static void mqtt_unkeep(struct mqtt *mqtt, struct mqtt_kept *kept, struct mqtt_kept *before)
{
	if (before)
		before->next = kept->next;
	else
		mqtt->first = kept->next;
	if (mqtt->last == kept)
		mqtt->last = before;
	mqtt->kept--;
	mqtt->kept_bytes -= kept->payload.len;
	free(kept);
}

/* --- the words of libmosquitto --- */

static void mqtt_on_connect(struct mosquitto *mosq, void *user, int code)
{
	struct mqtt *mqtt = user;

	mqtt->refused = code;
	if (code != 0)
		return;
	mqtt->connected = true;
	mqtt->stats.connects++;
	mqtt->since = loop_wall(mqtt->loop);
	/* From now on its log would be a line written for every packet, and read by nobody. */
	mosquitto_log_callback_set(mosq, NULL);
	mqtt->trouble[0] = '\0';
	log_info("mqtt", "connected to %s", mqtt->url.name);
	for (struct mqtt_topic *topic = mqtt->topics; topic; topic = topic->next)
		mosquitto_subscribe(mosq, &topic->mid, topic->name, topic->qos);
	for (struct mqtt_kept *kept = mqtt->first; kept; kept = kept->next)
		if (mqtt_hand(mqtt, &kept->mid, kept->topic, kept->payload, 1) != 0)
			kept->mid = 0;
	mqtt_dirty(mqtt);
	if (mqtt->handler.connected)
		mqtt->handler.connected(mqtt->handler.user, mqtt);
}

static void mqtt_on_message(struct mosquitto *mosq, void *user, const struct mosquitto_message *message)
{
	struct mqtt *mqtt = user;

	mqtt->stats.received++;
	if (message->qos > 0)
		mqtt_dirty(mqtt); /* the confirmation */
	if (message->retain && !mqtt->config.retained) {
		mqtt->stats.dropped++;
		return;
	}
	if (message->payloadlen < 0 || (size_t)message->payloadlen > mqtt->config.message) {
		mqtt->stats.dropped++;
		log_warn("mqtt", "%s: a message larger than %zu bytes is passed over", mqtt->url.name,
		         mqtt->config.message);
		return;
	}
	mqtt->handler.message(mqtt->handler.user, mqtt, slice_of(message->topic),
	                      slice_make(message->payload, (size_t)message->payloadlen));
}

static void mqtt_on_publish(struct mosquitto *mosq, void *user, int mid)
{
	struct mqtt *mqtt = user;
	struct mqtt_kept *before = NULL;

	/* They are confirmed in the order they were sent: it is nearly always the first. */
	for (struct mqtt_kept *kept = mqtt->first; kept; before = kept, kept = kept->next)
		if (kept->mid == mid) {
			mqtt_unkeep(mqtt, kept, before);
			return;
		}
}

static void mqtt_on_subscribe(struct mosquitto *mosq, void *user, int mid, int count, const int *granted)
{
	struct mqtt *mqtt = user;

	for (const struct mqtt_topic *topic = mqtt->topics; topic; topic = topic->next)
		if (topic->mid == mid && count > 0 && granted[0] > 2)
			log_warn("mqtt", "%s refuses the subscription to %s", mqtt->url.name, topic->name);
}

static void mqtt_on_log(struct mosquitto *mosq, void *user, int level, const char *text)
{
	struct mqtt *mqtt = user;

	if (level == MOSQ_LOG_ERR)
		snprintf(mqtt->trouble, sizeof(mqtt->trouble), ": %s", text);
}

/* Nobody is there to be asked for the password of a key. */
static int mqtt_no_password(char *buf, int size, int rwflag, void *user)
{
	return 0;
}

/* --- connecting --- */

/* The first line of the password file. 0 or -errno. */
static int mqtt_read_password(const char *path, char out[MQTT_SECRET_MOST])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error;
	ssize_t got = fd < 0 ? -1 : read(fd, out, MQTT_SECRET_MOST - 1);

	error = errno;
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return -error;
	out[got] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

static int mqtt_set_user(struct mqtt *mqtt, struct why *why)
{
	const char *password = mqtt->url.password, *path = mqtt->config.password_file;
	char secret[MQTT_SECRET_MOST] = "";
	int r;

	if (!mqtt->url.user) {
		if (path)
			return refuse(why, MQTT_REFUSED, "mqtt %s: a password file, but no user in the URL",
			              mqtt->url.name);
		return 0;
	}
	if (path) {
		r = mqtt_read_password(path, secret);
		if (r != 0)
			return refuse(why, MQTT_REFUSED, "mqtt password file %s: %s", path, strerror(-r));
		password = secret;
	}
	r = mosquitto_username_pw_set(mqtt->mosq, mqtt->url.user, password);
	explicit_bzero(secret, sizeof(secret));
	return r == MOSQ_ERR_SUCCESS ? 0
	                             : refuse(why, MQTT_REFUSED, "mqtt %s: user or password: %s",
	                                      mqtt->url.name, mosquitto_strerror(r));
}

static int mqtt_set_tls(struct mqtt *mqtt, struct why *why)
{
	const struct mqtt_config *config = &mqtt->config;
	const char *const files[] = {config->ca, config->cert, config->key};
	int r;

	if (!mqtt->url.tls)
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i] && access(files[i], R_OK) != 0)
			return refuse(why, MQTT_REFUSED, "mqtt %s: %s: %s", mqtt->url.name, files[i],
			              strerror(errno));
	r = mosquitto_tls_set(mqtt->mosq, config->ca, config->ca ? NULL : "/etc/ssl/certs", config->cert,
	                      config->key, mqtt_no_password);
	return r == MOSQ_ERR_SUCCESS
	               ? 0
	               : refuse(why, MQTT_REFUSED, "mqtt %s: certificate and key belong together: %s",
	                        mqtt->url.name, mosquitto_strerror(r));
}

/* A struct mosquitto with all that was configured. On anything but 0 there is none. */
static int mqtt_prepare(struct mqtt *mqtt, struct why *why)
{
	const struct mqtt_config *config = &mqtt->config;
	int r;

	mqtt->mosq = mosquitto_new(config->client_id, config->clean, mqtt);
	if (!mqtt->mosq)
		return errno == ENOMEM ? -ENOMEM
		                       : refuse(why, MQTT_REFUSED, "mqtt: \"%s\" is no client ID",
		                                config->client_id ? config->client_id : "");
	r = mqtt_set_user(mqtt, why);
	if (r == 0)
		r = mqtt_set_tls(mqtt, why);
	if (r != 0) {
		mosquitto_destroy(mqtt->mosq);
		mqtt->mosq = NULL;
		return r;
	}
	mosquitto_threaded_set(mqtt->mosq, true);
	mosquitto_int_option(mqtt->mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
	mosquitto_int_option(mqtt->mosq, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_int_option(mqtt->mosq, MOSQ_OPT_SEND_MAXIMUM, (int)config->in_flight);
	mosquitto_connect_callback_set(mqtt->mosq, mqtt_on_connect);
	mosquitto_message_callback_set(mqtt->mosq, mqtt_on_message);
	mosquitto_publish_callback_set(mqtt->mosq, mqtt_on_publish);
	mosquitto_subscribe_callback_set(mqtt->mosq, mqtt_on_subscribe);
	mosquitto_log_callback_set(mqtt->mosq, mqtt_on_log);
	return 0;
}

/* The next attempt, a while from now. */
static void mqtt_later(struct mqtt *mqtt)
{
	uint32_t random = 0;
	int64_t wait;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)clock_wall_steady();
	/* Between half of it and all of it, so that a crowd does not come back at once. */
	wait = mqtt->backoff / 2 + (int64_t)(random % (uint32_t)(mqtt->backoff / 2));
	mqtt->backoff = mqtt->backoff * 2 > MQTT_BACKOFF_MAX ? MQTT_BACKOFF_MAX : mqtt->backoff * 2;
	timer_set(loop_wall_timers(mqtt->loop), &mqtt->retry, clock_wall_steady() + wait);
}

/* Takes down what is left of a connection. */
static void mqtt_close(struct mqtt *mqtt)
{
	timer_clear(loop_wall_timers(mqtt->loop), &mqtt->care);
	if (mqtt->watch.fd >= 0) {
		loop_remove(mqtt->loop, &mqtt->watch);
		close(mqtt->watch.fd);
		mqtt->watch.fd = -1;
	}
	mosquitto_destroy(mqtt->mosq);
	mqtt->mosq = NULL;
	mqtt->connected = mqtt->unflushed = false;
	mqtt->packets = mqtt->unsent = 0;
	for (struct mqtt_kept *kept = mqtt->first; kept; kept = kept->next)
		kept->mid = 0;
}

/* The connection, or the attempt, is over. */
static void mqtt_lost(struct mqtt *mqtt, const char *reason)
{
	bool was_connected = mqtt->connected;

	/* One that lived but shortly (two clients of one name chase each other) still waits a little. */
	if (was_connected && loop_wall(mqtt->loop) - mqtt->since >= MQTT_STABLE)
		mqtt->backoff = MQTT_BACKOFF;
	else if (was_connected && mqtt->backoff > MQTT_STABLE)
		mqtt->backoff = MQTT_STABLE;
	log_warn("mqtt", "%s %s: %s%s", was_connected ? "the connection was lost to" : "no connection to",
	         mqtt->url.name, reason, mqtt->trouble);
	mqtt_close(mqtt);
	mqtt_later(mqtt);
	if (was_connected && mqtt->handler.disconnected)
		mqtt->handler.disconnected(mqtt->handler.user, mqtt);
}

static void mqtt_lost_by(struct mqtt *mqtt, int code)
{
	mqtt_lost(mqtt, mqtt->refused                     ? mosquitto_connack_string(mqtt->refused)
	                : code == MOSQ_ERR_ERRNO && errno ? strerror(errno)
	                                                  : mosquitto_strerror(code));
}

static void mqtt_ready(struct watch *watch, uint32_t events);

static void mqtt_connect(struct mqtt *mqtt, const char *host)
{
	struct why why = {0};
	int r = mqtt_prepare(mqtt, &why);

	mqtt->refused = 0;
	mqtt->trouble[0] = '\0';
	if (r != 0) {
		mqtt_lost(mqtt, r > 0 ? why.text : strerror(-r));
		return;
	}
	r = mosquitto_connect_async(mqtt->mosq, host, mqtt->url.port, mqtt->config.keepalive_s);
	if (r != MOSQ_ERR_SUCCESS || mosquitto_socket(mqtt->mosq) < 0) {
		mqtt_lost_by(mqtt, r);
		return;
	}
	mqtt->watch.fd = fcntl(mosquitto_socket(mqtt->mosq), F_DUPFD_CLOEXEC, 0);
	r = mqtt->watch.fd < 0 ? -errno : loop_add(mqtt->loop, &mqtt->watch, EPOLLIN | EPOLLOUT);
	if (r != 0) {
		mqtt_lost(mqtt, strerror(-r));
		return;
	}
	timer_set(loop_wall_timers(mqtt->loop), &mqtt->care, clock_wall_steady() + MQTT_PATIENCE);
}

/* A name has as many chances as it has addresses; then it is asked for again. */
static void mqtt_connect_next(struct mqtt *mqtt)
{
	const char *host = mqtt->addresses.text[mqtt->address++];

	mqtt_connect(mqtt, mqtt->url.tls ? mqtt->url.host : host);
}

static void mqtt_resolved(void *user, const struct mqtt_addresses *addresses)
{
	struct mqtt *mqtt = user;

	mqtt->resolve = NULL;
	mqtt->addresses = *addresses;
	mqtt->address = 0;
	if (addresses->count == 0) {
		log_warn("mqtt", "no connection to %s: the name is not known", mqtt->url.name);
		mqtt_later(mqtt);
		return;
	}
	mqtt_connect_next(mqtt);
}

static void mqtt_open(struct mqtt *mqtt)
{
	if (mqtt_resolve_is_address(mqtt->url.host))
		mqtt_connect(mqtt, mqtt->url.host);
	else if (!mqtt->url.tls && mqtt->address < mqtt->addresses.count)
		mqtt_connect_next(mqtt);
	else if (mqtt_resolve_start(mqtt->loop, mqtt->url.host, mqtt_resolved, mqtt, &mqtt->resolve) != 0)
		mqtt_later(mqtt);
}

static void mqtt_retry(struct timer *timer)
{
	mqtt_open(container_of(timer, struct mqtt, retry));
}

/* --- the life of a connection --- */

static void mqtt_watch_what_it_wants(struct mqtt *mqtt)
{
	uint32_t in = mqtt->paused && mqtt->connected ? 0 : EPOLLIN;

	loop_change(mqtt->loop, &mqtt->watch, mosquitto_want_write(mqtt->mosq) ? in | EPOLLOUT : in);
}

/* What was queued leaves. False: the connection is gone. */
static bool mqtt_write(struct mqtt *mqtt)
{
	bool cork = mqtt->packets > 1 && mqtt->connected;
	int on = 1, off = 0, r;

	mqtt->unflushed = false;
	if (cork)
		setsockopt(mqtt->watch.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	mqtt->in_call = true;
	r = mosquitto_loop_write(mqtt->mosq, 1);
	mqtt->in_call = false;
	if (r != MOSQ_ERR_SUCCESS) {
		mqtt_lost_by(mqtt, r);
		return false;
	}
	if (cork)
		setsockopt(mqtt->watch.fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	mqtt->packets = 0;
	if (!mosquitto_want_write(mqtt->mosq))
		mqtt->unsent = 0;
	mqtt_watch_what_it_wants(mqtt);
	return true;
}

static void mqtt_flush(struct loop_hook *hook)
{
	struct mqtt *mqtt = container_of(hook, struct mqtt, flush);

	if (mqtt->unflushed && mqtt->mosq)
		mqtt_write(mqtt);
}

/* Reads what came. False: the connection is gone. */
static bool mqtt_read(struct mqtt *mqtt)
{
	for (int i = 0; i < MQTT_PACKETS; i++) {
		uint64_t received = mqtt->stats.received;
		int r;

		errno = 0;
		mqtt->in_call = true;
		r = mosquitto_loop_read(mqtt->mosq, 1);
		mqtt->in_call = false;
		if (r != MOSQ_ERR_SUCCESS) {
			mqtt_lost_by(mqtt, r);
			return false;
		}
		/* When a message was handled, errno is not libmosquitto's any more. */
		if (errno == EAGAIN && received == mqtt->stats.received)
			return true;
		if (mqtt->paused)
			return true;
	}
	/* There may be more, also within TLS where epoll does not see it. */
	loop_again(mqtt->loop);
	return true;
}

static void mqtt_ready(struct watch *watch, uint32_t events)
{
	struct mqtt *mqtt = container_of(watch, struct mqtt, watch);

	if (mqtt->paused && mqtt->connected) {
		if (events & (EPOLLERR | EPOLLHUP))
			mqtt_lost(mqtt, "it hung up");
		else
			mqtt_write(mqtt);
		return;
	}
	/* While TLS shakes hands it is driven by reading, whatever it waits for. */
	if (((events & ~(uint32_t)EPOLLOUT) || (!mqtt->connected && mqtt->url.tls)) && !mqtt_read(mqtt))
		return;
	if (events & EPOLLOUT || !mqtt->connected)
		mqtt_write(mqtt);
	else
		mqtt_watch_what_it_wants(mqtt);
}

static void mqtt_care(struct timer *timer)
{
	struct mqtt *mqtt = container_of(timer, struct mqtt, care);
	int r;

	if (!mqtt->connected) {
		mqtt_lost(mqtt, "no word from it");
		return;
	}
	mqtt->in_call = true;
	r = mosquitto_loop_misc(mqtt->mosq);
	mqtt->in_call = false;
	if (r != MOSQ_ERR_SUCCESS) {
		mqtt_lost_by(mqtt, r);
		return;
	}
	mqtt_dirty(mqtt);
	timer_set(loop_wall_timers(mqtt->loop), &mqtt->care,
	          clock_wall_steady() + mqtt->config.keepalive_s * (int64_t)250000);
}

/* --- what others call --- */

static const char *mqtt_copy(struct mqtt *mqtt, const char *text)
{
	return text && *text ? arena_text(&mqtt->arena, slice_of(text)) : NULL;
}

static void mqtt_configure(struct mqtt *mqtt, const struct mqtt_config *config)
{
	mqtt->config = *config;
	mqtt->config.url = NULL; /* with its password it is needed no more */
	mqtt->config.client_id = mqtt_copy(mqtt, config->client_id);
	mqtt->config.ca = mqtt_copy(mqtt, config->ca);
	mqtt->config.cert = mqtt_copy(mqtt, config->cert);
	mqtt->config.key = mqtt_copy(mqtt, config->key);
	mqtt->config.password_file = mqtt_copy(mqtt, config->password_file);
	if (mqtt->config.keepalive_s <= 0)
		mqtt->config.keepalive_s = 30;
	if (mqtt->config.message == 0)
		mqtt->config.message = 1 << 20;
	if (mqtt->config.in_flight == 0)
		mqtt->config.in_flight = 1000;
	if (mqtt->config.in_flight > 65535)
		mqtt->config.in_flight = 65535;
	/* A session without a name cannot be kept. */
	if (!mqtt->config.client_id)
		mqtt->config.clean = true;
}

int mqtt_create(struct loop *loop, const struct mqtt_config *config, const struct mqtt_handler *handler,
                struct why *why, struct mqtt **ret)
{
	struct mqtt *mqtt = mem_zero(1, sizeof(*mqtt));
	int r;

	mosquitto_lib_init();
	arena_init(&mqtt->arena);
	mqtt->loop = loop;
	mqtt->handler = *handler;
	mqtt->watch = (struct watch){.fd = -1, .ready = mqtt_ready};
	mqtt->retry.run = mqtt_retry;
	mqtt->care.run = mqtt_care;
	mqtt->flush.run = mqtt_flush;
	mqtt->backoff = MQTT_BACKOFF;
	mqtt_configure(mqtt, config);
	r = mqtt_url_read(slice_of(config->url), &mqtt->arena, why, &mqtt->url);
	if (r == 0 && mqtt->url.topic.len + mqtt->url.query.len > 0)
		r = refuse(why, MQTT_REFUSED, "mqtt %s: a topic has no place in the URL of a broker",
		           mqtt->url.name);
	if (r == 0)
		r = mqtt_prepare(mqtt, why);
	loop_add_flush(loop, &mqtt->flush);
	if (r != 0) {
		mqtt_destroy(mqtt);
		return r;
	}
	mosquitto_destroy(mqtt->mosq);
	mqtt->mosq = NULL;
	mqtt_open(mqtt);
	*ret = mqtt;
	return 0;
}

/* Goodbye, as far as it can be said at once. What was not read is taken out of the socket, or closing it
 * would cut off what we just wrote; it was not confirmed, so a kept session gives it again. */
static void mqtt_part(struct mqtt *mqtt)
{
	char bytes[4096];

	mosquitto_disconnect(mqtt->mosq);
	mosquitto_loop_write(mqtt->mosq, 1);
	shutdown(mqtt->watch.fd, SHUT_WR);
	for (int i = 0; i < 1024 && recv(mqtt->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0; i++)
		;
}

void mqtt_destroy(struct mqtt *mqtt)
{
	if (!mqtt)
		return;
	assert(!mqtt->in_call);
	if (mqtt->connected)
		mqtt_part(mqtt);
	mqtt_close(mqtt);
	timer_clear(loop_wall_timers(mqtt->loop), &mqtt->retry);
	mqtt_resolve_cancel(mqtt->resolve);
	loop_remove_hook(mqtt->loop, &mqtt->flush);
	while (mqtt->first)
		mqtt_unkeep(mqtt, mqtt->first, NULL);
	while (mqtt->topics) {
		struct mqtt_topic *topic = mqtt->topics;

		mqtt->topics = topic->next;
		free(topic);
	}
	arena_finish(&mqtt->arena);
	free(mqtt);
	mosquitto_lib_cleanup();
}

static struct mqtt_topic **mqtt_topic_at(struct mqtt *mqtt, const char *name)
{
	struct mqtt_topic **at = &mqtt->topics;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

int mqtt_subscribe(struct mqtt *mqtt, const char *name, int qos)
{
	struct mqtt_topic **at = mqtt_topic_at(mqtt, name);

	if (mosquitto_sub_topic_check(name) != MOSQ_ERR_SUCCESS)
		return -EINVAL;
	if (!*at) {
		*at = mem_zero(1, sizeof(**at) + strlen(name) + 1);
		memcpy((*at)->name, name, strlen(name) + 1);
	}
	(*at)->qos = qos;
	if (mqtt->connected) {
		mosquitto_subscribe(mqtt->mosq, &(*at)->mid, name, qos);
		mqtt_dirty(mqtt);
	}
	return 0;
}

int mqtt_unsubscribe(struct mqtt *mqtt, const char *name)
{
	struct mqtt_topic **at = mqtt_topic_at(mqtt, name), *topic = *at;

	if (!topic)
		return -ENOENT;
	*at = topic->next;
	free(topic);
	if (mqtt->connected) {
		mosquitto_unsubscribe(mqtt->mosq, NULL, name);
		mqtt_dirty(mqtt);
	}
	return 0;
}

int mqtt_publish(struct mqtt *mqtt, const char *topic, struct slice payload, int qos)
{
	struct mqtt_kept *kept;
	size_t waiting = qos > 0 ? mqtt->kept_bytes : mqtt->unsent;

	if (mosquitto_pub_topic_check(topic) != MOSQ_ERR_SUCCESS || *topic == '\0' ||
	    mosquitto_validate_utf8(topic, (int)strlen(topic)) != MOSQ_ERR_SUCCESS)
		return -EINVAL;
	if (qos == 0 && !mqtt->connected)
		return -ENOTCONN;
	if ((qos > 0 && mqtt->kept >= mqtt->config.in_flight) ||
	    (waiting > 0 && waiting + payload.len > MQTT_BYTES_MOST)) {
		mqtt->stats.dropped++;
		return -ENOBUFS;
	}
	if (qos == 0)
		return mqtt_hand(mqtt, NULL, topic, payload, 0);
	kept = mqtt_keep(mqtt, topic, payload);
	if (mqtt->connected && mqtt_hand(mqtt, &kept->mid, topic, payload, 1) != 0)
		kept->mid = 0;
	return 0;
}

void mqtt_pause(struct mqtt *mqtt)
{
	mqtt->paused = true;
	if (mqtt->connected)
		mqtt_watch_what_it_wants(mqtt);
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
	return mqtt->connected;
}

const char *mqtt_name(const struct mqtt *mqtt)
{
	return mqtt->url.name;
}

void mqtt_stats(const struct mqtt *mqtt, struct mqtt_stats *ret)
{
	*ret = mqtt->stats;
	ret->connected = mqtt->connected;
}
