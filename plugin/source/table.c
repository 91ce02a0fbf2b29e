/* The order in which places for tokens are tried.
 * SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <string.h>

/* Evidence in the environment first, what only the network can tell last; and what has
 * more evidence before what has part of it: workload before all, because a pod that is
 * set up for it runs on a VM with IMDS; service-fabric has App Service's two variables
 * and a third; app-service before its old self, because the platform sets the variables
 * of both; azure-ml has the variables of app-service-2017 and one more, and its default
 * identity is another than the one App Service's rules would give; arc is recognised by a
 * file too, which says less than a variable. */
const struct source *const sources[] = {
	&source_workload,
	&source_fabric,
	&source_appservice,
	&source_azureml,
	&source_appservice_2017,
	&source_cloudshell,
	&source_arc,
	&source_imds,
	NULL,
};

/* Nobody becomes a service principal, or whoever is signed in, because variables were left
 * behind: an administrator or a user has to want it. */
const struct source *const sources_by_name[] = {
	&source_environment,
	&source_azure_cli,
	NULL,
};

static const struct source *find_in(const struct source *const *s, const char *name)
{
	while (*s && strcmp((*s)->name, name) != 0)
		s++;
	return *s;
}

const struct source *source_find(const char *name)
{
	const struct source *found = find_in(sources, name);

	return found ? found : find_in(sources_by_name, name);
}

void grant_wipe(struct grant *g)
{
	secret_wipe(&g->token);
	*g = (struct grant){ 0 };
}
