/* The configuration: what may be said, by whom, and what wins.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>

#include "io/conf_key.h"
#include "io/conf_selector.h"

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

static enum mitok_code read_scripted(void *self, const char *path, unsigned rules,
	size_t limit, struct secret *ret, int *ret_errno, struct mitok_err *e)
{
	const struct outside *o = self;

	CHECK(rules == (FILE_ROOT_OR_US | FILE_NO_WRITERS));
	CHECK(limit == 65536);
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

static enum mitok_code list_scripted(void *self, const char *path, unsigned rules,
	struct text *ret, int *ret_errno, struct mitok_err *e)
{
	const struct outside *o = self;

	CHECK(rules == (FILE_ROOT_OR_US | FILE_NO_WRITERS));
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

	return conf_read(&h, c, e);
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
	CHECK_TEXT(c.identities->client_id, GUID_B); /* replaced where it stood */
	CHECK_TEXT(c.identities->next->name, "b");
	CHECK_TEXT(c.identities->next->next->name, "mine");
	CHECK_TEXT(c.rules->host, "h1");
	CHECK_TEXT(c.rules->next->host, "h2");
	CHECK_TEXT(c.rules->next->next->host, "h3");
	conf_wipe(&c);
}

/* One file's text and the sentence that refuses it; NULL: accepted. */
struct refusal {
	const char *text, *message, *hint;
};

static void refuse(const struct refusal *rows, size_t count, bool root)
{
	for (size_t i = 0; i < count; i++) {
		struct mitok_err e = { 0 };
		struct conf c = { 0 };
		enum mitok_code r = conf_merge(&c, "f", rows[i].text, root, &e);

		if (r == MITOK_OK)
			r = conf_defaults(&c, &e);
		CHECK_ROW(rows[i].text, r == (rows[i].message ? MITOK_E_CONF : MITOK_OK));
		CHECK_TEXT(e.message, rows[i].message ? rows[i].message : "");
		if (rows[i].hint)
			CHECK_TEXT(e.hint, rows[i].hint);
		conf_wipe(&c);
	}
}

static void mistakes(void)
{
	static const struct refusal rows[] = {
		{ "", NULL, NULL },
		{ "// only\n# remarks\n/* here */", NULL, NULL },
		{ "\nidentiy = \"system\";", "f:2: unknown key 'identiy'",
			"did you mean 'identity'?" },
		{ "qqqq = 1;", "f:1: unknown key 'qqqq'",
			"mi-token.conf(5) lists the keys" },
		{ "rule = ();", "f:1: unknown key 'rule'", "did you mean 'rules'?" },
		{ "endpoint = { };", "f:1: unknown key 'endpoint'",
			"did you mean 'endpoints'?" },
		{ "endpoints = { allow_host = (); };",
			"f:1: unknown key 'allow_host' of this group",
			"did you mean 'allow_hosts'?" },
		{ "endpoints = 3;", "f:1: endpoints wants { NAME = ...; }", NULL },
		{ "source = 1;", "f:1: source wants a text in \"double quotes\"",
			"source: where tokens come from: auto, or one that 'mi-token "
			"sources' lists" },
		{ "timeout = 5;", "f:1: timeout wants a text in \"double quotes\"",
			NULL },
		{ "timeout = 99999999999;",
			"f:1: timeout wants a text in \"double quotes\"", NULL },
		{ "timeout = \"5\";",
			"f:1: timeout '5' is no time like '250ms', '5s' or '2m'", NULL },
		{ "timeout = \"\";", "f:1: timeout '' is empty", NULL },
		{ "cloud = \"germany\";",
			"f:1: cloud 'germany' is not one of 'auto', 'public', 'usgov' "
			"and 'china'",
			NULL },
		{ "source = \"IMDS!\";",
			"f:1: source 'IMDS!' is no name of a source (mi-token sources)",
			NULL },
		{ "cloud = \"public\";\ncloud = \"china\";",
			"f:2: duplicate setting name", NULL },
		{ "cloud = \"public", "f:1: syntax error", NULL },
		{ "cloud = \"pub\\x00lic\";", "f:1: '\\x00' is not allowed", NULL },
		{ "cloud = \"a\\nb\";",
			"f:1: cloud has control characters or is too long", NULL },
		{ "a = 1; # \xff", "f:1: a character that is not UTF-8", NULL },
		{ "\n @include \"/etc/shadow\"", "f:2: @include is not allowed",
			"files in /etc/mi-token/conf.d are read by themselves" },
		{ "a = 1; /*\n\t\r@INCLUDE \"x\" */", "f:2: @include is not allowed", NULL },
		{ "identity = \"client-id:x\";",
			"f:1: identity 'client-id:x' is not a GUID", NULL },
		{ "identity = \"nobody\";", "f:1: no identity is called 'nobody'",
			"define it under identities, or write system, client-id:... "
			"or resource-id:..." },
		{ "identity = \"invoicng\";\nidentities = { invoicing = "
		  "{ client_id = \"" GUID_A "\"; }; };",
			"f:1: no identity is called 'invoicng'",
			"did you mean 'invoicing'?" },
		{ "endpoints = { allow_hosts = ( \"a.example\", \"10.0.0.1\" ); };", NULL,
			NULL },
		{ "endpoints = { allow_hosts = [ \"a.example\" ]; };", NULL, NULL },
		{ "endpoints = { allow_hosts = \"a\"; };",
			"f:1: endpoints.allow_hosts wants a list of texts: ( \"a\", "
			"\"b\" )",
			NULL },
		{ "endpoints = { allow_hosts = ( \"https://a\" ); };",
			"f:1: endpoints.allow_hosts 'https://a' is no name of a host "
			"(no scheme, port or path)",
			NULL },
		{ "endpoints = { allow_hosts = ( \"a..b\" ); };",
			"f:1: endpoints.allow_hosts 'a..b' is no name of a host "
			"(it has an empty part)",
			NULL },
		{ "endpoints = { allow_hosts = ( 7 ); };",
			"f:1: endpoints.allow_hosts wants a text in \"double quotes\"",
			NULL },
		{ "final = ( \"identity\", \"rules\" );", NULL, NULL },
		{ "final = ( \"idenity\" );", "f:1: final 'idenity' is no key", NULL },
		{ "final = \"identity\";",
			"f:1: final wants a list of keys: ( \"identity\" )", NULL },
	};

	refuse(rows, COUNT(rows), true);
}

