/* What a command line of curl's will do: its URLs, by section, and what else decides whether
 * a token may go there. curl(1) is the grammar; where curls differ, what is read as an
 * option here makes those curls that do not know it give up.
 * SPDX-License-Identifier: MIT */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "options.h"

/* Headers that are credentials. */
static const char *const credentials[] = { "authorization", "api-key",
	"ocp-apim-subscription-key", "x-functions-key" };

/* One option as it stands there. */
struct word {
	const char *text;  /* the whole argument */
	const char *value; /* NULL: there is none (yet) */
	bool off;          /* --no-x */
	bool expand;       /* --expand-x: the value is made by curl */
	bool in_config;
};

/* A header is named up to ':', or up to ';' when it is sent empty. */
static bool is_credential(const char *header)
{
	header += strspn(header, " \t\"");
	for (size_t i = 0; i < sizeof(credentials) / sizeof(*credentials); i++) {
		size_t len = strlen(credentials[i]);

		if (text_starts_nocase(header, credentials[i]) &&
			strchr(":; \t", header[len]))
			return true;
	}
	return false;
}

/* "@FILE" has them in a file. */
static void note_url(struct scan *s, const struct word *w)
{
	struct scan_section *last = &s->sections[s->section_count - 1];

	if (w->in_config) {
		s->flags |= SCAN_CONFIG;
		return;
	}
	last->has_url = true;
	if (w->expand || w->value[0] == '@')
		last->flags |= SCAN_HIDDEN;
	else
		s->urls[s->url_count++] =
			(struct scan_url){ w->value, s->section_count - 1 };
}

/* Without a URL before it, there are curls that go on in the same section. */
static void note_next(struct scan *s, const struct word *w)
{
	if (w->in_config)
		s->flags |= SCAN_CONFIG;
	else if (s->sections[s->section_count - 1].has_url)
		s->sections[s->section_count++] = (struct scan_section){ .at = 0 };
}

/* What an option does; one that is switched off does nothing. */
static void note(struct scan *s, const struct curl_option *o, const struct word *w)
{
	static const struct {
		enum meaning means;
		unsigned section, whole;
	} plain[] = {
		{ MEANS_CONFIG, 0, SCAN_CONFIG },
		{ MEANS_HIDDEN, SCAN_HIDDEN, 0 },
		{ MEANS_OWN, SCAN_OWN, 0 },
		{ MEANS_TRUSTED, SCAN_TRUSTED, 0 },
		{ MEANS_INSECURE, SCAN_INSECURE, 0 },
		{ MEANS_TRACE, 0, SCAN_TRACE },
		{ MEANS_VERBOSE, 0, SCAN_VERBOSE },
		{ MEANS_INFO, 0, SCAN_NOTHING },
	};
	unsigned *flags = &s->sections[w->in_config ? 0 : s->section_count - 1].flags;
	const char *value = w->value ? w->value : "";

	for (size_t i = 0; !w->off && i < sizeof(plain) / sizeof(*plain); i++) {
		if (plain[i].means == o->means) {
			*flags |= plain[i].section;
			s->flags |= plain[i].whole;
		}
	}
	if (o->means == MEANS_URL)
		note_url(s, w);
	else if (o->means == MEANS_NEXT)
		note_next(s, w);
	else if (o->means == MEANS_HEADER && !w->expand && is_credential(value))
		*flags |= SCAN_OWN;
	else if (o->means == MEANS_REDIRECT && strcmp(value, "=https") != 0)
		*flags |= SCAN_REDIRECT;
}

static void note_stranger(struct scan *s, const struct word *w)
{
	s->flags |= SCAN_STRANGER;
	if (!s->stranger && !w->in_config)
		s->stranger = w->text;
}

/* Takes the option and, where it needs one, the value; next may be NULL. Gives whether next
 * was it. */
static bool take(
	struct scan *s, const struct curl_option *o, struct word *w, const char *next)
{
	bool uses_next = o->takes_value && !w->value;

	if (!o->takes_value && (w->value || w->expand)) {
		note_stranger(s, w);
		return false;
	}
	if (uses_next)
		w->value = next;
	if (o->takes_value && !w->value)
		s->flags |= SCAN_NOTHING;
	else
		note(s, o, w);
	return uses_next;
}

