/* The keys of a tenant, kept fresh: when they are fetched, and what is believed meanwhile.
 * SPDX-License-Identifier: MIT */
#include "../../helper/verify/keyring.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../helper/verify/shelf.h"
#include "signer.h"
#include "test.h"

#define TENANT  "91880000-0000-4000-8000-00000000a001"
#define OTHER   "91880000-0000-4000-8000-00000000a002"
#define LOGIN   "https://login.microsoftonline.com/"
#define V1      "https://sts.windows.net/" TENANT "/"
#define START_S INT64_C(1800000000)

/* What Entra answers now, and how often it was asked. */
static struct {
	enum mitok_code fails;
	const char *issuer, *jwks_uri, *kid;
	const char *configuration, *keys; /* instead of what follows from the above */
	unsigned asked;
	char urls[2][128];
	bool slow;
	int64_t takes_s; /* by the clock */
} entra;

static _Atomic int64_t clock_s;
static struct crypto crypto;
static struct trust trust;

static int64_t now_s(void)
{
	return clock_s;
}

static void write_answer(const char *url, struct text *ret)
{
	if (strstr(url, "openid-configuration")) {
		if (entra.configuration)
			text_add(ret, entra.configuration);
		else
			text_addf(ret, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}",
				entra.issuer, entra.jwks_uri);
		return;
	}
	if (entra.keys) {
		text_add(ret, entra.keys);
		return;
	}
	text_add(ret, "{\"keys\":[");
	signer_add_jwk(SIGNER_RSA, entra.kid, "", ret);
	text_add(ret, "]}");
}

static enum mitok_code get(
	void *self, const char *url, struct secret *ret, struct mitok_err *e)
{
	AUTO_TEXT answer = { 0 };

	(void)self;
	(void)snprintf(entra.urls[entra.asked % 2], sizeof(entra.urls[0]), "%s", url);
	entra.asked++;
	clock_s += entra.takes_s;
	if (entra.slow)
		(void)usleep(100000);
	if (entra.asked > 9999)
		entra.takes_s = 0; /* it would go on for ever */
	if (entra.fails)
		return err_set(e, entra.fails, "nobody is there");
	write_answer(url, &answer);
	return secret_add(ret, text_peek(&answer), answer.len) ? MITOK_OK : err_memory(e);
}

static void begin(struct keyring *k, const char *tenant, int shelf)
{
	entra.fails = MITOK_OK;
	entra.issuer = V1;
	entra.jwks_uri = LOGIN TENANT "/discovery/keys";
	entra.kid = "one";
	entra.configuration = entra.keys = NULL;
	entra.asked = 0;
	entra.slow = false;
	entra.takes_s = 0;
	CHECK(trust_set(tenant, NULL, NULL, &trust, NULL) == MITOK_OK);
	*k = (struct keyring){ .crypto = &crypto,
		.trust = &trust,
		.fetcher = { NULL, get },
		.shelf = shelf,
		.now_s = now_s };
	keyring_start(k);
}

/* Asks for a key; tells whether it is there. */
static bool has(struct keyring *k, const char *kid, enum mitok_code want)
{
	struct keyset *s = NULL;
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r = keyring_get(k, VERSION_1, kid, &s, &e);
	bool found = !r && keyset_has(s, kid);

	CHECK_ROW(kid, r == want);
	CHECK_ROW(kid, (r == MITOK_OK) == (s != NULL));
	CHECK_ROW(kid, (r == MITOK_OK) || e.code == r);
	keyset_free(s);
	return found;
}

static void one_fetch(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	for (int i = 0; i < 5; i++, clock_s += 3600)
		CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 2);
	CHECK_TEXT(entra.urls[0], LOGIN TENANT "/.well-known/openid-configuration");
	CHECK_TEXT(entra.urls[1], LOGIN TENANT "/discovery/keys");
	keyring_stop(&k);
}

static void rotation(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	CHECK(has(&k, "one", MITOK_OK));
	entra.kid = "two";
	clock_s += KEYRING_AGAIN_S - 1;
	CHECK(!has(&k, "two", MITOK_OK));
	CHECK(entra.asked == 2);
	clock_s += 1;
	CHECK(has(&k, "two", MITOK_OK));
	CHECK(entra.asked == 4);
	CHECK(!has(&k, "one", MITOK_OK));
	keyring_stop(&k);
}

