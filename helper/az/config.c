/* az config, and the settings that ours minds.
 * SPDX-License-Identifier: MIT
 *
 * The file is Python's configparser's: sections and names without case, `=` or `:` between a
 * name and its value, # and ; begin a comment line. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "build.h"
#include "home.h"
#include "az.h"

/* One line: its own text, and what it means where it stands. */
struct line {
	const char *text;
	size_t len; /* without the newline */
	char section[64], name[64];
	const char *value;
	size_t value_len;
};

static bool read_file(struct secret *ret)
{
	struct file_ask ask = { .rules = FILE_ROOT_OR_US | FILE_NO_WRITERS,
		.limit = SECRET_MAX };
	char path[PATH_MAX];

	ask.path = path;
	return home_config(path, sizeof(path)) &&
		file_read(AT_FDCWD, &ask, ret, NULL) == MITOK_OK;
}

static void lower(char *ret, size_t size, const char *text, size_t len)
{
	while (len && strchr(" \t", text[len - 1]))
		len--;
	(void)snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), text);
	for (; *ret; ret++)
		*ret = text_lower(*ret);
}

/* Goes to the next line; false at the end. */
static bool next_line(const char **p, struct line *l)
{
	size_t end;

	if (!**p)
		return false;
	l->text = *p;
	l->len = strcspn(*p, "\n");
	l->name[0] = '\0';
	*p += l->len + ((*p)[l->len] == '\n');
	if (l->text[0] == '[') {
		lower(l->section, sizeof(l->section), l->text + 1,
			strcspn(l->text + 1, "]\n"));
		return true;
	}
	end = strcspn(l->text, "=:\n");
	if (end >= l->len || strchr("#; \t", l->text[0]))
		return true;
	lower(l->name, sizeof(l->name), l->text, end);
	for (end++; end < l->len && strchr(" \t", l->text[end]);)
		end++;
	l->value = l->text + end;
	l->value_len = l->len - end;
	while (l->value_len && strchr(" \t\r", l->value[l->value_len - 1]))
		l->value_len--;
	return true;
}

