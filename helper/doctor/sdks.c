/* What programs that use Microsoft's SDKs would do here, and which variables stand between
 * them and the machine's identity. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "sdk.h"

static const char *real_env(const void *arg, const char *name)
{
	(void)arg;
	return secure_getenv(name);
}

static void describe(const struct sdk_pick *p, struct text *ret)
{
	if (p->error) {
		text_addf(ret, "fails: %s", p->error);
		return;
	}
	text_add(ret, p->credential);
	if (p->source && strcmp(p->credential, "ManagedIdentityCredential") == 0)
		text_addf(ret, " from %s", p->source);
	else if (strcmp(p->credential, "ManagedIdentityCredential") == 0)
		text_add(ret, " from nowhere");
	if (p->client_id)
		text_addf(ret, " for client id %s, by AZURE_CLIENT_ID", p->client_id);
	else if (p->because[0])
		text_addf(ret, ", by %s", p->because);
}

/* The client id that mi-token acts as; "" when it is not known. */
static const char *own_client_id(const struct facts *f)
{
	static const char selector[] = "client-id:";

	if (f->token)
		return mitok_token_text(f->token, MITOK_TEXT_CLIENT_ID);
	return text_starts(f->identity, selector) ? f->identity + strlen(selector) : "";
}

/* The token is of an application that the identity vouches for, which no SDK does by
 * itself. */
static bool is_vouched(const struct facts *f)
{
	return f->token &&
		text_starts(mitok_token_text(f->token, MITOK_TEXT_IDENTITY), "federate:");
}

/* Whether that is what mi-token does. */
static bool is_same(const struct facts *f, const struct sdk_pick *p)
{
	const char *own = own_client_id(f);

	if (p->error || !p->source || strcmp(p->source, f->source) != 0 || is_vouched(f))
		return false;
	return !p->client_id || (*own && text_equal_nocase(p->client_id, own));
}

/* mi-token is told which identity, and the SDK takes the one that the platform gives. */
static bool is_left_to_platform(const struct facts *f, const struct sdk_pick *p)
{
	return !facts_is_default(f) && strcmp(f->identity, "system") != 0 &&
		!p->client_id && strcmp(p->credential, "ManagedIdentityCredential") == 0;
}

static bool is_name_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '_' || text_is_digit(c);
}

/* What to take away: the variables that `because` names. */
static void advise(struct facts *f, const struct sdk_pick *p)
{
	const char *at = p->client_id ? "AZURE_CLIENT_ID" : p->because;
	AUTO_TEXT names = { 0 };

	while (*at) {
		size_t len = 0;

		while (is_name_byte(at[len]))
			len++;
		if (memchr(at, '_', len)) {
			text_add(&names, " ");
			text_add_bytes(&names, at, len);
		}
		at += len ? len : 1;
	}
	if (is_vouched(f))
		report_advice(&f->rep,
			"what `mi-token exec --identity NAME -- COMMAND` runs gets the "
			"application's tokens");
	else if (names.len)
		report_advice(&f->rep,
			"unset%s, where the program is started (unit, crontab, "
			"application "
			"settings), for the machine's identity",
			text_peek(&names));
}

static void report_pick(struct facts *f, const char *names, const struct sdk_pick *p)
{
	AUTO_TEXT what = { 0 };
	const char *own = own_client_id(f);

	describe(p, &what);
	if (!is_same(f, p)) {
		report_warn(&f->rep, "SDKs",
			"DefaultAzureCredential of %s is not this identity: %s", names,
			text_peek(&what));
		advise(f, p);
	} else if (is_left_to_platform(f, p)) {
		report_warn(&f->rep, "SDKs",
			"DefaultAzureCredential of %s may be another identity: %s, "
			"whichever the platform gives",
			names, text_peek(&what));
		report_advice(&f->rep,
			"set AZURE_CLIENT_ID=%s, where the program is started (in C++: "
			"client_id of ManagedIdentityCredential)",
			*own ? own : "CLIENT-ID");
	} else {
		report_ok(&f->rep, "SDKs", "DefaultAzureCredential of %s: %s", names,
			text_peek(&what));
	}
}

