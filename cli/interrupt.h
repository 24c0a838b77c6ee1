/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C as a question that is asked now and then, so that what was made can be tidied up. The second one
 * ends the process at once. */
#ifndef DURE_CLI_INTERRUPT_H
#define DURE_CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupt_asked(void);

#endif
