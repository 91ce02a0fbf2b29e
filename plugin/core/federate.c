/* Across tenants: a managed identity vouches for an application (Microsoft Learn, "Configure
 * an application to trust a managed identity").
 * SPDX-License-Identifier: MIT */
#include "core/federate.h"

#include <stdio.h>
#include <string.h>

#include "core/acquire.h"
#include "core/cloud.h"
#include "source/federate.h"

/* Where tenants of a cloud are: the applications of an identity are in its own cloud. */
static const char *const authorities[CLOUD_COUNT] = {
	[CLOUD_PUBLIC] = "https://login.microsoftonline.com",
	[CLOUD_USGOV] = "https://login.microsoftonline.us",
	[CLOUD_CHINA] = "https://login.partner.microsoftonline.cn",
};

/* One request of ours for both steps. */
struct step {
	struct mitok *m;
	const struct want *w; /* the federated one */
	struct want voucher;  /* who vouches, and the resource of the exchange */
	enum cloud cloud;
};

static enum mitok_code plan(struct step *s, int64_t deadline_ms, struct mitok_err *e)
{
	bool needs_cloud = false;
	enum mitok_code r = MITOK_OK;

	s->cloud = cloud_find(s->m->conf.cloud.text);
	if (s->cloud == CLOUD_UNKNOWN)
		r = cloud_ask(s->m, s->w->source, deadline_ms, &s->cloud, e);
	if (r)
		return r;
	s->voucher = (struct want){
		.source = s->w->source,
		.identity = identity_voucher(&s->w->identity),
		.started_ms = s->m->host.now(s->m->host.self).boot_ms,
		.deadline_ms = deadline_ms,
	};
	return resource_resolve(
		"token-exchange", s->cloud, &s->voucher.resource, &needs_cloud, e);
}

/* What the assertion says of itself, for people; "" where it does not. */
struct presented {
	char issuer[160], subject[128], audience[128];
	bool is_system; /* it is of a system-assigned identity */
};

static void copy_claim(const struct json *j, const char *name, char *ret, size_t size)
{
	const char *text = json_text(json_member(j, name));

	(void)!text_copy(ret, size, text ? text : "");
}

static struct presented look_at(const struct mitok_token *t)
{
	const char *id = t->claims.resource_id;
	struct presented p = { .is_system = *id &&
			!strcasestr(id, "/userAssignedIdentities/") };
	AUTO_JSON j = NULL;

	if (claims_part(secret_peek(&t->value), t->value.len, 1, &j, NULL))
		return p;
	copy_claim(j, "iss", p.issuer, sizeof(p.issuer));
	copy_claim(j, "sub", p.subject, sizeof(p.subject));
	copy_claim(j, "aud", p.audience, sizeof(p.audience));
	return p;
}

/* Nothing that a shell, JSON or a reader could take for anything else. */
static bool is_plain(const char *s)
{
	size_t good = strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		"-._~:/");

	return *s && s[good] == '\0';
}

static enum mitok_code cure(
	const struct step *s, const struct presented *p, struct mitok_err *e)
{
	if (p->is_system)
		return err_hint(e, e->code,
			"this is a system-assigned identity, and only user-assigned ones "
			"can "
			"vouch for an application: name one with --identity "
			"client-id:GUID");
	if (!is_plain(p->issuer) || !is_plain(p->subject) || !is_plain(p->audience))
		return err_hint(e, e->code,
			"compare: az ad app federated-credential list --id %s",
			s->w->identity.app_id);
	return err_hint(e, e->code,
		"where the application is registered: az ad app federated-credential "
		"create "
		"--id %s --parameters '{\"name\":\"mi-token\",\"issuer\":\"%s\","
		"\"subject\":\"%s\",\"audiences\":[\"%s\"]}'; a new one takes some "
		"minutes (--timeout 5m waits)",
		s->w->identity.app_id, p->issuer, p->subject, p->audience);
}

/* What was presented, beside what has to be there. */
static void explain(
	const struct step *s, const struct mitok_token *assertion, struct mitok_err *e)
{
	static const struct {
		int aadsts;
		const char *what;
	} rows[] = {
		{ 700211, "issuer" },
		{ 700212, "audience" },
		{ 700213, "subject" },
	};
	struct presented p = look_at(assertion);
	struct mitok_err said = *e;
	const char *what = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].aadsts == e->aadsts)
			what = rows[i].what;
	(void)err_set(e, said.code,
		"no federated credential of application '%s' %s%s (AADSTS%d): presented "
		"were issuer '%s', subject '%s', audience '%s'",
		s->w->identity.app_id,
		what                             ? "has the identity's "
			: said.aadsts == 7002138 ? "matches but for upper and lower case"
						 : "matches",
		what ? what : "", said.aadsts, p.issuer, p.subject, p.audience);
	e->aadsts = said.aadsts;
	e->http_status = said.http_status;
	e->retry_after_s = said.retry_after_s;
	(void)!TEXT_COPY(e->source, said.source);
	(void)!TEXT_COPY(e->correlation_id, said.correlation_id);
	(void)cure(s, &p, e);
}

/* One token of the identity that vouches, and what it is exchanged for. */
static enum mitok_code ask_once(const struct step *s, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	AUTO_TOKEN assertion = NULL;
	struct federation f = { .client_id = s->w->identity.app_id,
		.tenant_id = s->w->identity.app_tenant_id,
		.authority = authorities[s->cloud] };
	enum mitok_code r = acquire(s->m, &s->voucher, &assertion, e);

	if (r)
		return err_within(e, r, "the identity that vouches for application '%s'",
			f.client_id);
	f.assertion = &assertion->value;
	r = federate_exchange(&s->m->host, ask, &f, ret, e);
	if (r && federate_is_mismatch(e->aadsts))
		explain(s, assertion, e);
	return r;
}

enum mitok_code federate_get(struct mitok *m, const struct want *w, int64_t deadline_ms,
	struct grant *ret, struct mitok_err *e)
{
	const struct ask ask = {
		.resource = w->resource.value,
		.kind = IDENTITY_CLIENT_ID,
		.id = w->identity.app_id,
		.tenant_id = w->identity.app_tenant_id,
		.deadline_ms = deadline_ms,
	};
	struct step s = { .m = m, .w = w };
	enum mitok_code r = plan(&s, deadline_ms, e);

	if (!r)
		r = ask_once(&s, &ask, ret, e);
	if (!r || e->aadsts != 700024)
		return r;
	/* It was kept for too long, or the clocks differ: once more, with a fresh one. */
	s.voucher.refresh = true;
	s.voucher.started_ms = m->host.now(m->host.self).boot_ms;
	return ask_once(&s, &ask, ret, e);
}
