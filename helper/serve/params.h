/* Queries and forms: application/x-www-form-urlencoded, read strictly.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_PARAMS_H
#define MI_TOKEN_HELPER_SERVE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

/* Longer values are refused; an ARM resource id is the longest that is needed. */
#define PARAM_SIZE 768

enum param {
	PARAM_ABSENT,
	PARAM_ONE,
	PARAM_BAD, /* twice, empty, too long, or no printable ASCII once it is decoded */
};

/* All of it can be read in one way only: printable ASCII without '#' and '\', each '%'
 * begins an escape. */
bool params_are_clear(const char *form);

/* The value of that name, decoded; a name may be written in escapes, too. "" unless it is
 * PARAM_ONE. The form must be clear. */
enum param params_find(const char *form, const char *name, char ret[PARAM_SIZE]);

#endif