static void rows_of_identities(void)
{
#define ONE(members) "identities = { a = {" members "}; };"
	static const struct refusal rows[] = {
		{ ONE("client_id = \"" GUID_A "\"; tenant_id = \"" GUID_B "\";"), NULL,
			NULL },
		{ ONE("resource_id = \"/SUBSCRIPTIONS/x\";"), NULL, NULL },
		{ ONE("\nclientid = \"" GUID_A "\";"),
			"f:2: unknown key 'clientid' of an identity",
			"did you mean 'client_id'?" },
		{ ONE("client_id = \"6f0c\";"), "f:1: client_id '6f0c' is not a GUID",
			NULL },
		{ ONE("client_id = 7;"),
			"f:1: client_id wants a text in \"double quotes\"", NULL },
		{ ONE("resource_id = \"subscriptions/x\";"),
			"f:1: resource_id 'subscriptions/x' does not begin with "
			"'/subscriptions/'",
			NULL },
		{ ONE("tenant_id = \"" GUID_A "\";"),
			"f:1: the identity 'a' has no client_id, object_id or "
			"resource_id",
			NULL },
		{ "identities = { system = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name 'system' is a word that means "
			"something already",
			NULL },
		{ "identities = { a*b = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name 'a*b' is no name (a letter, then "
			"letters, digits, "
			"'-' and '_')",
			NULL },
		{ "identities = { a = \"" GUID_A "\"; };",
			"f:1: the identity 'a' wants { client_id = \"...\"; }", NULL },
		{ "identities = ( );", "f:1: identities wants { NAME = { ... }; }",
			NULL },
		{ "identities = { " GUID_B " = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name '" GUID_B "' looks like a client id",
			NULL },
	};

	refuse(rows, COUNT(rows), true);
}

