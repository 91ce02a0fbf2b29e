/* The configuration: what may be said, by whom, and what wins.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <errno.h>
#include <stdlib.h>

#include "test.h"

#define GUID_A "11111111-2222-3333-4444-555555555555"
#define GUID_B "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define ROOT   CONF_DIR "/mi-token.conf"
#define DROP   CONF_DIR "/conf.d/"
#define USER   "/home/u/.config/mi-token/mi-token.conf"

/* An outside of files and variables; a file with error fails with that errno, with
 * refused as one that is not to be trusted. */
struct outside {
	struct {
		const char *path, *text;
		int error;
		const char *refused;
		size_t len;
	} files[8];
	const char *env[8][2];
	const char *names[4];
	unsigned many; /* drop-ins named 00.conf, 01.conf, ... */
};

static const char *get_env(void *self, const char *name)
{
	const struct outside *o = self;

	for (size_t i = 0; i < COUNT(o->env); i++)
		if (o->env[i][0] && strcmp(o->env[i][0], name) == 0)
			return o->env[i][1];
	return NULL;
}

static bool is_there(void *self, const char *path)
{
	const struct outside *o = self;

	for (size_t i = 0; i < COUNT(o->files); i++)
		if (o->files[i].path && strcmp(o->files[i].path, path) == 0)
			return o->files[i].error == 0;
	return false;
}

static enum mitok_code read_scripted(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	const struct outside *o = self;
	const char *path = ask->path;
	int unused = 0, *ret_errno = ask->ret_errno ? ask->ret_errno : &unused;

	CHECK(ask->rules == (FILE_ROOT_OR_US | FILE_NO_WRITERS));
	CHECK(ask->limit == 65536);
	CHECK(*path == '/');
	*ret_errno = 0;
	for (size_t i = 0; i < COUNT(o->files); i++) {
		if (!o->files[i].path || strcmp(o->files[i].path, path) != 0)
			continue;
		if (o->files[i].refused)
			return err_set(
				e, MITOK_E_CONF, "'%s' %s", path, o->files[i].refused);
		*ret_errno = o->files[i].error;
		if (*ret_errno)
			return err_set(e, MITOK_E_CONF, "cannot open '%s'", path);
		if (!secret_add(ret, o->files[i].text,
			    o->files[i].len ? o->files[i].len : strlen(o->files[i].text)))
			return err_memory(e);
		return MITOK_OK;
	}
	*ret_errno = ENOENT;
	return err_set(e, MITOK_E_CONF, "cannot open '%s'", path);
}

static enum mitok_code list_scripted(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	const struct outside *o = self;
	const char *path = ask->path;
	int unused = 0, *ret_errno = ask->ret_errno ? ask->ret_errno : &unused;

	CHECK(ask->rules == (FILE_ROOT_OR_US | FILE_NO_WRITERS));
	CHECK_TEXT(path, CONF_DIR "/conf.d");
	*ret_errno = 0;
	if (!o->names[0] && !o->many) {
		*ret_errno = ENOENT;
		return err_set(e, MITOK_E_CONF, "cannot open '%s'", path);
	}
	for (size_t i = 0; i < COUNT(o->names) && o->names[i]; i++)
		text_add_bytes(ret, o->names[i], strlen(o->names[i]) + 1);
	for (unsigned i = 0; i < o->many; i++) {
		text_addf(ret, "%02u.conf", i);
		text_add_bytes(ret, "", 1);
	}
	return text_ok(ret) ? MITOK_OK : err_memory(e);
}

static enum mitok_code read_outside(
	struct outside *o, struct conf *c, struct mitok_err *e)
{
	struct host h = { .self = o,
		.env = get_env,
		.exists = is_there,
		.read = read_scripted,
		.list = list_scripted };
	AUTO_TEXT files = { 0 };
	enum mitok_code r = conf_collect(&h, &files, e);

	if (r == MITOK_OK)
		r = conf_parse(&files, c, e);
	return r ? r : conf_finish(&h, c, e);
}

static void nothing(void)
{
	struct outside o = { .env = { { "HOME", "relative" },
				     { "XDG_CONFIG_HOME", "./x" } } };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	CHECK(read_outside(&o, &c, &e) == MITOK_OK);
	CHECK_TEXT(c.identity.text, "default");
	CHECK_TEXT(c.identity.origin, "default");
	CHECK_TEXT(c.source.text, "auto");
	CHECK_TEXT(c.cloud.text, "auto");
	CHECK_TEXT(c.timeout.text, "5s");
	CHECK(!c.env_identity.text && !c.identities && !c.rules && !c.allow_hosts);
	conf_wipe(&c);
	conf_wipe(&c);
}

