/* Trying again and again, ever more slowly, and telling about it.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "../flags.h"
#include "../process.h"
#include "base/clock.h"
#include "wait.h"

/* So many tries that are in doubt, one after the other, are the end. */
#define DOUBTS      4
/* The last try begins so long before the time is up: one that has less fails for that, and what
 * the one before it has found out would be lost. */
#define LAST_TRY_MS 1000
/* One try may not take longer than this: others of this machine want to ask, too. */
#define TRY_MS      10000
/* Whoever looks at a terminal or a journal wants to know that we are still there. */
#define TELL_MS     60000

/* The first try is made at once, so that who need not wait does not. */
int64_t wait_pause_ms(unsigned n, uint32_t chance, int retry_after_s)
{
	static const int waits_s[] = { 1, 2, 4, 8, 15 };
	const unsigned last = sizeof(waits_s) / sizeof(*waits_s) - 1;
	int64_t base = waits_s[n < last ? n : last] * INT64_C(1000);
	int64_t pause = base * 3 / 4 + base / 2 * (int64_t)(chance % 1024) / 1024;

	/* Machines of a scale set that are all told the same must not come back together. */
	if (retry_after_s > 0 && pause < retry_after_s * INT64_C(1000))
		return retry_after_s * INT64_C(1000) +
			base * (int64_t)(chance % 1024) / 4096;
	return pause;
}

static uint32_t chance(void)
{
	uint32_t n = 0;

	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) < 0)
		n = (uint32_t)clock_now().boot_ms; /* early in the boot */
	return n;
}

/* What has been told, and when. */
struct told {
	char message[sizeof(((struct mitok_err *)NULL)->message)];
	int64_t at_ms;
	bool any;
};

static int64_t now_ms(void)
{
	return clock_now().boot_ms;
}

static void add_left(struct text *t, int64_t ms)
{
	long long s = (ms + 999) / 1000;

	if (s >= 60)
		text_addf(t, "%lld min ", s / 60);
	if (s < 60 || s % 60)
		text_addf(t, "%lld s ", s % 60);
	text_add(t, "left");
}

/* How often it was tried within one attempt does not make it another failure. */
static void cut_tries(char *message)
{
	char *at = strstr(message, ", after ");

	if (at)
		*at = '\0';
}

static void tell(const struct waiter *w, struct told *told, const struct mitok_err *e,
	int64_t left_ms)
{
	struct mitok_err shown = *e;
	AUTO_TEXT left = { 0 };
	bool again;

	cut_tries(shown.message);
	again = told->any && strcmp(shown.message, told->message) == 0;
	if (w->o->quiet || (again && now_ms() - told->at_ms < TELL_MS))
		return;
	(void)snprintf(told->message, sizeof(told->message), "%s", shown.message);
	told->at_ms = now_ms();
	told->any = true;
	add_left(&left, left_ms);
	(void)err_within(&shown, e->code, "waiting, %s", text_peek(&left));
	if (again) /* the cure stands above */
		shown.hint[0] = '\0';
	process_print_error(flags_wants_json(w->o->error_format), &shown);
}

/* That it is there is said where it was said before that it is not. */
static void tell_done(const struct waiter *w, const struct told *told,
	const struct mitok_err *e, int64_t took_ms)
{
	struct mitok_err shown = *e;

	if (!told->any)
		return;
	(void)err_within(
		&shown, MITOK_OK, "after %lld s", (long long)((took_ms + 500) / 1000));
	process_print_error(flags_wants_json(w->o->error_format), &shown);
}

static enum mitok_code time_is_up(const struct waiter *w, struct mitok_err *e)
{
	return err_within(e, MITOK_E_LATER, "the time is up after %s", w->o->timeout);
}

enum mitok_code wait_for(const struct waiter *w, struct mitok_err *e)
{
	const int64_t start_ms = now_ms(), end_ms = start_ms + w->o->timeout_ms;
	struct told told = { .any = false };
	unsigned doubts = 0;

	for (unsigned n = 0;; n++) {
		int64_t left_ms = end_ms - now_ms(), pause_ms;
		enum verdict v =
			w->o->to->attempt(w, left_ms < TRY_MS ? left_ms : TRY_MS, e);

		if (v == VERDICT_DONE) {
			tell_done(w, &told, e, now_ms() - start_ms);
			return MITOK_OK;
		}
		doubts = v == VERDICT_DOUBT ? doubts + 1 : 0;
		if (v == VERDICT_NEVER || doubts >= DOUBTS)
			return e->code;
		left_ms = end_ms - now_ms();
		if (left_ms <= 0)
			return time_is_up(w, e);
		tell(w, &told, e, left_ms);
		if (left_ms <= LAST_TRY_MS) {
			clock_sleep(left_ms);
			return time_is_up(w, e);
		}
		pause_ms = wait_pause_ms(n, chance(), e->retry_after_s);
		clock_sleep(pause_ms < left_ms - LAST_TRY_MS ? pause_ms
							     : left_ms - LAST_TRY_MS);
	}
}
