/* What a credential helper says to git: key=value lines on stdout.
 * SPDX-License-Identifier: MIT */
#include "answer.h"

#include <string.h>

#include "base/text.h"

static bool add(struct secret *s, const char *key, const char *value)
{
	return secret_add_text(s, key) && secret_add_text(s, value) &&
		secret_add(s, "\n", 1);
}

static bool add_token(struct secret *s, const char *key, const struct mitok_token *t)
{
	size_t len;
	const char *value = mitok_token_value(t, &len);

	return secret_add_text(s, key) && secret_add(s, value, len) &&
		secret_add(s, "\n", 1);
}

/* Basic credentials are parted at the first colon (RFC 7617, section 2). */
static const char *user_of(const struct credential *c)
{
	return c->username[0] && !strchr(c->username, ':') ? c->username
							   : CREDENTIAL_USER;
}

static bool add_number(struct secret *s, const char *key, long long n)
{
	char digits[24], *p = digits + sizeof(digits);

	*--p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return add(s, key, p);
}

static bool add_state(struct secret *s, const struct mitok_token *t)
{
	char state[sizeof(CREDENTIAL_STATE) + MITOK_FINGERPRINT_SIZE] = CREDENTIAL_STATE;
	size_t len;
	const char *value = mitok_token_value(t, &len);

	mitok_fingerprint(value, len, state + strlen(CREDENTIAL_STATE));
	return add(s, "state[]=", state) && add(s, "continue=", "1");
}

bool answer_format(const struct answer *a, struct secret *ret)
{
	const struct credential *asked = a->asked;
	bool bearer = a->bearer && asked->takes_authtype;
	bool more = a->more && asked->takes_state;
	AUTO_SECRET s = { 0 };
	bool ok = true;

	if (asked->takes_authtype)
		ok = ok && add(&s, "capability[]=", "authtype");
	if (more)
		ok = ok && add(&s, "capability[]=", "state");
	if (bearer)
		ok = ok &&
			add(&s, "authtype=",
				mitok_token_text(a->token, MITOK_TEXT_TYPE)) &&
			add_token(&s, "credential=", a->token);
	else
		ok = ok && add(&s, "username=", user_of(asked)) &&
			add_token(&s, "password=", a->token);
	if (asked->takes_authtype) /* nobody is to keep it */
		ok = ok && add(&s, "ephemeral=", "1");
	ok = ok &&
		add_number(&s, "password_expiry_utc=",
			mitok_token_time(a->token, MITOK_TIME_EXPIRES));
	if (more)
		ok = ok && add_state(&s, a->token);
	if (ok)
		*ret = secret_move(&s);
	return ok;
}
