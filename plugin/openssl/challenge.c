/* Whom a vault says it trusts. SPDX-License-Identifier: MIT */
#include "openssl/challenge.h"

#include <string.h>

#include "openssl/span.h"

/* What the parameters of a Bearer challenge said. */
struct found {
	struct span resource, scope, authorization;
};

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* What other schemes have instead of parameters (RFC 9110, section 11.2). */
static const char *skip_token68(const char *s)
{
	const char *end = s + strspn(s, LETTERS DIGITS "-._~+/");

	end = skip_blanks(end + strspn(end, "="));
	return *end && *end != ',' ? s : end;
}

/* RFC 9110, section 5.6.2. */
static struct span take_token(const char **s)
{
	struct span t = { *s, strspn(*s, LETTERS DIGITS "!#$%&'*+-.^_`|~") };

	*s += t.len;
	return t;
}

/* A token or a quoted string (RFC 9110, section 5.6.4) without its quotes. A backslash
 * stays in: no URL has one. false: it never ends. */
static bool take_value(const char **s, struct span *ret)
{
	const char *end = *s + 1;

	if (**s != '"') {
		*ret = (struct span){ *s, strcspn(*s, " \t,\"") };
		*s += ret->len;
		return true;
	}
	while (*end && *end != '"')
		end += end[0] == '\\' && end[1] ? 2 : 1;
	if (!*end)
		return false;
	*ret = (struct span){ *s + 1, (size_t)(end - *s - 1) };
	*s = end + 1;
	return true;
}

/* false: one that counts stands there twice. */
static bool keep(struct found *f, struct span name, struct span value)
{
	struct span *place = span_is(name, "resource") ? &f->resource
		: span_is(name, "scope")               ? &f->scope
		: span_is(name, "authorization")       ? &f->authorization
						       : NULL;

	if (!place)
		return true;
	if (place->p)
		return false;
	*place = value;
	return true;
}

/* One NAME=VALUE, or a scheme, or nothing between two commas. *in_bearer: the scheme that
 * parameters belong to is the first Bearer. NULL, or what is wrong. */
static const char *read_item(
	const char **s, bool *in_bearer, unsigned *bearers, struct found *ret)
{
	struct span name = take_token(s), value = { NULL, 0 };
	const char *after = skip_blanks(*s);

	if (name.len == 0)
		return **s && **s != ',' ? "it has something that is no parameter" : NULL;
	if (*after != '=') {
		*in_bearer = span_is(name, "Bearer") && (*bearers)++ == 0;
		*s = skip_token68(after);
		return NULL;
	}
	*s = skip_blanks(after + 1);
	if (!take_value(s, &value))
		return "it has a quoted text without an end";
	*s = skip_blanks(*s);
	if (**s && **s != ',')
		return "it has no comma between parameters";
	if (*in_bearer && !keep(ret, name, value))
		return "it has a parameter twice";
	return NULL;
}

/* RFC 9110, section 11.6.1: challenges of any schemes, each with its parameters, and
 * commas between all of them. */
static const char *read_value(const char *s, struct found *ret)
{
	bool in_bearer = false;
	unsigned bearers = 0;

	for (const char *c = s; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return "it has control characters";
	for (s = skip_blanks(s); *s; s = skip_blanks(s)) {
		const char *wrong = read_item(&s, &in_bearer, &bearers, ret);

		if (wrong)
			return wrong;
		s += *s == ',';
	}
	return bearers ? NULL : "it is no Bearer challenge";
}

/* false: it is too long. */
static bool copy(char *dst, size_t size, struct span s)
{
	if (s.len >= size)
		return false;
	if (s.len)
		memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return true;
}

/* https://HOST/TENANT, one slash behind it or not; else "". */
static void read_tenant(struct span authorization, char ret[64])
{
	static const char scheme[] = "https://";
	struct span tenant = authorization;
	const char *slash;

	if (tenant.len < strlen(scheme) || !text_starts_nocase(tenant.p, scheme))
		return;
	tenant.p += strlen(scheme);
	tenant.len -= strlen(scheme);
	slash = memchr(tenant.p, '/', tenant.len);
	if (!slash)
		return;
	tenant.len -= (size_t)(slash + 1 - tenant.p);
	tenant.p = slash + 1;
	tenant.len -= tenant.len && tenant.p[tenant.len - 1] == '/';
	if (strspn(tenant.p, LETTERS DIGITS ".-") >= tenant.len)
		(void)!copy(ret, 64, tenant);
}

enum mitok_code challenge_parse(
	const char *value, struct challenge *ret, struct mitok_err *e)
{
	static const char suffix[] = "/.default";
	struct found f = { .resource = { NULL, 0 } };
	struct challenge c = { "", "" };
	const char *wrong = read_value(value, &f);
	struct span named = f.scope.len ? f.scope : f.resource;

	if (!wrong && !copy(c.resource, sizeof(c.resource), named))
		wrong = "the resource in it is too long";
	if (!wrong && text_has_control(c.resource))
		wrong = "the resource in it has control characters";
	if (wrong)
		return err_set(e, MITOK_E_REPLY,
			"a WWW-Authenticate that cannot be used: %s", wrong);
	if (f.scope.len && text_ends_nocase(c.resource, suffix))
		c.resource[named.len - strlen(suffix)] = '\0';
	read_tenant(f.authorization, c.tenant);
	*ret = c;
	return MITOK_OK;
}

bool challenge_is_for(const struct challenge *c, const char *host)
{
	static const char scheme[] = "https://";
	const char *name = c->resource + strlen(scheme);
	char suffix[sizeof(c->resource) + 1] = ".";
	size_t len;

	if (!text_starts_nocase(c->resource, scheme))
		return false;
	/* no user, no port, and nothing that another reader could take for the end of it */
	len = strspn(name, LETTERS DIGITS ".-");
	if (len == 0 || name[0] == '.' || (name[len] && name[len] != '/') ||
		strpbrk(name, "\\?#@%"))
		return false;
	memcpy(suffix + 1, name, len);
	suffix[1 + len] = '\0';
	/* "https://net" would be for everybody */
	return strchr(suffix + 1, '.') && text_ends_nocase(host, suffix);
}
