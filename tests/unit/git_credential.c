/* What git tells us: each line taken for what it is, and nothing else.
 * SPDX-License-Identifier: MIT */
#include "../../helper/git/credential.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "test.h"

#define HTTPS  "protocol=https\n"
#define HOST   "host=dev.azure.com\n"
#define TENANT "11111111-2222-3333-4444-555555555555"
#define STATE  "state[]=mi-token:0123456789abcdef\n"

static bool parse(const char *input, size_t len, struct credential *ret)
{
	AUTO_SECRET s = { 0 };

	CHECK(secret_add(&s, input, len));
	return credential_parse(&s, ret);
}

/* One text that says it all. */
static void describe(const struct credential *c, struct text *ret)
{
	text_addf(ret, "%s %s %s %s%s%s%s|%s|%s|%s", c->protocol, c->host, c->path,
		c->username, c->takes_authtype ? " A" : "", c->takes_state ? " S" : "",
		c->has_authtype ? " t" : "", c->state, c->tenant, secret_peek(&c->token));
}

static const struct {
	const char *input, *want; /* NULL: refused */
} line_rows[] = {
	{ HTTPS HOST "path=org/p/_git/r\nusername=org\n\n",
		"https dev.azure.com org/p/_git/r org|||" },
	{ HTTPS "host=dev.azure.com", "https dev.azure.com  |||" },
	{ HTTPS HOST "\npath=behind\n", "https dev.azure.com  |||" },
	{ HTTPS HOST HOST, "https dev.azure.com  |||" },
	{ "", "   |||" },
	{ "\n" HTTPS, "   |||" },
	{ HTTPS, "https   |||" }, /* cut off by git itself */
	{ HTTPS HOST "future=1\nno sign\n=x\n[]=y\n", "https dev.azure.com  |||" },
	{ HTTPS HOST "capability[]=authtype\ncapability[]=state\n",
		"https dev.azure.com   A S|||" },
	{ HTTPS HOST "capability[]=states\ncapability=state\n",
		"https dev.azure.com  |||" },
	{ HTTPS HOST "authtype=Bearer\nephemeral=1\n", "https dev.azure.com   t|||" },
	{ HTTPS HOST "password=a=b\n", "https dev.azure.com  |||a=b" },
	{ HTTPS HOST "authtype=Bearer\ncredential=x\n", "https dev.azure.com   t|||x" },
	{ HTTPS HOST "password=\npassword=y\n", "https dev.azure.com  |||y" },
	{ HTTPS HOST "state[]=other:1\n" STATE "state[]=x\n",
		"https dev.azure.com  |0123456789abcdef||" },
	{ HTTPS HOST "state[]=mi-token:0123456789abcdeX\n", "https dev.azure.com  |||" },
	{ HTTPS HOST "state[]=mi-token:0123456789abcdef0\n", "https dev.azure.com  |||" },
	{ HTTPS HOST "wwwauth[]=Basic realm=\"x\"\nwwwauth[]=Bearer "
		     "authorization_uri=https://login.microsoftonline.com/" TENANT
		     "\nwwwauth[]=TFS-Federated\n",
		"https dev.azure.com  ||" TENANT "|" },
	{ HTTPS HOST "username=a\tb\n", "https dev.azure.com  |||" },
	{ HTTPS HOST "capability[]=authtype\ncapability[]=\n"
		     "capability[]=state\n",
		"https dev.azure.com   S|||" },
	{ HTTPS HOST STATE "state[]=\n", "https dev.azure.com  |||" },
	{ HTTPS HOST "wwwauth[]=Bearer authorization_uri=https://x/" TENANT
		     "\nwwwauth[]=\n",
		"https dev.azure.com  |||" },
	{ HTTPS HOST "username=a:b\n", "https dev.azure.com  a:b|||" },
	/* refused: it is not clear where to */
	{ HTTPS HOST "host=evil.example\n", NULL },
	{ HTTPS "protocol=http\n" HOST, NULL },
	{ HTTPS HOST "path=a\npath=b\n", NULL },
	{ HTTPS "host=dev.azure.com\r\n", NULL },
	{ HTTPS "host=dev.azure.com\rhost=evil.example\n", NULL },
	{ HTTPS HOST "path=a\001b\n", NULL },
	{ "protocol=httpshttpshttpshttps\n" HOST, NULL },
};

