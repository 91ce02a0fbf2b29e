/* A world for the tests of the vault client: a metadata service that gives tokens, vaults
 * that answer as rows say, sessions that are counted, and a clock that moves only by what
 * happens. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_VAULT_WORLD_H
#define MI_TOKEN_TESTS_UNIT_VAULT_WORLD_H

#include "openssl/vault-state.h"
#include "script.h"

#define WORLD_OBJECT  "0b1ec7a0-0000-4000-8000-000000000001"
#define WORLD_TENANT  "7e4a7000-0000-4000-8000-000000000002"
#define WORLD_VERSION "0123456789abcdef0123456789abcdef"
#define WORLD_OTHER   "fedcba9876543210fedcba9876543210"

/* One answer of a vault: as in script.h, and */
struct vault_answer {
	struct script_answer is;
	bool if_reused; /* only for a request over a kept connection; others skip it */
};

#define WORLD_REQUESTS 16
struct vault_world {
	const char *conf;                   /* mi-token.conf; NULL: none */
	const struct vault_answer *answers; /* up to the first that is all zero; the last
					     * again and again */
	int imds_status;                    /* 0: tokens are given */
	int64_t imds_ms;                    /* and how long that takes */
	bool same_token;                    /* the same one whenever it is asked */
	bool real_time; /* passes, and nothing is recorded: for threads */

	/* What happened; atomic. */
	unsigned requests, tokens, clouds, sleeps;
	unsigned made, ended, abandoned;
	int64_t slept_ms, timeout_ms[WORLD_REQUESTS], connect_ms[WORLD_REQUESTS];
	char wire[16384]; /* requests to vaults, as in script.h but without the token */
	char last_token[32], last_id[64], last_resource[128];
	char last_query[512]; /* of the metadata service */
	struct moment now;
	unsigned next; /* answer */
};
extern struct vault_world vault_world;

/* A fresh world: it lasts until the next one. */
void vault_world_begin(const char *conf, const struct vault_answer *answers);
/* A client in it; identity is that of openssl.cnf. */
struct vault *vault_world_client(const char *identity, int64_t timeout_ms);

/* uri_parse() of what must be one. */
struct uri vault_world_uri(const char *text);

#endif
