/* A service principal as the environment describes it: a client secret or a certificate
 * (Microsoft Learn, "EnvironmentCredential" and "Certificate credentials for application
 * authentication"). Only for who names this source.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "source/entra.h"
#include "source/exchange.h"

#define SECRET       "AZURE_CLIENT_SECRET"
#define CERTIFICATE  "AZURE_CLIENT_CERTIFICATE_PATH"
#define PASSWORD     "AZURE_CLIENT_CERTIFICATE_PASSWORD"
#define CHAIN        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"

/* A key, its certificate and a few above it. */
#define FILE_MAX     ((size_t)64 * 1024)
#define TRUSTED      (FILE_ROOT_OR_US | FILE_NO_WRITERS)

#define WARNING_SIZE sizeof(((struct grant *)0)->warning)

#define NEW_SECRET                                                             \
	"make a new one: az ad app credential reset --id CLIENT-ID --append, " \
	"and put its password into " SECRET
#define NEW_CERTIFICATE                                                               \
	"register the file's certificate: az ad app credential reset --id CLIENT-ID " \
	"--append --cert @CERTIFICATE.pem"

static const struct peer_cure cures[] = {
	{ 7000215, "it must be the secret's value, not its id; " NEW_SECRET },
	{ 7000222, NEW_SECRET ", or use a managed identity, which needs none" },
	{ 700027, NEW_CERTIFICATE },
	{ 700016,
		"check " ENTRA_CLIENT
		" (a client id, not an object id) and " ENTRA_TENANT },
	{ 700024,
		"the assertion was signed just now: look at the machine's clock "
		"(timedatectl)" },
	{ 0, NULL },
};

static const struct peer peer = {
	.source = "environment",
	.who = "Entra's token endpoint",
	.kind = PEER_ENTRA,
	.client_id = "client_id",
	.assign = "az ad sp create-for-rbac",
	.assign_user = "az ad sp create-for-rbac",
	.list = ENTRA_CLIENT " is the only one here",
	.mend = "check the network's way out (egress rules, HTTPS_PROXY)",
	.cures = cures,
};

static const char *env(const struct host *h, const char *name)
{
	return h->env(h->self, name);
}

static const char *missing(const struct host *h)
{
	if (!env(h, ENTRA_TENANT))
		return ENTRA_TENANT " is not set";
	if (!env(h, ENTRA_CLIENT))
		return ENTRA_CLIENT " is not set";
	return env(h, SECRET) || env(h, CERTIFICATE) ? NULL
						     : "neither " SECRET
						       " nor " CERTIFICATE " is set";
}

/* Which of its secrets an application showed does not make another token of it. */
static void place(const struct host *h, struct text *ret)
{
	static const char *const names[] = { ENTRA_AUTHORITY, ENTRA_TENANT,
		ENTRA_CLIENT };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		text_add_url(ret, env(h, names[i]) ? env(h, names[i]) : "");
		text_add(ret, " ");
	}
}

/* There is one identity, which may be named. */
static enum mitok_code check_identity(const struct call *c, struct mitok_err *e)
{
	const char *param, *client = env(c->h, ENTRA_CLIENT);
	enum mitok_code r;

	if (missing(c->h))
		return err_set(e, MITOK_E_CONF, "%s", missing(c->h));
	if (c->ask->kind == IDENTITY_SYSTEM)
		return err_hint(e,
			err_set(e, MITOK_E_NOIDENTITY,
				"a service principal of the environment is never "
				"system-assigned"),
			"ask the machine's own source: --source auto");
	r = peer_id_param(&peer, c->ask, &param, e);
	if (r || !c->ask->id || text_equal_nocase(c->ask->id, client))
		return r;
	return err_hint(e,
		err_set(e, MITOK_E_NOIDENTITY,
			"client id '%s' was asked for, but " ENTRA_CLIENT " is '%s'",
			c->ask->id, client),
		"name no identity, or ask the machine's own source: --source auto");
}