/* Thousands of made-up ids in an hour are a dozen questions. */
static void flood(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	for (int i = 0; i < 3600; i++, clock_s++) {
		char kid[16];

		(void)snprintf(kid, sizeof(kid), "x%d", i);
		CHECK(!has(&k, kid, MITOK_OK));
	}
	CHECK(entra.asked == (unsigned)(7200 / KEYRING_AGAIN_S));
	keyring_stop(&k);
}

static void daily(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	CHECK(has(&k, "one", MITOK_OK));
	clock_s += KEYRING_FRESH_S - 1;
	CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 2);
	clock_s += 1;
	CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 4);
	keyring_stop(&k);
}

static void stale(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	CHECK(has(&k, "one", MITOK_OK));
	entra.fails = MITOK_E_LATER;
	clock_s += KEYRING_FRESH_S;
	CHECK(has(&k, "one", MITOK_OK)); /* asked, in vain */
	CHECK(entra.asked == 3);
	clock_s += KEYRING_AGAIN_S - 1;
	CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 3);
	CHECK(!has(&k, "two", MITOK_E_LATER)); /* nobody knows */
	clock_s = START_S + KEYRING_STALE_S - 1;
	CHECK(has(&k, "one", MITOK_OK));
	clock_s += 1;
	CHECK(!has(&k, "one", MITOK_E_LATER));
	entra.fails = MITOK_OK;
	clock_s += KEYRING_AGAIN_S;
	CHECK(has(&k, "one", MITOK_OK));
	keyring_stop(&k);
}

static void away(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	entra.fails = MITOK_E_LATER;
	CHECK(!has(&k, "one", MITOK_E_LATER));
	clock_s += KEYRING_RETRY_S - 1;
	CHECK(!has(&k, "one", MITOK_E_LATER));
	CHECK(entra.asked == 1);
	entra.fails = MITOK_OK;
	clock_s += 1;
	CHECK(has(&k, "one", MITOK_OK));
	keyring_stop(&k);
}

/* Whoever waits longer for an answer than until the next try still asks once. */
static void silence(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	entra.fails = MITOK_E_LATER;
	entra.takes_s = KEYRING_RETRY_S;
	for (unsigned i = 1; i <= 3; i++, clock_s += KEYRING_RETRY_S) {
		CHECK(!has(&k, "one", MITOK_E_LATER));
		CHECK(entra.asked == i);
	}
	keyring_stop(&k);
}

static void clock_back(void)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, -1);
	CHECK(has(&k, "one", MITOK_OK));
	clock_s -= 1000000;
	CHECK(has(&k, "one", MITOK_OK)); /* asked anew, by whatever clock */
	CHECK(entra.asked == 4);
	CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 4);
	keyring_stop(&k);
}