static void rows_of_rules(void)
{
#define RULE(members) "rules = ( {" members "} );"
	static const struct refusal rows[] = {
		{ RULE("host = \".example.com\"; path = \"/a/b/\"; identity = "
		       "\"system\";"),
			NULL, NULL },
		{ RULE("resource = \"https://vault.azure.net\"; deny = true;"), NULL,
			NULL },
		{ RULE("identity = \"system\";"),
			"f:1: the rule matches nothing: no host, path or resource",
			NULL },
		{ RULE("host = \"a\";"),
			"f:1: the rule has neither identity nor deny = true", NULL },
		{ RULE("host = \"a\"; deny = false;"),
			"f:1: the rule has neither identity nor deny = true", NULL },
		{ RULE("host = \"a\"; deny = true; identity = \"system\";"),
			"f:1: the rule has both deny and identity", NULL },
		{ RULE("host = \"a\"; deny = \"true\";"), "f:1: deny wants true or false",
			NULL },
		{ RULE("host = \"a\"; denny = true;"),
			"f:1: unknown key 'denny' of a rule", NULL },
		{ RULE("host = \"a\";\nidentity = \"nobody\";"),
			"f:1: no identity is called 'nobody'", NULL },
		{ RULE("host = \"*.a\"; deny = true;"),
			"f:1: host '*.a' has a '*' ('.example.com' is all below "
			"example.com)",
			NULL },
		{ RULE("host = \"a:443\"; deny = true;"),
			"f:1: host 'a:443' has a ':' (rules match a host on any port)",
			NULL },
		{ RULE("path = \"orgB\"; deny = true;"),
			"f:1: path 'orgB' does not begin with '/'", NULL },
		{ RULE("path = \"/a/../b\"; deny = true;"),
			"f:1: path '/a/../b' has a segment that ends in '.' or a blank",
			NULL },
		{ RULE("path = \"/..a/.b\"; deny = true;"), NULL, NULL },
		{ RULE("path = \"/a%20b\"; deny = true;"),
			"f:1: path '/a%20b' has one of the characters % \\ ? # ;", NULL },
		{ RULE("path = \"/a//b\"; deny = true;"),
			"f:1: path '/a//b' has an empty segment", NULL },
		{ RULE("resource = \"vault\"; deny = true;"),
			"f:1: resource 'vault' is neither a URI nor a GUID", NULL },
		{ "rules = { };", "f:1: rules wants a list: ( { ... }, { ... } )", NULL },
		{ "rules = ( 1 );",
			"f:1: a rule wants { host = \"...\"; identity = \"...\"; }",
			NULL },
	};

	refuse(rows, COUNT(rows), true);
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

static void places(void)
{
	static const struct {
		const char *what;
		struct outside o;
		const char *message; /* NULL: accepted, and timeout is: */
		const char *timeout;
	} rows[] = {
		{ "named file instead of the user's",
			{ .files = { { .path = "/x", .text = "timeout = \"1s\"" },
				  { .path = USER, .text = "timeout = \"2s\"" } },
				.env = { { "HOME", "/home/u" },
					{ "MI_TOKEN_CONFIG", "/x" } } },
			NULL, "1s" },
		{ "no file at all on request",
			{ .files = { { .path = USER, .text = "timeout = \"2s\"" } },
				.env = { { "HOME", "/home/u" },
					{ "MI_TOKEN_CONFIG", "/dev/null" } } },
			NULL, "5s" },
		{ "XDG before home",
			{ .files = { { .path = "/c/mi-token/mi-token.conf",
				  .text = "timeout=\"3s\"" } },
				.env = { { "HOME", "/home/u" },
					{ "XDG_CONFIG_HOME", "/c" } } },
			NULL, "3s" },
		{ "relative XDG",
			{ .files = { { .path = USER, .text = "timeout = \"2s\"" } },
				.env = { { "HOME", "/home/u" },
					{ "XDG_CONFIG_HOME", "c" } } },
			NULL, "2s" },
		{ "named file missing", { .env = { { "MI_TOKEN_CONFIG", "/x" } } },
			"MI_TOKEN_CONFIG: there is no '/x'", NULL },
		{ "relative name", { .env = { { "MI_TOKEN_CONFIG", "x" } } },
			"MI_TOKEN_CONFIG: 'x' is no absolute path", NULL },
		{ "a home that is somebody else's",
			{ .files = { { .path = USER, .error = EACCES } },
				.env = { { "HOME", "/home/u" } } },
			NULL, "5s" },
		{ "a FIFO",
			{ .files = { { .path = ROOT,
				  .refused = "is not a regular file" } } },
			"'" ROOT "' is not a regular file", NULL },
		{ "a FIFO of the user",
			{ .files = { { .path = USER,
				  .refused = "is not a regular file" } },
				.env = { { "HOME", "/home/u" } } },
			"'" USER "' is not a regular file", NULL },
		{ "an unreadable file of root",
			{ .files = { { .path = ROOT, .error = EACCES } } },
			"cannot open '" ROOT "'", NULL },
		{ "a NUL", { .files = { { .path = ROOT, .text = "a\0b", .len = 3 } } },
			"'" ROOT "' has a NUL byte", NULL },
		{ "64 drop-ins", { .many = 64 }, NULL, "5s" },
		{ "65 drop-ins", { .many = 65 },
			"'" CONF_DIR "/conf.d' has more than 64 files", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outside o = rows[i].o;
		struct mitok_err e = { 0 };
		struct conf c = { 0 };

		CHECK_ROW(rows[i].what,
			read_outside(&o, &c, &e) ==
				(rows[i].message ? MITOK_E_CONF : MITOK_OK));
		CHECK_TEXT(e.message, rows[i].message ? rows[i].message : "");
		if (rows[i].timeout)
			CHECK_TEXT(c.timeout.text, rows[i].timeout);
		conf_wipe(&c);
	}
}

static void deep(void)
{
	AUTO_TEXT text = { 0 };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	text_add(&text, "rules = ");
	while (text.len < 65000)
		text_add(&text, "(");
	CHECK(conf_merge(&c, "f", text_peek(&text), true, &e) == MITOK_E_CONF);
	CHECK_TEXT(e.message, "f:1: nested too deeply");
	conf_wipe(&c);
}

static void locale_kept(void)
{
	locale_t before = uselocale((locale_t)0),
		 mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	struct conf c = { 0 };

	CHECK(conf_merge(&c, "f", "cloud = \"china\";", true, NULL) == MITOK_OK);
	CHECK(uselocale((locale_t)0) == before);
	(void)uselocale(mine);
	CHECK(conf_merge(&c, "f", "cloud = \"china\";", true, NULL) == MITOK_OK);
	CHECK(uselocale((locale_t)0) == mine);
	CHECK(conf_merge(&c, "f", "cloud = ", true, NULL) == MITOK_E_CONF);
	CHECK(uselocale((locale_t)0) == mine);
	(void)uselocale(before);
	freelocale(mine);
	conf_wipe(&c);
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
				"\"; tenant_id = \"" GUID_B "\"; }; };\n"
				"rules = ( { path = \"/o\\\"o\"; deny = true; },\n"
				"{ host = \"h\"; identity = \"a\"; } );\n"
				"final = ( \"cloud\" );\n" } },
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
		"endpoints.allow_hosts = ( \"h\", \"i\" ) | " ROOT ":2\n"
		"identities.a = { client_id = \"" GUID_A "\"; tenant_id = \"" GUID_B
		"\"; } | " ROOT ":3\n"
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
				"\"; }; };\nfinal = ( \"cloud\" );\n"
				"rules = ( { host = \"h\"; identity = \"a\"; } );" } },
		.names = { "10.conf" }
	};
	unsigned n = 0;

	for (enum mitok_code r = MITOK_E_BUG; r && n < 1000;) {
		struct mitok_err e = { 0 };
		struct conf c = { 0 };
		AUTO_TEXT out = { 0 };

		spy_fail(++n);
		r = read_outside(&o, &c, &e);
		if (r == MITOK_OK)
			r = conf_each(&c, add_row, &out, &e);
		spy_fail(0);
		CHECK(r == MITOK_OK || r == MITOK_E_BUG);
		conf_wipe(&c);
	}
	CHECK(n > 20 && n < 1000);
}