static void layers(void)
{
	struct outside o = {
		.files = {
			{ .path = ROOT, .text = "source = \"imds\";\ncloud = \"china\"\n"
				"identities = { a = { client_id = \"" GUID_A "\"; };\n"
				"b = { object_id = \"" GUID_A "\"; }; };\n"
				"rules = ( { host = \"h1\"; identity = \"a\"; } );" },
			{ .path = DROP "10.conf", .text = "cloud = \"usgov\"; timeout = \"1s\";\n"
				"identities = { a = { client_id = \"" GUID_B "\"; }; };" },
			{ .path = DROP "20.conf", .text = "timeout = \"2s\";\n"
				"rules = ( { host = \"h2\"; deny = true; } );" },
			{ .path = USER, .text = "timeout = \"3s\"; identity = \"mine\";\n"
				"identities = { mine = { resource_id = \"/subscriptions/x\"; }; };\n"
				"rules = ( { host = \"h3\"; identity = \"system\"; } );" },
			{ .path = DROP ".hidden.conf", .text = "nonsense" },
			{ .path = DROP "30.txt", .text = "nonsense" },
		},
		.names = { ".hidden.conf", "10.conf", "20.conf", "30.txt" },
		.env = { { "HOME", "/home/u" }, { "MI_TOKEN_SOURCE", "arc" } },
	};
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	CHECK(read_outside(&o, &c, &e) == MITOK_OK);
	CHECK_TEXT(e.message, "");
	CHECK_TEXT(c.cloud.text, "usgov");
	CHECK_TEXT(c.cloud.origin, DROP "10.conf:1");
	CHECK_TEXT(c.timeout.text, "3s");
	CHECK_TEXT(c.source.text, "arc");
	CHECK_TEXT(c.source.origin, "MI_TOKEN_SOURCE");
	CHECK_TEXT(c.identity.origin, USER ":1");
	CHECK(c.identities != NULL);
	if (!c.identities)
		return;
	CHECK_TEXT(c.identities->client_id, GUID_B); /* replaced where it stood */
	CHECK_TEXT(c.identities->next->name, "b");
	CHECK_TEXT(c.identities->next->next->name, "mine");
	CHECK_TEXT(c.rules->host, "h1");
	CHECK_TEXT(c.rules->next->host, "h2");
	CHECK_TEXT(c.rules->next->next->host, "h3");
	conf_wipe(&c);
}

