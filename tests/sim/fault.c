/* Faults: read from a scenario, and whose turn it is.
 * SPDX-License-Identifier: MIT */
#include "fault.h"

#include <openssl/evp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

enum kind {
	TEXT32,
	PATH,
	CLOSE,
	END,
	COUNT,
	STATUS,
	NUMBER,
	SIZE,
	FLAG,
	NUMBERS,
	HEADERS,
	OBJECT,
	ARRAY,
	BYTES,
	BASE64
};

// clang-format off
/* Every member of a fault. */
static const struct member {
	const char *name;
	enum kind kind;
	size_t at;
} members[] = {
	{ "service",     TEXT32,  offsetof(struct fault, service)    },
	{ "path",        PATH,    offsetof(struct fault, path)       },
	{ "ends",        TEXT32,  offsetof(struct fault, ends)       },
	{ "method",      TEXT32,  offsetof(struct fault, method)     },
	{ "connect",     FLAG,    offsetof(struct fault, at_connect) },
	{ "refuse",      FLAG,    offsetof(struct fault, refuse)     },
	{ "after",       COUNT,   offsetof(struct fault, after)      },
	{ "first",       COUNT,   offsetof(struct fault, first)      },
	{ "every",       COUNT,   offsetof(struct fault, every)      },
	{ "requests",    NUMBERS, offsetof(struct fault, numbers)    },
	{ "status",      STATUS,  offsetof(struct fault, status)     },
	{ "headers",     HEADERS, offsetof(struct fault, headers)    },
	{ "body",        BYTES,   offsetof(struct fault, body)       },
	{ "body_base64", BASE64,  offsetof(struct fault, body)       },
	{ "repeat",      SIZE,    offsetof(struct fault, repeat)     },
	{ "set",         OBJECT,  offsetof(struct fault, set)        },
	{ "remove",      ARRAY,   offsetof(struct fault, remove)     },
	{ "append",      OBJECT,  offsetof(struct fault, append)     },
	{ "retry_date",  NUMBER,  offsetof(struct fault, retry_date) },
	{ "raw",         BYTES,   offsetof(struct fault, raw)        },
	{ "raw_base64",  BASE64,  offsetof(struct fault, raw)        },
	{ "endless",     END,     offsetof(struct fault, endless)    },
	{ "pad",         SIZE,    offsetof(struct fault, pad)        },
	{ "delay_ms",    NUMBER,  offsetof(struct fault, delay_ms)   },
	{ "drip",        NUMBER,  offsetof(struct fault, drip)       },
	{ "cut",         NUMBER,  offsetof(struct fault, cut)        },
	{ "reset",       FLAG,    offsetof(struct fault, reset)      },
	{ "silence",     FLAG,    offsetof(struct fault, silence)    },
	{ "close",       CLOSE,   offsetof(struct fault, close)      },
};
// clang-format on

static bool take_text(char *to, size_t size, struct json_object *v)
{
	return json_object_is_type(v, json_type_string) &&
		text_copy(to, size, json_object_get_string(v));
}

