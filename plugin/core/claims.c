/* What an access token says of itself (RFC 7519; Entra's access token claims, v1 and v2).
 * SPDX-License-Identifier: MIT */
#include "core/claims.h"

#include <string.h>

#include "core/resource.h"

/* The n-th of the three parts between the dots (RFC 7515, section 7.1); false: not three.
 */
static bool find_part(
	const char *jwt, size_t len, int part, const char **ret, size_t *ret_len)
{
	const char *start = jwt, *end = jwt + len;

	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(start, '.', (size_t)(end - start));

		if ((dot != NULL) != (i < 2))
			return false;
		if (i == part) {
			*ret = start;
			*ret_len = (size_t)((dot ? dot : end) - start);
		}
		start = dot ? dot + 1 : end;
	}
	return true;
}

enum mitok_code claims_part(
	const char *jwt, size_t len, int part, struct json **ret, struct mitok_err *e)
{
	AUTO_TEXT bytes = { 0 };
	AUTO_JSON tree = NULL;
	const char *at = NULL;
	size_t part_len = 0;

	if (part < 0 || part > 1 || !find_part(jwt, len, part, &at, &part_len) ||
		!text_base64url(at, part_len, &bytes))
		return err_set(e, MITOK_E_ARG,
			"not a JSON Web Token: three base64url parts with dots between "
			"them");
	if (json_parse(text_peek(&bytes), bytes.len, &tree, e))
		return err_within(e, MITOK_E_ARG, "not a JSON Web Token");
	if (tree->kind != JSON_OBJECT)
		return err_set(
			e, MITOK_E_ARG, "not a JSON Web Token: no JSON object in it");
	*ret = tree;
	tree = NULL;
	return MITOK_OK;
}

/* Texts by the claim of one of two names. */
struct claim_row {
	const char *name, *other; /* v1, v2 */
	size_t place, size;
};
#define CLAIM(name, other, member)                            \
	{                                                     \
		name, other, offsetof(struct claims, member), \
			sizeof(((struct claims *)0)->member)  \
	}

static const struct claim_row claim_rows[] = {
	CLAIM("aud", NULL, audience),
	CLAIM("appid", "azp", client_id),
	CLAIM("oid", NULL, object_id),
	CLAIM("tid", NULL, tenant_id),
	CLAIM("xms_mirid", NULL, resource_id),
	CLAIM("uti", NULL, token_id),
};

/* false: the claim is there, but no text that fits. */
static bool copy_claim(
	const struct json *j, const struct claim_row *row, struct claims *ret)
{
	const struct json *claim = json_member(j, row->name);
	char *dst = (char *)ret + row->place;
	const char *text;

	if (!claim && row->other)
		claim = json_member(j, row->other);
	text = json_text(claim);
	if (!claim)
		return true;
	return text && !text_has_control(text) && text_copy(dst, row->size, text);
}

enum mitok_code claims_read(const char *jwt, size_t len, struct claims *ret,
	bool *ret_is_jwt, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	const char *part = NULL;
	size_t part_len;

	*ret = (struct claims){ 0 };
	*ret_is_jwt = find_part(jwt, len, 1, &part, &part_len);
	if (!*ret_is_jwt)
		return MITOK_OK;
	if (claims_part(jwt, len, 1, &j, e))
		return err_within(e, MITOK_E_REPLY, "the token's claims");
	for (size_t i = 0; i < sizeof(claim_rows) / sizeof(*claim_rows); i++)
		if (!copy_claim(j, &claim_rows[i], ret))
			return err_set(e, MITOK_E_REPLY,
				"the token's claim '%s' cannot be read",
				claim_rows[i].name);
	(void)!json_to_number(json_member(j, "iat"), 0, CLOCK_MAX_S, &ret->issued_s);
	(void)!json_to_number(json_member(j, "exp"), 0, CLOCK_MAX_S, &ret->expires_s);
	return MITOK_OK;
}

static enum mitok_code differs(const struct identity *i, const char *what,
	const char *want, const char *got, struct mitok_err *e)
{
	enum mitok_code r = err_set(e, MITOK_E_DENIED,
		"the token is of another identity: its %s is '%s', but %s%s%s (%s) wants "
		"'%s'",
		what, *got ? got : "(none)", i->name ? "identity '" : "the identity",
		i->name ? i->name : "", i->name ? "'" : "", i->origin, want);

	return err_hint(e, r,
		"correct the identity in /etc/mi-token/mi-token.conf, or attach the one "
		"that is wanted: az vm identity assign -g RG -n VM --identities ID");
}

/* The audience is the resource, under any name of the service. An application's id stands
 * for names that are not known here, but not for those of other services. */
static bool is_audience(const char *audience, const char *resource)
{
	size_t a = strlen(audience), r = strlen(resource);

	while (a && audience[a - 1] == '/')
		a--;
	while (r && resource[r - 1] == '/')
		r--;
	if (a == r && strncasecmp(audience, resource, a) == 0)
		return true;
	return resource_same(audience, resource) ||
		((text_is_guid(audience) || text_is_guid(resource)) &&
			!resource_differs(audience, resource));
}

static enum mitok_code opaque(
	const char *want, const struct identity *i, struct mitok_err *e)
{
	return err_set(e, MITOK_E_DENIED,
		"the token is no JSON Web Token, so that its identity cannot be compared "
		"with "
		"'%s' (%s)",
		want, i->origin);
}

static enum mitok_code verify_kind(
	const struct claims *c, const struct identity *i, struct mitok_err *e)
{
	enum mitok_code r;

	if (i->kind != IDENTITY_SYSTEM)
		return MITOK_OK;
	if (!c->resource_id[0])
		return err_set(e, MITOK_E_DENIED,
			"the system-assigned identity was asked for (%s), but the token "
			"does "
			"not say whose it is",
			i->origin);
	if (!strcasestr(c->resource_id, "/userAssignedIdentities/"))
		return MITOK_OK;
	r = err_set(e, MITOK_E_DENIED,
		"the system-assigned identity was asked for (%s), but the token is of "
		"the "
		"user-assigned '%s'",
		i->origin, c->resource_id);
	return err_hint(e, r,
		"switch the system-assigned identity on: az vm identity assign -g GROUP "
		"-n VM; "
		"or name the other: --identity client-id:%s",
		c->client_id);
}

enum mitok_code claims_verify(const struct claims *c, const struct identity *i,
	const char *resource, struct mitok_err *e)
{
	static const struct claims none;
	const struct claims *has = c ? c : &none;
	const struct {
		const char *what, *want, *got;
	} pins[] = {
		{ "client id", i->client_id, has->client_id },
		{ "object id", i->object_id, has->object_id },
		{ "tenant", i->tenant_id, has->tenant_id },
		{ "resource id", i->resource_id, has->resource_id },
	};

	for (size_t n = 0; n < sizeof(pins) / sizeof(*pins); n++) {
		if (!pins[n].want || text_equal_nocase(pins[n].want, pins[n].got))
			continue;
		if (!c)
			return opaque(pins[n].want, i, e);
		return differs(i, pins[n].what, pins[n].want, pins[n].got, e);
	}
	if (c && c->audience[0] && !is_audience(c->audience, resource))
		return err_set(e, MITOK_E_DENIED,
			"the token is for '%s', but '%s' was asked for", c->audience,
			resource);
	if (!c && i->kind == IDENTITY_SYSTEM)
		return opaque("system", i, e);
	return c ? verify_kind(c, i, e) : MITOK_OK;
}
