/* The system's certificates, read once in a process for all its sessions. libcurl reads them
 * anew for each connection: 140 certificates take OpenSSL 3.0 as long as a hundred requests,
 * and a program of eight threads has eight connections.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written once, by read_roots(). */
static struct roots {
	const char *file, *dir; /* where libcurl looks; NULL: nowhere */
	/* NULL: they could not be read. Its lock may be held by a thread of the parent in a
	 * child process, so it is for this one: */
	X509_STORE *store;
	pid_t pid;
	struct stat was; /* the file */
	char why[150];   /* what to say when they cannot be read */
} roots;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool add_roots(X509_STORE *store)
{
	return (!roots.file || X509_STORE_load_file(store, roots.file)) &&
		(!roots.dir || X509_STORE_load_path(store, roots.dir));
}

/* The flags are those that libcurl sets (CURLOPT_SSL_OPTIONS(3)); it does so again for each
 * connection, which then changes nothing. All else that connections do with a store is done
 * under its lock. */
static void read_roots(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	X509_STORE *store;

	if (!exchange_is_our_openssl(info->ssl_version) ||
		info->age < CURLVERSION_SEVENTH)
		return;
	roots.file = info->cainfo;
	roots.dir = info->capath;
	roots.pid = getpid();
	if (!roots.file && !roots.dir)
		return;
	(void)snprintf(roots.why, sizeof(roots.why),
		"the system's certificates cannot be read: %s",
		roots.file ? roots.file : roots.dir);
	if (roots.file && stat(roots.file, &roots.was) < 0)
		return;
	store = X509_STORE_new();
	if (!store)
		return;
	if (add_roots(store) &&
		X509_STORE_set_flags(
			store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN))
		roots.store = store;
	else
		X509_STORE_free(store);
}

/* An administrator who takes a certificate away is heard by the next connection that resumes
 * no session; they are read for each one then, as libcurl does, until the program starts
 * anew. Of a folder without a file OpenSSL keeps what it has read. */
static bool are_fresh(void)
{
	struct stat now;

	if (!roots.store || roots.pid != getpid())
		return false;
	if (!roots.file)
		return true;
	return stat(roots.file, &now) == 0 && now.st_dev == roots.was.st_dev &&
		now.st_ino == roots.was.st_ino && now.st_size == roots.was.st_size &&
		now.st_mtim.tv_sec == roots.was.st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == roots.was.st_mtim.tv_nsec;
}

/* For each new connection, before its handshake. */
static CURLcode use_roots(CURL *easy, void *ssl_ctx, void *arg)
{
	const struct session *s = arg;

	(void)easy;
	if (are_fresh()) {
		SSL_CTX_set1_cert_store(ssl_ctx, roots.store);
		return CURLE_OK;
	}
	if (add_roots(SSL_CTX_get_cert_store(ssl_ctx)))
		return CURLE_OK;
	if (s->at) { /* libcurl only says that its callback failed */
		s->at->fault = HTTP_TLS;
		s->at->why = roots.why;
	}
	return CURLE_SSL_CACERT_BADFILE;
}

void exchange_setup_roots(struct exchange *x)
{
	(void)pthread_once(&once, read_roots);
	if (!roots.file && !roots.dir)
		return;
	EXCHANGE_SET(x, CURLOPT_CAINFO, (char *)NULL);
	EXCHANGE_SET(x, CURLOPT_CAPATH, (char *)NULL);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* libcurl's own, which would hide what has changed for a day. */
	EXCHANGE_SET(x, CURLOPT_CA_CACHE_TIMEOUT, 0L);
#endif
	EXCHANGE_SET(x, CURLOPT_SSL_CTX_FUNCTION, use_roots);
	EXCHANGE_SET(x, CURLOPT_SSL_CTX_DATA, x->session);
}
