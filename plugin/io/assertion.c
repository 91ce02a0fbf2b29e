/* Client assertions: the transport module signs them, which has OpenSSL anyway.
 * SPDX-License-Identifier: MIT */
#include "io/assertion.h"

#include "io/http.h"

enum mitok_code assertion_make(
	const struct assertion_ask *a, struct secret *ret, struct mitok_err *e)
{
	const struct http_module *m =
		(const struct http_module *)module_find("transport", e);

	return m ? m->sign(a, ret, e) : MITOK_E_CONF;
}
