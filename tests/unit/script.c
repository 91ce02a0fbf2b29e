/* A scripted outside world: rows say what the environment, the files and the network
 * hold; it records what was asked. Its clock moves only by what happens.
 * SPDX-License-Identifier: MIT */
#include "script.h"

#include <errno.h>
#include <stdarg.h>

static const char *host_env(void *self, const char *name)
{
	const struct script *s = self;

	for (const struct script_env *v = s->env; v && v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v->value && v->value[0] ? v->value : NULL;
	return strcmp(name, "HOME") == 0 ? "/home/me" : NULL;
}

static bool host_exists(void *self, const char *path)
{
	const struct script *s = self;

	for (const struct script_file *f = s->files; f && f->path; f++)
		if (strcmp(f->path, path) == 0)
			return true;
	return false;
}

static const struct script_file *find_file(const struct script *s, const char *path)
{
	const struct script_file *found = NULL;
	unsigned nth = s->reads;

	for (const struct script_file *f = s->files; f && f->path; f++)
		if (strcmp(f->path, path) == 0 && (!found || nth > 0)) {
			nth -= found != NULL;
			found = f;
		}
	return found;
}

static enum mitok_code host_read(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	struct script *s = self;
	const char *path = ask->path;
	const struct script_file *f = find_file(s, path);
	int error = f ? f->error : ENOENT;
	size_t len;

	(void)snprintf(s->last_read, sizeof(s->last_read), "%s", path);
	s->last_rules = ask->rules;
	s->reads++;
	if (ask->ret_errno)
		*ask->ret_errno = error;
	if (error)
		return err_set(
			e, MITOK_E_CONF, "cannot open '%s': %s", path, strerror(error));
	if (f->breaks & ask->rules)
		return err_set(e, MITOK_E_CONF, "'%s' breaks a rule", path);
	len = f->len ? f->len : strlen(f->text);
	if (len > ask->limit)
		return err_set(e, MITOK_E_CONF, "'%s' is too large", path);
	return secret_add(ret, f->text, len) ? MITOK_OK : err_memory(e);
}

static struct moment host_now(void *self)
{
	return ((struct script *)self)->now;
}

static void pass(struct script *s, int64_t ms)
{
	s->now.real_s += ((s->now.boot_ms + ms) / 1000) - s->now.boot_ms / 1000;
	s->now.boot_ms += ms;
}

static void host_sleep(void *self, int64_t ms)
{
	struct script *s = self;

	s->slept_ms += ms;
	pass(s, ms);
}

static void note(struct script *s, const char *fmt, ...) ERR_PRINTF(2, 3);
static void note(struct script *s, const char *fmt, ...)
{
	size_t len = strlen(s->wire);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->wire + len, sizeof(s->wire) - len, fmt, ap);
	va_end(ap);
}

static void record(struct script *s, const struct http_request *rq)
{
	if (s->requests < SCRIPT_REQUESTS) {
		s->timeout_ms[s->requests] = rq->timeout_ms;
		s->connect_ms[s->requests] = rq->connect_ms;
	}
	s->requests++;
	note(s, "%s %s\n", rq->method, rq->url);
	for (const struct http_header *h = rq->headers; h->name; h++)
		note(s, "%s: %s\n", h->name,
			h->secret ? secret_peek(h->secret) : h->value);
	if (rq->flags & HTTP_LOCAL)
		note(s, "!local\n");
	if (rq->thumbprint)
		note(s, "!thumbprint %s\n", rq->thumbprint);
	if (rq->connect_host)
		note(s, "!connect %s:%d\n", rq->connect_host, rq->connect_port);
	if (rq->ca)
		note(s, "!ca %s\n", rq->ca);
	note(s, "\n%s", rq->body ? secret_peek(rq->body) : "");
}

bool script_reply(const struct script_answer *a, struct http_reply *ret)
{
	*ret = (struct http_reply){
		.fault = a->fault,
		.sys_errno = a->sys_errno,
		.status = a->status,
	};
	if (a->fault)
		(void)snprintf(ret->detail, sizeof(ret->detail), "%s",
			a->sys_errno ? strerror(a->sys_errno) : "scripted");
	text_add(&ret->headers, a->headers ? a->headers : "");
	return text_ok(&ret->headers) &&
		secret_add_text(&ret->body, a->body ? a->body : "");
}

static enum mitok_code host_http(void *self, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	struct script *s = self;
	const struct script_answer *a = s->answers;
	struct script_answer late = { .fault = HTTP_TIMEOUT };

	CHECK(rq->timeout_ms > 0 && rq->connect_ms > 0);
	for (unsigned n = s->requests; n > 0 && (a[1].status || a[1].fault); n--)
		a++;
	record(s, rq);
	if (a->takes_ms > rq->timeout_ms) {
		late.takes_ms = rq->timeout_ms;
		a = &late;
	}
	pass(s, a->takes_ms);
	if (script_reply(a, ret))
		return MITOK_OK;
	http_reply_wipe(ret);
	return err_memory(e);
}

/* A program is there when /bin has a file of its name. */
static bool host_find(void *self, const char *name, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "/bin/%s", name);
	return host_exists(self, ret);
}

static enum mitok_code host_run(void *self, const struct child_ask *a,
	struct child_reply *ret, struct mitok_err *e)
{
	struct script *s = self;
	const struct script_answer *now = s->answers;

