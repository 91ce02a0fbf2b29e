/* Where tokens come from here, and why not from elsewhere.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "doctor.h"

struct walk {
	const char *chosen;
	struct text about, others;
};

static void take_source(void *arg, const char *name, const char *about,
	const char *missing, int is_chosen)
{
	struct walk *w = arg;

	(void)is_chosen; /* by the configuration; an option goes first */
	if (strcmp(name, w->chosen) == 0)
		text_add(&w->about, about);
	else
		text_addf(&w->others, "%s%s: %s", w->others.len ? "; " : "", name,
			missing ? missing : "is here too");
}

/* A pod that is set up for workload identity has these (azure-workload-identity, "Mutating
 * admission webhook"). */
static void report_pod(struct facts *f)
{
	static const char *const names[] = { "AZURE_CLIENT_ID", "AZURE_TENANT_ID",
		"AZURE_FEDERATED_TOKEN_FILE" };
	AUTO_TEXT missing = { 0 };

	if (!facts_env("KUBERNETES_SERVICE_HOST") || !facts_is_source(f, "imds"))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!facts_env(names[i]))
			text_addf(&missing, "%s%s", missing.len ? ", " : "", names[i]);
	if (!missing.len)
		return;
	report_warn(&f->rep, "sources",
		"this pod is not set up for workload identity, and would act as its "
		"node: "
		"it lacks %s",
		text_peek(&missing));
	report_advice(&f->rep,
		"label the pod azure.workload.identity/use: \"true\", and annotate its "
		"service account with azure.workload.identity/client-id: CLIENT-ID");
}

void climb_sources(struct facts *f)
{
	struct walk w = { .chosen = f->source };

	if (!f->source[0]) {
		report_fail(&f->rep, "sources", &f->err);
		return;
	}
	if (mitok_sources_each(f->m, take_source, &w, NULL) == MITOK_OK) {
		report_ok(&f->rep, "sources", "%s: %s, by %s", f->source,
			text_peek(&w.about), f->source_origin);
		report_ok(&f->rep, "sources", "not %s", text_peek(&w.others));
	}
	text_free(&w.about);
	text_free(&w.others);
	report_pod(f);
	f->known |= KNOWS_SOURCE;
}
