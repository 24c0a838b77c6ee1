/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a real broker. Everything waits for what must happen, with a bound. */
#include "net/mqtt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/unit.h"
#include "net/mqtt_broker.h"
#include "net/mqtt_resolve.h"

#define PATIENCE_US 20000000
#define STORED_MOST 2000

struct client {
	struct mqtt *mqtt;
	struct loop *loop;
	int connected, disconnected;
	size_t count;
	char *got[STORED_MOST]; /* "topic payload" */
	size_t last_len;
};

static void on_connected(void *user, struct mqtt *mqtt)
{
	((struct client *)user)->connected++;
}

static void on_disconnected(void *user, struct mqtt *mqtt)
{
	((struct client *)user)->disconnected++;
}

static void on_message(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct client *client = user;
	char *text;

	assert_true(client->count < STORED_MOST);
	text = mem_take(topic.len + payload.len + 2);
	memcpy(text, topic.ptr, topic.len);
	text[topic.len] = ' ';
	if (payload.len)
		memcpy(text + topic.len + 1, payload.ptr, payload.len);
	text[topic.len + 1 + payload.len] = '\0';
	client->got[client->count++] = text;
	client->last_len = payload.len;
}

static void client_begin(struct client *client, struct loop *loop, const struct mqtt_config *config)
{
	struct mqtt_handler handler = {on_connected, on_disconnected, on_message, client};
	struct why why = {0};

	*client = (struct client){.loop = loop};
	if (mqtt_create(loop, config, &handler, &why, &client->mqtt) != 0)
		fail_msg("%s", why.text);
}

static void client_end(struct client *client)
{
	mqtt_destroy(client->mqtt);
	for (size_t i = 0; i < client->count; i++)
		free(client->got[i]);
}

#define until(loop, condition)                                                                               \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + PATIENCE_US;                                       \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((loop), 10000);                                                            \
		assert_true(condition);                                                                      \
	} while (0)

static size_t client_count(const struct client *client, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < client->count; i++)
		count += strcmp(client->got[i], text) == 0;
	return count;
}

/* The broker has its subscriptions when it hears what it says behind them. */
static void client_settle(struct client *client)
{
	char topic[32], heard[48];
	size_t before;

	until(client->loop, client->connected > 0);
	snprintf(topic, sizeof(topic), "settle/%p", (void *)client);
	snprintf(heard, sizeof(heard), "%s !", topic);
	before = client->count;
	assert_int_equal(mqtt_subscribe(client->mqtt, topic, 1), 0);
	assert_int_equal(mqtt_publish(client->mqtt, topic, SLICE("!"), 1), 0);
	until(client->loop, client->count > before);
	assert_string_equal(client->got[before], heard);
	free(client->got[--client->count]);
}

