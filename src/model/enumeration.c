/* SPDX-License-Identifier: Apache-2.0 */
#include "model/table.h"

const struct enumeration *enumeration_find(struct slice name)
{
	for (size_t i = 0; i < table_enumeration_count; i++)
		if (slice_is_text(name, table_enumerations[i]->name))
			return table_enumerations[i];
	return NULL;
}

const struct enumeration *enumeration_next(size_t *at)
{
	return *at < table_enumeration_count ? table_enumerations[(*at)++] : NULL;
}

const char *enumeration_name(const struct enumeration *in, int64_t number)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->values[i].number == number)
			return in->values[i].name;
	return NULL;
}
