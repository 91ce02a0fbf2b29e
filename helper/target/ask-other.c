/* Services that are asked in more than one step, or in a form of their own.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../registry/registry.h"
#include "visit.h"

/* Cosmos DB: the account, a database or a container, which is metadata (Microsoft Learn,
 * "Access control on Azure Cosmos DB resources", the form of a token of Entra's). */
enum mitok_code cosmos_ask(struct visit *v, struct mitok_err *e)
{
	const struct place *p = &v->at;
	char date[40];
	time_t now = time(NULL);
	struct tm tm;
	AUTO_TEXT url = { 0 };
	struct client_request rq = { .method = "GET",
		.resource = v->resource,
		.scheme = "type%3Daad%26ver%3D1.0%26sig%3D",
		.headers = { { .name = "x-ms-version", .value = "2018-12-31" },
			{ .name = "x-ms-date", .value = date },
			{ .name = "Accept", .value = "application/json" } } };

	(void)strftime(
		date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	text_addf(&url, "https://%s", p->host);
	if (p->parts < 2 || !text_equal_nocase(p->part[0], "dbs"))
		text_add(&url, "/");
	else
		place_add(p, 0,
			text_equal_nocase(place_part(p, 2), "colls") && p->parts > 3 ? 4
										     : 2,
			&url);
	(void)!TEXT_COPY(v->read, "read metadata");
	rq.url = text_peek(&url);
	return text_ok(&url) ? visit_exchange(v, &rq, e) : err_memory(e);
}

/* A registry: Entra's token for the registry's, that for one that may pull, and with it the
 * head of a manifest. Where no repository is named the first step tells (github.com/Azure/acr,
 * docs/AAD-OAuth.md; OCI distribution, "Pulling manifests"). */

static enum mitok_code post_form(
	struct visit *v, const char *path, const struct secret *form, struct mitok_err *e)
{
	AUTO_TEXT url = { 0 };
	struct client_request rq = { .method = "POST",
		.headers = { { .name = "Content-Type",
			.value = "application/x-www-form-urlencoded" } },
		.body = form };

	text_addf(&url, "https://%s%s", v->at.host, path);
	rq.url = text_peek(&url);
	return text_ok(&url) ? visit_exchange(v, &rq, e) : err_memory(e);
}

/* /v2/NAME/manifests/TAG, NAME:TAG, NAME */
static void read_repository(const struct visit *v, struct text *name, struct text *tag)
{
	const struct place *p = &v->at;
	unsigned from = strcmp(place_part(p, 0), "v2") == 0 ? 1 : 0, to = from;
	const char *colon;

	while (to < p->parts && strcmp(p->part[to], "manifests") != 0 &&
		strcmp(p->part[to], "tags") != 0)
		to++;
	for (unsigned i = from; i < to; i++)
		text_addf(name, "%s%s", i > from ? "/" : "", p->part[i]);
	colon = strrchr(text_peek(name), ':');
	text_add(tag,
		to + 1 < p->parts && strcmp(p->part[to], "manifests") == 0
			? p->part[to + 1]
			: colon ? colon + 1
				: "latest");
	if (colon && name->p)
		name->p[colon - name->p] = '\0';
}

static bool fill_form(const struct registry *r, const char *repository,
	const struct secret *refresh, struct secret *ret)
{
	AUTO_TEXT scope = { 0 }, form = { 0 };

	text_addf(&scope, "repository:%s:pull", repository);
	text_addf(&form, "grant_type=refresh_token&service=%s&scope=", r->host);
	text_add_url(&form, text_peek(&scope));
	text_add(&form, "&refresh_token=");
	/* It is a JWT, or made of what a form takes as it is (registry.h). */
	return text_ok(&scope) && text_ok(&form) && secret_add_text(ret, form.p) &&
		secret_add(ret, secret_peek(refresh), refresh->len);
}

/* "access_token" of the answer, as the value of a header. */
static enum mitok_code read_access(
	const struct http_reply *rp, struct secret *ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	const char *token;
	enum mitok_code r = json_parse(secret_peek(&rp->body), rp->body.len, &j, e);

	if (r)
		return r;
	token = json_text(json_member(j, "access_token"));
	if (!token || text_has_control(token))
		return err_set(e, MITOK_E_REPLY, "the registry gives no access_token");
	return secret_add_text(ret, "Bearer ") && secret_add_text(ret, token)
		? MITOK_OK
		: err_memory(e);
}

static enum mitok_code ask_manifest(
	struct visit *v, const char *repository, const char *tag, struct mitok_err *e)
{
	AUTO_SECRET access = { 0 };
	AUTO_TEXT url = { 0 };
	struct client_request rq = { .method = "HEAD",
		.headers = { { .name = "Authorization", .secret = &access },
			{ .name = "Accept",
				.value = "application/vnd.oci.image.index.v1+json, "
					 "application/vnd.oci.image.manifest.v1+json, "
					 "application/vnd.docker.distribution.manifest."
					 "v2+json" } } };
	enum mitok_code r = read_access(&v->reply, &access, e);

	text_addf(&url, "https://%s/v2/%s/manifests/%s", v->at.host, repository, tag);
	rq.url = text_peek(&url);
	if (!r && !text_ok(&url))
		r = err_memory(e);
	return r ? r : visit_exchange(v, &rq, e);
}

enum mitok_code registry_ask(struct visit *v, struct mitok_err *e)
{
	struct registry host;
	AUTO_SECRET form = { 0 }, refresh = { 0 }, next = { 0 };
	AUTO_TEXT name = { 0 }, tag = { 0 };
	enum mitok_code r;

	if (!registry_read(v->at.host, &host))
		return MITOK_OK;
	if (!acr_form(&host, v->token, &form))
		return err_memory(e);
	(void)!TEXT_COPY(v->read, "sign in to the registry");
	r = post_form(v, "/oauth2/exchange", &form, e);
	if (r || v->reply.fault || v->reply.status != 200)
		return r;
	read_repository(v, &name, &tag);
	if (!text_ok(&name) || !text_ok(&tag))
		return err_memory(e);
	if (!*text_peek(&name))
		return MITOK_OK;
	r = acr_read(&host, &v->reply, &refresh, e);
	if (!r && !fill_form(&host, text_peek(&name), &refresh, &next))
		r = err_memory(e);
	(void)!TEXT_COPY(v->read, "pull");
	if (!r)
		r = post_form(v, "/oauth2/token", &next, e);
	if (r || v->reply.fault || v->reply.status != 200)
		return r;
	return ask_manifest(v, text_peek(&name), text_peek(&tag), e);
}
