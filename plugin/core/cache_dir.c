/* The one safe place for tokens on disk: a directory of our own on tmpfs.
 * SPDX-License-Identifier: MIT */
#include "core/cache_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Why the parent may not be trusted to hold a directory of ours: somebody else could put
 * another in its place. NULL: it may. */
static const char *unfit_parent(int fd, bool shared)
{
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? "its parent is not there"
				       : "its parent cannot be entered";
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return "its parent is no directory";
	if (shared)
		return st.st_uid == 0 && (st.st_mode & S_ISVTX)
			? NULL
			: "its parent is not root's, with the sticky bit";
	if (st.st_uid != geteuid())
		return "its parent belongs to another user";
	return st.st_mode & 022 ? "others may write to its parent" : NULL;
}

/* NULL: it is ours alone, and gone with the next boot. */
static const char *unfit(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & 077)
		return "it is open to other users";
	if (fstatfs(fd, &fs) == 0 &&
		(fs.f_type == TMPFS_MAGIC || fs.f_type == (long)RAMFS_MAGIC))
		return NULL;
	return "it is not on tmpfs: what is there outlives the machine's boot";
}

/* The candidates: where the parent's path comes from and who owns that parent. Never /tmp
 * and never a home: those are shared, or survive a reboot. */
static const struct candidate {
	const char *env;    /* a variable with an absolute path, or */
	const char *parent; /* this one; %u is the user's number */
	const char *name;   /* of our directory in it */
	bool shared;        /* root's, sticky, where everybody may make a directory */
} candidates[] = {
	{ "RUNTIME_DIRECTORY", NULL, "mi-token", false },
	{ "XDG_RUNTIME_DIR", NULL, "mi-token", false },
	{ NULL, "/run/user/%u", "mi-token", false },
	{ NULL, "/run/mi-token", "u%u", true },
};
#define CANDIDATES (sizeof(candidates) / sizeof(*candidates))

/* Adds a text in which %u stands for the user's number. */
static void add_numbered(struct text *t, const char *form)
{
	size_t before = strcspn(form, "%");

	text_add_bytes(t, form, before);
	if (form[before])
		text_addf(t, "%u", (unsigned)geteuid());
}

/* Opens the directory in the parent; -1 with the reason, or none when it is not there and
 * may not be made. */
static int open_in(int parent, const char *name, bool makes, const char **ret_why)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(parent, name, flags);

	if (fd < 0 && errno == ENOENT && makes) {
		/* Made with its final mode; an umask can only narrow it. EEXIST: another
		 * process was faster, and its directory has to pass as well. */
		(void)mkdirat(parent, name, 0700);
		fd = openat(parent, name, flags);
	}
	*ret_why = fd >= 0                  ? unfit(fd)
		: errno == ENOENT && !makes ? NULL
					    : "it cannot be opened";
	if (*ret_why)
		file_close(&fd);
	return fd;
}

/* Opens the candidate and adds its path; -1 as above. */
static int open_candidate(const struct host *h, const struct candidate *c, bool makes,
	struct text *path, const char **ret_why)
{
	const char *value = c->env ? h->env(h->self, c->env) : NULL;
	AUTO_TEXT name = { 0 };
	AUTO_FD parent = -1;

	/* systemd lists several directories with colons between them. */
	if (value && *value == '/')
		text_add_bytes(path, value, strcspn(value, ":"));
	else if (c->parent)
		add_numbered(path, c->parent);
	*ret_why = "is not set to an absolute path";
	if (!path->len) {
		text_add(path, "$");
		text_add(path, c->env);
		return -1;
	}
	add_numbered(&name, c->name);
	*ret_why = "its name is too long";
	if (!text_ok(path) || !text_ok(&name))
		return -1;
	/* O_PATH: what is shared may be entered, and not listed. */
	parent = open(text_peek(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
	*ret_why = unfit_parent(parent, c->shared);
	text_add(path, "/");
	text_add(path, text_peek(&name));
	return *ret_why ? -1 : open_in(parent, text_peek(&name), makes, ret_why);
}

int cache_dir_open(const struct host *h, bool makes, char *ret_path, size_t size)
{
	for (size_t i = 0; i < CANDIDATES; i++) {
		AUTO_TEXT path = { 0 };
		const char *why;
		int fd = open_candidate(h, &candidates[i], makes, &path, &why);

		if (fd >= 0 && text_ok(&path) &&
			text_copy(ret_path, size, text_peek(&path)))
			return fd;
		file_close(&fd);
		/* Whoever makes it will make it here. */
		if (!why)
			break;
	}
	return -1;
}

void cache_dir_each(const struct host *h,
	void (*each)(void *arg, const char *path, const char *why_not), void *arg)
{
	for (size_t i = 0; i < CANDIDATES; i++) {
		AUTO_TEXT path = { 0 };
		const char *why;
		AUTO_FD fd = open_candidate(h, &candidates[i], false, &path, &why);

		(void)fd;
		each(arg, text_peek(&path), why);
	}
}
