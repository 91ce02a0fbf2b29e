/* The configuration, parsed once for all processes of a user.
 * SPDX-License-Identifier: MIT */
#include "core/snapshot.h"

#include <string.h>
#include <sys/auxv.h>

/* To be counted up when the texts mean something else to the parser, or conf_pack() writes
 * them in another way. */
#define FORMAT     "3"

/* More than this is parsed every time: a cache file has its limit. */
#define SIZE_LIMIT ((size_t)64 * 1024)

/* Programs of one user may have different files; what they leave is bounded. */
#define SLOTS      8

struct snapshot {
	struct text files, conf;
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct snapshot, "files", RECORD_BYTES, files),
	RECORD_FIELD(struct snapshot, "conf", RECORD_BYTES, conf),
	{ NULL, RECORD_TEXT, 0, 0 },
};

static void done_snapshot(struct snapshot *s)
{
	text_free(&s->files);
	text_free(&s->conf);
}
#define AUTO_SNAPSHOT __attribute__((cleanup(done_snapshot))) struct snapshot

/* The same for the same files, whatever they say. */
static void make_key(const struct text *files, struct text *ret)
{
	uint64_t paths = 0;
	struct conf_file f;
	size_t at = 0;

	while (conf_file_next(files, &at, &f))
		paths += text_hash(f.path, strlen(f.path));
	text_add(ret, "conf " FORMAT " ");
	text_add(ret, MI_TOKEN_VERSION);
	text_add(ret, " ");
	text_add_bytes(ret, &"01234567"[paths % SLOTS], 1);
}

/* The user may write to the cache, and must not tell a program with raised rights (AT_SECURE)
 * what root's files say. */
static bool is_believed(const struct cache *cache)
{
	return cache->dir >= 0 && !getauxval(AT_SECURE);
}

static bool load(const struct cache *cache, const char *key, const struct text *files,
	struct conf *ret)
{
	AUTO_SNAPSHOT s = { .files = { 0 } };

	return is_believed(cache) && cache_read(cache, CACHE_CONF, key, fields, &s) &&
		s.files.len == files->len &&
		memcmp(text_peek(&s.files), text_peek(files), files->len) == 0 &&
		conf_unpack(&s.conf, ret);
}

static void store(const struct cache *cache, const char *key, const struct snapshot *s)
{
	if (is_believed(cache) && text_ok(&s->conf) &&
		s->files.len + s->conf.len <= SIZE_LIMIT)
		cache_write(cache, CACHE_CONF, key, fields, s);
}

enum mitok_code snapshot_conf(const struct host *h, const struct cache *cache,
	struct conf *ret, struct mitok_err *e)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	AUTO_SNAPSHOT s = { .files = { 0 } };
	AUTO_TEXT key = { 0 };
	bool known;
	enum mitok_code r = conf_collect(h, &s.files, e);

	if (r)
		return r;
	make_key(&s.files, &key);
	/* When no file says anything, there is nothing to remember. */
	known = s.files.len == 0 ||
		(text_ok(&key) && load(cache, text_peek(&key), &s.files, &c));
	if (!known) {
		r = conf_parse(&s.files, &c, e);
		if (r)
			return r;
		conf_pack(&c, &s.conf); /* what variables say is not part of it */
	}
	r = conf_finish(h, &c, e);
	if (r)
		return r;
	if (!known && text_ok(&key))
		store(cache, text_peek(&key), &s);
	*ret = c;
	c = (struct conf){ 0 };
	return MITOK_OK;
}
