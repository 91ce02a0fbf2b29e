/* The configuration remembered: it is always what the files say now, whatever stands in the
 * cache.
 * SPDX-License-Identifier: MIT */
#include "core/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "world.h"

#define GUID  "11111111-2222-3333-4444-555555555555"
#define ETC   CONF_DIR "/mi-token.conf"
#define DROPS "/etc/mi-token/conf.d"
#define DROP  DROPS "/a.conf"
#define USER  "/home/.config/mi-token/mi-token.conf"

static struct cache cache;
static const char *timeout_variable, *named_file; /* what the environment says */

static const char *env(void *self, const char *name)
{
	(void)self;
	if (strcmp(name, "RUNTIME_DIRECTORY") == 0)
		return world.runtime;
	if (strcmp(name, "MI_TOKEN_TIMEOUT") == 0)
		return timeout_variable;
	if (strcmp(name, "MI_TOKEN_CONFIG") == 0)
		return named_file;
	return strcmp(name, "HOME") == 0 ? "/home" : NULL;
}

/* Where the test has the file that the library looks for. */
static const char *place(const char *path)
{
	static char full[256];

	(void)snprintf(full, sizeof(full), "%s%s", world.runtime, path);
	return full;
}

static bool exists(void *self, const char *path)
{
	(void)self;
	return access(place(path), F_OK) == 0;
}

static enum mitok_code read_placed(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	struct file_ask there = *ask;

	(void)self;
	there.path = place(ask->path);
	return file_read(AT_FDCWD, &there, ret, e);
}

static enum mitok_code list_placed(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	struct file_ask there = *ask;

	(void)self;
	there.path = place(ask->path);
	return file_list(&there, ret, e);
}

static const struct host host = {
	.env = env, .exists = exists, .read = read_placed, .list = list_placed
};

static void put(const char *path, const char *text)
{
	FILE *f = fopen(place(path), "w");

	CHECK(f != NULL);
	if (!f)
		return;
	(void)fputs(text, f);
	CHECK(fclose(f) == 0);
	CHECK(chmod(place(path), 0644) == 0);
}

static bool begin(const char *etc)
{
	static const char *const directories[] = { "/etc", CONF_DIR, DROPS, "/home",
		"/home/.config", "/home/.config/mi-token" };

	if (!world_has_tmpfs()) {
		test_skip("no tmpfs to write to");
		return false;
	}
	world_begin();
	timeout_variable = named_file = NULL;
	for (size_t i = 0; i < COUNT(directories); i++)
		CHECK(mkdir(place(directories[i]), 0755) == 0);
	put(ETC, etc);
	cache_open(&host, &cache);
	CHECK(cache.dir >= 0);
	return true;
}

static void end(void)
{
	cache_close(&cache);
	world_end();
}

static void add_row(void *arg, const char *key, const char *value, const char *origin)
{
	text_addf(arg, "%s = %s | %s\n", key, value, origin);
}

/* All that the configuration says, or the error. *ret_parsed: the parser was needed. */
static char *say(bool *ret_parsed)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	struct mitok_err e = { 0 };
	AUTO_TEXT out = { 0 };
	enum mitok_code r;

	spy_modules = 0;
	r = snapshot_conf(&host, &cache, &c, &e);
	*ret_parsed = spy_modules > 0;
	if (r == MITOK_OK)
		r = conf_each(&c, add_row, &out, &e);
	if (r)
		text_addf(&out, "%d: %s", r, e.message);
	return text_move(&out);
}

static void check_says(const char *row, const char *fragment, bool want_parsed)
{
	bool parsed = false;
	AUTO_FREE char *said = say(&parsed);

	CHECK_ROW(row, said && strstr(said, fragment));
	CHECK_ROW(row, parsed == want_parsed);
}

/* The one snapshot; "" when there is none. */
static const char *snapshot_file(void)
{
	static char path[600];
	DIR *d = opendir(cache.path);
	struct dirent *entry;

	path[0] = '\0';
	while (d && (entry = readdir(d)))
		if (text_ends_nocase(entry->d_name, ".conf"))
			(void)snprintf(
				path, sizeof(path), "%s/%s", cache.path, entry->d_name);
	if (d)
		(void)closedir(d);
	return path;
}

