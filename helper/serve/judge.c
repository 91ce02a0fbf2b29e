/* What may be asked: judges one request, without asking anybody.
 *
 * Targets are compared as they were sent: whoever reads one in another way than we do is
 * told no. SPDX-License-Identifier: MIT */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool refuse(struct judgment *j, int status, const char *code, const char *text)
{
	j->refusal = (struct refusal){ status, code, text };
	return false;
}

static bool is_bad(struct judgment *j, const char *text)
{
	return refuse(j, 400, "invalid_request", text);
}

/* The value of the header that stands there once; *ret_count tells how often. */
static const char *header(const struct arrival *a, const char *name, unsigned *ret_count)
{
	const char *value = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < a->count; i++)
		if (text_equal_nocase(a->fields[i].name, name)) {
			value = a->fields[i].value ? a->fields[i].value : "";
			++*ret_count;
		}
	return *ret_count == 1 ? value : NULL;
}

/* A field's name (RFC 9110, section 5.6.2): with a blank behind it, it is another one to
 * some, and the same to others. */
static bool is_token(const char *name)
{
	size_t len = 0;

	while (text_is_digit(name[len]) ||
		(text_lower(name[len]) >= 'a' && text_lower(name[len]) <= 'z') ||
		(name[len] && strchr("!#$%&'*+-.^_`|~", name[len])))
		len++;
	return len > 0 && !name[len];
}

/* Signs that the request comes from afar, through a proxy or out of a browser; and framings
 * that two readers may understand in two ways (RFC 9112, section 11.2). */
static bool comes_straight(const struct arrival *a, struct judgment *j)
{
	static const char *const afar[] = { "Forwarded", "Via", "Origin", "Referer",
		"Sec-Fetch-Site", "X-Real-IP", "X-Client-IP", "True-Client-IP",
		"CF-Connecting-IP" };
	static const char *const once[] = { "Host", "Content-Length", "Metadata",
		"X-IDENTITY-HEADER", "secret" };
	unsigned count;

	for (size_t i = 0; i < a->count; i++) {
		if (!is_token(a->fields[i].name))
			return is_bad(j, "A header's name is none");
		if (text_starts_nocase(a->fields[i].name, "X-Forwarded-"))
			return is_bad(j, "The request was forwarded");
	}
	for (size_t i = 0; i < COUNT(afar); i++) {
		(void)header(a, afar[i], &count);
		if (count)
			return is_bad(j, "The request was forwarded");
	}
	for (size_t i = 0; i < COUNT(once); i++) {
		(void)header(a, once[i], &count);
		if (count > 1)
			return is_bad(j, "A header is there twice");
	}
	(void)header(a, "Transfer-Encoding", &count);
	return count ? is_bad(j, "Transfer-Encoding is not taken") : true;
}

/* Names that lead here: others may be a page's that had its name point to us. On a unix
 * socket nothing is resolved, and 169.254.169.254 is what one writes. */
static bool is_host(const struct door *d, const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost",
		"169.254.169.254" };
	int64_t port = 80;

	for (size_t i = 0; i < COUNT(names) - (d->port != 0); i++) {
		const char *rest = host + strlen(names[i]);

		if (!text_starts_nocase(host, names[i]) || (*rest && *rest != ':'))
			continue;
		if (*rest &&
			(!text_is_digit(rest[1]) ||
				!text_to_number(rest + 1, 1, 65535, &port)))
			return false;
		return !d->port || port == (int64_t)d->port;
	}
	return false;
}

/* In a time that does not depend on where they differ. */
static bool is_secret(const char *got, const char *want)
{
	size_t len = strlen(want);
	unsigned char differ = 0;

	if (strlen(got) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		differ = (unsigned char)(differ | (got[i] ^ want[i]));
	return !differ;
}

static bool has_pass(const struct door *d, const struct arrival *a, struct judgment *j)
{
	const struct dialect *dialect = j->dialect;
	unsigned count;
	const char *value =
		header(a, dialect->secret ? dialect->secret : "Metadata", &count);

	if (!dialect->secret && (!value || !text_equal_nocase(value, "true")))
		return is_bad(j, "Required metadata header not specified");
	if (!dialect->secret && !d->imds && d->secret)
		return refuse(j, 403, "access_denied",
			"mi-token serves this only with --imds, because everybody can "
			"ask without a secret");
	if (dialect->secret && d->secret && (!value || !is_secret(value, d->secret)))
		return refuse(j, 401, "access_denied",
			"The secret of this endpoint is missing or wrong");
	return true;
}

/* Only the form of a dialect that has one, and that must be short. */
static bool has_right_body(const struct arrival *a, struct judgment *j)
{
	int64_t len = 0;
	unsigned count;
	const char *value = header(a, "Content-Length", &count);

	if (value &&
		(!text_is_digit(*value) ||
			!text_to_number(value, 0, (int64_t)FORM_MAX, &len)))
		return is_bad(j, "The body is too long");
	if (!j->dialect->has_form && len)
		return is_bad(j, "A body is not taken");
	return true;
}

static bool is_date(const char *s)
{
	static const char shape[] = "0000-00-00";

	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? !text_is_digit(s[i]) : s[i] != shape[i])
			return false;
	return !s[10] || strcmp(s + 10, "-preview") == 0;
}

