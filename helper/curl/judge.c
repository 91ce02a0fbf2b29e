/* Which sections of a command line of curl's get which token.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "curl.h"

/* Why there is no token although a host would get one; the first that fits is told. */
static const struct {
	unsigned flag;
	const char *why, *hint;
} reasons[] = {
	{ SCAN_STRANGER,
		"an option of curl's is not known, so which of the words are URLs is not "
		"either",
		"options have to be spelt out, as in --location" },
	{ SCAN_CONFIG, "a configuration file of curl's may send it anywhere",
		"give the options without --config, or -q as the first" },
	{ SCAN_HIDDEN, "there are URLs that curl gets from elsewhere",
		"put them on the command line" },
	{ SCAN_TRUSTED, "--location-trusted sends the token wherever a redirect leads",
		"use --location" },
	{ SCAN_INSECURE, "--insecure sends the token to whoever answers",
		"--cacert FILE names whom to trust" },
	{ SCAN_REDIRECT, "--proto-redir lets the token out of https",
		"use --proto-redir =https" },
	{ SCAN_TRACE, "--trace, --trace-ascii and --libcurl write the token into a file",
		"-i shows the answer's headers" },
	{ SCAN_VERBOSE, "-v shows the token, which ends up in logs",
		"-i shows the answer's headers" },
};

struct mitok_request judge_request(
	const struct judge *j, const struct place *p, char buffer[JUDGE_TARGET_SIZE])
{
	struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = j->o->resource,
		.identity = j->o->identity,
	};

	(void)snprintf(buffer, JUDGE_TARGET_SIZE, "https://%s%s", p->authority, p->path);
	if (rq.resource) {
		rq.host = p->host;
		rq.path = p->path;
	} else {
		rq.target = buffer;
	}
	return rq;
}

static void note_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	struct ruling *r = arg;

	(void)origin;
	if (strcmp(name, "resource") == 0)
		(void)!TEXT_COPY(r->resource, value);
	else if (strcmp(name, "identity") == 0)
		(void)!TEXT_COPY(r->identity, value);
}

static void refuse(struct ruling *r, const char *why, const char *hint)
{
	r->outcome = OUTCOME_REFUSED;
	(void)err_set(&r->why, MITOK_E_ARG, "%s", why);
	(void)err_hint(&r->why, MITOK_E_ARG, "%s", hint);
}

/* What the library makes of one place: foreign, refused or granted. */
static void judge_place(struct judge *j, const struct place *p, struct ruling *ret)
{
	char buffer[JUDGE_TARGET_SIZE];
	struct mitok_request rq = judge_request(j, p, buffer);
	enum mitok_code code = mitok_choice_each(j->m, &rq, note_choice, ret, &ret->why);

	if (code == MITOK_E_ARG && !j->o->resource) {
		ret->outcome = OUTCOME_FOREIGN;
	} else if (code) {
		ret->outcome = OUTCOME_REFUSED;
	} else if (j->o->resource && j->authority[0] &&
		strcmp(j->authority, p->authority) != 0) {
		refuse(ret, "with --resource all URLs have to be of one host",
			"run curl once for each");
	} else if (!p->is_https) {
		refuse(ret, "tokens go over https alone", "begin the URL with https://");
	} else {
		ret->outcome = OUTCOME_GRANTED;
		ret->place = *p;
		(void)!TEXT_COPY(j->authority, p->authority);
	}
}

static void judge_url(struct judge *j, const char *url, struct ruling *ret)
{
	struct place p;

	if (!url_read(url, &p)) {
		ret->outcome = OUTCOME_FOREIGN;
		(void)err_set(&ret->why, MITOK_E_ARG,
			"the host of a URL is a pattern, or no plain name");
	} else if (p.is_own) {
		ret->outcome = OUTCOME_OWN;
	} else {
		judge_place(j, &p, ret);
	}
}

/* What r and one more URL's ruling make together. */
static void join(struct ruling *r, const struct ruling *next)
{
	if (r->outcome == OUTCOME_OWN || r->outcome == OUTCOME_REFUSED)
		return;
	if (r->outcome == OUTCOME_NONE || next->outcome == OUTCOME_OWN ||
		next->outcome == OUTCOME_REFUSED)
		*r = *next;
	else if (r->outcome != next->outcome)
		refuse(r, "URLs of other hosts would get the token too",
			"put --next between what is for different hosts");
	else if (r->outcome == OUTCOME_GRANTED &&
		(strcmp(r->resource, next->resource) != 0 ||
			strcmp(r->identity, next->identity) != 0))
		refuse(r, "the URLs need different tokens",
			"put --next between what is for different hosts");
}

static const char *find_reason(unsigned flags, const char **ret_hint)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (flags & reasons[i].flag) {
			*ret_hint = reasons[i].hint;
			return reasons[i].why;
		}
	}
	return NULL;
}

void judge_section(
	struct judge *j, const struct scan *s, size_t section, struct ruling *ret)
{
	unsigned flags = s->flags | s->sections[section].flags;
	bool some = false; /* would get a token, each for itself */
	const char *hint = NULL, *why = find_reason(flags, &hint);

	*ret = (struct ruling){ .outcome = OUTCOME_NONE };
	for (size_t i = 0; i < s->url_count; i++) {
		struct ruling next = { .outcome = OUTCOME_NONE };

		if (s->urls[i].section != section)
			continue;
		judge_url(j, s->urls[i].text, &next);
		some = some || next.outcome == OUTCOME_GRANTED;
		join(ret, &next);
	}
	if (ret->outcome != OUTCOME_NONE && (flags & SCAN_OWN))
		ret->outcome = OUTCOME_OWN;
	if (some && why && ret->outcome != OUTCOME_OWN)
		refuse(ret, why, hint);
}
