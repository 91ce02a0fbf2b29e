/* mi-token openssl-conf: the lines of OpenSSL's configuration that load azkv, config(5).
 * SPDX-License-Identifier: MIT
 *
 * They stand between two comments at the end of the file, and are all that is ever changed in
 * it. A section may stand several times in such a file; its lines are added up. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "azkv.h"
#include "base/file.h"
#include "library.h"

#define BEGIN_LINE   "# mi-token begin: keys in Azure Key Vault, azkv(7)\n"
#define END_LINE     "# mi-token end\n"
#define AZKV_SECTION "[mi_token_azkv]\n"

struct work {
	const struct options *o;
	char path[PATH_MAX];
	struct text own;   /* lines that were added to the provider's section */
	struct text rest;  /* the file without what is ours, */
	struct text block; /* and what is, or will be */
	bool had_block, had_file;
	CONF *conf; /* of rest */
};

static void work_free(struct work *w)
{
	text_free(&w->own);
	text_free(&w->rest);
	text_free(&w->block);
	NCONF_free(w->conf);
	ERR_clear_error();
}

/* Symbolic links are followed once: what they lead to is replaced, not they. */
static enum mitok_code find_file(struct work *w, struct mitok_err *e)
{
	char *found = NULL;
	const char *path = w->o->file;
	bool fits;

	if (!path)
		path = found = CONF_get1_default_config_file();
	if (!path)
		return err_memory(e);
	fits = realpath(path, w->path) ||
		(errno == ENOENT && text_copy(w->path, sizeof(w->path), path));
	OPENSSL_free(found);
	return fits ? MITOK_OK
		    : err_set(e, MITOK_E_CONF, "cannot find OpenSSL's configuration: %s",
			      strerror(errno));
}

/* The provider's options are the administrator's (azkv(7), CONFIGURATION). */
static void keep_options(struct work *w, const char *at, const char *end)
{
	at = strstr(at, AZKV_SECTION);
	for (at = at ? at + strlen(AZKV_SECTION) : end; at < end;
		at += strcspn(at, "\n") + 1)
		if (!text_starts(at, "activate") && !text_starts(at, "module"))
			text_add_bytes(&w->own, at, strcspn(at, "\n") + 1);
}

/* Splits text into what is ours and the rest. */
static enum mitok_code split(struct work *w, const char *text, struct mitok_err *e)
{
	const char *begin = strstr(text, BEGIN_LINE);
	const char *end = begin ? strstr(begin, END_LINE) : NULL;

	if (begin && (!end || strstr(end, BEGIN_LINE)))
		return err_set(e, MITOK_E_CONF,
			"'%s': the lines between 'mi-token begin' and 'mi-token end' are "
			"damaged; remove them by hand",
			w->path);
	w->had_block = begin != NULL;
	text_add_bytes(&w->rest, text, begin ? (size_t)(begin - text) : strlen(text));
	if (begin) {
		keep_options(w, begin, end);
		text_add(&w->rest, end + strlen(END_LINE));
	}
	return text_ok(&w->rest) && text_ok(&w->own) ? MITOK_OK : err_memory(e);
}

static enum mitok_code read_file(struct work *w, struct mitok_err *e)
{
	AUTO_SECRET content = { 0 };
	const char *text;
	int error = 0;
	struct file_ask ask = {
		.path = w->path, .limit = SECRET_MAX, .ret_errno = &error
	};
	enum mitok_code r = file_read(AT_FDCWD, &ask, &content, e);

	if (r && error != ENOENT)
		return r;
	w->had_file = !r;
	text = secret_peek(&content);
	if (content.len != strlen(text))
		return err_set(e, MITOK_E_CONF, "'%s' is no text", w->path);
	return split(w, text, e);
}

/* The value, or NULL. */
static const char *look_up(const CONF *conf, const char *section, const char *name)
{
	const char *value = NCONF_get_string(conf, section, name);

	ERR_clear_error();
	return value;
}

/* What OpenSSL would read without us. */
static enum mitok_code parse(struct work *w, struct mitok_err *e)
{
	BIO *bio = BIO_new_mem_buf(text_peek(&w->rest), (int)w->rest.len);
	long line = 0;
	int done;