/* Trusted as all files are; a key that others can read is used all the same, because it is
 * so where containers are given secrets, but not in silence. */
static enum mitok_code read_file(
	const struct call *c, struct secret *ret, char *warning, struct mitok_err *e)
{
	const char *path = env(c->h, CERTIFICATE);
	struct file_ask ask = { path, TRUSTED | FILE_PRIVATE, FILE_MAX, NULL };
	enum mitok_code r = c->h->read(c->h->self, &ask, ret, NULL);

	if (!r)
		return r;
	ask.rules = TRUSTED;
	r = c->h->read(c->h->self, &ask, ret, e);
	if (r)
		return err_hint(e, err_within(e, r, CERTIFICATE),
			"it must be yours or root's, and for nobody else to write: chmod "
			"600");
	(void)snprintf(warning, WARNING_SIZE,
		CERTIFICATE ": others can read the private key in '%.200s'; chmod go= it",
		path);
	return MITOK_OK;
}

static bool wants_chain(const struct host *h)
{
	const char *chain = env(h, CHAIN);

	return chain && (strcmp(chain, "1") == 0 || text_equal_nocase(chain, "true"));
}

/* The file stays in memory no longer than it takes to sign. */
static enum mitok_code sign(const struct call *c, const struct entra *to,
	struct secret *ret, char *warning, struct mitok_err *e)
{
	static const struct endpoint_param none[] = { { NULL, NULL } };
	AUTO_SECRET file = { 0 };
	AUTO_TEXT url = { 0 };
	enum mitok_code r = read_file(c, &file, warning, e);

	if (r)
		return r;
	endpoint_url(&to->at, none, &url);
	if (!text_ok(&url))
		return err_memory(e);
	const struct assertion_ask ask = {
		.file = &file,
		.password = env(c->h, PASSWORD),
		.client_id = to->client_id,
		.audience = text_peek(&url),
		.now_s = c->h->now(c->h->self).real_s,
		.has_chain = wants_chain(c->h),
	};
	r = c->h->sign(c->h->self, &ask, ret, e);
	if (r == MITOK_E_CONF)
		return err_hint(e,
			err_within(
				e, r, CERTIFICATE ": '%.200s'", env(c->h, CERTIFICATE)),
			"it is to hold an RSA key and its certificate, in PEM or "
			"PKCS#12, "
			"with the password of " PASSWORD);
	return r;
}

/* The secret goes before the certificate, as in Microsoft's libraries. */
static enum mitok_code prove(const struct call *c, struct entra *to, struct secret *proof,
	char *warning, struct mitok_err *e)
{
	if (!env(c->h, SECRET)) {
		to->assertion = proof;
		return sign(c, to, proof, warning, e);
	}
	to->secret = proof;
	return exchange_secret(c->h, SECRET, proof, e);
}

static enum mitok_code ask_entra(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	struct entra to = { .client_id = env(h, ENTRA_CLIENT) };
	const char *tenant = NULL;
	AUTO_SECRET proof = { 0 };
	AUTO_REPLY reply = { 0 };
	char warning[WARNING_SIZE] = "";
	enum mitok_code r = check_identity(&c, e);

	if (!r)
		r = entra_tenant(&c, &tenant, e);
	if (!r)
		r = entra_endpoint(&c, NULL, tenant, &to.at, e);
	if (!r)
		r = prove(&c, &to, &proof, warning, e);
	if (!r)
		r = entra_ask(&c, &to, &reply, e);
	if (!r)
		r = exchange_read(&c, &reply, ret, e);
	if (!r)
		memcpy(ret->warning, warning, sizeof(warning));
	return r;
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return peer_named(&peer, ask_entra(h, ask, ret, e), e);
}

const struct source source_environment = {
	.name = "environment",
	.about = "service principal of " ENTRA_CLIENT " and " SECRET " or " CERTIFICATE
		 "; only when it is named",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
