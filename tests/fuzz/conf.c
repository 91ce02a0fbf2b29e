/* Fuzzes mi-token.conf's parser: what it accepts is printed so that it can be read again,
 * and the thread's locale stays.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 forgets texts that stand before a syntax error. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static void add_row(void *arg, const char *key, const char *value, const char *origin)
{
	(void)origin;
	/* Rows and members have keys that are no settings of their own. */
	if (!strpbrk(key, ".["))
		text_addf(arg, "%s = %s;\n", key, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 }, again = { 0 };
	AUTO_TEXT text = { 0 }, printed = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	locale_t before = uselocale((locale_t)0);
	bool root = size && data[0] != 'u'; /* 'u': a user's file */
	enum mitok_code r;

	text_add_bytes(&text, (const char *)data, size);
	r = conf_merge(&c, "f", text_peek(&text), root, &e);
	if (r == MITOK_OK)
		r = conf_defaults(&c, &e);
	if (uselocale((locale_t)0) != before ||
		(r && (r != MITOK_E_CONF || !e.message[0])))
		abort();
	if (r)
		return 0;
	if (conf_each(&c, add_row, &printed, &e))
		abort();
	/* finals come one by one, which a file cannot say twice */
	if (!c.finals && !c.identities &&
		conf_merge(&again, "g", text_peek(&printed), true, &e))
		abort();
	return 0;
}
