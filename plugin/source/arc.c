/* Azure Arc-enabled servers: the agent proves by a file that only root and the group
 * himds can read who may have a token (Microsoft Learn, "Authenticate against Azure
 * resources with Azure Arc-enabled servers"). The agent's answer names the file, which is
 * why nothing in it is believed (CVE-2024-35255: another client could be made to read and
 * send any file). SPDX-License-Identifier: MIT */
#include "source/arc.h"

#include <errno.h>
#include <string.h>

#include "source/exchange.h"
#include "source/refusal.h"
#include "source/reply.h"
#include "source/retry.h"

#define TOKENS  "/var/opt/azcmagent/tokens/"
#define DEFAULT "http://127.0.0.1:40342/metadata/identity/oauth2/token"
#define KEY_MAX 4096
#define VERSION "2020-06-01"

static const struct peer peer = {
	.source = "arc",
	.who = "the Azure Arc agent",
	.kind = PEER_AGENT,
	.client_id = "client_id",
	.object_id = "object_id",
	.resource_id =
		"msi_res_id", /* mi_res_id is ignored: the wrong identity would answer */
	.assign = "connect the machine to Azure Arc (azcmagent connect)",
	.assign_user = "assign it to the machine's Arc resource",
	.list = "azcmagent show tells the machine's resource",
	.mend = "the agent is stopped: systemctl status himdsd",
};

bool arc_challenge_path(const char *value, char ret[ARC_PATH_SIZE])
{
	static const char scheme[] = "Basic realm=";
	const char *path, *name;
	size_t len;

	ret[0] = '\0';
	if (!text_starts_nocase(value, scheme))
		return false;
	path = value + strlen(scheme);
	if (!text_starts(path, TOKENS))
		return false;
	name = path + strlen(TOKENS);
	/* No slash, no leading dot, no second '=', no quote or comma: one plain file
	 * name. */
	len = strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"-_.");
	if (name[len] || len < strlen("x.key") || name[0] == '.' ||
		strcmp(name + len - strlen(".key"), ".key") != 0)
		return false;
	return text_copy(ret, ARC_PATH_SIZE, path);
}

enum mitok_code arc_challenge(
	const struct http_reply *r, char ret[ARC_PATH_SIZE], struct mitok_err *e)
{
	char value[512], second[512];

	ret[0] = '\0';
	if (!http_header_value(r, "www-authenticate", 0, value, sizeof(value)))
		return err_set(e, MITOK_E_REPLY, "a challenge without a usable header");
	if (http_header_value(r, "www-authenticate", 1, second, sizeof(second)))
		return err_set(e, MITOK_E_REPLY, "more than one challenge");
	if (!arc_challenge_path(value, ret))
		return err_set(e, MITOK_E_REPLY,
			"a challenge that names no key file in " TOKENS ": '%.200s'",
			value);
	return MITOK_OK;
}

static bool is_loopback(const struct endpoint *at, struct mitok_err *e)
{
	if (endpoint_is_loopback(at))
		return true;
	(void)err_set(e, MITOK_E_CONF,
		"IDENTITY_ENDPOINT points to '%s', but the Azure Arc agent listens on "
		"this machine only",
		at->host);
	return false;
}

static enum mitok_code find_endpoint(
	const struct host *h, struct endpoint *ret, struct mitok_err *e)
{
	const char *url = h->env(h->self, "IDENTITY_ENDPOINT");
	enum mitok_code r;

	if (!url || !h->env(h->self, "IMDS_ENDPOINT"))
		url = DEFAULT;
	r = endpoint_trust("IDENTITY_ENDPOINT", url, NULL, ret, e);
	return r ? r : is_loopback(ret, e) ? MITOK_OK : MITOK_E_CONF;
}

/* The file's text goes into a header as it is: "Basic <text>". */
static enum mitok_code read_key(
	const struct host *h, const char *path, struct secret *ret, struct mitok_err *e)
{
	AUTO_SECRET key = { 0 };
	AUTO_SECRET header = { 0 };
	int error = 0;
	const struct file_ask ask = { path, FILE_NO_SYMLINK | FILE_ONE_LINK, KEY_MAX,
		&error };
	enum mitok_code r = h->read(h->self, &ask, &key, e);

	if (r && (error == EACCES || error == EPERM)) {
		if (e)
			e->http_status = 401; /* what it answers to whoever has no key */
		return err_hint(e, err_within(e, MITOK_E_DENIED, "%s", peer.who),
			"only root and the group himds may have tokens: sudo usermod "
			"-aG himds USER, then log in again (a service: "
			"SupplementaryGroups=himds)");
	}
	if (r)
		return err_within(
			e, MITOK_E_REPLY, "%s named a file that is no key", peer.who);
	if (key.len == 0 || strlen(secret_peek(&key)) != key.len ||
		text_has_control(secret_peek(&key)))
		return err_set(e, MITOK_E_REPLY,
			"%s named a file that is no key: '%s' is empty or has line ends "
			"in it",
			peer.who, path);
	if (!secret_add_text(&header, "Basic ") ||
		!secret_add(&header, secret_peek(&key), key.len))
		return err_memory(e);
	*ret = secret_move(&header);
	return MITOK_OK;
}