UNIT(what_is_published_comes_back)
{
	struct mqtt_broker broker;
	struct client client;
	struct mqtt_stats stats;
	struct loop *loop;

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&client, loop,
	             &(struct mqtt_config){.url = broker.url, .client_id = "a", .clean = true});
	assert_int_equal(mqtt_publish(client.mqtt, "a/0", SLICE("early"), 0), -ENOTCONN);
	assert_int_equal(mqtt_subscribe(client.mqtt, "a/+", 1), 0);
	assert_int_equal(mqtt_subscribe(client.mqtt, "a/#/b", 1), -EINVAL);
	until(loop, client.connected == 1);
	assert_true(mqtt_is_connected(client.mqtt));
	assert_int_equal(mqtt_publish(client.mqtt, "a/0", SLICE("zero"), 0), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "a/1", SLICE("one"), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "a/2", SLICE(""), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "a/+", SLICE("x"), 1), -EINVAL);
	assert_int_equal(mqtt_publish(client.mqtt, "", SLICE("x"), 1), -EINVAL);
	assert_int_equal(mqtt_publish(client.mqtt, "\xff", SLICE("x"), 0), -EINVAL);
	until(loop, client.count == 3);
	assert_string_equal(client.got[0], "a/0 zero");
	assert_string_equal(client.got[1], "a/1 one");
	assert_string_equal(client.got[2], "a/2 ");
	assert_int_equal(mqtt_subscribe(client.mqtt, "b", 0), 0);
	assert_int_equal(mqtt_unsubscribe(client.mqtt, "a/+"), 0);
	assert_int_equal(mqtt_unsubscribe(client.mqtt, "a/+"), -ENOENT);
	assert_int_equal(mqtt_publish(client.mqtt, "a/1", SLICE("unheard"), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "b", SLICE("heard"), 1), 0);
	until(loop, client.count == 4);
	assert_string_equal(client.got[3], "b heard");
	mqtt_stats(client.mqtt, &stats);
	assert_int_equal(stats.connects, 1);
	assert_int_equal(stats.received, 4);
	assert_int_equal(stats.published, 5);
	assert_string_equal(mqtt_name(client.mqtt), broker.url + 7);
	client_end(&client);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(many_in_one_turn_all_arrive_in_order)
{
	struct mqtt_broker broker;
	struct client client;
	struct loop *loop;
	char text[32];

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&client, loop,
	             &(struct mqtt_config){.url = broker.url, .client_id = "a", .in_flight = 2000});
	assert_int_equal(mqtt_subscribe(client.mqtt, "#", 1), 0);
	until(loop, client.connected == 1);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_int_equal(mqtt_publish(client.mqtt, "t", slice_of(text), 1), 0);
	}
	until(loop, client.count == 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "t %d", i);
		assert_string_equal(client.got[i], text);
	}
	client_end(&client);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(what_waits_while_the_broker_is_away_arrives_when_it_is_back)
{
	struct mqtt_broker broker;
	struct client client;
	struct mqtt_stats stats;
	struct loop *loop;

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	mqtt_broker_kill(&broker);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&client, loop,
	             &(struct mqtt_config){.url = broker.url, .client_id = "a", .in_flight = 2});
	assert_int_equal(mqtt_subscribe(client.mqtt, "t", 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "t", SLICE("1"), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "t", SLICE("2"), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "t", SLICE("3"), 1), -ENOBUFS);
	for (int i = 0; i < 20; i++)
		loop_turn(loop, 10000);
	assert_int_equal(mqtt_broker_again(&broker), 0);
	until(loop, client.count == 2);
	assert_string_equal(client.got[0], "t 1");
	assert_string_equal(client.got[1], "t 2");
	mqtt_stats(client.mqtt, &stats);
	assert_int_equal(stats.dropped, 1);
	assert_int_equal(client.disconnected, 0);
	client_end(&client);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(a_broker_that_is_killed_again_and_again_loses_nothing_of_ours)
{
	struct mqtt_broker broker;
	struct client out, in;
	struct loop *loop;
	char text[32];
	int sent = 0;

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&out, loop, &(struct mqtt_config){.url = broker.url, .client_id = "out"});
	client_begin(&in, loop, &(struct mqtt_config){.url = broker.url, .client_id = "in"});
	assert_int_equal(mqtt_subscribe(in.mqtt, "t", 1), 0);
	for (int round = 1; round <= 4; round++) {
		until(loop, mqtt_is_connected(in.mqtt) && mqtt_is_connected(out.mqtt));
		/* Their receiver has subscribed; so a message that the broker confirms is one it has. */
		snprintf(text, sizeof(text), "t s%d", round);
		assert_int_equal(mqtt_publish(in.mqtt, "t", slice_of(text + 2), 1), 0);
		until(loop, client_count(&in, text) >= 1);
		for (int i = 0; i < 50; i++) {
			snprintf(text, sizeof(text), "%d", sent++);
			assert_int_equal(mqtt_publish(out.mqtt, "t", slice_of(text), 1), 0);
		}
		if (round < 4) {
			until(loop, client_count(&in, "t 0") > 0);
			/* What is read but not confirmed, and what is confirmed but not delivered, is for the
			 * floor above; here at least what was not sent at all must come. */
			mqtt_broker_kill(&broker);
			until(loop, !mqtt_is_connected(out.mqtt) && !mqtt_is_connected(in.mqtt));
			for (int i = 0; i < 50; i++) {
				snprintf(text, sizeof(text), "x%d", sent++);
				assert_int_equal(mqtt_publish(out.mqtt, "t", slice_of(text), 1), 0);
			}
			assert_int_equal(mqtt_broker_again(&broker), 0);
			until(loop, mqtt_is_connected(in.mqtt));
		}
	}
	snprintf(text, sizeof(text), "t %d", sent - 1);
	until(loop, client_count(&in, text) >= 1);
	assert_int_equal(out.connected, 4);
	assert_int_equal(out.disconnected, 3);
	client_end(&out);
	client_end(&in);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(a_kept_session_gives_what_came_meanwhile_and_a_clean_one_does_not)
{
	struct mqtt_broker broker;
	struct client kept, clean, other;
	struct loop *loop;

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&kept, loop, &(struct mqtt_config){.url = broker.url, .client_id = "k"});
	client_begin(&clean, loop, &(struct mqtt_config){.url = broker.url, .client_id = "c", .clean = true});
	client_begin(&other, loop, &(struct mqtt_config){.url = broker.url});
	assert_int_equal(mqtt_subscribe(kept.mqtt, "t", 1), 0);
	assert_int_equal(mqtt_subscribe(clean.mqtt, "t", 1), 0);
	client_settle(&kept);
	client_settle(&clean);
	until(loop, other.connected);
	assert_int_equal(mqtt_publish(other.mqtt, "t", SLICE("1"), 1), 0);
	until(loop, kept.count == 1 && clean.count == 1);
	/* From here on it reads nothing: the broker keeps it. */
	mqtt_pause(kept.mqtt);
	assert_int_equal(mqtt_publish(other.mqtt, "t", SLICE("2"), 1), 0);
	until(loop, clean.count == 2);
	assert_int_equal(kept.count, 1);
	/* And what it says before it goes still arrives. */
	assert_int_equal(mqtt_subscribe(other.mqtt, "last", 0), 0);
	assert_int_equal(mqtt_publish(other.mqtt, "last", SLICE("probe"), 1), 0);
	until(loop, client_count(&other, "last probe") == 1);
	assert_int_equal(mqtt_publish(kept.mqtt, "last", SLICE("words"), 0), 0);
	client_end(&kept);
	client_end(&clean);
	until(loop, client_count(&other, "last words") == 1);
	assert_int_equal(mqtt_publish(other.mqtt, "t", SLICE("3"), 1), 0);
	/* The broker has that when it has what was said after it. */
	assert_int_equal(mqtt_publish(other.mqtt, "last", SLICE("probe"), 1), 0);
	until(loop, client_count(&other, "last probe") == 2);
	client_begin(&kept, loop, &(struct mqtt_config){.url = broker.url, .client_id = "k"});
	client_begin(&clean, loop, &(struct mqtt_config){.url = broker.url, .client_id = "c", .clean = true});
	until(loop, kept.count == 2 && clean.connected);
	assert_string_equal(kept.got[0], "t 2");
	assert_string_equal(kept.got[1], "t 3");
	assert_int_equal(clean.count, 0);
	client_end(&kept);
	client_end(&clean);
	client_end(&other);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(large_payloads_pass_up_to_the_bound)
{
	struct mqtt_broker broker;
	struct mqtt_stats stats;
	struct client client;
	struct loop *loop;
	char *bytes = mem_take(3 << 20);

	memset(bytes, 'x', 3 << 20);
	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&client, loop,
	             &(struct mqtt_config){.url = broker.url, .client_id = "a", .message = 1 << 20});
	assert_int_equal(mqtt_subscribe(client.mqtt, "t", 1), 0);
	until(loop, client.connected == 1);
	assert_int_equal(mqtt_publish(client.mqtt, "t", slice_make(bytes, (1 << 20) + 1), 1), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "t", slice_make(bytes, 3 << 20), 0), 0);
	assert_int_equal(mqtt_publish(client.mqtt, "t", slice_make(bytes, 1 << 20), 1), 0);
	until(loop, client.count == 1);
	assert_int_equal(client.last_len, 1 << 20);
	mqtt_stats(client.mqtt, &stats);
	assert_int_equal(stats.dropped, 2);
	assert_int_equal(client.disconnected, 0);
	client_end(&client);
	free(bytes);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

