/* az and docker: whose is the one in PATH.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../git/run.h"
#include "base/file.h"
#include "doctor.h"
#include "io/json.h"
#include "tools.h"

void tools_az(struct report *r)
{
	char path[PATH_MAX], real[PATH_MAX];
	const char *name;

	if (!run_find("az", path)) {
		report_ok(r, "az",
			"it is not in PATH; what `mi-token exec -- COMMAND` runs has "
			"ours");
		return;
	}
	name = realpath(path, real) ? strrchr(real, '/') : NULL;
	if (name && strcmp(name, "/mi-token-az") == 0)
		report_ok(r, "az", "%s is mi-token's", path);
	else
		report_ok(r, "az",
			"%s is the Azure CLI, or another: it acts as whoever has signed "
			"in "
			"there (az login --identity)",
			path);
}

/* The file of `docker login` (docs.docker.com, "docker login", Credential stores). */
static struct json *read_settings(char path[PATH_MAX])
{
	const char *folder = facts_env("DOCKER_CONFIG"), *home = facts_env("HOME");
	AUTO_TEXT name = { 0 };
	AUTO_SECRET file = { 0 };
	struct json *j = NULL;

	path[0] = '\0';
	if (!folder && !home)
		return NULL;
	text_addf(&name, "%s%s/config.json", folder ? folder : home,
		folder ? "" : "/.docker");
	if (!text_ok(&name) || !text_copy(path, PATH_MAX, text_peek(&name)))
		return NULL;
	if (file_read(AT_FDCWD, &(struct file_ask){ path, 0, (size_t)256 * 1024, NULL },
		    &file, NULL) ||
		json_parse(secret_peek(&file), file.len, &j, NULL))
		return NULL;
	return j;
}

void tools_docker(struct report *r)
{
	static const char program[] = "docker-credential-mi-token";
	char path[PATH_MAX], found[PATH_MAX];
	AUTO_JSON j = read_settings(path);
	const struct json *helpers = json_member(j, "credHelpers");
	const char *store = json_text(json_member(j, "credsStore"));
	unsigned count = 0;

	for (const struct json *h = helpers ? helpers->child : NULL; h; h = h->next)
		count += json_text(h) && strcmp(json_text(h), "mi-token") == 0;
	if (store && strcmp(store, "mi-token") == 0) {
		report_warn(r, "docker",
			"credsStore in %s is mi-token, which keeps nothing: sign-ins at "
			"other registries are refused",
			path);
		report_advice(r, "name it for single registries, in credHelpers");
	} else if (count && !run_find(program, found)) {
		report_warn(r, "docker",
			"%s asks mi-token for %u registr%s, and %s is not in PATH", path,
			count, count == 1 ? "y" : "ies", program);
		report_advice(r, "install it into a folder of PATH");
	} else if (count) {
		report_ok(r, "docker", "asks %s for %u registr%s", found, count,
			count == 1 ? "y" : "ies");
	} else {
		report_ok(r, "docker", "it does not ask mi-token for registries");
	}
}

/* Nothing of it takes so long, unless it hangs; there may be no time left by now. */
#define GIT_MS 2000

void climb_tools(struct facts *f)
{
	f->rep.under = "tools";
	tools_git(&f->rep, GIT_MS);
	tools_az(&f->rep);
	tools_docker(&f->rep);
	tools_openssl(&f->rep);
	f->rep.under = NULL;
}
