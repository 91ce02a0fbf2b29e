/* Whose tokens came for an identity before.
 * SPDX-License-Identifier: MIT */
#include "core/former.h"

#include <string.h>

struct memory_of {
	struct principal now, former;
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct memory_of, "object-id", RECORD_TEXT, now.object_id),
	RECORD_FIELD(struct memory_of, "resource-id", RECORD_TEXT, now.resource_id),
	RECORD_FIELD(struct memory_of, "former-object-id", RECORD_TEXT, former.object_id),
	RECORD_FIELD(
		struct memory_of, "former-resource-id", RECORD_TEXT, former.resource_id),
	{ NULL, RECORD_TEXT, 0, 0 },
};

void former_note(struct mitok *m, const char *place, struct mitok_token *t)
{
	struct memory_of known = { 0 };
	AUTO_TEXT key = { 0 };

	text_addf(&key, "principal|%s|%s", place, t->identity);
	if (!text_ok(&key) || !t->claims.object_id[0])
		return;
	(void)!cache_read(&m->cache, CACHE_PRINCIPAL, text_peek(&key), fields, &known);
	if (!text_equal_nocase(known.now.object_id, t->claims.object_id)) {
		known.former = known.now;
		(void)!TEXT_COPY(known.now.object_id, t->claims.object_id);
		(void)!TEXT_COPY(known.now.resource_id, t->claims.resource_id);
		cache_write(&m->cache, CACHE_PRINCIPAL, text_peek(&key), fields, &known);
	}
	t->former = known.former;
}
