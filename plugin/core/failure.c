/* Failures that processes share, so that those who waited for one need not fail again.
 * SPDX-License-Identifier: MIT */
#include "core/failure.h"

#include <string.h>

/* No service may silence this machine for longer, whatever its Retry-After says. */
#define WAIT_MAX_MS INT64_C(300000)

struct failure {
	struct mitok_err err;
	int64_t at_ms, not_before_ms; /* on moment.boot_ms */
	int64_t tried_ms;
	char boot_id[40];
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct failure, "code", RECORD_CODE, err.code),
	RECORD_FIELD(struct failure, "status", RECORD_CODE, err.http_status),
	RECORD_FIELD(struct failure, "aadsts", RECORD_CODE, err.aadsts),
	RECORD_FIELD(struct failure, "retry-after", RECORD_CODE, err.retry_after_s),
	RECORD_FIELD(struct failure, "source", RECORD_TEXT, err.source),
	RECORD_FIELD(struct failure, "correlation", RECORD_TEXT, err.correlation_id),
	RECORD_FIELD(struct failure, "message", RECORD_TEXT, err.message),
	RECORD_FIELD(struct failure, "hint", RECORD_TEXT, err.hint),
	RECORD_FIELD(struct failure, "at", RECORD_NUMBER, at_ms),
	RECORD_FIELD(struct failure, "not-before", RECORD_NUMBER, not_before_ms),
	RECORD_FIELD(struct failure, "tried", RECORD_NUMBER, tried_ms),
	RECORD_FIELD(struct failure, "boot-id", RECORD_TEXT, boot_id),
	{ NULL, RECORD_TEXT, 0, 0 },
};

void failure_publish(const struct cache *c, const char *key, const struct mitok_err *e,
	const struct failure_note *note)
{
	int64_t wait_ms = note->wait_ms < WAIT_MAX_MS ? note->wait_ms : WAIT_MAX_MS;
	struct failure f = {
		.err = *e,
		.at_ms = note->at.boot_ms,
		.not_before_ms = note->at.boot_ms + wait_ms,
		.tried_ms = note->tried_ms,
	};

	(void)!TEXT_COPY(f.boot_id, c->boot_id);
	cache_write(c, CACHE_FAILURE, key, fields, &f);
}

int64_t failure_find(const struct cache *c, const char *key, const struct failure_view *v,
	struct mitok_err *ret)
{
	struct failure f = { 0 };
	int64_t wait_ms;

	if (!cache_read(c, CACHE_FAILURE, key, fields, &f) ||
		strcmp(f.boot_id, c->boot_id) != 0 || f.at_ms > v->now.boot_ms ||
		f.err.code == MITOK_OK)
		return -1;
	wait_ms = f.not_before_ms - v->now.boot_ms;
	if (wait_ms > WAIT_MAX_MS)
		return -1;
	if (wait_ms <= 0 &&
		(f.at_ms < v->since_ms ||
			(f.err.code == MITOK_E_LATER && f.tried_ms < v->left_ms)))
		return -1;
	*ret = f.err;
	return wait_ms > 0 ? wait_ms : 0;
}
