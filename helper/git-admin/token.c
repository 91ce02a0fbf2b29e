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

/* Whether our helper answers for the host at all. */
static enum mitok_code judge_host(struct check *c, struct mitok *m, struct mitok_err *e)
{
	const char *host = c->url.host;
	enum host_kind kind = host_kind(host);

	if (kind == HOST_FOREIGN) {
		(void)err_set(e, MITOK_E_CONF,
			"'%s' is no host of Azure DevOps; this helper is not for it",
			host);
		return err_hint(
			e, MITOK_E_CONF, "git asks its other helpers for it, or you");
	}
	if (kind == HOST_REPOS) {
		report_ok(&c->rep, "host", "%s is Azure Repos", host);
		return MITOK_OK;
	}
	if (mitok_host_is_granted(
		    m, host, c->tells_path ? c->url.path : "", DEVOPS_RESOURCE)) {
		report_ok(&c->rep, "host", "%s is granted by a rule", host);
		return MITOK_OK;
	}
	(void)err_set(e, MITOK_E_CONF, "the helper does not answer for '%s'", host);
	return err_hint(e, MITOK_E_CONF,
		"only a rule in /etc/mi-token can grant more than Azure Repos");
}

/* A URL without an organisation says too little for rules about organisations. Only for
 * those has the library this cure, which is of no use here: git does tell the path. */
static bool lacks_organisation(
	const struct check *c, enum mitok_code r, const struct mitok_err *e)
{
	return r == MITOK_E_DENIED && c->tells_path && !c->url.path[0] &&
		strstr(e->hint, "useHttpPath");
}

static void warn_organisation(struct check *c)
{
	report_warn(&c->rep, "token",
		"rules for organisations decide at '%s', and this URL names none",
		c->url.host);
	report_advice(&c->rep,
		"name an organisation's URL, as in mi-token git check https://%s/ORG",
		c->url.host);
}

static enum mitok_code ask(
	struct check *c, struct mitok *m, bool *ret, struct mitok_err *e)
{
	struct mitok_token *t = NULL;
	struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = DEVOPS_RESOURCE,
		.identity = c->identity.len ? c->identity.p : NULL,
		.host = c->url.host,
		.path = c->tells_path ? c->url.path : "",
	};
	enum mitok_code r = judge_host(c, m, e);

	if (!r)
		r = mitok_choice_each(m, &rq, add_choice, c, e);
	if (!r)
		r = mitok_get(m, &rq, &t, e);
	if (lacks_organisation(c, r, e)) {
		warn_organisation(c);
		return MITOK_OK;
	}
	if (r)
		return r;
	report_token(c, t);
	mitok_token_free(t);
	*ret = true;
	return MITOK_OK;
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
	bool has_token = false;
	enum mitok_code r = mitok_new(&settings, &m, &e);

	if (!r)
		r = ask(c, m, &has_token, &e);
	mitok_free(m);
	if (r)
		report_fail(&c->rep, "token", &e);
	else if (has_token && e.message[0])
		report_warn(&c->rep, "token", "%s", e.message);
	return has_token;
}
