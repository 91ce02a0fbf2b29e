/* Unit tests: rows of named functions, a spy on freed memory.
 * SPDX-License-Identifier: MIT */
#include "test.h"

#include <malloc.h>
#include <stdlib.h>

#include "io/conf.h"
#include "io/http.h"
#include "io/json.h"

unsigned spy_leaks, spy_allocations, spy_modules;
static unsigned failures, fail_at;
static const char *skipped;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static void look(void *p)
{
	if (p && memmem(p, malloc_usable_size(p), SPY_MARK, strlen(SPY_MARK)))
		__atomic_add_fetch(&spy_leaks, 1, __ATOMIC_RELAXED);
}

static bool fails_now(void)
{
	unsigned n = __atomic_add_fetch(&spy_allocations, 1, __ATOMIC_RELAXED);

	return fail_at && n == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	look(p);
	return fails_now() ? NULL : __real_realloc(p, size);
}

void __wrap_free(void *p)
{
	look(p);
	__real_free(p);
}

/* The modules are linked in, so that the spy sees their allocations too. */
extern const struct conf_module mitok_module_conf;
extern const struct json_module mitok_module_json;
extern const struct http_module mitok_module_transport;
const struct module *__wrap_module_find(const char *name, struct mitok_err *e);

const struct module *__wrap_module_find(const char *name, struct mitok_err *e)
{
	(void)e;
	spy_modules++;
	switch (name[0]) {
	case 'c':
		return &mitok_module_conf.module;
	case 'j':
		return &mitok_module_json.module;
	default:
		return &mitok_module_transport.module;
	}
}

void spy_fail(unsigned nth)
{
	spy_allocations = 0;
	fail_at = nth;
}

bool test_check(bool held, const char *file, int line, const char *what, const char *row)
{
	if (!held) {
		failures++;
		fprintf(stderr, "%s:%d: does not hold: %s%s%s\n", file, line, what,
			row ? ", row: " : "", row ? row : "");
	}
	return held;
}

void test_check_text(
	const char *got, const char *want, const char *file, int line, const char *what)
{
	if (test_check(got && strcmp(got, want) == 0, file, line, what, NULL))
		return;
	fprintf(stderr, "  got:  %s\n  want: %s\n", got ? got : "(null)", want);
}

void test_skip(const char *why)
{
	skipped = why;
}

int test_run(const struct test *tests, size_t count)
{
	unsigned failed = 0;

	for (size_t i = 0; i < count; i++) {
		failures = 0;
		skipped = NULL;
		spy_fail(0);
		tests[i].run();
		failed += failures != 0;
		if (failures)
			printf("not ok - %s\n", tests[i].holds);
		else if (skipped)
			printf("ok - %s # SKIP %s\n", tests[i].holds, skipped);
		else
			printf("ok - %s\n", tests[i].holds);
		fflush(stdout);
	}
	return failed != 0;
}
