/* Fuzz: what az prints and complains of, as the source azure-cli reads it. Of the input the
 * first byte is az's status, the rest its output, and behind a NUL its standard error.
 * SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <assert.h>
#include <string.h>

#include "source/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static const char *env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "HOME") == 0 ? "/home/me" : NULL;
}

static bool exists(void *self, const char *path)
{
	(void)self;
	(void)path;
	return false;
}

static bool find(void *self, const char *name, char ret[PATH_MAX])
{
	(void)self;
	return text_copy(ret, PATH_MAX, name);
}

static struct moment now(void *self)
{
	(void)self;
	return (struct moment){ .real_s = 1727193299, .boot_ms = 5000000 };
}

static enum mitok_code run(void *self, const struct child_ask *a, struct child_reply *ret,
	struct mitok_err *e)
{
	const struct input *in = self;
	const char *out = (const char *)in->data + 1;
	const char *end = memchr(out, '\0', in->size - 1);
	size_t len = end ? (size_t)(end - out) : in->size - 1;
	size_t rest = end ? in->size - 2 - len : 0;

	ret->status = in->data[0] == 255 ? -1 : in->data[0];
	if (len > a->out_max)
		ret->end = CHILD_TOO_MUCH;
	else if (!secret_add(&ret->out, out, len))
		return err_memory(e);
	rest = rest < CHILD_ERR_MAX ? rest : CHILD_ERR_MAX;
	return !rest || secret_add(&ret->err, end + 1, rest) ? MITOK_OK : err_memory(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const struct host h = { .self = &in,
		.env = env,
		.exists = exists,
		.find = find,
		.run = run,
		.now = now };
	const struct ask ask = { .resource = "https://vault.azure.net",
		.deadline_ms = 5010000 };
	AUTO_GRANT g = { 0 };
	struct mitok_err e = { 0 };

	if (!size)
		return 0;
	if (source_azure_cli.fetch(&h, &ask, &g, &e) == MITOK_OK) {
		assert(g.token.len > 0 && g.token.len <= REPLY_TOKEN_MAX);
		assert(strlen(secret_peek(&g.token)) == g.token.len);
		assert(g.expires_s > 1727193299 && g.expires_s <= CLOCK_MAX_S);
		assert(strcmp(g.type, "Bearer") == 0 && data[0] % 255 == 0);
	} else {
		assert(!g.token.p && e.message[0] && !text_has_control(e.message));
		assert(!text_has_control(e.hint) && text_is_utf8(e.hint, strlen(e.hint)));
		assert(text_is_utf8(e.message, strlen(e.message)));
		assert(!strstr(e.message, "eyJ") && !strstr(e.hint, "eyJ"));
	}
	return 0;
}
