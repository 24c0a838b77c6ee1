/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: defaults, then a file, then the command line, all by one table (options.def). */
#ifndef DURE_DURED_CONFIG_H
#define DURE_DURED_CONFIG_H

#include "base/buf.h"
#include "base/fail.h"

#define TYPE_OF_TEXT     const char *
#define TYPE_OF_LIST     const char *
#define TYPE_OF_DURATION int64_t
#define TYPE_OF_NUMBER   int64_t
#define TYPE_OF_SIZE     int64_t
#define TYPE_OF_FLAG     bool
#define TYPE_OF_CHOICE   const char *

struct config {
	struct arena arena; /* holds the texts */
#define OPTION(field, name, kind, standard, metavar, doc) TYPE_OF_##kind field;
#include "dured/options.def"
#undef OPTION
};

/* What the command line asks for besides running. */
enum config_wish { CONFIG_RUN, CONFIG_CHECK, CONFIG_HELP, CONFIG_VERSION, CONFIG_MDOC };

/* Fills config from defaults, the file that --config names (or none), and the command line. Refuses with a
 * sentence that names option, file and line. config_finish in any case. */
MUST_CHECK int config_read(struct config *config, int argc, char **argv, struct why *why,
                           enum config_wish *ret);
void config_finish(struct config *config);
/* The text of one configuration file; `name` is for sentences. */
MUST_CHECK int config_read_text(struct config *config, struct slice text, const char *name, struct why *why);
/* Texts separated by commas as a NULL-terminated list in the config's arena; empty gives an empty list. */
const char *const *config_list(struct config *config, const char *text);

void config_help(struct buf *buf);
/* The options as a section of a man page. */
void config_mdoc(struct buf *buf);
/* All options as they stand, in the form of a file. */
void config_show(const struct config *config, struct buf *buf);

#endif
