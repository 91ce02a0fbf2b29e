/* Which identity answers, whether it is the one that was, and what was pinned of it.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

static const char *text_of(const struct facts *f, enum mitok_text which)
{
	return mitok_token_text(f->token, which);
}

/* User-assigned identities are resources of their own; a system-assigned one has the id of
 * its machine. */
static bool is_user_assigned(const char *resource_id)
{
	return strcasestr(resource_id, "/userAssignedIdentities/") != NULL;
}

/* Who it is stands in AZURE_CLIENT_ID. */
static bool is_application(const struct facts *f)
{
	return facts_is_source(f, "workload") || facts_is_source(f, "environment");
}

/* What the token says of itself, for people; the ids are told behind it. */
static void add_identity(const struct facts *f, struct text *ret)
{
	const char *id = text_of(f, MITOK_TEXT_RESOURCE_ID);
	const char *name = strrchr(id, '/');
	const char *asked = text_of(f, MITOK_TEXT_IDENTITY);
	const char *by = text_starts(asked, "federate:") ? strstr(asked, " by ") : NULL;

	if (by)
		text_addf(ret, "application, vouched for by %s", by + strlen(" by "));
	else if (!*id && is_application(f))
		text_addf(ret, "application, by source %s", f->source);
	else if (!*id)
		text_add(ret, "without a resource id");
	else if (is_user_assigned(id))
		text_addf(ret, "user-assigned identity '%s'", name ? name + 1 : id);
	else
		text_addf(ret, "system-assigned identity of '%s'", name ? name + 1 : id);
}

/* Another principal answers than for the same request before. Roles belong to principals:
 * those of the former are of no use to this one. */
static void report_former(struct facts *f)
{
	const char *former = text_of(f, MITOK_TEXT_FORMER_OBJECT_ID);
	const char *was = text_of(f, MITOK_TEXT_FORMER_RESOURCE_ID);
	const char *is = text_of(f, MITOK_TEXT_RESOURCE_ID);

	if (text_equal_nocase(was, is)) {
		report_warn(&f->rep, "identity",
			"it was deleted and created anew: its object id was %s, and "
			"roles "
			"of that one are not its own",
			former);
		report_advice(&f->rep,
			"assign again what the former had: az role assignment list --all "
			"--query \"[?principalId=='%s']\"",
			text_is_guid(former) ? former : "OBJECT-ID");
		return;
	}
	report_warn(&f->rep, "identity",
		"another identity answers than before: that was object id %s, %s", former,
		*was ? was : "of an unknown resource");
	report_advice(&f->rep,
		"name the one that is meant: --identity client-id:GUID, or identity in "
		"/etc/mi-token/mi-token.conf");
}

/* Whether a token of the identity that is not there is still kept. */
struct kept {
	const struct facts *f;
	char object_id[64];
	long long issued;
};

static void take_kept(void *arg, const struct mitok_token *t, const char *identity)
{
	struct kept *k = arg;

	if (strcmp(identity, k->f->identity) != 0 ||
		strcmp(mitok_token_text(t, MITOK_TEXT_SOURCE), k->f->source) != 0 ||
		mitok_token_time(t, MITOK_TIME_ISSUED) < k->issued)
		return;
	k->issued = mitok_token_time(t, MITOK_TIME_ISSUED);
	(void)!TEXT_COPY(k->object_id, mitok_token_text(t, MITOK_TEXT_OBJECT_ID));
}

/* The commands of the hint for this very machine. */
static void advise_machine(struct facts *f)
{
	const char *group = json_text(json_member(f->machine, "resourceGroupName"));
	const char *set = json_text(json_member(f->machine, "vmScaleSetName"));
	const char *name = json_text(json_member(f->machine, "name"));
	const char *kind = set && *set ? "vmss" : "vm";
	const char *id = strchr(f->identity, ':');
	const bool is_resource = text_starts(f->identity, "resource-id:");
	AUTO_TEXT in = { 0 };
	AUTO_TEXT named = { 0 };
	AUTO_TEXT user = { 0 };

	name = set && *set ? set : name;
	if (!group || !*group || !name || !*name)
		return;
	text_add_word(&in, group);
	text_add_word(&named, name);
	if (is_resource)
		text_add_word(&user, id + 1);
	if (strstr(f->err.hint, "identity assign") && (!id || is_resource))
		report_advice(&f->rep,
			"az %s identity assign --resource-group %s --name %s%s%s", kind,
			text_peek(&in), text_peek(&named),
			is_resource ? " --identities " : "", text_peek(&user));
	report_advice(&f->rep, "az %s identity show --resource-group %s --name %s", kind,
		text_peek(&in), text_peek(&named));
}

