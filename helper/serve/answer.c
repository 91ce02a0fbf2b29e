/* Answers: a token from the library in the words of a dialect, or why there is none.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "recent.h"
#include "server.h"

static int refuse(const struct dialect *d, const struct refusal *why, struct secret *ret)
{
	AUTO_TEXT body = { 0 };

	dialect_refuse(d, why, &body);
	if (!text_ok(&body) || !secret_add_text(ret, text_peek(&body)))
		secret_wipe(ret); /* then the answer has no body */
	return why->status;
}

/* Room for the sentence of a refusal. */
struct sentence {
	char text[sizeof(((struct mitok_err *)0)->message) +
		sizeof(((struct mitok_err *)0)->hint) + 4];
};

/* 429 and 5xx would have clients ask again and again, up to 20 s; the library has tried
 * already. */
static struct refusal explain(const struct mitok_err *e, struct sentence *room)
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
	struct refusal r = { 400, "server_error", room->text };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].code == e->code)
			r = (struct refusal){ rows[i].status, rows[i].word, room->text };
	(void)snprintf(room->text, sizeof(room->text), "%s%s%s", e->message,
		e->hint[0] ? "; " : "", e->hint);
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

/* From the library, or why there is none: status 0 is an answer. */
static struct refusal ask(struct server *s, const struct judgment *j, long long now_s,
	struct secret *ret, struct sentence *room)
{
	const bool limited = s->door.identity != NULL;
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = j->resource,
		.identity = limited      ? s->door.identity
			: j->identity[0] ? j->identity
					 : NULL,
	};
	struct mitok_token *t = NULL;
	struct mitok_err e = { .code = MITOK_OK };
	struct refusal why = { 0, NULL, "a token" };

	if (mitok_get(s->m, &rq, &t, &e))
		return explain(&e, room);
	if (limited && j->identity[0] && !is_of(t, j->identity))
		why = (struct refusal){ 403, "unauthorized_client",
			"Identity not found: mi-token serves another one (--identity)" };
	else if (!dialect_answer(j->dialect, t, now_s, ret))
		why = (struct refusal){ 400, "server_error", "out of memory" };
	mitok_token_free(t);
	return why;
}

int server_answer(struct server *s, const struct judgment *j, struct secret *ret)
{
	struct sentence room;
	long long now_s = clock_now().real_s;
	struct refusal why = j->refusal;

	if (!why.status && recent_find(j, now_s, ret)) {
		tell(s, j, "a token");
		return 200;
	}
	if (!why.status)
		why = ask(s, j, now_s, ret, &room);
	tell(s, j, why.text);
	if (why.status) {
		secret_wipe(ret);
		return refuse(j->dialect, &why, ret);
	}
	recent_keep(j, now_s, ret);
	return 200;
}
