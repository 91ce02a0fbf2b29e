/* A world for the tests of core: a cache directory of their own and a source that does as
 * it is told.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "test.h"

struct world world;

static const char *env(void *self, const char *name)
{
	(void)self;
	if (strcmp(name, "RUNTIME_DIRECTORY") == 0 && world.runtime[0])
		return world.runtime;
	return NULL;
}

static bool exists(void *self, const char *path)
{
	(void)self;
	(void)path;
	return false;
}

static enum mitok_code read_file(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	(void)self;
	if (ask->ret_errno)
		*ask->ret_errno = ENOENT;
	if (strstr(ask->path, "boot_id") && secret_add_text(ret, "boot-1\n"))
		return MITOK_OK;
	return err_set(e, MITOK_E_CONF, "no file '%s'", ask->path);
}

static enum mitok_code list(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	(void)self;
	(void)ret;
	if (ask->ret_errno)
		*ask->ret_errno = ENOENT;
	return err_set(e, MITOK_E_CONF, "no directory '%s'", ask->path);
}

static struct moment now(void *self)
{
	(void)self;
	return world.real_time ? clock_now() : world.clock;
}

static void pause_for(void *self, int64_t ms)
{
	(void)self;
	if (world.real_time) {
		clock_sleep(ms);
		return;
	}
	world.clock.boot_ms += ms;
	world.clock.real_s += ms / 1000;
}

static int keep_line(void *self, bool warning, const char *line)
{
	(void)self;
	world.lines++;
	world.warning = warning;
	CHECK(TEXT_COPY(world.line, line));
	return world.log_errno;
}

static const char *never_missing(const struct host *h)
{
	(void)h;
	return NULL;
}

static void place(const struct host *h, struct text *ret)
{
	(void)h;
	text_add(ret, "here");
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	enum mitok_code r = world.refusal;

	(void)ask;
	(void)__atomic_add_fetch(&world.fetches, 1, __ATOMIC_RELAXED);
	if (world.delay_ms)
		clock_sleep(world.delay_ms);
	if (r) {
		(void)err_set(e, r, "the test refuses");
		e->http_status = world.status;
		e->retry_after_s = world.retry_after_s;
		return r;
	}
	if (!secret_add_text(&ret->token, world.token) || !TEXT_COPY(ret->type, "Bearer"))
		return err_memory(e);
	ret->expires_s = h->now(h->self).real_s + world.life_s;
	return MITOK_OK;
}

static const struct source test_source = { "test", "for tests", never_missing, place,
	fetch };

void world_begin(void)
{
	world = (struct world){
		.clock = { 1800000000, 5000000 }, .life_s = 86400, .token = SPY_MARK
	};
	(void)!TEXT_COPY(world.runtime, "/dev/shm/mi-token-test-XXXXXX");
	if (!mkdtemp(world.runtime))
		world.runtime[0] = '\0';
}

bool world_begin_shared(void)
{
	if (!world_has_tmpfs()) {
		test_skip("no tmpfs to write to");
		return false;
	}
	world_begin();
	return true;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void world_end(void)
{
	if (world.runtime[0])
		(void)nftw(world.runtime, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct mitok *world_context(void)
{
	static const struct host h = { .env = env,
		.exists = exists,
		.read = read_file,
		.list = list,
		.now = now,
		.sleep = pause_for,
		.journal = keep_line };
	struct mitok_err e = { 0 };
	struct mitok *m = NULL;

	CHECK(context_new(&h, NULL, &m, &e) == MITOK_OK);
	return m;
}

struct want world_want(struct mitok *m, const char *resource, const struct want *like)
{
	struct want w = like ? *like : (struct want){ .min_valid_s = 0 };
	struct moment at = m->host.now(NULL);

	w.source = &test_source;
	w.started_ms = w.started_ms ? w.started_ms : at.boot_ms;
	w.deadline_ms =
		at.boot_ms + (like && like->deadline_ms ? like->deadline_ms : 5000);
	w.identity.origin = "the test";
	CHECK(TEXT_COPY(w.resource.value, resource));
	return w;
}

enum mitok_code world_get(struct mitok *m, const char *resource, const struct want *like,
	struct mitok_token **ret, struct mitok_err *e)
{
	struct want w = world_want(m, resource, like);

	return acquire(m, &w, ret, e);
}

bool world_has_tmpfs(void)
{
	struct statfs fs;

	return statfs("/dev/shm", &fs) == 0 && fs.f_type == TMPFS_MAGIC &&
		access("/dev/shm", W_OK) == 0;
}
