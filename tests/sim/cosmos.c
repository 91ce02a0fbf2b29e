/* Cosmos DB for NoSQL (Microsoft Learn, "Access control on Azure Cosmos DB resources",
 * "Connect using role-based access control"; sub-statuses as Azure's SDKs list them, and
 * sentences as their issues quote them). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"

/* What a request does, by its path. */
enum act {
	ACT_ACCOUNT, /* / */
	ACT_LIST,    /* databases, or containers of one: never with Entra's tokens */
	ACT_META,    /* one of them */
	ACT_ITEMS,   /* what is in a container */
	ACT_NONE,
};

struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct access access;
	struct json_object *claims;
	char path[1024];
};

/* substatus 0: none. */
struct refusal {
	int status, substatus;
	const char *code;
};

static void fail(const struct call *c, const struct refusal *r, const char *sentence)
{
	char id[GUID_SIZE], number[16];
	AUTO_TEXT message = { 0 }, body = { 0 };

	make_guid(c->w, "cosmos", id);
	text_addf(&message,
		"%s\r\nActivityId: %s, Microsoft.Azure.Documents.Common/2.14.0", sentence,
		id);
	text_addf(&body, "{\"code\":\"%s\",\"message\":", r->code);
	text_add_json(&body, text_peek(&message));
	text_add(&body, "}");
	(void)snprintf(number, sizeof(number), "%d", r->substatus);
	if (r->substatus)
		reply_header(c->rp, "x-ms-substatus", number);
	reply_header(c->rp, "x-ms-activity-id", id);
	reply_with(c->rp, r->status, "application/json", "%s", text_peek(&body));
}

static void unauthorized(const struct call *c, int substatus, const char *sentence)
{
	fail(c, &(struct refusal){ 401, substatus, "Unauthorized" }, sentence);
}

static void forbidden(const struct call *c, int substatus, const char *sentence)
{
	fail(c, &(struct refusal){ 403, substatus, "Forbidden" }, sentence);
}

/* Of whom the account takes tokens, and for what. */
static void refuse(const struct call *c, enum trust trust)
{
	const char *name = c->access.name;
	const char *domain = c->access.host + strlen(name);
	AUTO_TEXT sentence = { 0 };

	text_addf(&sentence, "Request blocked by Auth %s : ", name);
	switch (trust) {
	case TRUST_AUDIENCE:
		text_addf(&sentence,
			"Provided AAD token is intended for [%s]. This database account "
			"accepts tokens intended for [https://%s%s, "
			"https://%s.sql.cosmos.azure.com, https://cosmos.azure.com].",
			json_text(c->claims, "aud"), name, domain, name);
		return unauthorized(c, 5008, text_peek(&sentence));
	case TRUST_TENANT:
		text_addf(&sentence,
			"Provided AAD token was issued by the authority [%s] which is "
			"not trusted by this database account. Please ensure the token "
			"has been issued by the AAD tenant(s) [%s].",
			json_text(c->claims, "tid"), access_tenant(c->w, &c->access));
		return unauthorized(c, 5007, text_peek(&sentence));
	case TRUST_EXPIRED:
		text_add(&sentence, "Provided AAD token has expired.");
		break;
	default:
		text_add(&sentence, "Provided AAD token has an invalid signature.");
	}
	unauthorized(c, 0, text_peek(&sentence));
}

static void refuse_role(const struct call *c, int substatus, const char *action)
{
	AUTO_TEXT sentence = { 0 };

	text_addf(&sentence,
		"Request blocked by Auth %s : Request is blocked because principal [%s] "
		"does not have required RBAC permissions to perform action "
		"[Microsoft.DocumentDB/databaseAccounts/%s] on resource [%s]. Learn "
		"more: https://aka.ms/cosmos-native-rbac.",
		c->access.name, json_text(c->claims, "oid"), action,
		substatus == 5301 ? "/" : c->path);
	forbidden(c, substatus, text_peek(&sentence));
}

static void refuse_management(const struct call *c)
{
	AUTO_TEXT sentence = { 0 };

	text_addf(&sentence,
		"Request blocked by Auth %s : The given request [%s %s] cannot be "
		"authorized by AAD token in data plane. Learn more: "
		"https://aka.ms/cosmos-native-rbac.",
		c->access.name, c->rq->method, c->path);
	forbidden(c, 5300, text_peek(&sentence));
}

static bool is_denied(const struct call *c)
{
	const char *deny = access_deny(&c->access);

	if (!deny)
		return false;
	if (strcmp(deny, "perimeter") == 0)
		forbidden(c, 5307,
			"Request blocked by network security perimeter: no inbound "
			"access rule admits it.");
	else
		forbidden(c, 0,
			"Request originated from IP 127.0.0.1 through public internet. "
			"This is blocked by your Cosmos DB account firewall settings. "
			"More info: https://aka.ms/cosmosdb-tsg-forbidden");
	return true;
}

/* /dbs/D/colls/C/docs/I: kinds and names by turns. */
static enum act act_of(const char *path)
{
	size_t depth = 0;
	bool items = strstr(path, "/docs") || strstr(path, "/pkranges");

