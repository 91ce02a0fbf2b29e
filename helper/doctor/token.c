/* What the token says of itself; never the token.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doctor.h"

/* Claims that are told, besides those that the library knows (Microsoft Learn, "Access token
 * claims reference"). */
struct claims {
	char version[8], kind[16];
	unsigned groups, roles, wids;
	bool has_overage; /* there are too many groups to be listed */
};

/* Elements of an array of texts, as it stands in JSON. */
static unsigned count(const char *json)
{
	unsigned n = 0;

	for (; *json; json++)
		n += *json == '"';
	return n / 2;
}

static void take_claim(
	void *arg, int part, const char *name, const char *value, int is_string)
{
	struct claims *c = arg;

	if (part == 0)
		return;
	if (strcmp(name, "ver") == 0 && is_string)
		(void)!TEXT_COPY(c->version, value);
	else if (strcmp(name, "idtyp") == 0 && is_string)
		(void)!TEXT_COPY(c->kind, value);
	else if (strcmp(name, "groups") == 0)
		c->groups = count(value);
	else if (strcmp(name, "roles") == 0)
		c->roles = count(value);
	else if (strcmp(name, "wids") == 0)
		c->wids = count(value);
	else if (strcmp(name, "hasgroups") == 0 || strcmp(name, "_claim_names") == 0)
		c->has_overage = true;
}

static void add_count(struct text *t, unsigned n, const char *what)
{
	text_addf(t, "%s%u %s%s", t->len ? ", " : "", n, what, n == 1 ? "" : "s");
}

static void report_claims(struct facts *f)
{
	struct claims c = { .groups = 0 };
	AUTO_TEXT t = { 0 };
	size_t len;
	const char *value = mitok_token_value(f->token, &len);

	if (mitok_jwt_each(value, len, take_claim, &c, NULL)) {
		report_ok(&f->rep, "token", "it is no JSON Web Token: it tells nothing");
		return;
	}
	add_count(&t, c.groups, "group");
	if (c.has_overage)
		text_add(&t, " (more than fit)");
	add_count(&t, c.roles, "application role");
	add_count(&t, c.wids, "directory role");
	report_ok(&f->rep, "token", "version %s%s%s, with %s",
		c.version[0] ? c.version : "unknown", c.kind[0] ? ", kind " : "", c.kind,
		text_peek(&t));
}

/* Platforms keep a token for each identity and resource until it has hardly any life left
 * (Microsoft Learn, "Managed identities frequently asked questions"); nothing makes them
 * fetch another. */
static void report_times(struct facts *f)
{
	int64_t now = clock_now().real_s;
	long long issued = mitok_token_time(f->token, MITOK_TIME_ISSUED);
	long long expires = mitok_token_time(f->token, MITOK_TIME_EXPIRES);
	char date[CLOCK_TEXT_SIZE];
	AUTO_TEXT t = { 0 };

	if (issued) {
		text_add(&t, "issued ");
		clock_add_span(&t, issued < now ? issued - now : -1);
		text_add(&t, ", ");
	}
	text_add(&t, "expires ");
	clock_add_span(&t, expires - now);
	clock_format(expires, date);
	if (facts_is_source(f, "workload") || facts_is_source(f, "environment"))
		text_add(&t, "; a fresh one is made whenever it is asked for");
	else
		text_addf(&t,
			"; the platform gives this one until about %s, and what changes "
			"in "
			"groups and roles of applications is in the next",
			date);
	report_ok(&f->rep, "token", "%s", text_peek(&t));
}

void climb_token(struct facts *f)
{
	if (!f->token && f->clock_is_off && f->err.code == MITOK_E_REPLY) {
		report_skip(&f->rep, "token", "not tried: the clock is wrong");
		return;
	}
	if (!f->token) {
		report_fail(&f->rep, "token", &f->err);
		return;
	}
	f->known |= KNOWS_TOKEN;
	report_ok(&f->rep, "token", "%s for %s",
		mitok_token_text(f->token, MITOK_TEXT_TYPE),
		mitok_token_text(f->token, MITOK_TEXT_AUDIENCE)[0]
			? mitok_token_text(f->token, MITOK_TEXT_AUDIENCE)
			: mitok_token_text(f->token, MITOK_TEXT_RESOURCE));
	report_times(f);
	report_claims(f);
	if (f->warning.message[0])
		report_warn(&f->rep, "token", "%s", f->warning.message);
}
