/* What `az login --identity` chose, and the subscriptions that it found.
 * SPDX-License-Identifier: MIT
 *
 * Lines of words with a tab between them, so that nothing has to be loaded to read it. It is
 * no secret, and az's own azureProfile.json is left alone. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "home.h"

#define HEADING "mi-token az 1"

/* An identity that is named in the environment, for example by `mi-token exec`, is another
 * start: what was chosen without it does not count with it. */
static const char *surroundings(void)
{
	const char *identity = home_env("MI_TOKEN_IDENTITY");

	return identity ? identity : "";
}

/* Cuts the next word off a line. */
static const char *next_word(char **line)
{
	char *word = *line, *end = strchr(word, '\t');

	*line = end ? end + 1 : word + strlen(word);
	if (end)
		*end = '\0';
	return word;
}

/* The lines that stand before the accounts. */
static bool read_head(char *line, struct state *ret)
{
	const char *key = next_word(&line);

	if (strcmp(key, "identity") == 0) {
		ret->selector = next_word(&line);
		ret->info = next_word(&line);
	} else if (strcmp(key, "subscription") == 0) {
		ret->subscription = next_word(&line);
	} else if (strcmp(key, "under") == 0) {
		return strcmp(next_word(&line), surroundings()) == 0;
	}
	return true;
}

static void read_account(char *line, struct account *ret)
{
	ret->id = next_word(&line);
	ret->name = next_word(&line);
	ret->state = next_word(&line);
	ret->tenant = next_word(&line);
	ret->home_tenant = next_word(&line);
	ret->managed_by = next_word(&line);
}

static bool parse(struct arena *a, char *text, struct state *ret)
{
	static const char account[] = "account\t";
	struct account *accounts;
	size_t lines = 0;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	accounts = arena_take(a, (lines + 1) * sizeof(*accounts));
	if (!accounts)
		return false;
	ret->accounts = accounts;
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (line == text ? strcmp(line, HEADING) != 0 : false)
			return false;
		if (text_starts(line, account))
			read_account(line + strlen(account), &accounts[ret->count++]);
		else if (!read_head(line, ret))
			return false;
	}
	return true;
}

bool state_read(struct arena *a, struct state *ret)
{
	struct file_ask ask = { .rules = FILE_ROOT_OR_US | FILE_NO_WRITERS,
		.limit = SECRET_MAX };
	char path[PATH_MAX];
	AUTO_SECRET s = { 0 };
	char *text;

	*ret = (struct state){ "", "MSI", "", NULL, 0 };
	ask.path = path;
	if (!home_state(path, sizeof(path)) || file_read(AT_FDCWD, &ask, &s, NULL))
		return false;
	text = arena_take(a, s.len + 1);
	if (!text)
		return false;
	memcpy(text, secret_peek(&s), s.len);
	if (parse(a, text, ret))
		return true;
	*ret = (struct state){ "", "MSI", "", NULL, 0 };
	return false;
}

/* A tab or a newline in a name would make it two. */
static void add_word(struct text *t, const char *word)
{
	text_add(t, "\t");
	for (; *word; word++)
		text_add_bytes(t, (unsigned char)*word < ' ' ? " " : word, 1);
}

enum mitok_code state_write(const struct state *s, struct mitok_err *e)
{
	char path[PATH_MAX];
	AUTO_TEXT t = { 0 };

	text_add(&t, HEADING "\nunder");
	add_word(&t, surroundings());
	text_add(&t, "\nidentity");
	add_word(&t, s->selector);
	add_word(&t, s->info);
	text_add(&t, "\nsubscription");
	add_word(&t, s->subscription);
	for (size_t i = 0; i < s->count; i++) {
		const struct account *a = &s->accounts[i];

		text_add(&t, "\naccount");
		add_word(&t, a->id);
		add_word(&t, a->name);
		add_word(&t, a->state);
		add_word(&t, a->tenant);
		add_word(&t, a->home_tenant);
		add_word(&t, a->managed_by);
	}
	text_add(&t, "\n");
	if (!text_ok(&t))
		return err_memory(e);
	if (!home_state(path, sizeof(path)))
		return err_set(
			e, MITOK_E_CONF, "no home directory to remember the identity in");
	return home_write(path, text_peek(&t), t.len, e);
}

enum mitok_code state_forget(struct mitok_err *e)
{
	char path[PATH_MAX];

	if (!home_state(path, sizeof(path)) || unlink(path) == 0 || errno == ENOENT ||
		errno == ENOTDIR)
		return MITOK_OK;
	return err_set(e, MITOK_E_CONF, "cannot remove '%s': %s", path, strerror(errno));
}

const struct account *state_find(const struct state *s, const char *wanted)
{
	for (size_t i = 0; i < s->count; i++)
		if (text_equal_nocase(s->accounts[i].id, wanted) ||
			text_equal_nocase(s->accounts[i].name, wanted))
			return &s->accounts[i];
	return NULL;
}