	for (unsigned n = s->requests; n > 0 && (now[1].status || now[1].fault); n--)
		now++;
	s->requests++;
	note(s, "run %s with %s:", a->path, a->mark);
	for (const char *const *arg = a->argv; *arg; arg++)
		note(s, " %s", *arg);
	note(s, "\n");
	if (now->sys_errno)
		return err_set(e, MITOK_E_CONF, "cannot run '%s': %s", a->path,
			strerror(now->sys_errno));
	pass(s, now->takes_ms < a->timeout_ms ? now->takes_ms : a->timeout_ms);
	ret->status = now->status - 1;
	ret->end = now->takes_ms > a->timeout_ms ? CHILD_TIMEOUT
		: now->fault == HTTP_NONSENSE    ? CHILD_TOO_MUCH
						 : CHILD_EXITED;
	if (secret_add_text(&ret->err, now->err ? now->err : "") &&
		secret_add_text(&ret->out, now->body ? now->body : ""))
		return MITOK_OK;
	child_reply_wipe(ret);
	return err_memory(e);
}

/* Files that hold "key" can be signed with. */
static enum mitok_code host_sign(void *self, const struct assertion_ask *a,
	struct secret *ret, struct mitok_err *e)
{
	struct script *s = self;

	note(s, "sign %s for %s at %lld%s%s%s\n", a->client_id, a->audience,
		(long long)(a->now_s - SCRIPT_START_S), a->has_chain ? " with chain" : "",
		a->password ? " password " : "", a->password ? a->password : "");
	if (!strstr(secret_peek(a->file), "key"))
		return err_set(e, MITOK_E_CONF, "no private key that can be read");
	return secret_add_text(ret, SCRIPT_ASSERTION) ? MITOK_OK : err_memory(e);
}

void script_start(struct script *s, const struct script_env *env,
	const struct script_file *files, const struct script_answer *answers)
{
	*s = (struct script){
		.env = env,
		.files = files,
		.answers = answers,
		.now = { .real_s = SCRIPT_START_S, .boot_ms = SCRIPT_START_MS },
	};
}

struct host script_host(struct script *s)
{
	return (struct host){
		.self = s,
		.env = host_env,
		.exists = host_exists,
		.read = host_read,
		.now = host_now,
		.sleep = host_sleep,
		.http = host_http,
		.find = host_find,
		.run = host_run,
		.sign = host_sign,
	};
}

static bool has(const char *text, const char *fragment)
{
	return !fragment || strstr(text, fragment) != NULL;
}

static enum mitok_code run(struct script *s, const struct source *source,
	const struct script_row *row, struct grant *g, struct mitok_err *e)
{
	struct ask ask = row->ask;
	struct host h;

	script_start(s, row->env, row->files, row->answers);
	h = script_host(s);
	ask.resource = ask.resource ? ask.resource : "https://vault.azure.net";
	ask.deadline_ms = SCRIPT_START_MS + (ask.deadline_ms ? ask.deadline_ms : 60000);
	return source->fetch(&h, &ask, g, e);
}

static void check(const struct script_row *row, const struct script *s,
	const struct grant *g, const struct mitok_err *e, enum mitok_code code)
{
	CHECK_ROW(row->what, code == row->code);
	if (row->wire &&
		!test_check(strcmp(s->wire, row->wire) == 0, __FILE__, __LINE__,
			"the requests are as written", row->what))
		fprintf(stderr, "  got:  %s\n  want: %s\n", s->wire, row->wire);
	if (row->requests)
		CHECK_ROW(row->what, s->requests == row->requests);
	CHECK_ROW(
		row->what, strcmp(secret_peek(&g->token), code ? "" : SCRIPT_TOKEN) == 0);
	if (!code)
		return;
	CHECK_ROW(row->what, e->code == code && e->message[0]);
	CHECK_ROW(row->what, !strstr(e->message, SPY_MARK) && !strstr(e->hint, SPY_MARK));
	if (!has(e->message, row->message) || !has(e->hint, row->hint)) {
		CHECK_ROW(row->what, has(e->message, row->message));
		CHECK_ROW(row->what, has(e->hint, row->hint));
		fprintf(stderr, "  %d %s; %s\n", (int)code, e->message, e->hint);
	}
}

void script_run(const struct source *source, const struct script_row *rows, size_t count)
{
	static struct script s;

	spy_leaks = 0;
	for (size_t i = 0; i < count; i++) {
		struct mitok_err e = { 0 };
		struct grant g = { 0 };
		enum mitok_code code;
		unsigned allocations;

		spy_fail(0);
		code = run(&s, source, &rows[i], &g, &e);
		allocations = spy_allocations;
		check(&rows[i], &s, &g, &e, code);
		CHECK_ROW(rows[i].what, strcmp(e.source, code ? source->name : "") == 0);
		grant_wipe(&g);
		CHECK_ROW(rows[i].what,
			run(&s, source, &rows[i], &g, NULL) == rows[i].code);
		grant_wipe(&g);
		for (unsigned n = 1; n <= allocations; n++) {
			spy_fail(n);
			code = run(&s, source, &rows[i], &g, &e);
			CHECK_ROW(rows[i].what, (code == MITOK_OK) == (g.token.len > 0));
			spy_fail(0);
			grant_wipe(&g);
		}
		CHECK_ROW(rows[i].what, spy_leaks == 0);
	}
}

void script_present(
	const struct source *source, const struct script_presence *rows, size_t count)
{
	static struct script s;

	for (size_t i = 0; i < count; i++) {
		struct host h = script_host(&s);
		const char *why;

		script_start(&s, rows[i].env, rows[i].files, NULL);
		why = source->missing(&h);
		CHECK_ROW(rows[i].what, (why == NULL) == (rows[i].want == NULL));
		CHECK_ROW(rows[i].what, !why || has(why, rows[i].want));
		CHECK_ROW(rows[i].what, s.requests == 0 && s.reads == 0);
	}
}
