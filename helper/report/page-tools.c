/* How the machine's tools get tokens: git, az, docker, OpenSSL, and units of systemd.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../doctor/tools.h"
#include "base/file.h"
#include "page.h"

void page_tools(struct page *p)
{
	AUTO_REPORT r = { .markdown = true, .item = "tool" };

	report_begin(&r, NULL);
	r.under = "git"; /* it has several facts */
	tools_git(&r, 0);
	r.under = NULL;
	tools_az(&r);
	tools_docker(&r);
	tools_openssl(&r);
	report_end(&r);
	text_addf(&p->out.text, "## Tools\n\n%s\n", text_peek(&r.out));
}

#define UNIT_MAX ((size_t)64 * 1024) /* bytes */

/* Where units are looked for (systemd.unit(5), "Unit File Search Path"); of the same name the
 * first counts. */
static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", NULL };

static bool is_unit(const char *name)
{
	return text_ends_nocase(name, ".service") || text_ends_nocase(name, ".socket") ||
		text_ends_nocase(name, ".timer");
}

/* Another folder that goes before has it. */
static bool is_hidden(size_t folder, const char *name)
{
	char path[512];
	struct stat st;

	for (size_t i = 0; i < folder; i++) {
		(void)snprintf(path, sizeof(path), "%s/%.255s", folders[i], name);
		if (lstat(path, &st) == 0)
			return true;
	}
	return false;
}

/* Some target or unit wants it, whichever: there is a link of its name in one of the folders
 * /etc/systemd/system/X.wants and X.requires. */
static bool is_enabled(const char *name)
{
	DIR *dir = opendir(folders[0]);
	bool found = false;
	const struct dirent *d;

	while (dir && !found && (d = readdir(dir))) {
		char path[600];
		struct stat st;

		if (!text_ends_nocase(d->d_name, ".wants") &&
			!text_ends_nocase(d->d_name, ".requires"))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%.255s/%.255s", folders[0],
			d->d_name, name);
		found = lstat(path, &st) == 0;
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

/* The word behind mi-token in a line `ExecStart=...`; what else stands there may be secret. */
static bool find_command(const char *text, char *ret, size_t size)
{
	for (const char *at = text; (at = strstr(at, "Exec")); at++) {
		const char *end = at + strcspn(at, "\n"), *tool;
		size_t len;

		if (at != text && at[-1] != '\n')
			continue;
		tool = strstr(at, "mi-token ");
		if (!tool || tool > end)
			continue;
		tool += strlen("mi-token ");
		len = strspn(tool, "abcdefghijklmnopqrstuvwxyz-");
		(void)snprintf(ret, size, "%.*s", (int)len, tool);
		return true;
	}
	return false;
}

/* A unit of ours, or one that runs mi-token. */
static bool look_at(size_t folder, const char *name, char *ret, size_t size)
{
	const char *path;
	AUTO_TEXT t = { 0 };
	AUTO_SECRET file = { 0 };

	text_addf(&t, "%s/%s", folders[folder], name);
	path = text_peek(&t);
	if (!text_ok(&t) ||
		file_read(AT_FDCWD, &(struct file_ask){ path, 0, UNIT_MAX, NULL }, &file,
			NULL))
		return false;
	if (find_command(secret_peek(&file), ret, size))
		return true;
	(void)!text_copy(ret, size, "");
	return text_starts(name, "mi-token-");
}

static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int choose(const struct dirent *d)
{
	return is_unit(d->d_name);
}

static unsigned list_folder(struct page *p, size_t folder)
{
	struct dirent **list = NULL;
	int n = scandir(folders[folder], &list, choose, compare);
	unsigned count = 0;

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char command[32];

		if (!is_hidden(folder, name) &&
			look_at(folder, name, command, sizeof(command))) {
			text_add(&p->out.text, "- ");
			print_add_markdown(&p->out.text, name);
			text_addf(&p->out.text, "%s%s: %s\n",
				command[0] ? " runs mi-token " : "", command,
				is_enabled(name) ? "enabled" : "not enabled");
			count++;
		}
		free(list[i]);
	}
	free(list);
	return count;
}

void page_units(struct page *p)
{
	unsigned count = 0;

	text_add(&p->out.text, "### Units of systemd\n\n");
	for (size_t i = 0; folders[i]; i++)
		count += list_folder(p, i);
	text_add(&p->out.text, count ? "\n" : "None that runs mi-token.\n\n");
}
