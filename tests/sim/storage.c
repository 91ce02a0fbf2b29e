/* A storage account: who may read (Microsoft Learn, "Authorize with Microsoft Entra ID",
 * "Status and error codes" of the Storage REST API). SPDX-License-Identifier: MIT */
#include "storage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// clang-format off
static const struct storage_kind kinds[] = {
	{ "blob", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0", "2017-11-09", STORAGE_XML,
	  { { "ContainerNotFound", "The specified container does not exist." },
	    { "BlobNotFound", "The specified blob does not exist." } } },
	{ "queue", "Windows-Azure-Queue/1.0 Microsoft-HTTPAPI/2.0", "2017-11-09", STORAGE_XML,
	  { { "QueueNotFound", "The specified queue does not exist." },
	    { "QueueNotFound", "The specified queue does not exist." } } },
	{ "table", "Windows-Azure-Table/1.0 Microsoft-HTTPAPI/2.0", "2017-11-09", STORAGE_ODATA,
	  { { "TableNotFound", "The table specified does not exist." },
	    { "ResourceNotFound", "The specified resource does not exist." } } },
	{ "file", "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0", "2022-11-02", STORAGE_XML,
	  { { "ShareNotFound", "The specified share does not exist." },
	    { "ResourceNotFound", "The specified resource does not exist." } } },
	{ "dfs", "Windows-Azure-HDFS/1.0 Microsoft-HTTPAPI/2.0", "2017-11-09", STORAGE_JSON,
	  { { "FilesystemNotFound", "The specified filesystem does not exist." },
	    { "PathNotFound", "The specified path does not exist." } } },
};

#define FAILED_401 "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
#define FAILED_403 "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature."
#define NO_ROLE "This request is not authorized to perform this operation using this permission."
#define NO_NETWORK "This request is not authorized to perform this operation."
#define NO_HEADER "An HTTP header that's mandatory for this request is not specified."
// clang-format on
#define DETAIL "AuthenticationErrorDetail"

static void add_xml(const struct storage_error *e, const char *message, struct text *body)
{
	text_addf(body,
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s"
		"</Code><Message>%s</Message>",
		e->code, message);
	if (e->name)
		text_addf(body, "<%s>%s</%s>", e->name, e->value, e->name);
	text_add(body, "</Error>");
}

static void add_json(
	const struct storage_error *e, bool odata, const char *message, struct text *body)
{
	text_addf(body,
		odata ? "{\"odata.error\":{\"code\":\"%s\",\"message\":"
			"{\"lang\":\"en-US\",\"value\":"
		      : "{\"error\":{\"code\":\"%s\",\"message\":",
		e->code);
	text_add_json(body, message);
	if (e->name && !odata) {
		text_addf(body, ",\"detail\":{\"%s\":", e->name);
		text_add_json(body, e->value);
		text_add(body, "}");
	}
	text_add(body, odata ? "}}}" : "}}");
}

