/* The configuration remembered: it is always what the files say now, whatever stands in the
 * cache.
 * SPDX-License-Identifier: MIT */
#include "core/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "placed.h"
#include "test.h"
#include "world.h"

#define GUID "11111111-2222-3333-4444-555555555555"
#define DROP DROPS "/a.conf"
#define USER "/home/.config/mi-token/mi-token.conf"

/* The one snapshot; "" when there is none. */
static const char *snapshot_file(void)
{
	static char path[600];
	DIR *d = opendir(placed_cache.path);
	struct dirent *entry;

	path[0] = '\0';
	while (d && (entry = readdir(d)))
		if (text_ends_nocase(entry->d_name, ".conf"))
			(void)snprintf(path, sizeof(path), "%s/%s", placed_cache.path,
				entry->d_name);
	if (d)
		(void)closedir(d);
	return path;
}

static const char everything[] =
	"identity = \"a\"; source = \"imds\"; cloud = \"china\"; timeout = \"1s\";"
	" audit = true;\n"
	"endpoints = { allow_hosts = ( \"h\", \"i\" ); };\n"
	"identities = {\n"
	"	a = { client_id = \"" GUID "\"; tenant_id = \"" GUID "\"; };\n"
	"	b = { object_id = \"" GUID "\"; };\n"
	"	c = { resource_id = \"/subscriptions/x\"; };\n"
	"	d = { federate = { client_id = \"" GUID "\"; tenant_id = \"" GUID
	"\"; }; }; };\n"
	"rules = ( { path = \"/o\\\"\\xc3\"; deny = true; },\n"
	"	{ host = \".h\"; path = \"/p\"; resource = \"a:b\"; identity = \"b\"; } "
	");\n"
	"final = ( \"cloud\", \"rules\" );\n";

static void round_trip(void)
{
	static const char *const rows[] = { everything, "timeout = \"1s\";",
		"source = ( \"arc\", \"imds\" );",
		"rules = ( ); final = ( ); identities = { };",
		"endpoints = { allow_hosts = ( ); };", "audit = false;",
		"rules = ( { resource = \"a:b\"; deny = true; } );" };
	bool parsed = false;

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_FREE char *first = NULL, *second = NULL;

		if (!placed_begin(rows[i]))
			return;
		placed_put(
			USER, "identities = { mine = { client_id = \"" GUID "\"; }; };");
		placed_put(DROP, "# nothing\n");
		first = placed_say(&parsed);
		CHECK_ROW(rows[i], parsed);
		second = placed_say(&parsed);
		CHECK_ROW(rows[i], !parsed);
		CHECK_TEXT(second, first);
		CHECK_ROW(rows[i], strstr(second, "identities.mine"));
		placed_end();
	}
}

static void edit(void)
{
	placed_put(ETC, "timeout = \"2s\";");
}

/* The same size, the same time, the same file: only the bytes tell. */
static void edit_within_a_tick(void)
{
	struct stat st = { 0 };
	int fd = open(placed_path(ETC), O_RDWR);

	CHECK(fstat(fd, &st) == 0);
	CHECK(pwrite(fd, "timeout = \"2s\";", 15, 0) == 15);
	CHECK(futimens(fd, (struct timespec[2]){ st.st_atim, st.st_mtim }) == 0);
	file_close(&fd);
}

static void touch(void)
{
	CHECK(utimensat(AT_FDCWD, placed_path(ETC), NULL, 0) == 0);
}

static void drop(void)
{
	CHECK(unlink(placed_path(ETC)) == 0);
}

static void say_nothing(void)
{
	placed_put(ETC, "# timeout = \"1s\";");
}

static void link_elsewhere(void)
{
	char other[256];

	(void)snprintf(other, sizeof(other), "%s", placed_path("/other"));
	placed_put("/other", "timeout = \"2s\";");
	CHECK(unlink(placed_path(ETC)) == 0 && symlink(other, placed_path(ETC)) == 0);
}

static void add_drop_in(void)
{
	placed_put(DROP, "timeout = \"2s\";");
}

static void add_users(void)
{
	placed_put(USER, "timeout = \"2s\";");
}

static void name_file(void)
{
	placed_put("/other", "timeout = \"2s\";");
	placed_config = "/other";
}

static void name_missing(void)
{
	placed_config = "/nowhere";
}

static void set_variable(void)
{
	placed_timeout = "2s";
}

static void move_to_user(void)
{
	CHECK(unlink(placed_path(ETC)) == 0);
	placed_put(USER, "timeout = \"1s\";");
}

static void open_to_group(void)
{
	CHECK(chmod(placed_path(ETC), 0664) == 0);
}

static void open_directory(void)
{
	CHECK(chmod(placed_path(DROPS), 0777) == 0);
}

static void give_away(void)
{
	if (geteuid() == 0)
		CHECK(chown(placed_path(ETC), 12345, 0) == 0);
	else
		open_to_group();
}