/* The file that is installed under /etc, as it is and with every "//" taken away. */
static void sample(void)
{
	AUTO_SECRET file = { 0 };
	AUTO_TEXT keys = { 0 };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	if (file_read(AT_FDCWD, "conf/mi-token.conf", 0, 65536, &file, NULL, &e)) {
		test_skip("not in the top folder of the project");
		return;
	}
	CHECK(conf_merge(&c, "sample", secret_peek(&file), true, &e) == MITOK_OK);
	CHECK(!c.identity.text && !c.rules && !c.identities && !c.allow_hosts);
	conf_wipe(&c);
	for (const char *p = secret_peek(&file); *p; p += strcspn(p, "\n") + 1) {
		p += text_starts(p, "//") ? 2 : 0;
		text_add_bytes(&keys, p, strcspn(p, "\n") + 1);
	}
	CHECK(conf_merge(&c, "sample", text_peek(&keys), true, &e) == MITOK_OK);
	CHECK(conf_defaults(&c, &e) == MITOK_OK);
	CHECK_TEXT(e.message, "");
	for (const struct conf_key *k = conf_keys; k->name; k++) {
		const struct conf_value *v = conf_value_peek(&c, k->place);

		CHECK_ROW(k->name,
			k->kind != CONF_TEXT || strcmp(v->text, k->fallback) == 0);
		CHECK_ROW(k->name,
			k->kind != CONF_TEXT || text_starts(v->origin, "sample:"));
	}
	CHECK(c.rules && c.identities && c.allow_hosts && !c.finals);
	CHECK(strstr(text_peek(&keys), "\nfinal = ("));
	conf_wipe(&c);
}

