/* Preloaded into a program: looks for secrets in the memory it gives back, and in what it
 * leaves behind at its end. SPDX-License-Identifier: MIT
 *
 * SPY_SECRETS names a file of secrets, one a line, SPY_REPORT a file that gets one line for
 * each finding: any SPY_PIECE bytes that also stand in a secret.
 *
 * LD_BIND_NOW must be set. The C library binds what it needs of the loader and of itself when
 * it first calls it, whatever programs are linked with; the loader then puts all vector
 * registers on the stack, with what the last memcpy() or strlen() left in them. How much of a
 * secret that is depends on the processor, on addresses and on luck, and no program can help
 * it. With all bound at the start, every byte on a stack was put there by a program or a
 * library. */
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SPY_PIECE   12
#define SECRETS_MAX 65536

/* glibc's own, below what we put in front of them. */
void __libc_free(void *p);
void *__libc_realloc(void *p, size_t size);

/* What the search itself holds; it is in no list of places to look at. */
static struct {
	char secrets[SECRETS_MAX];
	size_t len;
	unsigned char seen[8192]; /* a bit for each hash of a piece's first bytes */
	char copy[65536];         /* of what is looked at */
	int report;
	bool on;
} * spy;

static const char *spy_environment; /* where its texts begin, on the stack */

static unsigned hash(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return n * 2654435761u >> 16;
}

/* A piece that ends before the end of its line. */
static bool is_secret(const char *piece)
{
	unsigned h = hash(piece);

	return (spy->seen[h / 8] >> h % 8 & 1) && !memchr(piece, '\n', SPY_PIECE) &&
		memmem(spy->secrets, spy->len, piece, SPY_PIECE);
}

static size_t count_pieces(const char *p, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i + SPY_PIECE <= len; i++)
		count += is_secret(p + i);
	return count;
}

__attribute__((format(printf, 1, 2))) static void report(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0 && write(spy->report, line, (size_t)n) < 0)
		abort();
}

/* Which shared object gave it back: "libcurl.so.4+0x1234". True when there was something. */
static bool look(const char *what, const void *p, size_t len, const void *caller)
{
	Dl_info info = { 0 };
	const char *name;
	size_t count;

	if (!spy || !spy->on || !p)
		return false;
	count = count_pieces(p, len);
	if (!count)
		return false;
	spy->on = false; /* dladdr may free */
	(void)dladdr(caller, &info);
	name = info.dli_fname ? info.dli_fname : "?";
	name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	report("%s of %zu bytes by %s+0x%zx: %zu pieces\n", what, len, name,
		(size_t)((const char *)caller - (const char *)info.dli_fbase), count);
	spy->on = true;
	return true;
}

#pragma GCC visibility push(default)

/* What was found is wiped: whoever gets that memory next and fills a part of it only is not
 * to be blamed for the rest. */
void free(void *p)
{
	size_t len = p ? malloc_usable_size(p) : 0;

	if (look("free", p, len, __builtin_return_address(0)))
		explicit_bzero(p, len);
	__libc_free(p);
}

void *realloc(void *p, size_t size)
{
	size_t len = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (len >= size || !look("realloc", p, len, __builtin_return_address(0)))
		return __libc_realloc(p, size);
	moved = malloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, p, len);
	explicit_bzero(p, len);
	__libc_free(p);
	return moved;
}

int munmap(void *p, size_t len)
{
	(void)look("munmap", p, len, __builtin_return_address(0));
	return (int)syscall(SYS_munmap, p, len);
}

#pragma GCC visibility pop

__attribute__((constructor)) static void start(void)
{
	const char *secrets = getenv("SPY_SECRETS"), *to = getenv("SPY_REPORT");
	int fd = secrets ? open(secrets, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd < 0 || !to)
		return;
	if (!getenv("LD_BIND_NOW")) {
		(void)fputs("spy: LD_BIND_NOW is not set\n", stderr);
		_exit(2);
	}
	spy = mmap(NULL, sizeof(*spy), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (spy == MAP_FAILED)
		abort();
	n = read(fd, spy->secrets, SECRETS_MAX);
	(void)close(fd);
	spy->len = n > 0 ? (size_t)n : 0;
	spy->report = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (!spy->len || spy->report < 0)
		abort();
	for (size_t i = 0; i + SPY_PIECE <= spy->len; i++) {
		unsigned h = hash(spy->secrets + i);

		spy->seen[h / 8] |= (unsigned char)(1 << h % 8);
	}
	for (char **at = environ; *at; at++)
		if (!spy_environment || *at < spy_environment)
			spy_environment = *at;
	spy->on = true;
}

/* A thread that ends takes its stack away while it is looked at: the kernel copies, and
 * stops where there is nothing. */
static size_t count_in_range(unsigned long from, unsigned long to)
{
	size_t count = 0;
	ssize_t n = SPY_PIECE;

	for (; from + SPY_PIECE <= to && n >= SPY_PIECE;
		from += (size_t)n - SPY_PIECE + 1) {
		size_t left =
			to - from < sizeof(spy->copy) ? to - from : sizeof(spy->copy);
		struct iovec into = { spy->copy, left }, at = { (void *)from, left };

		n = process_vm_readv(getpid(), &into, 1, &at, 1, 0);
		if (n >= SPY_PIECE)
			count += count_pieces(spy->copy, (size_t)n);
	}
	return count;
}

/* Heap, stack, variables and mappings as they are at the end. The environment is what the
 * caller of the program put there, and stays out. */
__attribute__((destructor)) static void end(void)
{
	unsigned long from, to, first_variable = (unsigned long)spy_environment;
	char line[512], *at;
	FILE *maps;

	if (!spy || !spy->on)
		return;
	spy->on = false;
	maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		size_t count;

		from = strtoul(line, &at, 16); /* proc(5): "from-to rw-p ... name" */
		to = strtoul(at + 1, &at, 16);
		if (strncmp(at, " rw", 3) != 0 ||
			((unsigned long)spy >= from && (unsigned long)spy < to))
			continue;
		if (from < first_variable && first_variable < to)
			to = first_variable;
		count = count_in_range(from, to);
		at += strcspn(at, "[/\n");
		if (count)
			report("left in %.*s: %zu pieces\n", (int)strcspn(at, "\n"), at,
				count);
	}
	if (maps)
		(void)fclose(maps);
	report("end\n");
}
