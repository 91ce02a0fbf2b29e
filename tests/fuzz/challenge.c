/* Fuzz: the headers of an Azure Arc challenge.
 * SPDX-License-Identifier: MIT */
#include "source/arc.h"

#include <assert.h>
#include <string.h>

static void check(const char *path)
{
	static const char folder[] = "/var/opt/azcmagent/tokens/";

	assert(text_starts(path, folder) && text_ends_nocase(path, ".key"));
	path += strlen(folder);
	assert(path[0] != '.' && !strchr(path, '/') && !text_has_control(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TEXT value = { 0 };
	AUTO_REPLY r = { .status = 401 };
	char path[ARC_PATH_SIZE];
	struct mitok_err e = { 0 };

	text_add_bytes(&value, (const char *)data, size);
	if (arc_challenge_path(text_peek(&value), path))
		check(path);
	else
		assert(path[0] == '\0');
	text_add_bytes(&r.headers, (const char *)data, size);
	if (arc_challenge(&r, path, &e) == MITOK_OK)
		check(path);
	else
		assert(e.code == MITOK_E_REPLY && !text_has_control(e.message));
	return 0;
}
