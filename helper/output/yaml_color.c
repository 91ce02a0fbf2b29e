/* yamlc.
 * SPDX-License-Identifier: MIT */
#include "format.h"

void format_yaml_color(struct writer *w, const char *s, size_t len)
{
	writer_bytes(w, s, len);
}
