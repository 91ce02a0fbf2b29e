/* Whose tokens came for an identity before is known when another principal answers.
 * SPDX-License-Identifier: MIT */
#include "core/former.h"

#include <string.h>

#include "placed.h"
#include "test.h"

static const char *place = "imds|http://1";

static void come(struct mitok *m, struct mitok_token *t, const char *identity,
	const char *object_id, const char *resource_id)
{
	*t = (struct mitok_token){ .source = "imds" };
	CHECK(TEXT_COPY(t->identity, identity));
	CHECK(TEXT_COPY(t->claims.object_id, object_id));
	CHECK(TEXT_COPY(t->claims.resource_id, resource_id));
	former_note(m, place, t);
}

static void known(void)
{
	static const struct {
		const char *what, *identity, *object_id, *resource_id;
		const char *former, *former_resource;
	} rows[] = {
		{ "the first", "system", "a", "/vm", "", "" },
		{ "again", "system", "a", "/vm", "", "" },
		{ "created anew", "system", "b", "/vm", "a", "/vm" },
		{ "and again", "system", "b", "/vm", "a", "/vm" },
		{ "in another case", "system", "B", "/vm", "a", "/vm" },
		{ "another identity", "default", "c", "/user", "", "" },
		{ "without an id", "system", "", "", "", "" },
		{ "a third one", "system", "d", "/user", "b", "/vm" },
	};
	struct mitok m = { .cache = { .dir = -1 } };

	if (!placed_begin(""))
		return;
	m.cache = placed_cache;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_token t;

		come(&m, &t, rows[i].identity, rows[i].object_id, rows[i].resource_id);
		CHECK_ROW(rows[i].what,
			strcmp(mitok_token_text(&t, MITOK_TEXT_FORMER_OBJECT_ID),
				rows[i].former) == 0);
		CHECK_ROW(rows[i].what,
			strcmp(mitok_token_text(&t, MITOK_TEXT_FORMER_RESOURCE_ID),
				rows[i].former_resource) == 0);
	}
	placed_end();
}

static void read_only(void)
{
	struct mitok m = { .cache = { .dir = -1 } };
	struct mitok_token t;

	if (!placed_begin(""))
		return;
	m.cache = placed_cache;
	come(&m, &t, "system", "a", "/vm");
	m.cache.read_only = true;
	for (int i = 0; i < 2; i++) {
		come(&m, &t, "system", "b", "/vm");
		CHECK_TEXT(t.former.object_id, "a");
	}
	m.cache.read_only = false;
	come(&m, &t, "system", "a", "/vm");
	CHECK_TEXT(t.former.object_id, "");
	placed_end();
}

/* Who signs in elsewhere, or as another, is nobody's heir. */
static void elsewhere(void)
{
	static const char *const places[] = { "azure-cli|1", "azure-cli|2", "imds|" };
	struct mitok m = { .cache = { .dir = -1 } };
	struct mitok_token t;

	if (!placed_begin(""))
		return;
	m.cache = placed_cache;
	for (size_t i = 0; i < COUNT(places); i++) {
		char id[2] = { (char)('a' + (int)i), '\0' };

		place = places[i];
		come(&m, &t, "default", id, "");
		CHECK_TEXT(t.former.object_id, "");
	}
	place = places[0];
	come(&m, &t, "default", "z", "");
	CHECK_TEXT(t.former.object_id, "a");
	placed_end();
}

static const struct test tests[] = {
	{ "the principal that came before is known until the machine starts", known },
	{ "another account, variable or source is another identity", elsewhere },
	{ "who only reads is told of it too, and leaves no trace", read_only },
};
TEST_MAIN(tests)
