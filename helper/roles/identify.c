/* Which principals still exist (Microsoft Graph, "directoryObject: getByIds"): what the
 * directory does not know is left out of its answer. SPDX-License-Identifier: MIT */
#include <string.h>

#include "roles.h"

#define BATCH    1000u /* no more ids are taken at once */
#define SMALLEST 60u
#define TYPES                                      \
	"\"servicePrincipal\",\"user\",\"group\"," \
	"\"directoryObjectPartnerReference\""

/* Ids are written into JSON as they are. */
static bool has_id(const struct principal *p)
{
	return text_is_guid(p->id);
}

static void write_body(const struct roles *r, size_t from, size_t to, struct text *ret)
{
	const char *comma = "";

	text_add(ret, "{\"ids\":[");
	for (size_t i = from; i < to; i++) {
		if (!has_id(&r->principals[i]))
			continue;
		text_addf(ret, "%s\"%s\"", comma, r->principals[i].id);
		comma = ",";
	}
	text_add(ret, "],\"types\":[" TYPES "]}");
}

/* Devices and groups of other directories are of no type that was asked for, and who has a
 * role in a subscription of another tenant is of that one's directory. */
static bool can_be_missed(const struct principal *p)
{
	return has_id(p) && p->is_ours && !text_equal_nocase(p->type, "Device") &&
		!text_equal_nocase(p->type, "ForeignGroup");
}

static enum mitok_code take_answer(struct roles *r, size_t from, size_t to,
	const struct json *j, struct mitok_err *e)
{
	const struct json *value = json_member(j, "value");

	if (!value || value->kind != JSON_ARRAY)
		return err_set(e, MITOK_E_REPLY, "an answer that is no list");
	for (const struct json *v = value->child; v; v = v->next) {
		const char *id = json_text(json_member(v, "id"));
		size_t at = 0, row;
		uint64_t hash = id ? index_hash(INDEX_START, id, strlen(id)) : 0;

		while (id && index_next(&r->by_principal, hash, &at, &row)) {
			struct principal *p = &r->principals[row];

			if (!text_equal_nocase(p->id, id))
				continue;
			p->state = PRINCIPAL_EXISTS;
			p->name = roles_keep(r, json_text(json_member(v, "displayName")));
			if (!p->name)
				return p->name = "", err_memory(e);
		}
	}
	for (size_t i = from; i < to; i++)
		if (r->principals[i].state == PRINCIPAL_UNKNOWN &&
			can_be_missed(&r->principals[i]))
			r->principals[i].state = PRINCIPAL_ORPHANED;
	return MITOK_OK;
}

static enum mitok_code ask(struct roles *r, size_t from, size_t to, struct mitok_err *e)
{
	struct client_request rq = { .method = "POST",
		.resource = r->graph,
		.headers = { { "Content-Type", "application/json", NULL } },
		.max_body = SECRET_MAX - 1 };
	AUTO_TEXT text = { 0 }, url = { 0 };
	AUTO_SECRET body = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code code;

	write_body(r, from, to, &text);
	text_addf(&url, "%sv1.0/directoryObjects/getByIds", r->graph);
	if (!text_ok(&text) || !text_ok(&url) || !secret_add(&body, text.p, text.len))
		return err_memory(e);
	rq.url = url.p;
	rq.body = &body;
	code = client_json(r->c, &rq, &j, e);
	return code ? code : take_answer(r, from, to, j, e);
}

/* Objects are shown with all their properties: where that is too much at once, there is less
 * to be asked for. */
static enum mitok_code ask_all(struct roles *r, struct mitok_err *e)
{
	size_t batch = BATCH;

	for (size_t at = 0; at < r->principal_count;) {
		size_t left = r->principal_count - at;
		size_t n = left < batch ? left : batch;
		enum mitok_code code = ask(r, at, at + n, e);

		if (code == MITOK_E_REPLY && !e->http_status && n > SMALLEST) {
			batch = n / 2;
			continue;
		}
		if (code)
			return code;
		at += n;
		progress_tell(r->progress, "%zu of %zu principals looked up", at,
			r->principal_count);
	}
	return MITOK_OK;
}

enum mitok_code roles_identify(struct roles *r, struct mitok_err *e)
{
	struct mitok_err why = { 0 };
	enum mitok_code code;

	/* Its own principal exists: it is asking. */
	if (!r->principal_count || !(r->q.all || r->q.scope || r->q.principal))
		return MITOK_OK;
	code = client_endpoint(r->c, "graph", r->graph, sizeof(r->graph), &why);
	if (!code)
		code = ask_all(r, &why);
	if (code == MITOK_E_BUG)
		*e = why;
	r->directory = code ? DIRECTORY_REFUSED : DIRECTORY_ANSWERED;
	r->directory_err = why;
	return code == MITOK_E_BUG ? code : MITOK_OK;
}
