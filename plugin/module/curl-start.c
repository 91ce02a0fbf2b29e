/* Starting libcurl, once in a process; with an allocator that wipes where we may set one.
 * SPDX-License-Identifier: MIT */
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "module/curl.h"

/* Before each block: how many bytes there are to wipe. Keeps malloc()'s alignment. */
union header {
	size_t size;
	max_align_t align;
};

static union header *header_of(void *p)
{
	return (union header *)p - 1;
}

static void *wiping_malloc(size_t size)
{
	union header *h;

	if (size > SIZE_MAX - sizeof(*h))
		return NULL;
	h = malloc(sizeof(*h) + size);
	if (!h)
		return NULL;
	h->size = size;
	return h + 1;
}

static void wiping_free(void *p)
{
	if (!p)
		return;
	explicit_bzero(p, header_of(p)->size);
	free(header_of(p));
}

static void *wiping_realloc(void *p, size_t size)
{
	void *q = wiping_malloc(size);

	if (!p || !q)
		return q;
	memcpy(q, p, header_of(p)->size < size ? header_of(p)->size : size);
	wiping_free(p);
	return q;
}

static void *wiping_calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	p = wiping_malloc(bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

static char *wiping_strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *p = wiping_malloc(size);

	if (p)
		memcpy(p, s, size);
	return p;
}

/* As OpenSSL calls them. */
static void *ssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size ? wiping_malloc(size) : NULL;
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	wiping_free(p);
}

static void *ssl_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size)
		return wiping_realloc(p, size);
	wiping_free(p);
	return NULL;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started = CURLE_FAILED_INIT;

/* Never undone: the host program may use libcurl as well. */
static void start(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* OpenSSL refuses when it has allocated before; then its buffers are as in any program. */
static void start_wiping(void)
{
	(void)CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);
	started = curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free,
		wiping_realloc, wiping_strdup, wiping_calloc);
}

CURLcode exchange_start(bool own_process)
{
	(void)pthread_once(&once, own_process ? start_wiping : start);
	return started;
}
