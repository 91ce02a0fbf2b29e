/* What a reverse proxy is told about a request (RFC 6750, section 3).
 * SPDX-License-Identifier: MIT */
#include "answer.h"

#include <string.h>

#define RETRY_AFTER "10"

static struct text *add_header(struct answer *a, const char *name)
{
	a->names[a->count] = name;
	return &a->values[a->count++];
}

/* Printable ASCII stays, but for what stands between values and begins an escape: nobody who
 * reads it takes one value for two, or sees a line end. */
static void add_encoded(struct text *t, const char *value)
{
	for (; *value; value++)
		if (*value > ' ' && *value < 0x7f && *value != ',' && *value != '%')
			text_add_bytes(t, value, 1);
		else
			text_addf(t, "%%%02X", (unsigned char)*value);
}

static void add_claim(struct answer *a, const char *name, const char *value)
{
	if (value && *value)
		add_encoded(add_header(a, name), value);
}

static void add_roles(struct answer *a, const struct item *roles)
{
	struct text *t;

	/* One role without a name would be a header without a value. */
	if (!roles || !roles->child || (!roles->child->next && !*roles->child->text))
		return;
	t = add_header(a, "X-MI-Token-Roles");
	for (const struct item *v = roles->child; v; v = v->next) {
		if (v != roles->child)
			text_add(t, ",");
		add_encoded(t, v->text);
	}
}

static void admit(struct answer *a, const struct claims *c)
{
	a->status = 200;
	add_claim(a, "X-MI-Token-Appid", c->client);
	add_claim(a, "X-MI-Token-Oid", c->object);
	add_claim(a, "X-MI-Token-Tid", c->tenant);
	add_claim(a, "X-MI-Token-Sub", c->subject);
	add_claim(a, "X-MI-Token-Scp", c->scopes);
	add_roles(a, c->roles);
}

/* One parameter at least stands behind the scheme (RFC 6750, section 3). The sentence is the
 * reason's own: it repeats nothing of the token, nor says what would be let in. */
static void challenge(struct answer *a, const char *error, const char *description)
{
	struct text *t = add_header(a, "WWW-Authenticate");

	if (error)
		text_addf(t, "Bearer error=\"%s\", error_description=\"%s\"", error,
			description);
	else
		text_add(t, "Bearer realm=\"api\"");
}

static void refuse(struct answer *a, enum reason why)
{
	const struct reason_row *row;

	if (why == REASON_KEYS) {
		a->status = 503;
		text_add(add_header(a, "Retry-After"), RETRY_AFTER);
		return;
	}
	row = reason_row(why);
	a->status = row->is_policy ? 403 : 401;
	challenge(a, row->is_policy ? "insufficient_scope" : "invalid_token", row->about);
}

/* Behind the scheme, whose case does not count, and blanks (RFC 9110, section 11.4). */
static const char *find_token(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (!authorization || !text_starts_nocase(authorization, scheme))
		return NULL;
	authorization += strlen(scheme);
	return authorization + strspn(authorization, " ");
}

static void check(struct verifier *v, const struct secret *text, struct answer *ret,
	struct mitok_err *e)
{
	AUTO_TOKEN_PARTS t;
	struct claims c;
	enum reason why;

	token_begin(&t);
	why = verifier_check(v, text, &t, &c, e);
	if (why)
		refuse(ret, why);
	else
		admit(ret, &c);
}

void answer_make(struct verifier *v, const char *authorization, struct answer *ret,
	struct mitok_err *e)
{
	const char *token = find_token(authorization);
	AUTO_SECRET text = { 0 };

	*ret = (struct answer){ .status = 401 };
	if (!token) {
		(void)reason_refuse(e, REASON_EMPTY, "there is none");
		challenge(ret, NULL, NULL);
		return;
	}
	if (!secret_add_text(&text, token)) {
		(void)err_memory(e);
		refuse(ret, REASON_KEYS);
		return;
	}
	secret_trim(&text);
	check(v, &text, ret, e);
	for (unsigned i = 0; i < ret->count; i++)
		if (!text_ok(&ret->values[i])) {
			answer_free(ret);
			refuse(ret, REASON_KEYS);
			return;
		}
}

void answer_free(struct answer *a)
{
	for (unsigned i = 0; i < a->count; i++)
		text_free(&a->values[i]);
	*a = (struct answer){ .status = 401 };
}
