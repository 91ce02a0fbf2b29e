/* The identity that is chosen for a URL, and what a token of it says.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "check.h"
#include "../git/host.h"

static const struct {
	const char *fact;
	enum mitok_text which;
} rows[] = {
	{ "tenant", MITOK_TEXT_TENANT_ID },
	{ "client id", MITOK_TEXT_CLIENT_ID },
	{ "object id", MITOK_TEXT_OBJECT_ID },
	{ "audience", MITOK_TEXT_AUDIENCE },
};

static void add_choice(void *arg, const char *name, const char *value, const char *origin)
{
	struct check *c = arg;

	if (strcmp(name, "resource") == 0) /* it is ours to say */
		return;
	if (strcmp(name, "identity") == 0 && c->identity_origin)
		origin = c->identity_origin;
	report_ok(&c->rep, name, "%s, by %s", value, origin);
}

static void report_token(struct check *c, const struct mitok_token *t)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	char date[CLOCK_TEXT_SIZE];
	AUTO_TEXT span = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (*mitok_token_text(t, rows[i].which))
			report_ok(&c->rep, rows[i].fact, "%s",
				mitok_token_text(t, rows[i].which));
	clock_format(expires, date);
	clock_add_span(&span, expires - clock_now().real_s);
	report_ok(&c->rep, "expires", "%s, %s", date, text_peek(&span));
}

static enum mitok_code ask(struct check *c, struct mitok *m, struct mitok_err *e)
{
	struct mitok_token *t = NULL;
	struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = DEVOPS_RESOURCE,
		.identity = c->identity.len ? c->identity.p : NULL,
		.host = c->url.host,
		.path = c->url.path,
	};
	enum mitok_code r;

	if (host_kind(c->url.host) == HOST_REPOS) {
		report_ok(&c->rep, "host", "%s is Azure Repos", c->url.host);
	} else if (host_kind(c->url.host) == HOST_GRANTED &&
		mitok_host_is_granted(m, c->url.host, c->url.path)) {
		report_ok(&c->rep, "host", "%s is granted by a rule", c->url.host);
	} else {
		(void)err_set(e, MITOK_E_CONF, "the helper does not answer for '%s'",
			c->url.host);
		return err_hint(e, MITOK_E_CONF,
			"only a rule in /etc/mi-token can grant more than Azure Repos");
	}
	r = mitok_choice_each(m, &rq, add_choice, c, e);
	if (!r)
		r = mitok_get(m, &rq, &t, e);
	if (!r)
		report_token(c, t);
	mitok_token_free(t);
	return r;
}

bool check_token(struct check *c)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.own_process = 1,
		.identity = c->gcm_origin ? c->gcm_identity : NULL,
		.identity_origin = c->gcm_origin,
	};
	struct mitok_err e = { .code = MITOK_OK };
	struct mitok *m = NULL;
	enum mitok_code r = mitok_new(&settings, &m, &e);

	if (!r)
		r = ask(c, m, &e);
	mitok_free(m);
	if (r)
		report_fail(&c->rep, "token", &e);
	else if (e.message[0])
		report_warn(&c->rep, "token", "%s", e.message);
	return !r;
}
