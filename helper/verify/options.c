/* The options of mi-token-verify: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "../process.h"
#include "audience.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "audience",     'a', "AUDIENCE...", PLACE(audiences),    "who we are: the token's 'aud', byte for byte" },
	{ "tenant",       't', "TENANT",      PLACE(tenant),       "whose tokens are good: a GUID or a domain" },
	{ "issuer",       'I', "URL",         PLACE(issuer),       "the same as it stands in the token's 'iss', for one version" },
	{ "allow-appid",  'A', "GUID...",     PLACE(appids),       "let in this application, and others only when named as well" },
	{ "allow-oid",    'O', "GUID...",     PLACE(oids),         "let in this identity (object id), likewise" },
	{ "require-role", 'R', "ROLE...",     PLACE(roles),        "the token has this app role; each of several" },
	{ "app-only",     'P', NULL,          PLACE(app_only),     "no token that acts for a user" },
	{ "skew",         'S', "TIME",        PLACE(skew),         "how far clocks may differ: 5m; at most 15m" },
	{ "jwks",         'J', "FILE",        PLACE(jwks),         "take the issuer's keys from a file: no network" },
	{ "cache",        'C', "FOLDER",      PLACE(cache),        "keep fetched keys there" },
	{ "cloud",        'L', "CLOUD",       PLACE(cloud),        "public, usgov or china" },
	{ "output",       'o', "FORMAT",      PLACE(output),       "json or text" },
	{ "serve",        'Q', NULL,          PLACE(serve),        "answer a reverse proxy: who sends a token that is good?" },
	{ "listen",       'U', "WHERE",       PLACE(listen),       "where to serve: unix:PATH or 127.0.0.1:PORT" },
	{ "error-format", 'E', "FORMAT",      PLACE(error_format), "text or json" },
	{ "verbose",      'v', NULL,          PLACE(verbose),      "with --serve, tell on stderr who is refused, and why" },
	{ "help",         'h', NULL,          PLACE(help),         "this help" },
	{ "version",      'V', NULL,          PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static enum mitok_code set_skew(
	const struct options *o, struct policy *p, struct mitok_err *e)
{
	int64_t ms = 0;

	p->skew_s = SKEW_DEFAULT_S;
	if (!o->skew)
		return MITOK_OK;
	if (strcmp(o->skew, "0") != 0 && strcmp(o->skew, "0s") != 0 &&
		!text_to_ms(o->skew, &ms))
		return err_set(
			e, MITOK_E_ARG, "--skew is a time with its unit, as in 5m");
	p->skew_s = ms / 1000;
	return p->skew_s <= SKEW_MAX_S
		? MITOK_OK
		: err_set(e, MITOK_E_ARG, "--skew is at most %dm", SKEW_MAX_S / 60);
}

static enum mitok_code check_guids(
	const struct flag_list *list, const char *name, struct mitok_err *e)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!text_is_guid(list->values[i]))
			return err_set(e, MITOK_E_ARG, "--%s is a GUID, not '%s'", name,
				list->values[i]);
	return MITOK_OK;
}

/* Whoever may accept tokens of a service's can act as its clients do. */
static enum mitok_code check_audiences(const struct options *o, struct mitok_err *e)
{
	enum mitok_code r;

	if (!o->audiences.count) {
		r = err_set(e, MITOK_E_ARG, "for whom? --audience is missing");
		return err_hint(e, r,
			"it is the application id URI (api://...) or client id of the "
			"API that the token is for");
	}
	for (unsigned i = 0; i < o->audiences.count; i++) {
		const char *service = audience_service(o->audiences.values[i]);

		if (!*o->audiences.values[i])
			return err_set(e, MITOK_E_ARG, "--audience is empty");
		if (!service)
			continue;
		r = err_set(e, MITOK_E_ARG, "--audience '%s' is %s, not an API of yours",
			o->audiences.values[i], service);
		return err_hint(e, r,
			"a token for it proves nothing: whoever got it there could bring "
			"it here");
	}
	return MITOK_OK;
}

static enum mitok_code check_forms(const struct options *o, struct mitok_err *e)
{
	if (o->output && strcmp(o->output, "json") != 0 && strcmp(o->output, "text") != 0)
		return err_set(e, MITOK_E_ARG, "--output is json or text");
	if (o->serve && o->file)
		return err_set(e, MITOK_E_ARG, "--serve reads no token from a file");
	if (!o->serve && (o->listen || o->verbose))
		return err_set(e, MITOK_E_ARG, "--listen and --verbose go with --serve");
	if (o->jwks && o->cache)
		return err_set(e, MITOK_E_ARG, "--jwks and --cache: one of them");
	if (o->file && text_starts(o->file, "eyJ"))
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "the token is read from stdin or a file"),
			"a token on a command line can be read by every user of the "
			"machine");
	return MITOK_OK;
}

static enum mitok_code convert(struct options *o, struct verifier *v, struct mitok_err *e)
{
	enum mitok_code r = check_forms(o, e);

	if (!r)
		r = check_audiences(o, e);
	if (!r)
		r = trust_set(o->tenant, o->issuer, o->cloud, &v->trust, e);
	if (!r && o->jwks && !v->trust.is_guid)
		r = err_set(e, MITOK_E_ARG,
			"with --jwks the tenant is a GUID: only Entra knows which one a "
			"domain has");
	if (!r)
		r = check_guids(&o->appids, "allow-appid", e);
	if (!r)
		r = check_guids(&o->oids, "allow-oid", e);
	if (!r)
		r = set_skew(o, &v->policy, e);
	v->policy.audiences = o->audiences.values;
	v->policy.appids = o->appids.values;
	v->policy.oids = o->oids.values;
	v->policy.roles = o->roles.values;
	v->policy.app_only = o->app_only;
	return r;
}

enum mitok_code options_parse(int argc, char *const *argv, struct options *o,
	struct verifier *v, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argc - optind > 1)
		r = err_set(e, MITOK_E_ARG, "more than one file");
	if (!r) {
		o->file = argv[optind];
		o->help = o->help || (o->file && strcmp(o->file, "help") == 0);
	}
	if (!r && !o->help && !o->version)
		r = convert(o, v, e);
	return r ? err_hint(e, r, "see mi-token verify --help") : MITOK_OK;
}

enum mitok_code options_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token verify --audience AUDIENCE... --tenant TENANT "
		"[OPTION...] "
		"[FILE]\n"
		"       mi-token verify --serve --listen WHERE --audience ...\n\n"
		"Verify an access token of Entra's that somebody brought: read it from "
		"FILE "
		"or\n"
		"standard input, and print its claims when it is good.\n\n");
	flags_help(rows, NULL, NULL, &help);
	text_add(&help, "\nmi-token-verify(1) is the manual.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
