/* The log of requests, byte for byte.
 * SPDX-License-Identifier: MIT */
#include "record.h"

#include <stdlib.h>
#include <string.h>

/* More of a body is not kept: pushes and uploads are large. */
#define KEPT_MAX    ((size_t)256 * 1024)

/* Nor are more requests: a benchmark makes as many as it can. */
#define RECORDS_MAX 20000

struct record {
	struct record *next;
	const char *service; /* of table.c, or "none" */
	const char *listener;
	char *head, *body;
	size_t head_len, body_len;
};

static char *copy(const char *p, size_t len)
{
	char *made = calloc(1, len + 1);

	if (made && len)
		memcpy(made, p, len);
	return made;
}

void record_add(struct world *w, const char *service, const struct request *rq)
{
	struct record *r;

	if (w->record_count++ >= RECORDS_MAX)
		return;
	r = calloc(1, sizeof(*r));
	if (!r)
		return;
	*r = (struct record){
		.service = service,
		.listener = rq->listener->name,
		.head = copy(rq->head, rq->head_len),
		.head_len = rq->head_len,
		.body_len = rq->body_len < KEPT_MAX ? rq->body_len : KEPT_MAX,
	};
	r->body = copy(rq->body, r->body_len);
	*w->records_end = r;
	w->records_end = &r->next;
}

void record_clear(struct world *w)
{
	struct record *next;

	for (struct record *r = w->records; r; r = next) {
		next = r->next;
		free(r->head);
		free(r->body);
		free(r);
	}
	w->records = NULL;
	w->records_end = &w->records;
	w->record_count = 0;
}

static bool fits(const struct record *r, const char *service)
{
	return !service || strcmp(r->service, service) == 0;
}

static void print_member(FILE *to, const char *name, const char *value)
{
	AUTO_FREE char *clean = strdup(value ? value : "");
	AUTO_TEXT json = { 0 };

	if (!clean)
		return;
	if (!text_is_utf8(clean, strlen(clean)))
		text_clean(clean);
	text_add_json(&json, clean);
	fprintf(to, ",\"%s\":%s", name, text_peek(&json));
}

void record_print(const struct world *w, const char *service, FILE *to)
{
	unsigned n = 0;

	for (const struct record *r = w->records; r; r = r->next) {
		if (!fits(r, service))
			continue;
		fprintf(to, "{\"n\":%u", ++n);
		print_member(to, "service", r->service);
		print_member(to, "listener", r->listener);
		print_member(to, "head", r->head);
		print_member(to, "body", r->body);
		fputs("}\n", to);
	}
}

bool record_print_raw(const struct world *w, const char *service, int64_t n, FILE *to)
{
	for (const struct record *r = w->records; r; r = r->next) {
		if (!fits(r, service) || --n)
			continue;
		(void)fwrite(r->head, 1, r->head_len, to);
		(void)fwrite(r->body, 1, r->body_len, to);
		return true;
	}
	return false;
}
