/* SPDX-License-Identifier: Apache-2.0 */
/* A look at an XML document before it is parsed: is it small and simple enough? */
#ifndef DURE_CODEC_XML_SCAN_H
#define DURE_CODEC_XML_SCAN_H

#include "codec/xml.h"

/* Refuses (4000) what is no UTF-8, a DTD, and what goes beyond the limits. What is no well-formed XML is the
 * parser's to refuse, and may pass. */
MUST_CHECK int xml_scan(struct slice bytes, const struct xml_limits *limits, struct why *why);

#endif
