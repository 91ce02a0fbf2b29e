/* Fuzz: names of keys and certificates in a vault.
 * SPDX-License-Identifier: MIT */
#include "openssl/uri.h"

#include <assert.h>
#include <string.h>

static void check(const struct uri *u)
{
	bool is_list = u->kind == URI_LIST;

	assert(u->host[0] && !strpbrk(u->host, "/:?#@\\%") && !text_has_control(u->host));
	assert(u->host[strlen(u->host) - 1] != '.');
	assert(is_list == !u->name[0] && !strpbrk(u->name, "./?#%"));
	assert(u->version[0] == '\0' || (strlen(u->version) == 32 && !is_list));
	assert(!text_has_control(u->identity));
	assert(text_is_utf8(u->identity, strlen(u->identity)));
	assert(!u->with_chain || u->kind == URI_CERTIFICATE);
	assert(!u->is_hsm || (u->kind == URI_KEY && !strchr(u->host, '.')));
}

static void check_equal(const struct uri *a, const struct uri *b)
{
	assert(a->kind == b->kind && a->is_hsm == b->is_hsm);
	assert(a->with_chain == b->with_chain && strcmp(a->host, b->host) == 0);
	assert(strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0);
	assert(strcmp(a->identity, b->identity) == 0);
}

/* The canonical spelling is read as the same, and is its own canonical spelling. */
static void check_spelling(const struct uri *u)
{
	AUTO_TEXT first = { 0 }, second = { 0 };
	struct uri again;

	uri_format(u, &first);
	assert(text_ok(&first) && first.len <= URI_MAX);
	assert(uri_parse(text_peek(&first), &again, NULL) == MITOK_OK);
	check_equal(u, &again);
	uri_format(&again, &second);
	assert(strcmp(text_peek(&first), text_peek(&second)) == 0);
}

static void check_id(const char *text)
{
	static const char host[] = "myvault.vault.azure.net";
	AUTO_TEXT as_uri = { 0 };
	struct mitok_err e = { 0 };
	struct uri u, again;

	if (uri_parse_id(text, host, &u, &e)) {
		assert(e.code == MITOK_E_REPLY && e.message[0]);
		return;
	}
	check(&u);
	assert(strcmp(u.host, host) == 0 && !u.identity[0] && u.kind != URI_LIST);
	/* what an answer calls a key can be pasted */
	text_addf(&as_uri, "azkv:%s", text);
	if (uri_parse(text_peek(&as_uri), &again, NULL) == MITOK_OK)
		check_equal(&u, &again);
	else
		assert(u.kind == URI_CERTIFICATE); /* of its secret */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TEXT text = { 0 };
	struct mitok_err e = { 0 };
	struct uri u;

	text_add_bytes(&text, (const char *)data, size);
	if (uri_parse(text_peek(&text), &u, &e) == MITOK_OK) {
		check(&u);
		check_spelling(&u);
	} else {
		assert(e.code == MITOK_E_ARG && e.message[0] && e.hint[0]);
		assert(!text_has_control(e.message));
	}
	check_id(text_peek(&text));
	if (text_starts_nocase(text_peek(&text), "azkv:"))
		check_id(text_peek(&text) + strlen("azkv:"));
	return 0;
}
