/* OpenSSL: whether programs find keys in vaults, and in which order they ask providers.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../azkv/library.h"
#include "tools.h"

void tools_openssl(struct report *r)
{
	struct mitok_err e = { 0 };
	AUTO_LIBRARY l = { .ctx = NULL };

	enum mitok_code code = library_configure(&l, &e);

	if (!code && l.ours)
		code = library_report(&l, r, &e);
	else if (!code)
		report_ok(r, "openssl.cnf",
			"does not load azkv, for keys in vaults; `mi-token openssl-conf "
			"--install` sets that up");
	if (code)
		report_fail(r, "openssl.cnf", &e);
}
