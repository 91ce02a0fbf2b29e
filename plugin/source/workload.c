/* Workload identity: a Kubernetes service account's token is exchanged for one of Entra's
 * (Microsoft Learn, "Use Microsoft Entra Workload ID with AKS"; OAuth 2.0 client
 * credentials with a federated credential; RFC 7523). SPDX-License-Identifier: MIT */
#include "source/exchange.h"

#include <string.h>

#include "source/entra.h"
#include "source/refusal.h"

#define TENANT        ENTRA_TENANT
#define CLIENT        ENTRA_CLIENT
#define TOKEN_FILE    "AZURE_FEDERATED_TOKEN_FILE"
#define AUTHORITY     ENTRA_AUTHORITY
#define PROXY         "AZURE_KUBERNETES_TOKEN_PROXY"
#define CA_FILE       "AZURE_KUBERNETES_CA_FILE"
#define CA_DATA       "AZURE_KUBERNETES_CA_DATA"
#define SERVER_NAME   "AZURE_KUBERNETES_SNI_NAME"

/* Service account tokens are a few KiB; so are bundles of a cluster's own roots. */
#define ASSERTION_MAX ((size_t)64 * 1024)
#define CA_MAX        ((size_t)256 * 1024)

static const struct peer peer = {
	.source = "workload",
	.who = "Entra's token endpoint",
	.kind = PEER_ENTRA,
	.client_id = "client_id",
	.assign = "annotate the service account with azure.workload.identity/client-id",
	.assign_user =
		"give the identity a federated credential for this service account",
	.list = "client ids: az identity list -g RG --query '[].clientId'",
	.mend = "check the network's way out (egress rules, HTTPS_PROXY)",
};

static const char *env(const struct host *h, const char *name)
{
	return h->env(h->self, name);
}

/* The token file alone makes it present: a pod that was meant to have an identity of its
 * own, but was not set up to the end, must not get the node's instead. */
static const char *missing(const struct host *h)
{
	if (env(h, TOKEN_FILE))
		return NULL;
	return env(h, PROXY) ? PROXY " is set but " TOKEN_FILE " is not"
			     : TOKEN_FILE " is not set";
}

static const char *incomplete(const struct host *h, const struct ask *ask)
{
	if (missing(h))
		return missing(h);
	if (!env(h, TENANT))
		return TOKEN_FILE " is set but " TENANT " is not";
	return ask->id || env(h, CLIENT) ? NULL
					 : TOKEN_FILE " is set but " CLIENT " is not";
}

static void place(const struct host *h, struct text *ret)
{
	static const char *const names[] = { AUTHORITY, TENANT, CLIENT, TOKEN_FILE, PROXY,
		SERVER_NAME };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		text_add_url(ret, env(h, names[i]) ? env(h, names[i]) : "");
		text_add(ret, " ");
	}
}

/* What one request needs; the texts are the environment's and the ask's. */
struct plan {
	const char *tenant, *file;
	struct entra to;      /* at: the authority, or the proxy */
	char proxy_host[256]; /* connect here, when `to` has only the server's name */
	const char *ca_file, *ca_data;
};

static enum mitok_code plan_identity(
	const struct call *c, struct plan *p, struct mitok_err *e)
{
	const struct host *h = c->h;
	const char *param, *why = incomplete(h, c->ask);
	enum mitok_code r;

	if (why)
		return err_hint(e, err_set(e, MITOK_E_CONF, "%s", why),
			"the pod needs the label azure.workload.identity/use and an "
			"annotated service account");
	if (c->ask->kind == IDENTITY_SYSTEM)
		return err_hint(e,
			err_set(e, MITOK_E_NOIDENTITY,
				"a workload identity is never system-assigned"),
			"name it by its client id, or ask the node's metadata service: "
			"--source imds");
	r = peer_id_param(&peer, c->ask, &param, e);
	if (r)
		return r;
	p->to.client_id = c->ask->id ? c->ask->id : env(h, CLIENT);
	p->file = env(h, TOKEN_FILE);
	return entra_tenant(c, &p->tenant, e);
}

static enum mitok_code plan_name(const char *name, struct plan *p, struct mitok_err *e)
{
	AUTO_TEXT url = { 0 };
	struct endpoint named = { 0 };
	enum mitok_code r;

	text_addf(&url, "https://%s/", name);
	if (!text_ok(&url))
		return err_memory(e);
	r = endpoint_parse(SERVER_NAME, text_peek(&url), &named, e);
	if (r)
		return r;
	if (named.port != 443 || strcmp(named.path, "/") != 0 || named.query[0])
		return err_set(e, MITOK_E_CONF, SERVER_NAME " is no host name");
	memcpy(p->proxy_host, p->to.at.host, sizeof(p->proxy_host));
	p->to.connect_host = p->proxy_host;
	p->to.connect_port = p->to.at.port;
	memcpy(p->to.at.host, named.host, sizeof(p->to.at.host));
	p->to.at.port = 443;
	p->to.at.flags = 0;
	return MITOK_OK;
}

/* AKS identity bindings: the request goes to a proxy in the cluster, with the authority's
 * path behind the proxy's own. Its host is not held against a list: it differs from
 * cluster to cluster, must prove itself by TLS, and gets nothing but a token made to be
 * shown. */
