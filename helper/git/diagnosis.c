/* Why Azure DevOps refused a token, as far as token, challenge and clock can tell.
 * SPDX-License-Identifier: MIT */
#include "diagnosis.h"

#include <string.h>

#include "base/clock.h"
#include "host.h"

/* Clocks that differ by less are no cause: services allow for five minutes. */
#define SKEW_S 300

static void take_claim(
	void *arg, int part, const char *name, const char *value, int is_string)
{
	struct diagnosis *d = arg;
	const struct {
		const char *name;
		char *text; /* or, when it is a date, */
		size_t size;
		int64_t *number;
	} claims[] = {
		{ "tid", d->tenant, sizeof(d->tenant), NULL },
		{ "oid", d->object_id, sizeof(d->object_id), NULL },
		{ "appid", d->client_id, sizeof(d->client_id), NULL },
		{ "azp", d->client_id, sizeof(d->client_id), NULL },
		{ "aud", d->audience, sizeof(d->audience), NULL },
		{ "nbf", NULL, 0, &d->not_before_s },
		{ "exp", NULL, 0, &d->expires_s },
	};

	for (size_t i = 0; part == 1 && i < sizeof(claims) / sizeof(*claims); i++) {
		if (strcmp(claims[i].name, name) != 0)
			continue;
		if (claims[i].text && is_string)
			(void)!text_copy(claims[i].text, claims[i].size, value);
		else if (claims[i].number && !is_string)
			(void)!text_to_number(value, 0, CLOCK_MAX_S, claims[i].number);
	}
}

bool diagnosis_read(const struct secret *token, struct diagnosis *ret)
{
	return mitok_jwt_each(secret_peek(token), token->len, take_claim, ret, NULL) ==
		MITOK_OK;
}

static void tell_clock(const struct diagnosis *d, struct mitok_err *ret)
{
	bool early = d->not_before_s > d->now_s + SKEW_S;
	char now[CLOCK_TEXT_SIZE], when[CLOCK_TEXT_SIZE];

	clock_format(d->now_s, now);
	clock_format(early ? d->not_before_s : d->expires_s, when);
	(void)err_set(ret, MITOK_E_DENIED,
		"Azure DevOps refused the token: it is good %s %s, and this machine's "
		"clock says %s",
		early ? "from" : "until", when, now);
	(void)err_hint(ret, MITOK_E_DENIED,
		"set the clock, for example with timedatectl set-ntp true");
}

static void tell_tenant(const struct diagnosis *d, struct mitok_err *ret)
{
	(void)err_set(ret, MITOK_E_DENIED,
		"Azure DevOps refused the managed identity %s: the organization '%s' "
		"belongs to tenant %s, the identity to tenant %s",
		d->object_id, d->organisation, d->organisations_tenant, d->tenant);
	(void)err_hint(ret, MITOK_E_DENIED,
		"use an application of the organization's tenant that trusts this "
		"identity (federated credential), or connect the organization to the "
		"identity's tenant");
}

/* Without a challenge (git before 2.41 passes none on) it may be the tenant as well. */
static void tell_member(const struct diagnosis *d, struct mitok_err *ret)
{
	bool named = d->organisation[0], compared = d->organisations_tenant[0];

	(void)err_set(ret, MITOK_E_DENIED,
		"Azure DevOps refused a valid token: the managed identity with object id "
		"%s (client id %s) is no user of the organization%s%s%s%s%s%s",
		d->object_id, d->client_id, named ? " '" : "", d->organisation,
		named ? "'" : "",
		compared ? "" : ", which may belong to another tenant than ",
		compared ? "" : d->tenant,
		d->again ? ", and the platform gives the same token again" : "");
	(void)err_hint(ret, MITOK_E_DENIED,
		"%sadd that object id with a Basic licence under "
		"https://dev.azure.com/%s/_settings/users",
		d->gave_up && !d->again
			? "try once more, with another token; if that is refused, "
			: "",
		named ? d->organisation : "ORGANIZATION");
}

void diagnosis_tell(const struct diagnosis *d, struct mitok_err *ret)
{
	if (!text_equal_nocase(d->audience, DEVOPS_RESOURCE)) {
		(void)err_set(ret, MITOK_E_DENIED,
			"Azure DevOps refused the token: it is for '%s', not for Azure "
			"DevOps (" DEVOPS_RESOURCE ")",
			d->audience);
		(void)err_hint(ret, MITOK_E_DENIED,
			"leave it to git-credential-mi-token to get one");
	} else if (d->not_before_s > d->now_s + SKEW_S ||
		d->expires_s < d->now_s - SKEW_S) {
		tell_clock(d, ret);
	} else if (d->organisations_tenant[0] &&
		!text_equal_nocase(d->organisations_tenant, d->tenant)) {
		tell_tenant(d, ret);
	} else {
		tell_member(d, ret);
	}
}
