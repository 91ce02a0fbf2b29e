/* The Azure Arc agent (Microsoft Learn, "Authenticate against Azure resources with Azure
 * Arc-enabled servers"): a key in a file that only privileged users can read.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "oauth.h"

/* The agent's installation makes the directory; here the first challenge does. */
static void make_dirs(const char *dir)
{
	char path[512];

	if (!TEXT_COPY(path, dir))
		return;
	for (char *at = path + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		(void)mkdir(path, 0755);
	}
	(void)mkdir(path, 0755);
}

/* A new key of the wanted size, letters and digits, in its file. */
static bool write_key(struct world *w, const char *dir, struct challenge *ret)
{
	int64_t size = scenario_number(w, "arc", "key_size", 64);
	mode_t mode = (mode_t)scenario_number(w, "arc", "key_mode", 0440);
	char key[GUID_SIZE], name[GUID_SIZE];
	AUTO_FD fd = -1;

	errno = EINVAL;
	make_guid(w, "arc key", key);
	make_guid(w, "arc file", name);
	if (size < 1 || size >= (int64_t)sizeof(ret->key) ||
		snprintf(ret->file, sizeof(ret->file), "%s/%s.key", dir, name) >=
			(int)sizeof(ret->file))
		return false;
	for (int64_t i = 0; i < size; i++)
		ret->key[i] = key[i % 8];
	ret->key[size] = '\0';
	make_dirs(dir);
	fd = open(ret->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd >= 0 && file_write_all(fd, ret->key, (size_t)size) &&
		fchmod(fd, mode) == 0;
}

static void challenge(struct world *w, struct reply *rp)
{
	const char *dir = scenario_text(w, "arc", "tokens", "/var/opt/azcmagent/tokens");
	struct challenge *c = &w->challenges[w->next_challenge++ % CHALLENGES_MAX];
	AUTO_TEXT value = { 0 };

	if (c->key[0])
		(void)unlink(c->file);
	if (!write_key(w, dir, c)) {
		fprintf(stderr, "azure-sim: cannot write a key into '%s': %s\n", dir,
			strerror(errno));
		return reply_status(rp, 500);
	}
	text_addf(&value, "Basic realm=%s", c->file);
	reply_header(rp, "Www-Authenticate", text_peek(&value));
	oauth_error(rp, 401, "unauthorized_client", "Missing Basic Authorization header");
}

/* A key opens once. */
static bool opens(struct world *w, const char *authorization)
{
	static const char basic[] = "Basic ";

	for (unsigned i = 0; i < CHALLENGES_MAX; i++) {
		struct challenge *c = &w->challenges[i];

		if (!c->key[0] || !text_starts(authorization, basic) ||
			strcmp(authorization + strlen(basic), c->key) != 0)
			continue;
		c->key[0] = '\0';
		(void)unlink(c->file);
		return true;
	}
	return false;
}

/* Agents that do not know user-assigned identities ignore the selector without a word. */
static const struct identity *choose(
	struct world *w, const struct params *p, bool *ret_echo)
{
	struct selector s = { params_get(p, "client_id"), params_get(p, "object_id"),
		params_get(p, "msi_res_id") };
	bool named = s.client_id || s.object_id || s.resource_id;

	*ret_echo = named && scenario_number(w, "arc", "user_assigned", 0);
	if (*ret_echo)
		return scenario_select(w, &s);
	return w->system.client_id ? &w->system : NULL;
}

static void give(struct world *w, const struct params *p, struct reply *rp)
{
	const char *resource = params_get(p, "resource");
	bool echo;
	const struct identity *id = choose(w, p, &echo);
	const struct token *t = id ? token_issue(w, TOKEN_MANAGED, id, resource) : NULL;
	AUTO_TEXT body = { 0 };

	if (!t)
		return oauth_error(rp, 404, "identity_not_found", "Identity not found");
	text_addf(&body, "{\"access_token\":\"%s\",\"expires_in\":\"%lld\"", t->text,
		(long long)(t->expires_on - now_s() - 1));
	oauth_add_expires_on(w, "arc", "epoch", t->expires_on, &body);
	text_addf(&body,
		",\"not_before\":\"%lld\",\"resource\":", (long long)t->not_before);
	text_add_json(&body, resource);
	text_add(&body, ",\"token_type\":\"Bearer\"");
	if (echo)
		text_addf(&body,
			",\"client_id\":\"%s\",\"object_id\":\"%s\",\"msi_res_id\":\"%"
			"s\"",
			id->client_id, id->object_id, id->resource_id);
	text_add(&body, "}");
	reply_json(rp, 200, "%s", text_peek(&body));
}

static bool is_version(const char *version)
{
	static const char *const rows[] = { "2019-11-01", "2020-06-01", "2021-02-01" };

	for (size_t i = 0; version && i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i], version) == 0)
			return true;
	return false;
}

void arc_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *metadata = request_header(rq, "Metadata"), *resource;
	const char *authorization = request_header(rq, "Authorization");
	AUTO_PARAMS p = { 0 };

	params_parse(&p, rq->query);
	resource = params_get(&p, "resource");
	if (!text_equal_nocase(rq->path, "/metadata/identity/oauth2/token"))
		return oauth_error(rp, 404, "not_found", "Not found");
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	if (!metadata || strcmp(metadata, "true") != 0)
		return oauth_error(rp, 400, "bad_request_102",
			"Required metadata header not specified");
	if (p.broken || p.repeated || !is_version(params_get(&p, "api-version")))
		return oauth_error(
			rp, 400, "bad_request", "The api-version is not supported");
	if (!resource || !*resource)
		return oauth_error(rp, 400, "invalid_request",
			"Required audience parameter not specified");
	if (!authorization || !opens(w, authorization))
		return challenge(w, rp);
	if (!scenario_knows_resource(w, resource))
		return oauth_unknown_resource(w, rp, resource);
	give(w, &p, rp);
}
