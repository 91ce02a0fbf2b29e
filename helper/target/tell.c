/* What became of a visit, in one sentence. The causes are explain's; here is what a URL, a
 * token and the role assignments let one know besides.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "cure.h"
#include "io/json.h"

static enum mitok_code class_of(const struct visit *v)
{
	switch (v->ret->outcome) {
	case TARGET_GRANTED:
	case TARGET_NOT_FOUND:
	case TARGET_TOKEN_ONLY:
		return MITOK_OK;
	case TARGET_BUSY:
		return MITOK_E_LATER;
	case TARGET_UNREACHABLE:
		if (v->reply.status == 407)
			return MITOK_E_CONF;
		return v->reply.fault == HTTP_TLS || v->reply.fault == HTTP_NONSENSE
			? MITOK_E_REPLY
			: MITOK_E_LATER;
	case TARGET_UNKNOWN:
		return v->reply.status >= 400 ? MITOK_E_DENIED : MITOK_E_REPLY;
	default:
		return MITOK_E_DENIED;
	}
}

/* Where explain has no row, because there were no words. */
static const char *cause_text(const struct visit *v)
{
	if (v->found.means)
		return v->found.means;
	switch (v->ret->outcome) {
	case TARGET_AUDIENCE:
		return "the token is for another audience than the target";
	case TARGET_TENANT:
		return "the token is of another tenant than the target";
	case TARGET_NO_ROLE:
		return v->service->grant == GRANT_APP_ROLE
			? "the API lets the identity in, and wants an app role that the "
			  "token lacks"
			: "the identity has no role there, or not yet";
	case TARGET_NOT_MEMBER:
		return "the identity is no user there";
	case TARGET_UNREACHABLE:
		return v->reply.status == 407
			? "a proxy on the way wants to know who asks"
			: v->reply.detail;
	case TARGET_BUSY:
		return "it does not do its work just now";
	default:
		break;
	}
	if (v->reply.status < 400)
		return "it leads elsewhere: perhaps to a page for people to sign in, and "
		       "takes no tokens";
	if (v->is_page)
		return "a page for people answers in place of the service: that of a "
		       "proxy or gateway, or there is nothing of this name";
	return v->reply.status == 404
		? "there is nothing at this path, which does not tell whether the "
		  "identity is let in"
		: "it refuses in words that mi-token does not know";
}

static void add_assigned(const struct visit *v, struct text *out)
{
	static const char *const texts[] = {
		[ASSIGNED_THERE] = "'%s' is assigned to it there: it is not in force yet",
		[ASSIGNED_CONDITION] =
			"'%s' is assigned to it there, with a condition that does not "
			"allow this",
		[ASSIGNED_ELSEWHERE] =
			"'%s' is assigned to it, but on something else than the target",
		[ASSIGNED_CLIENT] = "'%s' is assigned to its client id, which is not "
				    "its object id",
		[ASSIGNED_CONTROL] = "'%s' is assigned to it, which is about the "
				     "resource, and not about the data in it",
		[ASSIGNED_OTHER] = "'%s' is assigned to it there, which is about "
				   "something else",
		[ASSIGNED_STRANGE] =
			"role %s is assigned to it there: it does not allow this, or is "
			"not in force yet",
	};
	const char *form, *hole;

	if (v->assigned == ASSIGNED_NONE)
		text_add(out, "; no role at all is assigned to it there");
	if (v->assigned == ASSIGNED_UNKNOWN || v->assigned == ASSIGNED_NONE)
		return;
	form = texts[v->assigned];
	hole = strstr(form, "%s");
	text_add(out, "; ");
	text_add_bytes(out, form, (size_t)(hole - form));
	text_add(out, v->assigned_role);
	text_add(out, hole + 2);
}

