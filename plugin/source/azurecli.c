/* Whoever is signed in to the Azure CLI: the real az is run for a token (Microsoft Learn, "az
 * account get-access-token"). Only for who names this source.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "source/aadsts.h"
#include "source/peer.h"
#include "source/reply.h"

/* Set for az: what it runs does not come back here. */
#define MARK       "MI_TOKEN_AZURE_CLI"
#define CONFIG_DIR "AZURE_CONFIG_DIR"
#define NO_AZ      "PATH has no az, but for mi-token's own"

#define NO_FOLDER                                                                \
	CONFIG_DIR ", or HOME without it, is no absolute path: it is not known " \
		   "who is signed in"

/* A token of REPLY_TOKEN_MAX and what stands around it; and az's list of subscriptions. */
#define OUTPUT_MAX  ((size_t)128 * 1024)
#define PROFILE_MAX (SECRET_MAX - (size_t)64 * 1024)

static const struct peer peer = {
	.source = "azure-cli",
	.who = "az",
	.kind = PEER_ENTRA,
	.client_id = "claims",
	.object_id = "claims",
	.resource_id = "claims",
	.list = "who is signed in: az account show",
};

/* Where az keeps who is signed in. It would find a relative folder from where it is run, and
 * without HOME ask the system's list of users. */
static const char *folder(const struct host *h)
{
	const char *dir = h->env(h->self, CONFIG_DIR);

	dir = dir ? dir : h->env(h->self, "HOME");
	return dir && *dir == '/' ? dir : NULL;
}

static const char *missing(const struct host *h)
{
	char path[PATH_MAX];

	if (h->env(h->self, MARK))
		return "asked by the az that it would run (" MARK " is set)";
	if (!h->find || !h->find(h->self, "az", path))
		return NO_AZ;
	return folder(h) ? NULL : NO_FOLDER;
}

static void add_profile(const struct host *h, struct text *ret)
{
	text_add(ret, folder(h) ? folder(h) : "");
	text_add(ret, h->env(h->self, CONFIG_DIR) ? "" : "/.azure");
	text_add(ret, "/azureProfile.json");
}

static enum mitok_code hash_profile(const struct host *h, const char *path,
	char ret[TEXT_HEX_SIZE], struct mitok_err *e)
{
	const struct file_ask ask = { .path = path, .limit = PROFILE_MAX };
	AUTO_SECRET profile = { 0 };
	enum mitok_code r = h->read(h->self, &ask, &profile, e);

	ret[0] = '\0';
	if (!r)
		text_hex(text_hash(secret_peek(&profile), profile.len), ret);
	return r;
}

/* Who is signed in, and to which subscription, is in az's profile: another one is another
 * place. */
static void place(const struct host *h, struct text *ret)
{
	AUTO_TEXT path = { 0 };
	char hash[TEXT_HEX_SIZE];

	add_profile(h, &path);
	(void)hash_profile(h, text_peek(&path), hash, NULL);
	text_add_url(ret, text_peek(&path));
	text_add(ret, " ");
	text_add(ret, hash);
}

/* A token of nobody knows whom would be kept as that of all who are signed in later. */
static enum mitok_code check_profile(const struct host *h, struct mitok_err *e)
{
	AUTO_TEXT path = { 0 };
	char hash[TEXT_HEX_SIZE];
	enum mitok_code r;

	add_profile(h, &path);
	if (!text_ok(&path))
		return err_memory(e);
	if (!h->exists(h->self, text_peek(&path)))
		return MITOK_OK; /* az will say how to sign in */
	r = hash_profile(h, text_peek(&path), hash, e);
	return r ? err_within(e, r, "it is not known who is signed in to az") : r;
}

/* The token is that of whoever is signed in; ids are compared with what it says. */
static enum mitok_code check(const struct call *c, struct mitok_err *e)
{
	if (missing(c->h))
		return err_set(e, MITOK_E_NOIDENTITY, "%s", missing(c->h));
	if (c->ask->kind == IDENTITY_SYSTEM)
		return err_hint(e,
			err_set(e, MITOK_E_NOIDENTITY,
				"no system-assigned identity is known to az"),
			"ask the machine's own source: --source auto");
	if (c->ask->resource[0] == '-')
		return err_set(e, MITOK_E_ARG,
			"the resource '%s' would be an option to az", c->ask->resource);
	return check_profile(c->h, e);
}

static bool read_expiry(const struct json *j, int64_t now_s, int64_t *ret)
{
	const char *local = json_text(json_member(j, "expiresOn"));
	int64_t n;

	/* az before 2.54 has only the local date. */
	if (!json_to_number(json_member(j, "expires_on"), 1, CLOCK_MAX_S, &n) &&
		!(local && clock_parse_local(local, &n)))
		return false;
	*ret = n;
	return n > now_s;
}

