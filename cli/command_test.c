/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of commands and messages: whole, and the same in both languages. */
#include "cli/command.h"

#include "base/unit.h"
#include "base/utf8.h"

#include <stdlib.h>

#define PLACES 16

/* The conversions of a format by the argument they take: out[0] is the first one's. A '*' takes one too. */
static int conversions(const char *format, char out[PLACES][8])
{
	int next = 0, count = 0;
	for (const char *p = format; *p; p++) {
		if (*p != '%')
			continue;
		if (*++p == '%')
			continue;
		char *end;
		int place = next;
		long number = strtol(p, &end, 10);
		if (number > 0 && *end == '$') {
			place = (int)number - 1;
			p = end + 1;
		}
		size_t len = strspn(p, "-+ #0123456789.");
		if (p[len] == '*') {
			out[place][0] = '*';
			place++;
			next++;
			count++;
			len++;
		}
		p += len;
		len = strspn(p, "hlzjt") + 1;
		if (place >= PLACES || len > 6)
			return -1;
		memcpy(out[place], p, len);
		out[place][len] = 0;
		p += len - 1;
		next++;
		count++;
	}
	return count;
}

UNIT(both_languages_take_the_same_arguments)
{
	static const char *const english[MSG_COUNT] = {
#define MSG(id, en, ko) en,
#include "cli/messages.def"
#undef MSG
	};
	for (int id = 0; id < MSG_COUNT; id++) {
		const char *korean = messages_text(LANGUAGE_KO, (enum message)id, english[id]);
		char a[PLACES][8] = {0}, b[PLACES][8] = {0};
		int count = conversions(english[id], a);
		assert_non_null(korean);
		assert_true(utf8_is_valid(slice_of(korean)));
		if (count < 0 || count != conversions(korean, b) || memcmp(a, b, sizeof(a)) != 0)
			fail_msg("\"%s\" and \"%s\" do not take the same arguments", english[id], korean);
		size_t en = strlen(english[id]), ko = strlen(korean);
		assert_int_equal(en && english[id][en - 1] == '\n', ko && korean[ko - 1] == '\n');
	}
}

UNIT(the_table_of_commands_is_whole)
{
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++) {
		const struct command *command = command_at((enum command_id)id);
		size_t at = 0;
		assert_int_equal(command->id, id);
		assert_ptr_equal(command_find(slice_of(command->name)), command);
		assert_true(command->least <= command->most);
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			assert_true(*command->help[language] &&
			            utf8_is_valid(slice_of(command->help[language])));
		assert_non_null(command_example_next(command->id, &at) ? command
		                : command->id == COMMAND_VERSION       ? command
		                                                       : NULL);
		at = 0;
		for (const struct command_option *option; (option = command_option_next(command->id, &at));) {
			/* A command's own option may not hide a global one. */
			size_t global = 0;
			for (const struct command_option *other;
			     (other = command_option_next(COMMAND_GLOBAL, &global));)
				assert_string_not_equal(option->name, other->name);
			assert_ptr_equal(command_option_find(command->id, slice_of(option->name)), option);
			assert_true(*option->help[LANGUAGE_KO] && *option->help[LANGUAGE_EN]);
		}
	}
	assert_null(command_find(SLICE("")));
	assert_null(command_find(SLICE("gett")));
	assert_ptr_equal(command_find(SLICE("update")), command_at(COMMAND_SET));
	assert_null(command_option_find(COMMAND_GET, SLICE("seed")));
	assert_non_null(command_option_find(COMMAND_GET, SLICE("at")));
}

UNIT(the_language_comes_from_outside)
{
	setenv("LC_ALL", "", 1);
	setenv("LC_MESSAGES", "", 1);
	setenv("LANG", "ko_KR.UTF-8", 1);
	assert_int_equal(messages_language(NULL), LANGUAGE_KO);
	assert_int_equal(messages_language("en"), LANGUAGE_EN);
	setenv("LC_ALL", "C", 1);
	assert_int_equal(messages_language(NULL), LANGUAGE_EN);
	assert_int_equal(messages_language("ko"), LANGUAGE_KO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(both_languages_take_the_same_arguments),
	        unit(the_table_of_commands_is_whole),
	        unit(the_language_comes_from_outside),
	};
	return unit_main(tests);
}
