/* The token behind struct mitok_token: the answer of a source with what it says of
 * itself. SPDX-License-Identifier: MIT */
#include "core/token.h"

#include <stdlib.h>
#include <string.h>

/* However long a token says that it lives, policies and roles change meanwhile. */
#define LIFE_MAX_S     86400

/* Further apart than this, one of the two clocks was set or stopped meanwhile. */
#define CLOCKS_APART_S 300

struct mitok_token *token_new(void)
{
	return calloc(1, sizeof(struct mitok_token));
}

struct mitok_token *token_copy(const struct mitok_token *t)
{
	AUTO_SECRET value = { 0 };
	struct mitok_token *copy;

	if (!secret_add(&value, secret_peek(&t->value), t->value.len))
		return NULL;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *t;
	copy->value = secret_move(&value);
	return copy;
}

void mitok_token_free(struct mitok_token *t)
{
	if (t)
		secret_wipe(&t->value);
	free(t);
}

void token_cleanup(struct mitok_token **t)
{
	mitok_token_free(*t);
	*t = NULL;
}

int64_t token_life(
	const struct mitok_token *t, const struct moment *now, const char *boot_id)
{
	int64_t by_real = now->real_s - t->stored_s;
	int64_t by_boot = (now->boot_ms - t->stored_boot_ms) / 1000;
	int64_t apart = by_real > by_boot ? by_real - by_boot : by_boot - by_real;

	if (strcmp(t->boot_id, boot_id) != 0 || by_boot < 0 || apart > CLOCKS_APART_S)
		return -1;
	return t->life_s - (by_real > by_boot ? by_real : by_boot);
}

/* A number in 0..range-1 that differs between machines and tokens but is the same for the
 * same token, so that nothing here is left to chance in tests. */
static int64_t spread(const struct mitok_token *t, int64_t range)
{
	uint32_t h = 2166136261u;

	for (const char *p = t->claims.token_id[0] ? t->claims.token_id : t->boot_id; *p;
		p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return range > 0 ? (int64_t)(h % (uint32_t)range) : 0;
}

void token_set_times(struct mitok_token *t, const struct grant *g,
	const struct moment *now, const char *boot_id)
{
	int64_t server_s = g->date_s ? g->date_s : now->real_s;
	int64_t own_s = t->claims.issued_s ? t->claims.expires_s - t->claims.issued_s : 0;

	t->expires_s = g->expires_s;
	t->life_s = g->expires_s - server_s;
	if (own_s > 0 && t->life_s > own_s)
		t->life_s = own_s;
	if (t->life_s > LIFE_MAX_S)
		t->life_s = LIFE_MAX_S;
	t->stored_s = now->real_s;
	t->stored_boot_ms = now->boot_ms;
	(void)!TEXT_COPY(t->boot_id, boot_id);
	if (g->refresh_s)
		t->refresh_s = g->refresh_s - server_s + now->real_s;
	else
		t->refresh_s = now->real_s + t->life_s / 2 - spread(t, t->life_s / 10);
}

const char *mitok_token_value(const struct mitok_token *t, size_t *ret_len)
{
	if (ret_len)
		*ret_len = t->value.len;
	return secret_peek(&t->value);
}

const char *mitok_token_text(const struct mitok_token *t, enum mitok_text which)
{
	const char *const texts[] = {
		[MITOK_TEXT_TYPE] = t->type,
		[MITOK_TEXT_RESOURCE] = t->resource,
		[MITOK_TEXT_SOURCE] = t->source,
		[MITOK_TEXT_CLIENT_ID] = t->claims.client_id,
		[MITOK_TEXT_OBJECT_ID] = t->claims.object_id,
		[MITOK_TEXT_TENANT_ID] = t->claims.tenant_id,
		[MITOK_TEXT_RESOURCE_ID] = t->claims.resource_id,
		[MITOK_TEXT_AUDIENCE] = t->claims.audience,
		[MITOK_TEXT_TOKEN_ID] = t->claims.token_id,
		[MITOK_TEXT_IDENTITY] = t->identity,
		[MITOK_TEXT_FORMER_OBJECT_ID] = t->former.object_id,
		[MITOK_TEXT_FORMER_RESOURCE_ID] = t->former.resource_id,
	};

	return (size_t)which < sizeof(texts) / sizeof(*texts) ? texts[which] : "";
}

long long mitok_token_time(const struct mitok_token *t, enum mitok_time which)
{
	switch (which) {
	case MITOK_TIME_EXPIRES:
		return t->expires_s;
	case MITOK_TIME_ISSUED:
		return t->claims.issued_s;
	case MITOK_TIME_REFRESH:
		return t->refresh_s;
	}
	return 0;
}

int mitok_token_is_refused(const struct mitok_token *t)
{
	return t && t->refused;
}

void mitok_fingerprint(const char *token, size_t len, char ret[MITOK_FINGERPRINT_SIZE])
{
	text_hex(text_hash(token, len), ret);
}

int mitok_token_is_cached(const struct mitok_token *t)
{
	return t->cached;
}
