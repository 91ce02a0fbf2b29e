/* Whose tokens are believed: the issuers and authorities of Entra, by cloud.
 * SPDX-License-Identifier: MIT */
#include "issuer.h"

#include <stdio.h>
#include <string.h>

/* Microsoft Learn, "National clouds" and "Access tokens in the Microsoft identity platform". */
static const char *const public_hosts[] = { "login.microsoftonline.com",
	"login.windows.net", "login.microsoft.com", "sts.windows.net", NULL };
static const char *const usgov_hosts[] = { "login.microsoftonline.us",
	"login-us.microsoftonline.com", NULL };
static const char *const china_hosts[] = { "login.partner.microsoftonline.cn",
	"login.chinacloudapi.cn", NULL };

// clang-format off
const struct cloud clouds[] = {
	{ "public", "login.microsoftonline.com",        "https://sts.windows.net/",      "https://login.microsoftonline.com/",        public_hosts },
	{ "usgov",  "login.microsoftonline.us",         "https://sts.windows.net/",      "https://login.microsoftonline.us/",         usgov_hosts  },
	{ "china",  "login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn/", "https://login.partner.microsoftonline.cn/", china_hosts  },
	{ NULL, NULL, NULL, NULL, NULL },
};
// clang-format on

const struct cloud *cloud_named(const char *name)
{
	const struct cloud *c = clouds;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name ? c : NULL;
}

static void copy_small(const char *from, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++)
		to[i] = text_lower(from[i]);
	to[len] = '\0';
}

void issuer_format(const struct cloud *c, enum version v, const char guid[GUID_SIZE],
	char ret[ISSUER_SIZE])
{
	(void)snprintf(ret, ISSUER_SIZE, "%s%s%s", v == VERSION_1 ? c->v1 : c->v2, guid,
		v == VERSION_1 ? "/" : "/v2.0");
}

bool issuer_parse(const struct cloud *c, const char *issuer, enum version *ret,
	char ret_guid[GUID_SIZE])
{
	const char *behind;

	if (text_starts(issuer, c->v1)) {
		*ret = VERSION_1;
		issuer += strlen(c->v1);
		behind = "/";
	} else if (text_starts(issuer, c->v2)) {
		*ret = VERSION_2;
		issuer += strlen(c->v2);
		behind = "/v2.0";
	} else {
		return false;
	}
	if (strlen(issuer) < GUID_SIZE || strcmp(issuer + GUID_SIZE - 1, behind) != 0)
		return false;
	copy_small(issuer, GUID_SIZE - 1, ret_guid);
	return text_is_guid(ret_guid) && memcmp(ret_guid, issuer, GUID_SIZE - 1) == 0;
}

/* Labels of letters, digits and hyphens, with dots between them. */
static bool is_domain(const char *s)
{
	size_t label = 0, dots = 0, len = strlen(s);

	if (len > 253)
		return false;
	for (const char *c = s; *c; c++) {
		bool is_letter = text_is_digit(*c) ||
			(text_lower(*c) >= 'a' && text_lower(*c) <= 'z');

		if (*c == '.' ? !label : !is_letter && (*c != '-' || !label))
			return false;
		dots += *c == '.';
		label = *c == '.' ? 0 : label + 1;
	}
	return dots && label;
}

static enum mitok_code set_tenant(
	const char *tenant, struct trust *ret, struct mitok_err *e)
{
	enum mitok_code r;

	ret->is_guid = text_is_guid(tenant);
	if (ret->is_guid || is_domain(tenant)) {
		copy_small(tenant, strlen(tenant), ret->tenant);
		return MITOK_OK;
	}
	r = err_set(e, MITOK_E_ARG, "--tenant is a GUID or a domain, not '%s'", tenant);
	return err_hint(
		e, r, "'common' and 'organizations' stand for every tenant there is");
}

static enum mitok_code set_issuer(
	const char *issuer, const char *cloud, struct trust *ret, struct mitok_err *e)
{
	enum version v = VERSION_1;
	enum mitok_code r;

	for (const struct cloud *c = clouds; c->name; c++) {
		if ((cloud && c != ret->cloud) ||
			!issuer_parse(c, issuer, &v, ret->tenant))
			continue;
		ret->cloud = c;
		ret->is_guid = true;
		ret->versions[VERSION_1] = v == VERSION_1;
		ret->versions[VERSION_2] = v == VERSION_2;
		return MITOK_OK;
	}
	r = err_set(e, MITOK_E_ARG, "'%s' is no issuer of Entra's in this cloud", issuer);
	return err_hint(e, r,
		"they are https://sts.windows.net/GUID/ and "
		"https://login.microsoftonline.com/GUID/v2.0, to the letter, or those of "
		"--cloud");
}

enum mitok_code trust_set(const char *tenant, const char *issuer, const char *cloud,
	struct trust *ret, struct mitok_err *e)
{
	enum mitok_code r;

	*ret = (struct trust){ .cloud = cloud_named(cloud ? cloud : "public"),
		.versions = { true, true } };
	if (!ret->cloud)
		return err_set(e, MITOK_E_ARG, "--cloud is public, usgov or china");
	if (tenant && issuer)
		return err_set(e, MITOK_E_ARG, "--tenant and --issuer: one of them");
	if (tenant)
		return set_tenant(tenant, ret, e);
	if (issuer)
		return set_issuer(issuer, cloud, ret, e);
	r = err_set(e, MITOK_E_ARG, "whose tokens? --tenant or --issuer is missing");
	return err_hint(e, r,
		"Entra signs the tokens of all tenants with the same keys, so that "
		"without "
		"it anybody's token would be good");
}

void trust_add_url(const struct trust *t, enum version v, struct text *ret)
{
	text_addf(ret, "https://%s/%s%s/.well-known/openid-configuration",
		t->cloud->authority, t->tenant, v == VERSION_2 ? "/v2.0" : "");
}

bool cloud_has_url(const struct cloud *c, const char *url)
{
	static const char scheme[] = "https://";
	size_t len;

	if (!text_starts(url, scheme))
		return false;
	url += strlen(scheme);
	for (const char *p = url; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("\\\"<>^`{|}#", *p))
			return false;
	len = strcspn(url, "/");
	for (const char *const *host = c->hosts; *host; host++)
		if (strlen(*host) == len && memcmp(*host, url, len) == 0 && url[len])
			return true;
	return false;
}
