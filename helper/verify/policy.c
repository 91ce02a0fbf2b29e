/* What a token must say to be let in (RFC 7519, section 4.1).
 * SPDX-License-Identifier: MIT */
#include "policy.h"

#include <string.h>

#include "audience.h"
#include "base/clock.h"

/* What is to be judged. */
struct check {
	const struct policy *p;
	const struct trust *trust;
	const struct token *t;
	int64_t now_s;
	struct mitok_err *e;
};

static const struct item *claim(const struct token *t, const char *name)
{
	return item_member(t->claims, name);
}

/* A claim that is a text; *ret stays NULL when it is not there. */
static enum reason read_text(const struct check *c, const char *name, const char **ret)
{
	const struct item *v = claim(c->t, name);

	*ret = NULL;
	if (!v)
		return REASON_NONE;
	if (v->kind == ITEM_TEXT) {
		*ret = v->text;
		return REASON_NONE;
	}
	return reason_refuse(c->e, REASON_CLAIM, "its claim '%s' is no text", name);
}

static enum reason read_guid(const struct check *c, const char *name, const char **ret)
{
	enum reason r = read_text(c, name, ret);

	if (r || !*ret || text_is_guid(*ret))
		return r;
	return reason_refuse(c->e, REASON_CLAIM, "its claim '%s' is no GUID", name);
}

/* Who has signed it, they say; the signature is to tell. */
static enum reason check_issuer(const struct check *c, struct claims *ret)
{
	enum reason r = read_text(c, "iss", &ret->issuer);

	if (r)
		return r;
	if (!ret->issuer ||
		!issuer_parse(c->trust->cloud, ret->issuer, &ret->version, ret->tenant))
		return reason_refuse(c->e, REASON_ISSUER,
			"its issuer is '%s', which is not Entra in the cloud '%s'",
			ret->issuer ? ret->issuer : "", c->trust->cloud->name);
	if (c->trust->is_guid && strcmp(c->trust->tenant, ret->tenant) != 0)
		return reason_refuse(c->e, REASON_TENANT,
			"it is from the tenant '%s', not from '%s'", ret->tenant,
			c->trust->tenant);
	if (!c->trust->versions[ret->version])
		return reason_refuse(c->e, REASON_ISSUER,
			"its issuer is '%s', which is the other form than --issuer's",
			ret->issuer);
	return REASON_NONE;
}

static enum reason check_version(const struct check *c, const struct claims *claims)
{
	const char *want = claims->version == VERSION_1 ? "1.0" : "2.0";
	const struct item *ver = claim(c->t, "ver");

	if (item_equals(ver, want))
		return REASON_NONE;
	return reason_refuse(c->e, REASON_VERSION,
		"its version ('ver') is '%s', and its issuer writes '%s'",
		item_is_text(ver) ? ver->text : "", want);
}

static enum reason check_tenant(const struct check *c, const struct claims *claims)
{
	const char *tid = NULL;
	enum reason r = read_guid(c, "tid", &tid);

	if (r || (tid && text_equal_nocase(tid, claims->tenant)))
		return r;
	return reason_refuse(c->e, REASON_TENANT,
		"its tenant ('tid') is '%s', and its issuer's is '%s'", tid ? tid : "",
		claims->tenant);
}

