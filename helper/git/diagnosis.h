/* Why Azure DevOps refused a token, as far as token, challenge and clock can tell.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_DIAGNOSIS_H
#define MI_TOKEN_HELPER_GIT_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

/* What is known; texts may be empty, numbers 0. */
struct diagnosis {
	/* Of the token (RFC 7519; Microsoft Learn, "Access token claims reference"). */
	char tenant[64], object_id[64], client_id[64], audience[256];
	int64_t not_before_s, expires_s;

	char organisation[256];
	const char *organisations_tenant; /* as the challenge says; "" when it does not */
	bool again;   /* the source was asked for another token and gave this one */
	bool gave_up; /* git did not ask for another token; the next command will */
	int64_t now_s;
};

/* Fills in what the token says of itself. false: it is no JWT. */
bool diagnosis_read(const struct secret *token, struct diagnosis *ret) MUST_CHECK;
/* Puts the cause into the message and the cure into the hint. */
void diagnosis_tell(const struct diagnosis *d, struct mitok_err *ret);

#endif
