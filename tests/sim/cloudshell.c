/* Cloud Shell: a POST to a port of the container, answered with a person's token.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "oauth.h"

static void refuse(struct reply *rp, const char *code, const char *fmt, const char *what)
{
	AUTO_TEXT message = { 0 };
	AUTO_TEXT json = { 0 };
	const char *mark = strstr(fmt, "{}");

	text_add_bytes(&message, fmt, (size_t)(mark - fmt));
	text_add(&message, what);
	text_add(&message, mark + 2);
	text_add_json(&json, text_peek(&message));
	reply_json(rp, 400, "{\"error\":{\"code\":\"%s\",\"message\":%s}}", code,
		text_peek(&json));
}

/* The few that the portal gives tokens for. */
static bool is_audience(const struct world *w, const char *resource)
{
	static const char *const rows[] = { "https://management.azure.com",
		"https://management.core.windows.net", "https://graph.microsoft.com",
		"https://vault.azure.net", "https://storage.azure.com",
		"https://database.windows.net" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_starts(resource, rows[i]) &&
			strspn(resource + strlen(rows[i]), "/") <= 1)
			return scenario_knows_resource(w, resource);
	return false;
}

static void give(struct world *w, const char *resource, struct reply *rp)
{
	struct identity person = {
		.client_id = "b677c290-cf4b-4a8e-a60e-91ba650a4abe",
		.object_id = scenario_text(w, "cloud_shell", "object_id",
			"33330000-0000-4000-8000-000000000003"),
		.tenant = scenario_tenant(w),
	};
	const struct token *t = token_issue(w, TOKEN_USER, &person, resource);
	long long left;
	AUTO_TEXT json = { 0 };

	if (!t)
		return reply_status(rp, 500);
	left = (long long)(t->expires_on - now_s());
	text_add_json(&json, resource);
	reply_json(rp, 200,
		"{\"access_token\":\"%s\",\"refresh_token\":\"\",\"expires_in\":\"%lld\","
		"\"expires_on\":\"%lld\",\"not_before\":\"%lld\",\"resource\":%s,"
		"\"token_type\":\"Bearer\"}",
		t->text, left, (long long)t->expires_on, (long long)t->not_before,
		text_peek(&json));
}

void cloudshell_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *metadata = request_header(rq, "Metadata"), *resource;
	const char *type = request_header(rq, "Content-Type");
	AUTO_PARAMS p = { 0 };

	if (strcmp(rq->path, "/oauth2/token") != 0)
		return reply_status(rp, 404);
	if (strcmp(rq->method, "POST") != 0)
		return reply_status(rp, 405);
	if (!metadata || strcmp(metadata, "true") != 0)
		return refuse(rp, "InvalidRequest",
			"Required metadata header {}not specified", "");
	if (type && !text_starts_nocase(type, "application/x-www-form-urlencoded"))
		return refuse(
			rp, "InvalidRequest", "Content-Type {} is not supported", type);
	params_parse(&p, rq->body);
	resource = params_get(&p, "resource");
	if (p.broken || p.repeated || !resource || p.count != 1)
		return refuse(rp, "InvalidRequest",
			"The form has to name resource {}and nothing else", "");
	if (!is_audience(w, resource))
		return refuse(rp, "AudienceNotSupported",
			"Audience {} isn't a supported MSI token audience. Supported "
			"audiences: "
			"https://management.azure.com/,https://graph.microsoft.com/,"
			"https://vault.azure.net",
			resource);
	give(w, resource, rp);
}