/* First half: without a key, which must be answered with a challenge. */
static enum mitok_code get_key(const struct call *c, struct http_request *rq,
	struct secret *ret, struct mitok_err *e)
{
	AUTO_REPLY reply = { 0 };
	char path[ARC_PATH_SIZE];
	enum mitok_code r = retry_exchange(c, rq, &reply, e);

	if (r)
		return r;
	if (reply.status == 200)
		return err_set(e, MITOK_E_REPLY,
			"%s: an answer without a challenge is not from it", peer.who);
	if (reply.status != 401)
		return refusal_explain(
			&reply, &peer, c->ask, c->h->now(c->h->self).real_s, e);
	r = arc_challenge(&reply, path, e);
	if (r) {
		r = err_within(e, r, "%s", peer.who);
		if (e)
			e->http_status = reply.status;
		return err_hint(e, r, "another program may listen in the agent's place");
	}
	return read_key(c->h, path, ret, e);
}

/* Agents that do not know user-assigned identities ignore the parameter and answer with
 * the machine's own: an answer that does not name what was asked for is refused. */
static enum mitok_code check_echo(
	const struct ask *ask, const struct http_reply *r, struct mitok_err *e)
{
	static const char *const client[] = { "client_id", NULL };
	static const char *const object[] = { "object_id", NULL };
	static const char *const resource[] = { "msi_res_id", "mi_res_id", NULL };
	const char *const *names = ask->kind == IDENTITY_CLIENT_ID ? client
		: ask->kind == IDENTITY_OBJECT_ID                  ? object
								   : resource;
	char asked[300];

	if (!ask->id || reply_echoes(r, names, ask->id))
		return MITOK_OK;
	peer_identity(ask, asked, sizeof(asked));
	return err_hint(e,
		err_set(e, MITOK_E_DENIED,
			"%s: the answer does not say that it is for %s", peer.who, asked),
		"old agents give the machine's own identity whatever is asked for: "
		"update it (azcmagent version), or assign the identity to the "
		"machine's Arc resource");
}

/* Both halves; *ret_again when the key was refused, as one is that has been used up by a
 * try that got no answer. */
static enum mitok_code ask_once(const struct call *c, struct http_request *rq,
	struct grant *ret, bool *ret_again, struct mitok_err *e)
{
	AUTO_SECRET key = { 0 };
	AUTO_REPLY reply = { 0 };
	enum mitok_code r;

	rq->headers[1] = (struct http_header){ 0 };
	r = get_key(c, rq, &key, e);
	if (r)
		return r;
	rq->headers[1] = (struct http_header){ .name = "Authorization", .secret = &key };
	r = retry_exchange(c, rq, &reply, e);
	rq->headers[1] = (struct http_header){ 0 };
	if (r)
		return r;
	*ret_again = reply.status == 401;
	if (reply.status == 200)
		r = check_echo(c->ask, &reply, e);
	return r ? r : exchange_read(c, &reply, ret, e);
}

static enum mitok_code ask_agent(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	AUTO_TEXT url = { 0 };
	struct endpoint at = { 0 };
	enum mitok_code r = find_endpoint(h, &at, e);
	struct http_request rq = {
		.method = "GET",
		.headers = { { .name = "Metadata", .value = "true" } },
	};

	if (!r)
		r = exchange_url(&c, &at, VERSION, &url, e);
	if (r)
		return r;
	rq.url = text_peek(&url);
	rq.flags = at.flags;
	for (int tries = 0; tries < 2; tries++) {
		bool again = false;

		r = ask_once(&c, &rq, ret, &again, e);
		if (!again)
			break;
	}
	return r;
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return peer_named(&peer, ask_agent(h, ask, ret, e), e);
}

static const char *missing(const struct host *h)
{
	const char *endpoint = h->env(h->self, "IDENTITY_ENDPOINT");

	if (endpoint && h->env(h->self, "IMDS_ENDPOINT"))
		return NULL;
	/* services often lack the variables, which the agent sets for login shells */
	if (h->exists(h->self, "/opt/azcmagent/bin/himds") ||
		h->exists(h->self, "/var/opt/azcmagent/bin/himds"))
		return NULL;
	return endpoint
		? "IDENTITY_ENDPOINT is set but IMDS_ENDPOINT is not, and there is no "
		  "/opt/azcmagent/bin/himds"
		: "IDENTITY_ENDPOINT and IMDS_ENDPOINT are not set, and there is no "
		  "/opt/azcmagent/bin/himds";
}

static void place(const struct host *h, struct text *ret)
{
	const char *endpoint = h->env(h->self, "IDENTITY_ENDPOINT");

	text_add(ret, endpoint && h->env(h->self, "IMDS_ENDPOINT") ? endpoint : DEFAULT);
}

const struct source source_arc = {
	.name = "arc",
	.about = "Azure Arc-enabled server (the agent himds on port 40342)",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
