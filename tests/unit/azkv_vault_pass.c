/* What calls show to vaults: for how long, to whom, and when no longer.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-pass.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/token.h"
#include "openssl/vault.h"
#include "test.h"
#include "vault_world.h"

#define HOST  "myvault.vault.azure.net"
#define KEY   "azkv://" HOST "/keys/k/" WORLD_VERSION
#define OTHER "azkv://" HOST "/keys/other/" WORLD_VERSION
#define BODY(name)                                                                 \
	"{\"kid\":\"https://" HOST "/keys/" name "/" WORLD_VERSION "\",\"value\":" \
	"\"AQID\"}"
#define GOOD                           \
	{                              \
		{                      \
			200, BODY("k") \
		}                      \
	}
#define UNAUTHORIZED                                                     \
	{                                                                \
		{                                                        \
			401, "",                                         \
				"WWW-Authenticate: Bearer "              \
				"resource=\"https://vault.azure.net\"\n" \
		}                                                        \
	}
#define END               \
	{                 \
		{         \
			0 \
		}         \
	}
#define START SCRIPT_START_MS

static enum mitok_code sign(struct vault *v, const char *text)
{
	const struct uri u = vault_world_uri(text);
	const struct vault_job job = { &u, "sign", "RS256", (const unsigned char *)"x",
		1 };
	AUTO_SECRET got = { 0 };

	return vault_do(v, &job, &got, NULL);
}

/* What the library would do with the next question for this user is not done: who still
 * signs with the same token has not asked. */
static void forget(struct vault *v)
{
	CHECK(mitok_cache_clear(atomic_load(&v->users)->m, NULL, NULL) == MITOK_OK);
}

static struct vault_pass *pass(const char *what)
{
	struct mitok_token *t = token_new();
	struct vault_pass *p = NULL;

	if (t && secret_add_text(&t->value, SPY_MARK))
		p = vault_pass_new(what, t, START);
	CHECK(p != NULL);
	return p;
}

static void for_a_second(void)
{
	static const struct {
		int64_t at_ms;
		bool is_good;
	} rows[] = { { 0, true }, { 999, true }, { 1000, false }, { 100000, false },
		{ -1, false } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vault_shelf s = { .slots = { NULL } };
		struct vault_pass *p;

		spy_leaks = 0;
		vault_pass_keep(&s, pass("a"));
		p = vault_pass_take(&s, "a", START + rows[i].at_ms);
		CHECK((p != NULL) == rows[i].is_good);
		if (p) {
			CHECK_TEXT(secret_peek(&p->authorization), "Bearer " SPY_MARK);
			vault_pass_keep(&s, p); /* gets no younger by it */
		}
		CHECK(!vault_pass_take(&s, "a", START + 1000));
		CHECK(!vault_pass_take(&s, "a", START)); /* it is gone */
		CHECK(spy_leaks == 0);
	}
}

static void one_call(void)
{
	struct vault_shelf s = { .slots = { NULL } };
	struct vault_pass *a, *b;

	vault_pass_keep(&s, pass("a"));
	vault_pass_keep(&s, pass("b"));
	CHECK(!vault_pass_take(&s, "c", START));
	b = vault_pass_take(&s, "b", START);
	a = vault_pass_take(&s, "a", START);
	CHECK(a && b && strcmp(a->what, "a") == 0 && strcmp(b->what, "b") == 0);
	CHECK(!vault_pass_take(&s, "a", START)); /* somebody else has it */
	vault_pass_free(a);
	vault_pass_free(b);
	vault_pass_free(NULL);
}

static void another_user(void)
{
	struct vault_shelf s = { .slots = { NULL } };
	struct vault_pass *p = pass("a");

	spy_leaks = 0;
	p->euid++;
	vault_pass_keep(&s, p);
	CHECK(!vault_pass_take(&s, "a", START));
	p = pass("a");
	vault_pass_keep(&s, p);
	if (geteuid() == 0) {
		CHECK(seteuid(65534) == 0);
		CHECK(!vault_pass_take(&s, "a", START));
		CHECK(seteuid(0) == 0);
	}
	vault_pass_drop_all(&s);
	CHECK(spy_leaks == 0);
}

static void another_process(void)
{
	struct vault_shelf s = { .slots = { NULL } };
	int status = -1;
	pid_t child;

	vault_pass_keep(&s, pass("a"));
	child = fork();
	if (child == 0)
		_exit(vault_pass_take(&s, "a", START) || spy_leaks ? 1 : 0);
	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
	vault_pass_free(vault_pass_take(&s, "a", START)); /* the parent has it still */
	CHECK(spy_leaks == 0 && !vault_pass_take(&s, "a", START));
}

