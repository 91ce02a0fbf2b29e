/* What a token is for: scopes, aliases and URLs into the resource that Entra knows.
 * SPDX-License-Identifier: MIT */
#include "core/resource.h"

#include <stdio.h>
#include <string.h>

#include "base/near.h"

/* az's names and azEnvironment's (Instance Metadata Service, "compute"). */
static const struct {
	const char *name;
	enum cloud cloud;
} clouds[] = {
	{ "public", CLOUD_PUBLIC }, /* the first name of each is ours */
	{ "usgov", CLOUD_USGOV },
	{ "china", CLOUD_CHINA },
	{ "AzurePublicCloud", CLOUD_PUBLIC },
	{ "AzureCloud", CLOUD_PUBLIC },
	{ "AzureUSGovernmentCloud", CLOUD_USGOV },
	{ "AzureUSGovernment", CLOUD_USGOV },
	{ "AzureChinaCloud", CLOUD_CHINA },
};
#define CLOUD_NAMES (sizeof(clouds) / sizeof(*clouds))

enum cloud cloud_find(const char *name)
{
	for (size_t i = 0; i < CLOUD_NAMES; i++)
		if (text_equal_nocase(clouds[i].name, name))
			return clouds[i].cloud;
	return CLOUD_UNKNOWN;
}

const char *cloud_name(enum cloud c)
{
	for (size_t i = 0; i < CLOUD_NAMES; i++)
		if (clouds[i].cloud == c)
			return clouds[i].name;
	return "auto";
}

