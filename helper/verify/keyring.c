/* The keys of a tenant, kept fresh.
 * SPDX-License-Identifier: MIT */
#include "keyring.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "shelf.h"

#define NAME_SIZE 290

static void shelf_name(const struct keyring *k, enum version v, char ret[NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, "keys-%s-%s-v%d.json", k->trust->cloud->name,
		k->trust->tenant, v + 1);
}

void keyring_start(struct keyring *k)
{
	(void)pthread_mutex_init(&k->lock, NULL);
	(void)pthread_cond_init(&k->fetched, NULL);
	memset(k->bunches, 0, sizeof(k->bunches));
}

void keyring_stop(struct keyring *k)
{
	for (int v = 0; v < VERSION_COUNT; v++) {
		keyset_free(k->bunches[v].set);
		text_free(&k->bunches[v].text);
	}
	(void)pthread_cond_destroy(&k->fetched);
	(void)pthread_mutex_destroy(&k->lock);
}

/* The tenant of the file is the one that its name says, unless that is a domain. */
static bool copy_tenant(
	const struct keyring *k, const struct json *file, char ret[GUID_SIZE])
{
	const char *tenant = json_text(json_member(file, "tenant"));

	return tenant && text_is_guid(tenant) && text_copy(ret, GUID_SIZE, tenant) &&
		(!k->trust->is_guid || strcmp(k->trust->tenant, ret) == 0);
}

/* Times of tomorrow were written by another clock. */
static bool read_times(const struct json *file, int64_t now_s, struct bunch *b)
{
	return json_to_number(json_member(file, "fetched"), 1, now_s, &b->fetched_s) &&
		json_to_number(
			json_member(file, "tried"), b->fetched_s, now_s, &b->tried_s);
}

/* What is wrong with a file is as if it were not there: it is fetched again. */
static void read_shelf(struct keyring *k, enum version v, struct bunch *b)
{
	AUTO_SECRET bytes = { 0 };
	AUTO_JSON file = NULL;
	struct bunch read = { .is_read = true };
	char name[NAME_SIZE], tenant[GUID_SIZE];

	b->is_read = true;
	shelf_name(k, v, name);
	if (!shelf_read(k->shelf, name, &bytes) ||
		json_parse(secret_peek(&bytes), bytes.len, &file, NULL) ||
		!copy_tenant(k, file, tenant) || !read_times(file, k->now_s(), &read) ||
		keyset_read(k->crypto, file, &read.set, NULL))
		return;
	memcpy(read.set->tenant, tenant, sizeof(tenant));
	json_format(json_member(file, "keys"), &read.text);
	*b = read;
}

static void write_shelf(const struct keyring *k, enum version v, const struct bunch *b)
{
	AUTO_TEXT file = { 0 };
	char name[NAME_SIZE];

	if (!b->set || !text_ok(&b->text))
		return;
	shelf_name(k, v, name);
	text_addf(&file, "{\"tenant\":\"%s\",\"fetched\":%lld,\"tried\":%lld,\"keys\":",
		b->set->tenant, (long long)b->fetched_s, (long long)b->tried_s);
	text_add_bytes(&file, text_peek(&b->text), b->text.len);
	text_add(&file, "}\n");
	shelf_write(k->shelf, name, &file);
}

/* 0 for what a clock that was put back left in the future. */
static int64_t age(int64_t since_s, int64_t now_s)
{
	return now_s > since_s ? now_s - since_s : 0;
}

static bool has_kid(const struct bunch *b, const char *kid)
{
	return b->set && keyset_has(b->set, kid);
}

static bool is_fresh(const struct bunch *b, int64_t now_s)
{
	return b->set && b->fetched_s <= now_s &&
		age(b->fetched_s, now_s) < KEYRING_FRESH_S;
}

static bool may_try(const struct bunch *b, int64_t now_s)
{
	return !b->tried_s || b->tried_s > now_s ||
		age(b->tried_s, now_s) >= (b->set ? KEYRING_AGAIN_S : KEYRING_RETRY_S);
}

/* What has been fetched, or why it was not, in the place of what was there. */
static void store(struct bunch *b, struct bunch *fresh)
{
	b->tried_s = fresh->tried_s;
	b->last = fresh->last;
	b->last_error = fresh->last_error;
	if (fresh->last) {
		text_free(&fresh->text);
		return;
	}
	keyset_free(b->set);
	text_free(&b->text);
	b->set = fresh->set;
	b->text = fresh->text;
	b->fetched_s = fresh->tried_s;
}

/* With the lock, which is given back meanwhile. */
static void fetch(struct keyring *k, enum version v, struct bunch *b)
{
	const struct discovery d = { &k->fetcher, k->crypto, k->trust, v };
	struct bunch fresh = { .set = NULL };

	b->is_fetching = true;
	(void)pthread_mutex_unlock(&k->lock);
	fresh.last = discovery_fetch(&d, &fresh.set, &fresh.text, &fresh.last_error);
	(void)pthread_mutex_lock(&k->lock);
	b->is_fetching = false;
	/* From its end on, or a try that takes long would be followed by the next at once. */
	fresh.tried_s = k->now_s();
	store(b, &fresh);
	write_shelf(k, v, b);
	(void)pthread_cond_broadcast(&k->fetched);
}

/* An id that is not there is the token's fault only if the issuer was asked and answered. */
static enum mitok_code give(const struct bunch *b, const char *kid, int64_t now_s,
	struct keyset **ret, struct mitok_err *e)
{
	bool usable = b->set && age(b->fetched_s, now_s) < KEYRING_STALE_S;

	if (usable && (has_kid(b, kid) || !b->last)) {
		*ret = keyset_share(b->set);
		return MITOK_OK;
	}
	if (e)
		*e = b->last_error;
	return b->last ? b->last
		       : err_set(e, MITOK_E_LATER,
				 "the keys are too old, and no newer ones are there");
}

enum mitok_code keyring_get(struct keyring *k, enum version v, const char *kid,
	struct keyset **ret, struct mitok_err *e)
{
	struct bunch *b = &k->bunches[v];
	enum mitok_code r;

	(void)pthread_mutex_lock(&k->lock);
	if (!b->is_read)
		read_shelf(k, v, b);
	while (!(is_fresh(b, k->now_s()) && has_kid(b, kid)) && may_try(b, k->now_s())) {
		if (!b->is_fetching)
			fetch(k, v, b);
		else if (has_kid(b, kid) &&
			age(b->fetched_s, k->now_s()) < KEYRING_STALE_S)
			break;
		else
			(void)pthread_cond_wait(&k->fetched, &k->lock);
	}
	r = give(b, kid, k->now_s(), ret, e);
	(void)pthread_mutex_unlock(&k->lock);
	return r;
}
