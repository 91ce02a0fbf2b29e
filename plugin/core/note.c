/* Small notes that the processes of one user leave each other beside their tokens.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/context.h"

struct note {
	char value[512];
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct note, "value", RECORD_TEXT, value),
	{ NULL, RECORD_TEXT, 0, 0 },
};

int mitok_note_read(struct mitok *m, const char *name, char *ret, size_t size)
{
	struct note note = { 0 };

	return m && name && ret &&
		cache_read(&m->cache, CACHE_NOTE, name, fields, &note) &&
		text_copy(ret, size, note.value);
}

void mitok_note_write(struct mitok *m, const char *name, const char *value)
{
	struct note note = { 0 };

	if (m && name && value && !text_has_control(name) && !text_has_control(value) &&
		TEXT_COPY(note.value, value))
		cache_write(&m->cache, CACHE_NOTE, name, fields, &note);
}
