/* Where a URL of curl's command line leads, as far as that is beyond doubt.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CURL_URL_H
#define MI_TOKEN_HELPER_CURL_URL_H

#include <stdbool.h>

struct place {
	char authority[264]; /* host, perhaps with a port, in lower case */
	char host[256];
	char path[1024]; /* begins with '/'; as it stands there, patterns and all */
	bool is_https;   /* it says so, that is: it does not go without saying */
	bool is_own;     /* user, password or signature are in the URL */
};

/* false: what the host is remains open, because it is a pattern, has characters that
 * parsers disagree about, or the scheme is another one. */
bool url_read(const char *url, struct place *ret);

#endif
