/* When to ask again: the retry matrix and the explanation of broken connections.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_RETRY_H
#define MI_TOKEN_SOURCE_RETRY_H

#include "source/source.h"

/* What is particular to an endpoint. */
struct retry_rules {
	const char *who; /* in sentences: "the VM's metadata service" */
	bool is_imds;    /* 404, 410 and 421 are passing conditions, errno has Azure reasons */
};

/* Sends rq until an answer comes that is not worth another try, within ask->deadline_ms:
 * rq->timeout_ms is set anew for each try. MITOK_OK: *ret is an answer with a status, which
 * may be an error's; else nobody answered and *e says why, and what to do. */
enum mitok_code retry_exchange(const struct host *h, const struct ask *ask,
	const struct retry_rules *rules, struct http_request *rq, struct http_reply *ret,
	struct mitok_err *e) MUST_CHECK;

/* Milliseconds that Retry-After, retry-after-ms or x-ms-retry-after-ms ask for (seconds or
 * a date, RFC 9110 section 10.2.3), -1 when absent or nonsense. */
int64_t retry_after_ms(const struct http_reply *r, int64_t now_s);

#endif