static void selectors(void)
{
	static const struct {
		const char *text;
		enum selector_kind kind;
		const char *id, *wrong;
	} rows[] = {
		{ "system", SELECTOR_SYSTEM, NULL, NULL },
		{ "default", SELECTOR_DEFAULT, NULL, NULL },
		{ "client-id:" GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "object-id:" GUID_A, SELECTOR_OBJECT_ID, GUID_A, NULL },
		{ "resource-id:/subscriptions/a", SELECTOR_RESOURCE_ID,
			"/subscriptions/a", NULL },
		{ GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", SELECTOR_CLIENT_ID,
			"AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", NULL },
		{ "/subscriptions/a", SELECTOR_RESOURCE_ID, "/subscriptions/a", NULL },
		{ "id://" GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "resource:///subscriptions/a", SELECTOR_RESOURCE_ID, "/subscriptions/a",
			NULL },
		{ "backup-2_x", SELECTOR_NAME, "backup-2_x", NULL },
		{ "client-id:", 0, NULL, "is not a GUID" },
		{ "client-id: " GUID_A, 0, NULL, "is not a GUID" },
		{ "resource-id:" GUID_A, 0, NULL,
			"does not begin with '/subscriptions/'" },
		{ "/subscriptions/a b", 0, NULL,
			"has a character that no resource id has" },
		{ "/subscriptions/\xc3\xa4", 0, NULL,
			"has a character that no resource id has" },
		{ "/etc/passwd", 0, NULL, "does not begin with '/subscriptions/'" },
		{ "", 0, NULL, "is no name of 1 to 64 letters" },
		{ "2x", 0, NULL,
			"is no name (a letter, then letters, digits, '-' and '_')" },
		{ "tenant-id:x", 0, NULL,
			"is no name (a letter, then letters, digits, '-' and '_')" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct selector s = { 0 };
		const char *wrong = selector_parse(rows[i].text, &s);

		CHECK_ROW(rows[i].text, !wrong == !rows[i].wrong);
		if (wrong)
			CHECK_TEXT(wrong, rows[i].wrong);
		CHECK_ROW(rows[i].text, s.kind == rows[i].kind || wrong);
		CHECK_ROW(rows[i].text, !s.id == !rows[i].id);
		if (s.id)
			CHECK_TEXT(s.id, rows[i].id);
	}
}

static const struct test tests[] = {
	{ "without any file the defaults hold", nothing },
	{ "later files and variables win, rules and identities add up", layers },
	{ "a mistake is named with file, line and the nearest key", mistakes },
	{ "identities have a good name, a selector and good ids", rows_of_identities },
	{ "a rule that could not mean anything is refused", rows_of_rules },
	{ "what root decided, users and variables cannot change", privileges },
	{ "files are looked for in absolute places and read with suspicion", places },
	{ "endless nesting is an error", deep },
	{ "the thread's locale is as before", locale_kept },
	{ "every key is printed with its origin", printed },
	{ "values are printed as they could be written", printed_in_its_syntax },
	{ "a failed allocation is an error and no leak", memory },
	{ "the sample file holds every key with its default", sample },
	{ "every spelling of an identity is understood, no other", selectors },
};
TEST_MAIN(tests)
