/* The namespace's files: directories of our own over the machine's.
 * SPDX-License-Identifier: MIT */
#include "netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE "/run/.stage"

static void tmpfs(const char *at, const char *mode)
{
	char options[64];

	(void)snprintf(options, sizeof(options), "mode=%s,size=256m", mode);
	if (mount("tmpfs", at, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		die(77, at);
}

static void make_dir(const char *at, mode_t mode)
{
	if (mkdir(at, mode) < 0 && errno != EEXIST)
		die(1, at);
	if (chmod(at, mode) < 0)
		die(1, at);
}

static void make_file(const char *at)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		die(1, at);
	(void)close(fd);
}

/* What is not taken over from the machine: replaced files, and directories that are built
 * entry by entry because one of theirs is replaced. */
static bool is_ours(const char *path)
{
	static const char *const rows[] = { "/etc/hosts", "/etc/resolv.conf",
		"/etc/mi-token", "/etc/ssl", "/etc/ssl/certs",
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki", "/etc/pki/ca-trust",
		"/etc/pki/ca-trust/extracted", "/etc/pki/ca-trust/extracted/pem",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/opt/azcmagent",
		"/dev/log", "/dev/ptmx", "/dev/pts" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i], path) == 0)
			return true;
	return false;
}

/* The same at `to`: links copied, all else bound. What cannot be had is left out. */
static void take_over(const char *from, const char *to)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (lstat(from, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		len = readlink(from, target, sizeof(target) - 1);
		if (len < 0)
			return;
		target[len] = '\0';
		(void)!symlink(target, to);
		return;
	}
	if (S_ISDIR(st.st_mode))
		make_dir(to, 0755);
	else if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		make_file(to);
	else
		return;
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
		die(77, from);
}

/* Builds STAGE/path from path, but for what is ours. */
static void stage(const char *path)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(to, sizeof(to), STAGE "%s", path) >= (int)sizeof(to))
		die(1, path);
	dir = opendir(path);
	make_dir(to, 0755);
	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(from, sizeof(from), "%s/%s", path, entry->d_name) >=
				(int)sizeof(from) ||
			snprintf(to, sizeof(to), STAGE "%s", from) >= (int)sizeof(to))
			die(1, path);
		if (!is_ours(from))
			take_over(from, to);
	}
	if (dir)
		(void)closedir(dir);
}

/* Opens a place for path, to be filled by stage(). */
static void stage_start(const char *path)
{
	char at[PATH_MAX];

	make_dir(STAGE, 0755);
	(void)snprintf(at, sizeof(at), STAGE "%s", path);
	make_dir(at, 0755);
	tmpfs(at, "755");
}

static void stage_end(const char *path)
{
	char at[PATH_MAX];

	(void)snprintf(at, sizeof(at), STAGE "%s", path);
	if (mount(at, path, NULL, MS_MOVE, NULL) < 0)
		die(77, path);
}

/* The machine's devices without its log. A bound /dev/ptmx would not find its terminals
 * beside it (devpts, "Multiple instances"), so there are new ones. */
static void stage_dev(void)
{
	stage_start("/dev");
	stage("/dev");
	make_dir(STAGE "/dev/pts", 0755);
	if (mount("devpts", STAGE "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		    "newinstance,ptmxmode=0666,mode=620") < 0 ||
		symlink("pts/ptmx", STAGE "/dev/ptmx") < 0)
		die(77, "/dev/pts");
	stage_end("/dev");
}

void files_start(void)
{
	char runtime[64];

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		die(77, "cannot make the mounts private");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		die(77, "cannot mount /proc");
	tmpfs("/run", "755");
	tmpfs("/dev/shm", "1777");
	tmpfs("/var/opt", "755");
	make_dir("/run/lock", 01777);
	make_dir("/run/user", 0755);
	make_dir("/run/home", 0700);
	(void)snprintf(runtime, sizeof(runtime), "/run/user/%u", (unsigned)geteuid());
	make_dir(runtime, 0700);
	stage_dev();
	stage_start("/opt");
	stage("/opt");
	make_dir(STAGE "/opt/azcmagent", 0755);
	stage_end("/opt");
}

/* One file after the other into `to`; those that are missing are left out. */
static void join(const char *a, const char *b, const char *to)
{
	const char *from[] = { a, b };
	FILE *out = fopen(to, "we");
	char block[8192];

	if (!out)
		die(1, to);
	for (int i = 0; i < 2; i++) {
		FILE *in = from[i] ? fopen(from[i], "re") : NULL;
		size_t n;

		while (in && (n = fread(block, 1, sizeof(block), in)))
			if (fwrite(block, 1, n, out) != n)
				die(1, to);
		if (in)
			(void)fclose(in);
	}
	if (fclose(out))
		die(1, to);
}

static void write_hosts(const char *const *hosts, int host_count)
{
	FILE *out;

	join(STATE "/hosts", NULL, STAGE "/etc/hosts");
	out = fopen(STAGE "/etc/hosts", "ae");
	if (!out)
		die(1, "/etc/hosts");
	for (int i = 0; i < host_count; i++)
		fprintf(out, "127.0.0.1 %s\n", hosts[i]);
	if (fclose(out))
		die(1, "/etc/hosts");
}

void files_etc(const char *const *hosts, int host_count)
{
	static const char debian[] = "/etc/ssl/certs/ca-certificates.crt";
	static const char fedora[] = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";

	stage_start("/etc");
	stage("/etc");
	stage("/etc/ssl");
	stage("/etc/ssl/certs");
	join(debian, STATE "/ca.pem", STAGE "/etc/ssl/certs/ca-certificates.crt");
	if (access(fedora, R_OK) == 0) {
		stage("/etc/pki");
		stage("/etc/pki/ca-trust");
		stage("/etc/pki/ca-trust/extracted");
		stage("/etc/pki/ca-trust/extracted/pem");
		join(fedora, STATE "/ca.pem",
			STAGE "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
	}
	write_hosts(hosts, host_count);
	make_file(STAGE "/etc/resolv.conf"); /* nobody to ask: names end in /etc/hosts */
	make_dir(STAGE "/etc/mi-token", 0755);
	stage_end("/etc");
}
