/* Files of the configuration that a test has put somewhere, and what they say.
 * SPDX-License-Identifier: MIT */
#include "placed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/snapshot.h"
#include "test.h"
#include "world.h"

struct cache placed_cache;
const char *placed_timeout, *placed_config; /* what the environment says */

static const char *env(void *self, const char *name)
{
	(void)self;
	if (strcmp(name, "RUNTIME_DIRECTORY") == 0)
		return world.runtime;
	if (strcmp(name, "MI_TOKEN_TIMEOUT") == 0)
		return placed_timeout;
	if (strcmp(name, "MI_TOKEN_CONFIG") == 0)
		return placed_config;
	return strcmp(name, "HOME") == 0 ? "/home" : NULL;
}

const char *placed_path(const char *path)
{
	static char full[256];

	(void)snprintf(full, sizeof(full), "%s%s", world.runtime, path);
	return full;
}

static bool exists(void *self, const char *path)
{
	(void)self;
	return access(placed_path(path), F_OK) == 0;
}

static enum mitok_code read_placed(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	struct file_ask there = *ask;

	(void)self;
	there.path = placed_path(ask->path);
	return file_read(AT_FDCWD, &there, ret, e);
}

static enum mitok_code list_placed(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	struct file_ask there = *ask;

	(void)self;
	there.path = placed_path(ask->path);
	return file_list(&there, ret, e);
}

const struct host placed_host = {
	.env = env, .exists = exists, .read = read_placed, .list = list_placed
};

void placed_put(const char *path, const char *text)
{
	FILE *f = fopen(placed_path(path), "w");

	CHECK(f != NULL);
	if (!f)
		return;
	(void)fputs(text, f);
	CHECK(fclose(f) == 0);
	CHECK(chmod(placed_path(path), 0644) == 0);
}

bool placed_begin(const char *etc)
{
	static const char *const directories[] = { "/etc", CONF_DIR, DROPS, "/home",
		"/home/.config", "/home/.config/mi-token" };

	if (!world_has_tmpfs()) {
		test_skip("no tmpfs to write to");
		return false;
	}
	world_begin();
	placed_timeout = placed_config = NULL;
	for (size_t i = 0; i < COUNT(directories); i++)
		CHECK(mkdir(placed_path(directories[i]), 0755) == 0);
	placed_put(ETC, etc);
	cache_open(&placed_host, false, &placed_cache);
	CHECK(placed_cache.dir >= 0);
	return true;
}

void placed_end(void)
{
	cache_close(&placed_cache);
	world_end();
}

static void add_row(void *arg, const char *key, const char *value, const char *origin)
{
	text_addf(arg, "%s = %s | %s\n", key, value, origin);
}

char *placed_say(bool *ret_parsed)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	struct mitok_err e = { 0 };
	AUTO_TEXT out = { 0 };
	enum mitok_code r;

	spy_modules = 0;
	r = snapshot_conf(&placed_host, &placed_cache, &c, &e);
	*ret_parsed = spy_modules > 0;
	if (r == MITOK_OK)
		r = conf_each(&c, add_row, &out, &e);
	if (r)
		text_addf(&out, "%d: %s", r, e.message);
	return text_move(&out);
}

void placed_check(const char *row, const char *fragment, bool want_parsed)
{
	bool parsed = false;
	AUTO_FREE char *said = placed_say(&parsed);

	CHECK_ROW(row, said && strstr(said, fragment));
	CHECK_ROW(row, parsed == want_parsed);
}