static void changes(void)
{
	static const struct {
		const char *what;
		void (*change)(void);
		const char *says;
		bool parsed;
	} rows[] = {
		{ "nothing", NULL, "timeout = \"1s\" | " ETC ":1", false },
		{ "the time", touch, "timeout = \"1s\" | " ETC ":1", false },
		{ "the text", edit, "timeout = \"2s\" | " ETC ":1", true },
		{ "the text alone", edit_within_a_tick, "timeout = \"2s\"", true },
		{ "the file is gone", drop, "timeout = \"5s\" | default", false },
		{ "all is a comment", say_nothing, "timeout = \"5s\" | default", false },
		{ "a link", link_elsewhere, "timeout = \"2s\"", true },
		{ "a drop-in", add_drop_in, "timeout = \"2s\" | " DROP ":1", true },
		{ "a user's file", add_users, "timeout = \"2s\" | " USER ":1", true },
		{ "a named file", name_file, "timeout = \"2s\" | /other:1", true },
		{ "a missing one", name_missing, "3: MI_TOKEN_CONFIG", false },
		{ "a variable", set_variable, "timeout = \"2s\" | MI_TOKEN", false },
		{ "the same, user's", move_to_user, "timeout = \"1s\" | " USER, true },
		{ "the mode", open_to_group, "can be written by others", false },
		{ "conf.d's mode", open_directory, "can be written by others", false },
		{ "the owner", give_away, "3: '", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!placed_begin("timeout = \"1s\";"))
			return;
		placed_check(rows[i].what, "timeout = \"1s\"", true);
		placed_check(rows[i].what, "timeout = \"1s\"", false);
		if (rows[i].change)
			rows[i].change();
		placed_check(rows[i].what, rows[i].says, rows[i].parsed);
		placed_check(rows[i].what, rows[i].says, false);
		placed_end();
	}
}

static void variables(void)
{
	if (!placed_begin("timeout = \"1s\";"))
		return;
	placed_timeout = "9s";
	placed_check("set", "timeout = \"9s\" | MI_TOKEN_TIMEOUT", true);
	placed_timeout = NULL;
	placed_check("unset", "timeout = \"1s\" | " ETC ":1", false);
	placed_end();
}

static void not_remembered(void)
{
	static const char *const rows[] = { "", "# only words\n", "timeout = 1;",
		"timeout = \"1s\"; identity = \"nobody\";", "nonsense", "timeout = \"" };
	AUTO_TEXT large = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool parsed;

		if (!placed_begin(rows[i]))
			return;
		free(placed_say(&parsed));
		CHECK_ROW(rows[i], !snapshot_file()[0]);
		placed_end();
	}
	text_add(&large, "timeout = \"1s\";\n#");
	while (large.len < 65500)
		text_add(&large, "x");
	if (!placed_begin(text_peek(&large)))
		return;
	placed_check("large", "timeout = \"1s\"", true);
	placed_check("large", "timeout = \"1s\"", true);
	CHECK(!snapshot_file()[0]);
	placed_end();
}

static void bounded(void)
{
	char name[32];
	unsigned files = 0;

	if (!placed_begin("timeout = \"1s\";"))
		return;
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "/named-%u", i);
		placed_put(name, "timeout = \"2s\";");
		placed_config = name;
		placed_check(name, "timeout = \"2s\"", true);
		placed_check(name, "timeout = \"2s\"", false);
	}
	for (; snapshot_file()[0]; files++)
		CHECK(unlink(snapshot_file()) == 0);
	CHECK(files > 1 && files <= 8);
	placed_end();
}

static void cleared(void)
{
	if (!placed_begin("timeout = \"1s\";"))
		return;
	placed_check("first", "timeout = \"1s\"", true);
	CHECK(snapshot_file()[0]);
	CHECK(cache_clear(&placed_cache) == 0); /* tokens */
	CHECK(!snapshot_file()[0]);
	placed_check("again", "timeout = \"1s\"", true);
	placed_end();
}

static void overwrite(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	CHECK(fd >= 0 && file_write_all(fd, bytes, len));
	file_close(&fd);
}

static void torn(void)
{
	struct file_ask ask = { NULL, 0, SECRET_MAX, NULL };
	AUTO_SECRET whole = { 0 };

	if (!placed_begin(everything))
		return;
	placed_check("first", "timeout = \"1s\"", true);
	ask.path = snapshot_file();
	CHECK(file_read(AT_FDCWD, &ask, &whole, NULL) == MITOK_OK && whole.len > 500);
	for (size_t len = 0; len < whole.len; len += 3) {
		overwrite(snapshot_file(), whole.p, len);
		placed_check("cut", "timeout = \"1s\"", true);
	}
	for (size_t i = 0; i < whole.len; i += 2) {
		whole.p[i] = (char)(whole.p[i] ^ 1);
		overwrite(snapshot_file(), whole.p, whole.len);
		whole.p[i] = (char)(whole.p[i] ^ 1);
		placed_check("a bit", "timeout = \"1s\"", true);
	}
	placed_check("whole", "timeout = \"1s\"", false);
	placed_end();
}

static void nowhere(void)
{
	if (!placed_begin(everything))
		return;
	cache_close(&placed_cache);
	placed_check("first", "timeout = \"1s\"", true);
	placed_check("second", "timeout = \"1s\"", true);
	CHECK(!snapshot_file()[0]);
	placed_end();
}

