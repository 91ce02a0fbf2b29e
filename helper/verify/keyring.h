/* The keys of a tenant, kept fresh: fetched when they are needed, daily, and when a token names one
 * that is not known (Microsoft Learn, "Signing key rollover").
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_KEYRING_H
#define MI_TOKEN_HELPER_VERIFY_KEYRING_H

#include <pthread.h>

#include "discovery.h"

/* Keys that are older are fetched again; when that fails they are good for some days yet. */
#define KEYRING_FRESH_S INT64_C(86400)
#define KEYRING_STALE_S (3 * INT64_C(86400))
/* A token can name any key: it is asked for again after so long, and not before. */
#define KEYRING_AGAIN_S INT64_C(300)
/* Where there are no keys at all. */
#define KEYRING_RETRY_S INT64_C(10)

/* The keys of one version. */
struct bunch {
	struct keyset *set;   /* NULL: none */
	struct text text;     /* what they were read from */
	int64_t fetched_s;    /* seconds since the epoch */
	int64_t tried_s;      /* 0: never */
	enum mitok_code last; /* of the last try, */
	struct mitok_err last_error;
	bool is_read;     /* from the shelf */
	bool is_fetching; /* by one of the threads */
};

struct keyring {
	const struct crypto *crypto;
	const struct trust *trust;
	struct fetcher fetcher;
	int shelf; /* of shelf_open(); -1: none */
	int64_t (*now_s)(void);
	pthread_mutex_t lock;
	pthread_cond_t fetched;
	struct bunch bunches[VERSION_COUNT];
};

/* The first five members are the caller's, and stay his. */
void keyring_start(struct keyring *k);
void keyring_stop(struct keyring *k);

/* Gives the caller keys of that version, which he frees. They have that id, unless the issuer does
 * not know it. One thread fetches; others that have what they need do not wait. Else what
 * discovery_fetch() said. */
enum mitok_code keyring_get(struct keyring *k, enum version v, const char *kid,
	struct keyset **ret, struct mitok_err *e) MUST_CHECK;

#endif
