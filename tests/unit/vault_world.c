/* A world for the tests of the vault client.
 * SPDX-License-Identifier: MIT */
#include "vault_world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/context.h"
#include "openssl/answer.h"
#include "openssl/vault-token.h"

struct vault_world vault_world;

#define HOLDS(x) test_check((x), __FILE__, __LINE__, #x, NULL)
#define ADD(n)   ((void)__atomic_add_fetch(&vault_world.n, 1, __ATOMIC_RELAXED))

static const char *env(void *self, const char *name)
{
	(void)self;
	(void)name;
	return NULL;
}

static bool exists(void *self, const char *path)
{
	(void)self;
	(void)path;
	return false;
}

static enum mitok_code read_file(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	const char *conf = vault_world.conf;

	(void)self;
	if (conf && strcmp(ask->path, CONF_DIR "/mi-token.conf") == 0)
		return secret_add_text(ret, conf) ? MITOK_OK : err_memory(e);
	if (ask->ret_errno)
		*ask->ret_errno = ENOENT;
	return err_set(e, MITOK_E_CONF, "no file '%s'", ask->path);
}

static enum mitok_code list(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	(void)self;
	(void)ret;
	if (ask->ret_errno)
		*ask->ret_errno = ENOENT;
	return err_set(e, MITOK_E_CONF, "no directory '%s'", ask->path);
}

static struct moment now(void *self)
{
	(void)self;
	return (struct moment){ __atomic_load_n(
					&vault_world.now.real_s, __ATOMIC_RELAXED),
		__atomic_load_n(&vault_world.now.boot_ms, __ATOMIC_RELAXED) };
}

static void pass(int64_t ms)
{
	int64_t at;

	if (vault_world.real_time) {
		clock_sleep(ms);
		return;
	}
	at = __atomic_add_fetch(&vault_world.now.boot_ms, ms, __ATOMIC_RELAXED);

	(void)__atomic_add_fetch(
		&vault_world.now.real_s, at / 1000 - (at - ms) / 1000, __ATOMIC_RELAXED);
}

static void pause_for(void *self, int64_t ms)
{
	(void)self;
	ADD(sleeps);
	(void)__atomic_add_fetch(&vault_world.slept_ms, ms, __ATOMIC_RELAXED);
	pass(ms);
}

static void note(const char *fmt, ...) ERR_PRINTF(1, 2);
static void note(const char *fmt, ...)
{
	size_t len = strlen(vault_world.wire);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(vault_world.wire + len, sizeof(vault_world.wire) - len, fmt, ap);
	va_end(ap);
}

static void add_part(struct text *t, const char *json)
{
	answer_encode((const unsigned char *)json, strlen(json), t);
	text_add(t, ".");
}

/* Not signed by anybody; the mark is where the signature is. */
static bool make_token(const char *resource, unsigned nth, struct secret *ret)
{
	AUTO_TEXT t = { 0 };
	char claims[512];

	(void)snprintf(claims, sizeof(claims),
		"{\"aud\":\"%s\",\"oid\":\"" WORLD_OBJECT "\",\"tid\":\"" WORLD_TENANT
		"\",\"uti\":\"token-%u\"}",
		resource, vault_world.same_token ? 1 : nth);
	add_part(&t, "{\"alg\":\"none\"}");
	add_part(&t, claims);
	return text_ok(&t) && secret_add_text(ret, text_peek(&t)) &&
		secret_add_text(ret, SPY_MARK);
}

/* "resource=https%3A%2F%2Fvault.azure.net" of the query. */
static void read_resource(const char *url, char ret[128])
{
	const char *p = strstr(url, "resource=");
	size_t n = 0;

	for (p = p ? p + 9 : ""; *p && *p != '&' && n < 127; p++) {
		if (*p == '%') {
			ret[n++] =
				(char)(text_hex_digit(p[1]) * 16 + text_hex_digit(p[2]));
			p += 2;
		} else {
			ret[n++] = *p;
		}
	}
	ret[n] = '\0';
}

static enum mitok_code metadata(
	const struct http_request *rq, struct http_reply *ret, struct mitok_err *e)
{
	bool is_token = strstr(rq->url, "/identity/oauth2/token");
	char resource[128], rest[512];
	bool well = true;

	ret->status = vault_world.imds_status ? vault_world.imds_status : 200;
	pass(vault_world.imds_ms);
	if (!is_token) {
		ADD(clouds);
		well = secret_add_text(&ret->body, "AzureUSGovernmentCloud");
		return well ? MITOK_OK : err_memory(e);
	}
	ADD(tokens);
	if (ret->status != 200)
		return secret_add_text(&ret->body,
			       "{\"error\":\"invalid_request\",\"error_description\":"
			       "\"Identity not found\"}")
			? MITOK_OK
			: err_memory(e);
	read_resource(rq->url, resource);
	if (!vault_world.real_time) {
		(void)!TEXT_COPY(vault_world.last_resource, resource);
		(void)!TEXT_COPY(vault_world.last_query, strchr(rq->url, '?'));
	}
	(void)snprintf(rest, sizeof(rest),
		"\",\"client_id\":\"" SCRIPT_CLIENT "\",\"expires_in\":\"86399\","
		"\"expires_on\":\"%lld\",\"resource\":\"%s\",\"token_type\":\"Bearer\"}",
		(long long)now(NULL).real_s + 86399, resource);
	well = secret_add_text(&ret->body, "{\"access_token\":\"") &&
		make_token(resource,
			__atomic_load_n(&vault_world.tokens, __ATOMIC_RELAXED),
			&ret->body) &&
		secret_add_text(&ret->body, rest);
	return well ? MITOK_OK : err_memory(e);
}

