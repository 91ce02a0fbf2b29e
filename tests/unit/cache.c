/* The cache on disk: only a private directory on tmpfs will do, and nothing in it can hurt.
 * SPDX-License-Identifier: MIT */
#include "core/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/cache_dir.h"
#include "test.h"
#include "world.h"

static char runtime[64];  /* what RUNTIME_DIRECTORY says */
static char cache_at[96]; /* the directory in it */

static const char *env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "RUNTIME_DIRECTORY") == 0 ? runtime : NULL;
}

static enum mitok_code no_file(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	(void)self;
	(void)ret;
	return err_set(e, MITOK_E_CONF, "no '%s'", ask->path);
}

static const struct host host = { .env = env, .read = no_file };

static bool begin(void)
{
	if (!world_has_tmpfs()) {
		test_skip("no tmpfs to write to");
		return false;
	}
	world_begin();
	(void)snprintf(runtime, sizeof(runtime), "%s", world.runtime);
	(void)snprintf(cache_at, sizeof(cache_at), "%s/mi-token", runtime);
	return true;
}

/* Opened where the test wants it; other candidates of the machine do not count. */
static bool opens(struct cache *c)
{
	cache_open(&host, false, c);
	if (c->dir >= 0 && strcmp(c->path, cache_at) == 0)
		return true;
	cache_close(c);
	return false;
}

static void store(const struct cache *c, const char *key, const char *value)
{
	AUTO_TOKEN t = token_new();

	CHECK(t && secret_add_text(&t->value, value));
	cache_write(c, CACHE_TOKEN, key, cache_token_fields, t);
}

static bool holds(const struct cache *c, const char *key, const char *value)
{
	AUTO_TOKEN t = token_new();

	return cache_read(c, CACHE_TOKEN, key, cache_token_fields, t) &&
		strcmp(secret_peek(&t->value), value) == 0;
}

static void kept(void)
{
	struct cache c;
	struct stat st;

	if (!begin())
		return;
	CHECK(opens(&c));
	CHECK(stat(cache_at, &st) == 0 && (st.st_mode & 0777) == 0700);
	store(&c, "k", SPY_MARK);
	CHECK(holds(&c, "k", SPY_MARK));
	CHECK(!holds(&c, "other", SPY_MARK));
	CHECK(cache_stamp(&c, CACHE_TOKEN, "k") != 0);
	CHECK(cache_clear(&c) == 1);
	CHECK(!holds(&c, "k", SPY_MARK));
	CHECK(spy_leaks == 0);
	cache_close(&c);
	world_end();
}

/* The place is not made, and what others have left in it is read and stays. */
static void read_only(void)
{
	struct cache c, own;

	if (!begin())
		return;
	cache_open(&host, true, &c);
	CHECK(c.dir < 0 && access(cache_at, F_OK) != 0);
	store(&c, "k", "one");
	CHECK(access(cache_at, F_OK) != 0);
	cache_close(&c);
	CHECK(opens(&own));
	store(&own, "k", SPY_MARK);
	cache_open(&host, true, &c);
	CHECK(strcmp(c.path, cache_at) == 0);
	CHECK(holds(&c, "k", SPY_MARK));
	store(&c, "k", "two");
	store(&c, "new", "three");
	cache_remove(&c, CACHE_TOKEN, "k");
	CHECK(cache_clear(&c) == 0);
	CHECK(cache_lock(&c, "l") < 0 && errno != EWOULDBLOCK);
	CHECK(holds(&own, "k", SPY_MARK) && !holds(&own, "new", "three"));
	CHECK(cache_clear(&own) == 1);
	cache_close(&c);
	cache_close(&own);
	CHECK(spy_leaks == 0);
	world_end();
}

struct place {
	char path[128], why_not[128];
};

static void take_place(void *arg, const char *path, const char *why_not)
{
	struct place *p = arg;

	if (strcmp(path, cache_at) != 0)
		return;
	(void)!TEXT_COPY(p->path, path);
	(void)!TEXT_COPY(p->why_not, why_not ? why_not : "");
}

