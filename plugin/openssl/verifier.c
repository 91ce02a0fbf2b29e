/* What checks a vault's signatures, as it is before anybody has set a parameter.
 * SPDX-License-Identifier: MIT */
#include "openssl/verifier.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const struct verifier *verifier_of(const struct key *k, const char *digest)
{
	const struct verifier *v = atomic_load(&k->verifier);

	return v && strcmp(v->digest, digest) == 0 ? v : NULL;
}

void verifier_free(struct verifier *v)
{
	if (!v)
		return;
	EVP_PKEY_CTX_free(v->ctx);
	EVP_MD_free(v->md);
	free(v);
}

static struct verifier *copy(
	const char *digest, const EVP_PKEY_CTX *ctx, const EVP_MD_CTX *md)
{
	struct verifier *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->ctx = EVP_PKEY_CTX_dup(ctx);
	v->md = EVP_MD_CTX_get1_md((EVP_MD_CTX *)(uintptr_t)md); /* only read */
	if (v->ctx && v->md && TEXT_COPY(v->digest, digest))
		return v;
	verifier_free(v);
	return NULL;
}

void verifier_keep(
	struct key *k, const char *digest, const EVP_PKEY_CTX *ctx, const EVP_MD_CTX *md)
{
	struct verifier *none = NULL, *v;

	if (atomic_load(&k->verifier))
		return;
	(void)ERR_set_mark();
	v = copy(digest, ctx, md);
	(void)ERR_pop_to_mark();
	if (!atomic_compare_exchange_strong(&k->verifier, &none, v))
		verifier_free(v); /* another thread was faster */
}
