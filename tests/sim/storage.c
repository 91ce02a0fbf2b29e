/* Blob storage (Microsoft Learn, "Authorize with Microsoft Entra ID", REST): who may
 * read. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "oauth.h"

struct refusal {
	int status;
	const char *code, *message;
};

// clang-format off
static const struct refusal not_authenticated = { 401, "InvalidAuthenticationInfo",
	"Server failed to authenticate the request. Please refer to the information in the www-authenticate header." };
static const struct refusal no_authentication = { 401, "NoAuthenticationInformation",
	"Server failed to authenticate the request. Please refer to the information in the www-authenticate header." };
static const struct refusal bad_authentication = { 403, "AuthenticationFailed",
	"Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature." };
static const struct refusal no_permission = { 403, "AuthorizationPermissionMismatch",
	"This request is not authorized to perform this operation using this permission." };
// clang-format on

/* As the service writes them: a byte order mark, and a time with seven digits. */
static void refuse(
	struct world *w, struct reply *rp, const struct refusal *r, const char *detail)
{
	char id[GUID_SIZE], stamp[64];
	time_t now = time(NULL);
	struct tm tm;
	AUTO_TEXT more = { 0 };

	make_guid(w, "storage", id);
	(void)strftime(
		stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S.0000000Z", gmtime_r(&now, &tm));
	if (detail)
		text_addf(&more,
			"<AuthenticationErrorDetail>%s</AuthenticationErrorDetail>",
			detail);
	reply_header(rp, "x-ms-error-code", r->code);
	reply_header(rp, "x-ms-request-id", id);
	reply_with(rp, r->status, "application/xml",
		"\xef\xbb\xbf<?xml version=\"1.0\" "
		"encoding=\"utf-8\"?><Error><Code>%s</Code>"
		"<Message>%s\nRequestId:%s\nTime:%s</Message>%s</Error>",
		r->code, r->message, id, stamp, text_peek(&more));
}

static void challenge(const struct world *w, struct reply *rp)
{
	AUTO_TEXT value = { 0 };

	text_addf(&value,
		"Bearer "
		"authorization_uri=https://login.microsoftonline.com/%s/oauth2/authorize "
		"resource_id=https://storage.azure.com",
		scenario_tenant(w));
	reply_header(rp, "WWW-Authenticate", text_peek(&value));
}

static void refuse_token(struct world *w, struct reply *rp, const char *detail)
{
	challenge(w, rp);
	refuse(w, rp, &not_authenticated, detail);
}

/* storage.azure.com or the account itself, with or without the slash. */
static bool is_audience(const char *aud, const char *host)
{
	size_t len = strlen(aud);
	char account[300];

	len -= len && aud[len - 1] == '/';
	(void)snprintf(account, sizeof(account), "https://%s", host);
	return (len == strlen("https://storage.azure.com") &&
		       strncmp(aud, "https://storage.azure.com", len) == 0) ||
		(len == strlen(account) && strncmp(aud, account, len) == 0);
}

/* What is wrong with these claims for this account, or NULL. */
static const char *distrust(
	const struct world *w, struct json_object *claims, const char *host)
{
	const char *aud = json_text(claims, "aud"), *tid = json_text(claims, "tid");
	struct json_object *exp = NULL;

	(void)json_object_object_get_ex(claims, "exp", &exp);
	if (json_object_get_int64(exp) <= now_s())
		return "Lifetime validation failed. The token is expired.";
	if (!aud || !is_audience(aud, host))
		return "Audience validation failed. Audience did not match.";
	if (!tid || !text_equal_nocase(tid, scenario_tenant(w)))
		return "Issuer validation failed. Issuer did not match.";
	return NULL;
}

/* The scenario's "accounts": {"name": ["object id", ...]}; no such member: all may read.
 */
static bool may_read(const struct world *w, const char *host, const char *oid)
{
	struct json_object *readers;
	char account[300];

	if (!json_object_object_get_ex(w->scenario, "accounts", NULL))
		return true;
	(void)snprintf(account, sizeof(account), "%.*s", (int)strcspn(host, "."), host);
	readers = scenario_get(w, "accounts", account);
	for (size_t i = 0; json_object_is_type(readers, json_type_array) &&
		i < json_object_array_length(readers);
		i++) {
		struct json_object *one = json_object_array_get_idx(readers, i);

		if (oid && text_equal_nocase(json_object_get_string(one), oid))
			return true;
	}
	return false;
}

static void give(const struct request *rq, const char *host, struct reply *rp)
{
	bool list = strstr(rq->query, "comp=list") != NULL;

	reply_header(rp, "x-ms-version", request_header(rq, "x-ms-version"));
	if (list)
		reply_with(rp, 200, "application/xml",
			"\xef\xbb\xbf<?xml version=\"1.0\" "
			"encoding=\"utf-8\"?><EnumerationResults "
			"ServiceEndpoint=\"https://%s/\" "
			"ContainerName=\"%s\"><Blobs><Blob><Name>"
			"hello.txt</Name></Blob></Blobs><NextMarker "
			"/></EnumerationResults>",
			host, rq->path + 1);
	else {
		reply_header(rp, "ETag", "\"0x8DD000000000001\"");
		reply_header(rp, "Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT");
		reply_header(rp, "x-ms-blob-type", "BlockBlob");
		reply_with(rp, 200, "text/plain", "hello from %s%s\n", host, rq->path);
	}
}

static void authorize(struct world *w, const struct request *rq, const char *jwt,
	const char *host, struct reply *rp)
{
	struct json_object *claims = token_verify(w, jwt);
	const char *why =
		claims ? distrust(w, claims, host) : "Signature validation failed.";

	if (why)
		refuse_token(w, rp, why);
	else if (!may_read(w, host, json_text(claims, "oid")))
		refuse(w, rp, &no_permission, NULL);
	else
		give(rq, host, rp);
	json_object_put(claims);
}

void storage_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *authorization = request_header(rq, "Authorization");
	const char *version = request_header(rq, "x-ms-version");
	char host[256];

	if (!TEXT_COPY(host, request_header(rq, "Host")))
		return reply_status(rp, 400);
	host[strcspn(host, ":")] = '\0';
	reply_header(rp, "Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	if (!authorization) {
		challenge(w, rp);
		return refuse(w, rp, &no_authentication, NULL);
	}
	if (!text_starts_nocase(authorization, "Bearer "))
		return refuse_token(w, rp, "Authentication scheme is not supported.");
	if (!version || strcmp(version, "2017-11-09") < 0)
		return refuse(w, rp, &bad_authentication,
			"Authentication scheme Bearer is not supported in this version.");
	authorize(w, rq, authorization + strlen("Bearer "), host, rp);
}
