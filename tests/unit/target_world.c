/* A scripted network for the tests of helper/target.
 * SPDX-License-Identifier: MIT */
#include "target_world.h"

#include "core/token.h"
#include "world.h"

static const struct target_row *row;
static enum mitok_code refusal;
static unsigned sent;
static char wire[8192];

static void note(const char *text)
{
	size_t len = strlen(wire);

	(void)snprintf(wire + len, sizeof(wire) - len, "%s", text);
}

enum mitok_code client_send(const struct client *c, const struct client_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	const struct script_answer *a = &row->answers[sent];

	(void)c;
	CHECK_ROW(row->what,
		strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0 ||
			strstr(rq->url, "/oauth2/"));
	note(rq->method);
	note(" ");
	note(rq->url);
	note("\n");
	for (const struct http_header *h = rq->headers; h->name; h++)
		CHECK_ROW(row->what, h->value || strcmp(h->name, "Authorization") == 0);
	if (!a->status && !a->fault && sent > 0)
		a--;
	else
		sent++;
	if (!script_reply(a, ret))
		return err_memory(e);
	if (!ret->fault)
		return MITOK_OK;
	CHECK(TEXT_COPY(ret->detail, "the line is dead"));
	return err_set(e, MITOK_E_LATER, "the line is dead");
}

enum mitok_code client_each_page(const struct client *c,
	const struct client_request *first,
	enum mitok_code (*each)(
		void *arg, const struct json *values, struct mitok_err *e),
	void *arg, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	enum mitok_code r;

	(void)c;
	for (const struct target_list *l = row->lists; l->part; l++) {
		if (!strstr(first->url, l->part))
			continue;
		r = json_parse_document(l->value, strlen(l->value), &j, e);
		return r ? r : each(arg, j, e);
	}
	return err_set(e, MITOK_E_DENIED, "(AuthorizationFailed) no");
}

enum mitok_code client_endpoint(const struct client *c, const char *alias, char *ret,
	size_t size, struct mitok_err *e)
{
	(void)c;
	return text_copy(ret, size,
		       strcmp(alias, "arm") == 0 ? "https://management.azure.com/"
						 : "https://graph.microsoft.us/")
		? MITOK_OK
		: err_memory(e);
}

enum address address_find(const char *host, char ret[ADDRESS_SIZE])
{
	static const char *const texts[] = { "", "127.0.0.1", "10.1.2.3", "20.60.1.2" };

	CHECK(*host);
	(void)!text_copy(ret, ADDRESS_SIZE, texts[row->address]);
	return row->address;
}

/* A token: its audience and the row's roles; what would be its signature is the spy's mark. */

static void add_base64url(struct text *out, const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_";
	unsigned bits = 0, count = 0;

	for (; *s; s++) {
		bits = bits << 8 | (unsigned char)*s;
		for (count += 8; count >= 6; count -= 6)
			text_add_bytes(out, &letters[bits >> (count - 6) & 63], 1);
	}
	if (count)
		text_add_bytes(out, &letters[bits << (6 - count) & 63], 1);
}

static void write_token(const char *aud, struct text *ret)
{
	AUTO_TEXT claims = { 0 };

	text_addf(&claims,
		"{\"aud\":\"%s\",\"iss\":\"https://sts.windows.net/" TENANT
		"/\",\"tid\":\"" TENANT "\",\"appid\":\"" CLIENT "\",\"oid\":\"" OBJECT
		"\",\"exp\":1800080000%s%s}",
		aud, row->roles ? ",\"roles\":" : "", row->roles ? row->roles : "");
	add_base64url(ret, "{\"alg\":\"RS256\"}");
	text_add(ret, ".");
	add_base64url(ret, text_peek(&claims));
	text_add(ret, "." SPY_MARK);
}

enum mitok_code __wrap_mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e);

static void take_resource(
	void *arg, const char *name, const char *value, const char *origin)
{
	(void)origin;
	if (strcmp(name, "resource") == 0)
		(void)!text_copy(arg, 1024, value);
}

enum mitok_code __wrap_mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e)
{
	char resource[1024] = "";
	AUTO_TEXT jwt = { 0 };
	AUTO_TOKEN t = token_new();
	bool is_jwt;
	enum mitok_code r = refusal;

