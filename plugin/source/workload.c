/* Workload identity: a Kubernetes service account's token is exchanged for one of Entra's
 * (Microsoft Learn, "Use Microsoft Entra Workload ID with AKS"; OAuth 2.0 client
 * credentials with a federated credential; RFC 7523). SPDX-License-Identifier: MIT */
#include "source/exchange.h"

#include <string.h>

#include "source/refusal.h"
#include "source/retry.h"

#define TENANT        "AZURE_TENANT_ID"
#define CLIENT        "AZURE_CLIENT_ID"
#define TOKEN_FILE    "AZURE_FEDERATED_TOKEN_FILE"
#define AUTHORITY     "AZURE_AUTHORITY_HOST"
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
	.list = "az identity list -g RG --query '[].clientId' lists client ids",
	.mend = "check the network's way out (egress rules, HTTPS_PROXY)",
};

/* Entra's own hosts in all clouds; others must be in endpoints.allow_hosts. */
static const char *const authorities[] = {
	"login.microsoftonline.com",
	"login.microsoft.com",
	"login.windows.net",
	"sts.windows.net",
	"login.microsoftonline.us",
	"login.usgovcloudapi.net",
	"login-us.microsoftonline.com",
	"login.chinacloudapi.cn",
	"login.partner.microsoftonline.cn",
	"login.sovcloud-identity.fr",
	"login.sovcloud-identity.de",
	"login.sovcloud-identity.sg",
	NULL,
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
	const char *tenant, *client, *file;
	struct endpoint at;   /* of the request: the authority, or the proxy */
	char proxy_host[256]; /* connect here, when at is only the server's name */
	int proxy_port;
	const char *ca_file, *ca_data;
};

/* It becomes part of a path. */
static bool is_tenant(const char *s)
{
	return *s && *s != '.' &&
		s[strspn(s,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			"-.")] == '\0';
}

static enum mitok_code plan_identity(
	const struct host *h, const struct ask *ask, struct plan *p, struct mitok_err *e)
{
	const char *param, *why = incomplete(h, ask);
	enum mitok_code r;

	if (why)
		return err_hint(e, err_set(e, MITOK_E_CONF, "%s", why),
			"the pod needs the label azure.workload.identity/use and an "
			"annotated service account");
	if (ask->kind == IDENTITY_SYSTEM)
		return err_hint(e,
			err_set(e, MITOK_E_NOIDENTITY,
				"a workload identity is never system-assigned"),
			"name it by its client id, or ask the node's metadata service: "
			"--source imds");
	r = peer_id_param(&peer, ask, &param, e);
	if (r)
		return r;
	p->tenant = env(h, TENANT);
	p->client = ask->id ? ask->id : env(h, CLIENT);
	p->file = env(h, TOKEN_FILE);
	if (!is_tenant(p->tenant))
		return err_set(e, MITOK_E_CONF,
			TENANT " is neither a GUID nor a domain name: '%.100s'",
			p->tenant);
	if (ask->tenant_id && !text_equal_nocase(ask->tenant_id, p->tenant))
		return err_set(e, MITOK_E_DENIED,
			"tenant '%s' is pinned, but " TENANT " is '%s'", ask->tenant_id,
			p->tenant);
	return MITOK_OK;
}

static enum mitok_code plan_authority(
	const struct host *h, const struct ask *ask, struct plan *p, struct mitok_err *e)
{
	const char *url = env(h, AUTHORITY);
	size_t len;
	enum mitok_code r = MITOK_OK;

	url = url ? url : "https://login.microsoftonline.com/";
	if (endpoint_trust(AUTHORITY, url, authorities, &p->at, NULL))
		r = endpoint_trust(AUTHORITY, url, ask->allow_hosts, &p->at, e);
	if (r)
		return r;
	if (!p->at.https || p->at.query[0])
		return err_set(
			e, MITOK_E_CONF, AUTHORITY " must be https, without a query");
	len = strlen(p->at.path);
	while (len && p->at.path[len - 1] == '/')
		len--;
	p->at.path[len] = '\0';
	return MITOK_OK;
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
	memcpy(p->proxy_host, p->at.host, sizeof(p->proxy_host));
	p->proxy_port = p->at.port;
	memcpy(p->at.host, named.host, sizeof(p->at.host));
	p->at.port = 443;
	p->at.flags = 0;
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
	char path[sizeof(p->at.path)];
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
	memcpy(path, p->at.path, sizeof(path));
	r = endpoint_parse(PROXY, url, &p->at, e);
	if (r)
		return r;
	if (!p->at.https || strchr(url, '?'))
		return err_set(e, MITOK_E_CONF, PROXY " must be https, without a query");
	len = strlen(p->at.path);
	while (len && p->at.path[len - 1] == '/')
		len--;
	if (!text_copy(p->at.path + len, sizeof(p->at.path) - len, path))
		return err_set(e, MITOK_E_CONF, PROXY " is too long");
	return name ? plan_name(name, p, e) : MITOK_OK;
}

