/* Modules: found next to the program or library, and nowhere else.
 * SPDX-License-Identifier: MIT */
#include "io/module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "io/http.h"
#include "io/json.h"
#include "test.h"

static char self[PATH_MAX]; /* this program */

static void present(void)
{
	const struct module *json = module_find("json", NULL);
	const struct module *http = module_find("transport", NULL);

	CHECK(json && json->abi == MODULE_ABI);
	CHECK(http && http->abi == MODULE_ABI);
	CHECK(module_find("json", NULL) == json);
	CHECK(json && ((const struct json_module *)json)->parse);
	CHECK(http && ((const struct http_module *)http)->exchange);
	CHECK(dlsym(RTLD_DEFAULT, "mitok_module_json") == NULL);
}

static void absent(void)
{
	struct mitok_err e = { 0 };

	CHECK(module_find("nothing", &e) == NULL);
	CHECK(e.code == MITOK_E_CONF);
	CHECK(strstr(e.message, "cannot load the module '/") == e.message);
	CHECK(strstr(e.message, "/nothing.so': there is no such file"));
	CHECK(strstr(e.hint, "reinstall mi-token") == e.hint);
}

static void copy_file(const char *from, const char *to)
{
	AUTO_FD in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO_FD out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char block[65536];
	ssize_t n;

	CHECK(in >= 0 && out >= 0);
	while ((n = read(in, block, sizeof(block))) > 0)
		CHECK(file_write_all(out, block, (size_t)n));
}

