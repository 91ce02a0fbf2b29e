/* When to ask again: the retry matrix and the explanation of broken connections.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_RETRY_H
#define MI_TOKEN_SOURCE_RETRY_H

#include "source/peer.h"

/* Sends rq until an answer comes that is not worth another try, within the ask's
 * deadline_ms: rq->timeout_ms and connect_ms are set anew for each try, and a wait
 * that would end behind the deadline is not begun. MITOK_OK: *ret is an answer with a
 * status, which may be an error's; else nobody answered and *e says why, and what to do.
 */
enum mitok_code retry_exchange(const struct call *c, struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e) MUST_CHECK;

/* No service is believed that wants to be left alone for longer. */
#define RETRY_AFTER_MAX_MS INT64_C(3600000)

/* Milliseconds that Retry-After, retry-after-ms or x-ms-retry-after-ms ask for (seconds
 * or a date, RFC 9110 section 10.2.3), at most RETRY_AFTER_MAX_MS; -1 when absent or
 * nonsense. */
int64_t retry_after_ms(const struct http_reply *r, int64_t now_s);

#endif