enum mitok_code resource_check(const char *resource, struct mitok_err *e)
{
	if (!*resource)
		return err_set(e, MITOK_E_ARG, "the resource is empty");
	if (strlen(resource) >= sizeof(((struct resource *)NULL)->value))
		return err_set(e, MITOK_E_ARG, "the resource is too long");
	for (const char *p = resource; *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(e, MITOK_E_ARG,
				"the resource has a blank, a control or a foreign "
				"character");
	return MITOK_OK;
}

/* Only "/.default" itself goes: "https://x//.default" is the scope of "https://x/"
 * (Microsoft Learn, "Scopes and permissions", trailing slash and .default). */
enum mitok_code resource_from_scope(
	const char *scope, char *ret, size_t size, struct mitok_err *e)
{
	static const char suffix[] = "/.default";
	size_t len = strlen(scope), cut = sizeof(suffix) - 1;
	enum mitok_code r = resource_check(scope, e);

	if (r)
		return err_within(e, r, "scope");
	if (len >= cut && strcmp(scope + len - cut, suffix) == 0)
		len -= cut;
	if (len == 0)
		return err_set(e, MITOK_E_ARG, "the scope is empty");
	if (len >= size)
		return err_set(e, MITOK_E_ARG, "the scope is too long");
	memcpy(ret, scope, len);
	ret[len] = '\0';
	return MITOK_OK;
}

/* Without case, and but for one trailing slash. */
static bool is_but_slash(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n > 0 && a[n - 1] == '/';
	m -= m > 0 && b[m - 1] == '/';
	for (size_t i = 0; i < n && n == m; i++)
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	return n == m;
}

/* The row and cloud a resource is of. A GUID is the same in all: CLOUD_UNKNOWN. */
static const struct resource_row *find_row(const char *resource, enum cloud *ret)
{
	for (const struct resource_row *row = resource_rows; row->about; row++) {
		*ret = CLOUD_UNKNOWN;
		if (row->app_id && text_equal_nocase(row->app_id, resource))
			return row;
		for (int c = 0; c < CLOUD_COUNT; c++) {
			*ret = (enum cloud)c;
			if (row->resource[c] && is_but_slash(row->resource[c], resource))
				return row;
		}
	}
	/* ARM's audience from the time before it was ARM. */
	for (const struct resource_host *h = resource_hosts; h->suffix; h++) {
		*ret = h->cloud;
		if (!h->alias && text_starts(h->suffix, "management.core.") &&
			text_starts_nocase(resource, "https://") &&
			is_but_slash(resource + 8, h->suffix))
			return resource_rows;
	}
	return NULL;
}

bool resource_same(const char *a, const char *b)
{
	enum cloud x = CLOUD_UNKNOWN, y = CLOUD_UNKNOWN;
	const struct resource_row *row;

	if (is_but_slash(a, b))
		return true;
	row = find_row(a, &x);
	return row && row == find_row(b, &y) &&
		(x == y || x == CLOUD_UNKNOWN || y == CLOUD_UNKNOWN);
}

bool resource_differs(const char *a, const char *b)
{
	enum cloud x, y;

	return find_row(a, &x) && find_row(b, &y) && !resource_same(a, b);
}

const char *resource_right_spelling(const char *resource)
{
	for (const struct resource_row *row = resource_rows; row->about; row++) {
		for (int c = 0; row->minds_slash && c < CLOUD_COUNT; c++) {
			const char *right = row->resource[c];

			if (right && is_but_slash(right, resource) &&
				!text_equal_nocase(right, resource))
				return right;
		}
	}
	return NULL;
}

/* A name of letters, digits, '-' and '_' in labels (RFC 1123, section 2.1). */
static bool is_host(const char *host)
{
	size_t label = 0;

	for (const char *p = host; *p; p++) {
		char c = text_lower(*p);

		if (c == '.' && (label == 0 || p[-1] == '-'))
			return false;
		if (c != '.' && !text_is_digit(c) && !(c >= 'a' && c <= 'z') &&
			!(c == '_' || (c == '-' && label > 0)))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

/* The authority of a URL without its port and root dot, in lower case. NULL, or why it is
 * refused: whatever some parser could read as another host (RFC 3986, section 3.2). */
static const char *read_authority(const char *s, size_t len, char *ret, size_t size)
{
	const char *colon = memchr(s, ':', len);

	if (memchr(s, '@', len))
		return "it has a user";
	if (colon) {
		if (s + len - colon != 4 || memcmp(colon, ":443", 4) != 0)
			return "its port is not 443";
		len = (size_t)(colon - s);
	}
	if (len > 1 && s[len - 1] == '.')
		len--;
	if (len == 0 || len >= size)
		return "it has no host, or one that is too long";
	for (size_t i = 0; i < len; i++)
		ret[i] = text_lower(s[i]);
	ret[len] = '\0';
	return is_host(ret) ? NULL : "its host is no name";
}

/* Host and path of an https URL; query and fragment are dropped. */
static const char *read_url(const char *url, struct resource *ret)
{
	const char *at = url + strlen("https://");
	size_t len = strcspn(at, "/?#"), path_len;
	const char *why;

	for (const char *p = url; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '\\')
			return "it has a blank, a backslash, a control or a foreign "
			       "character";
	why = read_authority(at, len, ret->host, sizeof(ret->host));
	if (why)
		return why;
	at += len;
	path_len = *at == '/' ? strcspn(at, "?#") : 0;
	if (path_len >= sizeof(ret->path))
		return "its path is too long";
	memcpy(ret->path, path_len ? at : "/", path_len ? path_len : 1);
	ret->path[path_len ? path_len : 1] = '\0';
	return NULL;
}

/* Whether host is what a row of resource_hosts describes. */
static bool is_host_of(const char *host, const char *suffix)
{
	const char *label = strchr(host, '.');
	size_t len = strlen(host), n = strlen(suffix);

	if (*suffix == '*')
		return label && strcmp(label, suffix + 1) == 0;
	if (*suffix == '.')
		return len > n && strcmp(host + len - n, suffix) == 0;
	return strcmp(host, suffix) == 0;
}

/* The host's row, by the longest suffix. */
static const struct resource_host *find_host(const char *host)
{
	const struct resource_host *best = NULL;

	for (const struct resource_host *h = resource_hosts; h->suffix; h++)
		if (is_host_of(host, h->suffix) &&
			(!best || strlen(h->suffix) > strlen(best->suffix)))
			best = h;
	return best;
}

static const struct resource_row *find_alias(const char *alias)
{
	for (const struct resource_row *row = resource_rows; row->about; row++)
		if (row->alias && text_equal_nocase(row->alias, alias))
			return row;
	return NULL;
}

static enum mitok_code unknown_host(
	const char *url, const char *host, struct mitok_err *e)
{
	enum mitok_code r = err_set(e, MITOK_E_ARG,
		"no service of Azure that is known here has the host '%s'", host);

	if (text_ends_nocase(url, "/.default"))
		return err_hint(e, r, "for a scope use --scope %s", url);
	return err_hint(e, r, "say with --resource which resource the token is for");
}

static enum mitok_code resolve_url(
	const char *url, struct resource *ret, struct mitok_err *e)
{
	struct resource found = { 0 };
	const char *why = read_url(url, &found), *value = NULL;
	const struct resource_row *row;
	const struct resource_host *host;
	enum cloud cloud = CLOUD_UNKNOWN;
	AUTO_TEXT shown = { 0 };
	bool fits;

	text_add_shown_url(&shown, url);
	if (why)
		return err_set(e, MITOK_E_ARG, "the URL '%s' is refused: %s",
			text_peek(&shown), why);
	row = find_row(url, &cloud);
	host = find_host(found.host);
	if (row && row->resource[cloud] && is_but_slash(row->resource[cloud], url))
		value = row->resource[cloud];
	else if (host && host->alias && (row = find_alias(host->alias)))
		value = row->resource[host->cloud];
	if (!value && (!host || host->alias))
		return unknown_host(url, found.host, e);
	fits = value ? TEXT_COPY(found.value, value)
		     : snprintf(found.value, sizeof(found.value), "https://%s",
			       found.host) > 0;
	if (!fits)
		return err_set(e, MITOK_E_BUG, "the resource of '%s' does not fit", url);
	*ret = found;
	return MITOK_OK;
}

static enum mitok_code unknown_alias(const char *target, struct mitok_err *e)
{
	struct near n = { .typed = target };
	enum mitok_code r = err_set(e, MITOK_E_ARG,
		"'%s' is no alias, URL, GUID or api:// URI of a resource", target);

	for (const struct resource_row *row = resource_rows; row->about; row++)
		if (row->alias)
			near_try(&n, row->alias);
	return n.best
		? err_hint(e, r, "did you mean '%s'?", n.best)
		: err_hint(e, r,
			  "mi-token(1) lists the aliases; --resource takes anything");
}

/* The one resource that all clouds where the service exists have in common; else NULL. */
static const char *common_resource(const struct resource_row *row)
{
	const char *one = NULL;

	for (int c = 0; c < CLOUD_COUNT; c++) {
		if (one && row->resource[c] && strcmp(one, row->resource[c]) != 0)
			return NULL;
		one = one ? one : row->resource[c];
	}
	return one;
}

static enum mitok_code resolve_alias(const char *target, enum cloud cloud,
	struct resource *ret, bool *ret_needs_cloud, struct mitok_err *e)
{
	const struct resource_row *row = find_alias(target);
	struct resource found = { 0 };
	const char *value;

	if (!row)
		return unknown_alias(target, e);
	value = cloud == CLOUD_UNKNOWN ? common_resource(row) : row->resource[cloud];
	if (!value && cloud == CLOUD_UNKNOWN) {
		*ret_needs_cloud = true;
		return MITOK_OK;
	}
	if (!value)
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"the resource of '%s' in the cloud '%s' is not known",
				row->alias, cloud_name(cloud)),
			"say it with --resource");
	if (!TEXT_COPY(found.value, value))
		return err_set(
			e, MITOK_E_BUG, "the resource of '%s' does not fit", target);
	*ret = found;
	return MITOK_OK;
}

enum mitok_code resource_resolve(const char *target, enum cloud cloud,
	struct resource *ret, bool *ret_needs_cloud, struct mitok_err *e)
{
	struct resource found = { 0 };
	enum mitok_code r = resource_check(target, e);

	*ret_needs_cloud = false;
	if (r)
		return r;
	if (text_starts_nocase(target, "https://"))
		return resolve_url(target, ret, e);
	if (text_is_guid(target) || text_starts(target, "api://")) {
		if (!TEXT_COPY(found.value, target))
			return err_set(e, MITOK_E_ARG, "the resource is too long");
		*ret = found;
		return MITOK_OK;
	}
	if (strstr(target, "://"))
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "the URL '%s' is not https", target),
			"tokens are for https hosts; --resource takes any identifier");
	return resolve_alias(target, cloud, ret, ret_needs_cloud, e);
}