/* Each refusal has its reason, and looking makes nothing. */
static void places(void)
{
	static const struct {
		const char *what;
		mode_t parent, own; /* 0: not there */
		const char *why_not;
	} rows[] = {
		{ "to be made", 0700, 0, "" },
		{ "made", 0700, 0700, "" },
		{ "open to others", 0700, 0750, "it is open to other users" },
		{ "below what others write to", 0770, 0700,
			"others may write to its parent" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct place p = { .path = "" };

		if (!begin())
			return;
		if (rows[i].own)
			CHECK_ROW(rows[i].what,
				mkdir(cache_at, 0700) == 0 &&
					chmod(cache_at, rows[i].own) == 0);
		CHECK_ROW(rows[i].what, chmod(runtime, rows[i].parent) == 0);
		cache_dir_each(&host, take_place, &p);
		CHECK_ROW(rows[i].what, p.path[0]);
		CHECK_TEXT(p.why_not, rows[i].why_not);
		CHECK_ROW(rows[i].what, rows[i].own || access(cache_at, F_OK) != 0);
		CHECK(chmod(runtime, 0700) == 0);
		world_end();
	}
}

/* A daemon closes all it has inherited, and opens its own directories. */
static void closed_behind_us(void)
{
	char other[sizeof(cache_at)];
	struct cache c;
	int fd, dir;

	if (!begin())
		return;
	CHECK(opens(&c));
	store(&c, "k", "one");
	(void)snprintf(other, sizeof(other), "%s/other", runtime);
	CHECK(mkdir(other, 0700) == 0);
	dir = c.dir;
	(void)close(dir);
	CHECK(!holds(&c, "k", "one"));
	fd = open(other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dup2(fd, dir) == dir && (fd == dir || close(fd) == 0));
	store(&c, "k", "two");
	CHECK(!holds(&c, "k", "two") && !holds(&c, "k", "one"));
	cache_close(&c);
	CHECK(fcntl(dir, F_GETFD) >= 0);
	(void)close(dir);
	CHECK(rmdir(other) == 0); /* it is empty */
	world_end();
}

static void hostile_directories(void)
{
	static const struct {
		const char *what;
		mode_t parent, own; /* own 0: not there yet */
		const char *link;   /* it is a symbolic link to this */
		bool file;          /* it is a file */
		bool want;
	} rows[] = {
		{ "none yet", 0700, 0, NULL, false, true },
		{ "private", 0755, 0700, NULL, false, true },
		{ "readable by others", 0700, 0755, NULL, false, false },
		{ "usable by the group", 0700, 0710, NULL, false, false },
		{ "in a directory others may write to", 0777, 0700, NULL, false, false },
		{ "in a sticky directory like /tmp", 01777, 0700, NULL, false, false },
		{ "in a directory the group may write to", 0770, 0700, NULL, false,
			false },
		{ "a symbolic link to a private directory", 0700, 0, "/root", false,
			false },
		{ "a dangling symbolic link", 0700, 0, "/nonexistent", false, false },
		{ "a file", 0700, 0, NULL, true, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cache c;
		bool opened;

		if (!begin())
			return;
		if (rows[i].own)
			CHECK(mkdir(cache_at, 0700) == 0 &&
				chmod(cache_at, rows[i].own) == 0);
		if (rows[i].link)
			CHECK(symlink(rows[i].link, cache_at) == 0);
		if (rows[i].file)
			CHECK(close(open(cache_at, O_CREAT | O_WRONLY, 0600)) == 0);
		CHECK(chmod(runtime, rows[i].parent) == 0);
		opened = opens(&c);
		CHECK_ROW(rows[i].what, opened == rows[i].want);
		if (opened)
			cache_close(&c);
		world_end();
	}
}

static void strangers_directory(void)
{
	struct cache c;

	if (geteuid() != 0) {
		test_skip("needs root to make a directory of another user");
		return;
	}
	if (!begin())
		return;
	CHECK(mkdir(cache_at, 0700) == 0 && chown(cache_at, 12345, 12345) == 0);
	CHECK(!opens(&c));
	world_end();
}

static void on_disk(void)
{
	static const char *const rows[] = { "/var/tmp", "relative", "", "/nonexistent" };
	struct cache c;

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)snprintf(runtime, sizeof(runtime), "%s", rows[i]);
		(void)snprintf(cache_at, sizeof(cache_at), "%s/mi-token", rows[i]);
		CHECK_ROW(rows[i], !opens(&c));
		CHECK_ROW(rows[i], access(cache_at, F_OK) != 0);
	}
}

static void nowhere(void)
{
	struct cache c = { .dir = -1 };

	store(&c, "k", "v");
	CHECK(!holds(&c, "k", "v"));
	CHECK(cache_lock(&c, "k") < 0 && errno != EWOULDBLOCK);
	CHECK(cache_stamp(&c, CACHE_TOKEN, "k") == 0);
	CHECK(cache_clear(&c) == 0);
	cache_remove(&c, CACHE_TOKEN, "k");
	cache_close(&c);
}

/* The one token file of the cache. */
static const char *token_file(void)
{
	static char path[160];
	uint64_t hash = text_hash("k", 1);

	(void)snprintf(path, sizeof(path), "%s/%016llx.token", cache_at,
		(unsigned long long)hash);
	return path;
}

