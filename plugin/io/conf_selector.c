/* The spellings of an identity: what mi-token.conf, the environment and --identity take.
 * SPDX-License-Identifier: MIT */
#include "io/conf_selector.h"

#include <string.h>

#include "base/text.h"

#define RESOURCE_ID_MAX 512
#define NAME_MAX_LENGTH 64

static const char *wrong_nothing(const char *text)
{
	(void)text;
	return NULL;
}

const char *selector_wrong_guid(const char *text)
{
	return text_is_guid(text) ? NULL : "is not a GUID";
}

const char *selector_wrong_resource_id(const char *text)
{
	if (!text_starts_nocase(text, "/subscriptions/"))
		return "does not begin with '/subscriptions/'";
	if (strlen(text) > RESOURCE_ID_MAX)
		return "is longer than 512 bytes";
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return "has a character that no resource id has";
	return NULL;
}

const char *selector_wrong_name(const char *text)
{
	size_t len = 0;

	if (strcmp(text, "system") == 0 || strcmp(text, "default") == 0)
		return "is a word that means something already";
	if (text_is_guid(text))
		return "looks like a client id";
	for (; text[len]; len++) {
		char c = text_lower(text[len]);

		if ((c < 'a' || c > 'z') &&
			(len == 0 || !(text_is_digit(c) || strchr("-_", c))))
			return "is no name (a letter, then letters, digits, '-' and '_')";
	}
	return len > 0 && len <= NAME_MAX_LENGTH ? NULL : "is no name of 1 to 64 letters";
}

/* The first prefix that fits decides; whatever has none is a name. */
static const struct {
	const char *prefix;
	enum selector_kind kind;
	bool bare; /* the prefix is part of the id */
	const char *(*wrong)(const char *id);
} forms[] = {
	{ "client-id:", SELECTOR_CLIENT_ID, false, selector_wrong_guid },
	{ "object-id:", SELECTOR_OBJECT_ID, false, selector_wrong_guid },
	{ "resource-id:", SELECTOR_RESOURCE_ID, false, selector_wrong_resource_id },
	{ "id://", SELECTOR_CLIENT_ID, false, selector_wrong_guid },
	{ "resource://", SELECTOR_RESOURCE_ID, false, selector_wrong_resource_id },
	{ "/", SELECTOR_RESOURCE_ID, true, selector_wrong_resource_id },
};

/* Whole words. */
static const struct {
	const char *word;
	enum selector_kind kind;
} words[] = {
	{ "default", SELECTOR_DEFAULT },
	{ "system", SELECTOR_SYSTEM },
};

static const char *give(struct selector *ret, enum selector_kind kind, const char *id,
	const char *(*wrong)(const char *))
{
	const char *why = wrong(id ? id : "");

	if (!why)
		*ret = (struct selector){ .kind = kind, .id = id };
	return why;
}

const char *selector_parse(const char *text, struct selector *ret)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(text, words[i].word) == 0)
			return give(ret, words[i].kind, NULL, wrong_nothing);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t skip = forms[i].bare ? 0 : strlen(forms[i].prefix);

		if (text_starts(text, forms[i].prefix))
			return give(ret, forms[i].kind, text + skip, forms[i].wrong);
	}
	if (text_is_guid(text))
		return give(ret, SELECTOR_CLIENT_ID, text, wrong_nothing);
	return give(ret, SELECTOR_NAME, text, selector_wrong_name);
}