static bool has_version(const char *form, struct judgment *j)
{
	const char *versions = j->dialect->versions;
	char got[PARAM_SIZE], word[PARAM_SIZE + 2];

	if (!versions)
		return true;
	if (params_find(form, "api-version", got) == PARAM_ONE) {
		(void)snprintf(word, sizeof(word), " %s ", got);
		if (*versions == '*' ? is_date(got) : strstr(versions, word) != NULL)
			return true;
	}
	return is_bad(j, "api-version is invalid or was not specified");
}

/* An identity by any of the names it has in the dialects; clients mix them up. */
static bool find_identity(const char *form, struct judgment *j)
{
	static const struct {
		const char *name, *prefix;
		bool is_guid;
	} names[] = {
		{ "client_id", "client-id:", true },
		{ "clientid", "client-id:", true },
		{ "object_id", "object-id:", true },
		{ "principal_id", "object-id:", true },
		{ "mi_res_id", "resource-id:", false },
		{ "msi_res_id", "resource-id:", false },
	};
	char value[PARAM_SIZE];

	for (size_t i = 0; i < COUNT(names); i++) {
		enum param p = params_find(form, names[i].name, value);

		if (p == PARAM_ABSENT)
			continue;
		if (p == PARAM_BAD || j->identity[0] || !j->dialect->has_ids)
			return is_bad(j,
				j->dialect->has_ids ? "More than one identity, or none"
						    : "An identity cannot be named here");
		if (names[i].is_guid ? !text_is_guid(value)
				     : !text_starts_nocase(value, "/subscriptions/"))
			return is_bad(j, "Identity not found");
		(void)snprintf(
			j->identity, sizeof(j->identity), "%s%s", names[i].prefix, value);
	}
	return true;
}

/* Whether both may be the same: those of different kinds are compared when the token is
 * there. */
static bool may_be_same(const char *want, const char *got)
{
	size_t kind = strcspn(got, ":") + 1;

	return strncmp(want, got, kind) != 0 || text_equal_nocase(want, got);
}

/* An audience is sent byte for byte, but a slash at its end makes it no other. */
static bool is_same_resource(const char *a, const char *b)
{
	size_t len_a = strlen(a), len_b = strlen(b);

	len_a -= len_a > 0 && a[len_a - 1] == '/';
	len_b -= len_b > 0 && b[len_b - 1] == '/';
	return len_a == len_b && memcmp(a, b, len_a) == 0;
}

static bool is_allowed(const struct door *d, struct judgment *j)
{
	const char *const *row = d->resources;

	if (d->identity && j->identity[0] && !may_be_same(d->identity, j->identity))
		return refuse(j, 403, "unauthorized_client",
			"Identity not found: mi-token serves another one (--identity)");
	while (row && *row && !is_same_resource(*row, j->resource))
		row++;
	if (row && !*row)
		return refuse(j, 403, "unauthorized_client",
			"mi-token does not serve tokens for this resource (--allow)");
	return true;
}

static bool has_right_parameters(
	const struct door *d, const char *form, struct judgment *j)
{
	if (!params_are_clear(form))
		return is_bad(j, "The parameters cannot be read");
	if (!has_version(form, j))
		return false;
	switch (params_find(form, "resource", j->resource)) {
	case PARAM_ONE:
		break;
	case PARAM_ABSENT:
		return is_bad(j, "'resource' is missing");
	case PARAM_BAD:
	default:
		return is_bad(j, "'resource' is there twice, or cannot be one");
	}
	return find_identity(form, j) && is_allowed(d, j);
}

static bool has_right_head(
	const struct door *d, const struct arrival *a, struct judgment *j)
{
	size_t len = strcspn(a->target, "?");
	unsigned count;
	const char *host;

	j->dialect = dialect_find(NULL, a->target, len);
	if (a->is_stranger)
		return refuse(j, 403, "access_denied",
			"mi-token serves the user who started it, and this is another");
	if (!j->dialect)
		return is_bad(j, "There is nothing at this path");
	if (!dialect_find(a->method, a->target, len))
		return is_bad(j, "This method is not taken here");
	if (!comes_straight(a, j))
		return false;
	host = header(a, "Host", &count);
	if (!host || !is_host(d, host))
		return is_bad(j, "The Host header is another's");
	return has_right_body(a, j) && has_pass(d, a, j);
}

void judge(const struct door *d, const struct arrival *a, struct judgment *ret)
{
	const char *query = strchr(a->target, '?');

	*ret = (struct judgment){ .dialect = NULL };
	if (!has_right_head(d, a, ret))
		return;
	if (!ret->dialect->has_form)
		(void)has_right_parameters(d, query ? query + 1 : "", ret);
	else if (query)
		(void)is_bad(ret, "The parameters belong into the body");
	else if (a->form)
		(void)has_right_parameters(d, a->form, ret);
	else
		ret->wants_form = true;
}
