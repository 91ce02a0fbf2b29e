/* What else this machine shows of itself, to tell causes apart that look the same to a
 * program that connects. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_DOCTOR_EVIDENCE_H
#define MI_TOKEN_HELPER_DOCTOR_EVIDENCE_H

#include "doctor.h"

/* Whether the variables that chose the source are there without anything else of its
 * platform: they may be left over. Then *ret is what to unset. */
bool evidence_is_stale(const struct facts *f, const char **ret);

/* Adds advice below a connection that failed: what stands in the way here, as far as it can
 * be seen. */
void evidence_tell(struct facts *f);

#endif
