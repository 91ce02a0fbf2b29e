/* docker-credential-mi-token: Azure's container registries with the machine's identity, by
 * the protocol of github.com/docker/docker-credential-helpers.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../flags.h"
#include "../process.h"
#include "../registry/registry.h"

/* docker waits for as long as we do. */
#define TIMEOUT_MS 15000
#include "io/json.h"

/* Whoever sees these words asks somebody else, or goes without credentials. */
#define NOT_FOUND "credentials not found in native keychain"
/* In bytes. */
#define INPUT_MAX 65536u
/* The user that has one of the registry's own tokens as the password. */
#define NOBODY    "00000000-0000-0000-0000-000000000000"

struct args {
	bool help, version;
};
#define PLACE(member) offsetof(struct args, member)

// clang-format off
static const struct flag rows[] = {
	{ "help",    'h', NULL, PLACE(help),    "this help" },
	{ "version", 'V', NULL, PLACE(version), "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* All of stdin; what `store` gets there is a secret. */
static enum mitok_code read_input(struct secret *ret, struct mitok_err *e)
{
	ssize_t n;

	do {
		char *room = ret->len < INPUT_MAX ? secret_room(ret, 4096) : NULL;

		if (!room)
			return err_set(e, MITOK_E_ARG, "too much on stdin");
		n = read(STDIN_FILENO, room, 4096);
		if (n > 0)
			secret_grow(ret, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_set(e, MITOK_E_ARG, "cannot read stdin: %s", strerror(errno));
	secret_trim(ret);
	if (strlen(secret_peek(ret)) != ret->len)
		return err_set(e, MITOK_E_ARG, "what is on stdin is no text");
	return MITOK_OK;
}

static void free_context(struct mitok **m)
{
	mitok_free(*m);
}

static enum mitok_code get_password(
	const struct registry *r, struct secret *ret, struct mitok_err *e)
{
	const struct mitok_options settings = { .size = sizeof(settings),
		.own_process = 1 };
	const struct mitok_request rq = {
		.size = sizeof(rq), .resource = r->resource, .host = r->host, .path = "/"
	};
	__attribute__((cleanup(free_context))) struct mitok *m = NULL;
	AUTO_TOKEN t = NULL;
	enum mitok_code code = mitok_new(&settings, &m, e);

	if (!code)
		code = mitok_get(m, &rq, &t, e);
	return code ? code : acr_exchange(r, t, TIMEOUT_MS, ret, e);
}

static enum mitok_code op_get(
	const struct secret *in, struct secret *ret, struct mitok_err *e)
{
	const char *server = secret_peek(in);
	struct registry r;
	AUTO_SECRET password = { 0 };
	AUTO_TEXT name = { 0 };
	enum mitok_code code;

	if (!registry_read(server, &r) || !text_is_utf8(server, in->len))
		return err_set(e, MITOK_E_ARG, NOT_FOUND);
	code = get_password(&r, &password, e);
	if (code)
		return code;
	text_add_json(&name, server);
	if (text_ok(&name) && secret_add_text(ret, "{\"ServerURL\":") &&
		secret_add_text(ret, text_peek(&name)) &&
		secret_add_text(ret, ",\"Username\":\"" NOBODY "\",\"Secret\":\"") &&
		secret_add(ret, secret_peek(&password), password.len) &&
		secret_add_text(ret, "\"}\n"))
		return MITOK_OK;
	return err_memory(e);
}

/* `docker login` at one of our registries is none of our business: the next `get` has fresh
 * credentials. Those of others would be lost. */
static enum mitok_code op_store(
	const struct secret *in, struct secret *ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	struct registry r;
	const char *server;

	(void)ret;
	if (json_parse(secret_peek(in), in->len, &j, NULL))
		return err_set(e, MITOK_E_ARG, "what is to be stored is no JSON");
	server = json_text(json_member(j, "ServerURL"));
	if (server && registry_read(server, &r))
		return MITOK_OK;
	return err_hint(e,
		err_set(e, MITOK_E_ARG,
			"mi-token keeps no credentials, least of all for registries that "
			"are not Azure's"),
		"name it for single registries, in credHelpers, not as credsStore");
}

static enum mitok_code op_erase(
	const struct secret *in, struct secret *ret, struct mitok_err *e)
{
	(void)in;
	(void)ret;
	(void)e;
	return MITOK_OK;
}

/* Nothing is stored, so there is nothing to list. */
static enum mitok_code op_list(
	const struct secret *in, struct secret *ret, struct mitok_err *e)
{
	(void)in;
	return secret_add_text(ret, "{}\n") ? MITOK_OK : err_memory(e);
}

static enum mitok_code op_version(
	const struct secret *in, struct secret *ret, struct mitok_err *e)
{
	(void)in;
	return secret_add_text(ret, "docker-credential-mi-token " MI_TOKEN_VERSION "\n")
		? MITOK_OK
		: err_memory(e);
}

static const struct operation {
	const char *name;
	bool reads; /* what is on stdin */
	enum mitok_code (*run)(
		const struct secret *in, struct secret *ret, struct mitok_err *e);
} operations[] = {
	{ "get", true, op_get },
	{ "store", true, op_store },
	{ "erase", true, op_erase },
	{ "list", false, op_list },
	{ "version", false, op_version },
};

static enum mitok_code run(const char *name, struct secret *ret, struct mitok_err *e)
{
	AUTO_SECRET in = { 0 };

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		const struct operation *o = &operations[i];
		enum mitok_code code = MITOK_OK;

		if (strcmp(o->name, name) != 0)
			continue;
		if (o->reads)
			code = read_input(&in, e);
		return code ? code : o->run(&in, ret, e);
	}
	return err_hint(e, err_set(e, MITOK_E_ARG, "no such operation"),
		"there are: get, store, erase, list and version");
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: docker-credential-mi-token get|store|erase|list|version\n\n"
		"Gives docker the managed identity's access to Azure's container "
		"registries. To have\ndocker run it, in ~/.docker/config.json:\n\n"
		"  { \"credHelpers\": { \"REGISTRY.azurecr.io\": \"mi-token\" } }\n\n");
	flags_help(rows, NULL, NULL, &help);
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

/* docker reads what went wrong from stdout, and wants status 1. */
static int tell(const struct mitok_err *e)
{
	AUTO_TEXT line = { 0 };

	if (strcmp(e->message, NOT_FOUND) == 0)
		text_add(&line, NOT_FOUND "\n");
	else
		text_addf(&line, "mi-token: %s%s%s\n", e->message, e->hint[0] ? "; " : "",
			e->hint);
	(void)!process_print(text_peek(&line), line.len, NULL);
	return 1;
}

static enum mitok_code find_operation(
	int argc, char **argv, struct args *a, const char **ret, struct mitok_err *e)
{
	enum mitok_code code = flags_parse(rows, argc, argv, a, e);

	*ret = a->version ? "version" : argv[optind];
	if (!code && !a->help && !a->version && (!*ret || argv[optind + 1]))
		code = err_set(e, MITOK_E_ARG, "one operation is wanted");
	return code ? err_hint(e, code, "see docker-credential-mi-token --help")
		    : MITOK_OK;
}

int main(int argc, char **argv)
{
	struct args args = { .help = false };
	struct mitok_err e = { 0 };
	AUTO_SECRET out = { 0 };
	const char *name = NULL;
	enum mitok_code code;

	process_harden();
	code = find_operation(argc, argv, &args, &name, &e);
	if (!code && args.help)
		return (int)print_help(&e);
	if (!code)
		code = run(name, &out, &e);
	if (code)
		return tell(&e);
	code = process_print(secret_peek(&out), out.len, &e);
	if (code)
		process_print_error(false, &e);
	return (int)code;
}
