/* What a command line of curl's will do: its URLs, by section, and what else decides whether
 * a token may go there.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CURL_SCAN_H
#define MI_TOKEN_HELPER_CURL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum scan_flag {
	/* Of one section. */
	SCAN_OWN = 1 << 0,      /* brings credentials of the user's own */
	SCAN_TRUSTED = 1 << 1,  /* --location-trusted */
	SCAN_INSECURE = 1 << 2, /* --insecure */
	SCAN_REDIRECT = 1 << 3, /* --proto-redir, but to https alone */
	SCAN_HIDDEN = 1 << 4,   /* URLs that do not stand there */

	/* Of the whole. */
	SCAN_STRANGER = 1 << 8, /* an option that is not known: all else is guesswork */
	SCAN_CONFIG = 1 << 9,   /* a configuration file that may say anything */
	SCAN_TRACE = 1 << 10,   /* --trace and its like */
	SCAN_VERBOSE = 1 << 11,
	SCAN_NOTHING =
		1 << 12, /* curl transfers nothing: --help, or a value is missing */
};

/* Options up to the next --next (curl(1), "-:"). */
struct scan_section {
	int at; /* options of ours go before this argument */
	unsigned flags;
	bool has_url; /* also of those that do not stand there */
};

struct scan_url {
	const char *text; /* lent by the command line */
	size_t section;
};

struct scan {
	struct scan_section *sections; /* at least one */
	struct scan_url *urls;
	size_t section_count, url_count;
	unsigned flags;
	bool reads_config;    /* curl reads its default configuration first */
	const char *stranger; /* the option that is not known, lent */
};

/* argv is curl's, with a name at 0 and NULL at argc. false: memory is out. */
bool scan_args(int argc, char *const *argv, struct scan *ret);
/* The text of the default configuration, which counts for the first section. */
void scan_config(struct scan *s, const char *text);
void scan_free(struct scan *s);
#define AUTO_SCAN __attribute__((cleanup(scan_free))) struct scan

#endif