/* The packed `everything` with each `from` replaced. Both end before their NUL. */
static void repack(const char *from, const char *to, size_t to_len, struct text *ret)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	size_t from_len = strlen(from);
	AUTO_TEXT good = { 0 };
	const char *p, *at;

	CHECK(conf_merge(&c, "f", everything, true, NULL) == MITOK_OK);
	conf_pack(&c, &good);
	p = good.p;
	while (from_len &&
		(at = memmem(p, (size_t)(good.p + good.len - p), from, from_len))) {
		text_add_bytes(ret, p, (size_t)(at - p));
		text_add_bytes(ret, to, to_len);
		p = at + from_len;
	}
	text_add_bytes(ret, p, (size_t)(good.p + good.len - p));
	CHECK(text_ok(ret));
}

#define TO(text) text, sizeof(text) - 1

static void hostile(void)
{
	static const struct {
		const char *from, *to;
		size_t len;
	} rows[] = {
		{ "+1s", TO("+soon") },     /* no time */
		{ "+1s", TO("+") },         /* empty */
		{ "+1s", TO("-") },         /* an origin of nothing */
		{ "+1s", TO("+1s\0-") },    /* one too many */
		{ "+1s", TO("1s") },        /* no text */
		{ "+1s", TO("-1s") },       /* none, and yet */
		{ "+1s", TO("+\x1b[1ms") }, /* drives terminals */
		{ "+imds", TO("+IMDS") },   /* no source's name */
		{ "+china", TO("+moon") },  /* no cloud */
		{ "+true", TO("+yes") },    /* no switch */
		{ "+true", TO("-") },
		{ "+f:1", TO("-") }, /* a value from nowhere */
		{ "+f:1", TO("+") },
		{ "+f:2", TO("-") },            /* hosts from nowhere */
		{ "+h", TO("+h/") },            /* no host */
		{ "+f:4", TO("-") },            /* an identity from nowhere */
		{ "+" GUID, TO("+" GUID "0") }, /* no GUID */
		{ "+" GUID, TO("-") },          /* no id at all */
		{ "+b", TO("+a") },             /* twice the same name */
		{ "+b", TO("+system") },        /* a word */
		{ "+/subscriptions/x", TO("+/x") },
		{ "+/o\"", TO("+o") },  /* no path */
		{ "+a:b", TO("+a b") }, /* no resource */
		{ "+f:8", TO("-\0+") },
		{ "+cloud", TO("+clouds") }, /* no key */
		{ "+rules", TO("+cloud") },  /* twice the same key */
		{ "+f:9", TO("-") },
		{ "+f:9", TO("+f:9\0+f:9\0+f:9") },
	};
	struct conf c = { 0 };
	AUTO_TEXT good = { 0 };

	repack("", "", 0, &good);
	CHECK(conf_unpack(&good, &c));
	conf_wipe(&c);
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const struct conf nothing;
		AUTO_TEXT bad = { 0 };

		repack(rows[i].from, rows[i].to, rows[i].len, &bad);
		CHECK_ROW(rows[i].to, !conf_unpack(&bad, &c));
		CHECK_ROW(rows[i].to, memcmp(&c, &nothing, sizeof(c)) == 0);
	}
	for (size_t len = 0; len < good.len; len++) {
		AUTO_TEXT cut = { 0 };

		text_add_bytes(&cut, good.p, len);
		CHECK(!conf_unpack(&cut, &c));
	}
}

/* Whatever allocation fails, the answer is right or an error; spoiled snapshots included. */
static void memory(void)
{
	for (int stored = 0; stored < 2; stored++) {
		bool more = true;
		unsigned n = 0;

		if (!placed_begin(everything))
			return;
		for (; more && n < 2000; n++) {
			__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
			enum mitok_code r;

			if (stored)
				placed_check("whole", "timeout = \"1s\"", n == 0);
			else
				(void)cache_clear(&placed_cache);
			spy_fail(n + 1);
			r = snapshot_conf(&placed_host, &placed_cache, &c, NULL);
			more = spy_allocations > n;
			spy_fail(0);
			CHECK(r == MITOK_OK || r == MITOK_E_BUG || r == MITOK_E_CONF);
			CHECK(r || strcmp(c.timeout.text, "1s") == 0);
			CHECK(r || (c.rules->next && c.finals->next));
		}
		CHECK(n > 40 && n < 2000);
		placed_check("afterwards", "timeout = \"1s\"", false);
		placed_end();
	}
}

static const struct test tests[] = {
	{ "what was remembered is what was parsed, origins included", round_trip },
	{ "any change of what the files say, or may say, is seen", changes },
	{ "what variables say is not remembered", variables },
	{ "nothing is remembered of empty, wrong and large files", not_remembered },
	{ "many different files leave few snapshots", bounded },
	{ "clearing the cache forgets it", cleared },
	{ "a torn snapshot is none", torn },
	{ "without a cache the files are parsed each time", nowhere },
	{ "bytes that the parser could not have made are refused", hostile },
	{ "a failed allocation costs the snapshot, or is an error", memory },
};
TEST_MAIN(tests)
