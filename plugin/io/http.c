/* One HTTP exchange with an identity endpoint, described so that libcurl stays behind it.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* One line per exchange; the query names resources and identities, so it stays out. */
static void log_exchange(const struct log *log, const struct http_request *rq,
	const struct http_reply *r, int64_t ms)
{
	const char *kept = r->was_reused ? ", over a kept connection" : "";
	int len = (int)strcspn(rq->url, "?#");

	if (r->fault)
		log_debug(log, "%s %.*s: %s, after %lld ms%s", rq->method, len, rq->url,
			r->detail, (long long)ms, kept);
	else
		log_debug(log, "%s %.*s: HTTP status %d, after %lld ms%s", rq->method,
			len, rq->url, r->status, (long long)ms, kept);
}

static const struct http_module *find_module(struct mitok_err *e)
{
	return (const struct http_module *)module_find("transport", e);
}

enum mitok_code http_exchange(const struct log *log, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	const struct http_module *m = rq->session ? rq->session->module : find_module(e);
	int64_t start = clock_now().boot_ms;
	enum mitok_code r;

	if (!m)
		return MITOK_E_CONF;
	r = m->exchange(rq, ret, e);
	if (r == MITOK_OK)
		log_exchange(log, rq, ret, clock_now().boot_ms - start);
	return r;
}

void http_reply_wipe(struct http_reply *r)
{
	text_free(&r->headers);
	secret_wipe(&r->body);
	*r = (struct http_reply){ 0 };
}

enum mitok_code http_session_new(struct http_session **ret, struct mitok_err *e)
{
	const struct http_module *m = find_module(e);
	enum mitok_code r = m ? m->session_new(ret, e) : MITOK_E_CONF;

	if (!r)
		(*ret)->module = m;
	return r;
}

void http_session_free(struct http_session *s)
{
	if (s)
		s->module->session_free(s);
}

void http_session_abandon(struct http_session *s)
{
	if (s)
		s->module->session_abandon(s);
}

/* RFC 9112, section 5: name, colon, value with blanks around it that do not belong. */
static const char *line_value(
	const char *line, size_t len, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);
	const char *value = line + n + 1;

	if (len <= n || line[n] != ':' || !text_starts_nocase(line, name))
		return NULL;
	len -= n + 1;
	for (; len && strchr(" \t", *value); len--)
		value++;
	while (len && strchr(" \t\r", value[len - 1]))
		len--;
	*ret_len = len;
	return value;
}

bool http_header_value(
	const struct http_reply *r, const char *name, unsigned n, char *ret, size_t size)
{
	const char *line = text_peek(&r->headers);

	while (*line) {
		size_t len = strcspn(line, "\n"), value_len;
		const char *value = line_value(line, len, name, &value_len);

		if (value && n-- == 0) {
			if (value_len >= size)
				return false;
			memcpy(ret, value, value_len);
			ret[value_len] = '\0';
			return true;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}
