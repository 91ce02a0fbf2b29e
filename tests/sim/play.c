/* Faults on the wire: changed answers, slow ones, cut ones and bytes that are no answer.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "fault.h"
#include "scenario.h"
#include "token.h"

static void append_texts(struct json_object *o, struct json_object *texts)
{
	for (struct json_walk m = json_walk(texts); json_next(&m);) {
		const char *old = json_text(o, m.name);
		AUTO_TEXT both = { 0 };

		text_addf(&both, "%s%s", old ? old : "", json_object_get_string(m.value));
		(void)json_object_object_add(
			o, m.name, json_object_new_string(text_peek(&both)));
	}
}

/* Members of the JSON answer that the fault sets, removes and makes longer. */
static void change_json(const struct fault *f, struct reply *rp)
{
	struct json_object *o = json_tokener_parse(text_peek(&rp->body));

	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return;
	}
	for (struct json_walk m = json_walk(f->set); json_next(&m);)
		(void)json_object_object_add(o, m.name, json_object_get(m.value));
	for (size_t i = 0; f->remove && i < json_object_array_length(f->remove); i++)
		json_object_object_del(o,
			json_object_get_string(json_object_array_get_idx(f->remove, i)));
	append_texts(o, f->append);
	text_free(&rp->body);
	text_add(&rp->body,
		json_object_to_json_string_ext(
			o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

/* The service's line of this name would contradict the fault's. */
static void remove_header(struct text *headers, const char *line)
{
	size_t name = strcspn(line, ":") + 1;
	struct text left = { 0 };
	const char *at = text_peek(headers);

	while (*at) {
		size_t len = strcspn(at, "\n") + 1;

		if (strncasecmp(at, line, name) != 0)
			text_add_bytes(&left, at, len);
		at += len;
	}
	text_free(headers);
	*headers = left;
}

static void drop_body(struct reply *rp)
{
	text_free(&rp->body);
	free(rp->large);
	rp->large = NULL;
	rp->large_len = 0;
}

void fault_change(const struct fault *f, struct reply *rp)
{
	if (f->status) {
		rp->status = f->status;
		if (!f->has_body && !f->set) {
			text_free(&rp->headers);
			drop_body(rp);
		}
	}
	if (f->has_body) {
		drop_body(rp);
		text_add_bytes(&rp->body, text_peek(&f->body), f->body.len);
	}
	if (f->set || f->remove || f->append)
		change_json(f, rp);
	for (const char *at = text_peek(&f->headers); *at; at += strcspn(at, "\n") + 1)
		remove_header(&rp->headers, at);
	text_add(&rp->headers, text_peek(&f->headers));
	if (f->retry_date) {
		char date[HTTP_DATE_SIZE];

		http_date((time_t)(now_s() + f->retry_date), date);
		reply_header(rp, "Retry-After", date);
	}
	for (size_t left = f->pad; left;) {
		char value[1001];
		size_t len = left < 1000 ? left : 1000;

		memset(value, 'p', len);
		value[len] = '\0';
		reply_header(rp, "X-Pad", value);
		left -= len;
	}
}

/* Where bytes go: at most `left` of them, and not faster than the fault wants. */
struct sink {
	struct conn *c;
	int64_t left; /* -1: no limit */
	int64_t drip;
};

static bool put(struct sink *s, const char *data, size_t len)
{
	bool whole = s->left < 0 || (int64_t)len <= s->left;

	if (!whole)
		len = (size_t)s->left;
	if (s->left >= 0)
		s->left -= (int64_t)len;
	if (!s->drip)
		return conn_write(s->c, data, len) && whole;
	for (size_t i = 0; i < len; i++) {
		if (!conn_write(s->c, data + i, 1))
			return false;
		clock_sleep(1000 / s->drip);
	}
	return whole;
}

/* Whatever the client does, nothing is said until it goes away. */
static void be_silent(struct conn *c)
{
	while (conn_read(c))
		conn_use(c, c->in_len);
}

/* What comes again and again, and what comes before it. */
static const struct endless {
	const char *what, *start, *block_start, *block_end;
	char fill;
	size_t size;
} endless[] = {
	{ "body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "", "",
		' ', 4096 },
	{ "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "400\r\n",
		"\r\n", ' ', 1024 },
	{ "1xx", "", "HTTP/1.1 100 Continue\r\n\r\n", "", ' ', 0 },
	{ "headers", "HTTP/1.1 200 OK\r\n", "X-Pad: ", "\r\n", 'x', 100 },
};

static const struct endless *endless_find(const char *what)
{
	for (size_t i = 0; i < sizeof(endless) / sizeof(*endless); i++)
		if (strcmp(endless[i].what, what) == 0)
			return &endless[i];
	return NULL;
}

bool fault_knows_endless(const char *what)
{
	return endless_find(what) != NULL;
}

/* Sends until the client has enough or the fault's cut is reached. */
static void send_endless(const struct endless *e, struct sink *s)
{
	char fill[4096];
	AUTO_TEXT block = { 0 };

	memset(fill, e->fill, sizeof(fill));
	text_add(&block, e->block_start);
	text_add_bytes(&block, fill, e->size);
	text_add(&block, e->block_end);
	if (!put(s, e->start, strlen(e->start)))
		return;
	while (put(s, text_peek(&block), block.len))
		continue;
}

static bool send_reply(struct sink *s, const struct reply *rp, size_t repeat, bool close)
{
	const char *body = rp->large ? rp->large : text_peek(&rp->body);
	size_t len = rp->large ? rp->large_len : rp->body.len;
	AUTO_TEXT head = { 0 };

	reply_format_head(rp, len * repeat, close, &head);
	if (repeat == 1 && len < 65536 && !head.failed && !s->drip && s->left < 0) {
		text_add_bytes(&head, body, len);
		return put(s, text_peek(&head), head.len);
	}
	if (!put(s, text_peek(&head), head.len))
		return false;
	if (len < 1024 && repeat > 1024) { /* many small writes would take minutes */
		AUTO_TEXT block = { 0 };
		size_t per_block = 16384 / (len ? len : 1);

		for (size_t i = 0; i < per_block; i++)
			text_add_bytes(&block, body, len);
		for (; repeat >= per_block; repeat -= per_block)
			if (!put(s, text_peek(&block), block.len))
				return false;
	}
	for (; repeat; repeat--)
		if (!put(s, body, len))
			return false;
	return true;
}

bool fault_send(const struct fault *f, struct conn *c, const struct reply *rp, bool keep)
{
	struct sink s = { .c = c, .left = -1 };

	if (!f)
		return send_reply(&s, rp, 1, !keep) && keep;
	s.left = f->cut;
	s.drip = f->drip;
	keep = keep && !reply_has_framing(rp); /* where it ends is not known any more */
	if (f->delay_ms)
		clock_sleep(f->delay_ms);
	if (f->silence) {
		be_silent(c);
		return false;
	}
	if (f->has_raw) {
		(void)put(&s, text_peek(&f->raw), f->raw.len);
		return false;
	}
	if (f->endless[0]) {
		send_endless(endless_find(f->endless), &s);
		return false;
	}
	if (f->at_connect)
		return f->delay_ms && !f->reset && f->cut < 0;
	c->abrupt = strcmp(f->close, "abrupt") == 0;
	return send_reply(&s, rp, f->repeat, !keep) && keep && !f->reset && !*f->close;
}
