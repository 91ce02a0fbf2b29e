/* Azure Arc: the challenge and everything that may be wrong with it.
 * SPDX-License-Identifier: MIT */
#include "source/arc.h"

#include <errno.h>

#include "script.h"

#define KEYS "/var/opt/azcmagent/tokens/"
#define KEY  KEYS "8ac9.key"
#define URL                                                                             \
	"http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2020-06-01&" \
	"resource=https%3A%2F%2Fvault.azure.net"
#define FIRST(more) "GET " URL more "\nMetadata: true\n!local\n\n"
#define SECOND(more)                                                       \
	"GET " URL more "\nMetadata: true\nAuthorization: Basic " SPY_MARK \
	"key\n!local\n\n"
#define CHALLENGE(v)                                                \
	{                                                           \
		401, "", "Server: himds\nWww-Authenticate: " v "\n" \
	}
#define GOOD CHALLENGE("Basic realm=" KEY)
#define FILES                               \
	{                                   \
		{                           \
			KEY, SPY_MARK "key" \
		}                           \
	}
#define DENY(what, value, why)                                                        \
	{                                                                             \
		(what), .files = { { KEY, SPY_MARK "key" }, { "/etc/shadow", "x" } }, \
			.answers = { CHALLENGE(value), { 200, SCRIPT_GRANT } },       \
			.requests = 1, .code = MITOK_E_REPLY, .message = (why)        \
	}
#define ECHO(name, value)                                                      \
	"{\"access_token\":\"" SCRIPT_TOKEN "\",\"expires_in\":\"60\",\"" name \
	"\":\"" value "\"}"