static const char *from_environment(const char *section, const char *name)
{
	char variable[128];

	(void)snprintf(variable, sizeof(variable), "AZURE_%s_%s", section, name);
	for (char *p = variable; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return home_env(variable);
}

bool config_read(const char *section, const char *name, char *ret, size_t size)
{
	const char *value = from_environment(section, name), *p;
	struct line l = { 0 };
	AUTO_SECRET s = { 0 };

	if (value)
		return text_copy(ret, size, value);
	if (!read_file(&s))
		return false;
	for (p = secret_peek(&s); next_line(&p, &l);)
		if (text_equal_nocase(l.section, section) &&
			text_equal_nocase(l.name, name) && l.value_len < size) {
			(void)snprintf(ret, size, "%.*s", (int)l.value_len, l.value);
			return true;
		}
	return false;
}

/* The file with the setting changed where it stands, or behind its section's heading; value
 * NULL: without it. */
static bool changed(const char *old, const char *section, const char *name,
	const char *value, struct text *ret)
{
	struct line l = { 0 };
	bool done = false;

	for (const char *p = old; next_line(&p, &l);) {
		bool inside = text_equal_nocase(l.section, section);

		if (inside && l.name[0] && text_equal_nocase(l.name, name))
			continue;
		text_add_bytes(ret, l.text, l.len);
		text_add(ret, "\n");
		if (inside && l.text[0] == '[' && !done && value) {
			text_addf(ret, "%s = %s\n", name, value);
			done = true;
		}
	}
	if (!done && value)
		text_addf(ret, "[%s]\n%s = %s\n", section, name, value);
	return text_ok(ret);
}

enum mitok_code config_write(
	const char *section, const char *name, const char *value, struct mitok_err *e)
{
	char path[PATH_MAX];
	AUTO_SECRET old = { 0 };
	AUTO_TEXT t = { 0 };

	if (text_has_control(section) || text_has_control(name) ||
		(value && text_has_control(value)))
		return err_set(e, MITOK_E_DENIED, "a setting is one line of text");
	if (!home_config(path, sizeof(path)))
		return err_set(e, MITOK_E_CONF, "no home directory to keep settings in");
	(void)!read_file(&old);
	if (!changed(secret_peek(&old), section, name, value, &t))
		return err_memory(e);
	return home_write(path, text_peek(&t), t.len, e);
}

/* SECTION.NAME[=VALUE] taken apart; NULL value: there is none. */
struct setting {
	char section[64], name[64];
	const char *value;
};

static bool take_apart(const char *text, struct setting *ret)
{
	size_t len = strcspn(text, "="), dot = strcspn(text, ".");
	const char *name = text + dot + 1;

	*ret = (struct setting){ .value = text[len] ? text + len + 1 : NULL };
	if (dot >= len || dot >= sizeof(ret->section) || dot == 0 ||
		len - dot - 1 >= sizeof(ret->name) || len - dot - 1 == 0)
		return false;
	memcpy(ret->section, text, dot);
	memcpy(ret->name, name, len - dot - 1);
	return true;
}

enum mitok_code az_config_set(struct az *az, struct mitok_err *e)
{
	struct setting s;
	enum mitok_code r = MITOK_OK;

	for (size_t i = 0; i < az->args.words.count && !r; i++)
		if (!take_apart(az->args.words.items[i], &s) || !s.value)
			return err_set(e, MITOK_E_DENIED,
				"usage error: [section].[name]=[value] ...");
	for (size_t i = 0; i < az->args.words.count && !r; i++)
		if (take_apart(az->args.words.items[i], &s))
			r = config_write(s.section, s.name, s.value, e);
	return r;
}

enum mitok_code az_config_unset(struct az *az, struct mitok_err *e)
{
	struct setting s;
	enum mitok_code r = MITOK_OK;

	for (size_t i = 0; i < az->args.words.count && !r; i++)
		if (!take_apart(az->args.words.items[i], &s) || s.value)
			r = err_set(
				e, MITOK_E_DENIED, "usage error: [section].[name] ...");
		else
			r = config_write(s.section, s.name, NULL, e);
	return r;
}

static const struct value *line_value(
	struct build *b, const struct line *l, const char *path)
{
	char value[4096];
	struct build_member rows[] = {
		{ "name", build_text(b, build_copy(b, l->name)) },
		{ "source", build_text(b, build_copy(b, path)) },
		{ "value", NULL },
	};

	(void)snprintf(value, sizeof(value), "%.*s", (int)l->value_len, l->value);
	rows[2].value = build_text(b, build_copy(b, value));
	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

/* The settings of one section. */
static const struct value *section_value(
	struct build *b, const char *text, const char *section, const char *path)
{
	const struct value *items[256];
	struct line l = { 0 };
	size_t count = 0;

	while (next_line(&text, &l))
		if (l.name[0] && text_equal_nocase(l.section, section) && count < 256)
			items[count++] = line_value(b, &l, path);
	return build_array(b, items, count);
}

static const struct value *all_value(struct build *b, const char *text, const char *path)
{
	struct build_member rows[64];
	struct line l = { 0 };
	size_t count = 0;

	for (const char *p = text; next_line(&p, &l);)
		if (l.text[0] == '[' && count < 64) {
			const char *section = build_copy(b, l.section);

			rows[count++] = (struct build_member){ section,
				section_value(b, text, section, path) };
		}
	return build_object(b, rows, count);
}

static const struct value *one_value(
	struct build *b, const char *text, const struct setting *s, const char *path)
{
	struct line l = { 0 };

	while (next_line(&text, &l))
		if (text_equal_nocase(l.section, s->section) && l.name[0] &&
			text_equal_nocase(l.name, s->name))
			return line_value(b, &l, path);
	return NULL;
}

enum mitok_code az_config_get(struct az *az, struct mitok_err *e)
{
	const char *wanted = az->args.words.count ? az->args.words.items[0] : NULL;
	struct build b = { .arena = &az->arena };
	char path[PATH_MAX] = "";
	AUTO_SECRET s = { 0 };
	struct setting one;
	const struct value *v;

	(void)!home_config(path, sizeof(path));
	(void)!read_file(&s);
	if (!wanted)
		v = all_value(&b, secret_peek(&s), path);
	else if (take_apart(wanted, &one))
		v = one_value(&b, secret_peek(&s), &one, path);
	else
		v = section_value(&b, secret_peek(&s), wanted, path);
	if (b.failed)
		return err_memory(e);
	if (!v)
		return err_set(
			e, MITOK_E_DENIED, "Configuration '%s' is not set.", wanted);
	return az_print(az, v, e);
}
