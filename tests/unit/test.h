/* Unit tests: rows of named functions, a spy on freed memory.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_TEST_H
#define MI_TOKEN_TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* One test: a sentence that must hold, and the function that tries it. */
struct test {
	const char *holds;
	void (*run)(void);
};

/* Runs all, prints "ok - ..." or "not ok - ..." for each, returns main()'s status. */
int test_run(const struct test *tests, size_t count);
#define TEST_MAIN(tests)                                                  \
	int main(void)                                                    \
	{                                                                 \
		return test_run(tests, sizeof(tests) / sizeof(*(tests))); \
	}

/* Counts a failure with its place and goes on; true when it held. */
bool test_check(bool held, const char *file, int line, const char *what, const char *row);
#define CHECK(x)              ((void)test_check((x), __FILE__, __LINE__, #x, NULL))
/* In a loop over rows: names the row. */
#define CHECK_ROW(row, x)     ((void)test_check((x), __FILE__, __LINE__, #x, (row)))
#define CHECK_TEXT(got, want) test_check_text((got), (want), __FILE__, __LINE__, #got)
void test_check_text(
	const char *got, const char *want, const char *file, int line, const char *what);
/* The rest of this test cannot run here; counted as skipped. */
void test_skip(const char *why);

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Put into secrets of tests; blocks given to free() or realloc() with it inside are
 * counted in spy_leaks (the linker wraps both for our objects). */
#define SPY_MARK     "SPYMARK-7f3a91"
extern unsigned spy_leaks;
/* Makes the n-th allocation of our objects from now on fail (1 is the next), 0 none;
 * spy_allocations counts them. */
void spy_fail(unsigned nth);
extern unsigned spy_allocations;
/* How often a module was asked for. */
extern unsigned spy_modules;

#endif
