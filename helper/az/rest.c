/* az rest: one request, with a token where the URL is Azure's own.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "base/file.h"
#include "build.h"
#include "cloud.h"
#include "context.h"
#include "origin.h"
#include "request.h"
#include "subscription.h"

/* Services take their time to change something. */
#define REST_MS       100000
#define REST_MAX_BODY (SECRET_MAX - 1)

#define NO_AUDIENCE                                                                   \
	"Can't derive appropriate Azure AD resource from --url to acquire an access " \
	"token. If access token is required, use --resource to specify the resource\n"

/* One NAME=VALUE of --headers or --uri-parameters, or a member of an object there. */
struct pair {
	const char *name, *value;
};
struct pairs {
	struct pair rows[REQUEST_HEADERS];
	size_t count;
};

static bool add_pair(struct pairs *p, const char *name, const char *value)
{
	if (p->count == REQUEST_HEADERS || !name || !value)
		return false;
	p->rows[p->count++] = (struct pair){ name, value };
	return true;
}

static bool add_object(struct az *az, const char *text, struct pairs *ret)
{
	struct build b = { .arena = &az->arena };
	AUTO_JSON j = NULL;

	if (text[0] != '{' || json_parse_document(text, strlen(text), &j, NULL) ||
		j->kind != JSON_OBJECT)
		return false;
	for (const struct json *m = j->child; m; m = m->next) {
		AUTO_TEXT other = { 0 };

		if (!json_text(m))
			json_format(m, &other);
		if (!add_pair(ret, build_copy(&b, secret_peek(&m->name)),
			    build_copy(
				    &b, json_text(m) ? json_text(m) : text_peek(&other))))
			return false;
	}
	return !b.failed;
}

static enum mitok_code read_pairs(
	struct az *az, const struct az_list *list, struct pairs *ret, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };

	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i], *equals = strchr(text, '=');
		char name[256];

		if (add_object(az, text, ret))
			continue;
		if (!equals || (size_t)(equals - text) >= sizeof(name))
			return err_set(e, MITOK_E_DENIED,
				"'%s' is neither NAME=VALUE nor a JSON object", text);
		(void)snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
		if (!add_pair(ret, build_copy(&b, name), equals + 1))
			return err_set(e, MITOK_E_DENIED,
				"more than %d names with values", REQUEST_HEADERS);
	}
	return b.failed ? err_memory(e) : MITOK_OK;
}

/* Puts the chosen subscription where documentation has {subscriptionId}. */
static enum mitok_code add_with_subscription(
	struct az *az, const char *url, struct text *ret, struct mitok_err *e)
{
	static const char name[] = "{subscriptionId}";
	const struct context_ask ask = { .resource =
						 cloud_arm_resource(cloud_active(az)) };
	char id[SUBSCRIPTION_SIZE] = "";
	AUTO_TOKEN t = NULL;
	enum mitok_code r = MITOK_OK;

	for (const char *at; (at = strstr(url, name)) && !r; url = at + strlen(name)) {
		text_add_bytes(ret, url, (size_t)(at - url));
		if (!id[0])
			r = context_token(az, &ask, &t, e);
		if (!r && !id[0])
			subscription_default(az, t, id);
		text_add(ret, id);
	}
	text_add(ret, url);
	return r;
}

/* The URL that is sent: whole, encoded, with the parameters. */
static enum mitok_code make_url(struct az *az, struct text *ret, struct mitok_err *e)
{
	const char *url = az->args.url;
	struct pairs parameters = { 0 };
	AUTO_TEXT whole = { 0 };
	enum mitok_code r = read_pairs(az, &az->args.parameters, &parameters, e);

	if (r)
		return r;
	if (!strstr(url, "://")) {
		text_add(&whole, cloud_arm(cloud_active(az)));
		url += strspn(url, "/");
	}
	r = add_with_subscription(az, url, &whole, e);
	if (r)
		return r;
	origin_add_encoded(ret, text_peek(&whole));
	for (size_t i = 0; i < parameters.count; i++) {
		text_add(ret, i || strchr(text_peek(ret), '?') ? "&" : "?");
		text_add_url(ret, parameters.rows[i].name);
		text_add(ret, "=");
		text_add_url(ret, parameters.rows[i].value);
	}
	return text_ok(&whole) && text_ok(ret) ? MITOK_OK : err_memory(e);
}

/* What a token for that place is for; NULL: nothing is known to be. Only the very same origin
 * counts, not a beginning of the URL (CVE-2023-36052 and its like). */
static const char *audience_of(struct az *az, const struct origin *place)
{
	const struct cloud *c = cloud_active(az);
	struct origin own;
	const char *value;

	if (origin_parse(cloud_arm(c), &own) && origin_same(place, &own))
		return cloud_arm_resource(c);
	for (size_t i = 0; (value = cloud_audience(c, i)) != NULL; i++)
		if (origin_parse(value, &own) && origin_same(place, &own))
			return value;
	return NULL;
}