static bool take_long(struct scan *s, struct word *w, const char *name, const char *next)
{
	size_t len = strcspn(name, "=");
	const struct curl_option *o;

	if (name[len])
		w->value = name + len + 1;
	w->off = text_starts_nocase(name, "no-");
	w->expand = text_starts_nocase(name, "expand-");
	name += w->off ? strlen("no-") : w->expand ? strlen("expand-") : 0;
	len -= w->off ? strlen("no-") : w->expand ? strlen("expand-") : 0;
	o = curl_option_named(name, len);
	if (o)
		return take(s, o, w, next);
	note_stranger(s, w);
	return false;
}

/* "-sSLo FILE" and "-sSLoFILE". */
static bool take_letters(
	struct scan *s, struct word *w, const char *letters, const char *next)
{
	if (!*letters)
		note_stranger(s, w);
	for (; *letters; letters++) {
		const struct curl_option *o = curl_option_lettered(*letters);

		/* What stands behind -: is dropped, or is not. */
		if (!o || (o->means == MEANS_NEXT && letters[1])) {
			note_stranger(s, w);
			return false;
		}
		if (!o->takes_value) {
			note(s, o, w);
			continue;
		}
		w->value = letters[1] ? letters + 1 : NULL;
		return take(s, o, w, next);
	}
	return false;
}

/* As curl decides before it looks at anything else. */
static bool skips_config(const char *first)
{
	return first && (text_starts(first, "-q") || strcmp(first, "--disable") == 0);
}

/* Takes the argument at i; gives the index of the last one that belongs to it. */
static int take_argument(struct scan *s, char *const *argv, int i, bool *options)
{
	struct word w = { .text = argv[i], .value = argv[i] };
	const char *arg = argv[i];

	if (!*options || arg[0] != '-') {
		note_url(s, &w);
		return i;
	}
	w.value = NULL;
	if (strcmp(arg, "--") == 0)
		*options = false;
	else if (arg[1] == '-')
		i += take_long(s, &w, arg + 2, argv[i + 1]);
	else
		i += take_letters(s, &w, arg + 1, argv[i + 1]);
	return i;
}

bool scan_args(int argc, char *const *argv, struct scan *ret)
{
	size_t room = (size_t)argc + 1;
	struct scan s = { .section_count = 1, .reads_config = true };
	bool options = true;

	s.sections = calloc(room, sizeof(*s.sections));
	s.urls = calloc(room, sizeof(*s.urls));
	if (!s.sections || !s.urls) {
		scan_free(&s);
		return false;
	}
	s.reads_config = argc < 2 || !skips_config(argv[1]);
	s.sections[0].at = 1;
	for (int i = 1; i < argc; i++) {
		size_t sections = s.section_count;
		bool leads = i == 1 && !s.reads_config; /* has to stay the first */

		i = take_argument(&s, argv, i, &options);
		if (s.section_count > sections)
			s.sections[sections].at = i + 1;
		if (leads)
			s.sections[0].at = i + 1 < argc ? i + 1 : argc;
	}
	*ret = s;
	return true;
}

/* One line: a name, with or without hyphens, and perhaps a value behind blanks, '=' or ':'
 * (curl(1), "--config"). */
static void take_line(struct scan *s, char *line)
{
	struct word w = { .text = line, .in_config = true };
	size_t len = strcspn(line, *line == '-' ? " \t\r" : " \t\r=:");
	char *value = line + len + strspn(line + len, " \t\r=:");

	line[len] = '\0';
	if (*value == '"')
		value++;
	value[strcspn(value, "\"\r")] = '\0';
	if (line[0] == '-' && line[1] != '-')
		(void)take_letters(s, &w, line + 1, *value ? value : NULL);
	else
		(void)take_long(
			s, &w, line + (line[0] == '-' ? 2 : 0), *value ? value : NULL);
}

void scan_config(struct scan *s, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), from = strspn(text, " \t\r");
		AUTO_TEXT line = { 0 };

		if (from < len && text[from] != '#') {
			text_add_bytes(&line, text + from, len - from);
			if (text_ok(&line))
				take_line(s, line.p);
			else
				s->flags |= SCAN_CONFIG;
		}
		text += len + (text[len] == '\n');
	}
}

void scan_free(struct scan *s)
{
	free(s->sections);
	free(s->urls);
	*s = (struct scan){ 0 };
}
