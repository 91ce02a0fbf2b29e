/* The driver's steps: each argument is one, all in one process.
 * SPDX-License-Identifier: MIT */
#include "azkv-driver.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static int status;
static long limit_ms; /* for a step; 0: none */

void note_failure(void)
{
	status = 1;
}

void print_signed(const struct outcome *o, long count)
{
	printf("signed %ld of %ld\n%s", o->done, count, o->why);
	if (o->done != count || o->why[0])
		note_failure();
}

/* sign KEY [COUNT] */
static void step_sign(const struct step *s)
{
	long count = s->words[2] ? s->numbers[2] : 1;
	struct outcome o = { 0 };
	const struct signer *signer = signer_find(s->words[1], &o);

	if (signer)
		(void)signer_sign(signer, count, &o);
	print_signed(&o, count);
}

/* guest KEY: what the program itself has on the error queue stays there, and alone. */
static void step_guest(const struct step *s)
{
	unsigned char signature[1024];
	size_t len = sizeof(signature);
	struct outcome o = { 0 };
	const struct signer *signer = signer_find(s->words[1], &o);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned long code;
	bool is_signed;

	ERR_raise_data(ERR_LIB_USER, 7, "the program's first");
	ERR_raise_data(ERR_LIB_USER, 8, "the program's second");
	is_signed = signer &&
		EVP_DigestSignInit_ex(
			context, NULL, "SHA256", NULL, NULL, signer->key, NULL) == 1 &&
		EVP_DigestSign(context, signature, &len, (const unsigned char *)"x", 1) ==
			1;
	printf("%s\n", is_signed ? "signed" : "not signed");
	for (const char *data; (code = ERR_get_error_all(NULL, NULL, NULL, &data, NULL));)
		printf("%d %s\n", ERR_GET_REASON(code), data);
	EVP_MD_CTX_free(context);
}

/* sleep MS */
static void step_sleep(const struct step *s)
{
	clock_sleep(s->numbers[1]);
}

/* sh FILE [WORD]: commands for a shell */
static void step_shell(const struct step *s)
{
	char command[600];

	(void)snprintf(command, sizeof(command), "sh '%s' '%s'", s->words[1],
		s->words[2] ? s->words[2] : "");
	if (system(command)) /* NOLINT(cert-env33-c): the test's own words */
		note_failure();
}

/* limit MS: for each step after this one */
static void step_limit(const struct step *s)
{
	limit_ms = s->numbers[1];
}

static const struct {
	const char *command;
	void (*run)(const struct step *s);
} steps[] = {
	{ "sign", step_sign },
	{ "guest", step_guest },
	{ "sleep", step_sleep },
	{ "sh", step_shell },
	{ "limit", step_limit },
	{ "threads", step_threads },
	{ "fork", step_fork },
	{ "fork-busy", step_fork_busy },
	{ "workers", step_workers },
	{ "contexts", step_contexts },
	{ "several", step_several },
	{ "plugin", step_plugin },
	{ "exit", step_exit },
	{ "exit-in-thread", step_exit_in_thread },
	{ "cleanup", step_cleanup },
};

/* Words are split by blanks. */
static void read_step(char *text, struct step *ret)
{
	char *save = NULL, *word = strtok_r(text, " ", &save);

	for (size_t i = 0; word && i + 1 < sizeof(ret->words) / sizeof(*ret->words);
		i++) {
		ret->words[i] = word;
		ret->numbers[i] = strtol(word, NULL, 10);
		word = strtok_r(NULL, " ", &save);
	}
}

static void run(char *text)
{
	int64_t begin = clock_now().boot_ms, took;
	struct step s = { .words = { NULL } };
	size_t i = 0;

	read_step(text, &s);
	while (i < sizeof(steps) / sizeof(*steps) && s.words[0] &&
		strcmp(steps[i].command, s.words[0]) != 0)
		i++;
	if (i == sizeof(steps) / sizeof(*steps) || !s.words[0]) {
		fprintf(stderr, "azkv-driver: what is '%s'?\n", text);
		exit(2);
	}
	steps[i].run(&s);
	took = clock_now().boot_ms - begin;
	if (limit_ms && took > limit_ms) {
		printf("late: %lld ms\n", (long long)took);
		note_failure();
	}
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	signers_forget();
	return status;
}
