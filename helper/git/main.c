/* git-credential-mi-token: Azure Repos with the machine's managed identity.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "args.h"
#include "base/clock.h"
#include "caller.h"
#include "diagnosis.h"
#include "gcm.h"
#include "host.h"
#include "../process.h"

/* git writes all it has at once; whoever lets us wait for longer is stuck. */
#define INPUT_MS   10000
/* The same trouble is told once in so long. */
#define SILENCE_MS 60000

/* What git itself is asked is answered at once, or not at all. */
#define CALLER_MS  2000

/* One call of the helper. */
struct call {
	const struct args *args;
	int64_t started_ms;
	struct credential in;
	struct mitok *m;
	struct mitok_request rq;
	char gcm[600];          /* what git-credential-manager was told, as a selector, */
	const char *gcm_origin; /* and where */
};

static void call_done(struct call *c)
{
	credential_wipe(&c->in);
	mitok_free(c->m);
}
#define AUTO_CALL __attribute__((cleanup(call_done))) struct call

static void say(const struct mitok_err *e)
{
	process_print_error(false, e);
}

/* Whether nobody said that name a moment ago: git calls its helpers several times for one
 * command. */
static bool is_news(struct call *c, const char *name)
{
	int64_t now = clock_now().boot_ms, said = 0;
	char when[24];

	if (mitok_note_read(c->m, name, when, sizeof(when)) &&
		text_to_number(when, 0, INT64_MAX, &said) && now >= said &&
		now - said < SILENCE_MS)
		return false;
	(void)snprintf(when, sizeof(when), "%lld", (long long)now);
	mitok_note_write(c->m, name, when);
	return true;
}

/* What is left of --timeout; 0: there is none. */
static long left_ms(const struct call *c)
{
	int64_t left = c->started_ms + c->args->timeout_ms - clock_now().boot_ms;

	return !c->args->timeout_ms ? 0 : left > 1 ? (long)left : 1;
}

static int caller_ms(const struct call *c)
{
	long left = left_ms(c);

	return left && left < CALLER_MS ? (int)left : CALLER_MS;
}

/* Without an identity of ours, what git-credential-manager was told. */
static enum mitok_code read_gcm(struct call *c, struct mitok_err *e)
{
	static const char variable[] = "GCM_AZREPOS_MANAGEDIDENTITY";
	const char *value = secure_getenv(variable), *origin = variable;
	char setting[600] = "";
	enum mitok_code r;

	if (c->args->identity || secure_getenv("MI_TOKEN_IDENTITY"))
		return MITOK_OK;
	if (!value && c->args->gcm) {
		r = caller_gcm_setting(&c->in, caller_ms(c), setting, e);
		if (r)
			return r;
		value = setting[0] ? setting : NULL;
		origin = "credential.azreposManagedIdentity";
	}
	if (!value)
		return MITOK_OK;
	r = gcm_selector(value, origin, c->gcm, sizeof(c->gcm), e);
	c->gcm_origin = r ? NULL : origin;
	return r;
}

/* What is asked, and whether it is for us at all; nothing of the machine is touched for
 * anybody else. */
static bool is_ours(struct call *c, struct mitok_err *e)
{
	int64_t deadline_ms = isatty(STDIN_FILENO) ? -1 : c->started_ms + INPUT_MS;
	enum host_kind kind;

	if (!credential_read(STDIN_FILENO, deadline_ms, &c->in))
		return false;
	kind = host_kind(c->in.host);
	if (kind == HOST_FOREIGN)
		return false;
	if (strcmp(c->in.protocol, "https") == 0)
		return true;
	if (kind == HOST_REPOS && strcmp(c->in.protocol, "http") == 0)
		(void)err_hint(e,
			err_set(e, MITOK_E_DENIED,
				"refusing to send a token over http to '%s'", c->in.host),
			"use https:// in the URL");
	return false;
}

static enum mitok_code open_context(struct call *c, struct mitok_err *e)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.log = c->args->verbose ? process_log : NULL,
		.own_process = 1,
		.identity = c->gcm_origin ? c->gcm : NULL,
		.identity_origin = c->gcm_origin,
	};

	mitok_free(c->m);
	c->m = NULL;
	return mitok_new(&settings, &c->m, e);
}

/* Everything up to the token. false: there is nothing to do, or *e says why it cannot be
 * done. */
static bool prepare(struct call *c, struct mitok_err *e)
{
	if (host_kind(c->in.host) == HOST_GRANTED &&
		(open_context(c, e) ||
			!mitok_host_is_granted(
				c->m, c->in.host, c->in.path, DEVOPS_RESOURCE)))
		return false;
	if (read_gcm(c, e) || open_context(c, e))
		return false;
	c->rq = (struct mitok_request){
		.size = sizeof(c->rq),
		.resource = DEVOPS_RESOURCE,
		.host = c->in.host,
		.path = c->in.path,
		.identity = c->args->identity,
		.timeout_ms = left_ms(c),
	};
	return true;
}

/* One line, whatever leads to it, for one identity at one organisation. */
static void diagnose(struct call *c, struct diagnosis *d)
{
	struct mitok_err e = { 0 };
	char name[400];

	host_organisation(&c->in, d->organisation, sizeof(d->organisation));
	d->organisations_tenant = c->in.tenant;
	d->now_s = clock_now().real_s;
	diagnosis_tell(d, &e);
	(void)snprintf(
		name, sizeof(name), "refused|%s|%s", d->object_id, d->organisation);
	if (c->args->diagnose || is_news(c, name))
		say(&e);
}

