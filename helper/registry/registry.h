/* Azure's container registries: which servers they are, and the token that they make.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REGISTRY_REGISTRY_H
#define MI_TOKEN_HELPER_REGISTRY_REGISTRY_H

#include <stdbool.h>

#include "base/secret.h"
#include "io/http.h"

/* A registry of Azure's. */
struct registry {
	char host[128];       /* in lower case */
	const char *resource; /* what the token that it exchanges is for */
};
/* What docker calls a server: a host, or a URL. false: it is not Azure's, or not beyond
 * doubt. */
bool registry_read(const char *server, struct registry *ret);

/* The form that is sent (github.com/Azure/acr, docs/AAD-OAuth.md); tenant may be "". */
bool acr_form(const struct registry *r, const struct mitok_token *t,
	struct secret *ret) MUST_CHECK;
/* The same from its parts. */
bool acr_fill(const struct registry *r, const char *tenant, const struct secret *token,
	struct secret *ret) MUST_CHECK;
/* The registry's own token out of the answer, or why there is none. */
enum mitok_code acr_read(const struct registry *r, const struct http_reply *reply,
	struct secret *ret, struct mitok_err *e) MUST_CHECK;
/* All of it, within that time. */
enum mitok_code acr_exchange(const struct registry *r, const struct mitok_token *t,
	int64_t timeout_ms, struct secret *ret, struct mitok_err *e) MUST_CHECK;

#endif