/* Foreign words where we have none: cleaned by err_set(). */
static void add_words(const struct visit *v, struct text *out)
{
	AUTO_JSON body = NULL;
	struct mitok_err quiet;
	const struct json *error;
	const char *words;

	text_addf(out, " (HTTP status %d)", v->reply.status);
	if (json_parse_document(
		    secret_peek(&v->reply.body), v->reply.body.len, &body, &quiet))
		return;
	error = json_member(body, "error");
	words = json_text(json_member(error ? error : body, "message"));
	if (words)
		text_addf(out, ": '%.200s'", words);
}

static void add_failure(const struct visit *v, struct text *out)
{
	const struct target_answer *ret = v->ret;
	const char *proxy = ret->outcome == TARGET_UNREACHABLE && v->reply.fault
		? proxy_variable(v->at.host)
		: NULL;

	text_add(out, v->at.host);
	if (proxy)
		text_addf(out, ", by way of the proxy that %s names", proxy);
	text_addf(out, ": %s", cause_text(v));
	if (ret->outcome == TARGET_UNKNOWN && !v->found.means)
		add_words(v, out);
	if (ret->outcome == TARGET_AUDIENCE)
		text_addf(out, "; its audience is '%s'",
			visit_text(v, MITOK_TEXT_AUDIENCE));
	if (ret->outcome == TARGET_AUDIENCE && v->spelling[0])
		text_addf(out, ", and '%s' is taken", v->spelling);
	if (ret->outcome == TARGET_TENANT && v->tenant[0])
		text_addf(out, "; its tenant is %s, the target's %s",
			visit_text(v, MITOK_TEXT_TENANT_ID), v->tenant);
	if (ret->outcome == TARGET_NO_ROLE || ret->outcome == TARGET_ACCESS_POLICY) {
		if (v->action[0])
			text_addf(out, " (%s)", v->action);
		add_assigned(v, out);
	}
}

static void add_success(const struct visit *v, struct text *out)
{
	const char *who = visit_text(v, MITOK_TEXT_OBJECT_ID);

	if (v->ret->outcome == TARGET_NOT_FOUND)
		text_addf(out,
			"%s lets the identity in (object id %s), and has nothing at %s",
			v->at.host, who, v->at.path);
	else
		text_addf(out, "%s lets the identity in (object id %s)", v->at.host, who);
	if (v->ret->outcome == TARGET_GRANTED && v->read[0])
		text_addf(out, ": it may %s", v->read);
	if (v->is_vouched && v->reply.status == 403)
		text_add(out,
			"; whether it is there cannot be seen without permission to "
			"list");
}

/* Messaging tells nobody but owners what is there; who only sends or receives is not asked
 * to do that. */
static void add_token_only(const struct visit *v, struct text *out)
{
	if (v->assigned == ASSIGNED_THERE)
		text_addf(out,
			"%s takes the token (object id %s), and '%s' is assigned: to use "
			"that is the only way to ask for more",
			v->at.host, visit_text(v, MITOK_TEXT_OBJECT_ID),
			v->assigned_role);
	else
		text_addf(out,
			"there is a token for %s (object id %s); %s is not asked: there "
			"is "
			"no read that is known to do no harm",
			v->resource, visit_text(v, MITOK_TEXT_OBJECT_ID),
			v->at.host[0] ? v->at.host : v->service->name);
}

enum mitok_code tell_write(struct visit *v, struct mitok_err *e)
{
	AUTO_TEXT line = { 0 };
	enum mitok_code class = class_of(v);
	int64_t wait;
	char value[32];

	if (v->ret->outcome == TARGET_TOKEN_ONLY)
		add_token_only(v, &line);
	else if (class == MITOK_OK)
		add_success(v, &line);
	else
		add_failure(v, &line);
	if (!text_ok(&line))
		return err_memory(e);
	(void)err_set(&v->ret->err, class, "%s", line.p);
	v->ret->err.http_status = v->reply.status;
	if (v->ret->outcome == TARGET_BUSY &&
		http_header_value(&v->reply, "Retry-After", 0, value, sizeof(value)) &&
		text_to_number(value, 0, 86400, &wait))
		v->ret->err.retry_after_s = (int)wait;
	return MITOK_OK;
}