/* git asks again because the server refused what we gave before. Our state says so for
 * certain. The rest is what is left of an answer of ours when a `store` came in between; it
 * may mean something else, and then asking for another token does no harm. */
static bool is_second_round(const struct credential *in)
{
	return in->state[0] || (in->has_authtype && !in->token.len) ||
		strcmp(in->username, CREDENTIAL_USER) == 0;
}

/* The source gave what the server refused: it will be refused again. */
static void tell_same(struct call *c, const struct mitok_token *t)
{
	struct diagnosis d = { .again = true };
	AUTO_SECRET token = { 0 };
	size_t len;
	const char *value = mitok_token_value(t, &len);

	if (secret_add(&token, value, len) && diagnosis_read(&token, &d))
		diagnose(c, &d);
}

static enum mitok_code get_token(
	struct call *c, bool again, struct mitok_token **ret, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;

	if (again)
		r = mitok_report_refused(c->m, &c->rq, c->in.state, NULL, e);
	if (!r)
		r = mitok_get(c->m, &c->rq, ret, e);
	return r;
}

static enum mitok_code print_answer(const struct answer *a, struct mitok_err *e)
{
	AUTO_SECRET out = { 0 };

	if (!answer_format(a, &out))
		return err_memory(e);
	return process_print(secret_peek(&out), out.len, e);
}

static void get(struct call *c, struct mitok_err *e)
{
	bool again = is_second_round(&c->in);
	AUTO_TOKEN t = NULL;
	struct answer a = { .asked = &c->in };

	if (get_token(c, again, &t, e))
		return;
	a.token = t;
	a.bearer = c->args->auth == AUTH_BEARER ||
		(c->args->auth == AUTH_AUTO && c->in.takes_authtype &&
			caller_sends_bearer(c->m, caller_ms(c)));
	a.more = !again && mitok_token_is_cached(t) && !mitok_token_is_refused(t);
	if (again && mitok_token_is_refused(t))
		tell_same(c, t);
	(void)!print_answer(&a, e);
}

static void op_get(struct call *c)
{
	struct mitok_err e = { 0 };

	if (is_ours(c, &e) && prepare(c, &e))
		get(c, &e);
	if (!e.message[0])
		return;
	say(&e);
	if (c->args->quit_on_failure)
		(void)!process_print("quit=1\n", strlen("quit=1\n"), NULL);
}

/* The fingerprint of the token that git has: the server took it, or not. */
static void name_token(const struct call *c, char ret[MITOK_FINGERPRINT_SIZE])
{
	mitok_fingerprint(secret_peek(&c->in.token), c->in.token.len, ret);
}

static void op_store(struct call *c)
{
	char name[MITOK_FINGERPRINT_SIZE];
	struct mitok_err e = { 0 };

	if (!is_ours(c, &e) || !c->in.token.len || !prepare(c, &e))
		return;
	name_token(c, name);
	(void)mitok_report_accepted(c->m, &c->rq, name, &e);
}

/* Another helper's secret is none of our business, and what is in the way of a token is told
 * by `get`. A person who wants the token gone was refused nothing. */
static void op_erase(struct call *c)
{
	enum mitok_refusal refusal = MITOK_REFUSAL_UNKNOWN;
	struct diagnosis d = { .now_s = 0 };
	char name[MITOK_FINGERPRINT_SIZE];
	struct mitok_err e = { 0 };

	if (!is_ours(c, &e) || !prepare(c, &e))
		return;
	name_token(c, name);
	if (mitok_report_refused(
		    c->m, &c->rq, c->in.token.len ? name : NULL, &refusal, &e) ||
		refusal == MITOK_REFUSAL_UNKNOWN)
		return;
	d.again = refusal == MITOK_REFUSAL_AGAIN;
	d.gave_up = !c->in.takes_authtype && !c->in.takes_state;
	if (diagnosis_read(&c->in.token, &d))
		diagnose(c, &d);
}

/* git-credential(1), "capability". */
static void op_capability(struct call *c)
{
	static const char text[] = "version 0\ncapability authtype\ncapability state\n";

	(void)c;
	(void)!process_print(text, strlen(text), NULL);
}

static const struct {
	const char *name;
	void (*run)(struct call *c);
} operations[] = {
	{ "get", op_get },
	{ "store", op_store },
	{ "erase", op_erase },
	{ "capability", op_capability },
};

/* git may learn others, and wants them passed over in silence. Whatever becomes of an
 * operation, the status is 0: some callers throw the answer away otherwise. */
int main(int argc, char **argv)
{
	struct args args = { .auth = AUTH_AUTO };
	AUTO_CALL call = { .args = &args, .started_ms = clock_now().boot_ms };
	AUTO_TEXT help = { 0 };
	struct mitok_err e = { 0 };

	process_harden();
	if (args_parse(argc, argv, &args, &e)) {
		say(&e);
		return (int)e.code;
	}
	if (args.help || args.version) {
		args_help(&args, &help);
		return (int)process_print(text_peek(&help), help.len, &e);
	}
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strcmp(operations[i].name, args.operation) == 0)
			operations[i].run(&call);
	return 0;
}
