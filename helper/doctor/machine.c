/* The machine that this is, and its clock.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doctor.h"

/* Tokens are taken for so long before they are valid, by most services; nobody promises
 * it. */
#define SKEW_WARN_S 60
#define SKEW_FAIL_S 300

/* What the metadata service says (Microsoft Learn, "Azure Instance Metadata Service",
 * compute). */
static const struct {
	const char *member, *word;
} members[] = {
	{ "vmScaleSetName", "of scale set" },
	{ "resourceGroupName", "resource group" },
	{ "subscriptionId", "subscription" },
	{ "azEnvironment", "cloud" },
	{ "location", "region" },
};

static const char *member(const struct facts *f, const char *name)
{
	const char *text = json_text(json_member(f->machine, name));

	return text ? text : "";
}

static void report_vm(struct facts *f)
{
	AUTO_TEXT t = { 0 };

	text_addf(&t, "virtual machine %s", member(f, "name"));
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (*member(f, members[i].member))
			text_addf(&t, ", %s %s", members[i].word,
				member(f, members[i].member));
	report_ok(&f->rep, "machine", "%s", text_peek(&t));
}

/* What platforms tell in variables (Microsoft Learn, "Environment variables and app settings
 * in Azure App Service", "Manage environment variables on Azure Container Apps"). */
static const struct {
	const char *variable, *word;
} variables[] = {
	{ "WEBSITE_SITE_NAME", "App Service" },
	{ "WEBSITE_RESOURCE_GROUP", "resource group" },
	{ "WEBSITE_OWNER_NAME", "subscription and plan" },
	{ "REGION_NAME", "region" },
	{ "CONTAINER_APP_NAME", "Container App" },
	{ "CONTAINER_APP_REVISION", "revision" },
	{ "AZUREML_RUN_ID", "Azure Machine Learning run" },
	{ "Fabric_ServiceName", "Service Fabric service" },
	{ "ACC_CLOUD", "Cloud Shell of cloud" },
	{ "KUBERNETES_SERVICE_HOST", "pod of the Kubernetes cluster at" },
};

/* Elsewhere: what the platform says, and whose identity is the machine's own. */
static void report_platform(struct facts *f)
{
	const char *id =
		f->token ? mitok_token_text(f->token, MITOK_TEXT_RESOURCE_ID) : "";
	AUTO_TEXT t = { 0 };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (facts_env(variables[i].variable))
			text_addf(&t, "%s%s %s", t.len ? ", " : "", variables[i].word,
				facts_env(variables[i].variable));
	if (*id && !strcasestr(id, "/userAssignedIdentities/"))
		text_addf(&t, "%s%s", t.len ? ": " : "", id);
	if (t.len)
		report_ok(&f->rep, "machine", "%s", text_peek(&t));
	else
		report_ok(&f->rep, "machine", "the platform tells nothing of it");
}

void climb_machine(struct facts *f)
{
	if (f->machine)
		report_vm(f);
	else if (!f->was_probed)
		report_platform(f);
	else if (f->probe.fault)
		report_warn(&f->rep, "machine",
			"the metadata service does not tell about it: %s",
			f->probe.detail);
	else
		report_warn(&f->rep, "machine",
			"the metadata service does not tell about it (HTTP %d)",
			f->probe.status);
}

static void fail_clock(struct facts *f, const char *date, int64_t ahead)
{
	struct mitok_err e = { 0 };
	AUTO_TEXT span = { 0 };

	clock_add_length(&span, ahead > 0 ? ahead : -ahead);
	(void)err_set(&e, MITOK_E_CONF,
		"this machine's clock is %s %s: the service says %s", text_peek(&span),
		ahead > 0 ? "ahead" : "behind", date);
	(void)err_hint(&e, MITOK_E_CONF,
		"tokens look expired, or not yet valid: sudo timedatectl set-ntp true; "
		"chronyc tracking shows what it follows");
	report_fail(&f->rep, "clock", &e);
	f->clock_is_off = true;
	/* The service has proved to be Azure's, and a token that it makes for now has expired
	 * by this clock: no failure of its own. */
	if (f->stage == STAGE_SERVICE && f->err.code == MITOK_E_REPLY)
		f->stage = STAGE_TOKEN;
}

void climb_clock(struct facts *f)
{
	char date[64], text[CLOCK_TEXT_SIZE];
	int64_t theirs, ahead;

	/* Whoever else answers may have any. */
	if (!f->machine || !http_header_value(&f->probe, "date", 0, date, sizeof(date)) ||
		!clock_parse_date(date, &theirs)) {
		report_skip(
			&f->rep, "clock", "not tried: no answer of Azure's with a date");
		return;
	}
	ahead = f->probe_s - theirs;
	clock_format(theirs, text);
	if (llabs(ahead) >= SKEW_FAIL_S)
		fail_clock(f, text, ahead);
	else if (llabs(ahead) >= SKEW_WARN_S)
		report_warn(&f->rep, "clock", "%lld s %s the service's", llabs(ahead),
			ahead > 0 ? "ahead of" : "behind");
	else
		report_ok(&f->rep, "clock", "within %lld s of the service's",
			llabs(ahead) + 1);
}
