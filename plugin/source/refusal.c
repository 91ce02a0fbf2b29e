/* Any answer but a token: what it means and what to do about it.
 * SPDX-License-Identifier: MIT */
#include "source/refusal.h"

#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "source/aadsts.h"
#include "source/retry.h"

/* What an answer's body is. Bits, so that a row can name several. */
enum shape {
	SHAPE_AZURE = 1 << 0,   /* JSON in one of the services' forms */
	SHAPE_EMPTY = 1 << 1,   /* nothing */
	SHAPE_TEXT = 1 << 2,    /* one line of plain text */
	SHAPE_FOREIGN = 1 << 3, /* HTML, other JSON, anything else */
	SHAPE_ANY = SHAPE_AZURE | SHAPE_EMPTY | SHAPE_TEXT | SHAPE_FOREIGN,
};

/* An answer taken apart. The texts are cut to what a line for people can hold. */
struct refusal {
	enum shape shape;
	int status, aadsts;
	char code[128]; /* "invalid_request" */
	char text[384]; /* "Identity not found" */
	char correlation_id[40];
};

/* The first line, cleaned; without the "Trace ID: ..." that the metadata service leaves
 * on the same line, and without anything that looks like the beginning of a JWT. */
static void copy_line(char *dst, size_t size, const char *src)
{
	static const char *const ends[] = { " Trace ID:", " This can happen if", "eyJ" };
	size_t len = strcspn(src, "\r\n");

	(void)snprintf(dst, size, "%.*s", (int)(len < size ? len : size - 1), src);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *end = strstr(dst, ends[i]);

		if (end)
			memset(end, '\0', strlen(end));
	}
	text_clean(dst);
}

static void find_correlation(const char *text, struct refusal *f)
{
	const char *at = strstr(text, "Correlation ID: ");
	char guid[37];

	if (!at)
		return;
	(void)snprintf(guid, sizeof(guid), "%s", at + strlen("Correlation ID: "));
	if (text_is_guid(guid))
		(void)!TEXT_COPY(f->correlation_id, guid);
}

/* The first member of these names that is a text; "" when there is none. */
static const char *any_text(const struct json *j, const char *a, const char *b)
{
	const char *text = json_text(json_member(j, a));

	text = text ? text : json_text(json_member(j, b));
	return text ? text : "";
}

static void read_json(const struct json *j, struct refusal *f)
{
	const struct json *error = json_member(j, "error");
	const struct json *numbers = json_member(j, "error_codes");
	const struct json *inner = error && error->kind == JSON_OBJECT ? error : j;
	const char *code =
		json_text(error) ? json_text(error) : any_text(inner, "code", "Code");
	const char *text = any_text(inner, "error_description", "message");
	const char *id = any_text(inner, "correlation_id", "correlationId");
	int64_t n;

	copy_line(f->code, sizeof(f->code), code);
	copy_line(f->text, sizeof(f->text), text);
	if (f->code[0] || f->text[0])
		f->shape = SHAPE_AZURE;
	if (text_is_guid(id))
		(void)!TEXT_COPY(f->correlation_id, id);
	else
		find_correlation(text, f);
	f->aadsts = aadsts_number(text);
	if (numbers && json_to_number(numbers->child, 1, INT32_MAX, &n))
		f->aadsts = (int)n;
}

/* Printable and short: a sentence, not a page. */
static bool is_sentence(const struct http_reply *r)
{
	const char *body = secret_peek(&r->body);

	return r->body.len < 512 && strlen(body) == r->body.len &&
		text_is_utf8(body, r->body.len) && !strpbrk(body, "<{[\x1b");
}

static void take_apart(const struct http_reply *r, struct refusal *f)
{
	AUTO_JSON j = NULL;

	*f = (struct refusal){ .shape = SHAPE_FOREIGN, .status = r->status };
	if (r->body.len == 0)
		f->shape = SHAPE_EMPTY;
	else if (json_parse(secret_peek(&r->body), r->body.len, &j, NULL) == MITOK_OK)
		read_json(j, f);
	else if (is_sentence(r)) {
		f->shape = SHAPE_TEXT;
		copy_line(f->text, sizeof(f->text), secret_peek(&r->body));
	}
}

int refusal_aadsts(const struct http_reply *r)
{
	struct refusal f;

	take_apart(r, &f);
	return f.aadsts;
}

/* Where a row's hint comes from. */
enum cure {
	CURE_TEXT,     /* the row */
	CURE_ASSIGN,   /* how the identity that was asked for is assigned */
	CURE_NAME_ONE, /* how to name one of several */
	CURE_WAIT,     /* what the service asked for */
};

struct row {
	int first, last; /* statuses */
	unsigned peers;  /* of enum peer_kind */
	unsigned shapes;
	const char *word; /* in the code or the text, without case; NULL: any */
	enum mitok_code code;
	enum cure cure;
	const char *means; /* with a blank in front: goes on from the identity's name */
	const char *hint;
};

