/* Who may come in to Azure DevOps (Microsoft Learn, "Use service principals and managed
 * identities in Azure DevOps"), and how it refuses. SPDX-License-Identifier: MIT */
#include "devops.h"

#include <stdio.h>
#include <string.h>

#include "azure.h"

/* The service's own application. */
#define AUDIENCE "499b84ac-1321-427f-aa17-267ca6975798"
/* How it calls who it does not know. */
#define NOBODY   "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"

/* ".", ".." and empty segments lead out of where files are looked for. */
static bool is_plain(const char *path)
{
	for (const char *at = path; *at;) {
		size_t len = strcspn(++at, "/");

		if ((len == 0 && at[len]) || (len == 1 && *at == '.') ||
			(len == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += len;
	}
	return !text_has_control(path);
}

/* Copies up to one of the ends, in lower case. */
static bool take_name(char *to, size_t size, const char *from, const char *ends)
{
	size_t len = strcspn(from, ends);

	if (len == 0 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		to[i] = text_lower(from[i]);
	to[len] = '\0';
	return true;
}

bool place_read(const struct request *rq, struct place *ret)
{
	static const char collection[] = "/DefaultCollection/";

	if (!take_name(ret->host, sizeof(ret->host), request_header(rq, "Host"), ":") ||
		!TEXT_COPY(ret->path, rq->path) || !percent_decode(ret->path, false) ||
		!is_plain(ret->path))
		return false;
	ret->open = false;
	ret->rest = ret->path;
	if (text_ends_nocase(ret->host, "dev.azure.com")) {
		if (!take_name(ret->org, sizeof(ret->org), ret->path + 1, "/"))
			return false;
		ret->rest += 1 + strlen(ret->org);
		return true;
	}
	if (text_starts_nocase(ret->path, collection))
		ret->rest += strlen(collection) - 1;
	return take_name(ret->org, sizeof(ret->org), ret->host, ".");
}

/* A member of the organisation, else of all of them. */
static struct json_object *setting(
	const struct world *w, const char *org, const char *name)
{
	struct json_object *v = NULL, *own = NULL;

	(void)json_object_object_get_ex(
		scenario_get(w, "repos", "organizations"), org, &own);
	if (own && json_object_object_get_ex(own, name, &v))
		return v;
	return scenario_get(w, "repos", name);
}

static const char *tenant_of(const struct world *w, const char *org)
{
	struct json_object *v = setting(w, org, "tenant");

	return v ? json_object_get_string(v) : scenario_tenant(w);
}

static bool is_member(const struct world *w, const char *org, const char *oid)
{
	struct json_object *list = setting(w, org, "members");

	if (!json_object_is_type(list, json_type_array))
		return true;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (text_equal_nocase(
			    json_object_get_string(json_object_array_get_idx(list, i)),
			    oid))
			return true;
	return false;
}

/* The user name ends at the first colon, and may not be empty. */
static char *basic_password(const char *authorization)
{
	AUTO_FREE char *pair = azure_basic(authorization);
	char *colon = pair ? strchr(pair, ':') : NULL;

	return colon && colon != pair ? strdup(colon + 1) : NULL;
}

/* The token, as Bearer or as a password; the caller frees. */
static char *take_token(const char *authorization)
{
	if (text_starts_nocase(authorization, "Bearer "))
		return strdup(authorization + strlen("Bearer "));
	return basic_password(authorization);
}

static bool is_good(const struct world *w, struct json_object *claims, const char *tenant)
{
	const char *aud = json_text(claims, "aud"), *tid = json_text(claims, "tid");
	struct json_object *exp = NULL, *nbf = NULL;

	(void)json_object_object_get_ex(claims, "exp", &exp);
	(void)json_object_object_get_ex(claims, "nbf", &nbf);
	return aud && strcmp(aud, AUDIENCE) == 0 && tid &&
		text_equal_nocase(tid, tenant) && json_text(claims, "oid") &&
		json_object_get_int64(exp) > now_s() &&
		json_object_get_int64(nbf) <= now_s() && !token_is_revoked(w, claims);
}

void devops_fail(struct reply *rp, int status, const char *sentence)
{
	AUTO_TEXT coded = { 0 };

	text_add_url(&coded, sentence);
	reply_header(rp, "X-TFS-ServiceError", text_peek(&coded));
	reply_with(rp, status, "text/plain; charset=utf-8", "%s", sentence);
}

static void add_challenges(struct reply *rp, const char *tenant)
{
	AUTO_TEXT bearer = { 0 };

	text_addf(&bearer,
		"Bearer authorization_uri=https://login.microsoftonline.com/%s", tenant);
	reply_header(rp, "WWW-Authenticate", text_peek(&bearer));
	reply_header(rp, "WWW-Authenticate",
		"Basic realm=\"https://tfsprodwcus0.app.visualstudio.com/\"");
	reply_header(rp, "WWW-Authenticate", "TFS-Federated");
}

/* 401 with the three challenges, or the page where a person would sign in. */
static void refuse(
	struct world *w, const char *org, struct reply *rp, const char *sentence)
{
	const char *tenant = tenant_of(w, org);
	AUTO_TEXT coded = { 0 };

	if (scenario_number(w, "repos", "sign_in_page", 0)) {
		reply_header(rp, "X-VSS-ResourceTenant", tenant);
		return reply_with(rp, 203, "text/html; charset=utf-8",
			"<!DOCTYPE html>\n<html><head><title>Azure DevOps Services | "
			"Sign In</title></head>\n<body></body></html>\n");
	}
	add_challenges(rp, tenant);
	text_add_url(&coded, sentence);
	reply_header(rp, "X-TFS-ServiceError", text_peek(&coded));
	reply_header(rp, "X-VSS-ResourceTenant", tenant);
	reply_with(rp, 401, "text/html; charset=utf-8",
		"<!DOCTYPE html>\n<html><head><title>Azure DevOps Services | "
		"Unauthorized</title></head>\n<body><p>%s</p></body></html>\n",
		sentence);
}

static void refuse_nobody(struct world *w, const char *org, struct reply *rp)
{
	refuse(w, org, rp,
		"TF400813: The user '" NOBODY "' is not authorized to access this "
		"resource.");
}

static void add_ids(struct world *w, struct reply *rp)
{
	char activity[GUID_SIZE];

	make_guid(w, "activity", activity);
	reply_header(rp, "X-TFS-ProcessId", "7f5e0000-0000-4000-8000-0000000000d1");
	reply_header(rp, "ActivityId", activity);
	reply_header(rp, "X-TFS-Session", activity);
	reply_header(rp, "X-VSS-E2EID", activity);
}

/* Known to Entra; now to the organisation. */
static bool admit_claims(struct world *w, const char *org, struct json_object *claims,
	struct reply *rp, struct caller *ret)
{
	const char *tenant = tenant_of(w, org), *oid = json_text(claims, "oid");
	AUTO_TEXT sentence = { 0 };

	if (w->refusing || !claims || !is_good(w, claims, tenant) ||
		!TEXT_COPY(ret->oid, oid)) {
		refuse_nobody(w, org, rp);
		return false;
	}
	if (is_member(w, org, oid))
		return true;
	text_addf(&sentence,
		"TF401444: Sign-in at least once as %s\\%s\\%s in a web browser to "
		"enable access to the service.",
		tenant, tenant, oid);
	refuse(w, org, rp, text_peek(&sentence));
	return false;
}

bool devops_admit(struct world *w, const struct request *rq, const struct place *place,
	struct reply *rp, struct caller *ret)
{
	const char *authorization = request_header(rq, "Authorization");
	AUTO_FREE char *jwt = authorization ? take_token(authorization) : NULL;
	struct json_object *claims;
	bool in;

	*ret = (struct caller){ 0 };
	add_ids(w, rp);
	if (!authorization && place->open)
		return true;
	claims = jwt ? token_verify(w, jwt) : NULL;
	in = admit_claims(w, place->org, claims, rp, ret);
	json_object_put(claims);
	return in;
}
