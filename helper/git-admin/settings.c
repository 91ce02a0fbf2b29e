/* Lines of git's configuration besides the helpers that matter to a token.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "../git/gcm.h"
#include "../git/host.h"

static bool is_true(const char *value)
{
	static const char *const words[] = { "true", "yes", "on", "1", "" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (text_equal_nocase(value, words[i]))
			return true;
	return false;
}

/* Rules may look at what git does not tell. On one host are all organisations, so there it
 * matters to most. */
static enum mitok_code check_path(struct check *c, struct mitok_err *e)
{
	const struct git_key key = { "credential", "useHttpPath", c->url.text };
	char value[256];
	bool found;
	enum mitok_code r = git_value(&c->git, &key, value, &found, e);

	if (r)
		return r;
	c->tells_path = found && is_true(value);
	if (c->tells_path) {
		report_ok(&c->rep, "path",
			"useHttpPath is true: git tells the helper the path");
		return MITOK_OK;
	}
	if (host_kind(c->url.host) != HOST_REPOS ||
		!text_starts_nocase(c->url.host, "dev.azure.com")) {
		report_ok(&c->rep, "path", "git tells the helper the host alone");
		return MITOK_OK;
	}
	report_warn(&c->rep, "path",
		"useHttpPath is not true: git tells the helper the host alone, and rules "
		"that look at the path refuse the token");
	report_advice(&c->rep, "run %s",
		found ? "`git config --global "
			"credential.https://dev.azure.com.useHttpPath "
			"true`"
		      : "`mi-token git configure`");
	return MITOK_OK;
}

/* The value is a secret, mostly; not even its length is told. */
static enum mitok_code check_header(struct check *c, struct mitok_err *e)
{
	const struct git_key key = { "http", "extraHeader", c->url.text };
	struct git_list list = { .count = 0 };
	enum mitok_code r = git_values(&c->git, &key, &list, e);

	for (size_t i = list.first; i < list.count && !r; i++) {
		const struct git_entry *entry = &list.rows[i];
		bool is_file = text_starts(entry->origin, "file:");

		report_warn(&c->rep, "header",
			"http.extraHeader is set (%s%s%s): it goes before any helper, "
			"and "
			"to wherever the server redirects",
			entry->scope, is_file ? ", " : "",
			is_file ? entry->origin + strlen("file:") : "");
		report_advice(&c->rep,
			"take it away, if it is an Authorization header: the helper "
			"makes "
			"it needless");
	}
	git_list_free(&list);
	return r;
}

static enum mitok_code check_proxy(struct check *c, struct mitok_err *e)
{
	const struct git_key key = { "http", "proxy", c->url.text };
	char value[256];
	bool found;
	enum mitok_code r = git_value(&c->git, &key, value, &found, e);

	if (!r && found && *value)
		report_ok(&c->rep, "proxy",
			"http.proxy is for git; the identity endpoint is never asked "
			"through it");
	return r;
}

/* What our helper makes of git-credential-manager's words. */
static void take_gcm(struct check *c, const char *value, const char *origin)
{
	struct mitok_err e = { .code = MITOK_OK };

	if (gcm_selector(value, origin, c->gcm_identity, sizeof(c->gcm_identity), &e)) {
		report_fail(&c->rep, "manager", &e);
		return;
	}
	report_ok(&c->rep, "manager", "%s is honoured", origin);
	c->gcm_origin = origin;
}

/* As our helper decides: its own option, our variable, the manager's, its setting. */
static enum mitok_code check_gcm(struct check *c, struct mitok_err *e)
{
	static const char setting[] = "credential.azreposManagedIdentity";
	static const char name[] = "GCM_AZREPOS_MANAGEDIDENTITY";
	const struct git_key key = { "credential", "azreposManagedIdentity",
		c->url.text };
	const char *variable = secure_getenv(name);
	char value[256];
	bool found;
	enum mitok_code r = git_value(&c->git, &key, value, &found, e);

	if (r || (!found && !variable))
		return r;
	if (c->identity.len || secure_getenv("MI_TOKEN_IDENTITY")) {
		report_ok(&c->rep, "manager", "%s is not used: %s goes first",
			variable ? name : setting,
			c->identity.len ? "--identity" : "MI_TOKEN_IDENTITY");
	} else if (variable) {
		take_gcm(c, variable, name);
	} else if (c->gcm) {
		take_gcm(c, value, setting);
	} else {
		report_warn(&c->rep, "manager", "%s is set, and not honoured", setting);
		report_advice(&c->rep,
			"`mi-token git configure` has it honoured, or --identity names "
			"another");
	}
	return MITOK_OK;
}

enum mitok_code check_settings(struct check *c, struct mitok_err *e)
{
	enum mitok_code r = check_path(c, e);

	if (!r)
		r = check_header(c, e);
	if (!r)
		r = check_proxy(c, e);
	return r ? r : check_gcm(c, e);
}
