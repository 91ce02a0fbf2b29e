/* The environment in which existing tools find our endpoint and our shims.
 * SPDX-License-Identifier: MIT */
#include "environment.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "spawn.h"

// clang-format off
static const struct {
	const char *name;
	const char *value; /* NULL: taken away */
} environment[] = {
	/* DefaultAzureCredential goes straight to the managed identity. */
	{ "AZURE_TOKEN_CREDENTIALS",         "ManagedIdentityCredential" },
	{ "ARM_USE_MSI",                     "true" },
	/* With IDENTITY_ENDPOINT these mean Azure Arc and Service Fabric. */
	{ "IMDS_ENDPOINT",                   NULL },
	{ "IDENTITY_SERVER_THUMBPRINT",      NULL },
	{ "IDENTITY_API_VERSION",            NULL },
	/* Some take these before IDENTITY_ENDPOINT, or beside it. */
	{ "AZURE_MSI_ENDPOINT",              NULL },
	{ "MSAL_MANAGED_IDENTITY_ENDPOINT",  NULL },
	{ "ARM_MSI_API_VERSION",             NULL },
	/* Workload identity and secrets, which many ask first: of another identity. */
	{ "AZURE_FEDERATED_TOKEN_FILE",      NULL },
	{ "AZURE_CLIENT_SECRET",             NULL },
	{ "AZURE_CLIENT_CERTIFICATE_PATH",   NULL },
	{ "AZURE_CLIENT_CERTIFICATE_PASSWORD", NULL },
	{ "ARM_CLIENT_SECRET",               NULL },
	{ "ARM_CLIENT_SECRET_FILE_PATH",     NULL },
	{ "ARM_CLIENT_CERTIFICATE",          NULL },
	{ "ARM_CLIENT_CERTIFICATE_PATH",     NULL },
	{ "ARM_CLIENT_CERTIFICATE_PASSWORD", NULL },
	{ "ARM_USE_OIDC",                    NULL },
	{ "ARM_OIDC_TOKEN",                  NULL },
	{ "ARM_OIDC_TOKEN_FILE_PATH",        NULL },
	{ "ARM_USE_AKS_WORKLOAD_IDENTITY",   NULL },
};
// clang-format on

static bool set(const char *name, const char *value)
{
	return (value ? setenv(name, value, 1) : unsetenv(name)) == 0;
}

/* A client id in the environment asks for that identity: with another one, or the same in
 * another spelling, it would only be refused. */
static bool set_identity(const char *identity)
{
	return !identity ||
		(set("AZURE_CLIENT_ID", NULL) && set("ARM_CLIENT_ID", NULL) &&
			set("MI_TOKEN_IDENTITY", identity));
}

static bool has_proxy(void)
{
	return secure_getenv("http_proxy") || secure_getenv("HTTP_PROXY") ||
		secure_getenv("all_proxy") || secure_getenv("ALL_PROXY");
}

/* The endpoint's secret is for no proxy, whatever else is in the list. */
static bool pass_proxy_by(const char *name)
{
	const char *old = secure_getenv(name);
	AUTO_TEXT list = { 0 };

	if (!has_proxy() || (old && strcmp(old, "*") == 0))
		return true;
	text_addf(&list, "%s%s127.0.0.1", old ? old : "", old && *old ? "," : "");
	return text_ok(&list) && set(name, text_peek(&list));
}

static bool set_lines(const struct secret *lines)
{
	AUTO_SECRET copy = { 0 };
	char *line, *rest = NULL;

	if (!secret_add(&copy, secret_peek(lines), lines->len))
		return false;
	for (line = strtok_r(copy.p, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');

		if (!equals)
			return false;
		*equals = '\0';
		if (!set(line, equals + 1))
			return false;
	}
	return true;
}

enum mitok_code environment_point(
	const struct secret *lines, const char *identity, struct mitok_err *e)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(environment) / sizeof(*environment); i++)
		good = good && set(environment[i].name, environment[i].value);
	good = good && set_identity(identity) && set_lines(lines) &&
		pass_proxy_by("no_proxy") && pass_proxy_by("NO_PROXY");
	return good ? MITOK_OK : err_memory(e);
}

enum mitok_code environment_add_shims(struct mitok_err *e)
{
	const char *old = secure_getenv("PATH");
	char shims[PATH_MAX];
	AUTO_TEXT path = { 0 };

	if (!spawn_find("shims", shims))
		return MITOK_OK;
	text_addf(&path, "%s:", shims);
	if (old && text_starts(old, text_peek(&path))) /* as in an exec of an exec */
		return MITOK_OK;
	text_add(&path, old ? old : "/usr/local/bin:/usr/bin:/bin");
	return text_ok(&path) && set("PATH", text_peek(&path)) ? MITOK_OK : err_memory(e);
}
