/* Fuzz: what git tells a credential helper, and the challenges in it.
 * SPDX-License-Identifier: MIT */
#include "../../helper/git/credential.h"

#include <assert.h>
#include <string.h>

#include "../../helper/git/answer.h"
#include "../../helper/git/host.h"
#include "core/token.h"

static void check_line(const char *s)
{
	assert(!text_has_control(s));
}

/* An answer to anything is lines with one sign each, and ends in one. */
static void check_answer(const struct credential *c)
{
	AUTO_TOKEN t = token_new();
	AUTO_SECRET out = { 0 };
	struct answer a = { c, t, true, true };

	if (!t || !secret_add_text(&t->value, "token") || !answer_format(&a, &out))
		return;
	for (const char *p = secret_peek(&out); *p;) {
		size_t len = strcspn(p, "\n");

		assert(p[len] == '\n' && memchr(p, '=', len));
		p += len + 1;
	}
	assert(strstr(secret_peek(&out), "password_expiry_utc="));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CREDENTIAL c = { .protocol = "" };
	AUTO_SECRET input = { 0 };
	char organisation[256];

	if (!secret_add(&input, (const char *)data, size) ||
		!credential_parse(&input, &c))
		return 0;
	check_line(c.protocol);
	check_line(c.host);
	check_line(c.path);
	check_line(c.username);
	assert(!c.tenant[0] || text_is_guid(c.tenant));
	assert(!c.state[0] || strlen(c.state) == MITOK_FINGERPRINT_SIZE - 1);
	if (host_kind(c.host) != HOST_FOREIGN)
		assert(text_ends_nocase(c.host, ".com") ||
			text_ends_nocase(c.host, ".com:443"));
	host_organisation(&c, organisation, sizeof(organisation));
	check_line(organisation);
	check_answer(&c);
	return 0;
}
