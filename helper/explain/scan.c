/* Codes in a text that may be anything.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static bool is_word(char c)
{
	return text_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '_' || c == '-';
}

/* What stands at p: its length, and the byte it becomes. */
static size_t read_byte(const char *p, size_t left, char *ret)
{
	*ret = *p;
	if (is_blank(*p))
		*ret = ' ';
	if (*p != '\\' || left < 2)
		return 1;
	if (strchr("rnt", p[1]) && p[1]) {
		*ret = ' ';
		return 2;
	}
	if (p[1] == '"' || p[1] == '\'') {
		*ret = p[1];
		return 2;
	}
	if (left >= 6 && memcmp(p + 1, "u0027", 5) == 0) {
		*ret = '\'';
		return 6;
	}
	return 1;
}

bool explain_flatten(const char *input, size_t len, struct secret *ret)
{
	char *to = secret_room(ret, len);
	size_t used = 0;
	char byte;

	if (!to)
		return false;
	for (size_t i = 0; i < len; i += read_byte(input + i, len - i, &byte)) {
		(void)read_byte(input + i, len - i, &byte);
		if (byte != ' ' || (used && to[used - 1] != ' '))
			to[used++] = byte;
	}
	secret_grow(ret, used);
	return true;
}

/* The unknown numbers share their words, and are causes of their own. */
static bool is_same(const struct finding *a, const struct finding *b)
{
	if (strcmp(a->means, entra_unknown.means) == 0)
		return strcmp(a->code, b->code) == 0;
	return strcmp(a->means, b->means) == 0;
}

void explain_add(struct findings *f, const struct finding *found)
{
	for (unsigned i = 0; i < f->count; i++) {
		struct finding *known = &f->rows[i];

		if (!is_same(known, found))
			continue;
		if (found->rank < known->rank ||
			(found->rank == known->rank && found->at < known->at))
			*known = *found;
		return;
	}
	if (f->count < FINDINGS_MAX)
		f->rows[f->count++] = *found;
}

void explain_add_row(struct findings *f, const struct cause *row, size_t at)
{
	struct finding found = { .rank = row->rank,
		.layer = row->layer,
		.kind = row->kind,
		.means = row->means,
		.cure = row->cure,
		.at = at };

	(void)!TEXT_COPY(found.code, row->code);
	explain_add(f, &found);
}

/* Entra's numbers */

static void add_number(struct findings *f, const char *digits, size_t at)
{
	size_t len = strspn(digits, "0123456789");
	struct finding found = { .rank = RANK_EXACT, .layer = LAYER_ENTRA, .at = at };
	const struct entra_cause *row = entra_rows;
	char text[10] = "";
	int64_t number;

	if (len < 4 || len >= sizeof(text))
		return;
	memcpy(text, digits, len);
	if (!text_to_number(text, 1, INT32_MAX, &number))
		return;
	while (row->number && row->number != number)
		row++;
	found.means = row->number ? row->means : entra_unknown.means;
	found.cure = row->number ? row->cure : entra_unknown.cure;
	(void)snprintf(found.code, sizeof(found.code), "AADSTS%s", text);
	explain_add(f, &found);
}

/* "error_codes":[7000215, ...] */
static void scan_list(const char *text, struct findings *f)
{
	static const char name[] = "error_codes";

	for (const char *p = text; (p = strstr(p, name)); p++) {
		const char *digits = p + strlen(name);

		digits += strspn(digits, "\"': [=");
		while (text_is_digit(*digits)) {
			add_number(f, digits, (size_t)(p - text));
			digits += strspn(digits, "0123456789");
			digits += strspn(digits, ", ");
		}
	}
}

static void scan_entra(const char *text, struct findings *f)
{
	static const char prefix[] = "AADSTS";

	for (const char *p = text; (p = strstr(p, prefix)); p++)
		if (p == text || !is_word(p[-1]))
			add_number(f, p + strlen(prefix), (size_t)(p - text));
	scan_list(text, f);
}

/* the rows of the table */

static bool ends_nocase(const char *start, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - start) >= len && text_starts_nocase(end - len, word);
}

/* code: X, "code":"X", <Code>X, x-ms-error-code: X, error="X", (X) */
static bool is_value(const char *text, const char *at)
{
	while (at > text && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '\''))
		at--;
	if (at > text && at[-1] == '(')
		return true;
	if (at == text || !strchr(":=>", at[-1]))
		return false;
	at--;
	while (at > text && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '\''))
		at--;
	return ends_nocase(text, at, "code") || ends_nocase(text, at, "error");
}

static const char *find_word(const char *text, const struct cause *row, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p++)
		if ((p == text || !is_word(p[-1])) && !is_word(p[len]) &&
			(row->where == WHERE_WORD || is_value(text, p)))
			return p;
	return NULL;
}

/* x-ms-substatus: 5301, SubStatusCode=5301, "substatus":5301 */
static const char *find_substatus(const char *text, const char *number)
{
	static const char name[] = "substatus";
	size_t len = strlen(number);

	for (const char *p = text; (p = strcasestr(p, name)); p++) {
		const char *digits = p + strlen(name);

		if (text_starts_nocase(digits, "code"))
			digits += strlen("code");
		digits += strspn(digits, "\"': =");
		if (strncmp(digits, number, len) == 0 && !is_word(digits[len]))
			return p;
	}
	return NULL;
}

static const char *find_row(const char *text, const struct cause *row)
{
	const char *word = row->text ? row->text : row->code;

	switch (row->where) {
	case WHERE_WORD:
	case WHERE_CODE:
		return find_word(text, row, word);
	case WHERE_PHRASE:
		return strcasestr(text, word);
	case WHERE_SUBSTATUS:
		return find_substatus(text, word);
	case WHERE_STATUS:
		return explain_find_status(text, word);
	case WHERE_CLOSED: /* that is for explain_answers() */
		break;
	}
	return NULL;
}

static void scan_rows(const char *text, struct findings *f)
{
	for (const struct cause *row = cause_rows; row->code; row++) {
		const char *at = find_row(text, row);

		if (at && (!row->with || strcasestr(text, row->with)))
			explain_add_row(f, row, (size_t)(at - text));
	}
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->code, y->code);
}

/* Only the most exact ones stay, in the order of the text. */
static void choose(struct findings *f)
{
	enum rank best = RANK_COUNT;
	unsigned kept = 0;

	for (unsigned i = 0; i < f->count; i++)
		if (f->rows[i].rank < best)
			best = f->rows[i].rank;
	for (unsigned i = 0; i < f->count; i++)
		if (f->rows[i].rank == best)
			f->rows[kept++] = f->rows[i];
	f->count = kept;
	qsort(f->rows, f->count, sizeof(*f->rows), compare);
}

enum mitok_code explain_scan(
	const char *input, size_t len, struct findings *ret, struct mitok_err *e)
{
	AUTO_SECRET flat = { 0 };
	const char *text;

	*ret = (struct findings){ .count = 0 };
	if (!explain_flatten(input, len, &flat))
		return err_memory(e);
	text = secret_peek(&flat);
	scan_entra(text, ret);
	scan_rows(text, ret);
	explain_answers(input, len, ret);
	choose(ret);
	return MITOK_OK;
}
