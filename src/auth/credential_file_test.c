/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/credential_file.h"
#include "base/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/dure-credential-test-XXXXXX";
static char path[80], lock_path[96];

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static int get(struct credential_list *list, struct why *why)
{
	*why = (struct why){0};
	return credential_file_read(path, why, list);
}

UNIT(credential_file_missing_is_empty)
{
	struct credential_list list;
	struct why why;

	unlink(path);
	assert_int_equal(get(&list, &why), 0);
	assert_int_equal(list.count, 0);
	credential_file_finish(&list);
}

UNIT(credential_file_reads_what_it_wrote)
{
	static const char *const two[] = {"Cmeter", "/id-mn", NULL};
	struct credential_list list, again;
	struct credential *one;
	struct why why;
	struct stat st;

	unlink(path);
	assert_int_equal(get(&list, &why), 0);
	for (int i = 0; i < 3; i++) {
		one = credential_file_add(&list);
		one->id = i == 0 ? "c-1" : i == 1 ? "c-2" : "c-3";
		one->kind = i == 2 ? IDENTITY_TOKEN : IDENTITY_MQTT;
		one->name = "with \"quotes\" and \xed\x95\x9c";
		one->originators = two;
		one->created = "20261122T093000";
		one->revoked = i == 2 ? "20261122T093001" : "";
	}
	assert_int_equal(credential_file_write(path, &list), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(get(&again, &why), 0);
	assert_int_equal(again.count, 3);
	assert_string_equal(again.at[1].id, "c-2");
	assert_string_equal(again.at[1].name, one->name);
	assert_int_equal(again.at[1].kind, IDENTITY_MQTT);
	assert_string_equal(again.at[1].originators[1], "/id-mn");
	assert_null(again.at[1].originators[2]);
	assert_string_equal(again.at[1].created, "20261122T093000");
	assert_string_equal(again.at[1].revoked, "");
	assert_string_equal(again.at[2].revoked, "20261122T093001");
	credential_file_finish(&list);
	credential_file_finish(&again);
}

#define HEAD "{\n \"version\": 1,\n \"credentials\": [\n"

UNIT(credential_file_names_the_line)
{
	static const struct {
		const char *text, *place, *word;
	} rows[] = {
	        {"", "", "line 1"},
	        {"{\n \"version\": 2, \"credentials\": []}", ":", "version: expected 1"},
	        {"{\n \"version\": 1}", "", "credentials: expected an array"},
	        {"[]", "", "version"},
	        {"{\"version\": 1,\n\n \"more\": 1, \"credentials\": []}", ":3:", "nothing else"},
	        {HEAD "{\"id\": \"c-1\", \"kind\": \"mqtt\", \"name\": \"u\",\n \"originators\": \"C1\"}]}",
	         ":5:", "originators"},
	        {HEAD "{\"id\": \"c-1\", \"kind\": \"mqtt\", \"name\": \"u\",\n \"originators\": "
	              "[\"C1\",\n\"C 2\"]}]}",
	         ":4:", "\"C 2\" is none"},
	        {HEAD "{\"id\": \"c-1\",\n \"kind\": \"magic\"}]}", ":5:", "kind: expected"},
	        {HEAD "{\"id\": \"c-1\",\n \"sort\": \"magic\"}]}", ":5:", "no credential has a member"},
	        {HEAD "{\"id\": \"c-1\"}]}", ":4:", "kind is missing"},
	        {HEAD "7]}", ":4:", "expected an object"},
	        {HEAD "{\"id\": 7}]}", ":4:", "expected a text"},
	        {HEAD "{\"id\": \"c-1\", \"kind\": \"mqtt\", \"name\": \"u\", \"originators\": [\"C1\"]},\n"
	              "{\"id\": \"c-1\", \"kind\": \"mqtt\", \"name\": \"v\", \"originators\": [\"C1\"]}]}",
	         ":5:", "another credential has this id"},
	        {HEAD "{\"id\": \"c-1\", \"kind\": \"certificate\", \"name\": \"DNS:A\", \"originators\": "
	              "[\"C1\"]},\n"
	              "{\"id\": \"c-2\", \"kind\": \"certificate\", \"name\": \"DNS:a\", \"originators\": "
	              "[\"C1\"]}]}",
	         ":5:", "has this name"},
	        {HEAD "{\"id\": \"c-1\\u0000\", \"kind\": \"mqtt\"}]}", "line 4", "U+0000"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct credential_list list;
		struct why why;

		put(rows[i].text);
		assert_int_equal(get(&list, &why), 4000);
		if (!strstr(why.text, path) || !strstr(why.text, rows[i].place) ||
		    !strstr(why.text, rows[i].word))
			fail_msg("row %zu says: %s", i, why.text);
		credential_file_finish(&list);
	}
}

UNIT(credential_file_takes_no_file_that_others_may_write)
{
	struct credential_list list;
	struct why why;

	put("{\"version\": 1, \"credentials\": []}");
	assert_int_equal(get(&list, &why), 0);
	credential_file_finish(&list);
	chmod(path, 0666);
	assert_int_equal(get(&list, &why), 4000);
	assert_non_null(strstr(why.text, "chmod"));
	credential_file_finish(&list);
}

/* Writers in several processes, each adding one: none is lost. */
UNIT(credential_file_writers_wait_for_each_other)
{
	enum { WRITERS = 4, EACH = 10 };
	struct credential_list list;
	struct why why;

	unlink(path);
	for (int w = 0; w < WRITERS; w++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < EACH; i++) {
			static const char *const one[] = {"C1", NULL};
			int lock = credential_file_lock(path);
			char id[16];

			snprintf(id, sizeof(id), "c-%d-%d", w, i);
			if (lock < 0 || get(&list, &why) != 0)
				_exit(1);
			*credential_file_add(&list) = (struct credential){.id = id,
			                                                  .name = id,
			                                                  .kind = IDENTITY_MQTT,
			                                                  .originators = one,
			                                                  .secret = "",
			                                                  .algorithm = "",
			                                                  .created = "",
			                                                  .revoked = ""};
			if (credential_file_write(path, &list) != 0)
				_exit(1);
			credential_file_finish(&list);
			close(lock);
		}
		_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		int status;

		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(get(&list, &why), 0);
	assert_int_equal(list.count, WRITERS * EACH);
	credential_file_finish(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(credential_file_missing_is_empty),
	        unit(credential_file_reads_what_it_wrote),
	        unit(credential_file_names_the_line),
	        unit(credential_file_takes_no_file_that_others_may_write),
	        unit(credential_file_writers_wait_for_each_other),
	};
	int r;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/credentials", folder);
	snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
	r = unit_main(tests);
	unlink(path);
	unlink(lock_path);
	rmdir(folder);
	return r;
}
