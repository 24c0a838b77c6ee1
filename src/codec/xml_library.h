/* SPDX-License-Identifier: Apache-2.0 */
/* The few functions of libxml2 that we use, found when the first XML comes. The library brings ICU and the
 * C++ runtime with it, 2 MB of memory that a node which never sees XML does without. Only xml.c and
 * xml_library.c include this. */
#ifndef DURE_CODEC_XML_LIBRARY_H
#define DURE_CODEC_XML_LIBRARY_H

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

/* A table of functions, each of the type that libxml2 declares. */
struct xml_library {
	__typeof__(xmlCreateMemoryParserCtxt) *create;
	__typeof__(xmlCtxtUseOptions) *use_options;
	__typeof__(xmlParseDocument) *parse;
	__typeof__(xmlStopParser) *stop;
	__typeof__(xmlFreeParserCtxt) *destroy;
};

/* NULL: it is not installed (and the log says so). The table stays to the end. */
const struct xml_library *xml_library(void);

#endif
