/* Answers: a token from the library in the words of a dialect, or why there is none.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "server.h"

static int refuse(const struct dialect *d, const struct refusal *why, struct secret *ret)
{
	AUTO_TEXT body = { 0 };

	dialect_refuse(d, why, &body);
	if (!text_ok(&body) || !secret_add_text(ret, text_peek(&body)))
		secret_wipe(ret); /* then the answer has no body */
	return why->status;
}

/* 429 and 5xx would have clients ask again and again, up to 20 s; the library has tried
 * already. */
static struct refusal explain(const struct mitok_err *e, char *text, size_t size)
{
	static const struct {
		enum mitok_code code;
		int status;
		const char *word;
	} rows[] = {
		{ MITOK_E_DENIED, 403, "unauthorized_client" },
		{ MITOK_E_NOIDENTITY, 400, "invalid_request" },
		{ MITOK_E_ARG, 400, "invalid_resource" },
		{ MITOK_E_LATER, 400, "temporarily_unavailable" },
	};
	struct refusal r = { 400, "server_error", text };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].code == e->code)
			r = (struct refusal){ rows[i].status, rows[i].word, text };
	(void)snprintf(text, size, "%s%s%s", e->message, e->hint[0] ? "; " : "", e->hint);
	return r;
}

/* Whether the token is that identity's, as a selector. */
static bool is_of(const struct mitok_token *t, const char *identity)
{
	static const struct {
		const char *prefix;
		enum mitok_text which;
	} rows[] = {
		{ "client-id:", MITOK_TEXT_CLIENT_ID },
		{ "object-id:", MITOK_TEXT_OBJECT_ID },
		{ "resource-id:", MITOK_TEXT_RESOURCE_ID },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_starts(identity, rows[i].prefix))
			return text_equal_nocase(identity + strlen(rows[i].prefix),
				mitok_token_text(t, rows[i].which));
	return false;
}

static void tell(const struct server *s, const struct judgment *j, const char *how)
{
	if (s->verbose)
		(void)fprintf(stderr, "mi-token: serve: %s: %s %s: %s\n",
			j->dialect ? j->dialect->name : "no dialect",
			j->resource[0] ? j->resource : "-",
			j->identity[0] ? j->identity : "-", how);
}

int server_answer(struct server *s, const struct judgment *j, struct secret *ret)
{
	const bool limited = s->door.identity != NULL;
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = j->resource,
		.identity = limited      ? s->door.identity
			: j->identity[0] ? j->identity
					 : NULL,
	};
	char text[sizeof(((struct mitok_err *)0)->message) +
		sizeof(((struct mitok_err *)0)->hint) + 4];
	struct mitok_token *t = NULL;
	struct mitok_err e = { .code = MITOK_OK };
	struct refusal why = j->refusal;
	bool done = false;

	if (!why.status && mitok_get(s->m, &rq, &t, &e))
		why = explain(&e, text, sizeof(text));
	if (t && limited && j->identity[0] && !is_of(t, j->identity))
		why = (struct refusal){ 403, "unauthorized_client",
			"Identity not found: mi-token serves another one (--identity)" };
	if (t && !why.status) {
		done = dialect_answer(j->dialect, t, clock_now().real_s, ret);
		why = (struct refusal){ 400, "server_error", "out of memory" };
	}
	tell(s, j, done ? "a token" : why.text);
	mitok_token_free(t);
	if (done)
		return 200;
	secret_wipe(ret);
	return refuse(j->dialect, &why, ret);
}