static enum mitok_code read_output(
	const struct secret *out, int64_t now_s, struct grant *ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	AUTO_SECRET kept = { 0 };
	const struct json *token;
	const char *type;
	int64_t expires_s;

	if (json_parse(secret_peek(out), out->len, &j, NULL) || j->kind != JSON_OBJECT)
		return err_set(e, MITOK_E_REPLY, "az: an answer that is no JSON object");
	token = json_member(j, "accessToken");
	type = json_text(json_member(j, "tokenType"));
	if (!token || token->kind != JSON_TEXT || !reply_is_token(&token->text))
		return err_set(e, MITOK_E_REPLY, "az: an answer without an accessToken");
	if (type && !text_equal_nocase(type, "bearer"))
		return err_set(
			e, MITOK_E_REPLY, "az: a token that is not of type Bearer");
	if (!read_expiry(j, now_s, &expires_s))
		return err_set(e, MITOK_E_REPLY,
			"az: a token that has expired, or does not say when it will");
	if (!secret_add(&kept, secret_peek(&token->text), token->text.len))
		return err_memory(e);
	*ret = (struct grant){
		.token = secret_move(&kept), .type = "Bearer", .expires_s = expires_s
	};
	return MITOK_OK;
}

/* The line that says what went wrong: az's own, or the first. */
static void find_line(const char *err, char *ret, size_t size)
{
	const char *line = strstr(err, "ERROR: ");

	line = line ? line + strlen("ERROR: ") : err + strspn(err, " \t\r\n");
	(void)snprintf(ret, size, "%.*s", (int)strcspn(line, "\r\n"), line);
	text_clean(ret);
}

/* `az login ...` as az says it: to the end of the line, or of the quotes it stands in. */
static bool find_login(const char *err, char *ret, size_t size)
{
	const char *at = strstr(err, "az login");
	char end[4] = "\r\n";

	if (!at)
		return false;
	if (at > err && strchr("'`", at[-1]))
		end[2] = at[-1];
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, end), at);
	text_clean(ret);
	return true;
}

static enum mitok_code explain(
	const struct call *c, const struct child_reply *r, struct mitok_err *e)
{
	const char *err = secret_peek(&r->err);
	int aadsts = aadsts_number(err);
	char line[400], login[300];
	bool wants_login = find_login(err, login, sizeof(login));
	enum mitok_code code = aadsts ? MITOK_E_DENIED
		: wants_login         ? MITOK_E_NOIDENTITY
				      : MITOK_E_LATER;

	find_line(err, line, sizeof(line));
	(void)err_set(
		e, code, "az: status %d: '%s'", r->status, *line ? line : "no word");
	if (e)
		e->aadsts = aadsts;
	if (wants_login)
		return err_hint(e, code, "sign in: %s", login);
	return err_hint(e, code,
		"see for yourself: az account get-access-token --resource %s",
		c->ask->resource);
}

static enum mitok_code judge(const struct call *c, const struct child_reply *r,
	int64_t ms, struct grant *ret, struct mitok_err *e)
{
	if (r->end == CHILD_TIMEOUT)
		return err_hint(e,
			err_set(e, MITOK_E_LATER,
				"az: no answer in %lld ms, and it was stopped",
				(long long)ms),
			"it takes its time: allow more with --timeout, or timeout in "
			"mi-token.conf");
	if (r->end == CHILD_TOO_MUCH)
		return err_set(e, MITOK_E_REPLY, "az: an answer that is too long");
	/* -1: the program we are in has taken its status; the answer tells. */
	if (r->status > 0 || (r->status < 0 && !r->out.len))
		return explain(c, r, e);
	return read_output(&r->out, c->h->now(c->h->self).real_s, ret, e);
}

static enum mitok_code run_az(
	const struct call *c, struct grant *ret, struct mitok_err *e)
{
	const struct host *h = c->h;
	const char *argv[] = { "az", "account", "get-access-token", "-o", "json",
		"--resource", c->ask->resource, NULL, NULL, NULL };
	char path[PATH_MAX];
	struct child_ask ask = { .path = path,
		.argv = argv,
		.mark = MARK "=1",
		.timeout_ms = c->ask->deadline_ms - h->now(h->self).boot_ms,
		.out_max = OUTPUT_MAX };
	AUTO_CHILD reply = { .end = CHILD_EXITED };
	enum mitok_code r;

	if (c->ask->tenant_id) {
		argv[7] = "--tenant";
		argv[8] = c->ask->tenant_id;
	}
	if (!h->find(h->self, "az", path))
		return err_set(e, MITOK_E_NOIDENTITY, NO_AZ);
	if (ask.timeout_ms <= 0)
		return err_hint(e, err_set(e, MITOK_E_LATER, "az: no time left to ask"),
			"give it longer: --timeout");
	r = h->run(h->self, &ask, &reply, e);
	return r ? r : judge(c, &reply, ask.timeout_ms, ret, e);
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct call c = { h, &peer, ask };
	enum mitok_code r = check(&c, e);

	if (!r)
		r = run_az(&c, ret, e);
	return peer_named(&peer, r, e);
}

const struct source source_azure_cli = {
	.name = "azure-cli",
	.about = "whoever is signed in to the Azure CLI; only when it is named",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