static bool take_numbers(struct fault *f, struct json_object *v)
{
	size_t count;

	if (!json_object_is_type(v, json_type_array))
		return false;
	count = json_object_array_length(v);
	if (count == 0 || count > FAULT_NUMBERS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		f->numbers[i] =
			(unsigned)json_object_get_int(json_object_array_get_idx(v, i));
	f->number_count = (unsigned)count;
	return true;
}

static bool take_headers(struct text *to, struct json_object *v)
{
	if (!json_object_is_type(v, json_type_object))
		return false;
	for (struct json_walk m = json_walk(v); json_next(&m);)
		text_addf(to, "%s: %s\r\n", m.name, json_object_get_string(m.value));
	return text_ok(to);
}

static bool take_bytes(struct text *to, struct json_object *v)
{
	if (!json_object_is_type(v, json_type_string))
		return false;
	text_add_bytes(
		to, json_object_get_string(v), (size_t)json_object_get_string_len(v));
	return text_ok(to);
}

static bool take_base64(struct text *to, struct json_object *v)
{
	const char *s =
		json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
	size_t len = strlen(s), padding = 0;
	unsigned char *made = malloc(len + 1);
	int got = made ? EVP_DecodeBlock(made, (const unsigned char *)s, (int)len) : -1;

	while (padding < 2 && padding < len && s[len - 1 - padding] == '=')
		padding++;
	if (got >= (int)padding)
		text_add_bytes(to, (char *)made, (size_t)got - padding);
	free(made);
	return got >= 0 && text_ok(to);
}

static bool take_number(struct fault *f, const struct member *m, struct json_object *v)
{
	void *at = (char *)f + m->at;
	int64_t n = json_object_get_int64(v);

	if (!json_object_is_type(v, json_type_int) || n < 0)
		return false;
	if (m->kind == STATUS)
		*(int *)at = (int)n;
	else if (m->kind == COUNT)
		*(unsigned *)at = (unsigned)n;
	else if (m->kind == SIZE)
		*(size_t *)at = (size_t)n;
	else
		*(int64_t *)at = n;
	return true;
}

static bool take(struct fault *f, const struct member *m, struct json_object *v)
{
	void *at = (char *)f + m->at;

	switch (m->kind) {
	case TEXT32:
		return take_text(at, sizeof(f->service), v);
	case CLOSE:
		return take_text(at, sizeof(f->close), v) &&
			(strcmp(at, "notify") == 0 || strcmp(at, "abrupt") == 0);
	case PATH:
		return take_text(at, sizeof(f->path), v);
	case END:
		return take_text(at, sizeof(f->endless), v) && fault_knows_endless(at);
	case FLAG:
		*(bool *)at = json_object_get_boolean(v);
		return json_object_is_type(v, json_type_boolean);
	case NUMBERS:
		return take_numbers(f, v);
	case HEADERS:
		return take_headers(at, v);
	case OBJECT:
		*(struct json_object **)at = json_object_get(v);
		return json_object_is_type(v, json_type_object);
	case ARRAY:
		*(struct json_object **)at = json_object_get(v);
		return json_object_is_type(v, json_type_array);
	case BYTES:
		return take_bytes(at, v);
	case BASE64:
		return take_base64(at, v);
	default:
		return take_number(f, m, v);
	}
}

/* Takes all members of o; what is wrong with it goes to why. */
static bool read_fault(struct fault *f, struct json_object *o, char *why, size_t why_size)
{
	if (!json_object_is_type(o, json_type_object)) {
		(void)snprintf(why, why_size, "a fault is a JSON object");
		return false;
	}
	for (struct json_walk at = json_walk(o); json_next(&at);) {
		const struct member *m = NULL;

		for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
			if (strcmp(members[i].name, at.name) == 0)
				m = &members[i];
		if (!m || !take(f, m, at.value)) {
			(void)snprintf(why, why_size, "a fault's '%s' is %s", at.name,
				m ? "not understood" : "not known");
			return false;
		}
		f->has_body = f->has_body || m->at == offsetof(struct fault, body);
		f->has_raw = f->has_raw || m->at == offsetof(struct fault, raw);
	}
	if ((f->at_connect ? listener_find(f->service) : service_find(f->service)) >= 0)
		return true;
	(void)snprintf(why, why_size, "a fault's service '%s' is not known", f->service);
	return false;
}

void fault_release(struct fault *f)
{
	if (!f || atomic_fetch_sub(&f->holders, 1) != 1)
		return;
	text_free(&f->headers);
	text_free(&f->body);
	text_free(&f->raw);
	json_object_put(f->set);
	json_object_put(f->remove);
	json_object_put(f->append);
	free(f);
}

static void release_all(struct fault **faults, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fault_release(faults[i]);
	free(faults);
}

bool faults_load(struct world *w, struct json_object *list, char *why, size_t why_size)
{
	size_t count = json_object_is_type(list, json_type_array)
		? json_object_array_length(list)
		: 0;
	struct fault **made = calloc(count + 1, sizeof(struct fault *));

	for (size_t i = 0; made && i < count; i++) {
		made[i] = calloc(1, sizeof(**made));
		if (!made[i])
			abort();
		made[i]->holders = 1;
		made[i]->cut = -1;
		made[i]->repeat = 1;
		if (!read_fault(
			    made[i], json_object_array_get_idx(list, i), why, why_size)) {
			release_all(made, i + 1);
			return false;
		}
	}
	release_all(w->faults, w->fault_count);
	w->faults = made;
	w->fault_count = made ? (unsigned)count : 0;
	return true;
}

void faults_reset(struct world *w)
{
	for (unsigned i = 0; i < w->fault_count; i++)
		w->faults[i]->seen = 0;
}

/* Counts this request for the fault and tells whether it is the fault's turn. */
static bool is_turn(struct fault *f)
{
	f->seen++;
	if (!f->number_count)
		return f->seen > f->after &&
			(!f->first || f->seen - f->after <= f->first) &&
			(!f->every || (f->seen - f->after) % f->every == 0);
	for (unsigned i = 0; i < f->number_count; i++)
		if (f->numbers[i] == f->seen)
			return true;
	return false;
}

/* rq is NULL at a connection. */
static bool fits(const struct fault *f, const char *name, const struct request *rq)
{
	return f->at_connect == !rq && strcmp(f->service, name) == 0 &&
		(!rq || text_starts_nocase(rq->path, f->path)) &&
		(!rq || text_ends_nocase(rq->path, f->ends)) &&
		(!rq || !*f->method || strcmp(rq->method, f->method) == 0) &&
		(!f->refuse || (rq && request_header(rq, "Authorization")));
}

static struct fault *find(struct world *w, const char *name, const struct request *rq)
{
	struct fault *found = NULL;

	for (unsigned i = 0; i < w->fault_count; i++) {
		struct fault *f = w->faults[i];

		if (fits(f, name, rq) && is_turn(f) && !found)
			found = f;
	}
	if (found) {
		atomic_fetch_add(&found->holders, 1);
		w->faults_played++;
	}
	return found;
}

struct fault *fault_at_connect(struct world *w, const struct listener *l)
{
	return find(w, l->name, NULL);
}

struct fault *fault_at_request(
	struct world *w, const char *service, const struct request *rq)
{
	return find(w, service, rq);
}
