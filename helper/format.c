/* What a token is printed as.
 * SPDX-License-Identifier: MIT */
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "io/json.h"

static bool add_value(struct secret *s, const char *before, const struct mitok_token *t,
	const char *after)
{
	size_t len;
	const char *value = mitok_token_value(t, &len);

	return secret_add_text(s, before) && secret_add(s, value, len) &&
		secret_add_text(s, after);
}

static bool add_number(
	struct secret *s, const char *before, long long n, const char *after)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%lld", n);
	return secret_add_text(s, before) && secret_add_text(s, digits) &&
		secret_add_text(s, after);
}

static bool add_token(const struct mitok_token *t, struct secret *s)
{
	return add_value(s, "", t, "\n");
}

static bool add_header(const struct mitok_token *t, struct secret *s)
{
	return add_value(s, "Authorization: Bearer ", t, "\n");
}

/* A line for `curl --config`, so that the token is in no process list. */
static bool add_curl(const struct mitok_token *t, struct secret *s)
{
	return add_value(s, "header = \"Authorization: Bearer ", t, "\"\n");
}

/* A token has no character that a shell minds; reply.c lets no other in. */
static bool add_variables(const struct mitok_token *t, struct secret *s,
	const char *assign, const char *between)
{
	char before[64];

	(void)snprintf(before, sizeof(before), "%sMI_TOKEN%s'", assign, between);
	if (!add_value(s, before, t, "'\n"))
		return false;
	(void)snprintf(
		before, sizeof(before), "%sMI_TOKEN_EXPIRES_ON%s", assign, between);
	return add_number(s, before, mitok_token_time(t, MITOK_TIME_EXPIRES), "\n");
}

static bool add_env(const struct mitok_token *t, struct secret *s)
{
	return add_variables(t, s, "export ", "=");
}

static bool add_env_no_export(const struct mitok_token *t, struct secret *s)
{
	return add_variables(t, s, "", "=");
}

static bool add_fish(const struct mitok_token *t, struct secret *s)
{
	return add_variables(t, s, "set -gx ", " ");
}

static bool add_exp(const struct mitok_token *t, struct secret *s)
{
	return add_number(s, "", mitok_token_time(t, MITOK_TIME_EXPIRES), "\n");
}

static bool add_json(const struct mitok_token *t, struct secret *s)
{
	static const struct {
		const char *name;
		enum mitok_text which;
	} texts[] = {
		{ "token_type", MITOK_TEXT_TYPE },
		{ "resource", MITOK_TEXT_RESOURCE },
		{ "client_id", MITOK_TEXT_CLIENT_ID },
		{ "tenant_id", MITOK_TEXT_TENANT_ID },
	};
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	AUTO_TEXT rest = { 0 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		text_addf(&rest, ",\n  \"%s\": ", texts[i].name);
		text_add_json(&rest, mitok_token_text(t, texts[i].which));
	}
	return add_value(s, "{\n  \"access_token\": \"", t, "\"") &&
		add_number(s, ",\n  \"expires_on\": ", expires, "") &&
		add_number(s, ",\n  \"expires_in\": ", expires - (long long)time(NULL),
			"") &&
		text_ok(&rest) && secret_add_text(s, text_peek(&rest)) &&
		secret_add_text(s, "\n}\n");
}

/* What `az account get-access-token` prints, its members in their order; which subscription
 * the identity is at work in is not known here. */
static bool add_az(const struct mitok_token *t, struct secret *s)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	time_t at = (time_t)expires;
	AUTO_TEXT rest = { 0 };
	struct tm tm;
	char local[40];

	if (!localtime_r(&at, &tm) ||
		!strftime(local, sizeof(local), "%Y-%m-%d %H:%M:%S.000000", &tm))
		return false;
	text_addf(&rest, ",\n  \"expiresOn\": \"%s\",\n  \"expires_on\": %lld", local,
		expires);
	text_add(&rest, ",\n  \"tenant\": ");
	text_add_json(&rest, mitok_token_text(t, MITOK_TEXT_TENANT_ID));
	text_add(&rest, ",\n  \"tokenType\": ");
	text_add_json(&rest, mitok_token_text(t, MITOK_TEXT_TYPE));
	return add_value(s, "{\n  \"accessToken\": \"", t, "\"") && text_ok(&rest) &&
		secret_add_text(s, text_peek(&rest)) && secret_add_text(s, "\n}\n");
}

