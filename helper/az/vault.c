/* az keyvault secret show (Microsoft Learn, "Get Secret").
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "build.h"
#include "cloud.h"
#include "origin.h"
#include "request.h"

#define API_VERSION "7.4"
#define VAULT_MS    7000

/* Which secret. */
struct place {
	char host[256];
	char name[130], version[40];
};

/* A label: what else would make it another host. */
static bool is_label(const char *s)
{
	size_t len = strspn(
		s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return len > 0 && len < 64 && !s[len] && s[0] != '-';
}

/* The vault's own host in this cloud, and nothing else below the suffix. */
static bool is_vault(const char *host, const char *suffix)
{
	char label[256];
	size_t len = strlen(host), n = strlen(suffix);

	if (!text_ends_nocase(host, suffix) || len <= n)
		return false;
	(void)snprintf(label, sizeof(label), "%.*s", (int)(len - n), host);
	return is_label(label);
}

static bool take_part(const char **p, char *ret, size_t size)
{
	size_t len = strcspn(*p, "/?#");

	if (len == 0 || len >= size)
		return false;
	(void)snprintf(ret, size, "%.*s", (int)len, *p);
	*p += len;
	*p += **p == '/';
	return true;
}

/* https://VAULT/secrets/NAME[/VERSION] */
static bool read_id(const char *id, const char *suffix, struct place *ret)
{
	struct origin o;
	const char *p;

	if (!origin_parse(id, &o) || !o.is_https || o.port != 443 ||
		!is_vault(o.host, suffix))
		return false;
	memcpy(ret->host, o.host, sizeof(o.host));
	p = strchr(id + strlen("https://"), '/');
	if (!p || !text_starts_nocase(p, "/secrets/"))
		return false;
	p += strlen("/secrets/");
	if (!take_part(&p, ret->name, sizeof(ret->name)))
		return false;
	return !*p || (take_part(&p, ret->version, sizeof(ret->version)) && !*p);
}

static enum mitok_code find_place(struct az *az, struct place *ret, struct mitok_err *e)
{
	const char *suffix = cloud_value(cloud_active(az), "keyvaultDns");
	const struct az_args *a = &az->args;

	*ret = (struct place){ .host = "" };
	if (a->id) {
		if (read_id(a->id, suffix, ret))
			return MITOK_OK;
		return err_set(e, MITOK_E_ARG, "'%s' is not a valid ID", a->id);
	}
	if (!a->name || !a->vault_name)
		return err_set(e, MITOK_E_DENIED,
			"incorrect usage: --id ID | --vault-name/--hsm-name VAULT/HSM "
			"--name/-n NAME [--version VERSION]");
	if (!is_label(a->vault_name))
		return err_set(
			e, MITOK_E_DENIED, "'%s' is no name of a vault", a->vault_name);
	(void)snprintf(ret->host, sizeof(ret->host), "%s%s", a->vault_name, suffix);
	if (!TEXT_COPY(ret->name, a->name) ||
		!TEXT_COPY(ret->version, a->version ? a->version : ""))
		return err_set(e, MITOK_E_DENIED, "the secret's name is too long");
	return MITOK_OK;
}

/* Seconds since the epoch as az prints them; null when there are none. */
static const struct value *time_value(struct build *b, const struct value *v)
{
	char text[40];
	struct tm tm;
	time_t t;

	if (!v || v->kind != VALUE_INT)
		return build_text(b, NULL);
	t = (time_t)v->number;
	if (!gmtime_r(&t, &tm) ||
		!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S+00:00", &tm))
		return build_text(b, NULL);
	return build_text(b, build_copy(b, text));
}

static const struct value *or_null(struct build *b, const struct value *v)
{
	return v ? v : build_text(b, NULL);
}

static const struct value *attributes_value(struct build *b, const struct value *v)
{
	const struct build_member rows[] = {
		{ "enabled", or_null(b, value_member(v, "enabled")) },
		{ "notBefore", time_value(b, value_member(v, "nbf")) },
		{ "expires", time_value(b, value_member(v, "exp")) },
		{ "created", time_value(b, value_member(v, "created")) },
		{ "updated", time_value(b, value_member(v, "updated")) },
		{ "recoverableDays", or_null(b, value_member(v, "recoverableDays")) },
		{ "recoveryLevel", or_null(b, value_member(v, "recoveryLevel")) },
	};

	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

/* The name stands in the answer's id, in the vault's own spelling. */
static const char *name_in(struct build *b, const char *id, const char *otherwise)
{
	const char *p = id ? strstr(id, "/secrets/") : NULL;
	char name[130];

	if (!p)
		return otherwise;
	p += strlen("/secrets/");
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "/"), p);
	return build_copy(b, name);
}

static const struct value *secret_value(
	struct build *b, const struct value *v, const char *name)
{
	const struct value *attributes = value_member(v, "attributes");
	const struct build_member rows[] = {
		{ "attributes",
			attributes ? attributes_value(b, attributes)
				   : build_text(b, NULL) },
		{ "contentType", or_null(b, value_member(v, "contentType")) },
		{ "id", or_null(b, value_member(v, "id")) },
		{ "managed", or_null(b, value_member(v, "managed")) },
		{ "name", build_text(b, name_in(b, request_text(v, "id"), name)) },
		{ "tags", or_null(b, value_member(v, "tags")) },
		{ "kid", or_null(b, value_member(v, "kid")) },
		{ "value", or_null(b, value_member(v, "value")) },
	};

	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

enum mitok_code az_secret_show(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	struct request rq = { .method = "GET", .timeout_ms = VAULT_MS };
	const struct value *answer;
	AUTO_TEXT url = { 0 }, audience = { 0 };
	struct place place;
	int status = 0;
	enum mitok_code r = find_place(az, &place, e);

	if (r)
		return r;
	text_addf(&url, "https://%s/secrets/", place.host);
	text_add_url(&url, place.name);
	text_add(&url, "/");
	text_add_url(&url, place.version);
	text_add(&url, "?api-version=" API_VERSION);
	text_addf(&audience, "https://%s", strchr(place.host, '.') + 1);
	if (!text_ok(&url) || !text_ok(&audience))
		return err_memory(e);
	rq.url = text_peek(&url);
	rq.resource = text_peek(&audience);
	r = request_json(az, &rq, &answer, &status, e);
	if (r && status == 404)
		az->status = 3; /* az's for what does not exist */
	if (r)
		return r;
	answer = secret_value(&b, answer, place.name);
	return b.failed ? err_memory(e) : az_print(az, answer, e);
}
