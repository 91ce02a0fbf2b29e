/* The options of curl's command line: which take a value, and which matter here.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CURL_OPTIONS_H
#define MI_TOKEN_HELPER_CURL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum meaning {
	MEANS_NOTHING,
	MEANS_URL,
	MEANS_NEXT,     /* what follows has options of its own */
	MEANS_CONFIG,   /* there is more than can be seen */
	MEANS_HIDDEN,   /* URLs come from elsewhere */
	MEANS_HEADER,   /* which may be the credentials */
	MEANS_OWN,      /* credentials of the user's own */
	MEANS_TRUSTED,  /* they are sent wherever a redirect leads */
	MEANS_INSECURE, /* anybody may be the server */
	MEANS_REDIRECT, /* what redirects may lead to */
	MEANS_TRACE,    /* what is sent is written into a file */
	MEANS_VERBOSE,  /* and on stderr */
	MEANS_INFO,     /* curl tells about itself and transfers nothing */
};

struct curl_option {
	const char *name;
	char letter; /* 0: none */
	bool takes_value;
	enum meaning means;
};

/* Without case, as older curls take them, but never by a part of the name: which one that
 * is depends on curl's version. NULL: there is none that is known here. */
const struct curl_option *curl_option_named(const char *name, size_t len);
const struct curl_option *curl_option_lettered(char letter);

#endif
