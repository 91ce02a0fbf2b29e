/* Fuzzes the judge of `mi-token serve` with whole requests: what passes has one of the paths,
 * a resource and an identity without a strange byte, and passes once more when it is written
 * anew from what was understood.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../helper/serve/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line of the text; "" at its end. */
static char *next_line(char **rest)
{
	char *line = *rest;
	char *end = line + strcspn(line, "\n");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static void check_text(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f)
			abort();
}

static void check_passed(
	const struct door *d, struct arrival *a, const struct judgment *j)
{
	struct judgment again;
	AUTO_TEXT target = { 0 };

	if (a->is_stranger || !j->dialect || strcmp(j->dialect->method, a->method) != 0 ||
		strncmp(a->target, j->dialect->path, strlen(j->dialect->path)) != 0)
		abort();
	if (j->wants_form)
		return;
	if (!j->resource[0])
		abort();
	check_text(j->resource);
	check_text(j->identity);
	if (j->dialect->has_form)
		return;
	text_addf(&target, "%s?api-version=%s&resource=", j->dialect->path,
		j->dialect->versions[0] == '*' ? "2018-02-01" : "2019-08-01");
	text_add_url(&target, j->resource);
	if (strcmp(j->dialect->name, "app-service-2017") == 0)
		return;
	a->target = text_peek(&target);
	judge(d, a, &again);
	if (again.refusal.status || strcmp(again.resource, j->resource) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const resources[] = { "https://vault.azure.net", NULL };
	static const struct door doors[] = {
		{ .secret = "s3cret", .port = 4000, .imds = true },
		{ .secret = "s3cret", .port = 80, .resources = resources },
		{ .imds = true,
			.identity = "client-id:6f0c0000-0000-4000-8000-0000000000c1" },
	};
	AUTO_TEXT text = { 0 };
	struct field fields[FIELDS_MAX];
	struct arrival a = { .fields = fields };
	char *rest, *line;

	text_add_bytes(&text, (const char *)data, size);
	if (!text.p)
		return 0;
	rest = text.p;
	a.method = next_line(&rest);
	a.target = next_line(&rest);
	while (a.count < FIELDS_MAX && *(line = next_line(&rest))) {
		char *colon = strchr(line, ':');

		if (colon)
			*colon = '\0';
		fields[a.count++] = (struct field){ line,
			colon ? colon + 1 + (colon[1] == ' ') : "" };
	}
	a.form = *rest ? rest : NULL;
	for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
		struct arrival copy = a;
		struct judgment j;

		judge(&doors[i], &copy, &j);
		if (!j.refusal.status)
			check_passed(&doors[i], &copy, &j);
		else if (j.refusal.status != 400 && j.refusal.status != 401 &&
			j.refusal.status != 403)
			abort();
	}
	return 0;
}
