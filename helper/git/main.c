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

/* One call of the helper. */
struct call {
	const struct args *args;
	struct credential in;
	struct mitok *m;
	struct mitok_request rq;
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

static void log_line(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "mi-token: %s\n", line);
}

/* Without an identity of ours, what git-credential-manager was told. */
static enum mitok_code adopt_gcm(struct call *c, struct mitok_err *e)
{
	static const char variable[] = "GCM_AZREPOS_MANAGEDIDENTITY";
	const char *value = secure_getenv(variable);
	char setting[600] = "";
	enum mitok_code r;

	if (c->args->identity || secure_getenv("MI_TOKEN_IDENTITY"))
		return MITOK_OK;
	if (value)
		return gcm_adopt(value, variable, e);
	if (!c->args->gcm)
		return MITOK_OK;
	r = caller_gcm_setting(&c->in, setting, sizeof(setting), e);
	if (r || !setting[0])
		return r;
	return gcm_adopt(setting, "credential.azreposManagedIdentity", e);
}

/* What is asked, and whether it is for us at all; nothing of the machine is touched for
 * anybody else. */
static bool is_ours(struct call *c, struct mitok_err *e)
{
	enum host_kind kind;

	if (!credential_read(STDIN_FILENO, isatty(STDIN_FILENO) ? -1 : INPUT_MS, &c->in))
		return false;
	kind = host_kind(c->in.host);
	if (kind == HOST_FOREIGN)
		return false;
	if (strcmp(c->in.protocol, "https") != 0) {
		if (kind == HOST_REPOS && strcmp(c->in.protocol, "http") == 0)
			(void)err_hint(e,
				err_set(e, MITOK_E_DENIED,
					"refusing to send a token over http to '%s'",
					c->in.host),
				"use https:// in the URL");
		return false;
	}
	return true;
}

/* Everything up to the token. false: there is nothing to do, or *e says why it cannot be
 * done. */
static bool prepare(struct call *c, struct mitok_err *e)
{
	const struct mitok_options settings = { .size = sizeof(settings),
		.log = c->args->verbose ? log_line : NULL,
		.own_process = 1 };

	if (!is_ours(c, e) || adopt_gcm(c, e) || mitok_new(&settings, &c->m, e))
		return false;
	if (host_kind(c->in.host) == HOST_GRANTED &&
		!mitok_host_is_granted(c->m, c->in.host, c->in.path))
		return false;
	c->rq = (struct mitok_request){
		.size = sizeof(c->rq),
		.resource = DEVOPS_RESOURCE,
		.host = c->in.host,
		.path = c->in.path,
		.identity = c->args->identity,
		.timeout_ms = c->args->timeout_ms,
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
	if (is_news(c, name))
		say(&e);
}

/* git asks again because the server refused what we gave before. What our state or our
 * user name tell is sure; the rest is what is left when a `store` came in between. */
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

static void free_token(struct mitok_token **t)
{
	mitok_token_free(*t);
}

static void get(struct call *c, struct mitok_err *e)
{
	bool again = is_second_round(&c->in);
	__attribute__((cleanup(free_token))) struct mitok_token *t = NULL;
	struct answer a = { .asked = &c->in };

	if (get_token(c, again, &t, e))
		return;
	a.token = t;
	a.bearer = c->args->auth == AUTH_BEARER ||
		(c->args->auth == AUTH_AUTO && c->in.takes_authtype &&
			caller_sends_bearer(c->m));
	a.more = !again && mitok_token_is_cached(t) && !mitok_token_is_refused(t);
	if (again && mitok_token_is_refused(t))
		tell_same(c, t);
	(void)!print_answer(&a, e);
}

static void op_get(struct call *c)
{
	struct mitok_err e = { 0 };

	if (prepare(c, &e))
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

	if (!prepare(c, &e) || !c->in.token.len)
		return;
	name_token(c, name);
	(void)mitok_report_accepted(c->m, &c->rq, name, &e);
}

static void op_erase(struct call *c)
{
	char name[MITOK_FINGERPRINT_SIZE] = "";
	enum mitok_refusal refusal = MITOK_REFUSAL_UNKNOWN;
	struct diagnosis d = { .now_s = 0 };
	struct mitok_err e = { 0 };

	if (!prepare(c, &e)) {
		if (e.message[0])
			say(&e);
		return;
	}
	if (c->in.token.len)
		name_token(c, name);
	if (mitok_report_refused(c->m, &c->rq, name, &refusal, &e)) {
		say(&e);
		return;
	}
	/* Another helper's secret is none of our business; a person who empties the cache
	 * was refused nothing. */
	if (refusal == MITOK_REFUSAL_UNKNOWN || !c->in.token.len)
		return;
	d.again = refusal == MITOK_REFUSAL_AGAIN;
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
	AUTO_CALL call = { .args = &args };
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