/* A socket that never accepts, its queue full: the next SYN gets no answer. Returns the descriptors. */
static void swallower(int fds[40], int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fds[0], (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fds[0], 1), 0);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &len), 0);
	for (int i = 1; i < 40; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(fds[i], (struct sockaddr *)&address, len) != 0)
			assert_int_equal(errno, EINPROGRESS);
	}
	*ret_port = ntohs(address.sin_port);
}

UNIT(brokers_that_swallow_refuse_or_have_no_name_never_block)
{
	char url[3][64];
	struct client clients[3];
	struct loop *loop;
	int fds[40], port;
	int64_t began, longest = 0;

	swallower(fds, &port);
	snprintf(url[0], sizeof(url[0]), "mqtt://127.0.0.1:%d", port);
	snprintf(url[1], sizeof(url[1]), "mqtt://[::1]:1");
	snprintf(url[2], sizeof(url[2]), "mqtt://no-such-name.invalid");
	assert_int_equal(loop_create(&loop), 0);
	began = clock_wall_steady();
	for (int i = 0; i < 3; i++)
		client_begin(&clients[i], loop, &(struct mqtt_config){.url = url[i]});
	assert_true(clock_wall_steady() - began < 500000);
	while (clock_wall_steady() - began < 1000000) {
		int64_t turn = clock_wall_steady();

		loop_turn(loop, 1000);
		turn = clock_wall_steady() - turn;
		longest = turn > longest ? turn : longest;
	}
	/* A turn is 1 ms; much more than that on a busy machine, but no time-out of anything. */
	assert_true(longest < 500000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(clients[i].connected, 0);
		client_end(&clients[i]);
	}
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	loop_destroy(loop);
}

