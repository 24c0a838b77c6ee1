/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_library.h"

#include <dlfcn.h>

#include "base/log.h"

#define XML_LIBRARY "libxml2.so.2"

static bool xml_library_load(struct xml_library *table)
{
	void *library = dlopen(XML_LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		log_error("xml", "%s", dlerror());
		return false;
	}
	/* The way POSIX has it: dlsym gives data pointers. */
	*(void **)&table->create = dlsym(library, "xmlCreateMemoryParserCtxt");
	*(void **)&table->use_options = dlsym(library, "xmlCtxtUseOptions");
	*(void **)&table->parse = dlsym(library, "xmlParseDocument");
	*(void **)&table->stop = dlsym(library, "xmlStopParser");
	*(void **)&table->destroy = dlsym(library, "xmlFreeParserCtxt");
	return table->create && table->use_options && table->parse && table->stop && table->destroy;
}

const struct xml_library *xml_library(void)
{
	static struct xml_library table;
	static bool loaded;

	if (!loaded)
		loaded = xml_library_load(&table);
	return loaded ? &table : NULL;
}