static void privileges(void)
{
	static const struct {
		const char *root, *user, *env, *message;
	} rows[] = {
		{ "", "endpoints = { allow_hosts = ( \"evil\" ); };", NULL,
			USER ":1: 'endpoints.allow_hosts' may stand in files of "
			     "/etc/mi-token only" },
		{ "", "final = ( );", NULL,
			USER ":1: 'final' may stand in files of /etc/mi-token only" },
		{ "\nfinal = ( \"source\" );", "source = \"imds\";", NULL,
			USER ":1: 'source' was made final by " ROOT ":2" },
		{ "final = ( \"identity\" );", "", "system",
			"MI_TOKEN_IDENTITY is set, but 'identity' was made final by " ROOT
			":1" },
		{ "final = ( \"identity\" );",
			"rules = ({ host = \"a\"; identity = \"system\"; });", NULL,
			USER
			":1: the rule chooses an identity, which was made final by " ROOT
			":1" },
		{ "final = ( \"identity\" );",
			"rules = ({ host = \"a\"; deny = true; });", NULL, NULL },
		{ "final = ( \"rules\" );", "rules = ( );", NULL,
			USER ":1: 'rules' was made final by " ROOT ":1" },
		{ "identities = { a = { client_id = \"" GUID_A "\"; }; };",
			"identities = { a = { client_id = \"" GUID_B "\"; }; };", NULL,
			USER ":1: 'a' was defined by " ROOT ":1" },
		{ "audit = true;", "\naudit = false;", NULL,
			USER ":2: 'audit' was switched on by " ROOT ":1" },
		{ "audit = true;", "audit = true;", NULL, NULL },
		{ "audit = false;", "audit = true;", NULL, NULL },
		{ "final = ( \"audit\" );", "audit = true;", NULL,
			USER ":1: 'audit' was made final by " ROOT ":1" },
		{ "", "", "client-id:7",
			"MI_TOKEN_IDENTITY: 'client-id:7' is not a GUID" },
		{ "", "", "bob", "MI_TOKEN_IDENTITY: no identity is called 'bob'" },
		{ "", "", "a\nb", "MI_TOKEN_IDENTITY: 'a?b' has control characters" },
		{ "identity = \"system\";", "", "client-id:" GUID_A, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outside o = {
			.files = { { .path = ROOT, .text = rows[i].root },
				{ .path = USER, .text = rows[i].user } },
			.env = { { "HOME", "/home/u" },
				{ rows[i].env ? "MI_TOKEN_IDENTITY" : NULL,
					rows[i].env } },
		};
		struct mitok_err e = { 0 };
		struct conf c = { 0 };

		CHECK_ROW(rows[i].user,
			read_outside(&o, &c, &e) ==
				(rows[i].message ? MITOK_E_CONF : MITOK_OK));
		CHECK_TEXT(e.message, rows[i].message ? rows[i].message : "");
		if (!rows[i].message && rows[i].env)
			CHECK_TEXT(c.env_identity.text, rows[i].env);
		conf_wipe(&c);
	}
}

static const struct {
	const char *what;
	struct outside o;
	const char *message; /* NULL: accepted, and timeout is: */
	const char *timeout;
} places_rows[] = {
	{ "named file instead of the user's",
		{ .files = { { .path = "/x", .text = "timeout = \"1s\"" },
			  { .path = USER, .text = "timeout = \"2s\"" } },
			.env = { { "HOME", "/home/u" }, { "MI_TOKEN_CONFIG", "/x" } } },
		NULL, "1s" },
	{ "no file at all on request",
		{ .files = { { .path = USER, .text = "timeout = \"2s\"" } },
			.env = { { "HOME", "/home/u" },
				{ "MI_TOKEN_CONFIG", "/dev/null" } } },
		NULL, "5s" },
	{ "XDG before home",
		{ .files = { { .path = "/c/mi-token/mi-token.conf",
			  .text = "timeout=\"3s\"" } },
			.env = { { "HOME", "/home/u" }, { "XDG_CONFIG_HOME", "/c" } } },
		NULL, "3s" },
	{ "relative XDG",
		{ .files = { { .path = USER, .text = "timeout = \"2s\"" } },
			.env = { { "HOME", "/home/u" }, { "XDG_CONFIG_HOME", "c" } } },
		NULL, "2s" },
	{ "named file missing", { .env = { { "MI_TOKEN_CONFIG", "/x" } } },
		"MI_TOKEN_CONFIG: there is no '/x'", NULL },
	{ "relative name", { .env = { { "MI_TOKEN_CONFIG", "x" } } },
		"MI_TOKEN_CONFIG: 'x' is no absolute path", NULL },
	{ "a home that is somebody else's",
		{ .files = { { .path = USER, .error = EACCES } },
			.env = { { "HOME", "/home/u" } } },
		NULL, "5s" },
	{ "a FIFO", { .files = { { .path = ROOT, .refused = "is not a regular file" } } },
		"'" ROOT "' is not a regular file", NULL },
	{ "a FIFO of the user",
		{ .files = { { .path = USER, .refused = "is not a regular file" } },
			.env = { { "HOME", "/home/u" } } },
		"'" USER "' is not a regular file", NULL },
	{ "an unreadable file of root",
		{ .files = { { .path = ROOT, .error = EACCES } } },
		"cannot open '" ROOT "'", NULL },
	{ "a NUL", { .files = { { .path = ROOT, .text = "a\0b", .len = 3 } } },
		"'" ROOT "' has a NUL byte", NULL },
	{ "a comment that the file ends with",
		{ .files = { { .path = ROOT, .text = "timeout = \"1s\"; # short" } } },
		NULL, "1s" },
	{ "64 drop-ins", { .many = 64 }, NULL, "5s" },
	{ "65 drop-ins", { .many = 65 }, "'" CONF_DIR "/conf.d' has more than 64 files",
		NULL },
};

static void places(void)
{
	for (size_t i = 0; i < COUNT(places_rows); i++) {
		struct outside o = places_rows[i].o;
		struct mitok_err e = { 0 };
		struct conf c = { 0 };

		CHECK_ROW(places_rows[i].what,
			read_outside(&o, &c, &e) ==
				(places_rows[i].message ? MITOK_E_CONF : MITOK_OK));
		CHECK_TEXT(
			e.message, places_rows[i].message ? places_rows[i].message : "");
		if (places_rows[i].timeout)
			CHECK_TEXT(c.timeout.text, places_rows[i].timeout);
		conf_wipe(&c);
	}
}

static void add_row(void *arg, const char *key, const char *value, const char *origin)
{
	text_addf(arg, "%s = %s | %s\n", key, value, origin);
}

static void printed(void)
{
	AUTO_TEXT out = { 0 };
	struct conf c = { 0 };

	CHECK(conf_defaults(&c, NULL) == MITOK_OK);
	CHECK(conf_each(&c, add_row, &out, NULL) == MITOK_OK);
	CHECK_TEXT(text_peek(&out),
		"identity = \"default\" | default\nsource = \"auto\" | default\n"
		"cloud = \"auto\" | default\ntimeout = \"5s\" | default\n"
		"audit = false | default\n"
		"endpoints.allow_hosts = ( ) | default\nidentities = { } | default\n"
		"rules = ( ) | default\nfinal = ( ) | default\n");
	conf_wipe(&c);
}

static void printed_in_its_syntax(void)
{
	struct outside o = {
		.files = { { .path = ROOT,
			.text = "identity = \"a\";\n"
				"endpoints = { allow_hosts = ( \"h\", \"i\" ); };\n"
				"identities = { a = { client_id = \"" GUID_A
				"\"; tenant_id = \"" GUID_B
				"\"; federate = { tenant_id = \"" GUID_A
				"\"; client_id = \"" GUID_B "\"; }; }; };\n"
				"rules = ( { path = \"/o\\\"o\"; deny = true; },\n"
				"{ host = \"h\"; identity = \"a\"; } );\n"
				"final = ( \"cloud\" ); audit = true;\n" } },
		.env = { { "MI_TOKEN_IDENTITY", "system" } }
	};
	AUTO_TEXT out = { 0 };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	CHECK(read_outside(&o, &c, &e) == MITOK_OK);
	CHECK_TEXT(e.message, "");
	CHECK(conf_each(&c, add_row, &out, &e) == MITOK_OK);
	CHECK_TEXT(text_peek(&out),
		"identity = \"system\" | MI_TOKEN_IDENTITY\nsource = \"auto\" | default\n"
		"cloud = \"auto\" | default\ntimeout = \"5s\" | default\n"
		"audit = true | " ROOT ":6\n"
		"endpoints.allow_hosts = ( \"h\", \"i\" ) | " ROOT ":2\n"
		"identities.a = { client_id = \"" GUID_A "\"; tenant_id = \"" GUID_B
		"\"; federate = { client_id = \"" GUID_B "\"; tenant_id = \"" GUID_A
		"\"; }; } | " ROOT ":3\n"
		"rules[0] = { path = \"/o\\\"o\"; deny = true; } | " ROOT ":4\n"
		"rules[1] = { host = \"h\"; identity = \"a\"; } | " ROOT ":5\n"
		"final = ( \"cloud\" ) | " ROOT ":6\n");
	conf_wipe(&c);
}

/* Whatever allocation of ours fails, the call says so and leaves nothing behind. */
static void memory(void)
{
	struct outside o = {
		.files = { { .path = ROOT,
			.text = "identity = \"a\";\n"
				"endpoints = { allow_hosts = ( \"h\", \"i\" ); };\n"
				"identities = { a = { client_id = \"" GUID_A
				"\"; }; };\nfinal = ( \"cloud\" ); audit = true;\n"
				"rules = ( { host = \"h\"; identity = \"a\"; } );" } },
		.names = { "10.conf" }
	};
	bool more = true;
	unsigned n = 0;

	while (more && n < 1000) {
		enum mitok_code r;
		struct mitok_err e = { 0 };
		struct conf c = { 0 };
		AUTO_TEXT out = { 0 };

		spy_fail(++n);
		r = read_outside(&o, &c, &e);
		if (r == MITOK_OK)
			r = conf_each(&c, add_row, &out, &e);
		more = spy_allocations >= n;
		spy_fail(0);
		CHECK(r == MITOK_OK || r == MITOK_E_BUG);
		conf_wipe(&c);
	}
	CHECK(n > 20 && n < 1000);
}

static const struct test tests[] = {
	{ "without any file the defaults hold", nothing },
	{ "later files and variables win, rules and identities add up", layers },
	{ "what root decided, users and variables cannot change", privileges },
	{ "files are looked for in absolute places and read with suspicion", places },
	{ "every key is printed with its origin", printed },
	{ "values are printed as they could be written", printed_in_its_syntax },
	{ "a failed allocation is an error and no leak", memory },
};
TEST_MAIN(tests)
