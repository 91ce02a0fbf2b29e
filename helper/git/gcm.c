/* git-credential-manager's way of naming a managed identity, for people who come from it.
 * SPDX-License-Identifier: MIT */
#include "gcm.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_nobody(const char *guid)
{
	return text_is_guid(guid) && strspn(guid, "0-") == strlen(guid);
}

enum mitok_code gcm_selector(const char *value, const char *origin, char *ret,
	size_t size, struct mitok_err *e)
{
	static const char id[] = "id://", resource[] = "resource://";
	const char *kind = "client-id:";
	size_t len;
	char clean[600];

	value += strspn(value, " \t");
	len = strlen(value);
	while (len > 0 && strchr(" \t", value[len - 1]))
		len--;
	if (len >= sizeof(clean))
		return err_set(e, MITOK_E_CONF, "%s is too long", origin);
	memcpy(clean, value, len);
	clean[len] = '\0';
	value = clean;
	if (text_starts_nocase(value, id)) {
		value += strlen(id);
	} else if (text_starts_nocase(value, resource)) {
		value += strlen(resource);
		kind = "resource-id:";
	}
	if (!*clean || is_nobody(value) || text_equal_nocase(clean, "system")) {
		value = "system";
		kind = "";
	} else if (*kind == 'c' ? !text_is_guid(value)
				: !text_starts_nocase(value, "/subscriptions/")) {
		(void)err_set(e, MITOK_E_CONF, "%s is '%s', which names no identity",
			origin, clean);
		return err_hint(e, MITOK_E_CONF,
			"write system, a client id, id://<client id> or "
			"resource:///subscriptions/...");
	}
	if (snprintf(ret, size, "%s%s", kind, value) >= (int)size)
		return err_set(e, MITOK_E_CONF, "%s is too long", origin);
	return MITOK_OK;
}
