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

/* The parent may be trusted to hold a directory of ours: nobody else can put another in
 * its place. */
static bool is_fit_parent(int fd, bool shared)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	if (shared)
		return st.st_uid == 0 && (st.st_mode & S_ISVTX);
	return st.st_uid == geteuid() && !(st.st_mode & 022);
}

/* Ours alone, and gone with the next boot. */
static bool is_private(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077))
		return false;
	return fstatfs(fd, &fs) == 0 &&
		(fs.f_type == TMPFS_MAGIC || fs.f_type == (long)RAMFS_MAGIC);
}

/* Our directory in that parent, made when it is not there; -1: not fit. */
static int open_in(const char *parent_path, const char *name, bool shared)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	/* O_PATH: what is shared may be entered, and not listed. */
	AUTO_FD parent = open(parent_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (parent < 0 || !is_fit_parent(parent, shared))
		return -1;
	fd = openat(parent, name, flags | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		/* Made with its final mode; an umask can only narrow it. EEXIST: another
		 * process was faster, and its directory has to pass as well. */
		(void)mkdirat(parent, name, 0700);
		fd = openat(parent, name, flags | O_NOFOLLOW);
	}
	if (fd >= 0 && !is_private(fd))
		file_close(&fd);
	return fd;
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

/* Adds a text in which %u stands for the user's number. */
static void add_numbered(struct text *t, const char *form)
{
	size_t before = strcspn(form, "%");

	text_add_bytes(t, form, before);
	if (form[before])
		text_addf(t, "%u", (unsigned)geteuid());
}

/* Opens the candidate and adds its path; -1: it is not there or not fit. */
static int open_candidate(
	const struct host *h, const struct candidate *c, struct text *path)
{
	const char *value = c->env ? h->env(h->self, c->env) : NULL;
	AUTO_TEXT name = { 0 };
	int fd;

	/* systemd lists several directories with colons between them. */
	if (value && *value == '/')
		text_add_bytes(path, value, strcspn(value, ":"));
	else if (c->parent)
		add_numbered(path, c->parent);
	else
		return -1;
	add_numbered(&name, c->name);
	if (!text_ok(path) || !text_ok(&name))
		return -1;
	fd = open_in(text_peek(path), text_peek(&name), c->shared);
	text_add(path, "/");
	text_add(path, text_peek(&name));
	return fd;
}

int cache_dir_open(const struct host *h, char *ret_path, size_t size)
{
	for (size_t i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		AUTO_TEXT path = { 0 };
		int fd = open_candidate(h, &candidates[i], &path);

		if (fd >= 0 && text_ok(&path) &&
			text_copy(ret_path, size, text_peek(&path)))
			return fd;
		file_close(&fd);
	}
	return -1;
}
