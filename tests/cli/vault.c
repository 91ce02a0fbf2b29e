/* The vault client over the real transport: each argument is a step, all in one process.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "openssl/auto.h"

static struct vault *vault;
static OSSL_LIB_CTX *inner;
static struct vault_key last;
static int status, is_late;

static void fail(const struct mitok_err *e)
{
	status = 1;
	printf("%s: %s; %s\n", mitok_code_name(e->code), e->message, e->hint);
}

/* A step, and what it is about. */
struct step {
	char command[16], where[800];
	long n, count; /* n: of threads or processes */
	struct uri uri;
	struct vault_key key;
};

static bool verify(
	const struct step *s, const unsigned char *digest, const struct secret *signature)
{
	AUTO_PKEY_CTX ctx = EVP_PKEY_CTX_new_from_pkey(inner, s->key.public_key, NULL);

	return ctx && EVP_PKEY_verify_init(ctx) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		EVP_PKEY_verify(ctx, (const unsigned char *)secret_peek(signature),
			signature->len, digest, 32) == 1;
}

/* Signs something else each time; how many went well. */
static long sign(const struct step *s, struct mitok_err *e)
{
	bool is_rsa = EVP_PKEY_is_a(s->key.public_key, "RSA");
	unsigned char digest[32] = { 0 };
	pid_t self = gettid();
	unsigned long before;
	long done = 0;

	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 7); /* the program's own */
	before = ERR_peek_last_error();

	for (long i = 0; i < s->count; i++) {
		const struct vault_job job = { &s->key.uri, "sign",
			is_rsa ? "RS256" : "ES256", digest, sizeof(digest) };
		AUTO_SECRET got = { 0 };

		memcpy(digest, &i, sizeof(i));
		memcpy(digest + 16, &self, sizeof(self));
		if (vault_do(vault, &job, &got, e))
			continue;
		if (ERR_peek_last_error() != before)
			(void)err_set(e, MITOK_E_BUG, "OpenSSL's queue is another");
		else if (is_rsa ? verify(s, digest, &got) : got.len == 64)
			done++;
		else
			(void)err_set(e, MITOK_E_BUG, "a signature that does not fit");
	}
	return done;
}

/* "-" is the key that was loaded last, as it was then. */
static bool load(struct step *s)
{
	struct mitok_err e;

	if (strcmp(s->where, "-") != 0) {
		vault_key_wipe(&last);
		if (vault_get_key(vault, &s->uri, inner, &last, &e)) {
			fail(&e);
			return false;
		}
	}
	s->key = last;
	return last.public_key && EVP_PKEY_up_ref(last.public_key);
}

static void do_sign(struct step *s)
{
	struct mitok_err e = { 0 };
	int64_t begin = clock_now().boot_ms;
	long done;

	if (!load(s))
		return;
	done = sign(s, &e);
	printf("signed %ld\n", done);
	fprintf(stderr, "in %lld ms\n", (long long)(clock_now().boot_ms - begin));
	if (done < s->count)
		fail(&e);
}

static void *in_thread(void *arg)
{
	struct mitok_err e = { 0 };

	return (void *)sign(arg, &e);
}

static void do_threads(struct step *s)
{
	pthread_t threads[64];
	long done = 0;

	if (!load(s))
		return;
	for (long i = 0; i < s->n; i++)
		if (pthread_create(&threads[i], NULL, in_thread, s))
			exit(125);
	for (long i = 0; i < s->n; i++) {
		void *got;

		(void)pthread_join(threads[i], &got);
		done += (long)got;
	}
	printf("signed %ld\n", done);
}

/* The key is loaded by the parent, as nginx does it. */
static void do_fork(struct step *s)
{
	struct mitok_err e = { 0 };
	int got, well = 0;

	if (!load(s))
		return;
	(void)fflush(stdout);
	for (long i = 0; i < s->n; i++)
		if (fork() == 0)
			exit(sign(s, &e) == s->count ? 0
						     : 1); /* through OPENSSL_cleanup() */
	while (wait(&got) > 0)
		well += got == 0;
	printf("%d children signed\n", well);
}

