/* The one safe place for tokens on disk: a directory of our own on tmpfs.
 * SPDX-License-Identifier: MIT */
#include "core/cache_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A parent, and the name of our directory in it. Never /tmp and never a home: those are
 * shared, or survive a reboot. */
struct candidate {
	char parent[200];
	char name[24];
	bool shared; /* root's, sticky, where everybody may make a directory */
};

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

static int open_candidate(const struct candidate *c)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	/* O_PATH: what is shared may be entered, and not listed. */
	AUTO_FD parent = open(c->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (parent < 0 || !is_fit_parent(parent, c->shared))
		return -1;
	fd = openat(parent, c->name, flags | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		/* Made with its final mode; an umask can only narrow it. EEXIST: another
		 * process was faster, and its directory has to pass as well. */
		(void)mkdirat(parent, c->name, 0700);
		fd = openat(parent, c->name, flags | O_NOFOLLOW);
	}
	if (fd >= 0 && !is_private(fd))
		file_close(&fd);
	return fd;
}

int cache_dir_open(const struct host *h, char *ret_path, size_t size)
{
	const char *service = h->env(h->self, "RUNTIME_DIRECTORY");
	const char *session = h->env(h->self, "XDG_RUNTIME_DIR");
	unsigned uid = geteuid();
	struct candidate list[4] = {
		{ "", "mi-token", false },
		{ "", "mi-token", false },
		{ "", "mi-token", false },
		{ "/run/mi-token", "", true },
	};

	/* systemd lists several directories with colons between them. */
	if (service && *service == '/')
		(void)snprintf(list[0].parent, sizeof(list[0].parent), "%.*s",
			(int)strcspn(service, ":"), service);
	if (session && *session == '/')
		(void)!TEXT_COPY(list[1].parent, session);
	(void)snprintf(list[2].parent, sizeof(list[2].parent), "/run/user/%u", uid);
	(void)snprintf(list[3].name, sizeof(list[3].name), "u%u", uid);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		int fd = list[i].parent[0] ? open_candidate(&list[i]) : -1;

		if (fd < 0)
			continue;
		(void)snprintf(ret_path, size, "%s/%s", list[i].parent, list[i].name);
		return fd;
	}
	return -1;
}
