/* Which tenant an organisation of Azure DevOps belongs to, as its challenge says.
 * SPDX-License-Identifier: MIT */
#include "challenge.h"

#include <string.h>

#include "base/text.h"

/* The first segment of the URI's path that is a GUID. */
static bool find_tenant(const char *uri, size_t len, char ret[40])
{
	for (const char *p = uri; p < uri + len; p++) {
		char guid[37];

		if (*p != '/' || uri + len - p < 37)
			continue;
		memcpy(guid, p + 1, 36);
		guid[36] = '\0';
		if (p + 37 < uri + len && p[37] != '/')
			continue;
		if (text_is_guid(guid) && strspn(guid, "0-") != 36)
			return text_copy(ret, 40, guid);
	}
	return false;
}

bool challenge_tenant(const char *value, char ret[40])
{
	static const char separators[] = ", \t", name[] = "authorization_uri=";
	bool bearer = false;

	while (*(value += strspn(value, separators))) {
		size_t len = strcspn(value, separators);

		if (text_starts_nocase(value, name)) {
			const char *uri = value + strlen(name);
			size_t quote = *uri == '"';
			size_t uri_len =
				quote ? strcspn(uri + 1, "\"") : strcspn(uri, separators);

			if (bearer && find_tenant(uri + quote, uri_len, ret))
				return true;
		} else if (!memchr(value, '=', len)) { /* a scheme's name */
			bearer = len == strlen("Bearer") &&
				text_starts_nocase(value, "Bearer");
		}
		value += len;
	}
	return false;
}
