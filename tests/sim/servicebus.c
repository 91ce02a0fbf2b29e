/* Service Bus and Event Hubs over HTTP (Microsoft Learn, "Service Bus HTTP client", "Get
 * Queue", "Get Event Hub"; what they say of tokens as issues of Azure's SDKs quote it).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "access.h"

/* Who asks for what. */
struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct access access;
	struct json_object *claims;
	char path[1024]; /* decoded */
};

/* What tells support of a request, and the time. */
static void add_tracking(const struct call *c, struct text *ret)
{
	char id[GUID_SIZE], stamp[64];
	time_t now = now_s();
	struct tm tm;

	make_guid(c->w, "servicebus", id);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &tm));
	text_addf(ret, "TrackingId:%s_G7, SystemTracker:%s:%s, Timestamp:%s", id,
		c->access.host, c->path + 1, stamp);
}

/* The phrase of the status line carries the number; the body is Service Bus's Atom error. */
static void fail(
	const struct call *c, int status, const char *phrase, const char *sentence)
{
	AUTO_TEXT detail = { 0 };

	text_addf(&detail, "%s ", sentence);
	add_tracking(c, &detail);
	c->rp->phrase = phrase;
	reply_with(c->rp, status, "application/xml; charset=utf-8",
		"<Error><Code>%d</Code><Detail>%s</Detail></Error>", status,
		text_peek(&detail));
}

/* An Event Hub's gateway says it in the phrase alone. */
static void refuse(const struct call *c, enum trust trust)
{
	// clang-format off
	static const struct { const char *phrase, *sentence; } rows[TRUST_KINDS] = {
		[TRUST_MISSING] = { "SubCode=40102: Missing authorization token",
			"MissingToken: The authorization header was not found." },
		[TRUST_BROKEN] = { "SubCode=40103: Invalid authorization token signature",
			"InvalidSignature: The token has an invalid signature." },
		[TRUST_EXPIRED] = { "SubCode=40103: Invalid authorization token signature",
			"ExpiredToken: The token is expired." },
		[TRUST_AUDIENCE] = { "SubCode=40103: Invalid authorization token signature",
			"InvalidAudience: Invalid authorization token audience." },
		[TRUST_TENANT] = { "SubCode=40103: Invalid authorization token signature",
			"claim is empty or token is invalid." },
	};
	// clang-format on

	reply_header(c->rp, "WWW-Authenticate", "Bearer");
	fail(c, 401, rows[trust].phrase, rows[trust].sentence);
}

static void refuse_right(const struct call *c, const char *right)
{
	static const char phrase[] = "SubCode=40100: Unauthorized";
	AUTO_TEXT sentence = { 0 };

	if (strcmp(right, "EntityRead") == 0)
		return fail(c, 401, phrase,
			"Manage,EntityRead claims required for this operation.");
	text_addf(&sentence,
		"SubCode=40100: Unauthorized : Unauthorized access for '%s' operation on "
		"endpoint 'sb://%s%s'.",
		right, c->access.host, c->path);
	fail(c, 401, phrase, text_peek(&sentence));
}

/* The right that an operation needs. */
static const char *right_of(const struct call *c)
{
	const char *method = c->rq->method;

	if (text_ends_nocase(c->path, "/messages/head") &&
		(strcmp(method, "POST") == 0 || strcmp(method, "DELETE") == 0))
		return "Listen";
	if (text_ends_nocase(c->path, "/messages") && strcmp(method, "POST") == 0)
		return "Send";
	return strcmp(method, "GET") == 0 ? "EntityRead" : NULL;
}

/* What entities are like may be read by all who may do anything with them. */
static bool includes(const struct call *c, const char *right)
{
	struct json_object *rights = json_member(c->access.place, "rights");

	if (strcmp(right, "EntityRead") == 0)
		return !rights || json_object_array_length(rights) > 0;
	return access_includes(&c->access, right) ||
		access_includes(&c->access, "Manage");
}

static void give(const struct call *c, const char *right)
{
	if (strcmp(right, "Listen") == 0)
		return reply_status(c->rp, 204); /* nothing is waiting */
	if (strcmp(right, "Send") == 0)
		return reply_status(c->rp, 201);
	reply_with(c->rp, 200, "application/atom+xml;type=feed;charset=utf-8",
		"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title "
		"type=\"text\">%s</title><id>https://%s%s</id></feed>",
		c->path + 1, c->access.host, c->path);
}

static bool is_denied(const struct call *c)
{
	const char *deny = access_deny(&c->access);

	if (!deny)
		return false;
	if (strcmp(deny, "disabled") == 0)
		fail(c, 403, "SubCode=40301: Forbidden",
			"The namespace is disabled, its state does not allow this.");
	else
		fail(c, 403, "SubCode=40300: Forbidden",
			"Ip has been prevented to connect to the endpoint.");
	return true;
}

/* The entity, without "/messages" and what follows. */
static bool is_there(const struct call *c)
{
	char entity[sizeof(c->path)];
	char *end;

	(void)snprintf(entity, sizeof(entity), "%s", c->path);
	end = strstr(entity, "/messages");
	if (end)
		*end = '\0';
	return text_starts(entity, "/$Resources") || access_has(&c->access, entity);
}

static void answer(const struct call *c)
{
	const char *right = right_of(c);

	if (!right)
		return fail(c, 400, "Bad Request",
			"The specified HTTP verb is not valid. To know more visit "
			"https://aka.ms/sbResourceMgrExceptions.");
	if (is_denied(c))
		return;
	if (!access_may(c->w, &c->access, json_text(c->claims, "oid"), c->path) ||
		!includes(c, right))
		return refuse_right(c, right);
	if (!is_there(c))
		return fail(
			c, 404, "Not Found", "The requested resource does not exist.");
	give(c, right);
}

void servicebus_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	static const char *const audiences[] = { "https://servicebus.azure.net",
		"https://eventhubs.azure.net", "https://servicebus.usgovcloudapi.net",
		"https://servicebus.chinacloudapi.cn", NULL };
	struct call c = { .w = w, .rq = rq, .rp = rp };
	struct taker taker = { .audiences = audiences };
	enum trust trust;

	if (!access_find(w, rq, &c.access) || !TEXT_COPY(c.path, rq->path) ||
		!percent_decode(c.path, false))
		return reply_status(rp, 400);
	taker.tenant = access_tenant(w, &c.access);
	reply_header(rp, "Server", "Microsoft-HTTPAPI/2.0");
	trust = azure_bearer(w, rq, &taker, &c.claims);
	if (trust == TRUST_GOOD)
		answer(&c);
	else
		refuse(&c, trust);
	json_object_put(c.claims);
}