static bool print_name(void *arg, const struct uri *id)
{
	AUTO_TEXT name = { 0 };

	(void)arg;
	uri_format(id, &name);
	puts(text_peek(&name));
	return true;
}

static void do_list(struct step *s)
{
	struct mitok_err e;

	if (vault_list(vault, &s->uri, print_name, NULL, &e))
		fail(&e);
}

static bool print_subject(void *arg, const unsigned char *der, size_t len)
{
	X509 *x = d2i_X509(NULL, &der, (long)len);
	char name[64] = "?";

	(void)arg;
	if (x)
		(void)X509_NAME_get_text_by_NID(
			X509_get_subject_name(x), NID_commonName, name, sizeof(name));
	puts(name);
	X509_free(x);
	return true;
}

static void do_certificates(struct step *s)
{
	struct mitok_err e;

	if (vault_get_certificates(vault, &s->uri, print_subject, NULL, &e))
		fail(&e);
}

static void do_key(struct step *s)
{
	if (load(s))
		printf("%s %d\n", EVP_PKEY_get0_type_name(s->key.public_key),
			EVP_PKEY_get_bits(s->key.public_key));
}

static void do_sleep(struct step *s)
{
	clock_sleep(s->n);
}

static void do_shell(struct step *s)
{
	int got = system(s->where); /* NOLINT(cert-env33-c): the test's own words */

	if (got)
		exit(125);
}

/* As a provider is unloaded when the program ends: from OPENSSL_cleanup(). */
static void free_late(void)
{
	vault_free(vault);
}

static void do_late(struct step *s)
{
	(void)s;
	is_late = OPENSSL_atexit(free_late);
}

static const struct {
	const char *command;
	bool has_number, is_about_uri;
	void (*run)(struct step *s);
} commands[] = {
	{ "key", false, true, do_key },
	{ "sign", false, true, do_sign },
	{ "threads", true, true, do_threads },
	{ "fork", true, true, do_fork },
	{ "list", false, true, do_list },
	{ "certs", false, true, do_certificates },
	{ "sleep", true, false, do_sleep },
	{ "sh", false, false, do_shell },
	{ "late", false, false, do_late },
};

static const char *next_word(const char *p, char *ret, size_t size)
{
	size_t len = strcspn(p, " ");

	(void)snprintf(ret, size, "%.*s", (int)len, p);
	return p + len + strspn(p + len, " ");
}

/* COMMAND [N] URI [COUNT], COMMAND N, or COMMAND REST */
static void run(const char *text)
{
	struct step s = { .count = 1 };
	struct mitok_err e;
	char number[16];
	size_t i = 0;

	text = next_word(text, s.command, sizeof(s.command));
	while (i < sizeof(commands) / sizeof(*commands) &&
		strcmp(commands[i].command, s.command) != 0)
		i++;
	if (i == sizeof(commands) / sizeof(*commands))
		exit(2);
	if (commands[i].has_number) {
		text = next_word(text, number, sizeof(number));
		s.n = strtol(number, NULL, 10);
	}
	if (commands[i].is_about_uri) {
		text = next_word(text, s.where, sizeof(s.where));
		if (*text)
			s.count = strtol(text, NULL, 10);
	} else {
		(void)!TEXT_COPY(s.where, text);
	}
	if (commands[i].is_about_uri && strcmp(s.where, "-") != 0 &&
		uri_parse(s.where, &s.uri, &e))
		fail(&e);
	else
		commands[i].run(&s);
	vault_key_wipe(&s.key);
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *timeout = getenv("VAULT_TIMEOUT_MS");
	struct vault_settings settings = {
		.timeout_ms = timeout ? strtol(timeout, NULL, 10) : 0
	};
	OSSL_PROVIDER *standard;

	inner = OSSL_LIB_CTX_new();
	standard = OSSL_PROVIDER_load(inner, "default");
	vault = vault_new(&settings);
	if (!vault || !standard)
		return 125;
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	vault_key_wipe(&last);
	if (!is_late)
		vault_free(vault);
	(void)OSSL_PROVIDER_unload(standard);
	OSSL_LIB_CTX_free(inner);
	return status;
}
