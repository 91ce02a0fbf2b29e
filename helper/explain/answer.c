/* HTTP answers in a text, and statuses that libraries tell of.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "explain.h"

/* An answer as `curl -i` and `curl -v` print it. */
struct answer {
	char status[4]; /* "" before the first */
	size_t at;
	bool in_header, is_closed, is_azure, has_body;
};

static bool is_status(const char *p)
{
	return text_is_digit(p[0]) && text_is_digit(p[1]) && text_is_digit(p[2]) &&
		!text_is_digit(p[3]);
}

static void add_closed(struct findings *f, const char *status, size_t at)
{
	for (const struct cause *row = cause_rows; row->code; row++)
		if (row->where == WHERE_CLOSED && strcmp(row->code, status) == 0)
			explain_add_row(f, row, at);
}

static void end_answer(struct answer *a, struct findings *f)
{
	if (a->status[0] && a->is_closed && !a->is_azure && !a->has_body)
		add_closed(f, a->status, a->at);
	*a = (struct answer){ .status = "" };
}

/* The target's services tell of themselves, the Guest Proxy Agent does not. */
static void read_header(struct answer *a, const char *line)
{
	if (!line[0])
		a->in_header = false;
	else if (text_starts_nocase(line, "connection: close"))
		a->is_closed = true;
	else if (text_starts_nocase(line, "x-ms-") ||
		text_starts_nocase(line, "www-authenticate:"))
		a->is_azure = true;
}

static void read_line(struct answer *a, const char *line, size_t at, struct findings *f)
{
	bool is_curl = strchr("*>{}", line[0]) && line[0];

	if (line[0] == '<' && line[1] == ' ')
		line += 2;
	else if (strcmp(line, "<") == 0)
		line++;
	if (text_starts(line, "HTTP/")) {
		size_t before = strcspn(line, " ");

		end_answer(a, f);
		if (line[before] && is_status(line + before + 1)) {
			memcpy(a->status, line + before + 1, 3);
			a->at = at;
			a->in_header = true;
		}
	} else if (a->in_header)
		read_header(a, line);
	else if (line[0] && !is_curl)
		a->has_body = true;
}

/* Only a line's beginning matters. */
void explain_answers(const char *input, size_t len, struct findings *ret)
{
	struct answer a = { .status = "" };
	char line[64];

	for (size_t at = 0; at < len;) {
		const char *end = memchr(input + at, '\n', len - at);
		size_t all = end ? (size_t)(end - input) - at : len - at;
		size_t used = all < sizeof(line) ? all : sizeof(line) - 1;

		memcpy(line, input + at, used);
		line[used] = '\0';
		line[strcspn(line, "\r")] = '\0';
		read_line(&a, line, at, ret);
		at += all + 1;
	}
	end_answer(&a, ret);
	explicit_bzero(line, sizeof(line));
}

/* "HTTP/1.1 403", "HTTP 403", "StatusCode: 403", "status code 403", "\"status\":403",
 * "RESPONSE 403", "returned error: 403" */
static const char *skip_name(const char *p)
{
	if (*p == '/')
		p += 1 + strspn(p + 1, "0123456789.");
	if (text_starts_nocase(p, "code"))
		p += strlen("code");
	else if (*p && strchr(" _-", *p) && text_starts_nocase(p + 1, "code"))
		p += 1 + strlen("code");
	return p + strspn(p, "\": =(");
}

static const char *find_named(const char *text, const char *name, const char *status)
{
	for (const char *p = text; (p = strcasestr(p, name)); p++) {
		const char *digits = skip_name(p + strlen(name));

		if (is_status(digits) && text_starts(digits, status))
			return p;
	}
	return NULL;
}

const char *explain_find_status(const char *text, const char *status)
{
	static const char *const names[] = { "http", "status", "response", "error" };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *p = find_named(text, names[i], status);

		if (p && (!first || p < first))
			first = p;
	}
	return first;
}