#define GPA "Guest Proxy Agent (Metadata Security Protocol)"
#define OTHER                                                            \
	"a proxy, a captive portal or another cloud's metadata service " \
	"answers: exclude the address from proxying, or name the right " \
	"source with --source"
#define AGAIN "try again in a minute"

/* The first row that fits counts: what has a word before what has not. Sources: Microsoft
 * Learn "How to use managed identities on a VM to acquire an access token" and "Azure
 * Instance Metadata Service", the services' REST references, Guest Proxy Agent. */
static const struct row rows[] = {
	/* no such identity */
	{ 400, 400, PEER_LOCAL, SHAPE_ANY, "Identity not found", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, " is not assigned to this machine", NULL },
	{ 400, 400, PEER_LOCAL, SHAPE_ANY, "Multiple user assigned identities",
		MITOK_E_NOIDENTITY, CURE_NAME_ONE,
		"this machine has several user-assigned identities and none was named",
		NULL },
	{ 400, 499, PEER_LOCAL, SHAPE_ANY, "identity_not_found", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, " is not assigned to this machine", NULL },
	{ 400, 499, PEER_AGENT, SHAPE_ANY, "ManagedIdentityNotFound", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, " is not assigned to this application", NULL },
	{ 400, 599, PEER_AGENT, SHAPE_ANY, "Managed Identity found", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, " is not assigned to this application", NULL },
	{ 400, 599, PEER_AGENT, SHAPE_ANY, "Managed Identity was found",
		MITOK_E_NOIDENTITY, CURE_ASSIGN, " is not assigned to this application",
		NULL },
	{ 400, 599, PEER_AGENT, SHAPE_ANY, "No MSI found", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, " is not assigned to this application", NULL },
	{ 400, 499, PEER_LOCAL, SHAPE_AZURE, "unauthorized_client", MITOK_E_NOIDENTITY,
		CURE_ASSIGN, "managed identity is not enabled on this machine", NULL },

	/* what was asked for */
	{ 400, 599, PEER_AGENT, SHAPE_AZURE, "AudienceNotSupported", MITOK_E_DENIED,
		CURE_TEXT, "it has no tokens for this resource",
		"Cloud Shell knows a fixed set of resources; sign in for others: az "
		"login" },
	{ 400, 499, PEER_ANY, SHAPE_AZURE, "invalid_resource", MITOK_E_DENIED, CURE_TEXT,
		"the resource is not known",
		"check its spelling, slashes included; --resource takes no /.default, "
		"that is for --scope" },
	{ 400, 499, PEER_ANY, SHAPE_AZURE, "invalid_scope", MITOK_E_DENIED, CURE_TEXT,
		"the scope is not valid", "check the resource's spelling" },
	{ 400, 499, PEER_ANY, SHAPE_AZURE, "access_denied", MITOK_E_DENIED, CURE_TEXT,
		"access was denied", "the identity's owner must grant it" },
	{ 400, 499, PEER_ANY, SHAPE_AZURE, "unsupported_response_type", MITOK_E_DENIED,
		CURE_TEXT, "this kind of answer is not given",
		"check the identity's configuration" },
	{ 400, 499, PEER_AGENT, SHAPE_AZURE, "SecretHeaderNotFound", MITOK_E_DENIED,
		CURE_TEXT, "IDENTITY_HEADER was not accepted",
		"it changes with each start of the application: take it from the current "
		"environment" },
	{ 400, 400, PEER_ENTRA, SHAPE_AZURE, "invalid_client", MITOK_E_DENIED, CURE_TEXT,
		"the application was not accepted",
		"check AZURE_CLIENT_ID and its federated credential" },

	/* how it was asked */
	{ 400, 400, PEER_LOCAL, SHAPE_AZURE, "metadata header", MITOK_E_REPLY, CURE_TEXT,
		"the header 'Metadata: true' did not arrive",
		"something between this process and the service drops headers: " OTHER },
	{ 400, 400, PEER_LOCAL, SHAPE_AZURE, "api-version", MITOK_E_REPLY, CURE_TEXT,
		"it does not know our api-version",
		"this is an old or another service than Azure's (Azure Stack, an "
		"emulator?)" },
	{ 400, 400, PEER_AGENT, SHAPE_AZURE, "InvalidApiVersion", MITOK_E_REPLY,
		CURE_TEXT, "it does not know our api-version",
		"this is an old or another service than Azure's" },
	{ 400, 400, PEER_LOCAL, SHAPE_TEXT, "AZURE_CLIENT_ID", MITOK_E_CONF, CURE_TEXT,
		"the workload identity proxy of this pod needs a client id",
		"name it (client-id:GUID), or annotate the pod's service account with "
		"azure.workload.identity/client-id" },
	{ 401, 401, PEER_LOCAL, SHAPE_AZURE, "unknown_source", MITOK_E_REPLY, CURE_TEXT,
		"it does not serve this address (the old VM extension?)",
		"ask the VM's own metadata service: --source imds" },

	/* who stands in between */
	{ 403, 403, PEER_LOCAL, SHAPE_ANY, "unreachable", MITOK_E_NOIDENTITY, CURE_TEXT,
		"Docker Desktop's proxy answers: there is no metadata service",
		"this is not an Azure VM; give the container an identity in another "
		"way" },
	{ 403, 403, PEER_IMDS, SHAPE_EMPTY, NULL, MITOK_E_DENIED, CURE_TEXT,
		GPA " refused this user or program",
		"the VM's owner must add them to the allow list of its metadata service "
		"rules" },
	{ 421, 421, PEER_IMDS, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_TEXT,
		GPA " could not tell whose connection this is",
		"try again; restart its service when it stays (systemctl restart "
		"azure-proxy-agent)" },
	{ 500, 500, PEER_IMDS, SHAPE_EMPTY, NULL, MITOK_E_LATER, CURE_TEXT, "it failed",
		AGAIN "; where " GPA " runs, its log is in /var/log/azure-proxy-agent" },
	{ 502, 502, PEER_IMDS, SHAPE_EMPTY, NULL, MITOK_E_LATER, CURE_TEXT,
		GPA " could not pass the request on",
		AGAIN "; its log is in /var/log/azure-proxy-agent" },
	{ 300, 399, PEER_ANY, SHAPE_ANY, NULL, MITOK_E_REPLY, CURE_TEXT,
		"a redirect, which Azure's service never sends", OTHER },

	/* not now */
	{ 429, 429, PEER_IMDS, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_WAIT,
		"too many requests from this machine (20 a second, 5 at once)",
		"find who asks so often, and let it share a cache" },
	{ 429, 429, PEER_ANY, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_WAIT,
		"too many requests", "find who asks so often, and let it share a cache" },
	{ 410, 410, PEER_IMDS, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_TEXT,
		"it is being updated and comes back within 70 s",
		"wait for it with a longer timeout (--timeout 80s), or try again in a "
		"minute" },
	{ 404, 404, PEER_IMDS, SHAPE_AZURE | SHAPE_EMPTY, NULL, MITOK_E_LATER, CURE_TEXT,
		"not found: it is being updated, or is none of Azure's",
		AGAIN "; when it stays, this is not an Azure VM" },
	{ 500, 599, PEER_IMDS, SHAPE_AZURE, "Active directory", MITOK_E_LATER, CURE_TEXT,
		"the host cannot reach Entra",
		AGAIN "; look at Azure's status page when it stays" },
	{ 500, 599, PEER_AGENT, SHAPE_AZURE, NULL, MITOK_E_LATER, CURE_TEXT, "it failed",
		"a resource that Entra does not know is answered like this too: check "
		"its spelling; else " AGAIN },
	{ 502, 504, PEER_ENTRA, SHAPE_EMPTY | SHAPE_TEXT | SHAPE_FOREIGN, NULL,
		MITOK_E_LATER, CURE_TEXT, "a proxy on the way failed",
		"check HTTPS_PROXY and NO_PROXY" },
	{ 500, 599, PEER_ANY, SHAPE_AZURE | SHAPE_EMPTY, NULL, MITOK_E_LATER, CURE_TEXT,
		"it failed", AGAIN },
	{ 500, 599, PEER_ENTRA, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_TEXT, "it failed",
		AGAIN },
	{ 408, 408, PEER_ANY, SHAPE_ANY, NULL, MITOK_E_LATER, CURE_TEXT,
		"it gave up waiting", AGAIN },

	/* the rest */
	{ 401, 401, PEER_AGENT, SHAPE_ANY, NULL, MITOK_E_DENIED, CURE_TEXT,
		"it did not accept the secret it was shown",
		"the platform changes it at each start: take it from the current "
		"environment" },
	{ 400, 499, PEER_ANY, SHAPE_AZURE, NULL, MITOK_E_DENIED, CURE_TEXT, "refused",
		NULL },
	{ 400, 499, PEER_AGENT, SHAPE_TEXT | SHAPE_EMPTY, NULL, MITOK_E_DENIED, CURE_TEXT,
		"refused", NULL },
	{ 0, 999, PEER_IMDS, SHAPE_ANY, NULL, MITOK_E_REPLY, CURE_TEXT,
		"what answers is not Azure's metadata service", OTHER },
	{ 0, 999, PEER_AGENT, SHAPE_ANY, NULL, MITOK_E_REPLY, CURE_TEXT,
		"what answers is not Azure's service", OTHER },
	{ 0, 999, PEER_ENTRA, SHAPE_ANY, NULL, MITOK_E_REPLY, CURE_TEXT,
		"what answers is not Entra",
		"a proxy on the way answers instead: check HTTPS_PROXY and NO_PROXY" },
};

