/* The library context that is ours alone.
 * SPDX-License-Identifier: MIT */
#include "openssl/inner.h"

#include <openssl/crypto.h>

#include "openssl/raise.h"

/* A new context has OpenSSL's default provider, and reads no configuration. */
OSSL_LIB_CTX *inner_context(struct provider *p)
{
	OSSL_LIB_CTX *old = atomic_load(&p->inner), *new;

	if (old)
		return old;
	new = OSSL_LIB_CTX_new();
	if (!new) {
		(void)raise_reason(p, REASON_FAILED, "no context of OpenSSL to be had");
		return NULL;
	}
	if (atomic_compare_exchange_strong(&p->inner, &old, new))
		return new;
	OSSL_LIB_CTX_free(new); /* another thread was faster */
	return old;
}

void inner_free(struct provider *p)
{
	OSSL_LIB_CTX_free(atomic_exchange(&p->inner, NULL));
}
