/* What Key Vault answers: values, lists and refusals. SPDX-License-Identifier: MIT */
#include "openssl/answer.h"

#include <string.h>

#include "openssl/answer-parts.h"

enum mitok_code answer_parse(
	const struct secret *body, struct json **ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	enum mitok_code r;

	if (body->len == 0)
		return err_set(e, MITOK_E_REPLY, "an empty answer");
	r = json_parse(secret_peek(body), body->len, &j, e);
	if (r)
		return r;
	if (j->kind != JSON_OBJECT)
		return err_set(e, MITOK_E_REPLY, "an answer that is no JSON object");
	*ret = j;
	j = NULL;
	return MITOK_OK;
}

enum mitok_code answer_key_id(
	const struct json *j, const char *host, struct uri *ret, struct mitok_err *e)
{
	const char *kid = json_text(json_member(j, "kid"));
	struct uri id = { .name = "" };
	enum mitok_code r;

	if (!kid)
		return err_set(e, MITOK_E_REPLY, "an answer that names no key ('kid')");
	r = uri_parse_id(kid, host, &id, e);
	if (r)
		return r;
	if (id.kind != URI_KEY)
		return err_set(e, MITOK_E_REPLY,
			"an answer that names something else for a key ('kid')");
	if (!id.version[0])
		return err_set(e, MITOK_E_REPLY,
			"an answer that names a key without its version ('kid')");
	*ret = id;
	return MITOK_OK;
}

enum mitok_code answer_value(
	const struct json *j, const char *name, struct secret *ret, struct mitok_err *e)
{
	const char *text = json_text(json_member(j, name));
	enum mitok_code r;

	if (!text)
		return err_set(e, MITOK_E_REPLY, "an answer without its '%s'", name);
	r = answer_decode(text, ret, e);
	return r ? err_within(e, r, "'%s'", name) : MITOK_OK;
}

enum mitok_code answer_secret(const struct secret *body, struct secret *ret_value,
	char ret_type[64], struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	AUTO_SECRET value = { 0 };
	const char *text, *type;
	enum mitok_code r = answer_parse(body, &j, e);

	if (r)
		return r;
	text = json_text(json_member(j, "value"));
	if (!text)
		return err_set(e, MITOK_E_REPLY, "an answer without its 'value'");
	type = json_text(json_member(j, "contentType"));
	if (type && (strlen(type) >= 64 || text_has_control(type)))
		return err_set(e, MITOK_E_REPLY, "a content type that is none");
	if (!secret_add_text(&value, text))
		return err_memory(e);
	*ret_value = secret_move(&value);
	(void)!text_copy(ret_type, 64, type ? type : "");
	return MITOK_OK;
}

enum mitok_code answer_operation(const struct secret *body, const char *host,
	struct uri *ret_id, struct secret *ret_value, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	struct uri id = { .name = "" };
	enum mitok_code r = answer_parse(body, &j, e);

	if (!r)
		r = answer_key_id(j, host, &id, e);
	if (!r)
		r = answer_value(j, "value", ret_value, e);
	if (!r)
		*ret_id = id;
	return r;
}

/* One row: a key has "kid", a certificate "id"; neither has its version. */
static enum mitok_code read_row(
	const struct json *row, const char *host, struct uri *ret, struct mitok_err *e)
{
	const char *kid = json_text(json_member(row, "kid"));
	const char *id = kid ? kid : json_text(json_member(row, "id"));
	enum mitok_code r;

	if (!id)
		return err_set(
			e, MITOK_E_REPLY, "a row that names no key or certificate");
	r = uri_parse_id(id, host, ret, e);
	if (r)
		return r;
	if (ret->kind != (kid ? URI_KEY : URI_CERTIFICATE))
		return err_set(
			e, MITOK_E_REPLY, "a row that names something else for a key");
	return MITOK_OK;
}

/* The next page is asked for with our token: only on that very host. */
static enum mitok_code read_next(
	const struct json *j, const char *host, struct text *ret, struct mitok_err *e)
{
	const struct json *next = json_member(j, "nextLink");
	const char *s = json_text(next);

	if (!next || next->kind == JSON_NULL || (s && !*s))
		return MITOK_OK;
	if (!s || strlen(s) > URI_MAX || !text_starts_nocase(s, "https://"))
		return err_set(
			e, MITOK_E_REPLY, "a next page ('nextLink') without https");
	s += strlen("https://");
	if (!text_starts_nocase(s, host))
		return err_set(
			e, MITOK_E_REPLY, "a next page ('nextLink') on another host");
	s += strlen(host);
	if (text_starts(s, ":443"))
		s += strlen(":443");
	if (*s != '/')
		return err_set(e, MITOK_E_REPLY,
			"a next page ('nextLink') on another host or port");
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f ||
			strchr("\\#\"<>", *c))
			return err_set(e, MITOK_E_REPLY,
				"a next page ('nextLink') with bytes that no URL has");
	text_add(ret, s);
	return text_ok(ret) ? MITOK_OK : err_memory(e);
}

enum mitok_code answer_list(const struct secret *body, const char *host,
	const struct answer_rows *rows, struct text *ret_next, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	AUTO_TEXT next = { 0 };
	const struct json *value, *row;
	struct uri id = { .name = "" };
	enum mitok_code r = answer_parse(body, &j, e);

	if (r)
		return r;
	value = json_member(j, "value");
	if (!value || (value->kind != JSON_ARRAY && value->kind != JSON_NULL))
		return err_set(e, MITOK_E_REPLY, "a list without its 'value'");
	/* All of the page is looked at before anything is done with the first row. */
	for (row = value->child; row && !r; row = row->next)
		r = read_row(row, host, &id, e);
	if (!r)
		r = read_next(j, host, &next, e);
	if (r)
		return r;
	row = value->child;
	while (row && !read_row(row, host, &id, NULL) && rows->each(rows->arg, &id))
		row = row->next;
	text_free(ret_next);
	if (!row) {
		*ret_next = next;
		next = (struct text){ 0 };
	}
	return MITOK_OK;
}

/* Where a text that has more than fits ends: behind a word, or behind a character. */
static size_t cut_at(const char *s, size_t n)
{
	size_t word;

	while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	word = n;
	while (word && s[word - 1] != ' ')
		word--;
	n = word > n / 2 ? word : n;
	return n - (n && s[n - 1] == ' ');
}

/* Line ends and their like become one blank, as the service's sentences are pages. */
static void copy_foreign(char *dst, size_t size, const struct json *j)
{
	static const char dots[] = "...";
	const char *s = json_text(j);
	size_t n = 0;

	for (; s && *s && n < size - 1; s++) {
		bool is_blank = (unsigned char)*s <= 0x20;

		if (!is_blank)
			dst[n++] = *s;
		else if (n && dst[n - 1] != ' ')
			dst[n++] = ' ';
	}
	n -= n && dst[n - 1] == ' ';
	dst[n] = '\0';
	if (s && *s)
		memcpy(dst + cut_at(dst, size - sizeof(dots)), dots, sizeof(dots));
	text_clean(dst);
}

void answer_error(const struct secret *body, struct answer_error *ret)
{
	AUTO_JSON j = NULL;
	const struct json *error;

	*ret = (struct answer_error){ "", "", "" };
	if (answer_parse(body, &j, NULL))
		return;
	error = json_member(j, "error");
	copy_foreign(ret->code, sizeof(ret->code), json_member(error, "code"));
	copy_foreign(ret->inner, sizeof(ret->inner),
		json_member(json_member(error, "innererror"), "code"));
	copy_foreign(ret->message, sizeof(ret->message), json_member(error, "message"));
}