static const struct script_row rows[] = {
	{ "challenge and answer", .files = FILES,
		.answers = { GOOD, { 200, SCRIPT_GRANT } },
		.wire = FIRST("") SECOND("") },
	{ "the agent's variables",
		.env = { { "IDENTITY_ENDPOINT",
				 "http://localhost:40342/metadata/identity/oauth2/"
				 "token" },
			{ "IMDS_ENDPOINT", "http://localhost:40342" } },
		.files = FILES, .answers = { GOOD, { 200, SCRIPT_GRANT } },
		.requests = 2 },
	{ "user-assigned, echoed", .files = FILES,
		.answers = { GOOD,
			{ 200,
				ECHO("client_id",
					"11111111-2222-3333-4444-555555555555") } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_CLIENT },
		.wire = FIRST("&client_id=" SCRIPT_CLIENT)
			SECOND("&client_id=" SCRIPT_CLIENT) },
	{ "by object id, echoed", .files = FILES,
		.answers = { GOOD, { 200, ECHO("object_id", SCRIPT_OTHER) } },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER },
		.wire = FIRST("&object_id=" SCRIPT_OTHER)
			SECOND("&object_id=" SCRIPT_OTHER) },
	{ "by resource id, echoed", .files = FILES,
		.answers = { GOOD, { 200, ECHO("mi_res_id", SCRIPT_ARM) } },
		.ask = { .kind = IDENTITY_RESOURCE_ID, .id = SCRIPT_ARM },
		.wire = FIRST("&msi_res_id=" SCRIPT_ARM_CODED)
			SECOND("&msi_res_id=" SCRIPT_ARM_CODED) },
	{ "user-assigned, not echoed", .files = FILES,
		.answers = { GOOD, { 200, ECHO("x", "y") } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_CLIENT }, .requests = 2,
		.code = MITOK_E_DENIED,
		.message = "does not say that it is for client id '" SCRIPT_CLIENT "'",
		.hint = "update it" },
	{ "user-assigned, another echoed", .files = FILES,
		.answers = { GOOD, { 200, SCRIPT_GRANT } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER }, .requests = 2,
		.code = MITOK_E_DENIED },
	{ "the key was used up", .files = FILES,
		.answers = { GOOD, { 401, "" }, GOOD, { 200, SCRIPT_GRANT } },
		.requests = 4 },
	{ "the key is refused again", .files = FILES,
		.answers = { GOOD, { 401, "" }, GOOD, { 401, "" } }, .requests = 4,
		.code = MITOK_E_DENIED },
	{ "no such identity",
		.answers = { { 404,
			"{\"error\":\"identity_not_found\",\"error_description\":"
			"\"x\"}" } },
		.requests = 1, .code = MITOK_E_NOIDENTITY, .hint = "azcmagent" },
	{ "no challenge but a token", .answers = { { 200, SCRIPT_GRANT } }, .requests = 1,
		.code = MITOK_E_REPLY, .message = "without a challenge" },
	{ "no challenge in the header", .answers = { { 401, "" } }, .requests = 1,
		.code = MITOK_E_REPLY },
	{ "two challenges", .files = FILES,
		.answers = { { 401, "",
			"WWW-Authenticate: Basic realm=" KEY
			"\nWWW-Authenticate: Basic realm=" KEY "\n" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "more than one challenge" },
	{ "agent stopped",
		.answers = { { 0, .fault = HTTP_CONNECT, .sys_errno = ECONNREFUSED } },
		.requests = 2, .code = MITOK_E_LATER, .hint = "systemctl status himdsd" },

	/* CVE-2024-35255 */
	DENY("another file", "Basic realm=/etc/shadow", "names no key file"),
	DENY("another folder", "Basic realm=/tmp/a.key", "names no key file"),
	DENY("path traversal", "Basic realm=" KEYS "../../../etc/x.key",
		"names no key file"),
	DENY("a folder below", "Basic realm=" KEYS "a/b.key", "names no key file"),
	DENY("double slash", "Basic realm=" KEYS "/etc/x.key", "names no key file"),
	DENY("another ending", "Basic realm=" KEYS "a.txt", "names no key file"),
	DENY("ending alone", "Basic realm=" KEYS ".key", "names no key file"),
	DENY("relative", "Basic realm=8ac9.key", "names no key file"),
	DENY("quoted", "Basic realm=\"" KEY "\"", "names no key file"),
	DENY("a second realm", "Basic realm=" KEY ", Basic realm=" KEY,
		"names no key file"),
	DENY("a second equals sign", "Basic realm=" KEYS "a=b.key", "names no key file"),
	DENY("another scheme", "Bearer realm=" KEY, "names no key file"),
	DENY("a blank behind", "Basic realm=" KEY " x", "names no key file"),
	DENY("percent code", "Basic realm=" KEYS "%2e%2e%2fx.key", "names no key file"),
	DENY("nothing", "Basic realm=", "names no key file"),

	/* the key file */
	{ "not in himds", .files = { { KEY, .error = EACCES } }, .answers = { GOOD },
		.requests = 1, .code = MITOK_E_DENIED, .message = "Permission denied",
		.hint = "sudo usermod -aG himds USER" },
	{ "gone", .answers = { GOOD }, .requests = 1, .code = MITOK_E_REPLY,
		.message = "No such file" },
	{ "symbolic link", .files = { { KEY, "x", .breaks = FILE_NO_SYMLINK } },
		.answers = { GOOD }, .requests = 1, .code = MITOK_E_REPLY },
	{ "two names", .files = { { KEY, "x", .breaks = FILE_ONE_LINK } },
		.answers = { GOOD }, .requests = 1, .code = MITOK_E_REPLY },
	{ "empty", .files = { { KEY, "" } }, .answers = { GOOD }, .requests = 1,
		.code = MITOK_E_REPLY },
	{ "line end", .files = { { KEY, SPY_MARK "\nX-Evil: 1" } }, .answers = { GOOD },
		.requests = 1, .code = MITOK_E_REPLY },
	{ "carriage return", .files = { { KEY, SPY_MARK "\r" } }, .answers = { GOOD },
		.requests = 1, .code = MITOK_E_REPLY },
	{ "NUL", .files = { { KEY, "a\0b", 3 } }, .answers = { GOOD }, .requests = 1,
		.code = MITOK_E_REPLY },

	/* the endpoint */
	{ "link-local is not this machine",
		.env = { { "IDENTITY_ENDPOINT", "http://169.254.1.1/" },
			{ "IMDS_ENDPOINT", "x" } },
		.answers = { GOOD }, .wire = "", .code = MITOK_E_CONF,
		.message = "on this machine only" },
	{ "another host",
		.env = { { "IDENTITY_ENDPOINT", "https://evil.example/" },
			{ "IMDS_ENDPOINT", "x" } },
		.answers = { GOOD }, .wire = "", .code = MITOK_E_CONF },
	{ "a user in front",
		.env = { { "IDENTITY_ENDPOINT", "http://127.0.0.1@evil.example/" },
			{ "IMDS_ENDPOINT", "x" } },
		.answers = { GOOD }, .wire = "", .code = MITOK_E_CONF },
};

static const struct script_presence present[] = {
	{ "both variables",
		.env = { { "IDENTITY_ENDPOINT", "x" }, { "IMDS_ENDPOINT", "y" } } },
	{ "the agent's program", .files = { { "/opt/azcmagent/bin/himds" } } },
	{ "its other place", .files = { { "/var/opt/azcmagent/bin/himds" } } },
	{ "nothing", .want = "are not set" },
	{ "endpoint alone", .env = { { "IDENTITY_ENDPOINT", "x" } },
		.want = "IMDS_ENDPOINT is not" },
};

static void challenges(void)
{
	script_run(&source_arc, rows, COUNT(rows));
}

static void sizes(void)
{
	static char big[4098];
	static struct script_file files[2] = { { KEY, big } };
	static const struct script_answer answers[] = { GOOD, { 200, SCRIPT_GRANT },
		{ 0 } };
	struct ask ask = { .resource = "https://vault.azure.net",
		.deadline_ms = SCRIPT_START_MS + 5000 };
	static struct script s;
	struct host h = script_host(&s);
	struct mitok_err e;
	struct grant g = { 0 };

	memset(big, 'k', 4097);
	script_start(&s, NULL, files, answers);
	CHECK(source_arc.fetch(&h, &ask, &g, &e) == MITOK_E_REPLY);
	CHECK(s.requests == 1);
	CHECK_TEXT(s.last_read, KEY);
	CHECK(s.last_rules == (FILE_NO_SYMLINK | FILE_ONE_LINK));
	big[4096] = '\0';
	script_start(&s, NULL, files, answers);
	CHECK(source_arc.fetch(&h, &ask, &g, &e) == MITOK_OK);
	grant_wipe(&g);
}

static void nothing_else_is_read(void)
{
	static struct script s;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host h = script_host(&s);
		struct ask ask = rows[i].ask;
		struct grant g = { 0 };

		ask.resource = "https://vault.azure.net";
		ask.deadline_ms = SCRIPT_START_MS + 5000;
		script_start(&s, rows[i].env, rows[i].files, rows[i].answers);
		(void)!source_arc.fetch(&h, &ask, &g, NULL);
		CHECK_ROW(rows[i].what, !s.last_read[0] || strcmp(s.last_read, KEY) == 0);
		grant_wipe(&g);
	}
}

static void presence(void)
{
	script_present(&source_arc, present, COUNT(present));
}

static const struct test tests[] = {
	{ "one good challenge leads to a token, anything else to none", challenges },
	{ "a key has at most 4096 bytes", sizes },
	{ "no file but a key in the agent's folder is ever read", nothing_else_is_read },
	{ "presence is told by the variables or the agent's program", presence },
};
TEST_MAIN(tests)
