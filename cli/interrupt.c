/* SPDX-License-Identifier: Apache-2.0 */
/* A signal handler has nothing but a global to speak through; it is the only one of the command line. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void ask(int number)
{
	(void)number;
	asked = 1;
}

void interrupt_catch(void)
{
	/* SA_RESETHAND: the second signal finds the default, which ends us. */
	struct sigaction action = {.sa_handler = ask, .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

bool interrupt_asked(void)
{
	return asked != 0;
}