static const char everything[] =
	"identity = \"a\"; source = \"imds\"; cloud = \"china\"; timeout = \"1s\";\n"
	"endpoints = { allow_hosts = ( \"h\", \"i\" ); };\n"
	"identities = {\n"
	"	a = { client_id = \"" GUID "\"; tenant_id = \"" GUID "\"; };\n"
	"	b = { object_id = \"" GUID "\"; };\n"
	"	c = { resource_id = \"/subscriptions/x\"; }; };\n"
	"rules = ( { path = \"/o\\\"\\xc3\"; deny = true; },\n"
	"	{ host = \".h\"; path = \"/p\"; resource = \"a:b\"; identity = \"b\"; } "
	");\n"
	"final = ( \"cloud\", \"rules\" );\n";

static void round_trip(void)
{
	static const char *const rows[] = { everything, "timeout = \"1s\";",
		"rules = ( ); final = ( ); identities = { };",
		"endpoints = { allow_hosts = ( ); };",
		"rules = ( { resource = \"a:b\"; deny = true; } );" };
	bool parsed = false;

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_FREE char *first = NULL, *second = NULL;

		if (!begin(rows[i]))
			return;
		put(USER, "identities = { mine = { client_id = \"" GUID "\"; }; };");
		put(DROP, "# nothing\n");
		first = say(&parsed);
		CHECK_ROW(rows[i], parsed);
		second = say(&parsed);
		CHECK_ROW(rows[i], !parsed);
		CHECK_TEXT(second, first);
		CHECK_ROW(rows[i], strstr(second, "identities.mine"));
		end();
	}
}

static void edit(void)
{
	put(ETC, "timeout = \"2s\";");
}

/* The same size, the same time, the same file: only the bytes tell. */
static void edit_within_a_tick(void)
{
	struct stat st = { 0 };
	int fd = open(place(ETC), O_RDWR);

	CHECK(fstat(fd, &st) == 0);
	CHECK(pwrite(fd, "timeout = \"2s\";", 15, 0) == 15);
	CHECK(futimens(fd, (struct timespec[2]){ st.st_atim, st.st_mtim }) == 0);
	file_close(&fd);
}

static void touch(void)
{
	CHECK(utimensat(AT_FDCWD, place(ETC), NULL, 0) == 0);
}

static void drop(void)
{
	CHECK(unlink(place(ETC)) == 0);
}

static void say_nothing(void)
{
	put(ETC, "# timeout = \"1s\";");
}

static void link_elsewhere(void)
{
	char other[256];

	(void)snprintf(other, sizeof(other), "%s", place("/other"));
	put("/other", "timeout = \"2s\";");
	CHECK(unlink(place(ETC)) == 0 && symlink(other, place(ETC)) == 0);
}

static void add_drop_in(void)
{
	put(DROP, "timeout = \"2s\";");
}

static void add_users(void)
{
	put(USER, "timeout = \"2s\";");
}

static void name_file(void)
{
	put("/other", "timeout = \"2s\";");
	named_file = "/other";
}

static void name_missing(void)
{
	named_file = "/nowhere";
}

static void set_variable(void)
{
	timeout_variable = "2s";
}

static void move_to_user(void)
{
	CHECK(unlink(place(ETC)) == 0);
	put(USER, "timeout = \"1s\";");
}

static void open_to_group(void)
{
	CHECK(chmod(place(ETC), 0664) == 0);
}

static void open_directory(void)
{
	CHECK(chmod(place(DROPS), 0777) == 0);
}

static void give_away(void)
{
	if (geteuid() == 0)
		CHECK(chown(place(ETC), 12345, 0) == 0);
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
		if (!begin("timeout = \"1s\";"))
			return;
		check_says(rows[i].what, "timeout = \"1s\"", true);
		check_says(rows[i].what, "timeout = \"1s\"", false);
		if (rows[i].change)
			rows[i].change();
		check_says(rows[i].what, rows[i].says, rows[i].parsed);
		check_says(rows[i].what, rows[i].says, false);
		end();
	}
}

