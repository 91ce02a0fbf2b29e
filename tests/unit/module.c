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

static const struct test tests[] = {
	{ "both modules are found, once, and export nothing to others", present },
	{ "a missing module is the configuration's fault, with the cure", absent },
	{ "a module is taken from beside the program's file only", places },
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
