/* Signatures by a vault in a second: with OpenSSL and the provider, or with nothing but
 * libcurl, which asks for the same. SPDX-License-Identifier: MIT
 *
 * sign openssl THREADS MILLISECONDS FILE   a reference file; OPENSSL_CONF loads azkv
 * sign curl THREADS MILLISECONDS URL       the key's URL up to its version; the token is
 *                                          on standard input
 *
 * Each thread keeps its connection and prints nothing; the rate of all is printed. Any
 * signature that fails ends it with status 1. */
#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS_MAX 64

static EVP_PKEY *key;
static const char *url;
static struct curl_slist *headers;
static double end_us;

struct worker {
	pthread_t thread;
	unsigned long count;
	int failed;
};

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int sign_by_openssl(void)
{
	static const unsigned char text[] = "what is signed";
	unsigned char signature[1024];
	size_t len = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int done = EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestSign(ctx, signature, &len, text, sizeof(text)) == 1;

	EVP_MD_CTX_free(ctx);
	return done ? 0 : -1;
}

static size_t drop(char *p, size_t size, size_t count, void *arg)
{
	(void)p;
	*(size_t *)arg += size * count;
	return size * count;
}

static CURL *open_curl(size_t *received)
{
	CURL *easy = curl_easy_init();

	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, received);
	/* SHA-256 of nothing at all. */
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
		"{\"alg\":\"RS256\",\"value\":"
		"\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"}");
	return easy;
}

static int sign_by_curl(CURL *easy)
{
	long status = 0;

	if (curl_easy_perform(easy))
		return -1;
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? 0 : -1;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	size_t received = 0;
	CURL *easy = url ? open_curl(&received) : NULL;

	while (!w->failed && now_us() < end_us) {
		w->failed = easy ? sign_by_curl(easy) : sign_by_openssl();
		w->count++;
	}
	curl_easy_cleanup(easy);
	return NULL;
}

static int read_key(const char *path)
{
	FILE *f = fopen(path, "r");

	key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	if (f)
		(void)fclose(f);
	return key ? 0 : -1;
}

static int read_token(void)
{
	static char line[16384] = "Authorization: Bearer ";
	size_t len = strlen(line);

	if (!fgets(line + len, (int)(sizeof(line) - len), stdin))
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	headers = curl_slist_append(headers, line);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	return headers ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct worker workers[THREADS_MAX] = { { .count = 0 } };
	size_t n = argc == 5 ? strtoul(argv[2], NULL, 10) : 0, started = 0;
	unsigned long count = 0;
	double start;
	int failed = 0;

	if (n < 1 || n > THREADS_MAX)
		return 2;
	if (strcmp(argv[1], "curl") == 0) {
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
		url = argv[4];
		failed = read_token();
	} else {
		failed = read_key(argv[4]);
	}
	start = now_us();
	end_us = start + strtod(argv[3], NULL) * 1e3;
	while (started < n && !failed) {
		failed = pthread_create(
			&workers[started].thread, NULL, work, &workers[started]);
		started += !failed;
	}
	for (size_t i = 0; i < started; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		failed |= workers[i].failed;
		count += workers[i].count;
	}
	if (failed) {
		ERR_print_errors_fp(stderr);
		return 1;
	}
	(void)printf("%.0f\n", (double)count / ((now_us() - start) / 1e6));
	return 0;
}
