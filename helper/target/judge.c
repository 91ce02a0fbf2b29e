/* What the answer of a service means, by the words that explain's tables know and by what
 * the URL and the token tell besides.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "visit.h"

/* By what is told first when an answer has several words. */
static const struct {
	enum cause_kind kind;
	enum target_outcome outcome;
} kinds[] = {
	{ CAUSE_NETWORK, TARGET_NETWORK },
	{ CAUSE_DISABLED, TARGET_DISABLED },
	{ CAUSE_TENANT, TARGET_TENANT },
	{ CAUSE_AUDIENCE, TARGET_AUDIENCE },
	{ CAUSE_POLICY, TARGET_ACCESS_POLICY },
	{ CAUSE_MEMBER, TARGET_NOT_MEMBER },
	{ CAUSE_ROLE, TARGET_NO_ROLE },
	{ CAUSE_BUSY, TARGET_BUSY },
	{ CAUSE_MISSING, TARGET_NOT_FOUND },
	{ CAUSE_TOKEN, TARGET_TOKEN_REFUSED },
	{ CAUSE_OTHER, TARGET_UNKNOWN },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* Names, ids, paths: nothing that a shell or a terminal takes for more. */
static size_t quote_length(const char *s)
{
	size_t n = 0;

	for (; s[n]; n++) {
		char c = text_lower(s[n]);

		if (!text_is_digit(c) && !(c >= 'a' && c <= 'z') && !strchr("/._()*-", c))
			break;
	}
	return n;
}

bool judge_quote(const char *text, const char *before, char *ret, size_t size)
{
	const char *at = strcasestr(text, before);
	size_t len;

	*ret = '\0';
	if (!at)
		return false;
	at += strlen(before);
	len = quote_length(at);
	if (!len || len >= size || !strchr(" '\"`],", at[len]))
		return false;
	memcpy(ret, at, len);
	ret[len] = '\0';
	return true;
}

/* The GUID behind an authority's host that is not the token's own tenant. */
static void find_tenant(struct visit *v, const char *text)
{
	static const char *const hosts[] = { "://sts.", "://login.", "://login-us." };
	const char *own = visit_text(v, MITOK_TEXT_TENANT_ID);

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		for (const char *p = text; (p = strstr(p, hosts[i])); p++) {
			const char *path = p + strlen("://");
			char guid[37] = "";

			path += strcspn(path, "/ \"',");
			if (*path != '/' || strlen(path) < sizeof(guid))
				continue;
			memcpy(guid, path + 1, sizeof(guid) - 1);
			if (!text_is_guid(guid) || text_equal_nocase(guid, own))
				continue;
			(void)!TEXT_COPY(v->tenant, guid);
			return;
		}
}

/* /subscriptions/.../providers/TYPE/NAME out of a longer path. */
static void take_resource(struct visit *v, char *path)
{
	char part[128];
	char *at;

	if (!text_starts_nocase(path, "/subscriptions/"))
		return;
	if (v->service->type) {
		(void)snprintf(part, sizeof(part), "/%s/", v->service->type);
		at = strcasestr(path, part);
		if (!at)
			return;
		at += strlen(part);
		at[strcspn(at, "/")] = '\0';
	}
	(void)!TEXT_COPY(v->arm_id, path);
}

/* "does not have secrets list permission on key vault" */
static void take_permission(struct visit *v, const char *text)
{
	static const char before[] = "does not have ";
	const char *at = strstr(text, before);
	char kind[16], verb[24];

	if (at &&
		sscanf(at + strlen(before), "%15[a-z] %23[a-zA-Z] permission", kind,
			verb) == 2)
		(void)snprintf(v->action, sizeof(v->action), "%s %s", kind, verb);
}

/* What the refusal names: the action, where, and of whom. */
static void read_names(struct visit *v, const char *text)
{
	static const char *const actions[] = { "perform action '", "Action: '",
		"perform action [", "data action `" };
	static const char *const places[] = { "over scope '", "Resource: '" };
	char path[sizeof(v->arm_id)];

	for (size_t i = 0; !v->action[0] && i < sizeof(actions) / sizeof(*actions); i++)
		(void)judge_quote(text, actions[i], v->action, sizeof(v->action));
	for (size_t i = 0; !v->arm_id[0] && i < sizeof(places) / sizeof(*places); i++)
		if (judge_quote(text, places[i], path, sizeof(path)))
			take_resource(v, path);
	if (v->ret->outcome == TARGET_ACCESS_POLICY)
		take_permission(v, text);
	if (v->family == FAMILY_SERVICEBUS && strcasestr(text, "eventhub"))
		v->family = FAMILY_EVENTHUBS;
}

void judge_cause(struct visit *v, const char *code)
{
	const struct cause *row = cause_rows;

	while (row->code && strcmp(row->code, code) != 0)
		row++;
	v->found = (struct finding){ .rank = row->rank, .kind = row->kind };
	v->found.means = row->means;
	v->found.cure = row->cure;
	(void)!TEXT_COPY(v->found.code, code);
}

static bool is_for_bus(const char *resource)
{
	return strcasestr(resource, "servicebus") || strcasestr(resource, "eventhubs");
}

/* Messaging: an entity was to be described, nothing managed; and when the token is for
 * namespaces, then of audience and tenant it is the tenant. */
static void judge_bus(struct visit *v, const char *text)
{
	if (strstr(v->found.code, "(Manage)"))
		judge_cause(v, "EntityRead");
	if (strcmp(v->found.code, "40103") == 0 && !strcasestr(text, "audience") &&
		is_for_bus(v->resource)) {
		v->ret->outcome = TARGET_TENANT;
		v->found.means = NULL;
	}
}

/* The best of what explain found, as an outcome. */
static bool choose_finding(const struct findings *f, struct visit *v)
{
	for (size_t k = 0; k < KINDS; k++)
		for (unsigned i = 0; i < f->count; i++) {
			if (f->rows[i].layer != LAYER_TARGET ||
				f->rows[i].kind != kinds[k].kind)
				continue;
			v->found = f->rows[i];
			v->ret->outcome = kinds[k].outcome;
			return true;
		}
	return false;
}

/* Where a service says no more than its status. */
static void judge_status(struct visit *v)
{
	int status = v->reply.status;
	enum target_outcome bare = status == 401 ? v->service->bare_401
		: status == 403                  ? v->service->bare_403
						 : TARGET_GRANTED;

	if (status == 429 || status >= 500)
		v->ret->outcome = TARGET_BUSY;
	else if (v->tenant[0] && status == 401)
		v->ret->outcome = TARGET_TENANT;
	else if (status == 401 && visit_is_foreign(v))
		v->ret->outcome = TARGET_AUDIENCE;
	else if (bare != TARGET_GRANTED)
		v->ret->outcome = bare;
	else
		v->ret->outcome = status == 401 ? TARGET_TOKEN_REFUSED : TARGET_UNKNOWN;
	if (v->ret->outcome != TARGET_BUSY && v->ret->outcome != TARGET_TOKEN_REFUSED &&
		v->ret->outcome != TARGET_UNKNOWN)
		v->found.means = NULL; /* it is known better */
}

bool judge_is_page(const struct http_reply *rp)
{
	char type[64];

	return http_header_value(rp, "Content-Type", 0, type, sizeof(type)) &&
		text_starts_nocase(type, "text/html");
}

/* A page in place of the service's words; and a path that an API of one's own does not have
 * tells nothing of who asks, which few look at before. */
static bool judge_strange(struct visit *v)
{
	bool is_own = v->service == &service_own;

	v->is_page = !is_own && judge_is_page(&v->reply);
	if (v->reply.status == 429 || v->reply.status >= 500 || v->reply.status == 401)
		return false;
	if (!v->is_page && !(is_own && v->reply.status == 404))
		return false;
	v->found = (struct finding){ .means = NULL };
	v->ret->outcome = TARGET_UNKNOWN;
	return true;
}

static void judge_text(struct visit *v, const struct findings *f, const char *text)
{
	bool is_exact;

	v->found = (struct finding){ .means = NULL };
	v->ret->outcome = TARGET_UNKNOWN;
	is_exact = choose_finding(f, v) && v->found.rank == RANK_EXACT;
	/* Services write no pages: a proxy or a gateway does, and says nothing of them. */
	if (!is_exact && judge_strange(v))
		return;
	if (v->family == FAMILY_SERVICEBUS)
		judge_bus(v, text);
	if (v->reply.status == 401)
		find_tenant(v, text);
	if (v->reply.status == 404 && v->ret->outcome != TARGET_NO_ROLE &&
		v->ret->outcome != TARGET_NOT_MEMBER) {
		v->ret->outcome = TARGET_NOT_FOUND;
		return;
	}
	/* Nobody of another tenant is a member. */
	if (v->ret->outcome == TARGET_NOT_MEMBER && v->tenant[0]) {
		v->ret->outcome = TARGET_TENANT;
		v->found.means = NULL;
	}
	if (!is_exact)
		judge_status(v);
	else if (v->ret->outcome == TARGET_NOT_FOUND)
		v->ret->outcome = TARGET_UNKNOWN;
	if (v->ret->outcome == TARGET_TENANT && !v->tenant[0])
		(void)judge_quote(text, "AAD tenant(s) [", v->tenant, sizeof(v->tenant));
	/* A vault says it twice; people look for the inner error. */
	if (strcmp(v->found.code, "DeniedWithNoValidRBAC") == 0)
		judge_cause(v, "ForbiddenByRbac");
	if (v->found.rank != RANK_STATUS)
		(void)!TEXT_COPY(v->ret->code, v->found.code);
	read_names(v, text);
}

static enum mitok_code judge_refusal(struct visit *v, struct mitok_err *e)
{
	AUTO_SECRET text = { 0 }, flat = { 0 };
	struct findings found;
	char line[40];
	enum mitok_code r;

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %d X\r\n", v->reply.status);
	if (!secret_add_text(&text, line) ||
		!secret_add_text(&text, text_peek(&v->reply.headers)) ||
		!secret_add_text(&text, "\r\n") ||
		!secret_add(&text, secret_peek(&v->reply.body), v->reply.body.len) ||
		!explain_flatten(secret_peek(&text), text.len, &flat))
		return err_memory(e);
	r = explain_scan(secret_peek(&text), text.len, &found, e);
	if (!r)
		judge_text(v, &found, secret_peek(&flat));
	return r;
}

/* Azure DevOps answers who it does not know with its page for people, or sends there; what
 * was renamed leads elsewhere. */
static bool is_sign_in(const struct visit *v)
{
	char to[512];

	if (v->service->grant != GRANT_MEMBER)
		return false;
	if (v->reply.status >= 300 && v->reply.status < 400)
		return !http_header_value(&v->reply, "Location", 0, to, sizeof(to)) ||
			strcasestr(to, "signin") || strcasestr(to, "login");
	return v->reply.status == 203 ||
		(v->reply.status == 200 && judge_is_page(&v->reply));
}

enum mitok_code judge_reply(struct visit *v, struct mitok_err *e)
{
	v->ret->status = v->reply.status;
	if (v->reply.status == 407) {
		v->ret->outcome = TARGET_UNREACHABLE;
		return MITOK_OK;
	}
	if (is_sign_in(v)) {
		v->ret->outcome = TARGET_NOT_MEMBER;
		return MITOK_OK;
	}
	if (v->is_vouched && v->reply.status == 403) {
		v->ret->outcome = TARGET_GRANTED;
		return MITOK_OK;
	}
	if (v->reply.status >= 400)
		return judge_refusal(v, e);
	v->ret->outcome = v->reply.status < 300 ? TARGET_GRANTED : TARGET_UNKNOWN;
	return v->reply.status < 300 && v->service->look ? v->service->look(v, e)
							 : MITOK_OK;
}

void judge_fault(struct visit *v)
{
	v->ret->outcome = TARGET_UNREACHABLE;
	v->ret->status = 0;
}
