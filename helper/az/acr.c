/* az acr login --expose-token (github.com/Azure/acr, docs/AAD-OAuth.md).
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../registry/registry.h"
#include "build.h"
#include "cloud.h"
#include "context.h"

#define NOBODY "00000000-0000-0000-0000-000000000000" /* whom docker calls the user */
#define ACR_MS 7000

/* NAME, or NAME.azurecr.io: a registry's names do not mind case. */
static enum mitok_code find_registry(
	const char *name, const char *suffix, struct registry *ret, struct mitok_err *e)
{
	AUTO_TEXT host = { 0 };

	text_addf(&host, "%s%s", name, text_ends_nocase(name, suffix) ? "" : suffix);
	if (text_ok(&host) && !strpbrk(name, "/:") &&
		registry_read(text_peek(&host), ret))
		return MITOK_OK;
	return err_set(e, MITOK_E_DENIED, "'%s' is no name of a registry", name);
}

static enum mitok_code exchange(struct az *az, const struct registry *registry,
	struct secret *ret, struct mitok_err *e)
{
	const struct context_ask ask = { .resource = registry->resource };
	AUTO_TOKEN t = NULL;
	enum mitok_code r = context_token(az, &ask, &t, e);

	return r ? r : acr_exchange(registry, t, ACR_MS, ret, e);
}

enum mitok_code az_acr_login(struct az *az, struct mitok_err *e)
{
	const char *suffix = cloud_value(cloud_active(az), "acrLoginServerEndpoint");
	struct build b = { .arena = &az->arena };
	struct registry registry;
	AUTO_SECRET secret = { 0 };
	const char *token;
	const struct value *v;
	enum mitok_code r = find_registry(az->args.name, suffix, &registry, e);

	if (!r)
		r = exchange(az, &registry, &secret, e);
	if (r)
		return r;
	token = secret_peek(&secret);
	v = build_object(&b,
		(const struct build_member[]){
			{ "loginServer", build_text(&b, registry.host) },
			{ "username", build_text(&b, NOBODY) },
			{ "accessToken", build_text(&b, token) },
			{ "refreshToken", build_text(&b, token) },
		},
		4);
	return b.failed ? err_memory(e) : az_print(az, v, e);
}