static bool has_header(const struct request *rq, const char *name)
{
	for (size_t i = 0; i < REQUEST_HEADERS && rq->headers[i].name; i++)
		if (text_equal_nocase(rq->headers[i].name, name))
			return true;
	return false;
}

static enum mitok_code choose_audience(
	struct az *az, struct request *rq, struct mitok_err *e)
{
	struct origin place;

	if (!origin_parse(rq->url, &place))
		return err_set(e, MITOK_E_DENIED,
			"--url is no plain http or https URL, and nothing is sent there");
	if (az->args.resource && !place.is_https && !az->args.skip_authorization)
		return err_set(e, MITOK_E_DENIED, "no token is sent to %s without TLS",
			place.host);
	if (az->args.skip_authorization || !place.is_https ||
		has_header(rq, "Authorization"))
		return MITOK_OK;
	rq->resource = az->args.resource && *az->args.resource ? az->args.resource
							       : audience_of(az, &place);
	if (!rq->resource) /* told when it mattered, by report() */
		text_add(&az->tail, NO_AUDIENCE);
	return MITOK_OK;
}

/* What --headers says, and what JSON needs. */
static enum mitok_code make_headers(
	struct az *az, struct request *rq, struct mitok_err *e)
{
	const char *body = az->args.body;
	struct pairs headers = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code r = read_pairs(az, &az->args.headers, &headers, e);

	if (r)
		return r;
	for (size_t i = 0; i < headers.count; i++)
		rq->headers[i] = (struct http_header){ headers.rows[i].name,
			headers.rows[i].value, NULL };
	if (body && headers.count < REQUEST_HEADERS && !has_header(rq, "Content-Type") &&
		json_parse_document(body, strlen(body), &j, NULL) == MITOK_OK)
		rq->headers[headers.count] =
			(struct http_header){ "Content-Type", "application/json", NULL };
	return MITOK_OK;
}

/* RFC 9110, section 15: az shows the server's words, which Azure takes from there. */
static const char *reason(int status)
{
	static const struct {
		int status;
		const char *words;
	} rows[] = {
		{ 300, "Multiple Choices" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Request Entity Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Entity" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].status == status)
			return rows[i].words;
	return "HTTP error";
}

/* Reason(body). A redirect is one too: the token, or what the URL says, would go on. */
static enum mitok_code report(
	struct az *az, const struct http_reply *rp, struct mitok_err *e)
{
	if (rp->body.len) {
		text_add(&az->detail, "(");
		text_add(&az->detail, secret_peek(&rp->body));
		text_add(&az->detail, ")");
	}
	return err_set(e, MITOK_E_DENIED, "%s%s", reason(rp->status),
		rp->status < 400 ? ": a redirect, which is not followed" : "");
}

static enum mitok_code keep_file(
	const char *path, const struct http_reply *rp, struct mitok_err *e)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0 && file_write_all(fd, secret_peek(&rp->body), rp->body.len))
		return MITOK_OK;
	return err_set(e, MITOK_E_DENIED, "cannot write '%s': %s", path, strerror(errno));
}

/* JSON as --query and --output want it, anything else as it is. */
static enum mitok_code print(
	struct az *az, const struct http_reply *rp, struct mitok_err *e)
{
	const char *body = secret_peek(&rp->body);
	const struct value *v = NULL;
	enum mitok_code r;

	if (az->args.output_file)
		return keep_file(az->args.output_file, rp, e);
	if (!rp->body.len)
		return MITOK_OK;
	r = request_value(az, rp, &v, e);
	if (!r)
		return az_print(az, v, e);
	if (strchr("{[", body[0])) /* a part of it is not what was asked for */
		return err_within(e, MITOK_E_REPLY, "the answer");
	r = process_print(body, rp->body.len, e);
	return r ? r : process_print("\n", 1, e);
}

static enum mitok_code send_it(
	struct az *az, const char *url, struct http_reply *rp, struct mitok_err *e)
{
	struct request rq = {
		.url = url, .timeout_ms = REST_MS, .max_body = REST_MAX_BODY
	};
	char method[16];
	AUTO_SECRET body = { 0 };
	enum mitok_code r = make_headers(az, &rq, e);

	if (!r)
		r = choose_audience(az, &rq, e);
	if (r)
		return r;
	(void)snprintf(
		method, sizeof(method), "%s", az->args.method ? az->args.method : "get");
	for (char *p = method; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	rq.method = method;
	if (az->args.body && *az->args.body) {
		rq.body = &body;
		if (!secret_add_text(&body, az->args.body))
			return err_set(e, MITOK_E_DENIED, "--body is too long");
	}
	return request_send(az, &rq, rp, e);
}

enum mitok_code az_rest(struct az *az, struct mitok_err *e)
{
	AUTO_REPLY rp = { 0 };
	AUTO_TEXT url = { 0 };
	enum mitok_code r = make_url(az, &url, e);

	if (!r)
		r = send_it(az, text_peek(&url), &rp, e);
	if (r)
		return r;
	if (rp.status >= 300 && rp.status != 304)
		return report(az, &rp, e);
	return print(az, &rp, e);
}