static enum mitok_code plan(
	const struct host *h, const struct ask *ask, struct plan *p, struct mitok_err *e)
{
	AUTO_TEXT tail = { 0 };
	size_t len;
	enum mitok_code r = plan_identity(h, ask, p, e);

	if (!r)
		r = plan_authority(h, ask, p, e);
	if (r)
		return r;
	len = strlen(p->at.path);
	text_addf(&tail, "/%s/oauth2/v2.0/token", p->tenant);
	if (!text_ok(&tail))
		return err_memory(e);
	if (!text_copy(p->at.path + len, sizeof(p->at.path) - len, text_peek(&tail)))
		return err_set(e, MITOK_E_CONF, TENANT " is too long");
	return plan_proxy(h, p, e);
}

/* Three parts of base64url. A file that is none is not sent anywhere: the environment may
 * name a file that was never meant to be shown. */
static bool is_jwt(const char *s)
{
	unsigned dots = 0;

	for (; *s; s++) {
		bool is_letter = text_lower(*s) >= 'a' && text_lower(*s) <= 'z';

		if (!is_letter && !text_is_digit(*s) && !strchr("-_.", *s))
			return false;
		dots += *s == '.';
	}
	return dots == 2;
}

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
	if (strlen(secret_peek(&text)) != text.len || !is_jwt(secret_peek(&text)))
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

static enum mitok_code make_body(const struct host *h, const struct ask *ask,
	const struct plan *p, struct secret *ret, struct mitok_err *e)
{
	AUTO_SECRET assertion = { 0 };
	AUTO_TEXT scope = { 0 };
	enum mitok_code r = read_assertion(h, p->file, &assertion, e);

	if (r)
		return r;
	text_addf(&scope, "%s/.default", ask->resource);
	if (!text_ok(&scope))
		return err_memory(e);
	const struct endpoint_param form[] = {
		{ "client_assertion", secret_peek(&assertion) },
		{ "client_assertion_type",
			"urn:ietf:params:oauth:client-assertion-type:jwt-bearer" },
		{ "client_id", p->client },
		{ "grant_type", "client_credentials" },
		{ "scope", text_peek(&scope) },
		{ NULL, NULL },
	};
	return endpoint_form(form, ret) ? MITOK_OK : err_memory(e);
}

/* One request with the files as they are now. *ret_again: Entra says that the token in
 * the file is not valid now, so the kubelet may be about to replace it. */
static enum mitok_code ask_once(const struct call *c, const struct plan *p,
	struct grant *ret, bool *ret_again, struct mitok_err *e)
{
	static const struct endpoint_param none[] = { { NULL, NULL } };
	AUTO_SECRET body = { 0 };
	AUTO_SECRET ca = { 0 };
	AUTO_REPLY reply = { 0 };
	AUTO_TEXT url = { 0 };
	enum mitok_code r = make_body(c->h, c->ask, p, &body, e);
	struct http_request rq = {
		.method = "POST",
		.headers = { { .name = "Content-Type",
				     .value = "application/x-www-form-urlencoded" },
			{ .name = "Accept", .value = "application/json" } },
		.body = &body,
		.flags = p->at.flags,
		.connect_host = p->proxy_host[0] ? p->proxy_host : NULL,
		.connect_port = p->proxy_port,
	};

	if (!r)
		r = read_ca(c->h, p, &ca, e);
	if (r)
		return r;
	endpoint_url(&p->at, none, &url);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = text_peek(&url);
	rq.ca = ca.len ? secret_peek(&ca) : NULL;
	r = retry_exchange(c, &rq, &reply, e);
	if (r)
		return r;
	*ret_again = reply.status != 200 && refusal_aadsts(&reply) == 700024;
	return exchange_read(c, &reply, ret, e);
}

static enum mitok_code ask_entra(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	struct plan p = { 0 };
	bool again = false;
	enum mitok_code r = plan(h, ask, &p, e);

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