/* As the services write them: a byte order mark, and a time with seven digits. */
void storage_fail(const struct storage_call *c, const struct storage_error *e)
{
	static const char *const types[] = { "application/xml",
		"application/json;odata=minimalmetadata;streaming=true;charset=utf-8",
		"application/json;charset=utf-8" };
	char id[GUID_SIZE], stamp[64];
	time_t now = now_s();
	struct tm tm;
	AUTO_TEXT message = { 0 }, body = { 0 };

	make_guid(c->w, "storage", id);
	(void)strftime(
		stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S.0000000Z", gmtime_r(&now, &tm));
	text_addf(&message, "%s\nRequestId:%s\nTime:%s", e->message, id, stamp);
	if (c->kind->form == STORAGE_XML)
		add_xml(e, text_peek(&message), &body);
	else
		add_json(e, c->kind->form == STORAGE_ODATA, text_peek(&message), &body);
	reply_header(c->rp, "x-ms-error-code", e->code);
	reply_header(c->rp, "x-ms-request-id", id);
	reply_with(c->rp, e->status, types[c->kind->form], "%s", text_peek(&body));
}

static void challenge(const struct storage_call *c)
{
	AUTO_TEXT value = { 0 };

	text_addf(&value,
		"Bearer authorization_uri=https://login.microsoftonline.com/%s/oauth2/"
		"authorize resource_id=https://storage.azure.com",
		access_tenant(c->w, &c->access));
	reply_header(c->rp, "WWW-Authenticate", text_peek(&value));
}

static void refuse_token(const struct storage_call *c, const char *detail)
{
	challenge(c);
	storage_fail(c,
		&(struct storage_error){
			401, "InvalidAuthenticationInfo", FAILED_401, DETAIL, detail });
}

static void refuse(const struct storage_call *c, enum trust trust)
{
	static const char *const details[TRUST_KINDS] = {
		[TRUST_MISSING] = "Authentication scheme is not supported.",
		[TRUST_BROKEN] = "Signature validation failed.",
		[TRUST_EXPIRED] = "Lifetime validation failed. The token is expired.",
		[TRUST_AUDIENCE] = "Audience validation failed. Audience did not match.",
		[TRUST_TENANT] = "Issuer validation failed. Issuer did not match.",
	};

	refuse_token(c, details[trust]);
}

/* Network rules, and access lists of file systems, refuse in the same words. */
static bool is_denied(const struct storage_call *c)
{
	const char *deny = access_deny(&c->access);

	if (!deny)
		return false;
	if (strcmp(deny, "disabled") == 0)
		storage_fail(c,
			&(struct storage_error){ 403, "AccountIsDisabled",
				"The specified account is disabled.", NULL, NULL });
	else
		storage_fail(c,
			&(struct storage_error){
				403, "AuthorizationFailure", NO_NETWORK, NULL, NULL });
	return true;
}

static bool is_there(const struct storage_call *c)
{
	const char *rest = strchr(c->path + 1, '/');
	const struct storage_missing *m = &c->kind->missing[rest && rest[1]];
	char top[sizeof(c->path)];

	(void)snprintf(
		top, sizeof(top), "/%.*s", (int)strcspn(c->path + 1, "/("), c->path + 1);
	if (access_has(&c->access, c->path))
		return true;
	if (!access_has(&c->access, top))
		m = &c->kind->missing[0];
	else if (strcmp(c->kind->label, "queue") == 0 ||
		strcmp(c->kind->label, "table") == 0)
		return true; /* what is below is no thing of its own */
	storage_fail(c, &(struct storage_error){ 404, m->code, m->message, NULL, NULL });
	return false;
}

static void authorize(const struct storage_call *c, struct json_object *claims)
{
	bool is_file = strcmp(c->kind->label, "file") == 0;

	if (is_denied(c))
		return;
	if (is_file && !request_header(c->rq, "x-ms-file-request-intent"))
		storage_fail(c,
			&(struct storage_error){ 400, "MissingRequiredHeader", NO_HEADER,
				"HeaderName", "x-ms-file-request-intent" });
	else if (!access_may(c->w, &c->access, json_text(claims, "oid"), c->path))
		storage_fail(c,
			&(struct storage_error){ 403, "AuthorizationPermissionMismatch",
				NO_ROLE, NULL, NULL });
	else if (is_there(c))
		storage_give(c);
}

/* storage.azure.com or the account itself, with or without the slash. */
static void admit(const struct storage_call *c)
{
	char account[sizeof(c->access.host) + 16];
	const char *const audiences[] = { "https://storage.azure.com", account, NULL };
	const struct taker taker = { .audiences = audiences,
		.tenant = access_tenant(c->w, &c->access) };
	const char *version = request_header(c->rq, "x-ms-version");
	struct json_object *claims = NULL;
	enum trust trust;

	(void)snprintf(account, sizeof(account), "https://%s", c->access.host);
	trust = azure_bearer(c->w, c->rq, &taker, &claims);
	if (trust == TRUST_MISSING && !request_header(c->rq, "Authorization")) {
		challenge(c);
		storage_fail(c,
			&(struct storage_error){ 401, "NoAuthenticationInformation",
				FAILED_401, NULL, NULL });
	} else if (trust != TRUST_MISSING &&
		(!version || strcmp(version, c->kind->oldest) < 0))
		storage_fail(c,
			&(struct storage_error){ 403, "AuthenticationFailed", FAILED_403,
				DETAIL,
				"Authentication scheme Bearer is not supported in this "
				"version." });
	else if (trust != TRUST_GOOD)
		refuse(c, trust);
	else
		authorize(c, claims);
	json_object_put(claims);
}

static const struct storage_kind *find_kind(const char *host)
{
	const char *label = strchr(host, '.');
	size_t len;

	for (size_t i = 0; label && i < sizeof(kinds) / sizeof(*kinds); i++) {
		len = strlen(kinds[i].label);
		if (strncmp(label + 1, kinds[i].label, len) == 0 && label[1 + len] == '.')
			return &kinds[i];
	}
	return NULL;
}

void storage_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct storage_call c = { .w = w, .rq = rq, .rp = rp };
	bool is_head = strcmp(rq->method, "HEAD") == 0;

	if (!access_find(w, rq, &c.access) || !TEXT_COPY(c.path, rq->path) ||
		!percent_decode(c.path, false))
		return reply_status(rp, 400);
	c.kind = find_kind(c.access.host);
	if (!c.kind)
		return reply_status(rp, 404);
	reply_header(rp, "Server", c.kind->server);
	if (!is_head && strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	admit(&c);
	if (is_head) /* RFC 9110, section 9.3.2 */
		text_free(&rp->body);
}