static void make_fifo(const char *path)
{
	CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
}

static void make_link(const char *path)
{
	char other[200];

	(void)snprintf(other, sizeof(other), "%s.real", path);
	CHECK(rename(path, other) == 0 && symlink(other, path) == 0);
}

static void make_hard_link(const char *path)
{
	char other[200];

	(void)snprintf(other, sizeof(other), "%s.other", path);
	CHECK(link(path, other) == 0);
}

static void make_readable(const char *path)
{
	CHECK(chmod(path, 0644) == 0);
}

static void make_directory(const char *path)
{
	CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
}

static void make_huge(const char *path)
{
	CHECK(truncate(path, 10L * 1024 * 1024) == 0);
}

static void make_empty(const char *path)
{
	CHECK(truncate(path, 0) == 0);
}

static void hostile_files(void)
{
	static const struct {
		const char *what;
		void (*make)(const char *path);
	} rows[] = {
		{ "FIFO", make_fifo },
		{ "symbolic link", make_link },
		{ "second name", make_hard_link },
		{ "readable by others", make_readable },
		{ "directory", make_directory },
		{ "huge", make_huge },
		{ "empty", make_empty },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cache c;

		if (!begin())
			return;
		CHECK(opens(&c));
		store(&c, "k", "v");
		CHECK_ROW(rows[i].what, holds(&c, "k", "v"));
		rows[i].make(token_file());
		CHECK_ROW(rows[i].what, !holds(&c, "k", "v"));
		cache_close(&c);
		world_end();
	}
}

static void leftovers(void)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	char path[160];
	struct cache c;

	if (!begin())
		return;
	CHECK(opens(&c));
	(void)snprintf(path, sizeof(path), "%s/.new-1-2", cache_at);
	CHECK(close(open(path, O_CREAT | O_WRONLY, 0600)) == 0);
	store(&c, "k", "v");
	CHECK(access(path, F_OK) == 0); /* young: somebody may be writing it */
	CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
	store(&c, "k", "v");
	CHECK(access(path, F_OK) != 0);
	cache_close(&c);
	world_end();
}

static void locks(void)
{
	struct cache c;
	int fd;

	if (!begin())
		return;
	CHECK(opens(&c));
	fd = cache_lock(&c, "k");
	CHECK(fd >= 0);
	CHECK(cache_lock(&c, "k") < 0 && errno == EWOULDBLOCK);
	file_close(&fd);
	fd = cache_lock(&c, "k");
	CHECK(fd >= 0);
	file_close(&fd);
	cache_close(&c);
	world_end();
}

/* The child writes over an old token and dies at its n-th entry or exit of a system call.
 * false: it finished before that. */
static bool write_and_die(const struct cache *c, unsigned nth)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		store(c, "k", "new");
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return false;
	for (unsigned n = 0; n < nth; n++)
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) < 0 ||
			waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			return false;
	(void)kill(child, SIGKILL);
	return waitpid(child, &status, 0) == child;
}

/* Or the next writers would look at more and more of them. */
static void remove_temporaries(void)
{
	glob_t found;
	char pattern[160];

	(void)snprintf(pattern, sizeof(pattern), "%s/.new-*", cache_at);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)unlink(found.gl_pathv[i]);
	globfree(&found);
}

static void killed_while_writing(void)
{
	struct cache c;
	unsigned nth = 1;

	if (!begin())
		return;
	CHECK(opens(&c));
	store(&c, "k", "old");
	for (; write_and_die(&c, nth); nth++) {
		CHECK(holds(&c, "k", "old") || holds(&c, "k", "new"));
		store(&c, "k", "old");
		CHECK(holds(&c, "k", "old"));
		remove_temporaries();
	}
	if (nth < 10)
		test_skip("tracing is not allowed here");
	cache_close(&c);
	world_end();
}

static const struct test tests[] = {
	{ "a token is kept under its key, 0700 and wiped from memory", kept },
	{ "a directory that the program has closed is not used, whatever took its place",
		closed_behind_us },
	{ "read only, nothing is made, written, removed or locked", read_only },
	{ "each place tells why it is not safe, and is not made", places },
	{ "a directory that others could use is passed over", hostile_directories },
	{ "a directory of another user is passed over", strangers_directory },
	{ "no token goes to a disk that survives a reboot", on_disk },
	{ "without a directory nothing is kept and nothing fails", nowhere },
	{ "a file that is not ours alone is a miss", hostile_files },
	{ "what dead writers left is swept", leftovers },
	{ "a lock is held by one", locks },
	{ "a writer killed at any system call leaves the old token or the new",
		killed_while_writing },
};
TEST_MAIN(tests)