static void bad_documents(void)
{
	static const struct {
		const char *what, *configuration, *keys;
	} rows[] = {
		{ "no JSON", "<html>", NULL },
		{ "nothing", "{}", NULL },
		{ "another tenant",
			"{\"issuer\":\"https://sts.windows.net/" OTHER "/\",\"jwks_uri\":"
			"\"" LOGIN "keys\"}",
			NULL },
		{ "another issuer",
			"{\"issuer\":\"https://evil.example/\",\"jwks_uri\":\"" LOGIN
			"keys\"}",
			NULL },
		{ "another version",
			"{\"issuer\":\"" LOGIN TENANT "/v2.0\",\"jwks_uri\":\"" LOGIN
			"keys\"}",
			NULL },
		{ "a template",
			"{\"issuer\":\"" LOGIN "{tenantid}/v2.0\",\"jwks_uri\":\"" LOGIN
			"keys\"}",
			NULL },
		{ "keys elsewhere",
			"{\"issuer\":\"" V1
			"\",\"jwks_uri\":\"https://evil.example/keys\"}",
			NULL },
		{ "keys in another cloud",
			"{\"issuer\":\"" V1 "\",\"jwks_uri\":"
			"\"https://login.chinacloudapi.cn/keys\"}",
			NULL },
		{ "keys over http",
			"{\"issuer\":\"" V1 "\",\"jwks_uri\":"
			"\"http://login.microsoftonline.com/keys\"}",
			NULL },
		{ "no keys' place", "{\"issuer\":\"" V1 "\"}", NULL },
		{ "twice",
			"{\"issuer\":\"" V1 "\",\"issuer\":\"" V1
			"\",\"jwks_uri\":\"" LOGIN "keys\"}",
			NULL },
		{ "keys are no JSON", NULL, "keys" },
		{ "keys are none", NULL, "{\"keys\":[]}" },
		{ "a private key", NULL, "{\"keys\":[{\"d\":\"AQAB\"}]}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyring k;

		clock_s = START_S;
		begin(&k, TENANT, -1);
		entra.configuration = rows[i].configuration;
		entra.keys = rows[i].keys;
		CHECK_ROW(rows[i].what, !has(&k, "one", MITOK_E_REPLY));
		CHECK_ROW(rows[i].what,
			entra.asked == (rows[i].keys ? 2U : 1U)); /* nowhere else */
		keyring_stop(&k);
	}
}

static void domains(void)
{
	struct keyring k;
	struct keyset *s = NULL;

	clock_s = START_S;
	begin(&k, "Contoso.com", -1);
	CHECK(keyring_get(&k, VERSION_1, "one", &s, NULL) == MITOK_OK);
	CHECK_TEXT(entra.urls[0], LOGIN "contoso.com/.well-known/openid-configuration");
	CHECK(s && strcmp(s->tenant, TENANT) == 0);
	keyset_free(s);
	keyring_stop(&k);
}

/* A folder that goes away. */
static int make_folder(char path[64])
{
	int fd = -1;

	(void)snprintf(path, 64, "/tmp/mi-token-keyring-XXXXXX");
	CHECK(mkdtemp(path) != NULL);
	CHECK(shelf_open(path, &fd, NULL) == MITOK_OK && fd >= 0);
	return fd;
}

static void remove_folder(const char *path)
{
	char name[200];

	(void)snprintf(name, sizeof(name), "%s/keys-public-" TENANT "-v1.json", path);
	(void)unlink(name);
	CHECK(rmdir(path) == 0); /* nothing else is left there */
}

/* Keeps what Entra says in that folder at START_S, then asks again. */
static unsigned asked_again(int shelf, int64_t later_s, const char *kid, bool want)
{
	struct keyring k;

	clock_s = START_S;
	begin(&k, TENANT, shelf);
	CHECK(has(&k, "one", MITOK_OK));
	keyring_stop(&k);
	begin(&k, TENANT, shelf);
	clock_s += later_s;
	CHECK(has(&k, kid, MITOK_OK) == want);
	keyring_stop(&k);
	return entra.asked;
}

static void shelf(void)
{
	char path[64], name[200];
	int fd = make_folder(path);

	CHECK(asked_again(fd, 60, "one", true) == 0);
	(void)snprintf(name, sizeof(name), "%s/keys-public-" TENANT "-v1.json", path);
	(void)unlink(name);
	CHECK(asked_again(fd, KEYRING_FRESH_S, "one", true) == 2);
	(void)unlink(name);
	/* other processes' questions count */
	CHECK(asked_again(fd, 60, "two", false) == 0);
	(void)unlink(name);
	CHECK(asked_again(fd, KEYRING_AGAIN_S, "two", false) == 2);
	(void)close(fd);
	remove_folder(path);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	CHECK(f != NULL);
	if (f) {
		(void)fputs(text, f);
		(void)fclose(f);
	}
}

/* What is wrong with a file makes it one that is not there. */
static void bad_shelf(void)
{
	static const char *const rows[] = {
		"",
		"{}",
		"{\"tenant\":\"" OTHER
		"\",\"fetched\":1799999999,\"tried\":1799999999,%s}",
		"{\"tenant\":\"" TENANT
		"\",\"fetched\":1800000001,\"tried\":1800000001,%s}",
		"{\"tenant\":\"" TENANT
		"\",\"fetched\":1799999999,\"tried\":1700000000,%s}",
		"{\"tenant\":\"" TENANT "\",\"fetched\":0,\"tried\":0,%s}",
		"{\"tenant\":\"" TENANT "\",\"fetched\":1799999999,%s}",
		"{\"tenant\":\"" TENANT "\",\"fetched\":1799999999,\"tried\":1799999999,"
		"\"keys\":[]}",
		"{\"fetched\":1799999999,\"tried\":1799999999,%s}",
	};
	char path[64], name[200];
	int fd = make_folder(path);

	(void)snprintf(name, sizeof(name), "%s/keys-public-" TENANT "-v1.json", path);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyring k;
		const char *hole = strstr(rows[i], "%s");
		AUTO_TEXT file = { 0 };

		text_add_bytes(&file, rows[i],
			hole ? (size_t)(hole - rows[i]) : strlen(rows[i]));
		if (hole) {
			text_add(&file, "\"keys\":[");
			signer_add_jwk(SIGNER_RSA, "one", "", &file);
			text_addf(&file, "]%s", hole + 2);
		}
		(void)unlink(name);
		write_file(name, text_peek(&file));
		clock_s = START_S;
		begin(&k, TENANT, fd);
		CHECK_ROW(rows[i], has(&k, "one", MITOK_OK));
		CHECK_ROW(rows[i], entra.asked == 2);
		keyring_stop(&k);
	}
	(void)close(fd);
	remove_folder(path);
}

