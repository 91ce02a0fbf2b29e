/* mi-token whoami: tell which identity this machine acts as.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cmd.h"

static const struct {
	const char *name, *json;
	enum mitok_text which;
} rows[] = {
	{ "client id", "client_id", MITOK_TEXT_CLIENT_ID },
	{ "object id", "object_id", MITOK_TEXT_OBJECT_ID },
	{ "tenant", "tenant_id", MITOK_TEXT_TENANT_ID },
	{ "resource id", "resource_id", MITOK_TEXT_RESOURCE_ID },
	{ "audience", "audience", MITOK_TEXT_AUDIENCE },
	{ "token id", "token_id", MITOK_TEXT_TOKEN_ID },
	{ "source", "source", MITOK_TEXT_SOURCE },
};
#define ROWS (sizeof(rows) / sizeof(*rows))

/* Who vouches for a federated application, as a selector; "" for any other identity. */
static const char *voucher_of(const struct mitok_token *t)
{
	const char *id = mitok_token_text(t, MITOK_TEXT_IDENTITY);
	const char *by = text_starts(id, "federate:") ? strstr(id, " by ") : NULL;

	return by ? by + strlen(" by ") : "";
}

/* The ARM id tells: user-assigned identities are resources of their own, a
 * system-assigned one has the id of the machine. */
static const char *kind_of(const struct mitok_token *t)
{
	const char *id = mitok_token_text(t, MITOK_TEXT_RESOURCE_ID);

	if (*voucher_of(t) ||
		strcmp(mitok_token_text(t, MITOK_TEXT_SOURCE), "environment") == 0)
		return "application";
	if (strcasestr(id, "/userAssignedIdentities/"))
		return "user-assigned";
	return *id ? "system-assigned" : "unknown";
}

static void add_text(const struct mitok_token *t, struct text *out)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	char date[CLOCK_TEXT_SIZE];

	text_addf(out, "%-12s %s\n", "identity", kind_of(t));
	for (size_t i = 0; i < ROWS; i++)
		if (*mitok_token_text(t, rows[i].which))
			text_addf(out, "%-12s %s\n", rows[i].name,
				mitok_token_text(t, rows[i].which));
	if (*voucher_of(t))
		text_addf(out, "%-12s %s\n", "vouched by", voucher_of(t));
	clock_format(expires, date);
	text_addf(out, "%-12s %s (", "expires", date);
	clock_add_span(out, expires - (long long)time(NULL));
	text_add(out, ")\n");
}

static void add_json(const struct mitok_token *t, struct text *out)
{
	text_addf(out, "{\n  \"identity\": \"%s\"", kind_of(t));
	for (size_t i = 0; i < ROWS; i++) {
		text_addf(out, ",\n  \"%s\": ", rows[i].json);
		text_add_json(out, mitok_token_text(t, rows[i].which));
	}
	if (*voucher_of(t)) {
		text_add(out, ",\n  \"vouched_by\": ");
		text_add_json(out, voucher_of(t));
	}
	text_addf(out, ",\n  \"issued_at\": %lld,\n  \"expires_on\": %lld\n}\n",
		mitok_token_time(t, MITOK_TIME_ISSUED),
		mitok_token_time(t, MITOK_TIME_EXPIRES));
}

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	AUTO_TOKEN t = NULL;
	AUTO_TEXT out = { 0 };
	bool json;
	enum mitok_code r = is_json(o, &json, e);

	if (!r)
		r = get_token(o, m, "arm", &t, e);
	if (r)
		return r;
	(json ? add_json : add_text)(t, &out);
	return print_text(&out, e);
}

const struct cmd cmd_whoami = {
	"whoami",
	"[TARGET] [-o text|json] [OPTION...]",
	"tell which identity this machine acts as",
	"rsiABCFTomftS",
	"text or json",
	1,
	true,
	run,
};
