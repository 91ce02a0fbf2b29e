/* What git tells a credential helper: key=value lines on stdin.
 * SPDX-License-Identifier: MIT
 *
 * git-credential(1), "INPUT/OUTPUT FORMAT". */
#ifndef MI_TOKEN_HELPER_GIT_CREDENTIAL_H
#define MI_TOKEN_HELPER_GIT_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

/* The whole input, and one line of it, are at most so long, in bytes. */
#define CREDENTIAL_MAX      ((size_t)512 * 1024)
#define CREDENTIAL_LINE_MAX ((size_t)65535)

/* The keys that matter to us; what was not said is empty. */
struct credential {
	char protocol[16];
	char host[256]; /* with the port, as it was typed */
	char path[2048];
	char username[256];

	/* From whoever asks: what it understands. */
	bool takes_authtype, takes_state;

	struct secret token; /* `password`, or `credential` with an authtype */
	bool has_authtype;
	char state[MITOK_FINGERPRINT_SIZE]; /* ours: the token of the round before */
	char tenant[40]; /* of the first challenge that names one (RFC 9110, 11.6.1) */
};

/* What our lines `state[]=` begin with, and the user in our answers where git has none: by
 * both we know them again. */
#define CREDENTIAL_STATE "mi-token:"
#define CREDENTIAL_USER  "mi-token"

/* Reads the lines up to an empty one or the end of fd; all of it must come before
 * deadline_ms on moment.boot_ms (-1: there is none). false: it is no such input, says two
 * different things about where to, is too large, or did not come; nothing in *ret counts
 * then, but it is the caller's in any case. Unknown keys are passed over, and the last line
 * may lack its end, as git's own reader has it. */
bool credential_read(int fd, int64_t deadline_ms, struct credential *ret) MUST_CHECK;
/* The same of bytes that were read. */
bool credential_parse(const struct secret *input, struct credential *ret) MUST_CHECK;
void credential_wipe(struct credential *c);
#define AUTO_CREDENTIAL __attribute__((cleanup(credential_wipe))) struct credential

#endif
