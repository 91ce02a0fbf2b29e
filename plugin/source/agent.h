/* Platforms whose agent takes one GET with a secret from the environment in a header.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_AGENT_H
#define MI_TOKEN_SOURCE_AGENT_H

#include "source/peer.h"

struct agent {
	struct peer peer;
	const char *endpoint; /* variable with the URL */
	const char *secret;   /* variable with the secret, */
	const char *header;   /* which goes into this header */
	const char *api_version;
	const char *thumbprint; /* variable with the certificate's SHA-1, or NULL; with it
				 * the endpoint must be https */
};

/* One token. Fills e->source. */
enum mitok_code agent_fetch(const struct host *h, const struct agent *a,
	const struct ask *ask, struct grant *ret, struct mitok_err *e) MUST_CHECK;

/* Adds what tells two callers of the agent apart, for source.place: the endpoint, the
 * certificate, and a hash of the secret, by which a node knows which application asks. */
void agent_place(const struct host *h, const struct agent *a, struct text *ret);

/* "a:b c" and so on into 40 hex digits. MITOK_E_CONF when it is no SHA-1. */
enum mitok_code agent_thumbprint(
	const char *name, const char *text, char ret[41], struct mitok_err *e) MUST_CHECK;

#endif
