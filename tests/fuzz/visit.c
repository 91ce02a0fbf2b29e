/* Fuzz: what a service answers, which may be anything. What is told has no control characters
 * and no token, and what goes into command lines is one word of a shell's.
 * SPDX-License-Identifier: MIT */
#include "../../helper/target/cure.h"

#include <assert.h>
#include <string.h>

#include "core/token.h"

#define MARK "SPYMARK-7f3a91"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum address address_find(const char *host, char ret[ADDRESS_SIZE])
{
	(void)host;
	return text_copy(ret, ADDRESS_SIZE, "10.1.2.3") ? ADDRESS_PRIVATE : ADDRESS_NONE;
}

static const char *const urls[] = {
	"https://a.blob.core.windows.net/c/b",
	"https://a.table.core.windows.net/t",
	"https://a.vault.azure.net/secrets/s",
	"https://a.vault.azure.net/keys/k",
	"https://a.managedhsm.azure.net/keys/k",
	"https://a.servicebus.windows.net/q",
	"https://a.documents.azure.com/dbs/d",
	"https://a.azurecr.io/r",
	"https://management.azure.com/subscriptions/s",
	"https://graph.microsoft.com/v1.0/users",
	"https://dev.azure.com/org",
	"https://a.contoso.example/",
};
static const int statuses[] = { 200, 203, 302, 400, 401, 403, 404, 407, 418, 429, 503 };

static struct mitok_token *make_token(void)
{
	struct mitok_token *t = token_new();

	assert(t && secret_add_text(&t->value, "e30.e30." MARK));
	assert(TEXT_COPY(t->claims.object_id, "0b1e0000-0000-4000-8000-000000000004"));
	assert(TEXT_COPY(t->claims.client_id, "6f0c0000-0000-4000-8000-000000000003"));
	assert(TEXT_COPY(t->claims.tenant_id, "91910000-0000-4000-8000-000000000001"));
	return t;
}

static void check_text(const char *s, bool lines)
{
	assert(text_is_utf8(s, strlen(s)) && !strstr(s, MARK));
	for (; *s; s++)
		assert((unsigned char)*s >= ' ' || (lines && *s == '\n'));
}

/* Nothing that a shell takes for more than the argument of an option. */
static void check_word(const char *s)
{
	for (; *s; s++)
		assert(!strchr(" \t\"'`\\;&|<>?[]{}~#!\r\n", *s));
}

static void check(const struct target_answer *a)
{
	check_text(a->err.message, false);
	check_text(a->cure, true);
	check_word(a->scope);
	assert(a->outcome != TARGET_NO_TOKEN && a->outcome != TARGET_TOKEN_ONLY);
	assert(a->err.message[0]);
	assert((a->err.code == MITOK_OK) ==
		(a->outcome == TARGET_GRANTED || a->outcome == TARGET_NOT_FOUND));
	assert(a->role[0] || a->outcome != TARGET_NO_ROLE ||
		strstr(a->cure, "appRoleAssignments") ||
		strstr(a->cure, "its object id"));
}

/* Two bytes choose; then lines of headers, an empty one, the body. */
static void fill(struct visit *v, const char *text, size_t size)
{
	const char *end = memmem(text, size, "\n\n", 2);
	size_t len = end ? (size_t)(end - text) + 1 : 0;
	const char *body = text + len;

	for (size_t i = 0; i < len; i++)
		if (text[i])
			text_add_bytes(&v->reply.headers, text + i, 1);
	assert(secret_add(&v->reply.body, body, size - len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target_answer a = { .outcome = TARGET_UNKNOWN };
	struct client c = { .m = NULL };
	struct mitok_err e = { .code = MITOK_OK };
	struct visit v = { .c = &c, .ret = &a };

	/* No service knows the mark but by the token. */
	if (size < 2 || memmem(data, size, MARK, strlen(MARK)))
		return 0;
	v.url = urls[data[0] % (sizeof(urls) / sizeof(*urls))];
	assert(place_read(v.url, &v.at, &e) == MITOK_OK);
	v.service = strstr(v.url, "contoso") ? &service_own : service_find(v.at.host);
	v.family = v.service->family;
	assert(TEXT_COPY(v.resource, "https://storage.azure.com/"));
	v.token = make_token();
	v.reply.status = statuses[data[1] % (sizeof(statuses) / sizeof(*statuses))];
	v.is_vouched = data[1] & 0x80;
	fill(&v, (const char *)data + 2, size - 2);
	if (judge_reply(&v, &e) == MITOK_OK && cure_write(&v, &e) == MITOK_OK)
		check(&a);
	mitok_token_free(v.token);
	http_reply_wipe(&v.reply);
	return 0;
}
