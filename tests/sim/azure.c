/* What Azure's services have in common: bearer tokens, and JSON answers.
 * SPDX-License-Identifier: MIT */
#include "azure.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct json_object *json_member(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	return json_object_object_get_ex(o, name, &v) ? v : NULL;
}

bool azure_lists(struct json_object *array, const char *text)
{
	if (!json_object_is_type(array, json_type_array))
		return true;
	for (size_t i = 0; text && i < json_object_array_length(array); i++)
		if (text_equal_nocase(
			    json_object_get_string(json_object_array_get_idx(array, i)),
			    text))
			return true;
	return false;
}

static bool is_audience(const char *aud, const struct taker *t)
{
	for (const char *const *audiences = t->audiences; *audiences; audiences++) {
		size_t len = strlen(*audiences);

		if (strncmp(aud, *audiences, len) == 0 &&
			(!aud[len] || (!t->exact && strcmp(aud + len, "/") == 0)))
			return true;
	}
	return false;
}

enum trust azure_trust(const struct world *w, const char *jwt, const struct taker *t,
	struct json_object **ret_claims)
{
	struct json_object *claims = token_verify(w, jwt);
	const char *aud = json_text(claims, "aud"), *tid = json_text(claims, "tid");

	*ret_claims = claims;
	if (!claims || !aud || !tid || !json_text(claims, "oid"))
		return TRUST_BROKEN;
	if (json_object_get_int64(json_member(claims, "exp")) <= now_s() ||
		json_object_get_int64(json_member(claims, "nbf")) > now_s())
		return TRUST_EXPIRED;
	if (!is_audience(aud, t))
		return TRUST_AUDIENCE;
	return !t->tenant || text_equal_nocase(tid, t->tenant) ? TRUST_GOOD
							       : TRUST_TENANT;
}

enum trust azure_bearer(const struct world *w, const struct request *rq,
	const struct taker *t, struct json_object **ret_claims)
{
	const char *authorization = request_header(rq, "Authorization");

	*ret_claims = NULL;
	if (!authorization || !text_starts_nocase(authorization, "Bearer "))
		return TRUST_MISSING;
	return azure_trust(w, authorization + strlen("Bearer "), t, ret_claims);
}

void reply_object(struct reply *rp, int status, struct json_object *o)
{
	reply_json(rp, status, "%s",
		json_object_to_json_string_ext(
			o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void azure_fail(struct reply *rp, int status, const struct azure_error *e)
{
	AUTO_TEXT body = { 0 };

	text_add(&body, "{\"error\":{\"code\":");
	text_add_json(&body, e->code);
	text_add(&body, ",\"message\":");
	text_add_json(&body, e->message);
	if (e->inner) {
		text_add(&body, ",\"innererror\":{\"code\":");
		text_add_json(&body, e->inner);
		text_add(&body, "}");
	}
	text_add(&body, "}}");
	reply_json(rp, status, "%s", text_peek(&body));
}

bool azure_host(const struct request *rq, char ret[256])
{
	if (!text_copy(ret, 256, request_header(rq, "Host")))
		return false;
	ret[strcspn(ret, ":")] = '\0';
	for (char *at = ret; *at; at++)
		*at = text_lower(*at);
	return true;
}

char *azure_basic(const char *authorization)
{
	const char *base64 = authorization + strlen("Basic ");
	size_t len;
	char *made;

	if (!text_starts_nocase(authorization, "Basic "))
		return NULL;
	len = strlen(base64);
	made = calloc(1, len + 1);
	if (made &&
		EVP_DecodeBlock((unsigned char *)made, (const unsigned char *)base64,
			(int)len) > 0 &&
		strchr(made, ':'))
		return made;
	free(made);
	return NULL;
}

bool azure_is_version(const char *version)
{
	static const char shape[] = "dddd-dd-dd";

	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !text_is_digit(version[i]) : version[i] != '-')
			return false;
	return !version[10] || version[10] == '-';
}
