/* The spellings of an identity: what mi-token.conf, the environment and --identity take.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_CONF_SELECTOR_H
#define MI_TOKEN_IO_CONF_SELECTOR_H

#include <stdbool.h>

enum selector_kind {
	SELECTOR_DEFAULT, /* "default": whatever the platform gives */
	SELECTOR_SYSTEM,  /* "system" */
	SELECTOR_CLIENT_ID,
	SELECTOR_OBJECT_ID,
	SELECTOR_RESOURCE_ID,
	SELECTOR_NAME, /* of identities in mi-token.conf; may or may not exist */
};

struct selector {
	enum selector_kind kind;
	const char *
		id; /* GUID, ARM id or name, lent from the text; NULL for the first two */
};

/* NULL when text is a selector; else what is wrong with it, to be said behind it. */
const char *selector_parse(const char *text, struct selector *ret);

/* The same for one part: "/subscriptions/...", printable, without blanks, at most 512. */
const char *selector_wrong_guid(const char *text);
const char *selector_wrong_resource_id(const char *text);
/* What identities may be called: a letter, then letters, digits, '-' and '_'. */
const char *selector_wrong_name(const char *text);

#endif