/* What `azd auth token --output json` prints. */
static bool add_azd(const struct mitok_token *t, struct secret *s)
{
	char expires[CLOCK_TEXT_SIZE];

	clock_format(mitok_token_time(t, MITOK_TIME_EXPIRES), expires);
	return add_value(s, "{\n  \"token\": \"", t, "\",\n  \"expiresOn\": \"") &&
		secret_add_text(s, expires) && secret_add_text(s, "\"\n}\n");
}

/* The version that the client speaks (Kubernetes, "client-go credential plugins"). */
static enum mitok_code find_kube_version(const char **ret, struct mitok_err *e)
{
	static const char *const versions[] = { "client.authentication.k8s.io/v1beta1",
		"client.authentication.k8s.io/v1" };
	const char *info = secure_getenv("KUBERNETES_EXEC_INFO"), *version;
	AUTO_JSON j = NULL;

	*ret = versions[0];
	if (!info || !*info)
		return MITOK_OK;
	if (json_parse_document(info, strlen(info), &j, e))
		return err_set(e, MITOK_E_ARG, "KUBERNETES_EXEC_INFO is no JSON");
	version = json_text(json_member(j, "apiVersion"));
	for (size_t i = 0; version && i < sizeof(versions) / sizeof(*versions); i++) {
		if (strcmp(versions[i], version) == 0) {
			*ret = versions[i];
			return MITOK_OK;
		}
	}
	return err_hint(e,
		err_set(e, MITOK_E_ARG, "KUBERNETES_EXEC_INFO wants the version '%s'",
			version ? version : ""),
		"there are: %s and %s", versions[0], versions[1]);
}

static enum mitok_code write_kube(
	const struct mitok_token *t, struct secret *s, struct mitok_err *e)
{
	const char *version = NULL;
	char expires[CLOCK_TEXT_SIZE];
	enum mitok_code r = find_kube_version(&version, e);

	if (r)
		return r;
	clock_format(mitok_token_time(t, MITOK_TIME_EXPIRES), expires);
	if (secret_add_text(s, "{\"kind\": \"ExecCredential\", \"apiVersion\": \"") &&
		secret_add_text(s, version) &&
		secret_add_text(s,
			"\", \"spec\": {\"interactive\": false}, \"status\": "
			"{\"expirationTimestamp\": \"") &&
		secret_add_text(s, expires) &&
		add_value(s, "\", \"token\": \"", t, "\"}}\n"))
		return MITOK_OK;
	return err_memory(e);
}

// clang-format off
static const struct row {
	const char *name;
	struct format format;
} rows[] = {
	{ "token",         { .add = add_token } },
	{ "json",          { .add = add_json } },
	{ "header",        { .add = add_header } },
	{ "curl",          { .add = add_curl } },
	{ "env",           { .add = add_env } },
	{ "env-no-export", { .add = add_env_no_export } },
	{ "fish",          { .add = add_fish } },
	{ "az",            { .add = add_az } },
	{ "azd",           { .add = add_azd } },
	{ "kube",          { .write = write_kube, .target = "aks" } },
	{ "exp",           { .add = add_exp, .is_public = true } },
};
// clang-format on

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i].format;
	return NULL;
}

enum mitok_code format_write(const struct format *f, const struct mitok_token *t,
	struct secret *s, struct mitok_err *e)
{
	if (f->write)
		return f->write(t, s, e);
	return f->add(t, s) ? MITOK_OK : err_memory(e);
}