static void others_can_write(void)
{
	char path[64], name[200];
	struct mitok_err e = { .code = MITOK_OK };
	int fd = make_folder(path), again = -1;
	struct keyring k;

	CHECK(asked_again(fd, 60, "one", true) == 0);
	(void)snprintf(name, sizeof(name), "%s/keys-public-" TENANT "-v1.json", path);
	CHECK(chmod(name, 0666) == 0);
	begin(&k, TENANT, fd);
	CHECK(has(&k, "one", MITOK_OK));
	CHECK(entra.asked == 2);
	keyring_stop(&k);
	CHECK(chmod(path, 0777) == 0);
	CHECK(shelf_open(path, &again, &e) == MITOK_E_CONF && again == -1);
	CHECK(strstr(e.message, "can be written by others") != NULL);
	CHECK(shelf_open("/nonexistent", &again, &e) == MITOK_E_CONF && again == -1);
	(void)close(fd);
	remove_folder(path);
}

static void *ask_in_thread(void *arg)
{
	struct keyset *s = NULL;
	bool good = keyring_get(arg, VERSION_1, "one", &s, NULL) == MITOK_OK;

	keyset_free(s);
	return good ? arg : NULL;
}

static void threads(void)
{
	struct keyring k;
	pthread_t ids[8];

	clock_s = START_S;
	begin(&k, TENANT, -1);
	entra.slow = true;
	for (size_t i = 0; i < COUNT(ids); i++)
		CHECK(pthread_create(&ids[i], NULL, ask_in_thread, &k) == 0);
	for (size_t i = 0; i < COUNT(ids); i++) {
		void *good = NULL;

		CHECK(pthread_join(ids[i], &good) == 0 && good);
	}
	CHECK(entra.asked == 2);
	keyring_stop(&k);
}

static const struct test tests[] = {
	{ "keys are fetched once, from the tenant's own place", one_fetch },
	{ "a key that is not known has them fetched again", rotation },
	{ "but not more often than every five minutes", flood },
	{ "keys are fetched daily", daily },
	{ "old keys are good for two days more when Entra is away", stale },
	{ "without any keys it is asked again soon", away },
	{ "who is silent for long is asked once", silence },
	{ "a clock that is put back makes nothing old or new", clock_back },
	{ "documents that cannot be trusted are not", bad_documents },
	{ "a domain's tenant is what Entra says", domains },
	{ "keys stay on the shelf, with the time of the last question", shelf },
	{ "a file that is not right is as none", bad_shelf },
	{ "a shelf that others can write to is as none", others_can_write },
	{ "threads wait for one fetch", threads },
};

int main(void)
{
	int r;

	signer_start();
	if (crypto_start(&crypto, NULL))
		abort();
	r = test_run(tests, COUNT(tests));
	crypto_stop(&crypto);
	signer_end();
	return r;
}