static void fail_identity(struct facts *f)
{
	struct kept k = { .f = f };

	report_fail(&f->rep, "identity", &f->err);
	advise_machine(f);
	if (mitok_cache_each(f->m, take_kept, &k, NULL, NULL) || !k.object_id[0])
		return;
	report_advice(&f->rep,
		"it was there before, as object id %s: it was taken from the machine or "
		"deleted; one that is created anew has other ids",
		k.object_id);
}

void climb_identity(struct facts *f)
{
	const char *id = facts_env("AZURE_CLIENT_ID");
	AUTO_TEXT t = { 0 };

	if (f->stage <= STAGE_IDENTITY) {
		if (f->stage == STAGE_IDENTITY)
			fail_identity(f);
		else
			report_skip(&f->rep, "identity", "not tried: there is no key");
		return;
	}
	f->known |= KNOWS_IDENTITY;
	/* Nobody has said that there is one. */
	if (!f->token && is_application(f) && (id || !facts_is_default(f))) {
		report_ok(&f->rep, "identity", "application %s, by %s",
			facts_is_default(f) ? id : f->identity,
			facts_is_default(f) ? "AZURE_CLIENT_ID" : f->identity_origin);
		return;
	}
	if (!f->token) {
		report_ok(&f->rep, "identity", "one answers%s%s",
			facts_is_default(f) ? "" : " for ",
			facts_is_default(f) ? "" : f->identity);
		return;
	}
	add_identity(f, &t);
	report_ok(&f->rep, "identity", "%s: client id %s, object id %s, tenant %s",
		text_peek(&t), text_of(f, MITOK_TEXT_CLIENT_ID),
		text_of(f, MITOK_TEXT_OBJECT_ID), text_of(f, MITOK_TEXT_TENANT_ID));
	if (*text_of(f, MITOK_TEXT_FORMER_OBJECT_ID))
		report_former(f);
}

/* The pins of the identity that was chosen, as `mi-token config` shows them. */
struct pins {
	const char *id; /* of the selector */
	char text[1024], origin[512];
};

static void take_pins(void *arg, const char *key, const char *value, const char *origin)
{
	struct pins *p = arg;

	if (!text_starts(key, "identities.") || !p->id || !strcasestr(value, p->id))
		return;
	(void)!TEXT_COPY(p->text, value);
	(void)!TEXT_COPY(p->origin, origin);
}

/* Nothing says whose token it must be. */
static void report_unpinned(struct facts *f)
{
	const char *id = text_of(f, MITOK_TEXT_RESOURCE_ID);
	const bool is_system = *id && !is_user_assigned(id);

	if (is_application(f))
		report_ok(&f->rep, "pins", "none: AZURE_CLIENT_ID tells who it is");
	else
		report_ok(&f->rep, "pins",
			"none: which identity answers is the platform's choice, and may "
			"change; identity = \"%s%s\" in mi-token.conf pins it",
			is_system ? "system" : "client-id:",
			is_system ? "" : text_of(f, MITOK_TEXT_CLIENT_ID));
}

void climb_pins(struct facts *f)
{
	const char *colon = strchr(f->identity, ':');
	struct pins p = { .id = colon ? colon + 1 : NULL };

	if (f->stage == STAGE_PINS) {
		report_fail(&f->rep, "pins", &f->err);
		return;
	}
	f->known |= KNOWS_PINS;
	if (!f->token) {
		report_skip(&f->rep, "pins", "not tried: there is no token");
		return;
	}
	(void)mitok_config_each(f->m, take_pins, &p, NULL);
	if (p.text[0])
		report_ok(&f->rep, "pins", "verified in the token: %s, by %s", p.text,
			p.origin);
	else if (!facts_is_default(f))
		report_ok(&f->rep, "pins", "verified in the token: %s, by %s",
			f->identity, f->identity_origin);
	else
		report_unpinned(f);
}