/* SDKs that do the same share a line. */
static void report_picks(struct facts *f)
{
	const struct sdk_world w = {
		.env = real_env,
		.has_himds = access("/opt/azcmagent/bin/himds", F_OK) == 0,
	};
	struct sdk_pick picks[SDK_COUNT];
	bool is_done[SDK_COUNT] = { false };

	for (int i = 0; i < SDK_COUNT; i++)
		sdk_pick((enum sdk)i, &w, &picks[i]);
	for (int i = 0; i < SDK_COUNT; i++) {
		AUTO_TEXT names = { 0 };
		AUTO_TEXT what = { 0 };

		if (is_done[i])
			continue;
		describe(&picks[i], &what);
		for (int n = i; n < SDK_COUNT; n++) {
			AUTO_TEXT other = { 0 };

			describe(&picks[n], &other);
			if (strcmp(text_peek(&what), text_peek(&other)) != 0)
				continue;
			is_done[n] = true;
			text_addf(&names, "%s%s", names.len ? ", " : "", sdk_names[n]);
		}
		report_pick(f, text_peek(&names), &picks[i]);
	}
}

/* Hosts of Entra by cloud. */
static const struct {
	const char *host, *cloud;
} authorities[] = {
	{ "login.microsoftonline.com", "AzurePublicCloud" },
	{ "login.microsoftonline.us", "AzureUSGovernmentCloud" },
	{ "login.chinacloudapi.cn", "AzureChinaCloud" },
	{ "login.partner.microsoftonline.cn", "AzureChinaCloud" },
};

static void report_authority(struct facts *f)
{
	const char *value = facts_env("AZURE_AUTHORITY_HOST");
	const char *cloud = json_text(json_member(f->machine, "azEnvironment"));

	for (size_t i = 0;
		value && cloud && i < sizeof(authorities) / sizeof(*authorities); i++) {
		if (!strcasestr(value, authorities[i].host) ||
			text_equal_nocase(authorities[i].cloud, cloud))
			continue;
		report_warn(&f->rep, "SDKs",
			"AZURE_AUTHORITY_HOST is of another cloud (%s) than this machine "
			"(%s)",
			authorities[i].cloud, cloud);
		report_advice(&f->rep, "unset AZURE_AUTHORITY_HOST");
	}
}

/* Variables that lead elsewhere by themselves. */
static const struct {
	const char *name, *effect;
} diversions[] = {
	{ "AZURE_POD_IDENTITY_AUTHORITY_HOST",
		"is asked in the place of 169.254.169.254, here and by all SDKs but "
		"Go's" },
	{ "MSAL_MANAGED_IDENTITY_ENDPOINT",
		"is asked by MSAL for Python in the place of the metadata service" },
};

static void report_diversions(struct facts *f)
{
	const char *file = facts_env("AZURE_FEDERATED_TOKEN_FILE");

	for (size_t i = 0; i < sizeof(diversions) / sizeof(*diversions); i++) {
		if (!facts_env(diversions[i].name))
			continue;
		report_warn(&f->rep, "SDKs", "what %s names %s", diversions[i].name,
			diversions[i].effect);
		report_advice(&f->rep, "unset %s, unless the pod or host was set up so",
			diversions[i].name);
	}
	if (file && access(file, R_OK) < 0) {
		report_warn(&f->rep, "SDKs",
			"AZURE_FEDERATED_TOKEN_FILE names '%s', which cannot be read: "
			"workload identity fails in every SDK",
			file);
		report_advice(&f->rep,
			"unset AZURE_FEDERATED_TOKEN_FILE, or have Kubernetes project "
			"the "
			"service account's token there");
	}
}

void climb_sdks(struct facts *f)
{
	report_picks(f);
	report_authority(f);
	report_diversions(f);
}
