/* The cache of one user: files in a private directory on tmpfs, shared by all processes.
 * SPDX-License-Identifier: MIT */
#include "core/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/cache_dir.h"

#define FILE_LIMIT ((size_t)96 * 1024)
#define NAME_SIZE  40
#define OURS_ALONE (FILE_OURS | FILE_PRIVATE | FILE_NO_SYMLINK | FILE_ONE_LINK)

/* A temporary file older than this was left by a process that died. */
#define STALE_S    60

#define SECOND_NS  INT64_C(1000000000)
/* More than the kernel's clock for files takes from one tick to the next. */
#define TICK_NS    INT64_C(50000000)

static const char *const suffixes[] = {
	[CACHE_TOKEN] = ".token",
	[CACHE_FAILURE] = ".failure",
	[CACHE_CLOUD] = ".cloud",
	[CACHE_CONF] = ".conf",
	[CACHE_VERDICT] = ".verdict",
	[CACHE_NOTE] = ".note",
	[CACHE_PRINCIPAL] = ".principal",
};
#define KINDS (sizeof(suffixes) / sizeof(*suffixes))

const struct record_field cache_token_fields[] = {
	RECORD_FIELD(struct mitok_token, "identity", RECORD_TEXT, identity),
	RECORD_FIELD(struct mitok_token, "source", RECORD_TEXT, source),
	RECORD_FIELD(struct mitok_token, "resource", RECORD_TEXT, resource),
	RECORD_FIELD(struct mitok_token, "type", RECORD_TEXT, type),
	RECORD_FIELD(struct mitok_token, "audience", RECORD_TEXT, claims.audience),
	RECORD_FIELD(struct mitok_token, "client-id", RECORD_TEXT, claims.client_id),
	RECORD_FIELD(struct mitok_token, "object-id", RECORD_TEXT, claims.object_id),
	RECORD_FIELD(struct mitok_token, "tenant-id", RECORD_TEXT, claims.tenant_id),
	RECORD_FIELD(struct mitok_token, "resource-id", RECORD_TEXT, claims.resource_id),
	RECORD_FIELD(struct mitok_token, "token-id", RECORD_TEXT, claims.token_id),
	RECORD_FIELD(struct mitok_token, "issued", RECORD_NUMBER, claims.issued_s),
	RECORD_FIELD(struct mitok_token, "expires", RECORD_NUMBER, expires_s),
	RECORD_FIELD(struct mitok_token, "refresh", RECORD_NUMBER, refresh_s),
	RECORD_FIELD(struct mitok_token, "life", RECORD_NUMBER, life_s),
	RECORD_FIELD(struct mitok_token, "stored", RECORD_NUMBER, stored_s),
	RECORD_FIELD(struct mitok_token, "stored-boot", RECORD_NUMBER, stored_boot_ms),
	RECORD_FIELD(struct mitok_token, "boot-id", RECORD_TEXT, boot_id),
	RECORD_FIELD(struct mitok_token, "token", RECORD_SECRET, value),
	{ NULL, RECORD_TEXT, 0, 0 },
};

void cache_open(const struct host *h, bool read_only, struct cache *ret)
{
	const struct file_ask ask = { "/proc/sys/kernel/random/boot_id", 0, 64, NULL };
	AUTO_SECRET boot = { 0 };
	struct stat st;

	*ret = (struct cache){ .log = h->log, .dir = -1, .read_only = read_only };
	ret->dir = cache_dir_open(h, !read_only, ret->path, sizeof(ret->path));
	if (ret->dir < 0 || fstat(ret->dir, &st) < 0) {
		log_debug(h->log,
			"cache: no private directory on tmpfs, tokens are not shared");
		return;
	}
	ret->dev = st.st_dev;
	ret->ino = st.st_ino;
	if (h->read(h->self, &ask, &boot, NULL))
		return;
	secret_trim(&boot);
	(void)!TEXT_COPY(ret->boot_id, secret_peek(&boot));
}

/* -1 when there is none, or the program has closed it, as daemons close what they have
 * inherited, and the number may be of something else by now. */
static int dir_of(const struct cache *c)
{
	struct stat st;

	if (c->dir < 0 || fstat(c->dir, &st) < 0 || st.st_dev != c->dev ||
		st.st_ino != c->ino)
		return -1;
	return c->dir;
}

void cache_close(struct cache *c)
{
	if (dir_of(c) >= 0)
		file_close(&c->dir);
	c->dir = -1;
}

static void file_name(const char *key, const char *suffix, char ret[NAME_SIZE])
{
	text_hex(text_hash(key, strlen(key)), ret);
	(void)!text_copy(ret + TEXT_HEX_SIZE - 1, NAME_SIZE - TEXT_HEX_SIZE + 1, suffix);
}

static bool read_file(const struct cache *c, const char *name, const char *key,
	const struct record_field *fields, void *base)
{
	const struct file_ask ask = { name, OURS_ALONE, FILE_LIMIT, NULL };
	AUTO_SECRET file = { 0 };

	return file_read(dir_of(c), &ask, &file, NULL) == MITOK_OK &&
		record_parse(fields, key, &file, base);
}

