/* The claims of a token that is good, for programs and people.
 * SPDX-License-Identifier: MIT */
#include "print.h"

#include <string.h>

#include "base/clock.h"

static bool is_time(const char *name)
{
	static const char *const names[] = { "iat", "nbf", "exp", "auth_time" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void add_line(const struct item *v, struct text *ret)
{
	char date[CLOCK_TEXT_SIZE];
	int64_t n;

	text_addf(ret, "%-12s ", v->name);
	if (item_is_text(v) && !text_has_control(v->text))
		text_add(ret, v->text);
	else
		item_format(v, ret);
	if (is_time(v->name) && item_to_number(v, CLOCK_MAX_S, &n)) {
		clock_format(n, date);
		text_addf(ret, " (%s)", date);
	}
	text_add(ret, "\n");
}

void print_claims(const struct token *t, bool as_text, struct text *ret)
{
	if (!as_text) {
		item_format(t->claims, ret);
		text_add(ret, "\n");
		return;
	}
	for (const struct item *v = t->claims->child; v; v = v->next)
		add_line(v, ret);
}
