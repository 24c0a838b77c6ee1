/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of cli/messages.def by language. */
#include "cli/messages.h"

#include <stdlib.h>
#include <string.h>

static const char *const korean[MSG_COUNT] = {
#define MSG(id, en, ko) ko,
#include "cli/messages.def"
#undef MSG
};

const char *messages_text(enum language language, enum message id, const char *english)
{
	return language == LANGUAGE_KO ? korean[id] : english;
}

enum language messages_language(const char *given)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; !given && i < sizeof(names) / sizeof(names[0]); i++) {
		given = getenv(names[i]);
		if (given && !*given)
			given = NULL;
	}
	return given && strncmp(given, "ko", 2) == 0 ? LANGUAGE_KO : LANGUAGE_EN;
}
