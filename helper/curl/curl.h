/* mi-token curl: the machine's tokens for curl, and for nobody else.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CURL_CURL_H
#define MI_TOKEN_HELPER_CURL_CURL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "scan.h"
#include "url.h"

/* The options that stand before curl's own. */
struct own {
	const char *resource, *identity;
	bool quiet, help, version;
};
/* How many of the arguments are ours, "--" included; *o holds what they say. */
enum mitok_code own_parse(int argc, char **argv, struct own *o, int *ret_count,
	struct mitok_err *e) MUST_CHECK;
void own_help(struct text *ret);

enum outcome {
	OUTCOME_NONE,    /* no URL, so nothing is sent */
	OUTCOME_OWN,     /* the user brings credentials */
	OUTCOME_FOREIGN, /* no host that gets tokens */
	OUTCOME_REFUSED, /* some would, but see why */
	OUTCOME_GRANTED,
};
/* What becomes of one section; why is set when it is foreign or refused. */
struct ruling {
	enum outcome outcome;
	char resource[1024], identity[700];
	struct place place; /* the first that gets a token */
	struct mitok_err why;
};
/* For all sections of one command line; zero but for m and o. */
struct judge {
	struct mitok *m;
	const struct own *o;
	char authority[264]; /* the one that --resource is for */
};
void judge_section(
	struct judge *j, const struct scan *s, size_t section, struct ruling *ret);
/* What to ask the library for; its strings are r's and buffer's. */
#define JUDGE_TARGET_SIZE 1400
struct mitok_request judge_request(
	const struct judge *j, const struct place *p, char buffer[JUDGE_TARGET_SIZE]);

/* Adds curl's default configuration, wherever curl may find one. */
void config_scan(struct scan *s);

/* What a program is started with and we change for ourselves. */
struct surroundings {
	unsigned umask;
	bool was_closed[3];
	const char *posix;
	void (*sigpipe)(int);
};
void surroundings_save(struct surroundings *s);
void surroundings_restore(const struct surroundings *s);

#endif
