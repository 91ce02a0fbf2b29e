/* The TLS groups of elliptic curves. libssl offers a group only if the provider that told of
 * it is the one it makes the group's keys with (provider-base(7), "TLS-GROUP"); when azkv
 * stands before the default provider, that is azkv, and P-256 would be gone from every
 * handshake. SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <string.h>

#include "openssl/inner.h"

struct telling {
	OSSL_CALLBACK *callback;
	void *arg;
};

/* Those of other kinds of keys are the default provider's to tell. */
static int tell_group(const OSSL_PARAM group[], void *arg)
{
	const struct telling *t = arg;
	const OSSL_PARAM *param =
		OSSL_PARAM_locate_const(group, OSSL_CAPABILITY_TLS_GROUP_ALG);
	const char *kind = NULL;

	if (!param || !OSSL_PARAM_get_utf8_string_ptr(param, &kind) ||
		strcmp(kind, "EC") != 0)
		return 1;
	return t->callback(group, t->arg);
}

static int tell_groups(OSSL_PROVIDER *provider, void *arg)
{
	return OSSL_PROVIDER_get_capabilities(provider, "TLS-GROUP", tell_group, arg);
}

/* What we say nothing about is no failure: libssl would give up. */
int groups_tell(
	void *provider, const char *capability, OSSL_CALLBACK *callback, void *arg)
{
	struct telling t = { callback, arg };
	OSSL_LIB_CTX *inner;

	if (strcmp(capability, "TLS-GROUP") != 0)
		return 1;
	inner = inner_context(provider);
	return inner && OSSL_PROVIDER_do_all(inner, tell_groups, &t);
}
