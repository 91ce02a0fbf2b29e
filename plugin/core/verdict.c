/* What a service thought of a token: one that was refused is not handed out again before
 * the source was asked for another.
 * SPDX-License-Identifier: MIT */
#include "core/verdict.h"

#include <errno.h>
#include <string.h>

#include "core/key.h"

/* Platforms keep a token for hours and give the same one again: asking in a loop brings
 * nothing but load. */
#define ASK_AGAIN_MS 30000
/* For how long one waits for whoever is writing the same verdict. */
#define LOCK_TRIES   20
#define LOCK_MS      10

static const struct record_field fields[] = {
	RECORD_FIELD(struct verdict, "refused", RECORD_TEXT, fingerprint),
	RECORD_FIELD(struct verdict, "sure", RECORD_NUMBER, sure),
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

/* One at a time reads, changes and writes it; -1 where there are no locks. */
static int lock(struct mitok *m, const char *key)
{
	AUTO_TEXT name = { 0 };
	int fd = -1;

	text_addf(&name, "verdict|%s", key);
	for (int i = 0; i < LOCK_TRIES && text_ok(&name); i++) {
		fd = cache_lock(&m->cache, text_peek(&name));
		if (fd >= 0 || errno != EWOULDBLOCK)
			break;
		m->host.sleep(m->host.self, LOCK_MS);
	}
	return fd;
}
#define AUTO_LOCK __attribute__((cleanup(cache_unlock), unused)) int

static void write_verdict(struct mitok *m, const char *key, struct verdict *v)
{
	(void)!TEXT_COPY(v->boot_id, m->cache.boot_id);
	cache_write(&m->cache, CACHE_VERDICT, key, fields, v);
}

void verdict_answered(struct mitok *m, const char *key, const struct mitok_token *t,
	struct verdict *ret)
{
	if (!ret->fingerprint[0]) /* as it was when we began to ask */
		return;
	AUTO_LOCK locked = lock(m, key);
	verdict_read(&m->cache, key, ret);
	ret->asked_ms = m->host.now(m->host.self).boot_ms;
	ret->again = verdict_names(ret, t);
	write_verdict(m, key, ret);
}

/* The name of the token that is kept under the key, "" when there is none. */
static void name_kept(struct mitok *m, const char *key, char ret[MITOK_FINGERPRINT_SIZE])
{
	AUTO_TOKEN disk = token_new();
	uint64_t state;
	AUTO_TOKEN memory = memory_get(&m->memory, key, &state);

	ret[0] = '\0';
	if (disk && cache_read(&m->cache, CACHE_TOKEN, key, cache_token_fields, disk))
		name_token(disk, ret);
	else if (memory)
		name_token(memory, ret);
}

/* The refused token stays where it is, and is passed over: whoever removes files may remove
 * what another process has just put there. */
static enum mitok_refusal refuse(
	struct mitok *m, const char *key, const char *fingerprint)
{
	struct moment now = m->host.now(m->host.self);
	char kept[MITOK_FINGERPRINT_SIZE];
	bool sure = *fingerprint;
	struct verdict v;
	AUTO_LOCK locked = lock(m, key);

	verdict_read(&m->cache, key, &v);
	name_kept(m, key, kept);
	if (!sure)
		fingerprint = kept;
	if (!*fingerprint || strcmp(kept, fingerprint) != 0) {
		if (strcmp(v.fingerprint, fingerprint) != 0 && m->cache.dir >= 0)
			return MITOK_REFUSAL_UNKNOWN;
		return v.again ? MITOK_REFUSAL_AGAIN : MITOK_REFUSAL_FIRST;
	}
	if (strcmp(v.fingerprint, kept) != 0)
		v.sure = v.again = 0;
	v.sure = v.sure || sure;
	(void)!TEXT_COPY(v.fingerprint, kept);
	write_verdict(m, key, &v);
	if (!verdict_is_fresh(&v, &now))
		memory_drop(&m->memory, key);
	return v.again ? MITOK_REFUSAL_AGAIN : MITOK_REFUSAL_FIRST;
}

enum mitok_code verdict_refuse(struct mitok *m, const struct want *w,
	const char *fingerprint, enum mitok_refusal *ret, struct mitok_err *e)
{
	AUTO_TEXT place = { 0 };
	AUTO_TEXT key = { 0 };

	if (!key_format(m, w, &key, &place))
		return err_memory(e);
	*ret = MITOK_REFUSAL_UNKNOWN;
	if (fingerprint) {
		*ret = refuse(m, text_peek(&key), fingerprint);
		return MITOK_OK;
	}
	cache_remove(&m->cache, CACHE_TOKEN, text_peek(&key));
	memory_drop(&m->memory, text_peek(&key));
	return MITOK_OK;
}

/* When the source was last asked counts on: services that disagree about a token must not
 * have it asked in turns. */
enum mitok_code verdict_accept(struct mitok *m, const struct want *w,
	const char *fingerprint, struct mitok_err *e)
{
	struct verdict v;
	AUTO_TEXT place = { 0 };
	AUTO_TEXT key = { 0 };

	if (!key_format(m, w, &key, &place))
		return err_memory(e);
	verdict_read(&m->cache, text_peek(&key), &v);
	if (!v.fingerprint[0] || strcmp(v.fingerprint, fingerprint) != 0)
		return MITOK_OK;
	AUTO_LOCK locked = lock(m, text_peek(&key));
	verdict_read(&m->cache, text_peek(&key), &v);
	if (strcmp(v.fingerprint, fingerprint) != 0)
		return MITOK_OK;
	v.fingerprint[0] = '\0';
	v.sure = v.again = 0;
	write_verdict(m, text_peek(&key), &v);
	return MITOK_OK;
}
