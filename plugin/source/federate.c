/* The second step across tenants: a managed identity's token becomes an application's
 * (Microsoft Learn, "Configure an application to trust a managed identity"; RFC 7523).
 * SPDX-License-Identifier: MIT */
#include "source/federate.h"

#include "source/entra.h"
#include "source/exchange.h"
#include "source/refusal.h"

static const struct peer_cure cures[] = {
	{ 700016,
		"check the application's client id; in a tenant that is not its own it "
		"needs "
		"a service principal, which an administrator makes there: az ad sp "
		"create "
		"--id APP-CLIENT-ID" },
	{ 90002,
		"check the tenant's id and the key cloud: applications and their tenants "
		"are "
		"in the cloud of the managed identity" },
	{ 700024,
		"the identity's own token is not valid now: look at the machine's clock "
		"(timedatectl)" },
	{ 500133,
		"the identity's own token is not valid now: look at the machine's clock "
		"(timedatectl)" },
	{ 0, NULL },
};

static const struct peer peer = {
	.source = "federate",
	.who = "Entra's token endpoint",
	.kind = PEER_ENTRA,
	.client_id = "client_id",
	.assign = "az ad app federated-credential create --id APP-CLIENT-ID --parameters "
		  "JSON",
	.assign_user = "az ad app federated-credential create --id APP-CLIENT-ID "
		       "--parameters JSON",
	.list = "az ad app federated-credential list --id APP-CLIENT-ID",
	.mend = "check the network's way out (egress rules, HTTPS_PROXY)",
	.cures = cures,
};

bool federate_is_mismatch(int aadsts)
{
	return aadsts == 70021 || (aadsts >= 700211 && aadsts <= 700213) ||
		aadsts == 7002138;
}

/* The pause before the next try after this answer; 0: it would not help. One that differs in
 * upper and lower case alone is a credential that is known already. */
static int64_t pause_ms(const struct http_reply *r, unsigned tries)
{
	int aadsts = r->status == 200 ? 0 : refusal_aadsts(r);

	if (!federate_is_mismatch(aadsts) || aadsts == 7002138)
		return 0;
	return INT64_C(1000) << (tries < 4 ? tries : 4);
}

static enum mitok_code ask_entra(const struct call *c, const struct federation *f,
	struct grant *ret, struct mitok_err *e)
{
	const struct host *h = c->h;
	struct entra to = { .client_id = f->client_id, .assertion = f->assertion };
	enum mitok_code r = entra_endpoint(c, f->authority, f->tenant_id, &to.at, e);

	for (unsigned tries = 0; !r; tries++) {
		AUTO_REPLY reply = { 0 };
		int64_t wait_ms;

		r = entra_ask(c, &to, &reply, e);
		if (r)
			return r;
		wait_ms = pause_ms(&reply, tries);
		if (!wait_ms || h->now(h->self).boot_ms + wait_ms >= c->ask->deadline_ms)
			return exchange_read(c, &reply, ret, e);
		log_debug(h->log, "federate: no credential fits yet, next try in %lld ms",
			(long long)wait_ms);
		h->sleep(h->self, wait_ms);
	}
	return r;
}

enum mitok_code federate_exchange(const struct host *h, const struct ask *ask,
	const struct federation *f, struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };

	return peer_named(&peer, ask_entra(&c, f, ret, e), e);
}
