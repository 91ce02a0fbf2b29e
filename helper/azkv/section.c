/* The provider's section in OpenSSL's configuration.
 * SPDX-License-Identifier: MIT */
#include "section.h"

#include <errno.h>
#include <openssl/conf.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

static bool is_any(const char *value)
{
	(void)value;
	return true;
}

static bool is_span(const char *value)
{
	int64_t ms;

	return text_to_ms(value, &ms);
}

static bool is_yes_or_no(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

/* A name without a folder is looked for where OpenSSL has its modules. */
static bool is_module(const char *value)
{
	return *value != '/' || access(value, R_OK) == 0;
}

static bool is_on(const char *value)
{
	return strcmp(value, "0") != 0 && !text_equal_nocase(value, "no") &&
		!text_equal_nocase(value, "off") && !text_equal_nocase(value, "false");
}

/* OpenSSL's own names first, then those of azkv(7). */
static const struct {
	const char *name;
	bool (*is_good)(const char *value);
	const char *want;
} rows[] = {
	// clang-format off
	{ "activate",       is_on,        "1" },
	{ "module",         is_module,    "the path of azkv.so" },
	{ "soft_load",      is_any,       "" },
	{ "token-identity", is_any,       "" },
	{ "timeout",        is_span,      "a time span, as in 10s" },
	{ "tls-rsa",        is_yes_or_no, "yes or no" },
	// clang-format on
};

static enum mitok_code check_line(
	const char *section, const CONF_VALUE *line, struct mitok_err *e)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].name, line->name) != 0)
			continue;
		if (rows[i].is_good(line->value))
			return MITOK_OK;
		return err_set(e, MITOK_E_CONF, "[%s] %s = %s: it has to be %s", section,
			line->name, line->value, rows[i].want);
	}
	return err_hint(e,
		err_set(e, MITOK_E_CONF, "[%s] %s: there is no such option", section,
			line->name),
		"azkv(7) lists them");
}

static enum mitok_code check_lines(
	const CONF *conf, const char *name, struct section *ret, struct mitok_err *e)
{
	const STACK_OF(CONF_VALUE) *lines = NCONF_get_section(conf, name);
	enum mitok_code r = MITOK_OK;
	bool is_active = false;

	for (int i = 0; i < sk_CONF_VALUE_num(lines); i++) {
		const CONF_VALUE *line = sk_CONF_VALUE_value(lines, i);

		is_active = is_active || strcmp(line->name, "activate") == 0;
		if (strcmp(line->name, "token-identity") == 0)
			(void)!TEXT_COPY(ret->identity, line->value);
		if (!r)
			r = check_line(name, line, e);
	}
	if (!r && !is_active)
		r = err_set(e, MITOK_E_CONF, "[%s] has no activate = 1", name);
	return r;
}

/* NULL, once there was none. */
static const char *look_up(const CONF *conf, const char *section, const char *name)
{
	return section ? NCONF_get_string(conf, section, name) : NULL;
}

static enum mitok_code read_conf(
	const CONF *conf, struct section *ret, struct mitok_err *e)
{
	const char *name = NCONF_get_string(conf, NULL, "openssl_conf");

	name = look_up(conf, name, "providers");
	name = look_up(conf, name, "azkv");
	ret->is_named = name != NULL;
	return name ? check_lines(conf, name, ret, e) : MITOK_OK;
}

enum mitok_code section_of(const char *path, struct section *ret, struct mitok_err *e)
{
	CONF *conf = NCONF_new(NULL);
	enum mitok_code r;
	long line = 0;

	*ret = (struct section){ .identity = "" };
	if (!conf)
		return err_memory(e);
	if (access(path, R_OK))
		r = err_set(
			e, MITOK_E_CONF, "cannot read '%s': %s", path, strerror(errno));
	else if (NCONF_load(conf, path, &line) <= 0)
		r = err_set(e, MITOK_E_CONF, "'%s', line %ld: OpenSSL cannot read it",
			path, line);
	else
		r = read_conf(conf, ret, e);
	NCONF_free(conf);
	ERR_clear_error();
	return r;
}
