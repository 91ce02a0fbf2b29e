/* The variables by which programs find an endpoint of ours, and its secret.
 * SPDX-License-Identifier: MIT */
#include "variables.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"

// clang-format off
/* The dialects of App Service need the secret; who finds these two pairs asks nowhere else,
 * so that the others are for those who know no App Service: Terraform, and what can be told
 * another address of the metadata service. */
static const struct {
	const char *name, *path; /* path NULL: the secret */
	bool imds;
} environment[] = {
	{ "IDENTITY_ENDPOINT",                 "/msi/token",                      false },
	{ "IDENTITY_HEADER",                   NULL,                              false },
	{ "MSI_ENDPOINT",                      "/msi/2017/token",                 false },
	{ "MSI_SECRET",                        NULL,                              false },
	{ "ARM_MSI_ENDPOINT",                  "/metadata/identity/oauth2/token", true },
	{ "AZURE_POD_IDENTITY_AUTHORITY_HOST", "",                                true },
};
// clang-format on

bool variables_secret(char ret[SECRET_SIZE])
{
	uint64_t random[4];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	for (size_t i = 0; i < 4; i++)
		text_hex(random[i], ret + i * (TEXT_HEX_SIZE - 1));
	explicit_bzero(random, sizeof(random));
	return true;
}

bool variables_add(unsigned port, const char *secret, bool imds, struct secret *ret)
{
	char origin[32];

	(void)snprintf(origin, sizeof(origin), "http://127.0.0.1:%u", port);
	for (size_t i = 0; i < sizeof(environment) / sizeof(*environment); i++) {
		const char *path = environment[i].path;

		if (environment[i].imds && !imds)
			continue;
		if (!secret_add_text(ret, environment[i].name) ||
			!secret_add_text(ret, "=") ||
			!secret_add_text(ret, path ? origin : secret) ||
			!secret_add_text(ret, path ? path : "") ||
			!secret_add_text(ret, "\n"))
			return false;
	}
	return true;
}