static void variables(void)
{
	if (!begin("timeout = \"1s\";"))
		return;
	timeout_variable = "9s";
	check_says("set", "timeout = \"9s\" | MI_TOKEN_TIMEOUT", true);
	timeout_variable = NULL;
	check_says("unset", "timeout = \"1s\" | " ETC ":1", false);
	end();
}

static void not_remembered(void)
{
	static const char *const rows[] = { "", "# only words\n", "timeout = 1;",
		"timeout = \"1s\"; identity = \"nobody\";", "nonsense", "timeout = \"" };
	AUTO_TEXT large = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool parsed;

		if (!begin(rows[i]))
			return;
		free(say(&parsed));
		CHECK_ROW(rows[i], !snapshot_file()[0]);
		end();
	}
	text_add(&large, "timeout = \"1s\";\n#");
	while (large.len < 65500)
		text_add(&large, "x");
	if (!begin(text_peek(&large)))
		return;
	check_says("large", "timeout = \"1s\"", true);
	check_says("large", "timeout = \"1s\"", true);
	CHECK(!snapshot_file()[0]);
	end();
}

static void bounded(void)
{
	char name[32];
	unsigned files = 0;

	if (!begin("timeout = \"1s\";"))
		return;
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "/named-%u", i);
		put(name, "timeout = \"2s\";");
		named_file = name;
		check_says(name, "timeout = \"2s\"", true);
		check_says(name, "timeout = \"2s\"", false);
	}
	for (; snapshot_file()[0]; files++)
		CHECK(unlink(snapshot_file()) == 0);
	CHECK(files > 1 && files <= 8);
	end();
}

static void cleared(void)
{
	if (!begin("timeout = \"1s\";"))
		return;
	check_says("first", "timeout = \"1s\"", true);
	CHECK(snapshot_file()[0]);
	CHECK(cache_clear(&cache) == 0); /* tokens */
	CHECK(!snapshot_file()[0]);
	check_says("again", "timeout = \"1s\"", true);
	end();
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

	if (!begin(everything))
		return;
	check_says("first", "timeout = \"1s\"", true);
	ask.path = snapshot_file();
	CHECK(file_read(AT_FDCWD, &ask, &whole, NULL) == MITOK_OK && whole.len > 500);
	for (size_t len = 0; len < whole.len; len += 3) {
		overwrite(snapshot_file(), whole.p, len);
		check_says("cut", "timeout = \"1s\"", true);
	}
	for (size_t i = 0; i < whole.len; i += 2) {
		whole.p[i] = (char)(whole.p[i] ^ 1);
		overwrite(snapshot_file(), whole.p, whole.len);
		whole.p[i] = (char)(whole.p[i] ^ 1);
		check_says("a bit", "timeout = \"1s\"", true);
	}
	check_says("whole", "timeout = \"1s\"", false);
	end();
}

static void nowhere(void)
{
	if (!begin(everything))
		return;
	cache_close(&cache);
	check_says("first", "timeout = \"1s\"", true);
	check_says("second", "timeout = \"1s\"", true);
	CHECK(!snapshot_file()[0]);
	end();
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
		{ "+f:1", TO("-") },        /* a value from nowhere */
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

		if (!begin(everything))
			return;
		for (; more && n < 2000; n++) {
			__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
			enum mitok_code r;

			if (stored)
				check_says("whole", "timeout = \"1s\"", n == 0);
			else
				(void)cache_clear(&cache);
			spy_fail(n + 1);
			r = snapshot_conf(&host, &cache, &c, NULL);
			more = spy_allocations > n;
			spy_fail(0);
			CHECK(r == MITOK_OK || r == MITOK_E_BUG || r == MITOK_E_CONF);
			CHECK(r || strcmp(c.timeout.text, "1s") == 0);
			CHECK(r || (c.rules->next && c.finals->next));
		}
		CHECK(n > 40 && n < 2000);
		check_says("afterwards", "timeout = \"1s\"", false);
		end();
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
