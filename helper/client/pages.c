/* Lists that come in pages.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "call.h"

/* No list is longer: what links on and on is no list. */
#define PAGES_MAX  10000u
/* Below SECRET_MAX; a page of a hundred role assignments has some 100 KiB. */
#define PAGE_BYTES (SECRET_MAX - 1)

static void free_session(struct http_session **s)
{
	http_session_free(*s);
}

/* Azure Resource Manager's name of the link, and Graph's. */
static const char *next_link(const struct json *page)
{
	const char *link = json_text(json_member(page, "nextLink"));

	if (!link || !link[0])
		link = json_text(json_member(page, "@odata.nextLink"));
	return link && link[0] ? link : NULL;
}

/* Scheme, host and port; all ASCII. */
static bool is_same_origin(const char *a, const char *b)
{
	struct call_place from, to;

	if (call_place_read(a, &from, NULL) || call_place_read(b, &to, NULL) ||
		from.origin_len != to.origin_len)
		return false;
	for (size_t i = 0; i < from.origin_len; i++)
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	return true;
}

/* Replaces the URL by the page's link; *ret_more is false when it has none. */
static enum mitok_code turn(
	const struct json *page, struct text *url, bool *ret_more, struct mitok_err *e)
{
	const char *link = next_link(page), *here = text_peek(url);
	AUTO_TEXT next = { 0 };

	*ret_more = link != NULL;
	if (!link)
		return MITOK_OK;
	if (!is_same_origin(here, link))
		return err_set(e, MITOK_E_REPLY,
			"a list goes on at another host, where no token is sent");
	if (strcmp(link, here) == 0)
		return err_set(
			e, MITOK_E_REPLY, "a page of a list is followed by itself");
	text_add(&next, link);
	text_free(url);
	*url = next;
	next = (struct text){ 0 };
	return MITOK_OK;
}

enum mitok_code client_each_page(const struct client *c,
	const struct client_request *first,
	enum mitok_code (*each)(
		void *arg, const struct json *values, struct mitok_err *e),
	void *arg, struct mitok_err *e)
{
	__attribute__((cleanup(free_session))) struct http_session *session = NULL;
	struct client_request rq = *first;
	enum mitok_code r = http_session_new(&session, e);
	AUTO_TEXT at = { 0 };
	bool more = true;

	rq.method = "GET";
	rq.body = NULL;
	rq.max_body = PAGE_BYTES;
	text_add(&at, first->url);
	for (unsigned n = 0; !r && more; n++) {
		AUTO_JSON page = NULL;
		const struct json *values;

		if (!text_ok(&at))
			return err_memory(e);
		if (n == PAGES_MAX)
			return err_set(e, MITOK_E_REPLY, "a list without an end");
		rq.url = text_peek(&at);
		r = call_json(c, &rq, session, &page, e);
		if (r)
			break;
		values = json_member(page, "value");
		if (!values || values->kind != JSON_ARRAY)
			return err_set(e, MITOK_E_REPLY, "an answer that is no list");
		r = each(arg, values, e);
		if (!r)
			r = turn(page, &at, &more, e);
	}
	return r;
}
