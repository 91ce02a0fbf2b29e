/* What else this machine shows of itself.
 * SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../git/run.h"
#include "base/file.h"

/* What a platform sets besides the variables that its source is chosen by: any of them is
 * proof. */
static const struct {
	const char *source, *unset, *proofs[5];
} platforms[] = {
	{ "app-service", "IDENTITY_ENDPOINT IDENTITY_HEADER",
		{ "WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME",
			"CONTAINER_APP_REVISION" } },
	{ "app-service-2017", "MSI_ENDPOINT MSI_SECRET",
		{ "WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID" } },
	{ "cloud-shell", "MSI_ENDPOINT", { "ACC_CLOUD", "ACC_TERM_ID", "ACC_OID" } },
	{ "workload", "AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_ID AZURE_TENANT_ID",
		{ "KUBERNETES_SERVICE_HOST", "GITHUB_ACTIONS" } },
	{ "arc", "IDENTITY_ENDPOINT IMDS_ENDPOINT", { NULL } },
};

static bool has_any(const char *const *names)
{
	for (; *names; names++)
		if (facts_env(*names))
			return true;
	return false;
}

bool evidence_is_stale(const struct facts *f, const char **ret)
{
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		if (!facts_is_source(f, platforms[i].source) ||
			has_any(platforms[i].proofs))
			continue;
		/* Arc's agent is a program, and its variables are of every login. */
		if (facts_is_source(f, "arc") &&
			(access("/opt/azcmagent/bin/himds", F_OK) == 0 ||
				!facts_env("IMDS_ENDPOINT")))
			continue;
		*ret = platforms[i].unset;
		return true;
	}
	return false;
}

/* Whether the file is there and begins so. */
static bool file_says(const char *path, const char *text)
{
	char start[64] = "";
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof(start) - 1);

	return n > 0 && text_starts(start, text);
}

static bool is_container(void)
{
	return access("/.dockerenv", F_OK) == 0 ||
		access("/run/.containerenv", F_OK) == 0 || facts_env("container") ||
		facts_env("KUBERNETES_SERVICE_HOST");
}

/* Programs that keep others away from the metadata service. */
static const struct {
	const char *path, *what;
} guards[] = {
	{ "/usr/lib/systemd/systemd-imdsd", "systemd-imdsd" },
	{ "/lib/systemd/systemd-imdsd", "systemd-imdsd" },
	{ "/usr/sbin/azure-proxy-agent", "Guest Proxy Agent" },
	{ "/lib/azure-proxy-agent", "Guest Proxy Agent" },
};

static void tell_guards(struct facts *f)
{
	for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
		if (access(guards[i].path, F_OK) == 0)
			report_advice(&f->rep, "seen here: %s (%s)", guards[i].what,
				guards[i].path);
}

/* What the kernel does with the address, in the words of ip(8). */
static void tell_route(struct facts *f)
{
	char path[PATH_MAX];
	const char *argv[] = { path, "-o", "route", "get", "169.254.169.254", NULL };
	AUTO_RUN r = { .argv = argv, .timeout_ms = 1000 };
	struct mitok_err e;
	const char *said;

	if (!run_find("ip", path)) /* not in the PATH of ordinary users */
		(void)!TEXT_COPY(path, "/usr/sbin/ip");
	if (access(path, X_OK) < 0 || run(&r, &e))
		return;
	said = r.out.len ? text_peek(&r.out) : text_peek(&r.err);
	report_advice(&f->rep, "ip route get 169.254.169.254: %.*s",
		(int)strcspn(said, "\n\\"), said); /* -o has a backslash for a new line */
}

void evidence_tell(struct facts *f)
{
	const char *unset;

	if (evidence_is_stale(f, &unset)) {
		report_advice(&f->rep,
			"nothing else of that platform is here: the variables may be "
			"left "
			"over; unset %s",
			unset);
		return;
	}
	if (!facts_is_source(f, "imds"))
		return;
	tell_route(f);
	tell_guards(f);
	if (is_container())
		report_advice(&f->rep,
			"seen here: a container; its network decides whether it reaches "
			"the host's metadata service");
	/* The tag of Azure's virtual machines, as cloud-init and systemd know them. */
	if (file_says("/sys/class/dmi/id/chassis_asset_tag",
		    "7783-7084-3265-9085-8269-3286-77"))
		report_advice(&f->rep,
			"seen here: an Azure virtual machine, by its firmware: the way "
			"to "
			"the metadata service is what is wrong");
}
