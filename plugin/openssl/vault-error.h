/* What it means when a vault refuses, or does not answer, and what to do then.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_ERROR_H
#define MI_TOKEN_OPENSSL_VAULT_ERROR_H

#include "openssl/challenge.h"
#include "openssl/vault-call.h"

/* Everything that is known about it. */
struct vault_failure {
	const struct vault_call *call;
	const struct http_reply *reply;    /* no status 200 */
	const struct mitok_token *token;   /* that was sent */
	const struct challenge *challenge; /* of a 401; zero when there was none */
	const char *request_id;            /* that we sent */
	unsigned tries;
};

/* Status, code and inner code decide (a table); an answer that never came is
 * MITOK_E_LATER. */
enum mitok_code vault_error_set(const struct vault_failure *f, struct mitok_err *e);

#endif
