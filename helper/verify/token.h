/* A signed JSON Web Token taken apart (RFC 7515, section 7.1; RFC 7519; RFC 8725), before
 * anything in it is believed. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_TOKEN_H
#define MI_TOKEN_HELPER_VERIFY_TOKEN_H

#include "reason.h"
#include "tree.h"

/* Entra's have 1 to 3 KiB, with 200 groups 10. */
#define TOKEN_MAX ((size_t)64 * 1024)

/* RFC 7518, section 3.1: what is accepted, and nothing else is. */
enum alg {
	ALG_RS256,
	ALG_PS256,
	ALG_ES256,
	ALG_COUNT
};
const char *alg_name(enum alg a);

/* 56 KiB, of which nobody clears what is not used: a twentieth of a verification would go there. */
struct token {
	enum alg alg;
	const char *kid;
	const struct item *header, *claims;

	const char *signed_text; /* header and claims as they were sent, lent */
	size_t signed_len;
	const unsigned char *signature;
	size_t signature_len;

	char *bytes; /* all of the above but signed_text lies in there */
	struct tree tree;
};

/* Before anything else is done with it. */
void token_begin(struct token *t);
/* Takes it apart, and judges its header. The text is the caller's, and must stay as long as
 * the token does. REASON_NONE, or why it is refused, with *e. Free it in every case. */
enum reason token_read(
	const char *text, size_t len, struct token *ret, struct mitok_err *e) MUST_CHECK;
void token_free(struct token *t);
#define AUTO_TOKEN_PARTS __attribute__((cleanup(token_free))) struct token

#endif
