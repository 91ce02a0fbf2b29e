/* curl's default configuration, which it reads before its command line.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "curl.h"

/* Every place that some version of curl looks at (curl(1), "--config"). It reads the first
 * that is there, and here all of them count. */
static const struct {
	const char *variable; /* NULL: the home that the system knows */
	const char *below;
} places[] = {
	{ "CURL_HOME", "/.curlrc" },
	{ "CURL_HOME", "/.config/curlrc" },
	{ "XDG_CONFIG_HOME", "/curlrc" },
	{ "XDG_CONFIG_HOME", "/.curlrc" },
	{ "HOME", "/.curlrc" },
	{ "HOME", "/.config/curlrc" },
	{ NULL, "/.curlrc" },
	{ NULL, "/.config/curlrc" },
};

static const char *find_home(void)
{
	const struct passwd *pw = getpwuid(geteuid());

	return pw ? pw->pw_dir : NULL;
}

static void scan_file(struct scan *s, const char *path)
{
	AUTO_SECRET text = { 0 };
	int why = 0;
	struct file_ask ask = { .path = path, .limit = SECRET_MAX, .ret_errno = &why };

	if (file_read(AT_FDCWD, &ask, &text, NULL)) {
		if (why != ENOENT && why != ENOTDIR && why != EACCES)
			s->flags |= SCAN_CONFIG;
	} else if (strlen(secret_peek(&text)) != text.len) {
		s->flags |= SCAN_CONFIG;
	} else {
		scan_config(s, secret_peek(&text));
	}
}

void config_scan(struct scan *s)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *folder = places[i].variable
			? secure_getenv(places[i].variable)
			: find_home();
		char path[PATH_MAX];
		int n;

		if (!folder || !*folder)
			continue;
		n = snprintf(path, sizeof(path), "%s%s", folder, places[i].below);
		if (n > 0 && n < (int)sizeof(path))
			scan_file(s, path);
	}
}
