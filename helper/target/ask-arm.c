/* Resource Manager: what the path names, in a version that its provider knows (Microsoft
 * Learn, "Azure Resource Manager REST API").
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "visit.h"

/* What is asked first; providers name theirs when they do not know it. */
#define SUBSCRIPTIONS "2022-12-01"
#define GROUPS        "2021-04-01"

static enum mitok_code ask_version(
	struct visit *v, const char *version, struct mitok_err *e)
{
	AUTO_TEXT wanted = { 0 };

	if (v->at.parts == 0)
		text_add(&wanted, "/subscriptions");
	place_add(&v->at, 0, v->at.parts, &wanted);
	text_addf(&wanted, "?api-version=%s", version);
	return text_ok(&wanted) ? visit_send(v, "GET", wanted.p, e) : err_memory(e);
}

/* "The supported api-versions are '2024-01-01, 2023-09-01-preview'": the newest that is no
 * preview; lists are in either order. */
static bool find_version(const char *text, char ret[16])
{
	const char *at = strstr(text, "api-versions are '");
	char best[11] = "";

	at = at ? strchr(at, '\'') + 1 : "";
	for (; *at && *at != '\''; at++) {
		char one[11] = "";

		if (!text_is_digit(*at))
			continue;
		if (strlen(at) > sizeof(one))
			memcpy(one, at, sizeof(one) - 1);
		if (one[4] == '-' && one[7] == '-' && at[10] != '-' &&
			strcmp(one, best) > 0)
			memcpy(best, one, sizeof(best));
		at += strcspn(at, ",'") - 1;
	}
	(void)snprintf(ret, 16, "%s", best);
	return best[0];
}

/* A version of the caller's own goes first. */
static bool named_version(const struct visit *v, char ret[40])
{
	static const char name[] = "api-version=";
	const char *at = strcasestr(v->at.query, name);
	size_t len;

	if (!at)
		return false;
	at += strlen(name);
	len = strcspn(at, "&");
	if (len >= 40 || strspn(at, "0123456789-previwalb") < len)
		return false;
	memcpy(ret, at, len);
	ret[len] = '\0';
	return len;
}

enum mitok_code arm_ask(struct visit *v, struct mitok_err *e)
{
	char version[40], next[16];
	enum mitok_code r;

	if (!named_version(v, version))
		(void)snprintf(version, sizeof(version), "%s",
			v->at.parts <= 2 ? SUBSCRIPTIONS : GROUPS);
	(void)!TEXT_COPY(v->read, "read");
	r = ask_version(v, version, e);
	if (r || v->reply.status != 400 ||
		!find_version(secret_peek(&v->reply.body), next))
		return r;
	return ask_version(v, next, e);
}

/* Who has no role anywhere gets an empty list of subscriptions. */
enum mitok_code arm_look(struct visit *v, struct mitok_err *e)
{
	AUTO_JSON body = NULL;
	struct mitok_err quiet;
	const struct json *list;

	(void)e;
	if (v->at.parts > 1 ||
		json_parse_document(
			secret_peek(&v->reply.body), v->reply.body.len, &body, &quiet))
		return MITOK_OK;
	list = json_member(body, "value");
	if (list && list->kind == JSON_ARRAY && !list->child)
		v->ret->outcome = TARGET_NO_ROLE;
	return MITOK_OK;
}