	if (!path[1])
		return ACT_ACCOUNT;
	for (const char *at = path; *at; at++)
		depth += *at == '/' && at[1];
	if (strncmp(path, "/dbs", 4) != 0)
		return ACT_NONE;
	if (depth >= 5 && items)
		return ACT_ITEMS;
	if (depth == 1 || depth == 3 || depth > 4)
		return ACT_LIST; /* stored procedures and the like as well */
	return ACT_META;
}

/* Does its role include it? The metadata of the account comes first for all. */
static bool is_refused(const struct call *c, enum act act)
{
	const char *oid = json_text(c->claims, "oid");

	if (!azure_lists(json_member(c->access.place, "readers"), oid) ||
		!access_includes(&c->access, "readMetadata"))
		refuse_role(c, 5301, "readMetadata");
	else if ((act != ACT_ACCOUNT && !access_may(c->w, &c->access, oid, c->path)) ||
		(act == ACT_ITEMS && !access_includes(&c->access, "items/read")))
		refuse_role(c, 5302, "sqlDatabases/containers/items/read");
	else
		return false;
	return true;
}

static void give(const struct call *c, enum act act)
{
	if (act == ACT_ACCOUNT)
		return reply_json(c->rp, 200,
			"{\"_self\":\"\",\"id\":\"%s\",\"_dbs\":\"//dbs/\","
			"\"writableLocations\":[{\"name\":\"West Europe\"}]}",
			c->access.name);
	if (!access_has(&c->access, c->path))
		return fail(c, &(struct refusal){ 404, 0, "NotFound" },
			"Message: {\"Errors\":[\"Resource Not Found. Learn more: "
			"https:\\/\\/aka.ms\\/cosmosdb-tsg-not-found\"]}");
	if (act == ACT_META)
		return reply_json(c->rp, 200, "{\"id\":\"%s\",\"_rid\":\"AAAA\"}",
			strrchr(c->path, '/') + 1);
	reply_json(c->rp, 200, "{\"_rid\":\"AAAA\",\"Documents\":[],\"_count\":0}");
}

static void answer(const struct call *c)
{
	const char *method = c->rq->method;
	enum act act = act_of(c->path);
	bool reads = strcmp(method, "GET") == 0 ||
		(act == ACT_ITEMS && strcmp(method, "POST") == 0);

	if (act == ACT_NONE)
		return reply_status(c->rp, 404);
	if (is_denied(c))
		return;
	if (act == ACT_LIST || !reads)
		refuse_management(c);
	else if (!is_refused(c, act))
		give(c, act);
}

/* type=aad&ver=1.0&sig=TOKEN, percent-encoded as a whole; the caller frees. NULL with the
 * answer given when it is none. */
static char *take_token(const struct call *c)
{
	static const char form[] = "type=aad&ver=1.0&sig=";
	const char *given = request_header(c->rq, "Authorization");
	AUTO_FREE char *plain = given ? strdup(given) : NULL;

	if (!given)
		unauthorized(c, 0,
			"Required Header authorization is missing. Ensure a valid "
			"Authorization token is passed.");
	else if (!plain || !percent_decode(plain, false) || !text_starts(plain, form) ||
		strchr(given, '='))
		unauthorized(c, 0,
			"Authorization header doesn't confirm to the required format. "
			"Please verify and try again.");
	else if (!request_header(c->rq, "x-ms-date") ||
		!request_header(c->rq, "x-ms-version"))
		unauthorized(c, 0,
			"The input date header is invalid format. Please pass in RFC "
			"1123 style date format.");
	else
		return strdup(plain + strlen(form));
	return NULL;
}

/* Here a slash too many does matter. */
static void admit(struct call *c)
{
	char account[sizeof(c->access.host) + 16], sql[sizeof(c->access.host) + 32];
	const char *const audiences[] = { "https://cosmos.azure.com", account, sql,
		NULL };
	const struct taker taker = { .audiences = audiences,
		.exact = true,
		.tenant = access_tenant(c->w, &c->access) };
	AUTO_FREE char *jwt = take_token(c);
	enum trust trust;

	if (!jwt)
		return;
	(void)snprintf(account, sizeof(account), "https://%s", c->access.host);
	(void)snprintf(
		sql, sizeof(sql), "https://%s.sql.cosmos.azure.com", c->access.name);
	trust = azure_trust(c->w, jwt, &taker, &c->claims);
	if (trust == TRUST_GOOD)
		answer(c);
	else
		refuse(c, trust);
}

void cosmos_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct call c = { .w = w, .rq = rq, .rp = rp };

	if (!access_find(w, rq, &c.access) || !TEXT_COPY(c.path, rq->path) ||
		!percent_decode(c.path, false))
		return reply_status(rp, 400);
	reply_header(rp, "Server", "Compute");
	reply_header(rp, "x-ms-gatewayversion", "version=2.14.0");
	admit(&c);
	json_object_put(c.claims);
}