/* Runs a copy of this program in dir, under a name of the caller's; its exit status. */
static int run_copy(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int status = -1;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/program", dir);
	pid = fork();
	if (pid == 0) {
		if (chdir(dir) == 0)
			(void)execl(path, name, "find", (char *)NULL);
		_exit(127);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void copy_module(const char *name, const char *to)
{
	char from[PATH_MAX];

	(void)snprintf(from, sizeof(from), "%.*s/../lib/mi-token/%s.so",
		(int)(strrchr(self, '/') - self), self, name);
	copy_file(from, to);
}

/* dir/bin/program, its modules in dir/lib/mi-token; a decoy in dir/x/lib/mi-token. */
static void places(void)
{
	static const char *const dirs[] = { "bin", "lib", "lib/mi-token", "x", "x/bin",
		"x/lib", "x/lib/mi-token" };
	char dir[] = "/tmp/mi-token-module-XXXXXX";
	char path[COUNT(dirs)][64], program[64], module[64], decoy[64];

	CHECK(mkdtemp(dir) != NULL);
	for (size_t i = 0; i < COUNT(dirs); i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/%s", dir, dirs[i]);
		CHECK(mkdir(path[i], 0700) == 0);
	}
	(void)snprintf(program, sizeof(program), "%s/bin/program", dir);
	(void)snprintf(module, sizeof(module), "%s/lib/mi-token/json.so", dir);
	(void)snprintf(decoy, sizeof(decoy), "%s/x/lib/mi-token/json.so", dir);
	copy_file(self, program);
	copy_module("json", decoy);
	CHECK(run_copy(path[0], "../x/bin/program") ==
		3); /* argv[0] does not lead there */
	copy_file("/proc/self/status", module);
	CHECK(run_copy(path[0], "program") == 3); /* no ELF file */
	copy_module("transport", module);
	CHECK(run_copy(path[0], "program") == 3); /* another module under its name */
	copy_module("json", module);
	CHECK(run_copy(path[0], "program") == 0);
	CHECK(run_copy(path[0], "") == 0);
	(void)unlink(decoy);
	(void)unlink(module);
	(void)unlink(program);
	for (size_t i = COUNT(dirs); i-- > 0;)
		(void)rmdir(path[i]);
	(void)rmdir(dir);
}

static void ignore(
	void *arg, int part, const char *name, const char *value, int is_string)
{
	(void)arg;
	(void)part;
	(void)name;
	(void)value;
	(void)is_string;
}

enum found {
	FOUND,
	NOT_FOUND,
	NOT_SOUGHT, /* as the library has no path of its own */
	FAILED,
};

/* Has the module for JSON looked for by this copy of the library, in a child that is in
 * dir. */
static int run_library(const char *dir, const char *file)
{
	static const char jwt[] = "eyJhIjoxfQ.eyJhIjoxfQ."; /* {"a":1} twice */
	struct mitok_err e = { 0 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		void *object = chdir(dir) == 0 ? dlopen(file, RTLD_NOW) : NULL;
		enum mitok_code (*walk)(const char *, size_t,
			void (*)(void *, int, const char *, const char *, int), void *,
			struct mitok_err *) = NULL;

		if (object)
			*(void **)&walk = dlsym(object, "mitok_jwt_each");
		if (!walk)
			_exit(FAILED);
		if (walk(jwt, sizeof(jwt) - 1, ignore, NULL, &e) == MITOK_OK)
			_exit(FOUND);
		if (strstr(e.message, "relative path"))
			_exit(NOT_SOUGHT);
		_exit(strstr(e.message, "there is no such file") ? NOT_FOUND : FAILED);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

/* The provider's folder is ossl-modules; what it needs lies beside that folder. */
static void library_places(void)
{
	static const char *const dirs[] = { "lib", "lib/mi-token", "lib/ossl-modules",
		"lib/ossl-modules/mi-token", "lib/x", "lib/x/mi-token", "x",
		"x/mi-token" };
	static const struct {
		const char *what, *library, *module; /* which is in its folder mi-token */
		enum found want;
	} rows[] = {
		{ "the library's", "lib/l.so", "lib", FOUND },
		{ "not the library's", "lib/x/l.so", "lib", NOT_FOUND },
		{ "the provider's", "lib/ossl-modules/l.so", "lib", FOUND },
		{ "not the provider's", "lib/ossl-modules/l.so", "lib/ossl-modules",
			NOT_FOUND },
		{ "elsewhere", "lib/x/l.so", "lib/x", FOUND },
		{ "by a link", "x/ossl-modules/l.so", "lib", FOUND },
		{ "where a link lies", "x/ossl-modules/l.so", "x", NOT_FOUND },
	};
	char dir[] = "/tmp/mi-token-module-XXXXXX", link[64], from[PATH_MAX + 32];
	char path[COUNT(dirs)][64], library[64], module[96];

	CHECK(mkdtemp(dir) != NULL);
	for (size_t i = 0; i < COUNT(dirs); i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/%s", dir, dirs[i]);
		CHECK(mkdir(path[i], 0700) == 0);
	}
	(void)snprintf(link, sizeof(link), "%s/x/ossl-modules", dir);
	CHECK(symlink("../lib/ossl-modules", link) == 0);
	(void)snprintf(from, sizeof(from), "%.*s/../lib/libmi-token.so.0",
		(int)(strrchr(self, '/') - self), self);
	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)snprintf(library, sizeof(library), "%s/%s", dir, rows[i].library);
		(void)snprintf(module, sizeof(module), "%s/%s/mi-token/json.so", dir,
			rows[i].module);
		copy_file(from, library);
		copy_module("json", module);
		CHECK_ROW(rows[i].what, run_library("/", library) == (int)rows[i].want);
		/* A relative path is that of another file in another folder. */
		CHECK_ROW(rows[i].what, run_library(dir, rows[i].library) == NOT_SOUGHT);
		(void)unlink(module);
		(void)unlink(library);
	}
	(void)unlink(link);
	for (size_t i = COUNT(dirs); i-- > 0;)
		(void)rmdir(path[i]);
	CHECK(rmdir(dir) == 0);
}

static const struct test tests[] = {
	{ "both modules are found, once, and export nothing to others", present },
	{ "a missing module is the configuration's fault, with the cure", absent },
	{ "a module is taken from beside the program's file only", places },
	{ "a module is taken from beside the library, or the provider's folder",
		library_places },
};

int main(int argc, char **argv)
{
	struct mitok_err e = { 0 };
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "find") == 0)
		return module_find("json", &e) ? 0 : (int)e.code;
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	return test_run(tests, COUNT(tests));
}