static bool is_among(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

static bool is_among_guids(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (text_equal_nocase(text, *list))
			return true;
	return false;
}

/* The one that is the same but for a slash at the end; NULL: none. */
static const char *find_slash(const char *text, const char *const *list)
{
	size_t len = strlen(text);

	len -= len > 0 && text[len - 1] == '/';
	for (; *list; list++)
		if (strncmp(text, *list, len) == 0 &&
			(strcmp(*list + len, "/") == 0 || !(*list)[len]))
			return *list;
	return NULL;
}

static enum reason refuse_audience(const struct check *c, const char *audience)
{
	const char *near = find_slash(audience, c->p->audiences);
	const char *service = audience_service(audience);

	if (near)
		return reason_refuse(c->e, REASON_SLASH,
			"it is for '%s', which differs from '%s' by the slash at the "
			"end",
			audience, near);
	if (service)
		return reason_refuse(c->e, REASON_FOREIGN,
			"it is for %s ('%s'), a service of Microsoft's, and not for this "
			"one",
			service, audience);
	return reason_refuse(c->e, REASON_AUDIENCE, "it is for '%s', not for '%s'%s",
		audience, c->p->audiences[0],
		c->p->audiences[1] ? " or another that is accepted" : "");
}

static enum reason check_audience(const struct check *c, struct claims *ret)
{
	enum reason r = read_text(c, "aud", &ret->audience);

	if (r)
		return r;
	if (!ret->audience)
		return reason_refuse(c->e, REASON_AUDIENCE, "it is for nobody ('aud')");
	return is_among(ret->audience, c->p->audiences)
		? REASON_NONE
		: refuse_audience(c, ret->audience);
}

/* Whole seconds; *ret stays as it is when the claim is not there. */
static enum reason read_time(const struct check *c, const char *name, int64_t *ret)
{
	const struct item *v = claim(c->t, name);

	if (!v || item_to_number(v, CLOCK_MAX_S, ret))
		return REASON_NONE;
	return reason_refuse(c->e, REASON_CLAIM,
		"its claim '%s' is no whole number of seconds since 1970", name);
}

static enum reason refuse_time(
	const struct check *c, enum reason r, const char *what, int64_t at)
{
	char date[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	clock_format(at, date);
	clock_format(c->now_s, now);
	return reason_refuse(c->e, r, "%s %s; the clock here says %s", what, date, now);
}

/* RFC 7519, sections 4.1.4 to 4.1.6. */
static enum reason check_times(const struct check *c)
{
	int64_t exp = -1, nbf = 0, iat = 0, skew = c->p->skew_s;
	enum reason r = read_time(c, "exp", &exp);

	if (!r)
		r = read_time(c, "nbf", &nbf);
	if (!r)
		r = read_time(c, "iat", &iat);
	if (r)
		return r;
	if (exp < 0)
		return reason_refuse(c->e, REASON_CLAIM, "it never expires ('exp')");
	if (c->now_s - skew >= exp)
		return refuse_time(c, REASON_EXPIRED, "it expired at", exp);
	if (nbf > c->now_s + skew)
		return refuse_time(c, REASON_EARLY, "it is not valid before", nbf);
	if (iat > c->now_s + skew)
		return refuse_time(c, REASON_FUTURE, "it was issued at", iat);
	return REASON_NONE;
}

/* An ID token of the same application has the same issuer, audience and keys (RFC 8725, section
 * 2.8), but no application that asked for it. */
static enum reason check_client(const struct check *c, struct claims *ret)
{
	const bool is_first = ret->version == VERSION_1;
	const char *name = is_first ? "appid" : "azp", *other = NULL;
	enum reason r = read_guid(c, name, &ret->client);

	if (!r)
		r = read_guid(c, is_first ? "azp" : "appid", &other);
	if (r)
		return r;
	if (!ret->client)
		return reason_refuse(c->e, REASON_NO_CLIENT,
			"it does not say which application asked for it ('%s'): an ID "
			"token is no access token",
			name);
	if (other && !text_equal_nocase(other, ret->client))
		return reason_refuse(c->e, REASON_CLAIM,
			"it names two applications ('appid' and 'azp')");
	return REASON_NONE;
}

/* RFC 7800, section 3: whoever brings it has to prove that he has a key, which nobody who only
 * sends it does. To take it all the same would make it worth stealing. */
static enum reason check_bound(const struct check *c)
{
	if (!claim(c->t, "cnf"))
		return REASON_NONE;
	return reason_refuse(c->e, REASON_BOUND,
		"it is bound to a key ('cnf'), and no proof of that key can be sent "
		"here");
}

static enum reason read_roles(const struct check *c, const struct item **ret)
{
	const struct item *roles = claim(c->t, "roles");
	bool good = !roles || roles->kind == ITEM_ARRAY;

	for (const struct item *v = good && roles ? roles->child : NULL; v; v = v->next)
		good = good && item_is_text(v);
	*ret = roles;
	return good ? REASON_NONE
		    : reason_refuse(c->e, REASON_CLAIM,
			      "its claim 'roles' is no list of texts");
}

static enum reason read_others(const struct check *c, struct claims *ret)
{
	enum reason r = read_guid(c, "oid", &ret->object);

	if (!r)
		r = read_text(c, "sub", &ret->subject);
	if (!r)
		r = read_text(c, "scp", &ret->scopes);
	return r ? r : read_roles(c, &ret->roles);
}

enum reason policy_read(const struct policy *p, const struct token *t, int64_t now_s,
	struct claims *ret, struct mitok_err *e)
{
	const struct check c = { p, p->trust, t, now_s, e };
	enum reason r;

	*ret = (struct claims){ .issuer = NULL };
	r = check_issuer(&c, ret);
	if (!r)
		r = check_version(&c, ret);
	if (!r)
		r = check_tenant(&c, ret);
	if (!r)
		r = check_audience(&c, ret);
	if (!r)
		r = check_times(&c);
	if (!r)
		r = check_client(&c, ret);
	if (!r)
		r = check_bound(&c);
	return r ? r : read_others(&c, ret);
}

static bool has_role(const struct claims *c, const char *role)
{
	for (const struct item *v = c->roles ? c->roles->child : NULL; v; v = v->next)
		if (strcmp(v->text, role) == 0)
			return true;
	return false;
}

enum reason policy_admit(const struct policy *p, const struct token *t,
	const struct claims *c, struct mitok_err *e)
{
	if (p->app_only && c->scopes)
		return reason_refuse(e, REASON_USER,
			"it acts for a user: it has scopes ('scp' is '%s')", c->scopes);
	if (p->app_only && !item_equals(claim(t, "idtyp"), "app"))
		return reason_refuse(e, REASON_USER,
			"it does not say that it is an application's own (the optional "
			"claim 'idtyp' is not 'app')");
	if (*p->appids && !is_among_guids(c->client, p->appids))
		return reason_refuse(e, REASON_APPID,
			"the application '%s' is not allowed", c->client);
	if (*p->oids && (!c->object || !is_among_guids(c->object, p->oids)))
		return reason_refuse(e, REASON_OID, "the identity '%s' is not allowed",
			c->object ? c->object : "");
	for (const char *const *role = p->roles; *role; role++)
		if (!has_role(c, *role))
			return reason_refuse(e, REASON_ROLE,
				"it lacks the role '%s'; assign it to the identity '%s'",
				*role, c->object ? c->object : "");
	return REASON_NONE;
}
