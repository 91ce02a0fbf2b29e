/* The cache: where tokens are kept, and which are.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "doctor.h"

struct kept {
	int64_t now;
	unsigned count, expired;
	long long
		longest; /* when the last of those of this identity and source expires */
	const struct facts *f;
};

static void take_token(void *arg, const struct mitok_token *t, const char *identity)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	struct kept *k = arg;

	k->count++;
	k->expired += expires <= k->now;
	if (strcmp(identity, k->f->identity) == 0 && expires > k->longest)
		k->longest = expires;
}

struct places {
	char first[256]; /* that is safe, "" when none is */
	struct text refusals;
};

static void take_place(void *arg, const char *path, const char *why_not)
{
	struct places *p = arg;

	if (!why_not && !p->first[0])
		(void)!TEXT_COPY(p->first, path);
	if (why_not)
		text_addf(&p->refusals, "%s%s%s %s", p->refusals.len ? "; " : "", path,
			*path == '$' ? "" : ":", why_not);
}

static void warn_nowhere(struct facts *f, const struct places *p)
{
	report_warn(&f->rep, "cache",
		"there is none: each process asks anew, and many at once are throttled: "
		"%s",
		text_peek(&p->refusals));
	report_advice(&f->rep,
		"a service: RuntimeDirectory=mi-token in its unit; a user: loginctl "
		"enable-linger; all users: systemd-tmpfiles --create mi-token.conf");
}

void climb_cache(struct facts *f)
{
	struct kept k = { .now = clock_now().real_s, .f = f };
	struct places p = { .first = "" };
	const char *dir = NULL;
	AUTO_TEXT t = { 0 };

	(void)mitok_cache_places_each(f->m, take_place, &p, NULL);
	(void)mitok_cache_each(f->m, take_token, &k, &dir, NULL);
	if (dir) {
		text_addf(&t, "%s: %u token%s", dir, k.count, k.count == 1 ? "" : "s");
		if (k.expired)
			text_addf(&t, ", %u of them expired", k.expired);
		if (!f->token && k.longest > k.now) {
			text_add(&t,
				"; programs go on with what is kept, the last of which "
				"expires ");
			clock_add_span(&t, k.longest - k.now);
		}
		report_ok(&f->rep, "cache", "%s", text_peek(&t));
	} else if (p.first[0]) {
		report_ok(&f->rep, "cache", "%s: nothing is kept yet", p.first);
	} else {
		warn_nowhere(f, &p);
	}
	text_free(&p.refusals);
}
