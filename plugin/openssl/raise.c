/* Errors where OpenSSL's programs look for them: on the error queue of the calling thread.
 * SPDX-License-Identifier: MIT */
#include "openssl/raise.h"

#include <stdarg.h>
#include <stdint.h>

// clang-format off
static const struct {
	enum mitok_code code;
	enum reason reason;
} reasons_of_codes[] = {
	{ MITOK_E_ARG,        REASON_URI },
	{ MITOK_E_CONF,       REASON_CONFIGURATION },
	{ MITOK_E_NOIDENTITY, REASON_IDENTITY },
	{ MITOK_E_DENIED,     REASON_REFUSED },
	{ MITOK_E_LATER,      REASON_UNREACHABLE },
	{ MITOK_E_REPLY,      REASON_ANSWER },
}, reasons_of_tokens[] = { /* what their source said is not what the vault says */
	{ MITOK_E_CONF,       REASON_CONFIGURATION },
	{ MITOK_E_DENIED,     REASON_TOKEN_REFUSED },
	{ MITOK_E_LATER,      REASON_TOKEN_LATER },
};

/* OpenSSL wants them writable, and writes nothing. */
#define WORDS(text) ((void *)(uintptr_t)(text))
const OSSL_ITEM raise_reasons[] = {
	{ REASON_FAILED,         WORDS("azkv failed") },
	{ REASON_URI,            WORDS("not the name of a key in a vault") },
	{ REASON_REFERENCE,      WORDS("not a good reference file") },
	{ REASON_KEY,            WORDS("not possible with this key") },
	{ REASON_NOT_EXPORTABLE, WORDS("the private key stays in its vault") },
	{ REASON_ALGORITHM,      WORDS("not among what a vault can do") },
	{ REASON_SIZE,           WORDS("wrong size") },
	{ REASON_IDENTITY,       WORDS("no token for the vault") },
	{ REASON_REFUSED,        WORDS("refused by the vault") },
	{ REASON_UNREACHABLE,    WORDS("the vault does not answer") },
	{ REASON_ANSWER,         WORDS("not a good answer of the vault") },
	{ REASON_ROTATED,        WORDS("the key has another version") },
	{ REASON_CONFIGURATION,  WORDS("a mistake in the configuration") },
	{ REASON_TOKEN_REFUSED,  WORDS("a token for the vault is refused") },
	{ REASON_TOKEN_LATER,    WORDS("no token for the vault now") },
	{ REASON_MISSING,        WORDS("the vault does not have it") },
	{ 0, NULL },
};
// clang-format on

static void raise_text(
	const struct provider *p, enum reason reason, const char *fmt, va_list args)
{
	if (!p->new_error || !p->vset_error)
		return;
	p->new_error(p->handle);
	if (p->set_error_debug)
		p->set_error_debug(p->handle, "azkv", 0, "");
	p->vset_error(p->handle, (uint32_t)reason, fmt, args);
}

int raise_reason(const struct provider *p, enum reason reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_text(p, reason, fmt, args);
	va_end(args);
	return 0;
}

static enum reason reason_of_token(enum mitok_code code)
{
	for (size_t i = 0; i < sizeof(reasons_of_tokens) / sizeof(*reasons_of_tokens);
		i++)
		if (reasons_of_tokens[i].code == code)
			return reasons_of_tokens[i].reason;
	return REASON_IDENTITY;
}

/* A request that the vault found wrong is no wrong name of a key; and a good answer that is
 * no use says that the key was rotated (vault.c). */
static enum reason reason_of(const struct mitok_err *e)
{
	if (e->source[0])
		return reason_of_token(e->code);
	if (e->code == MITOK_E_ARG && e->http_status == 404)
		return REASON_MISSING;
	if (e->code == MITOK_E_ARG && e->http_status == 400)
		return REASON_REFUSED;
	if (e->code == MITOK_E_REPLY && e->http_status == 200)
		return REASON_ROTATED;
	for (size_t i = 0; i < sizeof(reasons_of_codes) / sizeof(*reasons_of_codes); i++)
		if (reasons_of_codes[i].code == e->code)
			return reasons_of_codes[i].reason;
	return REASON_FAILED;
}

int raise_error(const struct provider *p, const struct mitok_err *e)
{
	return raise_reason(
		p, reason_of(e), "%s%s%s", e->message, e->hint[0] ? "; " : "", e->hint);
}