static const struct row system_off = { 0, 999, PEER_LOCAL, SHAPE_ANY, NULL,
	MITOK_E_NOIDENTITY, CURE_ASSIGN,
	" is not switched on, and this machine has several user-assigned ones", NULL };

static bool has_word(const char *text, const char *word)
{
	for (; *text; text++)
		if (text_starts_nocase(text, word))
			return true;
	return false;
}

static const struct row *find_row(const struct refusal *f, const struct peer *peer)
{
	const struct row *row = rows;

	/* the last three fit everything */
	while (f->status < row->first || f->status > row->last ||
		!(row->peers & peer->kind) || !(row->shapes & f->shape) ||
		(row->word && !has_word(f->code, row->word) &&
			!has_word(f->text, row->word)))
		row++;
	return row;
}

static void set_hint(const struct row *row, const struct peer *peer,
	const struct ask *ask, struct mitok_err *e)
{
	switch (row->cure) {
	case CURE_ASSIGN:
		if (ask->id)
			(void)err_hint(e, e->code, "check the id, or assign it: %s; %s",
				peer->assign_user, peer->list);
		else
			(void)err_hint(e, e->code, "assign one: %s; %s", peer->assign,
				peer->list);
		break;
	case CURE_NAME_ONE:
		(void)err_hint(e, e->code,
			"name one (--identity client-id:GUID, or identity in "
			"/etc/mi-token/mi-token.conf); %s",
			peer->list);
		break;
	case CURE_WAIT:
		if (e->retry_after_s)
			(void)err_hint(e, e->code, "try again in %d s; %s",
				e->retry_after_s, row->hint);
		(void)err_hint(e, e->code, "try again later; %s", row->hint);
		break;
	case CURE_TEXT:
		if (row->hint)
			(void)err_hint(e, e->code, "%s", row->hint);
		break;
	}
}