	if (r)
		return err_set(e, r, "the test refuses");
	r = mitok_choice_each(m, rq, take_resource, resource, e);
	write_token(resource, &jwt);
	if (!r && (!t || !text_ok(&jwt) || !secret_add(&t->value, jwt.p, jwt.len)))
		r = err_memory(e);
	if (!r)
		r = claims_read(jwt.p, jwt.len, &t->claims, &is_jwt, e);
	if (jwt.p)
		explicit_bzero(jwt.p, jwt.len);
	if (r)
		return r;
	*ret = t;
	t = NULL;
	return MITOK_OK;
}

static enum mitok_code ask(struct target_answer *ret, struct mitok_err *e)
{
	struct client c = { .m = world_context(), .timeout_ms = 1000 };
	enum mitok_code r;

	sent = 0;
	wire[0] = '\0';
	r = target_ask_for(&c, row->url, row->resource, ret, e);
	mitok_free(c.m);
	return r;
}

static void check_texts(const struct target_answer *a)
{
	const char *texts[] = { a->err.message, a->err.hint, a->cure, a->role, a->scope,
		a->code };

	for (size_t i = 0; i < COUNT(row->says) && row->says[i]; i++)
		if (!strstr(a->err.message, row->says[i]))
			CHECK_TEXT(a->err.message, row->says[i]);
	for (size_t i = 0; i < COUNT(row->cure) && row->cure[i]; i++)
		if (!strstr(a->cure, row->cure[i]))
			CHECK_TEXT(a->cure, row->cure[i]);
	for (size_t i = 0; i < COUNT(texts); i++)
		CHECK_ROW(row->what, !strstr(texts[i], SPY_MARK));
	CHECK_ROW(row->what, !strstr(a->cure, "\n\n"));
	CHECK_ROW(row->what, a->err.message[0]);
}

static void check(const struct target_answer *a)
{
	CHECK_TEXT(target_outcome_name(a->outcome), target_outcome_name(row->outcome));
	CHECK_ROW(row->what, a->outcome == row->outcome && a->err.code == row->code);
	CHECK_ROW(row->what, strcmp(a->code, row->word ? row->word : "") == 0);
	CHECK_TEXT(a->role, row->role ? row->role : "");
	if (row->scope)
		CHECK_TEXT(a->scope, row->scope);
	if (row->wire)
		CHECK_TEXT(wire, row->wire);
	check_texts(a);
}

void target_run(const struct target_row *rows, size_t count)
{
	struct target_answer a;
	struct mitok_err e = { .code = MITOK_OK };

	for (row = rows; row < rows + count; row++) {
		world_begin();
		spy_leaks = 0;
		CHECK_ROW(row->what, ask(&a, &e) == MITOK_OK);
		check(&a);
		CHECK_ROW(row->what, spy_leaks == 0);
		world_end();
	}
}

void target_run_refused(const struct target_row *one, enum mitok_code code)
{
	struct target_answer a;
	struct mitok_err e = { .code = MITOK_OK };

	row = one;
	world_begin();
	refusal = code;
	CHECK(ask(&a, &e) == MITOK_OK);
	refusal = MITOK_OK;
	check(&a);
	CHECK(sent == 0);
	world_end();
}

void target_run_poor(const struct target_row *one)
{
	struct target_answer a;
	struct mitok_err e = { .code = MITOK_OK };
	struct client c = { .timeout_ms = 1000 };
	bool done = false;

	row = one;
	world_begin();
	c.m = world_context();
	for (unsigned n = 1; n < 2000 && !done; n++) {
		enum mitok_code r;

		sent = 0;
		wire[0] = '\0';
		spy_fail(n);
		r = target_ask_for(&c, row->url, row->resource, &a, &e);
		done = spy_allocations < n;
		spy_fail(0);
		CHECK(r == MITOK_OK || r == MITOK_E_BUG);
	}
	CHECK(done);
	mitok_free(c.m);
	world_end();
}

enum mitok_code target_refuses(const char *url, const char *resource)
{
	const struct target_row none = { .what = url };
	struct target_answer a;
	struct client c = { .timeout_ms = 1000 };
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r;

	row = &none;
	sent = 0;
	world_begin();
	c.m = world_context();
	r = target_ask_for(&c, url, resource, &a, &e);
	CHECK_ROW(url, sent == 0 && e.message[0]);
	mitok_free(c.m);
	world_end();
	return r;
}