UNIT(names_are_looked_up_by_a_thread)
{
	struct mqtt_broker broker;
	struct client client, other;
	struct loop *loop;
	char url[64];

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	assert_true(mqtt_resolve_is_address("::1"));
	assert_false(mqtt_resolve_is_address("localhost"));
	snprintf(url, sizeof(url), "mqtt://localhost:%d", broker.port);
	client_begin(&client, loop, &(struct mqtt_config){.url = url});
	/* One that is gone before its name is known. */
	client_begin(&other, loop, &(struct mqtt_config){.url = url});
	client_end(&other);
	until(loop, client.connected == 1);
	client_end(&client);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

static void file_write(const struct mqtt_broker *broker, const char *name, const char *text, char path[128])
{
	FILE *file;

	snprintf(path, 128, "%s/%s", broker->dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

UNIT(users_prove_themselves_by_a_password)
{
	struct mqtt_broker broker;
	struct client client, wrong, file;
	struct loop *loop;
	char url[96], path[128], command[512];

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	mqtt_broker_kill(&broker);
	snprintf(command, sizeof(command),
	         "cd %s && mosquitto_passwd -b -c users dure 'p%%ss word' 2>/dev/null && "
	         "printf 'allow_anonymous false\\npassword_file %s/users\\n' >>mosquitto.conf && "
	         "sed -i '/allow_anonymous true/d' mosquitto.conf",
	         broker.dir, broker.dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(mqtt_broker_again(&broker), 0);
	assert_int_equal(loop_create(&loop), 0);
	snprintf(url, sizeof(url), "mqtt://dure:p%%25ss%%20word@127.0.0.1:%d", broker.port);
	client_begin(&client, loop, &(struct mqtt_config){.url = url});
	until(loop, client.connected == 1);
	client_end(&client);
	snprintf(url, sizeof(url), "mqtt://dure:wrong@127.0.0.1:%d", broker.port);
	client_begin(&wrong, loop, &(struct mqtt_config){.url = url});
	file_write(&broker, "secret", "p%ss word\n", path);
	client_begin(&file, loop, &(struct mqtt_config){.url = url, .password_file = path});
	until(loop, file.connected == 1);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 10000);
	assert_int_equal(wrong.connected, 0);
	client_end(&file);
	client_end(&wrong);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

/* A certificate for 127.0.0.1 and its authority. */
static void broker_tls(struct mqtt_broker *broker)
{
	char command[2048];

	snprintf(command, sizeof(command),
	         "cd %s && { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority "
	         "-keyout ca.key -out ca.pem && "
	         "openssl req -newkey rsa:2048 -nodes -subj /CN=broker -keyout b.key -out b.csr && "
	         "printf 'subjectAltName=IP:127.0.0.1\\n' >ext && "
	         "openssl x509 -req -in b.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext "
	         "-out b.pem; } >openssl.log 2>&1 && "
	         "printf 'cafile %s/ca.pem\\ncertfile %s/b.pem\\nkeyfile %s/b.key\\n' >>mosquitto.conf",
	         broker->dir, broker->dir, broker->dir, broker->dir);
	assert_int_equal(system(command), 0);
}

UNIT(tls_checks_whom_it_talks_to)
{
	struct mqtt_broker broker;
	struct client good, name, stranger;
	struct loop *loop;
	struct why why = {0};
	struct mqtt_handler handler = {.message = on_message};
	struct mqtt *none;
	char url[96], named[96], ca[96];

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	mqtt_broker_kill(&broker);
	broker_tls(&broker);
	assert_int_equal(mqtt_broker_again(&broker), 0);
	assert_int_equal(loop_create(&loop), 0);
	snprintf(ca, sizeof(ca), "%s/ca.pem", broker.dir);
	snprintf(url, sizeof(url), "mqtts://127.0.0.1:%d", broker.port);
	snprintf(named, sizeof(named), "mqtts://localhost:%d", broker.port);
	client_begin(&good, loop, &(struct mqtt_config){.url = url, .ca = ca});
	client_begin(&name, loop, &(struct mqtt_config){.url = named, .ca = ca});
	client_begin(&stranger, loop, &(struct mqtt_config){.url = url});
	assert_int_equal(mqtt_subscribe(good.mqtt, "t", 1), 0);
	until(loop, good.connected == 1);
	for (int i = 0; i < 200; i++)
		assert_int_equal(mqtt_publish(good.mqtt, "t", SLICE("x"), 1), 0);
	until(loop, good.count == 200);
	assert_int_equal(name.connected, 0);
	assert_int_equal(stranger.connected, 0);
	client_end(&good);
	client_end(&name);
	client_end(&stranger);
	assert_int_equal(
	        mqtt_create(loop, &(struct mqtt_config){.url = url, .ca = "/nowhere"}, &handler, &why, &none),
	        4000);
	assert_non_null(strstr(why.text, "/nowhere"));
	assert_int_equal(mqtt_create(loop, &(struct mqtt_config){.url = "http://x"}, &handler, &why, &none),
	                 4000);
	assert_int_equal(mqtt_create(loop, &(struct mqtt_config){.url = "mqtt://x/t"}, &handler, &why, &none),
	                 4000);
	assert_int_equal(mqtt_create(loop,
	                             &(struct mqtt_config){.url = "mqtt://u@x", .password_file = "/nowhere"},
	                             &handler, &why, &none),
	                 4000);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

UNIT(two_with_one_name_do_not_chase_each_other_wildly)
{
	struct mqtt_broker broker;
	struct client one, two;
	struct loop *loop;
	int64_t end;

	assert_int_equal(mqtt_broker_start(&broker, NULL), 0);
	assert_int_equal(loop_create(&loop), 0);
	client_begin(&one, loop, &(struct mqtt_config){.url = broker.url, .client_id = "same"});
	client_begin(&two, loop, &(struct mqtt_config){.url = broker.url, .client_id = "same"});
	end = clock_wall_steady() + 1000000;
	while (clock_wall_steady() < end)
		loop_turn(loop, 10000);
	assert_true(one.connected + two.connected >= 2);
	assert_true(one.connected + two.connected < 16);
	client_end(&one);
	client_end(&two);
	loop_destroy(loop);
	mqtt_broker_stop(&broker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(what_is_published_comes_back),
	        unit(many_in_one_turn_all_arrive_in_order),
	        unit(what_waits_while_the_broker_is_away_arrives_when_it_is_back),
	        unit(a_broker_that_is_killed_again_and_again_loses_nothing_of_ours),
	        unit(a_kept_session_gives_what_came_meanwhile_and_a_clean_one_does_not),
	        unit(large_payloads_pass_up_to_the_bound),
	        unit(brokers_that_swallow_refuse_or_have_no_name_never_block),
	        unit(names_are_looked_up_by_a_thread),
	        unit(users_prove_themselves_by_a_password),
	        unit(tls_checks_whom_it_talks_to),
	        unit(two_with_one_name_do_not_chase_each_other_wildly),
	};

	log_open(&(struct log_config){.level = LOG_INFO});
	if (!mqtt_broker_is_there()) {
		puts("1..0 # SKIP mosquitto is not installed");
		return 0;
	}
	return unit_main(tests);
}
