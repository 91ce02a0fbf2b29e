/* Verifies one token again and again, as mi-token verify does, and prints how often in a second.
 * SPDX-License-Identifier: MIT
 *
 * verify JWKS TOKEN AUDIENCE TENANT MS: keys and token are files. Nothing is remembered from one
 * time to the next but the keys. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../helper/verify/verifier.h"
#include "base/file.h"

static double now_s(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool verify(struct verifier *v, const struct secret *text, struct mitok_err *e)
{
	AUTO_TOKEN_PARTS t;
	struct claims c;

	token_begin(&t);
	return verifier_check(v, text, &t, &c, e) == REASON_NONE;
}

/* By the time that the processor spent, as `openssl speed` measures: what else runs on the machine
 * has no part in it. */
static enum mitok_code measure(
	struct verifier *v, const struct secret *text, double span, struct mitok_err *e)
{
	double start = 0;
	unsigned long count = 0;

	for (int round = 0; round < 2; round++) { /* the first warms up */
		double end = now_s(CLOCK_MONOTONIC) + (round ? span : 0.05);

		start = now_s(CLOCK_PROCESS_CPUTIME_ID);
		for (count = 0; now_s(CLOCK_MONOTONIC) < end; count += 16)
			for (int i = 0; i < 16; i++)
				if (!verify(v, text, e))
					return e->code;
	}
	printf("%.0f\n", (double)count / (now_s(CLOCK_PROCESS_CPUTIME_ID) - start));
	return MITOK_OK;
}

int main(int argc, char **argv)
{
	const char *const none[] = { NULL };
	struct verifier v = { .given = NULL };
	struct mitok_err e = { .code = MITOK_OK };
	struct secret text = { NULL, 0, 0 };
	enum mitok_code r = MITOK_E_ARG;

	if (argc == 6) {
		const char *const audiences[] = { argv[3], NULL };
		const struct file_ask ask = { .path = argv[2], .limit = TOKEN_MAX };

		v.policy = (struct policy){ .audiences = audiences,
			.appids = none,
			.oids = none,
			.roles = none,
			.skew_s = SKEW_DEFAULT_S };
		r = trust_set(argv[4], NULL, NULL, &v.trust, &e);
		if (!r)
			r = verifier_start(&v, NULL, &e);
		if (!r)
			r = verifier_use_file(&v, argv[1], &e);
		if (!r)
			r = file_read(AT_FDCWD, &ask, &text, &e);
		secret_trim(&text);
		if (!r)
			r = measure(&v, &text, strtod(argv[5], NULL) / 1e3, &e);
		verifier_stop(&v);
		secret_wipe(&text);
	}
	if (r)
		fprintf(stderr, "verify: %s\n",
			argc == 6 ? e.message : "JWKS TOKEN AUDIENCE TENANT MS");
	return (int)r;
}
