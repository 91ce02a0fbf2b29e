/* The metadata service of virtual machines and scale sets (Microsoft Learn, "How to use
 * managed identities on a VM to acquire an access token", "Azure Instance Metadata
 * Service"). SPDX-License-Identifier: MIT */
#include "source/imds.h"

#include <string.h>

#include "source/exchange.h"
#include "source/refusal.h"
#include "source/retry.h"

#define AUTHORITY "AZURE_POD_IDENTITY_AUTHORITY_HOST"
#define ORIGIN    "http://169.254.169.254"

static const struct peer peer = {
	.source = "imds",
	.who = "the VM's metadata service",
	.kind = PEER_IMDS,
	.client_id = "client_id",
	.object_id = "object_id",
	.resource_id = "msi_res_id", /* mi_res_id is App Service's */
	.assign = "az vm identity assign --resource-group RG --name VM (scale set: az "
		  "vmss)",
	.assign_user =
		"az vm identity assign --resource-group RG --name VM --identities ID "
		"(scale set: az vmss)",
	.list = "what is assigned, with client ids: az vm identity show -g RG -n VM "
		"--query userAssignedIdentities",
	.mend = "this is not an Azure VM, or the network keeps it away from "
		"169.254.169.254",
};

/* It is asked last, and whether it is there only the network can tell. */
static const char *missing(const struct host *h)
{
	(void)h;
	return NULL;
}

static void place(const struct host *h, struct text *ret)
{
	const char *authority = h->env(h->self, AUTHORITY);

	text_add(ret, authority ? authority : ORIGIN);
}

static enum mitok_code find_endpoint(const struct host *h, const struct ask *ask,
	const char *path, struct endpoint *ret, struct mitok_err *e)
{
	const char *authority = h->env(h->self, AUTHORITY);
	enum mitok_code r = endpoint_trust(authority ? AUTHORITY : "the metadata service",
		authority ? authority : ORIGIN, ask->allow_hosts, ret, e);

	if (r)
		return r;
	ret->query[0] = '\0';
	return TEXT_COPY(ret->path, path)
		? MITOK_OK
		: err_set(e, MITOK_E_BUG, "the path of the metadata service is too long");
}

static enum mitok_code ask_service(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	AUTO_TEXT url = { 0 };
	struct endpoint at = { 0 };
	enum mitok_code r =
		find_endpoint(h, ask, "/metadata/identity/oauth2/token", &at, e);
	struct http_request rq = {
		.method = "GET",
		.headers = { { .name = "Metadata", .value = "true" } },
	};

	if (!r)
		r = exchange_url(&c, &at, "2018-02-01", &url, e);
	if (r)
		return r;
	rq.url = text_peek(&url);
	rq.flags = at.flags;
	return exchange_grant(&c, &rq, ret, e);
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return peer_named(&peer, ask_service(h, ask, ret, e), e);
}

/* A word of letters; all else is no answer of Azure's. */
static bool read_cloud(const struct http_reply *r, char *ret, size_t size)
{
	const char *body = secret_peek(&r->body);
	size_t len = strspn(body, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	return r->status == 200 && len > 0 && len == r->body.len &&
		text_copy(ret, size, body);
}

enum mitok_code imds_cloud(const struct host *h, const struct ask *ask, char *ret,
	size_t size, struct mitok_err *e)
{
	static const struct endpoint_param params[] = {
		{ "api-version", "2021-02-01" },
		{ "format", "text" },
		{ NULL, NULL },
	};
	const struct call c = { h, &peer, ask };
	AUTO_REPLY reply = { 0 };
	AUTO_TEXT url = { 0 };
	struct endpoint at = { 0 };
	enum mitok_code r =
		find_endpoint(h, ask, "/metadata/instance/compute/azEnvironment", &at, e);
	struct http_request rq = {
		.method = "GET",
		.headers = { { .name = "Metadata", .value = "true" } },
	};

	if (r)
		return peer_named(&peer, r, e);
	endpoint_url(&at, params, &url);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = text_peek(&url);
	rq.flags = at.flags;
	r = retry_exchange(&c, &rq, &reply, e);
	if (!r && !read_cloud(&reply, ret, size))
		r = refusal_explain(&reply, &peer, ask, h->now(h->self).real_s, e);
	return peer_named(&peer, r, e);
}

const struct source source_imds = {
	.name = "imds",
	.about = "Azure VM or scale set (the metadata service at 169.254.169.254)",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
