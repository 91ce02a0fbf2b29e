/* The dialects in which programs ask for a token: one row each.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_DIALECT_H
#define MI_TOKEN_HELPER_SERVE_DIALECT_H

#include "base/secret.h"
#include "base/text.h"

/* How answers look. */
enum shape {
	SHAPE_IMDS,
	SHAPE_APP_SERVICE,
	SHAPE_CLOUD_SHELL,
};

struct dialect {
	const char *name;
	const char *method;
	const char *path;   /* the only one, but that a '/' may follow */
	const char *secret; /* header with the secret; NULL: `Metadata: true` has to do */
	const char *
		versions; /* of the API, a blank around each; "*": any date; NULL: none */
	enum shape shape;
	bool has_form; /* the parameters are the body */
	bool has_ids;  /* a user-assigned identity may be named */
};

extern const struct dialect dialects[]; /* ended by name NULL */

/* The row of that path, NULL when there is none; without a method, of any. */
const struct dialect *dialect_find(const char *method, const char *path, size_t len);

/* Why there is no token. */
struct refusal {
	int status;       /* 400, 401 or 403, which no client tries again */
	const char *code; /* a word */
	const char *text; /* a sentence */
};
void dialect_refuse(const struct dialect *d, const struct refusal *r, struct text *ret);

/* The answer that has the token. false: memory is out. */
bool dialect_answer(const struct dialect *d, const struct mitok_token *t, long long now,
	struct secret *ret) MUST_CHECK;

#endif
