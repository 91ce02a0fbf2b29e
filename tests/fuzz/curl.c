/* Fuzz: curl's command line, words ended by NUL, the last of them as the default
 * configuration.
 * SPDX-License-Identifier: MIT */
#include "../../helper/curl/scan.h"
#include "../../helper/curl/url.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MOST 64

static void check_url(const struct scan *s, const struct scan_url *u, char *const *argv)
{
	bool found = false;
	struct place p = { .is_https = false };

	assert(u->section < s->section_count && s->sections[u->section].has_url);
	for (int i = 1; argv[i]; i++)
		found = found ||
			(u->text >= argv[i] && u->text <= argv[i] + strlen(argv[i]));
	assert(found);
	if (!url_read(u->text, &p))
		return;
	assert(p.path[0] == '/' && !text_has_control(p.path));
	if (!p.is_own)
		assert(p.host[0] && !strpbrk(p.authority, "/?#@\\{}[]%") &&
			text_starts(p.authority, p.host));
}

static void check(const struct scan *s, int argc, char *const *argv)
{
	int at = 0;

	for (size_t i = 0; i < s->section_count; i++) {
		assert(s->sections[i].at > at && s->sections[i].at <= argc);
		at = s->sections[i].at;
	}
	for (size_t i = 0; i < s->url_count; i++)
		check_url(s, &s->urls[i], argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "curl";
	AUTO_FREE char *text = malloc(size + 1);
	char *argv[MOST + 1] = { name };
	int argc = 1;
	AUTO_SCAN s = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at < size && argc < MOST; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	if (argc == 1 || !scan_args(argc, argv, &s))
		return 0;
	check(&s, argc, argv);
	scan_config(&s, argv[argc - 1]);
	check(&s, argc, argv);
	return 0;
}
