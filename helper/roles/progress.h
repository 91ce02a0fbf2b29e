/* Tells on stderr how far something is that takes long.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_PROGRESS_H
#define MI_TOKEN_HELPER_ROLES_PROGRESS_H

#include "base/text.h"

/* Zero is silent. */
struct progress {
	bool on;
	bool lines; /* one after the other, not over each other: stderr is no terminal */
	bool is_drawn;
	int64_t start_ms, last_ms;
};

/* Is on when stderr is a terminal, or with verbose. */
void progress_start(struct progress *p, bool verbose);
/* From the second second on, and not more often than is pleasant. p may be NULL. */
void progress_tell(struct progress *p, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Takes the line off the terminal. */
void progress_end(struct progress *p);

#endif