	w->conf = NCONF_new(NULL);
	done = w->conf && bio && NCONF_load_bio(w->conf, bio, &line) > 0;
	(void)BIO_free(bio);
	if (done)
		return MITOK_OK;
	return err_set(
		e, MITOK_E_CONF, "'%s', line %ld: OpenSSL cannot read it", w->path, line);
}

static bool is_activated(const CONF *conf, const char *section)
{
	const char *value = look_up(conf, section, "activate");

	return value && strcmp(value, "0") != 0 && !text_equal_nocase(value, "no") &&
		!text_equal_nocase(value, "off") && !text_equal_nocase(value, "false");
}

/* A machine that has chosen other providers, as for FIPS, keeps its choice. */
static bool has_others(const CONF *conf, const char *providers)
{
	const STACK_OF(CONF_VALUE) *rows = NCONF_get_section(conf, providers);

	for (int i = 0; i < sk_CONF_VALUE_num(rows); i++) {
		const CONF_VALUE *row = sk_CONF_VALUE_value(rows, i);

		if (strcmp(row->name, "default") != 0 && is_activated(conf, row->value))
			return true;
	}
	ERR_clear_error();
	return false;
}

/* Names the section that `name` in `section` leads to, ours where there is none. */
static const char *lead(
	struct work *w, const char *section, const char *name, const char *ours)
{
	const char *found = look_up(w->conf, section, name);

	if (found)
		return found;
	text_addf(
		&w->block, "[%s]\n%s = %s\n", section ? section : "default", name, ours);
	return ours;
}

/* default comes first, and is activated: a list of providers replaces the built-in one, and
 * azkv before default would be asked to do everything. */
static enum mitok_code compose(struct work *w, struct mitok_err *e)
{
	const char *init, *providers, *own;
	char module[PATH_MAX];
	enum mitok_code r = library_find(module, e);

	if (r)
		return r;
	text_add(&w->block, BEGIN_LINE);
	init = lead(w, NULL, "openssl_conf", "mi_token_init");
	providers = lead(w, init, "providers", "mi_token_providers");
	if (look_up(w->conf, providers, "azkv"))
		return err_set(e, MITOK_E_CONF,
			"'%s' has azkv already, in the section [%s], not by this "
			"command; remove that line to have it written anew",
			w->path, providers);
	own = look_up(w->conf, providers, "default");
	text_addf(&w->block, "[%s]\n", providers);
	if (!own && !has_others(w->conf, providers))
		text_addf(&w->block, "default = %s\n", own = "mi_token_default");
	text_add(&w->block, "azkv = mi_token_azkv\n");
	if (own && !is_activated(w->conf, own))
		text_addf(&w->block, "[%s]\nactivate = 1\n", own);
	text_add(&w->block, AZKV_SECTION);
	if (module[0])
		text_addf(&w->block, "module = %s\n", module);
	text_addf(&w->block, "activate = 1\n%s" END_LINE, text_peek(&w->own));
	return text_ok(&w->block) ? MITOK_OK : err_memory(e);
}

static enum mitok_code install(struct work *w, struct mitok_err *e)
{
	AUTO_TEXT content = { 0 };

	text_add_bytes(&content, text_peek(&w->rest), w->rest.len);
	if (w->rest.len && w->rest.p[w->rest.len - 1] != '\n')
		text_add(&content, "\n");
	text_add(&content, text_peek(&w->block));
	return replace_file(w->path, w->o, &content, e);
}

static enum mitok_code remove_block(struct work *w, struct mitok_err *e)
{
	if (!w->had_block)
		return MITOK_OK;
	if (w->rest.len)
		return replace_file(w->path, w->o, &w->rest, e);
	if (unlink(w->path))
		return err_set(e, MITOK_E_CONF, "cannot remove '%s': %s", w->path,
			strerror(errno));
	return MITOK_OK;
}

enum mitok_code openssl_conf(const struct options *o, struct mitok_err *e)
{
	struct work w __attribute__((cleanup(work_free))) = { .o = o };
	enum mitok_code r;

	if (o->install + o->remove + o->show > 1)
		return err_set(
			e, MITOK_E_ARG, "--install, --remove and --show: one of them");
	r = find_file(&w, e);
	if (!r)
		r = read_file(&w, e);
	if (!r && o->remove)
		return remove_block(&w, e);
	if (!r)
		r = parse(&w, e);
	if (!r)
		r = compose(&w, e);
	if (r)
		return r;
	return o->install ? install(&w, e) : process_print(w.block.p, w.block.len, e);
}
