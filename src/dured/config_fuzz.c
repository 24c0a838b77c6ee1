/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration file: taken or refused with a sentence, and what was taken can be shown and
 * read again. */
#include <stdlib.h>

#include "dured/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;
	struct why why = {0};
	enum config_wish wish;
	struct buf shown;
	char *argv[] = {(char *)"dured", NULL};
	buf_init(&shown, NULL);
	if (config_read(&config, 1, argv, &why, &wish))
		abort();
	int r = config_read_text(&config, slice_make((const char *)data, size), "fuzz", &why);
	if (r && !why.text[0])
		abort();
	config_show(&config, &shown);
	(void)config_list(&config, config.poa);
	buf_finish(&shown);
	config_finish(&config);
	return 0;
}
