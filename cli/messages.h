/* SPDX-License-Identifier: Apache-2.0 */
/* What dure says to people, in English and in Korean: the rows of cli/messages.def. */
#ifndef DURE_CLI_MESSAGES_H
#define DURE_CLI_MESSAGES_H

enum language { LANGUAGE_EN, LANGUAGE_KO, LANGUAGE_COUNT };

enum message {
#define MSG(id, en, ko) MSG_##id,
#include "cli/messages.def"
#undef MSG
	MSG_COUNT
};

/* The English texts stand here once more so that the compiler checks the arguments of every printf. */
#define MSG(id, en, ko) static const char MESSAGES_EN_##id[] __attribute__((unused)) = en;
#include "cli/messages.def"
#undef MSG

/* The text in that language; a format with the same arguments as `english`. */
const char *messages_text(enum language language, enum message id, const char *english)
        __attribute__((format_arg(3)));
/* For those who have a struct cli at hand: printf(T(cli, DELETED), path). */
#define T(cli, id) messages_text((cli)->language, MSG_##id, MESSAGES_EN_##id)

/* What --lang, LC_ALL, LC_MESSAGES and LANG say. given may be NULL. */
enum language messages_language(const char *given);

#endif