static void lines(void)
{
	for (size_t i = 0; i < COUNT(line_rows); i++) {
		AUTO_CREDENTIAL c = { .protocol = "" };
		AUTO_TEXT got = { 0 };
		bool ok = parse(line_rows[i].input, strlen(line_rows[i].input), &c);

		CHECK_ROW(line_rows[i].input, ok == !!line_rows[i].want);
		describe(&c, &got);
		if (ok && line_rows[i].want)
			CHECK_TEXT(text_peek(&got), line_rows[i].want);
	}
}

static void sizes(void)
{
	static const struct {
		const char *key;
		size_t len;
		bool want;
	} rows[] = {
		{ "host=", 255, true },
		{ "host=", 256, false },
		{ "path=", 2047, true },
		{ "path=", 2048, false },
		{ "username=", 300, true }, /* and not kept */
		{ "password=", 60000, true },
		{ "password=", 65535 - 9, true },
		{ "password=", 65535 - 8, false },
		{ "future=", 70000, false },
		{ "wwwauth[]=", 50000, true },
	};
	static char fill[70000];

	memset(fill, 'x', sizeof(fill));
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_CREDENTIAL c = { .protocol = "" };
		AUTO_TEXT t = { 0 };

		text_add(&t, rows[i].key);
		text_add_bytes(&t, fill, rows[i].len);
		text_add(&t, "\n");
		CHECK_ROW(rows[i].key, parse(t.p, t.len, &c) == rows[i].want);
	}
}

static void nul(void)
{
	static const char input[] = HTTPS "host=dev.azure.com\0.evil.example\n";
	AUTO_CREDENTIAL c = { .protocol = "" };

	CHECK(!parse(input, sizeof(input) - 1, &c));
}

/* What comes through a pipe that its writer then closes, or leaves open. */
static bool read_pipe(const char *input, bool open, struct credential *ret)
{
	bool ok;
	int fds[2];

	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], input, strlen(input)) == (ssize_t)strlen(input));
	if (!open)
		(void)close(fds[1]);
	ok = credential_read(fds[0], clock_now().boot_ms + (open ? 50 : 5000), ret);
	(void)close(fds[0]);
	if (open)
		(void)close(fds[1]);
	return ok;
}

static void pipes(void)
{
	AUTO_CREDENTIAL c = { .protocol = "" };

	CHECK(read_pipe(HTTPS HOST, false, &c) && strcmp(c.host, "dev.azure.com") == 0);
	credential_wipe(&c);
	CHECK(read_pipe(HTTPS HOST "\n", true, &c) && strcmp(c.protocol, "https") == 0);
	credential_wipe(&c);
	CHECK(!read_pipe(HTTPS HOST, true, &c)); /* and then nothing more */
	CHECK(!credential_read(-1, clock_now().boot_ms + 50, &c));
}

static void huge(void)
{
	AUTO_CREDENTIAL c = { .protocol = "" };
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	CHECK(!credential_read(fd, -1, &c));
	(void)close(fd);
}

static void wiped(void)
{
	for (unsigned nth = 0; nth < 6; nth++) {
		AUTO_CREDENTIAL c = { .protocol = "" };

		spy_fail(nth);
		(void)!read_pipe(HTTPS HOST "password=" SPY_MARK "\npassword=" SPY_MARK
					    "2\n",
			false, &c);
		spy_fail(0);
	}
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a line is what its key says, and two answers to one question are none",
		lines },
	{ "what is too long is refused, not cut", sizes },
	{ "a NUL ends nothing but the conversation", nul },
	{ "an empty line is an end, and so is silence", pipes },
	{ "input without an end is given up", huge },
	{ "the token is wiped, whatever fails", wiped },
};
TEST_MAIN(tests)
