/* What a service thought of a token: one that was refused is not handed out again before
 * the source was asked for another.
 * SPDX-License-Identifier: MIT */
#include "core/verdict.h"

#include <string.h>

#include "core/key.h"

/* Platforms keep a token for hours and give the same one again: asking in a loop brings
 * nothing but load. */
#define ASK_AGAIN_MS 30000

static const struct record_field fields[] = {
	RECORD_FIELD(struct verdict, "refused", RECORD_TEXT, fingerprint),
	RECORD_FIELD(struct verdict, "asked", RECORD_NUMBER, asked_ms),
	RECORD_FIELD(struct verdict, "again", RECORD_NUMBER, again),
	RECORD_FIELD(struct verdict, "boot-id", RECORD_TEXT, boot_id),
	{ NULL, RECORD_TEXT, 0, 0 },
};

void verdict_read(const struct cache *c, const char *key, struct verdict *ret)
{
	*ret = (struct verdict){ 0 };
	if (!cache_read(c, CACHE_VERDICT, key, fields, ret) ||
		strcmp(ret->boot_id, c->boot_id) != 0)
		*ret = (struct verdict){ 0 };
}

static void name_token(const struct mitok_token *t, char ret[MITOK_FINGERPRINT_SIZE])
{
	mitok_fingerprint(secret_peek(&t->value), t->value.len, ret);
}

bool verdict_names(const struct verdict *v, const struct mitok_token *t)
{
	char name[MITOK_FINGERPRINT_SIZE];

	if (!v->fingerprint[0])
		return false;
	name_token(t, name);
	return strcmp(name, v->fingerprint) == 0;
}

bool verdict_is_fresh(const struct verdict *v, const struct moment *now)
{
	return v->asked_ms > 0 && now->boot_ms >= v->asked_ms &&
		now->boot_ms - v->asked_ms < ASK_AGAIN_MS;
}

void verdict_answered(const struct cache *c, const char *key, struct verdict *v,
	const struct mitok_token *t, const struct moment *now)
{
	if (!v->fingerprint[0])
		return;
	v->asked_ms = now->boot_ms;
	v->again = verdict_names(v, t);
	cache_write(c, CACHE_VERDICT, key, fields, v);
}

/* The name of the token that is kept under the key, "" when there is none. */
static void name_kept(struct mitok *m, const char *key, char ret[MITOK_FINGERPRINT_SIZE])
{
	AUTO_TOKEN disk = token_new();
	AUTO_TOKEN memory = memory_get(&m->memory, key);

	ret[0] = '\0';
	if (disk && cache_read(&m->cache, CACHE_TOKEN, key, cache_token_fields, disk))
		name_token(disk, ret);
	else if (memory)
		name_token(memory, ret);
}

static enum mitok_refusal refuse(
	struct mitok *m, const char *key, const char *fingerprint)
{
	struct moment now = m->host.now(m->host.self);
	char kept[MITOK_FINGERPRINT_SIZE];
	struct verdict v;

	verdict_read(&m->cache, key, &v);
	name_kept(m, key, kept);
	if (!*fingerprint)
		fingerprint = kept;
	if (!*fingerprint || strcmp(kept, fingerprint) != 0) {
		if (strcmp(v.fingerprint, fingerprint) != 0 && m->cache.dir >= 0)
			return MITOK_REFUSAL_UNKNOWN;
		return v.again ? MITOK_REFUSAL_AGAIN : MITOK_REFUSAL_FIRST;
	}
	if (strcmp(v.fingerprint, kept) != 0)
		v.again = 0;
	(void)!TEXT_COPY(v.fingerprint, kept);
	(void)!TEXT_COPY(v.boot_id, m->cache.boot_id);
	cache_write(&m->cache, CACHE_VERDICT, key, fields, &v);
	if (!verdict_is_fresh(&v, &now)) {
		cache_remove(&m->cache, CACHE_TOKEN, key);
		memory_drop(&m->memory, key);
	}
	return v.again ? MITOK_REFUSAL_AGAIN : MITOK_REFUSAL_FIRST;
}

enum mitok_code verdict_refuse(struct mitok *m, const struct want *w,
	const char *fingerprint, enum mitok_refusal *ret, struct mitok_err *e)
{
	AUTO_TEXT place = { 0 };
	AUTO_TEXT key = { 0 };

	if (!key_format(m, w, &key, &place))
		return err_memory(e);
	*ret = refuse(m, text_peek(&key), fingerprint);
	return MITOK_OK;
}

enum mitok_code verdict_accept(struct mitok *m, const struct want *w,
	const char *fingerprint, struct mitok_err *e)
{
	struct verdict v;
	AUTO_TEXT place = { 0 };
	AUTO_TEXT key = { 0 };

	if (!key_format(m, w, &key, &place))
		return err_memory(e);
	verdict_read(&m->cache, text_peek(&key), &v);
	if (v.fingerprint[0] && strcmp(v.fingerprint, fingerprint) == 0)
		cache_remove(&m->cache, CACHE_VERDICT, text_peek(&key));
	return MITOK_OK;
}
