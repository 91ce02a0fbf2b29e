/* az version: the Azure CLI that ours answers like.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../process.h"
#include "az.h"
#include "build.h"

/* SDKs want at least 2.54, Terraform less than 3. */
#define LIKE      "2.91.0"
#define TELEMETRY "1.1.0"

enum mitok_code az_version(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct build_member rows[] = {
		{ "azure-cli", build_text(&b, LIKE) },
		{ "azure-cli-core", build_text(&b, LIKE) },
		{ "azure-cli-telemetry", build_text(&b, TELEMETRY) },
		{ "extensions", build_object(&b, NULL, 0) },
		{ "mi-token", build_text(&b, MI_TOKEN_VERSION) },
	};
	const struct value *v = build_object(&b, rows, sizeof(rows) / sizeof(*rows));

	return b.failed ? err_memory(e) : az_print(az, v, e);
}

enum mitok_code az_print_version(struct mitok_err *e)
{
	static const char text[] =
		"azure-cli                         " LIKE "\n\n"
		"core                              " LIKE "\n"
		"telemetry                          " TELEMETRY "\n\n"
		"mi-token                           " MI_TOKEN_VERSION "\n";

	return process_print(text, strlen(text), e);
}
