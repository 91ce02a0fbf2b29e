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
	CHECK(strstr(e.message, "cannot load the module 'nothing': ") == e.message);
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

/* dir/a/program, its modules in dir/a/mi-token; a decoy in dir/a/b/mi-token. */
static void places(void)
{
	char dir[] = "/tmp/mi-token-module-XXXXXX", path[8][PATH_MAX], from[PATH_MAX];

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path[0], PATH_MAX, "%s/program", dir);
	(void)snprintf(path[1], PATH_MAX, "%s/mi-token", dir);
	(void)snprintf(path[2], PATH_MAX, "%s/mi-token/json.so", dir);
	(void)snprintf(path[3], PATH_MAX, "%s/x", dir);
	(void)snprintf(path[4], PATH_MAX, "%s/x/mi-token", dir);
	(void)snprintf(path[5], PATH_MAX, "%s/x/mi-token/json.so", dir);
	copy_file(self, path[0]);
	CHECK(mkdir(path[1], 0700) == 0 && mkdir(path[3], 0700) == 0);
	CHECK(mkdir(path[4], 0700) == 0);
	(void)snprintf(from, sizeof(from), "%.*s/mi-token/json.so",
		(int)(strrchr(self, '/') - self), self);
	copy_file(from, path[5]);
	CHECK(run_copy(dir, "x/program") == 3); /* argv[0] does not lead to the decoy */
	copy_file("/proc/self/status", path[2]);
	CHECK(run_copy(dir, "program") == 3); /* no ELF file */
	(void)snprintf(from, sizeof(from), "%.*s/mi-token/transport.so",
		(int)(strrchr(self, '/') - self), self);
	copy_file(from, path[2]);
	CHECK(run_copy(dir, "program") == 3); /* another module under its name */
	copy_file(path[5], path[2]);
	CHECK(run_copy(dir, "program") == 0);
	CHECK(run_copy(dir, "") == 0);
	(void)unlink(path[5]);
	(void)rmdir(path[4]);
	(void)rmdir(path[3]);
	(void)unlink(path[2]);
	(void)rmdir(path[1]);
	(void)unlink(path[0]);
	(void)rmdir(dir);
}

static const struct test tests[] = {
	{ "both modules are found, once, and export nothing to others", present },
	{ "a missing module is the configuration's fault, with the cure", absent },
	{ "a module is taken from next to the program's file only", places },
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