/* What the service said, in its words: ": 'Identity not found'", or nothing; the number
 * that Entra begins with stands in the sentence already. */
static void quote(const struct refusal *f, char *ret, size_t size)
{
	const char *said = f->text[0] ? f->text : f->code;
	const char *colon = strstr(said, ": ");

	if (f->aadsts && text_starts(said, "AADSTS") && colon)
		said = colon + 2;
	(void)snprintf(
		ret, size, "%s%.400s%s", said[0] ? ": '" : "", said, said[0] ? "'" : "");
}

static enum mitok_code explain_aadsts(const struct refusal *f, const struct peer *peer,
	const char *said, struct mitok_err *e)
{
	const struct aadsts *known = aadsts_find(f->aadsts);
	enum mitok_code code = known ? known->code
		: f->status >= 500   ? MITOK_E_LATER
				     : MITOK_E_DENIED;

	(void)err_set(e, code, "%s: %s (AADSTS%d)%s", peer->who,
		known ? known->means : "refused by Entra", f->aadsts, said);
	e->aadsts = f->aadsts;
	for (const struct peer_cure *own = peer->cures; own && own->aadsts; own++)
		if (own->aadsts == f->aadsts)
			return err_hint(e, code, "%s", own->cure);
	if (known)
		return err_hint(e, code, "%s", known->cure);
	return err_hint(e, code,
		"https://login.microsoftonline.com/error?code=%d tells more", f->aadsts);
}

enum mitok_code refusal_explain(const struct http_reply *r, const struct peer *peer,
	const struct ask *ask, int64_t now_s, struct mitok_err *e)
{
	struct mitok_err own = { 0 };
	int64_t wait_ms = retry_after_ms(r, now_s);
	char asked[300] = "", said[448];
	const struct row *row = NULL;
	struct refusal f;

	e = e ? e : &own;
	take_apart(r, &f);
	quote(&f, said, sizeof(said));
	if (f.aadsts) {
		(void)explain_aadsts(&f, peer, said, e);
	} else {
		row = find_row(&f, peer);
		/* It was named; the service takes that for no name. */
		if (row->cure == CURE_NAME_ONE && ask->kind == IDENTITY_SYSTEM)
			row = &system_off;
		if (row->means[0] == ' ')
			peer_identity(ask, asked, sizeof(asked));
		(void)err_set(e, row->code, "%s: %s%s (HTTP %d)%s", peer->who, asked,
			row->means, f.status, said);
	}
	e->http_status = f.status;
	e->retry_after_s = wait_ms > 0 ? (int)((wait_ms + 999) / 1000) : 0;
	(void)!TEXT_COPY(e->correlation_id, f.correlation_id);
	if (row)
		set_hint(row, peer, ask, e);
	return e->code;
}
