/* What git tells a credential helper: key=value lines on stdin.
 * SPDX-License-Identifier: MIT */
#include "credential.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "challenge.h"

struct line {
	const char *key, *value; /* neither is ended by NUL */
	size_t key_len, value_len;
};

/* A value that fits and has no control character: those could mean something else to the
 * next who reads it. */
static bool copy(const struct line *l, char *ret, size_t size)
{
	if (l->value_len >= size)
		return false;
	for (size_t i = 0; i < l->value_len; i++)
		if ((unsigned char)l->value[i] < ' ' || l->value[i] == 0x7f)
			return false;
	memcpy(ret, l->value, l->value_len);
	ret[l->value_len] = '\0';
	return true;
}

/* Where to: said once, or the same again. */
static bool set_place(const struct line *l, char *place, size_t size)
{
	char value[sizeof(((struct credential *)0)->path)];

	if (!copy(l, value, sizeof(value)) || (*place && strcmp(place, value) != 0))
		return false;
	return text_copy(place, size, value);
}

/* A name that is too long or odd is no reason to refuse: it is not sent back. */
static bool set_user(const struct line *l, struct credential *c)
{
	if (!copy(l, c->username, sizeof(c->username)))
		c->username[0] = '\0';
	return true;
}

static bool set_secret(const struct line *l, struct credential *c)
{
	secret_wipe(&c->token);
	return secret_add(&c->token, l->value, l->value_len);
}

static bool set_authtype(const struct line *l, struct credential *c)
{
	(void)l;
	c->has_authtype = true;
	return true;
}

static bool is_value(const struct line *l, const char *text)
{
	return l->value_len == strlen(text) && memcmp(l->value, text, l->value_len) == 0;
}

/* Of keys with "[]" an empty value takes back what came before. */
static bool set_capability(const struct line *l, struct credential *c)
{
	if (!l->value_len)
		c->takes_authtype = c->takes_state = false;
	if (is_value(l, "authtype"))
		c->takes_authtype = true;
	if (is_value(l, "state"))
		c->takes_state = true;
	return true;
}

/* Other helpers' states are in the same list. */
static bool set_state(const struct line *l, struct credential *c)
{
	size_t skip = strlen(CREDENTIAL_STATE);
	char state[64];

	if (!l->value_len)
		c->state[0] = '\0';
	if (copy(l, state, sizeof(state)) && text_starts(state, CREDENTIAL_STATE) &&
		strspn(state + skip, "0123456789abcdef") == MITOK_FINGERPRINT_SIZE - 1)
		(void)!TEXT_COPY(c->state, state + skip);
	return true;
}

static bool set_challenge(const struct line *l, struct credential *c)
{
	char challenge[1024];

	if (!l->value_len)
		c->tenant[0] = '\0';
	if (!c->tenant[0] && copy(l, challenge, sizeof(challenge)))
		(void)!challenge_tenant(challenge, c->tenant);
	return true;
}

#define PLACE(member) \
	offsetof(struct credential, member), sizeof(((struct credential *)0)->member)

// clang-format off
static const struct {
	const char *name;
	size_t place, size; /* a text of struct credential, or else: */
	bool (*set)(const struct line *l, struct credential *c);
} keys[] = {
	{ "protocol",     PLACE(protocol), NULL           },
	{ "host",         PLACE(host),     NULL           },
	{ "path",         PLACE(path),     NULL           },
	{ "username",     0, 0,            set_user       },
	{ "password",     0, 0,            set_secret     },
	{ "credential",   0, 0,            set_secret     },
	{ "authtype",     0, 0,            set_authtype   },
	{ "capability[]", 0, 0,            set_capability },
	{ "state[]",      0, 0,            set_state      },
	{ "wwwauth[]",    0, 0,            set_challenge  },
};
// clang-format on

static bool set(const struct line *l, struct credential *c)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (strlen(keys[i].name) != l->key_len ||
			memcmp(keys[i].name, l->key, l->key_len) != 0)
			continue;
		return keys[i].set
			? keys[i].set(l, c)
			: set_place(l, (char *)c + keys[i].place, keys[i].size);
	}
	return true;
}

bool credential_parse(const struct secret *input, struct credential *ret)
{
	const char *at = secret_peek(input), *end = at + input->len;

	*ret = (struct credential){ .protocol = "" };
	if (memchr(at, '\0', input->len))
		return false;
	while (at < end && *at != '\n') {
		size_t left = (size_t)(end - at);
		const char *eol = memchr(at, '\n', left);
		size_t len = eol ? (size_t)(eol - at) : left;
		const char *is = memchr(at, '=', len);
		struct line l = { .key = at };

		if (len > CREDENTIAL_LINE_MAX)
			return false;
		if (is) {
			l.key_len = (size_t)(is - at);
			l.value = is + 1;
			l.value_len = len - l.key_len - 1;
			if (!set(&l, ret))
				return false;
		}
		at += len + (eol != NULL);
	}
	return true;
}

/* An empty line ends it, though the pipe may stay open. */
static bool has_end(const struct secret *input)
{
	const char *p = secret_peek(input);

	return *p == '\n' || strstr(p, "\n\n");
}

static bool has_come(int fd, int64_t deadline_ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int n;

	do {
		int64_t left = deadline_ms - clock_now().boot_ms;

		n = poll(&p, 1, deadline_ms < 0 ? -1 : left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

bool credential_read(int fd, int64_t deadline_ms, struct credential *ret)
{
	AUTO_SECRET input = { 0 };

	*ret = (struct credential){ .protocol = "" };
	while (!has_end(&input)) {
		char *room = secret_room(&input, 4096);
		ssize_t n;

		if (!room || input.len > CREDENTIAL_MAX || !has_come(fd, deadline_ms))
			return false;
		n = read(fd, room, 4096);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		secret_grow(&input, (size_t)n);
	}
	return credential_parse(&input, ret);
}

void credential_wipe(struct credential *c)
{
	secret_wipe(&c->token);
	*c = (struct credential){ .protocol = "" };
}
