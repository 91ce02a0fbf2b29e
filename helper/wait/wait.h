/* mi-token wait: until there is a token, or access.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_WAIT_WAIT_H
#define MI_TOKEN_HELPER_WAIT_WAIT_H

#include "base/log.h"
#include "base/text.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *goal, *timeout, *resource, *identity, *source, *error_format;
	bool quiet, verbose, help, version;

	const char *target;    /* the argument */
	const struct goal *to; /* what is waited for */
	int64_t timeout_ms;
};
enum mitok_code options_parse(
	int argc, char *const *argv, struct options *ret, struct mitok_err *e) MUST_CHECK;
enum mitok_code options_help(struct mitok_err *e) MUST_CHECK;

/* Who waits; all is lent. */
struct waiter {
	const struct options *o;
	struct mitok *m;
	struct log log;
};

/* What one try has come to. */
enum verdict {
	VERDICT_DONE,  /* there it is; the message of the error says what */
	VERDICT_LATER, /* not yet: time may cure it */
	VERDICT_DOUBT, /* time may cure it, but most often does not: a few more tries */
	VERDICT_NEVER, /* time cures nothing here */
};

/* How long, when nobody says. A role takes up to 10 minutes to be known everywhere. */
#define ROLE_TIMEOUT  "15m"
#define TOKEN_TIMEOUT "5m"

/* Something that can be waited for. */
struct goal {
	const char *name;    /* of --for */
	const char *timeout; /* when none is said, with its unit */

	/* Whether the command line fits: MITOK_E_ARG. */
	enum mitok_code (*check)(const struct options *o, struct mitok_err *e);

	/* One try, which may take timeout_ms. Fills *e: with what failed, or for
	 * VERDICT_DONE with what there is. */
	enum verdict (*attempt)(
		const struct waiter *w, int64_t timeout_ms, struct mitok_err *e);
};
extern const struct goal goal_token, goal_role;
extern const struct goal *const goals[]; /* ends in NULL; the first is the default */

/* Whether waiting may cure why mitok_get() gave no token. */
enum verdict token_verdict(const struct mitok_err *e);

/* Whether waiting may cure what a service answered. */
struct target_answer;
enum verdict role_verdict(const struct target_answer *a);

/* Tries until it is there, the time is up, or there is no hope. */
enum mitok_code wait_for(const struct waiter *w, struct mitok_err *e) MUST_CHECK;

/* The pause after the n-th try (0 is the first) in milliseconds: 1, 2, 4, 8 and then 15
 * seconds, by up to a quarter more or less, as `chance` (any number) says; longer when the
 * service has asked for more. */
int64_t wait_pause_ms(unsigned n, uint32_t chance, int retry_after_s);

#endif
