/* An API of one's own, as a web framework's bearer authentication answers (RFC 6750,
 * section 3; the sentences are those of ASP.NET Core's JwtBearerHandler).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "access.h"

#define AUDIENCE "api://contoso-api"

/* What is wrong with the token, in the handler's words. */
static void describe(struct json_object *claims, enum trust trust, struct text *ret)
{
	time_t exp = (time_t)json_object_get_int64(json_member(claims, "exp"));
	char stamp[64];
	struct tm tm;

	(void)strftime(stamp, sizeof(stamp), "%m/%d/%Y %H:%M:%S", gmtime_r(&exp, &tm));
	if (trust == TRUST_AUDIENCE)
		text_addf(ret, "The audience '%s' is invalid", json_text(claims, "aud"));
	else if (trust == TRUST_TENANT)
		text_addf(ret, "The issuer '%s' is invalid", json_text(claims, "iss"));
	else if (trust == TRUST_EXPIRED)
		text_addf(ret, "The token expired at '%s'", stamp);
	else
		text_add(ret, "The signature is invalid");
}

static void refuse(struct json_object *claims, enum trust trust, struct reply *rp)
{
	AUTO_TEXT value = { 0 };

	text_add(&value, "Bearer");
	if (trust != TRUST_MISSING) {
		text_add(&value, " error=\"invalid_token\", error_description=\"");
		describe(claims, trust, &value);
		text_add(&value, "\"");
	}
	reply_header(rp, "WWW-Authenticate", text_peek(&value));
	reply_status(rp, 401);
}

/* One of the API's app roles stands in the token; an API that names none asks for none. */
static bool has_role(struct json_object *wanted, struct json_object *claims)
{
	struct json_object *roles = json_member(claims, "roles");

	for (size_t i = 0; roles && i < json_object_array_length(roles); i++)
		if (azure_lists(wanted,
			    json_object_get_string(json_object_array_get_idx(roles, i))))
			return true;
	return !wanted;
}

void api_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct access access;
	struct json_object *claims = NULL;
	const char *audiences[] = { AUDIENCE, NULL }, *own;
	struct taker taker = { .audiences = audiences, .exact = true };
	enum trust trust;

	if (!access_find(w, rq, &access))
		return reply_status(rp, 400);
	own = json_text(access.place, "audience");
	audiences[0] = own ? own : AUDIENCE;
	taker.tenant = access_tenant(w, &access);
	trust = azure_bearer(w, rq, &taker, &claims);
	reply_header(rp, "Server", "Kestrel");
	if (trust != TRUST_GOOD)
		refuse(claims, trust, rp);
	else if (!access_may(w, &access, json_text(claims, "oid"), rq->path) ||
		!has_role(json_member(access.place, "roles"), claims))
		reply_status(rp, 403);
	else if (!access_has(&access, rq->path))
		reply_status(rp, 404);
	else
		reply_json(rp, 200, "{\"hello\":\"world\"}");
	json_object_put(claims);
}