bool cache_read(const struct cache *c, enum cache_kind kind, const char *key,
	const struct record_field *fields, void *base)
{
	char name[NAME_SIZE];

	if (dir_of(c) < 0)
		return false;
	file_name(key, suffixes[kind], name);
	return read_file(c, name, key, fields, base);
}

/* Unlinks the temporary files of processes that died while writing. */
static void sweep(const struct cache *c)
{
	int fd = openat(dir_of(c), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!d) {
		file_close(&fd);
		return;
	}
	while ((entry = readdir(d))) {
		if (!text_starts(entry->d_name, ".new-") ||
			fstatat(dir_of(c), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (time(NULL) - st.st_mtime > STALE_S)
			(void)unlinkat(dir_of(c), entry->d_name, 0);
	}
	(void)closedir(d);
}

static bool write_file(
	const struct cache *c, const char *name, const struct secret *bytes)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	struct timespec now = { 0 };
	char temp[NAME_SIZE];
	AUTO_FD fd = -1;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(temp, sizeof(temp), ".new-%lx-%lx", (long)gettid(),
		(long)(now.tv_sec % 1000000 * 1000 + now.tv_nsec / 1000000));
	fd = openat(dir_of(c), temp, flags, 0600);
	if (fd < 0)
		return false;
	if (file_write_all(fd, secret_peek(bytes), bytes->len) &&
		renameat(dir_of(c), temp, dir_of(c), name) == 0)
		return true;
	(void)unlinkat(dir_of(c), temp, 0);
	return false;
}

void cache_write(const struct cache *c, enum cache_kind kind, const char *key,
	const struct record_field *fields, const void *base)
{
	AUTO_SECRET bytes = { 0 };
	char name[NAME_SIZE];

	if (c->read_only || dir_of(c) < 0)
		return;
	file_name(key, suffixes[kind], name);
	sweep(c);
	errno = ENOMEM;
	if (!record_format(fields, key, base, &bytes) || !write_file(c, name, &bytes))
		log_debug(c->log, "cache: cannot write %s/%s: %s", c->path, name,
			strerror(errno));
}

void cache_remove(const struct cache *c, enum cache_kind kind, const char *key)
{
	char name[NAME_SIZE];

	file_name(key, suffixes[kind], name);
	if (!c->read_only && dir_of(c) >= 0)
		(void)unlinkat(dir_of(c), name, 0);
}

uint64_t cache_stamp(const struct cache *c, enum cache_kind kind, const char *key)
{
	char name[NAME_SIZE];
	struct stat st;

	file_name(key, suffixes[kind], name);
	if (dir_of(c) < 0 || fstatat(dir_of(c), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return (uint64_t)st.st_ino * 31 + (uint64_t)st.st_mtim.tv_sec * 1000000000 +
		(uint64_t)st.st_mtim.tv_nsec;
}

uint64_t cache_state(const struct cache *c)
{
	struct timespec now = { 0 };
	int64_t changed_ns, now_ns;
	struct stat st;

	if (dir_of(c) < 0)
		return 1; /* where nothing is, nothing changes */
	if (fstat(dir_of(c), &st) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return 0;
	changed_ns = st.st_mtim.tv_sec * SECOND_NS + st.st_mtim.tv_nsec;
	now_ns = now.tv_sec * SECOND_NS + now.tv_nsec;
	return now_ns - changed_ns < TICK_NS ? 0 : (uint64_t)changed_ns;
}

int cache_lock(const struct cache *c, const char *name)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	char file[NAME_SIZE];
	int fd;

	errno = ENOLCK; /* as where there are none */
	if (c->read_only || dir_of(c) < 0)
		return -1;
	file_name(name, ".lock", file);
	fd = openat(dir_of(c), file, flags, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

void cache_unlock(int *fd)
{
	/* Closing alone would leave it to a child that was forked meanwhile. */
	if (*fd >= 0)
		(void)flock(*fd, LOCK_UN);
	file_close(fd);
}

void cache_each(
	const struct cache *c, void (*each)(void *arg, struct mitok_token *t), void *arg)
{
	struct dirent **names;
	int count =
		dir_of(c) < 0 ? -1 : scandirat(dir_of(c), ".", &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		AUTO_TOKEN t = token_new();

		if (t && text_ends_nocase(names[i]->d_name, suffixes[CACHE_TOKEN]) &&
			read_file(c, names[i]->d_name, NULL, cache_token_fields, t))
			each(arg, t);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

unsigned cache_clear(const struct cache *c)
{
	struct dirent **names;
	int count = c->read_only || dir_of(c) < 0
		? -1
		: scandirat(dir_of(c), ".", &names, NULL, NULL);
	unsigned tokens = 0;

	for (int i = 0; i < count; i++) {
		for (size_t k = 0; k < KINDS; k++)
			if (text_ends_nocase(names[i]->d_name, suffixes[k]) &&
				unlinkat(dir_of(c), names[i]->d_name, 0) == 0)
				tokens += k == CACHE_TOKEN;
		if (text_starts(names[i]->d_name, ".new-"))
			(void)unlinkat(dir_of(c), names[i]->d_name, 0);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return tokens;
}
