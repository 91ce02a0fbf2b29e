/* Objects of plain texts, without json-c. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_JSON_FLAT_H
#define MI_TOKEN_IO_JSON_FLAT_H

#include "io/json.h"

/* {"NAME":"TEXT",...} with nothing in names and texts but ASCII that needs no escape, and no
 * name twice (RFC 8259). The tree that json_parse() makes of it, for the caller; NULL: the
 * text is something else, good or bad, or there is no memory. */
struct json *json_flat(const char *text, size_t len) MUST_CHECK;

#endif