static void no_room(void)
{
	struct vault_shelf s = { .slots = { NULL } };
	struct vault_pass *p;

	spy_leaks = 0;
	for (int i = 0; i < SHELF_SLOTS + 3; i++)
		vault_pass_keep(&s, pass(i < SHELF_SLOTS ? "a" : "b"));
	p = vault_pass_take(&s, "b", START);
	CHECK(p != NULL);
	vault_pass_free(p);
	CHECK(!vault_pass_take(&s, "b", START));
	for (int i = 0; i < SHELF_SLOTS - 1; i++) {
		p = vault_pass_take(&s, "a", START);
		CHECK(p != NULL);
		vault_pass_free(p);
	}
	CHECK(!vault_pass_take(&s, "a", START));
	CHECK(spy_leaks == 0);
}

static void no_memory(void)
{
	for (unsigned n = 1; n <= 2; n++) {
		struct mitok_token *t = token_new();

		spy_leaks = 0;
		CHECK(t && secret_add_text(&t->value, SPY_MARK));
		spy_fail(n);
		CHECK(!vault_pass_new("a", t, START));
		spy_fail(0);
		CHECK(spy_leaks == 0);
	}
}

/* The library is not asked again within the second, and is behind it. */
static void spares_questions(void)
{
	static const struct vault_answer answers[] = { GOOD, END };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	forget(v);
	vault_world.now.boot_ms += 999;
	CHECK(sign(v, KEY) == MITOK_OK && vault_world.tokens == 1);
	CHECK_TEXT(vault_world.last_token, "token-1");
	vault_world.now.boot_ms += 1;
	CHECK(sign(v, KEY) == MITOK_OK && vault_world.tokens == 2);
	CHECK_TEXT(vault_world.last_token, "token-2");
	vault_free(v);
}

/* Other keys may be for another identity, by root's rules. */
static void other_keys(void)
{
	static const struct vault_answer answers[] = { GOOD, { { 200, BODY("other") } },
		END };
	struct vault *v;

	vault_world_begin("rules = ( { host = \"" HOST "\"; path = \"/keys/other\"; "
			  "deny = true; } );",
		answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(sign(v, OTHER) == MITOK_E_DENIED && vault_world.requests == 1);
	vault_free(v);

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(sign(v, KEY "?identity=object-id:" WORLD_OBJECT) == MITOK_E_REPLY);
	CHECK(vault_world.tokens == 2);
	CHECK(strstr(vault_world.last_query, "object_id=" WORLD_OBJECT));
	vault_free(v);
}

/* Not that call's alone: the others that are kept are the same token. */
static void after_a_refusal(void)
{
	static const struct vault_answer answers[] = { GOOD, { { 200, BODY("other") } },
		UNAUTHORIZED, { { 200, BODY("other") } }, GOOD, END };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK && sign(v, OTHER) == MITOK_OK);
	CHECK(vault_world.tokens == 1);
	CHECK(sign(v, OTHER) == MITOK_OK && vault_world.tokens == 2);
	CHECK_TEXT(vault_world.last_token, "token-2");
	CHECK(sign(v, KEY) == MITOK_OK && vault_world.requests == 5);
	CHECK_TEXT(vault_world.last_token, "token-2");
	CHECK(vault_world.tokens == 2);
	vault_free(v);
}

/* What was not taken is not kept. */
static void after_a_fault(void)
{
	static const struct vault_answer answers[] = { { { 403 } }, END };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_E_DENIED);
	for (size_t i = 0; i < SHELF_SLOTS; i++)
		CHECK(!v->passes.slots[i]);
	vault_free(v);
}

#define THREADS 8
static void *take_often(void *arg)
{
	struct vault_shelf *s = arg;

	for (int i = 0; i < 5000; i++) {
		struct vault_pass *p = vault_pass_take(s, "a", START);

		if (!p)
			p = pass("a");
		CHECK(strcmp(secret_peek(&p->authorization), "Bearer " SPY_MARK) == 0);
		if (i % 100 == 99)
			vault_pass_drop_all(s);
		vault_pass_keep(s, p);
	}
	return NULL;
}

static void threads_share(void)
{
	struct vault_shelf s = { .slots = { NULL } };
	pthread_t threads[THREADS];

	spy_leaks = 0;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, take_often, &s) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	vault_pass_drop_all(&s);
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a token is kept for a second", for_a_second },
	{ "for one call, and one caller at a time", one_call },
	{ "not for another user", another_user },
	{ "not for a child process", another_process },
	{ "what there is no room for is wiped", no_room },
	{ "and what there is no memory for", no_memory },
	{ "the library is asked once in a second", spares_questions },
	{ "and for each key, since rules may tell them apart", other_keys },
	{ "a refusal ends it for all", after_a_refusal },
	{ "what was not taken is not kept", after_a_fault },
	{ "threads take turns", threads_share },
};

TEST_MAIN(tests)