static enum mitok_code plan_proxy(
	const struct host *h, struct plan *p, struct mitok_err *e)
{
	const char *url = env(h, PROXY), *name = env(h, SERVER_NAME);
	char path[sizeof(p->to.at.path)];
	size_t len;
	enum mitok_code r;

	p->ca_file = env(h, CA_FILE);
	p->ca_data = env(h, CA_DATA);
	if (!url && (p->ca_file || p->ca_data || name))
		return err_set(e, MITOK_E_CONF, "%s is set but " PROXY " is not",
			p->ca_file           ? CA_FILE
				: p->ca_data ? CA_DATA
					     : SERVER_NAME);
	if (!url)
		return MITOK_OK;
	if (p->ca_file && p->ca_data)
		return err_set(e, MITOK_E_CONF, CA_FILE " and " CA_DATA " are both set");
	memcpy(path, p->to.at.path, sizeof(path));
	r = endpoint_parse(PROXY, url, &p->to.at, e);
	if (r)
		return r;
	if (!p->to.at.https || strchr(url, '?'))
		return err_set(e, MITOK_E_CONF, PROXY " must be https, without a query");
	len = strlen(p->to.at.path);
	while (len && p->to.at.path[len - 1] == '/')
		len--;
	if (!text_copy(p->to.at.path + len, sizeof(p->to.at.path) - len, path))
		return err_set(e, MITOK_E_CONF, PROXY " is too long");
	return name ? plan_name(name, p, e) : MITOK_OK;
}

static enum mitok_code plan(const struct call *c, struct plan *p, struct mitok_err *e)
{
	enum mitok_code r = plan_identity(c, p, e);

	if (!r)
		r = entra_endpoint(c, NULL, p->tenant, &p->to.at, e);
	return r ? r : plan_proxy(c->h, p, e);
}

/* A file that is no JWT is not sent anywhere: the environment may name a file that was never
 * meant to be shown. */
static enum mitok_code read_assertion(
	const struct host *h, const char *path, struct secret *ret, struct mitok_err *e)
{
	AUTO_SECRET text = { 0 };
	const struct file_ask ask = { .path = path, .limit = ASSERTION_MAX };
	enum mitok_code r = h->read(h->self, &ask, &text, e);

	if (r)
		return err_hint(e, err_within(e, r, TOKEN_FILE),
			"the pod's token volume may not be mounted, or belong to another "
			"user");
	secret_trim(&text);
	if (text.len == 0)
		return err_hint(e,
			err_set(e, MITOK_E_LATER, TOKEN_FILE ": '%s' is empty", path),
			"it may be in rotation: try again in a minute");
	if (strlen(secret_peek(&text)) != text.len || !entra_is_jwt(secret_peek(&text)))
		return err_set(e, MITOK_E_CONF, TOKEN_FILE ": '%s' holds no JWT", path);
	*ret = secret_move(&text);
	return MITOK_OK;
}

/* Read anew for each request: clusters rotate it. */
static enum mitok_code read_ca(const struct host *h, const struct plan *p,
	struct secret *ret, struct mitok_err *e)
{
	const struct file_ask ask = { p->ca_file, FILE_NO_WRITERS, CA_MAX, NULL };
	AUTO_SECRET text = { 0 };
	enum mitok_code r = MITOK_OK;

	if (p->ca_file)
		r = h->read(h->self, &ask, &text, e);
	else if (p->ca_data && !secret_add_text(&text, p->ca_data))
		return err_memory(e);
	if (r)
		return err_within(e, r, CA_FILE);
	secret_trim(&text);
	if (p->ca_file && text.len == 0)
		return err_hint(e,
			err_set(e, MITOK_E_LATER, CA_FILE ": '%s' is empty", p->ca_file),
			"it may be in rotation: try again in a minute");
	if (text.len && !strstr(secret_peek(&text), "-----BEGIN CERTIFICATE-----"))
		return err_set(e, MITOK_E_CONF, "%s has no certificate in PEM form",
			p->ca_file ? CA_FILE : CA_DATA);
	*ret = secret_move(&text);
	return MITOK_OK;
}

/* One request with the files as they are now. *ret_again: Entra says that the token in
 * the file is not valid now, so the kubelet may be about to replace it. */
static enum mitok_code ask_once(const struct call *c, const struct plan *p,
	struct grant *ret, bool *ret_again, struct mitok_err *e)
{
	AUTO_SECRET assertion = { 0 };
	AUTO_SECRET ca = { 0 };
	AUTO_REPLY reply = { 0 };
	struct entra to = p->to;
	enum mitok_code r = read_assertion(c->h, p->file, &assertion, e);

	if (!r)
		r = read_ca(c->h, p, &ca, e);
	if (r)
		return r;
	to.assertion = &assertion;
	to.ca = ca.len ? secret_peek(&ca) : NULL;
	r = entra_ask(c, &to, &reply, e);
	if (r)
		return r;
	*ret_again = reply.status != 200 && refusal_aadsts(&reply) == 700024;
	return exchange_read(c, &reply, ret, e);
}

static enum mitok_code ask_entra(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	struct plan p = { .tenant = NULL };
	bool again = false;
	enum mitok_code r = plan(&c, &p, e);

	if (!r)
		r = ask_once(&c, &p, ret, &again, e);
	if (again)
		r = ask_once(&c, &p, ret, &again, e);
	return r;
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return peer_named(&peer, ask_entra(h, ask, ret, e), e);
}

const struct source source_workload = {
	.name = "workload",
	.about = "workload identity in Kubernetes (" TOKEN_FILE ")",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
