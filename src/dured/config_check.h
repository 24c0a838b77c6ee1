/* SPDX-License-Identifier: Apache-2.0 */
/* What no single option can tell: addresses that must be ones, and options that do not go together. */
#ifndef DURE_DURED_CONFIG_CHECK_H
#define DURE_DURED_CONFIG_CHECK_H

#include "dured/config.h"

/* 0, or a refusal (4000) with a sentence that names the option. */
MUST_CHECK int config_check(struct config *config, struct why *why);

#endif