/* The token's number, in place of the token. */
static void read_token(const struct secret *header)
{
	const char *p = strchr(secret_peek(header), '.');
	AUTO_SECRET claims = { 0 };
	char part[1024];

	vault_world.last_token[0] = '\0';
	if (!HOLDS(p && text_starts(secret_peek(header), "Bearer ")))
		return;
	(void)snprintf(part, sizeof(part), "%.*s", (int)strcspn(p + 1, "."), p + 1);
	if (answer_decode(part, &claims, NULL))
		return;
	p = strstr(secret_peek(&claims), "token-");
	if (p)
		(void)snprintf(vault_world.last_token, sizeof(vault_world.last_token),
			"%.*s", (int)strcspn(p, "\""), p);
}

static void record(const struct http_request *rq)
{
	unsigned n = vault_world.requests;

	if (n < WORLD_REQUESTS) {
		vault_world.timeout_ms[n] = rq->timeout_ms;
		vault_world.connect_ms[n] = rq->connect_ms;
	}
	note("%s %s\n", rq->method, rq->url);
	for (const struct http_header *h = rq->headers; h->name; h++) {
		if (h->secret) {
			read_token(h->secret);
			note("%s: %s\n", h->name, vault_world.last_token);
		} else if (strcmp(h->name, "x-ms-client-request-id") == 0) {
			(void)!TEXT_COPY(vault_world.last_id, h->value);
			CHECK(text_is_guid(h->value) && h->value[14] == '4');
		} else {
			note("%s: %s\n", h->name, h->value);
		}
	}
	note("\n%s\n", rq->body ? secret_peek(rq->body) : "");
}

static const struct vault_answer *take_answer(bool is_reused)
{
	const struct vault_answer *a = vault_world.answers;
	unsigned n = __atomic_load_n(&vault_world.next, __ATOMIC_RELAXED);

	while (a[n].if_reused && !is_reused)
		n++;
	__atomic_store_n(&vault_world.next,
		a[n + 1].is.status || a[n + 1].is.fault ? n + 1 : n, __ATOMIC_RELAXED);
	return &a[n];
}

static enum mitok_code http(void *self, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	unsigned *uses = (unsigned *)(void *)rq->session;
	struct script_answer is;

	(void)self;
	if (!text_starts(rq->url, "https://"))
		return metadata(rq, ret, e);
	if (vault_world.real_time)
		clock_sleep(2);
	else
		record(rq);
	ADD(requests);
	is = take_answer(*uses > 0)->is;
	if (is.takes_ms > rq->timeout_ms)
		is = (struct script_answer){ .fault = HTTP_TIMEOUT,
			.takes_ms = rq->timeout_ms };
	pass(is.takes_ms);
	if (!script_reply(&is, ret)) {
		http_reply_wipe(ret);
		return err_memory(e);
	}
	ret->was_reused = (*uses)++ > 0;
	return MITOK_OK;
}

static enum mitok_code make(struct http_session **ret, struct mitok_err *e)
{
	unsigned *uses = calloc(1, 64);

	if (!uses)
		return err_memory(e);
	ADD(made);
	*ret = (struct http_session *)(void *)uses;
	return MITOK_OK;
}

static void end(struct http_session *s)
{
	ADD(ended);
	free(s);
}

static void leave(struct http_session *s)
{
	ADD(abandoned);
	free(s);
}

static const struct vault_pool_kind kind = { make, end, leave };

void vault_world_begin(const char *conf, const struct vault_answer *answers)
{
	vault_world = (struct vault_world){
		.conf = conf,
		.answers = answers,
		.now = { .real_s = SCRIPT_START_S, .boot_ms = SCRIPT_START_MS },
	};
}

struct vault *vault_world_client(const char *identity, int64_t timeout_ms)
{
	static const struct host host = { .env = env,
		.exists = exists,
		.read = read_file,
		.list = list,
		.now = now,
		.sleep = pause_for,
		.http = http };
	const struct vault_settings s = { identity, timeout_ms };
	const struct mitok_options o = { .size = sizeof(o),
		.identity = identity,
		.identity_origin = "token-identity in openssl.cnf" };
	struct vault *v = vault_new(&s);
	struct mitok_err e = { 0 };
	struct mitok *m = NULL;

	if (!v)
		return NULL;
	v->host = host;
	v->pool.kind = &kind;
	if (!HOLDS(context_new(&host, &o, &m, &e) == MITOK_OK &&
		    vault_user_add(v, m, &m, &e) == MITOK_OK))
		fprintf(stderr, "  %s\n", e.message);
	return v;
}

struct uri vault_world_uri(const char *text)
{
	struct uri u = { .name = "" };
	struct mitok_err e = { 0 };

	if (!HOLDS(uri_parse(text, &u, &e) == MITOK_OK))
		fprintf(stderr, "  %s: %s\n", text, e.message);
	return u;
}
